//! ProxyServer and its companions.
//!
//! The user and the password go only to a proxy that their own source names, or that an odbc.ini names for a connection
//! string: those of a weaker source are left out when a stronger one puts another proxy in place.

use std::fmt::Write as _;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use url::Url;

use crate::settings::Origin;
use crate::settings::origin::is_loopback;
use crate::settings::property::Kind;
use crate::settings::secret::Secret;
use crate::settings::values::{Given, Values, expected};
use crate::{Error, ErrorKind, Result, Warning, WarningKind};

/// The port of a proxy that does not tell one: that of http.
const PORT: u16 = 80;
/// What does nothing without ProxyServer.
const COMPANIONS: [&str; 4] = ["ProxyPort", "ProxyUser", "ProxyPassword", "ProxyExceptions"];

/// A proxy that the properties name.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    url: Url,
    port: u16,
    credentials: Option<Secret>,
    exceptions: Vec<String>,
}

impl Proxy {
    /// The proxy that ProxyServer names; `None` leaves it to the system's settings.
    pub(super) fn choose(values: &Values, warnings: &mut Vec<Warning>) -> Result<Option<Self>> {
        let port = values.number("ProxyPort")?.and_then(|port| u16::try_from(port).ok());
        let Some(server) = values.given("ProxyServer") else {
            let given: Vec<_> = COMPANIONS.into_iter().filter(|name| values.given(name).is_some()).collect();
            if !given.is_empty() {
                let text = format!("without ProxyServer nothing comes of {}", given.join(", "));
                warnings.push(Warning::new(WarningKind::General, text));
            }
            return Ok(None);
        };
        let (mut url, own) = address(server)?;
        let port = match (own, port.filter(|_| is_meant(values, "ProxyPort", server))) {
            (Some(own), Some(port)) if own != port => {
                return Err(server.wrong(&format!("ProxyPort says {port}; give the port once")));
            }
            (own, port) => own.or(port).unwrap_or(PORT),
        };
        url.set_port(Some(port)).map_err(|()| server.wrong(&expected(Kind::Host)))?;
        let exceptions = values.given("ProxyExceptions").map(exceptions).transpose()?.unwrap_or_default();
        Ok(Some(Self { url, port, credentials: credentials(values, server)?, exceptions }))
    }

    /// Whether requests to the host may go through it: plain http shows the token to everyone on the way.
    pub(super) fn check(&self, origin: &Origin) -> Result<()> {
        if origin.is_encrypted() || is_loopback(&self.url) || self.leaves_out(origin.host_name()) {
            return Ok(());
        }
        let text = format!(
            "BaseURL is plain http, and the proxy {} is another computer, which would see the token; use https, or add {} \
             to ProxyExceptions",
            self.address(),
            origin.host_name()
        );
        Err(Error::new(ErrorKind::Property, text))
    }

    /// Its http address.
    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    /// Host and port, for messages.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", self.url.host_str().unwrap_or_default(), self.port)
    }

    /// The value of the header that signs in at the proxy.
    pub(crate) const fn credentials(&self) -> Option<&Secret> {
        self.credentials.as_ref()
    }

    /// Whether the host is reached without it.
    pub(crate) fn leaves_out(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.exceptions.iter().any(|pattern| matches(pattern, &host))
    }

    /// Everything in which two of them can differ, as one text.
    pub(super) fn identity(&self) -> String {
        let mut text = format!("{} {:?} ", self.address(), self.exceptions);
        // Writing to a text does not fail.
        let _ = write!(text, "{}", self.credentials().map_or("", Secret::expose));
        text
    }
}

/// Whether a companion speaks of this proxy, rather than of one that an earlier source replaced.
fn is_meant(values: &Values, name: &str, server: &Given) -> bool {
    values.given(name).is_some_and(|given| given.source.rank() <= server.source.rank())
}

