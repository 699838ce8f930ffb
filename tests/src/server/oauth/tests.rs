//! The OAuth server through HTTP: `sign_in` the way of a person, `tokens` what the tokens are good for, `faults` what goes
//! wrong, `control` the sandbox's own endpoints. Here: how an application asks.

mod control;
mod faults;
mod sign_in;
mod tokens;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::form_urlencoded;

use crate::client::{Answer, get, send};
use crate::{Application, Config, Running, Sandbox};

const CALLBACK: &str = "http://localhost:33333";

fn small() -> Config {
    Config { deals: 30, persons: 10, organizations: 10, activities: 10, burst: None, ..Config::default() }
}

fn started() -> Running {
    Sandbox::start(small()).unwrap()
}

fn with(oauth: Application) -> Running {
    Sandbox::start(Config { oauth, ..small() }).unwrap()
}

/// The target of a good request for a sign-in.
fn target(sandbox: &Running) -> String {
    format!("/oauth/authorize?client_id={}&redirect_uri={CALLBACK}&state=st-1", sandbox.client_id())
}

fn url(sandbox: &Running, target: &str) -> String {
    format!("{}{target}", sandbox.url())
}

/// The value of a parameter in an address.
fn parameter(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The code of a sign-in that was allowed.
#[track_caller]
fn code(sandbox: &Running) -> String {
    let address = sandbox.authorize(None, true, &url(sandbox, &target(sandbox))).unwrap();
    parameter(&address, "code").unwrap()
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// A POST of a form with the client's credentials.
#[track_caller]
fn post(sandbox: &Running, path: &str, pairs: &[(&str, &str)]) -> Answer {
    let basic = basic(sandbox.client_id(), sandbox.client_secret());
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", &basic)];
    send(sandbox, "POST", path, &headers, &form)
}

fn exchange(sandbox: &Running, code: &str) -> Answer {
    let pairs = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    post(sandbox, "/oauth/token", &pairs)
}

fn refresh(sandbox: &Running, token: &str) -> Answer {
    post(sandbox, "/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

/// Access and refresh token of an answer.
#[track_caller]
fn pair(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let json = answer.json();
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

/// The status of an API request with an access token.
#[track_caller]
fn status(sandbox: &Running, target: &str, access: &str) -> u16 {
    ask(sandbox, target, access).status
}

#[track_caller]
fn ask(sandbox: &Running, target: &str, access: &str) -> Answer {
    send(sandbox, "GET", target, &[("authorization", &format!("Bearer {access}"))], "")
}

/// It is the refusal of a token endpoint with these words.
#[track_caller]
fn assert_refused(answer: &Answer, message: &str, error: &str) {
    let expected = serde_json::json!({ "success": false, "message": message, "error": error });
    assert_eq!((answer.status, answer.json()), (400, expected));
}

#[track_caller]
fn wrong_refresh_token(answer: &Answer) {
    assert_refused(answer, "Invalid grant: refresh_token is invalid", "invalid_grant");
}

/// The statistics as `/__oauth` tells them.
fn counted(sandbox: &Running) -> Value {
    get(sandbox, "/__oauth").json()
}
