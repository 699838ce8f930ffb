//! Edits: what the API shows after them, and what the history tells.

use serde_json::{Value, json};

use crate::client::{all_ids, get, json, send};
use crate::dataset::{Amount, CustomValue, Deal, Entity, REFERENCE, Status};
use crate::{Config, Edit, EditPlan, Fault, NewDeal, Record, Refused, Running, Sandbox};

/// A company that is quick to list.
pub(super) fn small() -> Running {
    let config = Config {
        deals: 240,
        persons: 120,
        organizations: 80,
        burst: None,
        daily_tokens: 10_000_000,
        ..Config::default()
    };
    Sandbox::start(config).unwrap()
}

/// The row of a deal, as a single get shows it.
pub(super) fn deal(sandbox: &Running, id: i64) -> Value {
    json(sandbox, &format!("/api/v2/deals/{id}"))["data"].clone()
}

fn text(moment: i64) -> String {
    chrono::DateTime::from_timestamp(moment, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A deal that is listed and passes.
fn some_deal(sandbox: &Running, passes: impl Fn(&Deal) -> bool) -> Deal {
    let listed = |deal: &Deal| !deal.is_archived && !deal.is_deleted && passes(deal);
    sandbox.deals().into_iter().find(listed).unwrap()
}

/// The key of a custom field of deals, by its label.
fn key(sandbox: &Running, label: &str) -> String {
    sandbox.fields(Entity::Deals).into_iter().find(|field| field.name == label).unwrap().code
}

#[test]
fn a_decided_deal_has_the_times_of_its_status() {
    let sandbox = small();
    let id = some_deal(&sandbox, |deal| deal.status == Status::Open).id;
    for (status, name) in [(Status::Won, "won"), (Status::Lost, "lost"), (Status::Open, "open")] {
        let at = json!(text(sandbox.edit(Edit::DealStatus { id, status }).unwrap().moment));
        let row = deal(&sandbox, id);
        assert_eq!((&row["status"], &row["update_time"]), (&json!(name), &at));
        let time = |set: bool| if set { at.clone() } else { Value::Null };
        assert_eq!(row["won_time"], time(status == Status::Won));
        assert_eq!(row["lost_time"], time(status == Status::Lost));
        assert_eq!(row["close_time"], time(status != Status::Open));
        assert_eq!(row["local_close_date"].as_str(), row["close_time"].as_str().map(|time| &time[..10]));
        for list in ["open", "won", "lost"] {
            let listed = all_ids(&sandbox, "/api/v2/deals", &format!("limit=500&status={list}")).contains(&id);
            assert_eq!(listed, list == name, "status={list} of a deal that is {name}");
        }
    }
    let refused = sandbox.edit(Edit::DealStatus { id, status: Status::Deleted });
    assert!(matches!(refused, Err(Refused::Pointless(_))));
}

#[test]
fn filters_see_the_edited_deal() {
    let sandbox = small();
    let before = some_deal(&sandbox, |deal| deal.pipeline_id == 1 && deal.status == Status::Open);
    let id = before.id;
    let owner = sandbox.dataset().users().map(|user| user.id).find(|owner| *owner != before.owner_id).unwrap();
    sandbox.edit(Edit::DealStage { id, stage_id: 8 }).unwrap();
    sandbox.edit(Edit::DealOwner { id, owner_id: owner }).unwrap();
    sandbox.edit(Edit::DealTitle { id, title: "Another \"title\"".to_owned() }).unwrap();
    sandbox.edit(Edit::DealValue { id, value: Some(Amount::new(123_450, 2)) }).unwrap();
    let row = deal(&sandbox, id);
    assert_eq!((&row["stage_id"], &row["pipeline_id"], &row["owner_id"]), (&json!(8), &json!(2), &json!(owner)));
    assert_eq!((&row["title"], &row["value"]), (&json!("Another \"title\""), &json!(1234.5)));
    assert!(get(&sandbox, &format!("/api/v2/deals/{id}")).text().contains("\"value\":1234.50,"));
    assert_eq!(row["stage_change_time"], json!(text(REFERENCE + 1)));
    for (filter, listed) in [
        ("stage_id=8".to_owned(), true),
        ("pipeline_id=2".to_owned(), true),
        (format!("owner_id={owner}"), true),
        (format!("ids={id}"), true),
        (format!("stage_id={}", before.stage_id), false),
        ("pipeline_id=1".to_owned(), false),
        (format!("owner_id={}", before.owner_id), false),
        (format!("updated_since={}", text(REFERENCE)), true),
        (format!("updated_until={}", text(REFERENCE)), false),
    ] {
        let ids = all_ids(&sandbox, "/api/v2/deals", &format!("limit=500&{filter}"));
        assert_eq!(ids.contains(&id), listed, "{filter}");
    }
    assert_eq!(sandbox.dataset().deal(id), Some(before), "the data set stays as it is");
}

#[test]
fn a_new_deal_is_the_last_one_and_was_never_updated() {
    let sandbox = small();
    let highest = sandbox.deals().last().unwrap().id;
    let person = sandbox.persons()[0].id;
    let new = NewDeal { title: "New".to_owned(), person_id: Some(person), ..NewDeal::default() };
    let change = sandbox.edit(Edit::CreateDeal(new)).unwrap();
    assert_eq!((change.id, &change.before), (Some(highest + 1), &None));
    let row = deal(&sandbox, highest + 1);
    assert_eq!((&row["add_time"], &row["update_time"]), (&json!(text(change.moment)), &Value::Null));
    assert_eq!(row["custom_fields"].as_object().unwrap().len(), 20);
    assert_eq!(json(&sandbox, "/api/v2/deals?sort_direction=desc&limit=1")["data"][0], row);
    let by_time = json(&sandbox, "/api/v2/deals?sort_by=add_time&sort_direction=desc&limit=1");
    assert_eq!(by_time["data"][0], row);
    // Rows that were never updated come first.
    let fresh = all_ids(&sandbox, "/api/v2/deals", "sort_by=update_time&limit=7");
    let without = sandbox.deals().iter().filter(|one| one.update_time.is_none() && !one.is_archived).count();
    assert_eq!(fresh[without - 1], highest + 1);
    let since = format!("limit=500&updated_since={}", text(REFERENCE));
    assert!(all_ids(&sandbox, "/api/v2/deals", &since).is_empty());
    assert_eq!(all_ids(&sandbox, "/api/v2/persons", &format!("deal_id={}", highest + 1)), [person]);
    let again = sandbox.edit(Edit::CreateDeal(NewDeal::default())).unwrap();
    assert_eq!(again.id, Some(highest + 2));
}

#[test]
fn deleted_and_archived_deals_change_their_lists() {
    let sandbox = small();
    let id = some_deal(&sandbox, |_| true).id;
    let lists = |sandbox: &Running| {
        [
            "/api/v2/deals?",
            "/api/v2/deals?status=deleted",
            "/api/v2/deals/archived?",
            "/api/v2/deals/archived?status=deleted",
        ]
        .map(|list| list.split_once('?').unwrap())
        .map(|(path, query)| all_ids(sandbox, path, &format!("limit=500&{query}")).contains(&id))
    };
    let unarchive = || sandbox.edit(Edit::UnarchiveDeal { id });
    assert_eq!(lists(&sandbox), [true, false, false, false]);
    let at = sandbox.edit(Edit::ArchiveDeal { id }).unwrap().moment;
    assert_eq!(deal(&sandbox, id)["archive_time"], json!(text(at)));
    assert_eq!(lists(&sandbox), [false, false, true, false]);
    unarchive().unwrap();
    assert_eq!(deal(&sandbox, id)["archive_time"], Value::Null);
    assert_eq!(lists(&sandbox), [true, false, false, false]);
    assert!(matches!(unarchive(), Err(Refused::Pointless(_))));
    sandbox.edit(Edit::ArchiveDeal { id }).unwrap();
    sandbox.edit(Edit::DeleteDeal { id }).unwrap();
    assert_eq!(lists(&sandbox), [false, false, false, true]);
    let row = deal(&sandbox, id);
    assert_eq!((&row["is_deleted"], &row["is_archived"]), (&json!(true), &json!(true)));
    assert_eq!(unarchive(), Err(Refused::NoRecord { entity: Entity::Deals, id }));
    let other = some_deal(&sandbox, |_| true).id;
    sandbox.edit(Edit::DeleteDeal { id: other }).unwrap();
    assert!(all_ids(&sandbox, "/api/v2/deals", "status=deleted").contains(&other));
    assert!(!all_ids(&sandbox, "/api/v2/deals", &format!("ids={other}")).contains(&other));
}

#[test]
fn persons_and_organizations_are_edited() {
    let sandbox = small();
    let person = sandbox.persons().into_iter().find(|one| !one.is_deleted && one.org_id.is_some()).unwrap();
    let made = sandbox.edit(Edit::CreateOrganization { name: "New & Co".to_owned() }).unwrap();
    let org = made.id.unwrap();
    sandbox.edit(Edit::PersonOrganization { id: person.id, org_id: Some(org) }).unwrap();
    sandbox.edit(Edit::PersonName { id: person.id, name: "Ada King Lovelace".to_owned() }).unwrap();
    let row = json(&sandbox, &format!("/api/v2/persons?org_id={org}"))["data"][0].clone();
    assert_eq!((&row["first_name"], &row["last_name"]), (&json!("Ada"), &json!("King Lovelace")));
    let counted = json(&sandbox, &format!("/api/v2/organizations/{org}?include_fields=people_count"));
    assert_eq!((&counted["data"]["name"], &counted["data"]["people_count"]), (&json!("New & Co"), &json!(1)));
    let created = sandbox.edit(Edit::CreatePerson { name: "Solo".to_owned(), org_id: Some(org) }).unwrap();
    assert_eq!(all_ids(&sandbox, "/api/v2/persons", &format!("org_id={org}")), [person.id, created.id.unwrap()]);
    sandbox.edit(Edit::DeletePerson { id: person.id }).unwrap();
    assert_eq!(all_ids(&sandbox, "/api/v2/persons", &format!("org_id={org}")), [created.id.unwrap()]);
    let single = json(&sandbox, &format!("/api/v2/persons/{}", person.id));
    assert_eq!(single["data"]["is_deleted"], json!(true));
    let owner = sandbox.dataset().users().last().unwrap().id;
    sandbox.edit(Edit::OrganizationOwner { id: org, owner_id: owner }).unwrap();
    sandbox.edit(Edit::PersonOwner { id: created.id.unwrap(), owner_id: owner }).unwrap();
    sandbox.edit(Edit::OrganizationName { id: org, name: "Newer".to_owned() }).unwrap();
    let last =
        |path| json(&sandbox, &format!("{path}?sort_direction=desc&limit=1&owner_id={owner}"))["data"][0].clone();
    assert_eq!(last("/api/v2/organizations")["name"], json!("Newer"));
    assert_eq!(last("/api/v2/persons")["name"], json!("Solo"));
    sandbox.edit(Edit::DeleteOrganization { id: org }).unwrap();
    assert!(!all_ids(&sandbox, "/api/v2/organizations", "limit=500").contains(&org));
    let orphan = json(&sandbox, &format!("/api/v2/persons/{}", created.id.unwrap()));
    assert_eq!(orphan["data"]["org_id"], json!(org));
}

#[test]
fn counts_follow_the_edits() {
    let sandbox = small();
    let sample = some_deal(&sandbox, |deal| deal.status == Status::Open && deal.org_id.is_some());
    let org = sample.org_id.unwrap();
    let counts = || {
        let row =
            json(&sandbox, &format!("/api/v2/organizations/{org}?include_fields=open_deals_count,won_deals_count"));
        (row["data"]["open_deals_count"].as_i64().unwrap(), row["data"]["won_deals_count"].as_i64().unwrap())
    };
    let (open, won) = counts();
    sandbox.edit(Edit::DealStatus { id: sample.id, status: Status::Won }).unwrap();
    assert_eq!(counts(), (open - 1, won + 1));
    sandbox.edit(Edit::ArchiveDeal { id: sample.id }).unwrap();
    assert_eq!(counts(), (open - 1, won));
    sandbox.edit(Edit::UnarchiveDeal { id: sample.id }).unwrap();
    sandbox.edit(Edit::DeleteDeal { id: sample.id }).unwrap();
    assert_eq!(counts(), (open - 1, won));
    sandbox.edit(Edit::CreateDeal(NewDeal { org_id: Some(org), ..NewDeal::default() })).unwrap();
    assert_eq!(counts(), (open, won));
}

#[test]
fn custom_fields_are_renamed_added_and_deleted() {
    let sandbox = small();
    let entity = Entity::Deals;
    let id = some_deal(&sandbox, |_| true).id;
    let untouched = deal(&sandbox, id);
    let (region, budget) = (key(&sandbox, "Region"), key(&sandbox, "Contract Value"));
    sandbox.edit(Edit::RenameField { entity, key: region.clone(), name: "Area".to_owned() }).unwrap();
    assert_eq!(json(&sandbox, &format!("/api/v2/dealFields/{region}"))["data"]["field_name"], json!("Area"));
    let options = vec!["Small".to_owned(), "Large".to_owned()];
    let add = Edit::AddField { entity, name: "Size".to_owned(), field_type: "enum".to_owned(), options };
    let added = sandbox.edit(add).unwrap();
    let size = added.after.as_ref().and_then(Record::field).unwrap().clone();
    let row = json(&sandbox, &format!("/api/v2/dealFields/{}", size.code))["data"].clone();
    assert_eq!((&row["options"][1]["label"], &row["is_custom_field"]), (&json!("Large"), &json!(true)));
    let large = row["options"][1]["id"].as_i64().unwrap();
    let value = Some(CustomValue::Choice(large));
    sandbox.edit(Edit::DealCustom { id, key: size.code.clone(), value: value.clone() }).unwrap();
    let money = CustomValue::Money { value: Amount::new(1_250, 2), currency: "USD".into() };
    sandbox.edit(Edit::DealCustom { id, key: budget.clone(), value: Some(money) }).unwrap();
    sandbox.edit(Edit::DeleteField { entity, key: region.clone() }).unwrap();
    let row = deal(&sandbox, id);
    let custom = row["custom_fields"].as_object().unwrap();
    assert_eq!((&custom[&size.code], custom.get(&region), custom.len()), (&json!(large), None, 20));
    assert_eq!(custom[&budget], json!({"value": 12.5, "currency": "USD"}));
    for (code, value) in untouched["custom_fields"].as_object().unwrap() {
        assert!([&region, &budget].contains(&code) || custom[code] == *value, "{code}");
    }
    let record = sandbox.deals().into_iter().find(|deal| deal.id == id).unwrap();
    assert_eq!(sandbox.custom_value(entity, &record.custom, &size.code), value.as_ref());
    assert_eq!(get(&sandbox, &format!("/api/v2/dealFields/{region}")).status, 404);
    let codes = |page: Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|row| row["field_code"].as_str().unwrap().to_owned()).collect()
    };
    let listed = codes(json(&sandbox, "/api/v2/dealFields?limit=500"));
    assert_eq!(listed, sandbox.fields(entity).into_iter().map(|field| field.code).collect::<Vec<_>>());
    assert_eq!((listed.last(), listed.contains(&region)), (Some(&size.code), false));
}

