//! Signing in and out by OAuth 2.0, where a person allows an application in the browser.
//!
//! - `which.rs`: which sign-in it is: the application, and where it is kept
//! - `given.rs`: the client secret and the code that a person gives
//! - `login.rs`: signing in: the browser, or an address and the code that comes back
//! - `later.rs`: what a connection must say to use the sign-in, and whether a data source says it
//! - `unproven.rs`: what is kept where signing in ended early
//! - `standing.rs`: what is known of a sign-in that is kept
//! - `logout.rs`: forgetting it, and having Pipedrive take it back
//!
//! The tokens never come here: `pipedrive-sql` gets, keeps and renews them.

mod given;
mod later;
mod login;
mod logout;
mod standing;
mod unproven;
mod which;

pub(super) use login::Arguments;
pub(super) use logout::{Ended, leftover, sign_out};
pub(crate) use standing::{Kept, NOBODY, says_oauth, sign_in, somebody, when};
pub(super) use which::Which;
