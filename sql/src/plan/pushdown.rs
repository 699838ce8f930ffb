//! Which part of a predicate the API can answer. Pure: tested without HTTP.
//!
//! "Exact", "superset" and "local" speak of the API only. Towards DataFusion the provider is always exact: every filter
//! is evaluated again on each page (`reader.rs`), so that nothing here can make a row appear that SQL would not give.
//! What must be proven here is the other direction: that no row is lost. `domain.rs` gives, for a column, a superset of
//! the values that can pass; each `push_*` below says why asking the API for that superset leaves out no row of it.
//! `pushdown/verdict.rs` tells how much of each filter is left to do.

mod verdict;

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike};
use datafusion::logical_expr::Expr;

pub(super) use verdict::Verdict;

use super::domain::{Domain, Key, Values, allowed};
use super::request::{IDS_PER_CALL, ListCall, Modified, Target, Walk};
use crate::model::{Entity, List, Push, Table, TableColumn};
use crate::zone::Zone;

/// What of a predicate goes to the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pushed {
    /// Where the rows come from.
    pub(super) target: Target,
    /// The lists to read, with what each of them is asked for.
    pub(super) lists: Vec<ListCall>,
    /// Query parameters of every list call.
    pub(super) parameters: Vec<(&'static str, String)>,
    /// In which order lists are read, and where that may end.
    pub(super) walk: Walk,
    /// Set where rows are wanted by when they were last changed.
    pub(super) modified: Option<Modified>,
    /// For each filter, how much of it the API answers.
    pub(super) verdicts: Vec<Verdict>,
    /// The table leaves out what the predicate asks for; the name of the one that has it.
    pub(super) elsewhere: Option<&'static str>,
}

/// Largest id that Pipedrive's JSON can carry: 2^53 - 1. No row has an id outside 1 to this.
const MAX_ID: i64 = (1 << 53) - 1;
/// Most keys for which single gets are sent together: up to here they cost less tokens, and one round trip.
pub(super) const MAX_SINGLES: usize = 3;
/// Most keys of a range that are counted out one by one.
const MAX_COUNTED: usize = 10_000;

/// What the connection has to say about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Rows of one page.
    pub(super) page_size: usize,
    /// False: nothing goes to the API but what makes up the table.
    pub(super) enabled: bool,
    /// The zone of the moments in filters; the API's are UTC.
    pub(super) zone: Zone,
    /// Rows of the whole table when it was last read.
    pub(super) known_rows: Option<usize>,
}

/// Decides what goes to the API.
pub(super) fn push(table: &Table, filters: &[Expr], terms: Terms) -> Pushed {
    let mut pushing = Pushing::new(table, filters, terms);
    if terms.enabled {
        pushing.run();
    }
    pushing.finish(terms.enabled)
}

/// A list with the values that are still asked for.
struct Chosen {
    list: &'static List,
    values: Vec<&'static str>,
}

impl Chosen {
    fn call(&self) -> ListCall {
        ListCall::of(self.list, &self.values)
    }
}

/// How far the API answers what the filters say of a column.
struct Answered {
    /// The domain of each filter.
    domains: Vec<Domain>,
    /// Whether no row outside of the domain comes.
    exact: bool,
    /// Whether the API leaves out nothing, but the reading ends early.
    ends: bool,
}

struct Pushing<'a> {
    table: &'a Table,
    filters: &'a [Expr],
    page_size: usize,
    known_rows: Option<usize>,
    zone: Zone,
    chosen: Vec<Chosen>,
    target: Target,
    parameters: Vec<(&'static str, String)>,
    walk: Walk,
    modified: Option<Modified>,
    elsewhere: Option<&'static str>,
    answered: Vec<Answered>,
}

