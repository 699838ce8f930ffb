//! An entity as DataFusion sees it.
//!
//! Arrow field names are in lower case, since the dialect writes every identifier so; the declared name, the SQL type
//! and the table stand in the field's metadata, which plain columns keep on their way through a plan.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Constraint, Constraints, DFSchema, Result as DfResult};
use datafusion::logical_expr::utils::{conjunction, disjunction};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType, col, lit};
use datafusion::physical_plan::ExecutionPlan;

use super::definitions::Tables;
use super::exec::{ScanExec, Source};
use super::pushdown::{Pushed, Terms, Verdict, push};
use super::readable::readable;
use super::request::{ScanRequest, Walk};
use crate::SqlType;
use crate::api::Client;
use crate::model::{CRM, List, Table, TableColumn};
use crate::zone::Zone;

/// How an entity is read, as far as the connection decides it.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) client: Client,
    pub(super) tables: Arc<Tables>,
    /// Rows of one page, 1 to 500.
    pub(super) page_size: usize,
    /// Whether predicates go to the API at all.
    pub(super) pushdown: bool,
    /// The zone of timestamps.
    pub(super) zone: Zone,
    /// Whether tables tell their keys.
    pub(super) keys: bool,
}

/// One entity with its custom columns.
#[derive(Debug)]
pub(super) struct EntityTable {
    table: Arc<Table>,
    schema: SchemaRef,
    constraints: Constraints,
    reading: Reading,
}

impl EntityTable {
    pub(super) fn new(table: Arc<Table>, reading: Reading) -> Self {
        let fields: Vec<Field> = table.columns.iter().map(|column| field(&table, column)).collect();
        let keys = table.columns.iter().position(|column| column.name == table.entity.key);
        let constraints = Constraints::new_unverified(vec![Constraint::PrimaryKey(keys.into_iter().collect())]);
        Self { table, schema: Arc::new(Schema::new(fields)), constraints, reading }
    }

    /// The columns to decode: what is given out, and what is needed on the way.
    fn decoded(&self, output: &[usize], filters: &[Expr], walk: &Walk) -> Vec<usize> {
        let wanted = filters.iter().flat_map(|filter| filter.column_refs()).map(|column| column.name.clone());
        let more: Vec<String> = wanted.chain([self.table.entity.key.to_owned(), walk.by.to_owned()]).collect();
        let mut decoded = output.to_vec();
        for (index, field) in self.schema.fields().iter().enumerate() {
            if more.contains(field.name()) && !decoded.contains(&index) {
                decoded.push(index);
            }
        }
        decoded
    }

    /// What makes a record a row of this table: it may be in one of the lists. True of every row that these lists send
    /// as documented, so it hides none of them; but a single get may answer with a record that no list has.
    fn membership(&self) -> Option<Expr> {
        let known = |column: &str| self.table.built_in(column).is_some();
        let of_list = |list: &List| {
            let facts = list.facts.iter().filter(|(flag, _)| known(flag));
            let facts =
                facts.map(|&(flag, value)| if value { col(flag).is_not_false() } else { col(flag).is_not_true() });
            let values = list.values.filter(|(column, _)| known(column)).map(|(column, values)| {
                col(column).is_null().or(col(column).in_list(values.iter().map(|value| lit(*value)).collect(), false))
            });
            conjunction(facts.chain(values)).unwrap_or_else(|| lit(true))
        };
        disjunction(self.table.entity.lists.iter().map(of_list))
    }

    fn request(&self, pushed: Pushed, decoded: &[usize], limit: Option<usize>) -> ScanRequest {
        let Pushed { target, lists, parameters, walk, modified, verdicts, .. } = pushed;
        let page_size = self.reading.page_size;
        // A page costs the same whatever its size; a small one is worth it only when each of its rows counts.
        let all_count = verdicts.iter().all(|verdict| *verdict == Verdict::Exact) && walk.until.is_none();
        let first_page = limit.filter(|_| all_count).map_or(page_size, |limit| limit.clamp(1, page_size));
        ScanRequest {
            entity: self.table.entity,
            target,
            lists,
            parameters,
            shape: ScanRequest::shape(&self.table, decoded),
            walk,
            modified,
            ordered: false,
            top: None,
            page_size,
            first_page,
        }
    }
}

