//! Field definitions by v2.

use super::Shape;
use crate::dataset::{Choice, ChoiceId, Entity, Field, Moment, REFERENCE, Subfield};
use crate::server::json::{Json, Null};

/// What `include_fields` can ask of a field.
pub(in crate::server) const FIELD_EXTRAS: &[&str] = &["ui_visibility", "important_fields", "required_fields"];

/// What it can ask of the fields of activities and products.
pub(in crate::server) const PLAIN_FIELD_EXTRAS: &[&str] = &["ui_visibility"];

const NONE: &[i64] = &[];

/// Writes a field.
pub(super) fn field(json: &mut Json, entity: Entity, field: &Field, shape: &Shape) {
    json.object(|json| {
        json.member("field_name", &*field.name);
        json.member("field_code", &field.code);
        if entity == Entity::Deals {
            json.member("description", field.description);
        }
        json.member("field_type", field.field_type);
        options(json, field);
        subfields(json, field);
        json.member("is_custom_field", field.is_custom);
        json.member("is_optional_response_field", field.is_optional);
        json.member("is_writable", field.is_writable);
        shape.extras.iter().for_each(|extra| self::extra(json, entity, field, extra));
    });
}

fn options(json: &mut Json, field: &Field) {
    match &field.options {
        None => json.member("options", Null),
        Some(options) => {
            json.name("options").array(|json| options.iter().for_each(|choice| option(json, field, choice)));
        }
    }
}

/// Colors belong to labels, times to options that somebody made.
fn option(json: &mut Json, field: &Field, choice: &Choice) {
    json.object(|json| {
        match choice.id {
            ChoiceId::Number(id) => json.member("id", id),
            ChoiceId::Text(id) => json.member("id", id),
        }
        json.member("label", &*choice.label);
        if choice.color.is_some() {
            json.member("color", choice.color);
        }
        if field.is_custom {
            json.member("add_time", Moment(REFERENCE - 90_000_000));
            json.member("update_time", None::<Moment>);
        }
    });
}

fn subfields(json: &mut Json, field: &Field) {
    match field.subfields {
        None => json.member("subfields", Null),
        Some(parts) => {
            json.name("subfields").array(|json| parts.iter().for_each(|part| subfield(json, field, part)));
        }
    }
}

fn subfield(json: &mut Json, field: &Field, part: &Subfield) {
    json.object(|json| {
        json.member("field_code", part.member);
        json.member("field_name", part.name.replace('%', &field.name));
        json.member("field_type", part.field_type);
    });
}

fn extra(json: &mut Json, entity: Entity, field: &Field, extra: &str) {
    match extra {
        "ui_visibility" => json.name(extra).object(|json| visibility(json, entity, field)),
        "important_fields" => json.name(extra).object(|json| {
            json.member("enabled", false);
            json.member("stage_ids", NONE);
        }),
        _ => json.name(extra).object(|json| {
            json.member("enabled", matches!(field.code.as_str(), "title" | "name"));
            if entity == Entity::Deals {
                json.member("stage_ids", NONE);
                json.name("statuses").object(|_| {});
            }
        }),
    }
}

fn visibility(json: &mut Json, entity: Entity, field: &Field) {
    json.member("add_visible_flag", field.is_writable);
    json.member("details_visible_flag", true);
    let dialog = |json: &mut Json, name: &str| {
        json.name(name).object(|json| {
            json.member("show", false);
            json.member("order", Null);
        });
    };
    match entity {
        Entity::Deals => {
            json.member("projects_detail_visible_flag", false);
            json.name("show_in_pipelines").object(|json| {
                json.member("show_in_all", true);
                json.member("pipeline_ids", NONE);
            });
        }
        Entity::Activities | Entity::Products => {}
        Entity::Persons => dialog(json, "show_in_add_deal_dialog"),
        Entity::Organizations => {
            dialog(json, "show_in_add_deal_dialog");
            dialog(json, "show_in_add_person_dialog");
        }
    }
}
