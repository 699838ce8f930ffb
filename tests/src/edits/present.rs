//! The company as it is at a moment.

use std::ops::Deref;

use super::changes::Changes;
use crate::dataset::{CustomValue, Dataset, Deal, Entity, Field, Organization, Person, Status, Tally};

/// The data set with the changes over it.
///
/// What edits cannot touch is the data set's. Every method here hides the one of the same name that knows no edits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present<'a> {
    data: &'a Dataset,
    changes: &'a Changes,
}

impl Deref for Present<'_> {
    type Target = Dataset;

    fn deref(&self) -> &Dataset {
        self.data
    }
}

impl<'a> Present<'a> {
    /// The data set after these changes.
    pub(super) const fn new(data: &'a Dataset, changes: &'a Changes) -> Self {
        Self { data, changes }
    }

    /// The company without its changes.
    pub(crate) const fn origin(&self) -> &'a Dataset {
        self.data
    }

    /// The highest id that was given.
    pub(crate) fn last(&self, entity: Entity) -> i64 {
        let first = match entity {
            Entity::Deals => self.data.deal_numbers().last(),
            Entity::Persons => self.data.person_numbers().last(),
            Entity::Organizations => self.data.organization_numbers().last(),
            Entity::Activities => self.data.activity_numbers().last(),
            Entity::Products => self.data.product_numbers().last(),
        };
        first + self.changes.created(entity)
    }

    /// The deal with this id, archived or deleted or neither.
    pub(crate) fn deal(&self, id: i64) -> Option<Deal> {
        self.changed_deal(id).cloned().or_else(|| self.data.deal(id))
    }

    /// The person with this id, deleted or not.
    pub(crate) fn person(&self, id: i64) -> Option<Person> {
        self.changed_person(id).cloned().or_else(|| self.data.person(id))
    }

    /// The organization with this id, deleted or not.
    pub(crate) fn organization(&self, id: i64) -> Option<Organization> {
        self.changed_organization(id).cloned().or_else(|| self.data.organization(id))
    }

    /// The deal, if it was edited or made by an edit.
    pub(crate) fn changed_deal(&self, id: i64) -> Option<&'a Deal> {
        self.changes.deals.get(&id)
    }

    /// The person, if it was edited or made by an edit.
    pub(crate) fn changed_person(&self, id: i64) -> Option<&'a Person> {
        self.changes.persons.get(&id)
    }

    /// The organization, if it was edited or made by an edit.
    pub(crate) fn changed_organization(&self, id: i64) -> Option<&'a Organization> {
        self.changes.organizations.get(&id)
    }

    /// The ids of all records that were edited or made by an edit, ascending.
    pub(crate) fn changed(&self, entity: Entity) -> Box<dyn Iterator<Item = i64> + 'a> {
        match entity {
            Entity::Deals => Box::new(self.changes.deals.keys().copied()),
            Entity::Persons => Box::new(self.changes.persons.keys().copied()),
            Entity::Organizations => Box::new(self.changes.organizations.keys().copied()),
            // Nobody edits these.
            Entity::Activities | Entity::Products => Box::new(std::iter::empty()),
        }
    }

    /// The person of a deal.
    pub(crate) fn person_of_deal(&self, id: i64) -> Option<i64> {
        match self.changed_deal(id) {
            Some(deal) => deal.person_id,
            None => self.data.deal_keys(id)?.person_id,
        }
    }

    /// The status of a deal, and whether it is archived.
    pub(crate) fn deal_standing(&self, id: i64) -> Option<(Status, bool)> {
        match self.changed_deal(id) {
            Some(deal) => Some((deal.status, deal.is_archived)),
            None => self.data.deal_keys(id).map(|deal| (deal.status, deal.is_archived)),
        }
    }

    /// All deals by id, archived and deleted ones included.
    pub(crate) fn deals(self) -> impl Iterator<Item = Deal> {
        (1..=self.last(Entity::Deals)).filter_map(move |id| self.deal(id))
    }

    /// All persons by id, deleted ones included.
    pub(crate) fn persons(self) -> impl Iterator<Item = Person> {
        (1..=self.last(Entity::Persons)).filter_map(move |id| self.person(id))
    }

    /// All organizations by id, deleted ones included.
    pub(crate) fn organizations(self) -> impl Iterator<Item = Organization> {
        (1..=self.last(Entity::Organizations)).filter_map(move |id| self.organization(id))
    }

    /// What belongs to a person.
    pub(crate) fn person_tally(&self, id: i64) -> Tally {
        self.data.person_tally(id) + self.changes.person_tallies.get(&id).copied().unwrap_or_default()
    }

    /// What belongs to an organization.
    pub(crate) fn organization_tally(&self, id: i64) -> Tally {
        self.data.organization_tally(id) + self.changes.organization_tallies.get(&id).copied().unwrap_or_default()
    }

    /// The fields of an entity, the custom ones last, deleted ones among them: their places do not change.
    pub(crate) fn all_fields(&self, entity: Entity) -> &'a [Field] {
        self.changes.fields.get(&entity).map_or_else(|| self.data.fields(entity), Vec::as_slice)
    }

    /// The fields of an entity, the custom ones last.
    pub(crate) fn fields(&self, entity: Entity) -> impl Iterator<Item = &'a Field> + use<'a> {
        let changes = self.changes;
        self.all_fields(entity).iter().filter(move |field| !changes.is_deleted_field(field))
    }

    /// The field at a place, counted from 1.
    pub(crate) fn field(&self, entity: Entity, place: i64) -> Option<&'a Field> {
        let position = usize::try_from(place).ok()?.checked_sub(1)?;
        self.all_fields(entity).get(position).filter(|field| !self.changes.is_deleted_field(field))
    }

    /// The entity has custom fields.
    pub(crate) fn has_custom_fields(&self, entity: Entity) -> bool {
        self.fields(entity).any(|field| field.is_custom)
    }

    /// Where records keep the value of a custom field, deleted or not.
    pub(crate) fn position(&self, entity: Entity, key: &str) -> Option<usize> {
        let mut custom = self.all_fields(entity).iter().filter(|field| field.is_custom);
        custom.position(|field| field.code == key)
    }

    /// The custom fields of an entity with the values that a record has in them.
    pub(crate) fn custom_values<'v>(
        self,
        entity: Entity,
        values: &'v [Option<CustomValue>],
    ) -> impl Iterator<Item = (&'a Field, Option<&'v CustomValue>)> {
        let changes = self.changes;
        let custom = self.all_fields(entity).iter().filter(|field| field.is_custom).enumerate();
        let living = custom.filter(move |(_, field)| !changes.is_deleted_field(field));
        living.map(move |(position, field)| (field, values.get(position).and_then(Option::as_ref)))
    }
}
