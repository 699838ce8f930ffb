//! No keyring on this system.

use keyring_core::Entry;

use super::Trouble;

/// Always [`Trouble::NoStore`].
pub(in crate::auth) fn read(_service: &str, _user: &str) -> Result<Option<Vec<u8>>, Trouble> {
    Err(Trouble::NoStore)
}

/// Always [`Trouble::NoStore`].
pub(in crate::auth) fn unlock(_service: &str, _user: &str) -> Result<(), Trouble> {
    Err(Trouble::NoStore)
}

/// Always [`Trouble::NoStore`].
pub(super) fn entry(_service: &str, _user: &str) -> Result<Entry, Trouble> {
    Err(Trouble::NoStore)
}

/// Always [`Trouble::NoStore`].
pub(super) fn silently<T>(
    _service: &str,
    _user: &str,
    _work: impl FnOnce(&Entry) -> keyring_core::Result<T>,
) -> Result<T, Trouble> {
    Err(Trouble::NoStore)
}
