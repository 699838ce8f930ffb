//! A table as one connection sees it: built-in columns in declared order, then computed ones, then custom ones.

use std::collections::HashMap;
use std::sync::Arc;

use super::{CRM, Column, CustomColumn, Entity, FieldDefinition, Pin, Push, Reading, Shape, pin_names};
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
    /// Where it stands when the first place is missing or null.
    pub fallback: Option<Vec<String>>,
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
    /// What the catalog says of it: the present label of a custom field, or what a built-in name does not say.
    pub remarks: String,
}

impl Table {
    /// The table of `entity` under these definitions; fields without a pin get one.
    pub fn new(entity: &'static Entity, fields: &[FieldDefinition], shape: &Shape, pins: &mut Vec<Pin>) -> Self {
        let custom = pin_names(entity, fields, shape, pins);
        let member = |column: &Column| column.path.get(1).copied();
        let shown = entity.columns.iter().filter(|column| shape.has(member(column)));
        let (computed, plain): (Vec<&Column>, Vec<&Column>) = shown.partition(|column| column.computed);
        let reading = |column: &Column| shape.reading(column.reading, column.text_id);
        let built_in = plain.into_iter().chain(computed).map(|column| TableColumn {
            name: built_in_name(column.name, &custom),
            path: owned(column.path),
            fallback: column.fallback.map(owned),
            reading: reading(column),
            sql_type: reading(column).sql_type(column.length),
            nullable: column.nullable,
            references: column.references,
            pushes: column.pushes,
            computed: column.computed,
            custom_key: None,
            labels: labels(fields, column.name, column.reading),
            remarks: column.remarks.into(),
        });
        let mut columns: Vec<_> = built_in.collect();
        columns.extend(custom.into_iter().map(|column| custom_column(column, fields, shape)));
        Self { entity, columns }
    }

    /// Two custom columns of one name, which a field map can bring about by way of the parts of fields.
    pub fn clash(&self) -> Option<(&TableColumn, &TableColumn)> {
        let mut seen: HashMap<String, &TableColumn> = HashMap::new();
        self.columns.iter().find_map(|column| Some((seen.insert(column.name.to_lowercase(), column)?, column)))
    }

    /// The column of this name as plans have it, in lower case.
    pub fn planned(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|column| column.name.to_lowercase() == name)
    }

    /// The built-in column of this name.
    pub fn built_in(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|column| column.name == name && column.custom_key.is_none())
    }

    /// The schema that the table is in.
    pub const fn schema(&self) -> &'static str {
        CRM
    }
}

/// A built-in column's own name, unless a field was given it before the driver had such a column: statements mean the
/// field by it.
fn built_in_name(name: &str, custom: &[CustomColumn]) -> String {
    let taken = |name: &str| custom.iter().any(|column| column.name.to_lowercase() == name);
    let mut free = name.to_owned();
    while taken(&free) {
        free.push_str("_built_in");
    }
    free
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|&name| name.into()).collect()
}

fn custom_column(column: CustomColumn, fields: &[FieldDefinition], shape: &Shape) -> TableColumn {
    let reading = shape.reading(column.reading, false);
    let path = ["custom_fields", &column.key].into_iter().chain(column.part).map(str::to_owned).collect();
    TableColumn {
        path,
        fallback: None,
        reading,
        sql_type: reading.sql_type(column.length),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ENTITIES, entity};

    #[test]
    fn what_has_both_times_has_the_time_of_the_last_change_behind_them() {
        let mut found = 0;
        for entity in ENTITIES {
            let place = |name: &str| entity.columns.iter().position(|column| column.name == name);
            let (Some(_), Some(update)) = (place("add_time"), place("update_time")) else {
                assert_eq!(place("modified_time"), None, "{}", entity.name);
                continue;
            };
            assert_eq!(place("modified_time"), Some(update + 1), "{}", entity.name);
            let table = Table::new(entity, &[], &Shape::default(), &mut Vec::new());
            let column = table.columns.iter().find(|column| column.name == "modified_time").unwrap();
            assert_eq!(column.fallback.as_deref(), Some(["add_time".to_owned()].as_slice()));
            assert!(column.remarks.contains("never changed"), "{}", column.remarks);
            found += 1;
        }
        assert!(found > 0);
    }

    #[test]
    fn a_field_that_had_the_name_first_keeps_it() {
        let field = FieldDefinition {
            field_code: "c0de".repeat(10),
            field_name: "Modified_Time".into(),
            field_type: "varchar".into(),
            is_custom_field: true,
            options: None,
        };
        let mut pins = vec![Pin { key: field.field_code.clone(), name: "Modified_Time".into() }];
        let table = Table::new(entity("deals").unwrap(), &[field], &Shape::default(), &mut pins);
        let key = |name: &str| table.columns.iter().find(|column| column.name == name).unwrap().custom_key.is_some();
        assert!(key("Modified_Time") && !key("modified_time_built_in"));
        assert!(table.columns.iter().all(|column| column.name != "modified_time"));
    }
}
