//! Access tokens that expire or are refused, rotation, tokens that were lost.

use std::time::Duration;

use pipedrive_sandbox::{Application, Fault};
use pipedrive_sql::ErrorKind;

use super::Place;
use crate::engine::rows;

const ALL: &str = "SELECT id FROM deals";

/// No row is lost, none comes twice, and the page that was refused is asked for once more.
#[test]
fn a_token_that_ends_in_mid_scan_is_renewed_once() {
    for rotates in [true, false] {
        let place = Place::with(Application { rotates, ..Application::default() });
        let session = place.signed_in();
        let expected = rows(&session, ALL, &[]).unwrap();
        assert_eq!(expected.len(), 1_200);
        place.world.sandbox.reset_stats();
        place.world.sandbox.arm(Fault::expire_access().on("/api/v2/deals").after(1));
        assert_eq!(rows(&session, ALL, &[]).unwrap(), expected, "{rotates}");
        assert_eq!(place.world.sandbox.oauth().refreshes, 1);
        assert_eq!(place.world.sandbox.stats().requests, 4);
        place.world.sandbox.expire_access();
        assert_eq!(rows(&session, ALL, &[]).unwrap(), expected, "{rotates}");
        assert_eq!(place.world.sandbox.oauth().refreshes, 2);
    }
}

/// The page that was refused costs nothing: three pages and the definitions.
#[test]
fn a_renewal_in_mid_scan_stays_within_the_statement_s_budget() {
    let place = Place::new();
    drop(place.signed_in());
    let budget = [("InitiateOAuth", "REFRESH"), ("MaxTokens", "40")];
    let session = crate::engine::open(place.later(&budget)).unwrap();
    place.world.sandbox.arm(Fault::expire_access().on("/api/v2/deals").after(1));
    let before = session.cost();
    assert_eq!(rows(&session, ALL, &[]).unwrap().len(), 1_200);
    assert_eq!(place.world.sandbox.oauth().refreshes, 1);
    assert_eq!(session.cost().tokens - before.tokens, 40);
}

/// A host that refuses every token gets no more than one renewal for a request.
#[test]
fn a_token_that_is_refused_although_it_is_new_is_an_error() {
    let place = Place::new();
    let session = place.signed_in();
    place.world.sandbox.reset_stats();
    place.world.sandbox.arm(Fault::unauthorized().on("/api/v2/deals").times(9));
    let error = rows(&session, ALL, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignIn);
    assert!(error.message().contains("refused the access token"), "{error}");
    assert_eq!((place.world.sandbox.oauth().refreshes, place.world.sandbox.stats().requests), (1, 3));
}

#[test]
fn a_token_is_renewed_before_it_expires_and_not_before() {
    let place = Place::with(Application { expires_in: Duration::from_secs(3), ..Application::default() });
    drop(place.signed_in());
    place.world.sandbox.expire_access();
    let session = place.open_later("REFRESH").unwrap();
    rows(&session, ALL, &[]).unwrap();
    place.world.sandbox.reset_stats();
    rows(&session, ALL, &[]).unwrap();
    assert_eq!((place.world.sandbox.oauth().refreshes, place.world.sandbox.stats().requests), (0, 3));
    std::thread::sleep(Duration::from_secs(3));
    place.world.sandbox.reset_stats();
    rows(&session, ALL, &[]).unwrap();
    // Nothing was refused: the token was renewed first.
    assert_eq!((place.world.sandbox.oauth().refreshes, place.world.sandbox.stats().requests), (1, 3));
}

/// When a token was got, and for how long, is believed: it is renewed before anything is refused.
#[test]
fn the_time_of_a_token_that_was_got_elsewhere_counts() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    for (ago, refreshes) in [(60_000, 0), (7_200_000, 1)] {
        let place = Place::new();
        let (access, refresh) = place.world.sandbox.issue(&["deals:read"]);
        let got = (now - ago).to_string();
        let tokens = [("OAuthAccessToken", access.as_str()), ("OAuthRefreshToken", &refresh)];
        let times = [("InitiateOAuth", "REFRESH"), ("OAuthExpiresIn", "3600"), ("OAuthTokenTimestamp", &got)];
        drop(place.open_first(&[&tokens[..], &times].concat()).unwrap());
        let (stats, oauth) = (place.world.sandbox.stats(), place.world.sandbox.oauth());
        assert_eq!((stats.requests, oauth.refreshes), (1, refreshes), "{ago}");
    }
}

