//! `crm.pipelines`. [Operation](https://developers.pipedrive.com/docs/api/v1/Pipelines#getPipelines)

use super::Reading::{BigInt, Bit, Text, Timestamp};
use super::{Column, Entity, List, MODIFIED_TIME, PRESENT, Paging, SORTS, Single};

/// Pipelines: the ways that deals go.
pub(super) const PIPELINES: Entity = Entity {
    name: "pipelines",
    remarks: "Pipelines: the ways that deals go",
    record: "pipelines",
    lists: &[List::new("/v2/pipelines", 5).facts(PRESENT)],
    single: Some(Single { path: "/v2/pipelines", tokens: 1 }),
    ids: false,
    paging: Paging::Cursor,
    fields: None,
    sorts: SORTS,
    key: "id",
    columns: &[
        Column::new("id", &["id"], BigInt).required(),
        Column::new("name", &["name"], Text),
        Column::new("order_nr", &["order_nr"], BigInt),
        Column::new("is_deal_probability_enabled", &["is_deal_probability_enabled"], Bit),
        Column::new("add_time", &["add_time"], Timestamp),
        Column::new("update_time", &["update_time"], Timestamp),
        MODIFIED_TIME,
        Column::new("is_deleted", &["is_deleted"], Bit),
    ],
    scope: "deals:read",
    rest: None,
    usual_rows: 5,
};
