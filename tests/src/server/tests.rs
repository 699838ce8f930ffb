//! The server through HTTP, compared with what its data set says.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Fault;
use crate::client::{all_ids, get, json, send};
use crate::dataset::{Deal, Person, Status};
use crate::{Config, Running, Sandbox};

mod activities;

fn demo() -> Running {
    Sandbox::start(Config::default()).unwrap()
}

fn small() -> Running {
    Sandbox::start(Config {
        deals: 120,
        persons: 60,
        organizations: 40,
        activities: 90,
        burst: None,
        ..Config::default()
    })
    .unwrap()
}

fn listed(deal: &Deal) -> bool {
    !deal.is_archived && !deal.is_deleted
}

/// Ids of the deals that pass, as the data set says.
fn deals(sandbox: &Running, passes: impl Fn(&Deal) -> bool) -> Vec<i64> {
    sandbox.dataset().deals().filter(passes).map(|deal| deal.id).collect()
}

const V2_LISTS: [(&str, &[&str]); 8] = [
    ("/api/v2/deals", &["id", "add_time", "update_time"]),
    ("/api/v2/deals/archived", &["id", "add_time", "update_time"]),
    ("/api/v2/persons", &["id", "add_time", "update_time"]),
    ("/api/v2/organizations", &["id", "add_time", "update_time"]),
    ("/api/v2/activities", &["id", "add_time", "update_time", "due_date"]),
    ("/api/v2/products", &["id", "name", "add_time", "update_time"]),
    ("/api/v2/pipelines", &["id", "add_time", "update_time"]),
    ("/api/v2/stages", &["id", "add_time", "update_time", "order_nr"]),
];

#[test]
fn paging_visits_every_row_once_in_every_order() {
    let sandbox = small();
    for (path, sorts) in V2_LISTS {
        let expected: HashSet<i64> = all_ids(&sandbox, path, "limit=500").into_iter().collect();
        assert!(expected.len() > 1, "{path}");
        for sort in sorts {
            for direction in ["asc", "desc"] {
                for limit in [1, 7, 500] {
                    let query = format!("sort_by={sort}&sort_direction={direction}&limit={limit}");
                    let ids = all_ids(&sandbox, path, &query);
                    let unique: HashSet<i64> = ids.iter().copied().collect();
                    assert_eq!((ids.len(), &unique), (expected.len(), &expected), "{path}?{query}");
                }
            }
        }
    }
}

#[test]
fn rows_come_in_the_order_asked_for() {
    let sandbox = small();
    for (path, sorts) in V2_LISTS {
        for sort in sorts {
            let keys = |direction: &str| -> Vec<(String, i64)> {
                let page = json(&sandbox, &format!("{path}?limit=500&sort_by={sort}&sort_direction={direction}"));
                let key = |row: &Value| match &row[*sort] {
                    // Rows without a value come first in ascending order.
                    Value::Null => String::new(),
                    Value::Number(number) => format!("{:020}", number.as_i64().unwrap()),
                    text => text.as_str().unwrap().to_owned(),
                };
                page["data"].as_array().unwrap().iter().map(|row| (key(row), row["id"].as_i64().unwrap())).collect()
            };
            let mut ascending = keys("asc");
            assert!(ascending.is_sorted(), "{path} by {sort}");
            ascending.reverse();
            assert_eq!(keys("desc"), ascending, "{path} by {sort}");
        }
    }
}

/// What a filter means.
type Passes<'a> = Box<dyn Fn(&Deal) -> bool + 'a>;

