use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::*;
use crate::auth::oauth::kept::tests::{bare_sign_in, sign_in};
use crate::settings::Secret;

/// Entries in memory; after so many changes the writer is as good as killed.
#[derive(Clone)]
struct Fake {
    entries: Arc<Mutex<BTreeMap<String, String>>>,
    left: Arc<AtomicUsize>,
}

impl Fake {
    fn new() -> Self {
        Self { entries: Arc::default(), left: Arc::new(AtomicUsize::new(usize::MAX)) }
    }

    /// The same entries for a writer that makes so many changes.
    fn stopping_after(&self, changes: usize) -> Self {
        Self { entries: self.entries.clone(), left: Arc::new(AtomicUsize::new(changes)) }
    }

    fn users(&self) -> Vec<String> {
        self.entries.lock().keys().cloned().collect()
    }

    fn spend(&self) -> Result<(), Trouble> {
        let spend = |left: usize| left.checked_sub(1);
        let spent = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend);
        spent.map(drop).map_err(|_| Trouble::Failed("stopped".to_owned()))
    }
}

impl Entries for Fake {
    fn read(&self, user: &str) -> Result<Option<Vec<u8>>, Trouble> {
        Ok(self.entries.lock().get(user).cloned().map(String::into_bytes))
    }

    fn write(&self, user: &str, content: &str) -> Result<(), Trouble> {
        self.spend()?;
        assert!(content.encode_utf16().count() <= 1280, "{user}: more than Windows holds");
        self.entries.lock().insert(user.to_owned(), content.to_owned());
        Ok(())
    }

    fn delete(&self, user: &str) -> Result<bool, Trouble> {
        self.spend()?;
        Ok(self.entries.lock().remove(user).is_some())
    }
}

fn named(entries: Fake, name: &str) -> InKeyring<Fake> {
    InKeyring::new(entries, StoreLocation::Keyring(name.to_owned()), None)
}

fn crm(entries: &Fake) -> InKeyring<Fake> {
    named(entries.clone(), "CRM")
}

/// A sign-in whose every item needs several pieces, with characters of two units at their ends.
fn long_sign_in(round: u32) -> SignIn {
    let long = |what: char| Secret::new(format!("{round}{}", what.to_string().repeat(3000)));
    SignIn {
        access_token: long('a'),
        refresh_token: Some(long('r')),
        client_secret: Some(long('s')),
        callback: "\u{1f600}".repeat(1500),
        ..sign_in(round)
    }
}

/// The entries are those of one sign-in and nothing else.
#[track_caller]
fn assert_clean(entries: &Fake) {
    let current = crm(entries).current().unwrap().unwrap();
    let pieces: usize = current.items.values().map(|pieces| usize::from(*pieces)).sum();
    let users = entries.users();
    assert_eq!(users.len(), pieces + 1, "{users:?}");
    let prefix = format!("oauth crm {} ", current.generation);
    assert!(users.iter().all(|user| user == "oauth crm current" || user.starts_with(&prefix)), "{users:?}");
}

#[test]
fn a_sign_in_is_kept_replaced_and_forgotten() {
    let entries = Fake::new();
    let keyring = crm(&entries);
    assert_eq!((keyring.look().unwrap(), keyring.forget().unwrap()), (None, false));
    for sign_in in [sign_in(1), bare_sign_in(2), long_sign_in(3), sign_in(4)] {
        keyring.keep(&sign_in).unwrap();
        assert!(keyring.look().unwrap() == Some(sign_in));
        assert_clean(&entries);
    }
    assert_eq!(named(entries.clone(), "crm").look().unwrap(), Some(sign_in(4)), "names have no case");
    assert_eq!(named(entries.clone(), "crm current").look().unwrap(), None);
    assert_eq!((keyring.forget().unwrap(), keyring.look().unwrap()), (true, None));
    assert!(entries.users().is_empty());
}

