//! What happened.

use serde::Serialize;

use super::Edit;
use crate::dataset::{Deal, Entity, Field, Organization, Person};

/// A record or a field at some moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A deal.
    Deal(Box<Deal>),
    /// A person.
    Person(Box<Person>),
    /// An organization.
    Organization(Box<Organization>),
    /// The definition of a field.
    Field(Box<Field>),
}

impl Record {
    /// The deal, if it is one.
    #[must_use]
    pub fn deal(&self) -> Option<&Deal> {
        if let Self::Deal(deal) = self { Some(deal) } else { None }
    }

    /// The person, if it is one.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        if let Self::Person(person) = self { Some(person) } else { None }
    }

    /// The organization, if it is one.
    #[must_use]
    pub fn organization(&self) -> Option<&Organization> {
        if let Self::Organization(organization) = self { Some(organization) } else { None }
    }

    /// The field, if it is one.
    #[must_use]
    pub fn field(&self) -> Option<&Field> {
        if let Self::Field(field) = self { Some(field) } else { None }
    }
}

/// An edit that was done.
///
/// Requests that were among the first [`Change::answered`] saw the company before it, all others after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// From 1, in the order in which edits were done.
    pub number: u64,
    /// The clock of the company, in seconds since 1970: the `update_time` of an edited record, the `add_time` of a new
    /// one.
    pub moment: i64,
    /// Requests to the API that were answered before, refused ones included; [`crate::Running::answered`] counts them.
    pub answered: u64,
    /// What was done.
    pub edit: Edit,
    /// Where it was done: deals, persons, organizations, or the fields of these or of products.
    pub entity: Entity,
    /// The record; `None` for a field.
    pub id: Option<i64>,
    /// As it was; `None` for what did not exist.
    pub before: Option<Record>,
    /// As it became; `None` for a deleted field. Deleted records go on with `is_deleted`.
    pub after: Option<Record>,
}
