//! Failures without an answer, in words: what happened, at which host, and what to check. Never an address's query,
//! never a type's name.

use std::error::Error as Cause;
use std::io;

use rustls::CertificateError;

use super::tls::OtherCertificate;
use crate::settings::{Origin, Proxy, Way};
use crate::{Error, ErrorKind};

/// A request without an answer.
#[derive(Debug)]
pub(crate) struct Unanswered {
    /// What happened, and what to check.
    pub(crate) error: Error,
    /// Whether it may pass by itself.
    pub(crate) may_pass: bool,
    /// Whether the host may have had the request and done what it asks.
    pub(crate) may_have_arrived: bool,
}

/// What stood in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Trouble {
    UnknownHost,
    Refused,
    Tls(Distrust),
    /// The proxy cannot be reached.
    NoProxy,
    /// The proxy asks for a sign-in, or refused it.
    SignedOut,
    /// The proxy does not lead to the host.
    NoWay,
    /// What came is no HTTP.
    NoHttp,
    Slow,
    Broken,
}

/// The failure of a request that got no answer.
pub(crate) fn no_answer(error: &reqwest::Error, origin: &Origin, way: &Way) -> Unanswered {
    let trouble = trouble(error, origin, way);
    let error = told(&trouble, origin, way);
    Unanswered {
        error,
        may_pass: matches!(trouble, Trouble::Refused | Trouble::Slow | Trouble::Broken),
        may_have_arrived: matches!(trouble, Trouble::Slow | Trouble::Broken),
    }
}

/// The failure of a body that did not come whole.
pub(crate) fn cut(error: &reqwest::Error, (origin, way): (&Origin, &Way), path: &str) -> Unanswered {
    let error = match trouble(error, origin, way) {
        Trouble::Slow => told(&Trouble::Slow, origin, way),
        _ => network(format!("the answer of {} to {path} was cut off", origin.host()), "try again"),
    };
    Unanswered { error, may_pass: true, may_have_arrived: true }
}

/// The error of a proxy that asks for a sign-in (407).
pub(crate) fn signed_out(origin: &Origin, way: &Way) -> Error {
    told(&Trouble::SignedOut, origin, way)
}

fn network(what: String, cure: &str) -> Error {
    Error::new(ErrorKind::Network, what).with_cure(cure)
}

fn told(trouble: &Trouble, origin: &Origin, way: &Way) -> Error {
    let (host, address) = (origin.host(), origin.host_and_port());
    let proxy = way.proxy_to(origin.host_name());
    match trouble {
        Trouble::UnknownHost => network(
            format!("the host of {address} was not found"),
            "check CompanyDomain or BaseURL, and this computer's network",
        ),
        Trouble::Refused => network(
            format!("{address} refused the connection"),
            "check CompanyDomain or BaseURL, and whether the host is running",
        ),
        Trouble::Tls(Distrust { why, cure }) => network(format!("no secure connection to {address}: {why}"), cure),
        Trouble::NoProxy | Trouble::SignedOut | Trouble::NoWay => match proxy {
            Some(proxy) => told_of_proxy(trouble, proxy, &address),
            None => told_of_system_proxy(trouble, &address),
        },
        Trouble::NoHttp => network(
            format!("{address} does not speak HTTP"),
            "check the port in BaseURL, and write https:// there if the host speaks TLS",
        ),
        Trouble::Slow => {
            network(format!("{address} did not answer in time"), "try again, and check network and firewall")
        }
        Trouble::Broken => network(format!("the connection to {host} broke before the answer came"), "try again"),
    }
}

/// Of the proxy that ProxyServer names.
fn told_of_proxy(trouble: &Trouble, proxy: &Proxy, address: &str) -> Error {
    let own = proxy.address();
    match trouble {
        Trouble::SignedOut if proxy.credentials().is_some() => {
            network(format!("the proxy {own} refused the sign-in"), "check ProxyUser and ProxyPassword")
        }
        Trouble::SignedOut => network(format!("the proxy {own} asks for a sign-in"), "set ProxyUser and ProxyPassword"),
        Trouble::NoWay => network(
            format!("the proxy {own} does not lead to {address}"),
            "check ProxyServer, or add the host to ProxyExceptions if it is reached without a proxy",
        ),
        _ => network(format!("the proxy {own} cannot be reached"), "check ProxyServer and ProxyPort"),
    }
}

