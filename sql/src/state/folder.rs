//! The folder on disk. Every change is read, made and written under one lock, and written by rename: a reader never
//! sees half a file, and two processes that pin names at once agree.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{Owner, State, ours};
use crate::process::Common;
use crate::{Error, ErrorKind, Result, Warning, WarningKind};

/// The version of the files that this driver writes; files of a later one are neither read nor changed.
const FORMAT: u32 = 1;

/// Finds the owner of a token without a request: a hash, from which the token cannot be had back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TokenKey(String);

impl TokenKey {
    /// The key of a token that `scheme` sends to `origin`.
    pub fn new(origin: &str, scheme: &str, token: &str) -> Self {
        let digest = Sha256::digest(format!("{origin}\n{scheme}\n{token}"));
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// Where state is kept: a folder, or the memory of this process.
#[derive(Debug, Clone)]
pub struct Folder {
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Disk(PathBuf),
    Memory(Arc<Common<Content>>),
}

/// Everything that a memory-only folder holds.
#[derive(Debug, Default)]
struct Content {
    index: Index,
    states: BTreeMap<String, State>,
}

/// Which token belongs to whom, and when that was proven.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Index {
    proofs: BTreeMap<TokenKey, Proof>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Proof {
    owner: Owner,
    /// Seconds since 1970.
    proven_at: u64,
}

/// A file's content behind its format version, which is read first.
#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    format: u32,
    #[serde(flatten)]
    content: T,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl Folder {
    /// A folder in memory, shared by the sessions of this process.
    pub fn memory() -> Self {
        Self { place: Place::Memory(MEMORY.get_or_init(Arc::default).clone()) }
    }

    /// The folder at `path`, made when it is missing and readable by its owner only.
    ///
    /// Where that is impossible the answer is [`Self::memory`] and a warning that says why.
    pub fn at(path: &Path) -> (Self, Option<Warning>) {
        match usable(path) {
            Ok(()) => (Self { place: Place::Disk(path.to_owned()) }, None),
            Err(reason) => {
                let text = format!(
                    "state cannot be kept in {}: {reason}. Field definitions are read anew by each process, \
                     and the burst window and the day's API tokens are counted by each process alone; set StateLocation to a folder that can be written",
                    path.display()
                );
                (Self::memory(), Some(Warning::new(WarningKind::General, text)))
            }
        }
    }

    /// Who the token belongs to, if that was proven within the last `max_age` seconds.
    pub fn owner(&self, key: &TokenKey, max_age: u64) -> Option<Owner> {
        self.proof(key).filter(|(_, proven_at)| age(*proven_at) < max_age).map(|(owner, _)| owner)
    }

    /// Who the token belongs to, and when that was last proven, in seconds since 1970.
    pub fn proof(&self, key: &TokenKey) -> Option<(Owner, u64)> {
        let mut index = match &self.place {
            Place::Disk(path) => read::<Index>(&path.join(INDEX)).ok()?,
            Place::Memory(content) => content.lock().index.clone(),
        };
        index.proofs.remove(key).map(|proof| (proof.owner, proof.proven_at))
    }

    /// Where it is on disk; `None` for one in memory.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Disk(path) => Some(path),
            Place::Memory(_) => None,
        }
    }

    /// Keeps the proof that the token belongs to `owner`.
    pub fn prove(&self, key: &TokenKey, owner: &Owner) -> Result<()> {
        let proof = Proof { owner: owner.clone(), proven_at: now() };
        self.change_index(|index| drop(index.proofs.insert(key.clone(), proof)))
    }

    /// Forgets the proof of a token that the host has refused.
    pub fn disprove(&self, key: &TokenKey) -> Result<()> {
        self.change_index(|index| drop(index.proofs.remove(key)))
    }

    /// Forgets the proofs of every token of this host; of all hosts when it is not known which.
    pub fn disprove_host(&self, host: Option<&str>) -> Result<()> {
        let is_kept = |owner: &Owner| host.is_some_and(|host| !owner.host.eq_ignore_ascii_case(host));
        self.change_index(|index| index.proofs.retain(|_, proof| is_kept(&proof.owner)))
    }

