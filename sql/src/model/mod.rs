//! The data model: entities and their columns as data, custom fields as Pipedrive defines them.
//!
//! - one file per entity (`deals.rs`, ...): a `const` that is listed once, in [`ENTITIES`]
//! - `system.rs`: the driver's own tables (`meta.fields`, `sys.requests`)
//! - `fields.rs`: field definitions as Pipedrive sends them
//! - `custom.rs`: the custom columns made of definitions, and their pinned names
//! - `table.rs`: a table as one connection sees it: built-in and custom columns together
//!
//! Adding an entity is one file and one line here; catalog, README tables and checks follow from it.

mod activities;
mod custom;
mod deals;
mod fields;
mod organizations;
mod persons;
mod pipelines;
mod products;
mod stages;
mod system;
mod table;
mod users;

use crate::SqlType;

pub use custom::{CustomColumn, NameStyle, Pin, pin_names};
pub use fields::{FieldDefinition, FieldOption};
pub use system::{SYSTEM_TABLES, SystemColumn, SystemRows, SystemTable};
pub use table::{Labels, Table, TableColumn};

/// Every entity, in the order in which the catalog lists them.
pub const ENTITIES: &[&Entity] = &[
    &activities::ACTIVITIES,
    &deals::DEALS,
    &organizations::ORGANIZATIONS,
    &persons::PERSONS,
    &pipelines::PIPELINES,
    &products::PRODUCTS,
    &stages::STAGES,
    &users::USERS,
];

/// The catalog that every table is in.
pub const CATALOG: &str = "pipedrive";
/// The schema of entities; a bare table name is looked up here first.
pub const CRM: &str = "crm";
/// The schema of fields and options.
pub const META: &str = "meta";
/// The schema of the driver itself.
pub const SYS: &str = "sys";

/// A table whose rows are an endpoint's records.
#[derive(Debug)]
pub struct Entity {
    /// Table name, Pipedrive's own word for the entity.
    pub name: &'static str,
    /// One sentence for the catalog.
    pub remarks: &'static str,
    /// Path of the list endpoint below `{BaseURL}/api`, such as `/v2/deals`.
    pub list: &'static str,
    /// List price of one page in API tokens (`x-token-cost`).
    pub list_tokens: u32,
    /// Whether `{list}/{id}` gives one record, and its price in tokens.
    pub single: Option<u32>,
    /// Whether the list takes `ids`, up to 100 of them.
    pub ids: bool,
    /// How the list is paged.
    pub paging: Paging,
    /// Where its fields are defined, for entities whose fields are.
    pub fields: Option<Fields>,
    /// Query parameters sent with every list request, such as the values of `status` that make up the table.
    /// Where a column has the parameter's name, a row with another value is not of the table.
    pub fixed: &'static [(&'static str, &'static str)],
    /// Flags that take a row out of the table when they are true: a single get may answer with a deleted record
    /// that no list has, and a predicate must never make a row appear.
    pub absent: &'static [&'static str],
    /// Whether the list takes `sort_by=id`.
    pub sorts: bool,
    /// The primary key.
    pub key: &'static str,
    /// The built-in columns in declared order.
    pub columns: &'static [Column],
    /// The OAuth scope that reading needs.
    pub scope: &'static str,
}

/// Where the definitions of an entity's fields come from: its custom fields, and the labels of its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    /// Path of the endpoint below `{BaseURL}/api`, such as `/v2/dealFields`.
    pub path: &'static str,
    /// The OAuth scope that reading them needs; not always that of the records.
    pub scope: &'static str,
    /// Whether records have custom fields.
    pub custom: bool,
}

impl Fields {
    /// Definitions at `path`, custom fields among them.
    pub const fn new(path: &'static str, scope: &'static str) -> Self {
        Self { path, scope, custom: true }
    }

    /// Records have no custom fields, whatever is defined: columns of them would always be NULL.
    pub const fn without_custom(mut self) -> Self {
        self.custom = false;
        self
    }
}

impl Entity {
    /// Whether its records have custom fields.
    pub fn has_custom_fields(&self) -> bool {
        self.fields.is_some_and(|fields| fields.custom)
    }
}

/// How an endpoint hands out its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// v2: `limit` and `cursor`, `additional_data.next_cursor`.
    Cursor,
    /// v1 without paging: everything in one answer.
    Whole,
}

