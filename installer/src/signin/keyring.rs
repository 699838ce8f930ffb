//! Whether a keyring can be used, and what is said of one that gives or takes nothing. Nothing is ever kept in plain text in
//! its place.

use std::io::{self, IsTerminal};
use std::time::Duration;

use pipedrive_sql::auth::{Keeping, Trouble};

use crate::failure::{Failure, Kind};
use crate::shell::word;

/// How long somebody at a terminal may take for the keyring's dialog.
const DIALOG: Duration = Duration::from_secs(120);

/// How long a keyring may take that may ask somebody: as long as a person needs, where there is one.
pub(super) fn patience(limit: Duration) -> Duration {
    if is_attended() { limit.max(DIALOG) } else { limit }
}

/// Whether somebody is there who can answer a dialog.
fn is_attended() -> bool {
    io::stdin().is_terminal() || io::stderr().is_terminal()
}

/// Whether the keyring can take something, before anybody types a token in vain: one that is locked is unlocked first
/// where somebody is there to do it.
///
/// # Errors
/// `SignIn` where there is none, or one that stays locked.
pub(super) fn check(keeping: &Keeping, limit: Duration, data_source: Option<&str>) -> Result<(), Failure> {
    usable(keeping, limit).map_err(|trouble| untaken(&trouble, data_source))
}

/// Whether the keyring can take something; unlocked first where somebody is there to do it.
///
/// # Errors
/// Any trouble but an entry that is not there or of another version.
pub(super) fn usable(keeping: &Keeping, limit: Duration) -> Result<(), Trouble> {
    if is_attended() { open(keeping, limit) } else { look(keeping, limit) }
}

/// Has the keyring unlocked if it is locked.
///
/// # Errors
/// Any trouble but an entry that is not there or of another version.
pub(super) fn open(keeping: &Keeping, limit: Duration) -> Result<(), Trouble> {
    match look(keeping, limit) {
        Err(Trouble::Locked) => keeping.unlock(patience(limit)).or_else(|trouble| {
            // Another program may have unlocked it meanwhile.
            look(keeping, limit).map_err(|_| trouble)
        }),
        looked => looked,
    }
}

/// Whatever a keyring may have: it answers, or it does not.
pub(super) fn any() -> Keeping {
    Keeping::Host("https://api.pipedrive.com".to_owned())
}

fn look(keeping: &Keeping, limit: Duration) -> Result<(), Trouble> {
    match keeping.find(limit) {
        Ok(_) | Err(Trouble::NoEntry(_) | Trouble::Unreadable(_)) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}

/// The error of a keyring that takes no token, with the ways out.
pub(super) fn untaken(trouble: &Trouble, data_source: Option<&str>) -> Failure {
    let property = match data_source {
        Some(name) => format!("pipedrive-odbc dsn edit {} TokenFile=/path/to/it", word(name)),
        None => "TokenFile=/path/to/it in the connection string, or PIPEDRIVE_TOKEN_FILE".to_owned(),
    };
    let text = format!(
        "the token was not kept, and is nowhere in plain text: {}. Without a keyring put it into a file that only you can \
         read (chmod 600) and name that: {property}; or set PIPEDRIVE_API_TOKEN",
        trouble.cause()
    );
    Failure::new(Kind::SignIn, text)
}