#[test]
fn every_filter_of_deals_gives_what_the_data_set_says() {
    let sandbox = demo();
    let sample =
        sandbox.dataset().deals().find(|deal| listed(deal) && deal.person_id.is_some() && deal.org_id.is_some());
    let sample = sample.unwrap();
    let (person, org) = (sample.person_id, sample.org_id);
    let cases: [(String, Passes<'_>); 13] = [
        (String::new(), Box::new(|_| true)),
        (format!("owner_id={}", sample.owner_id), Box::new(|deal| deal.owner_id == sample.owner_id)),
        (format!("person_id={}", person.unwrap()), Box::new(|deal| deal.person_id == person)),
        (format!("org_id={}", org.unwrap()), Box::new(|deal| deal.org_id == org)),
        ("pipeline_id=2".to_owned(), Box::new(|deal| deal.pipeline_id == 2)),
        ("stage_id=3".to_owned(), Box::new(|deal| deal.stage_id == 3)),
        ("stage_id=3&pipeline_id=2".to_owned(), Box::new(|_| false)),
        ("status=won".to_owned(), Box::new(|deal| deal.status == Status::Won)),
        ("status=open,lost".to_owned(), Box::new(|deal| matches!(deal.status, Status::Open | Status::Lost))),
        ("status=open,won,lost".to_owned(), Box::new(|_| true)),
        ("ids=3,1,4,50,1,999999".to_owned(), Box::new(|deal| [1, 3, 4].contains(&deal.id))),
        (
            "updated_since=2026-03-01T00:00:00Z&updated_until=2026-06-01T00:00:00Z".to_owned(),
            Box::new(|deal| deal.update_time.is_some_and(|time| (1_772_323_200..1_780_272_000).contains(&time))),
        ),
        ("unheard_of=1&owner=2".to_owned(), Box::new(|_| true)),
    ];
    for (query, passes) in cases {
        let expected = deals(&sandbox, |deal| listed(deal) && passes(deal));
        assert_eq!(all_ids(&sandbox, "/api/v2/deals", &format!("limit=500&{query}")), expected, "{query}");
        let mut by_time = all_ids(&sandbox, "/api/v2/deals", &format!("limit=150&sort_by=update_time&{query}"));
        by_time.sort_unstable();
        assert_eq!(by_time, expected, "{query} by update_time");
        let expected = deals(&sandbox, |deal| deal.is_archived && !deal.is_deleted && passes(deal));
        assert_eq!(all_ids(&sandbox, "/api/v2/deals/archived", &format!("limit=20&{query}")), expected, "{query}");
    }
}

#[test]
fn deleted_deals_are_listed_by_their_status_only() {
    let sandbox = demo();
    let deleted = deals(&sandbox, |deal| deal.is_deleted && !deal.is_archived);
    assert!(!deleted.is_empty());
    assert_eq!(all_ids(&sandbox, "/api/v2/deals", "status=deleted&limit=500"), deleted);
    let both = deals(&sandbox, |deal| !deal.is_archived && matches!(deal.status, Status::Deleted | Status::Won));
    assert_eq!(all_ids(&sandbox, "/api/v2/deals", "status=won,deleted&limit=500"), both);
    let one = json(&sandbox, &format!("/api/v2/deals/{}", deleted[0]));
    assert_eq!((&one["data"]["is_deleted"], &one["data"]["status"]), (&json!(true), &json!("deleted")));
}

#[test]
fn deals_that_were_archived_and_then_deleted_are_in_the_archive_by_their_status_only() {
    let sandbox = demo();
    let both = deals(&sandbox, |deal| deal.is_deleted && deal.is_archived);
    assert!(!both.is_empty());
    assert_eq!(all_ids(&sandbox, "/api/v2/deals/archived", "status=deleted"), both);
    let archived = all_ids(&sandbox, "/api/v2/deals/archived", "");
    let elsewhere = [archived, all_ids(&sandbox, "/api/v2/deals", "status=deleted,open,won,lost&limit=500")].concat();
    assert!(both.iter().all(|id| !elsewhere.contains(id)));
    let page = json(&sandbox, "/api/v2/deals/archived?status=deleted&limit=1");
    let row = &page["data"][0];
    assert_eq!(
        (&row["is_archived"], &row["is_deleted"], &row["status"]),
        (&json!(true), &json!(true), &json!("deleted"))
    );
    assert!(row["archive_time"].as_str() <= row["update_time"].as_str());
}

#[test]
fn the_range_of_update_times_is_closed_below_and_open_above() {
    let sandbox = demo();
    let deal = sandbox.dataset().deals().find(|deal| listed(deal) && deal.update_time.is_some()).unwrap();
    let at = chrono::DateTime::from_timestamp(deal.update_time.unwrap(), 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ");
    let ids = |query: &str| all_ids(&sandbox, "/api/v2/deals", &format!("ids={}&{query}", deal.id));
    assert_eq!(ids(&format!("updated_since={at}")), [deal.id]);
    assert!(ids(&format!("updated_until={at}")).is_empty());
}

#[test]
fn every_filter_of_persons_and_organizations_gives_what_the_data_set_says() {
    let sandbox = demo();
    let data = sandbox.dataset();
    let persons = |passes: &dyn Fn(&Person) -> bool| -> Vec<i64> {
        data.persons().filter(|person| !person.is_deleted && passes(person)).map(|person| person.id).collect()
    };
    let deal =
        data.deals().find(|deal| deal.person_id.and_then(|id| data.person(id)).is_some_and(|one| !one.is_deleted));
    let deal = deal.unwrap();
    let sample = data.person(deal.person_id.unwrap()).unwrap();
    let org = data.persons().find_map(|person| person.org_id).unwrap();
    let since = 1_767_225_600;
    for (query, expected) in [
        (String::new(), persons(&|_| true)),
        (format!("owner_id={}", sample.owner_id), persons(&|person| person.owner_id == sample.owner_id)),
        (format!("org_id={org}"), persons(&|person| person.org_id == Some(org))),
        (format!("deal_id={}", deal.id), vec![sample.id]),
        ("deal_id=999999".to_owned(), vec![]),
        ("ids=1,2,3".to_owned(), persons(&|person| person.id <= 3)),
        (
            "updated_since=2026-01-01T00:00:00Z".to_owned(),
            persons(&|person| person.update_time.is_some_and(|time| time >= since)),
        ),
    ] {
        assert_eq!(all_ids(&sandbox, "/api/v2/persons", &format!("limit=500&{query}")), expected, "{query}");
    }
    let owner = data.organizations().next().unwrap().owner_id;
    let listed = data.organizations().filter(|one| !one.is_deleted && one.owner_id == owner);
    let expected: Vec<i64> = listed.map(|one| one.id).collect();
    assert_eq!(all_ids(&sandbox, "/api/v2/organizations", &format!("limit=500&owner_id={owner}")), expected);
}

#[test]
fn stages_of_an_unknown_pipeline_are_an_empty_list() {
    let sandbox = small();
    assert_eq!(all_ids(&sandbox, "/api/v2/stages", "pipeline_id=2"), [7, 8, 9]);
    assert!(all_ids(&sandbox, "/api/v2/stages", "pipeline_id=99").is_empty());
}

#[test]
fn single_rows_are_the_rows_of_the_list() {
    let sandbox = small();
    for path in [
        "/api/v2/deals",
        "/api/v2/persons",
        "/api/v2/organizations",
        "/api/v2/activities",
        "/api/v2/pipelines",
        "/api/v2/stages",
    ] {
        let page = json(&sandbox, &format!("{path}?limit=5"));
        for row in page["data"].as_array().unwrap() {
            let one = json(&sandbox, &format!("{path}/{}", row["id"]));
            assert_eq!(one, json!({"success": true, "data": row}));
        }
    }
    for path in [
        "/api/v2/dealFields",
        "/api/v2/personFields",
        "/api/v2/organizationFields",
        "/api/v2/activityFields",
        "/api/v2/productFields",
    ] {
        let page = json(&sandbox, &format!("{path}?limit=500"));
        for row in page["data"].as_array().unwrap() {
            let one = json(&sandbox, &format!("{path}/{}", row["field_code"].as_str().unwrap()));
            assert_eq!(one["data"], *row);
        }
    }
    let users = json(&sandbox, "/v1/users?start=3&limit=1");
    assert_eq!(users["data"].as_array().unwrap().len(), 8);
    assert_eq!(json(&sandbox, "/api/v1/users"), users);
    let one = json(&sandbox, &format!("/api/v1/users/{}", users["data"][2]["id"]));
    assert_eq!(one["data"], users["data"][2]);
}

#[test]
fn the_fields_come_in_pages_too() {
    let sandbox = small();
    let all = json(&sandbox, "/api/v2/dealFields?limit=500");
    let mut codes = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = json(&sandbox, &format!("/api/v2/dealFields?limit=9{cursor}"));
        codes.extend(page["data"].as_array().unwrap().clone());
        match page["additional_data"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(all["data"], Value::from(codes));
}

#[test]
fn custom_fields_and_include_fields_shape_the_rows() {
    let sandbox = small();
    let row = |query: &str| json(&sandbox, &format!("/api/v2/deals?limit=1&{query}"))["data"][0].clone();
    let keys: Vec<String> =
        sandbox.dataset().custom_fields(crate::dataset::Entity::Deals).map(|field| field.code.clone()).collect();
    assert_eq!(row("")["custom_fields"].as_object().unwrap().len(), keys.len());
    let narrowed = row(&format!("custom_fields={},{},unknown", keys[1], keys[4]));
    let names: Vec<&String> = narrowed["custom_fields"].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 2);
    assert!(row("").get("activities_count").is_none());
    let extra = row("include_fields=activities_count,smart_bcc_email");
    assert!(extra["activities_count"].is_number() && extra["smart_bcc_email"].is_string());
}

#[test]
fn an_account_without_custom_fields_and_a_plan_without_revenue() {
    let config = Config { custom_fields: false, revenue: false, deals: 5, ..Config::default() };
    let sandbox = Sandbox::start(config).unwrap();
    let row = json(&sandbox, "/api/v2/deals")["data"][0].clone();
    assert!(row["custom_fields"].is_null() && row.get("custom_fields").is_some());
    assert!(row.get("arr").is_none());
    let product = json(&sandbox, "/api/v2/products")["data"][0].clone();
    assert!(product["custom_fields"].is_null() && product.get("billing_frequency").is_none());
}

#[test]
fn computed_counts_are_those_of_the_data_set() {
    let sandbox = small();
    let page = json(&sandbox, "/api/v2/organizations?limit=500&include_fields=people_count,won_deals_count");
    for row in page["data"].as_array().unwrap() {
        let id = row["id"].as_i64();
        let people = sandbox.dataset().persons().filter(|one| one.org_id == id && !one.is_deleted).count();
        let won = deals(&sandbox, |deal| deal.org_id == id && !deal.is_archived && deal.status == Status::Won).len();
        assert_eq!((&row["people_count"], &row["won_deals_count"]), (&json!(people), &json!(won)));
    }
}

#[test]
fn wrong_tokens_are_refused_as_recorded() {
    let sandbox = small();
    let me = "/api/v1/users/me";
    let (token, bearer) = (sandbox.token(), format!("Bearer {}", sandbox.bearer()));
    assert_eq!(send(&sandbox, "GET", me, &[("authorization", &bearer)], "").status, 200);
    for headers in
        [vec![], vec![("x-api-token", "x")], vec![("authorization", token)], vec![("authorization", "Bearer x")]]
    {
        let answer = send(&sandbox, "GET", me, &headers, "");
        assert_eq!((answer.status, answer.header("x-401-by-gw")), (401, Some("true")));
        assert!(answer.header("x-correlation-id").is_some());
        assert_eq!(answer.json()["error"], "unauthorized access");
    }
    assert_eq!(send(&sandbox, "GET", &format!("{me}?api_token={token}"), &[], "").status, 401);
    assert!(sandbox.requests().iter().all(|one| !format!("{one:?}").contains(token)));
    assert!(!format!("{sandbox:?}").contains(token));
}

#[test]
fn what_is_not_there_is_said_so() {
    let sandbox = small();
    for (target, status, error) in [
        ("/api/v2/deals/50", 404, "Entity was not found"),
        ("/api/v2/deals/999999", 404, "Entity was not found"),
        ("/api/v2/deals/x", 400, "Validation failed: id: 'x' is not a valid 'integer'"),
        ("/api/v2/dealFields/nonsense", 404, "Entity was not found"),
        ("/v1/users/1", 404, "User not found or not accessible."),
        ("/api/v1/deals", 404, "Unknown method ."),
        ("/api/v2/deals?filter_id=3", 501, "The sandbox does not serve filter_id"),
    ] {
        let answer = get(&sandbox, target);
        assert_eq!((answer.status, &answer.json()["error"]), (status, &json!(error)), "{target}");
        assert_eq!(answer.json()["success"], json!(false));
    }
    let fraction = get(&sandbox, "/api/v2/deals?updated_since=2026-01-01T00:00:00.000Z");
    assert_eq!((fraction.status, &fraction.json()["code"]), (400, &json!("ERR_SCHEMA_VALIDATION_FAILED")));
    let post = send(&sandbox, "POST", "/api/v2/deals", &[("x-api-token", sandbox.token())], "{}");
    assert_eq!(post.status, 405);
}

#[test]
fn answers_tell_the_limits_and_the_counters_agree() {
    let sandbox = small();
    for target in ["/api/v1/users/me", "/api/v2/deals", "/api/v2/deals/1", "/api/v2/deals/archived", "/v1/users"] {
        get(&sandbox, target);
    }
    let answer = get(&sandbox, "/api/v2/stages");
    assert_eq!(answer.header("x-daily-ratelimit-token-limit"), Some("150000"));
    assert_eq!(answer.header("x-daily-ratelimit-token-remaining"), Some("149942"));
    assert_eq!(answer.header("x-daily-requests-left"), Some("149942"));
    assert_eq!(answer.header("x-ratelimit-reset"), Some("2"));
    let stats = sandbox.stats();
    assert_eq!((stats.requests, stats.tokens, stats.peak_concurrency), (6, 58, 1));
    assert_eq!(stats.by_path["/api/v2/deals"], 1);
    let over_http = send(&sandbox, "GET", "/__stats", &[], "").json();
    assert_eq!(over_http, serde_json::to_value(&stats).unwrap());
    let log = send(&sandbox, "GET", "/__log", &[], "").json();
    assert_eq!(log[1], json!({"method": "GET", "path": "/api/v2/deals", "query": "", "status": 200, "tokens": 10}));
    assert_eq!(send(&sandbox, "POST", "/__stats/reset", &[], "").status, 204);
    assert_eq!((sandbox.stats().requests, sandbox.requests().len()), (0, 0));
}

#[test]
fn an_account_that_tells_no_limits_has_them_all_the_same() {
    let config = Config { daily_tokens: 20, burst: Some(4), tells_limits: false, ..Config::default() };
    let sandbox = Sandbox::start(config).unwrap();
    let answers: Vec<_> = (0..5).map(|_| get(&sandbox, "/api/v2/deals?limit=1")).collect();
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 200, 429, 429, 429]);
    let told = |(name, _): &(String, String)| name.contains("ratelimit") || name.contains("daily");
    assert!(!answers.iter().any(|answer| answer.headers.iter().any(told)));
}

