//! `crm.users`. [Operation](https://developers.pipedrive.com/docs/api/v1/Users#getUsers)

use super::Reading::{BigInt, Bit, Text, Timestamp};
use super::{Column, Entity, List, Paging, Single};

/// Users: the people who work in this company.
pub(super) const USERS: Entity = Entity {
    name: "users",
    remarks: "Users: the people who work in this company",
    record: "users",
    lists: &[List::new("/v1/users", 20)],
    single: Some(Single { path: "/v1/users", tokens: 2 }),
    ids: false,
    paging: Paging::Whole,
    fields: None,
    sorts: &[],
    key: "id",
    columns: &[
        Column::new("id", &["id"], BigInt).required(),
        Column::new("name", &["name"], Text),
        Column::new("email", &["email"], Text),
        Column::new("phone", &["phone"], Text).length(64),
        Column::new("activated", &["activated"], Bit),
        Column::new("active_flag", &["active_flag"], Bit),
        Column::new("is_admin", &["is_admin"], Bit),
        Column::new("is_you", &["is_you"], Bit),
        Column::new("role_id", &["role_id"], BigInt),
        Column::new("default_currency", &["default_currency"], Text).length(3),
        Column::new("locale", &["locale"], Text).length(16),
        Column::new("lang", &["lang"], BigInt),
        Column::new("timezone_name", &["timezone_name"], Text).length(64),
        Column::new("timezone_offset", &["timezone_offset"], Text).length(8),
        Column::new("icon_url", &["icon_url"], Text).length(1024),
        Column::new("has_created_company", &["has_created_company"], Bit),
        Column::new("created", &["created"], Timestamp),
        Column::new("modified", &["modified"], Timestamp),
        Column::new("last_login", &["last_login"], Timestamp),
        Column::new("is_deleted", &["is_deleted"], Bit),
    ],
    scope: "users:read",
    rest: None,
    usual_rows: 50,
};
