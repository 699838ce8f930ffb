//! The result sets of the catalog functions: what the reference names as columns, filled from the session.
//! stub

pub(crate) mod types;

use pipedrive_sql::arrow::record_batch::RecordBatch;
use pipedrive_sql::call::Call;
use pipedrive_sql::{ColumnDescription, Session};

use crate::diagnostics::Result;

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

/// SQLTables. Costs no request. `None` stands for a null pointer.
pub(crate) fn tables(
    _session: &Session,
    _style: Style,
    _catalog: Option<&str>,
    _schema: Option<&str>,
    _table: Option<&str>,
    _types: Option<&str>,
) -> Result<ResultSet> {
    Err(crate::diagnostics::Diagnostic::NullPointer("stub"))
}

/// SQLColumns. May read field definitions of the tables that match.
pub(crate) fn columns(
    _session: &Session,
    _style: Style,
    _catalog: Option<&str>,
    _schema: Option<&str>,
    _table: Option<&str>,
    _column: Option<&str>,
    _call: &Call,
) -> Result<ResultSet> {
    Err(crate::diagnostics::Diagnostic::NullPointer("stub"))
}

/// SQLPrimaryKeys. Costs no request.
pub(crate) fn primary_keys(
    _session: &Session,
    _style: Style,
    _catalog: Option<&str>,
    _schema: Option<&str>,
    _table: Option<&str>,
) -> Result<ResultSet> {
    Err(crate::diagnostics::Diagnostic::NullPointer("stub"))
}

/// SQLGetTypeInfo; 0 asks for all types.
///
/// # Errors
/// `InvalidSqlType` for a code that ODBC does not have.
pub(crate) fn type_info(_style: Style, _sql_type: i16) -> Result<ResultSet> {
    Err(crate::diagnostics::Diagnostic::NullPointer("stub"))
}
