//! What an answer means: a body, no such record, or a refusal by its status.
//!
//! Pipedrive's own words and its correlation id go into the message; a page of HTML never does.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use serde::Deserialize;
use url::Url;

use super::limiter::{Limiter, WINDOW};
use super::retry::{Failure, jittered};
use super::{Answer, Request};
use crate::auth::Token;
use crate::http::unreachable;
use crate::settings::{Origin, Way};
use crate::{Error, ErrorKind};

/// A 429 that asks for more patience than this is not about the burst window but about the day.
const DAY: Duration = Duration::from_secs(60);
/// Longest wait for a burst window.
const LONGEST_BURST: Duration = Duration::from_secs(10);
/// How long a host that shut its door is left alone.
const CLOSED: Duration = Duration::from_secs(30);
/// Longest piece of Pipedrive's words in a message, in characters.
const WORDS: usize = 300;
/// Tokens shorter than this are no secrets worth the damage that their removal does to a message.
const LEAST_SECRET: usize = 8;

/// What to do about an account that is not open.
const ACCOUNT: &str = "check its subscription";
/// What to do about a feature that the account does not have.
const PLAN: &str = "check the plan and the add-ons of the account, or leave the table out with the property Tables";
/// What to do about a host that is in trouble.
const LATER: &str = "try again in some minutes";

/// An answer as it came, and what was asked.
pub(super) struct Reply<'a> {
    pub(super) request: &'a Request,
    pub(super) origin: &'a Origin,
    pub(super) way: &'a Way,
    pub(super) token: &'a Token,
    pub(super) status: u16,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: Bytes,
}

