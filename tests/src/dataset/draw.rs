//! Where the variety comes from: a number for each attribute of each record, a pure function of the seed.
//!
//! An attribute draws its number on its own, in no order, so that part of a record costs part of the work and a new
//! attribute changes no old one. The function is that of `SplitMix64`; it is the same on every machine.

/// Kinds of record that draw.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Deal = 1,
    Person,
    Organization,
    User,
    DealField,
    PersonField,
    OrganizationField,
    Company,
    Activity,
    Product,
    ProductField,
}

/// What a number is drawn for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    Day = 1,
    Clock,
    Backdated,
    Owner,
    SecondOwner,
    Creator,
    Person,
    PersonMissing,
    Organization,
    OrganizationMissing,
    Pipeline,
    Closed,
    Won,
    Cycle,
    Stage,
    Updated,
    Fresh,
    Value,
    ValueSpread,
    ValueForm,
    Probability,
    Expected,
    Cleared,
    Lost,
    Title,
    Label,
    Visible,
    Origin,
    Channel,
    Revenue,
    FirstName,
    LastName,
    Name,
    NameSuffix,
    Email,
    Phone,
    Picture,
    Place,
    Street,
    House,
    Job,
    Birthday,
    Note,
    Messenger,
    Website,
    Industry,
    Employees,
    AnnualRevenue,
    Participants,
    Lead,
    Key,
    Secret,
    /// Custom fields draw from here on: four numbers each, see [`Draw::custom`].
    Custom = 1_000,
}

/// The numbers of one record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw {
    state: u64,
}

/// Weyl increment and finalizer of `SplitMix64`.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Draw {
    /// The numbers of the record `id` of a kind.
    pub(super) const fn new(seed: u64, kind: Kind, id: i64) -> Self {
        let company = mix(seed.wrapping_add(STEP));
        let kind = mix(company ^ (kind as u64).wrapping_mul(STEP));
        Self { state: mix(kind ^ id.cast_unsigned().wrapping_mul(STEP)) }
    }

    /// The numbers of the custom field at `position` of this record.
    pub(super) const fn custom(self, position: usize) -> Self {
        Self { state: self.raw(Of::Custom as u64 + position as u64) }
    }

    const fn raw(self, of: u64) -> u64 {
        mix(self.state.wrapping_add(of.wrapping_mul(STEP)))
    }

    /// A number of 64 bits.
    pub(super) const fn bits(self, of: Of) -> u64 {
        self.raw(of as u64)
    }

    /// A number from 0 to `end` - 1; 0 for an `end` below 1.
    pub(super) const fn below(self, of: Of, end: i64) -> i64 {
        if end < 1 { 0 } else { (self.bits(of) >> 1).cast_signed() % end }
    }

    /// True `percent` times of a hundred.
    pub(super) const fn chance(self, of: Of, percent: i64) -> bool {
        self.below(of, 100) < percent
    }

    /// One of a list, which is never empty.
    pub(super) fn pick<T: Copy>(self, of: Of, items: &[T]) -> T {
        let end = i64::try_from(items.len()).unwrap_or(i64::MAX);
        items[usize::try_from(self.below(of, end)).unwrap_or(0)]
    }
}

/// Numbers one after the other, for what happens rather than for what is.
#[derive(Debug)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    /// The same seed gives the same numbers.
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: mix(seed.wrapping_add(STEP)) }
    }

    /// A number from 0 to `end` - 1; 0 for an `end` below 1.
    pub(crate) const fn below(&mut self, end: i64) -> i64 {
        self.state = self.state.wrapping_add(STEP);
        if end < 1 { 0 } else { (mix(self.state) >> 1).cast_signed() % end }
    }

    /// One of a list; `None` of an empty one.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let end = i64::try_from(items.len()).unwrap_or(i64::MAX);
        items.get(usize::try_from(self.below(end)).unwrap_or_default())
    }
}

/// `digits` lower-case hexadecimal digits, at most 48.
pub(super) fn hex(draw: Draw, digits: usize) -> String {
    let part = |of| format!("{:016x}", draw.bits(of));
    let mut text = [part(Of::Key), part(Of::Secret), part(Of::Name)].concat();
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::{Draw, Kind, Of, hex};

    #[test]
    fn numbers_depend_on_seed_kind_record_and_attribute() {
        let bits = |seed, kind, id, of| Draw::new(seed, kind, id).bits(of);
        let one = bits(1, Kind::Deal, 1, Of::Owner);
        assert_eq!(one, bits(1, Kind::Deal, 1, Of::Owner));
        for other in [
            bits(2, Kind::Deal, 1, Of::Owner),
            bits(1, Kind::Person, 1, Of::Owner),
            bits(1, Kind::Deal, 2, Of::Owner),
            bits(1, Kind::Deal, 1, Of::Title),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn chances_are_as_stated() {
        let hits = (0..10_000).filter(|&id| Draw::new(1, Kind::Deal, id).chance(Of::Won, 30)).count();
        assert!((2_800..3_200).contains(&hits), "{hits}");
    }

    #[test]
    fn keys_have_the_length_asked_for() {
        assert_eq!(hex(Draw::new(1, Kind::DealField, 3), 40).len(), 40);
    }
}
