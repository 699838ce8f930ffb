//! Processes that end, or are killed, in mid-renewal or with their browser open, and what the next one finds.

use std::thread;
use std::time::Duration;

use pipedrive_sandbox::{Application, Fault};
use serde_json::json;

use super::desktop::Desktop;
use super::{Place, wait_until};

/// What every connection asks the host, so that an access token that has expired is found out at once.
const ASKS: (&str, &str) = ("MetadataMaxAge", "0");
const GETS: (&str, &str) = ("InitiateOAuth", "GETANDREFRESH");
const CUT_SHORT: &str = "a renewal was cut short, and the tokens that the server gave then are lost";

fn later(desktop: &Desktop, initiate: &str) -> Vec<(String, String)> {
    desktop.place.later(&[("InitiateOAuth", initiate), ASKS])
}

/// Kills a process that is about to renew once the server says so.
fn kill_when(desktop: &Desktop, so: impl Fn() -> bool) {
    let mut running = desktop.program(&later(desktop, "REFRESH"), "allow");
    running.program.begin("Test");
    wait_until("the renewal", so);
    running.program.kill();
}

#[test]
fn killed_while_the_answer_was_under_way() {
    let desktop = Desktop::new();
    let sandbox = &desktop.place.world.sandbox;
    drop(desktop.place.signed_in());
    sandbox.expire_access();
    sandbox.arm(Fault::slow_bytes(Duration::from_millis(200)).on("/oauth/token"));
    kill_when(&desktop, || sandbox.oauth().refreshes == 1);
    for _ in 0..2 {
        let answer = desktop.connect(&later(&desktop, "REFRESH"), "allow", "Test");
        answer.assert_refused("28000", &[CUT_SHORT, "settings.json", "InitiateOAuth=GETANDREFRESH"]);
    }
    assert_eq!((desktop.opened(), sandbox.oauth().exchanges), (0, 0));
    desktop.connect(&later(&desktop, "GETANDREFRESH"), "allow", "Test").assert_silent();
    assert_eq!((desktop.opened(), sandbox.oauth().exchanges), (1, 1));
    // Nothing is left of it, and the next trouble has a reason of its own.
    sandbox.expire_access();
    desktop.connect(&later(&desktop, "REFRESH"), "allow", "Test").assert_silent();
    sandbox.revoke_all();
    let answer = desktop.connect(&later(&desktop, "REFRESH"), "allow", "Test");
    answer.assert_refused("28000", &["it was revoked, the application was uninstalled"]);
}

#[test]
fn killed_before_the_server_did_anything() {
    let desktop = Desktop::new();
    let sandbox = &desktop.place.world.sandbox;
    drop(desktop.place.signed_in());
    sandbox.expire_access();
    sandbox.arm(Fault::delay(Duration::from_secs(3)).on("/oauth/token"));
    kill_when(&desktop, || sandbox.oauth().token_requests == 1);
    desktop.connect(&later(&desktop, "REFRESH"), "allow", "Test").assert_silent();
    thread::sleep(Duration::from_secs(3));
    assert_eq!((sandbox.oauth().refreshes, sandbox.oauth().exchanges), (1, 0));
}

/// The same for a renewal that a program called for; one that was refused is no reason to speak of a cut.
#[test]
fn killed_while_the_answer_to_a_call_was_under_way() {
    let desktop = Desktop::new();
    let sandbox = &desktop.place.world.sandbox;
    let renew = || {
        drop(desktop.place.signed_in());
        let kept: serde_json::Value = serde_json::from_str(&desktop.place.kept()).unwrap();
        format!("Test\t{}", json!([["execute", "EXEC RefreshOAuthAccessToken ?", kept["refresh_token"]]]))
    };
    let call = renew();
    sandbox.revoke_all();
    let refused = desktop.connect(&desktop.place.first(&[]), "allow", &call);
    refused.calls[0].assert_refused("28000", &["the refresh token was not taken"]);
    let answer = desktop.connect(&later(&desktop, "REFRESH"), "allow", "Test");
    answer.assert_refused("28000", &["it was revoked, the application was uninstalled"]);
    let call = renew();
    let before = sandbox.oauth().refreshes;
    sandbox.expire_access();
    sandbox.arm(Fault::slow_bytes(Duration::from_millis(200)).on("/oauth/token"));
    let mut running = desktop.program(&desktop.place.first(&[]), "allow");
    running.program.begin(&call);
    wait_until("the renewal", || sandbox.oauth().refreshes == before + 1);
    running.program.kill();
    let answer = desktop.connect(&later(&desktop, "REFRESH"), "allow", "Test");
    answer.assert_refused("28000", &[CUT_SHORT]);
}

