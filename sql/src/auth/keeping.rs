//! Sign-ins in the keyring: one entry each, found by the data source or by the host that it was made for.
//!
//! The content is a line of JSON with a format version, the address that the token may go to, and the token. It stays
//! within what Windows holds in an entry, 1,280 characters.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bounded::{self, Lost};
use super::{Trouble, keyring};
use crate::settings::{Origin, Secret, is_token};

/// The keyring's name for whose entry it is.
pub(super) const SERVICE: &str = "pipedrive-odbc";
/// The version of the content that this driver writes; a later one is left alone.
const FORMAT: u32 = 1;
/// Characters that every platform's keyring holds.
pub(super) const LONGEST: usize = 1280;

/// What a sign-in was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// The data source of this name, in any case.
    DataSource(String),
    /// The base address of a company, such as `https://acme.pipedrive.com`.
    Host(String),
}

/// A sign-in that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The only address that the token may go to.
    pub base: String,
    /// The token.
    pub token: Secret,
}

#[derive(Serialize, Deserialize)]
struct Content {
    format: u32,
    base: String,
    token: String,
}

impl Keeping {
    /// Keeps `token` for requests to `base`, in place of what was kept before. May ask the person to unlock the
    /// keyring, and waits for that.
    ///
    /// # Errors
    /// Any trouble; `Failed` for an address or a token that could not be used when it is found again.
    pub fn keep(&self, base: &str, token: &str, limit: Duration) -> Result<(), Trouble> {
        let origin = Origin::kept(base).ok_or_else(|| Trouble::Failed("the address cannot be used".to_owned()))?;
        if !is_token(token) {
            return Err(Trouble::Failed("a token has letters and digits only; copy it again".to_owned()));
        }
        let content = Content { format: FORMAT, base: origin.base().to_owned(), token: token.to_owned() };
        let content = serde_json::to_string(&content).map_err(|_| Trouble::TooLong)?;
        if content.chars().count() > LONGEST {
            return Err(Trouble::TooLong);
        }
        self.bounded(limit, move |user| keyring::write(SERVICE, user, &content))
    }

    /// The sign-in that was kept. Opens no dialog: a locked keyring is told at once.
    ///
    /// # Errors
    /// Any trouble.
    pub fn find(&self, limit: Duration) -> Result<Kept, Trouble> {
        let keeping = self.clone();
        self.bounded(limit, move |_| keeping.look())
    }

    /// Has a locked keyring unlocked: it asks the person, and that is waited for.
    ///
    /// # Errors
    /// `Locked` when it stays so, and any other trouble.
    pub fn unlock(&self, limit: Duration) -> Result<(), Trouble> {
        self.bounded(limit, |user| keyring::unlock(SERVICE, user))
    }

    /// Deletes the sign-in. May ask the person to unlock the keyring, and waits for that.
    ///
    /// # Errors
    /// Any trouble.
    pub fn forget(&self, limit: Duration) -> Result<(), Trouble> {
        let keeping = self.clone();
        self.bounded(limit, move |user| {
            keyring::delete(SERVICE, user)?.then_some(()).ok_or_else(|| Trouble::NoEntry(keeping.to_string()))
        })
    }

    /// [`Self::find`] on the caller's thread, which must be none of a runtime, and without a limit.
    pub(super) fn look(&self) -> Result<Kept, Trouble> {
        let bytes = keyring::read(SERVICE, &self.user())?.ok_or_else(|| Trouble::NoEntry(self.to_string()))?;
        let content: Option<Content> = serde_json::from_slice(&bytes).ok();
        let content = content.filter(|content| content.format == FORMAT && is_token(&content.token));
        match content.and_then(|content| Some((Origin::kept(&content.base)?, content.token))) {
            Some((origin, token)) => Ok(Kept { base: origin.base().to_owned(), token: Secret::new(token) }),
            None => Err(Trouble::Unreadable(self.to_string())),
        }
    }

    /// The entry's user: a data source has no `:` behind its name, an address always has.
    fn user(&self) -> String {
        match self {
            Self::DataSource(name) => format!("token {}", name.trim().to_lowercase()),
            Self::Host(base) => match Origin::kept(base) {
                Some(origin) => format!("token {}", origin.base()),
                None => format!("token {base}"),
            },
        }
    }

    fn bounded<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&str) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let user = self.user();
        bounded::run(limit, move || work(&user)).unwrap_or_else(|lost| match lost {
            Lost::TimedOut => Err(Trouble::TimedOut(limit)),
            Lost::Failed => Err(Trouble::Failed("its client failed".to_owned())),
        })
    }
}

impl fmt::Display for Keeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataSource(name) => write!(f, "the data source '{}'", name.trim()),
            Self::Host(base) => f.write_str(base),
        }
    }
}
