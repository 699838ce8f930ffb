//! Pages of rows: filter, sort, cut.
//!
//! Rows are found by their keys (what filters and sorts need); only the rows of the page itself are made and written.
//! Orders other than by id need every row's value: they are kept once made.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;

use super::cursor::{self, Position};
use super::endpoints::Table;
use super::json::Json;
use super::parameters::{Filters, Order, PageRequest, Sort};
use super::rows;
use crate::dataset::{Dataset, Deal, DealKeys, Entity, Organization, OrganizationKeys, Person, PersonKeys, Status};
use crate::edits::Present;

/// What rows of any table are filtered and sorted by.
#[derive(Debug, Default)]
struct Keys {
    id: i64,
    owner_id: Option<i64>,
    person_id: Option<i64>,
    org_id: Option<i64>,
    pipeline_id: Option<i64>,
    stage_id: Option<i64>,
    status: Option<Status>,
    add_time: Option<i64>,
    update_time: Option<i64>,
    order_nr: Option<i64>,
    is_archived: bool,
    is_deleted: bool,
}

impl From<DealKeys> for Keys {
    fn from(deal: DealKeys) -> Self {
        Self {
            id: deal.id,
            owner_id: Some(deal.owner_id),
            person_id: deal.person_id,
            org_id: deal.org_id,
            pipeline_id: Some(deal.pipeline_id),
            stage_id: Some(deal.stage_id),
            status: Some(deal.status),
            add_time: Some(deal.add_time),
            update_time: deal.update_time,
            order_nr: None,
            is_archived: deal.is_archived,
            is_deleted: deal.is_deleted,
        }
    }
}

impl From<&Deal> for Keys {
    fn from(deal: &Deal) -> Self {
        Self {
            id: deal.id,
            owner_id: Some(deal.owner_id),
            person_id: deal.person_id,
            org_id: deal.org_id,
            pipeline_id: Some(deal.pipeline_id),
            stage_id: Some(deal.stage_id),
            status: Some(deal.status),
            add_time: Some(deal.add_time),
            update_time: deal.update_time,
            order_nr: None,
            is_archived: deal.is_archived,
            is_deleted: deal.is_deleted,
        }
    }
}

impl From<&Person> for Keys {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id,
            owner_id: Some(person.owner_id),
            org_id: person.org_id,
            add_time: Some(person.add_time),
            update_time: person.update_time,
            is_deleted: person.is_deleted,
            ..Self::default()
        }
    }
}

impl From<&Organization> for Keys {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id,
            owner_id: Some(organization.owner_id),
            add_time: Some(organization.add_time),
            update_time: organization.update_time,
            is_deleted: organization.is_deleted,
            ..Self::default()
        }
    }
}

impl From<PersonKeys> for Keys {
    fn from(person: PersonKeys) -> Self {
        Self {
            id: person.id,
            owner_id: Some(person.owner_id),
            org_id: person.org_id,
            add_time: Some(person.add_time),
            update_time: person.update_time,
            is_deleted: person.is_deleted,
            ..Self::default()
        }
    }
}

impl From<OrganizationKeys> for Keys {
    fn from(organization: OrganizationKeys) -> Self {
        Self {
            id: organization.id,
            owner_id: Some(organization.owner_id),
            add_time: Some(organization.add_time),
            update_time: organization.update_time,
            is_deleted: organization.is_deleted,
            ..Self::default()
        }
    }
}

/// The keys of a row as it is.
fn keys(data: Present<'_>, table: Table, id: i64) -> Option<Keys> {
    let changed = match table.entity() {
        Some(Entity::Deals) => data.changed_deal(id).map(Keys::from),
        Some(Entity::Persons) => data.changed_person(id).map(Keys::from),
        Some(Entity::Organizations) => data.changed_organization(id).map(Keys::from),
        None => None,
    };
    match table.fields() {
        Some(entity) => data.field(entity, id).map(|_| Keys { id, ..Keys::default() }),
        None => changed.or_else(|| origin(data.origin(), table, id)),
    }
}

/// The keys of a row that no edit touched.
fn origin(data: &Dataset, table: Table, id: i64) -> Option<Keys> {
    match table {
        Table::Deals | Table::ArchivedDeals => data.deal_keys(id).map(Keys::from),
        Table::Persons => data.person_keys(id).map(Keys::from),
        Table::Organizations => data.organization_keys(id).map(Keys::from),
        Table::Pipelines => data.pipeline(id).map(|pipeline| Keys {
            id,
            add_time: Some(pipeline.add_time),
            update_time: pipeline.update_time,
            ..Keys::default()
        }),
        Table::Stages => data.stage(id).map(|stage| Keys {
            id,
            pipeline_id: Some(stage.pipeline_id),
            add_time: Some(stage.add_time),
            update_time: stage.update_time,
            order_nr: Some(stage.order_nr),
            ..Keys::default()
        }),
        Table::DealFields | Table::PersonFields | Table::OrganizationFields => None,
    }
}

/// The highest id of a table; fields are numbered by their place.
fn last(data: Present<'_>, table: Table) -> i64 {
    let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    match (table.entity(), table.fields()) {
        (Some(entity), _) => data.last(entity),
        (None, Some(entity)) => count(data.all_fields(entity).len()),
        (None, None) if table == Table::Pipelines => data.pipelines().map(|one| one.id).max().unwrap_or_default(),
        (None, None) => data.stages().map(|stage| stage.id).max().unwrap_or_default(),
    }
}

