//! The client against a server of a few lines that answers by a script: each status, each fault.

mod reuse;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::FutureExt;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::settings::{Settings, Source};
use crate::{Error, ErrorKind};

const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";
const JSON: &str = "content-type: application/json\r\n";
const EMPTY: &str = r#"{"success":true,"data":[]}"#;
/// `EMPTY`, packed.
const GZIP: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 42, 46, 77, 78, 78, 45, 46, 86, 178, 42, 41, 42, 77, 213, 81, 74, 73, 44,
    73, 84, 178, 138, 142, 173, 5, 0, 216, 116, 99, 63, 26, 0, 0, 0,
];

/// What the server does with one request.
#[derive(Clone)]
enum Act {
    Say(Vec<u8>),
    /// Says it after this time.
    Late(Duration, Vec<u8>),
    /// Says it and hangs up.
    Cut(Vec<u8>),
    Hang,
    /// Answers so many in two seconds, and 429 beyond.
    Window(usize),
}

#[derive(Clone)]
struct Server {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    hung_up: Arc<tokio::sync::Notify>,
    arrivals: Arc<Mutex<Vec<Instant>>>,
}

impl Server {
    /// A server that follows the script, and repeats its last act.
    async fn start(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            heads: Arc::default(),
            connections: Arc::default(),
            hung_up: Arc::default(),
            arrivals: Arc::default(),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serving.clone().serve(stream, script.clone()));
            }
        });
        server
    }

    fn client(&self) -> Client {
        client(&self.url, TOKEN)
    }

    fn requests(&self) -> usize {
        self.heads.lock().len()
    }

    async fn serve(self, mut stream: TcpStream, script: Vec<Act>) {
        while let Some(head) = head(&mut stream).await {
            let act = {
                let mut heads = self.heads.lock();
                heads.push(head);
                script.get(heads.len() - 1).or_else(|| script.last()).cloned().unwrap()
            };
            match act {
                Act::Say(bytes) => stream.write_all(&bytes).await.unwrap(),
                Act::Late(time, bytes) => {
                    tokio::time::sleep(time).await;
                    stream.write_all(&bytes).await.unwrap();
                }
                Act::Cut(bytes) => return stream.write_all(&bytes).await.unwrap(),
                Act::Hang => {}
                Act::Window(limit) => stream.write_all(&self.counted(limit)).await.unwrap(),
            }
        }
        self.hung_up.notify_one();
    }

    /// The answer of a rolling window of two seconds.
    fn counted(&self, limit: usize) -> Vec<u8> {
        let mut arrivals = self.arrivals.lock();
        arrivals.retain(|arrival| arrival.elapsed() < Duration::from_secs(2));
        arrivals.push(Instant::now());
        let left = limit.saturating_sub(arrivals.len());
        let headers =
            format!("{JSON}x-ratelimit-limit: {limit}\r\nx-ratelimit-remaining: {left}\r\nx-ratelimit-reset: 2\r\n");
        bytes(if arrivals.len() > limit { 429 } else { 200 }, &headers, EMPTY.as_bytes())
    }
}

/// The next request up to its empty line; `None` when the client hung up.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

