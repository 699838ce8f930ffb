//! The first connection and the later ones, without a browser.

use std::time::Duration;

use pipedrive_sandbox::{ApiDomain, Application};
use pipedrive_sql::call::Call;
use pipedrive_sql::settings::{Settings, Source};
use pipedrive_sql::{ErrorKind, Session};

use super::Place;
use crate::engine::{open, rows};

const COUNT: &str = "SELECT COUNT(*) FROM deals";

#[test]
fn tokens_got_elsewhere_fill_the_store_and_later_connections_need_nothing_else() {
    let place = Place::new();
    let (access, refresh) = place.world.sandbox.issue(&["deals:read"]);
    let given = [("InitiateOAuth", "REFRESH"), ("OAuthAccessToken", access.as_str()), ("OAuthRefreshToken", &refresh)];
    assert_eq!(rows(&place.open_first(&given).unwrap(), COUNT, &[]).unwrap(), [["1200"]]);
    place.world.sandbox.expire_access();
    for initiate in ["REFRESH", "GETANDREFRESH"] {
        assert_eq!(rows(&place.open_later(initiate).unwrap(), COUNT, &[]).unwrap(), [["1200"]]);
    }
    let stats = place.world.sandbox.oauth();
    assert_eq!((stats.refreshes, stats.exchanges), (1, 0), "{stats:?}");
}

#[test]
fn an_access_token_alone_connects_without_a_store() {
    let place = Place::new();
    let (access, _) = place.world.sandbox.issue(&["deals:read"]);
    let session = open(place.later(&[("OAuthAccessToken", &access)])).unwrap();
    assert_eq!(rows(&session, COUNT, &[]).unwrap(), [["1200"]]);
    assert!(!place.file().exists());
    place.world.sandbox.expire_access();
    let error = rows(&session, "SELECT COUNT(*) FROM deals WHERE id > 3", &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignIn);
    for part in ["OAuthAccessToken", "expired", "InitiateOAuth=REFRESH"] {
        assert!(error.message().contains(part), "{error}");
    }
    assert!(!error.message().contains(&access), "{error}");
    assert_eq!(place.world.sandbox.oauth().refreshes, 0);
}

