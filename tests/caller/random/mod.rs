//! A random walk: any function with plausible arguments on any handle, in whatever state it is.
//!
//! - `dice.rs`: numbers from a seed; `arguments.rs`: arguments from numbers
//! - `pool.rs`: the handles, and the memory that they know of
//! - `model.rs`: the state that a statement should be in
//! - `checks.rs`: what must be true of every call
//!
//! The driver is held to the model; a manager keeps a state of its own, so there only the other checks are made.

mod arguments;
mod checks;
mod dice;
mod model;
mod pool;

use std::collections::{BTreeMap, BTreeSet};

use crate::functions::Function;
use crate::host::Host;
use crate::memory::Buffer;
use crate::odbc::*;
use crate::smoke::one_value;
use crate::states::Target;
use crate::word::Word;
use arguments::Arguments;
use checks::{Listed, Made};
use dice::Dice;
use model::{Known, State};
use pool::{Dbc, Desc, Env, Pool, Stmt};

pub(crate) use checks::listed;

/// How long a walk is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Length {
    /// Where its numbers begin.
    pub(crate) seed: u64,
    /// Calls.
    pub(crate) steps: usize,
}

/// A walk.
struct Walk<'a> {
    host: &'a Host,
    target: &'a Target<'a>,
    dice: Dice,
    pool: Pool,
    listed: Listed,
    tally: BTreeMap<&'static str, BTreeSet<i16>>,
    /// SQLSTATEs that are none of their function's, with an example each.
    unlisted: BTreeMap<(&'static str, String), String>,
}

/// Most handles of a kind.
const MOST: usize = 6;

/// Functions that come more often than others.
const OFTEN: &[&str] = &[
    "SQLAllocHandle",
    "SQLAllocHandle",
    "SQLDriverConnect",
    "SQLSetEnvAttr",
    "SQLPrepare",
    "SQLPrepare",
    "SQLExecDirect",
    "SQLExecDirect",
    "SQLExecute",
    "SQLExecute",
    "SQLBindParameter",
    "SQLBindParameter",
    "SQLFetch",
    "SQLFetchScroll",
    "SQLExtendedFetch",
    "SQLGetData",
    "SQLParamData",
    "SQLParamData",
    "SQLPutData",
    "SQLPutData",
    "SQLCloseCursor",
    "SQLGetStmtAttr",
];
/// Functions that come mostly while a statement awaits data.
const DIALOG: &[&str] = &["SQLParamData", "SQLPutData"];
/// Functions that end much; they come once in so many times that they could.
const RARELY: &[(&str, usize)] = &[("SQLDisconnect", 6), ("SQLFreeHandle", 4)];

/// Walks; what failed, which ends it.
pub(crate) fn walk(host: &Host, target: &Target<'_>, listed: Listed, length: Length) -> Vec<String> {
    let (dice, pool, tally) = (Dice::new(length.seed), Pool::new(), BTreeMap::new());
    let unlisted = BTreeMap::new();
    let mut walk = Walk { host, target, dice, pool, listed, tally, unlisted };
    walk.begin();
    for step in 0..length.steps {
        if let Err(failure) = walk.step() {
            return vec![format!("seed {}, step {step}: {failure}\n{}", length.seed, host.recent())];
        }
    }
    let mut failures = walk.end();
    failures.extend(walk.unlisted.into_values());
    println!("random: seed {}, {} steps, {} functions", length.seed, length.steps, walk.tally.len());
    for (name, codes) in &walk.tally {
        println!("random: {name} returned {codes:?}");
    }
    failures
}