fn bytes(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn say(status: u16, headers: &str, body: &str) -> Act {
    Act::Say(bytes(status, headers, body.as_bytes()))
}

fn found() -> Act {
    say(200, JSON, EMPTY)
}

fn client(url: &str, token: &str) -> Client {
    let pairs = [("BaseURL", url), ("APIToken", token), ("StateLocation", "memory")];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let settings = Settings::resolve(&[(Source::ConnectionString, pairs)]).unwrap().0;
    let (settings, access) = crate::auth::obtain(settings, None).now_or_never().unwrap().unwrap();
    Client::new(&settings, &access).unwrap()
}

fn deals() -> Request {
    Request::new("/v2/deals", 10).scope("deals:read").rows_of("deals").with("limit", "500".into())
}

async fn asked(client: &Client) -> crate::Result<Answer> {
    client.get(&deals(), &Meter::default()).await
}

#[track_caller]
fn assert_error(error: &Error, kind: ErrorKind, parts: &[&str]) {
    assert_eq!(error.kind(), kind, "{error}");
    for part in parts {
        assert!(error.message().contains(part), "'{part}' is missing in: {error}");
    }
    assert!(!error.message().contains(TOKEN), "{error}");
    assert!(!error.message().contains("limit=500"), "{error}");
}

#[tokio::test]
async fn the_token_travels_in_its_header_and_nowhere_else() {
    let server = Server::start(vec![found()]).await;
    assert_eq!(asked(&server.client()).await.unwrap(), Answer::Found(EMPTY.into()));
    let head = server.heads.lock()[0].clone();
    assert!(head.starts_with("GET /api/v2/deals?limit=500 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(concat!("user-agent: pipedrive-odbc/", env!("CARGO_PKG_VERSION"), "\r\n")), "{head}");
    assert!(head.contains(&format!("x-api-token: {TOKEN}\r\n")), "{head}");
    assert_eq!(head.matches(TOKEN).count(), 1, "{head}");
}

#[tokio::test]
async fn packed_answers_are_unpacked() {
    let headers = format!("{JSON}content-encoding: gzip\r\n");
    let server = Server::start(vec![Act::Say(bytes(200, &headers, GZIP))]).await;
    assert_eq!(asked(&server.client()).await.unwrap(), Answer::Found(EMPTY.into()));
    assert!(server.heads.lock()[0].contains("accept-encoding: gzip\r\n"));
}

#[tokio::test]
async fn who_am_i_reads_the_user_and_forgives_nulls() {
    let body =
        r#"{"success":true,"data":{"id":7,"name":"Zoë","email":null,"company_id":9,"company_domain":"acme","x":1}}"#;
    let server = Server::start(vec![say(200, JSON, body)]).await;
    let me = server.client().who_am_i().await.unwrap();
    assert_eq!((me.id, me.company_id, me.name.as_str(), me.company_domain.as_str()), (7, 9, "Zoë", "acme"));
    assert_eq!(me.email, "");
    for act in [say(200, JSON, r#"{"success":true,"data":null}"#), say(404, JSON, "{}"), say(200, JSON, "[]")] {
        let server = Server::start(vec![act]).await;
        assert_error(&server.client().who_am_i().await.unwrap_err(), ErrorKind::Network, &["BaseURL", "127.0.0.1"]);
    }
}

#[tokio::test]
async fn records_that_are_gone_are_missing() {
    for act in [say(404, JSON, r#"{"success":false,"error":"Deal not found"}"#), say(410, JSON, "{}"), say(404, "", "")]
    {
        let server = Server::start(vec![act]).await;
        assert_eq!(asked(&server.client()).await.unwrap(), Answer::Missing);
    }
}

#[tokio::test]
async fn every_refusal_has_its_kind_and_pipedrives_own_words_and_is_not_tried_again() {
    let body = r#"{"success":false,"error":"Scope and URL mismatch","errorCode":403}"#;
    let json = format!("{JSON}x-correlation-id: abc-1\r\n");
    let html = "content-type: text/html; charset=utf-8\r\n";
    let cases: &[(Act, ErrorKind, &[&str])] = &[
        (
            say(401, &json, body),
            ErrorKind::SignIn,
            &["token, which comes from the connection string", "Scope and URL", "abc-1"],
        ),
        (say(402, &json, body), ErrorKind::Account, &["subscription", "abc-1"]),
        (
            say(403, &json, body),
            ErrorKind::Forbidden,
            &["/api/v2/deals, from which the table deals is read: Scope and URL mismatch", "scope deals:read", "abc-1"],
        ),
        (say(403, html, "<html>"), ErrorKind::Network, &["HTML", "Cloudflare"]),
        (say(415, &json, body), ErrorKind::Forbidden, &["feature"]),
        (say(400, &json, body), ErrorKind::General, &["400", "/api/v2/deals", "Scope and URL"]),
        (say(501, &json, body), ErrorKind::Network, &["501"]),
        (say(200, html, "<html>"), ErrorKind::Network, &["HTML", "JSON", "/api/v2/deals"]),
        (say(200, "", " \n<!doctype html>"), ErrorKind::Network, &["HTML"]),
        (say(200, JSON, "<html>"), ErrorKind::Network, &["HTML"]),
        (say(200, "content-type: text/plain\r\n", "OK"), ErrorKind::Network, &["JSON"]),
        (say(404, html, "<html>"), ErrorKind::Network, &["HTML", "404"]),
        (say(404, "content-type: text/plain\r\n", "no route"), ErrorKind::Network, &["JSON", "404"]),
    ];
    for (act, kind, parts) in cases {
        let server = Server::start(vec![act.clone()]).await;
        assert_error(&asked(&server.client()).await.unwrap_err(), *kind, parts);
        assert_eq!(server.requests(), 1, "{parts:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Server::start(vec![found()]).await;
    let headers = format!("location: {}/api/v2/deals?x=1\r\n", other.url);
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start(vec![say(status, &headers, "")]).await;
        assert_error(&asked(&server.client()).await.unwrap_err(), ErrorKind::Network, &["redirects", "127.0.0.1"]);
    }
    assert_eq!(other.requests(), 0);
}

#[tokio::test]
async fn passing_failures_are_tried_again() {
    let cut = Act::Cut(
        b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\ncontent-type: application/json\r\n\r\n{\"success\"".into(),
    );
    let packed = format!("{JSON}content-encoding: gzip\r\n");
    let cut_pack = Act::Say(bytes(200, &packed, &GZIP[..20]));
    let (reset, trouble) = (Act::Cut(Vec::new()), say(503, "", ""));
    for act in [cut, cut_pack, reset, trouble, say(500, JSON, "{}"), say(524, "", "<html>")] {
        let server = Server::start(vec![act, found()]).await;
        let (client, meter) = (server.client(), Meter::default());
        assert_eq!(client.get(&deals(), &meter).await.unwrap(), Answer::Found(EMPTY.into()));
        assert_eq!((server.requests(), meter.requests(), meter.tokens()), (2, 2, 20));
        let log = client.requests();
        assert_eq!((log.len(), log[0].attempts, log[0].status, log[0].tokens), (1, 2, Some(200), 20));
    }
}

#[tokio::test]
async fn a_failure_that_lasts_is_told_after_four_tries() {
    let server = Server::start(vec![say(502, JSON, r#"{"error":"upstream"}"#)]).await;
    let error = asked(&server.client()).await.unwrap_err();
    assert_error(&error, ErrorKind::Network, &["502", "upstream", "tried 4 times"]);
    assert_eq!(server.requests(), 4);
    let short = Act::Cut(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{".into());
    let server = Server::start(vec![short]).await;
    assert_error(&asked(&server.client()).await.unwrap_err(), ErrorKind::Network, &["cut off", "/api/v2/deals"]);
}

#[tokio::test]
async fn a_refused_connection_names_host_and_port() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let client = client(&format!("http://{address}"), TOKEN);
    assert_error(&asked(&client).await.unwrap_err(), ErrorKind::Network, &[&address, "refused", "BaseURL"]);
    assert_eq!(client.requests()[0].status, None);
}

#[tokio::test]
async fn a_host_without_a_name_is_told() {
    let client = client("https://no-such-host.invalid", TOKEN);
    assert_error(&asked(&client).await.unwrap_err(), ErrorKind::Network, &["no-such-host.invalid:443", "not found"]);
}

#[tokio::test]
async fn a_host_that_speaks_no_tls_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("https://{}", listener.local_addr().unwrap()), TOKEN);
    let received = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let mut received = Vec::new();
        drop(stream.read_to_end(&mut received).await);
        received
    });
    assert_error(&asked(&client).await.unwrap_err(), ErrorKind::Network, &["secure connection", "127.0.0.1"]);
    let received = received.await.unwrap();
    assert!(!received.windows(TOKEN.len()).any(|bytes| bytes == TOKEN.as_bytes()));
}

#[tokio::test]
async fn the_spent_day_fails_at_once_and_tells_the_reset() {
    let body = r#"{"success":false,"error":"daily request budget exceeded","errorCode":429}"#;
    let cases = [
        (format!("{JSON}retry-after: 3939\r\n"), body, "in 66 minutes"),
        (JSON.to_owned(), body, "midnight"),
        (format!("{JSON}retry-after: 3939\r\n"), "{}", "UTC"),
        (format!("{JSON}retry-after: 99999999999999999\r\n"), body, "midnight"),
    ];
    for (headers, body, part) in cases {
        let server = Server::start(vec![say(429, &headers, body)]).await;
        let meter = Meter::default();
        let error = server.client().get(&deals(), &meter).await.unwrap_err();
        assert_error(&error, ErrorKind::Budget, &["day", "reset", part]);
        assert_eq!((server.requests(), meter.tokens()), (1, 0));
    }
}

#[tokio::test]
async fn a_burst_is_waited_out_by_every_connection_of_the_token() {
    let server = Server::start(vec![say(429, &format!("{JSON}retry-after: 1\r\n"), "{}"), found()]).await;
    let (one, other) = (server.client(), server.client());
    let started = Instant::now();
    let late = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        asked(&other).await.unwrap();
        started.elapsed()
    };
    let (first, late) = tokio::join!(asked(&one), late);
    first.unwrap();
    assert!(late >= Duration::from_secs(1), "{late:?}");
    assert_eq!(one.requests()[0].tokens, 10);
}

#[tokio::test]
async fn a_window_that_others_used_up_is_not_run_into() {
    let headers = format!("{JSON}x-ratelimit-limit: 20\r\nx-ratelimit-remaining: 0\r\nx-ratelimit-reset: 2\r\n");
    let server = Server::start(vec![say(200, &headers, EMPTY), found()]).await;
    let (client, started) = (server.client(), Instant::now());
    asked(&client).await.unwrap();
    asked(&client).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn many_requests_at_once_provoke_no_429() {
    let server = Server::start(vec![Act::Window(20)]).await;
    let (one, other) = (server.client(), server.client());
    let started = Instant::now();
    let asking = (0..45).map(|number| asked(if number % 2 == 0 { &one } else { &other }));
    for outcome in futures::future::join_all(asking).await {
        outcome.unwrap();
    }
    let attempts: u32 = one.requests().iter().chain(&other.requests()).map(|entry| entry.attempts).sum();
    assert_eq!((server.requests(), attempts), (45, 45), "some were turned away");
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_body_beyond_reason_is_not_read() {
    let head = format!("HTTP/1.1 200 OK\r\n{JSON}content-length: 700000000\r\n\r\n");
    let server = Server::start(vec![Act::Say(head.into())]).await;
    assert_error(&asked(&server.client()).await.unwrap_err(), ErrorKind::Network, &["64 MB", "PageSize"]);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_closed_door_is_not_knocked_at_again() {
    let server = Server::start(vec![say(403, "content-type: text/html\r\n", "<html>")]).await;
    let client = server.client();
    asked(&client).await.unwrap_err();
    assert_error(&asked(&client).await.unwrap_err(), ErrorKind::Network, &["HTML", "seconds"]);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_refused_token_is_told_to_those_who_asked() {
    let server = Server::start(vec![say(401, JSON, "{}")]).await;
    let (client, told) = (server.client(), Arc::new(AtomicUsize::new(0)));
    client.on_refused_token({
        let told = told.clone();
        move || {
            told.fetch_add(1, Ordering::Relaxed);
        }
    });
    asked(&client).await.unwrap_err();
    assert_eq!(told.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn max_tokens_stops_before_the_request() {
    let server = Server::start(vec![found()]).await;
    let (client, meter) = (server.client(), Meter::new(Some(15)));
    client.get(&deals(), &meter).await.unwrap();
    let error = client.get(&deals(), &meter).await.unwrap_err();
    assert_error(&error, ErrorKind::Budget, &["MaxTokens=15", "costs 10"]);
    assert_eq!((server.requests(), client.requests().len()), (1, 1));
}

#[tokio::test]
async fn max_tokens_says_what_the_tries_were_for() {
    let server = Server::start(vec![say(503, JSON, r#"{"error":"upstream"}"#)]).await;
    let error = server.client().get(&deals(), &Meter::new(Some(15))).await.unwrap_err();
    assert_error(&error, ErrorKind::Budget, &["MaxTokens=15", "the try before failed", "503", "upstream"]);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn what_is_refused_unsent_fills_no_window() {
    let server = Server::start(vec![Act::Window(20)]).await;
    let client = server.client();
    asked(&client).await.unwrap();
    let started = Instant::now();
    for _ in 0..100 {
        client.get(&deals(), &Meter::new(Some(5))).await.unwrap_err();
    }
    asked(&client).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn an_abandoned_request_closes_its_connection_and_is_logged() {
    let server = Server::start(vec![Act::Hang]).await;
    let client = server.client();
    tokio::time::timeout(Duration::from_millis(200), asked(&client)).await.unwrap_err();
    tokio::time::timeout(Duration::from_secs(5), server.hung_up.notified()).await.unwrap();
    let log = client.requests();
    assert_eq!((log.len(), log[0].status, log[0].attempts), (1, None, 1));
}

#[tokio::test]
async fn an_abandoned_body_closes_its_connection() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\ncontent-type: application/json\r\n\r\n{".to_vec();
    let server = Server::start(vec![Act::Say(head)]).await;
    let client = server.client();
    tokio::time::timeout(Duration::from_millis(200), asked(&client)).await.unwrap_err();
    tokio::time::timeout(Duration::from_secs(5), server.hung_up.notified()).await.unwrap();
    assert_eq!(client.requests()[0].status, Some(200));
}

#[tokio::test]
async fn connections_share_a_pool_and_keep_their_own_log() {
    let server = Server::start(vec![found()]).await;
    let (one, other) = (server.client(), server.client());
    for client in [&one, &other, &one] {
        asked(client).await.unwrap();
    }
    assert_eq!(server.connections.load(Ordering::Relaxed), 1);
    let numbers = |client: &Client| client.requests().iter().map(|entry| entry.number).collect::<Vec<_>>();
    assert_eq!((numbers(&one), numbers(&other)), (vec![1, 2], vec![1]));
    let stranger = client(&server.url, "another-token");
    asked(&stranger).await.unwrap();
    assert_eq!(server.connections.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn the_log_tells_path_query_and_size() {
    let server = Server::start(vec![found()]).await;
    let client = server.client();
    asked(&client).await.unwrap();
    let entry = client.requests().remove(0);
    assert_eq!((entry.path.as_str(), entry.query.as_str()), ("/api/v2/deals", "limit=500"));
    assert_eq!((entry.status, entry.attempts, entry.tokens, entry.bytes), (Some(200), 1, 10, 26));
    let age = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() - u128::try_from(entry.started_at).unwrap();
    assert!(age < 60_000, "started {age} ms ago");
}

#[tokio::test]
async fn the_days_budget_is_remembered() {
    let headers =
        format!("{JSON}x-daily-ratelimit-token-limit: 150000\r\nx-daily-ratelimit-token-remaining: 149990\r\n");
    let server = Server::start(vec![say(200, &headers, EMPTY), found()]).await;
    let client = server.client();
    assert_eq!(client.day_budget(), DayBudget::default());
    for _ in 0..2 {
        asked(&client).await.unwrap();
        assert_eq!(client.day_budget(), DayBudget { limit: Some(150_000), remaining: Some(149_990) });
    }
}

#[tokio::test]
async fn the_token_is_in_no_error_log_or_debug_output() {
    let events = Events::default();
    let _guard = tracing::subscriber::set_default(events.clone());
    let echo = format!(r#"{{"success":false,"error":"token {TOKEN} is bad\nreally"}}"#);
    let headers = format!(
        "{JSON}retry-after: 0\r\nx-correlation-id: {TOKEN}\r\nlocation: http://{TOKEN}.example.com/{TOKEN}\r\n"
    );
    for status in [200, 302, 400, 401, 403, 429, 500, 599] {
        let server = Server::start(vec![say(status, &headers, &echo)]).await;
        let client = server.client();
        let outcome = asked(&client).await;
        if status != 200 {
            assert_error(&outcome.unwrap_err(), outcome_kind(status), &[]);
        }
        let shown = format!("{client:?} {client:#?} {:?}", client.requests());
        assert!(!shown.contains(TOKEN), "{shown}");
    }
    let events = events.0.lock().clone();
    assert!(events.contains("/api/v2/deals") && events.contains("GET"), "{events}");
    assert!(!events.contains(TOKEN), "{events}");
}

fn outcome_kind(status: u16) -> ErrorKind {
    match status {
        400 => ErrorKind::General,
        401 => ErrorKind::SignIn,
        403 => ErrorKind::Forbidden,
        429 => ErrorKind::Budget,
        _ => ErrorKind::Network,
    }
}

/// Every event and span of this thread, at any level, as text.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<String>>);

impl tracing::Subscriber for Events {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut Fields(&self.0));
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut Fields(&self.0));
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Fields(&self.0));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

struct Fields<'a>(&'a Mutex<String>);

impl tracing::field::Visit for Fields<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.lock().push_str(&format!("{field}={value:?} "));
    }
}
