//! Functions that DataFusion does not have, or has with another meaning.
//!
//! - `text.rs`: values as text, texts cut to a length, CONCAT
//! - `arithmetic.rs`: numbers that overflow with an error; SUM of whole numbers
//! - `calendar.rs`: TIMESTAMPADD, TIMESTAMPDIFF
//! - `clock.rs`: the current date and time, in the connection's zone
//! - `search.rs`: LOCATE with a start, patterns of LIKE
//!
//! Those whose names begin with `pipedrive_` are put into plans by the dialect; nobody needs to write them.

mod arithmetic;
mod calendar;
mod clock;
mod search;
mod text;

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result as DfResult, ScalarValue};
use datafusion::execution::SessionStateDefaults;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF};

use crate::zone::Zone;
use crate::{Error, ErrorKind};

pub(super) use arithmetic::{Checked, LessExact, Operation};
pub(super) use calendar::is_unit;
pub use text::as_text;

/// `pipedrive_cut(text, length)`: the first characters of a text.
pub const CUT: &str = "pipedrive_cut";
/// `pipedrive_text(value)`: a value as SQL writes it.
pub(super) const TEXT: &str = "pipedrive_text";
/// `pipedrive_pattern(pattern, escape)`: a pattern of LIKE in the engine's form.
pub(super) const PATTERN: &str = "pipedrive_pattern";
/// `pipedrive_wide(number)`: what SUM adds up.
pub(super) const WIDE: &str = "pipedrive_wide";
/// `pipedrive_narrow(number)`: the type that a sum of whole numbers has.
pub(super) const NARROW: &str = "pipedrive_narrow";
/// `pipedrive_less_exact(decimal)`: CAST to a type with fewer decimals.
pub(super) const LESS_EXACT: &str = "pipedrive_less_exact";
/// `pipedrive_count(count)`: a count of characters that fit into memory.
pub(super) const COUNT: &str = "pipedrive_count";
/// LOCATE with a start.
pub(super) const LOCATE: &str = "locate";
/// TIMESTAMPADD; its unit is a text.
pub(super) const TIMESTAMP_ADD: &str = "timestampadd";
/// TIMESTAMPDIFF; its unit is a text.
pub(super) const TIMESTAMP_DIFF: &str = "timestampdiff";

/// Every function of the dialect; the clock shows the time of `zone`.
pub(super) fn all(zone: Zone) -> Vec<Arc<ScalarUDF>> {
    let mut functions: Vec<Arc<ScalarUDF>> = vec![
        Arc::new(text::Cut::new().into()),
        text_function(),
        Arc::new(text::Concat::new().into()),
        Arc::new(text::Count::new().into()),
        Arc::new(text::Repeat::new().into()),
        Arc::new(text::Replace::new().into()),
        Arc::new(search::Locate::new().into()),
        Arc::new(search::Pattern::new().into()),
        Arc::new(arithmetic::Wide::new().into()),
        Arc::new(arithmetic::Narrow::new().into()),
        Arc::new(calendar::Add::new().into()),
        Arc::new(calendar::Diff::new().into()),
    ];
    functions.extend(clock::Now::ALL.map(|what| Arc::new(clock::Clock::new(what, zone).into())));
    functions.extend(Operation::ALL.map(|operation| Arc::new(Checked::new(operation).into())));
    functions
}

/// Names of the functions that a statement can call; the escapes' own words are not among them.
pub(super) fn names() -> Vec<String> {
    let scalar = SessionStateDefaults::default_scalar_functions().into_iter().chain(all(Zone::UTC));
    let mut names: Vec<_> =
        scalar.flat_map(|function| [vec![function.name().to_owned()], function.aliases().to_vec()].concat()).collect();
    let aggregate = SessionStateDefaults::default_aggregate_functions().into_iter();
    names.extend(
        aggregate.flat_map(|function| [vec![function.name().to_owned()], function.aliases().to_vec()].concat()),
    );
    let window = SessionStateDefaults::default_window_functions().into_iter();
    names.extend(window.flat_map(|function| [vec![function.name().to_owned()], function.aliases().to_vec()].concat()));
    names
}

/// The function [`TEXT`].
pub(super) fn text_function() -> Arc<ScalarUDF> {
    Arc::new(text::Text::new().into())
}

/// An error of ours, on its way through DataFusion.
pub(super) fn failure(kind: ErrorKind, text: impl Into<String>) -> DataFusionError {
    DataFusionError::External(Box::new(Error::new(kind, text)))
}

/// Computes with arrays of equal length; a scalar when all arguments are scalars.
fn over_arrays(
    arguments: &[ColumnarValue],
    compute: impl FnOnce(&[ArrayRef]) -> DfResult<ArrayRef>,
) -> DfResult<ColumnarValue> {
    let constant = arguments.iter().all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
    let result = compute(&ColumnarValue::values_to_arrays(arguments)?)?;
    if constant {
        return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
    }
    Ok(ColumnarValue::Array(result))
}

/// A cast that never makes NULL of what it cannot read.
fn strict_cast(array: &ArrayRef, wanted: &DataType) -> DfResult<ArrayRef> {
    if array.data_type() == wanted {
        return Ok(array.clone());
    }
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    Ok(cast_with_options(array, wanted, &strict)?)
}

/// The trait's methods that are the same in every function.
macro_rules! described_as {
    ($name:expr) => {
        fn name(&self) -> &str {
            $name
        }

        fn signature(&self) -> &datafusion::logical_expr::Signature {
            &self.signature
        }
    };
}
use described_as;
