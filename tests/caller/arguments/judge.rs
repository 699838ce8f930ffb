//! What must hold after every call, whatever was wrong with it.
//!
//! The return code is one of ODBC's; nothing is written beside a buffer; an error and a warning leave a record, whose
//! SQLSTATE is one that the reference lists for the function; no record says that the driver itself failed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use super::place::Place;
use crate::host::Host;
use crate::odbc::*;
use crate::word::Word;

/// Failures that are told one by one.
const TOLD: usize = 60;

/// States that drivers give beside those of the reference, for a reason each.
///
/// - HY024: an attribute's or field's value, which the reference has a manager find in some functions
/// - HYC00: what is known and not offered, of any function
/// - 07009: a number of a column or record, which managers let through
/// - 22018: a text that is none in its encoding, which the reference does not know of
/// - HY090: a negative capacity of SQLGetDescRec, which no manager finds
/// - HY009: a null pointer where no manager lets it through
/// - HY011: an attribute of an environment that has connections, which the state tables list
/// - 42000: SQLNativeSql of what is no statement, which cannot be said otherwise
const ALSO: &[(&str, &str)] = &[
    (ANY, "HY024"),
    (ANY, "HYC00"),
    (ANY, "07009"),
    (ANY, "22018"),
    ("SQLGetDescRec", "HY090"),
    ("SQLGetFunctions", "HY009"),
    ("SQLSetDescField", "HY009"),
    ("SQLNativeSql", "42000"),
    ("SQLSetEnvAttr", "HY011"),
];
/// Any function.
const ANY: &str = "";

/// Functions that leave no record: they read them.
const SILENT: &[&str] = &["SQLGetDiagRec", "SQLGetDiagField"];

/// Counts calls, and keeps what went wrong.
pub(super) struct Judge<'h> {
    pub(super) host: &'h Host,
    reference: HashMap<String, HashSet<String>>,
    /// Calls by return code or SQLSTATE.
    tally: BTreeMap<String, usize>,
    failures: Vec<String>,
    calls: usize,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ended {
    /// Return code.
    pub(super) code: i16,
    /// SQLSTATE of the first record; empty without one.
    pub(super) state: String,
}

impl Ended {
    /// Whether the call did what it was asked for.
    pub(super) const fn succeeded(&self) -> bool {
        matches!(self.code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO)
    }
}

impl<'h> Judge<'h> {
    /// With the table of SQLSTATEs in the reference's folder, where that is at hand.
    pub(super) fn new(host: &'h Host, reference: Option<&Path>) -> Self {
        let table = reference.map(|folder| folder.join("sqlstates.tsv")).map(|path| {
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()))
        });
        let mut states: HashMap<String, HashSet<String>> = HashMap::new();
        for line in table.iter().flat_map(|text| text.lines()).filter(|line| !line.starts_with('#')) {
            let mut cells = line.split('\t').map(str::to_owned);
            if let (Some(function), Some(state)) = (cells.next(), cells.next()) {
                states.entry(function).or_default().insert(state);
            }
        }
        Self { host, reference: states, tally: BTreeMap::new(), failures: Vec::new(), calls: 0 }
    }

    /// Calls a function and judges how it ended; `owner` is the handle that has the records.
    pub(super) fn call(&mut self, name: &str, words: &[Word], places: &[&Place], owner: (i16, Word)) -> Ended {
        let code = self.host.call(name, words);
        self.calls += 1;
        let told = matches!(code, SQL_ERROR | SQL_SUCCESS_WITH_INFO) && !SILENT.contains(&name);
        let records = if told { self.host.records(owner.0, owner.1) } else { Vec::new() };
        let state = records.first().map(|record| record.state.clone()).unwrap_or_default();
        let ended = Ended { code, state };
        *self.tally.entry(if ended.state.is_empty() { code.to_string() } else { ended.state.clone() }).or_default() +=
            1;
        let mut wrong = |what: String| self.failures.push(format!("{name}{words:?} = {ended:?}: {what}"));
        if !matches!(code, -2..=2 | 99 | 100) {
            wrong("no return code of ODBC".to_owned());
        }
        for place in places.iter().filter(|place| !place.is_intact()) {
            wrong(format!("wrote beside a buffer of {} bytes", place.contents().len()));
        }
        if told && records.is_empty() {
            wrong("says nothing".to_owned());
        }
        // Rows of a rowset have errors of their own.
        let warns = records.iter().all(|record| record.state.starts_with("01"));
        if told && !name.contains("Fetch") && warns == (code == SQL_ERROR) {
            wrong(format!("an error without an error, or a warning with one: {records:?}"));
        }
        for record in &records {
            let listed = self.reference.get(name).is_none_or(|states| states.contains(&record.state));
            let also = ALSO.iter().any(|(of, state)| [ANY, name].contains(of) && *state == record.state);
            if record.state.len() != 5 || !(listed || also) {
                wrong(format!("the reference lists no such state: {record:?}"));
            }
            if record.text.contains("the driver failed inside") || !record.text.starts_with("[Pipedrive][ODBC] ") {
                wrong(format!("{record:?}"));
            }
        }
        ended
    }

    /// Calls a function that must end with one of these SQLSTATEs.
    pub(super) fn refused(
        &mut self,
        name: &str,
        words: &[Word],
        places: &[&Place],
        owner: (i16, Word),
        states: &[&str],
    ) -> Ended {
        let ended = self.call(name, words, places, owner);
        if ended.code != SQL_ERROR || !states.contains(&ended.state.as_str()) {
            self.fail(&format!("{name}{words:?} = {ended:?}, expected {states:?}"));
        }
        ended
    }

    /// Notes what went wrong.
    pub(super) fn fail(&mut self, what: &str) {
        self.failures.push(what.to_owned());
    }

    /// Notes what went wrong, unless it holds.
    pub(super) fn holds(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.failures.push(what());
        }
    }

    /// Prints the tally; what went wrong.
    pub(super) fn end(mut self) -> Vec<String> {
        let (calls, known) = (self.calls, self.reference.len());
        println!("arguments: {calls} calls, by how they ended: {:?}; states of {known} functions", self.tally);
        let more = self.failures.len().saturating_sub(TOLD);
        self.failures.truncate(TOLD);
        if more > 0 {
            self.failures.push(format!("and {more} more"));
        }
        self.failures
    }
}
