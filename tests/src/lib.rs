//! The sandbox: a Pipedrive account on this machine, for tests and for the demo.
//!
//! * [`Config`]: how large the company is, its limits, its token.
//! * [`Sandbox::start`] gives a [`Running`] server on 127.0.0.1; dropping it stops the server.
//! * [`dataset`]: the company as typed records, to compute expected rows from, independently of JSON and driver.
//! * [`Edit`], [`EditPlan`]: what changes while it runs, at once or between the pages of a scan; [`Change`]: what did.
//!   `edits` lays them over the data set, which stays as it was.
//! * `server`: HTTP, as the OpenAPI documents and recordings say: v2 deals (with the archive), persons,
//!   organizations, activities, products, pipelines, stages and their fields; v1 users.
//! * [`Tls`]: the same by https, with a certificate that is right or has a [`Flaw`]; [`Certificates`] to trust it by.
//! * [`Fault`]: what shall go wrong, and when. [`Stats`], [`Recorded`]: what was asked and what it cost.
//! * [`Application`]: what people sign in through, with OAuth 2.0; the methods of [`Running`] about it are in `oauth`.
//! * [`Browser`]: does what a person's browser would do with an authorisation URL, and stands in for `xdg-open`.
//! * `server::contract` (tests): every answer against the OpenAPI documents and the recordings.
//!
//! Besides the API there are `GET /__stats`, `POST /__stats/reset`, `GET /__log`, `POST /__faults`, `DELETE /__faults`,
//! `POST /__edits`, `POST /__edits/plan`, `DELETE /__edits/plan` and `GET /__history`, and for the OAuth server
//! `GET /__oauth`, `GET /__oauth/log` and `POST /__oauth/advance`, `expire`, `revoke`, `uninstall`, `rotate`, `scopes` and
//! `issue`; they need no token and are not counted.
//!
//! Where nobody knows what Pipedrive does, the sandbox decides, and the code says so: `limit` above 500 counts as 500;
//! a cursor of another order is a 400; rows without `update_time` match no `updated_*` range and sort first; deleted
//! records are answered one by one with `is_deleted: true`; a deal that was archived and then deleted is listed by
//! `/deals/archived?status=deleted` only and is both, `is_archived` and `is_deleted`; answers with
//! 400 and 404 cost their tokens, those with 401, 403 and 429 none; what edits do, `edits` says, and `server::oauth` what
//! the OAuth server does. It must not be the only judge of the driver.

mod application;
pub mod browser;
mod config;
pub mod dataset;
mod edits;
mod oauth;
mod server;
mod tls;

#[cfg(test)]
mod client;

use std::fmt;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::Router;
use axum::serve::ListenerExt;
use rustls::ServerConfig;
use tokio::sync::oneshot;

pub use application::{ApiDomain, Application};
pub use browser::{Browser, BrowserError};
pub use config::Config;
pub use dataset::Dataset;
use dataset::{CustomValue, Deal, Entity, Field, Organization, Person};
pub use edits::{Change, Edit, EditPlan, NewDeal, Record, Refused};
pub use server::{Fault, OAuthStats, Recorded, Stats};
use server::{Secrets, Server};
use tls::TlsListener;
pub use tls::{Certificates, Flaw, Tls};

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port is taken, or no port can be had.
    #[error("the sandbox cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port that was asked for; 0 for any.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },
    /// No thread or no runtime can be had.
    #[error("the sandbox cannot start: {0}")]
    Start(std::io::Error),
    /// No certificate can be made, or not written to a file.
    #[error("the sandbox has no certificate: {0}")]
    Tls(std::io::Error),
}

/// Starts sandboxes.
#[derive(Debug)]
pub struct Sandbox;

