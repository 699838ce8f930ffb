//! A person.

use super::{Shape, computed, custom};
use crate::dataset::{Contact, Entity, Moment, Person};
use crate::edits::Present;
use crate::server::json::Json;

/// Writes a person.
pub(super) fn person(json: &mut Json, data: Present<'_>, person: &Person, shape: &Shape) {
    json.object(|json| {
        json.member("id", person.id);
        json.member("name", &person.name);
        json.member("first_name", &person.first_name);
        json.member("last_name", person.last_name.as_ref());
        json.member("owner_id", person.owner_id);
        json.member("org_id", person.org_id);
        json.member("add_time", Moment(person.add_time));
        json.member("update_time", person.update_time.map(Moment));
        contacts(json, "emails", &person.emails);
        contacts(json, "phones", &person.phones);
        json.member("is_deleted", person.is_deleted);
        json.member("visible_to", person.visible_to);
        json.member("label_ids", person.label_ids.as_slice());
        json.member("picture_id", person.picture_id);
        custom::address(json, "postal_address", person.postal_address.as_ref());
        json.member("notes", person.notes);
        contacts(json, "im", &person.im);
        json.member("birthday", person.birthday.as_ref());
        json.member("job_title", person.job_title);
        custom::custom_fields(json, data, Entity::Persons, &person.custom, shape);
        shape.extras.iter().for_each(|extra| computed::person(json, data, person, extra));
    });
}

/// `[]` where there are none.
fn contacts(json: &mut Json, name: &str, contacts: &[Contact]) {
    json.name(name).array(|json| {
        for contact in contacts {
            json.object(|json| {
                json.member("value", &contact.value);
                json.member("primary", contact.primary);
                json.member("label", contact.label);
            });
        }
    });
}
