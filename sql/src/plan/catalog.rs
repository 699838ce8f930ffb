//! Catalog and schemas as DataFusion sees them. A table is made when a statement names it, so that only the
//! definitions of entities that are used are ever read.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, Result as DfResult};

use super::provider::{EntityTable, Reading};
use super::system::System;
use crate::model::{self, CRM, SCHEMAS, SYSTEM_TABLES};

/// The schema that tables without one are looked up in: it has what the schemas behind it have. None is called so.
pub(crate) const BARE: &str = "~bare";

/// The catalog `pipedrive`.
#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) reading: Reading,
    /// Where a table without a schema is looked for first; then in `crm`.
    pub(super) schema: &'static str,
}

impl CatalogProvider for Catalog {
    fn schema_names(&self) -> Vec<String> {
        SCHEMAS.iter().map(|&schema| schema.to_owned()).collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let schemas = match SCHEMAS.iter().find(|schema| **schema == name) {
            Some(&schema) => vec![schema],
            None if name == BARE && self.schema == CRM => vec![CRM],
            None if name == BARE => vec![self.schema, CRM],
            None => return None,
        };
        Some(Arc::new(Tables { schemas, reading: self.reading.clone() }))
    }
}

/// The tables of one schema, or of some of which an earlier one comes first.
#[derive(Debug)]
struct Tables {
    schemas: Vec<&'static str>,
    reading: Reading,
}

impl Tables {
    fn names(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        let of = |schema| self.reading.tables.selection().tables().filter(move |(own, _)| *own == schema);
        self.schemas.iter().copied().flat_map(of)
    }
}

#[async_trait]
impl SchemaProvider for Tables {
    fn table_names(&self) -> Vec<String> {
        self.names().map(|(_, table)| table.to_owned()).collect()
    }

    async fn table(&self, name: &str) -> DfResult<Option<Arc<dyn TableProvider>>> {
        let Some((schema, name)) = self.names().find(|(_, table)| *table == name) else {
            return Ok(None);
        };
        if let Some(table) = SYSTEM_TABLES.iter().find(|table| (table.schema, table.name) == (schema, name)) {
            return Ok(Some(Arc::new(System::new(table, self.reading.clone()))));
        }
        let Some(entity) = model::entity(name) else {
            return Ok(None);
        };
        let table = self.reading.tables.table(entity).await;
        let table = table.map_err(|error| DataFusionError::External(Box::new(error)))?;
        Ok(Some(Arc::new(EntityTable::new(table, self.reading.clone()))))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.names().any(|(_, table)| table == name)
    }
}
