//! Lists that a fault spoils after they were made: rows that are gone, shuffled, or lack a part.
//!
//! The members of a row that lacks one come in alphabetical order; everything else stays as it was written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::faults::Kind;

/// A list in its envelope.
#[derive(Serialize, Deserialize)]
struct Envelope {
    success: bool,
    data: Vec<Box<RawValue>>,
    additional_data: Box<RawValue>,
}

/// Members by name.
type Object = BTreeMap<String, Box<RawValue>>;

/// The list as the fault has it; faults of other kinds leave it alone.
pub(super) fn spoiled(body: Vec<u8>, fault: Option<&Kind>) -> Vec<u8> {
    let spoilt = match fault {
        Some(Kind::DropIds | Kind::LackingRow { .. }) => rewritten(&body, |rows| {
            let middle = rows.len() / 2;
            rows.splice(middle..rows.len().min(middle + 1), []);
            Ok(())
        }),
        Some(Kind::Disorder) => rewritten(&body, |rows| {
            shuffle(rows);
            Ok(())
        }),
        Some(Kind::MissingMember { name }) => rewritten(&body, |rows| without_member(rows, name)),
        Some(Kind::LostKeys { key }) => rewritten(&body, |rows| without_key(rows, key)),
        _ => return body,
    };
    // What the sandbox wrote can be read.
    spoilt.unwrap_or(body)
}

fn rewritten(
    body: &[u8],
    rewrite: impl FnOnce(&mut Vec<Box<RawValue>>) -> serde_json::Result<()>,
) -> serde_json::Result<Vec<u8>> {
    let mut envelope: Envelope = serde_json::from_slice(body)?;
    rewrite(&mut envelope.data)?;
    serde_json::to_vec(&envelope)
}

/// Every second row first: never the order that was, where there are two rows.
fn shuffle<T>(rows: &mut Vec<T>) {
    let (even, odd): (Vec<_>, Vec<_>) = rows.drain(..).enumerate().partition(|(place, _)| place % 2 == 0);
    rows.extend(odd.into_iter().chain(even).map(|(_, row)| row));
}

fn without_member(rows: &mut [Box<RawValue>], name: &str) -> serde_json::Result<()> {
    for row in rows {
        let mut members: Object = serde_json::from_str(row.get())?;
        members.remove(name);
        *row = to_raw_value(&members)?;
    }
    Ok(())
}

fn without_key(rows: &mut [Box<RawValue>], key: &str) -> serde_json::Result<()> {
    for row in rows {
        let mut members: Object = serde_json::from_str(row.get())?;
        // Null in an account without custom fields.
        let Some(custom) = members.get("custom_fields").filter(|custom| custom.get() != "null") else { continue };
        let mut custom: Object = serde_json::from_str(custom.get())?;
        custom.remove(key);
        members.insert("custom_fields".to_owned(), to_raw_value(&custom)?);
        *row = to_raw_value(&members)?;
    }
    Ok(())
}
