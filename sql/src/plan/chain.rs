//! A list on its way, page by page: from one end, or from both ends of the key at once.
//!
//! A chain of pages sorted by the key sees every record once, however records change meanwhile. Two chains from both
//! ends do so, too: they meet at a key, and each record has its key for life. Reading starts slowly: nothing is read
//! ahead until two pages were consumed (a page is consumed when a row of the next one is needed).
//!
//! A page may come from memory only as it was after the page was there that it follows upon; the first one from the back
//! follows upon the first one from the front (`api/reuse.rs` says why that keeps a scan complete).

use std::collections::HashSet;
use std::time::Instant;

use tokio::task::JoinSet;

use super::fetcher::{Fetcher, Read};
use super::request::Walk;
use crate::api::Request;
use crate::trace::Trace;
use crate::{Error, ErrorKind, Result};

/// Pages that are consumed before one is read ahead.
const SLOW_START: usize = 2;
/// Pages that a list must be expected to have before it is read from both ends.
const WORTH_SPLITTING: usize = 10;

/// Rows with a moment that must have come in its order before the order is relied upon: fewer may lie so by chance.
pub(super) const TELLING: usize = 10;

/// The end of a list that pages are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Front,
    Back,
}

/// What a chain is to do.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) first: Request,
    pub(super) walk: Walk,
    /// Whether rows that come in another order are a reason to start anew.
    pub(super) strict: bool,
    /// Rows that must have come in order before reading may end early.
    pub(super) telling: usize,
    /// The keys that were asked for, where a list was asked for some only.
    pub(super) keys: Option<HashSet<i64>>,
    /// Flags that every record must have.
    pub(super) facts: &'static [(&'static str, bool)],
    /// The first call from the other end, where the list may be read from both.
    pub(super) back: Option<Request>,
    /// Pages that the list had when it was last read.
    pub(super) known_pages: Option<usize>,
}

impl Chain {
    /// A list from the front to its end, in whatever order the rows come.
    pub(super) const fn plain(first: Request, walk: Walk) -> Self {
        Self { first, walk, strict: false, telling: 0, keys: None, facts: &[], back: None, known_pages: None }
    }
}

/// A chain at work.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) chain: Chain,
    /// The number under which rows from the front are remembered; those from the back have the next one.
    pub(super) number: u32,
    front: End,
    back: Option<End>,
    /// When the first page was there.
    first: Option<Instant>,
    /// Pages that are being read. Dropping them stops the calls.
    ahead: JoinSet<(Side, Result<Read>)>,
    consumed: usize,
    finished: bool,
}

/// One end of the list.
#[derive(Debug)]
struct End {
    next: Option<Request>,
    /// When the page was there that the next one follows upon.
    after: Option<Instant>,
    in_flight: bool,
    /// Whether what is in flight comes from memory.
    at_hand: bool,
    cursors: HashSet<String>,
    /// The value of the last row that has one.
    last: Option<i64>,
    /// Rows that have one.
    valued: usize,
    /// Whether rows without a value came before all others.
    empty_first: bool,
    /// Whether rows without a value came after others.
    empty_last: bool,
}

impl End {
    fn at(first: Request, after: Option<Instant>) -> Self {
        Self {
            next: Some(first),
            after,
            in_flight: false,
            at_hand: false,
            cursors: HashSet::new(),
            last: None,
            valued: 0,
            empty_first: false,
            empty_last: false,
        }
    }
}

impl End {
    /// Whether its next page is at hand, or in a moment.
    fn is_quick(&self, fetcher: &Fetcher) -> bool {
        match &self.next {
            Some(next) => fetcher.has(next, self.after),
            None => self.in_flight && self.at_hand,
        }
    }

    /// Takes the value of the next row; whether it may follow those before it. Rows without a value stand at one end of an
    /// order, whichever that is.
    fn follows(&mut self, value: Option<i64>, walk: &Walk) -> bool {
        let Some(value) = value else {
            self.empty_first |= self.last.is_none();
            self.empty_last |= self.last.is_some();
            return !(self.empty_first && self.empty_last);
        };
        let in_order = !self.empty_last && self.last.is_none_or(|last| walk.in_order(last, value));
        self.last = Some(value);
        self.valued += 1;
        in_order
    }
}

