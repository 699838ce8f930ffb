//! Activities and products through HTTP, compared with what the data set says.

use serde_json::json;

use super::demo;
use crate::client::{all_ids, get, json};
use crate::dataset::Activity;
use crate::{Config, Sandbox};

/// What a filter of activities means.
type PassesActivity<'a> = Box<dyn Fn(&Activity) -> bool + 'a>;

#[test]
fn every_filter_of_activities_gives_what_the_data_set_says() {
    let sandbox = demo();
    let data = sandbox.dataset();
    let sample = data.activities().find(|one| one.deal_id.is_some() && one.participants.len() > 1 && !one.is_deleted);
    let sample = sample.unwrap();
    let (deal, person, org) = (sample.deal_id, sample.person_id, sample.org_id);
    // Who takes part without being the primary participant is not found.
    let second = sample.participants.iter().find(|one| !one.primary).map(|one| one.person_id);
    let lead = data.activities().find_map(|one| one.lead_id.filter(|_| !one.is_deleted)).unwrap();
    let since = 1_772_323_200;
    let cases: [(String, PassesActivity<'_>); 10] = [
        (String::new(), Box::new(|_| true)),
        (format!("owner_id={}", sample.owner_id), Box::new(|one| one.owner_id == sample.owner_id)),
        (format!("deal_id={}", deal.unwrap()), Box::new(|one| one.deal_id == deal)),
        (format!("person_id={}", person.unwrap()), Box::new(|one| one.person_id == person)),
        (format!("person_id={}", second.unwrap()), Box::new(|one| one.person_id == second)),
        (format!("org_id={}", org.unwrap()), Box::new(|one| one.org_id == org)),
        (format!("lead_id={lead}"), Box::new(|one| one.lead_id.as_ref() == Some(&lead))),
        ("done=true".to_owned(), Box::new(|one| one.done)),
        ("done=false&type=call".to_owned(), Box::new(|one| !one.done)),
        (
            "updated_since=2026-03-01T00:00:00Z".to_owned(),
            Box::new(|one| one.update_time.is_some_and(|time| time >= since)),
        ),
    ];
    for (query, passes) in cases {
        let expected: Vec<i64> =
            data.activities().filter(|one| !one.is_deleted && passes(one)).map(|one| one.id).collect();
        assert_eq!(all_ids(&sandbox, "/api/v2/activities", &format!("limit=500&{query}")), expected, "{query}");
        assert!(!expected.is_empty() || query.starts_with("person_id"), "{query}");
    }
    for (query, status) in [("done=1", 400), ("include_fields=x", 400), ("filter_id=1", 501), ("status=x", 200)] {
        assert_eq!(get(&sandbox, &format!("/api/v2/activities?{query}")).status, status, "{query}");
    }
}

#[test]
fn attendees_come_on_request_and_a_single_product_has_an_empty_member_beside_it() {
    let sandbox = demo();
    let id = sandbox.dataset().activities().find(|one| one.attendees.is_some()).unwrap().id;
    let plain = json(&sandbox, &format!("/api/v2/activities/{id}"));
    assert!(plain["data"].get("attendees").is_none() && plain.get("additional_data").is_none());
    let asked = json(&sandbox, &format!("/api/v2/activities/{id}?include_fields=attendees"));
    assert!(asked["data"]["attendees"].is_array());
    let page = json(&sandbox, "/api/v2/products?limit=1");
    let product = json(&sandbox, "/api/v2/products/1");
    assert_eq!(product, json!({"success": true, "data": page["data"][0], "additional_data": null}));
}

#[test]
fn without_the_scope_admin_the_fields_of_activities_are_refused_and_nothing_else_is() {
    let sandbox = Sandbox::start(Config { refuse_admin: true, ..Config::default() }).unwrap();
    for target in ["/api/v2/activityFields", "/api/v2/activityFields/type"] {
        let refused = get(&sandbox, target);
        assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("Scope and URL mismatch")), "{target}");
    }
    assert_eq!(sandbox.stats().tokens, 0);
    for target in ["/api/v2/activities", "/api/v2/productFields", "/api/v2/dealFields", "/v1/users/me"] {
        assert_eq!(get(&sandbox, target).status, 200, "{target}");
    }
}
