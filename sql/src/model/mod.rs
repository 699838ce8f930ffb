//! The data model: entities and their columns as data, custom fields as Pipedrive defines them.
//!
//! - one file per entity (`deals.rs`, ...): a `const` that is listed once, in [`ENTITIES`]
//! - `system.rs`: the driver's own tables (`meta.fields`, `sys.requests` and its like)
//! - `fields.rs`: field definitions as Pipedrive sends them
//! - `custom.rs`: the custom columns made of definitions, and their pinned names
//! - `field_map.rs`: names of custom columns in a file, to be the same on another machine
//! - `shape.rs`: what of all this the connection decides: labels or ids, parts of addresses
//! - `table.rs`: a table as one connection sees it: built-in and custom columns together
//!
//! Adding an entity is one file and one line here; catalog, README tables and checks follow from it.

mod activities;
mod custom;
mod deals;
mod field_map;
mod fields;
mod organizations;
mod persons;
mod pipelines;
mod products;
mod shape;
mod stages;
mod system;
mod table;
mod users;

use crate::SqlType;

pub use custom::{CustomColumn, NameStyle, Pin, pin_names};
pub use field_map::FieldMap;
pub use fields::{FieldDefinition, FieldOption};
pub use shape::{OptionValues, Shape};
pub use system::{SYSTEM_TABLES, SystemColumn, SystemRows, SystemTable};
pub use table::{Labels, Table, TableColumn};

/// Every entity, in the order in which the catalog lists them.
pub const ENTITIES: &[&Entity] = &[
    &activities::ACTIVITIES,
    &deals::DEALS,
    &deals::DEALS_ALL,
    &deals::DEALS_ARCHIVED,
    &deals::DEALS_DELETED,
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

/// Every schema.
pub const SCHEMAS: &[&str] = &[CRM, META, SYS];

/// Schema and name of every table, in the order of the catalog.
pub fn table_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let entities = ENTITIES.iter().map(|entity| (CRM, entity.name));
    entities.chain(SYSTEM_TABLES.iter().map(|table| (table.schema, table.name)))
}

/// A table whose rows are records of one kind.
#[derive(Debug)]
pub struct Entity {
    /// Table name, Pipedrive's own word for the entity.
    pub name: &'static str,
    /// One sentence for the catalog.
    pub remarks: &'static str,
    /// The name under which field definitions and pinned names are kept; tables of the same records share it.
    pub record: &'static str,
    /// The lists that together hold the rows of the table: at any moment each row is in one of them.
    pub lists: &'static [List],
    /// Where one record is asked for by its id, if that answers with every row of the table.
    pub single: Option<Single>,
    /// Whether the lists take `ids`, up to 100 of them.
    pub ids: bool,
    /// How the lists are paged.
    pub paging: Paging,
    /// Where its fields are defined, for entities whose fields are.
    pub fields: Option<Fields>,
    /// The columns that `sort_by` takes, in both directions.
    pub sorts: &'static [&'static str],
    /// The primary key.
    pub key: &'static str,
    /// The built-in columns in declared order.
    pub columns: &'static [Column],
    /// The OAuth scope that reading needs.
    pub scope: &'static str,
    /// The table that has the records which this one leaves out: archived and deleted ones.
    pub rest: Option<&'static str>,
    /// Rows of a company of some size; only the proportions among tables count, where a plan must guess.
    pub usual_rows: usize,
}

/// One list endpoint as a table uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    /// Path below `{BaseURL}/api`, such as `/v2/deals`.
    pub path: &'static str,
    /// List price of one page in API tokens (`x-token-cost`).
    pub tokens: u32,
    /// A parameter sent with every request, which picks the records by more than the values of a column.
    pub fixed: Option<(&'static str, &'static str)>,
    /// A parameter that takes a list of values of the column of the same name, and the values that make up the table:
    /// a record with another value is none of its rows.
    pub values: Option<(&'static str, &'static [&'static str])>,
    /// Flags that have this value in every record of the list.
    pub facts: &'static [(&'static str, bool)],
}

impl List {
    /// A list of all records that no flag hides.
    pub const fn new(path: &'static str, tokens: u32) -> Self {
        Self { path, tokens, fixed: None, values: None, facts: &[] }
    }

    /// Flags that have this value in every record.
    pub const fn facts(mut self, facts: &'static [(&'static str, bool)]) -> Self {
        self.facts = facts;
        self
    }

    /// A parameter sent always.
    pub const fn fixed(mut self, parameter: &'static str, value: &'static str) -> Self {
        self.fixed = Some((parameter, value));
        self
    }

    /// The values of a column that make up the table.
    pub const fn values(mut self, column: &'static str, values: &'static [&'static str]) -> Self {
        self.values = Some((column, values));
        self
    }
}

