//! What differs from the data set, and how one more edit changes that.

use std::collections::{BTreeMap, BTreeSet};

use super::present::Present;
use super::{Record, Refused};
use crate::dataset::{Dataset, Deal, Entity, Field, Organization, Person, Tally};

/// Everything that edits have changed so far.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Edited and new deals as they are.
    pub(super) deals: BTreeMap<i64, Deal>,
    /// Edited and new persons as they are.
    pub(super) persons: BTreeMap<i64, Person>,
    /// Edited and new organizations as they are.
    pub(super) organizations: BTreeMap<i64, Organization>,
    created: BTreeMap<Entity, i64>,
    /// All fields of an entity whose definitions were edited, deleted ones included.
    pub(super) fields: BTreeMap<Entity, Vec<Field>>,
    deleted_fields: BTreeSet<String>,
    /// What to add to the data set's counts, by person.
    pub(super) person_tallies: BTreeMap<i64, Tally>,
    /// What to add to the data set's counts, by organization.
    pub(super) organization_tallies: BTreeMap<i64, Tally>,
}

/// What an edit did.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) entity: Entity,
    pub(super) id: Option<i64>,
    pub(super) before: Option<Record>,
    pub(super) after: Option<Record>,
}

/// A record that can be edited.
pub(super) trait Row: Clone {
    /// What it is.
    const ENTITY: Entity;

    /// The record with this id.
    fn find(now: Present<'_>, id: i64) -> Option<Self>;

    /// Where edited ones are kept.
    fn rows(changes: &mut Changes) -> &mut BTreeMap<i64, Self>;

    /// Counts the record `step` times where it belongs.
    fn count(&self, changes: &mut Changes, step: i64);

    /// Its id.
    fn id(&self) -> i64;

    /// Nobody can edit it any more.
    fn is_deleted(&self) -> bool;

    /// It was edited at this moment.
    fn touch(&mut self, moment: i64);

    /// As the history keeps it.
    fn record(self) -> Record;
}

impl Row for Deal {
    const ENTITY: Entity = Entity::Deals;

    fn find(now: Present<'_>, id: i64) -> Option<Self> {
        now.deal(id)
    }

    fn rows(changes: &mut Changes) -> &mut BTreeMap<i64, Self> {
        &mut changes.deals
    }

    fn count(&self, changes: &mut Changes, step: i64) {
        if !self.is_archived {
            let tally = Tally::of_deal(self.status, step);
            add(&mut changes.person_tallies, self.person_id, tally);
            add(&mut changes.organization_tallies, self.org_id, tally);
        }
    }

    fn id(&self) -> i64 {
        self.id
    }

    fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    fn touch(&mut self, moment: i64) {
        self.update_time = Some(moment);
    }

    fn record(self) -> Record {
        Record::Deal(Box::new(self))
    }
}

impl Row for Person {
    const ENTITY: Entity = Entity::Persons;

    fn find(now: Present<'_>, id: i64) -> Option<Self> {
        now.person(id)
    }

    fn rows(changes: &mut Changes) -> &mut BTreeMap<i64, Self> {
        &mut changes.persons
    }

    fn count(&self, changes: &mut Changes, step: i64) {
        if !self.is_deleted {
            add(&mut changes.organization_tallies, self.org_id, Tally::of_person(step));
        }
    }

    fn id(&self) -> i64 {
        self.id
    }

    fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    fn touch(&mut self, moment: i64) {
        self.update_time = Some(moment);
    }

    fn record(self) -> Record {
        Record::Person(Box::new(self))
    }
}

impl Row for Organization {
    const ENTITY: Entity = Entity::Organizations;

    fn find(now: Present<'_>, id: i64) -> Option<Self> {
        now.organization(id)
    }

    fn rows(changes: &mut Changes) -> &mut BTreeMap<i64, Self> {
        &mut changes.organizations
    }

    /// Nothing counts organizations.
    fn count(&self, _: &mut Changes, _: i64) {}

    fn id(&self) -> i64 {
        self.id
    }

    fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    fn touch(&mut self, moment: i64) {
        self.update_time = Some(moment);
    }

