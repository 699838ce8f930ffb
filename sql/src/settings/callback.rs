//! The address that the browser comes back to, as the application is registered with it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::origin::is_loopback;

/// CallbackURL: exactly what is registered in Pipedrive's Developer Hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Callback {
    text: String,
    url: Url,
}

impl Callback {
    /// An address without user and fragment; plain http or https.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
        (plain && web).then(|| Self { text: text.to_owned(), url })
    }

    /// Letter for letter as it was given: the server compares it so with what is registered.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Where this computer can wait for the browser, the addresses that must be had first; `None` for an address that is
    /// another host's or needs a certificate.
    pub(crate) fn listens_at(&self) -> Option<(Vec<IpAddr>, u16)> {
        if self.url.scheme() != "http" || !is_loopback(&self.url) {
            return None;
        }
        let addresses = match self.url.host()? {
            Host::Ipv4(address) => vec![address.into()],
            Host::Ipv6(address) => vec![address.into()],
            // A browser takes either.
            Host::Domain(_) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        };
        Some((addresses, self.url.port_or_known_default()?))
    }

    /// The path of it.
    pub(crate) fn path(&self) -> &str {
        self.url.path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_of_this_computer_is_waited_at() {
        let cases = [
            ("http://localhost:33333", Some((2, 33_333))),
            ("http://127.0.0.1:8080/cb?x=1", Some((1, 8080))),
            ("http://[::1]/", Some((1, 80))),
            ("https://localhost:33333", None),
            ("https://app.example.com/callback", None),
            ("http://app.example.com:33333", None),
        ];
        for (text, expected) in cases {
            let callback = Callback::read(text).unwrap();
            assert_eq!(callback.listens_at().map(|(hosts, port)| (hosts.len(), port)), expected, "{text}");
            assert_eq!(callback.text(), text);
        }
        for text in ["", "localhost:33333", "http://a:b@localhost", "http://localhost/#x", "ftp://localhost", "/cb"] {
            assert_eq!(Callback::read(text), None, "{text}");
        }
    }
}
