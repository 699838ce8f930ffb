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

#[derive(Debug, Clone)]
pub struct Secret;
impl Secret {
    pub fn expose(&self) -> &str {
        ""
    }
}
impl Settings {
    pub fn state_location(&self) -> Option<&std::path::Path> {
        None
    }
    pub fn token(&self) -> &Secret {
        &Secret
    }
    pub fn metadata_max_age(&self) -> u64 {
        0
    }
    pub fn check_company(&self, _d: &str) -> Result<()> {
        Ok(())
    }
    pub fn custom_field_names(&self) -> crate::model::NameStyle {
        Default::default()
    }
    pub fn page_size(&self) -> usize {
        500
    }
    pub fn pushdown(&self) -> bool {
        true
    }
    pub fn max_tokens(&self) -> Option<u64> {
        None
    }

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
