//! The sandbox's own endpoints, as a test uses them whose sandbox is another process.

use std::time::Duration;

use super::*;

#[track_caller]
fn control(sandbox: &Running, path: &str, body: &str) -> Answer {
    let answer = send(sandbox, "POST", &format!("/__oauth/{path}"), &[], body);
    assert!(answer.status == 204 || answer.status == 200, "{path}: {}", answer.text());
    answer
}

#[test]
fn everything_can_be_told_over_http() {
    let sandbox = started();
    let issued = control(&sandbox, "issue", r#"{"scopes":["deals:read"]}"#);
    assert_eq!(issued.json()["scope"], "base,deals:read");
    let (access, token) = pair(&issued);
    let deals = |access: &str| status(&sandbox, "/api/v2/deals", access);
    assert_eq!(deals(&access), 200);
    control(&sandbox, "advance", r#"{"seconds":3599}"#);
    assert_eq!(deals(&access), 401);
    control(&sandbox, "rotate", r#"{"on":false}"#);
    let (access, same) = pair(&refresh(&sandbox, &token));
    assert_eq!((deals(&access), &same), (200, &token));
    control(&sandbox, "expire", "");
    assert_eq!(deals(&access), 401);
    control(&sandbox, "scopes", r#"{"scopes":["users:read"]}"#);
    assert_eq!(exchange(&sandbox, &code(&sandbox)).json()["scope"], "base,users:read");
    control(&sandbox, "revoke", "");
    wrong_refresh_token(&refresh(&sandbox, &token));
    let waiting = code(&sandbox);
    control(&sandbox, "uninstall", "");
    assert_eq!(exchange(&sandbox, &waiting).status, 400);
    let stats = counted(&sandbox);
    assert_eq!((&stats["refreshes"], &stats["codes"], &stats["refusals"]), (&1.into(), &2.into(), &2.into()));
    let log = get(&sandbox, "/__oauth/log").json();
    assert_eq!(log[0]["query"], "grant_type=refresh_token&refresh_token=(withheld)");
    assert_eq!(sandbox.stats().requests, 4);
}

#[test]
fn what_makes_no_sense_is_refused_with_a_reason() {
    let sandbox = started();
    for (path, body) in [
        ("advance", "{}"),
        ("advance", r#"{"seconds":-1}"#),
        ("rotate", r#"{"on":"yes"}"#),
        ("issue", r#"{"scope":[]}"#),
        ("scopes", ""),
    ] {
        let answer = send(&sandbox, "POST", &format!("/__oauth/{path}"), &[], body);
        assert_eq!(answer.status, 400, "{path} {body}");
        assert!(!answer.body.is_empty());
    }
}

#[test]
fn the_header_date_follows_the_clock_where_it_tells_this_machines_time() {
    let date = |sandbox: &Running, target: &str| {
        let answer = get(sandbox, target);
        let date = answer.header("date").unwrap().to_owned();
        chrono::NaiveDateTime::parse_from_str(&date, "%a, %d %b %Y %H:%M:%S GMT").unwrap().and_utc().timestamp()
    };
    let (own, company) = (Sandbox::start(Config { clock: Some(0), ..small() }).unwrap(), started());
    let before = ["/v1/users/me", "/oauth/token"].map(|target| (date(&own, target), date(&company, target)));
    for sandbox in [&own, &company] {
        sandbox.advance(Duration::from_secs(1_000_000));
    }
    let after = ["/v1/users/me", "/oauth/token"].map(|target| (date(&own, target), date(&company, target)));
    for (before, after) in before.into_iter().zip(after) {
        assert!((1_000_000..1_000_010).contains(&(after.0 - before.0)));
        assert_eq!(after.1, before.1);
    }
}
