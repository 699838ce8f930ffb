//! Proxies, through the driver: the company's own address over a tunnel, sign-ins, exceptions, and who may name one.

use std::net::TcpListener;

use pipedrive_sandbox::dataset::COMPANY;
use pipedrive_sandbox::{Config, Flaw};

use crate::connect_proxy::ConnectProxy;
use crate::engine::World;
use crate::isql::Configuration;
use crate::manager::{connect, driver, rows, state};
use crate::tls::{assert_refused, python, secure, string};

/// "zoë:open sesame", as RFC 7617 writes it.
const DIGITS: &str = "em/DqzpvcGVuIHNlc2FtZQ==";
const PASSWORD: &str = "open sesame";

/// The host of the sandbox's company, as CompanyDomain comes to it.
fn host() -> String {
    format!("{}.pipedrive.com", COMPANY.domain)
}

/// The company behind https at its own address.
fn company() -> World {
    secure(&[&host()], None)
}

/// A connection string that names the company, not the sandbox: only a proxy leads there.
fn named(world: &World, more: &str) -> String {
    let (driver, token) = (driver(), world.sandbox.token());
    let domain = COMPANY.domain;
    format!(
        "Driver={};CompanyDomain={domain};APIToken={token};StateLocation=memory;MetadataMaxAge=0;{more}",
        driver.display()
    )
}

fn trusted(world: &World) -> String {
    format!("SSLServerCert={};", world.sandbox.certificates().unwrap().authority_file().display())
}

fn through(proxy: &ConnectProxy) -> String {
    format!("ProxyServer=127.0.0.1;ProxyPort={};", proxy.port())
}

#[track_caller]
fn assert_rows(string: &str) {
    let connection = connect(string).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rows(&connection, "SELECT id FROM deals", &[]).unwrap().len(), 20);
}

#[test]
fn the_company_is_reached_through_a_tunnel_that_shows_no_token() {
    let world = company();
    let proxy = ConnectProxy::to(world.sandbox.url());
    assert_rows(&named(&world, &(through(&proxy) + &trusted(&world))));
    let heads = proxy.heads();
    assert!(heads.iter().all(|head| head.starts_with(&format!("CONNECT {}:443 HTTP/1.1\r\n", host()))), "{heads:?}");
    assert!(world.sandbox.stats().requests >= 2 && proxy.bytes() > 1000);
    for secret in [world.sandbox.token(), "x-api-token", "/api/v2/deals"] {
        assert!(!proxy.saw(secret), "the proxy saw {secret}");
    }
    let address = format!("ProxyServer=http://127.0.0.1:{}/;", proxy.port());
    assert_rows(&named(&world, &(address + &trusted(&world))));
}

#[test]
fn certificates_count_within_the_tunnel() {
    let world = company();
    let proxy = ConnectProxy::to(world.sandbox.url());
    assert_refused(&world, &named(&world, &through(&proxy)), &["signed by nobody", &host()]);
    let other = secure(&[], None);
    let proxy = ConnectProxy::to(other.sandbox.url());
    assert_refused(&other, &named(&other, &(through(&proxy) + &trusted(&other))), &["for another host", &host()]);
    let old = secure(&[&host()], Some(Flaw::Expired));
    let proxy = ConnectProxy::to(old.sandbox.url());
    assert_refused(&old, &named(&old, &(through(&proxy) + &trusted(&old))), &["has expired", &host()]);
}

#[test]
fn a_proxy_that_asks_for_a_sign_in_gets_user_and_password() {
    let world = company();
    let proxy = ConnectProxy::asking(world.sandbox.url(), DIGITS);
    // A password vouches for a proxy that is named behind it.
    let string = |more: &str| named(&world, &(more.to_owned() + &through(&proxy) + &trusted(&world)));
    let address = format!("127.0.0.1:{}", proxy.port());
    assert_refused(&world, &string(""), &[&address, "asks for a sign-in", "set ProxyUser and ProxyPassword"]);
    let wrong = string("ProxyUser=zoë;ProxyPassword=sesame street;");
    assert_refused(&world, &wrong, &[&address, "check ProxyUser and ProxyPassword"]);
    let (_, message) = state(connect(&wrong).map(drop).unwrap_err());
    assert!(!message.contains("sesame street"), "{message}");
    assert_eq!(proxy.bytes(), 0);
    assert_rows(&string(&format!("ProxyUser=zoë;ProxyPassword={PASSWORD};")));
    // Plain http has no tunnel; the proxy's refusal comes as an answer.
    let plain = World::with(Config { deals: 20, ..Config::default() });
    let proxy = ConnectProxy::asking(plain.sandbox.url(), DIGITS);
    let string = |more: &str| crate::tls::string(&plain, &(more.to_owned() + &through(&proxy)));
    assert_refused(&plain, &string(""), &["asks for a sign-in", "set ProxyUser and ProxyPassword"]);
    assert_rows(&string(&format!("ProxyUser=zoë;ProxyPassword={PASSWORD};")));
}

