//! What a procedure gives: rows of its result set, as a batch.

use std::sync::Arc;

use super::Output;
use crate::arrow::array::{ArrayRef, Int64Array, StringArray};
use crate::arrow::datatypes::{Field, Schema};
use crate::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use crate::{Error, ErrorKind, Result, SqlType};

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// A text, or NULL.
    Text(Option<String>),
    /// A number, or NULL.
    Number(Option<u64>),
}

/// The batch of `rows`, each with a cell for every output.
///
/// # Errors
/// `General` for a row that does not fit, which would be a fault of this crate.
pub(super) fn batch(outputs: &[Output], rows: Vec<Vec<Cell>>) -> Result<RecordBatch> {
    let fields = outputs.iter().map(|output| Field::new(output.name, output.sql_type.arrow(), output.nullable));
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let arrays = outputs.iter().enumerate().map(|(index, output)| array(output, index, &rows)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::new(schema), arrays, &options).map_err(|error| {
        Error::new(ErrorKind::General, format!("the rows of a procedure do not fit its columns: {error}"))
    })
}

/// The values of one column. A cell of another kind becomes NULL, which a column that is required refuses.
fn array(output: &Output, index: usize, rows: &[Vec<Cell>]) -> ArrayRef {
    let cells = rows.iter().map(|row| row.get(index));
    match output.sql_type {
        SqlType::BigInt => Arc::new(Int64Array::from_iter(cells.map(|cell| match cell {
            Some(Cell::Number(number)) => number.map(|number| i64::try_from(number).unwrap_or(i64::MAX)),
            _ => None,
        }))),
        _ => Arc::new(StringArray::from_iter(cells.map(|cell| match cell {
            Some(Cell::Text(text)) => text.as_deref(),
            _ => None,
        }))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procedures::PROCEDURES;

    #[test]
    fn a_batch_has_the_types_that_are_declared_and_refuses_what_is_missing() {
        for procedure in PROCEDURES {
            let full = |output: &Output| match output.sql_type {
                SqlType::BigInt => Cell::Number(Some(7)),
                _ => Cell::Text(Some("seven".into())),
            };
            let found = batch(procedure.outputs, vec![procedure.outputs.iter().map(full).collect()]).unwrap();
            for (column, output) in found.columns().iter().zip(procedure.outputs) {
                assert_eq!((column.data_type(), column.null_count()), (&output.sql_type.arrow(), 0), "{}", output.name);
            }
            assert_eq!(batch(procedure.outputs, vec![]).unwrap().num_rows(), 0);
            assert_eq!(batch(procedure.outputs, vec![vec![]]).unwrap_err().kind(), ErrorKind::General);
        }
    }
}
