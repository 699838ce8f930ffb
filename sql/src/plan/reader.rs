//! A scan at work: turns a [`ScanRequest`](super::request::ScanRequest) into batches.
//!
//! Every page is checked against what was asked for and filtered before its rows go up. Chains follow one another
//! (`chain.rs`); a record that a later one meets again, because it moved between two lists meanwhile, is given once.
//! Where pages do not come in the order that was asked for, the lists are read anew and whole.
//!
//! - here: the steps of a scan, one after the other
//! - `reader/keys.rs`: records that are asked for by their keys
//! - `reader/checks.rs`: what a page is checked for

mod checks;
mod keys;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use checks::{check_facts, engine, filtered, moments, numbers};
use datafusion::arrow::array::Int64Array;
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::physical_plan::ExecutionPlan;

use super::chain::{Chain, Order, Running, Side, TELLING};
use super::driven::driven;
use super::exec::ScanExec;
use super::fetcher::Fetcher;
use super::pushdown::{KEPT_MOMENT, moment};
use super::request::{ListCall, Target, Top, Walk};
use super::statement::Statement;
use crate::api::{Request, Seen};
use crate::decode::Page;
use crate::model::Push;
use crate::{Error, ErrorKind, Result};

/// Seconds by which the clocks of one host may differ from each other.
const MARGIN: i64 = 60;
/// Seconds by which this computer's clock may differ from the host's, where the host does not tell its own.
const FOREIGN_MARGIN: i64 = 600;

/// Calls that are still to be made.
#[derive(Debug)]
enum Step {
    /// Single records, together.
    Singles(Vec<i64>),
    /// The records of some keys of a list.
    Keys(ListCall, Vec<i64>),
    /// The last of them, which takes along the keys that had no record so far.
    LastKeys(ListCall, Vec<i64>),
    /// A list.
    Chain(Box<Chain>),
    /// What changed in a list since the scan began: records that moved into it from one that was read later.
    CatchUp(ListCall),
}

/// The state of a running scan.
pub(super) struct Reader {
    fetcher: Fetcher,
    schema: SchemaRef,
    steps: VecDeque<Step>,
    running: Option<Running>,
    /// Chains of keys that were begun before the running one has ended.
    begun: VecDeque<Running>,
    /// Keys that were asked for twice.
    twice: HashSet<i64>,
    /// Whether what comes was missing when it was asked for first.
    again: bool,
    /// The keys that were met, each with the number of the end of a chain that met it.
    met: HashMap<i64, u32>,
    numbers: u32,
    /// When the host answered first, in seconds since 1970: before the scan began, where that was from memory.
    began: Option<i64>,
    /// When the last of what was taken was there: nothing that comes next is older.
    after: Option<Instant>,
    /// The moments of the rows that passed, where the first rows by a moment are wanted.
    best: Vec<i64>,
    /// Whether pages came out of order, so that no order is relied upon any more.
    lax: bool,
    left: usize,
    ready: VecDeque<RecordBatch>,
}

impl Reader {
    pub(super) fn new(scan: &ScanExec, statement: Arc<Statement>) -> Self {
        let fetcher = Fetcher::new(driven(scan), scan.source.clone(), statement, scan.tally.clone());
        let mut reader = Self {
            fetcher,
            schema: scan.schema(),
            steps: VecDeque::new(),
            running: None,
            begun: VecDeque::new(),
            twice: HashSet::new(),
            again: false,
            met: HashMap::new(),
            numbers: 0,
            began: None,
            after: None,
            best: Vec::new(),
            lax: false,
            left: scan.limit.unwrap_or(usize::MAX),
            ready: VecDeque::new(),
        };
        reader.steps = reader.plan();
        reader
    }

