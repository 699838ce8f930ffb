//! Deals: who sells what to whom, and how it went.

use serde::{Deserialize, Serialize};

use super::amount::Amount;
use super::builtin::{CHANNELS, DEAL_LABELS};
use super::clock::{DAY, REFERENCE, date_text};
use super::custom::{self, CUSTOM_DEAL, CustomValue};
use super::draw::{Draw, Kind, Of};
use super::organizations::labels;
use super::words::{AWKWARD_TITLES, LOST_REASONS, PRODUCTS};
use super::{Dataset, Scope, once_in};

/// Where a deal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not decided.
    Open,
    /// Sold.
    Won,
    /// Not sold.
    Lost,
    /// In the bin: the status of every deleted deal.
    Deleted,
}

impl Status {
    /// The text in the JSON.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Deleted => "deleted",
        }
    }
}

/// A deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deal {
    /// From 1, with gaps.
    pub id: i64,
    /// What people see.
    pub title: String,
    /// A user.
    pub creator_user_id: i64,
    /// A user.
    pub owner_id: i64,
    /// A person, perhaps a deleted one.
    pub person_id: Option<i64>,
    /// An organization, perhaps a deleted one.
    pub org_id: Option<i64>,
    /// Its pipeline.
    pub pipeline_id: i64,
    /// A stage of this pipeline.
    pub stage_id: i64,
    /// What it is worth. One deal ([`Dataset::precise_deal`]) has more decimals than money has.
    pub value: Option<Amount>,
    /// Three letters.
    pub currency: &'static str,
    /// In seconds since 1970.
    pub add_time: i64,
    /// In seconds since 1970; `None` for some fresh rows.
    pub update_time: Option<i64>,
    /// In seconds since 1970.
    pub stage_change_time: Option<i64>,
    /// Where it stands.
    pub status: Status,
    /// Percent.
    pub probability: Option<i64>,
    /// `""` for some.
    pub lost_reason: Option<&'static str>,
    /// Who sees it.
    pub visible_to: i64,
    /// In seconds since 1970.
    pub close_time: Option<i64>,
    /// In seconds since 1970.
    pub won_time: Option<i64>,
    /// In seconds since 1970.
    pub lost_time: Option<i64>,
    /// As `2026-04-01`; `0000-00-00` where somebody cleared it.
    pub expected_close_date: Option<String>,
    /// Options of the field `label_ids`.
    pub label_ids: Vec<i64>,
    /// How it was made.
    pub origin: &'static str,
    /// By which import or form.
    pub origin_id: Option<String>,
    /// An option of the field `channel`.
    pub channel: Option<i64>,
    /// `""` for some.
    pub channel_id: Option<&'static str>,
    /// Annual contract value.
    pub acv: Option<Amount>,
    /// Annual recurring revenue.
    pub arr: Option<Amount>,
    /// Monthly recurring revenue.
    pub mrr: Option<Amount>,
    /// It is in the archive's list only, once deleted too: there by `status=deleted`.
    pub is_archived: bool,
    /// In seconds since 1970.
    pub archive_time: Option<i64>,
    /// It is listed by `status=deleted` only.
    pub is_deleted: bool,
    /// Values in the order of the custom fields.
    pub custom: Vec<Option<CustomValue>>,
}

impl Deal {
    /// The members `local_won_date` and the like: the date of a moment in the company's zone, which is UTC here.
    #[must_use]
    pub fn local_date(moment: Option<i64>) -> Option<String> {
        moment.map(date_text)
    }
}

/// What lists filter and sort by: cheap to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DealKeys {
    pub(crate) id: i64,
    pub(crate) owner_id: i64,
    pub(crate) person_id: Option<i64>,
    pub(crate) org_id: Option<i64>,
    pub(crate) pipeline_id: i64,
    pub(crate) stage_id: i64,
    pub(crate) status: Status,
    /// Open, won or lost, of deleted ones too.
    pub(super) outcome: Status,
    pub(crate) add_time: i64,
    pub(crate) update_time: Option<i64>,
    pub(super) close_time: Option<i64>,
    pub(crate) is_archived: bool,
    pub(crate) is_deleted: bool,
    number: i64,
    draw: Draw,
}

/// Of six hidden deals four are archived, one is deleted, and one was archived before it was deleted.
const DELETED: i64 = 3;
const ARCHIVED_AND_DELETED: i64 = 6;