#[test]
fn the_budget_of_the_day_ends() {
    let sandbox = Sandbox::start(Config { daily_tokens: 25, ..Config::default() }).unwrap();
    let statuses: Vec<u16> = (0..3).map(|_| get(&sandbox, "/api/v2/deals?limit=1").status).collect();
    assert_eq!(statuses, [200, 200, 429]);
    let answer = get(&sandbox, "/api/v2/deals");
    assert_eq!(answer.json(), json!({"success": false, "error": "daily request budget exceeded", "errorCode": 429}));
    let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!(wait > 0 && wait <= 86_400);
    assert_eq!(answer.header("x-daily-ratelimit-token-remaining"), Some("5"));
    assert_eq!(get(&sandbox, "/api/v2/deals/1").status, 200);
    assert_eq!(sandbox.stats().tokens, 21);
}

#[test]
fn the_burst_limit_is_of_each_credential_and_passes_after_two_seconds() {
    let sandbox = Sandbox::start(Config { burst: Some(3), ..Config::default() }).unwrap();
    let started = Instant::now();
    assert_eq!(get(&sandbox, "/api/v1/users/me").header("x-ratelimit-limit"), Some("3"));
    let statuses: Vec<u16> = (0..3).map(|_| get(&sandbox, "/api/v1/users/me").status).collect();
    assert_eq!(statuses, [200, 200, 429]);
    let refused = get(&sandbox, "/api/v1/users/me");
    assert_eq!((refused.header("x-ratelimit-remaining"), refused.header("retry-after")), (Some("0"), None));
    let bearer = format!("Bearer {}", sandbox.bearer());
    assert_eq!(send(&sandbox, "GET", "/api/v1/users/me", &[("authorization", &bearer)], "").status, 200);
    std::thread::sleep(Duration::from_secs(2).saturating_sub(started.elapsed()) + Duration::from_millis(500));
    assert_eq!(get(&sandbox, "/api/v1/users/me").status, 200);
}

