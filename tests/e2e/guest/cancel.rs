//! Cancelled from another thread, and timed out, at every point that a statement can be at.

use pipedrive_sandbox::Config;

use super::managers::through_iodbc;
use super::{Client, Through};
use crate::engine::World;
use crate::oauth::Place;

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

/// A manager that locks environments (3) lets SQLCancel wait for the call, so only the clock is left.
#[test]
fn sqlcancel_passes_a_manager_that_locks_less_than_all() {
    let world = World::with(Config { deals: 1_200, burst: None, ..Config::default() });
    for level in 0..=2 {
        let client = Client::new(&world, "cancel.py", Through::Threading(level));
        client.run(&["Moments.test_before_the_first_byte", "Moments.test_in_the_middle_of_the_second_page"]);
    }
}

#[test]
fn a_call_ends_within_a_second_wherever_it_is_through_iodbc() {
    let world = World::with(Config { deals: 1_200, burst: None, ..Config::default() });
    through_iodbc(&world, "cancel.py", &["Moments"]);
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
