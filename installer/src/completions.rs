//! `completions`: what a shell needs to complete this command.

use std::io::{self, Write};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::failure::Failure;

/// Print what a shell needs to complete this command
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pipedrive-odbc completions bash > ~/.local/share/bash-completion/completions/pipedrive-odbc"
)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    ///
    /// # Errors
    /// Those of the output.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        // Into memory first: the generator panics where it cannot write.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "pipedrive-odbc", &mut script);
        io::stdout().lock().write_all(&script).map_err(|error| Failure::output(&error))
    }
}
