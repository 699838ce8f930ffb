//! OAuth sign-ins.
//!
//! - `kept.rs`: what a sign-in is, and how it is written down
//! - `store/`: where sign-ins are kept: a file, the keyring, the memory of this process

#![cfg_attr(not(test), expect(dead_code, reason = "the flows that use the stores are built on them"))]

mod kept;
mod store;

#[expect(unused_imports, reason = "the flows that use the stores are built on them")]
pub(crate) use kept::{SignIn, fresh_id};
#[expect(unused_imports, reason = "the flows that use the stores are built on them")]
pub(crate) use store::{Locked, Store};
