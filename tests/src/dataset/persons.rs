//! Persons: who work at the organizations.

use serde::Serialize;

use super::builtin::PERSON_LABELS;
use super::clock::{DAY, Day};
use super::custom::{self, CUSTOM_PERSON, CustomValue};
use super::draw::{Draw, Kind, Of};
use super::organizations::{Address, address, labels};
use super::words::{FIRST_NAMES, JOBS, LAST_NAMES, NOTES, TOWNS};
use super::{Dataset, Scope, once_in};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// From 1, with gaps.
    pub id: i64,
    /// First and last name.
    pub name: String,
    /// First name.
    pub first_name: String,
    /// Last name; `None` for some who have one name only.
    pub last_name: Option<String>,
    /// A user.
    pub owner_id: i64,
    /// An organization, perhaps a deleted one.
    pub org_id: Option<i64>,
    /// In seconds since 1970.
    pub add_time: i64,
    /// In seconds since 1970; `None` for some fresh rows.
    pub update_time: Option<i64>,
    /// The first one is the primary one.
    pub emails: Vec<Contact>,
    /// The first one is the primary one.
    pub phones: Vec<Contact>,
    /// Deleted rows are not listed.
    pub is_deleted: bool,
    /// Who sees the person.
    pub visible_to: i64,
    /// Options of the field `label_ids`.
    pub label_ids: Vec<i64>,
    /// A picture.
    pub picture_id: Option<i64>,
    /// From the synchronization of contacts.
    pub postal_address: Option<Address>,
    /// `""` for some.
    pub notes: Option<&'static str>,
    /// Messengers.
    pub im: Vec<Contact>,
    /// As `1987-04-01`.
    pub birthday: Option<String>,
    /// `""` for some.
    pub job_title: Option<&'static str>,
    /// Values in the order of the custom fields.
    pub custom: Vec<Option<CustomValue>>,
}

/// An address or a number, of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// The address or number.
    pub value: String,
    /// The one to use.
    pub primary: bool,
    /// `work`, `home`, `mobile`; `""` for some.
    pub label: &'static str,
}

/// What lists filter and sort by: cheap to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PersonKeys {
    pub(crate) id: i64,
    pub(crate) owner_id: i64,
    pub(crate) org_id: Option<i64>,
    pub(crate) add_time: i64,
    pub(crate) update_time: Option<i64>,
    pub(crate) is_deleted: bool,
    number: i64,
    draw: Draw,
}

impl Dataset {
    /// What lists need to know of a person.
    pub(crate) fn person_keys(&self, id: i64) -> Option<PersonKeys> {
        let place = self.person_numbers.place(id)?;
        let draw = self.draw(Kind::Person, id);
        let add_time = self.add_time(place.number, self.person_numbers, draw);
        let org_id =
            if draw.chance(Of::OrganizationMissing, 6) { None } else { self.some_id(Scope::Organizations, draw) };
        Some(PersonKeys {
            id,
            owner_id: self.owner(draw),
            org_id,
            add_time,
            update_time: self.update_time(place.number, self.person_numbers, add_time, draw),
            is_deleted: place.hidden.is_some(),
            number: place.number,
            draw,
        })
    }

    /// The person with this id, deleted or not.
    #[must_use]
    pub fn person(&self, id: i64) -> Option<Person> {
        let keys = self.person_keys(id)?;
        let draw = keys.draw;
        let (first_name, last_name) = names(&keys);
        let name = last_name.as_ref().map_or_else(|| first_name.clone(), |last| format!("{first_name} {last}"));
        Some(Person {
            id,
            emails: emails(&name, draw),
            name,
            first_name,
            last_name,
            owner_id: keys.owner_id,
            org_id: keys.org_id,
            add_time: keys.add_time,
            update_time: keys.update_time,
            phones: phones(draw),
            is_deleted: keys.is_deleted,
            visible_to: if draw.chance(Of::Visible, 90) { 3 } else { 1 },
            label_ids: labels(draw, PERSON_LABELS),
            picture_id: draw.chance(Of::Picture, 20).then(|| 400 + id),
            postal_address: draw.chance(Of::Street, 15).then(|| address(draw, draw.pick(Of::Place, TOWNS))),
            notes: draw.chance(Of::Note, 40).then(|| draw.pick(Of::Lost, NOTES)),
            im: messengers(id, draw),
            birthday: draw.chance(Of::Birthday, 20).then(|| Day(-3_000 + draw.below(Of::Day, 14_000)).to_string()),
            job_title: match draw.below(Of::Job, 10) {
                0..=1 => None,
                2 => Some(""),
                _ => Some(draw.pick(Of::Title, JOBS)),
            },
            custom: custom::values(
                self,
                CUSTOM_PERSON,
                custom::Base { draw, around: keys.add_time + 30 * DAY, currency: "EUR", worth: 1_000 },
            ),
        })
    }
}

fn names(keys: &PersonKeys) -> (String, Option<String>) {
    if once_in(keys.number, 150, 11) {
        return ("𠮷田".to_owned(), Some("花子 🌸".to_owned()));
    }
    let first = keys.draw.pick(Of::FirstName, FIRST_NAMES).to_owned();
    let last = keys.draw.pick(Of::LastName, LAST_NAMES);
    (first, (!once_in(keys.number, 40, 3)).then(|| last.to_owned()))
}

fn emails(name: &str, draw: Draw) -> Vec<Contact> {
    let local: String = name
        .to_lowercase()
        .chars()
        .map(|letter| if letter == ' ' { '.' } else { letter })
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '.')
        .collect();
    let work = Contact { value: format!("{local}@mail.example"), primary: true, label: "work" };
    match draw.below(Of::Email, 10) {
        0 => Vec::new(),
        1 => vec![work, Contact { value: format!("{local}@home.example"), primary: false, label: "home" }],
        _ => vec![work],
    }
}

/// Some have none, some two, and some labels were never chosen.
fn phones(draw: Draw) -> Vec<Contact> {
    let label = draw.pick(Of::Label, &["work", "mobile", ""]);
    let first = Contact { value: custom::phone(draw), primary: true, label };
    match draw.below(Of::Phone, 10) {
        0..=1 => Vec::new(),
        2 => vec![first, Contact { value: "+1 617 555 0100".to_owned(), primary: false, label: "" }],
        _ => vec![first],
    }
}

fn messengers(id: i64, draw: Draw) -> Vec<Contact> {
    let known = draw.chance(Of::Messenger, 10);
    let messenger = Contact { value: format!("contact{id}"), primary: true, label: "whatsapp" };
    if known { vec![messenger] } else { Vec::new() }
}
