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
//! - `comparison.rs`: comparisons and arithmetic of unequal types, once tables are known; `lists.rs`: two IN lists;
//!   `memberships.rs`: IN with a subquery; `coerced.rs`: what DataFusion's own coercion left: text of values, overflow;
//!   `rules.rs`, `groups.rs`: where DataFusion goes too far, as with the keys of tables
//! - `functions/`: functions that DataFusion does not have
//! - `invocation.rs`: calls of procedures, which pass none of these rooms
//! - `shape.rs`: a statement as a log shows it
//! - `parameters.rs`: types of parameter markers; `errors.rs`: what went wrong, in SQL's words; `missing.rs`: tables that
//!   there are not
//!
//! Knows nothing of requests and pages. Options are set in [`configure`], each with its reason.

mod balance;
mod calls;
mod coerced;
mod comparison;
mod errors;
mod escapes;
mod functions;
mod groups;
mod invocation;
mod limits;
mod lists;
mod literals;
mod memberships;
mod missing;
mod names;
mod parameters;
mod patterns;
mod rewrite;
mod rules;
mod shape;
mod statement;
#[cfg(test)]
mod tests;
mod tokens;

use std::sync::Arc;

use datafusion::execution::SessionStateDefaults;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::optimizer::analyzer::Analyzer;
use datafusion::prelude::SessionConfig;
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::tokenizer::Token;

use crate::Result;
use crate::zone::Zone;

pub use comparison::read_text;
pub(crate) use errors::closest;
pub use errors::translate;
pub use functions::{CUT, as_text};
pub use groups::has_groups_over_joins;
pub use invocation::{Argument, Given, Invocation, invocation, is_like_call};
pub use literals::has_zone;
pub use missing::{translate_planning, unknown_table};
pub use names::OutputNames;
pub use parameters::{Implied, parameter_types};
pub use shape::{compact, shape, shape_of_refused};
pub use statement::Explain;

/// A statement that was read and rewritten, ready to be planned.
#[derive(Debug)]
pub struct Parsed {
    /// The query, in DataFusion's words.
    pub statement: ast::Statement,
    /// What EXPLAIN is asked for; `None` for a query that is to run.
    pub explain: Option<Explain>,
    /// How many parameter markers there are; they are `$1`, `$2`... in the order of the text.
    pub parameters: usize,
    /// What the application must see as names of the result's columns.
    pub names: OutputNames,
    /// The first text that is a moment of a zone of its own, such as `2026-04-01T22:03:27Z`.
    pub zoned: Option<String>,
}

/// Reads one statement.
///
/// # Errors
/// `Syntax` with line and column, `NotSupported`, `TooComplex`, `Conversion` and `OutOfRange` for literals.
pub fn parse(sql: &str) -> Result<Parsed> {
    let pieces = tokens::read(sql)?;
    limits::check(&pieces)?;
    let zoned = zoned(&pieces);
    let (pieces, explain) = statement::select_kind(sql, pieces)?;
    let translated = escapes::translate(sql, pieces)?;
    let mut query = statement::parse(sql, &translated.pieces)?;
    let names = rewrite::rewrite(sql, &translated, &mut query)?;
    let statement = ast::Statement::Query(query);
    Ok(Parsed { statement, explain, parameters: translated.parameters, names, zoned })
}

fn zoned(pieces: &[tokens::Piece]) -> Option<String> {
    pieces.iter().find_map(|piece| match &piece.token {
        Token::SingleQuotedString(text) if has_zone(text) => Some(text.clone()),
        _ => None,
    })
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

/// Registers functions, and the rules that give expressions their SQL meaning. The clock shows the time of `zone`.
///
/// # Errors
/// None at present.
pub fn register(mut builder: SessionStateBuilder, zone: Zone) -> Result<SessionStateBuilder> {
    builder
        .scalar_functions()
        .get_or_insert_with(SessionStateDefaults::default_scalar_functions)
        .extend(functions::all(zone));
    builder
        .expr_planners()
        .get_or_insert_with(SessionStateDefaults::default_expr_planners)
        .insert(0, Arc::new(comparison::Planner));
    // Comparisons get their types before DataFusion coerces them; texts and overflow concern what it made of them.
    let mut analyzer = Analyzer::new().rules;
    analyzer.insert(0, Arc::new(comparison::Rule));
    analyzer.insert(1, Arc::new(memberships::Rule));
    analyzer.push(Arc::new(coerced::Rule));
    Ok(builder.with_analyzer_rules(analyzer).with_optimizer_rules(rules::limited()))
}
