//! What ends a command early: its kind, its exit code, its message.

use std::fmt;
use std::io;
use std::path::Path;

use pipedrive_sql::auth::{Flaw, Unusable};
use pipedrive_sql::{Error, ErrorKind};

use crate::shell::for_data_source;

/// What kind of failure it is. Scripts see its name (with `--json`) and its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Anything without a kind of its own, SQL that cannot be run included.
    Failure,
    /// Arguments or connection properties that cannot be used.
    Usage,
    /// No token, or one that is refused.
    SignIn,
    /// The host cannot be reached, does not answer in time, or is not Pipedrive.
    Network,
    /// The budget of API tokens is spent.
    Budget,
    /// A data source, driver, file, table or column that does not exist.
    NotFound,
    /// A file or table that this user may not use.
    Permission,
    /// The Pipedrive account is not open.
    Account,
    /// A check found something.
    Findings,
    /// Ctrl-C.
    Interrupted,
    /// Nobody reads the output any more (`| head`), which is fine.
    ClosedPipe,
}

/// A row of the table of exit codes.
pub(crate) struct Exit {
    /// The failure.
    pub(crate) kind: Kind,
    /// Its name in JSON.
    pub(crate) name: &'static str,
    /// Its exit code.
    pub(crate) code: u8,
    /// What it says to people.
    pub(crate) meaning: &'static str,
}

/// Every exit code but 0. Help and documentation are made of it.
pub(crate) const EXITS: &[Exit] = &[
    exit(Kind::Failure, "failure", 1, "failure without a code of its own, such as SQL that cannot be run"),
    exit(Kind::Usage, "usage", 2, "arguments or connection properties that cannot be used"),
    exit(Kind::SignIn, "sign_in", 3, "no token, or Pipedrive refuses it"),
    exit(Kind::Network, "network", 4, "the host cannot be reached, is too slow, or is not Pipedrive"),
    exit(Kind::Budget, "budget", 5, "the budget of API tokens is spent"),
    exit(Kind::NotFound, "not_found", 6, "no such data source, driver, file, table or column"),
    exit(Kind::Permission, "permission", 7, "a file or a table that this user may not use"),
    exit(Kind::Findings, "findings", 8, "a check found something"),
    exit(Kind::Account, "account", 9, "the Pipedrive account is not open: its trial or subscription is over (402)"),
    exit(Kind::Interrupted, "interrupted", 130, "Ctrl-C"),
];

const fn exit(kind: Kind, name: &'static str, code: u8, meaning: &'static str) -> Exit {
    Exit { kind, name, code, meaning }
}

impl Kind {
    /// Its exit code.
    pub(crate) fn code(self) -> u8 {
        EXITS.iter().find(|exit| exit.kind == self).map_or(0, |exit| exit.code)
    }

    /// Its name in JSON.
    pub(crate) fn name(self) -> &'static str {
        EXITS.iter().find(|exit| exit.kind == self).map_or("closed_pipe", |exit| exit.name)
    }
}

/// What the name leads to is nothing that can be opened: links in a circle, or a socket.
#[cfg(unix)]
fn is_no_file(error: &io::Error) -> bool {
    use nix::errno::Errno;
    error.raw_os_error().is_some_and(|code| matches!(Errno::from_raw(code), Errno::ELOOP | Errno::ENXIO))
}

#[cfg(not(unix))]
const fn is_no_file(_: &io::Error) -> bool {
    false
}

/// Why a command ended early. The message holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
}

impl Failure {
    /// A failure of `kind`.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Arguments that cannot be used.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// What the system says of a file; `action` is `read`, `write` or `open`.
    pub(crate) fn file(action: &str, path: &Path, error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Kind::Permission,
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Kind::NotFound,
            io::ErrorKind::InvalidFilename | io::ErrorKind::IsADirectory => Kind::Usage,
            _ if is_no_file(error) => Kind::Usage,
            _ => Kind::Failure,
        };
        Self::new(kind, format!("cannot {action} {}: {error}", path.display()))
    }

    /// A file with a secret that `option` names; `content` is what to do where it holds something else.
    pub(crate) fn secret_file(option: &str, path: &Path, unusable: &Unusable, content: &str) -> Self {
        let (kind, cure) = match unusable.flaw {
            Flaw::Missing => (Kind::NotFound, unusable.cure),
            Flaw::Closed | Flaw::Open => (Kind::Permission, unusable.cure),
            Flaw::Unreadable => (Kind::Usage, unusable.cure),
            Flaw::Content => (Kind::Usage, content),
        };
        Self::new(kind, format!("{option} {} cannot be used: {}; {cure}", path.display(), unusable.what))
    }

    /// What the system says of the output.
    pub(crate) fn output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Kind::ClosedPipe, ""),
            _ => Self::new(Kind::Failure, format!("the output cannot be written: {error}")),
        }
    }

    /// The same with commands that can be pasted for this data source.
    pub(crate) fn at(self, data_source: Option<&str>) -> Self {
        match data_source {
            Some(name) => Self::new(self.kind, for_data_source(&self.message, name)),
            None => self,
        }
    }

    /// Its kind.
    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::SignIn => Kind::SignIn,
            ErrorKind::Forbidden => Kind::Permission,
            ErrorKind::Property | ErrorKind::ParameterCount => Kind::Usage,
            ErrorKind::Network | ErrorKind::Timeout => Kind::Network,
            ErrorKind::Budget => Kind::Budget,
            ErrorKind::Account => Kind::Account,
            ErrorKind::UnknownTable | ErrorKind::UnknownColumn => Kind::NotFound,
            ErrorKind::Cancelled => Kind::Interrupted,
            _ => Kind::Failure,
        };
        Self::new(kind, error.message())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_codes_are_unique_and_none_is_success() {
        let (names, codes): (HashSet<_>, HashSet<_>) = EXITS.iter().map(|exit| (exit.name, exit.code)).unzip();
        assert_eq!((names.len(), codes.len()), (EXITS.len(), EXITS.len()));
        assert!(!codes.contains(&0));
        assert_eq!((Kind::Network.code(), Kind::ClosedPipe.code()), (4, 0));
    }

    #[test]
    fn the_documentation_has_every_exit_code() {
        let text = include_str!("../../docs/command.md");
        for exit in EXITS {
            let row = format!("| {} | `{}` | {} |", exit.code, exit.name, exit.meaning);
            assert!(text.contains(&row), "docs/command.md lacks: {row}");
        }
    }
}
