//! Activities and products: every column of every row is what the data set says, through the engine, and what happens
//! when the definitions of fields are refused. `../slt/activities.slt` and `../slt/products.slt` have what they cost.

use std::fmt::Display;

use pipedrive_sandbox::dataset::{Activity, Address, Attendee, Entity, Location, Participant, Price, Product};
use pipedrive_sandbox::{Config, Dataset};
use pipedrive_sql::call::Call;
use pipedrive_sql::{Session, WarningKind};

use crate::engine::{World, cells, rows};
use crate::queries::{Row, moment};

fn some(value: impl Display) -> Option<String> {
    Some(value.to_string())
}

fn maybe(value: Option<impl Display>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn flag(value: bool) -> Option<String> {
    some(u8::from(value))
}

/// Items joined as a column of text has them; none are NULL.
fn joined(items: impl IntoIterator<Item = String>) -> Option<String> {
    Some(items.into_iter().collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
}

fn activity(data: &Dataset, one: &Activity) -> Row {
    let label = |id| data.option_label("priority", id);
    let mut row = vec![
        some(one.id),
        some(&one.subject),
        some(one.kind),
        some(one.owner_id),
        maybe(one.deal_id),
        maybe(one.lead_id.as_ref()),
        maybe(one.person_id),
        maybe(one.org_id),
        None,
        one.due_date.clone().filter(|date| date != "0000-00-00"),
        maybe(one.due_time.as_ref()),
        maybe(one.duration.as_ref()),
        flag(one.busy),
        flag(one.done),
        one.marked_as_done_time.map(moment),
        maybe(one.priority.and_then(label)),
        participants(one),
    ];
    row.extend(location(one.location.as_ref()));
    row.extend([
        maybe(one.conference.as_ref().map(|call| call.client)),
        maybe(one.conference.as_ref().map(|call| &call.url)),
        maybe(one.conference.as_ref().map(|call| &call.id)),
        maybe(one.public_description),
        maybe(one.note),
        some(one.creator_user_id),
        some(moment(one.add_time)),
        one.update_time.map(moment),
        some(moment(one.update_time.unwrap_or(one.add_time))),
        flag(false),
        attendees(one.attendees.as_deref().unwrap_or_default()),
    ]);
    row
}

fn location(location: Option<&Location>) -> Row {
    match location {
        None => vec![None; 10],
        Some(Location::Text(text)) => [vec![some(text)], vec![None; 9]].concat(),
        Some(Location::Address(address)) => parts(address),
    }
}

fn parts(address: &Address) -> Row {
    vec![
        some(&address.value),
        some(&address.street_number),
        some(&address.route),
        maybe(address.subpremise.as_ref()),
        maybe(address.sublocality.as_ref()),
        some(&address.locality),
        some(&address.admin_area_level_1),
        some(&address.admin_area_level_2),
        some(&address.country),
        some(&address.postal_code),
    ]
}

/// The primary participant stands first.
fn participants(one: &Activity) -> Option<String> {
    let (primary, others): (Vec<&Participant>, Vec<&Participant>) =
        one.participants.iter().partition(|one| one.primary);
    joined(primary.into_iter().chain(others).map(|one| one.person_id.to_string()))
}

/// The organizer stands first.
fn attendees(all: &[Attendee]) -> Option<String> {
    let (organizers, guests): (Vec<&Attendee>, Vec<&Attendee>) = all.iter().partition(|one| one.is_organizer);
    let text = |one: &Attendee| {
        if one.name.is_empty() { one.email.clone() } else { format!("{} <{}>", one.name, one.email) }
    };
    joined(organizers.into_iter().chain(guests).map(text))
}

fn product(data: &Dataset, one: &Product) -> Row {
    let label = |id| data.option_label("category", id);
    let price = |price: &Price| format!("{} {}", price.price, price.currency);
    vec![
        some(one.id),
        some(&one.name),
        maybe(one.code.as_ref()),
        maybe(one.description),
        maybe(one.unit),
        some(one.tax),
        maybe(one.category.and_then(label)),
        joined(one.prices.iter().map(price)),
        some(one.billing_frequency),
        maybe(one.billing_frequency_cycles),
        flag(one.is_linkable),
        some(one.visible_to),
        some(one.owner_id),
        some(moment(one.add_time)),
        one.update_time.map(moment),
        some(moment(one.update_time.unwrap_or(one.add_time))),
        flag(false),
    ]
}

/// Compares row by row, so that a failure shows one row and not all of them.
#[track_caller]
fn assert_rows(found: Vec<Row>, expected: Vec<Row>) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}

#[test]
fn every_activity_is_as_the_data_set_says() {
    let world = World::new();
    let data = world.sandbox.dataset();
    let found = rows(&world.session(), "SELECT * FROM activities ORDER BY id", &[]).unwrap();
    let expected = data.activities().filter(|one| !one.is_deleted).map(|one| activity(data, &one)).collect();
    assert_rows(cells(found), expected);
}

#[test]
fn every_product_is_as_the_data_set_says_and_custom_fields_stand_behind() {
    let world = World::new();
    let data = world.sandbox.dataset();
    let session = world.session();
    let columns = session.prepare("SELECT * FROM products", &Call::default()).unwrap().columns();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let (built_in, custom) = names.split_at(17);
    for field in data.custom_fields(Entity::Products) {
        assert!(custom.contains(&&*field.name), "{} is not in {custom:?}", field.name);
    }
    // Money has a column for its currency besides.
    assert_eq!(custom.len(), data.custom_fields(Entity::Products).count() + 1);
    let built_in: Vec<_> = built_in.iter().map(|name| format!("\"{name}\"")).collect();
    let sql = format!("SELECT {} FROM products ORDER BY id", built_in.join(", "));
    let expected = data.products().filter(|one| !one.is_deleted).map(|one| product(data, &one)).collect();
    assert_rows(cells(rows(&session, &sql, &[]).unwrap()), expected);
}

#[test]
fn without_members_of_higher_plans_products_have_null_there() {
    let world = World::with(Config { revenue: false, ..Config::default() });
    let found = rows(
        &world.session(),
        "SELECT COUNT(*), COUNT(billing_frequency), COUNT(billing_frequency_cycles) FROM products",
        &[],
    );
    assert_eq!(found.unwrap(), [["40", "0", "0"]]);
}

fn refusing() -> World {
    World::with(Config { refuse_admin: true, ..Config::default() })
}

/// The texts of the warnings since the last call, all of them general ones.
#[track_caller]
fn warnings(session: &Session) -> Vec<String> {
    let warnings = session.warnings();
    assert!(warnings.iter().all(|warning| warning.kind == WarningKind::General), "{warnings:?}");
    warnings.into_iter().map(|warning| warning.message).collect()
}

#[test]
fn refused_definitions_leave_the_rows_and_ids_in_place_of_labels_and_one_warning() {
    let world = refusing();
    let data = world.sandbox.dataset();
    let session = world.session();
    assert_eq!(warnings(&session), Vec::<String>::new());
    world.cost();
    let found = rows(&session, "SELECT * FROM activities ORDER BY id", &[]).unwrap();
    assert_eq!(world.cost(), (7, 60), "six pages, and the refusal, which costs no tokens");
    let expected = data.activities().filter(|one| !one.is_deleted).map(|one| {
        let mut row = activity(data, &one);
        row[15] = maybe(one.priority);
        row
    });
    assert_rows(cells(found), expected.collect());
    let warned = warnings(&session);
    assert_eq!(warned.len(), 1, "{warned:?}");
    for part in ["crm.activities", "admin", "/activityFields"] {
        assert!(warned[0].contains(part), "{part} is not in {}", warned[0]);
    }
    // The same connection asks no second time, and other tables are as ever.
    rows(&session, "SELECT COUNT(priority) FROM activities", &[]).unwrap();
    assert_eq!(world.cost(), (6, 60));
    rows(&session, "SELECT category, \"Roast\" FROM products", &[]).unwrap();
    assert_eq!(warnings(&session), Vec::<String>::new());
}

#[test]
fn refused_definitions_leave_the_catalog_whole() {
    let world = refusing();
    let session = world.session();
    let tables = session.tables();
    let activities = tables.iter().find(|table| table.name == "activities").unwrap();
    let columns = session.columns(activities, &Call::default()).unwrap();
    assert_eq!(columns.len(), 38);
    assert_eq!(warnings(&session).len(), 1);
    let found =
        rows(&session, "SELECT COUNT(DISTINCT table_name) FROM meta.fields WHERE table_name <> 'activities'", &[]);
    assert_eq!(found.unwrap(), [["10"]]);
}
