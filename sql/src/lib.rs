//! Everything between a SQL string and Arrow batches.
//!
//! A value travels one way: `session -> dialect -> plan -> api -> decode -> Arrow`.
//!
//! - [`settings`]: connection properties, declared once; connection strings; which source named what
//! - [`auth`]: where the API token comes from: a value, a file, the keyring
//! - [`session`]: the public face: open, prepare, execute, catalog
//! - [`model`]: entities and their columns, declared as data; custom fields; system tables
//! - [`dialect`]: ODBC SQL to DataFusion: escapes, TOP, names, parameters, the statement allow-list
//! - [`plan`]: table providers, what is pushed down, EXPLAIN
//! - [`api`]: the REST client: requests, limits, retries
//! - `http`: the HTTP client, its proxy and its certificates
//! - [`procedures`]: what EXEC and CALL run: signing in by OAuth, definitions read anew
//! - [`decode`]: one page of JSON to one Arrow batch
//! - [`probe`]: what the driver takes for granted, put to the test on one account
//! - [`checkup`]: what can be found out about one connection, by looking and by asking
//! - [`call`]: how long a call may take, who may cancel it, and the threads that it runs on
//! - [`process`]: what all threads share, how `fork` finds it, who gets signals
//! - [`state`]: what outlives a process: definitions, name pins, the proof of a token
//! - [`trace`]: the log of a connection, line by line
//! - [`zone`]: local time from UTC, and bounds on UTC from local time
//!
//! This crate knows nothing of ODBC handles, C types or SQLSTATEs; `driver/` translates.
#![forbid(unsafe_code)]

pub mod api;
pub mod auth;
pub mod call;
pub mod checkup;
pub mod decode;
pub mod dialect;
mod error;
mod http;
pub mod model;
pub mod plan;
pub mod probe;
pub mod procedures;
pub mod process;
pub mod session;
pub mod settings;
pub mod state;
pub mod trace;
mod types;
pub mod zone;

pub use datafusion::arrow;
pub use error::{Error, ErrorKind, Result, Warning, WarningKind};
pub use session::{Prepared, Rows, Session};
pub use types::{BaseColumn, ColumnDescription, DEFAULT_TEXT, Parameter, SqlType, Value};
