//! What goes wrong at the OAuth server, what is counted, and what is recorded.

use std::time::{Duration, Instant};

use super::*;
use crate::{Fault, OAuthStats};

#[test]
fn faults_befall_the_token_endpoint_when_they_are_armed_for_it() {
    let sandbox = started();
    let (_, token) = sandbox.issue(&[]);
    sandbox.arm(Fault::status(503).on("/oauth/token"));
    let broken = refresh(&sandbox, &token);
    assert_eq!((broken.status, broken.header("x-ratelimit-limit")), (503, None));
    sandbox.arm(Fault::html(502).on("/oauth"));
    let page = refresh(&sandbox, &token);
    assert_eq!((page.status, page.header("content-type")), (502, Some("text/html; charset=UTF-8")));
    let wait = Duration::from_millis(80);
    sandbox.arm(Fault::delay(wait).on("/oauth/token"));
    let start = Instant::now();
    pair(&refresh(&sandbox, &token));
    assert!(start.elapsed() >= wait);
    assert_eq!(sandbox.faults_left(), 0);
    let expected = OAuthStats { token_requests: 3, refreshes: 1, ..OAuthStats::default() };
    assert_eq!(sandbox.oauth(), expected);
}

#[test]
fn a_fault_of_the_api_leaves_the_token_endpoint_alone() {
    let sandbox = started();
    let (_, token) = sandbox.issue(&["deals:read"]);
    sandbox.arm(Fault::unauthorized());
    let (access, _) = pair(&refresh(&sandbox, &token));
    assert_eq!((status(&sandbox, "/api/v2/deals", &access), status(&sandbox, "/api/v2/deals", &access)), (401, 200));
}

#[test]
fn a_cut_answer_has_rotated_the_token_that_nobody_learns() {
    let sandbox = started();
    for fault in [Fault::cut_body(), Fault::cut_chunks(), Fault::truncated_json()] {
        let (_, token) = sandbox.issue(&[]);
        let before = sandbox.oauth().refreshes;
        sandbox.arm(fault.clone().on("/oauth/token"));
        let cut = refresh(&sandbox, &token);
        assert_eq!(cut.status, 200);
        assert!(serde_json::from_slice::<Value>(&cut.body).is_err(), "{fault:?}");
        assert_eq!(sandbox.oauth().refreshes, before + 1, "{fault:?}");
        wrong_refresh_token(&refresh(&sandbox, &token));
    }
}

#[test]
fn a_slow_answer_has_rotated_the_token_before_it_is_there() {
    let sandbox = started();
    let (_, token) = sandbox.issue(&[]);
    sandbox.arm(Fault::slow_bytes(Duration::from_millis(20)).on("/oauth/token"));
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| refresh(&sandbox, &token));
        while sandbox.oauth().refreshes == 0 && !slow.is_finished() {
            std::thread::yield_now();
        }
        assert!(!slow.is_finished());
        wrong_refresh_token(&refresh(&sandbox, &token));
        pair(&slow.join().unwrap());
    });
}

#[test]
fn tokens_can_die_in_mid_scan() {
    let sandbox = started();
    let (access, token) = sandbox.issue(&["deals:read"]);
    let deals = |access: &str| status(&sandbox, "/api/v2/deals?limit=5", access);
    sandbox.arm(Fault::expire_access().on("/api/v2/deals").after(1));
    assert_eq!([(); 3].map(|()| deals(&access)), [200, 401, 401]);
    let (access, token) = pair(&refresh(&sandbox, &token));
    assert_eq!(deals(&access), 200);
    sandbox.arm(Fault::revoke_all());
    assert_eq!([(); 2].map(|()| deals(&access)), [401, 401]);
    wrong_refresh_token(&refresh(&sandbox, &token));
    let (_, token) = sandbox.issue(&[]);
    sandbox.arm(Fault::revoke_all().on("/oauth/token"));
    wrong_refresh_token(&refresh(&sandbox, &token));
    assert_eq!(deals(sandbox.bearer()), 200);
}

#[test]
fn token_requests_cost_nothing_and_are_counted_apart() {
    let sandbox = started();
    let (access, token) = pair(&exchange(&sandbox, &code(&sandbox)));
    pair(&refresh(&sandbox, &token));
    wrong_refresh_token(&refresh(&sandbox, &token));
    assert_eq!((sandbox.stats().requests, sandbox.stats().tokens), (0, 0));
    let expected = OAuthStats {
        token_requests: 3,
        pages: 1,
        codes: 1,
        exchanges: 1,
        refreshes: 1,
        refusals: 1,
        ..OAuthStats::default()
    };
    assert_eq!(sandbox.oauth(), expected);
    let headers = ask(&sandbox, "/v1/users/me", &access);
    assert_eq!(headers.header("x-daily-ratelimit-token-remaining"), Some("149998"));
    assert_eq!((sandbox.stats().requests, sandbox.requests().len()), (1, 1));
    sandbox.reset_stats();
    assert_eq!((sandbox.oauth(), sandbox.oauth_requests().len()), (OAuthStats::default(), 0));
    pair(&refresh(&sandbox, &sandbox.issue(&[]).1));
    assert_eq!(sandbox.oauth_requests()[0].status, Some(200));
}

#[test]
fn records_hold_no_secret() {
    let sandbox = started();
    let code = code(&sandbox);
    let (access, token) = pair(&exchange(&sandbox, &code));
    let (next, last) = pair(&refresh(&sandbox, &token));
    post(&sandbox, "/oauth/revoke", &[("token", &next), ("token_type_hint", "access_token")]);
    let secret = sandbox.client_secret().to_owned();
    // Where they do not belong.
    for text in [&code, &access, &token, &last, &secret] {
        let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        ask(&sandbox, &format!("/api/v2/deals?note={text}"), &last);
        send(&sandbox, "GET", &format!("/oauth/authorize?note={text}"), &[], "");
        send(&sandbox, "POST", "/oauth/token", &[], &format!("note={text}"));
    }
    let mut records = sandbox.oauth_requests();
    let lines: Vec<_> = records.iter().map(|record| format!("{} {}", record.method, record.path)).collect();
    assert_eq!(lines[..4], ["GET /oauth/authorize", "POST /oauth/authorize", "POST /oauth/token", "POST /oauth/token"]);
    assert_eq!(records[3].query, "grant_type=refresh_token&refresh_token=(withheld)");
    assert!(records.iter().all(|record| record.status.is_some()));
    records.extend(sandbox.requests());
    assert_eq!(records.len(), 5 + 15);
    let records = format!("{records:?}");
    for text in [&code, &access, &token, &next, &last, &secret] {
        // `1:1:` and the like are no secret.
        let text = text.rsplit(':').next().unwrap();
        assert!(!records.contains(text), "{text} is in {records}");
    }
}