/// At many moments of a renewal: what is left is a sign-in that works, or the reason why it does not.
#[test]
fn killed_at_any_moment() {
    for rotates in [true, false] {
        let desktop = Desktop::at(Place::with(Application { rotates, ..Application::default() }));
        let sandbox = &desktop.place.world.sandbox;
        for pause in [0, 400, 800, 1_300, 2_000, 3_000, 5_000, 20_000].map(Duration::from_micros) {
            drop(desktop.place.signed_in());
            sandbox.expire_access();
            let before = sandbox.oauth().token_requests;
            kill_when(&desktop, || {
                let is_asked = sandbox.oauth().token_requests > before;
                if is_asked {
                    thread::sleep(pause);
                }
                is_asked
            });
            let kept: serde_json::Value = serde_json::from_str(&desktop.place.kept()).unwrap();
            assert!(kept["refresh_token"].is_string(), "{pause:?}: the store is whole");
            let answer = desktop.connect(&later(&desktop, "REFRESH"), "allow", "Test");
            if rotates && !answer.records.is_empty() {
                answer.assert_refused("28000", &[CUT_SHORT]);
            } else {
                answer.assert_silent();
            }
        }
    }
}

#[test]
fn a_process_that_ends_with_its_browser_open_does_not_keep_the_next_one_waiting() {
    let desktop = Desktop::new();
    let mut dsn = desktop.first();
    dsn.push(("LoginTimeout".to_owned(), "2".to_owned()));
    let mut killed = desktop.program(&dsn, "nothing");
    killed.program.begin("Test");
    wait_until("a browser", || desktop.opened() == 1);
    killed.program.kill();
    let mut ended = desktop.program(&dsn, "nothing");
    ended.program.connect("Test").assert_refused("HYT00", &["nobody finished the sign-in"]);
    ended.program.end();
    desktop.connect(&desktop.first(), "allow", "Test").assert_silent();
    assert_eq!((desktop.opened(), desktop.place.world.sandbox.oauth().exchanges), (3, 1));
}

/// A process that is killed in the end.
struct Left(u32);

impl Left {
    fn lives(&self) -> bool {
        std::path::Path::new(&format!("/proc/{}/fd", self.0)).exists()
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        drop(std::process::Command::new("kill").args(["-KILL", &self.0.to_string()]).status());
    }
}

/// It has every file of its parent open at first: the lock by which programs take turns, and the callback's port.
#[test]
fn a_child_that_is_forked_while_a_browser_waits_keeps_nobody_waiting_and_takes_nothing_from_its_parent() {
    for parent_ends in [true, false] {
        let desktop = Desktop::new();
        let mut dsn = desktop.first();
        dsn.push(("LoginTimeout".to_owned(), "2".to_owned()));
        let mut running = desktop.program(&dsn, "nothing");
        let answer = running.program.connect("FORK Test");
        answer.assert_refused("HYT00", &["nobody finished the sign-in"]);
        let child = Left(answer.child.unwrap());
        // The parent has its turn and its port still.
        desktop.connect(&dsn, "allow", "Test").assert_refused("HYT00", &["another program signs in"]);
        if parent_ends {
            running.program.kill();
            desktop.connect(&dsn, "allow", "COMPLETE DSN=Test;LoginTimeout=15").assert_silent();
            assert_eq!(desktop.opened(), 2);
        } else {
            let opened = desktop.browser.opened().unwrap();
            let back = desktop.place.world.sandbox.authorize(None, true, &opened[0]).unwrap();
            pipedrive_sandbox::browser::visit(&back, None).unwrap();
            running.program.connect("Test").assert_silent();
            // The next sign-in waits at the same port.
            desktop.place.world.sandbox.revoke_all();
            desktop.connect(&desktop.place.first(&[GETS, ASKS]), "allow", "Test").assert_silent();
            assert_eq!(desktop.opened(), 2);
        }
        assert!(child.lives(), "it was there all the time");
    }
}
