//! Records as the API shows them: one function a record, members in the order of the recordings.
//!
//! * `deals`, `persons`, `organizations`, `activities`, `products`, `pipelines` (with stages), `users`, `fields`: the
//!   records.
//! * `custom`: the member `custom_fields`, addresses.
//! * `computed`: the members that only `include_fields` brings.

mod activities;
mod computed;
mod custom;
mod deals;
mod fields;
mod organizations;
mod persons;
mod pipelines;
mod products;
mod users;

pub(super) use activities::ACTIVITY_EXTRAS;
pub(super) use computed::{DEAL_EXTRAS, ORGANIZATION_EXTRAS, PERSON_EXTRAS};
pub(super) use fields::{FIELD_EXTRAS, PLAIN_FIELD_EXTRAS};
pub(super) use users::{me, user};

use super::endpoints::Table;
use super::json::Json;
use crate::dataset::Entity;
use crate::edits::Present;

/// Which members a row has besides those that every row has.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Keys of custom fields to show; `None` for all.
    pub(super) custom: Option<Vec<String>>,
    /// Members that `include_fields` asks for.
    pub(super) extras: Vec<&'static str>,
}

/// Writes the row of a table; nothing where there is no such row.
pub(super) fn row(json: &mut Json, data: Present<'_>, table: Table, id: i64, shape: &Shape) -> Option<()> {
    match table {
        Table::Deals | Table::ArchivedDeals => deals::deal(json, data, &data.deal(id)?, shape),
        Table::Persons => persons::person(json, data, &data.person(id)?, shape),
        Table::Organizations => organizations::organization(json, data, &data.organization(id)?, shape),
        Table::Activities => activities::activity(json, &data.activity(id)?, shape),
        Table::Products => products::product(json, data, &data.product(id)?, shape),
        Table::Pipelines => pipelines::pipeline(json, data.pipeline(id)?),
        Table::Stages => pipelines::stage(json, data.stage(id)?),
        Table::DealFields => field(json, data, Entity::Deals, id, shape)?,
        Table::PersonFields => field(json, data, Entity::Persons, id, shape)?,
        Table::OrganizationFields => field(json, data, Entity::Organizations, id, shape)?,
        Table::ActivityFields => field(json, data, Entity::Activities, id, shape)?,
        Table::ProductFields => field(json, data, Entity::Products, id, shape)?,
    }
    Some(())
}

/// Fields have no number; the API's order is their place, counted from 1.
fn field(json: &mut Json, data: Present<'_>, entity: Entity, place: i64, shape: &Shape) -> Option<()> {
    fields::field(json, entity, data.field(entity, place)?, shape);
    Some(())
}
