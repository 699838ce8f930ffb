//! Custom fields: one of every type that one can create, filled in and null, and their values.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::amount::Amount;
use super::clock::{Clock, DAY, Day};
use super::draw::{Draw, Of};
use super::fields::Subfield;
use super::organizations::{Address, address};
use super::words::{LONG_TEXTS, TOWNS};
use super::{Dataset, Scope};

/// A custom field before it has a key.
#[derive(Debug)]
pub(super) struct CustomField {
    pub(super) name: &'static str,
    pub(super) field_type: &'static str,
    /// Of a hundred records so many have a value.
    filled: i64,
    pub(super) options: &'static [(i64, &'static str)],
    /// Texts to choose from; the type decides where there are none.
    texts: &'static [&'static str],
}

const fn field(name: &'static str, field_type: &'static str, filled: i64) -> CustomField {
    CustomField { name, field_type, filled, options: &[], texts: &[] }
}

impl CustomField {
    const fn options(mut self, options: &'static [(i64, &'static str)]) -> Self {
        self.options = options;
        self
    }

    const fn texts(mut self, texts: &'static [&'static str]) -> Self {
        self.texts = texts;
        self
    }
}

const LEAD_SOURCES: &[(i64, &str)] = &[
    (101, "Website"),
    (102, "Referral"),
    (103, "Trade fair"),
    (104, "Cold call"),
    (105, "Partner"),
    (106, "Social media"),
];
const INTERESTS: &[(i64, &str)] =
    &[(111, "Espresso"), (112, "Filter coffee"), (113, "Tea"), (114, "Snacks, fruit"), (115, "Oat milk 🥛")];
const REGIONS: &[(i64, &str)] = &[(121, "DACH"), (122, "Nordics & Baltics"), (123, "Benelux"), (124, "Overseas")];
const YES_NO: &[(i64, &str)] = &[(131, "Yes"), (132, "No")];
const TOPICS: &[(i64, &str)] = &[(141, "Beans"), (142, "Machines"), (143, "Training")];
const TIERS: &[(i64, &str)] = &[(151, "Gold"), (152, "Silver"), (153, "Bronze")];
const CERTIFICATES: &[(i64, &str)] = &[(161, "ISO 9001"), (162, "ISO 14001"), (163, "Fair trade")];

const ROASTS: &[(i64, &str)] = &[(171, "Light"), (172, "Medium"), (173, "Dark")];

/// An option that no definition has, on one organization: somebody deleted it.
pub const UNKNOWN_OPTION: i64 = 199;

/// Text that a `varchar` can hold: empty, quoted, beyond the Basic Multilingual Plane.
const REFERENCES: &[&str] = &["PO-4711", "PO 0815/2026", "ref \"A\"", "", "№ 12 – Süd", "𝟙𝟚𝟛 🚚"];

/// The custom fields of deals. Two are called `Region`; one label has everything that a column name cannot have.
pub(super) const CUSTOM_DEAL: &[CustomField] = &[
    field("Lead Source", "enum", 88).options(LEAD_SOURCES),
    field("Contract Value", "monetary", 72),
    field("Customer Reference", "varchar", 60).texts(REFERENCES),
    field("Campaign", "varchar_auto", 35).texts(&["Spring 2025", "Autumn 2025", "Spring 2026", "Open house"]),
    field("Requirements", "text", 30).texts(LONG_TEXTS),
    field("Discount %", "double", 40),
    field("Contract Start", "date", 45),
    field("Interests", "set", 50).options(INTERESTS),
    field("Account Manager", "user", 55),
    field("Reseller", "org", 15),
    field("Decision Maker", "people", 45),
    field("Hotline", "phone", 25),
    field("Preferred Call Time", "time", 20),
    field("Delivery Window", "timerange", 20),
    field("Service Period", "daterange", 35),
    field("Installation Address", "address", 30),
    field("Region", "enum", 65).options(REGIONS),
    field("Region", "varchar", 20).texts(&["north", "south", "east", "west"]),
    field("Next  \"Step\" [v2.0]! `überfällig`", "varchar", 25).texts(&["call", "visit", "offer"]),
    field("Legacy Number", "double", 0),
];

pub(super) const CUSTOM_PERSON: &[CustomField] = &[
    field("Newsletter", "enum", 70).options(YES_NO),
    field("Topics", "set", 40).options(TOPICS),
    field("Assistant Phone", "phone", 20),
    field("Last Visit", "date", 35),
];

