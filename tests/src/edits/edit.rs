//! What somebody does to the company.

use serde::{Deserialize, Serialize};

use crate::dataset::{Amount, CustomValue, Entity, Status};

/// One edit.
///
/// As JSON for `POST /__edits`: `{"kind": "deal_stage", "id": 7, "stage_id": 3}`; kinds are the names of the variants,
/// members those of their fields. Amounts are texts or numbers, custom values are `{"text": "x"}`, `{"choice": 101}`,
/// `{"money": {"value": "12.50", "currency": "EUR"}}` and so on, by the variants of [`CustomValue`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Edit {
    /// Moves a deal to a stage, and to its pipeline.
    DealStage {
        /// The deal.
        id: i64,
        /// Where it goes.
        stage_id: i64,
    },
    /// Wins, loses or reopens a deal; [`Edit::DeleteDeal`] deletes.
    DealStatus {
        /// The deal.
        id: i64,
        /// Open, won or lost.
        status: Status,
    },
    /// Gives a deal to a user.
    DealOwner {
        /// The deal.
        id: i64,
        /// A user.
        owner_id: i64,
    },
    /// Renames a deal.
    DealTitle {
        /// The deal.
        id: i64,
        /// Its title.
        title: String,
    },
    /// Changes what a deal is worth.
    DealValue {
        /// The deal.
        id: i64,
        /// Its value.
        value: Option<Amount>,
    },
    /// Fills in or clears a custom field of a deal.
    DealCustom {
        /// The deal.
        id: i64,
        /// The field's key.
        key: String,
        /// Its value, of a kind that the field can hold.
        value: Option<CustomValue>,
    },
    /// Makes a deal.
    CreateDeal(NewDeal),
    /// Deletes a deal; an archived one stays archived.
    DeleteDeal {
        /// The deal.
        id: i64,
    },
    /// Puts a deal into the archive.
    ArchiveDeal {
        /// The deal.
        id: i64,
    },
    /// Takes a deal out of the archive.
    UnarchiveDeal {
        /// The deal.
        id: i64,
    },
    /// Renames a person.
    PersonName {
        /// The person.
        id: i64,
        /// First name and the rest.
        name: String,
    },
    /// Gives a person to a user.
    PersonOwner {
        /// The person.
        id: i64,
        /// A user.
        owner_id: i64,
    },
    /// Moves a person to an organization or to none.
    PersonOrganization {
        /// The person.
        id: i64,
        /// The organization.
        org_id: Option<i64>,
    },
    /// Makes a person, owned by the owner of the token.
    CreatePerson {
        /// First name and the rest.
        name: String,
        /// The organization.
        #[serde(default)]
        org_id: Option<i64>,
    },
    /// Deletes a person.
    DeletePerson {
        /// The person.
        id: i64,
    },
    /// Renames an organization.
    OrganizationName {
        /// The organization.
        id: i64,
        /// Its name.
        name: String,
    },
    /// Gives an organization to a user.
    OrganizationOwner {
        /// The organization.
        id: i64,
        /// A user.
        owner_id: i64,
    },
    /// Makes an organization, owned by the owner of the token.
    CreateOrganization {
        /// Its name.
        name: String,
    },
    /// Deletes an organization.
    DeleteOrganization {
        /// The organization.
        id: i64,
    },
    /// Changes the label of a custom field.
    RenameField {
        /// Whose field.
        entity: Entity,
        /// The field's key.
        key: String,
        /// Its label.
        name: String,
    },
    /// Makes a custom field, the last one; no record has a value in it.
    AddField {
        /// Whose field.
        entity: Entity,
        /// Its label.
        name: String,
        /// A type that one can create.
        field_type: String,
        /// Labels of its options, for `enum` and `set`.
        #[serde(default)]
        options: Vec<String>,
    },
    /// Deletes a custom field; records show neither key nor value any more.
    DeleteField {
        /// Whose field.
        entity: Entity,
        /// The field's key.
        key: String,
    },
}

/// A deal before it is made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewDeal {
    /// What people see.
    pub title: String,
    /// A user; the owner of the token where none is given.
    pub owner_id: Option<i64>,
    /// The first stage of all where none is given.
    pub stage_id: Option<i64>,
    /// A person.
    pub person_id: Option<i64>,
    /// An organization.
    pub org_id: Option<i64>,
    /// What it is worth, in euros.
    pub value: Option<Amount>,
}

/// Why an edit was not done; nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such record, or it is deleted.
    #[error("there is no record {id} among the {entity:?}, or it is deleted")]
    NoRecord {
        /// Where it was looked for.
        entity: Entity,
        /// Its id.
        id: i64,
    },
    /// There is no such stage.
    #[error("there is no stage {0}")]
    NoStage(i64),
    /// There is no such user.
    #[error("there is no user {0}")]
    NoUser(i64),
    /// There is no such custom field, or it is deleted.
    #[error("the {entity:?} have no custom field {key}")]
    NoField {
        /// Whose field.
        entity: Entity,
        /// The field's key.
        key: String,
    },
    /// Records of this kind have no custom fields.
    #[error("the {0:?} have no custom fields")]
    NoCustomFields(Entity),
    /// The record is that way already, or must be edited in another way.
    #[error("{0}")]
    Pointless(&'static str),
    /// The field cannot hold the value.
    #[error("a field of type {0} cannot hold such a value")]
    Value(String),
    /// There is no such type of field.
    #[error("there is no field type {0}")]
    NoType(String),
}