    /// What is kept for `owner`; empty when there is nothing yet.
    pub fn state(&self, owner: &Owner) -> State {
        let empty = || State { owner: owner.clone(), ..State::default() };
        match &self.place {
            Place::Disk(path) => read(&path.join(file_name(owner))).unwrap_or_else(|_| empty()),
            Place::Memory(content) => content.lock().states.get(&file_name(owner)).cloned().unwrap_or_else(empty),
        }
    }

    /// Everyone that something is kept for, by host, company and user.
    ///
    /// # Errors
    /// `General` for a folder that cannot be read.
    pub fn owners(&self) -> Result<Vec<Owner>> {
        let mut owners: Vec<Owner> = match &self.place {
            Place::Memory(content) => content.lock().states.values().map(|state| state.owner.clone()).collect(),
            Place::Disk(path) => {
                let entries = fs::read_dir(path).map_err(|error| trouble(&error))?;
                let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
                let states = files.filter_map(|file| read::<State>(&file).ok());
                states.map(|state| state.owner).collect()
            }
        };
        owners.sort_by(|a, b| (&a.host, a.company_id, a.user_id).cmp(&(&b.host, b.company_id, b.user_id)));
        Ok(owners)
    }

    /// Changes what is kept for `owner`, starting from what other processes have written meanwhile.
    pub fn change<T>(&self, owner: &Owner, change: impl FnOnce(&mut State) -> T) -> Result<T> {
        let empty = || State { owner: owner.clone(), ..State::default() };
        match &self.place {
            Place::Memory(content) => Ok(change(content.lock().states.entry(file_name(owner)).or_insert_with(empty))),
            Place::Disk(path) => locked(path, || {
                let file = path.join(file_name(owner));
                let mut state = read_or(&file, empty)?;
                let before = state.clone();
                let outcome = change(&mut state);
                if state != before {
                    write(&file, state)?;
                }
                Ok(outcome)
            }),
        }
    }

    /// The file of this name; `None` in memory.
    pub(crate) fn file(&self, name: &str) -> Option<PathBuf> {
        match &self.place {
            Place::Disk(path) => Some(path.join(name)),
            Place::Memory(_) => None,
        }
    }

    fn change_index(&self, change: impl FnOnce(&mut Index)) -> Result<()> {
        match &self.place {
            Place::Memory(content) => change(&mut content.lock().index),
            Place::Disk(path) => locked(path, || {
                let file = path.join(INDEX);
                let mut index = read_or(&file, Index::default)?;
                change(&mut index);
                write(&file, index)
            })?,
        }
        Ok(())
    }
}

static MEMORY: OnceLock<Arc<Common<Content>>> = OnceLock::new();

/// Keeps others from the folder in memory until the answer is dropped.
pub(super) fn hold_still() -> Box<dyn Any> {
    Box::new(MEMORY.get().map(|content| content.lock()))
}

pub(super) const INDEX: &str = "index.json";
const LOCK: &str = "lock";

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    now_millis() / 1000
}

/// Milliseconds since 1970.
pub(crate) fn now_millis() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// Seconds since `moment`; a moment in the future counts as long ago, since the clock was put back.
pub(crate) fn age(moment: u64) -> u64 {
    now().checked_sub(moment).unwrap_or(u64::MAX)
}

fn file_name(owner: &Owner) -> String {
    format!("{}-{}-{}.json", host_name(owner), owner.company_id, owner.user_id)
}

/// The owner's host, fit for the name of a file.
pub(super) fn host_name(owner: &Owner) -> String {
    owner.host.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect()
}

/// Makes the folder, private to its owner, unless it is there, and refuses one with files of a later format.
fn usable(path: &Path) -> io::Result<()> {
    make(path)?;
    ours::claim(path)?;
    match read::<Index>(&path.join(INDEX)) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Err(error),
        _ => NamedTempFile::new_in(path).map(drop),
    }
}

