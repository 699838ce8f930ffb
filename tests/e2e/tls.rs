//! Certificates, through the driver: which are taken, and what is said of those that are not. A host that is refused
//! sees no request, so no token.

use pipedrive_sandbox::{Certificates, Config, Flaw, Tls};
use serde_json::json;

use crate::engine::World;
use crate::isql::Configuration;
use crate::manager::{connect, driver, rows, state};
use crate::pyodbc::{run, script};

/// A small company behind https.
pub(crate) fn secure(names: &[&str], flaw: Option<Flaw>) -> World {
    let tls = Some(Tls { names: names.iter().map(ToString::to_string).collect(), flaw });
    World::with(Config { deals: 20, persons: 20, organizations: 10, activities: 10, tls, ..Config::default() })
}

fn certificates(world: &World) -> &Certificates {
    world.sandbox.certificates().unwrap()
}

/// A connection string that keeps nothing, so that connecting asks the host, also for a token that another test proved.
pub(crate) fn string(world: &World, more: &str) -> String {
    let (driver, url, token) = (driver(), world.sandbox.url().to_owned(), world.sandbox.token());
    format!("Driver={};APIToken={token};BaseURL={url};StateLocation=memory;MetadataMaxAge=0;{more}", driver.display())
}

fn trusting(world: &World, certificate: &str) -> String {
    string(world, &format!("SSLServerCert={{{certificate}}};"))
}

#[track_caller]
fn assert_rows(string: &str) {
    let connection = connect(string).unwrap_or_else(|error| panic!("{error}"));
    let found = rows(&connection, "SELECT id FROM deals", &[]).unwrap();
    assert_eq!(found.len(), 20);
}

/// The connection is refused with 08001 and a message that has these words, and the host saw no request.
#[track_caller]
pub(crate) fn assert_refused(world: &World, string: &str, parts: &[&str]) {
    let (state, message) = state(connect(string).map(drop).unwrap_err());
    assert_eq!(state, "08001", "{message}");
    for part in parts {
        assert!(message.contains(part), "'{part}' is missing in: {message}");
    }
    assert!(!message.contains(world.sandbox.token()), "{message}");
    assert_eq!(world.sandbox.stats().requests, 0, "the host saw a request");
}

#[test]
fn a_certificate_is_trusted_by_its_authority_by_itself_and_by_its_fingerprint() {
    let world = secure(&[], None);
    let known = certificates(&world);
    let (authority, own) = (known.authority_file(), known.own_file());
    for file in [authority, own] {
        assert_rows(&trusting(&world, file.to_str().unwrap()));
    }
    let fingerprint = known.fingerprint();
    let one_line = known.authority().replace('\n', " ");
    for text in [known.authority(), known.own(), fingerprint, &fingerprint.replace(':', "").to_lowercase(), &one_line] {
        assert_rows(&trusting(&world, text));
    }
    let found = known.authority_file();
    assert_rows(&string(&world, &format!("sslservercert={};", found.display())));
}

#[test]
fn a_certificate_of_nobody_known_is_refused_with_the_cure() {
    let world = secure(&[], None);
    assert_refused(&world, &string(&world, ""), &["signed by nobody", "SSLServerCert"]);
    let other = secure(&[], None);
    let foreign = trusting(&world, certificates(&other).authority());
    assert_refused(&world, &foreign, &["only has the name", "SSLServerCert"]);
}

#[test]
fn each_flaw_of_a_certificate_is_told() {
    let cases = [
        (Flaw::OtherAuthority, "signed neither by an authority in SSLServerCert"),
        (Flaw::SelfSigned, "name that in SSLServerCert"),
        (Flaw::Expired, "has expired"),
        (Flaw::NotYetValid, "not valid yet"),
        (Flaw::OtherHost, "for another host"),
    ];
    for (flaw, words) in cases {
        let world = secure(&[], Some(flaw));
        assert_refused(&world, &trusting(&world, certificates(&world).authority()), &[words, "127.0.0.1"]);
    }
}

#[test]
fn a_pin_asks_nobody_who_signed_the_certificate() {
    for flaw in [Flaw::OtherAuthority, Flaw::SelfSigned] {
        let world = secure(&[], Some(flaw));
        assert_refused(&world, &string(&world, ""), &["SSLServerCert"]);
        assert_rows(&trusting(&world, certificates(&world).own()));
        assert_rows(&trusting(&world, certificates(&world).fingerprint()));
    }
}

#[test]
fn a_pin_excuses_neither_date_nor_host() {
    for (flaw, words) in
        [(Flaw::Expired, "has expired"), (Flaw::NotYetValid, "not valid yet"), (Flaw::OtherHost, "for another host")]
    {
        let world = secure(&[], Some(flaw));
        for pin in [certificates(&world).own(), certificates(&world).fingerprint()] {
            assert_refused(&world, &trusting(&world, pin), &[words]);
        }
    }
}

