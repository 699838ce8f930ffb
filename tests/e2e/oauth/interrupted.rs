//! Statements and connections that are given up in mid-renewal: the server rotates, so its answer must be written down
//! whoever has stopped waiting for it.

use std::time::Duration;

use pipedrive_sandbox::Fault;
use serde_json::{Value, json};

use super::desktop::Desktop;

const ALL: &str = "SELECT id FROM deals";
const COUNT: &str = "SELECT COUNT(*) FROM deals";
const REFRESH: (&str, &str) = ("InitiateOAuth", "REFRESH");

/// The answer comes two seconds late: before the server has done anything, and when it has rotated.
fn slow() -> [Fault; 2] {
    [Fault::delay(Duration::from_secs(2)), Fault::slow_bytes(Duration::from_millis(100))]
        .map(|fault| fault.on("/oauth/token"))
}

/// A sign-in whose access token the host takes no more.
fn expired() -> Desktop {
    let desktop = Desktop::new();
    drop(desktop.place.signed_in());
    desktop.place.world.sandbox.expire_access();
    desktop
}

fn all_deals() -> Vec<Vec<Option<String>>> {
    vec![vec![Some("1200".to_owned())]]
}

#[test]
fn a_statement_that_is_given_up_loses_no_token() {
    for (state, given_up) in [("HY008", json!(["cancel", 0.7, ALL])), ("HYT00", json!(["limit", 1, ALL]))] {
        for fault in slow() {
            let desktop = expired();
            let sandbox = &desktop.place.world.sandbox;
            sandbox.arm(fault);
            let later = desktop.place.later(&[REFRESH]);
            let mut calls = desktop.program(&later, "allow").program.run("Test", &calls(&given_up)).calls;
            let next = calls.pop().unwrap();
            calls.pop().unwrap().assert_refused(state, &[]);
            assert_eq!(next.rows(), all_deals(), "{state}");
            // What the server gave is written down: another process uses it.
            assert_eq!(desktop.program(&later, "allow").program.query("Test", COUNT), all_deals());
            assert_eq!(sandbox.oauth().refreshes, 1, "{state}");
        }
    }
}

/// A statement that is given up, and the next one on the same connection.
fn calls(given_up: &Value) -> Value {
    json!([given_up, ["execute", COUNT]])
}

#[test]
fn a_connection_that_is_given_up_loses_no_token() {
    for fault in slow() {
        let desktop = expired();
        let sandbox = &desktop.place.world.sandbox;
        sandbox.arm(fault);
        let impatient = desktop.place.later(&[REFRESH, ("MetadataMaxAge", "0"), ("LoginTimeout", "1")]);
        let mut running = desktop.program(&impatient, "allow");
        running.program.connect("Test").assert_refused("HYT00", &[]);
        // The renewal goes on as long as the process does.
        super::wait_until("the renewal", || sandbox.oauth().refreshes == 1);
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(running.program.query("Test", COUNT), all_deals());
        assert_eq!(desktop.program(&impatient, "allow").program.query("Test", COUNT), all_deals());
        assert_eq!(sandbox.oauth().refreshes, 1);
    }
}