/// A built-in column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name, Pipedrive's own where it has one.
    pub name: &'static str,
    /// Where the value stands in a record: one to three member names.
    pub path: &'static [&'static str],
    /// How the value is read.
    pub reading: Reading,
    /// Declared length of text in characters; 0 for every other type.
    pub length: u32,
    /// False for keys and flags that are never null.
    pub nullable: bool,
    /// The table and column that the value points to.
    pub references: Option<(&'static str, &'static str)>,
    /// The query parameter whose equality is exactly SQL's.
    pub pushes: Option<Push>,
    /// Whether the value is sent only when `include_fields` names the column.
    pub computed: bool,
}

/// How JSON becomes a value of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// A JSON number without a fraction, or such a number in quotes.
    BigInt,
    /// A JSON number, read as DECIMAL(19,4) from its digits, never through a float.
    Money,
    /// A JSON number.
    Double,
    /// `true`, `false`, 0 or 1.
    Bit,
    /// A string; a number or flag as its JSON text.
    Text,
    /// As [`Self::Text`], for text without a bound worth naming.
    LongText,
    /// `2026-04-01T22:03:27Z`, with or without a fraction, or v1's `2026-04-01 22:03:28`, always UTC.
    Timestamp,
    /// `2026-04-01`.
    Date,
    /// `22:03` or `22:03:27`.
    Time,
    /// One option id, as the label that the definition of the column's field gives it.
    Option,
    /// An array of option ids, as labels joined by `, `.
    Options,
    /// An array of `{value, primary, label}`, as the values joined by `, `, the primary one first.
    Contacts,
    /// An array of `{person_id, primary}`, as the ids joined by `, `, the primary one first.
    Participants,
    /// An array of `{name, email, is_organizer}`, as `name <email>` joined by `, `, the organizer first: long text.
    Attendees,
    /// An array of `{price, currency}`, as `12.50 EUR` joined by `, `, with the digits that were sent.
    Prices,
}

/// What the API can filter a column by, where its meaning is exactly SQL's equality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Push {
    /// A query parameter that takes one value.
    Equal(&'static str),
    /// A query parameter that takes a list; an entity's `fixed` value of the same name is replaced.
    List(&'static str),
    /// A query parameter that takes `true` or `false`.
    Flag(&'static str),
}

impl Column {
    /// A column whose value is the member of the same name.
    pub const fn new(name: &'static str, path: &'static [&'static str], reading: Reading) -> Self {
        let length = match reading {
            Reading::Text | Reading::Option => 255,
            Reading::Options | Reading::Contacts | Reading::Participants | Reading::Prices => 1024,
            _ => 0,
        };
        Self { name, path, reading, length, nullable: true, references: None, pushes: None, computed: false }
    }

    /// Text of at most `length` characters.
    pub const fn length(mut self, length: u32) -> Self {
        self.length = length;
        self
    }

    /// Never null.
    pub const fn required(mut self) -> Self {
        self.nullable = false;
        self
    }

    /// Points to `table.column`.
    pub const fn references(mut self, table: &'static str, column: &'static str) -> Self {
        self.references = Some((table, column));
        self
    }

    /// The API filters by equality under `parameter`, with exactly SQL's meaning.
    pub const fn pushes(mut self, parameter: &'static str) -> Self {
        self.pushes = Some(Push::Equal(parameter));
        self
    }

    /// The API takes a list under `parameter`, with exactly the meaning of SQL's IN.
    pub const fn pushes_list(mut self, parameter: &'static str) -> Self {
        self.pushes = Some(Push::List(parameter));
        self
    }

    /// The API filters by a flag under `parameter`, with exactly SQL's meaning.
    pub const fn pushes_flag(mut self, parameter: &'static str) -> Self {
        self.pushes = Some(Push::Flag(parameter));
        self
    }

    /// Sent only on request.
    pub const fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// The SQL type.
    pub const fn sql_type(&self) -> SqlType {
        self.reading.sql_type(self.length)
    }
}

impl Reading {
    /// The SQL type of values read so; `length` counts for text only.
    pub const fn sql_type(self, length: u32) -> SqlType {
        match self {
            Self::BigInt => SqlType::BigInt,
            Self::Money => SqlType::Decimal { precision: 19, scale: 4 },
            Self::Double => SqlType::Double,
            Self::Bit => SqlType::Bit,
            Self::Text | Self::Option | Self::Options | Self::Contacts | Self::Participants | Self::Prices => {
                SqlType::Varchar(length)
            }
            Self::LongText | Self::Attendees => SqlType::LongVarchar,
            Self::Timestamp => SqlType::Timestamp,
            Self::Date => SqlType::Date,
            Self::Time => SqlType::Time,
        }
    }
}

/// The entity of this name, matched without case.
pub fn entity(name: &str) -> Option<&'static Entity> {
    ENTITIES.iter().copied().find(|entity| entity.name.eq_ignore_ascii_case(name))
}
