//! What a scan does, as sentences that an analyst understands.

use super::exec::ScanExec;
use super::explain::Estimate;
use super::pushdown::{KEPT_MOMENT, Verdict, moment};
use super::request::{ScanRequest, Target, Top, Walk};
use crate::model::Paging;

/// Calls that are written out; more of the same kind are counted.
const WRITTEN_OUT: usize = 3;

/// How the rows are read.
pub(super) fn action(scan: &ScanExec) -> String {
    let mut text = reading(&scan.request);
    if let (Some(limit), false) = (scan.limit, scan.request.target == Target::Nothing) {
        text.push_str(&format!(", until {limit} rows are found"));
    }
    if !scan.keys.is_empty() && scan.request.target == Target::List {
        text.push_str("; or asks for the keys that the other side of the join has, where that takes fewer requests");
    }
    if let (Some(age), true) = (scan.source.client.reuse(), scan.request.target != Target::Nothing) {
        text.push_str(&format!("; answers that are at most {} s old may come from memory", age.as_secs()));
    }
    let recalled = match scan.tally.recalls() {
        0 => None,
        1 => Some("one answer came from memory".to_owned()),
        recalls => Some(format!("{recalls} answers came from memory")),
    };
    let done: Vec<_> = scan.tally.decision().into_iter().chain(recalled).collect();
    if !done.is_empty() {
        text.push_str(&format!(". Done: {}", done.join("; ")));
    }
    text
}

fn reading(request: &ScanRequest) -> String {
    match &request.target {
        Target::Nothing => "Reads nothing: no row can satisfy the conditions".to_owned(),
        Target::Singles(keys) if keys.len() == 1 => "Reads one record by its id".to_owned(),
        Target::Singles(keys) => format!("Reads {} records by their ids, all at the same time", keys.len()),
        Target::Ids(keys) if keys.len() == 1 => {
            "Reads one record by its id, from the list; without a record it is asked for once more".to_owned()
        }
        Target::Ids(keys) => format!(
            "Reads {} records by their ids, 100 a request; ids without a record are asked for once more",
            keys.len()
        ),
        Target::List => lists(request),
    }
}

fn lists(request: &ScanRequest) -> String {
    let rows = if request.is_narrowed() { "the rows that Pipedrive selects" } else { "all rows" };
    let ends = request.walk.until.is_some();
    let mut text = match (request.top, request.entity.paging) {
        (Some(top), _) => first_rows(top),
        (None, Paging::Whole) => format!("Reads {rows} at once"),
        (None, Paging::Cursor) if ends => format!("Reads {rows}{}, page by page", order(request, &request.walk)),
        (None, Paging::Cursor) => format!("Reads {rows}, page by page{}", order(request, &request.walk)),
    };
    if let Some(modified) = &request.modified {
        text.push_str(&format!(", then those that were never changed{}", order(request, &modified.others)));
    }
    if request.lists.len() > 1 {
        let lists = request.lists.len();
        text.push_str(&format!(", from {lists} lists, then what changed meanwhile in those that were read first"));
    }
    text
}

fn first_rows(top: Top) -> String {
    let end = if top.descending { "latest" } else { "earliest" };
    let Top { by, rows, .. } = top;
    if by == KEPT_MOMENT {
        return format!("Reads the rows with the {end} {by}, page by page until the first {rows} are known");
    }
    format!(
        "Reads one page of the rows with the {end} {by}, for the first {rows}; the whole list if these are not among them"
    )
}

fn order(request: &ScanRequest, walk: &Walk) -> String {
    let Some(until) = walk.until else {
        let backwards = if walk.descending { ", from the largest id down" } else { "" };
        return backwards.to_owned();
    };
    let end = if walk.by == request.entity.key {
        until.to_string()
    } else {
        moment(until.div_euclid(1000)).unwrap_or_else(|| until.to_string())
    };
    match walk.descending {
        true => format!(", from the largest {} down to {end}", walk.by),
        false => format!(", from the smallest {} up to {end}", walk.by),
    }
}

/// The calls, written out.
pub(super) fn calls(request: &ScanRequest) -> Option<String> {
    let calls = request.calls();
    let mut texts: Vec<_> = calls.iter().take(WRITTEN_OUT).map(|call| format!("GET {call}")).collect();
    if calls.len() > WRITTEN_OUT {
        texts.push(format!("and {} more", calls.len() - WRITTEN_OUT));
    }
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// Rows, requests and tokens, as far as they can be known: Pipedrive tells no totals, so the size of a list is known
/// only where this connection has read it before.
pub(super) fn estimate(scan: &ScanExec) -> Estimate {
    let request = &scan.request;
    let count = |count: usize| i64::try_from(count).ok();
    let per_call: i64 = request.calls().first().map_or(0, |call| call.tokens().into());
    let known = |rows: Option<usize>, requests: usize| Estimate {
        rows: rows.and_then(count),
        requests: count(requests),
        tokens: count(requests).map(|requests| requests * per_call),
    };
    let limit = scan.limit.unwrap_or(usize::MAX);
    match &request.target {
        Target::Nothing => known(Some(0), 0),
        Target::Singles(keys) => known(Some(keys.len()), keys.len()),
        // Keys without a record are asked for twice, and a limit may make do with the first hundred.
        Target::Ids(keys) => Estimate { rows: count(keys.len().min(limit)), ..Estimate::default() },
        Target::List if request.entity.paging == Paging::Whole => known(None, 1),
        // Where reading may end early nobody can know when.
        Target::List if request.top.is_some() || request.walk.until.is_some() || request.modified.is_some() => {
            Estimate::default()
        }
        Target::List => match (scan.limit, scan.source.tables.rows_of(request)) {
            (Some(limit), _) if request.first_page == limit => known(Some(limit), 1),
            (None, Some(rows)) => known(Some(rows), rows.div_ceil(request.page_size).max(1)),
            _ => Estimate::default(),
        },
    }
}

/// The conditions that the driver checks, each with the reason why Pipedrive does not.
pub(super) fn checked_here(predicates: &[(String, Verdict)]) -> Option<String> {
    let bracketed = |text: &str| if text.contains(" OR ") { format!("({text})") } else { text.to_owned() };
    let texts = predicates.iter().filter_map(|(text, verdict)| match verdict {
        Verdict::Exact => None,
        Verdict::Superset => Some(format!("{} [Pipedrive leaves out most of the others]", bracketed(text))),
        Verdict::Ends => Some(format!("{} [reading ends there]", bracketed(text))),
        Verdict::Local(reason) => Some(format!("{} [{reason}]", bracketed(text))),
    });
    let texts: Vec<_> = texts.collect();
    (!texts.is_empty()).then(|| texts.join(" AND "))
}
