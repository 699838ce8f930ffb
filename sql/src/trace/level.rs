//! What is written from which Verbosity on, by the target of an event.

/// Connects, disconnects and errors: Verbosity 1.
pub const CONNECTION: &str = "pipedrive::connection";
/// Statements, their rows and what they cost: Verbosity 2.
pub const STATEMENT: &str = "pipedrive::statement";
/// Requests, waits and retries: Verbosity 3.
pub const REQUEST: &str = "pipedrive::request";
/// Calls of ODBC functions: Verbosity 4.
pub const CALL: &str = "pipedrive::odbc";
/// The Verbosity of everything else that these crates say; values of parameters are shown from it on.
pub const EVERYTHING: u8 = 5;

/// Verbosities by target.
const LEVELS: &[(&str, u8)] = &[(CONNECTION, 1), (STATEMENT, 2), (REQUEST, 3), (CALL, 4)];

/// The Verbosity of a target; `None` for other people's crates, which may tell secrets.
pub(super) fn level(target: &str) -> Option<u8> {
    let known = LEVELS.iter().find(|(own, _)| *own == target).map(|(_, level)| *level);
    known.or_else(|| target.starts_with("pipedrive").then_some(EVERYTHING))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_crates_are_not_heard() {
        for (target, expected) in [
            (CONNECTION, Some(1)),
            (CALL, Some(4)),
            (module_path!(), Some(5)),
            ("pipedriveodbc::entry::guard", Some(5)),
            ("hyper_util::client", None),
            ("h2::codec", None),
            ("", None),
        ] {
            assert_eq!(level(target), expected, "{target}");
        }
    }
}
