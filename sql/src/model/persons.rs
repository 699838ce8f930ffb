//! `crm.persons`. [Operation](https://developers.pipedrive.com/docs/api/v1/Persons#getPersons)

use super::Reading::{BigInt, Bit, Contacts, Date, LongText, Options, Text, Timestamp};
use super::{Column, Entity, Paging};

/// People: the contacts that deals are made with.
pub(super) const PERSONS: Entity = Entity {
    name: "persons",
    remarks: "People: the contacts that deals are made with",
    list: "/v2/persons",
    list_tokens: 10,
    single: Some(1),
    ids: true,
    paging: Paging::Cursor,
    fields: Some("/v2/personFields"),
    fixed: &[],
    absent: &["is_deleted"],
    sorts: true,
    key: "id",
    columns: &[
        Column::new("id", &["id"], BigInt).required(),
        Column::new("name", &["name"], Text),
        Column::new("first_name", &["first_name"], Text),
        Column::new("last_name", &["last_name"], Text),
        Column::new("owner_id", &["owner_id"], BigInt)
            .references("users", "id")
            .pushes("owner_id"),
        Column::new("org_id", &["org_id"], BigInt)
            .references("organizations", "id")
            .pushes("org_id"),
        Column::new("emails", &["emails"], Contacts),
        Column::new("phones", &["phones"], Contacts),
        Column::new("job_title", &["job_title"], Text),
        Column::new("birthday", &["birthday"], Date),
        Column::new("im", &["im"], Contacts),
        Column::new("notes", &["notes"], LongText),
        Column::new("picture_id", &["picture_id"], BigInt),
        Column::new("label_ids", &["label_ids"], Options),
        Column::new("visible_to", &["visible_to"], BigInt),
        Column::new("add_time", &["add_time"], Timestamp),
        Column::new("update_time", &["update_time"], Timestamp),
        Column::new("is_deleted", &["is_deleted"], Bit),
        Column::new("postal_address", &["postal_address", "value"], Text).length(1024),
        Column::new(
            "postal_address_street_number",
            &["postal_address", "street_number"],
            Text,
        ),
        Column::new("postal_address_route", &["postal_address", "route"], Text),
        Column::new("postal_address_subpremise", &["postal_address", "subpremise"], Text),
        Column::new("postal_address_sublocality", &["postal_address", "sublocality"], Text),
        Column::new("postal_address_locality", &["postal_address", "locality"], Text),
        Column::new(
            "postal_address_admin_area_level_1",
            &["postal_address", "admin_area_level_1"],
            Text,
        ),
        Column::new(
            "postal_address_admin_area_level_2",
            &["postal_address", "admin_area_level_2"],
            Text,
        ),
        Column::new("postal_address_country", &["postal_address", "country"], Text),
        Column::new("postal_address_postal_code", &["postal_address", "postal_code"], Text),
        Column::new("next_activity_id", &["next_activity_id"], BigInt).computed(),
        Column::new("last_activity_id", &["last_activity_id"], BigInt).computed(),
        Column::new("open_deals_count", &["open_deals_count"], BigInt).computed(),
        Column::new("related_open_deals_count", &["related_open_deals_count"], BigInt).computed(),
        Column::new("closed_deals_count", &["closed_deals_count"], BigInt).computed(),
        Column::new("related_closed_deals_count", &["related_closed_deals_count"], BigInt).computed(),
        Column::new(
            "participant_open_deals_count",
            &["participant_open_deals_count"],
            BigInt,
        )
        .computed(),
        Column::new(
            "participant_closed_deals_count",
            &["participant_closed_deals_count"],
            BigInt,
        )
        .computed(),
        Column::new("email_messages_count", &["email_messages_count"], BigInt).computed(),
        Column::new("activities_count", &["activities_count"], BigInt).computed(),
        Column::new("done_activities_count", &["done_activities_count"], BigInt).computed(),
        Column::new("undone_activities_count", &["undone_activities_count"], BigInt).computed(),
        Column::new("files_count", &["files_count"], BigInt).computed(),
        Column::new("notes_count", &["notes_count"], BigInt).computed(),
        Column::new("followers_count", &["followers_count"], BigInt).computed(),
        Column::new("won_deals_count", &["won_deals_count"], BigInt).computed(),
        Column::new("related_won_deals_count", &["related_won_deals_count"], BigInt).computed(),
        Column::new("lost_deals_count", &["lost_deals_count"], BigInt).computed(),
        Column::new("related_lost_deals_count", &["related_lost_deals_count"], BigInt).computed(),
        Column::new("last_incoming_mail_time", &["last_incoming_mail_time"], Timestamp).computed(),
        Column::new("last_outgoing_mail_time", &["last_outgoing_mail_time"], Timestamp).computed(),
        Column::new("marketing_status", &["marketing_status"], Text)
            .length(64)
            .computed(),
        Column::new("doi_status", &["doi_status"], Text).length(64).computed(),
        Column::new("smart_bcc_email", &["smart_bcc_email"], Text).computed(),
    ],
    scope: "contacts:read",
};
