//! What can be found out about one connection, for `pipedrive-odbc doctor`.
//!
//! - this file: by looking: where the token is, how requests get to the host
//! - `questions.rs`: what the host is asked, and what that costs
//! - `visit.rs`: asking it
//!
//! The state folder is looked at by [`crate::state::inspect`], a log by [`crate::trace::look`]. Nothing here judges what
//! it finds: that, and the cure, is the command's.

mod questions;
mod visit;

use crate::Result;
use crate::auth::{self, Keeping};
use crate::call::Call;
use crate::settings::Settings;

pub use questions::{Question, Subject, price, questions};
pub use visit::{Account, Limits, Visit};

/// How requests get to the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Host and port.
    pub host: String,
    /// Whether it is reached by https.
    pub is_encrypted: bool,
    /// Whether it is this computer.
    pub is_loopback: bool,
    /// Host and port of the proxy that ProxyServer names, unless ProxyExceptions leave the host out.
    pub proxy: Option<String>,
    /// Whether properties decide about the proxy; else the system's settings do.
    pub names_proxy: bool,
    /// Whether the system's certificates decide; else those of SSLServerCert do.
    pub trusts_system: bool,
}

/// How requests of this connection get to the host.
pub fn route(settings: &Settings) -> Route {
    let (origin, way) = (settings.origin(), settings.way());
    Route {
        host: origin.host_and_port(),
        is_encrypted: origin.is_encrypted(),
        is_loopback: origin.is_loopback(),
        proxy: way.proxy_to(origin.host_name()).map(crate::settings::Proxy::address),
        names_proxy: way.proxy().is_some(),
        trusts_system: way.trust().is_system(),
    }
}

/// What the keyring may have a sign-in for, in the order in which it is asked.
pub fn keepings(settings: &Settings) -> Vec<Keeping> {
    auth::keepings(settings)
}

/// Where the API token comes from, in words that end a sentence. It is read, and sent nowhere.
///
/// # Errors
/// `SignIn` when there is none or it must not go to the host, `Property`, `Timeout`.
pub fn token(settings: &Settings, call: &Call) -> Result<String> {
    let (_, access) = call.run(auth::known(settings.clone(), call.deadline))?;
    Ok(access.from())
}
