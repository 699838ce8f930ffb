//! From a parsed statement to a running plan.
//!
//! - `engine.rs`: the DataFusion state of one connection: options, functions, nothing that reaches the host's files
//! - `catalog.rs`: catalog and schemas; `definitions.rs`: entity tables, made of definitions read lazily
//! - `provider.rs`: an entity as a `TableProvider`; `system.rs`: the driver's own tables
//! - `domain.rs`: which values of a column a predicate lets through; `pushdown.rs`: what of that the API can answer
//! - `request.rs`: the calls, as a value; `exec.rs`: the leaf of a plan that stands for them; `top.rs`: the first rows by a
//!   moment; `driven.rs`: the keys of a join's other side
//! - `reader.rs`: the scan at work; `chain.rs`: one list, page by page; `fetcher.rs`: one call; `tally.rs`: what was done
//! - `offset.rs`: OFFSET, kept from sorts that would move through it; `sequence.rs`: UNION ALL, branch by branch
//! - `statement.rs`: what belongs to one execution; `describe.rs`: result types, `lengths.rs`: how long
//!   their texts can be; `explain.rs`: EXPLAIN, in the words of `sentences.rs` and `readable.rs`

mod catalog;
mod chain;
mod definitions;
mod describe;
mod domain;
mod driven;
mod engine;
mod exec;
mod explain;
mod fetcher;
mod lengths;
mod offset;
mod provider;
mod pushdown;
mod readable;
mod reader;
mod request;
mod sentences;
mod sequence;
mod statement;
mod system;
mod tally;
mod top;

pub(crate) use catalog::BARE;
pub(crate) use definitions::{Reread, Tables};
pub(crate) use describe::column_type;
pub(crate) use engine::Engine;
pub(crate) use explain::{columns as explain_columns, rows as explain_rows};
pub(crate) use provider::{Described, LENGTH};
pub(crate) use statement::Statement;
