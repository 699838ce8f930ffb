//! Who of the connections of a process asks for what all of them need: one does, and the others find what it has kept.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

use super::Folder;

/// A turn that somebody has or waits for.
type Turn = tokio::sync::Mutex<()>;

static TURNS: Mutex<Vec<(String, Weak<Turn>)>> = Mutex::new(Vec::new());

/// Waits until nobody of this process asks for `what` of this folder. Whoever has waited looks there first. The turn ends
/// when the answer is dropped, also where its holder was given up.
pub(crate) async fn turn(folder: &Folder, what: &str) -> OwnedMutexGuard<()> {
    let place = folder.path().map(|path| path.display().to_string()).unwrap_or_default();
    // A child after `fork` has none of the tasks that its parent's turns were taken by.
    let name = format!("{} {place} {what}", std::process::id());
    let turn = {
        let mut turns = TURNS.lock();
        turns.retain(|(_, turn)| turn.strong_count() > 0);
        let found = turns.iter().find(|(own, _)| *own == name).and_then(|(_, turn)| turn.upgrade());
        found.unwrap_or_else(|| {
            let turn = Arc::new(Turn::default());
            turns.push((name, Arc::downgrade(&turn)));
            turn
        })
    };
    turn.lock_owned().await
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_for_the_same_and_none_waits_for_another_thing() {
        let folder = Folder::memory();
        let first = turn(&folder, "turns: a").await;
        let mut second = Box::pin(turn(&folder, "turns: a"));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(turn(&folder, "turns: b").now_or_never().is_some());
        drop(first);
        drop(second.await);
    }
}
