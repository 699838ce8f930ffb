//! The public face of the engine: open a session, prepare and execute statements, ask for the catalog.
//!
//! Every call that may take time has a [`Call`]: it runs on the runtime's threads while the caller waits.

use crate::arrow::record_batch::RecordBatch;
use crate::call::Call;
use crate::settings::Settings;
use crate::{ColumnDescription, Parameter, Result, Value, Warning};

/// A signed-in connection to one Pipedrive company. Statements of one session may run side by side.
#[derive(Debug, Clone)]
pub struct Session {}

impl Session {
    /// Signs in. Costs one request (`users/me`, 2 tokens), or none when the state file proves the token.
    ///
    /// # Errors
    /// `SignIn`, `Property`, `Network`, `Budget`, `Timeout`, `Cancelled`.
    pub fn open(_settings: Settings, _call: &Call) -> Result<Self> {
        stub()
    }

    /// What signing in found worth telling: unknown properties, a state folder that cannot be written.
    pub fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }

    /// The company, the user and the host, as SQLGetInfo wants them.
    pub fn identity(&self) -> Identity {
        Identity::default()
    }

    /// Parses and plans a statement without running it; no rows are read, but field definitions may be.
    pub fn prepare(&self, _sql: &str, _call: &Call) -> Result<Prepared> {
        stub()
    }

    /// Runs a prepared statement with one value per parameter marker.
    /// `max_rows` acts like LIMIT; 0 means no limit. Nothing is read before the first [`Rows::next`].
    pub fn execute(&self, _prepared: &Prepared, _values: &[Value], _max_rows: u64, _call: &Call) -> Result<Rows> {
        stub()
    }

    /// The statement as the engine reads it, escapes translated. Needs no connection to the host.
    pub fn native_sql(&self, _sql: &str) -> Result<String> {
        stub()
    }

    /// Every table, without a request.
    pub fn tables(&self) -> Vec<TableDescription> {
        Vec::new()
    }

    /// The columns of a table, its custom fields included; may read field definitions.
    pub fn columns(&self, _table: &TableDescription, _call: &Call) -> Result<Vec<CatalogColumn>> {
        stub()
    }
}

/// A statement that was parsed and planned. It describes itself before it is executed.
#[derive(Debug)]
pub struct Prepared {}

impl Prepared {
    /// The columns of the result; empty for a statement without one.
    pub fn columns(&self) -> &[ColumnDescription] {
        &[]
    }
    /// The parameter markers in order.
    pub fn parameters(&self) -> &[Parameter] {
        &[]
    }
}

/// A running result: batches in the order of the statement, made as they are asked for.
#[derive(Debug)]
pub struct Rows {}

impl Rows {
    /// The next batch, never an empty one; `None` after the last. Columns have the Arrow types of
    /// [`ColumnDescription::sql_type`]. Dropping `Rows` stops its traffic.
    pub fn next(&mut self, _call: &Call) -> Result<Option<RecordBatch>> {
        stub()
    }
    /// Warnings since the last call of this function (rounded decimals, ...).
    pub fn warnings(&mut self) -> Vec<Warning> {
        Vec::new()
    }
}

/// Who is signed in, and where.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    pub company_domain: String,
    pub company_name: String,
    pub user_name: String,
    pub user_email: String,
    pub host: String,
}

/// A table as the catalog shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDescription {
    pub schema: &'static str,
    pub name: &'static str,
    /// True for tables of the driver itself (`meta`, `sys`): SYSTEM TABLE.
    pub system: bool,
    pub remarks: &'static str,
    /// Columns of the primary key.
    pub key: &'static [&'static str],
}

/// A column as the catalog shows it.
#[derive(Debug, Clone)]
pub struct CatalogColumn {
    pub name: String,
    pub sql_type: crate::SqlType,
    pub nullable: bool,
    pub remarks: String,
    /// `(schema, table, column)` that it points to.
    pub references: Option<(&'static str, &'static str, &'static str)>,
}

fn stub<T>() -> Result<T> {
    Err(crate::Error::new(crate::ErrorKind::NotSupported, "not built yet"))
}
