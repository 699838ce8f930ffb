//! The result sets of the catalog functions: what the reference names as columns, filled from the session.
//!
//! - `types.rs`: what ODBC says of each SQL type
//! - `shapes.rs`: the columns of each result set
//! - `names.rs`: patterns, plain names, identifiers
//! - `tables.rs`, `columns.rs`, `type_info.rs`: the rows of SQLTables, SQLColumns and SQLGetTypeInfo; `keys.rs`: those of
//!   SQLPrimaryKeys, SQLStatistics and SQLSpecialColumns; `procedures.rs`: those of SQLProcedures and
//!   SQLProcedureColumns; all made from descriptions alone
//!
//! Only SQLColumns may cost requests: it reads the field definitions of the tables that match.

mod columns;
mod keys;
mod names;
mod procedures;
#[cfg(test)]
mod samples;
mod shapes;
mod tables;
mod type_info;
pub(crate) mod types;

use pipedrive_sql::arrow::record_batch::RecordBatch;
use pipedrive_sql::call::Call;
use pipedrive_sql::procedures::PROCEDURES;
use pipedrive_sql::{ColumnDescription, Session};

use self::shapes::result_set;
use crate::diagnostics::{Diagnostic, Result};

/// A result set that is there at once.
#[derive(Debug, Clone)]
pub(crate) struct ResultSet {
    /// Its columns, with the names that the connection's ODBC version asks for.
    pub(crate) columns: Vec<ColumnDescription>,
    /// Its rows, with the Arrow types of `columns`.
    pub(crate) rows: RecordBatch,
}

/// How the arguments of a catalog function are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// SQL_ATTR_METADATA_ID: arguments are identifiers, not patterns.
    pub(crate) identifiers: bool,
    /// The application speaks ODBC 2: other column names, and date types 9 to 11.
    pub(crate) odbc2: bool,
}

/// The names that most catalog functions take; `None` stands for a null pointer.
#[derive(Debug, Clone, Copy)]
struct TableArguments<'a> {
    catalog: Option<&'a str>,
    schema: Option<&'a str>,
    table: Option<&'a str>,
}

impl<'a> From<[Option<&'a str>; 3]> for TableArguments<'a> {
    fn from([catalog, schema, table]: [Option<&'a str>; 3]) -> Self {
        Self { catalog, schema, table }
    }
}

/// The names that the catalog functions about procedures take; `None` stands for a null pointer.
#[derive(Debug, Clone, Copy)]
struct ProcedureArguments<'a> {
    catalog: Option<&'a str>,
    schema: Option<&'a str>,
    procedure: Option<&'a str>,
}

impl<'a> From<[Option<&'a str>; 3]> for ProcedureArguments<'a> {
    fn from([catalog, schema, procedure]: [Option<&'a str>; 3]) -> Self {
        Self { catalog, schema, procedure }
    }
}

/// SQLTables. Costs no request. `None` stands for a null pointer.
///
/// # Errors
/// `NullPointer` for a missing identifier under SQL_ATTR_METADATA_ID, here and below.
pub(crate) fn tables(
    session: &Session,
    style: Style,
    catalog: Option<&str>,
    schema: Option<&str>,
    table: Option<&str>,
    types: Option<&str>,
) -> Result<ResultSet> {
    let arguments = TableArguments { catalog, schema, table };
    result_set(shapes::TABLES, style, &tables::rows(&session.tables(), style, arguments, types)?)
}

/// SQLColumns. May read field definitions of the tables that match; where they are refused, the built-in columns are
/// there all the same and the session has a warning.
///
/// # Errors
/// Those of reading definitions.
pub(crate) fn columns(
    session: &Session,
    style: Style,
    catalog: Option<&str>,
    schema: Option<&str>,
    table: Option<&str>,
    column: Option<&str>,
    call: &Call,
) -> Result<ResultSet> {
    let arguments = TableArguments { catalog, schema, table };
    let rows = columns::rows(&session.tables(), style, arguments, column, |table| {
        session.columns(table, call).map_err(Diagnostic::Engine)
    })?;
    result_set(shapes::COLUMNS, style, &rows)
}

/// SQLPrimaryKeys. Costs no request.
///
/// # Errors
/// `NullPointer` without a table's name.
pub(crate) fn primary_keys(session: &Session, style: Style, names: [Option<&str>; 3]) -> Result<ResultSet> {
    result_set(shapes::PRIMARY_KEYS, style, &keys::primary(&session.tables(), style, TableArguments::from(names))?)
}

/// SQLStatistics: the key as an index, and no counts. Costs no request.
///
/// # Errors
/// `NullPointer` without a table's name, `CatalogOption`.
pub(crate) fn statistics(
    session: &Session,
    style: Style,
    names: [Option<&str>; 3],
    unique: u16,
    accuracy: u16,
) -> Result<ResultSet> {
    let rows = keys::statistics(&session.tables(), style, TableArguments::from(names), unique, accuracy)?;
    result_set(shapes::STATISTICS, style, &rows)
}

/// SQLSpecialColumns: the key. `options` are identifier type, scope and nullability. Costs no request.
///
/// # Errors
/// `NullPointer` without a table's name, `CatalogOption`.
pub(crate) fn special_columns(
    session: &Session,
    style: Style,
    names: [Option<&str>; 3],
    options: [u16; 3],
) -> Result<ResultSet> {
    let rows = keys::special(&session.tables(), style, TableArguments::from(names), options)?;
    result_set(shapes::SPECIAL_COLUMNS, style, &rows)
}

/// SQLProcedures; `names` are catalog, schema and procedure. Costs no request.
///
/// # Errors
/// `NullPointer`, as [`tables`].
pub(crate) fn procedures(style: Style, names: [Option<&str>; 3]) -> Result<ResultSet> {
    result_set(shapes::PROCEDURES, style, &procedures::rows(PROCEDURES, style, ProcedureArguments::from(names))?)
}

/// SQLProcedureColumns. Costs no request.
///
/// # Errors
/// `NullPointer`, as [`tables`].
pub(crate) fn procedure_columns(style: Style, names: [Option<&str>; 3], column: Option<&str>) -> Result<ResultSet> {
    let rows = procedures::columns(PROCEDURES, style, ProcedureArguments::from(names), column)?;
    result_set(shapes::PROCEDURE_COLUMNS, style, &rows)
}

/// SQLGetTypeInfo; 0 asks for all types.
///
/// # Errors
/// `InvalidSqlType` for a code that ODBC does not have.
pub(crate) fn type_info(style: Style, sql_type: i16) -> Result<ResultSet> {
    result_set(shapes::TYPE_INFO, style, &type_info::rows(style, sql_type)?)
}
