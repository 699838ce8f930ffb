//! A table as one connection sees it: built-in columns in declared order, then computed ones, then custom ones.

use std::collections::HashMap;
use std::sync::Arc;

use super::{CRM, Column, CustomColumn, Entity, FieldDefinition, NameStyle, Pin, Push, Reading, pin_names};
use crate::SqlType;

/// Option ids of one field, as text, and their labels.
pub type Labels = HashMap<String, String>;

/// A table of `crm` with its custom columns.
#[derive(Debug, Clone)]
pub struct Table {
    /// The entity whose records are the rows.
    pub entity: &'static Entity,
    /// All columns, in the order of `SELECT *`.
    pub columns: Vec<TableColumn>,
}

/// One column of a [`Table`].
#[derive(Debug, Clone)]
pub struct TableColumn {
    /// Declared or pinned name.
    pub name: String,
    /// Where the value stands in a record.
    pub path: Vec<String>,
    /// How the value is read.
    pub reading: Reading,
    /// Its SQL type.
    pub sql_type: SqlType,
    /// False only where NULL is impossible.
    pub nullable: bool,
    /// `(table, column)` of `crm` that the value points to.
    pub references: Option<(&'static str, &'static str)>,
    /// What the API can filter it by.
    pub pushes: Option<Push>,
    /// Whether `include_fields` must name it.
    pub computed: bool,
    /// The key of the custom field it comes from.
    pub custom_key: Option<String>,
    /// The labels of its options.
    pub labels: Option<Arc<Labels>>,
    /// What the catalog says of it: the present label of a custom field.
    pub remarks: String,
}

impl Table {
    /// The table of `entity` under these definitions; fields without a pin get one.
    pub fn new(entity: &'static Entity, fields: &[FieldDefinition], style: NameStyle, pins: &mut Vec<Pin>) -> Self {
        let (computed, plain): (Vec<&Column>, Vec<&Column>) = entity.columns.iter().partition(|column| column.computed);
        let built_in = plain.into_iter().chain(computed).map(|column| TableColumn {
            name: column.name.into(),
            path: column.path.iter().map(|&name| name.into()).collect(),
            reading: column.reading,
            sql_type: column.sql_type(),
            nullable: column.nullable,
            references: column.references,
            pushes: column.pushes,
            computed: column.computed,
            custom_key: None,
            labels: labels(fields, column.name, column.reading),
            remarks: String::new(),
        });
        let custom = pin_names(entity, fields, style, pins);
        let columns = built_in.chain(custom.into_iter().map(|column| custom_column(column, fields))).collect();
        Self { entity, columns }
    }

    /// The schema that the table is in.
    pub const fn schema(&self) -> &'static str {
        CRM
    }
}

fn custom_column(column: CustomColumn, fields: &[FieldDefinition]) -> TableColumn {
    let path = ["custom_fields", &column.key].into_iter().chain(column.part).map(str::to_owned).collect();
    TableColumn {
        path,
        reading: column.reading,
        sql_type: column.reading.sql_type(column.length),
        nullable: true,
        references: column.references.map(|table| (table, "id")),
        pushes: None,
        computed: false,
        labels: labels(fields, &column.key, column.reading),
        remarks: column.label,
        name: column.name,
        custom_key: Some(column.key),
    }
}

fn labels(fields: &[FieldDefinition], code: &str, reading: Reading) -> Option<Arc<Labels>> {
    if !matches!(reading, Reading::Option | Reading::Options) {
        return None;
    }
    let options = fields.iter().find(|field| field.field_code == code)?.options.as_ref()?;
    Some(Arc::new(options.iter().map(|option| (option.id.clone(), option.label.clone())).collect()))
}
