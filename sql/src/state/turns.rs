//! Who of the connections of a machine asks for what all of them need: one does, and the others find what it has kept.
//!
//! Connections of one process wait for each other in memory, processes by the lock of a file in the state folder, which is
//! gone again afterwards. A turn saves requests and nothing else: where the file cannot be had, or is held for longer than a
//! request should take, both ask.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use super::{Folder, ours};
use crate::process::Common;

/// How long the turn of another process is waited for, and how often it is looked at.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// What the connections of one process wait for each other by.
type Own = tokio::sync::Mutex<()>;

pub(super) static TURNS: Common<Vec<(String, Weak<Own>)>> = Common::new(Vec::new());

/// A turn. It ends when this is dropped, also where its holder was given up.
#[derive(Debug)]
pub(crate) struct Turn {
    _own: OwnedMutexGuard<()>,
    lock: Option<(File, PathBuf)>,
}

/// Waits until nobody asks for `what` of this folder. Whoever has waited looks there first.
pub(crate) async fn turn(folder: &Folder, what: &str) -> Turn {
    let place = folder.path().map(|path| path.display().to_string()).unwrap_or_default();
    // A child after `fork` has none of the tasks that its parent's turns were taken by.
    let own = own(format!("{} {place} {what}", std::process::id())).lock_owned().await;
    let digest: String = Sha256::digest(what).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let lock = match folder.file(&format!("turn-{digest}")) {
        Some(file) => locked(&file, PATIENCE).await.map(|lock| (lock, file)),
        None => None,
    };
    Turn { _own: own, lock }
}

fn own(name: String) -> Arc<Own> {
    let mut turns = TURNS.lock();
    turns.retain(|(_, turn)| turn.strong_count() > 0);
    let found = turns.iter().find(|(other, _)| *other == name).and_then(|(_, turn)| turn.upgrade());
    found.unwrap_or_else(|| {
        let turn = Arc::new(Own::default());
        turns.push((name, Arc::downgrade(&turn)));
        turn
    })
}

/// The lock of a file; `None` where it is not to be had in this time.
async fn locked(path: &Path, patience: Duration) -> Option<File> {
    let end = Instant::now() + patience;
    while Instant::now() < end {
        // Made anew each time: the one before may have been removed by its holder.
        let file = ours::create(path).ok()?;
        match file.try_lock() {
            Ok(()) => return Some(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
            Err(TryLockError::Error(_)) => return None,
        }
    }
    None
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some((file, path)) = self.lock.take() {
            drop(std::fs::remove_file(path));
            // A child made by `fork` in between has the file open, too: closing ours alone would not free the lock.
            drop(file.unlock());
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_for_the_same_and_none_waits_for_another_thing() {
        let place = tempfile::tempdir().unwrap();
        for folder in [Folder::memory(), Folder::at(place.path()).0] {
            let first = turn(&folder, "turns: a").await;
            let mut second = Box::pin(turn(&folder, "turns: a"));
            assert!(second.as_mut().now_or_never().is_none());
            assert!(turn(&folder, "turns: b").now_or_never().is_some());
            drop(first);
            drop(second.await);
        }
        let left = std::fs::read_dir(place.path()).unwrap().map(|file| file.unwrap().file_name()).collect::<Vec<_>>();
        assert_eq!(left, ["pipedrive-odbc"], "the locks are gone");
    }

    #[tokio::test]
    async fn a_file_that_another_process_holds_is_waited_for_but_not_for_ever() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path()).0;
        let first = turn(&folder, "a").await;
        let (held, path) = first.lock.as_ref().map(|(file, path)| (file.try_clone().unwrap(), path.clone())).unwrap();
        let (soon, started) = (Duration::from_millis(200), Instant::now());
        assert!(locked(&path, soon).await.is_none());
        assert!(started.elapsed() >= soon);
        drop((held, first));
    }
}
