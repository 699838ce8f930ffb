//! Table providers.
