//! What went wrong, in the words of SQL.
//!
//! DataFusion wraps errors in errors, and its messages name Rust's types. Here the innermost one that tells something
//! decides the kind, and its message is put into SQL's words.

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::arrow::error::ArrowError;
use datafusion::common::{Column, DataFusionError, SchemaError};

use super::missing::{not_found, unknown_table};
use super::names::stands_for;
use crate::model::{CATALOG, SCHEMAS};
use crate::plan::column_type;
use crate::settings::Selection;
use crate::{Error, ErrorKind};

/// The error of ours that an error of DataFusion is.
#[expect(clippy::needless_pass_by_value, reason = "used as `map_err(translate)`")]
pub fn translate(error: DataFusionError) -> Error {
    of(&error)
}

fn of(error: &DataFusionError) -> Error {
    match error {
        DataFusionError::External(inner) => external(inner.as_ref()),
        DataFusionError::ArrowError(inner, _) => arrow(inner),
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => of(inner),
        DataFusionError::Shared(inner) => of(inner),
        DataFusionError::Collection(all) => all.first().map_or_else(|| general("unknown error"), of),
        DataFusionError::SchemaError(inner, _) => schema(inner),
        DataFusionError::Plan(text) => plan(text),
        DataFusionError::SQL(inner, _) => {
            Error::new(ErrorKind::Syntax, format!("syntax error: {}", in_sql_words(&inner.to_string())))
        }
        DataFusionError::NotImplemented(text) => Error::new(ErrorKind::NotSupported, in_sql_words(text)),
        DataFusionError::ResourcesExhausted(_) => general("the statement needs more memory than there is"),
        DataFusionError::Execution(text) => by_text(ErrorKind::General, text),
        // Arguments that no form of a function or operator takes are called an internal error at some places.
        DataFusionError::Internal(text) if text.contains("signature") || text.contains("coerce") => {
            Error::new(ErrorKind::Syntax, in_sql_words(text))
        }
        other => general(&in_sql_words(&other.strip_backtrace())),
    }
}

fn general(text: &str) -> Error {
    Error::new(ErrorKind::General, text)
}

/// An error that came through DataFusion from elsewhere: from our own code, as a rule.
fn external(error: &(dyn std::error::Error + 'static)) -> Error {
    if let Some(ours) = error.downcast_ref::<Error>() {
        return ours.clone();
    }
    if let Some(inner) = error.downcast_ref::<DataFusionError>() {
        return of(inner);
    }
    if let Some(inner) = error.downcast_ref::<ArrowError>() {
        return arrow(inner);
    }
    general(&in_sql_words(&error.to_string()))
}

fn arrow(error: &ArrowError) -> Error {
    match error {
        ArrowError::ExternalError(inner) => external(inner.as_ref()),
        ArrowError::DivideByZero => Error::new(ErrorKind::DivisionByZero, "division by zero"),
        ArrowError::ArithmeticOverflow(text) => Error::new(ErrorKind::OutOfRange, in_sql_words(text)),
        ArrowError::CastError(text) | ArrowError::ParseError(text) => conversion(text),
        ArrowError::ComputeError(text) | ArrowError::InvalidArgumentError(text) => by_text(ErrorKind::General, text),
        ArrowError::MemoryError(_) => general("the statement needs more memory than there is"),
        ArrowError::NotYetImplemented(text) => Error::new(ErrorKind::NotSupported, in_sql_words(text)),
        other => general(&in_sql_words(&other.to_string())),
    }
}

/// A value that is not of the type, or is beyond it.
fn conversion(text: &str) -> Error {
    let quoted = text.split('\'').nth(1);
    let number = quoted.is_some_and(|value| value.trim().parse::<i128>().is_ok());
    let beyond = number || text.contains("Can't cast value") || is_overflow(text);
    if let (Some(value), Some(wanted)) =
        (quoted, text.split(" to ").last().filter(|_| text.starts_with("Cannot cast string")))
    {
        let wanted = in_sql_words(wanted.trim_start_matches("value of ").trim_end_matches(" type"));
        let (kind, verb) =
            if beyond { (ErrorKind::OutOfRange, "is out of range of") } else { (ErrorKind::Conversion, "is no") };
        return Error::new(kind, format!("'{value}' {verb} {wanted}"));
    }
    Error::new(if beyond { ErrorKind::OutOfRange } else { ErrorKind::Conversion }, in_sql_words(text))
}

fn is_overflow(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["overflow", "too large", "too small", "out of range"].iter().any(|sign| text.contains(sign))
}

/// What regular expressions that cannot be read are called, in lower case.
const NO_PATTERN: &[&str] = &["regex parse error", "regular expression did not compile"];

/// What to say of a text that tells of a regular expression which cannot be read. The pattern, which the text repeats,
/// is not: it can be a value of a row.
fn pattern(text: &str) -> Option<String> {
    const NONE: &str = "the pattern is no regular expression";
    let lower = text.to_ascii_lowercase();
    NO_PATTERN.iter().any(|sign| lower.contains(sign)).then_some(())?;
    // The place is marked below the pattern, which is indented by four blanks.
    let lines = text.replace("\\n", "\n");
    let mark = lines.lines().find(|line| line.starts_with("    ") && line.trim_start().starts_with('^'));
    let place = mark.and_then(|line| line.find('^')?.checked_sub(3));
    Some(place.map_or_else(|| NONE.to_owned(), |place| format!("{NONE}; see its character {place}")))
}

/// Errors that only their text tells apart.
fn by_text(otherwise: ErrorKind, text: &str) -> Error {
    if let Some(told) = pattern(text) {
        return Error::new(otherwise, told);
    }
    let lower = text.to_ascii_lowercase();
    let kind = if is_overflow(text) {
        ErrorKind::OutOfRange
    } else if lower.contains("divide by zero") {
        ErrorKind::DivisionByZero
    } else if lower.contains("cast error") || lower.contains("parser error") || lower.contains("error parsing") {
        return conversion(text);
    } else if lower.contains("not supported") || lower.contains("unsupported") {
        ErrorKind::Syntax
    } else {
        otherwise
    };
    Error::new(kind, in_sql_words(text))
}

fn schema(error: &SchemaError) -> Error {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => unknown_column(field, valid_fields),
        SchemaError::AmbiguousReference { field } => {
            let text = format!("the column name {} is ambiguous; put the table's name before it", field.name);
            Error::new(ErrorKind::Syntax, text)
        }
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            let text = format!("two columns of one table have the name {name}; give one of them another by AS");
            Error::new(ErrorKind::Syntax, text)
        }
    }
}