#[test]
fn what_the_data_source_gives_gives_way_to_its_successor() {
    let place = Place::new();
    let (access, refresh) = place.world.sandbox.issue(&["deals:read"]);
    let given = [("InitiateOAuth", "REFRESH"), ("OAuthAccessToken", &access), ("OAuthRefreshToken", &refresh)];
    for round in 0..3 {
        let session = place.open_first(&given).unwrap();
        assert_eq!(rows(&session, ALL, &[]).unwrap().len(), 1_200);
        assert_eq!(place.world.sandbox.oauth().refreshes, round);
        place.world.sandbox.expire_access();
        drop(session);
    }
    // New ones are meant: somebody signed in anew.
    let (access, refresh) = place.world.sandbox.issue(&["deals:read"]);
    let given = [("InitiateOAuth", "REFRESH"), ("OAuthAccessToken", &access), ("OAuthRefreshToken", &refresh)];
    let kept = place.kept();
    rows(&place.open_first(&given).unwrap(), ALL, &[]).unwrap();
    // The refresh token is proven before a sign-in gives way to it.
    assert_eq!(place.world.sandbox.oauth().refreshes, 3);
    assert_ne!(place.kept(), kept);
    rows(&place.open_first(&given).unwrap(), ALL, &[]).unwrap();
    assert_eq!(place.world.sandbox.oauth().refreshes, 3);
}

#[test]
fn a_refresh_token_alone_is_enough_to_begin_with() {
    let place = Place::new();
    let (_, refresh) = place.world.sandbox.issue(&["deals:read"]);
    let session = place.open_first(&[("InitiateOAuth", "REFRESH"), ("OAuthRefreshToken", &refresh)]).unwrap();
    assert_eq!(rows(&session, ALL, &[]).unwrap().len(), 1_200);
    assert_eq!(place.world.sandbox.oauth().refreshes, 1);
    assert!(!place.kept().contains(&refresh), "it was rotated");
}

#[test]
fn a_sign_in_that_is_over_says_why() {
    let revoked = Place::new();
    drop(revoked.signed_in());
    revoked.world.sandbox.revoke_all();
    let unused = Place::new();
    drop(unused.signed_in());
    unused.world.sandbox.advance(Duration::from_secs(61 * 86_400));
    let text = unused.kept();
    // This computer has been asleep for as long.
    let issued = text.split("\"issued_at\":").nth(1).unwrap().trim_start();
    let issued = &issued[..issued.find(|letter: char| !letter.is_ascii_digit()).unwrap()];
    let earlier = issued.parse::<i64>().unwrap() - 61 * 86_400_000;
    std::fs::write(unused.file(), text.replace(issued, &earlier.to_string())).unwrap();
    for (place, part) in
        [(revoked, "it was revoked, the application was uninstalled"), (unused, "not used for 61 days")]
    {
        let error = match place.open_later("REFRESH") {
            Ok(session) => rows(&session, ALL, &[]).unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::SignIn);
        for part in [part, "no longer good", "settings.json", "login --oauth"] {
            assert!(error.message().contains(part), "{error}");
        }
        // The next connection is told at once: the proof is gone.
        assert_eq!(place.open_later("REFRESH").unwrap_err().kind(), ErrorKind::SignIn);
    }
}

/// The server has rotated, and its answer did not arrive. It is asked again; then the sign-in is over, and the message
/// says what happened.
#[test]
fn tokens_that_were_lost_on_the_way_need_a_new_sign_in() {
    let place = Place::new();
    drop(place.signed_in());
    place.world.sandbox.expire_access();
    place.world.sandbox.arm(Fault::cut_body().on("/oauth/token"));
    let error = match place.open_later("REFRESH") {
        Ok(session) => rows(&session, ALL, &[]).unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::SignIn);
    for part in ["no longer good", "a renewal was cut short"] {
        assert!(error.message().contains(part), "{error}");
    }
    // A server that gives the same one back is no matter.
    let place = Place::with(Application { rotates: false, ..Application::default() });
    drop(place.signed_in());
    place.world.sandbox.expire_access();
    place.world.sandbox.arm(Fault::cut_body().on("/oauth/token"));
    rows(&place.open_later("REFRESH").unwrap(), ALL, &[]).unwrap();
}

/// A refusal that says why is not taken for a renewal that was cut short.
#[test]
fn an_application_that_is_not_known_ends_no_sign_in() {
    let place = Place::new();
    drop(place.signed_in());
    place.world.sandbox.expire_access();
    let wrong = [("OAuthClientId", place.world.sandbox.client_id()), ("OAuthClientSecret", "wrong5ec4e7")];
    let session = crate::engine::open(place.later(&[&[("InitiateOAuth", "REFRESH")], &wrong[..]].concat())).unwrap();
    let error = rows(&session, ALL, &[]).unwrap_err();
    assert!(error.message().contains("does not know the OAuth application"), "{error}");
    place.world.sandbox.revoke_all();
    let error = match place.open_later("REFRESH") {
        Ok(session) => rows(&session, ALL, &[]).unwrap_err(),
        Err(error) => error,
    };
    assert!(error.message().contains("it was revoked"), "{error}");
}