#[test]
fn compressed_answers_are_the_same() {
    let sandbox = small();
    let target = "/api/v2/deals?limit=500";
    let headers = [("x-api-token", sandbox.token()), ("accept-encoding", "gzip")];
    let packed = send(&sandbox, "GET", target, &headers, "");
    let plain = get(&sandbox, target);
    assert_eq!((packed.header("content-encoding"), plain.header("content-encoding")), (Some("gzip"), None));
    assert!(packed.is_complete && plain.is_complete);
    assert_eq!(packed.body, plain.body);
}

#[test]
fn broken_bodies_are_broken_as_promised() {
    let sandbox = small();
    let target = "/api/v2/deals?limit=100";
    let whole = get(&sandbox, target).body;
    for encoding in ["identity", "gzip"] {
        let headers = [("x-api-token", sandbox.token()), ("accept-encoding", encoding)];
        let broken = |fault: Fault| {
            sandbox.arm(fault);
            let answer = send(&sandbox, "GET", target, &headers, "");
            assert_eq!(answer.status, 200);
            assert!(!answer.body.is_empty() && answer.body.len() < whole.len() && whole.starts_with(&answer.body));
            answer
        };
        let cut = broken(Fault::cut_body());
        assert!(!cut.is_complete && cut.header("content-length").is_some());
        let chunks = broken(Fault::cut_chunks());
        assert!(!chunks.is_complete && chunks.header("transfer-encoding") == Some("chunked"));
        let truncated = broken(Fault::truncated_json());
        assert!(truncated.is_complete && serde_json::from_slice::<Value>(&truncated.body).is_err());
        assert_eq!(get(&sandbox, target).body, whole);
    }
}

