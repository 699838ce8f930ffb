//! The driver manager and the built driver, as applications meet them.

use std::path::PathBuf;
use std::sync::OnceLock;

use odbc_api::buffers::TextRowSet;
use odbc_api::parameter::InputParameter;
use odbc_api::{Connection, ConnectionOptions, Cursor, Environment, Error, IntoParameter};

use crate::engine::World;
use crate::queries::{Bound, Row};

/// The driver's file. `cargo xtask test` builds it and names it; a file that happens to be there may be an old one.
pub(crate) fn driver() -> PathBuf {
    let path = std::env::var_os("PIPEDRIVE_ODBC_DRIVER").map(PathBuf::from);
    path.expect("PIPEDRIVE_ODBC_DRIVER names no driver; run `cargo xtask test`")
}

/// The process's ODBC environment.
pub(crate) fn environment() -> &'static Environment {
    static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| Environment::new().unwrap())
}

/// The connection string of a world, with `more` in it. Answers do not serve again unless it says so ([`World::pairs`]).
pub(crate) fn connection_string(world: &World, more: &str) -> String {
    let mut pairs = world.pairs(&[]);
    let (name, value) = pairs.pop().unwrap();
    let mut string = format!("Driver={};", driver().display());
    for (name, value) in pairs {
        string.push_str(&format!("{name}={value};"));
    }
    let end = if more.is_empty() || more.ends_with(';') { "" } else { ";" };
    format!("{string}{more}{end}{name}={value};")
}

/// Connects with a connection string.
pub(crate) fn connect(string: &str) -> Result<Connection<'static>, Error> {
    environment().connect_with_connection_string(string, ConnectionOptions::default())
}

/// Rows of a fetch; more than a page holds, so that pages meet within a rowset.
const ROWSET: usize = 700;

/// All rows of a statement, bound as text.
pub(crate) fn rows(connection: &Connection<'_>, sql: &str, parameters: &[Bound]) -> Result<Vec<Row>, Error> {
    let parameters: Vec<_> = parameters.iter().map(parameter).collect();
    match connection.execute(sql, parameters.as_slice(), None)? {
        Some(cursor) => fetch(cursor),
        None => Ok(Vec::new()),
    }
}

/// All rows of a cursor, bound as text.
pub(crate) fn fetch(mut cursor: impl Cursor) -> Result<Vec<Row>, Error> {
    let buffer = TextRowSet::for_cursor(ROWSET, &mut cursor, Some(4096))?;
    let width = buffer.num_cols();
    let mut bound = cursor.bind_buffer(buffer)?;
    let mut rows = Vec::new();
    while let Some(batch) = bound.fetch()? {
        let cell = |column, row| batch.at_as_str(column, row).unwrap().map(str::to_owned);
        rows.extend((0..batch.num_rows()).map(|row| (0..width).map(|column| cell(column, row)).collect::<Row>()));
    }
    Ok(rows)
}

fn parameter(bound: &Bound) -> Box<dyn InputParameter> {
    match bound {
        Bound::Integer(number) => Box::new((*number).into_parameter()),
        Bound::Decimal(text) | Bound::Timestamp(text) | Bound::Text(text) => Box::new((*text).into_parameter()),
    }
}

/// SQLSTATE and message of the first record.
#[track_caller]
pub(crate) fn state(error: Error) -> (String, String) {
    match error {
        Error::Diagnostics { record, .. } => (record.state.as_str().to_owned(), record.to_string()),
        other => panic!("no diagnostic record: {other}"),
    }
}
