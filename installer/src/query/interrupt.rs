//! Ctrl-C, SIGTERM and SIGHUP: the first stops the traffic and lets the command tell what it gave up, the second ends
//! it at once. Neither leaves the draft of a file behind, or a silent terminal.

use std::io::{self, Write};

use pipedrive_sql::call::Cancel;

use crate::failure::{Failure, Kind};
use crate::files;
use crate::prompt::end_silence;

/// Hears Ctrl-C from now on.
pub(crate) struct Interrupt {
    cancel: Cancel,
}

impl Interrupt {
    /// Starts to listen; once a process, before it has other threads.
    ///
    /// # Errors
    /// `Failure` when the system does not let it.
    pub(crate) fn watch() -> Result<Self, Failure> {
        keep_hangups_ignored();
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
    let _held = files::discard_drafts();
    end_silence();
    drop(writeln!(io::stderr(), "ended at once"));
    std::process::exit(i32::from(Kind::Interrupted.code()));
}

/// Leaves SIGHUP alone where whoever started this command had it ignored, as `nohup` does: the handler that is set next
/// would hear it. Only Linux tells.
fn keep_hangups_ignored() {
    #[cfg(target_os = "linux")]
    if std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangups(&status)) {
        let mut hangups = nix::sys::signal::SigSet::empty();
        hangups.add(nix::sys::signal::Signal::SIGHUP);
        // A mask that could not be set ends the command at a hangup, in order.
        let _ = hangups.thread_block();
    }
}

/// The lowest bit of the mask stands for the first signal, SIGHUP.
#[cfg(target_os = "linux")]
fn ignores_hangups(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
