//! The login keychain of macOS. Reading turns the system's dialogs off for as long as it takes.

use apple_native_keyring_store::keychain::Store;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error as StoreError};
use security_framework::base::Error as SecurityError;
use security_framework::os::macos::keychain::SecKeychain;

use super::{Trouble, trouble};

/// The content of an entry; `None` when there is none. Opens no dialog: what would need one counts as locked.
pub(in crate::auth) fn read(service: &str, user: &str) -> Result<Option<Vec<u8>>, Trouble> {
    let _silence = SecKeychain::disable_user_interaction().map_err(|error| Trouble::Failed(error.to_string()))?;
    match entry(service, user)?.get_secret() {
        Ok(secret) => Ok(Some(secret)),
        Err(StoreError::NoEntry) => Ok(None),
        Err(StoreError::PlatformFailure(error)) if wants_a_dialog(error.downcast_ref()) => Err(Trouble::Locked),
        Err(error) => Err(trouble(error)),
    }
}

/// errSecAuthFailed, errSecInteractionNotAllowed, errSecInteractionRequired: somebody would have to be asked.
const DIALOG: &[i32] = &[-25_293, -25_308, -25_315];

fn wants_a_dialog(error: Option<&SecurityError>) -> bool {
    error.is_some_and(|error| DIALOG.contains(&error.code()))
}

/// Writes an entry, in place of what it held. May open a dialog.
pub(in crate::auth) fn write(service: &str, user: &str, content: &str) -> Result<(), Trouble> {
    entry(service, user)?.set_password(content).map_err(trouble)
}

/// Deletes an entry; `false` when there is none. May open a dialog.
pub(in crate::auth) fn delete(service: &str, user: &str) -> Result<bool, Trouble> {
    match entry(service, user)?.delete_credential() {
        Ok(()) => Ok(true),
        Err(StoreError::NoEntry) => Ok(false),
        Err(error) => Err(trouble(error)),
    }
}

fn entry(service: &str, user: &str) -> Result<Entry, Trouble> {
    Store::new().and_then(|store| store.build(service, user, None)).map_err(trouble)
}
