//! `crm.stages`. [Operation](https://developers.pipedrive.com/docs/api/v1/Stages#getStages)

use super::Reading::{BigInt, Bit, Text, Timestamp};
use super::{Column, Entity, List, MODIFIED_TIME, PRESENT, Paging, SORTS, Single};

/// Stages: the steps of a pipeline.
pub(super) const STAGES: Entity = Entity {
    name: "stages",
    remarks: "Stages: the steps of a pipeline",
    record: "stages",
    lists: &[List::new("/v2/stages", 5).facts(PRESENT)],
    single: Some(Single { path: "/v2/stages", tokens: 1 }),
    ids: false,
    paging: Paging::Cursor,
    fields: None,
    sorts: SORTS,
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
    rest: None,
    usual_rows: 30,
};
