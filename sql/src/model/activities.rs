//! `crm.activities`. [Operation](https://developers.pipedrive.com/docs/api/v1/Activities#getActivities)

use super::Reading::{Attendees, BigInt, Bit, Date, LongText, Option, Participants, Text, Time, Timestamp};
use super::{Column, Entity, Fields, List, MODIFIED_TIME, PRESENT, Paging, SORTS, Single};

/// Activities: calls, meetings, tasks and the like, done or to be done.
///
/// `person_id` is the primary participant, both as a column and as a parameter. `lead_id` is not pushed: whether the
/// API compares its text with case is not documented. `duration` is text, for what lasts 24 hours and more is no TIME.
pub(super) const ACTIVITIES: Entity = Entity {
    name: "activities",
    remarks: "Activities: calls, meetings, tasks and the like, done or to be done",
    record: "activities",
    lists: &[List::new("/v2/activities", 10).facts(PRESENT)],
    single: Some(Single { path: "/v2/activities", tokens: 1 }),
    ids: true,
    paging: Paging::Cursor,
    fields: Some(Fields::new("/v2/activityFields", "admin").without_custom()),
    sorts: SORTS,
    key: "id",
    columns: &[
        Column::new("id", &["id"], BigInt).required(),
        Column::new("subject", &["subject"], Text),
        Column::new("type", &["type"], Text).length(64),
        Column::new("owner_id", &["owner_id"], BigInt).references("users", "id").pushes("owner_id"),
        Column::new("deal_id", &["deal_id"], BigInt).references("deals", "id").pushes("deal_id"),
        Column::new("lead_id", &["lead_id"], Text).length(36),
        Column::new("person_id", &["person_id"], BigInt).references("persons", "id").pushes("person_id"),
        Column::new("org_id", &["org_id"], BigInt).references("organizations", "id").pushes("org_id"),
        Column::new("project_id", &["project_id"], BigInt),
        Column::new("due_date", &["due_date"], Date),
        Column::new("due_time", &["due_time"], Time),
        Column::new("duration", &["duration"], Text).length(16),
        Column::new("busy", &["busy"], Bit),
        Column::new("done", &["done"], Bit).pushes_flag("done"),
        Column::new("marked_as_done_time", &["marked_as_done_time"], Timestamp),
        Column::new("priority", &["priority"], Option),
        Column::new("participants", &["participants"], Participants),
        Column::new("location", &["location", "value"], Text).length(1024),
        Column::new("location_street_number", &["location", "street_number"], Text),
        Column::new("location_route", &["location", "route"], Text),
        Column::new("location_subpremise", &["location", "subpremise"], Text),
        Column::new("location_sublocality", &["location", "sublocality"], Text),
        Column::new("location_locality", &["location", "locality"], Text),
        Column::new("location_admin_area_level_1", &["location", "admin_area_level_1"], Text),
        Column::new("location_admin_area_level_2", &["location", "admin_area_level_2"], Text),
        Column::new("location_country", &["location", "country"], Text),
        Column::new("location_postal_code", &["location", "postal_code"], Text),
        Column::new("conference_meeting_client", &["conference_meeting_client"], Text),
        Column::new("conference_meeting_url", &["conference_meeting_url"], Text).length(1024),
        Column::new("conference_meeting_id", &["conference_meeting_id"], Text),
        Column::new("public_description", &["public_description"], LongText),
        Column::new("note", &["note"], LongText),
        Column::new("creator_user_id", &["creator_user_id"], BigInt).references("users", "id"),
        Column::new("add_time", &["add_time"], Timestamp),
        Column::new("update_time", &["update_time"], Timestamp).pushes_range("updated_since", Some("updated_until")),
        MODIFIED_TIME.pushes_modified("updated_since"),
        Column::new("is_deleted", &["is_deleted"], Bit),
        Column::new("attendees", &["attendees"], Attendees).computed(),
    ],
    scope: "activities:read",
    rest: None,
    usual_rows: 300000,
};
