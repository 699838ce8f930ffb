//! Catalog and schemas as DataFusion sees them. A table is made when a statement names it, so that only the
//! definitions of entities that are used are ever read.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, Result as DfResult};

use super::provider::{EntityTable, Reading};
use super::system::System;
use crate::model::{self, CRM, ENTITIES, META, SYS, SYSTEM_TABLES};

/// The catalog `pipedrive`.
#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) reading: Reading,
}

impl CatalogProvider for Catalog {
    fn schema_names(&self) -> Vec<String> {
        [CRM, META, SYS].map(str::to_owned).to_vec()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let name = [CRM, META, SYS].into_iter().find(|schema| *schema == name)?;
        Some(Arc::new(Tables { name, reading: self.reading.clone() }))
    }
}

/// One schema.
#[derive(Debug)]
struct Tables {
    name: &'static str,
    reading: Reading,
}

#[async_trait]
impl SchemaProvider for Tables {
    fn table_names(&self) -> Vec<String> {
        names(self.name).map(str::to_owned).collect()
    }

    async fn table(&self, name: &str) -> DfResult<Option<Arc<dyn TableProvider>>> {
        if let Some(table) = SYSTEM_TABLES.iter().find(|table| table.schema == self.name && table.name == name) {
            return Ok(Some(Arc::new(System::new(table, self.reading.clone()))));
        }
        let Some(entity) = model::entity(name).filter(|_| self.name == CRM) else {
            return Ok(None);
        };
        let table = self.reading.tables.table(entity).await;
        let table = table.map_err(|error| DataFusionError::External(Box::new(error)))?;
        Ok(Some(Arc::new(EntityTable::new(table, self.reading.clone()))))
    }

    fn table_exist(&self, name: &str) -> bool {
        names(self.name).any(|table| table == name)
    }
}

/// The tables of a schema.
pub(super) fn names(schema: &str) -> impl Iterator<Item = &'static str> {
    let entities = ENTITIES.iter().filter(move |_| schema == CRM).map(|entity| entity.name);
    entities.chain(SYSTEM_TABLES.iter().filter(move |table| table.schema == schema).map(|table| table.name))
}
