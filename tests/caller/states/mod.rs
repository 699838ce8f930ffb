//! The walk over the reference's state tables: every row is held, deliberately different, or not offered.
//!
//! - `table.rs`: the rows, as the file has them; `condition.rs`: when a row applies
//! - `place.rs`: handles in a state; `steps.rs`, `ways.rs`: how each state is reached
//! - `offers.rs`: what the driver does not offer, asked of it
//! - `calls.rs`: what is called; `observe.rs`: which state came of it
//! - `differences.rs`: departures, each with its reason
//!
//! A scene is a way to a state and a call. All rows that apply to it must agree with what was seen, and at least one row
//! must apply.

mod calls;
mod condition;
mod differences;
mod observe;
mod offers;
mod place;
mod steps;
mod table;
mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::host::Host;
use crate::odbc::*;
use crate::word::Word;
use calls::{CALLS, Call, Ends};
use condition::{Condition, Scene};
use differences::DIFFERENCES;
use place::{Place, Session};
use table::{ALL_OTHER, Outcome, Row};
use ways::{Facts, NOT_OFFERED, WAYS, Way};

pub(crate) use place::Target;

/// What became of a row.
#[derive(Debug, Default)]
struct Fate {
    /// Scenes that agreed.
    held: usize,
    /// A departure that was met.
    different: bool,
    /// It failed, which was told.
    failed: bool,
}

/// The walk, and what it found so far.
struct Walk<'a> {
    host: &'a Host,
    target: &'a Target<'a>,
    rows: Vec<(Row, Condition)>,
    fates: Vec<Fate>,
    met: BTreeSet<usize>,
    failures: Vec<String>,
    session: Option<Session>,
    scenes: usize,
}

/// What a call did.
struct Seen {
    code: i16,
    /// SQLSTATE of an error.
    state: String,
    /// The state that the handles were in before and after.
    after: String,
}

/// Goes through the rows of the file whose machine and function are asked for; what failed.
pub(crate) fn walk(host: &Host, target: &Target<'_>, table: &Path, only: &[String]) -> Vec<String> {
    let (rows, lines) = table::read(table);
    let rows = rows.into_iter().map(|row| {
        let condition = Condition::read(&row.condition)
            .unwrap_or_else(|rest| panic!("line {}: '{rest}' is not understood", row.line));
        (row, condition)
    });
    let rows: Vec<_> = rows.collect();
    let fates = rows.iter().map(|_| Fate::default()).collect();
    let (met, failures) = (BTreeSet::new(), offers::surprises(host, target));
    let mut walk = Walk { host, target, rows, fates, met, failures, session: None, scenes: 0 };
    for name in only.iter().filter(|name| CALLS.iter().all(|call| call.function != *name)) {
        walk.failures.push(format!("--only {name}: there is no such function"));
    }
    let wanted = |call: &Call| only.is_empty() || only.iter().any(|name| name == call.function);
    for way in WAYS {
        for call in CALLS.iter().filter(|call| wanted(call)) {
            walk.scene(way, call);
        }
    }
    println!("states: {lines} lines, {} rows, {} scenes", walk.rows.len(), walk.scenes);
    if only.is_empty() {
        walk.close();
    }
    walk.failures
}