#[test]
fn a_proxy_that_is_down_or_leads_nowhere_is_told() {
    let world = company();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let down = format!("ProxyServer=127.0.0.1:{port};");
    let words = [&format!("the proxy 127.0.0.1:{port} cannot be reached"), "check ProxyServer and ProxyPort"];
    assert_refused(&world, &named(&world, &down), &words);
    let unknown = "ProxyServer=no-such-proxy.invalid;ProxyPort=3128;";
    assert_refused(&world, &named(&world, unknown), &["the proxy no-such-proxy.invalid:3128 cannot be reached"]);
    let refusing = through(&ConnectProxy::refusing());
    assert_refused(&world, &named(&world, &refusing), &["does not lead to", &host(), "ProxyExceptions"]);
    let plain = World::with(Config { deals: 20, ..Config::default() });
    assert_refused(&plain, &string(&plain, &down), &words);
}

#[test]
fn exceptions_are_reached_directly() {
    let world = company();
    let proxy = ConnectProxy::refusing();
    let string = |more: &str| string(&world, &(through(&proxy) + &trusted(&world) + more));
    assert_refused(&world, &string("ProxyExceptions=example.com, 10.*;"), &["does not lead to 127.0.0.1"]);
    let asked = proxy.heads().len();
    assert!(asked > 0);
    for exceptions in ["127.0.0.1", "example.com, 127.*", "{localhost;127.0.0.1}"] {
        assert_rows(&string(&format!("ProxyExceptions={exceptions};")));
    }
    assert_eq!(proxy.heads().len(), asked, "the proxy was asked for an exception");
}

#[test]
fn connections_through_two_proxies_share_no_connection() {
    let world = company();
    let (one, other) = (ConnectProxy::to(world.sandbox.url()), ConnectProxy::to(world.sandbox.url()));
    let open = connect(&named(&world, &(through(&one) + &trusted(&world)))).unwrap();
    let asked = one.heads().len();
    assert_rows(&named(&world, &(through(&other) + &trusted(&world))));
    assert!(!other.heads().is_empty() && one.heads().len() == asked);
    assert_eq!(rows(&open, "SELECT id FROM deals", &[]).unwrap().len(), 20);
}

#[test]
fn the_system_s_proxy_is_used_until_one_is_named() {
    let world = company();
    let file = world.sandbox.certificates().unwrap().authority_file();
    let trusted = ("SSL_CERT_FILE", file.to_str().unwrap());
    let proxy = ConnectProxy::to(world.sandbox.url());
    let system = format!("http://127.0.0.1:{}", proxy.port());
    let answers = python(&named(&world, ""), &[trusted, ("HTTPS_PROXY", &system)]);
    assert_eq!(answers[0]["rows"].as_array().map(Vec::len), Some(20), "{answers:?}");
    assert!(!proxy.heads().is_empty() && !proxy.saw(world.sandbox.token()));
    // The one that is named replaces it.
    let refusing = ConnectProxy::refusing();
    let system = format!("http://127.0.0.1:{}", refusing.port());
    let variables = [trusted, ("HTTPS_PROXY", &system), ("HTTP_PROXY", &system), ("ALL_PROXY", &system)];
    let answers = python(&named(&world, &through(&proxy)), &variables);
    assert_eq!(answers[0]["rows"].as_array().map(Vec::len), Some(20), "{answers:?}");
    // This computer is reached directly, and so are the exceptions of the one that is named.
    for more in ["", "ProxyServer=127.0.0.1:1;ProxyExceptions=127.0.0.1;"] {
        let answers = python(&string(&world, more), &variables);
        assert_eq!(answers[0]["rows"].as_array().map(Vec::len), Some(20), "{answers:?}");
    }
    assert_eq!(refusing.heads(), [""; 0]);
}

