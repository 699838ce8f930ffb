//! What a person types, or a pipe brings. A wait for it ends with the first Ctrl-C or SIGTERM.
//!
//! A read cannot be called off: it is made on a thread of its own, which is left alone when nobody wants it any more. The
//! command ends then.

use std::io::{self, Read};
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