#[test]
fn each_secret_is_an_entry_and_the_others_hold_none() {
    let entries = Fake::new();
    crm(&entries).keep(&sign_in(1)).unwrap();
    let entries = entries.entries.lock().clone();
    let is_secret = |(_, content): &(&String, &String)| content.contains("5ec4e7");
    let mut secrets: Vec<_> =
        entries.iter().filter(is_secret).map(|(user, _)| user.rsplit(' ').next().unwrap()).collect();
    secrets.sort_unstable();
    assert_eq!(secrets, ["access_token.1", "client_secret.1", "refresh_token.1"]);
}

#[test]
fn a_writer_that_is_killed_leaves_the_old_sign_in_or_the_new_one_and_the_next_cleans_up() {
    for before in [None, Some(sign_in(1)), Some(long_sign_in(1))] {
        for after in [sign_in(2), long_sign_in(2)] {
            let mut kept = Vec::new();
            for changes in 0..=changes_of(before.as_ref(), &after) {
                let entries = holding(before.as_ref());
                let outcome = crm(&entries.stopping_after(changes)).keep(&after);
                let found = crm(&entries).look().unwrap();
                let is_new = found.as_ref() == Some(&after);
                assert!(is_new || found == before, "{changes}");
                // Whoever was told that it is kept finds it; nobody else's word is needed to see it whole.
                assert_eq!(is_new, outcome.is_ok(), "{changes}");
                kept.push(is_new);
                crm(&entries).keep(&sign_in(3)).unwrap();
                assert_eq!(crm(&entries).look().unwrap(), Some(sign_in(3)));
                assert_clean(&entries);
            }
            // The list of what may be left, each item, `current`; then the old entries and the list go.
            let pieces = split(&after).unwrap().values().map(Vec::len).sum::<usize>();
            let old = before.as_ref().map_or(0, |before| split(before).unwrap().values().map(Vec::len).sum::<usize>());
            assert_eq!(kept, [vec![false; pieces + 2], vec![true; old + 2]].concat());
        }
    }
}

fn holding(sign_in: Option<&SignIn>) -> Fake {
    let entries = Fake::new();
    sign_in.into_iter().for_each(|sign_in| crm(&entries).keep(sign_in).unwrap());
    entries
}

/// How many changes keeping `after` in place of `before` takes.
fn changes_of(before: Option<&SignIn>, after: &SignIn) -> usize {
    let plenty = 10_000;
    let entries = holding(before).stopping_after(plenty);
    crm(&entries).keep(after).unwrap();
    plenty - entries.left.load(Ordering::SeqCst)
}

#[test]
fn killed_again_and_again_nothing_is_left_in_the_end() {
    let entries = Fake::new();
    for changes in (0..14).chain((0..14).rev()) {
        drop(crm(&entries.stopping_after(changes)).keep(&sign_in(1)));
    }
    crm(&entries).keep(&sign_in(2)).unwrap();
    assert_clean(&entries);
}

#[test]
fn forgetting_that_is_killed_is_finished_by_the_next_one() {
    for sign_in in [sign_in(1), long_sign_in(1)] {
        for changes in 0.. {
            let entries = Fake::new();
            crm(&entries).keep(&sign_in).unwrap();
            let outcome = crm(&entries.stopping_after(changes)).forget();
            let found = crm(&entries).look().unwrap();
            assert!(found.is_none() || found.as_ref() == Some(&sign_in), "{changes}");
            assert_eq!(crm(&entries).forget().unwrap(), found.is_some());
            assert!(entries.users().is_empty(), "{changes}: {:?}", entries.users());
            if outcome.is_ok() {
                break;
            }
        }
    }
}

