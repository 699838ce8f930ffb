//! The columns of catalog result sets, as the reference declares them, and the making of a result set from cells.
//!
//! Text is described as every text of the driver is (SQL_WVARCHAR). Columns that the reference calls SQL_SMALLINT are
//! described as INTEGER, which is what their values are: the engine has no smaller type. An application that names its
//! C type, or asks for the column's, reads them right; one that relies on SQL_C_DEFAULT being two bytes does not.

use std::sync::Arc;

use pipedrive_sql::arrow::array::{ArrayRef, Int16Array, Int32Array, RecordBatch, RecordBatchOptions, StringArray};
use pipedrive_sql::arrow::datatypes::{Field, Schema};
use pipedrive_sql::{ColumnDescription, Error, ErrorKind, SqlType};

use super::{ResultSet, Style};
use crate::diagnostics::{Diagnostic, Result};
use crate::info::MAX_NAME;

/// The columns of one catalog function.
pub(super) type Shape = &'static [Column];

/// A column of a catalog result set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    name: &'static str,
    /// Its name in ODBC 2, where that differs.
    odbc2: Option<&'static str>,
    kind: Kind,
    nullable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text(u32),
    Smallint,
    Integer,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, odbc2: None, kind, nullable: true }
}

const fn name(name: &'static str) -> Column {
    text(name, MAX_NAME as u32)
}

const fn text(name: &'static str, length: u32) -> Column {
    column(name, Kind::Text(length))
}

const fn smallint(name: &'static str) -> Column {
    column(name, Kind::Smallint)
}

const fn integer(name: &'static str) -> Column {
    column(name, Kind::Integer)
}

impl Column {
    const fn odbc2(mut self, name: &'static str) -> Self {
        self.odbc2 = Some(name);
        self
    }

    const fn required(mut self) -> Self {
        self.nullable = false;
        self
    }

    fn sql_type(&self) -> SqlType {
        match self.kind {
            Kind::Text(length) => SqlType::Varchar(length),
            Kind::Smallint => SqlType::SmallInt,
            Kind::Integer => SqlType::Integer,
        }
    }

    fn describe(&self, style: Style) -> ColumnDescription {
        ColumnDescription {
            name: self.odbc2.filter(|_| style.odbc2).unwrap_or(self.name).to_owned(),
            sql_type: self.sql_type(),
            nullable: self.nullable,
            base: None,
        }
    }
}

const TABLE_CAT: Column = name("TABLE_CAT").odbc2("TABLE_QUALIFIER");
const TABLE_SCHEM: Column = name("TABLE_SCHEM").odbc2("TABLE_OWNER");
const TABLE_NAME: Column = name("TABLE_NAME");
const COLUMN_NAME: Column = name("COLUMN_NAME").required();
/// A sentence about a table, or the label of a custom field.
const REMARKS: Column = text("REMARKS", 255);

/// [SQLTables](https://learn.microsoft.com/sql/odbc/reference/syntax/sqltables-function)
pub(super) const TABLES: Shape = &[TABLE_CAT, TABLE_SCHEM, TABLE_NAME, text("TABLE_TYPE", 32), REMARKS];

/// [SQLColumns](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlcolumns-function)
pub(super) const COLUMNS: Shape = &[
    TABLE_CAT,
    TABLE_SCHEM,
    TABLE_NAME.required(),
    COLUMN_NAME,
    smallint("DATA_TYPE").required(),
    name("TYPE_NAME").required(),
    integer("COLUMN_SIZE").odbc2("PRECISION"),
    integer("BUFFER_LENGTH").odbc2("LENGTH"),
    smallint("DECIMAL_DIGITS").odbc2("SCALE"),
    smallint("NUM_PREC_RADIX").odbc2("RADIX"),
    smallint("NULLABLE").required(),
    REMARKS,
    text("COLUMN_DEF", 255),
    smallint("SQL_DATA_TYPE").required(),
    smallint("SQL_DATETIME_SUB"),
    integer("CHAR_OCTET_LENGTH"),
    integer("ORDINAL_POSITION").required(),
    text("IS_NULLABLE", 3),
];

/// [SQLPrimaryKeys](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlprimarykeys-function)
pub(super) const PRIMARY_KEYS: Shape =
    &[TABLE_CAT, TABLE_SCHEM, TABLE_NAME.required(), COLUMN_NAME, smallint("KEY_SEQ").required(), name("PK_NAME")];