/// A server that runs until this is dropped.
pub struct Running {
    server: Arc<Server>,
    url: String,
    certificates: Option<Certificates>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a server on a thread of its own.
    ///
    /// # Errors
    /// When the port is taken, the system gives no thread, or a certificate cannot be made for the names.
    pub fn start(config: Config) -> Result<Running, Error> {
        let listen = |source| Error::Listen { port: config.port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let (certificates, tls) = config.tls.as_ref().map(tls::make).transpose().map_err(Error::Tls)?.unzip();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().map_err(listen)?);
        let secrets = Secrets {
            token: config.token.clone().unwrap_or_else(|| dataset::secret(config.seed, 1)),
            bearer: dataset::secret(config.seed, 2),
        };
        let server = Arc::new(Server::new(&config, secrets, &url));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sandbox")
            .enable_all()
            .build()
            .map_err(Error::Start)?;
        let (stop, stopped) = oneshot::channel();
        let router = server::router(Arc::clone(&server));
        let serving = async move {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            tokio::select! {
                () = serve(listener, tls, router) => {}
                _ = stopped => {}
            }
        };
        let run = move || {
            runtime.block_on(serving);
            // Requests that still wait, by a fault for example, end with their connections.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("sandbox".to_owned()).spawn(run).map_err(Error::Start)?;
        Ok(Running { server, url, certificates, stop: Some(stop), thread: Some(thread) })
    }
}

async fn serve(listener: tokio::net::TcpListener, tls: Option<Arc<ServerConfig>>, router: Router) {
    if let Some(config) = tls {
        if let Ok(listener) = TlsListener::new(listener, config) {
            let _ = axum::serve(listener, router).await;
        }
        return;
    }
    // Small answers must not wait for the acknowledgement of earlier ones.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let _ = axum::serve(listener, router).await;
}

impl Running {
    /// The certificates, when the sandbox speaks TLS.
    #[must_use]
    pub const fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_ref()
    }

    /// `http://127.0.0.1:` and the port; `https://` when the sandbox speaks TLS.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The API token, for the header `x-api-token`.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.server.secrets.token
    }

    /// The access token, for `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(&self) -> &str {
        &self.server.secrets.bearer
    }

    /// What was asked since the start or the last reset.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.server.counters.stats()
    }

    /// Begins to count and to record anew. What was spent of the day's budget stays spent.
    pub fn reset_stats(&self) {
        self.server.counters.reset();
        self.server.oauth.reset();
    }

    /// The requests since the start or the last reset, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.server.counters.records()
    }

    /// Requests that armed faults have yet to befall: 0 once all were met.
    #[must_use]
    pub fn faults_left(&self) -> u32 {
        self.server.faults.left()
    }

    /// Arms a fault, behind those that are armed.
    pub fn arm(&self, fault: Fault) {
        self.server.faults.arm(fault);
    }

    /// Takes back the faults that met no request.
    pub fn disarm(&self) {
        self.server.faults.clear();
    }

    /// Edits the company, between two requests.
    ///
    /// # Errors
    /// When there is no such record or the edit makes no sense; then nothing has changed.
    pub fn edit(&self, edit: Edit) -> Result<Change, Refused> {
        self.server.ledger.edit(&self.server.data, edit)
    }

    /// From now on edits follow each page of deals, persons or organizations; `EditPlan::default()` ends that.
    pub fn edit_between_pages(&self, plan: EditPlan) {
        self.server.ledger.plan(plan);
    }

    /// Every edit since the start, in order.
    #[must_use]
    pub fn history(&self) -> Vec<Change> {
        self.server.ledger.history()
    }

    /// Requests to the API that were answered since the start: where [`Change::answered`] stands.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.server.ledger.answered()
    }

    /// The clock of the company, in seconds since 1970: the moment of the last edit. Answers tell it in the
    /// header `date`.
    #[must_use]
    pub fn moment(&self) -> i64 {
        self.server.ledger.look(&self.server.data).moment()
    }

    /// All deals as they are, archived and deleted ones included, by id.
    #[must_use]
    pub fn deals(&self) -> Vec<Deal> {
        self.server.ledger.look(&self.server.data).present().deals().collect()
    }

    /// All persons as they are, deleted ones included, by id.
    #[must_use]
    pub fn persons(&self) -> Vec<Person> {
        self.server.ledger.look(&self.server.data).present().persons().collect()
    }

    /// All organizations as they are, deleted ones included, by id.
    #[must_use]
    pub fn organizations(&self) -> Vec<Organization> {
        self.server.ledger.look(&self.server.data).present().organizations().collect()
    }

    /// The fields of an entity as they are, the custom ones last.
    #[must_use]
    pub fn fields(&self, entity: Entity) -> Vec<Field> {
        self.server.ledger.look(&self.server.data).present().fields(entity).cloned().collect()
    }

    /// The value that a record's `custom` holds for the custom field with this key, be it deleted by now.
    #[must_use]
    pub fn custom_value<'a>(
        &self,
        entity: Entity,
        custom: &'a [Option<CustomValue>],
        key: &str,
    ) -> Option<&'a CustomValue> {
        let position = self.server.ledger.look(&self.server.data).present().position(entity, key)?;
        custom.get(position)?.as_ref()
    }

    /// The company as it was at the start, without edits.
    #[must_use]
    pub fn dataset(&self) -> &Dataset {
        &self.server.data
    }
}

/// Shows no secret.
impl fmt::Debug for Running {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Running").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if the server ended by itself.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
