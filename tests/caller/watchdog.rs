//! Ends the program when a call does not come back.

use std::process::abort;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

static CALLS: AtomicUsize = AtomicUsize::new(0);

/// A call begins or ends.
pub(crate) fn tick() {
    CALLS.fetch_add(1, Ordering::Relaxed);
}

/// Watches from now on: no call may take longer than this.
pub(crate) fn watch(limit: Duration) {
    thread::spawn(move || {
        let (mut seen, mut since) = (0, Instant::now());
        loop {
            thread::sleep(Duration::from_millis(500));
            let calls = CALLS.load(Ordering::Relaxed);
            if calls != seen {
                (seen, since) = (calls, Instant::now());
            } else if since.elapsed() > limit {
                eprintln!("FAILED: a call hangs; it is number {}", calls.div_ceil(2));
                abort();
            }
        }
    });
}