#[test]
fn custom_fields_of_products_are_edited_too() {
    let sandbox = small();
    let entity = Entity::Products;
    let before = json(&sandbox, "/api/v2/products?limit=500&sort_by=name");
    let key = sandbox.fields(entity).into_iter().find(|field| field.is_custom).unwrap().code;
    let options = vec!["Small".to_owned()];
    let add =
        Edit::AddField { entity, name: "Size".to_owned(), field_type: "enum".to_owned(), options: options.clone() };
    let size = sandbox.edit(add).unwrap().after.as_ref().and_then(Record::field).unwrap().clone();
    // Ids of options are unique among all fields, whosever they are.
    let add = Edit::AddField { entity: Entity::Deals, name: "Size".to_owned(), field_type: "enum".to_owned(), options };
    let other = sandbox.edit(add).unwrap().after.as_ref().and_then(Record::field).unwrap().clone();
    assert!(size.options != other.options && size.code != other.code);
    sandbox.edit(Edit::DeleteField { entity, key: key.clone() }).unwrap();
    let mut expected = before;
    for row in expected["data"].as_array_mut().unwrap() {
        let custom = row["custom_fields"].as_object_mut().unwrap();
        custom.remove(&key).unwrap();
        custom.insert(size.code.clone(), Value::Null);
    }
    assert_eq!(json(&sandbox, "/api/v2/products?limit=500&sort_by=name"), expected);
    assert_eq!(get(&sandbox, &format!("/api/v2/productFields/{key}")).status, 404);
    let fields = json(&sandbox, "/api/v2/productFields?limit=500");
    let codes: Vec<_> = fields["data"].as_array().unwrap().iter().map(|field| field["field_code"].clone()).collect();
    assert_eq!(codes, sandbox.fields(entity).into_iter().map(|field| json!(field.code)).collect::<Vec<_>>());
    assert_eq!((codes.last(), codes.contains(&json!(key))), (Some(&json!(size.code)), false));
}

