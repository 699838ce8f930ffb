//! `login`, `logout`, `status`: the sign-in that is kept for a data source or a host.
//!
//! - `target.rs`: whose sign-in it is: the data source, company or address that the arguments name
//! - `given.rs`: the token that a person gives: typed, from standard input, from a file; never an argument
//! - `login.rs`, `logout.rs`, `status.rs`: the commands
//! - `oauth/`: the same by OAuth: signing in through the browser, and what is kept of it
//! - `keyring.rs`: what is said of a keyring that gives or takes nothing
//!
//! An API token is kept in the keyring or not at all. What goes where is decided by `pipedrive_sql::settings`, as for the
//! driver itself: a token that is kept here is found by every program that connects.

mod given;
mod keyring;
mod login;
mod logout;
mod oauth;
mod status;
mod target;

pub(crate) use login::Login;
pub(crate) use logout::Logout;
pub(crate) use oauth::{Kept, NOBODY, says_oauth, sign_in, somebody, when};
pub(crate) use status::Status;
