//! Packages of the operating system: installed through apt-get where that may be done, else told.

use std::io::{IsTerminal, stdin};
use std::process::Command;

use crate::failure::{line, run, succeeds};
use crate::tools::{Tool, names};
use crate::{Failure, Result};

/// How a command may change the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Privilege {
    Root,
    /// Through sudo, which asks for no password.
    Sudo,
    /// Through sudo, which asks the person at the terminal.
    SudoAsks,
}

/// Installs the packages of `tools`.
///
/// # Errors
/// Without apt-get, or without the right to use it: the lines to type. Otherwise what apt-get could not do.
pub(crate) fn install(tools: &[Tool]) -> Result<()> {
    if !succeeds(Command::new("apt-get").arg("--version")) {
        return Err(by_hand(tools));
    }
    let Some(privilege) = privilege() else { return Err(by_hand(tools)) };
    let packages = packages(tools, |tool| tool.apt);
    let commands = [apt_get(privilege, &["update"]), apt_get(privilege, &[&INSTALL, packages.as_slice()].concat())];
    for mut command in commands {
        println!("$ {}", line(&command));
        run(&mut command)?;
    }
    Ok(())
}

const INSTALL: [&str; 3] = ["install", "--yes", "--no-install-recommends"];

/// Waits for another apt-get rather than failing, and asks no questions.
fn apt_get(privilege: Privilege, arguments: &[&str]) -> Command {
    let mut words = match privilege {
        Privilege::Root => vec!["env"],
        Privilege::Sudo => vec!["sudo", "-n", "env"],
        Privilege::SudoAsks => vec!["sudo", "env"],
    };
    words.extend(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=120"]);
    words.extend(arguments);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

fn privilege() -> Option<Privilege> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout.trim_ascii() == b"0" {
        return Some(Privilege::Root);
    }
    let sudo = |arguments: &[&str]| succeeds(Command::new("sudo").args(arguments));
    match sudo(&["-n", "true"]) {
        true => Some(Privilege::Sudo),
        false => (stdin().is_terminal() && sudo(&["--version"])).then_some(Privilege::SudoAsks),
    }
}

/// The lines to type, for every package manager that is known here.
fn by_hand(tools: &[Tool]) -> Failure {
    let list = |of: fn(&Tool) -> &'static [&'static str]| packages(tools, of).join(" ");
    Failure::new(format!(
        "{} must be installed first, and this program may not do it. Type one of these, then start again:\n\
         \n  sudo apt-get update && sudo apt-get install {}      (Debian, Ubuntu)\
         \n  sudo dnf install {}      (Fedora, RHEL)\
         \n  brew install {}      (macOS)",
        names(tools),
        list(|tool| tool.apt),
        list(|tool| tool.dnf),
        list(|tool| tool.brew),
    ))
}

/// The packages of `tools`, each once.
fn packages(tools: &[Tool], of: fn(&Tool) -> &'static [&'static str]) -> Vec<&'static str> {
    let mut packages: Vec<_> = tools.iter().flat_map(of).copied().collect();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::{ISQL, ODBC_FILES, PYTHON};

    #[test]
    fn the_lines_to_type_name_every_package_once() {
        let text = by_hand(&[ISQL, ODBC_FILES, PYTHON]).to_string();
        assert!(text.contains("apt-get install unixodbc unixodbc-dev python3 python3-venv "), "{text}");
        assert!(text.contains("dnf install unixODBC unixODBC-devel python3 "), "{text}");
        assert!(text.contains("brew install unixodbc python "), "{text}");
    }

    #[test]
    fn sudo_passes_the_environment_on() {
        let command = apt_get(Privilege::Sudo, &["update"]);
        assert!(
            line(&command).starts_with("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get "),
            "{}",
            line(&command)
        );
        for (privilege, start) in [(Privilege::Root, "env "), (Privilege::SudoAsks, "sudo env ")] {
            let line = line(&apt_get(privilege, &["update"]));
            assert!(line.starts_with(&format!("{start}DEBIAN_FRONTEND=noninteractive apt-get ")), "{line}");
        }
    }
}
