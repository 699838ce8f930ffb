//! Arrays of objects, read as one text: what is worth reading of each item, joined by `, `.
//!
//! The item that stands for the others (the primary contact, the organizer) comes first, the others as they were sent.
//! An item with nothing to read is left out.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::value::{Written, string};
use crate::model::Reading;

/// Puts the text of an array to the end of `scratch`; `None` for what is no such array.
pub(super) fn read(raw: &str, reading: Reading, scratch: &mut String) -> Option<()> {
    match reading {
        Reading::Participants => participants(raw, scratch),
        Reading::Attendees => attendees(raw, scratch),
        Reading::Prices => prices(raw, scratch),
        _ => contacts(raw, scratch),
    }
}

/// Sets the next item of a list that began at `start` apart from the one before.
pub(super) fn separate(scratch: &mut String, start: usize) {
    if scratch.len() > start {
        scratch.push_str(", ");
    }
}

/// The values of `[{value, primary, label}]`; v1 has some of them as plain text.
fn contacts(raw: &str, scratch: &mut String) -> Option<()> {
    #[derive(Deserialize)]
    struct Contact<'a> {
        #[serde(borrow)]
        value: Option<Written<'a>>,
        primary: Option<bool>,
    }
    if !raw.starts_with('[') {
        scratch.push_str(&string(raw)?);
        return Some(());
    }
    let mut contacts: Vec<Contact<'_>> = serde_json::from_str(raw).ok()?;
    contacts.sort_by_key(|contact| !contact.primary.unwrap_or(false));
    let start = scratch.len();
    for value in contacts.iter().filter_map(|contact| present(contact.value.as_ref())) {
        separate(scratch, start);
        scratch.push_str(value);
    }
    Some(())
}

/// The ids of `[{person_id, primary}]`.
fn participants(raw: &str, scratch: &mut String) -> Option<()> {
    #[derive(Deserialize)]
    struct Participant<'a> {
        #[serde(borrow)]
        person_id: Option<&'a RawValue>,
        primary: Option<bool>,
    }
    let mut participants: Vec<Participant<'_>> = serde_json::from_str(raw).ok()?;
    participants.sort_by_key(|participant| !participant.primary.unwrap_or(false));
    let start = scratch.len();
    for id in participants.iter().filter_map(|participant| participant.person_id) {
        separate(scratch, start);
        scratch.push_str(&plain(id));
    }
    Some(())
}

/// `[{name, email, is_organizer, ...}]` as `Ann Lee <ann@mail.example>`; one of both where the other is not known.
fn attendees(raw: &str, scratch: &mut String) -> Option<()> {
    #[derive(Deserialize)]
    struct Attendee<'a> {
        #[serde(borrow)]
        name: Option<Written<'a>>,
        #[serde(borrow)]
        email: Option<Written<'a>>,
        is_organizer: Option<bool>,
    }
    let mut attendees: Vec<Attendee<'_>> = serde_json::from_str(raw).ok()?;
    attendees.sort_by_key(|attendee| !attendee.is_organizer.unwrap_or(false));
    let start = scratch.len();
    for attendee in &attendees {
        let text = match (present(attendee.name.as_ref()), present(attendee.email.as_ref())) {
            (Some(name), Some(email)) => Cow::Owned(format!("{name} <{email}>")),
            (Some(text), None) | (None, Some(text)) => Cow::Borrowed(text),
            (None, None) => continue,
        };
        separate(scratch, start);
        scratch.push_str(&text);
    }
    Some(())
}

/// `[{price, currency, ...}]` as `12.50 EUR`, the number with the digits that were sent.
fn prices(raw: &str, scratch: &mut String) -> Option<()> {
    #[derive(Deserialize)]
    struct Price<'a> {
        #[serde(borrow)]
        price: Option<&'a RawValue>,
        #[serde(borrow)]
        currency: Option<Written<'a>>,
    }
    let start = scratch.len();
    for item in serde_json::from_str::<Vec<Price<'_>>>(raw).ok()? {
        let Some(price) = item.price else { continue };
        separate(scratch, start);
        scratch.push_str(&plain(price));
        if let Some(currency) = present(item.currency.as_ref()) {
            scratch.push(' ');
            scratch.push_str(currency);
        }
    }
    Some(())
}

/// A text that says something.
fn present<'t>(text: Option<&'t Written<'_>>) -> Option<&'t str> {
    text.map(|Written(text)| text.as_ref()).filter(|text| !text.is_empty())
}

/// A number as its digits, a string without its quotes.
fn plain(raw: &RawValue) -> Cow<'_, str> {
    string(raw.get()).unwrap_or_else(|| Cow::Borrowed(raw.get()))
}