#[test]
fn a_repeated_cursor_leads_to_the_same_page() {
    let sandbox = small();
    let first = json(&sandbox, "/api/v2/deals?limit=10");
    let cursor = first["additional_data"]["next_cursor"].as_str().unwrap();
    let second = format!("/api/v2/deals?limit=10&cursor={cursor}");
    sandbox.arm(Fault::repeated_cursor().times(2));
    assert_eq!(json(&sandbox, &second)["additional_data"]["next_cursor"], cursor);
    let own = json(&sandbox, "/api/v2/deals?limit=10")["additional_data"]["next_cursor"].clone();
    let again = json(&sandbox, &format!("/api/v2/deals?limit=10&cursor={}", own.as_str().unwrap()));
    assert_eq!(again["data"], first["data"]);
}

#[test]
fn dictated_answers() {
    let sandbox = small();
    for (fault, status, part) in [
        (Fault::status(503), 503, "\"success\":false"),
        (Fault::html(200), 200, "<!DOCTYPE html>"),
        (Fault::html(403), 403, "Cloudflare"),
        (Fault::burst429(), 429, "request over limit"),
        (Fault::daily429(), 429, "daily request budget exceeded"),
        (Fault::refuse_scope(), 403, "Scope and URL mismatch"),
        (Fault::unauthorized(), 401, "unauthorized access"),
    ] {
        sandbox.arm(fault);
        let answer = get(&sandbox, "/api/v2/deals");
        assert_eq!(answer.status, status);
        assert!(answer.text().contains(part), "{}", answer.text());
        let kind = answer.header("content-type").unwrap();
        assert_eq!(kind.starts_with("text/html"), part.contains("DOCTYPE") || part.contains("Cloudflare"));
        assert_eq!(get(&sandbox, "/api/v2/deals").status, 200);
    }
    assert_eq!(sandbox.stats().tokens, 70);
}

