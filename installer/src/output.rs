//! The one way out: values on standard output, everything else on standard error; for people, or as JSON.
//!
//! With `--json` standard output holds one JSON document (of `query`: the rows in its format), and each line of
//! standard error is an object: `{"warning": text}`, `{"note": text}`, `{"address": text}`, `{"summary": {...}}` or
//! `{"error": {"kind", "message"}}`. An error never goes to standard output, where half of a result may stand. People read
//! all of standard error as [`visible`] shows it, since a host, a file or a data source may have a say in it.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use pipedrive_sql::call::Cancel;
use serde::Serialize;
use serde_json::json;

use crate::arguments::Consent;
use crate::failure::{Failure, Kind};
use crate::prompt;

/// How a command speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
}

/// A command's value: serialized for programs, shown to people.
pub(crate) trait Show: Serialize {
    /// Writes it for people, line by line.
    ///
    /// # Errors
    /// Those of `out`.
    fn show(&self, out: &mut dyn Write) -> io::Result<()>;
}

impl Output {
    /// JSON or text; `quiet` leaves warnings and notes out.
    pub(crate) const fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Whether programs read it.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// Whether warnings and notes are left out.
    pub(crate) const fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Writes a command's value.
    ///
    /// # Errors
    /// Those of the output.
    pub(crate) fn value(self, value: &impl Show) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = if self.json {
            let text = serde_json::to_string_pretty(value).map_err(io::Error::other);
            text.and_then(|text| writeln!(out, "{text}"))
        } else {
            value.show(&mut out)
        };
        written.and_then(|()| out.flush()).map_err(|error| Failure::output(&error))
    }

    /// Writes what was done. People who asked for quiet see by the exit code that it was.
    ///
    /// # Errors
    /// Those of the output.
    pub(crate) fn done(self, value: &impl Show) -> Result<(), Failure> {
        if self.quiet && !self.json { Ok(()) } else { self.value(value) }
    }

    /// Tells of something that is probably not meant.
    pub(crate) fn warning(self, text: &str) {
        if !self.quiet {
            self.line("warning", text);
        }
    }

    /// Tells something good to know.
    pub(crate) fn note(self, text: &str) {
        match (self.quiet, self.json) {
            (true, _) => {}
            (false, true) => self.line("note", text),
            (false, false) => say(&visible(text)),
        }
    }

    /// Asks for a line, where somebody sits at a terminal.
    pub(crate) fn ask(self, question: &str) {
        drop(write!(io::stderr().lock(), "{question}"));
    }

    /// Tells the address that a person has to open; not even `quiet` leaves that out.
    pub(crate) fn address(self, address: &str) {
        if self.json {
            self.line("address", address);
        } else {
            say(&format!("\n  {address}\n"));
        }
    }

    /// Tells what was done, for people in a line and for programs as `{"summary": {...}}`.
    pub(crate) fn summary<T: Serialize + fmt::Display>(self, summary: &T) {
        match (self.quiet, self.json) {
            (true, _) => {}
            (false, true) => say(&json!({ "summary": summary }).to_string()),
            (false, false) => say(&visible(&summary.to_string())),
        }
    }

    /// Tells why the command ends. Not even `quiet` leaves that out.
    pub(crate) fn failure(self, failure: &Failure) {
        match failure.kind() {
            Kind::ClosedPipe => {}
            kind if self.json => {
                say(&json!({"error": {"kind": kind.name(), "message": failure.to_string()}}).to_string());
            }
            _ => self.line("error", &failure.to_string()),
        }
    }

    fn line(self, what: &str, text: &str) {
        if self.json {
            say(&json!({ what: text }).to_string());
        } else {
            say(&format!("{what}: {}", visible(text)));
        }
    }

    /// Asks before something is removed or spent; without a terminal there is nobody to ask. `cancel` is that of the
    /// command's [`Interrupt`](crate::query::Interrupt): one that has none is ended by Ctrl-C anyway.
    ///
    /// # Errors
    /// `Usage` without a terminal and without consent, `Failure` when the answer is no, `Interrupted` on Ctrl-C.
    pub(crate) fn confirm(self, consent: Consent, question: &str, cancel: &Cancel) -> Result<(), Failure> {
        if consent.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            let text = format!("{question} There is no terminal to ask on: say --yes to go on");
            return Err(Failure::usage(text));
        }
        // A prompt that cannot be written is not answered either.
        let asked = write!(io::stderr().lock(), "{} [y/N] ", visible(question));
        match asked.map_err(|error| Failure::output(&error)).and_then(|()| prompt::line(cancel)) {
            Ok(answer) if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) => Ok(()),
            Err(failure) if failure.kind() == Kind::Interrupted => {
                // The question is not ended by anybody's Enter.
                say("");
                Err(Failure::new(Kind::Interrupted, "stopped; nothing was done"))
            }
            _ => Err(Failure::new(Kind::Failure, "nothing was done")),
        }
    }
}

/// A line on standard error. Where that is closed, there is no other place to complain.
fn say(text: &str) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Writes rows of text with aligned columns, two blanks between them. Cells may hold what a host told: they are written
/// as [`visible`] shows them.
///
/// # Errors
/// Those of `out`.
pub(crate) fn columns<const N: usize>(out: &mut dyn Write, rows: &[[String; N]]) -> io::Result<()> {
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| visible(cell))).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width_of(cell)).max();
    let widths: Vec<usize> = (0..N).map(|column| width(column).unwrap_or_default()).collect();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - width_of(cell) + 2));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The text without signs that could move the cursor, end the line or turn the direction of writing: they are written
/// as escapes. [Bidirectional controls](https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters)
pub(crate) fn visible(text: &str) -> String {
    let is_shown =
        |letter: char| !letter.is_control() && !matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let escape = |letter: char| if is_shown(letter) { letter.to_string() } else { letter.escape_default().to_string() };
    if text.chars().all(is_shown) { text.to_owned() } else { text.chars().map(escape).collect() }
}

/// Places that a text takes on a terminal.
pub(crate) fn width_of(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_deceive_cannot_reach_the_terminal() {
        assert_eq!(visible("a\u{1b}[2Jb\tc"), "a\\u{1b}[2Jb\\tc");
        assert_eq!(visible("Zoë 🦀 עברית"), "Zoë 🦀 עברית");
        for letter in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
            assert_eq!(visible(&format!("a{letter}b")), format!("a\\u{{{:x}}}b", u32::from(letter)));
        }
        let mut out = Vec::new();
        columns(&mut out, &[["a\u{1b}[2J\u{202e}".into(), "b".into()], ["c".into(), "d".into()]]).unwrap();
        let expected = format!("a\\u{{1b}}[2J\\u{{202e}}  b\nc{}d\n", " ".repeat(19));
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
