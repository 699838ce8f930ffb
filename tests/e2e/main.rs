//! End-to-end tests, one binary: everything against the sandbox on loopback.
//!
//! - `queries.rs`: the ten named queries and their expected rows, computed from the sandbox's records
//! - through the engine (`pipedrive-sql`): `engine.rs`, `bad_input.rs`, `depth.rs`, `entities.rs`, `price.rs`,
//!   `relations.rs`, `pushdown.rs`, `explain.rs`, `unreliable.rs`, `probe.rs`
//! - through the driver manager and the built driver: `manager.rs` (the plumbing), `rust_client.rs` (odbc-api),
//!   `isql.rs`, `pyodbc.rs`, `calls.rs` (the C functions, by `../clients/`), `states.rs` (SQLSTATEs of bad input),
//!   `memory.rs`, `library.rs` (the file itself),
//!   `tls.rs` (certificates, against a sandbox that speaks https), `proxy.rs` (with the proxy of `connect_proxy.rs`)
//! - `system_tables.rs`: what `sys.api_usage`, `sys.connection` and `sys.settings` tell, both ways
//! - `guest/`: the driver in another program's process: threads, cancelling, `fork`, exit
//! - `log.rs`: what a connection's log gets
//! - signing in, through both: `connecting.rs` (the plumbing), `sign_in.rs`, `keyring.rs`
//!   `oauth/` (by OAuth)
//! - `sandbox.rs`: the sandbox's program, as tests of other processes use it
//! - `reuse.rs`: what connections of one process share: answers, definitions, the sign-in
//! - both ways: `secrets.rs`, `time_zone.rs`, `properties.rs` (what shapes tables and results), `field_map.rs`,
//!   `budget.rs` (with other processes), `procedures.rs`
//! - golden files: `slt.rs` and `../slt/`, `prices/` and `../../docs/prices.md`
//! - `equivalence/`: statements from a seed, answered with and without push-down and by DuckDB
//! - `readme.rs`, `licences.rs`: what the project says of itself

#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "`cargo xtask test` names driver and Python in the environment")]

mod bad_input;
mod budget;
mod calls;
mod connect_proxy;
mod connecting;
mod depth;
mod engine;
mod entities;
mod equivalence;
mod explain;
mod field_map;
mod guest;
mod isql;
#[cfg(target_os = "linux")]
mod keyring;
mod library;
mod licences;
mod log;
mod manager;
mod memory;
mod oauth;
mod price;
mod prices;
mod probe;
mod procedures;
mod properties;
mod proxy;
mod pushdown;
mod pyodbc;
mod queries;
mod readme;
mod relations;
mod reuse;
mod rust_client;
mod sandbox;
mod secrets;
mod sign_in;
mod slt;
mod states;
mod system_tables;
mod time_zone;
mod tls;
mod unreliable;
