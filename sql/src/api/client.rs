//! The face of the REST client. Connections of one process that use the same host and token, by the same proxy and with
//! the same certificates, share one pool of connections and one limiter; each has a log of its own.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::limiter::Limiter;
use super::log::{Cost, Log, LogEntry};
use super::memory::{self, Seen};
use super::reserve::Unentered;
use super::retry::{Failure, Retry};
use super::reuse::Flights;
use super::usage::{self, Counter, Usage};
use super::{Answer, Meter, Request};
use crate::auth::{Access, Renewed, Token};
use crate::http;
use crate::process::Common;
use crate::settings::{Origin, Reserve, Settings, Way};
use crate::state::{BURST, Claims, Folder, Ledger, Owner};
use crate::{Error, ErrorKind, Result, Warning};

/// Path of `users/me`.
pub(super) const ME: &str = "/v1/users/me";
/// List price of `users/me` in tokens.
pub(super) const ME_TOKENS: u32 = 2;

/// A connection's way to one Pipedrive company. Cheap to clone; clones are the same client.
#[derive(Clone)]
pub struct Client {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) shared: Arc<Shared>,
    pub(super) origin: Origin,
    pub(super) way: Way,
    pub(super) access: Access,
    pub(super) reserve: Reserve,
    pub(super) ledger: OnceLock<Arc<Ledger>>,
    pub(super) unentered: Mutex<Unentered>,
    most: usize,
    /// The greatest age of an answer that serves again; `None` where none does.
    pub(super) reuse: Option<Duration>,
    pub(super) log: Log,
    refused: Mutex<Vec<Hook>>,
}

type Hook = Arc<dyn Fn() + Send + Sync>;

/// What the connections with one host and token, by one way, have in common.
pub(super) struct Shared {
    pub(super) http: reqwest::Client,
    pub(super) limiter: Limiter,
    pub(super) budget: Mutex<DayBudget>,
    /// The clock of the host, in seconds since 1970; 0 before its first answer.
    pub(super) clock: AtomicI64,
    /// What answers in the memory of the process are found by.
    pub(super) key: Key,
    pub(super) flights: Flights,
    /// What was sent before this serves nobody any more.
    pub(super) forgotten: Mutex<Option<Instant>>,
    /// What these connections have spent, those that are closed among them.
    pub(super) usage: Arc<Counter>,
}

/// The company's API tokens of this day, as the last answer told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayBudget {
    /// Tokens of a whole day; `None` before the first answer or when Pipedrive leaves the header out.
    pub limit: Option<u64>,
    /// Tokens left; `None` like the limit.
    pub remaining: Option<u64>,
}

/// Who a token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// Pipedrive's number of the user.
    pub id: i64,
    /// Pipedrive's number of the company.
    pub company_id: i64,
    /// The user's name.
    pub name: String,
    /// The user's e-mail address.
    pub email: String,
    /// The company's name.
    pub company_name: String,
    /// First label of the company's address.
    pub company_domain: String,
    /// IANA name of the user's time zone.
    pub timezone_name: String,
    /// Whether the user manages the account; `None` where Pipedrive does not tell.
    pub is_admin: Option<bool>,
}

