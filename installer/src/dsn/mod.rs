//! `dsn`: data sources in odbc.ini.
//!
//! - `keys.rs`: which keywords and values an entry may have; secrets are refused
//! - `change.rs`: `add`, `edit`, `remove`
//! - `look.rs`: `list`, `show`
//! - `trial.rs`: `test`
//!
//! Values reach a file only through `keys.rs`, so that no secret does.

mod change;
mod keys;
mod look;
mod trial;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;
pub(crate) use change::edit;
pub(crate) use look::{LIBRARY, ours};

/// Add, list, show, edit, remove and test data sources
#[derive(Debug, Subcommand)]
pub(crate) enum Dsn {
    /// Add a data source
    Add(change::Add),
    /// List the data sources of this driver
    List(look::List),
    /// Show a data source; secrets are masked
    Show(look::ShowOne),
    /// Change a data source
    Edit(change::Edit),
    /// Remove a data source
    Remove(change::Remove),
    /// Connect, and tell who is signed in where
    Test(trial::Test),
}

impl Dsn {
    /// Runs the command.
    ///
    /// # Errors
    /// Any kind.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Add(add) => add.run(output),
            Self::List(list) => list.run(output),
            Self::Show(show) => show.run(output),
            Self::Edit(edit) => edit.run(output),
            Self::Remove(remove) => remove.run(output),
            Self::Test(test) => test.run(output),
        }
    }
}