impl Walk<'_> {
    /// The rows that are for a call in a state, by their numbers.
    fn rows_of(&self, way: &Way, call: &Call) -> Vec<usize> {
        let named =
            |function: &str| self.rows.iter().any(|(row, _)| row.machine == way.machine && row.function == function);
        let is_other = !named(call.function);
        let is_for = |row: &Row| {
            row.machine == way.machine
                && row.state == way.state
                && (row.function == call.function || (is_other && row.function == ALL_OTHER))
                && call.matches(&row.arguments)
        };
        let rows = self.rows.iter().enumerate().filter(|(_, (row, _))| is_for(row));
        rows.map(|(index, _)| index).collect()
    }

    fn facts(&self, way: &Way) -> Facts {
        Facts { manager: self.host.manager, ..way.facts }
    }

    fn scene(&mut self, way: &Way, call: &Call) {
        let rows = self.rows_of(way, call);
        let is_for = call.machines.is_empty() || call.machines.contains(&way.machine);
        let failure = if call.tags.contains(&"null piece") { "SQL_NULL_DATA" } else { "SQL_ERROR" };
        let knows_errors = rows.iter().any(|row| self.rows[*row].0.condition.contains(failure));
        let wanted = call.ends != Ends::Badly || knows_errors;
        let reachable = !(self.host.manager && way.name == "freed");
        if rows.is_empty()
            || !reachable
            || !is_for
            || !(call.fits)(&self.facts(way))
            || !wanted
            || !self.host.has(call.function)
        {
            return;
        }
        self.scenes += 1;
        let seen = self.play(way, call);
        self.judge(way, call, &rows, &seen);
    }

    /// Reaches the state, calls, looks at what came of it, and frees all.
    fn play(&mut self, way: &Way, call: &Call) -> Seen {
        let shared = matches!(way.machine, "stmt" | "desc");
        let session = if shared { self.session.take() } else { None };
        let mut place = Place::new(self.host, self.target, session);
        (way.go)(&mut place);
        if let Some(before) = call.before {
            before(&mut place);
        }
        let function = self.host.functions().find(|function| function.name == call.function);
        let function = function.unwrap_or_else(|| panic!("there is no {}", call.function));
        let words = call.words(function, &mut place);
        let code = self.host.call(call.function, &words);
        let told_by = function.told_by(&words, self.host.manager).filter(|_| code == SQL_ERROR);
        let state = told_by.map_or_else(String::new, |(kind, handle)| self.host.state(kind, handle));
        if call.function == "SQLAllocHandle" && code == SQL_SUCCESS {
            let allocated = words.last().and_then(|output| place.read(*output)).unwrap_or(Word::NULL);
            place.adopt(call.handle_type(), allocated);
        }
        match call.function {
            "SQLFreeHandle" if code == SQL_SUCCESS => place.was_freed(call.handle_type()),
            "SQLDisconnect" if code == SQL_SUCCESS => place.was_disconnected(),
            _ => {}
        }
        let after = observe::observe(way.machine, &mut place);
        if !place.is_intact() {
            self.failures.push(format!("{}: it wrote beside a buffer\n{}", title(way, call), self.host.recent()));
        }
        self.session = place.leave(shared);
        Seen { code, state, after }
    }

    fn judge(&mut self, way: &Way, call: &Call, rows: &[usize], seen: &Seen) {
        let facts = self.facts(way);
        let scene = Scene { facts: &facts, call, code: seen.code };
        let (applying, mut agreed): (Vec<_>, bool) =
            (rows.iter().copied().filter(|row| self.rows[*row].1.holds(&scene)).collect(), true);
        // A row that names the SQLSTATE says more than one for any error.
        let refused = applying.iter().any(|row| matches!(self.rows[*row].0.outcome, Outcome::Error(_)));
        for row in &applying {
            let row_told = &self.rows[*row].0;
            if refused && row_told.condition.contains("returned SQL_ERROR") {
                continue;
            }
            if matches!(&row_told.outcome, Outcome::State(state) if NOT_OFFERED.iter().any(|(other, _)| other == state))
            {
                continue;
            }
            let agrees = agrees(way, call, row_told, seen);
            agreed &= agrees;
            self.note(*row, way, call, agrees);
        }
        let is_bare = applying.is_empty() && way.machine == "stmt";
        if (!agreed || is_bare) && !self.is_known(way, call) {
            let told: Vec<_> = rows.iter().map(|row| &self.rows[*row].0).map(describe).collect();
            self.failures.push(format!(
                "{}: returned {} {}, then {}; the table has {}\n{}",
                title(way, call),
                seen.code,
                seen.state,
                seen.after,
                told.join("; "),
                self.host.recent()
            ));
        }
    }

    fn note(&mut self, row: usize, way: &Way, call: &Call, agrees: bool) {
        let known = !agrees && self.is_known(way, call);
        let fate = &mut self.fates[row];
        fate.held += usize::from(agrees);
        fate.different |= known;
        fate.failed |= !agrees && !known;
    }

    /// Whether the departure is a declared one, which is met then.
    fn is_known(&mut self, way: &Way, call: &Call) -> bool {
        let known = DIFFERENCES.iter().position(|difference| {
            difference.manager == self.host.manager
                && difference.machine == way.machine
                && difference.functions.contains(&call.function)
                && (difference.states.is_empty() || difference.states.contains(&way.state))
                && (difference.tag.is_empty() || call.tags.contains(&difference.tag) || difference.tag == way.name)
        });
        self.met.extend(known);
        known.is_some()
    }

    /// Every row has a fate, and every declared departure was met.
    fn close(&mut self) {
        let (mut held, mut different, mut failed, mut unoffered) = (0, 0, 0, BTreeMap::<&str, usize>::new());
        for (index, (row, condition)) in self.rows.iter().enumerate() {
            let fate = &self.fates[index];
            match fate {
                Fate { failed: true, .. } => failed += 1,
                Fate { different: true, .. } => different += 1,
                Fate { held: 1.., .. } => held += 1,
                Fate { .. } => match self.reason(row, condition) {
                    Some(reason) => *unoffered.entry(reason).or_default() += 1,
                    None => {
                        failed += 1;
                        self.failures.push(format!("line {}: nothing reached {}", row.line, describe(row)));
                    }
                },
            }
        }
        for (index, difference) in DIFFERENCES.iter().enumerate() {
            if difference.manager == self.host.manager && !self.met.contains(&index) {
                let (functions, states) = (difference.functions, difference.states);
                self.failures.push(format!("no departure any more: {functions:?} {states:?}: {}", difference.reason));
            }
        }
        let left: usize = unoffered.values().sum();
        println!("states: held {held}, different {different}, not offered {left}, failed {failed}");
        for (reason, count) in unoffered {
            println!("states: not offered {count}: {reason}");
        }
    }

    /// Why a row that no scene reached cannot be reached.
    fn reason(&self, row: &Row, condition: &Condition) -> Option<&'static str> {
        let of_state = |state: &str| NOT_OFFERED.iter().find(|(other, _)| *other == state).map(|(_, reason)| *reason);
        if row.function != ALL_OTHER && !self.host.has(&row.function) {
            return Some("the driver has no such function");
        }
        let outcome = match &row.outcome {
            Outcome::State(state) => of_state(state),
            _ => None,
        };
        let alone = (!self.host.manager && row.condition.contains("error came from the driver manager"))
            .then_some("there is no driver manager");
        of_state(&row.state).or(outcome).or_else(|| condition.never()).or(alone).or_else(|| unreachable(row))
    }
}