impl Keys {
    const fn value(&self, sort: Sort) -> Option<i64> {
        match sort {
            Sort::Id => Some(self.id),
            Sort::AddTime => self.add_time,
            Sort::UpdateTime => self.update_time,
            Sort::OrderNr => self.order_nr,
        }
    }

    fn passes(&self, data: Present<'_>, table: Table, filters: &Filters) -> bool {
        let equal = |wanted: Option<i64>, value: Option<i64>| wanted.is_none() || wanted == value;
        let linked = |deal: i64| data.person_of_deal(deal) == Some(self.id);
        self.is_archived == (table == Table::ArchivedDeals)
            && self.has_status(filters.statuses.as_deref())
            && filters.ids.as_ref().is_none_or(|ids| ids.binary_search(&self.id).is_ok())
            && equal(filters.owner_id, self.owner_id)
            && equal(filters.person_id, self.person_id)
            && equal(filters.org_id, self.org_id)
            && equal(filters.pipeline_id, self.pipeline_id)
            && equal(filters.stage_id, self.stage_id)
            && filters.deal_id.is_none_or(linked)
            && self.was_updated(filters)
    }

    /// Without a wish everything that is not deleted.
    fn has_status(&self, wanted: Option<&[Status]>) -> bool {
        match wanted {
            None => !self.is_deleted,
            Some(wanted) => self.status.is_some_and(|status| wanted.contains(&status)),
        }
    }

    /// Rows without `update_time` match no range: whether Pipedrive takes `add_time` then is not known.
    fn was_updated(&self, filters: &Filters) -> bool {
        filters.updated_since.is_none_or(|since| self.update_time.is_some_and(|time| time >= since))
            && filters.updated_until.is_none_or(|until| self.update_time.is_some_and(|time| time < until))
    }
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

    /// The ids of a table from the start of a page on, in order.
    fn ids<'a>(&self, data: Present<'a>, table: Table, request: &PageRequest) -> Box<dyn Iterator<Item = i64> + 'a> {
        let Order { sort, descending } = request.order;
        if sort == Sort::Id {
            return from_id(last(data, table), request);
        }
        let index = self.index(data, table, sort);
        let start = request.start.map(|start| (start.value, start.id));
        let places: Box<dyn Iterator<Item = usize>> = if descending {
            let end = start.map_or(index.len(), |start| index.partition_point(|row| *row <= start));
            Box::new((0..end).rev())
        } else {
            let start = start.map_or(0, |start| index.partition_point(|row| *row < start));
            Box::new(start..index.len())
        };
        let changed = changed(data, table, request);
        if changed.is_empty() {
            return Box::new(places.map(move |place| index[place].1));
        }
        let touched: HashSet<i64> = changed.iter().map(|(_, id)| *id).collect();
        let rest = places.map(move |place| index[place]).filter(move |(_, id)| !touched.contains(id));
        Box::new(merged(rest, from_start(changed, start, descending), descending))
    }
}

/// Sort value and id of all rows that edits touched.
fn changed(data: Present<'_>, table: Table, request: &PageRequest) -> Vec<(Option<i64>, i64)> {
    let ids = table.entity().into_iter().flat_map(|entity| data.changed(entity));
    ids.filter_map(|id| keys(data, table, id)).map(|row| (row.value(request.order.sort), row.id)).collect()
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
fn from_id(last: i64, request: &PageRequest) -> Box<dyn Iterator<Item = i64>> {
    let descending = request.order.descending;
    let start = request.start.map_or(if descending { last } else { 1 }, |start| start.id);
    match (request.filters.ids.clone(), descending) {
        (Some(ids), false) => Box::new(ids.into_iter().filter(move |id| *id >= start)),
        (Some(ids), true) => Box::new(ids.into_iter().rev().filter(move |id| *id <= start)),
        (None, false) => Box::new(start.max(1)..=last),
        (None, true) => Box::new((1..=start.min(last)).rev()),
    }
}

/// Bytes of a row, roughly: pages are made in one piece of memory.
const ROW_BYTES: usize = 2_500;

/// A page of a list.
#[derive(Debug)]
pub(super) struct Page {
    /// As JSON.
    pub(super) body: Vec<u8>,
    /// The id of its last row.
    pub(super) last: Option<i64>,
}

/// A page of a list. With `repeat` its `next_cursor` is the one that led to it: a fault.
pub(super) fn page(data: Present<'_>, orders: &Orders, table: Table, request: &PageRequest, repeat: bool) -> Page {
    let mut found = orders
        .ids(data, table, request)
        .filter_map(|id| keys(data, table, id))
        .filter(|row| row.passes(data, table, &request.filters));
    let page: Vec<Keys> = found.by_ref().take(request.limit).collect();
    let next = if repeat {
        request.start.or_else(|| page.first().map(|row| position(row, request)))
    } else {
        found.next().map(|row| position(&row, request))
    };
    let mut json = Json::with_capacity(page.len() * ROW_BYTES + 200);
    json.object(|json| {
        json.member("success", true);
        json.name("data").array(|json| {
            for row in &page {
                rows::row(json, data, table, row.id, &request.shape);
            }
        });
        let next = next.map(|next| cursor::encode(request.order, next));
        json.name("additional_data").object(|json| json.member("next_cursor", next));
    });
    Page { body: json.into_bytes(), last: page.last().map(|row| row.id) }
}

const fn position(row: &Keys, request: &PageRequest) -> Position {
    Position { value: row.value(request.order.sort), id: row.id }
}
