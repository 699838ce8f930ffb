//! `fork`: the child finds nothing locked that all threads share, so that a new environment works there.
//!
//! Only a thread that holds a lock can give it back, and of its parent's threads a child has but the one that forked. So
//! that one takes those locks before, and gives them back after, on both sides. The locks of single handles are not
//! among them, since a call may hold one for minutes: in the child such handles are refused without looking inside.

#![cfg_attr(unix, expect(unsafe_code, reason = "the C library is told what to call at a fork"))]

/// Has the locks of the process taken care of at every fork from here on.
#[cfg(unix)]
pub(crate) fn prepare() {
    use std::sync::Once;

    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        // SAFETY: the functions stay where they are, since the library is never unloaded, and they do not unwind. The
        // answer is about memory; without any there is nothing to be done, and a fork is as it would have been.
        let _ = unsafe { libc::pthread_atfork(Some(hold), Some(give_back), Some(give_back)) };
    });
}

/// Other systems do not fork.
#[cfg(not(unix))]
pub(crate) const fn prepare() {}

#[cfg(unix)]
use held::{give_back, hold};

#[cfg(unix)]
mod held {
    use std::any::Any;
    use std::cell::RefCell;

    use pipedrive_sql::process::hold_still;

    use crate::handle::HANDLES;

    thread_local! {
        /// What this thread holds while it forks.
        static HELD: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
    }

    /// Before the fork. A thread that is about to end cannot keep anything; its fork is as it would have been.
    pub(super) extern "C" fn hold() {
        let _ = HELD.try_with(|held| {
            if let Ok(mut held) = held.try_borrow_mut() {
                held.push(HANDLES.hold_still());
                held.push(Box::new(hold_still()));
            }
        });
    }

    /// After the fork, in the parent and in the child.
    pub(super) extern "C" fn give_back() {
        let _ = HELD.try_with(|held| held.try_borrow_mut().map(|mut held| held.clear()));
    }
}
