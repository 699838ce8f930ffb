//! Which ids exist: those that lists show, hidden ones (archived or deleted) spread among them, and gaps.

/// The ids of one entity, from 1 upwards. Every fiftieth id is a gap: a row that was purged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbering {
    listed: i64,
    hidden: i64,
}

/// Where a row stands: the `number`-th of all rows, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: i64,
    /// The row is the n-th hidden one, counted from 1; `None` for a row that lists show.
    pub(super) hidden: Option<i64>,
}

/// Every id that this divides is a gap.
const GAP: i64 = 50;

impl Numbering {
    /// `listed` rows that are shown and `hidden` ones among them.
    pub(super) fn new(listed: usize, hidden: usize) -> Self {
        let count = |rows| i64::try_from(rows).unwrap_or(i64::MAX / 4);
        Self { listed: count(listed), hidden: if listed == 0 { 0 } else { count(hidden) } }
    }

    /// Rows that exist, hidden ones included.
    pub(super) const fn total(self) -> i64 {
        self.listed + self.hidden
    }

    /// The highest id; 0 where there are no rows.
    pub(crate) const fn last(self) -> i64 {
        Self::id(self.total())
    }

    /// The id of the `number`-th row.
    pub(super) const fn id(number: i64) -> i64 {
        if number < 1 { 0 } else { number + (number - 1) / (GAP - 1) }
    }

    /// The row with this id; `None` for gaps and ids outside.
    pub(super) fn place(self, id: i64) -> Option<Place> {
        if id < 1 || id > self.last() || id % GAP == 0 {
            return None;
        }
        let number = id - id / GAP;
        let before = |number: i64| number * self.hidden / self.total();
        let ordinal = before(number);
        Some(Place { number, hidden: (ordinal > before(number - 1)).then_some(ordinal) })
    }

    /// All ids, ascending.
    pub(super) fn ids(self) -> impl Iterator<Item = i64> + use<> {
        (1..=self.last()).filter(|id| id % GAP != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::Numbering;

    #[test]
    fn exactly_the_rows_asked_for_are_listed() {
        for (listed, hidden) in [(0, 6), (1, 0), (1, 6), (48, 1), (49, 1), (2_300, 63), (100_000, 2_506)] {
            let numbering = Numbering::new(listed, hidden);
            let places: Vec<_> = numbering.ids().map(|id| numbering.place(id).unwrap()).collect();
            assert_eq!(places.iter().filter(|place| place.hidden.is_none()).count(), listed);
            assert_eq!(
                places.iter().filter(|place| place.hidden.is_some()).count(),
                if listed == 0 { 0 } else { hidden }
            );
            assert!(places.iter().zip(1..).all(|(place, number)| place.number == number));
            assert!(numbering.ids().zip(1..).all(|(id, number)| id == Numbering::id(number)));
            assert!(numbering.place(numbering.last() + 1).is_none() && numbering.place(0).is_none());
        }
    }

    #[test]
    fn the_fiftieth_id_is_a_gap() {
        assert!(Numbering::new(100, 0).place(50).is_none());
    }
}
