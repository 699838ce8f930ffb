//! What signs the requests of a connection: an API token, from the value or the file that a source names, else from the
//! keyring; or a sign-in by OAuth.
//!
//! - `access.rs`: either of both, as the API's client sees it
//! - `oauth/`: signing in by OAuth, and what is kept of it
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
//! Knows settings; of HTTP only what OAuth needs. The rule of where a token may go is `settings/credential.rs`.

mod access;
mod bounded;
mod file;
mod keeping;
mod keyring;
pub(crate) mod oauth;
mod token;
mod trouble;

pub use access::Access;
pub(crate) use access::{API_TOKEN, OAUTH, anew, known, nobody, obtain};
pub use file::{Flaw, Unusable};
pub use keeping::{Keeping, Kept};
pub use oauth::{OAuthStanding, Tell, Waits};
pub(crate) use oauth::{Renewed, hold_still};
pub use token::Token;
pub(crate) use token::keepings;
pub use trouble::Trouble;