#[test]
fn a_code_brought_by_hand_signs_in_once_and_is_not_used_again() {
    let place = Place::new();
    let error = place.open_first(&[("InitiateOAuth", "GETANDREFRESH")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignIn);
    let address = error.message().split(' ').find(|word| word.starts_with("http://127")).unwrap();
    let back = place.world.sandbox.authorize(None, true, address).unwrap();
    let verifier = [("InitiateOAuth", "GETANDREFRESH"), ("OAuthVerifier", back.as_str())];
    for _ in 0..2 {
        assert_eq!(rows(&place.open_first(&verifier).unwrap(), COUNT, &[]).unwrap(), [["1200"]]);
    }
    let stats = place.world.sandbox.oauth();
    assert_eq!((stats.exchanges, stats.refreshes), (1, 0), "{stats:?}");
    // The code alone, too, with PKCE.
    let other = Place::new();
    let pkce = [("InitiateOAuth", "GETANDREFRESH"), ("OAuthPKCE", "on")];
    let error = other.open_first(&pkce).unwrap_err();
    let address = error.message().split(' ').find(|word| word.starts_with("http://127")).unwrap();
    assert!(address.contains("code_challenge="), "{address}");
    let back = other.world.sandbox.authorize(None, true, address).unwrap();
    let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
    other.open_first(&[&pkce[..], &[("OAuthVerifier", code)]].concat()).unwrap();
    assert_eq!(other.world.sandbox.oauth().exchanges, 1);
}

#[test]
fn a_code_that_is_refused_is_told() {
    let place = Place::new();
    let address = |place: &Place| {
        let error = place.open_first(&[("InitiateOAuth", "GETANDREFRESH")]).unwrap_err();
        error.message().split(' ').find(|word| word.starts_with("http://127")).unwrap().to_owned()
    };
    let with = |verifier: &str| {
        let error = place.open_first(&[("InitiateOAuth", "GETANDREFRESH"), ("OAuthVerifier", verifier)]).unwrap_err();
        assert!(!error.message().contains(verifier), "{error}");
        error
    };
    let back = place.world.sandbox.authorize(None, true, &address(&place)).unwrap();
    place.world.sandbox.advance(Duration::from_secs(301));
    for (verifier, part) in [
        (back.as_str(), "within five minutes"),
        ("5ec4e7c0de", "within five minutes"),
        ("http://localhost:1/?error=access_denied&state=x", "access was denied"),
        ("http://localhost:1/?state=x5ec4e7", "address without a code"),
    ] {
        let error = with(verifier);
        assert!(error.message().contains(part), "{error}");
    }
    assert!(!place.file().exists());
}

#[test]
fn what_is_missing_is_named() {
    let place = Place::new();
    let error = place.open_later("REFRESH").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignIn);
    for part in ["nobody is signed in", "settings.json", "login --oauth"] {
        assert!(error.message().contains(part), "{error}");
    }
    let error = place.open_later("GETANDREFRESH").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Property);
    for part in ["OAuthClientId", "OAuthClientSecret", "CallbackURL"] {
        assert!(error.message().contains(part), "{error}");
    }
    let error = open(place.later(&[("AuthScheme", "OAuth")])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignIn);
    assert!(error.message().contains("AuthScheme=OAuth alone") && error.message().contains("InitiateOAuth"), "{error}");
    let wrong = [("OAuthClientSecret", "5ec4e7"), ("InitiateOAuth", "REFRESH"), ("OAuthRefreshToken", "1:1:5ec4e7")];
    let error =
        open([place.later(&[("OAuthClientId", place.world.sandbox.client_id())]), place.later(&wrong)].concat());
    let error = error.unwrap_err();
    assert!(error.message().contains("does not know the OAuth application"), "{error}");
    assert!(!error.message().contains("5ec4e7"), "{error}");
    assert_eq!(place.world.cost(), (0, 0));
}

/// Nobody is signed in, and nothing is asked of the API.
#[test]
fn an_application_alone_connects_and_says_what_works() {
    let place = Place::new();
    let session = place.open_first(&[]).unwrap();
    let warnings = session.warnings();
    assert!(warnings.len() == 1 && warnings[0].message.contains("only its procedures work"), "{warnings:?}");
    let error = rows(&session, COUNT, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignIn);
    assert!(error.message().contains("GetOAuthAccessToken"), "{error}");
    assert_eq!(rows(&session, "SELECT 1", &[]).unwrap(), [["1"]]);
    assert_eq!((place.world.cost(), place.file().exists()), ((0, 0), false));
}

