use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::{fs, thread};

use super::*;
use crate::auth::oauth::kept::tests::sign_in;
use crate::state::Folder;

/// Long enough for anything that comes at all.
const LONG: Duration = Duration::from_secs(20);
/// Short enough to wait for in vain.
const SHORT: Duration = Duration::from_millis(600);
/// What a wait of that length takes at most on a busy machine.
const SOON: Duration = Duration::from_secs(5);

fn within(limit: Duration) -> Option<Instant> {
    Some(Instant::now() + limit)
}

fn file_store(folder: &Path) -> Store {
    Store::at(StoreLocation::File(folder.join("oauth.json")), None)
}

fn memory_store(name: &str) -> Store {
    Store::at(StoreLocation::read(&format!("memory://{name}")).unwrap(), None)
}

#[track_caller]
fn assert_busy(outcome: Result<Locked>) {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    for part in ["another program signs in or refreshes", "right now", "OAuthSettingsLocation="] {
        assert!(error.message().contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_sign_in_is_kept_found_by_another_store_object_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    for [one, two] in [
        [file_store(folder.path()), file_store(folder.path())],
        [memory_store("Kept Found"), memory_store("kept found")],
    ] {
        assert_eq!(one.look(within(LONG)).await.unwrap(), None);
        let locked = one.lock(within(LONG)).await.unwrap();
        locked.keep(&sign_in(1), within(LONG)).await.unwrap();
        assert_eq!(locked.look(None).await.unwrap(), Some(sign_in(1)));
        // Looking waits for nobody.
        assert_eq!(two.look(within(LONG)).await.unwrap(), Some(sign_in(1)));
        drop(locked);
        let locked = two.lock(None).await.unwrap();
        assert!(locked.forget(None).await.unwrap() && !locked.forget(within(LONG)).await.unwrap());
        assert_eq!(one.look(None).await.unwrap(), None);
    }
}

#[tokio::test]
async fn places_in_memory_are_apart() {
    let (one, two) = (memory_store("one place"), memory_store("another place"));
    one.lock(None).await.unwrap().keep(&sign_in(1), None).await.unwrap();
    assert_eq!(two.look(None).await.unwrap(), None);
    two.lock(within(SHORT)).await.unwrap();
}

#[tokio::test]
async fn one_at_a_time_and_a_turn_that_does_not_come_is_told_in_time() {
    let folder = tempfile::tempdir().unwrap();
    for store in [file_store(folder.path()), memory_store("one at a time")] {
        let locked = store.lock(None).await.unwrap();
        let started = Instant::now();
        assert_busy(store.lock(within(SHORT)).await);
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
        let waiting = tokio::spawn({
            let store = store.clone();
            async move { store.lock(within(LONG)).await.map(drop) }
        });
        tokio::time::sleep(SHORT).await;
        assert!(!waiting.is_finished());
        drop(locked);
        waiting.await.unwrap().unwrap();
    }
}

/// Two spellings of one file share no queue in this process; the lock on the file tells them apart.
#[cfg(unix)]
#[tokio::test]
async fn the_same_file_under_another_name_of_its_folder_has_the_same_lock() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let link = other.path().join("link");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    let locked = file_store(folder.path()).lock(None).await.unwrap();
    assert_busy(file_store(&link).lock(within(SHORT)).await);
    drop(locked);
    file_store(&link).lock(within(LONG)).await.unwrap();
}

#[tokio::test]
async fn an_exchange_that_did_not_end_is_told_until_one_has() {
    let folder = tempfile::tempdir().unwrap();
    for store in [file_store(folder.path()), memory_store("an exchange")] {
        let lock = || async { store.lock(within(LONG)).await.unwrap() };
        let locked = lock().await;
        assert!(!locked.was_cut_short());
        locked.begin_exchange();
        locked.end_exchange();
        drop(locked);
        let locked = lock().await;
        assert!(!locked.was_cut_short());
        locked.begin_exchange();
        locked.begin_exchange();
        drop(locked);
        for _ in 0..2 {
            assert!(lock().await.was_cut_short());
        }
        let locked = lock().await;
        locked.begin_exchange();
        locked.keep(&sign_in(1), within(LONG)).await.unwrap();
        drop(locked);
        assert!(!lock().await.was_cut_short(), "what was kept is no loss");
    }
}

#[tokio::test]
async fn the_lock_file_holds_no_secret_and_one_of_somebody_else_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (store, file) = (file_store(folder.path()), folder.path().join("oauth.json.lock"));
    let locked = store.lock(None).await.unwrap();
    locked.keep(&sign_in(1), None).await.unwrap();
    locked.begin_exchange();
    drop(locked);
    let note = fs::read_to_string(&file).unwrap();
    assert!(note.contains("exchanges a refresh token") && !note.contains("5ec4e7"), "{note}");
    // Half of it, as a process leaves that was killed.
    fs::write(&file, &note[..9]).unwrap();
    assert!(store.lock(None).await.unwrap().was_cut_short());
    for content in ["5ec4e7", &format!("{note}more")] {
        fs::write(&file, content).unwrap();
        let error = store.lock(within(LONG)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
        assert!(error.message().contains("oauth.json.lock: it holds something else"), "{error}");
        assert!(!error.message().contains("5ec4e7"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_lock_file_is_no_link_and_no_pipe_and_its_owners_alone() {
    use std::os::unix::fs::{MetadataExt, symlink};
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, file) = (file_store(folder.path()), folder.path().join("oauth.json.lock"));
    symlink(other.path().join("made"), &file).unwrap();
    let refused = |error: Error| assert!(error.message().contains("it is a link, a folder, a pipe"), "{error}");
    refused(store.lock(within(LONG)).await.unwrap_err());
    assert!(!other.path().join("made").exists());
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    refused(store.lock(within(LONG)).await.unwrap_err());
    fs::remove_file(&file).unwrap();
    drop(store.lock(within(LONG)).await.unwrap());
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_lock_of_another_process_is_waited_for_and_free_when_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let file = file_store(folder.path());
    let keyring = Store::at(StoreLocation::Keyring("Crm".into()), Some(state.clone()));
    for (store, locks) in [(file, None), (keyring, Some(&state))] {
        let mut child = Holder::start(store.location(), locks.map(PathBuf::as_path));
        let started = Instant::now();
        assert_busy(store.lock(within(SHORT)).await);
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
        child.0.kill().unwrap();
        child.0.wait().unwrap();
        let locked = store.lock(within(LONG)).await.unwrap();
        assert!(locked.was_cut_short(), "it was killed in an exchange");
    }
    let (kept, warning) = Folder::at(&state);
    assert!(kept.path().is_some() && warning.is_none(), "the state folder can be used as ever: {warning:?}");
}

#[tokio::test]
async fn without_a_folder_for_locks_this_process_takes_turns_alone() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = folder.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("notes.txt"), "mine").unwrap();
    for (name, locks) in [("no locks", None), ("no locks of ours", Some(foreign.clone()))] {
        let store = Store::at(StoreLocation::Keyring(name.into()), locks);
        let locked = store.lock(within(LONG)).await.unwrap();
        assert_busy(store.lock(within(SHORT)).await);
        locked.begin_exchange();
        drop(locked);
        assert!(store.lock(within(LONG)).await.unwrap().was_cut_short());
    }
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 1);
}

/// Keeps as slowly as a keyring that waits for somebody.
struct Slow;

impl Shelf for Slow {
    fn look(&self) -> Result<Option<SignIn>> {
        thread::sleep(SHORT * 5);
        Ok(None)
    }

    fn keep(&self, _: &SignIn) -> Result<()> {
        thread::sleep(SHORT * 5);
        Ok(())
    }

    fn forget(&self) -> Result<bool> {
        Ok(false)
    }
}

#[tokio::test]
async fn what_was_given_up_keeps_its_turn_until_it_has_ended() {
    let store = Store { location: StoreLocation::Memory("slow".into()), shelf: Arc::new(Slow) };
    let error = store.look(within(SHORT)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("memory://slow could not be reached in time"), "{error}");
    let locked = store.lock(None).await.unwrap();
    assert_eq!(locked.keep(&sign_in(1), within(SHORT)).await.unwrap_err().kind(), ErrorKind::Timeout);
    drop(locked);
    assert_busy(store.lock(within(SHORT)).await);
    store.lock(within(LONG)).await.unwrap();
}

#[test]
fn a_turn_can_be_carried_into_a_task() {
    fn is_carried<T: Send + Sync + 'static>() {}
    is_carried::<Locked>();
    is_carried::<Store>();
}

/// A child that holds a lock and has begun an exchange.
struct Holder(Child);

impl Holder {
    fn start(location: &StoreLocation, locks: Option<&Path>) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["auth::oauth::store::tests::inside::holds", "--exact", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let locks = locks.map(Path::display).map(|path| path.to_string()).unwrap_or_default();
        write!(child.stdin.as_mut().unwrap(), "{location}\n{locks}\n").unwrap();
        let said = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
        assert!(said.into_iter().any(|line| line.contains("holds it")), "the child has the lock");
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.0.kill());
    }
}

mod inside {
    //! What runs in a child.

    use super::*;

    #[tokio::test]
    #[ignore = "runs as the child of another test"]
    async fn holds() {
        let mut lines = std::io::stdin().lines().map(Result::unwrap);
        let location = StoreLocation::read(&lines.next().unwrap()).unwrap();
        let locks = lines.next().filter(|path| !path.is_empty()).map(PathBuf::from);
        let locked = Store::at(location, locks).lock(within(LONG)).await.unwrap();
        locked.begin_exchange();
        println!("holds it");
        // To be killed; or until its parent has gone.
        lines.next();
    }
}
