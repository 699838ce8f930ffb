//! Tables and columns, as the catalog functions want them.

use crate::dialect::unknown_table;
use crate::model::{CRM, ENTITIES, SYSTEM_TABLES, SystemColumn, entity};
use crate::plan::Tables;
use crate::settings::Settings;
use crate::{Result, SqlType};

/// A table as the catalog shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDescription {
    /// Its schema: `crm`, `meta` or `sys`.
    pub schema: &'static str,
    /// Its name.
    pub name: &'static str,
    /// True for tables of the driver itself (`meta`, `sys`): SYSTEM TABLE.
    pub system: bool,
    /// One sentence about it.
    pub remarks: &'static str,
    /// Columns of the primary key and their types.
    pub key: Vec<(&'static str, SqlType)>,
}

/// A column as the catalog shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogColumn {
    /// Declared or pinned name.
    pub name: String,
    /// Its type.
    pub sql_type: SqlType,
    /// False only where NULL is impossible.
    pub nullable: bool,
    /// What is known of it: the present label of a custom field.
    pub remarks: String,
    /// `(schema, table, column)` that it points to.
    pub references: Option<(&'static str, &'static str, &'static str)>,
}

pub(super) fn tables(settings: &Settings) -> Vec<TableDescription> {
    let include_archived = settings.include_archived();
    let chosen = ENTITIES.iter().map(|&entity| if include_archived { entity.with_archived() } else { entity });
    let entities = chosen.map(|entity| TableDescription {
        schema: CRM,
        name: entity.name,
        system: false,
        remarks: entity.remarks,
        key: vec![(entity.key, KEY_TYPE)],
    });
    let system = SYSTEM_TABLES.iter().map(|table| TableDescription {
        schema: table.schema,
        name: table.name,
        system: true,
        remarks: table.remarks,
        key: table.columns.iter().filter(|column| table.key.contains(&column.name)).map(typed).collect(),
    });
    let there = |table: &TableDescription| settings.selection().has(table.schema, table.name);
    entities.chain(system).filter(there).collect()
}

/// The type of every entity's key; scans read it as such.
const KEY_TYPE: SqlType = SqlType::BigInt;

fn typed(column: &SystemColumn) -> (&'static str, SqlType) {
    (column.name, column.sql_type)
}

pub(super) async fn columns(tables: &Tables, table: &TableDescription) -> Result<Vec<CatalogColumn>> {
    let selection = tables.selection();
    if !selection.has(table.schema, table.name) {
        return Err(unknown_table(&format!("{}.{}", table.schema, table.name), selection));
    }
    if let Some(found) = SYSTEM_TABLES.iter().find(|found| (found.schema, found.name) == (table.schema, table.name)) {
        return Ok(found
            .columns
            .iter()
            .map(|column| CatalogColumn {
                name: column.name.into(),
                sql_type: column.sql_type,
                nullable: column.nullable,
                remarks: column.remarks.into(),
                references: None,
            })
            .collect());
    }
    let Some(entity) = entity(table.name).filter(|_| table.schema == CRM) else {
        return Err(unknown_table(&format!("{}.{}", table.schema, table.name), selection));
    };
    let table = tables.table(entity).await?;
    Ok(table
        .columns
        .iter()
        .map(|column| CatalogColumn {
            name: column.name.clone(),
            sql_type: column.sql_type,
            nullable: column.nullable,
            remarks: column.remarks.clone(),
            references: column
                .references
                .filter(|(table, _)| selection.has(CRM, table))
                .map(|(table, column)| (CRM, table, column)),
        })
        .collect())
}
