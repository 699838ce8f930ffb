//! Names of custom columns on their way to another machine and from there.

use super::Tables;
use crate::model::{ENTITIES, Entity, FieldMap, Pin};
use crate::state::{self, Definitions};
use crate::{ErrorKind, Result};

impl Tables {
    /// The names of all custom columns, of definitions that are read now: 10 tokens for each entity that has some. Names of
    /// fields that are gone come last. Where reading is refused, the names are those that were known, and a warning says
    /// so.
    pub(crate) async fn field_map(&self) -> Result<FieldMap> {
        let mut entities = Vec::new();
        for entity in ENTITIES.iter().filter(|entity| entity.has_custom_fields() && entity.name == entity.record) {
            let mut pins = self.names_now(entity).await?;
            let kept = self.folder.state(&self.owner).pins.remove(&state::pins_of(entity.record, self.shape.names));
            let known = self.shape.map.pins(entity.record).iter().cloned().chain(kept.unwrap_or_default());
            for pin in known {
                let same = |other: &Pin| other.key == pin.key || other.name.to_lowercase() == pin.name.to_lowercase();
                if !pins.iter().any(same) {
                    pins.push(pin);
                }
            }
            entities.push((entity.record.to_owned(), pins));
        }
        FieldMap::new(self.shape.names, entities)
    }

    /// Merges a map into the pins that are kept; the number of names that are new or other than they were.
    pub(crate) async fn import(&self, map: &FieldMap) -> Result<usize> {
        let changed = self.folder.import(&self.owner, map)?;
        self.known.lock().await.clear();
        Ok(changed)
    }

    /// The names of the fields that an entity has at present.
    async fn names_now(&self, entity: &'static Entity) -> Result<Vec<Pin>> {
        let fields = match self.fields(entity).await {
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                let name = entity.name;
                self.warn(format!(
                    "the names of {name} are those that were known before: reading the definitions of its fields was \
                     refused. {}",
                    error.message()
                ));
                return Ok(Vec::new());
            }
            fields => fields?,
        };
        let table = self.build(entity, Definitions { read_at: state::now(), fields }, true)?;
        let mut pins: Vec<Pin> = Vec::new();
        for column in &table.columns {
            // The first column of a field has the field's name, the others are its parts.
            let key = column.custom_key.iter().find(|key| pins.iter().all(|pin| pin.key != **key));
            pins.extend(key.map(|key| Pin { key: key.clone(), name: column.name.clone() }));
        }
        Ok(pins)
    }
}
