//! A product, in the order of the document; no recording of v2 was published.

use super::{Shape, custom};
use crate::dataset::{Entity, Moment, Price, Product};
use crate::edits::Present;
use crate::server::json::Json;

/// Writes a product.
pub(super) fn product(json: &mut Json, data: Present<'_>, product: &Product, shape: &Shape) {
    json.object(|json| {
        json.member("id", product.id);
        json.member("name", &product.name);
        json.member("code", product.code.as_ref());
        json.member("description", product.description);
        json.member("unit", product.unit);
        json.member("tax", product.tax);
        json.member("category", product.category.map(|id| id.to_string()));
        json.member("is_linkable", product.is_linkable);
        json.member("is_deleted", product.is_deleted);
        json.member("visible_to", product.visible_to);
        json.member("owner_id", product.owner_id);
        json.member("add_time", Moment(product.add_time));
        json.member("update_time", product.update_time.map(Moment));
        // Absent on the lower plans.
        if data.has_revenue() {
            json.member("billing_frequency", product.billing_frequency);
            json.member("billing_frequency_cycles", product.billing_frequency_cycles);
        }
        json.name("prices").array(|json| product.prices.iter().for_each(|one| price(json, product.id, one)));
        custom::custom_fields(json, data, Entity::Products, &product.custom, shape);
    });
}

fn price(json: &mut Json, product_id: i64, price: &Price) {
    json.object(|json| {
        json.member("product_id", product_id);
        json.member("price", price.price);
        json.member("currency", price.currency);
        json.member("cost", price.cost);
        json.member("direct_cost", price.direct_cost);
        json.member("notes", price.notes);
    });
}
