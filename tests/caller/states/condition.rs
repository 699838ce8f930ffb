//! The conditions of the state tables: known phrases, joined by `and`, `or` and brackets.
//!
//! A phrase is a row: how it reads, and when it is true. One that is never true of this driver has the reason: a row
//! that depends on it is not offered. A phrase that is in no row fails the walk.

use super::calls::Call;
use super::ways::Facts;
use crate::odbc::*;

/// What a condition is asked about.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// How the state was reached.
    pub(crate) facts: &'a Facts,
    /// What is called.
    pub(crate) call: &'a Call,
    /// What it returned.
    pub(crate) code: i16,
}

impl Scene<'_> {
    fn tag(&self, tags: &[&str]) -> bool {
        tags.iter().any(|tag| self.call.tags.contains(tag))
    }
}

type Holds = fn(&Scene<'_>) -> bool;

/// A phrase of the tables.
struct Phrase {
    text: &'static str,
    holds: Holds,
    /// Why it is never true here.
    never: Option<&'static str>,
}

const fn when(text: &'static str, holds: Holds) -> Phrase {
    Phrase { text, holds, never: None }
}

const fn never(text: &'static str, why: &'static str) -> Phrase {
    Phrase { text, holds: |_| false, never: Some(why) }
}

const ASYNC: &str = "nothing runs asynchronously";
const TRANSACTIONS: &str = "there are no transactions";
const RESULTS: &str = "every statement makes one result set";
const POSITIONED: &str = "rows cannot be changed through a cursor";
const FORWARD: &str = "a cursor has no row that is deleted or in error";

/// Attributes that are fixed once a statement is prepared.
const FIXED: &str = "CONCURRENCY";

/// A longer phrase stands before one that it begins with.
#[rustfmt::skip]
const PHRASES: &[Phrase] = &[
    when("returned SQL_SUCCESS or SQL_SUCCESS_WITH_INFO", |s| matches!(s.code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO)),
    when("returned SQL_ERROR", |s| s.code == SQL_ERROR),
    when("returned SQL_NEED_DATA", |s| s.code == SQL_NEED_DATA),
    when("returned SQL_NO_DATA", |s| s.code == SQL_NO_DATA),
    when("returns SQL_NO_DATA", |s| s.code == SQL_NO_DATA),
    never("returned SQL_STILL_EXECUTING", ASYNC),
    never("asynchronous call returned SQL_STILL_EXECUTING", ASYNC),
    never("this function is the one running asynchronously", ASYNC),
    never("another function is running asynchronously", ASYNC),
    never("same descriptor as the running call", ASYNC),
    never("other descriptor than the running call", ASYNC),
    never("same source and target as the running call", ASYNC),
    never("source or target differs from the running call", ASYNC),
    never("function running now in another thread", "cancel.py has the calls of other threads"),
    when("from the driver manager before SQL_NO_DATA was fetched from the driver after it", |_| true),
    when("error came from the driver manager", |s| s.facts.manager && s.tag(&["null text"])),
    when("error came from the driver", |s| !s.tag(&["null text"])),
    when("failed before the text was checked (HY009 HY090)", |s| s.tag(&["null text"])),
    when("failed on the text itself", |s| s.tag(&["bad text"])),

    when("ODBC version attribute set", |s| s.facts.version),
    when("ODBC version attribute not set and another attribute named", |s| !s.facts.version),
    when("ODBC version attribute not set", |s| !s.facts.version),
    when("further connection handles exist", |s| s.facts.others),
    when("last connection handle", |s| !s.facts.others),
    when("last statement and autocommit", |s| !s.facts.others && !s.facts.manual),
    when("last statement", |s| !s.facts.others),
    when("further statements exist and autocommit", |s| s.facts.others && !s.facts.manual),
    when("further statements exist", |s| s.facts.others),
    when("only explicitly allocated descriptors exist here", |_| true),
    when("not connected so untouched", |_| true),
    when("all statements are freed; connection goes to C2", |_| true),

    never("manual commit and a transaction begun", TRANSACTIONS),
    never("commit/rollback failed (SQL_ERROR)", TRANSACTIONS),
    never("commit/rollback worked on this connection (SQL_ERROR still if it failed on another)", TRANSACTIONS),
    never("open cursor kept by the source (cursor behavior preserve)", TRANSACTIONS),
    never("open cursors not kept", TRANSACTIONS),
    never(">=1 statement allocated", TRANSACTIONS),
    never("no statement allocated", TRANSACTIONS),
    when("manual commit and no transaction begun", |s| s.facts.manual),
    when("manual commit", |s| s.facts.manual),
    when("autocommit or no transaction begun", |_| true),
    when("autocommit and next result is not a cursor", |s| !s.facts.manual),
    never("autocommit and next result is a cursor", RESULTS),
    never("autocommit and not a cursor specification", RESULTS),
    when("autocommit and a cursor specification", |s| !s.facts.manual),
    when("autocommit and no other open cursor", |s| !s.facts.manual),
    when("autocommit with another open cursor", |_| false),
    when("autocommit", |s| !s.facts.manual),
    never("cursor commit/rollback behavior is SQL_CB_DELETE for the completion type used", TRANSACTIONS),
    never("cursor commit/rollback behavior is SQL_CB_CLOSE for the completion type used", TRANSACTIONS),
    when("cursor commit/rollback behavior is SQL_CB_PRESERVE for the completion type used", |_| true),

    when("statement prepared", |s| s.facts.prepared),
    when("statement not prepared", |s| !s.facts.prepared),
    never("statement makes no result set", RESULTS),
    when("statement makes a result setand SQLExecute needed the data", |s| s.facts.prepared),
    when("statement makes a result set", |_| true),
    never("more results pending", RESULTS),
    when("last or only result or none", |_| true),
    when("last result", |_| true),
    never("next result is a row count", RESULTS),
    never("next result is a result set", RESULTS),
    when("SQLExecDirect needed the data", |s| !s.facts.prepared),
    when("SQLExecute needed the data", |s| s.facts.prepared),
    never("SQLBulkOperations from S5 needed the data", POSITIONED),
    never("SQLSetPos/SQLBulkOperations from S6 needed the data", POSITIONED),
    never("SQLSetPos from S7 needed the data", POSITIONED),
    never("SQLBulkOperations needed the data and nothing fetched yet", POSITIONED),
    never("SQLBulkOperations needed the data", POSITIONED),
    never("SQLSetPos needed the data", POSITIONED),
    never("SQLFetch/SQLFetchScroll used", POSITIONED),
    never("SQLExtendedFetch used", POSITIONED),
    when("SQL_NULL_DATA sent after earlier pieces of the same parameter", |s| s.tag(&["null piece"])),

    when("attribute is not ROW_NUMBER", |s| !s.tag(&["ROW_NUMBER"])),
    when("attribute is ROW_NUMBER", |s| s.tag(&["ROW_NUMBER"])),
    when("current row valid", |s| s.facts.on_row),
    never("current row deleted or in error", FORWARD),
    when("cursor before first or after last row", |s| !s.facts.on_row),
    when("attribute is one of CONCURRENCY CURSOR_TYPE SIMULATE_CURSOR USE_BOOKMARKS CURSOR_SCROLLABLE CURSOR_SENSITIVITY", |s| s.tag(&[FIXED])),
    when("attribute is none of CONCURRENCY CURSOR_TYPE SIMULATE_CURSOR USE_BOOKMARKS CURSOR_SCROLLABLE CURSOR_SENSITIVITY", |s| !s.tag(&[FIXED])),
    when("attribute is none of ACCESS_MODE AUTOCOMMIT LOGIN_TIMEOUT ODBC_CURSORS TRACE TRACEFILE and was not set before", |s| s.tag(&["unset"])),
    when("attribute is ACCESS_MODE AUTOCOMMIT LOGIN_TIMEOUT ODBC_CURSORS TRACE TRACEFILE or it was set before", |s| !s.tag(&["unset"])),
    when("attribute is not ODBC_CURSORS/PACKET_SIZE", |s| !s.tag(&["ODBC_CURSORS", "PACKET_SIZE"])),
    when("attribute is ODBC_CURSORS", |s| s.tag(&["ODBC_CURSORS"])),
    when("attribute is PACKET_SIZE", |s| s.tag(&["PACKET_SIZE"])),
    when("attribute is not TRANSLATE_LIB/TRANSLATE_OPTION", |s| !s.tag(&["TRANSLATE"])),
    when("attribute is TRANSLATE_LIB/TRANSLATE_OPTION", |s| s.tag(&["TRANSLATE"])),
    when("attribute is not CURRENT_CATALOG", |s| !s.tag(&["CURRENT_CATALOG"])),
    when("attribute is CURRENT_CATALOG", |s| s.tag(&["CURRENT_CATALOG"])),
    never("attribute is not AUTOCOMMIT", TRANSACTIONS),
    never("attribute is AUTOCOMMIT", TRANSACTIONS),
    never("attribute is TXN_ISOLATION", TRANSACTIONS),
    never("setting it committed nothing", TRANSACTIONS),
    never("setting it committed", TRANSACTIONS),
    when("InfoType is not SQL_ODBC_VER", |s| !s.tag(&["SQL_ODBC_VER"])),
    when("InfoType is SQL_ODBC_VER", |s| s.tag(&["SQL_ODBC_VER"])),
    when("field is not SQL_DESC_COUNT", |s| !s.tag(&["SQL_DESC_COUNT"])),
    when("field is SQL_DESC_COUNT", |s| s.tag(&["SQL_DESC_COUNT"])),
    // What it means for the return code, `Call::fails` says.
    when("error if the field is SQL_DIAG_ROW_COUNT", |_| true),
    when("descriptor is APD/ARD and descriptor is IPD or descriptor is IRD", |_| true),
    when("descriptor is APD/ARD", |s| s.tag(&["APD", "ARD"])),
    when("descriptor is IPD", |s| s.tag(&["IPD"])),
    when("descriptor is IRD", |s| s.tag(&["IRD"])),
];

/// A condition, as it reads.
#[derive(Debug)]
pub(crate) enum Condition {
    /// Nothing is asked.
    Always,
    /// The index of a phrase.
    Phrase(usize),
    /// All of them.
    And(Vec<Condition>),
    /// One of them.
    Or(Vec<Condition>),
}

impl Condition {
    /// Reads a condition; the rest that is not understood where it is none.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::Always);
        }
        match either(text)? {
            (condition, "") => Ok(condition),
            (_, rest) => Err(rest.to_owned()),
        }
    }

    /// Whether it is true of a scene.
    pub(crate) fn holds(&self, scene: &Scene<'_>) -> bool {
        match self {
            Self::Always => true,
            Self::Phrase(index) => (PHRASES[*index].holds)(scene),
            Self::And(parts) => parts.iter().all(|part| part.holds(scene)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(scene)),
        }
    }

    /// Why it is never true, if there is a reason.
    pub(crate) fn never(&self) -> Option<&'static str> {
        match self {
            Self::Always => None,
            Self::Phrase(index) => PHRASES[*index].never,
            Self::And(parts) => parts.iter().find_map(Self::never),
            Self::Or(parts) => parts.iter().map(Self::never).collect::<Option<Vec<_>>>()?.first().copied(),
        }
    }
}

