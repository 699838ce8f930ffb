//! stub
use crate::{Result, SqlType};
use datafusion::common::DataFusionError;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionConfig;
use datafusion::sql::sqlparser::ast;
pub struct OutputNames;
impl OutputNames {
    pub fn item(&self, _i: usize) -> Option<&str> {
        None
    }
    pub fn spelled(&self, _l: &str) -> Option<&str> {
        None
    }
}
pub struct Parsed {
    pub statement: ast::Statement,
    pub explain: Option<bool>,
    pub parameters: usize,
    pub names: OutputNames,
}
pub fn parse(_s: &str) -> Result<Parsed> {
    Err(crate::Error::new(crate::ErrorKind::General, ""))
}
pub fn native_sql(_s: &str) -> Result<String> {
    Ok(String::new())
}
pub fn configure(c: SessionConfig) -> SessionConfig {
    c
}
pub fn register(b: SessionStateBuilder) -> Result<SessionStateBuilder> {
    Ok(b)
}
pub fn parameter_types(_p: &LogicalPlan, _c: usize) -> Result<Vec<SqlType>> {
    Ok(vec![])
}
pub fn translate(e: DataFusionError) -> crate::Error {
    crate::Error::new(crate::ErrorKind::General, e.to_string())
}
