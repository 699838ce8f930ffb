//! What a connection's log gets of a call: its function, return code, SQLSTATEs and time, and its errors. Never its
//! arguments, which hold SQL and secrets.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use pipedrive_sql::trace::{CALL, CONNECTION, EVERYTHING, Trace};

use crate::diagnostics::Diagnostic;
use crate::handle::Records;
use crate::odbc::*;

/// Records of one call that are told; a rowset can have a thousand.
const TOLD: usize = 5;

/// A call that is under way. Without a log it is nothing: neither the clock is read nor anything kept.
#[derive(Debug)]
pub(super) struct Recorder {
    name: &'static str,
    kind: &'static str,
    trace: Trace,
    started: Option<Instant>,
}

impl Recorder {
    /// A call on a handle of this kind, whose connection has this log, or none.
    pub(super) fn start(name: &'static str, kind: &'static str, trace: Trace) -> Self {
        let started = trace.is_on().then(Instant::now);
        Self { name, kind, trace, started }
    }

    /// Runs the call, its log in force.
    pub(super) fn within<T>(&self, body: impl FnOnce() -> T) -> T {
        self.trace.within(body)
    }

    /// Ends a call that leaves diagnostics; `trace` is the log that the handle has by then: connecting opens one.
    pub(super) fn end(self, trace: Trace, code: Return, records: &Records) {
        let this = if trace.is_on() { Self { trace, ..self } } else { self };
        this.say(|| {
            if code == SQL_ERROR {
                this.tell_errors(records);
            }
            this.tell(code, records);
        });
    }

    /// Ends a call that reads diagnostics or waits for nothing.
    pub(super) fn end_without_records(self, code: Return) {
        self.say(|| self.tell(code, &Records::default()));
    }

    /// A fault in what is said of a call must not end the application.
    fn say(&self, words: impl FnOnce()) {
        drop(catch_unwind(AssertUnwindSafe(|| self.trace.within(words))));
    }

    fn tell(&self, code: Return, records: &Records) {
        let Self { name, kind, started, .. } = self;
        tracing::debug!(
            target: CALL,
            "{name} on a {kind}: {}{}{}",
            code_name(code),
            states(records),
            started.map_or_else(String::new, |started| format!(", {} µs", started.elapsed().as_micros()))
        );
    }

    fn tell_errors(&self, records: &Records) {
        let all = (1..=records.len()).filter_map(|number| records.record(number));
        for record in all.filter(|record| !record.diagnostic.sqlstate().starts_with("01")).take(TOLD) {
            let (state, text) = (record.diagnostic.sqlstate(), self.words(&record.diagnostic));
            tracing::error!(target: CONNECTION, "{} failed, {state}: {text}", self.name);
        }
    }

    /// A message; only its kind where it may repeat what stands in a statement, a parameter or a row: what the engine
    /// words can quote anything, and a name that is none is any text that somebody put in quotes.
    fn words(&self, diagnostic: &Diagnostic) -> String {
        if self.trace.shows(EVERYTHING) || !diagnostic.may_quote() {
            return diagnostic.to_string();
        }
        match diagnostic {
            Diagnostic::Engine(error) => format!("{:?}; {HIDDEN}", error.kind()),
            _ => HIDDEN.to_owned(),
        }
    }
}

/// What stands in place of a message that may hold values.
const HIDDEN: &str = "Verbosity 5 shows the message, which may hold values";

/// Return codes as the reference writes them.
const CODES: &[(Return, &str)] = &[
    (SQL_SUCCESS, "SQL_SUCCESS"),
    (SQL_SUCCESS_WITH_INFO, "SQL_SUCCESS_WITH_INFO"),
    (SQL_NO_DATA, "SQL_NO_DATA"),
    (SQL_NEED_DATA, "SQL_NEED_DATA"),
    (SQL_ERROR, "SQL_ERROR"),
    (SQL_INVALID_HANDLE, "SQL_INVALID_HANDLE"),
];

fn code_name(code: Return) -> String {
    let known = CODES.iter().find(|(own, _)| *own == code).map(|(_, name)| (*name).to_owned());
    known.unwrap_or_else(|| code.to_string())
}

/// The SQLSTATEs of the first records, in brackets.
fn states(records: &Records) -> String {
    let told = (1..=records.len().min(TOLD)).filter_map(|number| records.record(number));
    let states: Vec<_> = told.map(|record| record.diagnostic.sqlstate()).collect();
    match (states.is_empty(), records.len() > TOLD) {
        (true, _) => String::new(),
        (false, false) => format!(" [{}]", states.join(" ")),
        (false, true) => format!(" [{} and {} more]", states.join(" "), records.len() - TOLD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_told_and_bounded() {
        let mut records = Records::default();
        assert_eq!(states(&records), "");
        records.post(Diagnostic::NoResultSet);
        assert_eq!(states(&records), " [07005]");
        (0..6).for_each(|_| records.post(Diagnostic::NotConnected));
        assert_eq!(states(&records), " [07005 08003 08003 08003 08003 and 2 more]");
    }

    /// Each fetch passes here: without a log it reads no clock and says nothing.
    #[test]
    fn without_a_log_a_call_is_not_recorded() {
        let recorder = Recorder::start("SQLFetch", "statement", Trace::default());
        assert!(recorder.started.is_none() && !recorder.trace.is_on());
        assert!(!recorder.within(|| Trace::current().is_on()));
    }

    #[test]
    fn codes_have_their_names() {
        assert_eq!(code_name(SQL_NO_DATA), "SQL_NO_DATA");
        assert_eq!(code_name(2), "2");
    }
}
