//! What can go wrong with a keyring, in words that name the ways out.

use std::fmt;
use std::time::Duration;

use crate::{Error, ErrorKind};

/// Why a keyring gave or took no sign-in. Its text says what to do, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// No session bus: a server, a container, a service.
    NoBus,
    /// A session bus, and nothing on it that keeps secrets.
    NoStore,
    /// It is locked, and nobody was asked to unlock it.
    Locked,
    /// It has no such sign-in.
    NoEntry(String),
    /// It did not answer in time.
    TimedOut(Duration),
    /// What it keeps is not what this driver wrote, or what a later version of it wrote.
    Unreadable(String),
    /// More than every platform's keyring holds.
    TooLong,
    /// Anything else.
    Failed(String),
}

/// What serves in place of a keyring, and how something gets into one.
pub(super) const WAYS: &str =
    "set APIToken (or PWD), TokenFile or PIPEDRIVE_API_TOKEN, or keep a token with `pipedrive-odbc login`";

impl Trouble {
    /// What happened.
    pub fn what(&self) -> String {
        match self {
            Self::NoBus => "the keyring cannot be asked, since there is no session bus (D-Bus) here".to_owned(),
            Self::NoStore => "this session has no keyring (such as GNOME Keyring, KWallet or KeePassXC)".to_owned(),
            Self::Locked => "the keyring is locked".to_owned(),
            Self::NoEntry(whose) => format!("the keyring has no sign-in for {whose}"),
            Self::TimedOut(limit) => format!("the keyring did not answer within {} seconds", limit.as_secs()),
            Self::Unreadable(whose) => {
                format!("the keyring's sign-in for {whose} cannot be read by this version")
            }
            Self::TooLong => "the token is longer than a keyring holds".to_owned(),
            Self::Failed(why) => format!("the keyring failed ({why})"),
        }
    }

    /// What to do about it.
    pub fn cure(&self) -> String {
        match self.own_cure() {
            Some(cure) if self.is_of_keyring() => format!("{cure}, or {WAYS}"),
            Some(cure) => cure.to_owned(),
            None => WAYS.to_owned(),
        }
    }

    /// What happened and what would help the keyring itself, without the ways around it: for whoever has others to name.
    pub fn cause(&self) -> String {
        match self.own_cure() {
            Some(cure) => format!("{}; {cure}", self.what()),
            None => self.what(),
        }
    }

    pub(in crate::auth) const fn own_cure(&self) -> Option<&'static str> {
        match self {
            Self::Locked => Some("unlock it"),
            Self::TimedOut(_) => Some("check whether it waits for somebody"),
            Self::Unreadable(_) => Some("sign in anew with `pipedrive-odbc login`"),
            Self::TooLong => Some("check what was copied"),
            Self::NoBus | Self::NoStore | Self::NoEntry(_) | Self::Failed(_) => None,
        }
    }

    /// Whether the keyring is at fault, so that another place for the token helps as well.
    const fn is_of_keyring(&self) -> bool {
        matches!(self, Self::Locked | Self::TimedOut(_))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what(), self.cure())
    }
}

impl std::error::Error for Trouble {}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        let kind = match trouble {
            Trouble::TimedOut(_) => ErrorKind::Timeout,
            _ => ErrorKind::SignIn,
        };
        Self::new(kind, trouble.what()).with_cure(trouble.cure())
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
            let error = Error::from(trouble.clone());
            assert_eq!((error.to_string(), error.what()), (trouble.to_string(), &*trouble.what()));
        }
    }

    #[test]
    fn the_cure_of_a_keyring_that_others_lock_names_the_ways_around_it() {
        for trouble in [Trouble::Locked, Trouble::TimedOut(Duration::from_secs(3)), Trouble::NoBus] {
            assert!(trouble.cure().ends_with(WAYS), "{trouble}");
        }
        assert_eq!(Trouble::Locked.to_string(), format!("the keyring is locked; unlock it, or {WAYS}"));
        assert_eq!(Trouble::TooLong.cure(), "check what was copied");
    }
}