/// What the rows of a page say of the order that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Kept,
    Broken,
}

impl Running {
    /// A chain that follows upon what was there at `after`.
    pub(super) fn new(chain: Chain, number: u32, after: Option<Instant>) -> Self {
        let front = End::at(chain.first.clone(), after);
        Self { chain, number, front, back: None, first: None, ahead: JoinSet::new(), consumed: 0, finished: false }
    }

    /// Asks for the first page, before anyone waits for it.
    pub(super) fn start(&mut self, fetcher: &Fetcher) {
        self.ask(Side::Front, fetcher);
    }

    /// The next page and the end that it comes from; `None` when the list was read.
    pub(super) async fn next(&mut self, fetcher: &Fetcher) -> Result<Option<(Side, Read)>> {
        if self.finished {
            return Ok(None);
        }
        let (side, read) = match self.ahead.join_next().await {
            Some(read) => read.map_err(|_| Error::new(ErrorKind::General, "reading ahead was stopped"))?,
            None => match self.front.next.take() {
                Some(request) => (Side::Front, fetcher.page(request, self.front.after).await),
                None => return Ok(None),
            },
        };
        let read = read?;
        self.consumed += 1;
        let answered = read.seen.answered;
        self.first = self.first.or(Some(answered));
        let path = self.chain.first.path().to_owned();
        let Some(end) = self.end(side) else { return Ok(None) };
        end.in_flight = false;
        end.after = end.after.max(Some(answered));
        if let Some(cursor) = &read.page.next_cursor
            && !end.cursors.insert(cursor.clone())
        {
            let text = format!("{path} answered with a cursor that it had given before; rows would repeat");
            return Err(Error::new(ErrorKind::Network, text));
        }
        end.next.clone_from(&read.next);
        // The list has no more rows beyond, so from this end all of them were seen.
        self.finished |= read.next.is_none();
        Ok(Some((side, read)))
    }

    /// Notes where a page ended. `values` are those of the column that the chain is sorted by.
    pub(super) fn note(&mut self, side: Side, values: impl Iterator<Item = Option<i64>>) -> Order {
        let walk = self.walk(side);
        let Some(end) = self.end(side) else { return Order::Kept };
        let mut in_order = true;
        for value in values {
            in_order &= end.follows(value, &walk);
        }
        // In order, so the last row is the farthest.
        let is_beyond = end.last.is_some_and(|last| walk.is_beyond(last)) && self.is_telling();
        if self.chain.strict && !in_order {
            return Order::Broken;
        }
        let met = match (self.front.last, self.back.as_ref().and_then(|back| back.last)) {
            (Some(front), Some(back)) => front >= back,
            _ => false,
        };
        if is_beyond || met {
            self.finish();
        }
        Order::Kept
    }

    /// Whether enough rows came to rely on their order.
    pub(super) const fn is_telling(&self) -> bool {
        self.front.valued >= self.chain.telling
    }

    /// Nothing more of it is needed.
    pub(super) fn finish(&mut self) {
        self.finished = true;
        self.ahead.abort_all();
    }

    /// Whether the chain has no more pages.
    pub(super) const fn is_finished(&self) -> bool {
        self.finished
    }

    /// The number of a page's rows.
    pub(super) const fn number_of(&self, side: Side) -> u32 {
        match side {
            Side::Front => self.number,
            Side::Back => self.number + 1,
        }
    }

    const fn end(&mut self, side: Side) -> Option<&mut End> {
        match side {
            Side::Front => Some(&mut self.front),
            Side::Back => self.back.as_mut(),
        }
    }

    const fn walk(&self, side: Side) -> Walk {
        match side {
            Side::Front => self.chain.walk,
            Side::Back => Walk { descending: true, ..self.chain.walk },
        }
    }

    /// Asks for what comes next while the rows of the last page are taken.
    pub(super) fn read_ahead(&mut self, fetcher: &Fetcher) {
        if self.finished || self.consumed <= SLOW_START {
            return;
        }
        self.split(fetcher);
        for side in [Side::Front, Side::Back] {
            if self.gap() > self.in_flight() * rows_of(fetcher) {
                self.ask(side, fetcher);
            }
        }
    }

