//! What a person types, or a pipe brings. A wait for it ends with the first Ctrl-C or SIGTERM.
//!
//! A read cannot be called off: it is made on a thread of its own, which is left alone when nobody wants it any more. The
//! command ends then. The terminal of a hidden prompt is put right by whoever ends it: nobody leaves the thread to do it.

use std::io::{self, Read, Write};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use pipedrive_sql::call::Cancel;

use crate::failure::{Failure, Kind};

/// Bytes beyond which a line is neither a secret nor an address nor an answer.
const LONGEST: usize = 8192;
/// How often a read that waits looks whether it is still wanted.
const GLANCE: Duration = Duration::from_millis(50);

/// The next line of standard input.
///
/// # Errors
/// `Interrupted` when it is called off, `Usage` for what is too long or no text, `Failure` for what cannot be read.
pub(crate) fn line(cancel: &Cancel) -> Result<String, Failure> {
    waited(cancel, next_line)?
}

/// A line that is typed unseen, after `question` on the terminal; `instead` is the option that needs none.
///
/// # Errors
/// `Interrupted` on Ctrl-C and SIGTERM, `Usage` on Ctrl-D, `Failure` for a terminal that cannot be read.
pub(crate) fn hidden(question: String, instead: &str, cancel: &Cancel) -> Result<String, Failure> {
    silence::remember();
    let typed = waited(cancel, move || rpassword::prompt_password(question));
    silence::end();
    match typed {
        Ok(typed) => typed.map_err(|error| unread(&error, instead)),
        Err(failure) => {
            // The question is not ended by anybody's Enter.
            drop(writeln!(io::stderr()));
            Err(failure)
        }
    }
}

/// Puts the terminal right that a hidden prompt has silenced, for a process that ends within it.
pub(crate) fn end_silence() {
    silence::end();
}

/// Why a prompt came to nothing.
fn unread(error: &io::Error, instead: &str) -> Failure {
    match error.kind() {
        io::ErrorKind::Interrupted => Failure::new(Kind::Interrupted, "nothing was given; nothing was sent"),
        // Ctrl-D.
        io::ErrorKind::UnexpectedEof => Failure::usage("nothing was given; nothing was sent"),
        _ => Failure::new(Kind::Failure, format!("the terminal cannot be read: {error}; use {instead}")),
    }
}

/// What `read` gives, unless it is called off before.
///
/// # Errors
/// `Interrupted` when it is.
pub(crate) fn waited<T: Send + 'static>(
    cancel: &Cancel,
    read: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || drop(sender.send(read())));
    loop {
        match receiver.recv_timeout(GLANCE) {
            Ok(given) => return Ok(given),
            Err(RecvTimeoutError::Timeout) if !cancel.is_cancelled() => {}
            Err(RecvTimeoutError::Timeout) => {
                return Err(Failure::new(Kind::Interrupted, "stopped; nothing was sent"));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::new(Kind::Failure, "what is typed cannot be read"));
            }
        }
    }
}

/// Byte by byte: what stands behind the line is for the next call.
fn next_line() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    for byte in io::stdin().lock().bytes() {
        match byte {
            Ok(b'\n') => break,
            Ok(byte) => bytes.push(byte),
            Err(error) => return Err(Failure::new(Kind::Failure, format!("standard input cannot be read: {error}"))),
        }
        if bytes.len() > LONGEST {
            return Err(Failure::usage("the line of standard input is too long; nothing was sent"));
        }
    }
    String::from_utf8(bytes).map_err(|_| Failure::usage("standard input is no text; nothing was sent"))
}

/// How the terminal was before a prompt silenced it.
#[cfg(unix)]
mod silence {
    use std::fs::File;
    use std::sync::{Mutex, PoisonError};

    use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

    /// The terminal of the process, which the prompt uses, too.
    const TERMINAL: &str = "/dev/tty";

    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    /// Looks how the terminal is.
    pub(super) fn remember() {
        let before = File::open(TERMINAL).ok().and_then(|terminal| tcgetattr(terminal).ok());
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = before;
    }

    /// Makes it so again, once.
    pub(super) fn end() {
        let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(before), Ok(terminal)) = (before, File::open(TERMINAL)) {
            // A terminal that is gone needs nothing.
            let _ = tcsetattr(terminal, SetArg::TCSANOW, &before);
        }
    }
}

/// Other systems give a console back by themselves.
#[cfg(not(unix))]
mod silence {
    /// Nothing is to be remembered.
    pub(super) const fn remember() {}

    /// Nothing is to be done.
    pub(super) const fn end() {}
}
