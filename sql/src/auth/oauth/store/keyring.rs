//! A sign-in in the keyring: several entries, changed as one.
//!
//! Each item of a sign-in is an entry, in pieces where it is longer than Windows holds. The entries of one sign-in have
//! a generation in their names, which is never used again; the entry `current`, written when all of them are there,
//! says which generation counts. So whoever reads sees one sign-in, never parts of two. A keyring is not asked what
//! else it has: before anything is written, the entry `pending` lists every generation that may be left to delete.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Shelf, lock};
use crate::auth::keeping::{LONGEST, SERVICE};
use crate::auth::oauth::kept::{SECRETS, SignIn, fresh_id};
use crate::auth::{Trouble, keyring};
use crate::settings::StoreLocation;
use crate::{Error, ErrorKind, Result};

/// The version of the entries that this driver writes; those of a later one are left alone.
const FORMAT: u32 = 1;
/// The item that holds everything but the secrets, which are an item each.
const ABOUT: &str = "about";
/// How often a reader starts again because a writer was faster.
const TRIES: u32 = 8;
/// Generations that the entry `pending` has room for. There are more only if deleting keeps failing.
const MOST: usize = 8;

/// Entries by user, as a keyring has them. None of it opens a dialog: what is written was renewed in the middle of
/// somebody's query, and whoever is to be asked is asked before, by the command.
pub(super) trait Entries: Send + Sync {
    /// The content of an entry; `None` when there is none.
    fn read(&self, user: &str) -> Result<Option<Vec<u8>>, Trouble>;
    /// Writes an entry, in place of what it held.
    fn write(&self, user: &str, content: &str) -> Result<(), Trouble>;
    /// Deletes an entry; `false` when there is none.
    fn delete(&self, user: &str) -> Result<bool, Trouble>;
}

/// The platform's keyring.
pub(super) struct System;

impl Entries for System {
    fn read(&self, user: &str) -> Result<Option<Vec<u8>>, Trouble> {
        keyring::read(SERVICE, user)
    }

    fn write(&self, user: &str, content: &str) -> Result<(), Trouble> {
        keyring::write_silently(SERVICE, user, content)
    }

    fn delete(&self, user: &str) -> Result<bool, Trouble> {
        keyring::delete_silently(SERVICE, user)
    }
}

/// One name in a keyring.
pub(super) struct InKeyring<E> {
    entries: E,
    location: StoreLocation,
    /// Start of the users of its entries.
    name: String,
    locks: Option<PathBuf>,
}

/// The entries of one sign-in: items by name, each with the number of its pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Generation {
    generation: String,
    items: BTreeMap<String, u8>,
}

/// What the entry `pending` says.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Pending {
    generations: Vec<Generation>,
}

/// A content behind its format version, which is read first.
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

/// Why there is no outcome.
#[derive(Debug)]
enum Fault {
    Trouble(Trouble),
    /// A later version wrote it.
    Later,
    /// What is there is no whole sign-in.
    Damaged,
    /// Others wrote faster than this one could read.
    Outrun,
    Other(Error),
}

impl<E: Entries> InKeyring<E> {
    pub(super) fn new(entries: E, location: StoreLocation, locks: Option<PathBuf>) -> Self {
        let key = location.key();
        let name = key.split_once("://").map_or(key.as_str(), |(_, name)| name);
        Self { entries, name: format!("oauth {name}"), location, locks }
    }

    /// The sign-in of the generation that counts.
    fn whole(&self) -> Result<Option<SignIn>, Fault> {
        let mut current = self.current()?;
        for _ in 0..TRIES {
            let Some(generation) = current else { return Ok(None) };
            if let Some(values) = self.values(&generation)? {
                return joined(values).map(Some).ok_or(Fault::Damaged);
            }
            let next = self.current()?;
            // An entry goes only after another generation counts.
            if next.as_ref() == Some(&generation) {
                return Err(Fault::Damaged);
            }
            current = next;
        }
        Err(Fault::Outrun)
    }

