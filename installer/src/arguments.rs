//! The command line: every command, and what all of them take.

use clap::{Args, Parser, Subcommand};

use crate::failure::{EXITS, Failure};
use crate::output::Output;
use crate::{completions, doctor, dsn, fields, install, query, signin};

/// Pipedrive as a SQL database, through ODBC
#[derive(Debug, Parser)]
#[command(name = "pipedrive-odbc", version, after_help = after_help(), arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Answer in JSON; errors and warnings are JSON lines on stderr
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing on stderr but errors, and the address without which nobody could go on
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Register the driver with unixODBC and iODBC
    Install(install::Install),
    /// Take the driver's registration back
    Uninstall(install::Uninstall),
    /// Add, list, show, edit, remove and test data sources
    #[command(subcommand)]
    Dsn(dsn::Dsn),
    /// Sign in: prove an API token and keep it in the keyring, or sign in by OAuth
    Login(signin::Login),
    /// Forget the sign-in that is kept: the API token in the keyring, the sign-in by OAuth
    Logout(signin::Logout),
    /// Tell which sign-in a connection uses, whose it is, and what is left of the day
    Status(signin::Status),
    /// Carry the names of custom columns to another machine
    #[command(subcommand)]
    Fields(fields::Fields),
    /// Run a SQL statement and print its rows
    Query(query::Query),
    /// Find out what is wrong, and what helps
    Doctor(doctor::Doctor),
    /// Print what a shell needs to complete this command
    Completions(completions::Completions),
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// Any kind.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        match self.command {
            Command::Install(install) => install.run(output),
            Command::Uninstall(uninstall) => uninstall.run(output),
            Command::Dsn(dsn) => dsn.run(output),
            Command::Login(login) => login.run(output),
            Command::Logout(logout) => logout.run(output),
            Command::Status(status) => status.run(output),
            Command::Fields(fields) => fields.run(output),
            Command::Query(query) => query.run(output),
            Command::Doctor(doctor) => doctor.run(output),
            Command::Completions(completions) => completions.run(),
        }
    }
}

/// Whose files a command changes.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ScopeArguments {
    /// This user's files
    #[arg(long, conflicts_with = "system")]
    pub(crate) user: bool,
    /// The files of everybody on this computer
    #[arg(long)]
    pub(crate) system: bool,
}

/// The word that lets something be destroyed without a question.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Consent {
    /// Do not ask before something is removed
    #[arg(long, short)]
    pub(crate) yes: bool,
}

fn after_help() -> String {
    let exits = EXITS.iter().map(|exit| format!("\n  {:<4} {}", exit.code, exit.meaning));
    let exits: String = std::iter::once("\n  0    success".to_owned()).chain(exits).collect();
    format!(
        "Examples:
  pipedrive-odbc install
  pipedrive-odbc dsn add Sales CompanyDomain=acme
  pipedrive-odbc login --dsn Sales
  pipedrive-odbc dsn test Sales
  pipedrive-odbc query --dsn Sales \"SELECT id, title FROM deals\" > deals.csv
  pipedrive-odbc doctor

Exit codes:{exits}"
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_documentation_has_every_command() {
        let text = include_str!("../../docs/command.md");
        for command in Arguments::command().get_subcommands() {
            let name = command.get_name();
            assert!(text.contains(&format!("pipedrive-odbc {name}")), "docs/command.md lacks {name}");
            for own in command.get_subcommands() {
                let name = format!("pipedrive-odbc {name} {}", own.get_name());
                assert!(text.contains(&name), "docs/command.md lacks {name}");
            }
        }
    }
}