/// The custom fields of organizations. `Website` is called as a built-in column is.
pub(super) const CUSTOM_ORGANIZATION: &[CustomField] = &[
    field("Customer Tier", "enum", 75).options(TIERS),
    field("Annual Budget", "monetary", 50),
    field("Website", "varchar", 30).texts(&["https://intranet.example.com", "none", ""]),
    field("Certificates", "set", 45).options(CERTIFICATES),
];

pub(super) const CUSTOM_PRODUCT: &[CustomField] = &[
    field("Supplier", "org", 60),
    field("Roast", "enum", 55).options(ROASTS),
    field("List Price", "monetary", 50),
    field("Launch Date", "date", 40),
];

const fn subfield(member: &'static str, name: &'static str, field_type: &'static str) -> Subfield {
    Subfield { member, name, field_type }
}

const MONETARY: &[Subfield] =
    &[subfield("value", "Amount of %", "double"), subfield("currency", "Currency of %", "varchar")];
const TIME: &[Subfield] = &[subfield("timezone_id", "Timezone of %", "int")];
const TIMERANGE: &[Subfield] =
    &[subfield("until", "End time of %", "time"), subfield("timezone_id", "Timezone of %", "int")];
const DATERANGE: &[Subfield] = &[subfield("until", "End date of %", "date")];
const ADDRESS: &[Subfield] = &[
    subfield("subpremise", "Apartment/suite no of %", "varchar"),
    subfield("street_number", "House number of %", "varchar"),
    subfield("route", "Street/road name of %", "varchar"),
    subfield("sublocality", "District/sublocality of %", "varchar"),
    subfield("locality", "City/town/village/locality of %", "varchar"),
    subfield("admin_area_level_1", "State/county of %", "varchar"),
    subfield("admin_area_level_2", "Region of %", "varchar"),
    subfield("country", "Country of %", "varchar"),
    subfield("postal_code", "ZIP/Postal code of %", "varchar"),
    subfield("formatted_address", "Full/combined address of %", "varchar"),
];

/// The parts of a custom field of this type.
pub(super) fn subfields(field_type: &str) -> Option<&'static [Subfield]> {
    match field_type {
        "monetary" => Some(MONETARY),
        "time" => Some(TIME),
        "timerange" => Some(TIMERANGE),
        "daterange" => Some(DATERANGE),
        "address" => Some(ADDRESS),
        _ => None,
    }
}

/// The value of a custom field, by the shape that v2 gives it. A field without a value is `None` in its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomValue {
    /// `varchar`, `varchar_auto`, `text`, `phone`.
    Text(Cow<'static, str>),
    /// `phone`.
    Phone(String),
    /// `double`.
    Number(Amount),
    /// `date`, as `2026-04-01`.
    Date(String),
    /// `monetary`.
    Money {
        /// The amount.
        value: Amount,
        /// The currency, three letters.
        currency: Cow<'static, str>,
    },
    /// `enum`: the id of an option.
    Choice(i64),
    /// `set`: the ids of options, at least one.
    Choices(Vec<i64>),
    /// `user`, `org`, `people`: the id of a record.
    Link(i64),
    /// `time`, as `09:30:00`, in [`TIMEZONE`].
    Time(String),
    /// `timerange`, in [`TIMEZONE`].
    Times {
        /// From.
        value: String,
        /// To.
        until: String,
    },
    /// `daterange`.
    Dates {
        /// The first day.
        value: String,
        /// The last day; null where it was never filled in.
        until: Option<String>,
    },
    /// `address`.
    Address(Address),
}

impl CustomValue {
    /// A field of this type can hold the value.
    #[must_use]
    pub fn fits(&self, field_type: &str) -> bool {
        match self {
            Self::Text(_) => matches!(field_type, "varchar" | "varchar_auto" | "text" | "phone"),
            Self::Phone(_) => field_type == "phone",
            Self::Number(_) => field_type == "double",
            Self::Date(_) => field_type == "date",
            Self::Money { .. } => field_type == "monetary",
            Self::Choice(_) => field_type == "enum",
            Self::Choices(ids) => field_type == "set" && !ids.is_empty(),
            Self::Link(_) => matches!(field_type, "user" | "org" | "people"),
            Self::Time(_) => field_type == "time",
            Self::Times { .. } => field_type == "timerange",
            Self::Dates { .. } => field_type == "daterange",
            Self::Address(_) => field_type == "address",
        }
    }
}

