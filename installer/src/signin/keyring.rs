//! What is said of a keyring that gives or takes nothing. Nothing is ever kept in plain text in its place.

use std::io::{self, IsTerminal};
use std::time::Duration;

use pipedrive_sql::auth::{Keeping, Trouble};

use super::target::word;
use crate::failure::{Failure, Kind};

/// How long somebody at a terminal may take for the keyring's dialog.
const DIALOG: Duration = Duration::from_secs(120);

/// How long a keyring may take that may ask somebody: as long as a person needs, where there is one.
pub(super) fn patience(limit: Duration) -> Duration {
    if io::stdin().is_terminal() { limit.max(DIALOG) } else { limit }
}

/// Whether there is a keyring that may take something, before anybody types a token in vain.
///
/// # Errors
/// `SignIn` where there is none.
pub(super) fn check(keeping: &Keeping, limit: Duration, data_source: Option<&str>) -> Result<(), Failure> {
    match keeping.find(limit) {
        Ok(_) | Err(Trouble::NoEntry(_) | Trouble::Unreadable(_) | Trouble::Locked) => Ok(()),
        Err(trouble) => Err(untaken(&trouble, data_source)),
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