    fn record(self) -> Record {
        Record::Organization(Box::new(self))
    }
}

fn add(tallies: &mut BTreeMap<i64, Tally>, id: Option<i64>, tally: Tally) {
    if let Some(id) = id {
        let sum = tallies.entry(id).or_default();
        *sum = *sum + tally;
    }
}

impl Changes {
    /// How many records were made.
    pub(super) fn created(&self, entity: Entity) -> i64 {
        self.created.get(&entity).copied().unwrap_or_default()
    }

    /// Somebody deleted this field.
    pub(super) fn is_deleted_field(&self, field: &Field) -> bool {
        !self.deleted_fields.is_empty() && self.deleted_fields.contains(&field.code)
    }

    /// Edits a record that is not deleted.
    ///
    /// # Errors
    /// Where there is none.
    pub(super) fn edit<R: Row>(
        &mut self,
        at: (&Dataset, i64),
        id: i64,
        edit: impl FnOnce(&mut R),
    ) -> Result<Step, Refused> {
        self.try_edit(at, id, |row| {
            edit(row);
            Ok(())
        })
    }

    /// Edits a record that is not deleted.
    ///
    /// # Errors
    /// Where there is none, and those of `edit`.
    pub(super) fn try_edit<R: Row>(
        &mut self,
        (data, moment): (&Dataset, i64),
        id: i64,
        edit: impl FnOnce(&mut R) -> Result<(), Refused>,
    ) -> Result<Step, Refused> {
        let found = R::find(Present::new(data, self), id).filter(|row| !row.is_deleted());
        let before = found.ok_or(Refused::NoRecord { entity: R::ENTITY, id })?;
        let mut after = before.clone();
        edit(&mut after)?;
        after.touch(moment);
        before.count(self, -1);
        Ok(Step { before: Some(before.record()), ..self.store(after) })
    }

    /// Takes in a new record.
    pub(super) fn create<R: Row>(&mut self, row: R) -> Step {
        *self.created.entry(R::ENTITY).or_default() += 1;
        self.store(row)
    }

    fn store<R: Row>(&mut self, row: R) -> Step {
        row.count(self, 1);
        let id = row.id();
        R::rows(self).insert(id, row.clone());
        Step { entity: R::ENTITY, id: Some(id), before: None, after: Some(row.record()) }
    }

    /// Edits the definition of a custom field.
    ///
    /// # Errors
    /// Where there is none.
    pub(super) fn edit_field(
        &mut self,
        data: &Dataset,
        (entity, key): (Entity, &str),
        edit: impl FnOnce(&mut Field),
    ) -> Result<Step, Refused> {
        let deleted = self.deleted_fields.contains(key);
        let known = |field: &&mut Field| field.is_custom && field.code == key && !deleted;
        let no_field = || Refused::NoField { entity, key: key.to_owned() };
        let field = self.own_fields(data, entity).iter_mut().find(known).ok_or_else(no_field)?;
        let before = field.clone();
        edit(field);
        let after = field.clone();
        let record = |field| Some(Record::Field(Box::new(field)));
        Ok(Step { entity, id: None, before: record(before), after: record(after) })
    }

    /// Takes in a new custom field.
    pub(super) fn add_field(&mut self, data: &Dataset, entity: Entity, field: Field) -> Step {
        self.own_fields(data, entity).push(field.clone());
        Step { entity, id: None, before: None, after: Some(Record::Field(Box::new(field))) }
    }

    /// Deletes a custom field.
    ///
    /// # Errors
    /// Where there is none.
    pub(super) fn delete_field(&mut self, data: &Dataset, entity: Entity, key: &str) -> Result<Step, Refused> {
        let step = self.edit_field(data, (entity, key), |_| {})?;
        self.deleted_fields.insert(key.to_owned());
        Ok(Step { after: None, ..step })
    }

    fn own_fields(&mut self, data: &Dataset, entity: Entity) -> &mut Vec<Field> {
        self.fields.entry(entity).or_insert_with(|| data.fields(entity).to_vec())
    }
}
