//! From a parsed statement to a running plan.
//!
//! - `engine.rs`: the DataFusion state of one connection: options, functions, nothing that reaches the host's files
//! - `catalog.rs`: catalog and schemas; `definitions.rs`: entity tables, made of definitions read lazily
//! - `provider.rs`: an entity as a `TableProvider`; `system.rs`: the driver's own tables
//! - `pushdown.rs`: which predicates the API can answer; `request.rs`: the calls, as a value; `exec.rs`: the scan
//! - `offset.rs`: OFFSET, kept from sorts that would move through it
//! - `statement.rs`: what belongs to one execution; `describe.rs`: result types, `lengths.rs`: how long
//!   their texts can be; `explain.rs`: EXPLAIN

mod catalog;
mod definitions;
mod describe;
mod engine;
mod exec;
mod explain;
mod lengths;
mod offset;
mod provider;
mod pushdown;
mod request;
mod statement;
mod system;

pub(crate) use definitions::Tables;
pub(crate) use describe::column_type;
pub(crate) use engine::Engine;
pub(crate) use explain::{columns as explain_columns, rows as explain_rows};
pub(crate) use provider::{Described, LENGTH};
pub(crate) use statement::Statement;