#[test]
fn edits_that_make_no_sense_are_refused_and_change_nothing() {
    let sandbox = small();
    let (id, gap) = (some_deal(&sandbox, |_| true).id, 50);
    let (entity, source) = (Entity::Deals, key(&sandbox, "Lead Source"));
    let text = || Some(CustomValue::Text("x".into()));
    let unknown = || "0".repeat(40);
    for (edit, refused) in [
        (Edit::DeleteDeal { id: gap }, Refused::NoRecord { entity, id: gap }),
        (Edit::DealStage { id, stage_id: 99 }, Refused::NoStage(99)),
        (Edit::DealOwner { id, owner_id: 1 }, Refused::NoUser(1)),
        (Edit::DealCustom { id, key: unknown(), value: None }, Refused::NoField { entity, key: unknown() }),
        (Edit::DealCustom { id, key: source, value: text() }, Refused::Value("enum".to_owned())),
        (Edit::DeleteField { entity, key: "title".to_owned() }, Refused::NoField { entity, key: "title".to_owned() }),
        (
            Edit::AddField { entity, name: "x".to_owned(), field_type: "int".to_owned(), options: vec![] },
            Refused::NoType("int".to_owned()),
        ),
        (
            Edit::AddField {
                entity: Entity::Activities,
                name: "x".to_owned(),
                field_type: "date".to_owned(),
                options: vec![],
            },
            Refused::NoCustomFields(Entity::Activities),
        ),
        (
            Edit::CreateDeal(NewDeal { person_id: Some(9_999), ..NewDeal::default() }),
            Refused::NoRecord { entity: Entity::Persons, id: 9_999 },
        ),
    ] {
        assert_eq!(sandbox.edit(edit.clone()), Err(refused), "{edit:?}");
    }
    assert!(sandbox.history().is_empty());
    assert!(sandbox.deals().into_iter().eq(sandbox.dataset().deals()));
}