/// The address, and the port that it tells.
fn address(server: &Given) -> Result<(Url, Option<u16>)> {
    let wrong = || server.wrong(&expected(Kind::Host));
    let value = server.value.as_str();
    let place = match value.split_once("://") {
        Some((scheme, place)) if scheme.eq_ignore_ascii_case("http") => place,
        Some(_) => return Err(server.wrong("only http proxies are known here; it takes http://proxy.example.com:8080")),
        None => value,
    };
    let place = place.strip_suffix('/').unwrap_or(place);
    if place.contains('@') {
        return Err(server.wrong("user and password of a proxy go into ProxyUser and ProxyPassword"));
    }
    let url = Url::parse(&format!("http://{place}")).map_err(|_| wrong())?;
    let has_more = url.path() != "/" || url.query().is_some() || url.fragment().is_some();
    if has_more || place.contains(['/', '\\', ' ']) || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong());
    }
    // The address leaves the port of http out, even where it was written.
    let written = place.rsplit_once(':').filter(|(_, port)| !port.contains(']'));
    let port = match written {
        Some((_, port)) => Some(port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?),
        None => None,
    };
    Ok((url, port))
}

/// The header of Basic authentication. [RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)
fn credentials(values: &Values, server: &Given) -> Result<Option<Secret>> {
    // A port of the connection string is another proxy, too, than the one that a password of the data source is for.
    let port = values.given("ProxyPort").filter(|_| is_meant(values, "ProxyPort", server));
    let named = port.filter(|port| port.source.rank() < server.source.rank()).unwrap_or(server);
    let own = |name: &str| values.given(name).filter(|given| given.source.rank() <= named.source.rank());
    let (user, password) = (own("ProxyUser"), own("ProxyPassword"));
    for given in [user, password].into_iter().flatten() {
        if given.value.chars().any(char::is_control) {
            return Err(given.wrong("it has a control character in it"));
        }
    }
    match (user, password) {
        (None, None) => Ok(None),
        (None, Some(password)) => Err(password.wrong("there is no user for it; set ProxyUser")),
        (Some(user), _) if user.value.contains(':') => Err(user.wrong("the user name for a proxy has no colon")),
        (Some(user), password) => {
            let password = password.map_or("", |given| given.value.as_str());
            let digits = BASE64_STANDARD.encode(format!("{}:{password}", user.value));
            Ok(Some(Secret::new(format!("Basic {digits}"))))
        }
    }
}

/// The patterns, in lower case and without brackets.
fn exceptions(given: &Given) -> Result<Vec<String>> {
    let patterns = given.value.split([';', ',']).map(str::trim).filter(|pattern| !pattern.is_empty());
    patterns.map(|pattern| exception(pattern).ok_or_else(|| given.wrong(EXCEPTIONS))).collect()
}

/// What ProxyExceptions takes.
const EXCEPTIONS: &str = "it takes hosts without port or slash, separated by semicolons or commas: a name such as \
                          example.com, an address, a pattern such as *.example.com or 10.*";

fn exception(pattern: &str) -> Option<String> {
    let pattern = pattern.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let known = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | '*' | ':');
    // One colon is before a port; an IPv6 address has two at least.
    let is_whole = pattern.matches(':').count() != 1 && pattern.chars().all(known);
    let has_a_name = pattern.chars().any(|letter| letter != '.');
    Some(pattern).filter(|_| is_whole && has_a_name)
}

/// A name matches itself and everything below it, as in NO_PROXY; `*` any run of characters.
fn matches(pattern: &str, host: &str) -> bool {
    if pattern.contains('*') {
        return is_like(pattern, host);
    }
    let name = pattern.trim_start_matches('.');
    match host.strip_suffix(name) {
        Some("") => true,
        Some(before) => before.ends_with('.') && !name.contains(':') && !is_number(name),
        None => false,
    }
}

/// The last label of an IPv4 address is a number, that of a name is none.
fn is_number(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether the text has the pieces between the stars, in their order, the first at its start and the last at its end.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let Some((middle, last)) = rest.rsplit_once('*') else { return left.ends_with(rest) };
    for piece in middle.split('*').filter(|piece| !piece.is_empty()) {
        let Some((_, after)) = left.split_once(piece) else { return false };
        left = after;
    }
    left.ends_with(last)
}