#[test]
fn a_server_that_has_trouble_is_asked_again_and_ends_no_sign_in() {
    let place = Place::new();
    drop(place.signed_in());
    place.world.sandbox.expire_access();
    place.world.sandbox.arm(Fault::status(503).on("/oauth/token").times(2));
    rows(&place.open_later("REFRESH").unwrap(), ALL, &[]).unwrap();
    place.world.sandbox.expire_access();
    place.world.sandbox.arm(Fault::html(502).on("/oauth/token").times(3));
    let error = match place.open_later("REFRESH") {
        Ok(session) => rows(&session, ALL, &[]).unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(error.message().contains("status 502"), "{error}");
    rows(&place.open_later("REFRESH").unwrap(), ALL, &[]).unwrap();
}

/// A connection goes on as whom it was opened for: another person's sign-in at the same place is not taken up.
#[test]
fn a_sign_in_of_somebody_else_is_not_taken_in_the_middle_of_a_connection() {
    let place = Place::new();
    let session = place.signed_in();
    rows(&session, ALL, &[]).unwrap();
    // Somebody signs in anew, and that token has expired, too.
    drop(place.signed_in());
    place.world.sandbox.expire_access();
    let before = place.world.sandbox.oauth().refreshes;
    let error = rows(&session, ALL, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignIn);
    assert!(error.message().contains("ended or replaced since this connection was made"), "{error}");
    assert_eq!(place.world.sandbox.oauth().refreshes, before);
}

/// A clock that was set back between two renewals makes nothing old new.
#[test]
fn what_another_connection_has_renewed_counts_whatever_the_clock_says() {
    let place = Place::new();
    let (one, two) = (place.signed_in(), place.open_later("REFRESH").unwrap());
    for session in [&one, &two] {
        place.world.sandbox.expire_access();
        rows(session, ALL, &[]).unwrap();
    }
    let text = place.kept();
    let issued = text.split("\"issued_at\":").nth(1).unwrap().trim_start();
    let issued = &issued[..issued.find(|letter: char| !letter.is_ascii_digit()).unwrap()];
    let earlier = issued.parse::<i64>().unwrap() - 3_600_000;
    std::fs::write(place.file(), text.replace(issued, &earlier.to_string())).unwrap();
    place.world.sandbox.expire_access();
    assert_eq!(rows(&one, ALL, &[]).unwrap().len(), 1_200);
    assert_eq!(place.world.sandbox.oauth().refreshes, 3);
}

/// A token that works still is used while the server of OAuth hangs, and that is not asked for every request.
#[test]
fn a_server_that_hangs_is_not_waited_for_while_the_token_lives() {
    let place = Place::with(Application { expires_in: Duration::from_secs(40), ..Application::default() });
    drop(place.signed_in());
    place.world.sandbox.expire_access();
    let session = place.open_later("REFRESH").unwrap();
    rows(&session, ALL, &[]).unwrap();
    // Three and a half seconds are left of the forty.
    let mut kept: serde_json::Value = serde_json::from_str(&place.kept()).unwrap();
    let passed = |member: &serde_json::Value| member.as_i64().unwrap() - 36_500;
    (kept["issued_at"], kept["expires_at"]) = (passed(&kept["issued_at"]).into(), passed(&kept["expires_at"]).into());
    std::fs::write(place.file(), kept.to_string()).unwrap();
    place.world.sandbox.arm(Fault::status(503).on("/oauth/token").times(99));
    place.world.sandbox.reset_stats();
    let session = place.open_later("REFRESH").unwrap();
    rows(&session, ALL, &[]).unwrap();
    let asked = place.world.sandbox.oauth().token_requests;
    assert!((1..=3).contains(&asked), "{asked}");
    place.world.sandbox.disarm();
}

/// Sixteen connections of one process whose token has expired: one renews.
#[test]
fn sixteen_connections_renew_once() {
    let place = Place::new();
    drop(place.signed_in());
    let sessions: Vec<_> = (0..16).map(|_| place.open_later("REFRESH").unwrap()).collect();
    place.world.sandbox.expire_access();
    std::thread::scope(|scope| {
        for session in &sessions {
            scope.spawn(|| assert_eq!(rows(session, ALL, &[]).unwrap().len(), 1_200));
        }
    });
    assert_eq!(place.world.sandbox.oauth().refreshes, 1);
}