#[test]
fn who_reads_while_others_write_sees_one_sign_in_and_never_parts_of_two() {
    let entries = Fake::new();
    crm(&entries).keep(&sign_in(0)).unwrap();
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let reader = thread::spawn({
        let (entries, seen) = (entries.clone(), seen.clone());
        move || {
            while seen.lock().len() < 20 {
                match crm(&entries).whole() {
                    Ok(found) => {
                        let found = found.unwrap();
                        let round = u32::try_from(found.issued_at).unwrap();
                        assert_eq!(found, sign_in(round));
                        seen.lock().insert(round);
                    }
                    // This writer never pauses.
                    Err(Fault::Outrun) => {}
                    Err(fault) => panic!("{fault:?}"),
                }
            }
        }
    });
    let started = Instant::now();
    for round in 1.. {
        crm(&entries).keep(&sign_in(round)).unwrap();
        if reader.is_finished() || started.elapsed() > Duration::from_secs(60) {
            break;
        }
    }
    assert!(seen.lock().len() >= 20, "it saw several");
    reader.join().unwrap();
}

/// A reader that is overtaken between its entry `current` and the others.
struct Overtaken {
    entries: Fake,
    reads: AtomicUsize,
    always: bool,
}

impl Entries for Overtaken {
    fn read(&self, user: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let found = self.entries.read(user);
        let read = u32::try_from(self.reads.fetch_add(1, Ordering::SeqCst)).unwrap();
        if user.ends_with(" current") && (self.always || read == 0) {
            crm(&self.entries).keep(&sign_in(100 + read)).unwrap();
        }
        found
    }

    fn write(&self, user: &str, content: &str) -> Result<(), Trouble> {
        self.entries.write(user, content)
    }

    fn delete(&self, user: &str) -> Result<bool, Trouble> {
        self.entries.delete(user)
    }
}

#[test]
fn a_reader_that_is_overtaken_starts_again_but_not_for_ever() {
    let entries = Fake::new();
    crm(&entries).keep(&sign_in(1)).unwrap();
    let reader = |always| {
        let entries = Overtaken { entries: entries.clone(), reads: AtomicUsize::new(0), always };
        InKeyring::new(entries, StoreLocation::Keyring("crm".to_owned()), None)
    };
    assert_eq!(reader(false).look().unwrap(), Some(sign_in(100)));
    let error = reader(true).look().unwrap_err();
    assert!(error.message().contains("changes its sign-in again and again"), "{error}");
}

/// A keyring that is locked when somebody has read so much of it.
struct Locking {
    entries: Fake,
    reads: AtomicUsize,
}

impl Locking {
    fn check(&self) -> Result<(), Trouble> {
        if self.reads.load(Ordering::SeqCst) == 0 { Err(Trouble::Locked) } else { Ok(()) }
    }
}

impl Entries for Locking {
    fn read(&self, user: &str) -> Result<Option<Vec<u8>>, Trouble> {
        self.check()?;
        self.reads.fetch_sub(1, Ordering::SeqCst);
        self.entries.read(user)
    }

    fn write(&self, user: &str, content: &str) -> Result<(), Trouble> {
        self.check()?;
        self.entries.write(user, content)
    }

    fn delete(&self, user: &str) -> Result<bool, Trouble> {
        self.check()?;
        self.entries.delete(user)
    }
}

#[test]
fn a_keyring_that_is_locked_before_or_in_between_is_told_and_has_the_old_sign_in_when_it_is_unlocked() {
    for reads in 0..2 {
        let entries = Fake::new();
        crm(&entries).keep(&sign_in(1)).unwrap();
        let locking = || {
            let locking = Locking { entries: entries.clone(), reads: reads.into() };
            InKeyring::new(locking, StoreLocation::Keyring("crm".to_owned()), None)
        };
        for outcome in [locking().look().map(drop), locking().keep(&sign_in(2)), locking().forget().map(drop)] {
            assert!(outcome.unwrap_err().message().contains("the keyring is locked; unlock it"));
        }
        assert_eq!(crm(&entries).look().unwrap(), Some(sign_in(1)));
        assert_clean(&entries);
    }
}