/// What settings give is kept once it has worked: junk costs nobody a sign-in.
#[test]
fn tokens_that_do_not_work_replace_nothing() {
    let place = Place::new();
    drop(place.signed_in());
    let kept = place.kept();
    for junk in [&[("OAuthAccessToken", "5ec4e7")][..], &[("OAuthRefreshToken", "1:1:5ec4e7")]] {
        let error = place.open_first(&[&[("InitiateOAuth", "REFRESH")], junk].concat()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
        assert_eq!(place.kept(), kept);
    }
    assert_eq!(rows(&place.open_later("REFRESH").unwrap(), COUNT, &[]).unwrap(), [["1200"]]);
}

/// Tokens of the settings that work, and whose refresh token is spent, cost nobody a good sign-in, either.
#[test]
fn old_tokens_replace_no_later_sign_in() {
    let place = Place::new();
    let (access, refresh) = place.world.sandbox.issue(&["deals:read"]);
    let given = [("InitiateOAuth", "REFRESH"), ("OAuthAccessToken", &access), ("OAuthRefreshToken", &refresh)];
    drop(place.open_first(&given).unwrap());
    // The refresh token is spent elsewhere, and somebody signs in anew; the old access token works on.
    std::fs::remove_file(place.file()).unwrap();
    let elsewhere = [("InitiateOAuth", "REFRESH"), ("OAuthRefreshToken", &refresh)];
    let memory = ("OAuthSettingsLocation".to_owned(), "memory://elsewhere-of-old-tokens".to_owned());
    open(std::iter::once(memory).chain(place.first(&elsewhere)).collect()).unwrap();
    drop(place.signed_in());
    let kept = place.kept();
    let session = place.open_first(&given).unwrap();
    assert_eq!(rows(&session, COUNT, &[]).unwrap(), [["1200"]]);
    let warnings = session.warnings();
    assert!(warnings.iter().any(|warning| warning.message.contains("keeps another sign-in")), "{warnings:?}");
    assert_eq!(place.kept(), kept);
    place.world.sandbox.expire_access();
    assert_eq!(rows(&place.open_later("REFRESH").unwrap(), COUNT, &[]).unwrap(), [["1200"]]);
}

/// A token of the settings belongs to the sign-in that it was renewed to, whichever of its tokens it is.
#[test]
fn any_token_of_a_sign_in_gives_way_to_its_successor() {
    let place = Place::new();
    let (access, refresh) = place.world.sandbox.issue(&["deals:read"]);
    let given = [("InitiateOAuth", "REFRESH"), ("OAuthAccessToken", &access), ("OAuthRefreshToken", &refresh)];
    drop(place.open_first(&given).unwrap());
    for round in 1..4 {
        place.world.sandbox.expire_access();
        for given in [&given[..], &given[..2], &[given[0], given[2]]] {
            let session = place.open_first(given).unwrap();
            assert_eq!(rows(&session, COUNT, &[]).unwrap(), [["1200"]]);
        }
        assert_eq!(place.world.sandbox.oauth().refreshes, round);
    }
}

/// Tokens of another company are not kept.
#[test]
fn tokens_of_another_company_replace_nothing() {
    let place = Place::new();
    let (access, refresh) = place.world.sandbox.issue(&["deals:read"]);
    let given = [("InitiateOAuth", "REFRESH"), ("OAuthAccessToken", &access), ("OAuthRefreshToken", &refresh)];
    let error = place.open_first(&[&given[..], &[("CompanyDomain", "other")]].concat()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Property);
    assert!(error.message().contains("belongs to the company"), "{error}");
    assert!(!place.file().exists());
}

/// A location of another host's sign-in is not overwritten by whoever names it.
#[test]
fn a_sign_in_for_another_host_is_not_overwritten() {
    let (place, other) = (Place::new(), Place::new());
    drop(place.signed_in());
    let kept = place.kept();
    let (access, refresh) = other.world.sandbox.issue(&["deals:read"]);
    let file = place.file();
    let location = ("OAuthSettingsLocation", file.to_str().unwrap());
    let pairs =
        [location, ("InitiateOAuth", "REFRESH"), ("OAuthAccessToken", &access), ("OAuthRefreshToken", &refresh)];
    let mut pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    pairs.extend(other.first(&[]));
    let error = open(pairs).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignIn);
    assert!(error.message().contains("the OAuth sign-in that is kept is for"), "{error}");
    assert_eq!(place.kept(), kept);
}

