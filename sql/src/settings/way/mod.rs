//! What stands between this computer and the host: the proxy that requests go through, and the certificates that the
//! host may present.
//!
//! - `proxy.rs`: ProxyServer and its companions
//! - `trust.rs`: SSLServerCert
//! - `certificate.rs`: certificates out of PEM, and whether one is an authority's
//!
//! Whoever names proxy and certificates can read along. So those of the connection string carry a token of the
//! connection string only: a workbook must not be able to lead a kept token past its author. Those of the data source
//! are the word of whoever set up this computer, and carry any token. (`../credential.rs` has the rule.)

mod certificate;
mod proxy;
mod trust;

use super::origin::Origin;
use super::secret::Secret;
use super::values::Values;
use crate::{Result, Warning, WarningKind};

pub(crate) use proxy::Proxy;
pub(crate) use trust::{Fingerprint, Trust};

/// The way to the host.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    trust: Trust,
    proxy: Option<Proxy>,
}

impl Way {
    /// The way that the properties describe; properties without effect become warnings.
    ///
    /// # Errors
    /// `Property` for a value that cannot be used.
    pub(super) fn choose(values: &Values, origin: &Origin, warnings: &mut Vec<Warning>) -> Result<Self> {
        let trust = values.given("SSLServerCert").map(Trust::read).transpose()?.unwrap_or_default();
        if !origin.is_encrypted() && !trust.is_system() {
            let text = format!("SSLServerCert has no effect: {} is reached by plain http", origin.host());
            warnings.push(Warning::new(WarningKind::General, text));
        }
        let proxy = Proxy::choose(values, warnings)?;
        if let Some(proxy) = &proxy {
            proxy.check(origin)?;
        }
        Ok(Self { trust, proxy })
    }

    /// The certificates that the host may present.
    pub(crate) const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The proxy of the properties; `None` leaves it to the system's settings.
    pub(crate) const fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// The proxy of the properties, where this host is none of its exceptions.
    pub(crate) fn proxy_to(&self, host: &str) -> Option<&Proxy> {
        self.proxy().filter(|proxy| !proxy.leaves_out(host))
    }

    /// Everything in which two ways can differ, as one text; for hashing.
    pub(crate) fn identity(&self) -> Secret {
        let proxy = self.proxy().map(Proxy::identity).unwrap_or_default();
        Secret::new(format!("{}\n{proxy}", self.trust.identity()))
    }
}

#[cfg(test)]
mod tests;
