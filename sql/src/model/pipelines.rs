//! `crm.pipelines`. [Operation](https://developers.pipedrive.com/docs/api/v1/Pipelines#getPipelines)

use super::Reading::{BigInt, Bit, Text, Timestamp};
use super::{Column, Entity, MODIFIED_TIME, Paging};

/// Pipelines: the ways that deals go.
pub(super) const PIPELINES: Entity = Entity {
    name: "pipelines",
    remarks: "Pipelines: the ways that deals go",
    list: "/v2/pipelines",
    list_tokens: 5,
    single: Some(1),
    ids: false,
    paging: Paging::Cursor,
    fields: None,
    fixed: &[],
    absent: &["is_deleted"],
    sorts: true,
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
};