impl Client {
    /// A client for the host of these settings that signs so. Sends nothing.
    ///
    /// # Errors
    /// `Network` when this computer has no certificates to trust.
    pub fn new(settings: &Settings, access: &Access) -> Result<Self> {
        let shared = Shared::of(settings, access)?;
        shared.limiter.join(settings.max_concurrency());
        let log = Log::of_connection(shared.usage.clone());
        let inner = Inner {
            shared,
            origin: settings.origin().clone(),
            way: settings.way().clone(),
            access: access.clone(),
            reserve: settings.reserve_tokens(),
            ledger: OnceLock::new(),
            unentered: Mutex::default(),
            most: settings.max_concurrency(),
            reuse: settings.result_reuse(),
            log,
            refused: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Sends a request and reads its answer whole. Failures that may pass are tried again: four times and 30 seconds
    /// in all. Dropping the future stops it.
    ///
    /// # Errors
    /// `SignIn`, `Forbidden`, `Network`, `Budget`; `General` when Pipedrive does not take the request.
    pub async fn get(&self, request: &Request, meter: &Meter) -> Result<Answer> {
        self.ask_host(request, meter).await.map(|(answer, _)| answer)
    }

    /// The same, and when the answer was given.
    pub(super) async fn ask_host(&self, request: &Request, meter: &Meter) -> Result<(Answer, Seen)> {
        self.inner.hear_again(request, meter).await;
        let mut line = self.inner.log.start(request);
        let mut retry = Retry::start();
        let mut renewals = 0;
        loop {
            let token = self.inner.access.token().await?;
            let failure = match self.inner.once(request, &token, meter, &mut line).await {
                Ok(answer) => {
                    let sent = line.sent_at().unwrap_or_else(|| (Instant::now(), SystemTime::now()));
                    return Ok((answer, Seen::now(sent, self.host_time())));
                }
                Err(failure) => failure,
            };
            if matches!(&failure, Failure::Final(error) if error.kind() == ErrorKind::SignIn) {
                // What it was allowed to see is nobody's any more, until the host says so again.
                self.inner.forget_answers();
                // An access token can end before its time. The same page is asked for again, so no row is lost or comes
                // twice.
                if renewals < 2 {
                    // One that somebody else has renewed before may have been refused since; one that is new may not.
                    match self.inner.renewed(&token).await? {
                        Some(Renewed::BySomebody) => renewals += 1,
                        Some(Renewed::Now) => renewals = 2,
                        None => renewals = 3,
                    }
                    if renewals < 3 {
                        continue;
                    }
                }
                self.inner.tell_refused();
            }
            retry.after(failure, request).await?;
        }
    }

    /// Asks who the token belongs to, which proves it. 2 tokens.
    /// [Operation](https://developers.pipedrive.com/docs/api/v1/Users#getCurrentUser)
    ///
    /// # Errors
    /// As [`Self::get`]; `Network` when the answer is not Pipedrive's.
    pub async fn who_am_i(&self) -> Result<Me> {
        let request = Request::new(ME, ME_TOKENS).scope("base");
        let request = if self.inner.origin.is_named() { request } else { request.at_root() };
        let user = match self.get(&request, &Meter::default()).await? {
            Answer::Found(body) => serde_json::from_slice::<Envelope>(&body).ok().and_then(|envelope| envelope.data),
            Answer::Missing => None,
        };
        user.map(Me::from).ok_or_else(|| {
            let text = format!("{} does not say who the token belongs to", self.host());
            Error::new(ErrorKind::Network, text).with_cure("check CompanyDomain or BaseURL")
        })
    }

    /// Shares the burst limit with the other processes that use this folder. In memory there is nobody to share with.
    pub(crate) fn share(&self, folder: &Folder) {
        if let Some(file) = folder.file(BURST) {
            let inner = &self.inner;
            inner.shared.limiter.share(Claims::new(file, fingerprint(inner.origin.base(), &inner.access.identity())));
        }
    }

    /// Pays from here on out of the day of the owner's company, as `folder` keeps it; answers what is worth a warning.
    pub(crate) fn enter(&self, folder: &Folder, owner: &Owner) -> Vec<Warning> {
        self.inner.enter(folder, owner)
    }

    /// Writes down what was spent, for other processes to know.
    pub(crate) fn settle(&self) {
        self.inner.settle();
    }

    /// What requests are signed with.
    pub(crate) fn access(&self) -> &Access {
        &self.inner.access
    }

    /// The last requests of this connection, the oldest first.
    pub fn requests(&self) -> Vec<LogEntry> {
        self.inner.log.entries()
    }

    /// What this connection has cost so far.
    pub fn cost(&self) -> Cost {
        self.inner.log.cost()
    }

    /// What this connection has done so far, and what the connections of this process with its host and sign-in have.
    pub(crate) fn usage(&self) -> (Usage, Usage) {
        (self.inner.log.usage(), self.inner.shared.usage.usage())
    }

    /// The ledger of the company's day, once the company is known.
    pub(crate) fn ledger(&self) -> Option<&Arc<Ledger>> {
        self.inner.ledger.get()
    }

    /// The address below which `/api/v1` and `/api/v2` are.
    pub fn origin(&self) -> &str {
        self.inner.origin.base()
    }

    /// The host, with its port where it is not the usual one.
    pub fn host(&self) -> &str {
        self.inner.origin.host()
    }

    /// What the clock of the host said in its last answer (the header `Date`), in seconds since 1970; `None` before.
    pub fn host_time(&self) -> Option<i64> {
        Some(self.inner.shared.clock.load(Ordering::Relaxed)).filter(|seconds| *seconds > 0)
    }

    /// The company's tokens of this day.
    pub fn day_budget(&self) -> DayBudget {
        *self.inner.shared.budget.lock()
    }

    /// Requests that the host allows this token in its burst window, as an answer told; `None` before, or when it does not
    /// tell.
    pub fn burst_limit(&self) -> Option<usize> {
        self.inner.shared.limiter.limit()
    }

    /// Has `hook` called whenever the host refuses the token (401).
    pub fn on_refused_token(&self, hook: impl Fn() + Send + Sync + 'static) {
        self.inner.refused.lock().push(Arc::new(hook));
    }
}

impl Inner {
    fn settle(&self) {
        if let Some(ledger) = self.ledger.get() {
            ledger.flush();
        }
    }

    /// Has another token in place of one that the host refused, where there is a way to one.
    async fn renewed(&self, refused: &Token) -> Result<Option<Renewed>> {
        self.access.renewed(refused).await.inspect_err(|error| {
            if error.kind() == ErrorKind::SignIn {
                self.tell_refused();
            }
        })
    }

    fn tell_refused(&self) {
        let hooks = self.refused.lock().clone();
        hooks.iter().for_each(|hook| hook());
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.limiter.leave(self.most);
        self.settle();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("origin", &self.origin()).finish_non_exhaustive()
    }
}

/// Live ones by a hash of process, address, token and way: a child after `fork` must not use its parent's sockets.
static SHARED: Common<Vec<(Key, Weak<Shared>)>> = Common::new(Vec::new());

/// Keeps others from opening a way to a host until the answer is dropped.
pub(crate) fn hold_still() -> Box<dyn Any> {
    Box::new((SHARED.lock(), memory::MEMORY.lock(), usage::COUNTERS.lock()))
}

/// A hash of process, address, token and way.
pub(super) type Key = [u8; 32];

impl Shared {
    fn of(settings: &Settings, access: &Access) -> Result<Arc<Self>> {
        let key = key(settings, access);
        let mut live = SHARED.lock();
        live.retain(|(_, shared)| shared.strong_count() > 0);
        let found = live.iter().find(|(own, _)| *own == key).and_then(|(_, shared)| shared.upgrade());
        if let Some(shared) = found {
            return Ok(shared);
        }
        let http = http::client(settings.origin(), settings.way())?;
        let shared = Arc::new(Self {
            http,
            limiter: Limiter::default(),
            budget: Mutex::default(),
            clock: AtomicI64::new(0),
            key,
            flights: Flights::default(),
            forgotten: Mutex::default(),
            usage: usage::of(&key),
        });
        live.push((key, Arc::downgrade(&shared)));
        Ok(shared)
    }
}

fn key(settings: &Settings, access: &Access) -> Key {
    let (process, base, way) = (std::process::id(), settings.base_url(), settings.way().identity());
    Sha256::digest(format!("{process}\n{base}\n{}\n{}", access.identity(), way.expose())).into()
}

/// Tells tokens and hosts apart in the file that processes share; the token cannot be had back from it.
fn fingerprint(base: &str, identity: &str) -> u64 {
    let digest = Sha256::digest(format!("{base}\n{identity}"));
    digest.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
}

#[derive(Deserialize)]
struct Envelope {
    data: Option<User>,
}

/// The members of `users/me` that matter; texts may be null or missing.
#[derive(Deserialize)]
struct User {
    id: i64,
    company_id: i64,
    name: Option<String>,
    email: Option<String>,
    company_name: Option<String>,
    company_domain: Option<String>,
    timezone_name: Option<String>,
    #[serde(default)]
    is_admin: Value,
}

impl From<User> for Me {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            company_id: user.company_id,
            name: user.name.unwrap_or_default(),
            email: user.email.unwrap_or_default(),
            company_name: user.company_name.unwrap_or_default(),
            company_domain: user.company_domain.unwrap_or_default(),
            timezone_name: user.timezone_name.unwrap_or_default(),
            // Recorded as 0 and 1, documented as a flag.
            is_admin: user.is_admin.as_bool().or_else(|| user.is_admin.as_i64().map(|number| number != 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_is_told_by_a_number_or_a_flag() {
        for (member, expected) in [
            (r#","is_admin":1"#, Some(true)),
            (r#","is_admin":0"#, Some(false)),
            (r#","is_admin":true"#, Some(true)),
            (r#","is_admin":null"#, None),
            ("", None),
        ] {
            let user: User = serde_json::from_str(&format!(r#"{{"id":1,"company_id":2{member}}}"#)).unwrap();
            assert_eq!(Me::from(user).is_admin, expected, "{member}");
        }
    }
}