    /// The items of a generation; `None` if one of their entries is missing.
    fn values(&self, generation: &Generation) -> Result<Option<BTreeMap<String, String>>, Fault> {
        let mut values = BTreeMap::new();
        for (item, pieces) in &generation.items {
            let mut bytes = Vec::new();
            for piece in 1..=*pieces {
                match self.entries.read(&self.piece(generation, item, piece))? {
                    Some(part) => bytes.extend(part),
                    None => return Ok(None),
                }
            }
            values.insert(item.clone(), String::from_utf8(bytes).map_err(|_| Fault::Damaged)?);
        }
        Ok(Some(values))
    }

    fn replace(&self, sign_in: &SignIn) -> Result<(), Fault> {
        let items = split(sign_in)?;
        let counts = items.iter().map(|(item, pieces)| Ok((item.clone(), count(pieces)?)));
        let items_of = counts.collect::<Result<_, Fault>>()?;
        let fresh = Generation { generation: fresh_id()?, items: items_of };
        let pending = self.announce(Some(&fresh))?;
        for (item, pieces) in &items {
            for (number, piece) in (1..).zip(pieces) {
                self.entries.write(&self.piece(&fresh, item, number), piece)?;
            }
        }
        self.write(&self.current_user(), fresh.clone())?;
        // The new sign-in is kept, whatever becomes of the old one: the next writer finds it under `pending`.
        if let Err(fault) = self.finish(&pending, Some(&fresh)) {
            tracing::debug!(?fault, "entries of a former sign-in are left in the keyring");
        }
        Ok(())
    }

    fn delete(&self) -> Result<bool, Fault> {
        let pending = self.announce(None)?;
        let was_there = self.entries.delete(&self.current_user())?;
        self.finish(&pending, None)?;
        Ok(was_there)
    }

    /// Lists what is there, what may be left of former sign-ins, and what is about to be written.
    fn announce(&self, fresh: Option<&Generation>) -> Result<Pending, Fault> {
        let current = unless_damaged(self.current())?.flatten();
        let left = unless_damaged(self.read::<Pending>(&self.pending_user()))?.flatten().unwrap_or_default();
        let mut pending = self.unswept(left, current.as_ref());
        for generation in current.into_iter().chain(fresh.cloned()) {
            pending.generations.retain(|known| *known != generation);
            pending.generations.push(generation);
        }
        let surplus = pending.generations.len().saturating_sub(MOST);
        pending.generations.drain(..surplus);
        if !pending.generations.is_empty() {
            self.write(&self.pending_user(), &pending)?;
        }
        Ok(pending)
    }

    /// What is left of former sign-ins after an attempt to delete it.
    fn unswept(&self, left: Pending, current: Option<&Generation>) -> Pending {
        match self.sweep(&left, current) {
            Ok(()) => Pending::default(),
            Err(fault) => {
                tracing::debug!(?fault, "entries of a former sign-in are left in the keyring");
                left
            }
        }
    }

    /// Deletes the entries of all these generations but one.
    fn sweep(&self, pending: &Pending, but: Option<&Generation>) -> Result<(), Fault> {
        for generation in pending.generations.iter().filter(|generation| Some(*generation) != but) {
            for (item, pieces) in &generation.items {
                for piece in 1..=*pieces {
                    self.entries.delete(&self.piece(generation, item, piece))?;
                }
            }
        }
        Ok(())
    }

    /// The same, and then the list of them.
    fn finish(&self, pending: &Pending, but: Option<&Generation>) -> Result<(), Fault> {
        self.sweep(pending, but)?;
        self.entries.delete(&self.pending_user())?;
        Ok(())
    }

    fn current(&self) -> Result<Option<Generation>, Fault> {
        self.read(&self.current_user())
    }

    fn read<T: DeserializeOwned>(&self, user: &str) -> Result<Option<T>, Fault> {
        let Some(bytes) = self.entries.read(user)? else { return Ok(None) };
        match serde_json::from_slice(&bytes) {
            Ok(FormatOnly { format: FORMAT }) => {
                let versioned: Versioned<T> = serde_json::from_slice(&bytes).map_err(|_| Fault::Damaged)?;
                Ok(Some(versioned.content))
            }
            Ok(FormatOnly { format }) if format > FORMAT => Err(Fault::Later),
            _ => Err(Fault::Damaged),
        }
    }

