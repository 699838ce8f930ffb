//! From ODBC SQL to what DataFusion plans with the meaning that ODBC applications expect.
//!
//! A statement passes these rooms in order:
//!
//! - `tokens.rs`: the text as tokens with their places in it; `limits.rs`: what is too deep or too long is refused here,
//!   before anything recursive sees it
//! - `escapes.rs`: ODBC escapes, parameter markers, names in lower case, still as tokens
//! - `statement.rs`: which statements there are; the parser
//! - `rewrite.rs`: the syntax tree: TOP, FETCH, what must not be asked. `names.rs`: names of result columns; `balance.rs`:
//!   long chains; `literals.rs`: numbers, dates and type names; `calls.rs`: functions by their ODBC names;
//!   `patterns.rs`: LIKE
//! - `comparison.rs`: comparisons and arithmetic of unequal types, once tables are known; `lists.rs`: two IN lists; `coerced.rs`: what DataFusion's
//!   own coercion left: text of values, overflow; `duplicates.rs`: a rule of DataFusion that goes too far
//! - `functions/`: functions that DataFusion does not have
//! - `parameters.rs`: types of parameter markers; `errors.rs`: what went wrong, in SQL's words
//!
//! Knows nothing of requests and pages. Options are set in [`configure`], each with its reason.

mod balance;
mod calls;
mod coerced;
mod comparison;
mod duplicates;
mod errors;
mod escapes;
mod functions;
mod limits;
mod lists;
mod literals;
mod names;
mod parameters;
mod patterns;
mod rewrite;
mod statement;
#[cfg(test)]
mod tests;
mod tokens;

use std::sync::Arc;

use datafusion::execution::SessionStateDefaults;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::optimizer::analyzer::Analyzer;
use datafusion::optimizer::{Optimizer, OptimizerRule};
use datafusion::prelude::SessionConfig;
use datafusion::sql::sqlparser::ast;

use crate::Result;

pub use comparison::read_text;
pub use errors::translate;
pub use functions::{CUT, as_text};
pub use names::OutputNames;
pub use parameters::{Implied, parameter_types};

/// A statement that was read and rewritten, ready to be planned.
#[derive(Debug)]
pub struct Parsed {
    /// The query, in DataFusion's words.
    pub statement: ast::Statement,
    /// For EXPLAIN whether it says ANALYZE, too; `None` for a query that is to run.
    pub explain: Option<bool>,
    /// How many parameter markers there are; they are `$1`, `$2`... in the order of the text.
    pub parameters: usize,
    /// What the application must see as names of the result's columns.
    pub names: OutputNames,
}

/// Reads one statement.
///
/// # Errors
/// `Syntax` with line and column, `NotSupported`, `TooComplex`, `Conversion` and `OutOfRange` for literals.
pub fn parse(sql: &str) -> Result<Parsed> {
    let pieces = tokens::read(sql)?;
    limits::check(&pieces)?;
    let (pieces, explain) = statement::select_kind(sql, pieces)?;
    let translated = escapes::translate(sql, pieces)?;
    let mut query = statement::parse(sql, &translated.pieces)?;
    let names = rewrite::rewrite(sql, &translated, &mut query)?;
    Ok(Parsed { statement: ast::Statement::Query(query), explain, parameters: translated.parameters, names })
}

/// The statement with its ODBC escapes translated and nothing else changed.
///
/// # Errors
/// As [`parse`].
pub fn native_sql(sql: &str) -> Result<String> {
    parse(sql)?;
    let (pieces, _) = statement::select_kind(sql, tokens::read(sql)?)?;
    Ok(escapes::translate(sql, pieces)?.native(sql))
}

/// The options of DataFusion that decide what a statement means.
pub fn configure(config: SessionConfig) -> SessionConfig {
    config
        // 1.5 and 1000.00 are exact numbers in SQL; `value * 0.1` must not become 0.010000000000000002.
        .set_bool("datafusion.sql_parser.parse_float_as_decimal", true)
        // Names are in lower case already, by Unicode's rules as the tables' own names are.
        .set_bool("datafusion.sql_parser.enable_ident_normalization", false)
        // Result batches have Utf8 only.
        .set_bool("datafusion.sql_parser.map_string_types_to_utf8view", false)
        // NULLs come last whatever the direction: SQL_NULL_COLLATION is SQL_NC_END.
        .set_str("datafusion.sql_parser.default_null_ordering", "nulls_last")
        // Lengths are cut by a function of our own; a VARCHAR(10) must not be an error.
        .set_bool("datafusion.sql_parser.support_varchar_with_length", true)
        // Branches of a UNION come from different columns, and what fields know of their columns differs with them. That
        // is no fault of the plan, but the check of aggregates (a UNION without ALL is one) would call it one.
        .set_bool("datafusion.execution.skip_physical_aggregate_schema_check", true)
        // A rule that fails must be an error: its message is the only word about a literal that cannot be converted.
        .set_bool("datafusion.optimizer.skip_failed_rules", false)
}

/// DataFusion's own rules, the one that drops needless keys kept to those of GROUP BY.
fn optimizer_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let rules = Optimizer::new().rules.into_iter();
    rules.map(|rule| if rule.name() == duplicates::NAME { duplicates::of_groups_only(rule) } else { rule }).collect()
}

/// Registers functions, and the rules that give expressions their SQL meaning.
///
/// # Errors
/// None at present.
pub fn register(mut builder: SessionStateBuilder) -> Result<SessionStateBuilder> {
    builder
        .scalar_functions()
        .get_or_insert_with(SessionStateDefaults::default_scalar_functions)
        .extend(functions::all());
    builder
        .expr_planners()
        .get_or_insert_with(SessionStateDefaults::default_expr_planners)
        .insert(0, Arc::new(comparison::Planner));
    // Comparisons get their types before DataFusion coerces them; texts and overflow concern what it made of them.
    let mut rules = Analyzer::new().rules;
    rules.insert(0, Arc::new(comparison::Rule));
    rules.push(Arc::new(coerced::Rule));
    Ok(builder.with_analyzer_rules(rules).with_optimizer_rules(optimizer_rules()))
}