impl Dataset {
    /// What lists need to know of a deal.
    pub(crate) fn deal_keys(&self, id: i64) -> Option<DealKeys> {
        let place = self.deal_numbers.place(id)?;
        let draw = self.draw(Kind::Deal, id);
        let add_time = self.add_time(place.number, self.deal_numbers, draw);
        let is_deleted = place.hidden.is_some_and(|ordinal| ordinal % DELETED == 0);
        let (outcome, close_time) = outcome(draw, add_time);
        let updated = self.update_time(place.number, self.deal_numbers, add_time, draw);
        let (person_id, org_id) = self.parties(draw);
        let pipeline_id = if draw.chance(Of::Pipeline, 28) { 2 } else { 1 };
        Some(DealKeys {
            id,
            owner_id: self.owner(draw),
            person_id,
            org_id,
            pipeline_id,
            stage_id: stage(draw, pipeline_id, outcome),
            status: if is_deleted { Status::Deleted } else { outcome },
            outcome,
            add_time,
            // Deleted within the last 30 days; closed ones were changed when they were closed.
            update_time: if is_deleted {
                Some(add_time.max(REFERENCE - 1 - draw.below(Of::Updated, 29 * DAY)))
            } else {
                updated.max(close_time)
            },
            close_time,
            is_archived: place.hidden.is_some_and(|ordinal| !is_deleted || ordinal % ARCHIVED_AND_DELETED == 0),
            is_deleted,
            number: place.number,
            draw,
        })
    }

    /// Person and organization, mostly the person's own.
    fn parties(&self, draw: Draw) -> (Option<i64>, Option<i64>) {
        let person = if draw.chance(Of::PersonMissing, 8) { None } else { self.some_id(Scope::Persons, draw) };
        if draw.chance(Of::OrganizationMissing, 5) {
            return (person, None);
        }
        let own = person.and_then(|id| self.person_keys(id)).and_then(|keys| keys.org_id);
        (person, own.or_else(|| self.some_id(Scope::Organizations, draw)))
    }

    /// The deal with this id, archived or deleted or neither.
    #[must_use]
    pub fn deal(&self, id: i64) -> Option<Deal> {
        let keys = self.deal_keys(id)?;
        let draw = keys.draw;
        let org = keys.org_id.and_then(|id| self.organization_keys(id));
        let currency = org.map_or("EUR", |org| org.currency());
        let worth = worth(draw, keys.pipeline_id);
        let moment = |status| if keys.outcome == status { keys.close_time } else { None };
        let recurring = (self.has_revenue() && draw.chance(Of::Revenue, 30)).then_some(worth);
        Some(Deal {
            id,
            title: title(&keys, org.map(|org| org.name())),
            creator_user_id: draw.pick(Of::Creator, &self.user_ids),
            owner_id: keys.owner_id,
            person_id: keys.person_id,
            org_id: keys.org_id,
            pipeline_id: keys.pipeline_id,
            stage_id: keys.stage_id,
            value: self.value(&keys, worth),
            currency,
            add_time: keys.add_time,
            update_time: keys.update_time,
            stage_change_time: keys.update_time.filter(|_| draw.chance(Of::Stage, 70)),
            status: keys.status,
            probability: draw.chance(Of::Probability, 35).then(|| 5 + 5 * draw.below(Of::Cycle, 20)),
            lost_reason: (keys.outcome == Status::Lost).then(|| draw.pick(Of::Lost, LOST_REASONS)),
            visible_to: if draw.chance(Of::Visible, 85) { 3 } else { 1 },
            close_time: keys.close_time,
            won_time: moment(Status::Won),
            lost_time: moment(Status::Lost),
            expected_close_date: expected_close(&keys),
            label_ids: labels(draw, DEAL_LABELS),
            origin: draw.pick(Of::Origin, &["ManuallyCreated", "API", "Import", "WebForm"]),
            origin_id: draw.chance(Of::Lead, 20).then(|| format!("{:016x}", draw.bits(Of::Lead))),
            channel: draw.chance(Of::Channel, 40).then(|| draw.pick(Of::Job, CHANNELS).0),
            channel_id: draw
                .chance(Of::Note, 30)
                .then(|| draw.pick(Of::Street, &["Fair Berlin 2025", "", "Jun26 Posters"])),
            acv: recurring.map(|worth| Amount::new(worth, 0)),
            arr: recurring.map(|worth| Amount::new(worth * 10, 1)),
            mrr: recurring.map(|worth| Amount::new(worth * 100 / 12, 2)),
            is_archived: keys.is_archived,
            archive_time: keys.is_archived.then(|| archived(&keys)),
            is_deleted: keys.is_deleted,
            custom: custom::values(
                self,
                CUSTOM_DEAL,
                custom::Base { draw, around: keys.close_time.unwrap_or(keys.add_time), currency, worth },
            ),
        })
    }

