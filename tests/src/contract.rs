//! The sandbox against what Pipedrive publishes: the OpenAPI documents and recorded answers.
//!
//! They are read where they lie, at test time, from the folder that `PIPEDRIVE_REFERENCE` names, or else from
//! `shared/pipedrive` beside the repository; nothing of them is part of the project. Without them the tests say that
//! they were skipped.
//!
//! * `reference`: finds the folder, cuts operations out of the documents.
//! * `schema`: checks JSON against a schema: types and enums of declared members; any member may be null or absent,
//!   for the documents declare almost nothing nullable; undeclared members only from [`UNDECLARED`].
//! * here: what is asked, and the comparisons.

mod reference;
mod schema;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::client::{get, json, send};
use crate::dataset::{DEAL_FIELD_TYPES_OF_DOCUMENT, Entity};
use crate::server::contract::{Served, endpoints};
use crate::{Config, Fault, Running, Sandbox};
use reference::{Reference, operation_of};
use schema::{Checker, resolved};
