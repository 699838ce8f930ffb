//! The company behind the sandbox, as typed records: what tests compute their expected rows from.
//!
//! * `draw`: a number for each attribute of each record, a pure function of the seed.
//! * `numbering`: which ids exist, which of them are hidden from lists.
//! * `deals`, `persons`, `organizations`, `activities`, `products`, `pipelines` (with stages), `users`: the records.
//! * `fields`, `builtin`, `custom`: field definitions and values of custom fields.
//! * `tally`: how many deals a person or organization has, for the computed members.
//! * `amount`, `clock`, `words`: numbers, moments and words.
//!
//! Each record is a function of the seed and its id. Nothing is kept: 100,000 deals need no memory. Knows nothing of
//! edits (`edits/` lays them over it), HTTP or SQL. Dirty values are there on purpose, as live accounts have them: empty texts, `0000-00-00`,
//! missing `update_time`, an option without definition ([`UNKNOWN_OPTION`]), one value with six decimals
//! ([`Dataset::precise_deal`]), references to deleted records.

mod activities;
mod amount;
mod builtin;
mod clock;
mod custom;
mod deals;
mod draw;
mod fields;
mod numbering;
mod organizations;
mod persons;
mod pipelines;
mod products;
mod tally;
mod users;
mod words;

use std::sync::OnceLock;

pub(crate) use draw::Dice;
use draw::{Draw, Kind, Of, hex};
use numbering::Numbering;
use tally::Tallies;

pub use activities::{Activity, Attendee, Conference, Location, Participant};
pub(crate) use activities::{ActivityKeys, PRIORITIES_SINCE};
pub use amount::Amount;
pub use clock::REFERENCE;
pub(crate) use clock::{DAY, Moment, OldMoment};
pub use custom::{CustomValue, TIMEZONE, UNKNOWN_OPTION};
pub(crate) use deals::DealKeys;
pub use deals::{Deal, Status};
pub(crate) use fields::added_field;
pub use fields::{Choice, ChoiceId, Entity, Field, Subfield};
pub(crate) use organizations::OrganizationKeys;
pub use organizations::{Address, Organization};
pub(crate) use persons::PersonKeys;
pub use persons::{Contact, Person};
pub use pipelines::{Pipeline, Stage};
pub(crate) use products::ProductKeys;
pub use products::{Price, Product};
pub use tally::Tally;
pub use users::User;

use crate::Config;

/// The company as `users/me` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Company {
    /// Pipedrive's number.
    pub id: i64,
    /// What people see.
    pub name: &'static str,
    /// The first part of its host name.
    pub domain: &'static str,
    /// Two letters.
    pub country: &'static str,
    /// Free text.
    pub industry: &'static str,
}

/// The company of every sandbox.
pub const COMPANY: Company = Company {
    id: 7_654_321,
    name: "Beanbridge Coffee",
    domain: "beanbridge",
    country: "DE",
    industry: "Food & beverages",
};

/// All records of a company.
#[derive(Debug)]
pub struct Dataset {
    seed: u64,
    has_custom_fields: bool,
    has_revenue: bool,
    deal_numbers: Numbering,
    person_numbers: Numbering,
    organization_numbers: Numbering,
    activity_numbers: Numbering,
    product_numbers: Numbering,
    users: Vec<User>,
    user_ids: Vec<i64>,
    pipelines: Vec<Pipeline>,
    stages: Vec<Stage>,
    deal_fields: Vec<Field>,
    person_fields: Vec<Field>,
    organization_fields: Vec<Field>,
    activity_fields: Vec<Field>,
    product_fields: Vec<Field>,
    /// Each name once, in order; made by the first request that sorts by it.
    product_names: OnceLock<Vec<String>>,
    tallies: OnceLock<Tallies>,
}

/// Records that others refer to.
#[derive(Debug, Clone, Copy)]
enum Scope {
    Deals,
    Persons,
    Organizations,
    Users,
}

