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
    /// What was spent, by whom, and what is left.
    Usage,
    /// Where the connection goes, and who is signed in.
    Connection,
    /// What holds for each property.
    Settings,
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
            required("started_at", SqlType::Timestamp, "When it was sent, or would have been"),
            required("path", SqlType::Varchar(255), "Path of the endpoint"),
            column("query", SqlType::Varchar(4000), "Query parameters"),
            column("status", SqlType::BigInt, "HTTP status; NULL when no answer came"),
            required("attempts", SqlType::BigInt, "How often it was sent; 0 for an answer from memory"),
            required("tokens", SqlType::BigInt, "API tokens by list price"),
            required("bytes", SqlType::BigInt, "Size of the answer"),
            required("milliseconds", SqlType::BigInt, "From sending to the last byte"),
            column(
                "age_ms",
                SqlType::BigInt,
                "Age of an answer from memory (ResultReuse); NULL for a request that was sent",
            ),
        ],
        rows: SystemRows::Requests,
    },
    SystemTable {
        schema: SYS,
        name: "api_usage",
        remarks: "API tokens and requests: what this connection, this process and the company have spent, and what is left",
        key: &["scope"],
        columns: &[
            required(
                "scope",
                SqlType::Varchar(16),
                "connection; process: all connections of it with the same host and sign-in; machine: its processes today; \
                 company: everybody today, as far as Pipedrive told",
            ),
            column("requests", SqlType::BigInt, "Requests that were sent"),
            column("tokens", SqlType::BigInt, "API tokens spent: by list price, of the company as Pipedrive counts"),
            column("tokens_left", SqlType::BigInt, "API tokens left of the company's day"),
            column("tokens_limit", SqlType::BigInt, "API tokens of the company's whole day"),
            column("tokens_kept", SqlType::BigInt, "What ReserveTokens leaves untouched"),
            column("resets_at", SqlType::Timestamp, "When the next day begins, if Pipedrive ever said so"),
            column("reused", SqlType::BigInt, "Answers from memory, for which nothing was sent"),
            column("waits", SqlType::BigInt, "Requests that waited for the limits of requests at once and in a window"),
            column("wait_ms", SqlType::BigInt, "How long they did together"),
        ],
        rows: SystemRows::Usage,
    },
    SystemTable {
        schema: SYS,
        name: "connection",
        remarks: "Where this connection goes, and who is signed in; one row",
        key: &["host"],
        columns: &[
            required("host", SqlType::Varchar(255), "Host that requests go to"),
            required("base_url", SqlType::Varchar(1024), "Address below which the API is"),
            column("company_id", SqlType::BigInt, "Pipedrive's number of the company"),
            column("company_domain", SqlType::Varchar(255), "First label of the company's address"),
            column("company_name", SqlType::Varchar(255), "Name of the company"),
            column("user_id", SqlType::BigInt, "Pipedrive's number of the user"),
            column("user_name", SqlType::Varchar(255), "Name of the user"),
            column("user_email", SqlType::Varchar(255), "E-mail address of the user"),
            column("user_time_zone", SqlType::Varchar(64), "Time zone that the user has set in Pipedrive"),
            required("auth_scheme", SqlType::Varchar(16), "Basic or OAuth"),
            required("signed_in_by", SqlType::Varchar(1024), "Where the sign-in comes from"),
            column(
                "expires_at",
                SqlType::Timestamp,
                "When the access token of OAuth ends; it is renewed before, where that is set up",
            ),
            column("scopes", SqlType::Varchar(4000), "Scopes of OAuth that were granted, separated by blanks"),
            required("time_zone", SqlType::Varchar(64), "Zone of every TIMESTAMP of this connection"),
            required("driver_version", SqlType::Varchar(32), "Version of the driver"),
            column("state_folder", SqlType::Varchar(1024), "Folder that state is kept in; NULL for memory"),
        ],
        rows: SystemRows::Connection,
    },
    SystemTable {
        schema: SYS,
        name: "settings",
        remarks: "Every connection property: the value in force, who gave it, the default",
        key: &["name"],
        columns: &[
            required("name", SqlType::Varchar(64), "Name of the property"),
            column("value", SqlType::Varchar(4000), "Value in force, *** for a secret; NULL for none"),
            column("source", SqlType::Varchar(64), "Where it was given; NULL for the default"),
            column(
                "default_value",
                SqlType::Varchar(255),
                "Value where none is given; NULL where there is none, or the system decides",
            ),
            required("is_secret", SqlType::Bit, "Whether the value is a secret"),
            required("help", SqlType::Varchar(1024), "What the property is for"),
        ],
        rows: SystemRows::Settings,
    },
];
