//! The Credential Manager of Windows. It is open as long as the user is signed in, and has no dialogs.

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error as StoreError};
use windows_native_keyring_store::store::Store;

use super::{Trouble, trouble};

/// The content of an entry; `None` when there is none.
pub(in crate::auth) fn read(service: &str, user: &str) -> Result<Option<Vec<u8>>, Trouble> {
    // Text goes in and comes out as text: the store keeps it in UTF-16.
    match entry(service, user)?.get_password() {
        Ok(content) => Ok(Some(content.into_bytes())),
        Err(StoreError::NoEntry) => Ok(None),
        Err(error) => Err(trouble(error)),
    }
}

/// Nothing is locked.
pub(in crate::auth) fn unlock(_service: &str, _user: &str) -> Result<(), Trouble> {
    Ok(())
}

/// The entry, whether or not it is there.
pub(super) fn entry(service: &str, user: &str) -> Result<Entry, Trouble> {
    Store::new().and_then(|store| store.build(service, user, None)).map_err(trouble)
}

/// Does something with the entry, whether or not it is there. Nothing is locked, and there are no dialogs.
pub(super) fn silently<T>(
    service: &str,
    user: &str,
    work: impl FnOnce(&Entry) -> keyring_core::Result<T>,
) -> Result<T, Trouble> {
    work(&entry(service, user)?).map_err(trouble)
}
