//! Complete under edits: statements read while the company is edited between the pages.
//!
//! Every row that existed and matched from before the scan to after it appears exactly once, with values that it had in
//! that time; no row appears that never matched. What a row was is replayed from the sandbox's history, without the driver.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use pipedrive_sandbox::dataset::{Deal, Person};
use pipedrive_sandbox::{Config, EditPlan, Record, Running};
use pipedrive_sql::call::Call;
use pipedrive_sql::{ErrorKind, Session};

use super::dice::Dice;
use super::{Found, Run};
use crate::engine::{World, rows};

/// A value of a record: a number, a moment in seconds, a flag or a text.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Datum {
    Number(i64),
    Text(String),
}

/// What one record holds at some moment, by column; a column without a value is not there.
type State = BTreeMap<&'static str, Datum>;

/// The states of all records, and what became of them: the first state is that before the scan.
type Lives = BTreeMap<i64, Vec<State>>;

/// A table of deals or persons, and which states of a record make it a row.
struct Table {
    name: &'static str,
    belongs: fn(&State) -> bool,
    persons: bool,
}

const TABLES: &[Table] = &[
    Table { name: "deals", belongs: |state| !is(state, "is_archived") && !is(state, "is_deleted"), persons: false },
    Table {
        name: "deals_archived",
        belongs: |state| is(state, "is_archived") && !is(state, "is_deleted"),
        persons: false,
    },
    Table { name: "deals_deleted", belongs: |state| is(state, "is_deleted"), persons: false },
    Table { name: "deals_all", belongs: |_| true, persons: false },
    Table { name: "persons", belongs: |state| !is(state, "is_deleted"), persons: true },
];

fn is(state: &State, flag: &str) -> bool {
    state.get(flag) == Some(&Datum::Number(1))
}

