//! Where OAuth sign-ins are kept, and whose turn it is to change one.
//!
//! - `file.rs`: a file
//! - `keyring.rs`: the platform's keyring
//! - `memory.rs`: the memory of this process
//! - `lock.rs`: whose turn it is, in this process and among processes; the note of an exchange under way
//! - `place.rs`: which folders and files are this user's alone
//!
//! Whoever looks needs no turn: it sees the old sign-in or the new one, whole, whenever others write or are killed.
//! Work that may block is done on plain threads, within the time limit. One that was given up keeps its turn until it
//! has ended, so that what it writes late writes over nothing newer.

mod file;
mod keyring;
mod lock;
mod memory;
mod place;

use std::any::Any;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::SignIn;
use crate::auth::bounded::{self, Lost};
use crate::auth::token::{LONGEST, early};
use crate::settings::StoreLocation;
use crate::{Error, ErrorKind, Result};
use file::InFile;
use keyring::{InKeyring, System};
use lock::{Held, LockFile, Turn};
use memory::InMemory;
use place::Refusal;

/// One place for one sign-in, as its kind of store keeps it. All of it may block, and nothing opens a dialog.
trait Shelf: Send + Sync {
    /// The sign-in, if there is one.
    fn look(&self) -> Result<Option<SignIn>>;
    /// Keeps the sign-in in place of the one before.
    fn keep(&self, sign_in: &SignIn) -> Result<()>;
    /// Deletes the sign-in; `false` when there is none.
    fn forget(&self) -> Result<bool>;
    /// The file by which processes take turns; `None` where this process is alone.
    fn lock_file(&self) -> Result<Option<PathBuf>> {
        Ok(None)
    }
}

/// Keeps others from sign-ins of this process and from taking turns at them until the answer is dropped.
pub(crate) fn hold_still() -> Box<dyn Any> {
    Box::new((
        lock::QUEUES.lock(),
        memory::KEPT.lock(),
        super::browser::WAITING.lock(),
        super::browser::STARTING.lock(),
    ))
}

/// A place where a sign-in is kept. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    location: StoreLocation,
    shelf: Arc<dyn Shelf>,
}

impl Store {
    /// The store at `location`. `locks` is the folder for the lock files of stores that are no file, the user's state
    /// folder; without one, or where it cannot be used, only this process takes turns.
    pub(crate) fn at(location: StoreLocation, locks: Option<PathBuf>) -> Self {
        let shelf: Arc<dyn Shelf> = match &location {
            StoreLocation::File(path) => Arc::new(InFile::new(path.clone())),
            StoreLocation::Keyring(_) => Arc::new(InKeyring::new(System, location.clone(), locks)),
            StoreLocation::Memory(_) => Arc::new(InMemory::new(location.key())),
        };
        Self { location, shelf }
    }

    /// Where it is.
    pub(crate) const fn location(&self) -> &StoreLocation {
        &self.location
    }

    /// The sign-in that is kept, if there is one.
    ///
    /// # Errors
    /// `SignIn` for a store that cannot be used, `Timeout`.
    pub(crate) async fn look(&self, deadline: Option<Instant>) -> Result<Option<SignIn>> {
        let end = deadline.map_or_else(|| Instant::now() + LONGEST, early);
        let shelf = self.shelf.clone();
        self.within(Some(end), move || shelf.look()).await?
    }

    /// Waits for whoever is signing in or refreshing now, in this process or another one.
    ///
    /// # Errors
    /// `Timeout` when somebody still does at the `deadline`, `SignIn` for a store that cannot be used.
    pub(crate) async fn lock(&self, deadline: Option<Instant>) -> Result<Locked> {
        Ok(Locked { store: self.clone(), held: Arc::new(self.held("", deadline, || {}).await?) })
    }

    /// Waits for whoever has a person sign in in a browser now, in this process or another one. Whoever renews the sign-in
    /// that is kept meanwhile is not kept waiting. `waits` is called once where another process does.
    ///
    /// # Errors
    /// Those of [`Self::lock`].
    pub(crate) async fn lock_browser(
        &self,
        deadline: Option<Instant>,
        waits: impl FnOnce() + Send,
    ) -> Result<Browsing> {
        Ok(Browsing { _held: self.held(BROWSER, deadline, waits).await? })
    }

    /// A turn at something of this place.
    async fn held(&self, what: &str, deadline: Option<Instant>, waits: impl FnOnce() + Send) -> Result<Held> {
        let end = deadline.map(early);
        let turn = Turn::take(self.location.key() + what, end).await.ok_or_else(|| self.busy())?;
        let shelf = self.shelf.clone();
        let file = match self.within(end, move || shelf.lock_file()).await?? {
            Some(path) => Some(self.lock_file(&beside(&path, what), end, waits).await?),
            None => None,
        };
        Ok(Held::new(turn, file))
    }

    /// Tries for the lock in this file until `end`; `waits` is called when it is another's.
    async fn lock_file(&self, path: &Path, end: Option<Instant>, waits: impl FnOnce() + Send) -> Result<LockFile> {
        let (mut is_taken, mut waits) = (false, Some(waits));
        loop {
            let file = path.to_owned();
            let tried = match self.within(end, move || LockFile::try_at(&file)).await {
                Err(error) if is_taken && error.kind() == ErrorKind::Timeout => return Err(self.busy()),
                tried => tried?,
            };
            if let Some(lock) = tried.map_err(|refusal| self.unlockable(path, &refusal))? {
                return Ok(lock);
            }
            is_taken = true;
            waits.take().into_iter().for_each(|waits| waits());
            let next = Instant::now() + PAUSE;
            if end.is_some_and(|end| end <= next) {
                return Err(self.busy());
            }
            tokio::time::sleep_until(next.into()).await;
        }
    }

