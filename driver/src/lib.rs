//! The ODBC 3.8 C ABI over `pipedrive-sql`.
//!
//! A call travels one way: `entry -> handle -> pipedrive_sql::Session`, and a value comes back through
//! `Arrow -> convert -> the application's buffer`.
//!
//! - `entry/`: the exported functions, one file per chapter of the ODBC reference, and the guard around each of them
//! - `handle/`: environments, connections, statements, descriptors; the registry of tokens; the state machine
//! - `catalog/`: the result sets of SQLTables, SQLColumns, SQLPrimaryKeys, SQLStatistics, SQLSpecialColumns and
//!   SQLGetTypeInfo
//! - `info/`: SQLGetInfo and SQLGetFunctions as data
//! - `convert/`: Arrow values to C data types, parameters to SQL values
//! - `text/`: narrow and wide text, truncation rules
//! - `odbc.rs`: the numbers of the C headers
//! - `diagnostics.rs`: what can be told to an application, and its SQLSTATE
//! - `reference.rs` (tests): the ODBC reference as tables
//!
//! Knows ODBC; knows nothing of HTTP or Pipedrive.

mod catalog;
mod convert;
mod diagnostics;
mod entry;
mod handle;
mod info;
mod odbc;
#[cfg(test)]
mod reference;
mod text;