/// The environment's application and tokens speak of connections that say nothing themselves.
#[test]
fn how_to_sign_in_is_guessed_from_what_is_given() {
    let resolve = |dsn: &[(&str, &str)]| {
        let pairs = dsn.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::resolve(&[(Source::Dsn, pairs)]).unwrap().0.oauth().is_some()
    };
    for (dsn, is_oauth) in [
        (&[("InitiateOAuth", "REFRESH")][..], true),
        (&[("OAuthAccessToken", "a")], true),
        (&[("OAuthClientId", "a"), ("OAuthClientSecret", "s")], true),
        (&[("OAuthSettingsLocation", "memory://x")], true),
        (&[("OAuthClientId", "a"), ("APIToken", "t")], false),
        (&[("InitiateOAuth", "GETANDREFRESH"), ("APIToken", "t")], true),
        (&[("InitiateOAuth", "OFF")], false),
        (&[("CompanyDomain", "acme")], false),
        (&[("AuthScheme", "Basic"), ("OAuthAccessToken", "a")], false),
    ] {
        assert_eq!(resolve(dsn), is_oauth, "{dsn:?}");
    }
}

/// The host in the answer with the tokens is the server's word; below a BaseURL it leads nowhere else.
#[test]
fn the_company_s_host_follows_the_origin_rule() {
    let stranger = crate::connecting::Stranger::start();
    for told in [ApiDomain::Other(stranger.url()), ApiDomain::Missing, ApiDomain::Other("https://evil.example".into())]
    {
        let place = Place::with(Application { api_domain: told, ..Application::default() });
        drop(place.signed_in());
        place.world.sandbox.expire_access();
        let session = place.open_later("REFRESH").unwrap();
        assert_eq!(rows(&session, COUNT, &[]).unwrap(), [["1200"]]);
        assert_eq!(session.base_url(), place.world.sandbox.url());
    }
    assert_eq!(stranger.connections(), 0);
}

/// A sign-in that is kept goes only where it was made for, and past nothing that the connection string puts in between.
#[test]
fn a_kept_sign_in_is_not_carried_away() {
    let place = Place::new();
    drop(place.signed_in());
    let stranger = crate::connecting::Stranger::start();
    let file = place.file();
    let file = file.to_str().unwrap();
    let resolve = |string: &[(&str, &str)], dsn: &[(&str, &str)]| {
        let owned = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
        };
        let base = [("InitiateOAuth", "REFRESH"), ("OAuthSettingsLocation", file), ("StateLocation", "memory")];
        let sources = [(Source::ConnectionString, owned(string)), (Source::Dsn, owned(&[&base[..], dsn].concat()))];
        Settings::resolve(&sources).and_then(|(settings, _)| Session::open(settings, &Call::default()))
    };
    place.world.sandbox.reset_stats();
    let (url, own) = (stranger.url(), place.world.sandbox.url());
    for (string, dsn) in [
        (&[("BaseURL", url.as_str())][..], &[][..]),
        (&[("BaseURL", &url)], &[("BaseURL", own)]),
        (&[], &[("BaseURL", &url)]),
        (&[("ProxyServer", &url)], &[("BaseURL", own)]),
        (&[("CompanyDomain", "acme")], &[]),
    ] {
        let error = resolve(string, dsn).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn, "{string:?} {dsn:?}: {error}");
        assert!(error.message().contains("nothing was sent"), "{error}");
    }
    let secret = [("OAuthClientSecret", "s"), ("OAuthClientId", "x")];
    let error = resolve(&[("BaseURL", &url)], &[&secret[..], &[("BaseURL", own)]].concat()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignIn);
    // Nor does a place that the string names get the secrets of the data source.
    let elsewhere = place.folder.path().join("elsewhere.json");
    let error = resolve(&[("OAuthSettingsLocation", elsewhere.to_str().unwrap())], &secret).unwrap_err();
    assert!(error.message().contains("OAuthSettingsLocation comes from the connection string"), "{error}");
    assert!(!elsewhere.exists());
    // Nor does the host of a sign-in lead a secret of the settings away.
    let error = resolve(&[], &secret[..1]).unwrap_err();
    assert!(error.message().contains("OAuthClientSecret comes from the data source"), "{error}");
    assert_eq!((stranger.connections(), place.world.sandbox.stats().requests), (0, 0));
    // The host that it was made for may be named by anybody.
    resolve(&[("BaseURL", own)], &[]).unwrap();
}