#[test]
fn the_system_s_proxy_may_have_user_and_password_in_its_address() {
    let world = company();
    let file = world.sandbox.certificates().unwrap().authority_file();
    let proxy = ConnectProxy::to(world.sandbox.url());
    let system = format!("http://zoe:pw@127.0.0.1:{}", proxy.port());
    let answers = python(&named(&world, ""), &[("SSL_CERT_FILE", file.to_str().unwrap()), ("HTTPS_PROXY", &system)]);
    assert_eq!(answers[0]["rows"].as_array().map(Vec::len), Some(20), "{answers:?}");
    // `zoe:pw` in Base64.
    assert!(!proxy.heads().is_empty() && proxy.heads().iter().all(|head| head.contains("Basic em9lOnB3")));
}

#[test]
fn the_trouble_of_the_system_s_proxy_is_told_as_its_own() {
    let world = company();
    let told = |proxy: &ConnectProxy| {
        let system = format!("http://127.0.0.1:{}", proxy.port());
        let answers = python(&named(&world, ""), &[("HTTPS_PROXY", &system)]);
        assert_eq!(answers[0]["error"]["sqlstate"], "08001", "{answers:?}");
        let message = answers[0]["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("HTTPS_PROXY") && message.contains("ProxyServer"), "{message}");
        message
    };
    assert!(told(&ConnectProxy::asking(world.sandbox.url(), DIGITS)).contains("asks for a sign-in"));
    assert!(told(&ConnectProxy::refusing()).contains("does not lead there"));
    assert_eq!(world.sandbox.stats().requests, 0);
}

#[test]
fn a_workbook_cannot_lead_the_token_of_a_data_source_through_its_proxy() {
    let world = company();
    let evil = ConnectProxy::to(world.sandbox.url());
    let kept = [("CompanyDomain", COMPANY.domain), ("APIToken", world.sandbox.token()), ("StateLocation", "memory")];
    let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let configuration = Configuration::new(&own(&kept));
    for more in [through(&evil), through(&evil) + &trusted(&world), format!("ProxyServer=127.0.0.1:{}", evil.port())] {
        let (_, errors) = configuration.isql(&["-k", &format!("DSN=Test;{more}"), "-b", "-v"], "SELECT 1");
        assert!(errors.contains("28000") && errors.contains("nothing was sent"), "{errors}");
        assert!(!errors.contains(world.sandbox.token()), "{errors}");
    }
    assert_eq!(evil.heads(), [""; 0]);
    assert_eq!(world.sandbox.stats().requests, 0);
    // The data source's own proxy carries a token that is typed in, and its own.
    let good = ConnectProxy::asking(world.sandbox.url(), DIGITS);
    let (server, file) = (format!("127.0.0.1:{}", good.port()), world.sandbox.certificates().unwrap().authority_file());
    let proxy = [("ProxyServer", server.as_str()), ("ProxyUser", "zoë"), ("ProxyPassword", PASSWORD)];
    let mut pairs = own(&kept);
    pairs.extend(own(&proxy));
    pairs.extend(own(&[("SSLServerCert", file.to_str().unwrap())]));
    let configuration = Configuration::new(&pairs);
    let typed = format!("DSN=Test;PWD={}", world.sandbox.token());
    for arguments in [["Test", "-b", "-v"].as_slice(), &["-k", &typed, "-b", "-v"]] {
        let (text, errors) = configuration.isql(arguments, "SELECT COUNT(*) FROM deals");
        assert!(text.contains("20"), "{text}{errors}");
    }
    // Its password goes to no other proxy, even with a token that may go there.
    let (_, errors) = configuration.isql(&["-k", &format!("{typed};{}", through(&evil)), "-b", "-v"], "SELECT 1");
    assert!(!errors.contains("28000"), "{errors}");
    assert!(!evil.heads().is_empty() && !evil.saw("Proxy-Authorization") && !evil.saw(DIGITS));
}
