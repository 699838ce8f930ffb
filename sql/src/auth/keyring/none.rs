//! A system without a keyring that this driver knows.

use super::Trouble;

/// There is no keyring to read.
pub(in crate::auth) fn read(_service: &str, _user: &str) -> Result<Option<Vec<u8>>, Trouble> {
    Err(Trouble::NoStore)
}

/// There is no keyring to write to.
pub(in crate::auth) fn write(_service: &str, _user: &str, _content: &str) -> Result<(), Trouble> {
    Err(Trouble::NoStore)
}

/// There is no keyring to delete from.
pub(in crate::auth) fn delete(_service: &str, _user: &str) -> Result<bool, Trouble> {
    Err(Trouble::NoStore)
}
