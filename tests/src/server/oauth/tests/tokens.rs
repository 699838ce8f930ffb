//! What is asked for tokens, what comes back, and what tokens are good for.

use std::time::Duration;

use super::*;
use crate::ApiDomain;

const DAY: u64 = 86_400;

#[test]
fn a_code_becomes_tokens_as_the_documentation_shows_them() {
    let sandbox = started();
    sandbox.grant_scopes(&["deals:read", "users:read"]);
    let answer = exchange(&sandbox, &code(&sandbox));
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let json = answer.json();
    let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["access_token", "api_domain", "expires_in", "refresh_token", "scope", "token_type"]);
    assert_eq!(json["scope"], "base,deals:read,users:read");
    assert_eq!((&json["token_type"], &json["expires_in"]), (&"Bearer".into(), &3_599.into()));
    assert_eq!(json["api_domain"], sandbox.url());
    assert!(json["refresh_token"].as_str().unwrap().starts_with("1:1:"));
}

#[test]
fn the_address_of_the_account_may_be_a_strangers_or_missing() {
    let stranger = "https://evil.example".to_owned();
    for (api_domain, expected) in
        [(ApiDomain::Other(stranger.clone()), Some(stranger.as_str())), (ApiDomain::Missing, None)]
    {
        let sandbox = with(Application { api_domain, ..Application::default() });
        let json = exchange(&sandbox, &code(&sandbox)).json();
        assert_eq!(json.get("api_domain").and_then(Value::as_str), expected);
        let json = refresh(&sandbox, json["refresh_token"].as_str().unwrap()).json();
        assert_eq!(json.get("api_domain").and_then(Value::as_str), expected);
    }
}

#[test]
fn every_refusal_has_the_words_that_are_known() {
    let sandbox = started();
    let (code, uri) = (code(&sandbox), ("redirect_uri", CALLBACK));
    let exchange = ("grant_type", "authorization_code");
    let invalid = "invalid_request";
    for (form, message, error) in [
        (vec![], "Missing parameter: grant_type", invalid),
        (vec![("grant_type", "password")], "Unsupported grant type", "unsupported_grant_type"),
        (vec![exchange, uri], "Missing parameter: code", invalid),
        (vec![exchange, ("code", "x"), uri], "Invalid grant: authorization_code is invalid", "invalid_grant"),
        (vec![exchange, ("code", &code)], "Invalid request: redirect_uri is not a valid URI", invalid),
        (
            vec![exchange, ("code", &code), ("redirect_uri", "localhost")],
            "Invalid request: redirect_uri is not a valid URI",
            invalid,
        ),
        (
            vec![exchange, ("code", &code), ("redirect_uri", "http://localhost:33334")],
            "Invalid request: redirect_uri is invalid",
            invalid,
        ),
        (vec![("grant_type", "refresh_token")], "Missing parameter: refresh_token", invalid),
        (
            vec![("grant_type", "refresh_token"), ("refresh_token", "1:1:x")],
            "Invalid grant: refresh_token is invalid",
            "invalid_grant",
        ),
        (
            vec![("grant_type", "exchange_api_token"), ("api_token", "x")],
            "Invalid grant: api_token is invalid",
            "invalid_grant",
        ),
    ] {
        assert_refused(&post(&sandbox, "/oauth/token", &form), message, error);
    }
    assert_refused(&post(&sandbox, "/oauth/revoke", &[]), "Missing parameter: token", invalid);
    assert_eq!(sandbox.oauth().refusals, 11);
    pair(&super::exchange(&sandbox, &code));
}

#[test]
fn only_a_form_with_basic_credentials_is_looked_at() {
    let sandbox = started();
    let (_, token) = sandbox.issue(&[]);
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
    let form = format!("grant_type=refresh_token&refresh_token={token}&client_id={id}&client_secret={secret}");
    let good = basic(id, secret);
    let typed = "application/x-www-form-urlencoded";
    let content = "Invalid request: content must be application/x-www-form-urlencoded";
    let none = "Invalid client: cannot retrieve client credentials";
    for (headers, message, error) in [
        (vec![("authorization", good.as_str())], content, "invalid_request"),
        (vec![("authorization", &good), ("content-type", "application/json")], content, "invalid_request"),
        (vec![("content-type", typed)], none, "invalid_client"),
        (vec![("content-type", typed), ("authorization", "Basic !!")], none, "invalid_client"),
        (vec![("content-type", typed), ("authorization", &good.replace("Basic", "Bearer"))], none, "invalid_client"),
        (
            vec![("content-type", typed), ("authorization", &basic(id, id))],
            "Invalid client: client is invalid",
            "invalid_client",
        ),
        (
            vec![("content-type", typed), ("authorization", &basic(secret, secret))],
            "Invalid client: client is invalid",
            "invalid_client",
        ),
    ] {
        for path in ["/oauth/token", "/oauth/revoke"] {
            assert_refused(&send(&sandbox, "POST", path, &headers, &form), message, error);
        }
    }
    let headers = [("content-type", "Application/X-WWW-Form-Urlencoded; charset=utf-8"), ("authorization", &good)];
    pair(&send(&sandbox, "POST", "/oauth/token", &headers, &form));
    assert_eq!(send(&sandbox, "GET", "/oauth/token", &[], "").status, 405);
    assert_eq!(send(&sandbox, "GET", "/oauth/other", &[], "").status, 404);
}

