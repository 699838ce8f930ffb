//! The sandbox against what Pipedrive publishes: the OpenAPI documents and recorded answers.
//!
//! They are read where they lie, at test time: in the folder that `PIPEDRIVE_REFERENCE` names, or else in
//! `shared/pipedrive` beside the repository. Nothing of them is part of the project. Without them the tests say that
//! they were skipped.
//!
//! * `reference`: finds the folder, cuts operations out of the documents.
//! * `schema`: checks JSON against a schema: types and enums of declared members. Any member may be null or absent,
//!   for the documents declare almost nothing nullable and the live service sends nulls; undeclared members are right
//!   only with a reason, in [`UNDECLARED`].
//! * here: what is asked, and the comparisons with recordings.

mod reference;
mod schema;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Fault;
use super::endpoints::{Answer, ENDPOINTS, Endpoint, NOT_SERVED, Table};
use crate::client::{get, json};
use crate::dataset::Entity;
use crate::{Config, Running, Sandbox};
use reference::{Reference, operation};
use schema::Checker;

/// Endpoint, member, and why it is there though no schema declares it.
const UNDECLARED: &[(&str, &str, &str)] = &[
    ("/deals", "data.creator_user_id", "in the document's examples and in recordings"),
    ("/deals", "data.archive_time", "in the document's examples and in recordings"),
    ("/deals", "data.local_won_date", "in the document's examples and in recordings"),
    ("/deals", "data.local_lost_date", "in the document's examples and in recordings"),
    ("/deals", "data.local_close_date", "in the document's examples and in recordings"),
    ("/dealFields", "data.is_writable", "live answers have it"),
    ("/personFields", "data.is_writable", "live answers have it"),
    ("/organizationFields", "data.is_writable", "live answers have it"),
    ("/activityFields", "data.is_writable", "live answers have it"),
    ("/productFields", "data.is_writable", "live answers have it"),
    ("/products", "additional_data", "recorded for single products, with null"),
    ("/users", "data.is_admin", "recorded"),
    ("/users", "additional_data", "recorded, with the company's id"),
];

fn small() -> Running {
    let config = Config {
        deals: 260,
        persons: 130,
        organizations: 110,
        activities: 170,
        products: 25,
        burst: None,
        daily_tokens: 10_000_000,
        ..Config::default()
    };
    Sandbox::start(config).unwrap()
}

/// Values to try for a parameter.
fn samples(sandbox: &Running, name: &str, endpoint: &Endpoint) -> Vec<String> {
    let data = sandbox.dataset();
    let keys = |entity| data.custom_fields(entity).map(|field| field.code.clone()).collect::<Vec<_>>();
    match name {
        "ids" => vec!["1".to_owned(), "1,2,3,50,777777".to_owned()],
        "owner_id" => data.users().map(|user| user.id.to_string()).collect(),
        "person_id" | "org_id" | "deal_id" => ["1", "2", "999999"].map(str::to_owned).to_vec(),
        "lead_id" => data.activities().filter_map(|activity| activity.lead_id).take(2).collect(),
        "done" => ["true", "false"].map(str::to_owned).to_vec(),
        "pipeline_id" | "stage_id" => ["1", "2", "99"].map(str::to_owned).to_vec(),
        "status" => ["open", "won", "lost", "deleted", "open,won", "lost,deleted"].map(str::to_owned).to_vec(),
        "updated_since" | "updated_until" => vec!["2026-01-01T00:00:00Z".to_owned()],
        "sort_by" => endpoint.sorts.iter().map(|sort| (*sort).to_owned()).collect(),
        "sort_direction" => ["asc", "desc"].map(str::to_owned).to_vec(),
        "include_fields" => {
            endpoint.extras.iter().map(|one| (*one).to_owned()).chain([endpoint.extras.join(",")]).collect()
        }
        "custom_fields" => {
            let entity = match endpoint.answer {
                Answer::List(Table::Persons) | Answer::Row(Table::Persons) => Entity::Persons,
                Answer::List(Table::Organizations) | Answer::Row(Table::Organizations) => Entity::Organizations,
                Answer::List(Table::Products) => Entity::Products,
                _ => Entity::Deals,
            };
            let keys = keys(entity);
            vec![keys[0].clone(), keys.iter().take(15).cloned().collect::<Vec<_>>().join(",")]
        }
        "limit" => ["1", "100", "500"].map(str::to_owned).to_vec(),
        // Pages are followed with every other parameter.
        "cursor" => vec![],
        other => panic!("no values to try for {other}"),
    }
}

