//! Proxy and certificates, resolved from their sources.

use std::fs;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};

use super::certificate::Certificate;
use super::*;
use crate::ErrorKind;
use crate::settings::{Settings, Source};

const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";
const PASSWORD: &str = "correct horse";
/// What OpenSSL says of [`VERSION_1`].
const FINGERPRINT: &str = "B2:76:C8:3E:BA:13:4E:3E:E6:B5:35:7C:8F:3D:96:3A:\
                           FD:81:07:7D:A8:FD:EF:2B:C0:86:C0:AF:B4:D1:C5:81";
/// A root from before extensions.
const VERSION_1: &str = "-----BEGIN CERTIFICATE-----
MIIBFzCBvwIUZuxMoBcKsiXCSC+IKRDW7YLoHDIwCgYIKoZIzj0EAwIwDjEMMAoG
A1UEAwwDT2xkMCAXDTI2MTEyNjE5MDUyNloYDzIxMjYxMTAyMTkwNTI2WjAOMQww
CgYDVQQDDANPbGQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATL1CBa39LOueaT
G1H1yKwZ20D6AqZkbAfFq/rP2vyJqDYkDLz7VHNilTpy/Y0zIWdVP95N49iHzddU
KTrByNdKMAoGCCqGSM49BAMCA0cAMEQCIFWW+5WNrs4QCHOJZePyWsDOHEM5mjAU
7c3q7Dj1VvWSAiAfb/WZ0pBmuMMwPYh0uA97IN5nVdsuDirthkEKdC+lgQ==
-----END CERTIFICATE-----
";

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn resolved(string: Pairs<'_>, dsn: Pairs<'_>) -> Result<(Settings, Vec<Warning>)> {
    let owned = |pairs: Pairs<'_>| pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let memory = [("StateLocation", "memory"), ("CompanyDomain", "acme")];
    let string = [string, &memory].concat();
    Settings::resolve(&[(Source::ConnectionString, owned(&string)), (Source::Dsn, owned(dsn))])
}

/// The way of a connection string with a token of its own.
fn way(pairs: Pairs<'_>) -> Result<Way> {
    resolved(&[pairs, &[("PWD", TOKEN)]].concat(), &[]).map(|(settings, _)| settings.way().clone())
}

#[track_caller]
fn assert_wrong(pairs: Pairs<'_>, parts: &[&str]) {
    let error = way(pairs).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Property, "{error}");
    for part in parts {
        assert!(error.message().contains(part), "{pairs:?}: '{part}' is missing in: {error}");
    }
}

