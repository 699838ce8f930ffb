//! Probes: what the driver takes for granted of Pipedrive (`docs/ASSUMPTIONS.md`), put to the test on one account, by
//! reading only.
//!
//! - `table.rs`: every probe as a row: its name, what it settles, its price; and the pages that probes share
//! - `verdict.rs`: what a probe found, and what of it is kept
//! - `desk.rs`: asking: each shared page once, one request at a time, nothing more once an answer ends the run
//! - `page.rs`: a page of records as JSON; `compare.rs`: a narrowed list against a page of all
//! - what is asked, and what follows from the answers: `filters.rs` (parameters), `orders.rs` (`sort_by`, pages),
//!   `lists.rs` (which list has what), `custom.rs` (custom fields), `values.rs` (built-in members), `told.rs` (headers)
//!
//! The price is bounded whatever the size of the account: no list is read beyond its first page. Findings name ids,
//! counts and names of parameters, never what records hold.

mod compare;
mod custom;
mod desk;
mod filters;
mod lists;
mod orders;
mod page;
mod table;
mod told;
mod values;
mod verdict;

use std::sync::Arc;

use futures::future::BoxFuture;
use parking_lot::Mutex;

use crate::call::Call;
use crate::{Error, ErrorKind, Result, Session};
use desk::{CONFIRMATIONS, Desk};
use table::SHARED;

pub use table::PROBES;
pub(crate) use verdict::keep;
pub use verdict::{Finding, Verdict};

/// One thing that is taken for granted, and how it is put to the test.
pub struct Probe {
    /// Its name, by which `docs/ASSUMPTIONS.md` and the state file know it.
    pub name: &'static str,
    /// What is taken for granted, in one sentence.
    pub assumption: &'static str,
    /// The most requests that it sends besides those for pages that probes share.
    pub requests: u32,
    /// The most API tokens that these cost by list price.
    pub tokens: u32,
    run: Run,
}

/// Asks, and judges what came.
type Run = for<'a> fn(&'a mut Desk, &'static Probe) -> BoxFuture<'a, Result<Verdict>>;

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Probe").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a run costs at most, by list price; a request that fails and is tried again counts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// Requests.
    pub requests: u32,
    /// API tokens.
    pub tokens: u32,
}

/// How far a run is: told after each probe.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Probes that are done, this one included.
    pub done: usize,
    /// Probes of the run.
    pub of: usize,
    /// What the last one found.
    pub finding: &'a Finding,
}

/// What became of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was found, in the order of [`PROBES`]. A probe that the run did not get to has nothing here.
    pub findings: Vec<Finding>,
    /// Why it did not get to all of them.
    pub stopped: Option<Error>,
}

/// What [`run`] costs at most. Asks nothing.
pub fn plan() -> Price {
    let probes = PROBES.iter().map(|probe| (probe.requests, probe.tokens));
    let shared = SHARED.iter().map(|shared| (1, shared.tokens));
    let all = probes.chain(shared).chain([(CONFIRMATIONS, CONFIRMATIONS)]);
    let (requests, tokens) = all.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    Price { requests, tokens }
}

/// Puts every assumption of [`PROBES`] to the test, in that order, and keeps each finding in the state folder as soon
/// as it is made: a run that ends early leaves what it found to [`kept`].
///
/// A list that may not be read leaves its probes undecided. A token that is refused (`SignIn`), an account that is not
/// open (`Account`), a spent budget (`Budget`), a host that keeps failing (`Network`), `Timeout` and `Cancelled` end the
/// run: probes that need no more than what had come by then are judged by that.
pub fn run(session: &Session, mut progress: impl FnMut(Step<'_>) + Send + 'static, call: &Call) -> Outcome {
    let tables = session.definitions().clone();
    // Beside the call, which takes what it holds along when it is given up.
    let made = Arc::new(Mutex::new(Vec::with_capacity(PROBES.len())));
    let findings = made.clone();
    let ended = call.run(async move {
        let mut desk = Desk::new(tables.client().clone());
        for probe in PROBES {
            let verdict = judged((probe.run)(&mut desk, probe).await);
            // What is undecided from there on may be so for lack of an answer.
            if desk.stopped().is_some() && !verdict.is_settled() {
                continue;
            }
            let finding = Finding::new(probe.name, verdict);
            tables.keep(|state| keep(&mut state.verdicts, finding.clone()));
            let done = {
                let mut findings = findings.lock();
                findings.push(finding.clone());
                findings.len()
            };
            progress(Step { done, of: PROBES.len(), finding: &finding });
        }
        Ok(desk.stopped().cloned())
    });
    let findings = std::mem::take(&mut *made.lock());
    let stopped = ended.unwrap_or_else(Some).filter(|_| findings.len() < PROBES.len());
    Outcome { findings, stopped }
}

/// What earlier runs found out about this account, in the order of [`PROBES`]. Asks nothing.
pub fn kept(session: &Session) -> Vec<Finding> {
    let mut verdicts = session.definitions().state().verdicts;
    PROBES.iter().filter_map(|probe| verdicts.remove(probe.name)).collect()
}

/// What an error means for the probe that met it.
fn judged(outcome: Result<Verdict>) -> Verdict {
    outcome.unwrap_or_else(|error| match error.kind() {
        // Pipedrive does not take what the driver would send.
        ErrorKind::General => verdict::refuted(error.message()),
        _ => verdict::undecided(error.message()),
    })
}

/// A fault of this crate: a probe names what the model lacks.
fn unknown(name: &str) -> Error {
    Error::new(ErrorKind::NotSupported, format!("there is nothing to ask about {name}; please report it"))
}
