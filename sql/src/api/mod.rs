//! The REST client: requests, limits, retries.
//!
//! - `client.rs`: the face of it: one client per connection, one pool and limiter per host, token
//!   and way there in the process
//! - `request.rs`: a request as a value
//! - `exchange.rs`: sending it once, and telling what came back: an answer, a passing failure, a final one
//! - `retry.rs`: how often and how long a failed request is tried again
//! - `refusal.rs`: statuses that are no answer, by what they mean
//! - `limiter.rs`: never more requests than Pipedrive allows a token in its burst window
//! - `reuse.rs`: answers that serve again, and why a scan may take them
//! - `memory.rs`: where they are kept, and for how long
//! - `meter.rs`: what one statement may cost
//! - `usage.rs`: what connections have done, for `sys.api_usage`
//! - `reserve.rs`: what requests take from the company's day, and what they must leave
//! - `log.rs`: what a connection asked, for `sys.requests`
//!
//! Bodies are bytes here: `decode/` reads them. The token is in one header, marked sensitive, and in nothing else.
//! Everything is cancel-safe: a call that is dropped closes its connection and leaves its line in the log.

mod client;
mod exchange;
mod limiter;
mod log;
mod memory;
mod meter;
mod refusal;
mod request;
mod reserve;
mod retry;
mod reuse;
mod usage;

pub(crate) use client::hold_still;
pub use client::{Client, DayBudget, Me};
pub use log::{Cost, LogEntry};
pub(crate) use memory::Seen;
pub use meter::Meter;
pub use request::Request;
pub(crate) use usage::Usage;

use bytes::Bytes;

/// What a request found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The body of an answer that succeeded.
    Found(Bytes),
    /// Pipedrive has no such record: never had, or no more (404, 410).
    Missing,
}

#[cfg(test)]
mod tests;
