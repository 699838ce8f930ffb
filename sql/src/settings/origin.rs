//! Which host requests go to, and whether the token may go there.
//!
//! The host is named by the earliest source that names one; in it BaseURL goes before CompanyDomain, which then only
//! says which company the token must belong to.
//!
//! A secret goes only to a host that its own source vouches for. Pipedrive's own hosts are vouched for by everyone;
//! any other only by the source that names it. The one step between sources: a token of the connection string may go
//! to the BaseURL of the data source, since the string itself names that data source (`DSN=...;PWD=...`). The other
//! way round a workbook could carry a kept token away. A string that may be mixed with a file's
//! pairs vouches for no host that it names before a secret (`mixed.rs`).
//!
//! Where nobody names a host, the token itself tells the company: [`Origin::discovery`] is asked for it.

use url::{Host, Url};

use super::credential::carried_away;
use super::values::{Given, Values};
use super::{Source, TokenSource};
use crate::{Error, ErrorKind, Result};

/// Pipedrive's own domain.
const PIPEDRIVE: &str = "pipedrive.com";
/// The host that tells a token's company.
const DISCOVERY: &str = "https://api.pipedrive.com";

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    url: Url,
    base: String,
    host: String,
    source: Source,
    named: bool,
}

impl Origin {
    /// The host that the earliest source names; [`Self::discovery`] when none does.
    pub(super) fn choose(values: &Values) -> Result<Self> {
        let (base, company) = (values.given("BaseURL"), values.given("CompanyDomain"));
        match (base, company) {
            (None, None) => Self::discovery(),
            (Some(base), None) => Self::of_url(base),
            (None, Some(company)) => Self::of_company(company),
            // Both are read, so that a wrong one is told even where the other one counts.
            (Some(base), Some(company)) => {
                let (url, own) = (Self::of_url(base)?, Self::of_company(company)?);
                Ok(if base.source.rank() <= company.source.rank() { url } else { own })
            }
        }
    }

    fn of_company(given: &Given) -> Result<Self> {
        Self::of_label(&company(given)?, given.source).ok_or_else(|| given.wrong(COMPANY))
    }

    /// The company's host, by a label that was checked.
    fn of_label(label: &str, source: Source) -> Option<Self> {
        Url::parse(&format!("https://{label}.{PIPEDRIVE}")).ok().map(|url| Self::new(url, source))
    }

    fn of_url(given: &Given) -> Result<Self> {
        address(&given.value).map(|url| Self::new(url, given.source)).map_err(|expected| given.wrong(expected))
    }

    /// The host that tells which company a token belongs to, where nobody names one.
    ///
    /// # Errors
    /// None; the address is a constant.
    pub(crate) fn discovery() -> Result<Self> {
        Self::asking(DISCOVERY).ok_or_else(|| Error::new(ErrorKind::General, ADDRESS))
    }

    /// A host that is asked which company a token belongs to, and for nothing else.
    pub(crate) fn asking(base: &str) -> Option<Self> {
        Some(Self { named: false, source: Source::Environment, ..Self::kept(base)? })
    }

    /// The server of OAuth that signs in for a host: Pipedrive's own for Pipedrive's hosts, else the host itself.
    pub(crate) fn authority(of: &Self) -> Result<Self> {
        let base = super::oauth::authority(of.base(), of.is_pipedrive());
        Self::kept(base).ok_or_else(|| Error::new(ErrorKind::General, ADDRESS))
    }

    /// The host of the company that a token was found to belong to; `None` for a name that is no label of a host.
    pub(crate) fn discovered(company: &str) -> Option<Self> {
        Self::of_label(&label(company)?, Source::Environment)
    }

    /// The host that was kept together with a token; `None` for an address that would not be taken as BaseURL.
    pub(crate) fn kept(base: &str) -> Option<Self> {
        address(base).ok().map(|url| Self::new(url, Source::Dsn))
    }

    /// Whether a source names the host, rather than leaving it to the token.
    pub(crate) const fn is_named(&self) -> bool {
        self.named
    }

