//! The login keychain of macOS. Reading, and writing where nobody is to be asked, turn the system's
//! dialogs off for as long as they take.

use apple_native_keyring_store::keychain::Store;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error as StoreError};
use security_framework::base::Error as SecurityError;
use security_framework::os::macos::keychain::SecKeychain;

use super::{Trouble, trouble};

/// The content of an entry; `None` when there is none. Opens no dialog: what would need one counts as locked.
pub(in crate::auth) fn read(service: &str, user: &str) -> Result<Option<Vec<u8>>, Trouble> {
    silently(service, user, |entry| match entry.get_secret() {
        Ok(secret) => Ok(Some(secret)),
        Err(StoreError::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
}

/// Does something with the entry, whether or not it is there. Opens no dialog: what would need one counts as locked.
pub(super) fn silently<T>(
    service: &str,
    user: &str,
    work: impl FnOnce(&Entry) -> keyring_core::Result<T>,
) -> Result<T, Trouble> {
    let _silence = SecKeychain::disable_user_interaction().map_err(|error| Trouble::Failed(error.to_string()))?;
    work(&entry(service, user)?).map_err(|error| match error {
        StoreError::PlatformFailure(error) if wants_a_dialog(error.downcast_ref()) => Trouble::Locked,
        error => trouble(error),
    })
}

/// Has the system unlock the keychain that entries go to. It asks the person in a dialog, unless it is open.
pub(in crate::auth) fn unlock(_service: &str, _user: &str) -> Result<(), Trouble> {
    let unlocked = SecKeychain::default().and_then(|mut keychain| keychain.unlock(None));
    unlocked.map_err(|error| match wants_a_dialog(Some(&error)) || error.code() == DISMISSED {
        true => Trouble::Locked,
        false => Trouble::Failed(error.to_string()),
    })
}

/// errSecUserCanceled.
const DISMISSED: i32 = -128;
/// errSecAuthFailed, errSecInteractionNotAllowed, errSecInteractionRequired: somebody would have to be asked.
const DIALOG: &[i32] = &[-25_293, -25_308, -25_315];

fn wants_a_dialog(error: Option<&SecurityError>) -> bool {
    error.is_some_and(|error| DIALOG.contains(&error.code()))
}

/// The entry, whether or not it is there.
pub(super) fn entry(service: &str, user: &str) -> Result<Entry, Trouble> {
    Store::new().and_then(|store| store.build(service, user, None)).map_err(trouble)
}