/// [SQLStatistics](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlstatistics-function)
pub(super) const STATISTICS: Shape = &[
    TABLE_CAT,
    TABLE_SCHEM,
    TABLE_NAME.required(),
    smallint("NON_UNIQUE"),
    name("INDEX_QUALIFIER"),
    name("INDEX_NAME"),
    smallint("TYPE").required(),
    smallint("ORDINAL_POSITION").odbc2("SEQ_IN_INDEX"),
    name("COLUMN_NAME"),
    text("ASC_OR_DESC", 1).odbc2("COLLATION"),
    integer("CARDINALITY"),
    integer("PAGES"),
    text("FILTER_CONDITION", 255),
];

/// [SQLSpecialColumns](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlspecialcolumns-function)
pub(super) const SPECIAL_COLUMNS: Shape = &[
    smallint("SCOPE"),
    COLUMN_NAME,
    smallint("DATA_TYPE").required(),
    name("TYPE_NAME").required(),
    integer("COLUMN_SIZE").odbc2("PRECISION"),
    integer("BUFFER_LENGTH").odbc2("LENGTH"),
    smallint("DECIMAL_DIGITS").odbc2("SCALE"),
    smallint("PSEUDO_COLUMN"),
];

const PROCEDURE_CAT: Column = name("PROCEDURE_CAT").odbc2("PROCEDURE_QUALIFIER");
const PROCEDURE_SCHEM: Column = name("PROCEDURE_SCHEM").odbc2("PROCEDURE_OWNER");
const PROCEDURE_NAME: Column = name("PROCEDURE_NAME").required();

/// [SQLProcedures](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlprocedures-function)
pub(super) const PROCEDURES: Shape = &[
    PROCEDURE_CAT,
    PROCEDURE_SCHEM,
    PROCEDURE_NAME,
    integer("NUM_INPUT_PARAMS"),
    integer("NUM_OUTPUT_PARAMS"),
    integer("NUM_RESULT_SETS"),
    REMARKS,
    smallint("PROCEDURE_TYPE"),
];

/// [SQLProcedureColumns](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlprocedurecolumns-function)
pub(super) const PROCEDURE_COLUMNS: Shape = &[
    PROCEDURE_CAT,
    PROCEDURE_SCHEM,
    PROCEDURE_NAME,
    COLUMN_NAME,
    smallint("COLUMN_TYPE").required(),
    smallint("DATA_TYPE").required(),
    name("TYPE_NAME").required(),
    integer("COLUMN_SIZE").odbc2("PRECISION"),
    integer("BUFFER_LENGTH").odbc2("LENGTH"),
    smallint("DECIMAL_DIGITS").odbc2("SCALE"),
    smallint("NUM_PREC_RADIX").odbc2("RADIX"),
    smallint("NULLABLE").required(),
    REMARKS,
    text("COLUMN_DEF", 255),
    smallint("SQL_DATA_TYPE").required(),
    smallint("SQL_DATETIME_SUB"),
    integer("CHAR_OCTET_LENGTH"),
    integer("ORDINAL_POSITION").required(),
    text("IS_NULLABLE", 3),
];

/// [SQLGetTypeInfo](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgettypeinfo-function)
pub(super) const TYPE_INFO: Shape = &[
    name("TYPE_NAME").required(),
    smallint("DATA_TYPE").required(),
    integer("COLUMN_SIZE").odbc2("PRECISION"),
    text("LITERAL_PREFIX", 32),
    text("LITERAL_SUFFIX", 32),
    text("CREATE_PARAMS", 32),
    smallint("NULLABLE").required(),
    smallint("CASE_SENSITIVE").required(),
    smallint("SEARCHABLE").required(),
    smallint("UNSIGNED_ATTRIBUTE"),
    smallint("FIXED_PREC_SCALE").odbc2("MONEY").required(),
    smallint("AUTO_UNIQUE_VALUE").odbc2("AUTO_INCREMENT"),
    name("LOCAL_TYPE_NAME"),
    smallint("MINIMUM_SCALE"),
    smallint("MAXIMUM_SCALE"),
    smallint("SQL_DATA_TYPE").required(),
    smallint("SQL_DATETIME_SUB"),
    integer("NUM_PREC_RADIX"),
    smallint("INTERVAL_PRECISION"),
];

