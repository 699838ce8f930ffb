//! The engine under test: a session over a sandbox of its own, and its rows as text.

use pipedrive_sandbox::{Config, Running, Sandbox};
use pipedrive_sql::arrow::array::{Array, AsArray};
use pipedrive_sql::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMillisecondType, Float64Type, Int16Type, Int32Type, Int64Type,
    Time64NanosecondType, TimestampMillisecondType,
};
use pipedrive_sql::arrow::record_batch::RecordBatch;
use pipedrive_sql::arrow::temporal_conversions::{date32_to_datetime, timestamp_ms_to_datetime};
use pipedrive_sql::call::Call;
use pipedrive_sql::settings::{Settings, Source};
use pipedrive_sql::{Result, Session, Value};
use tempfile::TempDir;

use crate::queries::{Bound, Row, queries};

/// A sandbox with a state folder of its own.
pub(crate) struct World {
    pub(crate) sandbox: Running,
    pub(crate) state: TempDir,
}

impl World {
    /// The company that the demo shows.
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    /// A company of this make.
    pub(crate) fn with(config: Config) -> Self {
        Self { sandbox: Sandbox::start(config).unwrap(), state: tempfile::tempdir().unwrap() }
    }

    /// The connection string's pairs, with `more` after them. Figures of what a statement costs are those of one that is
    /// asked for the first time, so answers do not serve again unless `more` says so: `reuse.rs` is about that.
    pub(crate) fn pairs(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let state = self.state.path().to_str().unwrap();
        let own = [("APIToken", self.sandbox.token()), ("BaseURL", self.sandbox.url()), ("StateLocation", state)];
        let pairs = own.iter().chain(more).chain(&[("ResultReuse", "0")]);
        pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Opens a session; `more` are further properties.
    pub(crate) fn open(&self, more: &[(&str, &str)]) -> Result<Session> {
        open(self.pairs(more))
    }

    /// A session with default properties.
    pub(crate) fn session(&self) -> Session {
        self.open(&[]).unwrap()
    }

    /// Requests and tokens since the last call, as the sandbox counted them.
    pub(crate) fn cost(&self) -> (u64, u64) {
        let stats = self.sandbox.stats();
        self.sandbox.reset_stats();
        (stats.requests, stats.tokens)
    }
}

/// Opens a session with the properties of a connection string.
pub(crate) fn open(pairs: Vec<(String, String)>) -> Result<Session> {
    let (settings, _) = Settings::resolve(&[(Source::ConnectionString, pairs)])?;
    Session::open(settings, &Call::default())
}

/// All rows of a statement, as text.
pub(crate) fn rows(session: &Session, sql: &str, values: &[Value]) -> Result<Vec<Vec<String>>> {
    let call = Call::default();
    let prepared = session.prepare(sql, &call)?;
    let mut rows = session.execute(&prepared, values, 0, &call)?;
    let mut texts = Vec::new();
    while let Some(batch) = rows.next(&call)? {
        texts.extend((0..batch.num_rows()).map(|row| line(&batch, row)));
    }
    Ok(texts)
}

fn line(batch: &RecordBatch, row: usize) -> Vec<String> {
    batch.columns().iter().map(|column| text(column.as_ref(), row)).collect()
}

/// One value as SQL writes it, as the driver gives it for SQL_C_CHAR.
fn text(column: &dyn Array, row: usize) -> String {
    if column.is_null(row) {
        return "NULL".to_owned();
    }
    match column.data_type() {
        DataType::Boolean => u8::from(column.as_boolean().value(row)).to_string(),
        DataType::Int16 => column.as_primitive::<Int16Type>().value(row).to_string(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Date32 => {
            date32_to_datetime(column.as_primitive::<Date32Type>().value(row)).unwrap().format("%Y-%m-%d").to_string()
        }
        DataType::Time64(_) => {
            let seconds = column.as_primitive::<Time64NanosecondType>().value(row) / 1_000_000_000;
            format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
        }
        DataType::Timestamp(..) => {
            let moment =
                timestamp_ms_to_datetime(column.as_primitive::<TimestampMillisecondType>().value(row)).unwrap();
            // A fraction only where there is one, without zeros at its end, as the driver writes it.
            let text = moment.format("%Y-%m-%d %H:%M:%S").to_string();
            match moment.and_utc().timestamp_subsec_millis() {
                0 => text,
                millis => format!("{text}.{millis:03}").trim_end_matches('0').to_owned(),
            }
        }
        DataType::Duration(_) => column.as_primitive::<DurationMillisecondType>().value(row).to_string(),
        other => panic!("a column of type {other} reached the application"),
    }
}

/// Rows with NULL as `None`.
pub(crate) fn cells(rows: Vec<Vec<String>>) -> Vec<Row> {
    rows.into_iter().map(|row| row.into_iter().map(|cell| (cell != "NULL").then_some(cell)).collect()).collect()
}

fn value(bound: &Bound) -> Value {
    match bound {
        Bound::Integer(number) => Value::BigInt(*number),
        Bound::Decimal(text) | Bound::Timestamp(text) | Bound::Text(text) => Value::Text((*text).to_owned()),
    }
}

#[test]
fn the_ten_queries() {
    let world = World::new();
    let session = world.session();
    for table in ["deals", "persons", "organizations", "stages"] {
        session.prepare(&format!("SELECT * FROM {table}"), &Call::default()).unwrap();
    }
    world.cost();
    for query in queries(world.sandbox.dataset()) {
        let values: Vec<_> = query.parameters.iter().map(value).collect();
        let found = rows(&session, &query.sql, &values).unwrap_or_else(|error| panic!("{}: {error}", query.name));
        query.check(cells(found), world.cost());
        let found = rows(&session, &query.inlined(), &[]).unwrap_or_else(|error| panic!("{}: {error}", query.name));
        query.check(cells(found), world.cost());
    }
}

/// Readers make their buffers from it: a text is never longer than its column is said to be.
#[test]
fn texts_are_described_as_long_as_they_can_be() {
    let world = World::new();
    let session = world.session();
    let doubled = (0..40)
        .fold("SELECT title AS t FROM deals".to_owned(), |sql, n| format!("SELECT t || t AS t FROM ({sql}) AS t{n}"));
    for (sql, expected) in [
        ("SELECT title FROM deals", "VARCHAR(255)"),
        ("SELECT 'abc'", "VARCHAR(3)"),
        ("SELECT title || status FROM deals", "VARCHAR(271)"),
        ("SELECT CONCAT(title, ': ', title) FROM deals", "VARCHAR(512)"),
        ("SELECT LEFT(currency, 2) FROM deals", "VARCHAR(3)"),
        ("SELECT UPPER(currency) FROM deals", "VARCHAR(9)"),
        ("SELECT COALESCE(lost_reason, title || '!') FROM deals", "VARCHAR(256)"),
        ("SELECT CASE WHEN id = 1 THEN 'yes' ELSE status END FROM deals", "VARCHAR(16)"),
        ("SELECT CAST(title AS VARCHAR(10)) FROM deals", "VARCHAR(10)"),
        ("SELECT CAST(id AS VARCHAR) FROM deals", "VARCHAR(41)"),
        ("SELECT MAX(title) FROM deals", "VARCHAR(255)"),
        ("SELECT t FROM (SELECT title || title AS t FROM deals) x WHERE t LIKE 'a%'", "VARCHAR(510)"),
        ("SELECT x.t FROM (SELECT title || title AS t, id FROM deals) x JOIN users u ON u.id = x.id", "VARCHAR(510)"),
        ("SELECT 'a' UNION ALL SELECT 'abcd'", "VARCHAR(4)"),
        ("SELECT status FROM deals UNION ALL SELECT 'Total of all statuses'", "VARCHAR(21)"),
        ("SELECT '😀😀'", "VARCHAR(4)"),
        ("SELECT LAG(status, 1, 'longer than any status') OVER (ORDER BY id) FROM deals", "VARCHAR(22)"),
        ("SELECT LAG(title, 1, 'none') OVER (ORDER BY id) FROM deals", "VARCHAR(255)"),
        ("SELECT REPEAT('ab', 500)", "LONGVARCHAR"),
        ("SELECT STRING_AGG(title, ', ') FROM deals", "LONGVARCHAR"),
        ("SELECT REPLACE(title, 'a', 'bcd') FROM deals", "LONGVARCHAR"),
        (&doubled, "LONGVARCHAR"),
    ] {
        let columns = session.prepare(sql, &Call::default()).unwrap_or_else(|error| panic!("{sql}: {error}")).columns();
        assert_eq!(columns[0].sql_type.to_string(), expected, "{}", &sql[..sql.len().min(90)]);
    }
}
