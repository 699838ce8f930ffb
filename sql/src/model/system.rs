//! The driver's own tables: declared here, filled by `plan/system.rs`.

use super::{META, SYS};
use crate::SqlType;

/// A table that the driver answers itself.
#[derive(Debug)]
pub struct SystemTable {
    /// Its schema.
    pub schema: &'static str,
    /// Its name.
    pub name: &'static str,
    /// One sentence for the catalog.
    pub remarks: &'static str,
    /// Columns of the primary key.
    pub key: &'static [&'static str],
    /// Its columns in declared order.
    pub columns: &'static [SystemColumn],
    /// Which rows it has.
    pub rows: SystemRows,
}

/// A column of a [`SystemTable`].
#[derive(Debug, Clone, Copy)]
pub struct SystemColumn {
    /// Name.
    pub name: &'static str,
    /// Type.
    pub sql_type: SqlType,
    /// False only where NULL is impossible.
    pub nullable: bool,
    /// What the catalog says of it.
    pub remarks: &'static str,
}

/// What fills a [`SystemTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemRows {
    /// Every column of every entity, with the key, label and type of its field.
    Fields,
    /// What this connection asked of the host, and what it cost.
    Requests,
}

const fn column(name: &'static str, sql_type: SqlType, remarks: &'static str) -> SystemColumn {
    SystemColumn { name, sql_type, nullable: true, remarks }
}

const fn required(name: &'static str, sql_type: SqlType, remarks: &'static str) -> SystemColumn {
    SystemColumn { name, sql_type, nullable: false, remarks }
}

/// Every system table, in the order in which the catalog lists them.
pub const SYSTEM_TABLES: &[SystemTable] = &[
    SystemTable {
        schema: META,
        name: "fields",
        remarks: "Every column of every table, with the key and label of its Pipedrive field",
        key: &["table_name", "column_name"],
        columns: &[
            required("table_name", SqlType::Varchar(64), "Table of the schema crm"),
            required("column_name", SqlType::Varchar(64), "Name of the column"),
            required("ordinal", SqlType::BigInt, "Position of the column, from 1"),
            required("data_type", SqlType::Varchar(32), "SQL type of the column"),
            required("is_custom", SqlType::Bit, "Whether it comes from a custom field"),
            column("field_key", SqlType::Varchar(64), "Key of the custom field in the API"),
            column("field_label", SqlType::Varchar(255), "Label of the custom field at present"),
            column("option_count", SqlType::BigInt, "How many options the field has"),
        ],
        rows: SystemRows::Fields,
    },
    SystemTable {
        schema: SYS,
        name: "requests",
        remarks: "What this connection asked of Pipedrive, and what it cost",
        key: &["number"],
        columns: &[
            required("number", SqlType::BigInt, "Running number within the connection, from 1"),
            required("started_at", SqlType::Timestamp, "When it was sent"),
            required("path", SqlType::Varchar(255), "Path of the endpoint"),
            column("query", SqlType::Varchar(4000), "Query parameters"),
            column("status", SqlType::BigInt, "HTTP status; NULL when no answer came"),
            required("attempts", SqlType::BigInt, "How often it was sent"),
            required("tokens", SqlType::BigInt, "API tokens by list price"),
            required("bytes", SqlType::BigInt, "Size of the answer"),
            required("milliseconds", SqlType::BigInt, "From sending to the last byte"),
        ],
        rows: SystemRows::Requests,
    },
];