/// A value of a catalog result set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// SQL NULL.
    Null,
    /// Text.
    Text(String),
    /// A number.
    Number(i32),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i16> for Cell {
    fn from(number: i16) -> Self {
        Self::Number(number.into())
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Cell {
    /// Sizes are far below the limit; a larger one is said to be the limit.
    fn from(number: usize) -> Self {
        Self::Number(i32::try_from(number).unwrap_or(i32::MAX))
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row: a cell for each column of the shape.
pub(super) type Row = Vec<Cell>;

/// The result set of `rows`.
///
/// # Errors
/// A general engine error for a row that does not fit the shape, which would be a fault of this crate.
pub(super) fn result_set(shape: Shape, style: Style, rows: &[Row]) -> Result<ResultSet> {
    let columns: Vec<_> = shape.iter().map(|column| column.describe(style)).collect();
    let fields = columns.iter().map(|column| Field::new(&column.name, column.sql_type.arrow(), column.nullable));
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let arrays = shape.iter().enumerate().map(|(index, column)| array(column, index, rows)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let batch = RecordBatch::try_new_with_options(Arc::new(schema), arrays, &options).map_err(|error| {
        Diagnostic::Engine(Error::new(
            ErrorKind::General,
            format!("the catalog's rows do not fit its columns: {error}"),
        ))
    })?;
    Ok(ResultSet { columns, rows: batch })
}

/// The values of one column. A cell of another kind becomes NULL, which a column that is required refuses.
fn array(column: &Column, index: usize, rows: &[Row]) -> ArrayRef {
    let cells = rows.iter().map(|row| row.get(index));
    match column.kind {
        Kind::Text(_) => Arc::new(StringArray::from_iter(cells.map(|cell| match cell {
            Some(Cell::Text(text)) => Some(text.as_str()),
            _ => None,
        }))),
        Kind::Smallint => Arc::new(Int16Array::from_iter(cells.map(|cell| i16::try_from(number(cell)?).ok()))),
        Kind::Integer => Arc::new(Int32Array::from_iter(cells.map(number))),
    }
}

fn number(cell: Option<&Cell>) -> Option<i32> {
    match cell {
        Some(Cell::Number(number)) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Table;

    const ODBC3: Style = Style { identifiers: false, odbc2: false };
    const ODBC2: Style = Style { identifiers: false, odbc2: true };

    #[test]
    fn columns_are_those_of_the_reference() {
        let Some(table) = Table::read("catalog_results.tsv") else { return };
        let rows = table.select(["function", "name", "name_odbc2", "sql_type", "nullable"]);
        for (function, shape) in [
            ("SQLTables", TABLES),
            ("SQLColumns", COLUMNS),
            ("SQLPrimaryKeys", PRIMARY_KEYS),
            ("SQLStatistics", STATISTICS),
            ("SQLSpecialColumns", SPECIAL_COLUMNS),
            ("SQLProcedures", PROCEDURES),
            ("SQLProcedureColumns", PROCEDURE_COLUMNS),
            ("SQLGetTypeInfo", TYPE_INFO),
        ] {
            let expected: Vec<_> = rows.iter().filter(|row| row[0] == function).collect();
            let (new, old) = (result_set(shape, ODBC3, &[]), result_set(shape, ODBC2, &[]));
            let (new, old) = (new.expect("no rows fit"), old.expect("no rows fit"));
            assert_eq!(new.columns.len(), expected.len(), "{function}");
            for (index, [_, name, name2, sql_type, nullable]) in expected.into_iter().enumerate() {
                let fits = match shape[index].kind {
                    Kind::Text(_) => ["SQL_VARCHAR", "SQL_CHAR(1)"].contains(sql_type),
                    Kind::Smallint => *sql_type == "SQL_SMALLINT",
                    Kind::Integer => sql_type.contains("SQL_INTEGER"), // also where that is "usual"
                };
                assert!(fits, "{function}.{name} is {sql_type}");
                let name2 = if *name2 == "(new in 3.0)" { name } else { name2 };
                assert_eq!(new.columns[index].name, *name, "{function}");
                assert_eq!(old.columns[index].name, *name2, "{function}");
                assert_eq!(new.columns[index].nullable, *nullable == "yes", "{function}.{name}");
            }
        }
    }

    #[test]
    fn batches_have_the_types_of_their_descriptions() {
        let row = vec!["c".into(), "s".into(), "t".into(), Cell::Null, Cell::Null];
        let set = result_set(TABLES, ODBC3, &[row]).expect("a row");
        assert_eq!(set.rows.num_rows(), 1);
        for (column, field) in set.columns.iter().zip(set.rows.schema().fields()) {
            assert_eq!(field.data_type(), &column.sql_type.arrow());
        }
    }

    #[test]
    fn a_row_without_a_required_cell_is_an_error() {
        assert!(result_set(PRIMARY_KEYS, ODBC3, &[vec![Cell::Null; 6]]).is_err());
        assert!(result_set(PRIMARY_KEYS, ODBC3, &[vec![]]).is_err());
    }
}