    fn unlockable(&self, path: &Path, refusal: &Refusal) -> Error {
        let (location, file, Refusal { what, cure }) = (&self.location, path.display(), refusal);
        let text = format!("OAuthSettingsLocation={location} cannot be used: of its lock file {file}: {what}");
        Error::new(ErrorKind::SignIn, text).with_cure(cure)
    }

    /// Does work that may block until `end`.
    async fn within<T: Send + 'static>(
        &self,
        end: Option<Instant>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        bounded::wait(end, work).await.map_err(|lost| match lost {
            Lost::TimedOut => {
                let text = format!(
                    "the OAuth sign-in at OAuthSettingsLocation={} could not be reached in time; check {}",
                    self.location,
                    self.answering()
                );
                Error::new(ErrorKind::Timeout, text)
            }
            Lost::Failed => {
                let text = format!("the OAuth sign-in at {} could not be reached; please report it", self.location);
                Error::new(ErrorKind::General, text)
            }
        })
    }

    /// What to check if there is no answer.
    const fn answering(&self) -> &'static str {
        match self.location {
            StoreLocation::File(_) => "the disk or server it is on",
            StoreLocation::Keyring(_) => "whether the keyring waits for somebody, or name a file in its place",
            StoreLocation::Memory(_) => "what keeps this program busy",
        }
    }

    /// What is said when somebody else had the turn until the end.
    pub(crate) fn busy(&self) -> Error {
        let text = format!(
            "another program signs in or refreshes the sign-in at OAuthSettingsLocation={} right now, and did not end \
             in time; try again when it has",
            self.location
        );
        Error::new(ErrorKind::Timeout, text)
    }
}

/// What a turn at the browser is called.
const BROWSER: &str = ".browser";

/// The lock file of something else at the place of this one: `settings.json.browser.lock` beside `settings.json.lock`.
fn beside(path: &Path, what: &str) -> PathBuf {
    let (mut name, end) = (path.with_extension("").into_os_string(), path.extension().unwrap_or_default());
    name.push(what);
    name.push(".");
    name.push(end);
    name.into()
}

/// How long to wait before a lock is tried for again.
const PAUSE: Duration = Duration::from_millis(25);

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("location", &self.location).finish_non_exhaustive()
    }
}

/// The turn at the browser. Given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Browsing {
    _held: Held,
}

/// A store whose turn it is: nobody else signs in or refreshes. Given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Locked {
    store: Store,
    held: Arc<Held>,
}

impl Locked {
    /// The sign-in that is kept, if there is one.
    ///
    /// # Errors
    /// `SignIn` for a store that cannot be used, `Timeout`.
    pub(crate) async fn look(&self, deadline: Option<Instant>) -> Result<Option<SignIn>> {
        self.store.look(deadline).await
    }

    /// Keeps `sign_in` in place of the one before. With that an exchange has ended. After a time-out it may still be kept:
    /// the work goes on, and the turn is given back when it ends.
    ///
    /// # Errors
    /// `SignIn` for a store that cannot be used, `Timeout`.
    pub(crate) async fn keep(&self, sign_in: &SignIn, deadline: Option<Instant>) -> Result<()> {
        let sign_in = sign_in.clone();
        self.change(deadline, move |shelf| shelf.keep(&sign_in)).await
    }

    /// Deletes the sign-in; `false` when there is none. Time-outs as for [`Self::keep`].
    ///
    /// # Errors
    /// `SignIn` for a store that cannot be used, `Timeout`.
    pub(crate) async fn forget(&self, deadline: Option<Instant>) -> Result<bool> {
        self.change(deadline, |shelf| shelf.forget()).await
    }

    /// Notes that the refresh token is being exchanged, before it is sent: on disk where there is a lock file. Blocks
    /// for as long as writing a line takes; what fails is logged and costs a hint only.
    pub(crate) fn begin_exchange(&self) {
        self.held.note_exchange(true);
    }

    /// Notes that the exchange has ended: its answer came and is kept, or it says that the token was not taken.
    pub(crate) fn end_exchange(&self) {
        self.held.note_exchange(false);
    }

    /// Whether a former owner of the turn ended between [`Self::begin_exchange`] and [`Self::end_exchange`]: killed, or
    /// given up. Then the server may have rotated a token that nobody wrote down. Stays so for later owners until an
    /// exchange has ended.
    pub(crate) fn was_cut_short(&self) -> bool {
        self.held.was_cut_short()
    }

    async fn change<T: Send + 'static>(
        &self,
        deadline: Option<Instant>,
        change: impl FnOnce(&dyn Shelf) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (shelf, held) = (self.store.shelf.clone(), self.held.clone());
        let work = move || {
            let outcome = change(shelf.as_ref())?;
            held.note_exchange(false);
            Ok(outcome)
        };
        self.store.within(deadline.map(early), work).await?
    }
}

#[cfg(test)]
mod tests;
