//! Where the API token of a connection comes from: the value or the file that a source names, else the keyring.
//!
//! - `token.rs`: finding the token of a connection, and what is said when there is none
//! - `file.rs`: TokenFile: a file with the token that nobody else can read
//! - `keeping.rs`: sign-ins in the keyring: kept, found, forgotten
//! - `keyring/`: the platform's store; one small module per platform
//! - `oauth/`: OAuth sign-ins, and the stores that keep them
//! - `trouble.rs`: what can go wrong with a keyring, in words
//! - `bounded.rs`: work that may block, on a thread of its own and within a time limit
//!
//! Files and keyrings are read on plain threads, never on the runtime's, and given up when the time of signing in is
//! over. No dialog is ever opened to find a token, and nothing is ever kept in plain text in place of the keyring.
//! Knows settings; knows nothing of HTTP. The rule of where a token may go is `settings/credential.rs`.

mod bounded;
mod file;
mod keeping;
mod keyring;
mod oauth;
mod token;
mod trouble;

pub use keeping::{Keeping, Kept};
pub use token::Token;
pub(crate) use token::{find, keepings};
pub use trouble::Trouble;
