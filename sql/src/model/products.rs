//! `crm.products`. [Operation](https://developers.pipedrive.com/docs/api/v1/Products#getProducts)

use super::Reading::{BigInt, Bit, Double, LongText, Option, Prices, Text, Timestamp};
use super::{Column, Entity, Fields, List, MODIFIED_TIME, PRESENT, Paging, SORTS, Single};

/// Products: what deals are about, with a price for each currency.
pub(super) const PRODUCTS: Entity = Entity {
    name: "products",
    remarks: "Products: what can be sold, with a price for each currency",
    record: "products",
    lists: &[List::new("/v2/products", 10).facts(PRESENT)],
    single: Some(Single { path: "/v2/products", tokens: 1 }),
    ids: true,
    paging: Paging::Cursor,
    fields: Some(Fields::new("/v2/productFields", "products:read")),
    sorts: SORTS,
    key: "id",
    columns: &[
        Column::new("id", &["id"], BigInt).required(),
        Column::new("name", &["name"], Text),
        Column::new("code", &["code"], Text),
        Column::new("description", &["description"], LongText),
        Column::new("unit", &["unit"], Text),
        Column::new("tax", &["tax"], Double),
        Column::new("category", &["category"], Option).text_id(),
        Column::new("prices", &["prices"], Prices),
        Column::new("billing_frequency", &["billing_frequency"], Text).length(32),
        Column::new("billing_frequency_cycles", &["billing_frequency_cycles"], BigInt),
        Column::new("is_linkable", &["is_linkable"], Bit),
        Column::new("visible_to", &["visible_to"], BigInt),
        Column::new("owner_id", &["owner_id"], BigInt).references("users", "id").pushes("owner_id"),
        Column::new("add_time", &["add_time"], Timestamp),
        Column::new("update_time", &["update_time"], Timestamp).pushes_range("updated_since", None),
        MODIFIED_TIME.pushes_modified("updated_since"),
        Column::new("is_deleted", &["is_deleted"], Bit),
    ],
    scope: "products:read",
    rest: None,
    usual_rows: 200,
};