#[test]
fn entries_of_a_later_version_are_neither_used_nor_changed() {
    for user in ["oauth crm current", "oauth crm pending"] {
        let entries = Fake::new();
        crm(&entries).keep(&sign_in(1)).unwrap();
        entries.write(user, r#"{"format":2,"else":"5ec4e7"}"#).unwrap();
        let before = entries.entries.lock().clone();
        for outcome in [crm(&entries).keep(&sign_in(2)), crm(&entries).forget().map(drop)] {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SignIn);
            assert!(error.message().contains("later version") && !error.message().contains("5ec4e7"), "{error}");
        }
        assert_eq!(*entries.entries.lock(), before);
        assert_eq!(crm(&entries).look().is_err(), user.ends_with("current"));
    }
}

#[test]
fn what_is_damaged_is_told_and_signing_in_anew_mends_it() {
    for (user, content) in [
        ("current", Some("5ec4e7")),
        ("current", Some(r#"{"format":1}"#)),
        ("current", Some(r#"{"format":0,"generation":"a","items":{}}"#)),
        ("about.1", Some("5ec4e7")),
        ("access_token.1", Some("5ec4e7 5ec4e7")),
        ("access_token.1", None),
    ] {
        let entries = Fake::new();
        crm(&entries).keep(&sign_in(1)).unwrap();
        let whole = entries.users().into_iter().find(|known| known.ends_with(user)).unwrap();
        match content {
            Some(content) => entries.write(&whole, content).unwrap(),
            None => drop(entries.delete(&whole).unwrap()),
        }
        let error = crm(&entries).look().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
        for part in ["OAuthSettingsLocation=keyring://CRM", "damaged", "pipedrive-odbc login --oauth"] {
            assert!(error.message().contains(part), "{user}: {error}");
        }
        assert!(!error.message().contains("5ec4e7"), "{error}");
        crm(&entries).keep(&sign_in(2)).unwrap();
        assert_eq!(crm(&entries).look().unwrap(), Some(sign_in(2)));
    }
}

#[test]
fn troubles_of_the_keyring_name_the_ways_out_that_a_sign_in_has() {
    let location = StoreLocation::Keyring("crm".to_owned());
    for (trouble, kind, part) in [
        (Trouble::NoBus, ErrorKind::SignIn, "no session bus"),
        (Trouble::NoStore, ErrorKind::SignIn, "no keyring"),
        (Trouble::Locked, ErrorKind::SignIn, "locked; unlock it, or name a file"),
        (Trouble::Failed("x".to_owned()), ErrorKind::SignIn, "failed (x)"),
    ] {
        let error = Fault::Trouble(trouble).at(&location);
        assert_eq!(error.kind(), kind);
        for part in ["OAuthSettingsLocation=keyring://crm", part, "name a file", "login --oauth`"] {
            assert!(error.message().contains(part), "'{part}' is missing in: {error}");
        }
        assert!(!error.message().contains("APIToken"), "{error}");
    }
}

#[test]
fn pieces_are_whole_characters_and_no_longer_than_an_entry() {
    for (text, lengths) in [
        (String::new(), vec![0]),
        ("a".repeat(1280), vec![1280]),
        ("a".repeat(1281), vec![1280, 1]),
        (format!("a{}", "\u{1f600}".repeat(640)), vec![1279, 2]),
    ] {
        let pieces = pieces(&text);
        assert_eq!(pieces.iter().map(|piece| piece.encode_utf16().count()).collect::<Vec<_>>(), lengths);
        assert_eq!(pieces.concat(), text);
    }
    let endless = SignIn { callback: "a".repeat(1280 * 256), ..sign_in(1) };
    assert!(matches!(split(&endless).and_then(|items| count(&items[ABOUT])), Err(Fault::Trouble(Trouble::TooLong))));
}

#[cfg(target_os = "linux")]
mod session;
