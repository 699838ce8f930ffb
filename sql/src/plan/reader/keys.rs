//! Records that are asked for by their keys: a hundred a request, and once more where a key had no record.

use std::collections::VecDeque;

use super::checks::filtered;
use super::{Reader, Step};
use crate::Result;
use crate::plan::chain::{Chain, Running};
use crate::plan::fetcher::Read;
use crate::plan::pushdown::MAX_SINGLES;
use crate::plan::request::{IDS_PER_CALL, ListCall, Target};

/// Requests for keys that are under way at the same time.
const KEYS_AHEAD: usize = 4;

impl Reader {
    /// The records of these keys, from every list.
    pub(super) fn keys_of(&self, keys: &[i64]) -> VecDeque<Step> {
        let lists = &self.fetcher.request.lists;
        let calls = lists.iter().flat_map(|list| keys.chunks(IDS_PER_CALL).map(move |keys| (list, keys)));
        let mut steps: VecDeque<_> = calls.map(|(list, keys)| Step::Keys(list.clone(), keys.to_vec())).collect();
        // With several lists a key without a record may have one in the next; with an order nothing can come later.
        let may_wait = lists.len() == 1 && steps.len() > 1 && !self.fetcher.request.ordered;
        if let (true, Some(Step::Keys(list, keys))) = (may_wait, steps.pop_back_if(|_| may_wait)) {
            steps.push_back(Step::LastKeys(list, keys));
        }
        steps
    }

    /// The chain that reads the records of some keys.
    pub(super) fn some(&self, list: &ListCall, keys: &[i64]) -> Chain {
        let request = &self.fetcher.request;
        Chain {
            strict: request.ordered,
            keys: Some(keys.iter().copied().collect()),
            facts: list.facts,
            ..Chain::plain(request.ids(list, keys), request.walk)
        }
    }

    /// Asks for the last keys, and with them for those that had no record so far.
    pub(super) fn run_last(&mut self, list: &ListCall, mut keys: Vec<i64>) {
        let room = IDS_PER_CALL.saturating_sub(keys.len());
        let missing: Vec<i64> = self.missing().filter(|key| !keys.contains(key)).take(room).collect();
        self.twice.extend(&missing);
        keys.extend(missing);
        self.run(self.some(list, &keys));
    }

    pub(super) async fn read_singles(&mut self, keys: Vec<i64>) -> Result<()> {
        let number = self.number();
        let largest = self.largest_met();
        let reads = self.fetcher.singles(&keys, self.after).await?;
        let keys = keys.into_iter().collect();
        for Read { page, seen, .. } in reads {
            self.saw(&seen);
            self.expect(&page.batch, &keys)?;
            // A single get answers with records that the list has not, too; those of the table alone are looked at.
            let rows = filtered(page.batch.clone(), self.fetcher.source.filter.as_ref())?;
            self.check_left_out(&rows, largest)?;
            let kept = self.checked(page, number)?;
            self.give(&kept)?;
        }
        Ok(())
    }

    /// The largest key that was met so far.
    pub(super) fn largest_met(&self) -> i64 {
        // Looked up where it is needed: nothing was asked for twice before.
        if self.twice.is_empty() {
            return 0;
        }
        self.met.keys().copied().max().unwrap_or(0)
    }

    /// Keys that were asked for and had no record, those aside that were asked for twice.
    fn missing(&self) -> impl Iterator<Item = i64> {
        let keys: &[i64] = match &self.fetcher.request.target {
            Target::Ids(keys) => keys,
            _ => &[],
        };
        keys.iter().copied().filter(|key| !self.met.contains_key(key) && !self.twice.contains(key))
    }

    /// A key without a record is mostly that of a deleted one. An answer that lacks a record looks the same, so what is
    /// missing is asked for once more (what comes then is an error); whether there is anything to ask.
    pub(super) fn ask_again(&mut self) -> bool {
        let missing: Vec<i64> = self.missing().collect();
        self.twice.extend(&missing);
        self.again = true;
        let few = missing.len() <= MAX_SINGLES && self.fetcher.request.entity.single.is_some();
        match missing.as_slice() {
            [] => return false,
            _ if few => self.steps.push_back(Step::Singles(missing)),
            _ => {
                let steps = self.keys_of(&missing);
                // No step of these waits for others: nothing is missing that was not asked for twice.
                self.steps.extend(steps);
            }
        }
        true
    }

    /// After the first hundred keys, the next ones are asked for some hundreds at a time.
    pub(super) fn begin_ahead(&mut self) {
        while self.begun.len() < KEYS_AHEAD
            && let Some(Step::Keys(list, keys)) = self.steps.pop_front_if(|step| matches!(step, Step::Keys(..)))
        {
            let mut running = Running::new(self.some(&list, &keys), self.number(), self.after);
            running.start(&self.fetcher);
            self.begun.push_back(running);
        }
    }
}