#[test]
fn a_delay_holds_the_answer_back_and_shows_in_the_concurrency() {
    let sandbox = small();
    sandbox.arm(Fault::delay(Duration::from_millis(400)).on("/api/v2/deals").times(3));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| assert_eq!(get(&sandbox, "/api/v2/deals?limit=1").status, 200));
        }
    });
    assert!(started.elapsed() >= Duration::from_millis(400));
    assert_eq!(sandbox.stats().peak_concurrency, 3);
}

#[test]
fn faults_are_armed_and_disarmed_over_http() {
    let sandbox = small();
    let arm = |body: &str| send(&sandbox, "POST", "/__faults", &[], body).status;
    assert_eq!(arm(r#"[{"kind":"status","status":502},{"kind":"html","status":403,"on":"/api/v2"}]"#), 204);
    assert_eq!(get(&sandbox, "/v1/users").status, 502);
    assert_eq!(send(&sandbox, "DELETE", "/__faults", &[], "").status, 204);
    assert_eq!(get(&sandbox, "/api/v2/deals").status, 200);
    assert_eq!(arm("nonsense"), 400);
}

#[test]
fn a_waiting_request_does_not_hold_the_stop() {
    let sandbox = small();
    sandbox.arm(Fault::delay(Duration::from_secs(30)));
    let address = sandbox.url().trim_start_matches("http://").to_owned();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    std::io::Write::write_all(&mut stream, b"GET /v1/users HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    while sandbox.stats().requests == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let started = Instant::now();
    drop(sandbox);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn the_same_request_gives_the_same_bytes() {
    let (one, two) = (demo(), demo());
    for target in [
        "/api/v2/deals?limit=500",
        "/api/v2/persons?sort_by=update_time",
        "/api/v2/activities?limit=500",
        "/api/v2/products",
        "/api/v2/dealFields",
        "/v1/users",
    ] {
        assert_eq!(get(&one, target).body, get(&two, target).body, "{target}");
    }
    let other = Sandbox::start(Config { seed: 2, ..Config::default() }).unwrap();
    assert_ne!(get(&one, "/api/v2/deals").body, get(&other, "/api/v2/deals").body);
    assert_ne!(one.token(), other.token());
}

#[test]
fn a_hundred_thousand_deals_are_listed_without_delay() {
    let sandbox = Sandbox::start(Config { deals: 100_000, ..Config::default() }).unwrap();
    let started = Instant::now();
    let first = json(&sandbox, "/api/v2/deals?limit=500");
    let last = json(&sandbox, "/api/v2/deals?limit=500&sort_direction=desc");
    let by_time = json(&sandbox, "/api/v2/deals?limit=500&sort_by=update_time&sort_direction=desc");
    for page in [first, last, by_time] {
        assert_eq!(page["data"].as_array().unwrap().len(), 500);
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
