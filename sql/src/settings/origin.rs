//! Which host requests go to, and whether the token may go there.
//!
//! The host is named by the earliest source that names one; in it BaseURL goes before CompanyDomain, which then only
//! says which company the token must belong to.
//!
//! A secret goes only to a host that its own source vouches for. Pipedrive's own hosts are vouched for by everyone;
//! any other only by the source that names it. The one step between sources: a token of the connection string may go
//! to the BaseURL of the data source, since the string itself names that data source (`DSN=...;PWD=...`). The other
//! way round a workbook could carry a kept token away.

use url::{Host, Url};

use super::Source;
use super::values::{Given, Values};
use crate::{Error, ErrorKind, Result};

/// Pipedrive's own domain.
const PIPEDRIVE: &str = "pipedrive.com";

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    url: Url,
    base: String,
    host: String,
    source: Source,
}

impl Origin {
    /// The host that the earliest source names.
    pub(super) fn choose(values: &Values) -> Result<Self> {
        let (base, company) = (values.given("BaseURL"), values.given("CompanyDomain"));
        match (base, company) {
            (None, None) => Err(no_host(values)),
            (Some(base), None) => Self::of_url(base),
            (None, Some(company)) => Self::of_company(company),
            // Both are read, so that a wrong one is told even where the other one counts.
            (Some(base), Some(company)) => {
                let (url, own) = (Self::of_url(base)?, Self::of_company(company)?);
                Ok(if rank(base.source) <= rank(company.source) { url } else { own })
            }
        }
    }

    fn of_company(given: &Given) -> Result<Self> {
        let url = format!("https://{}.{PIPEDRIVE}", company(given)?);
        let url = Url::parse(&url).map_err(|_| given.wrong(COMPANY))?;
        Ok(Self::new(url, given.source))
    }

    fn of_url(given: &Given) -> Result<Self> {
        let url = Url::parse(&given.value).map_err(|_| given.wrong(ADDRESS))?;
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
            return Err(given.wrong("it takes an address without user, query or fragment"));
        }
        match url.scheme() {
            "https" => Ok(Self::new(url, given.source)),
            "http" if is_loopback(&url) => Ok(Self::new(url, given.source)),
            "http" => Err(given.wrong("plain http is for this computer only (127.0.0.1, [::1], localhost); use https")),
            _ => Err(given.wrong(ADDRESS)),
        }
    }

    fn new(url: Url, source: Source) -> Self {
        let base = url.as_str().trim_end_matches('/').to_owned();
        let host = match (url.host_str().unwrap_or_default(), url.port()) {
            (host, None) => host.to_owned(),
            (host, Some(port)) => format!("{host}:{port}"),
        };
        Self { url, base, host, source }
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
    pub(super) fn admit(&self, token: Source) -> Result<()> {
        if self.is_pipedrive() || token == self.source {
            return Ok(());
        }
        match (token, self.source) {
            (Source::ConnectionString, Source::Dsn) => Ok(()),
            _ => Err(self.carried_away(token)),
        }
    }

    fn is_pipedrive(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(host)) => {
                let below = host.strip_suffix(PIPEDRIVE).is_some_and(|name| name.is_empty() || name.ends_with('.'));
                below && self.is_encrypted()
            }
            _ => false,
        }
    }

    fn carried_away(&self, token: Source) -> Error {
        let (url, token) = (named(self.source), named(token));
        let text = format!(
            "nothing was sent: BaseURL comes from {url}, the API token from {token}, and a token goes only to a host \
             that its own source names; give BaseURL and APIToken in the same place"
        );
        Error::new(ErrorKind::SignIn, text)
    }

    /// Whether a CompanyDomain of this source speaks of this host, rather than of one that an earlier source replaced.
    pub(super) fn is_meant_by(&self, company: Source) -> bool {
        rank(company) <= rank(self.source)
    }
}

/// What CompanyDomain takes.
const COMPANY: &str = "it takes the name before .pipedrive.com, such as acme";
/// What BaseURL takes.
const ADDRESS: &str = "it takes an address such as https://acme.pipedrive.com";

/// The company's name in a value of CompanyDomain: `acme`, `acme.pipedrive.com` or `https://acme.pipedrive.com/`.
pub(super) fn company(given: &Given) -> Result<String> {
    let value = given.value.to_ascii_lowercase();
    let host = value.strip_prefix("https://").unwrap_or(&value);
    let host = host.strip_suffix('/').unwrap_or(host);
    let label = host.strip_suffix(PIPEDRIVE).and_then(|host| host.strip_suffix('.')).unwrap_or(host);
    // One label of a host name and nothing else: no dot, slash, colon or `@` can point elsewhere.
    let letters = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if (1..=63).contains(&label.len()) && letters && !label.starts_with('-') && !label.ends_with('-') {
        Ok(label.to_owned())
    } else {
        Err(given.wrong(COMPANY))
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

/// Place in the order of sources, the strongest first.
pub(super) const fn rank(source: Source) -> u8 {
    match source {
        Source::ConnectionString => 0,
        Source::Dsn => 1,
        Source::Environment => 2,
    }
}

pub(super) const fn named(source: Source) -> &'static str {
    match source {
        Source::ConnectionString => "the connection string",
        Source::Dsn => "the data source",
        Source::Environment => "the environment",
    }
}

fn no_host(values: &Values) -> Error {
    let token = if values.given("APIToken").is_some() { "" } else { " and APIToken, your personal API token" };
    let text = format!(
        "the connection does not say which company to ask: set CompanyDomain, the name before .pipedrive.com{token}"
    );
    Error::new(ErrorKind::Property, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCES: [Source; 3] = [Source::ConnectionString, Source::Dsn, Source::Environment];

    type Pair<'a> = (Source, &'a str, &'a str);

    fn chosen(pairs: &[Pair<'_>]) -> Result<Origin> {
        let sources: Vec<_> = SOURCES
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
        let allowed =
            [(ConnectionString, ConnectionString), (Dsn, Dsn), (Environment, Environment), (ConnectionString, Dsn)];
        for value in foreign {
            for (token, host) in SOURCES.into_iter().flat_map(|token| SOURCES.map(|host| (token, host))) {
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
    fn every_token_may_go_to_pipedrive() {
        for (token, host) in SOURCES.into_iter().flat_map(|token| SOURCES.map(|host| (token, host))) {
            for (name, value) in [("CompanyDomain", "acme"), ("BaseURL", "https://acme.pipedrive.com")] {
                chosen(&[(host, name, value)]).unwrap().admit(token).unwrap();
            }
        }
    }
}