impl<'a> Pushing<'a> {
    fn new(table: &'a Table, filters: &'a [Expr], terms: Terms) -> Self {
        let chosen = |list: &'static List| Chosen {
            list,
            values: list.values.map(|(_, values)| values.to_vec()).unwrap_or_default(),
        };
        Self {
            table,
            filters,
            page_size: terms.page_size,
            known_rows: terms.known_rows,
            zone: terms.zone,
            chosen: table.entity.lists.iter().map(chosen).collect(),
            target: Target::List,
            parameters: Vec::new(),
            walk: Walk::by_key(table.entity),
            modified: None,
            elsewhere: None,
            answered: Vec::new(),
        }
    }

    fn run(&mut self) {
        if self.contradiction() {
            self.target = Target::Nothing;
            return;
        }
        self.choose_lists();
        self.choose_values();
        if self.target == Target::Nothing {
            return;
        }
        self.push_key();
        if self.target != Target::List {
            return;
        }
        let table = self.table;
        // What `ScanRequest::list` does not ask such lists for is not said to be asked for.
        let narrowed = self.chosen.iter().any(|chosen| chosen.list.fixed.is_none());
        let columns = || table.columns.iter().filter_map(|column| Some((column, column.pushes.filter(|_| narrowed)?)));
        for (column, push) in columns() {
            match push {
                Push::Equal(parameter) => self.push_equal(column, parameter),
                Push::Flag(parameter) => self.push_flag(column, parameter),
                Push::Range(since, until) => self.push_range(column, since, until),
                Push::List | Push::Modified(_) => {}
            }
        }
        self.push_walk();
        for (column, push) in columns() {
            if let Push::Modified(since) = push {
                self.push_modified(column, since);
            }
        }
    }

    fn finish(self, enabled: bool) -> Pushed {
        let verdicts = (0..self.filters.len()).map(|index| self.verdict(index, enabled)).collect();
        Pushed {
            target: self.target,
            lists: self.chosen.iter().map(Chosen::call).collect(),
            parameters: self.parameters,
            walk: self.walk,
            modified: self.modified,
            verdicts,
            elsewhere: self.elsewhere,
        }
    }

    /// What the filters together, and each of them, say of a column.
    fn domain(&self, column: &str) -> (Domain, Vec<Domain>) {
        let name = column.to_lowercase();
        let each: Vec<_> = self.filters.iter().map(|filter| allowed(filter, &name)).collect();
        let all = each.iter().cloned().reduce(Domain::and).unwrap_or_else(Domain::unknown);
        (all, each)
    }

    /// Whether no value of some column passes all filters: `id = 1 AND id = 2`, `owner_id = NULL`, `FALSE`.
    fn contradiction(&self) -> bool {
        let named: BTreeSet<&str> =
            self.filters.iter().flat_map(Expr::column_refs).map(|column| column.name.as_str()).collect();
        // Without a column the filters are literals, which any name reads.
        let any = if named.is_empty() { [""].into() } else { named };
        any.into_iter().any(|name| self.domain(name).0.is_empty())
    }

    /// Leaves out lists whose rows have another value of a flag.
    ///
    /// Proof: `facts` are what the documents say of every record of the list ("not archived deals", "archived deals").
    fn choose_lists(&mut self) {
        let entity = self.table.entity;
        let flags: BTreeSet<&str> = entity.lists.iter().flat_map(|list| list.facts).map(|(flag, _)| *flag).collect();
        let said = flags.into_iter().map(|flag| (flag, self.domain(flag)));
        let said: Vec<_> = said.filter(|(_, (all, _))| !all.null && all.constrains()).collect();
        for (flag, (all, _)) in &said {
            self.chosen.retain(|chosen| {
                chosen.list.facts.iter().all(|(own, value)| own != flag || all.values.has(&Key::Flag(*value)))
            });
        }
        for (flag, (_, domains)) in said {
            let exact = self.chosen.iter().all(|chosen| chosen.list.facts.iter().any(|(own, _)| *own == flag));
            self.answered.push(Answered { domains, exact, ends: false });
        }
        self.stop_without_lists();
    }

    /// Leaves out values that do not pass.
    ///
    /// Proof: a table has only rows with one of the values of its lists (`reader.rs` drops others), and the parameter is
    /// documented to take a list. Compared with case, as in SQL.
    fn choose_values(&mut self) {
        for column in self.table.columns.iter().filter(|column| column.pushes == Some(Push::List)) {
            let (all, domains) = self.domain(&column.name);
            if all.null || !all.constrains() {
                continue;
            }
            let of_column = |list: &List| list.values.is_some_and(|(name, _)| name == column.name);
            for chosen in self.chosen.iter_mut().filter(|chosen| of_column(chosen.list)) {
                chosen.values.retain(|value| all.values.has(&Key::Text((*value).to_owned())));
            }
            self.chosen.retain(|chosen| !of_column(chosen.list) || !chosen.values.is_empty());
            if self.chosen.iter().any(|chosen| of_column(chosen.list)) {
                let exact = self.chosen.iter().all(|chosen| of_column(chosen.list));
                self.answered.push(Answered { domains, exact, ends: false });
            }
        }
        self.stop_without_lists();
    }

    fn stop_without_lists(&mut self) {
        if self.chosen.is_empty() {
            self.target = Target::Nothing;
            self.elsewhere = self.table.entity.rest;
        }
    }

    /// Single gets, `ids`, or the end of a walk by key.
    ///
    /// Proof: no record has another key, and none has a key outside 1 to [`MAX_ID`]. A walk in the order of the key has
    /// met every key before the one that it stops at.
    fn push_key(&mut self) {
        let entity = self.table.entity;
        let (all, domains) = self.domain(entity.key);
        let keys = match &all.values {
            Values::Only(keys) => numbers(keys),
            Values::Range(low, high) => self.counted(*low, *high),
            Values::Except(_) => return,
        };
        let exact = if let Some(keys) = keys {
            self.target = target(entity, keys);
            self.target != Target::List
        } else {
            false
        };
        if self.target == Target::List
            && let Some((low, high)) = all.values.hull()
        {
            self.walk = match (low > 1, high < MAX_ID) {
                _ if !self.sorts(entity.key) => return,
                (_, true) => Walk { until: Some(high), ..self.walk },
                (true, false) => Walk { descending: true, until: Some(low), ..self.walk },
                (false, false) => return,
            };
        }
        self.answered.push(Answered { domains, exact, ends: !exact });
    }

    /// The keys of a range, where asking for them costs less than walking up to its end.
    fn counted(&self, low: i64, high: i64) -> Option<Vec<i64>> {
        let (low, high) = (low.max(1), high.min(MAX_ID));
        if low > high {
            return Some(Vec::new());
        }
        let count = usize::try_from(high - low + 1).unwrap_or(usize::MAX);
        if count > MAX_COUNTED {
            return None;
        }
        let rows = rows_up_to(self.table.entity, high, self.known_rows);
        let missing = missing(count, rows, high);
        let pages = rows.div_ceil(self.page_size);
        let pays = count <= MAX_SINGLES || requests(count, missing, self.chosen.len()) < pages;
        pays.then(|| (low..=high).collect())
    }

    /// Whether pages come in the order of this column, and enough rows on one to notice when they do not.
    fn sorts(&self, column: &str) -> bool {
        self.table.entity.sorts.contains(&column) && self.page_size > 1
    }

    /// Proof: documented as "only those with this id"; an id of no record gives an empty list. One chain takes one
    /// value, so a list stays local, and so does a value that cannot be an id.
    fn push_equal(&mut self, column: &TableColumn, parameter: &'static str) {
        let (all, domains) = self.domain(&column.name);
        if all.null {
            return;
        }
        let Values::Only(values) = &all.values else { return };
        let Some(&[value]) = numbers(values).as_deref() else { return };
        if (1..=MAX_ID).contains(&value) {
            self.parameters.push((parameter, value.to_string()));
            let exact = self.chosen.iter().all(|chosen| chosen.list.fixed.is_none());
            self.answered.push(Answered { domains, exact, ends: false });
        }
    }

    /// Proof: documented as "only those with this value of the flag". A row without the flag passes neither `c` nor
    /// `NOT c`, so it may be left out of both.
    fn push_flag(&mut self, column: &TableColumn, parameter: &'static str) {
        let (all, domains) = self.domain(&column.name);
        let Values::Only(values) = &all.values else { return };
        let mut values = values.iter();
        if let (false, Some(Key::Flag(flag)), None) = (all.null, values.next(), values.next()) {
            self.parameters.push((parameter, flag.to_string()));
            self.answered.push(Answered { domains, exact: true, ends: false });
        }
    }

    /// Proof: documented as "later than or equal to" and "earlier than"; whole seconds only, so the range grows to them.
    /// Rows without the moment do not pass; whether the API sends them is not known, hence a superset.
    fn push_range(&mut self, column: &TableColumn, since: &'static str, until: Option<&'static str>) {
        let (all, domains) = self.domain(&column.name);
        if all.null {
            return;
        }
        let Some((low, high)) = self.utc(&all) else { return };
        let before = self.parameters.len();
        self.parameters.extend(moment(low.div_euclid(SECOND)).map(|text| (since, text)));
        if let Some(until) = until {
            let end = high.div_euclid(SECOND).saturating_add(1);
            self.parameters.extend(moment(end).map(|text| (until, text)));
        }
        if self.parameters.len() > before {
            self.answered.push(Answered { domains, exact: false, ends: false });
        }
    }

    /// Reads the list in the order of a moment that records keep, up to the first that is out of the range.
    ///
    /// Proof: pages sorted by the moment have met every row of the range when one beyond it comes; `reader.rs` notices
    /// pages out of order. Rows without the moment do not pass. A record keeps its `add_time`, so it does not move
    /// between pages; `update_time` would.
    fn push_walk(&mut self) {
        let Some(column) = self.table.built_in(KEPT_MOMENT) else { return };
        let (all, domains) = self.domain(&column.name);
        if all.null || self.walk.until.is_some() || !self.sorts(KEPT_MOMENT) {
            return;
        }
        let Some((low, high)) = self.utc(&all) else { return };
        let (descending, until) = if low > i64::MIN { (true, low) } else { (false, high) };
        if until != i64::MAX {
            self.walk = Walk { by: KEPT_MOMENT, descending, until: Some(until) };
            self.answered.push(Answered { domains, exact: false, ends: true });
        }
    }

    /// Two chains: what has an `update_time` from the moment on, and what was added from it on.
    ///
    /// Proof: a row that passes has its `update_time` in the range, or none and its `add_time` in it. Each chain is
    /// complete as said above. A record that is changed meanwhile stays in the chain that it was in: its `update_time`
    /// only grows, and the second chain does not ask for it.
    fn push_modified(&mut self, column: &TableColumn, since: &'static str) {
        let (all, domains) = self.domain(&column.name);
        let plain = self.walk == Walk::by_key(self.table.entity);
        let free = self.parameters.iter().all(|(name, _)| *name != since);
        if all.null || !plain || !free || !self.sorts(KEPT_MOMENT) {
            return;
        }
        let Some((low, _)) = self.utc(&all) else { return };
        let Some(text) = moment(low.div_euclid(SECOND)) else { return };
        let others = Walk { by: KEPT_MOMENT, descending: true, until: Some(low) };
        self.modified = Some(Modified { parameter: (since, text), others });
        self.answered.push(Answered { domains, exact: false, ends: false });
    }

    /// The instants between which a domain of local times lies. A lower one that hardly a record is older than is as good as
    /// none: to ask for it would cost a second reading, or keep the upper one from ending the first.
    fn utc(&self, domain: &Domain) -> Option<(i64, i64)> {
        let (low, high) = domain.values.hull()?;
        let low = if is_needless(low, self.zone) { i64::MIN } else { self.zone.earliest_utc(low) };
        let high = if high == i64::MAX { high } else { self.zone.latest_utc(high) };
        Some((low, high))
    }
}

