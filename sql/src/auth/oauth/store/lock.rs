//! Whose turn it is: within this process by a mutex, among processes by a lock on a file besides.
//!
//! The file's content notes that a refresh token is being exchanged. It is empty otherwise, and stays when the lock is
//! given back: deleting it would let two processes lock two files of one name.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use sha2::{Digest, Sha256};
use tokio::sync::OwnedMutexGuard;

use super::place::{self, Refusal};
use crate::process::{Alone, Common};
use crate::state::Folder;

/// What the file says while a refresh token is being exchanged.
const MARK: &str = "pipedrive-odbc exchanges a refresh token\n";

/// A turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    // In this order: who waits in this process then finds the file free.
    file: Option<LockFile>,
    turn: Turn,
    cut_short: bool,
}

impl Held {
    pub(super) fn new(turn: Turn, file: Option<LockFile>) -> Self {
        let in_process = || turn.exchanging.load(Ordering::SeqCst);
        let cut_short = file.as_ref().map_or_else(in_process, |file| file.cut_short);
        Self { file, turn, cut_short }
    }

    /// Whether somebody's exchange had not ended when this turn began.
    pub(super) const fn was_cut_short(&self) -> bool {
        self.cut_short
    }

    /// Notes for the next one whether an exchange is under way.
    pub(super) fn note_exchange(&self, under_way: bool) {
        match &self.file {
            Some(file) => file.note_exchange(under_way),
            None => self.turn.exchanging.store(under_way, Ordering::SeqCst),
        }
    }
}

/// A turn within this process.
#[derive(Debug)]
pub(super) struct Turn {
    /// Whether an exchange is under way, where no file notes it.
    exchanging: Arc<AtomicBool>,
    _guard: OwnedMutexGuard<()>,
}

/// Whose turn it is at one place.
#[derive(Default, Clone)]
pub(super) struct Queue {
    mutex: Arc<tokio::sync::Mutex<()>>,
    exchanging: Arc<AtomicBool>,
}

/// By process and place: a child that was forked has none of its parent's threads, which could end a turn.
pub(super) static QUEUES: Common<BTreeMap<(u32, String), Queue>> = Common::new(BTreeMap::new());

impl Turn {
    /// Waits for the turn at the place `key`; `None` when it did not come until `end`.
    pub(super) async fn take(key: String, end: Option<Instant>) -> Option<Self> {
        let queue = QUEUES.lock().entry((std::process::id(), key)).or_default().clone();
        let guard = match end {
            Some(end) => tokio::time::timeout_at(end.into(), queue.mutex.lock_owned()).await.ok()?,
            None => queue.mutex.lock_owned().await,
        };
        Some(Self { exchanging: queue.exchanging, _guard: guard })
    }
}

/// A locked file. A child that is forked meanwhile does not have it open.
#[derive(Debug)]
pub(super) struct LockFile {
    // In this order: its number is another file's once it is closed.
    _alone: Alone,
    file: Arc<File>,
    process: u32,
    cut_short: bool,
}

impl LockFile {
    /// Locks the file at `path`, which is made when it is missing; `None` when somebody else has it.
    pub(super) fn try_at(path: &Path) -> Result<Option<Self>, Refusal> {
        let file = place::create(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => {
                let text = format!("it cannot be locked ({})", error.kind());
                return Err(Refusal::new(text, "name a place on a disk that knows locks"));
            }
        }
        let mut lock = Self::of(file);
        lock.cut_short = lock.read_note().map_err(|error| Refusal::of_io(path, &error))?.ok_or_else(|| {
            Refusal::new("it holds something else and stays as it is", "rename the file, or name another place")
        })?;
        Ok(Some(lock))
    }

    fn of(file: File) -> Self {
        Self { _alone: Alone::new(&file), file: Arc::new(file), process: std::process::id(), cut_short: false }
    }

    /// Whether the file notes an exchange; `None` for a content that is somebody else's.
    fn read_note(&self) -> io::Result<Option<bool>> {
        let mut content = Vec::new();
        let most = u64::try_from(MARK.len()).unwrap_or_default() + 1;
        (&*self.file).take(most).read_to_end(&mut content)?;
        // Half of the mark is a mark: its writer was killed.
        Ok(MARK.as_bytes().starts_with(&content).then_some(!content.is_empty()))
    }

    fn note_exchange(&self, under_way: bool) {
        if let Err(error) = self.write_note(under_way) {
            tracing::debug!(%error, under_way, "the exchange of a refresh token was not noted");
        }
    }

    fn write_note(&self, under_way: bool) -> io::Result<()> {
        let mut file = &*self.file;
        if under_way {
            file.rewind()?;
            file.write_all(MARK.as_bytes())?;
        } else if file.metadata()?.len() > 0 {
            file.set_len(0)?;
        } else {
            return Ok(());
        }
        file.sync_data()
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        if self.process == std::process::id() {
            // A child that this thread did not wait for may have it open still: closing ours alone would not free the lock.
            drop(self.file.unlock());
        } else {
            // The child's copy of this value frees nothing of its parent's, and its file was closed by number.
            std::mem::forget(self.file.clone());
        }
    }
}

/// The lock file for the place `key` in the user's state folder; `None` where that cannot be used.
pub(super) fn in_folder(locks: &Path, key: &str) -> Option<PathBuf> {
    let (folder, warning) = Folder::at(locks);
    if let Some(warning) = warning {
        tracing::debug!(reason = warning.message, "only this process takes turns at the sign-in");
    }
    let digest: String = Sha256::digest(key).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    folder.file(&format!("oauth-{digest}.lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_was_forked_meanwhile_does_not_keep_the_lock_and_does_not_free_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let taken = || LockFile::try_at(&path).unwrap();
        let parents = taken().unwrap();
        // The same open file, as `fork` gives it to a child.
        let inherited = parents.file.try_clone().unwrap();
        let mut childs = LockFile::of(parents.file.try_clone().unwrap());
        childs.process += 1;
        drop(childs);
        assert!(taken().is_none(), "the child's end does not free it");
        drop(parents);
        assert!(taken().is_some(), "an open file does not keep it");
        drop(inherited);
    }
}