#[async_trait]
impl TableProvider for EntityTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn constraints(&self) -> Option<&Constraints> {
        self.reading.keys.then_some(&self.constraints)
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> DfResult<Vec<TableProviderFilterPushDown>> {
        // A volatile filter would be evaluated over other rows here than above the scan.
        let answer = |filter: &&Expr| {
            if filter.is_volatile() {
                TableProviderFilterPushDown::Unsupported
            } else {
                TableProviderFilterPushDown::Exact
            }
        };
        Ok(filters.iter().map(answer).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let output = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let Reading { page_size, pushdown, zone, .. } = self.reading;
        let known_rows = self.reading.tables.rows_of_whole(self.table.entity);
        let pushed = push(&self.table, filters, Terms { page_size, enabled: pushdown, zone, known_rows });
        let predicates = filters.iter().map(readable).zip(pushed.verdicts.iter().cloned()).collect();
        let checks: Vec<Expr> = self.membership().into_iter().chain(filters.iter().cloned()).collect();
        let walk = pushed.modified.as_ref().map_or(pushed.walk, |modified| modified.others);
        let decoded = self.decoded(&output, &checks, &walk);
        let notice = pushed
            .elsewhere
            .map(|rest| notice(self.table.entity.name, rest, self.reading.tables.selection().has(CRM, rest)));
        let request = self.request(pushed, &decoded, limit);
        let decoded_schema = DFSchema::try_from(self.schema.project(&decoded)?)?;
        let filter =
            conjunction(checks).map(|filter| state.create_physical_expr(filter, &decoded_schema)).transpose()?;
        let source = Source {
            client: self.reading.client.clone(),
            tables: self.reading.tables.clone(),
            table: self.table.clone(),
            zone: self.reading.zone,
            filter,
            output: (0..output.len()).collect(),
            decoded,
            predicates,
            notice,
            pushdown: self.reading.pushdown,
        };
        let schema = Arc::new(self.schema.project(&output)?);
        Ok(Arc::new(ScanExec::new(request, source, schema, limit)))
    }
}

/// What is said of rows that another table has.
fn notice(table: &str, rest: &str, there: bool) -> String {
    let how = if there { "" } else { ", but the property Tables leaves it out" };
    format!("{table} leaves out what the statement asks for; {rest} has it{how}")
}

fn field(table: &Table, column: &TableColumn) -> Field {
    let base = Described {
        name: column.name.clone(),
        sql_type: column.sql_type,
        schema: table.schema(),
        table: table.entity.name,
    };
    Field::new(column.name.to_lowercase(), column.sql_type.arrow(), column.nullable).with_metadata(base.metadata())
}

/// What a field's metadata says of the column that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Described<S = &'static str> {
    /// Declared name.
    pub(crate) name: String,
    /// Declared type.
    pub(crate) sql_type: SqlType,
    /// Schema of the table.
    pub(crate) schema: S,
    /// Name of the table.
    pub(crate) table: S,
}

const NAME: &str = "pipedrive.column";
/// Declared length of text; empty for text without one.
pub(crate) const LENGTH: &str = "pipedrive.length";
const SCHEMA: &str = "pipedrive.schema";
const TABLE: &str = "pipedrive.table";

impl Described {
    /// The metadata of a field that stands for this column.
    pub(super) fn metadata(&self) -> HashMap<String, String> {
        let length = match self.sql_type {
            SqlType::Varchar(length) => length.to_string(),
            _ => String::new(),
        };
        let facts =
            [(NAME, self.name.clone()), (LENGTH, length), (SCHEMA, self.schema.into()), (TABLE, self.table.into())];
        facts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

impl Described<String> {
    /// Reads the metadata of a field; `None` for one that does not stand for a column.
    pub(crate) fn of(field: &Field) -> Option<Self> {
        let metadata: BTreeMap<_, _> =
            field.metadata().iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
        let length = metadata.get(LENGTH)?;
        let sql_type = match super::describe::sql_type(field.data_type()) {
            SqlType::Varchar(_) => length.parse().map_or(SqlType::LongVarchar, SqlType::Varchar),
            other => other,
        };
        Some(Self {
            name: metadata.get(NAME)?.clone(),
            sql_type,
            schema: metadata.get(SCHEMA)?.clone(),
            table: metadata.get(TABLE)?.clone(),
        })
    }
}
