//! Field definitions, read anew: a field that was just made or renamed is there at once.

use super::rows::Cell;
use crate::Result;
use crate::dialect::unknown_table;
use crate::model::{self, CATALOG, CRM, Entity};
use crate::plan::{Reread, Tables};

/// Reads the definitions of the named table, or of all that there are; a row for each that was read. Where reading is
/// refused there is a warning and no row.
///
/// # Errors
/// `UnknownTable`, and those of reading definitions.
pub(super) async fn refresh(tables: &Tables, name: Option<&str>) -> Result<Vec<Vec<Cell>>> {
    let entities = match name {
        Some(name) => Vec::from_iter(named(tables, name)?),
        None => tables.defined(),
    };
    let mut rows = Vec::new();
    for entity in entities {
        rows.extend(tables.reread(entity).await?.map(|reread| row(entity, &reread)));
    }
    Ok(rows)
}

fn row(entity: &Entity, reread: &Reread) -> Vec<Cell> {
    let number = |count: usize| Cell::Number(u64::try_from(count).ok());
    vec![
        Cell::Text(Some(entity.name.to_owned())),
        number(reread.fields),
        number(reread.custom),
        Cell::Number(Some(reread.tokens)),
    ]
}

/// The entity of a table, which may have its schema and catalog before it; `None`, with a warning, for a table that has
/// no field definitions.
fn named(tables: &Tables, name: &str) -> Result<Option<&'static Entity>> {
    let parts: Vec<_> = name.split('.').map(|part| part.trim().trim_matches('"').to_lowercase()).collect();
    let full = parts.join(".");
    let below = full.strip_prefix(CATALOG).and_then(|rest| rest.strip_prefix('.')).unwrap_or(&full);
    let (schema, table) = below.split_once('.').unwrap_or((CRM, below));
    if !tables.selection().tables().any(|known| known == (schema, table)) {
        return Err(unknown_table(&full, tables.selection()));
    }
    let entity = model::entity(table).filter(|entity| schema == CRM && entity.fields.is_some());
    if entity.is_none() {
        tables.warn(format!("{schema}.{table} has no field definitions, so there was nothing to read"));
    }
    Ok(entity)
}
