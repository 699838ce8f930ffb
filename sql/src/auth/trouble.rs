//! What can go wrong with a keyring, in words that name the ways out.

use std::time::Duration;

use crate::{Error, ErrorKind};

/// Why a keyring gave or took no sign-in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No session bus: a server, a container, a service.
    #[error("the keyring cannot be asked, since there is no session bus (D-Bus) here; {WAYS}")]
    NoBus,
    /// A session bus, and nothing on it that keeps secrets.
    #[error("this session has no keyring (such as GNOME Keyring, KWallet or KeePassXC); {WAYS}")]
    NoStore,
    /// It is locked, and nobody was asked to unlock it.
    #[error("the keyring is locked; unlock it, or {WAYS}")]
    Locked,
    /// It has no such sign-in.
    #[error("the keyring has no sign-in for {0}; {WAYS}")]
    NoEntry(String),
    /// It did not answer in time.
    #[error("the keyring did not answer within {} seconds; check whether it waits for somebody, or {WAYS}", .0.as_secs())]
    TimedOut(Duration),
    /// What it keeps is not what this driver wrote, or what a later version of it wrote.
    #[error("the keyring's sign-in for {0} cannot be read by this version; sign in anew with `pipedrive-odbc login`")]
    Unreadable(String),
    /// More than every platform's keyring holds.
    #[error("the token is longer than a keyring holds; check what was copied")]
    TooLong,
    /// Anything else.
    #[error("the keyring failed ({0}); {WAYS}")]
    Failed(String),
}

/// What serves in place of a keyring, and how something gets into one.
pub(super) const WAYS: &str =
    "set APIToken (or PWD), TokenFile or PIPEDRIVE_API_TOKEN, or keep a token with `pipedrive-odbc login`";

impl Trouble {
    /// What happened, without the ways out: for whoever has others to name.
    pub fn cause(&self) -> String {
        let text = self.to_string();
        let text = text.strip_suffix(WAYS).unwrap_or(&text).trim_end();
        text.strip_suffix("or").unwrap_or(text).trim_end_matches([' ', ',', ';']).to_owned()
    }
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        let kind = match trouble {
            Trouble::TimedOut(_) => ErrorKind::Timeout,
            _ => ErrorKind::SignIn,
        };
        Self::new(kind, trouble.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_has_no_ways_out() {
        let troubles = [
            (Trouble::NoBus, "the keyring cannot be asked, since there is no session bus (D-Bus) here"),
            (Trouble::NoStore, "this session has no keyring (such as GNOME Keyring, KWallet or KeePassXC)"),
            (Trouble::Locked, "the keyring is locked; unlock it"),
            (Trouble::NoEntry("x".into()), "the keyring has no sign-in for x"),
            (Trouble::Failed("x".into()), "the keyring failed (x)"),
            (
                Trouble::TimedOut(Duration::from_secs(3)),
                "the keyring did not answer within 3 seconds; check whether it waits for somebody",
            ),
            (Trouble::TooLong, "the token is longer than a keyring holds; check what was copied"),
        ];
        for (trouble, cause) in troubles {
            assert_eq!(trouble.cause(), cause);
            assert!(trouble.to_string().starts_with(cause), "{trouble}");
        }
    }
}