#[test]
fn a_pin_of_another_certificate_is_refused_with_the_one_that_came() {
    let (world, other) = (secure(&[], None), secure(&[], None));
    let came = certificates(&world).fingerprint();
    for pin in [certificates(&other).own(), certificates(&other).fingerprint()] {
        assert_refused(&world, &trusting(&world, pin), &["another certificate than the one in SSLServerCert", came]);
    }
    // The authority of a pin's file does not widen it: the host's certificate was exchanged, if by the same authority.
    let chain = format!("{}{}", certificates(&other).own(), certificates(&world).authority());
    assert_refused(&world, &trusting(&world, &chain), &["another certificate"]);
}

#[test]
fn a_connection_that_is_open_is_not_shared_with_one_of_other_certificates() {
    let (world, other) = (secure(&[], None), secure(&[], None));
    let open = connect(&trusting(&world, certificates(&world).authority())).unwrap();
    world.sandbox.reset_stats();
    assert_refused(&world, &trusting(&world, certificates(&other).own()), &["another certificate"]);
    assert_refused(&world, &string(&world, ""), &["signed by nobody"]);
    assert_eq!(rows(&open, "SELECT id FROM deals", &[]).unwrap().len(), 20);
}

#[test]
fn nonsense_is_refused_before_anything_is_sent() {
    let world = secure(&[], None);
    let cases = [
        ("*", "trusting every server"),
        ("ca.pem", "absolute path"),
        ("/nowhere/ca.pem", "cannot be read"),
        ("ab:cd:ef:01:23:45", "SHA-256"),
        ("/dev/zero", "no file of certificates"),
        ("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----", "no certificate in it"),
    ];
    for (value, words) in cases {
        assert_refused(&world, &trusting(&world, value), &["SSLServerCert", words]);
    }
}

#[test]
fn http_to_a_host_of_https_and_https_to_a_host_of_http_are_told() {
    let world = secure(&[], None);
    let plain = string(&world, "").replace("https://", "http://");
    assert_refused(&world, &plain, &["does not speak HTTP", "https://"]);
    let world = World::with(Config { deals: 20, ..Config::default() });
    let secure = string(&world, "").replace("http://", "https://");
    assert_refused(&world, &secure, &["does not speak TLS"]);
}

/// The answers of a Python program with these environment variables.
pub(crate) fn python(string: &str, variables: &[(&str, &str)]) -> Vec<serde_json::Value> {
    let mut command = script("main_job.py");
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.args(["--errors", string]).envs(variables.iter().copied());
    run(command, &json!([{ "name": "deals", "sql": "SELECT id FROM deals" }]))
}

#[test]
fn what_the_system_trusts_needs_no_property() {
    let world = secure(&[], None);
    let refused = python(&string(&world, ""), &[]);
    assert_eq!(refused[0]["error"]["sqlstate"], "08001", "{refused:?}");
    assert_eq!(world.sandbox.stats().requests, 0);
    let file = certificates(&world).authority_file();
    let trusted = [("SSL_CERT_FILE", file.to_str().unwrap())];
    let answers = python(&string(&world, ""), &trusted);
    assert_eq!(answers[0]["rows"].as_array().unwrap().len(), 20, "{answers:?}");
    // An authority of the property stands beside the system's, it does not replace them; a pin does.
    let other = secure(&[], None);
    let answers = python(&trusting(&world, certificates(&other).authority()), &trusted);
    assert_eq!(answers[0]["rows"].as_array().unwrap().len(), 20, "{answers:?}");
    let refused = python(&trusting(&world, certificates(&other).fingerprint()), &trusted);
    assert_eq!(refused[0]["error"]["sqlstate"], "08001", "{refused:?}");
}

#[test]
fn a_data_source_has_its_certificate_and_a_workbook_cannot_put_another_in_its_place() {
    let world = secure(&[], None);
    let file = certificates(&world).authority_file();
    let own = world.pairs(&[("SSLServerCert", file.to_str().unwrap())]);
    let (text, errors) = Configuration::new(&own).isql(&["Test", "-b", "-v"], "SELECT COUNT(*) FROM deals");
    assert!(text.contains("20"), "{text}{errors}");
    // As a host in the middle would have it: an authority of its own, and the token of the data source.
    let middle = secure(&[], None);
    let configuration = Configuration::new(&middle.pairs(&[]));
    let file = certificates(&middle).authority_file();
    let workbook = format!("DSN=Test;SSLServerCert={}", file.display());
    let (_, errors) = configuration.isql(&["-k", &workbook, "-b", "-v"], "SELECT 1");
    assert!(errors.contains("28000") && errors.contains("SSLServerCert"), "{errors}");
    assert_eq!(middle.sandbox.stats().requests, 0);
    let own = format!("{workbook};PWD={}", middle.sandbox.token());
    let (text, errors) = configuration.isql(&["-k", &own, "-b", "-v"], "SELECT COUNT(*) FROM deals");
    assert!(text.contains("20"), "{text}{errors}");
}