/// 2010-01-01, when Pipedrive began, in milliseconds. Imported records may have an older `add_time`.
const BEGINNING: i64 = 1_262_304_000_000;

/// Whether next to no record is older than a local time.
fn is_needless(low: i64, zone: Zone) -> bool {
    low == i64::MIN || zone.earliest_utc(low) < BEGINNING
}

/// The moment that a record keeps for life, by which lists sort.
pub(super) const KEPT_MOMENT: &str = "add_time";
/// Milliseconds.
const SECOND: i64 = 1000;

/// Rows of the list up to a key: the table has no more than it had when it was last read, or, where it is a part of the
/// records of its kind (so that no single get answers for it), than such a part usually has.
pub(super) fn rows_up_to(entity: &Entity, largest: i64, known: Option<usize>) -> usize {
    let usual = entity.single.is_none().then_some(entity.usual_rows);
    let keys = usize::try_from(largest).unwrap_or(usize::MAX);
    known.or(usual).map_or(keys, |rows| rows.min(keys))
}

/// How many of some keys have no record, if `rows` of the keys up to `largest` have one.
pub(super) fn missing(keys: usize, rows: usize, largest: i64) -> usize {
    let (keys, rows, largest) = (wide(keys), wide(rows), u128::from(largest.unsigned_abs()).max(1));
    let found = keys * rows.min(largest) / largest;
    usize::try_from(keys - found).unwrap_or(usize::MAX)
}