/// The endpoint of single records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Single {
    /// Path of the records, to which `/{id}` is added.
    pub path: &'static str,
    /// List price of one record in API tokens.
    pub tokens: u32,
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

    /// The table of this name under `IncludeArchived`.
    pub fn with_archived(&'static self) -> &'static Self {
        if self.name == deals::DEALS.name { &deals::DEALS_WITH_ARCHIVED } else { self }
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
    /// Where it stands when the first place is missing or null.
    pub fallback: Option<&'static [&'static str]>,
    /// How the value is read.
    pub reading: Reading,
    /// Declared length of text in characters; 0 for every other type.
    pub length: u32,
    /// False for keys and flags that are never null.
    pub nullable: bool,
    /// The table and column that the value points to.
    pub references: Option<(&'static str, &'static str)>,
    /// What the API can filter the column by.
    pub pushes: Option<Push>,
    /// Whether the value is sent only when `include_fields` names the column.
    pub computed: bool,
    /// Whether the id of an option is a text, as its documentation has it; a number elsewhere.
    pub text_id: bool,
    /// What the catalog says of it, where the name does not say it all.
    pub remarks: &'static str,
}

/// When a record was last changed: a row that was never changed has no `update_time`. Stands behind `update_time` in
/// every entity that has both times.
const MODIFIED_TIME: Column = Column::new("modified_time", &["update_time"], Reading::Timestamp)
    .or(&["add_time"])
    .remarks("update_time, or add_time for a record that was never changed; read what is new by it");

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
    /// An array of option ids, joined by `, `.
    OptionIds,
    /// An array of `{value, primary, label}`, as the values joined by `, `, the primary one first.
    Contacts,
    /// An array of `{person_id, primary}`, as the ids joined by `, `, the primary one first.
    Participants,
    /// An array of `{name, email, is_organizer}`, as `name <email>` joined by `, `, the organizer first: long text.
    Attendees,
    /// An array of `{price, currency}`, as `12.50 EUR` joined by `, `, with the digits that were sent.
    Prices,
}

/// What the API can filter a column by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Push {
    /// A query parameter that takes one value, with exactly the meaning of SQL's equality.
    Equal(&'static str),
    /// A query parameter that takes `true` or `false`.
    Flag(&'static str),
    /// The parameter of [`List::values`]: it takes a list, with exactly the meaning of SQL's IN.
    List,
    /// Parameters that take a moment in whole seconds: the first gives records from it on, the second those before it.
    Range(&'static str, Option<&'static str>),
    /// For a column that falls back on `add_time`: the parameter gives records from a moment on by what the column holds
    /// first, and the order by `add_time` finds the others.
    Modified(&'static str),
}

impl Column {
    /// A column whose value is the member of the same name.
    pub const fn new(name: &'static str, path: &'static [&'static str], reading: Reading) -> Self {
        let length = match reading {
            Reading::Text | Reading::Option => 255,
            Reading::Options | Reading::OptionIds | Reading::Contacts | Reading::Participants | Reading::Prices => 1024,
            _ => 0,
        };
        Self {
            name,
            path,
            fallback: None,
            reading,
            length,
            nullable: true,
            references: None,
            pushes: None,
            computed: false,
            text_id: false,
            remarks: "",
        }
    }

    /// Takes the value from here when the first place is missing or null, as COALESCE does.
    pub const fn or(mut self, path: &'static [&'static str]) -> Self {
        self.fallback = Some(path);
        self
    }

    /// Says more than the name does.
    pub const fn remarks(mut self, remarks: &'static str) -> Self {
        self.remarks = remarks;
        self
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

    /// The API filters by a flag under `parameter`, with exactly SQL's meaning.
    pub const fn pushes_flag(mut self, parameter: &'static str) -> Self {
        self.pushes = Some(Push::Flag(parameter));
        self
    }

    /// The lists take values of the column ([`List::values`]), with exactly the meaning of SQL's IN.
    pub const fn pushes_list(mut self) -> Self {
        self.pushes = Some(Push::List);
        self
    }

    /// The API gives records from `since` on, and those before `until` where it takes that.
    pub const fn pushes_range(mut self, since: &'static str, until: Option<&'static str>) -> Self {
        self.pushes = Some(Push::Range(since, until));
        self
    }

    /// The API gives records from `since` on, as far as they do not fall back on `add_time`.
    pub const fn pushes_modified(mut self, since: &'static str) -> Self {
        self.pushes = Some(Push::Modified(since));
        self
    }

    /// Sent only on request.
    pub const fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// The id of an option is documented as a text.
    pub const fn text_id(mut self) -> Self {
        self.text_id = true;
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
            Self::Text
            | Self::Option
            | Self::Options
            | Self::OptionIds
            | Self::Contacts
            | Self::Participants
            | Self::Prices => SqlType::Varchar(length),
            Self::LongText | Self::Attendees => SqlType::LongVarchar,
            Self::Timestamp => SqlType::Timestamp,
            Self::Date => SqlType::Date,
            Self::Time => SqlType::Time,
        }
    }
}

/// Flags of records that neither an archive nor a list of deleted ones holds.
const PRESENT: &[(&str, bool)] = &[("is_deleted", false)];

/// The columns that most lists of v2 sort by.
const SORTS: &[&str] = &["id", "update_time", "add_time"];

/// The entity of this name, matched without case.
pub fn entity(name: &str) -> Option<&'static Entity> {
    ENTITIES.iter().copied().find(|entity| entity.name.eq_ignore_ascii_case(name))
}
