//! Answers on their way out: headers, compression, and the ways in which a body can break.

use std::io::{self, Write};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use chrono::DateTime;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt;
use futures::stream;

use super::limits::Left;
use super::refusal::Refusal;

/// An answer before it is sent.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
    /// Tokens that were charged for it.
    pub(super) tokens: u64,
}

/// What happens to the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    None,
    /// The length is told, half of it is sent.
    Cut,
    /// Half of the chunks are sent, the end is not.
    CutChunks,
    /// Half of the JSON is sent as if it were all.
    Truncated,
    /// The body trickles: so much time between its pieces.
    Slow(Duration),
}

/// Bytes sent at a time.
const CHUNK: usize = 16 << 10;

/// Pieces of a body that trickles.
const PIECES: usize = 20;

/// How long the first half of a cut body has to reach the client before the connection breaks.
const CUT_AFTER: Duration = Duration::from_millis(30);

impl Reply {
    /// JSON that was paid for.
    pub(super) const fn json(body: Vec<u8>, tokens: u64) -> Self {
        Self { status: 200, content_type: "application/json", body, headers: Vec::new(), tokens }
    }

    /// JSON that says what is wrong with a request for tokens.
    pub(super) fn bad_request(body: Vec<u8>) -> Self {
        Self { status: 400, ..Self::json(body, 0) }
    }

    /// A page for a person.
    pub(super) fn page(status: u16, html: String) -> Self {
        Self { status, content_type: "text/html; charset=utf-8", ..Self::json(html.into_bytes(), 0) }
    }

    /// Sends a browser elsewhere, by GET.
    pub(super) fn redirect(address: String) -> Self {
        Self { headers: vec![("location", address)], ..Self::page(303, String::new()) }
    }

    /// A refusal, with the headers that belong to it.
    pub(super) fn refusal(refusal: &Refusal, tokens: u64) -> Self {
        let mut reply = Self { status: refusal.status(), ..Self::json(refusal.body(), tokens) };
        match refusal {
            Refusal::Unauthorized => reply.headers.push(("x-401-by-gw", "true".to_owned())),
            Refusal::Daily => reply.headers.push(("retry-after", until_midnight().to_string())),
            _ => {}
        }
        reply
    }

    /// A page of the edge in front of Pipedrive, as browsers would show it.
    pub(super) fn html(status: u16) -> Self {
        Self { status, content_type: "text/html; charset=UTF-8", ..Self::json(EDGE_PAGE.into(), 0) }
    }

    /// The HTTP status.
    pub(super) const fn status(&self) -> u16 {
        self.status
    }

    /// Adds what every answer of Pipedrive tells about the limits.
    pub(super) fn with_limits(mut self, left: Left) -> Self {
        self.headers.extend([
            ("x-ratelimit-limit", left.burst_limit.to_string()),
            ("x-ratelimit-remaining", left.burst.to_string()),
            // The recordings say 2 at all times.
            ("x-ratelimit-reset", "2".to_owned()),
            ("x-daily-requests-left", left.daily.to_string()),
            ("x-daily-ratelimit-token-limit", left.daily_limit.to_string()),
            ("x-daily-ratelimit-token-remaining", left.daily.to_string()),
        ]);
        self
    }

    /// Adds when it was made, in seconds since 1970, by the clock that `update_time` goes by: a client may hold the two
    /// against each other.
    pub(super) fn dated(mut self, moment: i64) -> Self {
        let moment = DateTime::from_timestamp(moment, 0).unwrap_or_default();
        self.headers.push(("date", moment.format("%a, %d %b %Y %H:%M:%S GMT").to_string()));
        self
    }

    /// The response; `flight` is dropped when its last byte was taken.
    pub(super) fn send(
        mut self,
        request: &HeaderMap,
        damage: Damage,
        number: usize,
        flight: impl Send + 'static,
    ) -> Response<Body> {
        if damage == Damage::Truncated {
            self.body.truncate(self.body.len() / 2);
        }
        let gzip = accepts_gzip(request);
        let body = if gzip { compressed(&self.body) } else { self.body };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        self.headers.push(("x-correlation-id", format!("00000000-0000-4000-8000-{number:012x}")));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
        headers.insert(header::SERVER, HeaderValue::from_static("cloudflare"));
        if gzip {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if matches!(damage, Damage::Cut | Damage::Truncated) {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        *response.body_mut() = streamed(body, damage, flight);
        response
    }
}

/// The body in chunks, as Pipedrive sends it: without a length, broken if so wished.
fn streamed(mut body: Vec<u8>, damage: Damage, flight: impl Send + 'static) -> Body {
    let breaks = matches!(damage, Damage::Cut | Damage::CutChunks);
    if breaks {
        body.truncate(body.len() / 2);
    }
    let body = Bytes::from(body);
    let (size, pause) = match damage {
        Damage::Slow(pause) => (body.len().div_ceil(PIECES).max(1), pause),
        _ => (CHUNK, Duration::ZERO),
    };
    let starts = (0..body.len()).step_by(size);
    let chunk = move |start: usize| (start, io::Result::Ok(body.slice(start..body.len().min(start + size))));
    let whole = stream::iter(starts.map(chunk)).then(move |(start, chunk)| async move {
        if start > 0 && !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        chunk
    });
    let end = stream::iter(breaks.then_some(())).then(|()| async {
        tokio::time::sleep(CUT_AFTER).await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    Body::from_stream(whole.chain(end).map(move |chunk| {
        let _ = &flight;
        chunk
    }))
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.split(',').any(|one| one.trim().starts_with("gzip")))
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// Seconds until the budget of the day is renewed, by UTC.
fn until_midnight() -> i64 {
    const DAY: i64 = 86_400;
    DAY - chrono::Utc::now().timestamp().rem_euclid(DAY)
}

const EDGE_PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head><title>Attention Required! | Cloudflare</title>\
</head>\n<body><h1>Sorry, you have been blocked</h1><p>You are unable to access pipedrive.com</p>\
<p>Cloudflare Ray ID: <strong>9fc1bf766ffd816e</strong></p></body>\n</html>\n";
