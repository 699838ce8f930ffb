//! Tables that a statement names and the connection does not have: there are none of that name, or the property Tables
//! leaves them out.

use datafusion::common::DataFusionError;

use super::errors::{closest, translate};
use crate::model::{CATALOG, CRM, table_names};
use crate::plan::BARE;
use crate::settings::Selection;
use crate::{Error, ErrorKind};

/// As [`translate`], for errors of planning over the tables of a selection: no other one is suggested.
pub fn translate_planning(error: DataFusionError, selection: &Selection) -> Error {
    match missing(&error) {
        Some(name) => unknown_table(name, selection),
        None => translate(error),
    }
}

/// The full name of the table that the planner did not find.
fn missing(error: &DataFusionError) -> Option<&str> {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => missing(inner),
        DataFusionError::Shared(inner) => missing(inner),
        DataFusionError::Collection(all) => missing(all.first()?),
        DataFusionError::Plan(text) => not_found(text),
        _ => None,
    }
}

/// The full name in DataFusion's words about a table.
pub(super) fn not_found(text: &str) -> Option<&str> {
    Some(text.strip_prefix("table '")?.split_once("' not found")?.0)
}

/// The error of a table `catalog.schema.table`; parts of the name may be left out.
pub fn unknown_table(full: &str, selection: &Selection) -> Error {
    let shown = [CATALOG, BARE, CRM]
        .iter()
        .fold(full, |name, part| name.strip_prefix(part).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name));
    let bare = full.rsplit('.').next().unwrap_or(full);
    let known =
        |(schema, table): (&str, &str)| if schema == CRM { table.to_owned() } else { format!("{schema}.{table}") };
    let elsewhere = selection.tables().find(|(_, table)| *table == bare).map(known);
    if elsewhere.is_none() && table_names().any(|(_, table)| table == bare) {
        let text = format!("the property Tables leaves out the table {shown}; add it there to use it");
        return Error::new(ErrorKind::UnknownTable, text);
    }
    let names: Vec<String> = selection.tables().map(known).collect();
    let meant = elsewhere.or_else(|| closest(bare, names.iter().map(String::as_str)).map(str::to_owned));
    let text = match meant {
        Some(name) => format!("there is no table {shown}; did you mean '{name}'?"),
        None => format!("there is no table {shown}"),
    };
    Error::new(ErrorKind::UnknownTable, text)
}
