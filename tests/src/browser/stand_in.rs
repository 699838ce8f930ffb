//! An `xdg-open` for tests: a folder that stands first in PATH, with a script that hands the address to
//! `pipedrive-sandbox browse`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder with an `xdg-open` that answers the page that it is to open. Its process ends when the person is done, as
/// that of a real one may.
#[derive(Debug)]
pub struct Browser {
    folder: TempDir,
}

impl Browser {
    /// The environment variable that says what the person does: `allow`, which is the default, `deny` or `nothing`.
    pub const ANSWER: &str = "SANDBOX_BROWSER_ANSWER";
    /// The environment variable with the position of the user who signs in; whoever the page offers first without it.
    pub const USER: &str = "SANDBOX_BROWSER_USER";
    /// The environment variable with the PEM file of the authority to trust, for a sandbox that speaks TLS.
    pub const AUTHORITY: &str = "SANDBOX_BROWSER_AUTHORITY";

    /// Makes the folder; `program` is the executable `pipedrive-sandbox`.
    ///
    /// # Errors
    /// When the folder or its files cannot be written.
    pub fn new(program: &Path) -> io::Result<Self> {
        let browser = Self { folder: tempfile::tempdir()? };
        fs::write(browser.record(), "")?;
        let script = script(program, &browser.record());
        let path = browser.folder().join("xdg-open");
        fs::write(&path, script)?;
        executable(&path)?;
        Ok(browser)
    }

    /// The folder that has to stand first in PATH.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The addresses that were opened, in order.
    ///
    /// # Errors
    /// When their record cannot be read.
    pub fn opened(&self) -> io::Result<Vec<String>> {
        Ok(fs::read_to_string(self.record())?.lines().map(str::to_owned).collect())
    }

    fn record(&self) -> PathBuf {
        self.folder.path().join("opened")
    }
}

fn script(program: &Path, record: &Path) -> String {
    let [answer, user, authority] = [Browser::ANSWER, Browser::USER, Browser::AUTHORITY];
    format!(
        "#!/bin/sh\nexec {} browse --record {} --answer \"${{{answer}:-allow}}\" \
         ${{{user}:+--user \"${user}\"}} ${{{authority}:+--authority \"${authority}\"}} -- \"$1\"\n",
        quoted(program),
        quoted(record)
    )
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(unix)]
fn executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::{Browser, quoted};

    #[test]
    fn a_path_is_one_word() {
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
    }

    #[test]
    fn the_script_hands_over_the_address_and_what_the_environment_says() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("it's a program");
        std::fs::write(&program, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n").unwrap();
        super::executable(&program).unwrap();
        let browser = Browser::new(&program).unwrap();
        let url = "http://127.0.0.1:1/oauth/authorize?a=b&c=$(x)";
        let run = |variables: &[(&str, &str)]| {
            let mut command = Command::new(browser.folder().join("xdg-open"));
            let output = command.arg(url).envs(variables.iter().copied()).output().unwrap();
            let words = String::from_utf8(output.stdout).unwrap();
            words.lines().skip(3).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(run(&[]), ["--answer", "allow", "--", url]);
        let told = run(&[(Browser::ANSWER, "deny"), (Browser::USER, "2"), (Browser::AUTHORITY, "/a b")]);
        assert_eq!(told, ["--answer", "deny", "--user", "2", "--authority", "/a b", "--", url]);
        assert!(browser.opened().unwrap().is_empty());
    }
}
