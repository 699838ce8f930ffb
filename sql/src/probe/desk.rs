//! Asking on behalf of the probes: each shared page once, one request at a time.
//!
//! One at a time, because the difference that a request makes to the day's budget is what it was charged. Once the
//! token is refused, the budget is spent, or the host has failed a few times, nothing more is sent.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;

use super::page::{Page, Record};
use super::table::{SHARED, Shared};
use super::unknown;
use crate::api::{Answer, Client, Meter, Request};
use crate::model::{Entity, entity};
use crate::{Error, ErrorKind, Result};

/// Rows that are asked for at once: a full page.
pub(super) const FULL: usize = 500;
/// Single records that are asked for in a run, to tell a row that is kept back from one that changed meanwhile.
pub(super) const CONFIRMATIONS: u32 = 8;
/// Requests that may fail before no more are sent.
const FAILURES: u32 = 3;

/// What probes ask with, and what they have learnt so far.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) client: Client,
    meter: Meter,
    shared: HashMap<&'static str, Result<Arc<Page>>>,
    confirmations: u32,
    failures: u32,
    stopped: Option<Error>,
    /// What requests of a list price were charged, by that price.
    pub(super) charges: BTreeMap<u32, Vec<u64>>,
    /// Whether v1 and v2 have answered.
    pub(super) answered: [bool; 2],
}

impl Desk {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client,
            meter: Meter::default(),
            shared: HashMap::new(),
            confirmations: 0,
            failures: 0,
            stopped: None,
            charges: BTreeMap::new(),
            answered: [false; 2],
        }
    }

    /// Why nothing more is sent.
    pub(super) const fn stopped(&self) -> Option<&Error> {
        self.stopped.as_ref()
    }

    /// A page that probes share ([`SHARED`]), asked for when it is first needed.
    ///
    /// # Errors
    /// `NotSupported` when it could not be read, be it for this probe or an earlier one.
    pub(super) async fn shared(&mut self, name: &str) -> Result<Arc<Page>> {
        let shared = SHARED.iter().find(|shared| shared.name == name).ok_or_else(|| unknown(name))?;
        if let Some(page) = self.shared.get(shared.name) {
            return page.clone();
        }
        let page = self.read_shared(shared).await;
        // What was not asked for is missing for every probe that needs it.
        if self.stopped.is_none() {
            self.shared.insert(shared.name, page.clone());
        }
        page
    }

    async fn read_shared(&mut self, shared: &Shared) -> Result<Arc<Page>> {
        match self.page(&shared.request()).await {
            Ok(page) => Ok(Arc::new(page)),
            // It speaks against none of the probes that need the page.
            Err(error) => Err(Error::new(ErrorKind::NotSupported, error.message())),
        }
    }

    /// A page.
    ///
    /// # Errors
    /// Those of [`Client::get`]; `General` for a request that Pipedrive does not take, `NotSupported` where there is no
    /// such list.
    pub(super) async fn page(&mut self, request: &Request) -> Result<Page> {
        let Some(body) = self.get(request).await? else {
            let text = format!("Pipedrive has nothing at {}", request.path());
            return Err(Error::new(ErrorKind::NotSupported, text));
        };
        let page = Page::read(&body);
        page.ok_or_else(|| self.failed(Error::new(ErrorKind::Network, format!("{} is no list", request.path()))))
    }

    /// A single record; `None` where there is none.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub(super) async fn record(&mut self, request: &Request) -> Result<Option<Record>> {
        #[derive(Deserialize)]
        struct Envelope {
            data: Option<Record>,
        }
        let Some(body) = self.get(request).await? else { return Ok(None) };
        match serde_json::from_slice::<Envelope>(&body) {
            Ok(envelope) => Ok(envelope.data),
            Err(_) => Err(self.failed(Error::new(ErrorKind::Network, format!("{} is no record", request.path())))),
        }
    }

    /// Whether a record that a list lacks is there as it was `known`, and `belongs` there all the same.
    ///
    /// # Errors
    /// As [`Self::page`]; `NotSupported` when too much was asked for this way already.
    pub(super) async fn still(
        &mut self,
        entity: &Entity,
        known: &Record,
        belongs: impl Fn(&Record) -> bool,
    ) -> Result<bool> {
        let (single, id) = entity.single.zip(known.id()).ok_or_else(|| unknown(entity.name))?;
        let record = self.confirm(&Request::new(format!("{}/{id}", single.path), 1).scope(entity.scope)).await?;
        Ok(record.is_some_and(|record| {
            let same = record.member("update_time") == known.member("update_time");
            same && !record.is("is_deleted") && !record.is("is_archived") && belongs(&record)
        }))
    }

    /// A single record, at one token, or none, to tell what an answer keeps back from what changed meanwhile.
    ///
    /// # Errors
    /// As [`Self::still`].
    pub(super) async fn confirm(&mut self, request: &Request) -> Result<Option<Record>> {
        if self.confirmations == CONFIRMATIONS {
            let text = "too many answers lacked something for all of it to be looked into; run it again";
            return Err(Error::new(ErrorKind::NotSupported, text));
        }
        self.confirmations += 1;
        self.record(request).await
    }

    async fn get(&mut self, request: &Request) -> Result<Option<Bytes>> {
        if let Some(error) = &self.stopped {
            return Err(error.clone());
        }
        let (left, sent) = (self.client.day_budget().remaining, self.meter.requests());
        let answer = self.client.get(request, &self.meter).await.map_err(|error| self.failed(error))?;
        self.answered[usize::from(request.path().starts_with("/v2/"))] = true;
        let Answer::Found(body) = answer else { return Ok(None) };
        let charged =
            left.zip(self.client.day_budget().remaining).and_then(|(before, after)| before.checked_sub(after));
        if let Some(charged) = charged.filter(|_| self.meter.requests() == sent + 1) {
            self.charges.entry(request.tokens()).or_default().push(charged);
        }
        Ok(Some(body))
    }

    /// Notes a failure that is likely to come again.
    fn failed(&mut self, error: Error) -> Error {
        self.failures += u32::from(error.kind() == ErrorKind::Network);
        let ends = matches!(error.kind(), ErrorKind::SignIn | ErrorKind::Account | ErrorKind::Budget);
        if ends || self.failures >= FAILURES {
            self.stopped = Some(error.clone());
        }
        error
    }
}

/// The entity that a probe is about.
///
/// # Errors
/// `NotSupported` when there is none.
pub(super) fn about(name: &str) -> Result<&'static Entity> {
    entity(name).ok_or_else(|| unknown(name))
}

/// A request for the first list of an entity, by id.
pub(super) fn list(entity: &Entity, limit: usize) -> Result<Request> {
    let list = entity.lists.first().ok_or_else(|| unknown(entity.name))?;
    let request = Request::new(list.path, list.tokens).scope(entity.scope);
    Ok(request.with("sort_by", "id".into()).with("limit", limit.to_string()))
}
