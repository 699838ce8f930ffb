//! Whether answers are the same: in order where the statement sorts totally, else as bags.

use std::fmt::Write;

use pipedrive_sql::{Error, ErrorKind, Result};

use super::engine::Answer;
use super::value::Cell;

/// Rows that a message shows of each side.
const SHOWN: usize = 4;

/// How far two doubles may be apart, as a part of the larger: the engines add in different orders.
const TOLERANCE: f64 = 1e-9;

/// What three answers to one statement say.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// All have the same rows, so many, or all refuse the same value.
    Same,
    /// The dialect does not offer it, and says so.
    Refused(String),
    /// Somebody is wrong.
    Different(Difference),
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Difference {
    /// Differences of one class have one reason, most likely: while a statement is made smaller, its class stays.
    pub(super) class: String,
    /// For the reader.
    pub(super) text: String,
}

/// Judges the answers with push-down on, with push-down off, and of DuckDB.
pub(super) fn judge(
    on: &Result<Answer>,
    off: &Result<Answer>,
    duck: &Result<Answer, String>,
    ordered: bool,
) -> Verdict {
    match (on, off, duck) {
        (Err(on), Err(off), _) if refuses(on) && refuses(off) => Verdict::Refused(on.to_string()),
        (Err(on), Err(off), Err(_)) if on.kind() == off.kind() && concerns_values(on) => Verdict::Same,
        (Err(on), ..) => failed("with push-down on", on),
        (_, Err(off), _) => failed("with push-down off", off),
        (_, _, Err(duck)) => Verdict::Different(Difference { class: class(duck), text: format!("DuckDB: {duck}") }),
        (Ok(on), Ok(off), Ok(duck)) => {
            let found = |class: &str, text| Difference { text: format!("{class}: {text}"), class: class.to_owned() };
            let pushed = difference(on, off, ordered).map(|text| found("push-down on, then off", text));
            let engines = || difference(off, duck, ordered).map(|text| found("the engine, then DuckDB", text));
            pushed.or_else(engines).map_or(Verdict::Same, Verdict::Different)
        }
    }
}

fn failed(who: &str, error: &Error) -> Verdict {
    let class = format!("{who} {:?} {}", error.kind(), class(error.message()));
    Verdict::Different(Difference { class, text: format!("{who}: {:?}: {error}", error.kind()) })
}

/// What messages of one reason have in common: how they begin.
fn class(message: &str) -> String {
    message.chars().take(24).collect()
}

/// Whether the dialect does not offer it, and says so.
pub(super) fn refuses(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotSupported | ErrorKind::Syntax | ErrorKind::TooComplex)
}

/// Whether a value of some row is what cannot be.
pub(super) fn concerns_values(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::OutOfRange | ErrorKind::Conversion | ErrorKind::DivisionByZero)
}

/// In what two answers differ; `None` when they are the same.
pub(super) fn difference(left: &Answer, right: &Answer, ordered: bool) -> Option<String> {
    let (mut lefts, mut rights) = (normalized(left), normalized(right));
    if !ordered {
        let exact = exact_columns(&lefts, &rights);
        lefts.sort_by_cached_key(|row| sort_key(row, &exact));
        rights.sort_by_cached_key(|row| sort_key(row, &exact));
    }
    let same = lefts.len() == rights.len() && lefts.iter().zip(&rights).all(|(left, right)| alike(left, right));
    (!same).then(|| shown(&lefts, &rights))
}

/// The rows with each value in one form.
pub(super) fn normalized(answer: &Answer) -> Vec<Vec<Cell>> {
    answer.rows.iter().map(|row| row.iter().cloned().map(Cell::normalized).collect()).collect()
}

/// The columns without doubles on either side: sorted by these first, rows that differ by a tolerance meet.
fn exact_columns(lefts: &[Vec<Cell>], rights: &[Vec<Cell>]) -> Vec<usize> {
    let width = lefts.first().or_else(|| rights.first()).map_or(0, Vec::len);
    let is_exact =
        |column: &usize| !lefts.iter().chain(rights).any(|row| matches!(row.get(*column), Some(Cell::Double(_))));
    (0..width).filter(is_exact).collect()
}

/// What a row of a bag is sorted by: its exact columns as text, then its numbers.
fn sort_key(row: &[Cell], exact: &[usize]) -> (Vec<String>, Vec<i64>) {
    let text = exact.iter().filter_map(|&column| row.get(column)).map(Cell::text);
    let number = |cell: &Cell| sortable(cell.number().unwrap_or(f64::MIN));
    (text.collect(), row.iter().map(number).collect())
}

/// A whole number that sorts as the double does.
fn sortable(number: f64) -> i64 {
    let bits = i64::from_ne_bytes(number.to_ne_bytes());
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

fn alike(left: &[Cell], right: &[Cell]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
}

fn same(left: &Cell, right: &Cell) -> bool {
    match (left, right) {
        (Cell::Double(_), _) | (_, Cell::Double(_)) => match (left.number(), right.number()) {
            (Some(left), Some(right)) => {
                // An average of money has eight decimals on one side.
                (left - right).abs() <= 1e-8_f64.max(TOLERANCE * left.abs().max(right.abs()))
            }
            _ => false,
        },
        _ => left == right,
    }
}

fn shown(lefts: &[Vec<Cell>], rights: &[Vec<Cell>]) -> String {
    let mut text = format!("{} and {} rows", lefts.len(), rights.len());
    let place = lefts.iter().zip(rights).position(|(left, right)| !alike(left, right));
    if let Some(place) = place {
        let [left, right] = [lefts, rights].map(|rows| line(&rows[place]));
        let _ = write!(text, ", first in row {place}: {left} and {right}");
    }
    for (side, rows, others) in [("first", lefts, rights), ("second", rights, lefts)] {
        let lone = rows.iter().filter(|row| !others.iter().any(|other| alike(row, other)));
        for row in lone.take(SHOWN) {
            let _ = write!(text, "\n    only {side}: {}", line(row));
        }
    }
    text
}

/// A row for the reader.
pub(super) fn line(row: &[Cell]) -> String {
    row.iter().map(Cell::text).collect::<Vec<_>>().join(" | ")
}

#[test]
fn rows_are_the_same_as_bags_or_in_order() {
    let answer = |cells: &[&Cell]| Answer { rows: cells.iter().map(|cell| vec![(*cell).clone()]).collect() };
    let (one, two, near) = (Cell::integer(1), Cell::integer(2), Cell::Double(2.000_000_000_001));
    let long = Cell::Exact { unscaled: 2000, scale: 3 };
    assert_eq!(difference(&answer(&[&one, &two]), &answer(&[&two, &one]), false), None);
    assert!(difference(&answer(&[&one, &two]), &answer(&[&two, &one]), true).is_some());
    assert_eq!(difference(&answer(&[&two, &one]), &answer(&[&near, &one]), true), None);
    assert_eq!(difference(&answer(&[&two]), &answer(&[&long]), true), None);
    assert!(difference(&answer(&[&one, &two]), &answer(&[&one, &one]), false).is_some());
    assert!(difference(&answer(&[&one]), &answer(&[&Cell::Null]), false).is_some());
}