    fn value(&self, keys: &DealKeys, worth: i64) -> Option<Amount> {
        if self.precise_deal() == Some(keys.id) {
            return Some(Amount::new(worth * 1_000_000 + 123_455, 6));
        }
        let draw = keys.draw;
        match draw.below(Of::ValueForm, 50) {
            0 => None,
            1 => Some(Amount::new(0, 0)),
            2 => Some(Amount::new(worth * 10_000 + draw.below(Of::ValueSpread, 10_000), 4)),
            3..=9 => Some(Amount::new(worth * 100 + draw.below(Of::ValueSpread, 100), 2)),
            10..=19 => Some(Amount::new(worth * 10, 1)),
            _ => Some(Amount::new(worth, 0)),
        }
    }

    /// The deal whose value has six decimals; `None` in companies with fewer than ten deals.
    #[must_use]
    pub fn precise_deal(&self) -> Option<i64> {
        (self.deal_numbers.total() >= 10).then(|| self.some_listed_id(Scope::Deals, 9))
    }
}

/// How a deal went and when it was closed. Old deals are decided, fresh ones hardly.
fn outcome(draw: Draw, add_time: i64) -> (Status, Option<i64>) {
    let days = 4 + draw.below(Of::Cycle, 60) + draw.below(Of::Stage, 60);
    let close_time = add_time + days * DAY + draw.below(Of::ValueSpread, 4 * 3_600);
    if close_time >= REFERENCE || draw.chance(Of::Closed, 9) {
        return (Status::Open, None);
    }
    let status = if draw.chance(Of::Won, 46) { Status::Won } else { Status::Lost };
    (status, Some(close_time))
}

/// Won deals went through the whole pipeline, others stopped somewhere.
fn stage(draw: Draw, pipeline_id: i64, outcome: Status) -> i64 {
    let (first, count) = if pipeline_id == 1 { (1, 6) } else { (7, 3) };
    match outcome {
        Status::Won => first + count - 1 - draw.below(Of::Stage, 2),
        _ => first + draw.below(Of::Stage, count).min(draw.below(Of::Participants, count)),
    }
}

/// Whole units: many small deals, few large ones, renewals smaller.
fn worth(draw: Draw, pipeline_id: i64) -> i64 {
    const SIZES: &[i64] = &[400, 900, 900, 1_800, 1_800, 3_200, 3_200, 5_500, 5_500, 9_000, 16_000, 28_000, 64_000];
    let size = draw.pick(Of::Value, SIZES) * (65 + draw.below(Of::ValueSpread, 80)) / 100;
    let size = if pipeline_id == 2 { size / 2 } else { size };
    (size / 10).max(1) * 10
}

fn title(keys: &DealKeys, organization: Option<String>) -> String {
    if once_in(keys.number, 45, 5) {
        let position = usize::try_from(keys.number / 45).unwrap_or_default();
        return AWKWARD_TITLES[position % AWKWARD_TITLES.len()].to_owned();
    }
    let product = keys.draw.pick(Of::Title, PRODUCTS);
    match organization {
        Some(name) => format!("{name} – {product}"),
        None => format!("{product} (private)"),
    }
}

fn expected_close(keys: &DealKeys) -> Option<String> {
    let days = 15 + keys.draw.below(Of::Expected, 120);
    match keys.draw.below(Of::Cleared, 100) {
        0..=1 => Some("0000-00-00".to_owned()),
        2..=30 => None,
        _ => Some(date_text(keys.add_time + days * DAY)),
    }
}

/// Some time after the last change, never later than the reference; of deleted ones half-way to the deletion, which is
/// their last change.
fn archived(keys: &DealKeys) -> i64 {
    let last = keys.update_time.unwrap_or(keys.add_time);
    if keys.is_deleted {
        return keys.add_time + (last - keys.add_time) / 2;
    }
    last + (REFERENCE - last).min(30 * DAY) / 2
}
