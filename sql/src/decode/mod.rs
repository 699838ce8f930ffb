//! One page of JSON to one Arrow batch, straight from the page's bytes.
//!
//! - [`Layout`]: which values of a record become which columns, made once per scan
//! - `page.rs`: the envelope (`success`, `data`, `additional_data`), the rows, the cursor
//! - `value.rs`: how one value is read, and what dirty values become
//!
//! No `serde_json::Value` is made on the way. Does not know HTTP, SQL or which rows were asked for.
