//! The member `custom_fields`, by the shapes of v2.

use super::Shape;
use crate::dataset::{Address, CustomValue, Entity, TIMEZONE};
use crate::edits::Present;
use crate::server::json::{Json, Null};

/// Every key, unset ones with null; null as a whole where the entity has no custom fields.
pub(super) fn custom_fields(
    json: &mut Json,
    data: Present<'_>,
    entity: Entity,
    values: &[Option<CustomValue>],
    shape: &Shape,
) {
    if !data.has_custom_fields(entity) {
        return json.member("custom_fields", Null);
    }
    let asked = |key: &String| shape.custom.as_ref().is_none_or(|keys| keys.contains(key));
    json.name("custom_fields").object(|json| {
        for (field, value) in data.custom_values(entity, values).filter(|(field, _)| asked(&field.code)) {
            custom_value(json.name(&field.code), value);
        }
    });
}

fn custom_value(json: &mut Json, value: Option<&CustomValue>) {
    match value {
        None => json.value(Null),
        Some(CustomValue::Text(text)) => json.value(&**text),
        Some(CustomValue::Phone(text) | CustomValue::Date(text)) => json.value(text),
        Some(CustomValue::Number(amount)) => json.value(*amount),
        Some(CustomValue::Choice(id) | CustomValue::Link(id)) => json.value(*id),
        Some(CustomValue::Choices(ids)) => json.value(ids.as_slice()),
        Some(CustomValue::Money { value, currency }) => json.object(|json| {
            json.member("value", *value);
            json.member("currency", &**currency);
        }),
        Some(CustomValue::Dates { value, until }) => json.object(|json| {
            json.member("value", value);
            json.member("until", until.as_ref());
        }),
        Some(CustomValue::Time(value)) => json.object(|json| {
            json.member("value", value);
            timezone(json);
        }),
        Some(CustomValue::Times { value, until }) => json.object(|json| {
            json.member("value", value);
            json.member("until", until);
            timezone(json);
        }),
        Some(CustomValue::Address(address)) => json.object(|json| {
            address_parts(json, address);
            json.member("formatted_address", &address.value);
        }),
    }
}

fn timezone(json: &mut Json) {
    let (id, name) = TIMEZONE;
    json.member("timezone_id", id);
    json.member("timezone_name", name);
}

/// A built-in address; null as a whole where it is empty.
pub(super) fn address(json: &mut Json, name: &str, address: Option<&Address>) {
    match address {
        None => json.member(name, Null),
        Some(address) => json.name(name).object(|json| address_parts(json, address)),
    }
}

/// The members of an address.
pub(super) fn address_parts(json: &mut Json, address: &Address) {
    json.member("value", &address.value);
    json.member("country", &*address.country);
    json.member("admin_area_level_1", &*address.admin_area_level_1);
    json.member("admin_area_level_2", &*address.admin_area_level_2);
    json.member("locality", &*address.locality);
    json.member("sublocality", address.sublocality.as_deref());
    json.member("route", &*address.route);
    json.member("street_number", &address.street_number);
    json.member("subpremise", address.subpremise.as_ref());
    json.member("postal_code", &*address.postal_code);
}
