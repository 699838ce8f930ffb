//! What all threads of the process share, how `fork` finds it, what a child does not keep, and who gets signals.
//!
//! A child made by `fork` has one thread. A lock that another thread held at that moment stays locked in the child for
//! ever. So whoever loads this crate into a process that may fork has [`hold_still`] called before and drops its answer
//! after a fork, on both sides: by then nobody is in the middle of anything that is shared.

use std::any::Any;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{api, auth, call, state, trace};

/// A value of the whole process behind a lock.
///
/// The lock is the standard library's: it may be given back in a child, where those who waited for it do not exist. A
/// lock that hands itself on to the one who has waited longest would hand itself to nobody there.
#[derive(Debug, Default)]
pub struct Common<T> {
    value: Mutex<T>,
}

impl<T> Common<T> {
    /// A shared value.
    pub const fn new(value: T) -> Self {
        Self { value: Mutex::new(value) }
    }

    /// Waits for the value. It is whole after a panic elsewhere, too: each change is a single step.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody changes what it holds, until it is dropped on the thread that asked for it. Dropped in a child it closes there
/// what is the parent's alone, too.
pub struct Still {
    held: Vec<Box<dyn Any>>,
    process: u32,
}

impl Drop for Still {
    fn drop(&mut self) {
        self.held.clear();
        if std::process::id() != self.process {
            alone::leave_to_parent();
        }
    }
}

/// Waits until no thread is in the middle of changing what the process shares, and lets none begin.
///
/// Nobody waits for one of these locks while holding another, so their order does not matter. Each is held for moments.
pub fn hold_still() -> Still {
    let held: Vec<Box<dyn Any>> = vec![
        call::hold_still(),
        api::hold_still(),
        state::hold_still(),
        trace::hold_still(),
        auth::hold_still(),
        alone::hold_still(),
    ];
    Still { held, process: std::process::id() }
}

pub(crate) use alone::Alone;

/// Open files that are this process' alone.
///
/// A child made by `fork` has every file of its parent open, and none of the threads that would close them: a lock stays
/// taken, and a port in use, until the child ends, too, however long its parent is gone. So it closes them at once, by
/// number: what owns them there is in the memory of threads that do not exist. The files of a fork at the very moment at
/// which one is opened or closed are kept all the same.
#[cfg(unix)]
mod alone {
    use std::any::Any;
    use std::os::fd::{AsFd, AsRawFd, RawFd};

    use super::Common;

    static FILES: Common<Vec<RawFd>> = Common::new(Vec::new());

    /// A file that no child keeps. Dropped before its file, and by who owns it: the number may be another file's later.
    #[derive(Debug)]
    pub(crate) struct Alone {
        file: RawFd,
        process: u32,
    }

    impl Alone {
        /// This file, from here on.
        pub(crate) fn new(file: &impl AsFd) -> Self {
            let file = file.as_fd().as_raw_fd();
            FILES.lock().push(file);
            Self { file, process: std::process::id() }
        }
    }

    impl Drop for Alone {
        fn drop(&mut self) {
            // A child has closed it, and forgotten that it was there.
            if self.process == std::process::id() {
                FILES.lock().retain(|file| *file != self.file);
            }
        }
    }

    /// Closes them in a child.
    pub(super) fn leave_to_parent() {
        for file in std::mem::take(&mut *FILES.lock()) {
            // There is nothing to be done about one that does not close.
            let _ = nix::unistd::close(file);
        }
    }

    /// Keeps others from opening and closing such files until the answer is dropped.
    pub(super) fn hold_still() -> Box<dyn Any> {
        Box::new(FILES.lock())
    }
}

/// Other systems do not fork.
#[cfg(not(unix))]
mod alone {
    use std::any::Any;

    /// Nothing is to be remembered.
    #[derive(Debug)]
    pub(crate) struct Alone;

    impl Alone {
        /// Nothing is to be remembered.
        pub(crate) const fn new<T>(_file: &T) -> Self {
            Self
        }
    }

    pub(super) const fn leave_to_parent() {}

    pub(super) fn hold_still() -> Box<dyn Any> {
        Box::new(())
    }
}

/// Leaves all signals to the host's own threads, for the thread that calls it: a handler of the host never runs on one of
/// ours, and a connection that the other side has closed does not end the process (SIGPIPE, which comes to the thread that
/// writes). What a thread's own fault raises is not held back.
#[cfg(unix)]
pub(crate) fn leave_signals() {
    use nix::sys::signal::{SigSet, Signal};

    let faults = [Signal::SIGABRT, Signal::SIGBUS, Signal::SIGFPE, Signal::SIGILL, Signal::SIGSEGV];
    let mut signals = SigSet::all();
    for fault in faults.into_iter().chain([Signal::SIGSYS, Signal::SIGTRAP]) {
        signals.remove(fault);
    }
    if let Err(error) = signals.thread_block() {
        tracing::debug!(%error, "signals were not left to the host");
    }
}

/// Other systems send none.
#[cfg(not(unix))]
pub(crate) const fn leave_signals() {}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::call::{Call, runtime};

    #[test]
    fn nobody_starts_anything_while_the_process_is_held_still() {
        runtime().unwrap();
        let still = hold_still();
        let (sender, receiver) = mpsc::channel();
        let caller = thread::spawn(move || sender.send(Call::default().run(async { Ok(1) }).unwrap()).unwrap());
        receiver.recv_timeout(Duration::from_millis(200)).unwrap_err();
        drop(still);
        assert_eq!(receiver.recv_timeout(Duration::from_secs(10)), Ok(1));
        caller.join().unwrap();
    }

    #[test]
    fn a_value_survives_a_panic_of_who_held_it() {
        static VALUE: Common<u8> = Common::new(7);
        let held = thread::spawn(|| {
            let _held = VALUE.lock();
            panic!("a fault, made by a test");
        });
        held.join().unwrap_err();
        assert_eq!(*VALUE.lock(), 7);
    }
}