/// A condition with SQL's three truth values.
enum Condition {
    Compare(&'static str, &'static str, Datum),
    In(&'static str, Vec<Datum>),
    IsNull(&'static str),
    Not(Box<Self>),
    Both(bool, Box<Self>, Box<Self>),
}

impl Condition {
    fn truth(&self, state: &State) -> Option<bool> {
        match self {
            Self::Compare(column, op, value) => state.get(column).map(|own| match *op {
                "=" => own == value,
                "<>" => own != value,
                "<" => own < value,
                ">=" => own >= value,
                _ => own <= value,
            }),
            Self::In(column, values) => state.get(column).map(|own| values.contains(own)),
            Self::IsNull(column) => Some(!state.contains_key(column)),
            Self::Not(inner) => inner.truth(state).map(|truth| !truth),
            Self::Both(and, left, right) => match (left.truth(state), right.truth(state)) {
                (Some(one), _) | (_, Some(one)) if one != *and => Some(one),
                (Some(_), Some(_)) => Some(*and),
                _ => None,
            },
        }
    }

    fn sql(&self) -> String {
        match self {
            Self::Compare(column, op, value) => format!("{column} {op} {}", literal(column, value)),
            Self::In(column, values) => {
                let values: Vec<_> = values.iter().map(|value| literal(column, value)).collect();
                format!("{column} IN ({})", values.join(", "))
            }
            Self::IsNull(column) => format!("{column} IS NULL"),
            Self::Not(inner) => format!("NOT ({})", inner.sql()),
            Self::Both(and, left, right) => {
                format!("({} {} {})", left.sql(), if *and { "AND" } else { "OR" }, right.sql())
            }
        }
    }
}

fn literal(column: &str, value: &Datum) -> String {
    match value {
        Datum::Number(seconds) if column.ends_with("_time") => format!("'{}'", moment(*seconds)),
        Datum::Number(number) => number.to_string(),
        Datum::Text(text) => format!("'{}'", text.replace('\'', "''")),
    }
}

fn moment(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap().format("%Y-%m-%d %H:%M:%S").to_string()
}

fn state(numbers: &[(&'static str, Option<i64>)], texts: &[(&'static str, &str)]) -> State {
    let numbers = numbers.iter().filter_map(|(name, number)| Some((*name, Datum::Number((*number)?))));
    numbers.chain(texts.iter().map(|(name, text)| (*name, Datum::Text((*text).to_owned())))).collect()
}

fn deal(deal: &Deal) -> State {
    state(
        &[
            ("id", Some(deal.id)),
            ("owner_id", Some(deal.owner_id)),
            ("stage_id", Some(deal.stage_id)),
            ("pipeline_id", Some(deal.pipeline_id)),
            ("add_time", Some(deal.add_time)),
            ("update_time", deal.update_time),
            ("modified_time", Some(deal.update_time.unwrap_or(deal.add_time))),
            ("is_archived", Some(deal.is_archived.into())),
            ("is_deleted", Some(deal.is_deleted.into())),
        ],
        &[("status", deal.status.text()), ("title", &deal.title)],
    )
}

fn person(person: &Person) -> State {
    state(
        &[
            ("id", Some(person.id)),
            ("owner_id", Some(person.owner_id)),
            ("org_id", person.org_id),
            ("add_time", Some(person.add_time)),
            ("update_time", person.update_time),
            ("modified_time", Some(person.update_time.unwrap_or(person.add_time))),
            ("is_deleted", Some(person.is_deleted.into())),
        ],
        &[("name", &person.name)],
    )
}

/// Columns that are read and compared with what the record was.
const DEAL_COLUMNS: &[&str] = &["id", "owner_id", "stage_id", "update_time", "status", "title"];
const PERSON_COLUMNS: &[&str] = &["id", "owner_id", "org_id", "update_time", "name"];

fn lives(sandbox: &Running, persons: bool) -> Lives {
    if persons {
        sandbox.persons().iter().map(|one| (one.id, vec![person(one)])).collect()
    } else {
        sandbox.deals().iter().map(|one| (one.id, vec![deal(one)])).collect()
    }
}

/// Adds what happened since `known` edits; a record that was made meanwhile begins with no state at all.
fn live_on(lives: &mut Lives, sandbox: &Running, known: usize, persons: bool) {
    for change in sandbox.history().into_iter().skip(known) {
        let after = change.after.as_ref();
        let state =
            if persons { after.and_then(Record::person).map(person) } else { after.and_then(Record::deal).map(deal) };
        if let (Some(state), Some(id)) = (state, change.id) {
            lives.entry(id).or_insert_with(|| vec![State::new()]).push(state);
        }
    }
}

/// A leaf over values that some record has, or nearly.
fn leaf(dice: &mut Dice, persons: bool, lives: &Lives) -> Condition {
    let columns: &[&'static str] = if persons {
        &["id", "owner_id", "org_id", "add_time", "update_time", "modified_time", "update_time", "modified_time"]
    } else {
        &[
            "id",
            "owner_id",
            "stage_id",
            "pipeline_id",
            "add_time",
            "update_time",
            "modified_time",
            "status",
            "status",
            "is_archived",
            "is_deleted",
            "update_time",
            "modified_time",
        ]
    };
    let column = dice.one(columns);
    let all: Vec<&State> = lives.values().map(|states| &states[0]).collect();
    let mut value = || loop {
        let state = dice.pick(&all).unwrap();
        match state.get(column) {
            Some(Datum::Number(number)) if !column.starts_with("is_") => {
                break Datum::Number(number + i64::try_from(dice.below(3)).unwrap() - 1);
            }
            Some(datum) => break datum.clone(),
            None if dice.percent(20) => break Datum::Number(1),
            None => {}
        }
    };
    let (one, more) = (value(), (0..4).map(|_| value()).collect());
    if column == "status" || column.starts_with("is_") {
        return match dice.below(3) {
            0 => Condition::In(column, more),
            1 => Condition::Compare(column, "<>", one),
            _ => Condition::Compare(column, "=", one),
        };
    }
    match dice.below(8) {
        0 => Condition::IsNull(column),
        1 => Condition::In(column, more),
        2 => Condition::Compare(column, "<>", one),
        3 | 4 => Condition::Compare(column, ">=", one),
        5 => Condition::Compare(column, "<", one),
        _ => Condition::Compare(column, "=", one),
    }
}

fn condition(dice: &mut Dice, persons: bool, lives: &Lives, depth: usize) -> Condition {
    match dice.below(if depth == 0 { 4 } else { 8 }) {
        4 | 5 => Condition::Both(
            true,
            Box::new(condition(dice, persons, lives, depth - 1)),
            Box::new(condition(dice, persons, lives, depth - 1)),
        ),
        6 => Condition::Both(
            false,
            Box::new(condition(dice, persons, lives, depth - 1)),
            Box::new(condition(dice, persons, lives, depth - 1)),
        ),
        7 => Condition::Not(Box::new(condition(dice, persons, lives, depth - 1))),
        _ => leaf(dice, persons, lives),
    }
}

/// What follows WHERE, and what of it the rows must keep to.
struct Tail {
    sql: String,
    limit: Option<usize>,
    by_id: Option<bool>,
    by_update: bool,
}

fn tail(dice: &mut Dice) -> Tail {
    let limit = dice.percent(40).then(|| dice.between(1, 40));
    let limited = limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
    match dice.below(6) {
        0 => Tail { sql: format!(" ORDER BY id{limited}"), limit, by_id: Some(false), by_update: false },
        1 => Tail { sql: format!(" ORDER BY id DESC{limited}"), limit, by_id: Some(true), by_update: false },
        2 => Tail { sql: format!(" ORDER BY update_time DESC, id{limited}"), limit, by_id: None, by_update: true },
        3 => Tail { sql: format!(" ORDER BY add_time, id{limited}"), limit, by_id: None, by_update: false },
        _ => Tail { sql: limited, limit, by_id: None, by_update: false },
    }
}

/// A company, a session with it, and what its records were before any edit: deals, then persons.
struct Asked {
    world: World,
    session: Session,
    first: [Lives; 2],
    /// Whether answers serve again: then rows may be as old as the first of them.
    reuse: bool,
}

/// Reads the first rows of a statement, and leaves their pages in memory.
fn begin(session: &Session, sql: &str, batches: usize) {
    let call = Call::default();
    // What it says of a field that is gone the statement itself says, too.
    let Ok(prepared) = session.prepare(sql, &call) else { return };
    let Ok(mut rows) = session.execute(&prepared, &[], 0, &call) else { return };
    for _ in 0..batches {
        if !matches!(rows.next(&call), Ok(Some(_))) {
            return;
        }
    }
}

/// Reads one statement under edits; what is wrong with its rows, if anything.
fn ask(asked: &Asked, seed: u64, found: &mut Found) {
    let Asked { world, session, first, reuse } = asked;
    let mut dice = Dice::new(seed);
    let table = dice.pick(TABLES).unwrap();
    let mut lives = lives(&world.sandbox, table.persons);
    let condition = dice.percent(85).then(|| condition(&mut dice, table.persons, &lives, 2));
    let tail = tail(&mut dice);
    let columns = if table.persons { PERSON_COLUMNS } else { DEAL_COLUMNS };
    let everything = dice.percent(10);
    let shown = if everything { "*".to_owned() } else { columns.join(", ") };
    let predicate = condition.as_ref().map(|condition| format!(" WHERE {}", condition.sql())).unwrap_or_default();
    let sql = format!("SELECT {shown} FROM {}{predicate}{}", table.name, tail.sql);
    let mut known = world.sandbox.history().len();
    world.sandbox.edit_between_pages(EditPlan { seed, per_page: u32::try_from(dice.between(1, 6)).unwrap() });
    if *reuse {
        begin(session, &sql, dice.between(0, 4));
        (lives, known) = (first[usize::from(table.persons)].clone(), 0);
    }
    let answer = rows(session, &sql, &[]);
    world.sandbox.edit_between_pages(EditPlan::default());
    live_on(&mut lives, &world.sandbox, known, table.persons);
    let matches = |state: &State| {
        let exists = !state.is_empty() && (table.belongs)(state);
        exists && condition.as_ref().is_none_or(|condition| condition.truth(state) == Some(true))
    };
    let answer = match answer {
        Ok(answer) => answer,
        // A field that was deleted in mid-scan.
        Err(error) if everything && error.kind() == ErrorKind::UnknownColumn => {
            found.failed += 1;
            return;
        }
        Err(error) => {
            found.different.push(format!("seed {seed}: {error}\n  {sql}"));
            return;
        }
    };
    let columns = if everything { &columns[..1] } else { columns };
    match wrong(&answer, &lives, &matches, columns, &tail) {
        None => found.same += 1,
        Some(why) => found.different.push(format!("seed {seed}: {why}\n  {sql}")),
    }
}

fn wrong(
    answer: &[Vec<String>],
    lives: &Lives,
    matches: &dyn Fn(&State) -> bool,
    columns: &[&str],
    tail: &Tail,
) -> Option<String> {
    let ids: Vec<i64> = answer.iter().map(|row| row[0].parse().unwrap()).collect();
    let unique: HashSet<i64> = ids.iter().copied().collect();
    if unique.len() < ids.len() {
        return Some("a row came twice".to_owned());
    }
    if tail
        .by_id
        .is_some_and(|descending| !ids.is_sorted_by(|one, next| if descending { one > next } else { one < next }))
    {
        return Some("rows are not sorted by id".to_owned());
    }
    let times = columns.iter().position(|column| *column == "update_time").filter(|_| tail.by_update);
    let time = |row: &Vec<String>| times.map(|place| (row[place] != "NULL", row[place].clone()));
    if times.is_some() && !answer.iter().map(time).is_sorted_by(|one, next| one >= next) {
        return Some("rows are not sorted by update_time".to_owned());
    }
    let always: BTreeSet<i64> =
        lives.iter().filter(|(_, states)| states.iter().all(matches)).map(|(id, _)| *id).collect();
    let missing: Vec<_> = always.iter().filter(|id| !unique.contains(id)).collect();
    match tail.limit {
        None if !missing.is_empty() => return Some(format!("rows {missing:?} are missing")),
        Some(limit) if ids.len() > limit || ids.len() < limit.min(always.len()) => {
            return Some(format!("{} rows, at least {} were there", ids.len(), always.len()));
        }
        _ => {}
    }
    let shown = |state: &State, column: &str| match state.get(column) {
        None => "NULL".to_owned(),
        Some(Datum::Number(seconds)) if column.ends_with("_time") => moment(*seconds),
        Some(Datum::Number(number)) => number.to_string(),
        Some(Datum::Text(text)) => text.clone(),
    };
    answer.iter().zip(&ids).find_map(|(row, id)| {
        let states = lives.get(id).map(Vec::as_slice).unwrap_or_default();
        let was = |state: &&State| {
            matches(state) && columns.iter().zip(row).all(|(column, cell)| shown(state, column) == *cell)
        };
        states.iter().find(was).is_none().then(|| format!("row {row:?} never was: {states:?}"))
    })
}

/// Statements that one company answers before the next one is made.
const PER_COMPANY: u64 = 25;

#[test]
fn rows_that_match_all_the_time_come_once_while_others_change() {
    let Some(run) = Run::of("edits", 1, 100) else { return };
    ask_under_edits(&run, false);
}

/// Pages from memory and fresh ones, in any mixture: rows that have matched since the oldest page come once.
#[test]
fn rows_that_match_all_the_time_come_once_from_memory_too() {
    let Some(run) = Run::of("reused", 1, 100) else { return };
    ask_under_edits(&run, true);
}

fn ask_under_edits(run: &Run, reuse: bool) {
    let mut found = Found::default();
    let mut world = None;
    for seed in run.seed..run.seed + run.statements {
        if found.different.len() >= super::ENOUGH {
            break;
        }
        if (seed - run.seed).is_multiple_of(PER_COMPANY) {
            world = None;
        }
        let asked = world.get_or_insert_with(|| company(seed, reuse));
        ask(asked, seed, &mut found);
    }
    found.check(run);
}

fn company(seed: u64, reuse: bool) -> Asked {
    let mut dice = Dice::new(!seed);
    let config = Config {
        seed,
        deals: dice.between(40, 260),
        persons: dice.between(40, 200),
        organizations: 30,
        daily_tokens: u64::MAX / 2,
        burst: None,
        ..Config::default()
    };
    let world = World::with(config);
    let page_size = dice.between(2, 30).to_string();
    let seconds = if reuse { "600" } else { "0" };
    let session = world.open(&[("PageSize", &page_size), ("ResultReuse", seconds)]).unwrap();
    let first = [lives(&world.sandbox, false), lives(&world.sandbox, true)];
    Asked { world, session, first, reuse }
}
