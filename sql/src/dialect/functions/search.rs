//! LOCATE with a start, and patterns of LIKE that are known at execution only.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, Int64Array, StringArray};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{DataFusionError, Result as DfResult};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::super::patterns::engine_pattern;
use super::{LOCATE, PATTERN, as_text, described_as, over_arrays, strict_cast};

/// `LOCATE(wanted, text, start)`: where `wanted` begins in `text`, from 1, sought from `start` on; 0 where it is not.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Locate {
    signature: Signature,
}

impl Locate {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(3, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Locate {
    described_as!(LOCATE);

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| {
            let [wanted, texts] = [as_text(&arrays[0])?, as_text(&arrays[1])?];
            let starts = strict_cast(&arrays[2], &DataType::Int64)?;
            let rows = wanted.as_string::<i32>().iter().zip(texts.as_string::<i32>());
            let rows = rows.zip(starts.as_primitive::<Int64Type>());
            let places: Int64Array = rows.map(|((wanted, text), start)| locate(wanted?, text?, start?)).collect();
            Ok(Arc::new(places))
        })
    }
}

fn locate(wanted: &str, text: &str, start: i64) -> Option<i64> {
    let skipped = usize::try_from(start.max(1) - 1).ok()?;
    let from = match text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(skipped) {
        Some(from) => from,
        None => return Some(0),
    };
    let Some(found) = text[from..].find(wanted) else { return Some(0) };
    i64::try_from(skipped + text[from..from + found].chars().count() + 1).ok()
}

/// [`PATTERN`].
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Pattern {
    signature: Signature,
}

impl Pattern {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Pattern {
    described_as!(PATTERN);

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| {
            let [patterns, escapes] = [as_text(&arrays[0])?, as_text(&arrays[1])?];
            let rows = patterns.as_string::<i32>().iter().zip(escapes.as_string::<i32>());
            let written = rows.map(|(pattern, escape)| {
                let Some(pattern) = pattern else { return Ok(None) };
                let escape = escape.and_then(|escape| escape.chars().next());
                engine_pattern(pattern, escape).map(Some)
            });
            let written: StringArray =
                written.collect::<Result<_, _>>().map_err(|error| DataFusionError::External(Box::new(error)))?;
            Ok(Arc::new(written))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::locate;

    #[test]
    fn places_are_counted_in_characters_from_one() {
        let cases = [
            ("b", "abcb", 1, 2),
            ("b", "abcb", 3, 4),
            ("b", "ébcb", 2, 2),
            ("x", "abc", 1, 0),
            ("a", "abc", 9, 0),
            ("a", "abc", -5, 1),
            ("", "abc", 2, 2),
        ];
        for (wanted, text, start, place) in cases {
            assert_eq!(locate(wanted, text, start), Some(place), "{wanted} in {text} from {start}");
        }
    }
}
