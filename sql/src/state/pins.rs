//! Pinned names on their way to another machine and from there.

use super::{Folder, Owner, State};
use crate::Result;
use crate::model::{FieldMap, NameStyle, Pin};

/// Where the pins of an entity stand in [`State::pins`].
pub(crate) fn pins_of(record: &str, names: NameStyle) -> String {
    let style = match names {
        NameStyle::Label => "label",
        NameStyle::Slug => "slug",
        NameStyle::Key => "key",
    };
    format!("{record}:{style}")
}

impl Folder {
    /// The names that are pinned for `owner` under this style, those of fields that are gone included.
    ///
    /// # Errors
    /// `Property` for pins that are no map, as after an upgrade that brought a built-in column of a pinned name.
    pub fn field_map(&self, owner: &Owner, names: NameStyle) -> Result<FieldMap> {
        let pins = self.state(owner).pins;
        let entities = pins.into_iter().filter_map(|(place, pins)| {
            let (record, _) = place.split_once(':')?;
            (place == pins_of(record, names)).then(|| (record.to_owned(), pins))
        });
        FieldMap::new(names, entities.collect())
    }

    /// Merges a map into the pins of `owner`; the number of names that are new or other than they were.
    ///
    /// Names of the map win: a field that has a name of it so far gets another one when it is seen next.
    ///
    /// # Errors
    /// `General` for a folder that cannot be written.
    pub fn import(&self, owner: &Owner, map: &FieldMap) -> Result<usize> {
        self.change(owner, |state| map.entities().map(|(record, pins)| merge(state, record, map.names(), pins)).sum())
    }
}

fn merge(state: &mut State, record: &str, names: NameStyle, pins: &[Pin]) -> usize {
    let kept = state.pins.entry(pins_of(record, names)).or_default();
    let changed = pins.iter().filter(|pin| !kept.contains(pin)).count();
    let free =
        |pin: &Pin| pins.iter().all(|new| new.key != pin.key && new.name.to_lowercase() != pin.name.to_lowercase());
    let others: Vec<Pin> = kept.drain(..).filter(free).collect();
    kept.extend(pins.iter().cloned().chain(others));
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pins(pairs: &[(&str, &str)]) -> Vec<Pin> {
        pairs.iter().map(|(key, name)| Pin { key: (*key).into(), name: (*name).into() }).collect()
    }

    fn map(pairs: &[(&str, &str)]) -> FieldMap {
        FieldMap::new(NameStyle::Label, vec![("deals".into(), pins(pairs))]).unwrap()
    }

    #[test]
    fn names_of_a_map_win_and_others_stay_behind_them() {
        let place = tempfile::tempdir().unwrap();
        let (folder, owner) = (Folder::at(place.path()).0, Owner::default());
        assert_eq!(folder.import(&owner, &map(&[("a", "Region"), ("b", "Source"), ("c", "Age")])).unwrap(), 3);
        assert_eq!(folder.import(&owner, &map(&[("b", "REGION"), ("c", "Age"), ("d", "Late")])).unwrap(), 2);
        let expected = pins(&[("b", "REGION"), ("c", "Age"), ("d", "Late")]);
        assert_eq!(folder.state(&owner).pins["deals:label"], expected, "a lost its name to b");
        assert_eq!(folder.import(&owner, &map(&[("e", "New")])).unwrap(), 1);
        let map = folder.field_map(&owner, NameStyle::Label).unwrap();
        assert_eq!(map.pins("deals"), [pins(&[("e", "New")]), expected].concat());
        assert_eq!(folder.field_map(&owner, NameStyle::Slug).unwrap().entities().count(), 0);
        assert_eq!(folder.import(&owner, &map).unwrap(), 0);
    }

    #[test]
    fn owners_are_listed() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path()).0;
        assert_eq!(folder.owners().unwrap(), []);
        let owner = |id| Owner { host: "acme.pipedrive.com".into(), company_id: 7, user_id: id, ..Owner::default() };
        for id in [3, 1] {
            folder.import(&owner(id), &map(&[("a", "Region")])).unwrap();
        }
        std::fs::write(place.path().join("notes.json"), "{}").unwrap();
        assert_eq!(folder.owners().unwrap(), [owner(1), owner(3)]);
    }
}