/// The time zone of all times of day: Pipedrive's id and the name.
pub const TIMEZONE: (i64, &str) = (206, "Europe/Berlin");

/// What a record tells its custom fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base {
    pub(super) draw: Draw,
    /// The moment that dates lie around, in seconds since 1970.
    pub(super) around: i64,
    pub(super) currency: &'static str,
    /// Amounts are of this size.
    pub(super) worth: i64,
}

/// The values of a record, in the order of the definitions; none where the account has no custom fields.
pub(super) fn values(data: &Dataset, fields: &[CustomField], base: Base) -> Vec<Option<CustomValue>> {
    let fields = if data.has_custom_fields() { fields } else { &[] };
    fields.iter().enumerate().map(|(position, field)| value(data, field, base, position)).collect()
}

fn value(data: &Dataset, field: &CustomField, base: Base, position: usize) -> Option<CustomValue> {
    let draw = base.draw.custom(position);
    if !draw.chance(Of::Fresh, field.filled) {
        return None;
    }
    let day = |shift: i64| Day(base.around / DAY + shift).to_string();
    let hour = |hour: i64| Clock(hour * 3_600 + draw.below(Of::Clock, 4) * 900).to_string();
    let known = |scope| data.some_id(scope, draw);
    Some(match field.field_type {
        "monetary" => CustomValue::Money { value: money(base.worth, draw), currency: base.currency.into() },
        "double" => CustomValue::Number(draw.pick(Of::Value, NUMBERS)),
        "date" => CustomValue::Date(day(draw.below(Of::Day, 120))),
        "daterange" => CustomValue::Dates {
            value: day(draw.below(Of::Day, 60)),
            until: draw.chance(Of::Expected, 90).then(|| day(60 + draw.below(Of::Cycle, 365))),
        },
        "time" => CustomValue::Time(hour(9 + draw.below(Of::Value, 8))),
        "timerange" => {
            let from = 7 + draw.below(Of::Value, 6);
            CustomValue::Times { value: hour(from), until: hour(from + 2) }
        }
        "enum" => CustomValue::Choice(draw.pick(Of::Value, field.options).0),
        "set" => CustomValue::Choices(choices(field.options, draw)),
        "user" => CustomValue::Link(known(Scope::Users)?),
        "org" => CustomValue::Link(known(Scope::Organizations)?),
        "people" => CustomValue::Link(known(Scope::Persons)?),
        "phone" => CustomValue::Phone(phone(draw)),
        "address" => CustomValue::Address(address(draw, draw.pick(Of::Place, TOWNS))),
        _ => CustomValue::Text(draw.pick(Of::Value, field.texts).into()),
    })
}

/// Numbers as people type them and as the API writes them.
const NUMBERS: &[Amount] = &[
    Amount::new(5, 0),
    Amount::new(100, 1),
    Amount::new(125, 1),
    Amount::new(15, 0),
    Amount::new(333, 2),
    Amount::new(0, 0),
    Amount::new(-25, 1),
    Amount::new(174_999, 4),
];

/// Some amount not far from `worth`, in one of the forms that the API writes.
fn money(worth: i64, draw: Draw) -> Amount {
    let worth = worth * (60 + draw.below(Of::Value, 90)) / 100;
    match draw.below(Of::ValueForm, 4) {
        0 => Amount::new(worth * 10, 1),
        1 => Amount::new(worth * 100 + draw.below(Of::ValueSpread, 100), 2),
        _ => Amount::new(worth, 0),
    }
}

fn choices(options: &[(i64, &str)], draw: Draw) -> Vec<i64> {
    let bits = draw.bits(Of::Value);
    let chosen: Vec<i64> =
        options.iter().zip(0..).filter(|(_, bit)| bits >> (bit * 8) & 3 == 0).map(|((id, _), _)| *id).collect();
    if chosen.is_empty() { vec![draw.pick(Of::Lead, options).0] } else { chosen }
}

/// A telephone number.
pub(super) fn phone(draw: Draw) -> String {
    format!("+49 30 {:07}", draw.below(Of::Phone, 10_000_000))
}
