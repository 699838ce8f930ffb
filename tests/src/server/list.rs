//! Pages of rows: filter, sort, cut.
//!
//! Rows are found by their keys (what filters and sorts need); only the rows of the page itself are made and written.
//! Orders other than by id need every row's value: they are kept once made.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::cursor::{self, Position};
use super::endpoints::Table;
use super::json::Json;
use super::parameters::{Filters, PageRequest, Sort};
use super::rows;
use crate::dataset::{ActivityKeys, DAY, Dataset, DealKeys, Entity, OrganizationKeys, PersonKeys, ProductKeys, Status};

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
    /// Set for activities only: they are filtered by their own deal, persons by that of others.
    activity: Option<Activity>,
    /// The place of the name among all names.
    rank: Option<i64>,
    is_archived: bool,
    is_deleted: bool,
}

/// What activities alone are filtered and sorted by.
#[derive(Debug)]
struct Activity {
    deal_id: Option<i64>,
    lead_id: Option<String>,
    done: bool,
    /// Midnight, in seconds since 1970.
    due_date: Option<i64>,
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
            is_archived: deal.is_archived,
            is_deleted: deal.is_deleted,
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

impl From<ActivityKeys> for Keys {
    fn from(activity: ActivityKeys) -> Self {
        Self {
            id: activity.id,
            owner_id: Some(activity.owner_id),
            person_id: activity.person_id,
            org_id: activity.org_id,
            add_time: Some(activity.add_time),
            update_time: activity.update_time,
            activity: Some(Activity {
                deal_id: activity.deal_id,
                lead_id: activity.lead_id(),
                done: activity.done,
                due_date: activity.due_day().map(|day| day * DAY),
            }),
            is_deleted: activity.is_deleted,
            ..Self::default()
        }
    }
}

impl From<ProductKeys> for Keys {
    fn from(product: ProductKeys) -> Self {
        Self {
            id: product.id,
            owner_id: Some(product.owner_id),
            add_time: Some(product.add_time),
            update_time: product.update_time,
            is_deleted: product.is_deleted,
            ..Self::default()
        }
    }
}

fn keys(data: &Dataset, table: Table, id: i64) -> Option<Keys> {
    match table {
        Table::Deals | Table::ArchivedDeals => data.deal_keys(id).map(Keys::from),
        Table::Persons => data.person_keys(id).map(Keys::from),
        Table::Organizations => data.organization_keys(id).map(Keys::from),
        Table::Activities => data.activity_keys(id).map(Keys::from),
        Table::Products => data.product_keys(id).map(|product| Keys { rank: data.product_rank(id), ..product.into() }),
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
        Table::DealFields
        | Table::PersonFields
        | Table::OrganizationFields
        | Table::ActivityFields
        | Table::ProductFields => (1..=last(data, table)).contains(&id).then(|| Keys { id, ..Keys::default() }),
    }
}

/// The highest id of a table; fields are numbered by their place.
fn last(data: &Dataset, table: Table) -> i64 {
    let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    match table {
        Table::Deals | Table::ArchivedDeals => data.deal_numbers().last(),
        Table::Persons => data.person_numbers().last(),
        Table::Organizations => data.organization_numbers().last(),
        Table::Activities => data.activity_numbers().last(),
        Table::Products => data.product_numbers().last(),
        Table::Pipelines => data.pipelines().map(|pipeline| pipeline.id).max().unwrap_or_default(),
        Table::Stages => data.stages().map(|stage| stage.id).max().unwrap_or_default(),
        Table::DealFields => count(data.deal_fields().count()),
        Table::PersonFields => count(data.person_fields().count()),
        Table::OrganizationFields => count(data.organization_fields().count()),
        Table::ActivityFields => count(data.fields(Entity::Activities).len()),
        Table::ProductFields => count(data.fields(Entity::Products).len()),
    }
}

impl Keys {
    fn value(&self, sort: Sort) -> Option<i64> {
        match sort {
            Sort::Id => Some(self.id),
            Sort::AddTime => self.add_time,
            Sort::UpdateTime => self.update_time,
            Sort::OrderNr => self.order_nr,
            Sort::DueDate => self.activity.as_ref().and_then(|activity| activity.due_date),
            Sort::Name => self.rank,
        }
    }

    fn passes(&self, data: &Dataset, table: Table, filters: &Filters) -> bool {
        let equal = |wanted: Option<i64>, value: Option<i64>| wanted.is_none() || wanted == value;
        let linked = |deal: i64| match &self.activity {
            Some(activity) => activity.deal_id == Some(deal),
            None => data.deal_keys(deal).and_then(|deal| deal.person_id) == Some(self.id),
        };
        self.is_archived == (table == Table::ArchivedDeals)
            && self.has_status(filters.statuses.as_deref())
            && filters.ids.as_ref().is_none_or(|ids| ids.binary_search(&self.id).is_ok())
            && equal(filters.owner_id, self.owner_id)
            && equal(filters.person_id, self.person_id)
            && equal(filters.org_id, self.org_id)
            && equal(filters.pipeline_id, self.pipeline_id)
            && equal(filters.stage_id, self.stage_id)
            && filters.deal_id.is_none_or(linked)
            && self.activity.as_ref().is_none_or(|activity| activity.passes(filters))
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

impl Activity {
    fn passes(&self, filters: &Filters) -> bool {
        filters.done.is_none_or(|done| done == self.done)
            && filters.lead_id.as_ref().is_none_or(|lead| self.lead_id.as_ref() == Some(lead))
    }
}

/// Sort value and id of every row, ascending; rows without a value come first.
type Index = Arc<Vec<(Option<i64>, i64)>>;

/// The orders that were asked for so far.
#[derive(Debug, Default)]
pub(super) struct Orders {
    made: Mutex<HashMap<(Table, Sort), Index>>,
}

impl Orders {
    fn index(&self, data: &Dataset, table: Table, sort: Sort) -> Index {
        let table = if table == Table::ArchivedDeals { Table::Deals } else { table };
        let mut made = self.made.lock();
        let index = made.entry((table, sort)).or_insert_with(|| {
            let rows = (1..=last(data, table)).filter_map(|id| keys(data, table, id));
            let mut rows: Vec<_> = rows.map(|row| (row.value(sort), row.id)).collect();
            rows.sort_unstable();
            Arc::new(rows)
        });
        Arc::clone(index)
    }

    /// The ids of a table from the start of a page on, in order.
    fn ids(&self, data: &Dataset, table: Table, request: &PageRequest) -> Box<dyn Iterator<Item = i64>> {
        let descending = request.order.descending;
        if request.order.sort == Sort::Id {
            return from_id(last(data, table), request);
        }
        let index = self.index(data, table, request.order.sort);
        let start = request.start.map(|start| (start.value, start.id));
        if descending {
            let end = start.map_or(index.len(), |start| index.partition_point(|row| *row <= start));
            Box::new((0..end).rev().map(move |place| index[place].1))
        } else {
            let start = start.map_or(0, |start| index.partition_point(|row| *row < start));
            Box::new((start..index.len()).map(move |place| index[place].1))
        }
    }
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

/// A page of a list as JSON. With `repeat` its `next_cursor` is the one that led to it: a fault.
pub(super) fn page(data: &Dataset, orders: &Orders, table: Table, request: &PageRequest, repeat: bool) -> Vec<u8> {
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
    json.into_bytes()
}

fn position(row: &Keys, request: &PageRequest) -> Position {
    Position { value: row.value(request.order.sort), id: row.id }
}
