//! Failures without an answer, in words: what happened, at which host, and what to check. Never an address's query,
//! never a type's name.

use std::error::Error as Cause;
use std::io;

use rustls::CertificateError;

use super::retry::Failure;
use crate::settings::Origin;
use crate::{Error, ErrorKind};

/// What stood in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    UnknownHost,
    Refused,
    Tls(&'static str),
    Proxy,
    Slow,
    Broken,
}

/// The failure of a request that got no answer.
pub(super) fn no_answer(error: &reqwest::Error, origin: &Origin) -> Failure {
    let trouble = trouble(error);
    let told = Error::new(ErrorKind::Network, words(trouble, origin));
    match trouble {
        Trouble::UnknownHost | Trouble::Tls(_) | Trouble::Proxy => Failure::Final(told),
        Trouble::Refused | Trouble::Slow | Trouble::Broken => Failure::Passing(told, None),
    }
}

/// The failure of a body that did not come whole.
pub(super) fn cut(error: &reqwest::Error, origin: &Origin, path: &str) -> Failure {
    let text = match trouble(error) {
        Trouble::Slow => words(Trouble::Slow, origin),
        _ => format!("the answer of {} to {path} was cut off; try again", origin.host()),
    };
    Failure::Passing(Error::new(ErrorKind::Network, text), None)
}

fn words(trouble: Trouble, origin: &Origin) -> String {
    let (host, address) = (origin.host(), origin.host_and_port());
    match trouble {
        Trouble::UnknownHost => {
            format!("the host of {address} was not found; check CompanyDomain or BaseURL, and this computer's network")
        }
        Trouble::Refused => {
            format!("{address} refused the connection; check CompanyDomain or BaseURL, and whether the host is running")
        }
        Trouble::Tls(why) => format!("no secure connection to {address}: {why}"),
        Trouble::Proxy => {
            format!("the proxy of this computer's settings does not lead to {address}; check HTTPS_PROXY and NO_PROXY")
        }
        Trouble::Slow => format!("{address} did not answer in time; try again, and check network and firewall"),
        Trouble::Broken => format!("the connection to {host} broke before the answer came; try again"),
    }
}

fn trouble(error: &reqwest::Error) -> Trouble {
    let causes = causes(error);
    let says = |text: &str| causes.iter().any(|cause| cause.to_string().starts_with(text));
    let io = causes.iter().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    if let Some(tls) = causes.iter().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return Trouble::Tls(distrust(tls));
    }
    // hyper's connector has no types for these two.
    if says("dns error") {
        return Trouble::UnknownHost;
    }
    if says("tunnel error") {
        return Trouble::Proxy;
    }
    match io {
        Some(io::ErrorKind::ConnectionRefused) => Trouble::Refused,
        Some(io::ErrorKind::TimedOut) => Trouble::Slow,
        _ if error.is_timeout() => Trouble::Slow,
        _ => Trouble::Broken,
    }
}

/// Why TLS did not come about.
fn distrust(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::UnknownIssuer => "its certificate is signed by nobody whom this computer trusts",
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet; check this computer's clock"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is for another host"
            }
            CertificateError::Revoked => "its certificate is revoked",
            _ => "its certificate is not valid",
        },
        rustls::Error::InvalidMessage(_) => "it does not speak TLS",
        _ => "TLS could not be agreed on",
    }
}

/// The error and everything it stands on; an I/O error hides the error that it wraps from `source`.
fn causes<'a>(error: &'a (dyn Cause + 'static)) -> Vec<&'a (dyn Cause + 'static)> {
    let mut causes = vec![error];
    let mut next = 0;
    while let Some(&cause) = causes.get(next) {
        let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        causes.extend(wrapped.map(|inner| inner as &(dyn Cause + 'static)));
        causes.extend(cause.source());
        next += 1;
    }
    causes
}