#[test]
fn a_code_is_good_once_and_for_five_minutes() {
    let sandbox = started();
    let (first, late) = (code(&sandbox), code(&sandbox));
    pair(&exchange(&sandbox, &first));
    assert_refused(&exchange(&sandbox, &first), "Invalid grant: authorization_code is invalid", "invalid_grant");
    sandbox.advance(Duration::from_secs(300));
    assert_refused(&exchange(&sandbox, &late), "Invalid grant: authorization_code has expired", "invalid_grant");
}

#[test]
fn a_challenge_is_enforced_at_the_exchange() {
    let sandbox = started();
    // RFC 7636, appendix B.
    let challenge = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    let address = sandbox.authorize(None, true, &url(&sandbox, &format!("{}&{challenge}", target(&sandbox)))).unwrap();
    let code = parameter(&address, "code").unwrap();
    assert_refused(&exchange(&sandbox, &code), "Invalid grant: code_verifier is invalid", "invalid_grant");
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ];
    pair(&post(&sandbox, "/oauth/token", &pairs));
}

#[test]
fn an_access_token_dies_in_time_and_a_refresh_gives_another() {
    let sandbox = with(Application { expires_in: Duration::from_secs(60), ..Application::default() });
    let (access, token) = pair(&exchange(&sandbox, &code(&sandbox)));
    assert_eq!(status(&sandbox, "/api/v2/deals", &access), 200);
    sandbox.advance(Duration::from_secs(60));
    let refused = ask(&sandbox, "/api/v2/deals", &access);
    assert_eq!((refused.status, refused.header("x-401-by-gw")), (401, Some("true")));
    assert_eq!(refused.json()["error"], "unauthorized access");
    let (next, _) = pair(&refresh(&sandbox, &token));
    assert_eq!(status(&sandbox, "/api/v2/deals", &next), 200);
    let bearer = sandbox.bearer().to_owned();
    assert_eq!(status(&sandbox, "/api/v2/deals", &bearer), 200);
}

#[test]
fn rotation_can_be_turned_off_and_on_while_it_runs() {
    let sandbox = started();
    let (_, first) = sandbox.issue(&[]);
    let (_, second) = pair(&refresh(&sandbox, &first));
    assert_ne!(first, second);
    wrong_refresh_token(&refresh(&sandbox, &first));
    sandbox.rotate(false);
    assert_eq!(pair(&refresh(&sandbox, &second)).1, second);
    sandbox.rotate(true);
    assert_ne!(pair(&refresh(&sandbox, &second)).1, second);
    let fixed = with(Application { rotates: false, ..Application::default() });
    let (_, token) = fixed.issue(&[]);
    assert_eq!(pair(&refresh(&fixed, &token)).1, token);
}

#[test]
fn a_refresh_token_dies_of_sixty_days_without_use() {
    let sandbox = with(Application { rotates: false, ..Application::default() });
    let (_, token) = sandbox.issue(&[]);
    for _ in 0..2 {
        sandbox.advance(Duration::from_secs(59 * DAY));
        pair(&refresh(&sandbox, &token));
    }
    sandbox.advance(Duration::from_secs(60 * DAY));
    wrong_refresh_token(&refresh(&sandbox, &token));
}

