//! How many deals each person and organization has: the computed members of `include_fields`.

use std::ops::Add;

use super::{Dataset, Status};

/// Deals and persons that belong to a record. Archived and deleted ones are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Open deals.
    pub open: i64,
    /// Won deals.
    pub won: i64,
    /// Lost deals.
    pub lost: i64,
    /// Persons, of an organization.
    pub people: i64,
}

impl Tally {
    /// One deal of this status, `step` times.
    pub(crate) fn of_deal(status: Status, step: i64) -> Self {
        let mut tally = Self::default();
        match status {
            Status::Open => tally.open = step,
            Status::Won => tally.won = step,
            Status::Lost => tally.lost = step,
            Status::Deleted => {}
        }
        tally
    }

    /// One person, `step` times.
    pub(crate) fn of_person(step: i64) -> Self {
        Self { people: step, ..Self::default() }
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            open: self.open + more.open,
            won: self.won + more.won,
            lost: self.lost + more.lost,
            people: self.people + more.people,
        }
    }
}

/// Counted once, at the first request that asks for counts; indexed by id.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    persons: Vec<Tally>,
    organizations: Vec<Tally>,
}

impl Dataset {
    /// What belongs to a person.
    #[must_use]
    pub fn person_tally(&self, id: i64) -> Tally {
        entry(&self.tallies().persons, Some(id)).copied().unwrap_or_default()
    }

    /// What belongs to an organization.
    #[must_use]
    pub fn organization_tally(&self, id: i64) -> Tally {
        entry(&self.tallies().organizations, Some(id)).copied().unwrap_or_default()
    }

    fn tallies(&self) -> &Tallies {
        self.tallies.get_or_init(|| self.count())
    }

    fn count(&self) -> Tallies {
        let room = |last: i64| vec![Tally::default(); usize::try_from(last + 1).unwrap_or_default()];
        let mut persons = room(self.person_numbers.last());
        let mut organizations = room(self.organization_numbers.last());
        for deal in self.deal_numbers.ids().filter_map(|id| self.deal_keys(id)).filter(|deal| !deal.is_archived) {
            let both = [entry_mut(&mut persons, deal.person_id), entry_mut(&mut organizations, deal.org_id)];
            for tally in both.into_iter().flatten() {
                *tally = *tally + Tally::of_deal(deal.status, 1);
            }
        }
        for person in self.person_numbers.ids().filter_map(|id| self.person_keys(id)).filter(|one| !one.is_deleted) {
            if let Some(tally) = entry_mut(&mut organizations, person.org_id) {
                tally.people += 1;
            }
        }
        Tallies { persons, organizations }
    }
}

fn entry(tallies: &[Tally], id: Option<i64>) -> Option<&Tally> {
    tallies.get(usize::try_from(id?).ok()?)
}

fn entry_mut(tallies: &mut [Tally], id: Option<i64>) -> Option<&mut Tally> {
    tallies.get_mut(usize::try_from(id?).ok()?)
}