    /// The next batch with rows, or `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let next = self.advance().await;
        if next.as_ref().is_err_and(|error| matches!(error.kind(), ErrorKind::Network | ErrorKind::General)) {
            // A page that cannot be used must not come again from memory when the statement is tried again.
            self.fetcher.source.client.forget_answers();
        }
        next
    }

    async fn advance(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if self.left == 0 {
                self.running = None;
                self.begun.clear();
                return Ok(None);
            }
            if let Some(batch) = self.ready.pop_front() {
                let batch = batch.slice(0, batch.num_rows().min(self.left));
                self.left -= batch.num_rows();
                self.fetcher.tally.gave(batch.num_rows());
                return Ok(Some(batch));
            }
            if !self.read().await? {
                return Ok(None);
            }
        }
    }

    /// The steps from the beginning.
    fn plan(&self) -> VecDeque<Step> {
        let request = &self.fetcher.request;
        match &request.target {
            Target::Nothing => VecDeque::new(),
            Target::Singles(keys) => VecDeque::from([Step::Singles(keys.clone())]),
            Target::Ids(keys) => self.keys_of(keys),
            Target::List => {
                let chains = request.lists.iter().flat_map(|list| self.whole(list));
                let earlier = ListCall::merged(request.lists.iter().take(request.lists.len().saturating_sub(1)));
                chains.chain(earlier.into_iter().map(Step::CatchUp)).collect()
            }
        }
    }

    /// The chains that read a list.
    fn whole(&self, list: &ListCall) -> Vec<Step> {
        let request = &self.fetcher.request;
        let plain = Walk::by_key(request.entity);
        if self.lax {
            let first = request.list(list, &plain);
            return vec![Step::Chain(Box::new(Chain { facts: list.facts, ..Chain::plain(first, plain) }))];
        }
        let chains = request.chains(list).into_iter();
        chains.map(|(first, walk)| Step::Chain(Box::new(self.strict(list, first, walk)))).collect()
    }

    /// A chain that relies on its order, where that is for more than show.
    fn strict(&self, list: &ListCall, first: Request, walk: Walk) -> Chain {
        let request = &self.fetcher.request;
        let plain = Walk::by_key(request.entity);
        let sorted = request.entity.sorts.contains(&walk.by);
        let unhurried = self.left == usize::MAX && !request.ordered && request.modified.is_none();
        let splits = sorted && walk == plain && unhurried && self.fetcher.source.pushdown && request.page_size > 1;
        let known = self.fetcher.source.tables.rows_of(request);
        Chain {
            strict: sorted && (request.ordered || splits || walk != plain),
            telling: if walk.by == request.entity.key { 0 } else { TELLING },
            back: splits.then(|| request.list(list, &Walk { descending: true, ..plain })),
            known_pages: known.map(|rows| rows.div_ceil(request.page_size)),
            facts: list.facts,
            ..Chain::plain(first, walk)
        }
    }

    /// The chain that reads what changed in a list since shortly before the scan began.
    fn catch_up(&self, list: &ListCall) -> Option<Chain> {
        let range = |push| match push {
            Push::Range(since, _) => Some(since),
            _ => None,
        };
        let since = self.fetcher.source.table.columns.iter().find_map(|column| range(column.pushes?))?;
        let began = self.began? - MARGIN;
        let walk = Walk::by_key(self.fetcher.request.entity);
        let first = self.fetcher.request.list(list, &walk).with(since, moment(began)?);
        Some(Chain::plain(first, walk))
    }

    /// Notes when an answer was given. The first one of all says from when on changes may have been missed.
    fn saw(&mut self, seen: &Seen) {
        let here = || i64::try_from(seen.time).ok().map(|time| time - FOREIGN_MARGIN);
        self.began = self.began.or(seen.host_time).or_else(here);
        self.after = self.after.max(Some(seen.answered));
    }

    /// Goes one step further: a page, or the single records; false when there is nothing left to read.
    async fn read(&mut self) -> Result<bool> {
        if let Some(running) = &mut self.running {
            if let Some((side, read)) = running.next(&self.fetcher).await? {
                self.saw(&read.seen);
                self.take(side, read.page)?;
                return Ok(true);
            }
            self.end_of_chain();
            self.begin_ahead();
        }
        if let Some(begun) = self.begun.pop_front() {
            self.running = Some(begun);
            return Ok(true);
        }
        match self.steps.pop_front() {
            None => return Ok(self.ask_again()),
            Some(Step::Singles(keys)) => self.read_singles(keys).await?,
            Some(Step::Keys(list, keys)) => self.run(self.some(&list, &keys)),
            Some(Step::LastKeys(list, keys)) => self.run_last(&list, keys),
            Some(Step::Chain(chain)) => self.run(*chain),
            Some(Step::CatchUp(list)) => {
                if let Some(chain) = self.catch_up(&list) {
                    self.run(chain);
                }
            }
        }
        Ok(true)
    }

    fn run(&mut self, chain: Chain) {
        self.running = Some(Running::new(chain, self.number(), self.after));
    }

    /// The first of two numbers, one for each end of a chain.
    const fn number(&mut self) -> u32 {
        self.numbers += 2;
        self.numbers
    }

    /// Remembers how many rows a list has, where it was read whole.
    fn end_of_chain(&mut self) {
        let Some(running) = self.running.take() else { return };
        let request = &self.fetcher.request;
        let whole = running.chain.keys.is_none()
            && request.modified.is_none()
            && running.chain.walk == Walk::by_key(request.entity);
        if whole && request.lists.len() == 1 && request.target == Target::List && self.steps.is_empty() {
            self.fetcher.source.tables.remember_rows(request, self.met.len());
        }
    }

    /// Takes a page of the running chain: its order, its rows, whether it ends the chain.
    fn take(&mut self, side: Side, page: Page) -> Result<()> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        if let Some(keys) = &running.chain.keys {
            self.expect(&page.batch, keys)?;
            self.check_left_out(&page.batch, self.largest_met())?;
        }
        check_facts(&page.batch, &running.chain)?;
        let values = moments(&page.batch, running.chain.walk.by)?;
        // A record without its key is an error of its own.
        let is_key = running.chain.walk.by == self.fetcher.request.entity.key;
        if running.note(side, values.iter().filter(|value| value.is_some() || !is_key)) == Order::Broken {
            return self.start_anew("pages came out of the order that was asked for");
        }
        let more = !running.is_finished();
        let number = running.number_of(side);
        self.running = Some(running);
        let kept = self.checked(page, number)?;
        let top = self.fetcher.request.top.filter(|_| !self.lax);
        if let Some(top) = top {
            if self.is_enough(top, &kept, &values)? {
                self.running.iter_mut().for_each(Running::finish);
            } else if more && top.by != KEPT_MOMENT {
                // A record that is changed meanwhile would move between the pages.
                self.met.clear();
                return self.start_anew("the first page did not have enough of the first rows");
            }
        }
        self.give(&kept)?;
        self.read_ahead();
        Ok(())
    }

    /// Asks for the next page if the rows at hand are not enough.
    fn read_ahead(&mut self) {
        let at_hand: usize = self.ready.iter().map(RecordBatch::num_rows).sum();
        if let Some(running) = self.running.as_mut().filter(|_| at_hand < self.left) {
            running.read_ahead(&self.fetcher);
        }
    }

    /// Reads the lists whole, since they cannot be relied upon to come in another order than they do.
    fn start_anew(&mut self, why: &str) -> Result<()> {
        if self.fetcher.request.ordered {
            let text = format!("{}: {why}; leave ORDER BY out, or set Pushdown=off", self.path());
            return Err(Error::new(ErrorKind::Network, text));
        }
        self.fetcher.tally.decided(format!("{why}, so the whole list was read"));
        self.lax = true;
        self.running = None;
        self.steps = self.plan();
        Ok(())
    }

    /// Whether the rows that passed so far are all of the first ones: one beyond the last of them was met.
    fn is_enough(&mut self, top: Top, kept: &RecordBatch, page: &Int64Array) -> Result<bool> {
        self.best.extend(numbers(kept, top.by)?.iter().flatten());
        // Local times may go back where the order of the pages does not.
        self.best.sort_unstable_by(|one, other| if top.descending { other.cmp(one) } else { one.cmp(other) });
        let zone = self.fetcher.source.zone;
        let (Some(&last), Some(beyond)) = (self.best.get(top.rows.saturating_sub(1)), page.iter().flatten().last())
        else {
            return Ok(top.rows == 0);
        };
        if !self.running.as_ref().is_some_and(Running::is_telling) {
            return Ok(false);
        }
        Ok(if top.descending { beyond < zone.earliest_utc(last) } else { beyond > zone.latest_utc(last) })
    }

    /// The rows of a page that were not met before and satisfy what they must.
    fn checked(&mut self, page: Page, number: u32) -> Result<RecordBatch> {
        self.fetcher.tally.took(page.batch.num_rows());
        if page.rounded {
            self.fetcher.statement.note_rounding();
        }
        let fresh = self.fresh(&page.batch, number)?;
        let batch = if fresh.true_count() == fresh.len() {
            page.batch
        } else {
            filter_record_batch(&page.batch, &fresh).map_err(engine)?
        };
        filtered(batch, self.fetcher.source.filter.as_ref())
    }

    /// Makes rows ready to be given out.
    fn give(&mut self, kept: &RecordBatch) -> Result<()> {
        if kept.num_rows() > 0 {
            if self.again && self.fetcher.request.ordered {
                let text =
                    format!("{} left out a record and gave it when asked again; run the statement again", self.path());
                return Err(Error::new(ErrorKind::Network, text));
            }
            let batch = kept.project(&self.fetcher.source.output).map_err(engine)?;
            // A page's columns are all nullable; the table knows which cannot be, and this checks that they are not.
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let batch = RecordBatch::try_new_with_options(self.schema.clone(), batch.columns().to_vec(), &options);
            self.ready.push_back(batch.map_err(engine)?);
        }
        Ok(())
    }

    fn path(&self) -> &'static str {
        self.fetcher.request.entity.lists.first().map_or("", |list| list.path)
    }
}
