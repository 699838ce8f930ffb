//! OAuth 2.0: a person signs in once in a browser, and every later connection finds the sign-in.
//!
//! - `server.rs`: the messages to the server of OAuth
//! - `kept.rs`, `store/`: a sign-in, and where it is kept: the keyring, a file, the process
//! - `listener.rs`, `page.rs`: where the browser comes back to, and what it shows then
//! - `wanted.rs`: a sign-in that is wanted, and what is made of a code
//! - `browser.rs`: a sign-in by a person, from the address that is opened to the tokens that are kept
//! - `opener.rs`: the programs of a desktop that open an address
//! - `obtain.rs`: the sign-in of a connection: kept, given by its settings, or made anew
//! - `by_hand.rs`: the same step by step, for applications that sign in themselves
//! - `live.rs`: the access token of a connection, renewed before it expires and when it is refused

mod browser;
pub(crate) mod by_hand;
mod kept;
mod listener;
mod live;
mod obtain;
mod opener;
mod page;
mod server;
mod store;
mod wanted;

pub use browser::{Tell, Waits};
pub use by_hand::OAuthStanding;
use kept::{SignIn, fresh_id};
pub(super) use live::Live;
pub(crate) use live::Renewed;
pub(super) use obtain::{anew, known, obtain};
pub(crate) use store::hold_still;
