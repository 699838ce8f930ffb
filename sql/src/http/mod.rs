//! HTTP as this driver speaks it, to the API and to the OAuth server: one client per host, through the proxy and with
//! the certificates that the settings name.
//!
//! - `tls.rs`: TLS that takes the certificates of SSLServerCert
//! - `unreachable.rs`: failures without an answer, in words
//!
//! What is sent and what an answer means is not known here.

mod tls;
pub(crate) mod unreachable;

use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::redirect;
use rustls::crypto::{CryptoProvider, ring};

use crate::settings::{Origin, Proxy, Way};
use crate::{Error, ErrorKind, Result};

/// How the driver calls itself, with a blank behind it: by that the version can be read out of a library's bytes.
const USER_AGENT: &str = concat!("pipedrive-odbc/", env!("CARGO_PKG_VERSION"), " ");
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest silence of a host that has a request; Cloudflare itself gives up after 100 seconds.
const SILENCE: Duration = Duration::from_secs(120);
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(90);

/// The HTTP client of one host. It follows no redirect: the token would go along.
///
/// # Errors
/// `Network` when this computer has no certificates to trust, `Property` for a proxy that cannot be used.
pub(crate) fn client(origin: &Origin, way: &Way) -> Result<reqwest::Client> {
    if CryptoProvider::get_default().is_none() {
        // An error means that another thread was faster.
        drop(ring::default_provider().install_default());
    }
    let mut builder = reqwest::Client::builder()
        .user_agent(USER_AGENT.trim_end())
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .pool_idle_timeout(IDLE)
        .redirect(redirect::Policy::none())
        .referer(false);
    builder = match (way.proxy_to(origin.host_name()), way.proxy()) {
        (Some(proxy), _) => builder.proxy(through(proxy)?),
        // An exception of ProxyServer is reached directly, and so is this computer: the system's proxy cannot do it.
        (None, Some(_)) => builder.no_proxy(),
        (None, None) if origin.is_loopback() => builder.no_proxy(),
        (None, None) => builder,
    };
    builder = match (origin.is_encrypted(), way.trust()) {
        // Reading the system's certificates takes time, and a machine without any can talk to itself all the same.
        (false, _) => builder.tls_certs_only([]),
        (true, trust) if trust.is_system() => builder,
        (true, trust) => builder.tls_backend_preconfigured(tls::config(trust)?),
    };
    builder.build().map_err(|_| {
        let text = "no secure connection can be made: the system's certificates could not be read (on Debian, install \
                    ca-certificates)";
        Error::new(ErrorKind::Network, text)
    })
}

/// The proxy as the HTTP client takes it.
fn through(proxy: &Proxy) -> Result<reqwest::Proxy> {
    let unusable = || Error::new(ErrorKind::Property, "ProxyServer, ProxyUser or ProxyPassword cannot be used");
    let built = reqwest::Proxy::all(proxy.url().as_str()).map_err(|_| unusable())?;
    let Some(credentials) = proxy.credentials() else { return Ok(built) };
    let mut header = HeaderValue::from_str(credentials.expose()).map_err(|_| unusable())?;
    header.set_sensitive(true);
    Ok(built.custom_http_auth(header))
}
