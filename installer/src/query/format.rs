//! What a format of rows is, and which there are.

use std::io::{self, Write};

use clap::ValueEnum;
use pipedrive_sql::ColumnDescription;
use pipedrive_sql::arrow::record_batch::RecordBatch;

use super::csv::Csv;
use super::json::Json;
use super::table::Table;
use crate::output::Output;

/// Writes rows. Nothing is written before the first batch or the end, so that a statement that fails leaves nothing.
pub(super) trait Format {
    /// Writes these rows.
    ///
    /// # Errors
    /// Those of `out`.
    fn batch(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what stands behind the last row.
    ///
    /// # Errors
    /// Those of `out`.
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatName {
    /// Aligned columns for people
    Table,
    /// Comma-separated values as RFC 4180 has them; NULL is empty, an empty text is ""
    Csv,
    /// An array with an object for each row
    Json,
    /// An object for each row, each on a line of its own
    Jsonl,
}

impl FormatName {
    /// The format when nobody names one.
    pub(super) const fn usual(output: Output, on_terminal: bool) -> Self {
        match (output.is_json(), on_terminal) {
            (true, _) => Self::Json,
            (false, true) => Self::Table,
            (false, false) => Self::Csv,
        }
    }

    /// A writer for rows with these columns.
    pub(super) fn format(self, columns: &[ColumnDescription]) -> Box<dyn Format> {
        match self {
            Self::Table => Box::new(Table::new(columns)),
            Self::Csv => Box::new(Csv::new(columns)),
            Self::Json => Box::new(Json::array(columns)),
            Self::Jsonl => Box::new(Json::lines(columns)),
        }
    }
}

/// Columns and rows for the tests of every format.
#[cfg(test)]
pub(super) mod samples {
    use std::sync::Arc;

    use pipedrive_sql::SqlType;
    use pipedrive_sql::arrow::array::{ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, StringArray};
    use pipedrive_sql::arrow::datatypes::{Field, Schema};

    use super::*;

    fn description(name: &str, sql_type: SqlType) -> ColumnDescription {
        ColumnDescription { name: name.to_owned(), sql_type, nullable: true, base: None }
    }

    /// id, title, value, won, score.
    pub(crate) fn columns() -> Vec<ColumnDescription> {
        vec![
            description("id", SqlType::BigInt),
            description("title", SqlType::Varchar(255)),
            description("value", SqlType::Decimal { precision: 19, scale: 4 }),
            description("won", SqlType::Bit),
            description("score", SqlType::Double),
        ]
    }

    /// Three rows, one of NULLs.
    pub(crate) fn batch() -> RecordBatch {
        let title = StringArray::from(vec![Some("Büro, \"neu\"\nzwei"), None, Some("")]);
        let value = Decimal128Array::from(vec![Some(1_234_567_890_123_456_789), None, Some(-5)]);
        let value = value.with_precision_and_scale(19, 4).unwrap();
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(vec![Some(9_007_199_254_740_993), None, Some(7)])),
            Arc::new(title),
            Arc::new(value),
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
            Arc::new(Float64Array::from(vec![Some(0.5), None, Some(f64::NAN)])),
        ];
        let fields =
            columns().iter().map(|column| Field::new(&column.name, column.sql_type.arrow(), true)).collect::<Vec<_>>();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
    }

    /// What a format writes of some batches.
    pub(crate) fn written(format: &mut dyn Format, batches: usize) -> String {
        let mut out = Vec::new();
        for _ in 0..batches {
            format.batch(&batch(), &mut out).unwrap();
        }
        format.end(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}