/// Of the one in the system's settings.
fn told_of_system_proxy(trouble: &Trouble, address: &str) -> Error {
    let what = match trouble {
        Trouble::SignedOut => "asks for a sign-in",
        Trouble::NoWay => "does not lead there",
        _ => "cannot be reached",
    };
    network(
        format!("{address} is reached through the proxy of this computer's settings, which {what}"),
        "check HTTPS_PROXY and NO_PROXY, or name the proxy in ProxyServer, ProxyUser and ProxyPassword",
    )
}

fn trouble(error: &reqwest::Error, origin: &Origin, way: &Way) -> Trouble {
    let causes = causes(error);
    // The causes that hyper has no public types for.
    let text = |start: &str| causes.iter().map(ToString::to_string).find(|text| text.starts_with(start));
    // First: what is beneath is the proxy's trouble, not the host's.
    if let Some(tunnel) = text("tunnel error") {
        return of_tunnel(&tunnel);
    }
    if let Some(tls) = causes.iter().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return Trouble::Tls(distrust(tls, way));
    }
    // Plain http has no tunnel: the connection is the proxy's.
    if error.is_connect() && !origin.is_encrypted() && way.proxy_to(origin.host_name()).is_some() {
        return Trouble::NoProxy;
    }
    if text("dns error").is_some() {
        return Trouble::UnknownHost;
    }
    if text("invalid HTTP").is_some() {
        return Trouble::NoHttp;
    }
    match causes.iter().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => Trouble::Refused,
        Some(io::ErrorKind::TimedOut) => Trouble::Slow,
        _ if error.is_timeout() => Trouble::Slow,
        _ => Trouble::Broken,
    }
}

fn of_tunnel(text: &str) -> Trouble {
    if text.contains("authorization required") {
        Trouble::SignedOut
    } else if text.contains("underlying connection") {
        Trouble::NoProxy
    } else {
        Trouble::NoWay
    }
}

/// Why TLS did not come about, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Distrust {
    why: String,
    cure: String,
}

impl Distrust {
    fn new(why: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { why: why.into(), cure: cure.into() }
    }
}

fn distrust(error: &rustls::Error, way: &Way) -> Distrust {
    match error {
        rustls::Error::InvalidCertificate(certificate) => of_certificate(certificate, way),
        rustls::Error::InvalidMessage(_) => Distrust::new("it does not speak TLS", "check the port in BaseURL"),
        _ => Distrust::new("TLS could not be agreed on", "check whether the host offers TLS 1.2 or 1.3"),
    }
}

fn of_certificate(error: &CertificateError, way: &Way) -> Distrust {
    let (why, cure) = match error {
        CertificateError::Other(other) if other.0.is::<OtherCertificate>() => return of_pin(&*other.0),
        CertificateError::UnknownIssuer if way.trust().is_system() => (
            "its certificate is signed by nobody whom this computer trusts",
            "if this is the right host, name the certificate of its authority in SSLServerCert",
        ),
        CertificateError::UnknownIssuer => (
            "its certificate is signed neither by an authority in SSLServerCert nor by one that this computer trusts",
            "if this is the right host, name the certificate of its authority in SSLServerCert",
        ),
        CertificateError::BadSignature => (
            "its certificate is signed by an authority that only has the name of one that is trusted here",
            "if it was made anew, name its present certificate in SSLServerCert",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("its certificate has expired", "the host needs a new one, or this computer's clock is wrong")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("its certificate is not valid yet", "check this computer's clock")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ("its certificate is for another host", "check CompanyDomain or BaseURL")
        }
        CertificateError::Revoked => ("its certificate is revoked", "ask whoever runs the host for a new one"),
        _ => (
            "its certificate is not valid",
            "if this is the right host, and the certificate one that it made for itself, name that in SSLServerCert",
        ),
    };
    Distrust::new(why, cure)
}

fn of_pin(other: &(dyn Cause + 'static)) -> Distrust {
    let fingerprint = other.downcast_ref::<OtherCertificate>().map(|other| other.0.to_string()).unwrap_or_default();
    Distrust::new(
        "it presents another certificate than the one in SSLServerCert",
        format!("ask whoever runs it whether it has a new one, with the SHA-256 fingerprint {fingerprint}"),
    )
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
