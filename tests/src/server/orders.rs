//! Orders of a table: the ids from some row on, ascending or descending.
//!
//! The order by id needs nothing. Orders by times and numbers need every row's value: they are kept once made, of the
//! rows as they were before all edits; rows that edits touched are merged in.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;

use super::cursor::Position;
use super::endpoints::Table;
use super::list::{keys, last, origin};
use super::parameters::{Order, Sort};
use crate::edits::Present;

/// Where a walk through a table begins, which way it goes, and which ids it may skip.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) order: Order,
    /// The first row; `None` for the very first.
    pub(super) start: Option<Position>,
    /// Only these are wanted, ascending; `None` for all.
    pub(super) ids: Option<&'a [i64]>,
}

/// Sort value and id of every row, ascending; rows without a value come first.
type Index = Arc<Vec<(Option<i64>, i64)>>;

/// The orders that were asked for so far, of the rows as they were before all edits.
#[derive(Debug, Default)]
pub(super) struct Orders {
    made: Mutex<HashMap<(Table, Sort), Index>>,
}

impl Orders {
    fn index(&self, data: Present<'_>, table: Table, sort: Sort) -> Index {
        let table = if table == Table::ArchivedDeals { Table::Deals } else { table };
        let mut made = self.made.lock();
        let index = made.entry((table, sort)).or_insert_with(|| {
            let rows = (1..=last(data, table)).filter_map(|id| origin(data.origin(), table, id));
            let mut rows: Vec<_> = rows.map(|row| (row.value(sort), row.id)).collect();
            rows.sort_unstable();
            Arc::new(rows)
        });
        Arc::clone(index)
    }

    /// The ids of a table, in the order of a walk.
    pub(super) fn ids<'a>(
        &self,
        data: Present<'a>,
        table: Table,
        walk: &Walk<'a>,
    ) -> Box<dyn Iterator<Item = i64> + 'a> {
        let Order { sort, descending } = walk.order;
        if sort == Sort::Id {
            return from_id(last(data, table), walk);
        }
        let index = self.index(data, table, sort);
        let start = walk.start.map(|start| (start.value, start.id));
        let places: Box<dyn Iterator<Item = usize>> = if descending {
            let end = start.map_or(index.len(), |start| index.partition_point(|row| *row <= start));
            Box::new((0..end).rev())
        } else {
            let start = start.map_or(0, |start| index.partition_point(|row| *row < start));
            Box::new(start..index.len())
        };
        let changed = changed(data, table, walk);
        if changed.is_empty() {
            return Box::new(places.map(move |place| index[place].1));
        }
        let touched: HashSet<i64> = changed.iter().map(|(_, id)| *id).collect();
        let rest = places.map(move |place| index[place]).filter(move |(_, id)| !touched.contains(id));
        Box::new(merged(rest, from_start(changed, start, descending), descending))
    }
}

/// Sort value and id of all rows that edits touched.
fn changed(data: Present<'_>, table: Table, walk: &Walk<'_>) -> Vec<(Option<i64>, i64)> {
    let ids = table.entity().into_iter().flat_map(|entity| data.changed(entity));
    ids.filter_map(|id| keys(data, table, id)).map(|row| (row.value(walk.order.sort), row.id)).collect()
}

/// These rows in order, from the start of a page on.
fn from_start(
    mut rows: Vec<(Option<i64>, i64)>,
    start: Option<(Option<i64>, i64)>,
    descending: bool,
) -> Vec<(Option<i64>, i64)> {
    rows.retain(|row| start.is_none_or(|start| if descending { *row <= start } else { *row >= start }));
    rows.sort_unstable();
    if descending {
        rows.reverse();
    }
    rows
}

/// The ids of two lists that are in order, in order.
fn merged(
    one: impl Iterator<Item = (Option<i64>, i64)>,
    other: Vec<(Option<i64>, i64)>,
    descending: bool,
) -> impl Iterator<Item = i64> {
    let (mut one, mut other) = (one.peekable(), other.into_iter().peekable());
    std::iter::from_fn(move || {
        let of_one = match (one.peek(), other.peek()) {
            (Some(one), Some(other)) => (one < other) != descending,
            (one, _) => one.is_some(),
        };
        if of_one { one.next() } else { other.next() }.map(|(_, id)| id)
    })
}

/// Ids from the start of a page on; where `ids` are given only those.
fn from_id<'a>(last: i64, walk: &Walk<'a>) -> Box<dyn Iterator<Item = i64> + 'a> {
    let descending = walk.order.descending;
    let start = walk.start.map_or(if descending { last } else { 1 }, |start| start.id);
    match (walk.ids, descending) {
        (Some(ids), false) => Box::new(ids.iter().copied().filter(move |id| *id >= start)),
        (Some(ids), true) => Box::new(ids.iter().copied().rev().filter(move |id| *id <= start)),
        (None, false) => Box::new(start.max(1)..=last),
        (None, true) => Box::new((1..=start.min(last)).rev()),
    }
}
