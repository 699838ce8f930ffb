//! Organizations.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::builtin::{INDUSTRIES, ORGANIZATION_LABELS};
use super::clock::{DAY, REFERENCE};
use super::custom::{self, CUSTOM_ORGANIZATION, CustomValue, UNKNOWN_OPTION};
use super::draw::{Draw, Kind, Of};
use super::words::{AWKWARD_COMPANIES, COMPANY_STEMS, COMPANY_TRADES, STREETS, TOWNS, Town};
use super::{Dataset, Scope, once_in};

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Organization {
    /// From 1, with gaps.
    pub id: i64,
    /// What people see.
    pub name: String,
    /// A user.
    pub owner_id: i64,
    /// In seconds since 1970.
    pub add_time: i64,
    /// In seconds since 1970; `None` for some fresh rows.
    pub update_time: Option<i64>,
    /// Deleted rows are not listed.
    pub is_deleted: bool,
    /// Who sees it.
    pub visible_to: i64,
    /// `None` where nothing was filled in.
    pub address: Option<Address>,
    /// Options of the field `label_ids`.
    pub label_ids: Vec<i64>,
    /// `""` for some.
    pub website: Option<String>,
    /// A page.
    pub linkedin: Option<String>,
    /// An option of the field `industry`.
    pub industry: Option<i64>,
    /// Whole units.
    pub annual_revenue: Option<i64>,
    /// People who work there.
    pub employee_count: Option<i64>,
    /// Values in the order of the custom fields.
    pub custom: Vec<Option<CustomValue>>,
}

/// An address: the text as typed and its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// As typed.
    pub value: String,
    /// Country.
    pub country: Cow<'static, str>,
    /// State or region.
    pub admin_area_level_1: Cow<'static, str>,
    /// `""` where it is not known.
    pub admin_area_level_2: Cow<'static, str>,
    /// Town.
    pub locality: Cow<'static, str>,
    /// `None` where it is not known.
    pub sublocality: Option<Cow<'static, str>>,
    /// Street.
    pub route: Cow<'static, str>,
    /// House.
    pub street_number: String,
    /// Floor or suite.
    pub subpremise: Option<String>,
    /// Postal code.
    pub postal_code: Cow<'static, str>,
}

/// An address in a town.
pub(super) fn address(draw: Draw, town: Town) -> Address {
    let route = draw.pick(Of::Street, STREETS);
    let street_number = (1 + draw.below(Of::House, 180)).to_string();
    let Town { locality, region, country, postal_code, .. } = town;
    Address {
        value: format!("{route} {street_number}, {postal_code} {locality}, {country}"),
        country: country.into(),
        admin_area_level_1: region.into(),
        admin_area_level_2: "".into(),
        locality: locality.into(),
        sublocality: draw.chance(Of::Stage, 10).then_some("Downtown".into()),
        route: route.into(),
        street_number,
        subpremise: draw.chance(Of::Creator, 20).then(|| format!("{}. OG", 1 + draw.below(Of::Cycle, 6))),
        postal_code: postal_code.into(),
    }
}

/// What lists filter and sort by: cheap to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrganizationKeys {
    pub(crate) id: i64,
    pub(crate) owner_id: i64,
    pub(crate) add_time: i64,
    pub(crate) update_time: Option<i64>,
    pub(crate) is_deleted: bool,
    number: i64,
    draw: Draw,
}

impl OrganizationKeys {
    fn town(&self) -> Town {
        self.draw.pick(Of::Place, TOWNS)
    }

    /// The currency it pays in.
    pub(super) fn currency(&self) -> &'static str {
        self.town().currency
    }

    /// The name without the rest.
    pub(super) fn name(&self) -> String {
        if once_in(self.number, 60, 7) {
            let position = usize::try_from(self.number / 60).unwrap_or_default();
            return AWKWARD_COMPANIES[position % AWKWARD_COMPANIES.len()].to_owned();
        }
        let stem = self.draw.pick(Of::Name, COMPANY_STEMS);
        let trade = self.draw.pick(Of::NameSuffix, COMPANY_TRADES);
        let form = match self.town().country {
            "Germany" | "Austria" => " GmbH",
            "France" => " SARL",
            "Netherlands" => " B.V.",
            "Estonia" => " OÜ",
            "Ireland" => " Ltd.",
            "Japan" => " K.K.",
            _ => " Inc.",
        };
        format!("{stem} {trade}{form}")
    }
}

impl Dataset {
    /// What lists need to know of an organization.
    pub(crate) fn organization_keys(&self, id: i64) -> Option<OrganizationKeys> {
        let place = self.organization_numbers.place(id)?;
        let draw = self.draw(Kind::Organization, id);
        let add_time = self.add_time(place.number, self.organization_numbers, draw);
        Some(OrganizationKeys {
            id,
            owner_id: self.owner(draw),
            add_time,
            update_time: self.update_time(place.number, self.organization_numbers, add_time, draw),
            is_deleted: place.hidden.is_some(),
            number: place.number,
            draw,
        })
    }

