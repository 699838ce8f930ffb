//! Pages of rows: filter, sort, cut.
//!
//! Rows are found by their keys (what filters and sorts need), in the order that `orders` gives; only the rows of the
//! page itself are made and written.

use super::cursor::{self, Position};
use super::endpoints::Table;
use super::faults::Kind;
use super::json::Json;
use super::orders::{Orders, Walk};
use super::parameters::{Filters, Order, PageRequest, Sort};
use super::rows;
use crate::dataset::{
    ActivityKeys, DAY, Dataset, Deal, DealKeys, Entity, Organization, OrganizationKeys, Person, PersonKeys,
    ProductKeys, Status,
};
use crate::edits::Present;

/// What rows of any table are filtered and sorted by.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) id: i64,
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
            is_archived: deal.is_archived,
            is_deleted: deal.is_deleted,
            ..Self::default()
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

/// The keys of a row as it is.
pub(super) fn keys(data: Present<'_>, table: Table, id: i64) -> Option<Keys> {
    let changed = match table.entity() {
        Some(Entity::Deals) => data.changed_deal(id).map(Keys::from),
        Some(Entity::Persons) => data.changed_person(id).map(Keys::from),
        Some(Entity::Organizations) => data.changed_organization(id).map(Keys::from),
        Some(Entity::Activities | Entity::Products) | None => None,
    };
    match table.fields() {
        Some(entity) => data.field(entity, id).map(|_| Keys { id, ..Keys::default() }),
        None => changed.or_else(|| origin(data.origin(), table, id)),
    }
}

/// The keys of a row that no edit touched.
pub(super) fn origin(data: &Dataset, table: Table, id: i64) -> Option<Keys> {
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
        | Table::ProductFields => None,
    }
}

/// The highest id of a table; fields are numbered by their place.
pub(super) fn last(data: Present<'_>, table: Table) -> i64 {
    let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    if let Some(entity) = table.records() {
        return data.last(entity);
    }
    if let Some(entity) = table.fields() {
        return count(data.all_fields(entity).len());
    }
    match table {
        Table::Pipelines => data.pipelines().map(|pipeline| pipeline.id).max().unwrap_or_default(),
        _ => data.stages().map(|stage| stage.id).max().unwrap_or_default(),
    }
}

impl Keys {
    /// What a row is sorted by.
    pub(super) fn value(&self, sort: Sort) -> Option<i64> {
        match sort {
            Sort::Id => Some(self.id),
            Sort::AddTime => self.add_time,
            Sort::UpdateTime => self.update_time,
            Sort::OrderNr => self.order_nr,
            Sort::DueDate => self.activity.as_ref().and_then(|activity| activity.due_date),
            Sort::Name => self.rank,
        }
    }

    fn passes(&self, data: Present<'_>, table: Table, filters: &Filters) -> bool {
        let equal = |wanted: Option<i64>, value: Option<i64>| wanted.is_none() || wanted == value;
        let linked = |deal: i64| match &self.activity {
            Some(activity) => activity.deal_id == Some(deal),
            None => data.person_of_deal(deal) == Some(self.id),
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

/// A page of a list; the faults `foreign_rows`, `repeat_page` and `repeated_cursor` choose other rows or another end.
pub(super) fn page(
    data: Present<'_>,
    orders: &Orders,
    table: Table,
    request: &PageRequest,
    fault: Option<&Kind>,
) -> Page {
    let list = List { data, orders, table, request };
    let (mut page, mut next) = list.rows(if fault == Some(&Kind::ForeignRows) { STRANGERS } else { 0 });
    match fault {
        Some(Kind::RepeatedCursor) => next = request.start.or_else(|| page.first().map(|row| position(row, request))),
        Some(Kind::RepeatPage) => page = list.rows_before(),
        _ => {}
    }
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

/// Rows of a page that do not belong there, if a fault wants some.
const STRANGERS: usize = 3;

/// A list from which a page is cut.
struct List<'a> {
    data: Present<'a>,
    orders: &'a Orders,
    table: Table,
    request: &'a PageRequest,
}

impl<'a> List<'a> {
    /// The rows of the page and where the next one begins. So many rows that the filters leave out come along.
    fn rows(&self, mut strangers: usize) -> (Vec<Keys>, Option<Position>) {
        let PageRequest { filters, order, start, limit, .. } = self.request;
        let ids = if strangers > 0 { None } else { filters.ids.as_deref() };
        let mut found = self.walk(&Walk { order: *order, start: *start, ids });
        let mut belongs = |row: &Keys| {
            let passes = row.passes(self.data, self.table, filters);
            let stranger = !passes && strangers > 0;
            strangers -= usize::from(stranger);
            passes || stranger
        };
        let page = found.by_ref().filter(&mut belongs).take(*limit).collect();
        let next = found.find(|row| row.passes(self.data, self.table, filters));
        (page, next.map(|row| position(&row, self.request)))
    }

    /// The rows of the page before.
    fn rows_before(&self) -> Vec<Keys> {
        let PageRequest { filters, order, start, limit, .. } = self.request;
        let order = Order { descending: !order.descending, ..*order };
        let found = self.walk(&Walk { order, start: *start, ids: filters.ids.as_deref() });
        let earlier = found.filter(|row| Some(position(row, self.request)) != *start);
        let passing = earlier.filter(|row| row.passes(self.data, self.table, filters));
        let mut page: Vec<Keys> = passing.take(*limit).collect();
        page.reverse();
        page
    }

    fn walk(&self, walk: &Walk<'a>) -> impl Iterator<Item = Keys> + use<'a> {
        let (data, table) = (self.data, self.table);
        self.orders.ids(data, table, walk).filter_map(move |id| keys(data, table, id))
    }
}

fn position(row: &Keys, request: &PageRequest) -> Position {
    Position { value: row.value(request.order.sort), id: row.id }
}
