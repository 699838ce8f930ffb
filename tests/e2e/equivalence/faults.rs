//! The same rows or an error: statements asked of a host that misbehaves.

use std::time::Duration;

use pipedrive_sandbox::Fault;

use super::dialects::Dialect;
use super::dice::Dice;
use super::engine::{Company, rows};
use super::generate::statement;
use super::render::render;
use super::verdict::difference;
use super::{Found, Run, ask_all};

/// Everything that may befall a request. A further kind of fault is a further line. HTML with 403 is not among
/// them: the driver then sends nothing to that host for half a minute, whatever the statement.
const FAULTS: &[fn() -> Fault] = &[
    Fault::cut_body,
    Fault::cut_chunks,
    Fault::truncated_json,
    Fault::repeated_cursor,
    Fault::burst429,
    Fault::daily429,
    Fault::refuse_scope,
    Fault::unauthorized,
    || Fault::status(500),
    || Fault::status(503),
    || Fault::status(404),
    || Fault::html(200),
    || Fault::html(502),
    || Fault::delay(Duration::from_millis(5)),
    || Fault::slow_bytes(Duration::from_millis(1)),
    Fault::expired_cursor,
    Fault::foreign_rows,
    Fault::disorder,
    Fault::repeat_page,
    Fault::drop_ids,
    || Fault::missing_member("id"),
    || Fault::ignore_parameter("ids"),
    || Fault::ignore_parameter("status"),
    || Fault::ignore_parameter("owner_id"),
    || Fault::ignore_parameter("pipeline_id"),
    || Fault::ignore_parameter("updated_since"),
    || Fault::ignore_parameter("updated_until"),
    || Fault::ignore_parameter("sort_by"),
    || Fault::ignore_parameter("sort_direction"),
    || Fault::ignore_parameter("limit"),
    || Fault::ignore_parameter("cursor"),
];

/// Asks a statement with a fault or two armed; what it answers must be what it answers without.
fn ask(company: &Company, seed: u64, found: &mut Found) {
    let statement = statement(&company.tables, seed);
    let text = render(&statement.query, Dialect::Pipedrive);
    // A session of its own: one that met the end of the day's budget remembers it.
    let expected = match rows(&company.off, &text) {
        Ok(expected) => expected,
        Err(error) => return found.refused.push(format!("seed {seed}: {error}")),
    };
    let session = company.session();
    let mut dice = Dice::new(!seed);
    let faults: Vec<_> = (0..dice.between(1, 2)).map(|_| fault(&mut dice)).collect();
    faults.iter().cloned().for_each(|fault| company.world.sandbox.arm(fault));
    let answer = rows(&session, &text);
    company.disarm();
    match answer {
        Err(_) => found.failed += 1,
        Ok(answer) => match difference(&expected, &answer, statement.ordered) {
            None => found.same += 1,
            Some(why) => found.different.push(format!("seed {seed}: {why}\n  {}\n  {faults:?}", text.sql)),
        },
    }
}

/// A fault of some request of the statement.
fn fault(dice: &mut Dice) -> Fault {
    let after = u32::try_from(dice.below(4)).unwrap();
    dice.one(FAULTS)().after(after)
}

/// Statements of which some fail and none answers with other rows.
#[test]
fn a_host_that_misbehaves_makes_errors_and_no_other_rows() {
    let Some(run) = Run::of("faults", 1, 60) else { return };
    let found = ask_all(&run, ask);
    found.check(&run);
    assert!(run.statements < 60 || (found.failed > 0 && found.same > 0), "no fault was met, or none was survived");
}
