//! Every call in every state of the reference's state tables, and calls at random: what an application does wrong is an
//! error with its SQLSTATE, never more.

use pipedrive_sandbox::Config;

use super::Through;
use super::caller::Caller;
use crate::engine::World;

fn world() -> World {
    World::with(Config { burst: None, ..Config::default() })
}

#[test]
fn the_program_and_the_libraries_fit_together() {
    for through in [Through::Driver, Through::Manager] {
        for width in [&[][..], &["--wide"]] {
            let report = Caller::new(&world(), "smoke", through).with(width).run();
            assert!(report.contains("'a value'"), "{report}");
        }
    }
}

#[test]
fn valgrind_finds_nothing_in_a_session() {
    Caller::new(&world(), "smoke", Through::Driver).under_valgrind().run();
}
