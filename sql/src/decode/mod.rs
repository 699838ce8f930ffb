//! One page of JSON to one Arrow batch, straight from the page's bytes.
//!
//! - [`Layout`]: which values of a record become which columns, made once per scan
//! - `page.rs`: the envelope (`success`, `data`, `additional_data`), the rows, the cursor
//! - `value.rs`: how one value is read, and what dirty values become; `moment.rs`: dates and times
//! - `items.rs`: arrays of objects (contacts, participants, attendees, prices) as one text
//! - `column.rs`: the Arrow arrays under construction
//!
//! No `serde_json::Value` is made on the way: a value is a slice of the page until it stands in an array. Does not
//! know HTTP, SQL or which rows were asked for.

mod column;
mod items;
mod layout;
mod moment;
mod page;
mod value;

pub use layout::{Layout, LayoutColumn};
pub use page::{Page, page};
