//! The reference's state tables, read from `states.tsv`.

use std::path::Path;

/// A row of the tables, for one state.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its line in the file, for reports: a row for a range of states becomes one for each.
    pub(crate) line: usize,
    /// `env`, `dbc`, `stmt` or `desc`.
    pub(crate) machine: String,
    /// The function, or [`ALL_OTHER`].
    pub(crate) function: String,
    /// What the arguments must be.
    pub(crate) arguments: String,
    /// The state at the call.
    pub(crate) state: String,
    /// What comes of it.
    pub(crate) outcome: Outcome,
    /// When it does.
    pub(crate) condition: String,
}

/// What comes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The state afterwards.
    State(String),
    /// SQL_ERROR with this SQLSTATE; the state is what it was.
    Error(String),
    /// SQL_INVALID_HANDLE.
    InvalidHandle,
    /// The state before the call that runs asynchronously.
    BeforeAsync,
}

/// What stands for the functions that a machine does not name.
pub(crate) const ALL_OTHER: &str = "All Other ODBC Functions";

/// The rows of the file, and how many there are before ranges are spread.
pub(crate) fn read(path: &Path) -> (Vec<Row>, usize) {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')).skip(1);
    let lines: Vec<_> = lines.map(|(number, line)| (number + 1, line.split('\t').collect::<Vec<_>>())).collect();
    (lines.iter().flat_map(|(number, cells)| spread(*number, cells)).collect(), lines.len())
}

fn spread(line: usize, cells: &[&str]) -> Vec<Row> {
    let cell = |index: usize| cells.get(index).map_or(String::new(), |cell| (*cell).to_owned());
    let row = |state: String| Row {
        line,
        machine: cell(0),
        function: cell(1),
        arguments: cell(3),
        outcome: outcome(&cell(5), &cell(6), &state),
        state,
        condition: cell(7),
    };
    states(&cell(4)).into_iter().map(row).collect()
}

/// `S5-S7` is S5, S6 and S7.
fn states(range: &str) -> Vec<String> {
    let number = |state: &str| state[1..].parse::<u8>().ok();
    match range.split_once('-').map(|(first, last)| (number(first), number(last))) {
        Some((Some(first), Some(last))) => (first..=last).map(|number| format!("{}{number}", &range[..1])).collect(),
        _ => vec![range.to_owned()],
    }
}

fn outcome(kind: &str, told: &str, state: &str) -> Outcome {
    match (kind, told) {
        ("stay", _) => Outcome::State(state.to_owned()),
        ("next_state", _) => Outcome::State(told.to_owned()),
        // The older spelling of SQLExtendedFetch's page.
        ("error", "S1010") => Outcome::Error("HY010".to_owned()),
        ("error", _) => Outcome::Error(told.to_owned()),
        ("invalid_handle", _) => Outcome::InvalidHandle,
        ("as_before_async", _) => Outcome::BeforeAsync,
        _ => panic!("{kind} is no kind of outcome"),
    }
}
