//! The envelope, the rows and the cursor of one page.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::column::{Builder, Cell};
use super::layout::{Layout, Node};
use super::value::{Findings, Place, read};
use crate::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use crate::{Error, ErrorKind, Result};

/// The rows of one page.
#[derive(Debug)]
pub struct Page {
    /// The rows, with the layout's columns.
    pub batch: RecordBatch,
    /// Names the first row of the next page; `None` on the last one.
    pub next_cursor: Option<String>,
    /// A money value had more decimals than its column.
    pub rounded: bool,
    /// A record has an option that the definitions lack; its id stands in place of the label.
    pub unknown_option: bool,
    /// A record lacks a custom field that was asked for: its definition is of yesterday.
    pub lost_key: bool,
    /// A record has a custom field beside those of [`Layout::with_keys`].
    pub unknown_key: bool,
}

/// Decodes an answer: a list (`data` is an array or null) or one record (`data` is an object).
///
/// # Errors
/// `Network` for what is no complete answer of Pipedrive, `Conversion` and `OutOfRange` for values that fit no
/// column, `General` for an answer that says it has failed.
pub fn page(bytes: &[u8], layout: &Layout) -> Result<Page> {
    let mut rows = Rows::new(layout, bytes.len());
    // Looked at once: serde_json would look at each text of a slice of bytes.
    let text = std::str::from_utf8(bytes).map_err(|error| no_text(bytes, error))?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let envelope = Envelope { rows: &mut rows }.deserialize(&mut deserializer);
    let envelope = envelope.and_then(|envelope| deserializer.end().map(|()| envelope));
    let envelope = envelope.map_err(|error| rows.error.take().unwrap_or_else(|| broken(&error)))?;
    if envelope.success == Some(false) {
        let reason = envelope.error.unwrap_or_else(|| "no reason given".into());
        return Err(Error::new(ErrorKind::General, format!("Pipedrive refused the request: {reason}")));
    }
    if envelope.paged {
        // A list that was documented as whole; the rest of its rows would be missing.
        let text = "the answer is the first page of a list that is not known to have pages; nothing of it was used";
        return Err(Error::new(ErrorKind::Network, text));
    }
    if !envelope.data {
        return Err(Error::new(ErrorKind::Network, "the answer is JSON, but not one of Pipedrive's: it has no data"));
    }
    rows.finish(envelope.next_cursor.filter(|cursor| !cursor.is_empty()))
}

/// An answer with bytes that are no UTF-8. One that ends within a character ended early.
fn no_text(bytes: &[u8], error: std::str::Utf8Error) -> Error {
    let what = if error.error_len().is_none() { "ended early" } else { "is no JSON that Pipedrive sends" };
    let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
    let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = valid.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    unusable(what, line, column)
}

fn broken(error: &serde_json::Error) -> Error {
    let what = if error.is_eof() { "ended early" } else { "is no JSON that Pipedrive sends" };
    unusable(what, error.line(), error.column())
}

fn unusable(what: &str, line: usize, column: usize) -> Error {
    let text = format!("the answer {what} (line {line}, column {column}); nothing of it was used");
    Error::new(ErrorKind::Network, text)
}

/// The rows under construction.
struct Rows<'a> {
    layout: &'a Layout,
    builders: Vec<Builder>,
    /// The row that is being read; a member that comes twice counts as it came last.
    cells: Vec<Cell>,
    /// The texts of the row that is being read.
    scratch: String,
    count: usize,
    findings: Findings,
    /// The error behind one that serde carries as text only.
    error: Option<Error>,
    /// For each node of the layout the members of its first objects, in their order.
    seen: Vec<Vec<Seen<'a>>>,
}

/// A member's name and what it stands for. One record has its members in the order of the one before, mostly, so that
/// most names are found without being looked up.
struct Seen<'a> {
    name: Box<str>,
    found: Found<'a>,
}

impl<'a> Rows<'a> {
    fn new(layout: &'a Layout, bytes: usize) -> Self {
        /// Bytes of a small record; a guess that spares most copies.
        const RECORD: usize = 800;
        let room = (bytes / RECORD).clamp(1, 500);
        Self {
            layout,
            builders: layout
                .columns
                .iter()
                .map(|column| Builder::new(column.reading, room, layout.zone_of(column)))
                .collect(),
            cells: vec![Cell::Null; layout.cells],
            scratch: String::new(),
            count: 0,
            findings: Findings::default(),
            error: None,
            seen: std::iter::repeat_with(Vec::new).take(layout.nodes).collect(),
        }
    }