    fn new(url: Url, source: Source) -> Self {
        let base = url.as_str().trim_end_matches('/').to_owned();
        let host = match (url.host_str().unwrap_or_default(), url.port()) {
            (host, None) => host.to_owned(),
            (host, Some(port)) => format!("{host}:{port}"),
        };
        Self { url, base, host, source, named: true }
    }

    /// The address below which `/api/v1` and `/api/v2` are; without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The host, with its port where it is not the usual one.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The host without its port, an IPv6 address without its brackets.
    pub(crate) fn host_name(&self) -> &str {
        self.url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// The company whose host it is, for one of Pipedrive's.
    pub(crate) fn company(&self) -> Option<&str> {
        self.host.strip_suffix(PIPEDRIVE)?.strip_suffix('.').filter(|_| self.is_pipedrive())
    }

    /// The host and its port, for messages about reaching it.
    pub(crate) fn host_and_port(&self) -> String {
        let port = self.url.port_or_known_default().unwrap_or_default();
        format!("{}:{port}", self.url.host_str().unwrap_or_default())
    }

    /// Whether requests stay on this computer.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Whether requests go through TLS.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether a token of this source may be sent here.
    ///
    /// # Errors
    /// `SignIn` when it would be carried away. Whether the keyring kept a token for this very host is for its reader
    /// to see; here it is admitted to any host that a connection string did not bring.
    pub(super) fn admit(&self, token: TokenSource) -> Result<()> {
        if self.is_pipedrive() || token.owner() == Some(self.source) {
            return Ok(());
        }
        match (token, self.source) {
            (
                TokenSource::Value(Source::ConnectionString) | TokenSource::OAuth(Source::ConnectionString),
                Source::Dsn,
            ) => Ok(()),
            (TokenSource::Keyring | TokenSource::SignIn, Source::Dsn | Source::Environment) => Ok(()),
            _ => Err(carried_away("BaseURL", self.source, token)),
        }
    }

    /// Whether it is one of Pipedrive's own hosts.
    pub(crate) fn is_pipedrive(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(host)) => {
                let below = host.strip_suffix(PIPEDRIVE).is_some_and(|name| name.is_empty() || name.ends_with('.'));
                below && self.is_encrypted()
            }
            _ => false,
        }
    }

    /// Whether a CompanyDomain of this source speaks of this host, rather than of one that an earlier source replaced.
    pub(super) fn is_meant_by(&self, company: Source) -> bool {
        company.rank() <= self.source.rank()
    }
}

/// What CompanyDomain takes.
const COMPANY: &str = "it takes the name before .pipedrive.com, such as acme";
/// What BaseURL takes.
const ADDRESS: &str = "it takes an address such as https://acme.pipedrive.com";

/// The company's name in a value of CompanyDomain: `acme`, `acme.pipedrive.com` or `https://acme.pipedrive.com/`.
pub(super) fn company(given: &Given) -> Result<String> {
    label(&given.value).ok_or_else(|| given.wrong(COMPANY))
}

/// One label of a host name and nothing else: no dot, slash, colon or `@` can point elsewhere.
fn label(value: &str) -> Option<String> {
    let value = value.to_ascii_lowercase();
    let host = value.strip_prefix("https://").unwrap_or(&value);
    let host = host.strip_suffix('/').unwrap_or(host);
    let label = host.strip_suffix(PIPEDRIVE).and_then(|host| host.strip_suffix('.')).unwrap_or(host);
    let letters = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let whole = (1..=63).contains(&label.len()) && letters && !label.starts_with('-') && !label.ends_with('-');
    whole.then(|| label.to_owned())
}

