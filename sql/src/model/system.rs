//! The driver's own tables.

/// A table that the driver answers itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemTable {
    /// `meta.fields`: every field of every entity, its key, label, pinned name and type.
    Fields,
    /// `sys.requests`: what this connection asked of the host, and what it cost.
    Requests,
}
