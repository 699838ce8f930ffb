//! Field definitions: what `dealFields` and its like tell.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::builtin;
use super::custom::{self, CUSTOM_DEAL, CUSTOM_ORGANIZATION, CUSTOM_PERSON, CUSTOM_PRODUCT, CustomField};
use super::draw::{Draw, Kind, hex};

/// The entities whose fields are defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// Deals, archived and deleted ones included.
    Deals,
    /// Persons.
    Persons,
    /// Organizations.
    Organizations,
    /// Activities; they have no custom fields.
    Activities,
    /// Products.
    Products,
}

/// The id of an option: a number for most, a text for some built-in ones such as `open`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ChoiceId {
    /// Of custom fields and most built-in ones.
    Number(i64),
    /// Of `status`.
    Text(&'static str),
}

/// One option of a field of type `enum`, `set` and the like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What records hold.
    pub id: ChoiceId,
    /// What people see.
    pub label: Cow<'static, str>,
    /// Labels have a color.
    pub color: Option<&'static str>,
}

/// Part of a field whose value is an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Subfield {
    /// The member of the value.
    pub member: &'static str,
    /// What people see, the field's name in place of `%`.
    pub name: &'static str,
    /// A Pipedrive field type.
    pub field_type: &'static str,
}

/// The definition of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The member of a record, or the 40-hex key of a custom field.
    pub code: String,
    /// The label.
    pub name: Cow<'static, str>,
    /// A Pipedrive field type.
    pub field_type: &'static str,
    /// An explanation; only deal fields have the member, and many are null.
    pub description: Option<&'static str>,
    /// Options, for the types that have them.
    pub options: Option<Vec<Choice>>,
    /// Parts, for the types that have them.
    pub subfields: Option<&'static [Subfield]>,
    /// Someone made it.
    pub is_custom: bool,
    /// Records have it only on request by `include_fields`.
    pub is_optional: bool,
    /// It can be changed.
    pub is_writable: bool,
}

impl Field {
    /// The label of an option.
    #[must_use]
    pub fn option_label(&self, id: i64) -> Option<&str> {
        let choice = self.options.as_ref()?.iter().find(|choice| choice.id == ChoiceId::Number(id))?;
        Some(&choice.label)
    }
}

/// Activities have no custom fields.
const NONE: &[CustomField] = &[];

/// All fields of an entity, the custom ones last.
pub(super) fn fields(entity: Entity, seed: u64, with_custom: bool) -> Vec<Field> {
    let (builtin, custom, kind) = match entity {
        Entity::Deals => (builtin::DEAL_FIELDS, CUSTOM_DEAL, Kind::DealField),
        Entity::Persons => (builtin::PERSON_FIELDS, CUSTOM_PERSON, Kind::PersonField),
        Entity::Organizations => (builtin::ORGANIZATION_FIELDS, CUSTOM_ORGANIZATION, Kind::OrganizationField),
        // The kind is that of the records: without custom fields no key is drawn.
        Entity::Activities => (builtin::ACTIVITY_FIELDS, NONE, Kind::Activity),
        Entity::Products => (builtin::PRODUCT_FIELDS, CUSTOM_PRODUCT, Kind::ProductField),
    };
    let custom = if with_custom { custom } else { NONE };
    let made = custom.iter().zip(0..).map(|(field, position)| custom_field(field, Draw::new(seed, kind, position)));
    builtin.iter().map(builtin::Builtin::field).chain(made).collect()
}

/// A custom field that somebody adds, the `position`-th of its entity, counted from 0; its options are numbered from
/// `first_option` on.
pub(crate) fn added_field(
    (entity, seed, position): (Entity, u64, i64),
    name: String,
    field_type: &str,
    options: &[String],
    first_option: i64,
) -> Option<Field> {
    let kind = match entity {
        Entity::Deals => Kind::DealField,
        Entity::Persons => Kind::PersonField,
        Entity::Organizations => Kind::OrganizationField,
        Entity::Products => Kind::ProductField,
        Entity::Activities => return None,
    };
    let field_type = CUSTOM_DEAL.iter().find(|field| field.field_type == field_type)?.field_type;
    let choice =
        |(id, label): (i64, &String)| Choice { id: ChoiceId::Number(id), label: label.clone().into(), color: None };
    Some(Field {
        code: hex(Draw::new(seed, kind, position), 40),
        name: name.into(),
        field_type,
        description: None,
        options: has_options(field_type).then(|| (first_option..).zip(options).map(choice).collect()),
        subfields: custom::subfields(field_type),
        is_custom: true,
        is_optional: false,
        is_writable: true,
    })
}

fn has_options(field_type: &str) -> bool {
    matches!(field_type, "enum" | "set")
}

fn custom_field(field: &CustomField, draw: Draw) -> Field {
    let choice =
        |(id, label): &(i64, &'static str)| Choice { id: ChoiceId::Number(*id), label: (*label).into(), color: None };
    Field {
        code: hex(draw, 40),
        name: field.name.into(),
        field_type: field.field_type,
        description: None,
        options: has_options(field.field_type).then(|| field.options.iter().map(choice).collect()),
        subfields: custom::subfields(field.field_type),
        is_custom: true,
        is_optional: false,
        is_writable: true,
    }
}