fn either(text: &str) -> Result<(Condition, &str), String> {
    list(text, " or ", both, Condition::Or)
}

fn both(text: &str) -> Result<(Condition, &str), String> {
    list(text, " and ", single, Condition::And)
}

type Parser = fn(&str) -> Result<(Condition, &str), String>;

fn list<'a>(
    text: &'a str,
    separator: &str,
    part: Parser,
    of: fn(Vec<Condition>) -> Condition,
) -> Result<(Condition, &'a str), String> {
    let (first, mut rest) = part(text)?;
    let mut parts = vec![first];
    while let Some(next) = rest.strip_prefix(separator) {
        let (condition, after) = part(next)?;
        parts.push(condition);
        rest = after;
    }
    let condition = if parts.len() == 1 { parts.remove(0) } else { of(parts) };
    Ok((condition, rest))
}

fn single(text: &str) -> Result<(Condition, &str), String> {
    let text = text.trim_start();
    if let Some(index) = PHRASES.iter().position(|phrase| text.starts_with(phrase.text)) {
        let rest = &text[PHRASES[index].text.len()..];
        // A remark in brackets belongs to the phrase before it.
        return match rest.strip_prefix(" (") {
            Some(remark) => Ok((Condition::Phrase(index), remark.split_once(')').map_or("", |(_, after)| after))),
            None => Ok((Condition::Phrase(index), rest)),
        };
    }
    let inner = text.strip_prefix('(').ok_or_else(|| text.to_owned())?;
    let (condition, rest) = either(inner)?;
    let rest = rest.trim_start().strip_prefix(')').ok_or_else(|| rest.to_owned())?;
    Ok((condition, rest))
}
