//! Ctrl-C: the first stops the traffic and lets the command tell what it gave up, the second ends it at once.

use std::io::{self, Write};

use pipedrive_sql::call::Cancel;

use crate::failure::{Failure, Kind};

/// Hears Ctrl-C from now on.
pub(crate) struct Interrupt {
    cancel: Cancel,
}

impl Interrupt {
    /// Starts to listen; once a process.
    ///
    /// # Errors
    /// `Failure` when the system does not let it.
    pub(crate) fn watch() -> Result<Self, Failure> {
        let cancel = Cancel::default();
        let heard = cancel.clone();
        let watched = ctrlc::set_handler(move || {
            if heard.is_cancelled() {
                end();
            }
            heard.cancel();
        });
        watched.map_err(|error| Failure::new(Kind::Failure, format!("cannot listen to Ctrl-C: {error}")))?;
        Ok(Self { cancel })
    }

    /// The switch that it throws.
    pub(crate) const fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}

#[expect(clippy::disallowed_methods, reason = "the process is this command's own, and its user wants it gone")]
fn end() {
    drop(writeln!(io::stderr(), "ended at once"));
    std::process::exit(i32::from(Kind::Interrupted.code()));
}