    /// Appends the row that was read.
    fn push(&mut self) {
        for (index, builder) in self.builders.iter_mut().enumerate() {
            let fallback = self.layout.fallbacks.get(index).copied().flatten();
            let cells = [Some(index), fallback].into_iter().flatten().filter_map(|cell| self.cells.get(cell));
            let cell = cells.into_iter().find(|cell| **cell != Cell::Null).unwrap_or(&Cell::Null);
            builder.append(cell, &self.scratch);
        }
        self.cells.fill(Cell::Null);
        self.scratch.clear();
        self.count += 1;
    }

    /// Reads a value for all cells that take it.
    fn set(&mut self, node: &Node, raw: &str) -> Result<()> {
        for leaf in &node.leaves {
            let (Some(column), Some(cell)) = (self.layout.columns.get(leaf.column), self.cells.get_mut(leaf.cell))
            else {
                continue;
            };
            let (scratch, findings) = (&mut self.scratch, &mut self.findings);
            read(raw, column, &mut Place { cell, scratch, findings })?;
        }
        Ok(())
    }

    /// Empties the cells below a member: it may come a second time, with other parts.
    fn forget(&mut self, node: &Node) {
        for cell in &node.below {
            if let Some(cell) = self.cells.get_mut(*cell) {
                *cell = Cell::Null;
            }
        }
    }

    fn finish(self, next_cursor: Option<String>) -> Result<Page> {
        let columns = self.builders.into_iter().map(Builder::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.count));
        let batch = RecordBatch::try_new_with_options(self.layout.schema(), columns, &options)
            .map_err(|error| Error::new(ErrorKind::General, format!("a page could not be put together: {error}")))?;
        let Findings { rounded, unknown_option, lost_key, unknown_key } = self.findings;
        Ok(Page { batch, next_cursor, rounded, unknown_option, lost_key, unknown_key })
    }
}

/// What stands around the rows.
#[derive(Default)]
struct Around {
    success: Option<bool>,
    data: bool,
    next_cursor: Option<String>,
    /// v1 says that there is more behind an offset.
    paged: bool,
    error: Option<String>,
}

struct Envelope<'r, 'a> {
    rows: &'r mut Rows<'a>,
}

impl<'de> DeserializeSeed<'de> for Envelope<'_, '_> {
    type Value = Around;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Around, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Envelope<'_, '_> {
    type Value = Around;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer of Pipedrive")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Around, A::Error> {
        let (mut around, mut additional) = (Around::default(), false);
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match name.as_ref() {
                // A second one could take back what the first says, such as that there are more pages.
                "success" if around.success.is_some() => return Err(A::Error::custom("success stands there twice")),
                "additional_data" if additional => return Err(A::Error::custom("additional_data stands there twice")),
                "success" => around.success = map.next_value()?,
                "error" => around.error = map.next_value()?,
                "data" if around.data => return Err(A::Error::custom("data stands there twice")),
                "data" => {
                    map.next_value_seed(Data { rows: &mut *self.rows })?;
                    around.data = true;
                }
                "additional_data" => {
                    additional = true;
                    let more = map.next_value::<Option<Additional>>()?.unwrap_or_default();
                    around.next_cursor = more.next_cursor;
                    around.paged = more.pagination.is_some_and(|offset| offset.more_items_in_collection);
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(around)
    }
}

#[derive(Default, serde::Deserialize)]
struct Additional {
    #[serde(default)]
    next_cursor: Option<String>,
    #[serde(default)]
    pagination: Option<Offset>,
}

#[derive(serde::Deserialize)]
struct Offset {
    #[serde(default)]
    more_items_in_collection: bool,
}

/// The member `data`: an array of records, one record, or null for none.
struct Data<'r, 'a> {
    rows: &'r mut Rows<'a>,
}

impl<'de> DeserializeSeed<'de> for Data<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Data<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Record { rows: &mut *self.rows })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        Record { rows: self.rows }.visit_map(map)
    }
}

/// One record; becomes one row.
struct Record<'r, 'a> {
    rows: &'r mut Rows<'a>,
}

impl<'de> DeserializeSeed<'de> for Record<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Record<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let root = &self.rows.layout.root;
        Members { node: root, rows: &mut *self.rows }.visit_map(map)?;
        self.rows.push();
        Ok(())
    }
}

/// The members of a record, or of an object in it.
struct Members<'r, 'a> {
    node: &'a Node,
    rows: &'r mut Rows<'a>,
}

