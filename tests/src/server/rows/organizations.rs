//! An organization.

use super::{Shape, computed, custom};
use crate::dataset::{Entity, Moment, Organization};
use crate::edits::Present;
use crate::server::json::Json;

/// Writes an organization.
pub(super) fn organization(json: &mut Json, data: Present<'_>, organization: &Organization, shape: &Shape) {
    json.object(|json| {
        json.member("id", organization.id);
        json.member("name", &organization.name);
        json.member("owner_id", organization.owner_id);
        json.member("add_time", Moment(organization.add_time));
        json.member("update_time", organization.update_time.map(Moment));
        json.member("is_deleted", organization.is_deleted);
        json.member("visible_to", organization.visible_to);
        custom::address(json, "address", organization.address.as_ref());
        json.member("label_ids", organization.label_ids.as_slice());
        json.member("website", organization.website.as_ref());
        json.member("linkedin", organization.linkedin.as_ref());
        json.member("industry", organization.industry);
        json.member("annual_revenue", organization.annual_revenue);
        json.member("employee_count", organization.employee_count);
        custom::custom_fields(json, data, Entity::Organizations, &organization.custom, shape);
        shape.extras.iter().for_each(|extra| computed::organization(json, data, organization, extra));
    });
}
