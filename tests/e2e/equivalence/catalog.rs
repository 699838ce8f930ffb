//! The tables that statements are made of, as the session reports them, with values from their rows.

use std::sync::Arc;

use pipedrive_sql::Session;
use pipedrive_sql::call::Call;

use super::engine::rows;
use super::render::Text;
use super::value::{Cell, Kind};

/// Values of a column that statements are made with.
const SAMPLES: usize = 60;

/// Columns that the API can filter or sort by, or that decide which rows a table has: most bugs of push-down need them.
const PUSHED: &[&str] = &[
    "id",
    "owner_id",
    "person_id",
    "org_id",
    "pipeline_id",
    "stage_id",
    "status",
    "update_time",
    "add_time",
    "is_archived",
    "is_deleted",
];

/// A table with its rows.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// How many rows there are.
    pub(super) count: usize,
}

/// A column, of a table or of a query's result.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// What the values identify, such as `users.id`; columns of one domain can be joined.
    pub(super) domain: Option<String>,
    /// No two rows have the same value.
    pub(super) is_key: bool,
    /// How often it is chosen.
    pub(super) weight: usize,
    /// Some of its values, NULL left out.
    pub(super) samples: Arc<[Cell]>,
}

/// The tables, and the rows that the engine gives for each with push-down off.
pub(super) fn read(session: &Session) -> Vec<(Table, Vec<Vec<Cell>>)> {
    let tables = session.tables().into_iter().filter(|table| !table.system);
    tables.map(|table| read_table(session, &table)).collect()
}

fn read_table(session: &Session, table: &pipedrive_sql::session::TableDescription) -> (Table, Vec<Vec<Cell>>) {
    let sql = format!("SELECT * FROM {}.{}", table.schema, table.name);
    let rows = rows(session, &Text { sql, values: Vec::new() }).unwrap().rows;
    let columns = session.columns(table, &Call::default()).unwrap();
    let columns = columns.iter().enumerate().map(|(index, column)| {
        let is_key = table.key.len() == 1 && table.key[0].0 == column.name;
        let own = || is_key.then(|| format!("{}.{}", table.name, column.name));
        Column {
            kind: Kind::of(column.sql_type).unwrap(),
            domain: column.references.map(|(_, table, column)| format!("{table}.{column}")).or_else(own),
            is_key,
            weight: if PUSHED.contains(&column.name.as_str()) { 12 } else { 1 },
            samples: samples(&rows, index),
            name: column.name.clone(),
        }
    });
    (Table { name: table.name.to_owned(), columns: columns.collect(), count: rows.len() }, rows)
}

/// Distinct values of a column, spread over its rows.
fn samples(rows: &[Vec<Cell>], index: usize) -> Arc<[Cell]> {
    let step = rows.len().div_ceil(4 * SAMPLES).max(1);
    let mut samples: Vec<Cell> = Vec::new();
    for row in rows.iter().step_by(step) {
        let value = &row[index];
        if *value != Cell::Null && !samples.contains(value) && samples.len() < SAMPLES {
            samples.push(value.clone());
        }
    }
    samples.into()
}