    /// Asks for the next page from one end, if that is not under way. Not as long as the other end has pages at hand: with
    /// those the two may meet.
    fn ask(&mut self, side: Side, fetcher: &Fetcher) {
        let other = match side {
            Side::Front => self.back.as_ref(),
            Side::Back => Some(&self.front),
        };
        let waits = other.is_some_and(|other| other.is_quick(fetcher));
        let Some(end) = self.end(side).filter(|end| !end.in_flight) else { return };
        let at_hand = end.is_quick(fetcher);
        if waits && !at_hand {
            return;
        }
        if let Some(request) = end.next.take() {
            (end.in_flight, end.at_hand) = (true, at_hand);
            let (fetcher, after) = (fetcher.clone(), end.after);
            self.ahead.spawn(Trace::current().carried(async move { (side, fetcher.page(request, after).await) }));
        }
    }

    /// Keys between the two ends: no more rows than that are left.
    fn gap(&self) -> i64 {
        match (self.front.last, self.back.as_ref().and_then(|back| back.last)) {
            (Some(front), Some(back)) => back.saturating_sub(front).saturating_sub(1),
            _ => i64::MAX,
        }
    }

    /// Pages that are being read.
    fn in_flight(&self) -> i64 {
        i64::from(self.front.in_flight) + self.back.as_ref().map_or(0, |back| i64::from(back.in_flight))
    }

    /// Begins at the other end, too, where that saves time and hardly costs a page: the two meet in the middle.
    fn split(&mut self, fetcher: &Fetcher) {
        // Nothing tells how long a list is but that it was read before, or that it has not ended yet.
        let expected = self.chain.known_pages.unwrap_or(0).max(self.consumed);
        if self.back.is_some() || expected < WORTH_SPLITTING {
            return;
        }
        // What is at hand takes no time; and the other end was read after it, if at all.
        if self.front.next.as_ref().is_some_and(|next| fetcher.has(next, self.front.after)) {
            return;
        }
        self.back = self.chain.back.clone().map(|back| End::at(back, self.first));
    }
}

/// Rows of a page.
fn rows_of(fetcher: &Fetcher) -> i64 {
    i64::try_from(fetcher.request.page_size).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(descending: bool, until: Option<i64>) -> Running {
        let walk = Walk { by: "add_time", descending, until };
        let chain = Chain { strict: true, telling: TELLING, ..Chain::plain(Request::new("/v2/deals", 10), walk) };
        Running::new(chain, 0, None)
    }

    #[test]
    fn a_missing_value_between_two_values_is_disorder() {
        let cases: [(&[&[Option<i64>]], Order); 8] = [
            (&[&[None, None, Some(1), Some(2)]], Order::Kept),
            (&[&[Some(1), Some(2), None, None]], Order::Kept),
            (&[&[Some(1), Some(2)], &[None], &[None]], Order::Kept),
            (&[&[None], &[None], &[Some(1)]], Order::Kept),
            (&[&[Some(1), None, Some(2)]], Order::Broken),
            (&[&[Some(1), None], &[Some(2)]], Order::Broken),
            (&[&[None, Some(1)], &[Some(2), None]], Order::Broken),
            (&[&[Some(2), Some(1)]], Order::Broken),
        ];
        for (pages, expected) in cases {
            let mut running = running(false, None);
            let orders = pages.iter().map(|page| running.note(Side::Front, page.iter().copied()));
            assert_eq!(orders.last(), Some(expected), "{pages:?}");
        }
    }

    #[test]
    fn a_handful_of_rows_in_order_by_chance_does_not_end_the_reading() {
        let mut running = running(true, Some(50));
        running.note(Side::Front, [Some(60), Some(40), Some(30)].into_iter());
        assert!(!running.is_finished(), "three rows");
        running.note(Side::Front, [None; 20].into_iter());
        assert!(!running.is_finished(), "rows without a moment tell nothing");
        let mut running = self::running(true, Some(50));
        running.note(Side::Front, (40..60).rev().map(Some));
        assert!(running.is_finished());
        let mut running = self::running(true, Some(39));
        running.note(Side::Front, (40..60).rev().map(Some));
        assert!(!running.is_finished());
    }
}
