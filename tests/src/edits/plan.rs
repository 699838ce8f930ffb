//! Edits at random, after each page of a list.

use serde::{Deserialize, Serialize};

use super::ledger::Answered;
use super::present::Present;
use super::{Edit, NewDeal};
use crate::dataset::{Amount, ChoiceId, CustomValue, Dice, Entity, Field, Status};

/// What happens between the pages of a running scan: after each page of deals (archived ones too), persons,
/// organizations, activities or products so many edits are done, before the next request is answered.
///
/// Kinds come as cards from a shuffled deck that has each of the two dozen once: two edits a page show every kind
/// within twelve pages. Of the records of the kind that is listed half lie near the end of the page, where a scan could
/// lose them; activities and products are not edited, but custom fields of products are. The same seed and the same pages give the same edits. As JSON: `{"seed": 1, "per_page": 3}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditPlan {
    /// Where the edits come from.
    pub seed: u64,
    /// Edits after each page; 0 ends the plan that runs.
    pub per_page: u32,
}

/// What a card says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Card {
    Stage,
    Win,
    Lose,
    Reopen,
    Owner,
    Title,
    Value,
    Custom,
    Create,
    Delete,
    Archive,
    Unarchive,
    PersonName,
    PersonOwner,
    PersonOrganization,
    CreatePerson,
    DeletePerson,
    OrganizationName,
    OrganizationOwner,
    CreateOrganization,
    DeleteOrganization,
    RenameField,
    AddField,
    DeleteField,
}

const DECK: &[Card] = &[
    Card::Stage,
    Card::Win,
    Card::Lose,
    Card::Reopen,
    Card::Owner,
    Card::Title,
    Card::Value,
    Card::Custom,
    Card::Create,
    Card::Delete,
    Card::Archive,
    Card::Unarchive,
    Card::PersonName,
    Card::PersonOwner,
    Card::PersonOrganization,
    Card::CreatePerson,
    Card::DeletePerson,
    Card::OrganizationName,
    Card::OrganizationOwner,
    Card::CreateOrganization,
    Card::DeleteOrganization,
    Card::RenameField,
    Card::AddField,
    Card::DeleteField,
];

/// A plan that runs.
#[derive(Debug)]
pub(super) struct Planner {
    plan: EditPlan,
    dice: Dice,
    deck: Vec<Card>,
    /// Edits proposed so far, for names.
    count: u64,
}

/// Records on either side of a page's end that count as near.
const NEAR: i64 = 60;

impl Planner {
    /// At the beginning of a plan.
    pub(super) const fn new(plan: EditPlan) -> Self {
        Self { plan, dice: Dice::new(plan.seed), deck: Vec::new(), count: 0 }
    }

    /// Edits after each page.
    pub(super) const fn per_page(&self) -> u32 {
        self.plan.per_page
    }

    /// The next edit; `None` where its card has no record to be played on.
    pub(super) fn next(&mut self, now: Present<'_>, page: Answered) -> Option<Edit> {
        self.count += 1;
        let card = self.card()?;
        Turn { dice: &mut self.dice, count: self.count, now, page }.play(card)
    }

    fn card(&mut self) -> Option<Card> {
        if self.deck.is_empty() {
            let mut rest = DECK.to_vec();
            while !rest.is_empty() {
                let place = self.dice.below(i64::try_from(rest.len()).unwrap_or_default());
                self.deck.push(rest.swap_remove(usize::try_from(place).unwrap_or_default()));
            }
        }
        self.deck.pop()
    }
}

/// One card's turn.
struct Turn<'a> {
    dice: &'a mut Dice,
    count: u64,
    now: Present<'a>,
    page: Answered,
}

