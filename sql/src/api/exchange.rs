//! Sending a request once: the right to send, the header with the token, the answer's headers, the whole body.

use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use chrono::DateTime;
use reqwest::Response;
use reqwest::header::{ACCEPT, AUTHORIZATION, DATE, HeaderMap, HeaderName, HeaderValue};

use super::client::{DayBudget, Inner};
use super::limiter::Told;
use super::log::Line;
use super::refusal::{Reply, number, retry_after};
use super::retry::Failure;
use super::{Answer, Meter, Request};
use crate::auth::Token;
use crate::http::unreachable;
use crate::state::Spending;
use crate::{Error, ErrorKind, Result};

/// The header that carries an API token.
const TOKEN_HEADER: &str = "x-api-token";
/// Bytes of a body beyond which it is no page of 500 records.
const LARGEST: usize = 64 << 20;
/// Bytes that a body's announced length may reserve at once.
const RESERVED: usize = 8 << 20;

impl Inner {
    /// Sends `request` once. Dropping the future closes the connection that is waiting.
    pub(super) async fn once(
        &self,
        request: &Request,
        token: &Token,
        meter: &Meter,
        line: &mut Line<'_>,
    ) -> Result<Answer, Failure> {
        let asked = Instant::now();
        let mut permit = self.shared.limiter.permit().await.map_err(|left| self.closed(left.as_secs()))?;
        line.waited(asked.elapsed());
        let mut spending = self.pay(request)?;
        meter.charge(request).map_err(Failure::Final)?;
        permit.sent();
        line.sent(request.tokens());
        self.note_sent(request, spending.as_mut());
        let response = self.send(request, token).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        line.answered(status);
        self.learn(&headers, spending.as_mut());
        // An access token that has ended costs nothing, and the request is sent again with the next one.
        if status == 429 || (status == 401 && token.is_bearer()) {
            meter.refund(request);
            line.refund(request.tokens());
            if let Some(spending) = &mut spending {
                spending.refund();
            }
        }
        let body = self.body(response, request).await?;
        line.received(body.len());
        let (origin, way) = (&self.origin, &self.way);
        let reply = Reply { request, origin, way, token, status, headers: &headers, body };
        let verdict = reply.judge(&self.shared.limiter);
        if matches!(&verdict, Err(Failure::Final(_))) && status == 429 {
            self.note_spent_day(retry_after(&headers));
        }
        // Held until here: the next one must know of a pause that this answer asks for.
        drop((spending, permit));
        verdict
    }

    async fn send(&self, request: &Request, token: &Token) -> Result<Response, Failure> {
        let Some(url) = request.url(self.origin.base()) else {
            let text = format!("{} is no address of {}", request.path(), self.origin.host());
            return Err(Failure::Final(Error::new(ErrorKind::General, text)));
        };
        let call = self.shared.http.get(url).header(ACCEPT, HeaderValue::from_static("application/json"));
        let (name, value) = header(token).map_err(Failure::Final)?;
        let call = call.header(name, value);
        call.send().await.map_err(|error| unreachable::no_answer(&error, &self.origin, &self.way).into())
    }

    async fn body(&self, mut response: Response, request: &Request) -> Result<Bytes, Failure> {
        let announced = response.content_length().unwrap_or_default();
        let announced = usize::try_from(announced).unwrap_or(usize::MAX);
        if announced > LARGEST {
            return Err(Failure::Final(self.too_large(request)));
        }
        let mut body = BytesMut::with_capacity(announced.min(RESERVED));
        let cut = |error| unreachable::cut(&error, (&self.origin, &self.way), &request.full_path());
        while let Some(chunk) = response.chunk().await.map_err(cut)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Failure::Final(self.too_large(request)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn learn(&self, headers: &HeaderMap, spending: Option<&mut Spending<'_>>) {
        self.shared.limiter.learn(Told {
            limit: number(headers, "x-ratelimit-limit"),
            remaining: number(headers, "x-ratelimit-remaining"),
            reset: number(headers, "x-ratelimit-reset"),
        });
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        if let Some(date) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
            self.shared.clock.store(date.timestamp(), Ordering::Relaxed);
        }
        let told = DayBudget {
            limit: number(headers, "x-daily-ratelimit-token-limit"),
            remaining: number(headers, "x-daily-ratelimit-token-remaining"),
        };
        match spending {
            Some(spending) => spending.told(told.limit, told.remaining),
            None => self.unentered.lock().told = told,
        }
        let mut known = self.shared.budget.lock();
        *known = DayBudget { limit: told.limit.or(known.limit), remaining: told.remaining.or(known.remaining) };
    }

    fn closed(&self, seconds: u64) -> Failure {
        let text = format!(
            "{} turned this computer away with a page of HTML a moment ago; nothing is sent for {} seconds",
            self.origin.host(),
            seconds + 1
        );
        Failure::Final(Error::new(ErrorKind::Network, text).with_cure("wait that long"))
    }

    fn too_large(&self, request: &Request) -> Error {
        let text = format!(
            "the answer of {} to {} is larger than {} MB",
            self.origin.host(),
            request.full_path(),
            LARGEST >> 20
        );
        Error::new(ErrorKind::Network, text).with_cure("set a smaller PageSize")
    }
}

/// The only place that carries the token.
fn header(token: &Token) -> Result<(HeaderName, HeaderValue)> {
    let secret = token.secret().expose();
    let (name, text) = if token.is_bearer() {
        (AUTHORIZATION, Cow::Owned(format!("Bearer {secret}")))
    } else {
        (HeaderName::from_static(TOKEN_HEADER), Cow::Borrowed(secret))
    };
    let unusable =
        |_| Error::new(ErrorKind::Property, format!("the token, from {}, cannot be sent; copy it again", token.from()));
    let mut value = HeaderValue::from_str(&text).map_err(unusable)?;
    value.set_sensitive(true);
    Ok((name, value))
}