impl Walk<'_> {
    /// An open connection with two statements: what most calls need.
    fn begin(&mut self) {
        let env = self.host.environment();
        self.pool.envs.push(Env { handle: env, version: SQL_OV_ODBC3 });
        let dbc = self.host.allocated(SQL_HANDLE_DBC, env);
        self.host.connect(dbc, self.target.string);
        self.pool.dbcs.push(Dbc { handle: dbc, env, open: true, odbc2: false });
        for _ in 0..2 {
            let handle = self.host.allocated(SQL_HANDLE_STMT, dbc);
            self.pool.stmts.push(Stmt { handle, dbc, known: Known::new(false) });
        }
    }

    fn choose(&mut self) -> &'static Function {
        let functions: Vec<_> = self.host.functions().collect();
        loop {
            let awaits = self.pool.stmts.iter().any(|stmt| stmt.known.awaits());
            let name = match (awaits && self.dice.once_in(2), self.dice.once_in(2)) {
                (true, _) => self.dice.one(DIALOG),
                (false, true) => self.dice.one(OFTEN),
                (false, false) => functions[self.dice.below(functions.len())].name,
            };
            let rarely = RARELY.iter().find(|(other, _)| *other == name).map_or(1, |(_, times)| *times);
            let function = functions.iter().find(|function| function.name == name);
            if let Some(function) = function.filter(|_| self.dice.once_in(rarely)) {
                return function;
            }
        }
    }

    fn step(&mut self) -> Result<(), String> {
        let function = self.choose();
        let (host, target) = (self.host, self.target);
        let mut words = Arguments { host, target, dice: &mut self.dice, pool: &mut self.pool }.of(function);
        if let Some(statement) = self.waiting_for(function.name).filter(|_| !self.dice.once_in(4)) {
            words[0] = statement;
        }
        if function.name == "SQLAllocHandle" && self.is_crowded(words[0]) {
            return Ok(());
        }
        let code = host.call(function.name, &words);
        self.tally.entry(function.name).or_default().insert(code);
        let told_by = function.told_by(&words, host.manager);
        // Of a handle that was just freed nothing can be asked.
        let told_by = told_by.filter(|_| matches!(code, SQL_ERROR | SQL_SUCCESS_WITH_INFO));
        let records = told_by.map_or_else(Vec::new, |(kind, handle)| host.records(kind, handle));
        let made = Made { function, words: &words, code, records: &records };
        checks::check(&made, &self.pool, host.manager)?;
        // A manager tells a program that named no version of ODBC the older states.
        if let Some(text) = checks::unlisted(&made, &self.listed).filter(|_| !host.manager) {
            self.unlisted.entry((function.name, made.state().to_owned())).or_insert(text);
        }
        if !self.pool.is_intact() {
            return Err("something was written beside a buffer".to_owned());
        }
        self.follow(&made);
        Ok(())
    }

    /// A statement that the function can be called on: by chance alone few dialogs would come to their end.
    fn waiting_for(&self, function: &str) -> Option<Word> {
        let statements = self.pool.stmts.iter();
        let mut fit = statements.filter(|stmt| match function {
            name if DIALOG.contains(&name) => stmt.known.awaits(),
            "SQLDescribeParam" => stmt.known.prepared,
            _ => false,
        });
        fit.next().map(|stmt| stmt.handle)
    }

    fn is_crowded(&self, kind: Word) -> bool {
        let handles = match i16::try_from(kind.0.cast_signed()) {
            Ok(SQL_HANDLE_ENV) => self.pool.envs.len() * 2,
            Ok(SQL_HANDLE_DBC) => self.pool.dbcs.len(),
            Ok(SQL_HANDLE_STMT) => self.pool.stmts.len(),
            _ => self.pool.descs.len() / 2,
        };
        handles >= MOST
    }

    /// What the call changed of handles and their states.
    fn follow(&mut self, made: &Made<'_>) {
        let first = made.words[0];
        match made.function.name {
            "SQLAllocHandle" if made.succeeded() => self.allocated(made),
            "SQLFreeHandle" if made.succeeded() => self.freed(made),
            "SQLFreeHandle" => {}
            "SQLConnect" | "SQLDriverConnect" if made.succeeded() => {
                if let Some(dbc) = self.pool.dbc(first) {
                    dbc.open = true;
                }
            }
            "SQLDisconnect" if made.succeeded() => {
                if let Some(dbc) = self.pool.dbc(first) {
                    dbc.open = false;
                }
                self.pool.forget_children(first);
            }
            "SQLSetEnvAttr" if made.succeeded() && made.words[1] == SQL_ATTR_ODBC_VERSION.into() => {
                if let Some(env) = self.pool.envs.iter_mut().find(|env| env.handle == first) {
                    env.version = made.words[2].0;
                }
            }
            "SQLGetStmtAttr" if made.succeeded() => self.learn_descriptor(made),
            _ => {}
        }
        if !self.host.manager {
            self.follow_statement(made);
        }
    }

    fn allocated(&mut self, made: &Made<'_>) {
        let handle = self.pool.read(made.words[2]).unwrap_or(Word::NULL);
        let parent = made.words[1];
        match i16::try_from(made.words[0].0.cast_signed()) {
            Ok(SQL_HANDLE_ENV) => self.pool.envs.push(Env { handle, version: 0 }),
            Ok(SQL_HANDLE_DBC) => {
                let odbc2 = self.pool.envs.iter().any(|env| env.handle == parent && env.version == SQL_OV_ODBC2);
                self.pool.dbcs.push(Dbc { handle, env: parent, open: false, odbc2 });
            }
            Ok(SQL_HANDLE_STMT) => {
                let odbc2 = self.pool.dbc(parent).is_some_and(|dbc| dbc.odbc2);
                self.pool.stmts.push(Stmt { handle, dbc: parent, known: Known::new(odbc2) });
            }
            _ => self.pool.descs.push(Desc { handle, parent, explicit: true }),
        }
    }

    fn freed(&mut self, made: &Made<'_>) {
        let handle = made.words[1];
        match i16::try_from(made.words[0].0.cast_signed()) {
            Ok(SQL_HANDLE_ENV) => self.pool.envs.retain(|env| env.handle != handle),
            Ok(SQL_HANDLE_DBC) => self.pool.dbcs.retain(|dbc| dbc.handle != handle),
            Ok(SQL_HANDLE_STMT) => return self.pool.forget_stmt(handle),
            _ => self.pool.descs.retain(|desc| desc.handle != handle),
        }
        self.pool.stale.push(handle);
    }

    /// One of the statement's own descriptors is a handle from now on.
    fn learn_descriptor(&mut self, made: &Made<'_>) {
        let is_one = (10_010..=10_013).contains(&made.words[1].0);
        let handle = self.pool.read(made.words[2]).filter(|handle| is_one && *handle != Word::NULL);
        let Some(handle) = handle else { return };
        if !self.pool.is_valid(SQL_HANDLE_DESC, handle) {
            self.pool.descs.push(Desc { handle, parent: made.words[0], explicit: false });
        }
    }

    fn follow_statement(&mut self, made: &Made<'_>) {
        let host = self.host;
        let Some(stmt) = self.pool.stmt(made.words[0]).filter(|_| made.function.takes_statement()) else { return };
        let name = match (made.function.name, made.words.get(1)) {
            ("SQLFreeStmt", Some(option)) if option.0 == 0 => "SQL_CLOSE",
            ("SQLFreeStmt", _) => "SQLFreeStmt",
            (name, _) => name,
        };
        if made.code == SQL_INVALID_HANDLE || stmt.known.refusal(made.function.name).is_some() {
            return;
        }
        stmt.known.step(name, made.code, made.state());
        if stmt.known.state == State::Unsure {
            let mut count = Buffer::new(2);
            let described = host.call("SQLNumResultCols", &[stmt.handle, count.word()]) == SQL_SUCCESS;
            stmt.known.state = if described { State::Prepared } else { State::Allocated };
            stmt.known.prepared = described;
        }
    }

    /// Every handle still works, and can be freed.
    fn end(&mut self) -> Vec<String> {
        let mut failures = Vec::new();
        let (host, statements) = (self.host, self.pool.stmts.clone());
        for stmt in &statements {
            host.call("SQLCancel", &[stmt.handle]);
            for option in [0u16, 2, 3] {
                host.call("SQLFreeStmt", &[stmt.handle, option.into()]);
            }
            // Rows, length, descriptors and time as they were at first.
            for (attribute, value) in [(10_010, 0usize), (10_011, 0), (22, 1), (27, 1), (11, 1), (1, 0), (3, 0), (0, 0)]
            {
                host.call("SQLSetStmtAttr", &[stmt.handle, attribute.into(), value.into(), Word::NULL]);
            }
            if !host.manager {
                failures.extend(self.still_works(stmt.handle));
            }
        }
        for dbc in self.pool.dbcs.clone() {
            if dbc.open {
                let statement = host.allocated(SQL_HANDLE_STMT, dbc.handle);
                failures.extend(self.still_works(statement));
                failures.extend(succeeds("SQLDisconnect", host.call("SQLDisconnect", &[dbc.handle])));
            }
            let code = host.call("SQLFreeHandle", &[SQL_HANDLE_DBC.into(), dbc.handle]);
            failures.extend(succeeds("SQLFreeHandle of a connection", code));
        }
        for env in &self.pool.envs {
            let code = host.call("SQLFreeHandle", &[SQL_HANDLE_ENV.into(), env.handle]);
            failures.extend(succeeds("SQLFreeHandle of an environment", code));
        }
        failures
    }

    fn still_works(&self, statement: Word) -> Option<String> {
        let value = one_value(self.host, statement, "SELECT 'a value'");
        let records = || self.host.records(SQL_HANDLE_STMT, statement);
        (value != "a value").then(|| format!("a statement gives '{value}' afterwards: {:?}", records()))
    }
}

fn succeeds(what: &str, code: i16) -> Option<String> {
    (code != SQL_SUCCESS).then(|| format!("{what} returned {code} afterwards"))
}
