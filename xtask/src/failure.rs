//! What went wrong, in a sentence for the person at the terminal.

use std::fmt;
use std::process::Command;

/// The result of anything here.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// One clear sentence, perhaps with what a program said.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Gives an error of the operating system the sentence that it lacks.
pub(crate) trait Because<T> {
    /// `cannot {attempt}: {error}`.
    fn because(self, attempt: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Because<T> for std::result::Result<T, E> {
    fn because(self, attempt: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Failure::new(format!("cannot {}: {error}", attempt())))
    }
}

/// Runs a command with its output in sight; anything but success is a failure that names it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    let status = command.status().because(|| format!("run `{line}`"))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{line}` failed ({status})"))) }
}

/// Whether a command exists and succeeds; what it says is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// The command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_named() {
        let failure = run(Command::new("false").arg("x")).unwrap_err().to_string();
        assert!(failure.starts_with("`false x` failed"), "{failure}");
        let missing = run(&mut Command::new("no-such-program")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot run `no-such-program`"), "{missing}");
    }
}