/// A certificate as PEM, of an authority or not.
fn pem(authority: Option<BasicConstraints>) -> String {
    let mut params = CertificateParams::new(vec!["crm.example.com".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::OrganizationName, "o".repeat(60));
    params.is_ca = authority.map_or(IsCa::ExplicitNoCa, IsCa::Ca);
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

fn only(text: &str) -> Certificate {
    let mut all = Certificate::all_of_pem(text).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn an_authority_is_told_from_a_server() {
    assert!(!only(&pem(None)).is_authority);
    assert!(only(&pem(Some(BasicConstraints::Unconstrained))).is_authority);
    assert!(only(&pem(Some(BasicConstraints::Constrained(0)))).is_authority);
    assert!(only(VERSION_1).is_authority);
    let plain = CertificateParams::new(vec!["a".to_owned()]).unwrap();
    assert!(!only(&plain.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()).is_authority);
}

#[test]
fn damaged_certificates_are_refused_and_never_a_panic() {
    let der = only(&pem(Some(BasicConstraints::Unconstrained))).der;
    for length in 0..der.len() {
        assert_eq!(Certificate::of_der(der[..length].to_vec()), None, "{length}");
    }
    for position in 0..der.len() {
        let mut damaged = der.clone();
        damaged[position] ^= 0xff;
        drop(Certificate::of_der(damaged));
    }
}

#[test]
fn certificates_are_read_from_text_file_and_one_line() {
    let (authority, other) = (pem(Some(BasicConstraints::Unconstrained)), pem(Some(BasicConstraints::Unconstrained)));
    let bundle = format!("# the company's roots\n{authority}\nsubject=x\n{other}");
    let folder = tempfile::tempdir().unwrap();
    let (text, der) = (folder.path().join("roots.pem"), folder.path().join("root.cer"));
    fs::write(&text, &bundle).unwrap();
    fs::write(&der, only(&authority).der).unwrap();
    let one = Certificate::all_of_pem(&authority).unwrap().remove(0).der;
    let read = |value: &str| way(&[("SSLServerCert", value)]).unwrap().trust().clone();
    assert_eq!(read(&authority).authorities(), std::slice::from_ref(&one));
    assert_eq!(read(der.to_str().unwrap()).authorities(), [one]);
    assert_eq!(read(text.to_str().unwrap()).authorities().len(), 2);
    assert_eq!(read(&bundle), read(text.to_str().unwrap()));
    // As they come out of an odbc.ini or a form of one line.
    for line_end in [" ", "", "\\n"] {
        assert_eq!(read(&authority.replace('\n', line_end)), read(&authority), "{line_end:?}");
    }
}

#[test]
fn a_certificate_that_is_no_authority_s_is_a_pin_and_so_is_a_fingerprint() {
    let (server, authority) = (pem(None), pem(Some(BasicConstraints::Unconstrained)));
    let trust = |value: &str| way(&[("SSLServerCert", value)]).unwrap().trust().clone();
    let pinned = trust(&server);
    let fingerprint = Fingerprint::of(&only(&server).der);
    assert_eq!((pinned.accepted(), pinned.authorities().len()), ([fingerprint].as_slice(), 0));
    let text = fingerprint.to_string();
    assert_eq!(Fingerprint::of(&only(VERSION_1).der).to_string(), FINGERPRINT);
    for value in [text.clone(), text.to_lowercase(), text.replace(':', "")] {
        assert_eq!(trust(&value), pinned, "{value}");
    }
    // With the authority that signed it, as servers' files have it: still a pin.
    let chain = trust(&format!("{server}{authority}"));
    assert_eq!((chain.accepted().len(), chain.authorities().len()), (2, 0));
    assert!(way(&[]).unwrap().trust().is_system() && way(&[("SSLServerCert", "")]).unwrap().trust().is_system());
}

#[test]
fn what_is_no_certificate_is_refused_with_what_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    fs::write(&empty, "nothing here").unwrap();
    let missing = folder.path().join("missing.pem");
    let large = folder.path().join("large.pem");
    fs::File::create(&large).unwrap().set_len(2 << 20).unwrap();
    let cases: &[(&str, &str)] = &[
        ("*", "trusting every server"),
        ("Any", "trusting every server"),
        ("roots.pem", "absolute path"),
        ("AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01", "SHA-256"),
        ("0123456789abcdef", "SHA-256"),
        (missing.to_str().unwrap(), "cannot be read"),
        (folder.path().to_str().unwrap(), "no file of certificates"),
        (large.to_str().unwrap(), "no file of certificates"),
        (empty.to_str().unwrap(), "BEGIN CERTIFICATE"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "no certificate in it"),
        ("-----BEGIN CERTIFICATE-----\nMIIBFzCBvwIU", "no certificate in it"),
    ];
    for (value, part) in cases {
        assert_wrong(&[("SSLServerCert", value)], &["SSLServerCert", part]);
    }
}

#[test]
fn a_private_key_in_place_of_a_certificate_is_not_repeated() {
    let error =
        way(&[("SSLServerCert", "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----")]).unwrap_err();
    assert!(error.message().contains("SSLServerCert") && !error.message().contains("SECRET"), "{error}");
}

#[test]
fn a_proxy_is_a_host_with_a_port_or_its_address() {
    let cases: &[(Pairs<'_>, &str)] = &[
        (&[("ProxyServer", "proxy.example.com")], "proxy.example.com:80"),
        (&[("ProxyServer", "proxy.example.com:3128")], "proxy.example.com:3128"),
        (&[("ProxyServer", "http://Proxy.example.com:3128/")], "proxy.example.com:3128"),
        (&[("proxyserver", "10.0.0.1"), ("PROXYPORT", "8080")], "10.0.0.1:8080"),
        (&[("ProxyServer", "http://proxy"), ("ProxyPort", "8080")], "proxy:8080"),
        (&[("ProxyServer", "proxy:8080"), ("ProxyPort", "8080")], "proxy:8080"),
        (&[("ProxyServer", "[::1]:3128")], "[::1]:3128"),
        (&[("ProxyServer", "[::1]")], "[::1]:80"),
    ];
    for (pairs, address) in cases {
        let way = way(pairs).unwrap();
        let proxy = way.proxy().unwrap();
        assert_eq!(proxy.address(), *address, "{pairs:?}");
        assert_eq!(proxy.url().port_or_known_default(), address.rsplit_once(':').unwrap().1.parse().ok(), "{pairs:?}");
        assert!(proxy.credentials().is_none());
    }
    assert!(way(&[]).unwrap().proxy().is_none());
}

#[test]
fn what_is_no_proxy_is_refused_with_what_is_expected() {
    let server = ("ProxyServer", "proxy:3128");
    let cases: &[(Pairs<'_>, &str)] = &[
        (&[("ProxyServer", "https://proxy:3128")], "only http proxies"),
        (&[("ProxyServer", "socks5://proxy")], "only http proxies"),
        (&[("ProxyServer", "proxy/path")], "ProxyServer=proxy/path"),
        (&[("ProxyServer", "proxy?x")], "host name"),
        (&[("ProxyServer", "two words")], "host name"),
        (&[("ProxyServer", "proxy:0")], "host name"),
        (&[("ProxyServer", "proxy:99999")], "host name"),
        (&[("ProxyServer", ":3128")], "host name"),
        (&[("ProxyServer", "http://")], "host name"),
        (&[server, ("ProxyPort", "8080")], "ProxyPort says 8080"),
        (&[("ProxyServer", "proxy:80"), ("ProxyPort", "8080")], "ProxyPort says 8080"),
        (&[server, ("ProxyPort", "0")], "1 to 65535"),
        (&[("ProxyPort", "many")], "1 to 65535"),
        (&[server, ("ProxyUser", "a:b")], "no colon"),
        (&[server, ("ProxyPassword", PASSWORD)], "set ProxyUser"),
        (&[server, ("ProxyExceptions", "https://example.com")], "without port or slash"),
        (&[server, ("ProxyExceptions", "a.com;10.0.0.0/8")], "without port or slash"),
        (&[server, ("ProxyExceptions", "example.com:443")], "without port or slash"),
        (&[server, ("ProxyExceptions", "two words")], "without port or slash"),
        (&[server, ("ProxyExceptions", ".")], "without port or slash"),
    ];
    for (pairs, part) in cases {
        assert_wrong(pairs, &[part]);
    }
}

#[test]
fn a_password_is_in_no_message_and_no_debug_output() {
    for pairs in [
        [("ProxyServer", "http://a:correct horse@proxy"), ("ProxyUser", "a")],
        [("ProxyServer", "proxy"), ("ProxyPassword", PASSWORD)],
    ] {
        let error = way(&pairs).unwrap_err();
        assert!(error.message().contains("Proxy") && !error.message().contains(PASSWORD), "{error}");
    }
    let way = way(&[("ProxyServer", "proxy"), ("ProxyUser", "zoë"), ("ProxyPassword", PASSWORD)]).unwrap();
    // "zoë:correct horse", as RFC 7617 writes it.
    let header = "Basic em/Dqzpjb3JyZWN0IGhvcnNl";
    assert_eq!(way.proxy().unwrap().credentials().unwrap().expose(), header);
    let shown = format!("{way:?} {:?}", way.identity());
    assert!(!shown.contains(PASSWORD) && !shown.contains("em/Dqz"), "{shown}");
}

#[test]
fn exceptions_are_names_addresses_and_patterns() {
    let leaves_out = |exceptions: &str, host: &str| {
        let way = way(&[("ProxyServer", "proxy"), ("ProxyExceptions", exceptions)]).unwrap();
        way.proxy_to(host).is_none()
    };
    let cases = [
        ("acme.pipedrive.com", "acme.pipedrive.com", true),
        ("acme.pipedrive.com", "globex.pipedrive.com", false),
        ("Pipedrive.com", "ACME.pipedrive.com", true),
        (".pipedrive.com", "acme.pipedrive.com", true),
        ("pipedrive.com", "evilpipedrive.com", false),
        ("*.pipedrive.com", "acme.pipedrive.com", true),
        ("*.pipedrive.com", "acme.pipedrive.com.evil.com", false),
        ("a*e.*.com", "acme.pipedrive.com", true),
        ("*", "anything", true),
        ("10.*", "10.1.2.3", true),
        ("10.1.2.3", "10.1.2.3", true),
        ("2.3", "10.1.2.3", false),
        ("[::1]", "::1", true),
        ("example.com; localhost, 127.0.0.1", "127.0.0.1", true),
        ("example.com; localhost, 127.0.0.1", "localhost", true),
        ("example.com; localhost, 127.0.0.1", "127.0.0.2", false),
        (";,", "localhost", false),
    ];
    for (exceptions, host, expected) in cases {
        assert_eq!(leaves_out(exceptions, host), expected, "{exceptions}: {host}");
    }
}

#[test]
fn what_has_no_effect_is_a_warning() {
    let warnings = |pairs: Pairs<'_>| resolved(&[pairs, &[("PWD", TOKEN)]].concat(), &[]).unwrap().1;
    let found = warnings(&[("ProxyUser", "a"), ("ProxyExceptions", "b")]);
    assert!(found[0].message.contains("without ProxyServer nothing comes of ProxyUser, ProxyExceptions"), "{found:?}");
    let found = warnings(&[("BaseURL", "http://127.0.0.1:1"), ("SSLServerCert", VERSION_1)]);
    assert!(found[0].message.contains("SSLServerCert has no effect"), "{found:?}");
    assert_eq!(warnings(&[("ProxyServer", "proxy"), ("ProxyUser", "a"), ("SSLServerCert", VERSION_1)]), []);
}

#[test]
fn plain_http_goes_through_no_proxy_on_another_computer() {
    let plain = ("BaseURL", "http://127.0.0.1:1");
    assert_wrong(&[plain, ("ProxyServer", "proxy.example.com")], &["plain http", "ProxyExceptions"]);
    way(&[plain, ("ProxyServer", "127.0.0.1:3128")]).unwrap();
    way(&[plain, ("ProxyServer", "proxy.example.com"), ("ProxyExceptions", "127.0.0.1")]).unwrap();
}

#[test]
fn a_workbook_cannot_lead_a_kept_token_through_its_proxy_or_past_its_certificate() {
    let kept = [("PWD", TOKEN), ("ProxyServer", "proxy.example.com")];
    let exceptions = ("ProxyExceptions", "example.com");
    for own in [("ProxyServer", "evil.example.com"), ("ProxyPort", "4711"), exceptions, ("SSLServerCert", VERSION_1)] {
        let error = resolved(&[own], &kept).map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
        assert!(error.message().contains(own.0) && error.message().contains("nothing was sent"), "{error}");
        // With a token of its own it may do as it likes.
        resolved(&[own, ("PWD", "its-own")], &kept).unwrap();
    }
    // What whoever set up the data source says goes for every token.
    let (settings, _) = resolved(&[("PWD", "its-own")], &[kept[1], ("SSLServerCert", VERSION_1)]).unwrap();
    assert!(settings.way().proxy().is_some() && !settings.way().trust().is_system());
    resolved(&[], &[kept[0], kept[1], exceptions]).unwrap();
}

#[test]
fn a_kept_password_goes_to_the_kept_proxy_only() {
    let kept = [("ProxyServer", "proxy"), ("ProxyUser", "a"), ("ProxyPassword", PASSWORD), ("ProxyPort", "3128")];
    let proxy = |string: Pairs<'_>| {
        let (settings, _) = resolved(&[string, &[("PWD", TOKEN)]].concat(), &kept).unwrap();
        let proxy = settings.way().proxy().unwrap().clone();
        (proxy.address(), proxy.credentials().map(|secret| secret.expose().to_owned()))
    };
    assert_eq!(proxy(&[]), ("proxy:3128".to_owned(), Some("Basic YTpjb3JyZWN0IGhvcnNl".to_owned())));
    assert_eq!(proxy(&[("ProxyServer", "evil")]), ("evil:80".to_owned(), None));
    assert_eq!(proxy(&[("ProxyPort", "4711")]), ("proxy:4711".to_owned(), None));
    assert_eq!(proxy(&[("ProxyServer", "evil"), ("ProxyUser", "b")]).1.as_deref(), Some("Basic Yjo="));
    // Typed in for the data source's proxy.
    assert_eq!(proxy(&[("ProxyUser", "b")]).1.as_deref(), Some("Basic Yjpjb3JyZWN0IGhvcnNl"));
}

#[test]
fn ways_that_differ_have_different_identities() {
    let server = ("ProxyServer", "proxy");
    let (one, other) = (pem(None), pem(Some(BasicConstraints::Unconstrained)));
    let ways: &[Pairs<'_>] = &[
        &[],
        &[("SSLServerCert", &one)],
        &[("SSLServerCert", &other)],
        &[("SSLServerCert", VERSION_1)],
        &[server],
        &[server, ("ProxyPort", "3128")],
        &[server, ("ProxyUser", "a")],
        &[server, ("ProxyUser", "a"), ("ProxyPassword", PASSWORD)],
        &[server, ("ProxyExceptions", "example.com")],
    ];
    let identities: std::collections::HashSet<_> =
        ways.iter().map(|pairs| way(pairs).unwrap().identity().expose().to_owned()).collect();
    assert_eq!(identities.len(), ways.len());
    // A pin by its certificate and one by the certificate's fingerprint are the same way; an authority is not.
    let print = Fingerprint::of(&only(&other).der).to_string();
    let identity = |value: &str| way(&[("SSLServerCert", value)]).unwrap().identity().expose().to_owned();
    assert_ne!(identity(&print), identity(&other));
    assert_eq!(identity(&one), identity(&Fingerprint::of(&only(&one).der).to_string()));
}
