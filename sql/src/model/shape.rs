//! What the connection decides of the columns of its tables.

use std::sync::Arc;

use super::{FieldMap, NameStyle, Reading};

/// What the columns of tables are like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// What custom columns are called at first sight.
    pub names: NameStyle,
    /// What columns of options give.
    pub option_values: OptionValues,
    /// Whether addresses have columns for their parts.
    pub address_parts: bool,
    /// Names that come before all others.
    pub map: Arc<FieldMap>,
}

/// What columns of options give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OptionValues {
    /// The labels that people see.
    #[default]
    Label,
    /// The ids that the API has.
    Id,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            names: NameStyle::default(),
            option_values: OptionValues::default(),
            address_parts: true,
            map: Arc::default(),
        }
    }
}

/// Members of an address besides `value`, its whole text.
const ADDRESS_PARTS: &[&str] = &[
    "formatted_address",
    "street_number",
    "route",
    "subpremise",
    "sublocality",
    "locality",
    "admin_area_level_1",
    "admin_area_level_2",
    "country",
    "postal_code",
];

impl Shape {
    /// Whether tables have the column whose value is this member of an object.
    pub(super) fn has(&self, member: Option<&str>) -> bool {
        self.address_parts || member.is_none_or(|member| !ADDRESS_PARTS.contains(&member))
    }

    /// How a value that is declared to be read so is read; `text_id` as [`super::Column::text_id`].
    ///
    /// Ids of custom options, and of most others, are documented as whole numbers.
    pub(super) fn reading(&self, declared: Reading, text_id: bool) -> Reading {
        match (self.option_values, declared) {
            (OptionValues::Id, Reading::Option) if text_id => Reading::Text,
            (OptionValues::Id, Reading::Option) => Reading::BigInt,
            (OptionValues::Id, Reading::Options) => Reading::OptionIds,
            (_, declared) => declared,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqlType;
    use crate::model::{ENTITIES, Table};

    /// Built-in columns of all tables.
    fn columns(shape: &Shape) -> Vec<(String, SqlType)> {
        let tables = ENTITIES.iter().map(|entity| Table::new(entity, &[], shape, &mut Vec::new()));
        let named = |table: Table| {
            let name = table.entity.name;
            table.columns.into_iter().map(move |column| (format!("{name}.{}", column.name), column.sql_type))
        };
        tables.flat_map(named).collect()
    }

    #[test]
    fn without_address_parts_addresses_keep_their_text_alone() {
        let (all, some) = (columns(&Shape::default()), columns(&Shape { address_parts: false, ..Shape::default() }));
        let gone: Vec<_> = all.iter().filter(|column| !some.contains(column)).map(|column| &*column.0).collect();
        assert_eq!(gone.len(), 27, "nine parts of three addresses: {gone:?}");
        for name in ["persons.postal_address_route", "organizations.address_country", "activities.location_locality"] {
            assert!(gone.contains(&name), "{name} is not in {gone:?}");
        }
        for name in ["persons.postal_address", "organizations.address", "activities.location"] {
            assert!(some.iter().any(|column| column.0 == name), "{name}");
        }
    }

    #[test]
    fn ids_of_options_are_numbers_where_the_documents_say_so() {
        let ids = columns(&Shape { option_values: OptionValues::Id, ..Shape::default() });
        for (name, sql_type) in [
            ("organizations.industry", SqlType::BigInt),
            ("activities.priority", SqlType::BigInt),
            ("products.category", SqlType::Varchar(255)),
            ("deals.label_ids", SqlType::Varchar(1024)),
        ] {
            assert!(ids.contains(&(name.into(), sql_type)), "{name}");
        }
    }
}
