//! The platform's keyring: bytes by service and user. Opened for each call and dropped, so that a service which
//! started before its session bus finds it later; never the store of the whole process, which is another program's.
//!
//! - `secret_service.rs`: Linux
//! - `keychain.rs`: macOS
//! - `credential_manager.rs`: Windows
//! - `none.rs`: everything else
//!
//! Each has four functions: `read`, which opens no dialog, `unlock`, which may, `entry`, through which is written and
//! deleted, where one may open, too, and `silently`, which does that where none may. All of them block, and must be called
//! on plain threads.

#[cfg_attr(target_os = "linux", path = "secret_service.rs")]
#[cfg_attr(target_os = "macos", path = "keychain.rs")]
#[cfg_attr(windows, path = "credential_manager.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "macos", windows)), path = "none.rs")]
mod store;

use keyring_core::{Entry, Error};

use super::Trouble;

pub(super) use store::{read, unlock};

/// Writes an entry, in place of what it held. May open a dialog.
pub(super) fn write(service: &str, user: &str, content: &str) -> Result<(), Trouble> {
    store::entry(service, user)?.set_password(content).map_err(trouble)
}

/// Deletes an entry; `false` when there is none. May open a dialog.
pub(super) fn delete(service: &str, user: &str) -> Result<bool, Trouble> {
    deleted(&store::entry(service, user)?).map_err(trouble)
}

/// [`write()`], and a keyring that is locked is [`Trouble::Locked`]: nobody is asked.
pub(super) fn write_silently(service: &str, user: &str, content: &str) -> Result<(), Trouble> {
    store::silently(service, user, |entry| entry.set_password(content))
}

/// [`delete`], and a keyring that is locked is [`Trouble::Locked`]: nobody is asked.
pub(super) fn delete_silently(service: &str, user: &str) -> Result<bool, Trouble> {
    store::silently(service, user, deleted)
}

fn deleted(entry: &Entry) -> Result<bool, Error> {
    match entry.delete_credential() {
        Ok(()) => Ok(true),
        Err(Error::NoEntry) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The trouble behind an error of a store. Its text is left out where it could show a secret.
fn trouble(error: Error) -> Trouble {
    match error {
        Error::NoStorageAccess(_) => Trouble::Locked,
        Error::NoDefaultStore => Trouble::NoStore,
        Error::TooLong(..) => Trouble::TooLong,
        Error::PlatformFailure(error) => Trouble::Failed(error.to_string()),
        Error::Ambiguous(entries) => Trouble::Failed(format!("it has {} entries of one name", entries.len())),
        Error::NotSupportedByStore(what) => Trouble::Failed(what),
        _ => Trouble::Failed("its entry cannot be read".to_owned()),
    }
}
