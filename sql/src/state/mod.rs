//! What outlives a process: field definitions, pinned names, the proof that a token works, what probes found.
//!
//! - [`State`]: what one company, user and host need, in memory
//! - `pins.rs`: pinned names as a field map, and a field map as pins
//! - `day.rs`: the company's API tokens of a day, as arithmetic
//! - `ledger.rs`: that day as the processes of this machine know it, and what is left of it for a statement
//! - `page.rs`: what the ledger's file holds: the day, and what processes have under way
//! - `claims.rs`: the burst window of a token, kept together by the processes of this machine
//! - `inspection.rs`: the folder as it is found, for a check that changes nothing
//! - `ours.rs`: which folders and files are this driver's to write
//! - `turns.rs`: who of the connections of a machine asks for what all of them need
//! - `folder.rs`: the folder it is kept in: an index, one file per company + user + host, a lock, atomic replace
//!
//! Files hold no secrets: the index knows a token by the SHA-256 of origin, scheme and token. Nowhere to write means
//! that everything stays in memory, with a warning; a file of a newer format is left alone.

mod claims;
mod day;
mod folder;
mod inspection;
mod ledger;
pub(crate) mod ours;
mod page;
mod pins;
mod turns;

use std::any::Any;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{FieldDefinition, Pin};
use crate::probe::Finding;

pub(crate) use claims::{BURST, Claims, Held};
pub use folder::{Folder, TokenKey};
pub(crate) use folder::{age, now, now_millis};
pub use inspection::{Inspection, inspect};
pub(crate) use ledger::{Ledger, Short, Spending};
pub(crate) use pins::pins_of;
pub(crate) use turns::turn;

/// Keeps others from what this process remembers until the answer is dropped.
pub(crate) fn hold_still() -> Box<dyn Any> {
    Box::new((ledger::hold_still(), folder::hold_still(), turns::TURNS.lock()))
}

/// Who a token belongs to, as `GET /v1/users/me` told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Owner {
    /// The host of the origin, with its port where it is not the usual one.
    pub host: String,
    /// Pipedrive's number of the company.
    pub company_id: i64,
    /// First label of the company's address.
    pub company_domain: String,
    /// The company's name.
    pub company_name: String,
    /// Pipedrive's number of the user.
    pub user_id: i64,
    /// The user's name.
    pub user_name: String,
    /// The user's address.
    pub user_email: String,
    /// IANA name of the user's time zone; empty when Pipedrive did not tell one, or when the file is older.
    #[serde(default)]
    pub timezone: String,
}

/// What is kept for one company, user and host.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct State {
    /// Who it is kept for.
    pub owner: Owner,
    /// Field definitions by entity.
    #[serde(default)]
    pub definitions: BTreeMap<String, Definitions>,
    /// Pinned names by entity and style, oldest first.
    #[serde(default)]
    pub pins: BTreeMap<String, Vec<Pin>>,
    /// What probes found out about the account, by their names.
    #[serde(default)]
    pub verdicts: BTreeMap<String, Finding>,
}

/// The field definitions of one entity.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Definitions {
    /// When they were read, in seconds since 1970.
    pub read_at: u64,
    /// The definitions.
    pub fields: Vec<FieldDefinition>,
}