#[cfg(unix)]
fn make(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make(path: &Path) -> io::Result<()> {
    // The profile folder of Windows is private to its user already.
    fs::create_dir_all(path)
}

pub(super) fn read<T: DeserializeOwned>(file: &Path) -> io::Result<T> {
    let bytes = ours::read(file)?;
    let FormatOnly { format } = serde_json::from_slice(&bytes)?;
    if format > FORMAT {
        let text = format!("{} was written by a later version of this driver", file.display());
        return Err(io::Error::new(io::ErrorKind::Unsupported, text));
    }
    Ok(serde_json::from_slice::<Versioned<T>>(&bytes)?.content)
}

/// A missing or damaged file is as good as an empty one; one of a later format is not to be written over.
fn read_or<T: DeserializeOwned>(file: &Path, empty: impl FnOnce() -> T) -> Result<T> {
    match read(file) {
        Ok(content) => Ok(content),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Err(trouble(&error)),
        Err(_) => Ok(empty()),
    }
}

/// Writes through a temporary file (0600 from the start) and a rename.
fn write<T: Serialize>(file: &Path, content: T) -> Result<()> {
    let replaced = temporary(file, content).and_then(|temporary| {
        temporary.as_file().sync_data()?;
        temporary.persist(file)?;
        Ok(())
    });
    replaced.map_err(|error| trouble(&error))
}

/// As [`write`], without waiting for the disk: a power cut may leave a damaged file.
pub(super) fn write_soon<T: Serialize>(file: &Path, content: T) -> io::Result<()> {
    temporary(file, content)?.persist(file)?;
    Ok(())
}

fn temporary<T: Serialize>(file: &Path, content: T) -> io::Result<NamedTempFile> {
    let mut temporary = NamedTempFile::new_in(file.parent().unwrap_or_else(|| Path::new(".")))?;
    temporary.write_all(&serde_json::to_vec(&Versioned { format: FORMAT, content })?)?;
    Ok(temporary)
}

fn locked<T>(folder: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let _lock = ours::lock(&folder.join(LOCK)).map_err(|error| trouble(&error))?;
    work()
}

fn trouble(error: &io::Error) -> Error {
    Error::new(ErrorKind::General, format!("the state folder cannot be used: {error}; see StateLocation"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Pin;

    fn owner() -> Owner {
        Owner { host: "acme.pipedrive.com".into(), company_id: 7, user_id: 3, ..Owner::default() }
    }

    fn pin(key: &str) -> Pin {
        Pin { key: key.into(), name: key.into() }
    }

    #[test]
    fn a_proof_is_found_by_another_folder_object_until_it_is_too_old_or_disproven() {
        let place = tempfile::tempdir().unwrap();
        let key = TokenKey::new("https://acme.pipedrive.com", "api-token", "secret");
        Folder::at(place.path()).0.prove(&key, &owner()).unwrap();
        let other = Folder::at(place.path()).0;
        assert_eq!(other.owner(&key, 3600), Some(owner()));
        assert_eq!(other.owner(&key, 0), None);
        assert_eq!(other.owner(&TokenKey::new("https://acme.pipedrive.com", "api-token", "other"), 3600), None);
        other.disprove(&key).unwrap();
        assert_eq!(other.owner(&key, 3600), None);
    }

    #[test]
    fn proofs_of_a_host_are_forgotten_without_knowing_the_token() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path()).0;
        let other = Owner { host: "beta.pipedrive.com".into(), ..owner() };
        let key = |origin: &str| TokenKey::new(origin, "api-token", "secret");
        let prove = || {
            folder.prove(&key("https://api.pipedrive.com"), &owner()).unwrap();
            folder.prove(&key("https://beta.pipedrive.com"), &other).unwrap();
        };
        let left =
            || ["api", "beta"].map(|name| folder.owner(&key(&format!("https://{name}.pipedrive.com")), 60).is_some());
        for (host, expected) in
            [(Some(&*owner().host), [false, true]), (Some("x.pipedrive.com"), [true, true]), (None, [false, false])]
        {
            prove();
            folder.disprove_host(host).unwrap();
            assert_eq!(left(), expected, "{host:?}");
        }
    }

    #[test]
    fn files_from_before_zones_were_kept_lose_nothing() {
        let place = tempfile::tempdir().unwrap();
        let (folder, key) = (Folder::at(place.path()).0, TokenKey::new("o", "s", "t"));
        folder.prove(&key, &owner()).unwrap();
        folder.change(&owner(), |state| state.pins.entry("deals".into()).or_default().push(pin("a"))).unwrap();
        for file in [INDEX.to_owned(), file_name(&owner())].map(|name| place.path().join(name)) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.contains(r#","timezone":"""#), "{text}");
            fs::write(&file, text.replace(r#","timezone":"""#, "")).unwrap();
        }
        assert_eq!(folder.owner(&key, 3600), Some(owner()));
        assert_eq!(folder.state(&owner()).pins["deals"], [pin("a")]);
    }

    #[test]
    fn changes_of_two_processes_are_both_kept() {
        let place = tempfile::tempdir().unwrap();
        let (one, two) = (Folder::at(place.path()).0, Folder::at(place.path()).0);
        one.change(&owner(), |state| state.pins.entry("deals".into()).or_default().push(pin("a"))).unwrap();
        two.change(&owner(), |state| state.pins.entry("deals".into()).or_default().push(pin("b"))).unwrap();
        assert_eq!(one.state(&owner()).pins["deals"], [pin("a"), pin("b")]);
    }

    #[test]
    fn no_file_holds_the_token() {
        let place = tempfile::tempdir().unwrap();
        let key = TokenKey::new("https://acme.pipedrive.com", "api-token", "5ecre7");
        Folder::at(place.path()).0.prove(&key, &owner()).unwrap();
        for file in fs::read_dir(place.path()).unwrap() {
            assert!(!fs::read_to_string(file.unwrap().path()).unwrap().contains("5ecre7"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_folder_and_files() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("state");
        let folder = Folder::at(&path).0;
        folder.change(&owner(), |state| drop(state.pins.insert("deals".into(), Vec::new()))).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join(file_name(&owner()))), 0o600);
    }

    #[test]
    fn a_file_of_a_later_format_is_refused_and_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let later = r#"{"format":2,"proofs":"else"}"#;
        fs::write(place.path().join(INDEX), later).unwrap();
        let (folder, warning) = Folder::at(place.path());
        assert!(warning.unwrap().message.contains("later version"));
        folder.prove(&TokenKey::new("o", "s", "t"), &owner()).unwrap();
        assert_eq!(fs::read_to_string(place.path().join(INDEX)).unwrap(), later);
    }

    #[test]
    fn a_damaged_file_counts_as_empty() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path()).0;
        fs::write(place.path().join(file_name(&owner())), "{\"format\":1,\"pi").unwrap();
        assert!(folder.state(&owner()).pins.is_empty());
        folder.change(&owner(), |state| state.pins.entry("deals".into()).or_default().push(pin("a"))).unwrap();
        assert_eq!(folder.state(&owner()).pins["deals"], [pin("a")]);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_place_of_a_file_makes_the_folder_unusable_and_hangs_nobody() {
        let owned = file_name(&owner());
        for name in [
            INDEX,
            LOCK,
            super::super::ledger::LOCK,
            super::super::claims::BURST,
            &owned,
            "budget-acme.pipedrive.com-7.json",
        ] {
            let place = tempfile::tempdir().unwrap();
            let used = Folder::at(place.path()).0;
            let made = std::process::Command::new("mkfifo").arg(place.path().join(name)).status().unwrap();
            assert!(made.success());
            let (folder, warning) = Folder::at(place.path());
            assert_eq!(folder.path(), None, "{name}");
            let message = warning.unwrap().message;
            for part in [&format!("{name} in it is no ordinary file"), "burst window", "StateLocation"] {
                assert!(message.contains(part), "'{part}' is missing in: {message}");
            }
            // One that comes while the folder is in use.
            used.state(&owner());
            used.proof(&TokenKey::new("o", "s", "t"));
            assert_eq!(used.owners().unwrap(), []);
            let changed = used.change(&owner(), |state| drop(state.pins.insert("deals".into(), Vec::new())));
            assert_eq!(changed.is_err(), name == LOCK, "{name}");
        }
    }
}
