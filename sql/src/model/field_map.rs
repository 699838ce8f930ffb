//! Names of custom columns in a file: pins of one machine, for another one.
//!
//! The file is JSON: `{"format": 1, "names": "label", "entities": {"deals": {"<key>": "Lead Source"}}}`. Order counts: it
//! is that of the columns. Whoever reads a file checks it, so that a map never has two fields of one name. Errors tell
//! line and column, never the text: the path may lead to any file.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::custom::harmless;
use super::{ENTITIES, NameStyle, Pin};
use crate::{Error, ErrorKind, Result};

/// The version of files that this driver writes and reads.
const FORMAT: u64 = 1;

/// What editors on Windows put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// No company has as many fields; a longer file is none of ours.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Names of custom columns by entity and key of the field; they come before pins and labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldMap {
    names: NameStyle,
    entities: Vec<(String, Vec<Pin>)>,
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u64,
    #[serde(default)]
    names: NameStyle,
    entities: Members<Members<String>>,
}

/// The part of a file that every version has.
#[derive(Deserialize)]
struct FormatOnly {
    format: u64,
}

/// The members of a JSON object in their order, double ones included.
struct Members<T>(Vec<(String, T)>);

impl FieldMap {
    /// A map of these names, by the names under which entities keep their definitions.
    ///
    /// # Errors
    /// `Property` as [`Self::parse`].
    pub fn new(names: NameStyle, entities: Vec<(String, Vec<Pin>)>) -> Result<Self> {
        let map = Self { names, entities };
        for (place, (entity, pins)) in map.entities.iter().enumerate() {
            if map.entities[..place].iter().any(|(other, _)| other == entity) {
                return Err(wrong(format!("it has the entity '{entity}' twice")));
            }
            check(entity, pins)?;
        }
        Ok(map)
    }

    /// Reads a file's content; a byte order mark before it does not count.
    ///
    /// # Errors
    /// `Property` for what is no field map or one of a later version, for a name that no column can have, for two fields
    /// with one name, and for the name of a built-in column.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let FormatOnly { format } = serde_json::from_slice(text).map_err(|error| no_map(&error))?;
        if format > FORMAT {
            let text = format!(
                "it has the format {format} of a later version; this version reads the format {FORMAT}: export the \
                 file with this version, or install the later one here"
            );
            return Err(wrong(text));
        }
        let File { names, entities, .. } = serde_json::from_slice(text).map_err(|error| no_map(&error))?;
        let pins = |fields: Members<String>| fields.0.into_iter().map(|(key, name)| Pin { key, name }).collect();
        Self::new(names, entities.0.into_iter().map(|(entity, fields)| (entity, pins(fields))).collect())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// `Property` as [`Self::parse`], and for a file that is not there or cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let read = || -> io::Result<Vec<u8>> {
            // Opening a pipe would wait for whoever writes into it.
            let about = fs::metadata(path)?;
            if !about.is_file() || about.len() > LARGEST {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file of names"));
            }
            fs::read(path)
        };
        Self::parse(&read().map_err(|error| wrong(format!("the file cannot be read: {error}")))?)
    }

    /// The file's content.
    pub fn to_json(&self) -> String {
        let fields = |pins: &[Pin]| Members(pins.iter().map(|pin| (pin.key.clone(), pin.name.clone())).collect());
        let entities = self.entities.iter().map(|(entity, pins)| (entity.clone(), fields(pins)));
        let file = File { format: FORMAT, names: self.names, entities: Members(entities.collect()) };
        // Texts and numbers alone cannot fail.
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }

    /// How the names were made at first sight.
    pub const fn names(&self) -> NameStyle {
        self.names
    }

    /// The names of an entity's fields, in their order; empty for an entity that the map does not have.
    pub fn pins(&self, record: &str) -> &[Pin] {
        self.entities.iter().find(|(entity, _)| entity == record).map_or(&[], |(_, pins)| pins)
    }

    /// Entities and the names of their fields, in the order of the file.
    pub fn entities(&self) -> impl Iterator<Item = (&str, &[Pin])> {
        self.entities.iter().map(|(entity, pins)| (entity.as_str(), pins.as_slice()))
    }

    /// Entities whose custom fields this driver does not know.
    pub fn unknown_entities(&self) -> impl Iterator<Item = &str> {
        let known = |name: &str| ENTITIES.iter().any(|entity| entity.record == name && entity.has_custom_fields());
        self.entities().map(|(entity, _)| entity).filter(move |entity| !known(entity))
    }
}

