//! The Secret Service of a Linux desktop: GNOME Keyring, KWallet, KeePassXC.
//!
//! Reading asks the service itself: the store's own look-up unlocks what is locked, which opens a dialog and waits for
//! it without limit. It runs in a runtime of its own, made for the call, so that a forked process shares none with
//! its parent. Writing and deleting go through the store, which unlocks, too: so it is looked before whether there is
//! anything to unlock, where nobody is there to answer.

use std::collections::HashMap;
use std::future::Future;

use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use secret_service::{EncryptionType, Error as ServiceError, SecretService};
use tokio::runtime::Builder;
use zbus_secret_service_keyring_store::Store;

use super::{Trouble, trouble};

/// The content of an entry; `None` when there is none. Opens no dialog.
pub(in crate::auth) fn read(service: &str, user: &str) -> Result<Option<Vec<u8>>, Trouble> {
    alone(async {
        let keyring = connect().await?;
        // The attributes by which the store finds its entries.
        let attributes = HashMap::from([("service", service), ("username", user)]);
        let found = keyring.search_items(attributes).await.map_err(failed)?;
        match (found.unlocked.first(), found.locked.is_empty()) {
            (Some(item), _) => item.get_secret().await.map(Some).map_err(failed),
            (None, false) => Err(Trouble::Locked),
            // A locked collection need not tell what it has.
            (None, true) if is_locked(&keyring).await? => Err(Trouble::Locked),
            (None, true) => Ok(None),
        }
    })
}

/// Has the service unlock what the entry is or would be in. It asks the person in a dialog; where none can be shown, or it
/// is dismissed, that is [`Trouble::Locked`].
pub(in crate::auth) fn unlock(service: &str, user: &str) -> Result<(), Trouble> {
    alone(async {
        let keyring = connect().await?;
        let attributes = HashMap::from([("service", service), ("username", user)]);
        let found = keyring.search_items(attributes).await.map_err(failed)?;
        if let Some(item) = found.locked.first() {
            return item.unlock().await.map_err(failed);
        }
        match keyring.get_default_collection().await {
            Ok(collection) => collection.unlock().await.map_err(failed),
            Err(ServiceError::NoResult) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    })
}

/// The entry, whether or not it is there.
pub(super) fn entry(service: &str, user: &str) -> Result<Entry, Trouble> {
    // The store's errors do not tell a missing bus from a missing keyring.
    alone(async { connect().await.map(drop) })?;
    Store::new().and_then(|store| store.build(service, user, None)).map_err(trouble)
}

/// Does something with the entry, whether or not it is there. Opens no dialog: what would need one is [`Trouble::Locked`],
/// unless somebody locks the keyring at this very moment.
pub(super) fn silently<T>(
    service: &str,
    user: &str,
    work: impl FnOnce(&Entry) -> keyring_core::Result<T>,
) -> Result<T, Trouble> {
    let locked = alone(async {
        let keyring = connect().await?;
        let attributes = HashMap::from([("service", service), ("username", user)]);
        let found = keyring.search_items(attributes).await.map_err(failed)?;
        Ok(!found.locked.is_empty() || is_locked(&keyring).await?)
    })?;
    if locked {
        return Err(Trouble::Locked);
    }
    let entry = Store::new().and_then(|store| store.build(service, user, None)).map_err(trouble)?;
    work(&entry).map_err(trouble)
}

/// Runs a conversation with the service on this thread.
fn alone<T>(conversation: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Trouble::Failed(error.to_string()))?;
    runtime.block_on(conversation)
}

/// The service, by a connection of its own to the session bus.
async fn connect() -> Result<SecretService<'static>, Trouble> {
    let bus = zbus::Connection::session().await.map_err(|_| Trouble::NoBus)?;
    SecretService::connect_with_existing(EncryptionType::Dh, bus).await.map_err(failed)
}

/// Whether the collection that entries go to is locked; without one nothing is.
async fn is_locked(keyring: &SecretService<'_>) -> Result<bool, Trouble> {
    match keyring.get_default_collection().await {
        Ok(collection) => collection.is_locked().await.map_err(failed),
        Err(ServiceError::NoResult) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

/// Names of errors by which the bus says that nobody offers the service.
const NOBODY: &[&str] = &["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"];
/// Start of the names of errors by which the bus says that it could not start whoever offers the service.
const NOT_STARTED: &str = "org.freedesktop.DBus.Error.Spawn.";
/// The service's own word for a locked item.
const IS_LOCKED: &str = "org.freedesktop.Secret.Error.IsLocked";

fn failed(error: ServiceError) -> Trouble {
    match error {
        ServiceError::Locked | ServiceError::Prompt => Trouble::Locked,
        ServiceError::Unavailable => Trouble::NoStore,
        ServiceError::Zbus(zbus::Error::MethodError(name, words, _)) => match name.as_str() {
            IS_LOCKED => Trouble::Locked,
            name if NOBODY.contains(&name) || name.starts_with(NOT_STARTED) => Trouble::NoStore,
            name => Trouble::Failed(words.unwrap_or_else(|| name.to_owned())),
        },
        error => Trouble::Failed(error.to_string()),
    }
}