/// Rows that nothing reaches, though each part of them is offered.
fn unreachable(row: &Row) -> Option<&'static str> {
    let asked = (row.machine.as_str(), row.function.as_str(), row.state.as_str(), row.condition.as_str());
    match asked {
        ("env", _, "E2", "ODBC version attribute not set") => {
            Some("a connection cannot be allocated without a version")
        }
        ("dbc", "SQLDriverConnect", _, "returned SQL_NO_DATA") => Some("there is no dialog that a person could cancel"),
        (_, _, _, "attribute is not ROW_NUMBER and attribute is ROW_NUMBER") => Some("the row contradicts itself"),
        (_, "SQLParamData", "S8", condition) if condition.starts_with("returned SQL_ERROR") => {
            Some("the first SQLParamData does nothing that could fail")
        }
        _ => None,
    }
}

fn agrees(way: &Way, call: &Call, row: &Row, seen: &Seen) -> bool {
    let ended = ended(way, call, seen) || (seen.code == SQL_ERROR && row.condition.contains("returned SQL_ERROR"));
    let suffix = if way.facts.prepared { " prepared" } else { "" };
    let unchanged = seen.after == format!("{}{suffix}", way.state);
    match &row.outcome {
        Outcome::InvalidHandle => seen.code == SQL_INVALID_HANDLE,
        Outcome::Error(state) => seen.code == SQL_ERROR && seen.state == *state && unchanged,
        Outcome::BeforeAsync => false,
        Outcome::State(state) if *state == way.state && state != "S4" => unchanged && ended,
        Outcome::State(state) => seen.after.trim_end_matches(" prepared") == state && ended,
    }
}

/// Whether a call that leads to a state returned what it should.
fn ended(way: &Way, call: &Call, seen: &Seen) -> bool {
    const OF_STATEMENTS: [&str; 3] = ["SQL_HANDLE_STMT", "SQL_HANDLE_DESC", "SQL_HANDLE_DBC"];
    let well = matches!(seen.code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO | SQL_NO_DATA | SQL_NEED_DATA);
    let elsewhere = match way.machine {
        // The rules of another machine may refuse what leaves this one's state as it is.
        "env" => call.function != "SQLAllocHandle" || OF_STATEMENTS.iter().any(|tag| call.tags.contains(tag)),
        "dbc" => call.function.starts_with("SQL") && !is_of_connection(call.function),
        "stmt" => call.function == "SQLFreeHandle" && way.state == "S0",
        _ => true,
    };
    match call.ends {
        Ends::Badly => seen.code == SQL_ERROR,
        Ends::Well if call.tags.contains(&"SQL_DIAG_ROW_COUNT") => {
            let executed = ["S4", "S5", "S6", "S7"].contains(&way.state);
            way.machine != "stmt" || (seen.code == SQL_ERROR) != executed
        }
        Ends::Well => well || elsewhere,
    }
}

fn is_of_connection(function: &str) -> bool {
    ["SQLConnect", "SQLDriverConnect", "SQLDisconnect", "SQLNativeSql", "SQLGetInfo", "SQLGetFunctions", "SQLEndTran"]
        .contains(&function)
        || function.contains("ConnectAttr")
}

fn title(way: &Way, call: &Call) -> String {
    format!("{} {} ({}): {} {:?}", way.machine, way.state, way.name, call.function, call.tags)
}

fn describe(row: &Row) -> String {
    format!("{} {} {} {:?} {{{}}}", row.function, row.arguments, row.state, row.outcome, row.condition)
}