    /// The organization with this id, deleted or not.
    #[must_use]
    pub fn organization(&self, id: i64) -> Option<Organization> {
        let keys = self.organization_keys(id)?;
        let draw = keys.draw;
        let slug: String = keys.name().to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        let employee_count = draw.chance(Of::Employees, 70).then(|| 5 + draw.below(Of::House, 40).pow(2));
        Some(Organization {
            id,
            name: keys.name(),
            owner_id: keys.owner_id,
            add_time: keys.add_time,
            update_time: keys.update_time,
            is_deleted: keys.is_deleted,
            visible_to: 3,
            address: draw.chance(Of::Street, 85).then(|| address(draw, keys.town())),
            label_ids: labels(draw, ORGANIZATION_LABELS),
            website: match draw.below(Of::Website, 10) {
                0..=1 => None,
                2 => Some(String::new()),
                _ => Some(format!("https://www.{slug}.example")),
            },
            linkedin: draw.chance(Of::Messenger, 25).then(|| format!("https://linkedin.example/company/{slug}")),
            industry: draw.chance(Of::Industry, 60).then(|| draw.pick(Of::Label, INDUSTRIES).0),
            annual_revenue: employee_count.map(|people| people * (60 + draw.below(Of::AnnualRevenue, 90)) * 1_000),
            employee_count,
            custom: self.organization_custom(&keys),
        })
    }

    fn organization_custom(&self, keys: &OrganizationKeys) -> Vec<Option<CustomValue>> {
        let base = custom::Base { draw: keys.draw, around: keys.add_time, currency: keys.currency(), worth: 20_000 };
        let mut values = custom::values(self, CUSTOM_ORGANIZATION, base);
        let set = CUSTOM_ORGANIZATION.iter().position(|field| field.field_type == "set");
        if let Some(value) = set.and_then(|set| values.get_mut(set)).filter(|_| self.has_unknown_option(keys.id)) {
            *value = Some(CustomValue::Choices(vec![161, UNKNOWN_OPTION]));
        }
        values
    }

    /// The one organization that holds an option which no definition has.
    fn has_unknown_option(&self, id: i64) -> bool {
        id == self.some_listed_id(Scope::Organizations, 3)
    }
}

/// None, one or two of a field's options.
pub(super) fn labels(draw: Draw, options: &[(i64, &str, Option<&str>)]) -> Vec<i64> {
    let chosen = draw.below(Of::Label, 10);
    let count = if chosen < 5 {
        0
    } else if chosen < 9 {
        1
    } else {
        2
    };
    let first = usize::try_from(draw.below(Of::Visible, 97)).unwrap_or_default();
    (0..count).map(|step| options[(first + step) % options.len()].0).collect()
}

/// How long rows of the newest few percent stay without `update_time`.
pub(super) const FRESH: i64 = 50;

impl Dataset {
    /// When the `number`-th row was made. The company grows: later times have more rows. Some were imported with
    /// an older date, so that the order of times is not that of ids.
    pub(super) fn add_time(&self, number: i64, numbers: super::Numbering, draw: Draw) -> i64 {
        const SPAN: i64 = 3 * 365 * DAY - 2 * DAY;
        const MILLION: i64 = 1_000_000;
        let part = (number * MILLION / numbers.total().max(1)).min(MILLION);
        let grown = i64::try_from((part * MILLION).unsigned_abs().isqrt()).unwrap_or(MILLION);
        let part = (4 * part + 6 * grown) / 10;
        let mut day = (REFERENCE - SPAN - 2 * DAY) / DAY + part * (SPAN / DAY) / MILLION;
        if draw.chance(Of::Backdated, 4) {
            day -= 20 + draw.below(Of::Day, 60);
        }
        // 1970-01-01 was a Thursday; work starts on Mondays.
        let weekday = (day + 3).rem_euclid(7);
        if weekday > 4 {
            day -= weekday - 4;
        }
        day * DAY + 8 * 3_600 + draw.below(Of::Clock, 10 * 3_600)
    }

    /// When a row was changed last. Every second of the newest rows was not changed since it was made.
    pub(super) fn update_time(&self, number: i64, numbers: super::Numbering, add_time: i64, draw: Draw) -> Option<i64> {
        let fresh = number > numbers.total() - numbers.total() / FRESH - 2;
        if fresh && number % 2 == numbers.total() % 2 {
            return None;
        }
        let age = (REFERENCE - 60 - add_time).max(1);
        Some(add_time + 1 + draw.below(Of::Updated, age.min(200 * DAY)))
    }
}
