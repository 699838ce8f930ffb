//! The calls of a scan, one at a time: sent, answered, decoded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures::future::try_join_all;

use super::exec::Source;
use super::request::{ScanRequest, Walk};
use super::statement::Statement;
use super::tally::Tally;
use crate::api::{Answer, Meter, Request, Seen};
use crate::decode::{self, Layout, LayoutColumn, Page};
use crate::model::{Reading, Table, TableColumn};
use crate::zone::Zone;
use crate::{Error, ErrorKind, Result};

/// What a call needs; cheap to clone into the task that reads ahead.
#[derive(Clone)]
pub(super) struct Fetcher {
    pub(super) request: Arc<ScanRequest>,
    pub(super) source: Arc<Source>,
    pub(super) layout: Arc<Layout>,
    pub(super) statement: Arc<Statement>,
    pub(super) tally: Arc<Tally>,
    /// Whether a custom field that is not defined had the definitions read anew.
    asked: Arc<AtomicBool>,
}

/// A page and the call that continues it.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) page: Page,
    pub(super) next: Option<Request>,
    /// When it was asked for and answered: some time ago, where it comes from memory.
    pub(super) seen: Seen,
}

impl Fetcher {
    pub(super) fn new(request: ScanRequest, source: Arc<Source>, statement: Arc<Statement>, tally: Arc<Tally>) -> Self {
        let layout = Arc::new(layout(&source.table, &source, &request.order()));
        Self { request: Arc::new(request), source, layout, statement, tally, asked: Arc::default() }
    }

    /// One page of a list, as it was no sooner than `after`: when the page was there that it follows upon.
    pub(super) async fn page(&self, request: Request, after: Option<Instant>) -> Result<Read> {
        let (answer, seen) = self.get(&request, after).await?;
        let page = match answer {
            Answer::Found(body) => self.decode(&body).await?,
            Answer::Missing => {
                let text = format!("{} does not exist on this host; check BaseURL or CompanyDomain", request.path());
                return Err(Error::new(ErrorKind::Network, text));
            }
        };
        // Only the first page may be a small one: who reads on needs more than a handful.
        let next = page.next_cursor.as_ref().map(|cursor| {
            let size = self.request.page_size.to_string();
            request.with("limit", size).with("cursor", cursor.clone())
        });
        tracing::trace!(
            "{request}: rows {}, {}",
            page.batch.num_rows(),
            if next.is_some() { "more" } else { "the last" }
        );
        Ok(Read { page, next, seen })
    }

    /// Whether a page would come from memory.
    pub(super) fn has(&self, request: &Request, after: Option<Instant>) -> bool {
        self.source.client.has(request, after)
    }

    /// The records of these keys, as they were no sooner than `after`; one that is gone, or was never there, is no row.
    pub(super) async fn singles(&self, ids: &[i64], after: Option<Instant>) -> Result<Vec<Read>> {
        let pages = ids.iter().map(|&id| async move {
            match self.get(&self.request.single(id), after).await {
                Ok((Answer::Found(body), seen)) => {
                    let page = self.decode(&body).await?;
                    Ok(Some(Read { page, next: None, seen }))
                }
                Ok((Answer::Missing, _)) => Ok(None),
                // Not to be seen by this user: the list leaves such records out, and says so of no one.
                Err(error) if error.kind() == ErrorKind::Forbidden && self.request.entity.ids => {
                    let list = self.request.lists.first().ok_or(error)?;
                    self.page(self.request.ids(list, &[id]), after).await.map(Some)
                }
                Err(error) => Err(error),
            }
        });
        Ok(try_join_all(pages).await?.into_iter().flatten().collect())
    }

    async fn get(&self, request: &Request, after: Option<Instant>) -> Result<(Answer, Seen)> {
        let (called, start) = (self.tally.called(request.tokens()), Instant::now());
        let told = self.source.client.read(request, self.meter(), after).await?;
        if told.recalled {
            called.recalled();
        } else {
            self.tally.answered(start.elapsed());
        }
        Ok((told.answer, told.seen))
    }

    fn meter(&self) -> &Meter {
        &self.statement.meter
    }

    /// Decodes a page; what the definitions do not know has them read once more.
    async fn decode(&self, body: &[u8]) -> Result<Page> {
        let page = decode::page(body, &self.layout)?;
        if page.lost_key {
            self.check_keys().await?;
        }
        if page.unknown_key && !self.asked.swap(true, Ordering::Relaxed) {
            // For the statements to come; the columns of this one were described.
            self.meter().cover(self.source.tables.confirm(self.request.entity)).await?;
        }
        if !page.unknown_option {
            return Ok(page);
        }
        match self.meter().cover(self.source.tables.refresh(self.request.entity)).await? {
            Some(fresh) => {
                let fresh = relabelled(&self.source.table, &fresh);
                decode::page(body, &layout(&fresh, &self.source, &self.request.order()))
            }
            None => Ok(page),
        }
    }

    /// Records lack a custom field. Where it was deleted the statement must not go on as if it had no values.
    async fn check_keys(&self) -> Result<()> {
        let fresh = self.meter().cover(self.source.tables.confirm(self.request.entity)).await?;
        let columns = self.source.decoded.iter().filter_map(|&index| self.source.table.columns.get(index));
        let gone = |column: &&TableColumn| {
            column.custom_key.is_some() && fresh.columns.iter().all(|other| other.custom_key != column.custom_key)
        };
        match columns.into_iter().find(gone) {
            None => Ok(()),
            Some(column) => {
                let (name, table) = (&column.name, self.request.entity.name);
                let text =
                    format!("the custom field {name} of {table} was deleted in Pipedrive; prepare the statement anew");
                Err(Error::new(ErrorKind::UnknownColumn, text))
            }
        }
    }
}

/// The table that the statement was planned with, its options labelled as the fresh definitions say.
fn relabelled(planned: &Table, fresh: &Table) -> Table {
    let mut table = planned.clone();
    for column in &mut table.columns {
        if let Some(found) = fresh.columns.iter().find(|other| other.path == column.path) {
            column.labels.clone_from(&found.labels);
        }
    }
    table
}

/// The columns that are decoded and, where local times hide the order of the pages, what they are sorted by.
fn layout(table: &Table, source: &Source, walk: &Walk) -> Layout {
    let columns = source.decoded.iter().filter_map(|&index| table.columns.get(index));
    let local = |by: &&TableColumn| source.zone != Zone::UTC && by.reading == Reading::Timestamp;
    let order = table.built_in(walk.by).filter(local);
    let order = order.map(|by| LayoutColumn { name: ORDER.into(), utc: true, ..LayoutColumn::from(by) });
    let keys = table.columns.iter().filter_map(|column| column.custom_key.clone());
    Layout::new(columns.map(LayoutColumn::from).chain(order).collect(), source.zone).with_keys(keys.collect())
}

/// The name of the column with what pages are sorted by, in UTC; no column of a table has it.
pub(super) const ORDER: &str = "\u{0}order";