/// The paths to ask for: one for a list, several for single rows.
fn targets(sandbox: &Running, endpoint: &Endpoint) -> Vec<String> {
    let data = sandbox.dataset();
    let prefix = format!("/api/v{}", endpoint.version);
    let with =
        |value: String| format!("{prefix}{}", endpoint.path.replace("{id}", &value).replace("{field_code}", &value));
    let rows = |ids: &[i64]| ids.iter().map(|id| with(id.to_string())).collect();
    let codes = |entity| data.fields(entity).iter().map(|field| with(field.code.clone())).collect();
    let hidden =
        |archived| data.deals().find(|deal| if archived { deal.is_archived } else { deal.is_deleted }).unwrap().id;
    match endpoint.answer {
        Answer::List(_) | Answer::Users | Answer::Me => vec![with(String::new())],
        Answer::Row(Table::Deals) => rows(&[1, 2, 3, hidden(true), hidden(false)]),
        Answer::Row(Table::DealFields) => codes(Entity::Deals),
        Answer::Row(Table::PersonFields) => codes(Entity::Persons),
        Answer::Row(Table::OrganizationFields) => codes(Entity::Organizations),
        Answer::Row(Table::ActivityFields) => codes(Entity::Activities),
        Answer::Row(Table::ProductFields) => codes(Entity::Products),
        Answer::Row(_) => rows(&[1, 2]),
        Answer::User => data.users().map(|user| with(user.id.to_string())).collect(),
    }
}

/// Every query to try: none, each value of each parameter alone, and every order with a filter.
fn queries(sandbox: &Running, endpoint: &Endpoint) -> Vec<String> {
    let mut queries = vec![String::new()];
    for name in endpoint.parameters {
        queries.extend(samples(sandbox, name, endpoint).into_iter().map(|value| format!("{name}={value}")));
    }
    for sort in endpoint.sorts {
        for direction in ["asc", "desc"] {
            let filter =
                if endpoint.parameters.contains(&"updated_since") { "&updated_since=2025-06-01T00:00:00Z" } else { "" };
            queries.push(format!("sort_by={sort}&sort_direction={direction}&limit=60{filter}"));
        }
    }
    queries
}

/// Checks an answer, and for a list all pages behind it; gives the undeclared members that were met.
fn check(sandbox: &Running, endpoint: &Endpoint, schema: &Value, target: &str, query: &str) -> BTreeSet<String> {
    let of_endpoint = |(path, _, _): &&(&str, &str, &str)| endpoint.path.split("/{").next().unwrap().starts_with(path);
    let mut checker = Checker::default();
    checker.undeclared.extend(UNDECLARED.iter().filter(of_endpoint).map(|(_, member, _)| (*member).to_owned()));
    // What `include_fields` names is documented by its parameter.
    let asked = query.strip_prefix("include_fields=").into_iter().flat_map(|names| names.split(','));
    checker.undeclared.extend(asked.map(|name| format!("data.{name}")));
    let mut cursor = String::new();
    loop {
        let answer = json(sandbox, &format!("{target}?{query}{cursor}"));
        checker.check(schema, &answer, "");
        match answer["additional_data"]["next_cursor"].as_str() {
            Some(next) if endpoint.version == 2 => cursor = format!("&cursor={next}"),
            _ => break,
        }
        // Single-row pages of everything would only take time.
        if query == "limit=1" && cursor.len() > 20 {
            break;
        }
    }
    assert!(checker.problems.is_empty(), "{target}?{query}: {:#?}", checker.problems);
    checker.met
}

#[test]
fn every_answer_is_as_the_documents_say() {
    let Some(reference) = Reference::find() else { return };
    let documents = [reference.document(1), reference.document(2)];
    let sandbox = small();
    let mut met = BTreeSet::new();
    for endpoint in ENDPOINTS {
        let operation = operation(&documents[usize::from(endpoint.version - 1)], endpoint.path);
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{} has no schema", endpoint.path);
        for target in targets(&sandbox, endpoint) {
            for query in queries(&sandbox, endpoint) {
                met.extend(check(&sandbox, endpoint, schema, &target, &query));
            }
        }
    }
    for (endpoint, member, reason) in UNDECLARED {
        assert!(met.contains(*member), "{endpoint} does not send {member} ({reason}): the row is stale");
    }
}

