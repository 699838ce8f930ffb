//! Definitions that somebody wants to be read anew, whatever their age.

use std::sync::Arc;
use std::time::Instant;

use super::{Known, Tables};
use crate::api::Meter;
use crate::model::{CRM, ENTITIES, Entity};
use crate::state::{self, Definitions};
use crate::{ErrorKind, Result};

/// What a reading found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reread {
    /// Fields that are defined.
    pub(crate) fields: usize,
    /// Those of them that the company made.
    pub(crate) custom: usize,
    /// Tokens that it cost, by list price.
    pub(crate) tokens: u64,
}

impl Tables {
    /// The tables that depend on definitions, one for all that share theirs, in the order of the catalog.
    pub(crate) fn defined(&self) -> Vec<&'static Entity> {
        let mut defined: Vec<&'static Entity> = Vec::new();
        for &entity in ENTITIES.iter().filter(|entity| self.selection.has(CRM, entity.name)) {
            if self.needs_definitions(entity) && defined.iter().all(|other| other.record != entity.record) {
                defined.push(entity);
            }
        }
        defined
    }

    /// Reads the definitions of an entity. Every table of these records has them from here on, and their new fields
    /// names; plans that exist keep what they were made with. `None`, with a warning, where reading is refused: then what
    /// was known stays. Answers that are kept serve no more: they may lack what is new.
    ///
    /// # Errors
    /// Those of reading definitions.
    pub(crate) async fn reread(&self, entity: &'static Entity) -> Result<Option<Reread>> {
        let mut known = self.known.lock().await;
        self.client.forget_answers();
        let meter = Meter::covering();
        let before = meter.tokens();
        let fields = match self.fields(entity).await {
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                self.warn(format!(
                    "what is known of the fields of {CRM}.{} stays as it was: reading their definitions was refused. {}",
                    entity.name,
                    error.message()
                ));
                return Ok(None);
            }
            fields => fields?,
        };
        let custom = fields.iter().filter(|field| field.is_custom_field).count();
        let reread = Reread { fields: fields.len(), custom, tokens: meter.tokens() - before };
        let definitions = Definitions { read_at: state::now(), fields };
        let own = if self.include_archived { entity.with_archived() } else { entity };
        let siblings = known.values().map(|found| found.table.entity).filter(|other| other.record == entity.record);
        let mut entities: Vec<_> = siblings.filter(|other| other.name != own.name).collect();
        entities.push(own);
        for entity in entities {
            let table: Arc<_> = self.build(entity, definitions.clone(), true)?;
            known.insert(entity.name, Known { table, read_at: Instant::now(), settled: false });
        }
        Ok(Some(reread))
    }
}