impl Reply<'_> {
    /// What it means. Limits that it tells of are passed on to the limiter.
    pub(super) fn judge(self, limiter: &Limiter) -> Result<Answer, Failure> {
        match self.status {
            200..=299 if self.is_json() => Ok(Answer::Found(self.body)),
            404 | 410 if self.is_json() || self.body.is_empty() => Ok(Answer::Missing),
            200..=299 | 404 | 410 => Err(Failure::Final(self.no_json())),
            300..=399 => Err(Failure::Final(self.redirect())),
            401 => Err(Failure::Final(self.refused_token())),
            402 => Err(self.refusal(ErrorKind::Account, "the Pipedrive account is not open", ACCOUNT)),
            403 if self.is_html() => {
                limiter.block(CLOSED);
                Err(Failure::Final(self.closed()))
            }
            403 => Err(Failure::Final(self.forbidden())),
            407 => Err(Failure::Final(unreachable::signed_out(self.origin, self.way))),
            415 => Err(self.refusal(ErrorKind::Forbidden, "the Pipedrive account does not have this feature", PLAN)),
            429 => Err(self.too_many(limiter)),
            500 | 502 | 503 | 504 | 524 => {
                let text =
                    format!("{} has trouble of its own (status {}){}", self.origin.host(), self.status, self.words());
                Err(Failure::Passing(Error::new(ErrorKind::Network, text).with_cure(LATER), None))
            }
            400..=499 => {
                Err(self.refusal(ErrorKind::General, "Pipedrive did not take the request", "please report it"))
            }
            _ => Err(self.refusal(ErrorKind::Network, "Pipedrive gave no answer", LATER)),
        }
    }

    fn is_json(&self) -> bool {
        match self.content_type() {
            "" => self.body.trim_ascii_start().starts_with(b"{"),
            own => own.to_ascii_lowercase().contains("json") && !self.is_html(),
        }
    }

    fn is_html(&self) -> bool {
        self.content_type().to_ascii_lowercase().contains("html") || self.body.trim_ascii_start().starts_with(b"<")
    }

    fn content_type(&self) -> &str {
        header(self.headers, CONTENT_TYPE.as_str())
    }

    fn no_json(&self) -> Error {
        let what = if self.is_html() { "a page of HTML" } else { "something else" };
        let text = format!(
            "{} answered {what} in place of JSON to {} (status {})",
            self.origin.host(),
            self.request.full_path(),
            self.status
        );
        Error::new(ErrorKind::Network, text).with_cure(
            "check CompanyDomain or BaseURL, and whether a proxy or a sign-in page of the network stands in between",
        )
    }

    fn redirect(&self) -> Error {
        let target = Url::parse(header(self.headers, LOCATION.as_str())).ok();
        let target = match target.as_ref().and_then(Url::host_str) {
            Some(host) => format!("to {}", self.harmless(host)),
            None => "elsewhere".to_owned(),
        };
        let text = format!(
            "{} redirects {} {target} (status {}), and the driver does not follow, since the token would go along",
            self.origin.host(),
            self.request.full_path(),
            self.status
        );
        Error::new(ErrorKind::Network, text).with_cure("check CompanyDomain or BaseURL")
    }

    fn refused_token(&self) -> Error {
        if self.token.is_bearer() {
            return self.refused_access();
        }
        let text = format!(
            "{} refused the API token, which comes from {}{}",
            self.origin.host(),
            self.token.from(),
            self.words()
        );
        Error::new(ErrorKind::SignIn, text)
            .with_cure("copy it again from Personal preferences > API, and check that it belongs to this company")
    }

    /// Of an access token that there is nothing to renew with, or that was renewed just now.
    fn refused_access(&self) -> Error {
        let text = format!(
            "{} refused the access token, which comes from {}{}: it has expired, was revoked, or belongs to another \
             company. Sign in anew, or give a new OAuthAccessToken; InitiateOAuth=REFRESH with OAuthRefreshToken, \
             OAuthClientId and OAuthClientSecret renews it by itself",
            self.origin.host(),
            self.token.from(),
            self.words()
        );
        Error::new(ErrorKind::SignIn, text)
    }

    fn closed(&self) -> Error {
        let text = format!(
            "{} answered a page of HTML with status 403: Cloudflare, which guards Pipedrive, turns this computer away \
             after too many requests",
            self.origin.host()
        );
        Error::new(ErrorKind::Network, text).with_cure("wait some minutes")
    }

    fn forbidden(&self) -> Error {
        let table = self.request.table().map(|table| format!(", from which the table {table} is read"));
        let (path, table) = (self.request.full_path(), table.unwrap_or_default());
        let error = Error::new(ErrorKind::Forbidden, format!("Pipedrive does not allow {path}{table}{}", self.words()));
        match self.request.needed_scope() {
            Some(scope) => {
                error.with_cure(format!("it needs the scope {scope} and the user's permission{}", self.way_to_scope()))
            }
            None => error,
        }
    }

    /// An API token has all scopes; those of an application are chosen where it is registered.
    const fn way_to_scope(&self) -> &'static str {
        if self.token.is_bearer() {
            ": add the scope to the application in Pipedrive's Developer Hub, and sign in anew"
        } else {
            ""
        }
    }

    fn too_many(&self, limiter: &Limiter) -> Failure {
        let asked = retry_after(self.headers);
        if self.told().is_some_and(|told| told.to_ascii_lowercase().contains("daily"))
            || asked.is_some_and(|time| time > DAY)
        {
            return Failure::Final(self.day_is_spent(asked));
        }
        let reset = number(self.headers, "x-ratelimit-reset").map(Duration::from_secs);
        let wait = jittered(asked.or(reset).unwrap_or(WINDOW).clamp(Duration::from_millis(200), LONGEST_BURST));
        limiter.pause(wait);
        let text = format!(
            "Pipedrive takes no more requests of this API token at present (too many in two seconds){}",
            self.words()
        );
        let error =
            Error::new(ErrorKind::Budget, text).with_cure("other programs use it, too: try again in some seconds");
        Failure::Passing(error, Some(wait))
    }

    fn day_is_spent(&self, asked: Option<Duration>) -> Error {
        let wait = asked.and_then(|time| TimeDelta::from_std(time).ok());
        let reset = wait.and_then(|wait| Some((Utc::now().checked_add_signed(wait)?, wait)));
        let reset = match reset {
            Some((moment, wait)) => {
                let minutes = wait.num_seconds().max(0).div_euclid(60) + 1;
                format!("it resets at {} UTC, in {minutes} minutes", moment.format("%H:%M"))
            }
            None => "it resets at midnight of the account's server".to_owned(),
        };
        let text = format!("the company's API budget of this day is spent: {reset}{}", self.correlation());
        Error::new(ErrorKind::Budget, text)
    }

    fn refusal(&self, kind: ErrorKind, what: &str, cure: &str) -> Failure {
        let text = format!("{what}: {} (status {}){}", self.request.full_path(), self.status, self.words());
        Failure::Final(Error::new(kind, text).with_cure(cure))
    }

    /// Pipedrive's words and correlation id as the end of a message.
    fn words(&self) -> String {
        let told = self.told().map(|told| format!(": {told}")).unwrap_or_default();
        format!("{told}{}", self.correlation())
    }

    fn correlation(&self) -> String {
        match header(self.headers, "x-correlation-id") {
            "" => String::new(),
            id => format!(" [x-correlation-id {}]", self.harmless(id)),
        }
    }

    /// The member `error` of the body.
    fn told(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Envelope {
            error: Option<String>,
        }
        let error = serde_json::from_slice::<Envelope>(&self.body).ok()?.error?;
        Some(self.harmless(&error)).filter(|error| !error.is_empty())
    }

    /// A text of the host, on one line, not too long, and without the token, should the host repeat it.
    fn harmless(&self, text: &str) -> String {
        let text = match self.token.secret().expose() {
            token if token.len() >= LEAST_SECRET => text.replace(token, "***"),
            _ => text.to_owned(),
        };
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(WORDS).collect()
    }
}

/// Without the body, which is data, and the token.
impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("request", self.request).field("status", &self.status).finish_non_exhaustive()
    }
}

/// A header as text; empty when it is not there or no text.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim()
}

/// `Retry-After`, in seconds or as a date.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = header(headers, RETRY_AFTER.as_str());
    let seconds = || text.parse().ok().map(Duration::from_secs);
    let date = || (DateTime::parse_from_rfc2822(text).ok()?.to_utc() - Utc::now()).to_std().ok();
    seconds().or_else(date)
}

/// A header as a whole number.
pub(super) fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    header(headers, name).parse().ok()
}