#[test]
fn a_revoked_refresh_token_uninstalls_the_application_for_its_user() {
    let sandbox = started();
    let (access, token) = sandbox.issue(&["deals:read"]);
    let (other, _) = sandbox.issue(&["deals:read"]);
    let address = sandbox.authorize(Some(1), true, &url(&sandbox, &target(&sandbox))).unwrap();
    let (colleague, _) = pair(&exchange(&sandbox, &parameter(&address, "code").unwrap()));
    let revoke = |token: &str, hint: &str| {
        post(&sandbox, "/oauth/revoke", &[("token", token), ("token_type_hint", hint)]).status
    };
    assert_eq!(revoke(&other, "access_token"), 200);
    assert_eq!((status(&sandbox, "/api/v2/deals", &other), status(&sandbox, "/api/v2/deals", &access)), (401, 200));
    assert_eq!((revoke("nonsense", "refresh_token"), sandbox.oauth().revocations), (200, 1));
    // The hint is only that.
    assert_eq!(revoke(&token, "access_token"), 200);
    assert_eq!(status(&sandbox, "/api/v2/deals", &access), 401);
    wrong_refresh_token(&refresh(&sandbox, &token));
    assert_eq!(status(&sandbox, "/api/v2/deals", &colleague), 200);
    assert_eq!(sandbox.oauth().revocations, 2);
}

#[test]
fn a_path_without_its_scope_is_refused_and_a_sign_in_gets_what_is_granted() {
    let sandbox = started();
    let (access, token) = sandbox.issue(&["deals:read"]);
    for (target, expected) in [
        ("/api/v2/deals", 200),
        ("/api/v2/stages/1", 200),
        ("/api/v2/dealFields", 200),
        ("/v1/users/me", 200),
        ("/api/v2/persons", 403),
        ("/api/v2/products/1", 403),
        ("/api/v2/activityFields", 403),
        ("/v1/users", 403),
    ] {
        assert_eq!(status(&sandbox, target, &access), expected, "{target}");
    }
    let refused = ask(&sandbox, "/api/v2/persons", &access);
    assert_eq!(refused.json()["error"], "Scope and URL mismatch");
    // What a refresh gives stays; what a new sign-in gives is new.
    sandbox.grant_scopes(&["contacts:full"]);
    let (refreshed, _) = pair(&refresh(&sandbox, &token));
    let (anew, _) = pair(&exchange(&sandbox, &code(&sandbox)));
    let both = |access: &str| ["/api/v2/deals", "/api/v2/persons"].map(|path| status(&sandbox, path, access));
    assert_eq!((both(&refreshed), both(&anew)), ([200, 403], [403, 200]));
}

#[test]
fn the_default_application_may_read_everything() {
    let sandbox = started();
    let (access, _) = pair(&exchange(&sandbox, &code(&sandbox)));
    for endpoint in crate::server::endpoints::ENDPOINTS.iter().filter(|endpoint| !endpoint.path.contains('{')) {
        let target = format!("/api/v{}{}", endpoint.version, endpoint.path);
        assert_eq!(status(&sandbox, &target, &access), 200, "{target}");
    }
}

#[test]
fn each_access_token_has_a_burst_limit_of_its_own_and_the_company_one_budget() {
    let sandbox = Sandbox::start(Config { burst: Some(3), daily_tokens: 100, ..small() }).unwrap();
    let (one, two) = (sandbox.issue(&[]).0, sandbox.issue(&[]).0);
    let statuses = |access: &str| [(); 4].map(|()| status(&sandbox, "/v1/users/me", access));
    assert_eq!(statuses(&one), [200, 200, 200, 429]);
    let last = ask(&sandbox, "/v1/users/me", &two);
    assert_eq!((last.header("x-ratelimit-limit"), last.header("x-ratelimit-remaining")), (Some("3"), Some("2")));
    assert_eq!(last.header("x-daily-ratelimit-token-remaining"), Some("92"));
}

#[test]
fn what_ends_tokens_from_outside_ends_them() {
    let sandbox = started();
    let (access, token) = sandbox.issue(&["deals:read"]);
    let deals = |access: &str| status(&sandbox, "/api/v2/deals", access);
    assert_eq!(deals(&access), 200);
    sandbox.expire_access();
    assert_eq!(deals(&access), 401);
    let (access, token) = pair(&refresh(&sandbox, &token));
    assert_eq!(deals(&access), 200);
    let waiting = code(&sandbox);
    sandbox.revoke_all();
    assert_eq!(deals(&access), 401);
    wrong_refresh_token(&refresh(&sandbox, &token));
    pair(&exchange(&sandbox, &waiting));
    let waiting = code(&sandbox);
    sandbox.uninstall();
    assert_refused(&exchange(&sandbox, &waiting), "Invalid grant: authorization_code is invalid", "invalid_grant");
    assert_eq!(deals(sandbox.bearer()), 200);
}
