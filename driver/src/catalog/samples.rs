//! Test data: a few tables, and the two versions of ODBC.

use pipedrive_sql::SqlType;
use pipedrive_sql::session::TableDescription;

use super::Style;

pub(super) const ODBC3: Style = Style { identifiers: false, odbc2: false };
pub(super) const ODBC2: Style = Style { identifiers: false, odbc2: true };

/// In an order that is not that of the reference.
pub(super) fn tables() -> Vec<TableDescription> {
    let table = |schema, name, key: Vec<&'static str>| {
        let key = key.into_iter().map(|column| (column, SqlType::BigInt)).collect();
        TableDescription { schema, name, system: schema != "crm", remarks: "", key }
    };
    vec![
        table("crm", "persons", vec!["id"]),
        table("crm", "deals", vec!["id"]),
        table("crm", "deal_products", vec!["deal_id", "product_id"]),
        table("meta", "fields", vec!["table_name", "column_name"]),
    ]
}