impl<'de> Visitor<'de> for Members<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut found, mut next) = (0, 0);
        let Self { node, rows } = self;
        while let Some(name) = {
            let seen = rows.seen.get_mut(node.number);
            map.next_key_seed(Name { node, keys: &rows.layout.keys, seen, next: &mut next })?
        } {
            match name {
                Found::Asked(child) => {
                    found += 1;
                    map.next_value_seed(Member { node: child, rows: &mut *rows })?;
                }
                Found::Other { unknown } => {
                    rows.findings.unknown_key |= unknown;
                    let _: IgnoredAny = map.next_value()?;
                }
            }
        }
        rows.findings.lost_key |= node.custom && found < node.children.len();
        Ok(())
    }
}

/// What a member's name stands for.
#[derive(Clone, Copy)]
enum Found<'a> {
    /// A member on the way to a column.
    Asked(&'a Node),
    /// Another one; `unknown` for a custom field that is not defined.
    Other { unknown: bool },
}

/// A member's name, found without being copied.
struct Name<'a, 'n> {
    node: &'a Node,
    keys: &'n HashSet<String>,
    /// What the first objects had.
    seen: Option<&'n mut Vec<Seen<'a>>>,
    /// Which of these is expected.
    next: &'n mut usize,
}

impl<'de, 'a> DeserializeSeed<'de> for Name<'a, '_> {
    type Value = Found<'a>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'a> Visitor<'_> for Name<'a, '_> {
    type Value = Found<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let Self { node, keys, seen, next } = self;
        // The expected one, or the one behind it where this object lacks that.
        let known = seen.as_ref().and_then(|seen| {
            let candidates = seen.get(*next..)?.iter().take(2).enumerate();
            candidates
                .into_iter()
                .find(|(_, member)| *member.name == *name)
                .map(|(ahead, member)| (ahead, member.found))
        });
        if let Some((ahead, found)) = known {
            *next += ahead + 1;
            return Ok(found);
        }
        let unknown = || node.custom && !keys.is_empty() && !keys.contains(name);
        let found = node.children.get(name).map_or_else(|| Found::Other { unknown: unknown() }, Found::Asked);
        // Behind the last that is known only: an object in another order teaches nothing.
        if let Some(seen) = seen.filter(|seen| seen.len() == *next) {
            seen.push(Seen { name: name.into(), found });
            *next += 1;
        }
        Ok(found)
    }
}

/// A member's value.
struct Member<'r, 'a> {
    node: &'a Node,
    rows: &'r mut Rows<'a>,
}

impl<'de> DeserializeSeed<'de> for Member<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self { node, rows } = self;
        if node.custom && node.leaves.is_empty() {
            // Half of a record: not to be looked at twice.
            rows.forget(node);
            return deserializer.deserialize_any(CustomFields { node, rows });
        }
        let raw = <&RawValue as serde::Deserialize>::deserialize(deserializer)?.get();
        Self { node, rows }.take(raw).map_err(D::Error::custom)
    }
}

/// The custom fields of a record: an object, or null in an account whose last one was deleted.
struct CustomFields<'r, 'a> {
    node: &'a Node,
    rows: &'r mut Rows<'a>,
}

impl CustomFields<'_, '_> {
    fn none<E>(self) -> Result<(), E> {
        self.rows.findings.lost_key = true;
        Ok(())
    }
}

impl<'de> Visitor<'de> for CustomFields<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("custom fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        Members { node: self.node, rows: self.rows }.visit_map(map)
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.none()
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.none()
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.none()
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.none()
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.none()
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.none()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.none()
    }
}

impl Member<'_, '_> {
    fn take(self, raw: &str) -> Result<(), serde_json::Error> {
        let outcome = self.rows.set(self.node, raw);
        if self.node.children.is_empty() {
            return outcome.map_err(|error| self.rows.keep(error));
        }
        outcome.map_err(|error| self.rows.keep(error))?;
        self.rows.forget(self.node);
        if raw.starts_with('{') {
            let mut inner = serde_json::Deserializer::from_str(raw);
            return Deserializer::deserialize_map(&mut inner, Members { node: self.node, rows: self.rows });
        }
        // An account whose last custom field was deleted sends null in place of all of them.
        self.rows.findings.lost_key |= self.node.custom;
        // A plain value where an object is expected is the object's value, the other parts are missing.
        match self.node.children.get(VALUE) {
            Some(value) => self.rows.set(value, raw).map_err(|error| self.rows.keep(error)),
            None => Ok(()),
        }
    }
}

/// The member that holds the value itself where a value has parts.
const VALUE: &str = "value";

impl Rows<'_> {
    /// Keeps an error whole; serde would carry its text only.
    fn keep(&mut self, error: Error) -> serde_json::Error {
        let text = serde_json::Error::custom(&error);
        self.error.get_or_insert(error);
        text
    }
}

#[cfg(test)]
mod tests;
