//! `/oauth/token` and `/oauth/revoke`: what applications ask, with their client id and secret.

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::Authority;
use super::form::Form;
use super::grants::Tokens;
use super::problem::Problem;
use crate::ApiDomain;
use crate::server::json::Json;
use crate::server::reply::Reply;

impl Authority {
    /// Tokens for a code or a refresh token.
    pub(super) fn token(&self, headers: &HeaderMap, form: &Form) -> Reply {
        self.told(self.admit(headers).and_then(|()| self.granted(form)).map(|tokens| self.tokens_json(&tokens)))
    }

    /// Ends a token. As RFC 7009 has it, one that is not good is no error, and the hint is only that.
    pub(super) fn revoke(&self, headers: &HeaderMap, form: &Form) -> Reply {
        let revoked = self.admit(headers).and_then(|()| {
            let token = form.value("token").ok_or(Problem::Missing("token"))?;
            let mut state = self.state.lock();
            if state.grants.revoke(token) {
                state.stats.revocations += 1;
            }
            Ok(br#"{"success":true}"#.to_vec())
        });
        self.told(revoked)
    }

    /// The request is a form of this application.
    fn admit(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let content = headers.get(CONTENT_TYPE).and_then(|content| content.to_str().ok()).unwrap_or_default();
        let content = content.split(';').next().unwrap_or_default().trim();
        if !content.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Problem::Content);
        }
        let (id, secret) = basic(headers).ok_or(Problem::NoCredentials)?;
        if id != self.client_id || secret != self.client_secret {
            return Err(Problem::Client);
        }
        Ok(())
    }

    fn granted(&self, form: &Form) -> Result<Tokens, Problem> {
        match form.value("grant_type").ok_or(Problem::Missing("grant_type"))? {
            "authorization_code" => self.exchanged(form),
            "refresh_token" => self.refreshed(form),
            "exchange_api_token" => Err(Problem::ApiToken),
            _ => Err(Problem::GrantType),
        }
    }

    fn exchanged(&self, form: &Form) -> Result<Tokens, Problem> {
        let code = form.value("code").ok_or(Problem::Missing("code"))?;
        let uri = form.value("redirect_uri").filter(|uri| Url::parse(uri).is_ok()).ok_or(Problem::NoUri)?;
        let mut state = self.state.lock();
        let tokens = state.grants.exchange(code, uri, form.value("code_verifier"), self.life(), self.clock.now())?;
        state.stats.exchanges += 1;
        Ok(tokens)
    }

    fn refreshed(&self, form: &Form) -> Result<Tokens, Problem> {
        let refresh = form.value("refresh_token").ok_or(Problem::Missing("refresh_token"))?;
        let mut state = self.state.lock();
        let rotates = state.rotates;
        let tokens = state.grants.refresh(refresh, rotates, self.life(), self.clock.now())?;
        state.stats.refreshes += 1;
        Ok(tokens)
    }

    fn told(&self, outcome: Result<Vec<u8>, Problem>) -> Reply {
        match outcome {
            Ok(body) => Reply::json(body, 0),
            Err(problem) => {
                self.state.lock().stats.refusals += 1;
                Reply::bad_request(problem.body())
            }
        }
    }

    /// Tokens as an answer tells them.
    pub(super) fn tokens_json(&self, tokens: &Tokens) -> Vec<u8> {
        let mut json = Json::default();
        json.object(|json| {
            json.member("access_token", tokens.access.as_str());
            json.member("token_type", "Bearer");
            json.member("expires_in", self.life());
            json.member("refresh_token", tokens.refresh.as_str());
            json.member("scope", tokens.scopes.to_string().as_str());
            match &self.application.api_domain {
                ApiDomain::Own => json.member("api_domain", self.url.as_str()),
                ApiDomain::Other(text) => json.member("api_domain", text.as_str()),
                ApiDomain::Missing => {}
            }
        });
        json.into_bytes()
    }
}

/// Client id and secret of `Authorization: Basic`, taken letter for letter: Pipedrive's documentation says nothing of
/// the form encoding before it that RFC 6749, section 2.3.1, asks for.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    credentials.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}
