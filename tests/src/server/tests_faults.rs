//! Faults of lists: each does what its name says to the page it befalls, and nothing to the next one.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{all_ids, get, json, send};
use crate::dataset::Entity;
use crate::{Config, EditPlan, Fault, Running, Sandbox};

fn small() -> Running {
    Sandbox::start(Config { deals: 120, persons: 60, organizations: 40, burst: None, ..Config::default() }).unwrap()
}

fn ids(page: &Value) -> Vec<i64> {
    page["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

/// The pages of a list, twenty rows each, with the address of each.
fn pages(sandbox: &Running, path: &str, query: &str) -> Vec<(String, Value)> {
    let mut pages = Vec::new();
    let mut target = format!("{path}?limit=20&{query}");
    loop {
        let page = json(sandbox, &target);
        let next = page["additional_data"]["next_cursor"].as_str().map(str::to_owned);
        pages.push((target, page));
        let Some(next) = next else { return pages };
        target = format!("{path}?limit=20&{query}&cursor={next}");
    }
}

#[test]
fn an_expired_cursor_is_refused_like_a_wrong_one() {
    let sandbox = small();
    let pages = pages(&sandbox, "/api/v2/deals", "");
    sandbox.arm(Fault::expired_cursor().after(1));
    assert_eq!(get(&sandbox, &pages[0].0).status, 200);
    assert_eq!(get(&sandbox, &pages[1].0).status, 200);
    let expired = get(&sandbox, &pages[2].0);
    let wrong = get(&sandbox, "/api/v2/deals?cursor=nonsense");
    assert_eq!((expired.status, wrong.status), (400, 400));
    assert_eq!(expired.json()["error"], json!("Validation failed: cursor: The cursor has expired"));
    for member in ["success", "code", "data", "error_info"] {
        assert_eq!(expired.json()[member], wrong.json()[member], "{member}");
    }
    assert_eq!(json(&sandbox, &pages[2].0), pages[2].1);
}

#[test]
fn dropped_ids_lack_one_existing_row() {
    let sandbox = small();
    let target = "/api/v2/deals?ids=1,2,3,4,50";
    let whole = json(&sandbox, target);
    sandbox.arm(Fault::drop_ids());
    assert_eq!(json(&sandbox, "/api/v2/deals?limit=500"), json(&sandbox, "/api/v2/deals?limit=500"));
    let dropped = ids(&json(&sandbox, target));
    assert_eq!((ids(&whole), dropped), (vec![1, 2, 3, 4], vec![1, 2, 4]));
    assert_eq!(json(&sandbox, target), whole);
    sandbox.arm(Fault::drop_ids());
    assert!(ids(&json(&sandbox, "/api/v2/deals?ids=2")).is_empty());
    sandbox.arm(Fault::drop_ids());
    assert!(ids(&json(&sandbox, "/api/v2/deals?ids=50")).is_empty());
}

#[test]
fn foreign_rows_come_along_and_none_of_the_others_is_lost() {
    let sandbox = small();
    for (query, sort) in [("status=won", "id"), ("status=won", "update_time"), ("ids=7,8,9", "id")] {
        let query = format!("{query}&sort_by={sort}");
        let own = all_ids(&sandbox, "/api/v2/deals", &format!("limit=20&{query}"));
        sandbox.arm(Fault::foreign_rows());
        let all: Vec<i64> = pages(&sandbox, "/api/v2/deals", &query).iter().flat_map(|(_, page)| ids(page)).collect();
        let foreign: Vec<i64> = all.iter().copied().filter(|id| !own.contains(id)).collect();
        assert_eq!(foreign.len(), 3, "{query}");
        assert_eq!(all.into_iter().filter(|id| !foreign.contains(id)).collect::<Vec<_>>(), own, "{query}");
        for id in foreign {
            let row = json(&sandbox, &format!("/api/v2/deals/{id}"));
            assert!(query.starts_with("ids") || row["data"]["status"] != json!("won"));
        }
    }
}

#[test]
fn an_ignored_parameter_is_as_if_it_was_not_sent() {
    let sandbox = small();
    for (name, with, without) in [
        ("status", "/api/v2/deals?status=won", "/api/v2/deals"),
        ("ids", "/api/v2/persons?ids=3&limit=5", "/api/v2/persons?limit=5"),
        ("limit", "/api/v2/organizations?limit=5", "/api/v2/organizations"),
        ("updated_since", "/api/v2/deals?updated_since=2026-09-01T00:00:00Z", "/api/v2/deals"),
        ("custom_fields", "/api/v2/deals?custom_fields=x", "/api/v2/deals"),
        ("sort_direction", "/api/v2/deals?sort_direction=desc", "/api/v2/deals"),
    ] {
        sandbox.arm(Fault::ignore_parameter(name));
        assert_ne!(json(&sandbox, without), Value::Null);
        assert_eq!(get(&sandbox, with).body, get(&sandbox, without).body, "{with}");
        assert_ne!(get(&sandbox, with).body, get(&sandbox, without).body, "{with} is ignored once");
    }
}

#[test]
fn disorder_shuffles_the_rows_of_a_page() {
    let sandbox = small();
    let target = "/api/v2/deals?limit=7";
    let whole = json(&sandbox, target);
    sandbox.arm(Fault::disorder());
    let shuffled = json(&sandbox, target);
    assert_ne!(ids(&shuffled), ids(&whole));
    let mut sorted = ids(&shuffled);
    sorted.sort_unstable();
    assert_eq!((sorted, &shuffled["additional_data"]), (ids(&whole), &whole["additional_data"]));
    sandbox.arm(Fault::disorder());
    assert_eq!(ids(&json(&sandbox, "/api/v2/deals?limit=2")), [2, 1]);
}

#[test]
fn a_repeated_page_has_the_rows_of_the_one_before_and_the_cursor_of_its_own() {
    let sandbox = small();
    for query in ["", "status=won,lost", "sort_by=update_time&sort_direction=desc"] {
        let pages = pages(&sandbox, "/api/v2/deals", query);
        assert!(pages.len() > 3, "{query}");
        sandbox.arm(Fault::repeat_page().after(1));
        for (place, (target, page)) in pages.iter().enumerate() {
            let answer = json(&sandbox, target);
            let rows = if place == 2 { &pages[1].1 } else { page };
            assert_eq!(answer["data"], rows["data"], "page {place} of {query}");
            assert_eq!(answer["additional_data"], page["additional_data"], "page {place} of {query}");
        }
    }
}

#[test]
fn lost_keys_and_missing_members_are_absent_from_every_row() {
    let sandbox = small();
    let target = "/api/v2/deals?limit=20";
    let whole = json(&sandbox, target);
    let key = sandbox.fields(Entity::Deals).into_iter().find(|field| field.is_custom).unwrap().code;
    sandbox.arm(Fault::lost_keys(&key));
    let mut expected = whole.clone();
    for row in expected["data"].as_array_mut().unwrap() {
        row["custom_fields"].as_object_mut().unwrap().remove(&key).unwrap();
    }
    assert_eq!(json(&sandbox, target), expected);
    for name in ["title", "id", "custom_fields"] {
        sandbox.arm(Fault::missing_member(name).on("/api/v2/deals"));
        let mut expected = whole.clone();
        for row in expected["data"].as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove(name).unwrap();
        }
        assert_eq!(json(&sandbox, target), expected);
    }
    assert_eq!(json(&sandbox, target), whole);
    // Numbers keep their texts.
    sandbox.arm(Fault::missing_member("title"));
    assert_eq!(
        get(&sandbox, target).text().matches(".0,").count(),
        get(&sandbox, target).text().matches(".0,").count()
    );
    let bare = Sandbox::start(Config { custom_fields: false, deals: 5, ..Config::default() }).unwrap();
    bare.arm(Fault::lost_keys(&key));
    assert_eq!(json(&bare, "/api/v2/deals"), json(&bare, "/api/v2/deals"));
}

#[test]
fn slow_bytes_trickle_and_are_whole() {
    let sandbox = small();
    let target = "/api/v2/deals?limit=100";
    let whole = get(&sandbox, target);
    for encoding in ["identity", "gzip"] {
        sandbox.arm(Fault::slow_bytes(Duration::from_millis(20)));
        let started = Instant::now();
        let headers = [("x-api-token", sandbox.token()), ("accept-encoding", encoding)];
        let slow = send(&sandbox, "GET", target, &headers, "");
        // Twenty pieces have nineteen pauses between them.
        assert!(started.elapsed() >= Duration::from_millis(19 * 20), "{encoding}: {:?}", started.elapsed());
        assert!(slow.is_complete && slow.body == whole.body, "{encoding}");
    }
}

/// Each with a parameter that the fault needs, and with a cursor.
#[test]
fn faults_befall_the_lists_of_activities_and_products_too() {
    let sandbox = small();
    let key = sandbox.fields(Entity::Products).into_iter().find(|field| field.is_custom).unwrap().code;
    for (path, filter, member) in [
        ("/api/v2/activities", "done=true", "subject"),
        ("/api/v2/activities", "sort_by=due_date&done=false", "priority"),
        ("/api/v2/products", "sort_by=name", "prices"),
        ("/api/v2/products", "ids=1,2,3,4,5,6&limit=3", "custom_fields"),
    ] {
        let first = json(&sandbox, &format!("{path}?limit=5&{filter}"));
        let cursor = first["additional_data"]["next_cursor"].as_str().unwrap();
        let target = format!("{path}?limit=5&{filter}&cursor={cursor}");
        let whole = get(&sandbox, &target);
        assert_eq!(whole.status, 200, "{target}");
        let name = filter.split('=').next().unwrap();
        for fault in [
            Fault::expired_cursor(),
            Fault::repeat_page(),
            Fault::repeated_cursor(),
            Fault::disorder(),
            Fault::missing_member(member),
            Fault::ignore_parameter(name),
            Fault::html(503),
            Fault::truncated_json(),
        ] {
            sandbox.arm(fault.clone().on(path));
            let hit = get(&sandbox, &target);
            assert!(hit.status != 200 || hit.body != whole.body, "{fault:?} does nothing to {target}");
            assert_eq!(get(&sandbox, &target).body, whole.body, "{fault:?} and the next answer to {target}");
        }
    }
    for (target, fault) in [
        ("/api/v2/products?limit=50", Fault::lost_keys(&key)),
        ("/api/v2/products?ids=1,2,3", Fault::drop_ids()),
        ("/api/v2/activities?ids=1,2,3", Fault::drop_ids()),
        ("/api/v2/activities?done=true", Fault::foreign_rows()),
    ] {
        let whole = json(&sandbox, target);
        sandbox.arm(fault.clone());
        assert_ne!(json(&sandbox, target), whole, "{fault:?} of {target}");
        assert_eq!(json(&sandbox, target), whole, "{fault:?} of {target}");
    }
}

#[test]
fn what_breaks_a_running_scan_breaks_the_page_it_is_meant_for() {
    let sandbox = small();
    let pages = pages(&sandbox, "/api/v2/deals", "");
    for (fault, status) in [
        (Fault::unauthorized(), 401),
        (Fault::status(500), 500),
        (Fault::status(503), 503),
        (Fault::cut_body(), 200),
        (Fault::cut_chunks(), 200),
        (Fault::truncated_json(), 200),
    ] {
        sandbox.arm(fault.clone().on("/api/v2/deals").after(2));
        for (place, (target, page)) in pages.iter().enumerate() {
            // Other requests are not counted.
            assert_eq!(get(&sandbox, "/api/v2/stages").status, 200);
            let answer = get(&sandbox, target);
            if place == 2 {
                let is_whole = answer.is_complete && serde_json::from_slice::<Value>(&answer.body).is_ok();
                assert_eq!(answer.status, status, "{fault:?}");
                assert!(status != 200 || !is_whole, "{fault:?}");
            } else {
                assert_eq!(answer.json(), *page, "page {place} with {fault:?}");
            }
        }
    }
}

/// A page that never came is followed by no edits when it was refused, but by edits when its body was cut.
#[test]
fn edits_follow_pages_that_were_made() {
    let sandbox = small();
    sandbox.edit_between_pages(EditPlan { seed: 1, per_page: 1 });
    for (fault, edits) in [
        (Fault::unauthorized(), 0),
        (Fault::status(503), 0),
        (Fault::cut_body(), 1),
        (Fault::disorder(), 1),
        (Fault::delay(Duration::ZERO), 1),
    ] {
        let before = sandbox.history().len();
        sandbox.arm(fault.clone());
        get(&sandbox, "/api/v2/deals?limit=20");
        assert_eq!(sandbox.history().len() - before, edits, "{fault:?}");
    }
    assert_eq!(sandbox.answered(), 5);
    assert_eq!(sandbox.history().iter().map(|change| change.answered).collect::<Vec<_>>(), [3, 4, 5]);
}

#[test]
fn faults_of_lists_are_armed_over_http() {
    let sandbox = small();
    let key = "0".repeat(40);
    for fault in [
        json!({"kind": "expired_cursor"}),
        json!({"kind": "drop_ids"}),
        json!({"kind": "foreign_rows"}),
        json!({"kind": "ignore_parameter", "name": "status"}),
        json!({"kind": "disorder"}),
        json!({"kind": "repeat_page"}),
        json!({"kind": "lost_keys", "key": key}),
        json!({"kind": "slow_bytes", "millis": 1}),
        json!({"kind": "missing_member", "name": "title"}),
    ] {
        assert_eq!(send(&sandbox, "POST", "/__faults", &[], &fault.to_string()).status, 204, "{fault}");
    }
    assert_eq!(send(&sandbox, "POST", "/__faults", &[], r#"{"kind":"lost_keys"}"#).status, 400);
}