impl Turn<'_> {
    fn play(&mut self, card: Card) -> Option<Edit> {
        Some(match card {
            Card::Stage => {
                let stages: Vec<i64> = self.now.stages().map(|stage| stage.id).collect();
                Edit::DealStage { id: self.live_deal(|_| true)?, stage_id: *self.dice.pick(&stages)? }
            }
            Card::Win => self.status(Status::Won)?,
            Card::Lose => self.status(Status::Lost)?,
            Card::Reopen => self.status(Status::Open)?,
            Card::Owner => Edit::DealOwner { id: self.live_deal(|_| true)?, owner_id: self.user()? },
            Card::Title => Edit::DealTitle { id: self.live_deal(|_| true)?, title: self.name("Deal") },
            Card::Value => Edit::DealValue { id: self.live_deal(|_| true)?, value: self.amount() },
            Card::Custom => self.custom()?,
            Card::Create => self.new_deal()?,
            Card::Delete => Edit::DeleteDeal { id: self.deal(|_, _| true)? },
            Card::Archive => Edit::ArchiveDeal { id: self.live_deal(|_| true)? },
            Card::Unarchive => Edit::UnarchiveDeal { id: self.deal(|_, archived| archived)? },
            Card::RenameField | Card::AddField | Card::DeleteField => self.field(card)?,
            _ => self.contact(card)?,
        })
    }

    fn contact(&mut self, card: Card) -> Option<Edit> {
        Some(match card {
            Card::PersonName => Edit::PersonName { id: self.person()?, name: self.name("Person") },
            Card::PersonOwner => Edit::PersonOwner { id: self.person()?, owner_id: self.user()? },
            Card::PersonOrganization => {
                let none = self.dice.below(5) == 0;
                Edit::PersonOrganization { id: self.person()?, org_id: if none { None } else { self.organization() } }
            }
            Card::CreatePerson => Edit::CreatePerson { name: self.name("Person"), org_id: self.organization() },
            Card::DeletePerson => Edit::DeletePerson { id: self.person()? },
            Card::OrganizationName => {
                Edit::OrganizationName { id: self.organization()?, name: self.name("Organization") }
            }
            Card::OrganizationOwner => Edit::OrganizationOwner { id: self.organization()?, owner_id: self.user()? },
            Card::CreateOrganization => Edit::CreateOrganization { name: self.name("Organization") },
            Card::DeleteOrganization => Edit::DeleteOrganization { id: self.organization()? },
            _ => return None,
        })
    }

    fn field(&mut self, card: Card) -> Option<Edit> {
        let entity = *self.dice.pick(&[Entity::Deals, Entity::Persons, Entity::Organizations, Entity::Products])?;
        if card == Card::AddField {
            let field_type = (*self.dice.pick(&["varchar", "double", "date", "enum", "monetary"])?).to_owned();
            let options = if field_type == "enum" { vec!["One".to_owned(), "Two".to_owned()] } else { Vec::new() };
            return Some(Edit::AddField { entity, name: self.name("Field"), field_type, options });
        }
        let key = self.custom_field(entity)?.code.clone();
        let name = self.name("Field");
        Some(match card {
            Card::RenameField => Edit::RenameField { entity, key, name },
            _ => Edit::DeleteField { entity, key },
        })
    }

    fn status(&mut self, status: Status) -> Option<Edit> {
        Some(Edit::DealStatus { id: self.live_deal(|present| present != status)?, status })
    }

    fn new_deal(&mut self) -> Option<Edit> {
        let stages: Vec<i64> = self.now.stages().map(|stage| stage.id).collect();
        Some(Edit::CreateDeal(NewDeal {
            title: self.name("Deal"),
            owner_id: Some(self.user()?),
            stage_id: self.dice.pick(&stages).copied(),
            person_id: self.person(),
            org_id: self.organization(),
            value: self.amount(),
        }))
    }

    fn custom(&mut self) -> Option<Edit> {
        let field = self.custom_field(Entity::Deals)?.clone();
        let value = if self.dice.below(4) == 0 { None } else { self.value(&field) };
        Some(Edit::DealCustom { id: self.live_deal(|_| true)?, key: field.code, value })
    }

    /// Some value for a field; `None` for types that have none to choose from.
    fn value(&mut self, field: &Field) -> Option<CustomValue> {
        let day = format!("2026-{:02}-{:02}", 1 + self.dice.below(12), 1 + self.dice.below(28));
        Some(match field.field_type {
            "varchar" | "varchar_auto" | "text" => CustomValue::Text(self.name("Text").into()),
            "phone" => CustomValue::Phone(format!("+49 30 {:07}", self.dice.below(10_000_000))),
            "double" => CustomValue::Number(self.amount()?),
            "monetary" => CustomValue::Money { value: self.amount()?, currency: "EUR".into() },
            "date" => CustomValue::Date(day),
            "daterange" => CustomValue::Dates { value: day, until: None },
            "enum" => CustomValue::Choice(self.option(field)?),
            "set" => CustomValue::Choices(vec![self.option(field)?]),
            "user" => CustomValue::Link(self.user()?),
            "org" => CustomValue::Link(self.organization()?),
            "people" => CustomValue::Link(self.person()?),
            _ => return None,
        })
    }

    fn option(&mut self, field: &Field) -> Option<i64> {
        match self.dice.pick(field.options.as_deref()?)?.id {
            ChoiceId::Number(id) => Some(id),
            ChoiceId::Text(_) => None,
        }
    }

    fn custom_field(&mut self, entity: Entity) -> Option<&Field> {
        let custom: Vec<&Field> = self.now.fields(entity).filter(|field| field.is_custom).collect();
        self.dice.pick(&custom).copied()
    }

    fn user(&mut self) -> Option<i64> {
        let users: Vec<i64> = self.now.users().map(|user| user.id).collect();
        self.dice.pick(&users).copied()
    }

    fn name(&self, what: &str) -> String {
        format!("{what} {} of plan", self.count)
    }

    #[expect(clippy::unnecessary_wraps, reason = "amounts of records are optional")]
    fn amount(&mut self) -> Option<Amount> {
        Some(Amount::new(self.dice.below(10_000_000), 2))
    }

    /// A deal that is neither deleted nor archived.
    fn live_deal(&mut self, wanted: impl Fn(Status) -> bool) -> Option<i64> {
        self.deal(|status, archived| !archived && wanted(status))
    }

    /// A deal that is not deleted, by status and whether it is archived.
    fn deal(&mut self, wanted: impl Fn(Status, bool) -> bool) -> Option<i64> {
        let now = self.now;
        self.record(Entity::Deals, |id| {
            now.deal_standing(id)
                .is_some_and(|(status, archived)| status != Status::Deleted && wanted(status, archived))
        })
    }

    fn person(&mut self) -> Option<i64> {
        let now = self.now;
        self.record(Entity::Persons, |id| now.person(id).is_some_and(|person| !person.is_deleted))
    }

    fn organization(&mut self) -> Option<i64> {
        let now = self.now;
        self.record(Entity::Organizations, |id| now.organization(id).is_some_and(|one| !one.is_deleted))
    }

    /// The first record from some id on, perhaps one near the page's end.
    fn record(&mut self, entity: Entity, wanted: impl Fn(i64) -> bool) -> Option<i64> {
        let last = self.now.last(entity);
        let anywhere = 1 + self.dice.below(last);
        let shift = self.dice.below(2 * NEAR) - NEAR;
        let near = self.page.last.filter(|_| self.page.entity == entity && self.dice.below(2) == 0);
        let from = near.map_or(anywhere, |end| (end + shift).clamp(1, last.max(1)));
        (from..=last).chain(1..from).find(|id| wanted(*id))
    }
}
