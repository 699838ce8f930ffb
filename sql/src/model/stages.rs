//! `crm.stages`. [Operation](https://developers.pipedrive.com/docs/api/v1/Stages#getStages)

use super::Reading::{BigInt, Bit, Text, Timestamp};
use super::{Column, Entity, MODIFIED_TIME, Paging};

/// Stages: the steps of a pipeline.
pub(super) const STAGES: Entity = Entity {
    name: "stages",
    remarks: "Stages: the steps of a pipeline",
    list: "/v2/stages",
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
        Column::new("pipeline_id", &["pipeline_id"], BigInt).references("pipelines", "id").pushes("pipeline_id"),
        Column::new("order_nr", &["order_nr"], BigInt),
        Column::new("deal_probability", &["deal_probability"], BigInt),
        Column::new("is_deal_rot_enabled", &["is_deal_rot_enabled"], Bit),
        Column::new("days_to_rotten", &["days_to_rotten"], BigInt),
        Column::new("add_time", &["add_time"], Timestamp),
        Column::new("update_time", &["update_time"], Timestamp),
        MODIFIED_TIME,
        Column::new("is_deleted", &["is_deleted"], Bit),
    ],
    scope: "deals:read",
};
