//! Connection properties, declared once.
//!
//! - `property.rs`: the table of properties: name, aliases, type, default, secret, help
//! - `connection_string.rs`: ODBC's `keyword=value;` grammar, read and written
//! - `secret.rs`: a value that never shows itself
//!
//! Drives the driver, the README and later the command and the builder.

use crate::{Result, Warning};

/// Where a property came from. A secret goes only to the host that the same source names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The connection string (or the user and password of SQLConnect).
    ConnectionString,
    /// The data source's entry in odbc.ini or the registry.
    Dsn,
    /// An environment variable.
    Environment,
}

/// What a connection needs to know, resolved from its sources.
#[derive(Debug, Clone)]
pub struct Settings {}

impl Settings {
    /// Resolves keyword and value pairs; an earlier source wins, and within one the first mention.
    /// Unknown keywords become warnings with a suggestion.
    pub fn resolve(_sources: &[(Source, Vec<(String, String)>)]) -> Result<(Self, Vec<Warning>)> {
        Ok((Self {}, Vec::new()))
    }
}

/// Splits a connection string into its pairs, braces undone.
pub fn parse_connection_string(_text: &str) -> Result<Vec<(String, String)>> {
    Ok(Vec::new())
}
