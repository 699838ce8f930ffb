//! Connections opened and closed, handles freed out of order.

use super::{Client, Through};
use crate::engine::World;

#[test]
fn connections_leave_nothing_behind_under_a_manager() {
    Client::new(&World::new(), "life.py", Through::Manager).run(&[]);
}

#[test]
fn connections_leave_nothing_behind() {
    let world = World::new();
    let client = Client::new(&world, "life.py", Through::Driver);
    client.variable("MALLOC_ARENA_MAX", "1").run(&[]);
}