/// Whether columns can have these names, each its own.
fn check(record: &str, pins: &[Pin]) -> Result<()> {
    let entity = ENTITIES.iter().find(|entity| entity.record == record);
    let (mut keys, mut names) = (HashMap::new(), HashMap::new());
    for pin in pins {
        let Pin { key, name } = pin;
        if key.is_empty() || keys.insert(key, ()).is_some() {
            return Err(wrong(format!("it has the field '{key}' of {record} twice, or without its key")));
        }
        if name.is_empty() || harmless(name) != *name {
            return Err(wrong(format!(
                "'{}' of the field {key} of {record} cannot be the name of a column: names have 1 to 64 characters, \
                 none of \" . [ ] ! ` and no controls, single blanks between words and none around",
                name.escape_debug()
            )));
        }
        if let Some(other) = names.insert(name.to_lowercase(), key) {
            return Err(wrong(format!("the fields {other} and {key} of {record} are both called '{name}'")));
        }
        let columns = entity.iter().flat_map(|entity| entity.columns);
        if let Some(column) = columns.into_iter().find(|column| column.name == name.to_lowercase()) {
            return Err(wrong(format!(
                "the field {key} of {record} is called '{name}', as the built-in column {record}.{} is",
                column.name
            )));
        }
    }
    Ok(())
}

fn wrong(text: String) -> Error {
    Error::new(ErrorKind::Property, text)
}

fn no_map(error: &serde_json::Error) -> Error {
    wrong(format!(
        "it is no field map as `pipedrive-odbc fields export` writes it (line {}, column {})",
        error.line(),
        error.column()
    ))
}

impl<T: Serialize> Serialize for Members<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct InOrder<T>(Vec<(String, T)>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Members<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> std::result::Result<Members<T>, A::Error> {
                while let Some(member) = map.next_entry()? {
                    self.0.push(member);
                }
                Ok(Members(self.0))
            }
        }
        deserializer.deserialize_map(InOrder(Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(entities: &str) -> String {
        format!(r#"{{"format": 1, "names": "slug", "entities": {entities}}}"#)
    }

    #[test]
    fn what_is_written_is_read_in_its_order() {
        let text = file(r#"{"persons": {"b": "Topics", "a": "Größe 😀"}, "deals": {}, "invoices": {"c": "Paid"}}"#);
        let map = FieldMap::parse(text.as_bytes()).unwrap();
        assert_eq!(map.names(), NameStyle::Slug);
        let names: Vec<_> = map.pins("persons").iter().map(|pin| (&*pin.key, &*pin.name)).collect();
        assert_eq!(names, [("b", "Topics"), ("a", "Größe 😀")]);
        assert_eq!((map.pins("deals"), map.pins("leads")), (&[][..], &[][..]));
        assert_eq!(map.unknown_entities().collect::<Vec<_>>(), ["invoices"]);
        assert_eq!(FieldMap::parse(map.to_json().as_bytes()).unwrap(), map);
        assert!(map.to_json().starts_with("{\n  \"format\": 1,"), "{}", map.to_json());
    }

    #[test]
    fn what_is_wrong_is_told_with_both_sides() {
        let long = format!(r#"{{"deals": {{"a": "{}"}}}}"#, "x".repeat(65));
        let cases: [(&str, &[&str]); 11] = [
            (r#"{"deals": {"a": "Region", "b": "REGION"}}"#, &["fields a and b of deals", "'REGION'"]),
            (r#"{"deals": {"a": "Status"}}"#, &["field a of deals", "'Status'", "built-in column deals.status"]),
            (r#"{"deals": {"a": "Größe", "b": "GRÖSSE", "c": "GRÖßE"}}"#, &["fields a and c of deals"]),
            // U+212A is the sign of the unit Kelvin; its small letter is `k`.
            (r#"{"organizations": {"a": "lin\u212Aedin"}}"#, &["built-in column organizations.linkedin"]),
            (r#"{"deals": {"a": "x", "a": "y"}}"#, &["'a' of deals", "twice"]),
            (r#"{"deals": {"": "x"}}"#, &["without its key"]),
            (r#"{"deals": {}, "deals": {}}"#, &["'deals' twice"]),
            (r#"{"deals": {"a": "Next.Step"}}"#, &["'Next.Step'", "field a of deals", "name of a column"]),
            (r#"{"deals": {"a": ""}}"#, &["field a of deals", "1 to 64"]),
            (r#"{"deals": {"a": " x"}}"#, &["' x'", "none around"]),
            (&long, &["1 to 64"]),
        ];
        for (entities, parts) in cases {
            let error = FieldMap::parse(file(entities).as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Property);
            assert!(parts.iter().all(|part| error.message().contains(part)), "{entities}: {error}");
        }
    }

    #[test]
    fn another_file_is_refused_without_showing_it() {
        let later = FieldMap::parse(br#"{"format": 2, "tables": "SECRET"}"#).unwrap_err();
        assert!(later.message().contains("format 2 of a later version"), "{later}");
        let others =
            ["", "SECRET=1", r#"{"format": "SECRET"}"#, r#"{"format": 1, "SECRET": 1, "entities": {}}"#, "[1]"];
        for text in others {
            let error = FieldMap::parse(text.as_bytes()).unwrap_err();
            assert!(error.message().contains("no field map") && !error.message().contains("SECRET"), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        let folder = tempfile::tempdir().unwrap();
        for (path, part) in [(folder.path().to_owned(), "no file of names"), (folder.path().join("none"), "os error")] {
            let error = FieldMap::read(&path).unwrap_err();
            assert!(error.message().contains(part), "{error}");
        }
    }
}