fn wide(count: usize) -> u128 {
    u128::try_from(count).unwrap_or(u128::MAX)
}

/// Requests for keys of which some have no record and are asked for once more, from each of several lists.
pub(super) const fn requests(keys: usize, missing: usize, lists: usize) -> usize {
    (keys.div_ceil(IDS_PER_CALL) + missing.div_ceil(IDS_PER_CALL)) * lists
}

/// Singles up to [`MAX_SINGLES`] keys or while they cost less than the list, else `ids`, else the list.
pub(super) fn target(entity: &Entity, keys: Vec<i64>) -> Target {
    let keys: Vec<i64> = keys.into_iter().filter(|key| (1..=MAX_ID).contains(key)).collect();
    let price = |each: u32| usize::try_from(each).unwrap_or(usize::MAX).saturating_mul(keys.len());
    let list: u32 = entity.lists.iter().map(|list| list.tokens).sum();
    match entity.single {
        _ if keys.is_empty() => Target::Nothing,
        Some(_) if keys.len() <= MAX_SINGLES => Target::Singles(keys),
        _ if entity.ids => Target::Ids(keys),
        Some(single) if price(single.tokens) <= usize::try_from(list).unwrap_or(0) => Target::Singles(keys),
        _ => Target::List,
    }
}

fn numbers(keys: &BTreeSet<Key>) -> Option<Vec<i64>> {
    let number = |key: &Key| match key {
        Key::Number(number) => Some(*number),
        _ => None,
    };
    keys.iter().map(number).collect()
}

/// Seconds since 1970 as the API reads a moment; `None` for one that its format cannot hold.
pub(super) fn moment(seconds: i64) -> Option<String> {
    let time = DateTime::from_timestamp(seconds, 0)?;
    (1..=9999).contains(&time.year()).then(|| time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests;