impl Dataset {
    /// The company of this configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let fields = |entity| fields::fields(entity, config.seed, config.custom_fields);
        let users = users::users(config.seed, config.users);
        Self {
            seed: config.seed,
            has_custom_fields: config.custom_fields,
            has_revenue: config.revenue,
            deal_numbers: Numbering::new(config.deals, config.deals / 40 + 6),
            person_numbers: Numbering::new(config.persons, config.persons / 100 + 2),
            organization_numbers: Numbering::new(config.organizations, config.organizations / 100 + 2),
            activity_numbers: Numbering::new(config.activities, config.activities / 100 + 2),
            product_numbers: Numbering::new(config.products, config.products / 100 + 2),
            user_ids: users.iter().map(|user| user.id).collect(),
            users,
            pipelines: pipelines::pipelines(),
            stages: pipelines::stages(),
            deal_fields: fields(Entity::Deals),
            person_fields: fields(Entity::Persons),
            organization_fields: fields(Entity::Organizations),
            activity_fields: fields(Entity::Activities),
            product_fields: fields(Entity::Products),
            product_names: OnceLock::new(),
            tallies: OnceLock::new(),
        }
    }

    /// Where every record comes from.
    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    /// All deals by id, archived and deleted ones included.
    pub fn deals(&self) -> impl Iterator<Item = Deal> + '_ {
        self.deal_numbers.ids().filter_map(|id| self.deal(id))
    }

    /// All persons by id, deleted ones included.
    pub fn persons(&self) -> impl Iterator<Item = Person> + '_ {
        self.person_numbers.ids().filter_map(|id| self.person(id))
    }

    /// All organizations by id, deleted ones included.
    pub fn organizations(&self) -> impl Iterator<Item = Organization> + '_ {
        self.organization_numbers.ids().filter_map(|id| self.organization(id))
    }

    /// All activities by id, deleted ones included.
    pub fn activities(&self) -> impl Iterator<Item = Activity> + '_ {
        self.activity_numbers.ids().filter_map(|id| self.activity(id))
    }

    /// All products by id, deleted ones included.
    pub fn products(&self) -> impl Iterator<Item = Product> + '_ {
        self.product_numbers.ids().filter_map(|id| self.product(id))
    }

    /// All pipelines by id.
    pub fn pipelines(&self) -> impl Iterator<Item = &Pipeline> + '_ {
        self.pipelines.iter()
    }

    /// All stages by id.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> + '_ {
        self.stages.iter()
    }

    /// All users by id; the first one owns the token.
    pub fn users(&self) -> impl Iterator<Item = &User> + '_ {
        self.users.iter()
    }

    /// The pipeline with this id.
    #[must_use]
    pub fn pipeline(&self, id: i64) -> Option<&Pipeline> {
        self.pipelines.iter().find(|pipeline| pipeline.id == id)
    }

    /// The stage with this id.
    #[must_use]
    pub fn stage(&self, id: i64) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    /// The user with this id.
    #[must_use]
    pub fn user(&self, id: i64) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// The fields of deals, the custom ones last.
    pub fn deal_fields(&self) -> impl Iterator<Item = &Field> + '_ {
        self.fields(Entity::Deals).iter()
    }

    /// The fields of persons, the custom ones last.
    pub fn person_fields(&self) -> impl Iterator<Item = &Field> + '_ {
        self.fields(Entity::Persons).iter()
    }

    /// The fields of organizations, the custom ones last.
    pub fn organization_fields(&self) -> impl Iterator<Item = &Field> + '_ {
        self.fields(Entity::Organizations).iter()
    }

    /// The fields of an entity, the custom ones last.
    #[must_use]
    pub fn fields(&self, entity: Entity) -> &[Field] {
        match entity {
            Entity::Deals => &self.deal_fields,
            Entity::Persons => &self.person_fields,
            Entity::Organizations => &self.organization_fields,
            Entity::Activities => &self.activity_fields,
            Entity::Products => &self.product_fields,
        }
    }

    /// The custom fields of an entity, in the order of the values in its records.
    pub fn custom_fields(&self, entity: Entity) -> impl Iterator<Item = &Field> + '_ {
        self.fields(entity).iter().filter(|field| field.is_custom)
    }

    /// The value that a record's `custom` holds for the first field with this label.
    #[must_use]
    pub fn labelled<'a>(
        &self,
        entity: Entity,
        custom: &'a [Option<CustomValue>],
        label: &str,
    ) -> Option<&'a CustomValue> {
        let position = self.custom_fields(entity).position(|field| field.name == label)?;
        custom.get(position)?.as_ref()
    }

    /// The label of an option of the field with this code or key. Ids are unique among all fields.
    #[must_use]
    pub fn option_label(&self, field_code: &str, id: i64) -> Option<&str> {
        let contacts = self.deal_fields.iter().chain(&self.person_fields).chain(&self.organization_fields);
        let all = contacts.chain(&self.activity_fields).chain(&self.product_fields);
        all.filter(|field| field.code == field_code).find_map(|field| field.option_label(id))
    }

    /// The account has custom fields.
    #[must_use]
    pub const fn has_custom_fields(&self) -> bool {
        self.has_custom_fields
    }

    /// Deals have `acv`, `arr` and `mrr`, products how often they are billed.
    #[must_use]
    pub const fn has_revenue(&self) -> bool {
        self.has_revenue
    }

    pub(crate) const fn deal_numbers(&self) -> Numbering {
        self.deal_numbers
    }

    pub(crate) const fn person_numbers(&self) -> Numbering {
        self.person_numbers
    }

    pub(crate) const fn organization_numbers(&self) -> Numbering {
        self.organization_numbers
    }

    pub(crate) const fn activity_numbers(&self) -> Numbering {
        self.activity_numbers
    }

    pub(crate) const fn product_numbers(&self) -> Numbering {
        self.product_numbers
    }

    const fn draw(&self, kind: Kind, id: i64) -> Draw {
        Draw::new(self.seed, kind, id)
    }

    /// An owner. Those who came first have more.
    fn owner(&self, draw: Draw) -> i64 {
        let users = i64::try_from(self.user_ids.len()).unwrap_or(i64::MAX);
        let position = draw.below(Of::Owner, users).min(draw.below(Of::SecondOwner, users + users / 2));
        self.user_ids[usize::try_from(position).unwrap_or_default()]
    }

    /// Some record; deleted ones are among them, as nobody cleans up references.
    fn some_id(&self, scope: Scope, draw: Draw) -> Option<i64> {
        let (numbers, of) = match scope {
            Scope::Users => return Some(draw.pick(Of::Owner, &self.user_ids)),
            Scope::Deals => (self.deal_numbers, Of::Lead),
            Scope::Persons => (self.person_numbers, Of::Person),
            Scope::Organizations => (self.organization_numbers, Of::Organization),
        };
        (numbers.total() > 0).then(|| Numbering::id(1 + draw.below(of, numbers.total())))
    }

    /// The first listed record from the `number`-th on; 0 where there is none.
    fn some_listed_id(&self, scope: Scope, number: i64) -> i64 {
        let numbers = match scope {
            Scope::Deals => self.deal_numbers,
            Scope::Persons => self.person_numbers,
            Scope::Organizations => self.organization_numbers,
            Scope::Users => return self.user_ids[0],
        };
        let listed = |id: &i64| numbers.place(*id).is_some_and(|place| place.hidden.is_none());
        (number..=numbers.total()).map(Numbering::id).find(listed).unwrap_or_default()
    }
}

/// A secret of 40 hex digits that belongs to the seed; `position` tells them apart.
pub(crate) fn secret(seed: u64, position: i64) -> String {
    hex(Draw::new(seed, Kind::Company, position), 40)
}

/// True for one row of every `period`.
const fn once_in(number: i64, period: i64, phase: i64) -> bool {
    number % period == phase
}

#[cfg(test)]
mod tests;