fn unknown_column(field: &Column, valid: &[Column]) -> Error {
    if valid.iter().any(|column| stands_for(&column.name, &field.name)) {
        let text = format!("the table has two columns named {}; give one of them another name by AS", field.name);
        return Error::new(ErrorKind::Syntax, text);
    }
    let names = valid.iter().map(|column| column.name.as_str()).filter(|name| !name.starts_with('~'));
    let shown = match &field.relation {
        Some(table) => format!("{}.{}", table.table(), field.name),
        None => field.name.clone(),
    };
    let text = match closest(&field.name, names) {
        Some(name) => format!("there is no column {shown}; did you mean '{name}'?"),
        None => format!("there is no column {shown}"),
    };
    Error::new(ErrorKind::UnknownColumn, text)
}

/// Errors of planning, most of which are the author's.
fn plan(text: &str) -> Error {
    if let Some(name) = not_found(text) {
        return unknown_table(name, &Selection::default());
    }
    if text.starts_with("failed to resolve") {
        let place = text.rsplit(": ").next().unwrap_or_default();
        let text = format!(
            "there is no schema or catalog {place}; tables are in the schemas {} of {CATALOG}",
            SCHEMAS.join(", ")
        );
        return Error::new(ErrorKind::UnknownTable, text);
    }
    by_text(ErrorKind::Syntax, text)
}

/// The name that is nearest, if one is near: two of five letters may differ.
pub(crate) fn closest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.map(|name| (distance(wanted, name), name)).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, name)| *distance * 5 <= name.chars().count() * 2).map(|(_, name)| name)
}

/// How many letters must be inserted, left out or exchanged (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

/// The SQL name of an Arrow type.
pub(super) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => "VARCHAR".into(),
        other => column_type(&Field::new("", other.clone(), true)).to_string(),
    }
}

/// Rust's words and SQL's; longer ones first where one begins another.
const WORDS: &[(&str, &str)] = &[
    ("Error during planning: ", ""),
    ("Arrow error: ", ""),
    ("Internal error: ", ""),
    ("Unsupported ast node in sqltorel: ", "not offered: "),
    ("Optimizer rule 'simplify_expressions' failed", ""),
    ("Timestamp(Millisecond, None)", "TIMESTAMP"),
    ("Timestamp(Nanosecond, None)", "TIMESTAMP"),
    ("Timestamp(ms)", "TIMESTAMP"),
    ("Timestamp(ns)", "TIMESTAMP"),
    ("Timestamp(µs)", "TIMESTAMP"),
    ("Timestamp(s)", "TIMESTAMP"),
    ("Interval(MonthDayNano)", "INTERVAL"),
    ("Duration(ms)", "INTERVAL"),
    ("Time32(s)", "TIME"),
    ("Time64(ns)", "TIME"),
    ("Utf8View", "VARCHAR"),
    ("LargeUtf8", "VARCHAR"),
    ("Utf8", "VARCHAR"),
    ("UInt64", "BIGINT"),
    ("Int64", "BIGINT"),
    ("Int32", "INTEGER"),
    ("Int16", "SMALLINT"),
    ("Float64", "DOUBLE"),
    ("Float32", "DOUBLE"),
    ("Boolean", "BIT"),
    ("Date32", "DATE"),
    ("Decimal128", "DECIMAL"),
    ("Decimal256", "DECIMAL"),
];

