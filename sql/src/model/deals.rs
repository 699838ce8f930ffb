//! `crm.deals`. [Operation](https://developers.pipedrive.com/docs/api/v1/Deals#getDeals)

use super::Reading::{BigInt, Bit, Date, Double, Money, Options, Text, Timestamp};
use super::{Column, Entity, Fields, List, MODIFIED_TIME, Paging, SORTS, Single};

/// What neither is deleted nor in the archive.
const LIVE: List =
    List::new("/v2/deals", 10).values("status", OUTCOMES).facts(&[("is_archived", false), ("is_deleted", false)]);
/// What is in the archive and not deleted.
const ARCHIVED: List = List::new("/v2/deals/archived", 20)
    .values("status", OUTCOMES)
    .facts(&[("is_archived", true), ("is_deleted", false)]);
/// What was deleted within the last 30 days. The parameter goes by the deletion; nobody says what the column holds then,
/// nor which of the two lists has a deal that was archived before, so both are asked and neither tells of the archive.
const DELETED: List = List::new("/v2/deals", 10).fixed("status", "deleted").facts(&[("is_deleted", true)]);
/// The same from the archive.
const ARCHIVED_DELETED: List =
    List::new("/v2/deals/archived", 20).fixed("status", "deleted").facts(&[("is_deleted", true)]);

/// Every status but that of deleted deals.
const OUTCOMES: &[&str] = &["open", "won", "lost"];

/// Deals that are neither archived nor deleted.
pub(super) const DEALS: Entity = Entity {
    name: "deals",
    remarks: "Deals that are neither archived nor deleted",
    record: "deals",
    lists: &[LIVE],
    single: Some(Single { path: "/v2/deals", tokens: 1 }),
    ids: true,
    paging: Paging::Cursor,
    fields: Some(Fields::new("/v2/dealFields", "deals:read")),
    sorts: SORTS,
    key: "id",
    columns: COLUMNS,
    scope: "deals:read",
    rest: Some("deals_all"),
    usual_rows: 100000,
};

/// `deals` under `IncludeArchived`.
pub(super) const DEALS_WITH_ARCHIVED: Entity = Entity {
    remarks: "Deals that are not deleted, archived ones included",
    lists: &[LIVE, ARCHIVED],
    single: None,
    ..DEALS
};

/// The archive.
pub(super) const DEALS_ARCHIVED: Entity = Entity {
    name: "deals_archived",
    remarks: "Archived deals that are not deleted",
    lists: &[ARCHIVED],
    single: None,
    usual_rows: 20_000,
    ..DEALS
};

/// The bin.
pub(super) const DEALS_DELETED: Entity = Entity {
    name: "deals_deleted",
    remarks: "Deals deleted within the last 30 days",
    lists: &[DELETED, ARCHIVED_DELETED],
    single: None,
    rest: Some("deals_all"),
    usual_rows: 500,
    ..DEALS
};

/// Everything.
pub(super) const DEALS_ALL: Entity = Entity {
    name: "deals_all",
    remarks: "All deals: present, archived (is_archived) and deleted within the last 30 days (is_deleted)",
    // In the order in which deals move: one that moves while the lists are read is met twice, not missed.
    lists: &[LIVE, DELETED, ARCHIVED, ARCHIVED_DELETED],
    single: None,
    rest: None,
    usual_rows: 120_000,
    ..DEALS
};

/// The columns of all of them.
const COLUMNS: &[Column] = &[
    Column::new("id", &["id"], BigInt).required(),
    Column::new("title", &["title"], Text),
    Column::new("owner_id", &["owner_id"], BigInt).references("users", "id").pushes("owner_id"),
    Column::new("person_id", &["person_id"], BigInt).references("persons", "id").pushes("person_id"),
    Column::new("org_id", &["org_id"], BigInt).references("organizations", "id").pushes("org_id"),
    Column::new("pipeline_id", &["pipeline_id"], BigInt).references("pipelines", "id").pushes("pipeline_id"),
    Column::new("stage_id", &["stage_id"], BigInt).references("stages", "id").pushes("stage_id"),
    Column::new("status", &["status"], Text).length(16).pushes_list(),
    Column::new("value", &["value"], Money),
    Column::new("currency", &["currency"], Text).length(3),
    Column::new("probability", &["probability"], Double),
    Column::new("expected_close_date", &["expected_close_date"], Date),
    Column::new("add_time", &["add_time"], Timestamp),
    Column::new("update_time", &["update_time"], Timestamp).pushes_range("updated_since", Some("updated_until")),
    MODIFIED_TIME.pushes_modified("updated_since"),
    Column::new("stage_change_time", &["stage_change_time"], Timestamp),
    Column::new("close_time", &["close_time"], Timestamp),
    Column::new("won_time", &["won_time"], Timestamp),
    Column::new("lost_time", &["lost_time"], Timestamp),
    Column::new("local_close_date", &["local_close_date"], Date),
    Column::new("local_won_date", &["local_won_date"], Date),
    Column::new("local_lost_date", &["local_lost_date"], Date),
    Column::new("lost_reason", &["lost_reason"], Text),
    Column::new("label_ids", &["label_ids"], Options),
    Column::new("visible_to", &["visible_to"], BigInt),
    Column::new("creator_user_id", &["creator_user_id"], BigInt).references("users", "id"),
    Column::new("origin", &["origin"], Text),
    Column::new("origin_id", &["origin_id"], Text),
    Column::new("channel", &["channel"], BigInt),
    Column::new("channel_id", &["channel_id"], Text),
    Column::new("arr", &["arr"], Money),
    Column::new("mrr", &["mrr"], Money),
    Column::new("acv", &["acv"], Money),
    Column::new("is_archived", &["is_archived"], Bit),
    Column::new("archive_time", &["archive_time"], Timestamp),
    Column::new("is_deleted", &["is_deleted"], Bit),
    Column::new("next_activity_id", &["next_activity_id"], BigInt).computed(),
    Column::new("last_activity_id", &["last_activity_id"], BigInt).computed(),
    Column::new("first_won_time", &["first_won_time"], Timestamp).computed(),
    Column::new("products_count", &["products_count"], BigInt).computed(),
    Column::new("files_count", &["files_count"], BigInt).computed(),
    Column::new("notes_count", &["notes_count"], BigInt).computed(),
    Column::new("followers_count", &["followers_count"], BigInt).computed(),
    Column::new("email_messages_count", &["email_messages_count"], BigInt).computed(),
    Column::new("activities_count", &["activities_count"], BigInt).computed(),
    Column::new("done_activities_count", &["done_activities_count"], BigInt).computed(),
    Column::new("undone_activities_count", &["undone_activities_count"], BigInt).computed(),
    Column::new("participants_count", &["participants_count"], BigInt).computed(),
    Column::new("last_incoming_mail_time", &["last_incoming_mail_time"], Timestamp).computed(),
    Column::new("last_outgoing_mail_time", &["last_outgoing_mail_time"], Timestamp).computed(),
    Column::new("smart_bcc_email", &["smart_bcc_email"], Text).computed(),
    Column::new("source_lead_id", &["source_lead_id"], Text).length(36).computed(),
];