#[test]
fn the_history_tells_what_happened_and_when() {
    let sandbox = small();
    get(&sandbox, "/api/v2/deals?limit=1");
    get(&sandbox, "/nonsense");
    let ids: Vec<i64> = all_ids(&sandbox, "/api/v2/deals", "limit=500").into_iter().take(6).collect();
    for &id in &ids {
        sandbox.edit(Edit::DealTitle { id, title: format!("Title {id}") }).unwrap();
    }
    let history = sandbox.history();
    let seconds: Vec<i64> = history.iter().map(|change| change.moment - REFERENCE).collect();
    assert_eq!(seconds, [1, 2, 2, 3, 4, 4], "every third edit is in the second of the one before");
    assert_eq!(sandbox.moment(), REFERENCE + 4);
    assert!(history.iter().zip(1..).all(|(change, number)| change.number == number && change.answered == 3));
    let (before, after) = (history[0].before.clone().unwrap(), history[0].after.clone().unwrap());
    assert_eq!(before.deal(), sandbox.dataset().deal(ids[0]).as_ref());
    assert_eq!(after.deal().unwrap().title, format!("Title {}", ids[0]));
    assert_eq!(after.deal().unwrap().update_time, Some(history[0].moment));
    get(&sandbox, "/api/v2/deals?limit=1");
    let change = sandbox.edit(Edit::DeleteDeal { id: ids[0] }).unwrap();
    assert_eq!((change.answered, change.number, sandbox.answered()), (4, 7, 4));
    assert_eq!(change.before, Some(after));
}