#[test]
fn parameters_sorts_and_costs_are_those_of_the_documents() {
    let Some(reference) = Reference::find() else { return };
    let documents = [reference.document(1), reference.document(2)];
    for endpoint in ENDPOINTS {
        let path = endpoint.path;
        let operation = operation(&documents[usize::from(endpoint.version - 1)], path);
        assert_eq!(operation["x-token-cost"].as_u64(), Some(endpoint.tokens), "{path}");
        let declared = operation["parameters"].as_array().cloned().unwrap_or_default();
        let in_query = declared.iter().filter(|parameter| parameter["in"] == "query");
        let names: BTreeSet<&str> = in_query.clone().map(|parameter| parameter["name"].as_str().unwrap()).collect();
        let served: BTreeSet<&str> = endpoint.parameters.iter().copied().collect();
        let expected = names.iter().copied().filter(|name| !NOT_SERVED.contains(name)).collect();
        assert_eq!(served, expected, "{path}");
        for parameter in in_query {
            let values: BTreeSet<&str> =
                parameter["schema"]["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let ours: BTreeSet<&str> = match parameter["name"].as_str().unwrap() {
                "sort_by" => endpoint.sorts.iter().copied().collect(),
                "include_fields" => endpoint.extras.iter().copied().collect(),
                _ => continue,
            };
            // For fields the document lists combinations besides single names.
            let single: BTreeSet<&str> = values.into_iter().filter(|value| !value.contains(',')).collect();
            assert_eq!(ours, single, "{path} {}", parameter["name"]);
        }
    }
}

#[test]
fn scopes_are_those_of_the_documents() {
    let Some(reference) = Reference::find() else { return };
    let documents = [reference.document(1), reference.document(2)];
    for endpoint in ENDPOINTS {
        let operation = operation(&documents[usize::from(endpoint.version - 1)], endpoint.path);
        let schemes = operation["security"].as_array().unwrap().iter();
        let scopes: Vec<_> = schemes.filter_map(|scheme| scheme["oauth2"].as_array()).flatten().collect();
        assert_eq!(endpoint.scopes.iter().collect::<Vec<_>>(), scopes, "{}", endpoint.path);
    }
}

/// The kinds of value at each place of an answer, items of an array as `[]`.
fn kinds(value: &Value, path: &str, found: &mut BTreeMap<String, BTreeSet<&'static str>>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(items) => {
            items.iter().for_each(|item| kinds(item, &format!("{path}[]"), found));
            "array"
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| kinds(member, &format!("{path}.{name}"), found));
            "object"
        }
    };
    found.entry(path.to_owned()).or_default().insert(kind);
}

/// Both have the same members with the same kinds of value, as far as the recording has values.
fn assert_alike(file: &str, recorded: &Value, ours: &Value, ours_may_have_more: bool) {
    let (mut theirs, mut mine) = (BTreeMap::new(), BTreeMap::new());
    kinds(recorded, "", &mut theirs);
    kinds(ours, "", &mut mine);
    for (path, kinds) in &theirs {
        let own = mine.get(path).unwrap_or_else(|| panic!("{file} has {path}, the sandbox does not"));
        let known = |kind: &&&str| **kind != "null";
        let (values, own_values) = (kinds.iter().filter(known).count(), own.iter().filter(known).count());
        let alike = kinds.iter().filter(known).all(|kind| own.contains(kind));
        assert!(alike || values == 0 || own_values == 0, "{file} has {kinds:?} at {path}, the sandbox {own:?}");
    }
    for path in mine.keys() {
        let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
        let comparable = theirs.get(parent).is_some_and(|kinds| kinds.contains("object")) && !path.ends_with("[]");
        assert!(ours_may_have_more || !comparable || theirs.contains_key(path), "{file} does not have {path}");
    }
}

#[test]
fn recorded_answers_have_the_same_members() {
    let Some(reference) = Reference::find() else { return };
    // The recorded account has no custom fields and a plan without revenue.
    let bare = Sandbox::start(Config { custom_fields: false, revenue: false, ..Config::default() }).unwrap();
    let user = bare.dataset().users().next().unwrap().id;
    for (file, target, ours_may_have_more) in [
        ("nango/v2-stages.json", "/api/v2/stages?limit=500&sort_by=update_time".to_owned(), false),
        ("nango/v2-get-deal.json", "/api/v2/deals/1".to_owned(), false),
        ("nango/v1-list-users.json", "/v1/users".to_owned(), false),
        ("nango/v1-get-user.json", format!("/v1/users/{user}"), false),
        ("nango/v2-update-pipeline.json", "/api/v2/pipelines/1".to_owned(), false),
        // Its publisher left members out.
        ("ampersand/v2-dealFields.json", "/api/v2/dealFields?limit=500".to_owned(), true),
    ] {
        assert_alike(file, &reference.recording(file), &json(&bare, &target), ours_may_have_more);
    }
}