/// A text as the address of an API, or what is expected of one.
fn address(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| ADDRESS)?;
    let plain = url.username().is_empty() && url.password().is_none();
    if !plain || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
        return Err("it takes an address without user, query or fragment");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err("plain http is for this computer only (127.0.0.1, [::1], localhost); use https"),
        _ => Err(ADDRESS),
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pair<'a> = (Source, &'a str, &'a str);

    fn chosen(pairs: &[Pair<'_>]) -> Result<Origin> {
        let sources: Vec<_> = Source::ALL
            .iter()
            .map(|&source| {
                let own = pairs.iter().filter(|(of, ..)| *of == source);
                (source, own.map(|(_, name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
            })
            .collect();
        Origin::choose(&Values::choose(&sources).0)
    }

    fn one(name: &str, value: &str) -> Result<Origin> {
        chosen(&[(Source::Dsn, name, value)])
    }

    #[test]
    fn a_company_is_one_label_below_pipedrive() {
        for value in
            ["acme", "ACME", " acme ", "acme.pipedrive.com", "https://acme.pipedrive.com/", "Acme.Pipedrive.com"]
        {
            let origin = one("CompanyDomain", value).unwrap();
            assert_eq!((origin.base(), origin.host()), ("https://acme.pipedrive.com", "acme.pipedrive.com"), "{value}");
        }
        let wrong = [
            "evil.com/",
            "evil.com/acme",
            "evil.com#",
            "evil.com?",
            "evil.com:443/",
            "user@evil.com/",
            "a.b",
            "evil.com/.pipedrive.com",
            "acme.pipedrive.com.evil.com",
            "https://evil.com/acme",
            "http://acme.pipedrive.com",
            "acme//",
            "-acme",
            "acme-",
            ".pipedrive.com",
            "pipedrive.com",
            "ac me",
            "akmé",
            "acme\\evil",
            "acme%2e",
        ];
        for value in wrong {
            let error = one("CompanyDomain", value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Property, "{value}");
            assert!(error.message().contains("CompanyDomain"), "{value}: {error}");
            let hidden = value.contains(['@', '?', '#']);
            assert_eq!(error.message().contains(value), !hidden, "{value}: {error}");
        }
        assert!(one("CompanyDomain", &"a".repeat(64)).is_err());
    }

    #[test]
    fn an_address_is_https_or_of_this_computer() {
        let cases = [
            ("https://crm.example.com", "https://crm.example.com", "crm.example.com"),
            (
                "https://crm.example.com:8443/pipedrive/",
                "https://crm.example.com:8443/pipedrive",
                "crm.example.com:8443",
            ),
            ("http://127.0.0.1:4711", "http://127.0.0.1:4711", "127.0.0.1:4711"),
            ("http://127.9.9.9/", "http://127.9.9.9", "127.9.9.9"),
            ("http://[::1]:80", "http://[::1]", "[::1]"),
            ("http://LOCALHOST:1", "http://localhost:1", "localhost:1"),
        ];
        for (value, base, host) in cases {
            let origin = one("BaseURL", value).unwrap();
            assert_eq!((origin.base(), origin.host()), (base, host), "{value}");
        }
        let wrong = [
            "http://crm.example.com",
            "http://acme.pipedrive.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://[::ffff:127.0.0.1]",
            "ftp://127.0.0.1",
            "file:///etc",
            "acme.pipedrive.com",
            "https://",
            "",
        ];
        for value in wrong.into_iter().filter(|value| !value.is_empty()) {
            let error = one("BaseURL", value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Property, "{value}");
            assert!(error.message().contains("BaseURL"), "{value}: {error}");
        }
    }

    #[test]
    fn an_address_with_user_query_or_fragment_is_refused_and_not_repeated() {
        for value in
            ["https://a:SECRET@b.com", "https://SECRET@b.com", "https://b.com/?t=SECRET", "https://b.com/#SECRET"]
        {
            let error = one("BaseURL", value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Property, "{value}");
            assert!(!error.message().contains("SECRET"), "{error}");
        }
    }

    #[test]
    fn the_earliest_source_names_the_host() {
        use Source::{ConnectionString, Dsn, Environment};
        let cases: &[(&[Pair<'_>], &str)] = &[
            (&[(Dsn, "BaseURL", "https://x.com"), (Dsn, "CompanyDomain", "acme")], "x.com"),
            (&[(Dsn, "BaseURL", "https://x.com"), (ConnectionString, "CompanyDomain", "acme")], "acme.pipedrive.com"),
            (&[(ConnectionString, "BaseURL", "https://x.com"), (Dsn, "CompanyDomain", "acme")], "x.com"),
            (&[(Environment, "BaseURL", "https://x.com"), (Dsn, "CompanyDomain", "acme")], "acme.pipedrive.com"),
            (&[(Environment, "BaseURL", "https://x.com"), (Dsn, "BaseURL", "https://y.com")], "y.com"),
        ];
        for (pairs, host) in cases {
            assert_eq!(chosen(pairs).unwrap().host(), *host, "{pairs:?}");
        }
    }

    #[test]
    fn a_token_goes_only_where_its_source_vouches_for_the_host() {
        use Source::{ConnectionString, Dsn, Environment};
        let foreign = ["https://crm.example.com", "http://127.0.0.1:1", "https://pipedrive.com.example.com"];
        let foreign = foreign.into_iter().chain(["https://evilpipedrive.com", "https://acme.pipedrive.com."]);
        let allowed = [
            (TokenSource::Value(ConnectionString), ConnectionString),
            (TokenSource::Value(ConnectionString), Dsn),
            (TokenSource::Value(Dsn), Dsn),
            (TokenSource::Value(Environment), Environment),
            (TokenSource::OAuth(ConnectionString), ConnectionString),
            (TokenSource::OAuth(ConnectionString), Dsn),
            (TokenSource::OAuth(Dsn), Dsn),
            (TokenSource::OAuth(Environment), Environment),
            (TokenSource::File(Dsn), Dsn),
            (TokenSource::File(Environment), Environment),
            (TokenSource::Keyring, Dsn),
            (TokenSource::Keyring, Environment),
            (TokenSource::SignIn, Dsn),
            (TokenSource::SignIn, Environment),
        ];
        for value in foreign {
            for (token, host) in TokenSource::all().into_iter().flat_map(|token| Source::ALL.map(|host| (token, host)))
            {
                let outcome = chosen(&[(host, "BaseURL", value)]).unwrap().admit(token);
                assert_eq!(outcome.is_ok(), allowed.contains(&(token, host)), "{value}: {token:?} to {host:?}");
                if let Err(error) = outcome {
                    assert_eq!(error.kind(), ErrorKind::SignIn);
                    assert!(error.message().contains("BaseURL"), "{error}");
                }
            }
        }
    }

    #[test]
    fn where_nobody_names_a_host_the_token_s_company_is_asked_for_at_pipedrive() {
        let origin = chosen(&[]).unwrap();
        assert_eq!((origin.base(), origin.is_named()), ("https://api.pipedrive.com", false));
        TokenSource::all().into_iter().for_each(|token| origin.admit(token).unwrap());
        assert!(one("CompanyDomain", "acme").unwrap().is_named());
        let found = Origin::discovered("Acme").unwrap();
        assert_eq!((found.base(), found.is_named()), ("https://acme.pipedrive.com", true));
        for told in ["", "evil.com/", "evil.com#", "user@evil.com/", "a.b", "acme.pipedrive.com.evil.com", "-acme"] {
            assert_eq!(Origin::discovered(told), None, "{told}");
        }
    }

    #[test]
    fn a_kept_address_is_held_to_the_rules_of_base_url() {
        assert_eq!(Origin::kept("https://crm.example.com/").unwrap().base(), "https://crm.example.com");
        for base in ["", "acme", "http://crm.example.com", "https://a:b@crm.example.com", "file:///etc"] {
            assert_eq!(Origin::kept(base), None, "{base}");
        }
    }

    #[test]
    fn every_token_may_go_to_pipedrive() {
        for (token, host) in TokenSource::all().into_iter().flat_map(|token| Source::ALL.map(|host| (token, host))) {
            for (name, value) in [("CompanyDomain", "acme"), ("BaseURL", "https://acme.pipedrive.com")] {
                chosen(&[(host, name, value)]).unwrap().admit(token).unwrap();
            }
        }
    }
}