#[test]
fn answers_are_dated_by_the_clock_that_edits_go_by() {
    let sandbox = small();
    let date = || get(&sandbox, "/api/v2/deals?limit=1").header("date").unwrap().to_owned();
    let first = "Thu, 01 Oct 2026 00:00:00 GMT";
    assert_eq!(date(), first);
    assert_eq!(send(&sandbox, "GET", "/api/v2/deals", &[], "").header("date"), Some(first));
    sandbox.arm(Fault::status(503));
    assert_eq!(date(), first);
    sandbox.edit_between_pages(EditPlan { seed: 1, per_page: 100 });
    assert_eq!(date(), first, "a page is older than the edits that follow it");
    sandbox.edit_between_pages(EditPlan::default());
    let told = chrono::DateTime::parse_from_rfc2822(&date()).unwrap().timestamp();
    assert_eq!((told, told > REFERENCE + 60), (sandbox.moment(), true));
}

#[test]
fn edits_are_done_and_told_over_http() {
    let sandbox = small();
    let post = |path: &str, body: &str| send(&sandbox, "POST", path, &[], body);
    let id = some_deal(&sandbox, |deal| deal.status == Status::Open).id;
    let done = post("/__edits", &format!(r#"{{"kind":"deal_status","id":{id},"status":"won"}}"#));
    assert_eq!((done.status, &done.json()[0]["after"]["deal"]["status"]), (200, &json!("won")));
    let source = key(&sandbox, "Lead Source");
    let many = json!([
        {"kind": "deal_value", "id": id, "value": "12.50"},
        {"kind": "deal_value", "id": id, "value": 12.5},
        {"kind": "deal_custom", "id": id, "key": source, "value": {"choice": 102}},
        {"kind": "create_deal", "title": "By HTTP"},
        {"kind": "create_person", "name": "Ada"},
        {"kind": "add_field", "entity": "persons", "name": "Shoe size", "field_type": "double"},
        {"kind": "delete_deal", "id": id},
    ]);
    assert_eq!(post("/__edits", &many.to_string()).json().as_array().unwrap().len(), 7);
    let history = send(&sandbox, "GET", "/__history", &[], "").json();
    assert_eq!(history, serde_json::to_value(sandbox.history()).unwrap());
    assert_eq!(history[1]["after"]["deal"]["value"], json!("12.50"));
    assert_eq!((&history[7]["number"], &history[7]["answered"], &history[7]["id"]), (&json!(8), &json!(0), &json!(id)));
    let refused = post("/__edits", r#"{"kind":"delete_deal","id":50}"#);
    assert_eq!((refused.status, refused.text().contains("no record 50")), (400, true));
    let unknown = post("/__edits", r#"{"kind":"paint_deal","id":50}"#);
    assert_eq!((unknown.status, unknown.text().contains("paint_deal")), (400, true));
    assert_eq!(post("/__edits/plan", r#"{"seed":1,"per_page":3}"#).status, 204);
    json(&sandbox, "/api/v2/deals?limit=1");
    assert_eq!(sandbox.history().len(), 11);
    assert_eq!(send(&sandbox, "DELETE", "/__edits/plan", &[], "").status, 204);
    json(&sandbox, "/api/v2/deals?limit=1");
    assert_eq!(sandbox.history().len(), 11);
}
