//! What a careful client thinks of each certificate.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{Flaw, Tls};
use crate::{Config, Running, Sandbox};

fn sandbox(names: &[&str], flaw: Option<Flaw>) -> Running {
    let names = names.iter().map(ToString::to_string).collect();
    let small = Config { deals: 5, persons: 5, organizations: 5, activities: 5, ..Config::default() };
    Sandbox::start(Config { tls: Some(Tls { names, flaw }), ..small }).unwrap()
}

/// The head of an answer to a client that trusts the sandbox's authority and expects this host.
fn ask(sandbox: &Running, host: &str) -> Result<String, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(sandbox.certificates().unwrap().authority().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_webpki_verifier(verifier).with_no_client_auth());
    let client = ClientConnection::new(config, ServerName::try_from(host.to_owned()).unwrap()).unwrap();
    let mut stream = StreamOwned::new(client, connect(sandbox));
    let token = sandbox.token();
    write!(stream, "GET /api/v1/users/me HTTP/1.1\r\nhost: {host}\r\nx-api-token: {token}\r\n\r\n")?;
    let mut head = [0; 15];
    stream.read_exact(&mut head)?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn connect(sandbox: &Running) -> TcpStream {
    let stream = TcpStream::connect(sandbox.url().strip_prefix("https://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

#[track_caller]
fn refusal(sandbox: &Running, host: &str) -> CertificateError {
    let error = ask(sandbox, host).unwrap_err();
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(refusal)) => refusal.clone(),
        _ => panic!("{error:?}"),
    }
}

#[test]
fn the_right_certificate_is_for_this_computer_and_the_names_asked_for() {
    let sandbox = sandbox(&["api.pipedrive.com"], None);
    for host in ["127.0.0.1", "localhost", "api.pipedrive.com"] {
        assert_eq!(ask(&sandbox, host).unwrap(), "HTTP/1.1 200 OK", "{host}");
    }
    assert_eq!(sandbox.stats().requests, 3);
    let found = refusal(&sandbox, "acme.pipedrive.com");
    assert!(matches!(found, CertificateError::NotValidForNameContext { .. }), "{found:?}");
    assert_eq!(sandbox.stats().requests, 3);
}

#[test]
fn each_flaw_is_the_one_that_its_name_says() {
    let found = |flaw| refusal(&sandbox(&[], Some(flaw)), "127.0.0.1");
    assert!(matches!(found(Flaw::OtherAuthority), CertificateError::UnknownIssuer));
    assert!(matches!(found(Flaw::Expired), CertificateError::ExpiredContext { .. }));
    assert!(matches!(found(Flaw::NotYetValid), CertificateError::NotValidYetContext { .. }));
    assert!(matches!(found(Flaw::OtherHost), CertificateError::NotValidForNameContext { .. }));
    assert!(matches!(found(Flaw::SelfSigned), CertificateError::Other(_)));
}

#[test]
fn the_certificates_are_files_as_long_as_the_sandbox_runs() {
    let running = sandbox(&[], None);
    let certificates = running.certificates().unwrap();
    let files = [certificates.authority_file(), certificates.own_file()];
    assert_eq!(std::fs::read_to_string(&files[0]).unwrap(), certificates.authority());
    assert_eq!(std::fs::read_to_string(&files[1]).unwrap(), certificates.own());
    drop(running);
    assert!(files.iter().all(|file| !file.exists()));
}

#[test]
fn a_client_that_says_nothing_holds_up_nobody() {
    let sandbox = sandbox(&[], None);
    let _silent: Vec<_> = (0..10).map(|_| connect(&sandbox)).collect();
    assert_eq!(ask(&sandbox, "localhost").unwrap(), "HTTP/1.1 200 OK");
}

#[test]
fn a_name_that_is_none_is_an_error() {
    let tls = Some(Tls { names: vec!["zoë".to_owned()], flaw: None });
    let error = Sandbox::start(Config { tls, ..Config::default() }).unwrap_err();
    assert!(error.to_string().contains("no certificate"), "{error}");
}
