//! SQLGetInfo and SQLGetFunctions as data.
//! stub

use pipedrive_sql::session::Identity;

/// The value of an information type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Info {
    /// A text.
    Text(String),
    /// A SQLUSMALLINT.
    Short(u16),
    /// A SQLUINTEGER, often a bit mask.
    Long(u32),
}

/// What the answers depend on beside the driver itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Name of the data source, empty without one.
    pub(crate) data_source: String,
    /// Who is signed in, and where.
    pub(crate) identity: Identity,
}

/// The answer to an information type; `None` for one that is not known (HY096).
pub(crate) fn info(_info_type: u16, _facts: &Facts) -> Option<Info> {
    None
}

/// The functions that the driver has, by their numbers (SQL_API_*), ascending.
pub(crate) const FUNCTIONS: &[u16] = &[];