    fn write(&self, user: &str, content: impl Serialize) -> Result<(), Fault> {
        let content = serde_json::to_string(&Versioned { format: FORMAT, content }).map_err(|_| Fault::Damaged)?;
        Ok(self.entries.write(user, &content)?)
    }

    fn current_user(&self) -> String {
        format!("{} current", self.name)
    }

    fn pending_user(&self) -> String {
        format!("{} pending", self.name)
    }

    fn piece(&self, generation: &Generation, item: &str, piece: u8) -> String {
        format!("{} {} {item}.{piece}", self.name, generation.generation)
    }
}

impl<E: Entries> Shelf for InKeyring<E> {
    fn look(&self) -> Result<Option<SignIn>> {
        self.whole().map_err(|fault| fault.at(&self.location))
    }

    fn keep(&self, sign_in: &SignIn) -> Result<()> {
        self.replace(sign_in).map_err(|fault| fault.at(&self.location))
    }

    fn forget(&self) -> Result<bool> {
        self.delete().map_err(|fault| fault.at(&self.location))
    }

    fn lock_file(&self) -> Result<Option<PathBuf>> {
        Ok(self.locks.as_deref().and_then(|locks| lock::in_folder(locks, &self.location.key())))
    }
}

/// The items of a sign-in, in pieces that every keyring holds.
fn split(sign_in: &SignIn) -> Result<BTreeMap<String, Vec<String>>, Fault> {
    let mut members = sign_in.members()?;
    let mut items = BTreeMap::new();
    for secret in SECRETS {
        if let Some(Value::String(value)) = members.remove(secret) {
            items.insert(secret.to_owned(), pieces(&value));
        }
    }
    items.insert(ABOUT.to_owned(), pieces(&Value::Object(members).to_string()));
    Ok(items)
}

/// The sign-in of these items; `None` if they are none.
fn joined(mut items: BTreeMap<String, String>) -> Option<SignIn> {
    let mut members: Map<String, Value> = serde_json::from_str(&items.remove(ABOUT)?).ok()?;
    members.extend(items.into_iter().map(|(name, value)| (name, Value::String(value))));
    SignIn::of_members(members)
}

/// Pieces of at most [`LONGEST`] characters, as UTF-16 counts them; at least one.
fn pieces(value: &str) -> Vec<String> {
    let (mut pieces, mut length) = (vec![String::new()], 0);
    for character in value.chars() {
        length += character.len_utf16();
        if length > LONGEST {
            pieces.push(String::new());
            length = character.len_utf16();
        }
        pieces.last_mut().into_iter().for_each(|piece| piece.push(character));
    }
    pieces
}

fn count(pieces: &[String]) -> Result<u8, Fault> {
    u8::try_from(pieces.len()).map_err(|_| Fault::Trouble(Trouble::TooLong))
}

/// What is damaged is written over.
fn unless_damaged<T>(found: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Fault::Damaged) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// What serves in place of the keyring.
const WAYS: &str = "name a file (its absolute path) as OAuthSettingsLocation and sign in there with `pipedrive-odbc login \
                    --oauth`";

impl Fault {
    fn at(self, location: &StoreLocation) -> Error {
        let or = |cure: &str| format!("{cure}, or {WAYS}");
        let (what, cure) = match self {
            Self::Trouble(trouble) => (trouble.what(), trouble.own_cure().map_or_else(|| WAYS.to_owned(), or)),
            Self::Later => {
                ("its sign-in was written by a later version of this driver".to_owned(), or("use that version"))
            }
            Self::Damaged => {
                ("its sign-in is damaged".to_owned(), "sign in anew with `pipedrive-odbc login --oauth`".to_owned())
            }
            Self::Outrun => ("another program changes its sign-in again and again".to_owned(), or("end that one")),
            Self::Other(error) => return error,
        };
        let text = format!("OAuthSettingsLocation={location} cannot be used: {what}");
        Error::new(ErrorKind::SignIn, text).with_cure(cure)
    }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

#[cfg(test)]
mod tests;
