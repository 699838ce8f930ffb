//! Opening an address in the browser of this desktop, by the programs that desktops have for that.
//!
//! What is started lives on without this process: nothing of its input and output is shared, a Ctrl-C for the program that
//! signs in is not for the browser, and no secret of the environment goes with it.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::leave_signals;
use crate::settings::without_secrets;

/// How long a program that opens addresses is watched: one that fails does so soon (xdg-open tries several browsers, which
/// takes it a quarter of a second without a display), and one that goes on may have become the browser.
const WATCHED: Duration = Duration::from_secs(1);
/// How often it is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(10);

/// Opens `address` with the first of the desktop's programs that is there and does not fail soon. May block for some
/// time: the programs are asked one after the other.
///
/// # Errors
/// Why the first one failed that was there; that none is there.
pub(super) fn open(address: &str) -> io::Result<()> {
    let (mut failure, mut missing) = (None, None);
    for mut command in ::open::commands(address) {
        match start(&mut command).and_then(watched) {
            Ok(status) if status.is_none_or(|status| status.success()) => return Ok(()),
            Ok(_) => {
                failure.get_or_insert_with(|| io::Error::other("the program that opens addresses failed"));
                // Others cannot tell a failure from the address being open already.
                if cfg!(any(windows, target_os = "macos")) {
                    break;
                }
            }
            Err(error) => missing = Some(error),
        }
    }
    Err(failure.or(missing).unwrap_or_else(|| io::ErrorKind::NotFound.into()))
}

fn start(command: &mut Command) -> io::Result<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    apart(without_secrets(command));
    command.spawn()
}

/// A group of its own, which no signal of our terminal reaches.
#[cfg(unix)]
fn apart(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

/// CREATE_NO_WINDOW and CREATE_NEW_PROCESS_GROUP.
#[cfg(windows)]
fn apart(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    command.creation_flags(0x0800_0000 | 0x0000_0200);
}

/// How it ended; `None` for one that goes on, whose end is waited for on a thread, so that it leaves no zombie.
fn watched(mut child: Child) -> io::Result<Option<ExitStatus>> {
    let end = Instant::now() + WATCHED;
    while Instant::now() < end {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(GLANCE);
    }
    let wait = move || {
        leave_signals();
        drop(child.wait());
    };
    // Without a thread it is a zombie until this process ends, which harms nobody.
    drop(thread::Builder::new().name("pipedrive-odbc-opened".to_owned()).spawn(wait));
    Ok(None)
}