/// What is said in place of the expression's innards.
const MISPLACED_SUBQUERY: &str = "a subquery is not offered at this place. EXISTS, IN and ANY with one are understood in \
                                  WHERE, HAVING and ON, not as a value; one that stands for a value may use columns of \
                                  the query around it in comparisons with = only, and with an aggregate in its SELECT";

/// Without the value of Rust that follows its type's name, printed for programmers: `Collate { expr: ...`.
fn without_innards(text: &str) -> &str {
    let value = text.match_indices(" { ").find(|(at, _)| text[..*at].ends_with(char::is_alphanumeric));
    value.map_or(text, |(at, _)| &text[..at])
}

fn in_sql_words(text: &str) -> String {
    if let Some(told) = pattern(text) {
        return told;
    }
    if text.contains("Physical plan does not support logical expression") && text.contains("Subquery")
        || text.contains("Physical plan does not support logical expression Exists")
    {
        return MISPLACED_SUBQUERY.to_owned();
    }
    let text = without_innards(text);
    let text = text.split("\nbacktrace").next().unwrap_or(text);
    let text = text.split(".\nThis issue was likely caused").next().unwrap_or(text);
    let text = text.split(" No function matches the given name").next().unwrap_or(text);
    WORDS.iter().fold(text.to_owned(), |text, (rust, sql)| text.replace(rust, sql)).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let names = ["deals", "persons", "organizations"];
        for (wanted, near) in
            [("dealz", Some("deals")), ("person", Some("persons")), ("activities", None), ("xy", None)]
        {
            assert_eq!(closest(wanted, names.into_iter()), near, "{wanted}");
        }
    }

    #[test]
    fn innards_are_cut_and_places_are_not() {
        assert_eq!(
            in_sql_words("Unsupported ast node in sqltorel: Collate { expr: Ident { x } }"),
            "not offered: Collate"
        );
        let place = "Expected: an expression, found: { at Line: 1, Column: 8";
        assert_eq!(in_sql_words(place), place);
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_not_repeated() {
        let text = "Regular expression did not compile: Syntax(\n~~~\nregex parse error:\n    ab(SECRET\n      ^\nerror: \
                    unclosed group\n~~~\n)";
        let texts = [text.to_owned(), text.replace('\n', "\\n")];
        for text in texts {
            let error = arrow(&ArrowError::ComputeError(text));
            assert_eq!(error.message(), "the pattern is no regular expression; see its character 3");
        }
        let large = DataFusionError::Execution("Regular expression did not compile: CompiledTooBig(10485760)".into());
        assert_eq!(translate(large).message(), "the pattern is no regular expression");
    }

    #[test]
    fn the_innermost_error_tells_the_kind() {
        let ours = Error::new(ErrorKind::Budget, "spent");
        let wrapped = DataFusionError::Context(
            "rule".into(),
            Box::new(DataFusionError::ArrowError(
                Box::new(ArrowError::ExternalError(Box::new(DataFusionError::External(Box::new(ours.clone()))))),
                None,
            )),
        );
        assert_eq!(translate(wrapped), ours);
        let cases = [
            (ArrowError::DivideByZero, ErrorKind::DivisionByZero, "division by zero"),
            (
                ArrowError::CastError("Cannot cast string 'abc' to value of Int64 type".into()),
                ErrorKind::Conversion,
                "'abc' is no BIGINT",
            ),
            (
                ArrowError::CastError("Cannot cast string '99999999999' to value of Int32 type".into()),
                ErrorKind::OutOfRange,
                "'99999999999' is out of range of INTEGER",
            ),
            (
                ArrowError::CastError("Can't cast value 3000000000 to type Int32".into()),
                ErrorKind::OutOfRange,
                "Can't cast value 3000000000 to type INTEGER",
            ),
        ];
        for (error, kind, text) in cases {
            let error = translate(DataFusionError::ArrowError(Box::new(error), None));
            assert_eq!((error.kind(), error.message()), (kind, text));
        }
    }
}