#[test]
fn the_recorded_built_in_deal_fields_are_ours() {
    let Some(reference) = Reference::find() else { return };
    let recorded = reference.recording("ampersand/v2-dealFields.json");
    let sandbox = small();
    for field in recorded["data"].as_array().unwrap() {
        let ours = json(&sandbox, &format!("/api/v2/dealFields/{}", field["field_code"].as_str().unwrap()));
        for (name, value) in field.as_object().unwrap().iter().filter(|(name, _)| *name != "options") {
            assert_eq!(&ours["data"][name], value, "{name} of {}", field["field_code"]);
        }
    }
}

#[test]
fn the_recorded_refusal_and_headers_are_ours() {
    let Some(reference) = Reference::find() else { return };
    let sandbox = small();
    sandbox.arm(Fault::refuse_scope());
    let refused = get(&sandbox, "/api/v2/deals");
    assert_eq!((refused.status, refused.json()), (403, reference.recording("ampersand/error-403-scope-mismatch.json")));
    let answer = get(&sandbox, "/api/v2/stages");
    let named = |name: &&String| name.contains("ratelimit") || name.contains("correlation") || *name == "vary";
    let recorded = reference.recorded_headers("nango/v2-stages.json");
    let expected: Vec<_> = recorded.iter().filter(named).collect();
    assert!(expected.len() >= 7, "{expected:?}");
    for name in expected {
        assert!(answer.header(name).is_some(), "{name}");
    }
}

/// The shapes of custom values by v2; no published recording has them filled in, so the migration guide decides.
const CUSTOM_SHAPES: &[(&str, &[&str])] = &[
    ("varchar", &["string"]),
    ("varchar_auto", &["string"]),
    ("text", &["string"]),
    ("phone", &["string"]),
    ("date", &["string"]),
    ("double", &["number"]),
    ("enum", &["number"]),
    ("user", &["number"]),
    ("org", &["number"]),
    ("people", &["number"]),
    ("set", &["array"]),
    ("monetary", &["currency", "value"]),
    ("daterange", &["until", "value"]),
    ("time", &["timezone_id", "timezone_name", "value"]),
    ("timerange", &["timezone_id", "timezone_name", "until", "value"]),
    (
        "address",
        &[
            "admin_area_level_1",
            "admin_area_level_2",
            "country",
            "formatted_address",
            "locality",
            "postal_code",
            "route",
            "street_number",
            "sublocality",
            "subpremise",
            "value",
        ],
    ),
];

fn shape(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => members.keys().map(String::as_str).collect(),
        Value::Array(_) => vec!["array"],
        Value::Number(_) => vec!["number"],
        Value::String(_) => vec!["string"],
        Value::Bool(_) | Value::Null => vec![],
    }
}

#[test]
fn custom_values_have_the_shape_of_their_type() {
    let sandbox = small();
    let mut seen = BTreeSet::new();
    for (path, entity) in [
        ("/api/v2/deals", Entity::Deals),
        ("/api/v2/persons", Entity::Persons),
        ("/api/v2/organizations", Entity::Organizations),
        ("/api/v2/products", Entity::Products),
    ] {
        let page = json(&sandbox, &format!("{path}?limit=500"));
        for row in page["data"].as_array().unwrap() {
            for field in sandbox.dataset().custom_fields(entity) {
                let value = row["custom_fields"].get(&field.code).unwrap_or_else(|| panic!("{} is absent", field.name));
                let (_, expected) = CUSTOM_SHAPES.iter().find(|(name, _)| *name == field.field_type).unwrap();
                if !value.is_null() {
                    let mut found = shape(value);
                    found.sort_unstable();
                    assert_eq!(found, *expected, "{} holds {value}", field.name);
                    seen.insert(field.field_type);
                }
            }
        }
    }
    assert_eq!(seen.len(), CUSTOM_SHAPES.len());
}
