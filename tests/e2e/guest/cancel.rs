//! Cancelled from another thread, and timed out, at every point that a statement can be at.

use pipedrive_sandbox::Config;

use super::{Client, Through};
use crate::engine::World;
use crate::oauth::Place;

/// What every thread may do to another one's call: a manager that locks environments (3) lets SQLCancel wait.
const WAYS: [Through; 3] = [Through::Manager, Through::Threading(0), Through::Driver];

#[test]
fn a_call_ends_within_a_second_wherever_it_is() {
    let world = World::with(Config { deals: 1_200, burst: None, ..Config::default() });
    Client::new(&world, "cancel.py", Through::Manager).run(&["Moments"]);
}

#[test]
fn a_call_ends_within_a_second_wherever_it_is_without_a_manager() {
    let world = World::with(Config { deals: 1_200, burst: None, ..Config::default() });
    Client::new(&world, "cancel.py", Through::Driver).run(&["Moments"]);
}

#[test]
fn a_call_ends_within_a_second_while_the_burst_window_is_full() {
    let world = World::with(Config { deals: 600, activities: 5_000, burst: Some(2), ..Config::default() });
    Client::new(&world, "cancel.py", Through::Manager).run(&["Busy"]);
}

#[test]
fn a_call_ends_within_a_second_while_a_token_is_renewed() {
    for through in WAYS {
        let place = Place::new();
        drop(place.signed_in());
        let properties = place.later(&[("InitiateOAuth", "REFRESH")]);
        Client::with_properties(&place.world, "cancel.py", through, &properties).run(&["Renewal"]);
    }
}
