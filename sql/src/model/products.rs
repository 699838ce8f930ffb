//! `crm.products`. [Operation](https://developers.pipedrive.com/docs/api/v1/Products#getProducts)

use super::Reading::{BigInt, Bit, Double, LongText, Option, Prices, Text, Timestamp};
use super::{Column, Entity, Fields, Paging};

/// Products: what deals are about, with a price for each currency.
pub(super) const PRODUCTS: Entity = Entity {
    name: "products",
    remarks: "Products: what can be sold, with a price for each currency",
    list: "/v2/products",
    list_tokens: 10,
    single: Some(1),
    ids: true,
    paging: Paging::Cursor,
    fields: Some(Fields::new("/v2/productFields", "products:read")),
    fixed: &[],
    absent: &["is_deleted"],
    sorts: true,
    key: "id",
    columns: &[
        Column::new("id", &["id"], BigInt).required(),
        Column::new("name", &["name"], Text),
        Column::new("code", &["code"], Text),
        Column::new("description", &["description"], LongText),
        Column::new("unit", &["unit"], Text),
        Column::new("tax", &["tax"], Double),
        Column::new("category", &["category"], Option),
        Column::new("prices", &["prices"], Prices),
        Column::new("billing_frequency", &["billing_frequency"], Text).length(32),
        Column::new("billing_frequency_cycles", &["billing_frequency_cycles"], BigInt),
        Column::new("is_linkable", &["is_linkable"], Bit),
        Column::new("visible_to", &["visible_to"], BigInt),
        Column::new("owner_id", &["owner_id"], BigInt).references("users", "id").pushes("owner_id"),
        Column::new("add_time", &["add_time"], Timestamp),
        Column::new("update_time", &["update_time"], Timestamp),
        Column::new("is_deleted", &["is_deleted"], Bit),
    ],
    scope: "products:read",
};
