//! The file of a log: one write a line, so that several processes may share it.
//!
//! A line is written under a lock on the file, by a process that has made sure that the file is still the one of that
//! name. So a full file can be renamed under the lock, and nobody writes into one that was renamed before. A log never
//! fails a call: where the lock does not come, the line is written without it; where the disk is full, it is lost.

use std::any::Any;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::process::Common;

use super::checks::{MAGIC, found, has_harmless_name, is_replaceable, open_ours, resolved};

/// Longest wait for another process that writes; it needs microseconds unless it was stopped.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two looks at the lock.
const PAUSE: Duration = Duration::from_micros(200);
/// Times that a line looks for the file of its name.
const TRIES: usize = 8;

/// A log file of this process.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    limit: u64,
    process: u32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// The last write ended within a line.
    torn: bool,
    /// The lock came when it was last waited for.
    patient: bool,
}

/// Live ones: connections with the same file share it.
static OPEN: Common<Vec<Weak<LogFile>>> = Common::new(Vec::new());

/// Keeps others from opening a log until the answer is dropped.
pub(super) fn hold_still() -> Box<dyn Any> {
    Box::new(OPEN.lock())
}

impl LogFile {
    /// The file at `path`, which is set aside when it would exceed `limit` bytes; an error says why it is not to be.
    pub(super) fn open(path: &Path, limit: u64) -> Result<Arc<Self>, String> {
        check_name(path)?;
        let file = open_ours(path).map_err(|error| error.to_string())?;
        let (path, process) = (resolved(path), std::process::id());
        let mut open = OPEN.lock();
        open.retain(|file| file.strong_count() > 0);
        let shared = |file: &Arc<Self>| file.path == path && file.limit == limit && file.process == process;
        if let Some(known) = open.iter().filter_map(Weak::upgrade).find(shared) {
            return Ok(known);
        }
        let state = Mutex::new(State { file, torn: false, patient: true });
        let log = Arc::new(Self { path, limit, process, state });
        open.push(Arc::downgrade(&log));
        Ok(log)
    }

    /// Appends a line, its end included.
    pub(super) fn write(&self, line: &str) {
        // A child that was forked has files of its own; this one is its parent's.
        if self.process == std::process::id() {
            self.append(&mut self.state.lock(), line);
        }
    }

    fn append(&self, state: &mut State, line: &str) {
        for _ in 0..TRIES {
            let locked = lock(&state.file, if state.patient { PATIENCE } else { Duration::ZERO });
            state.patient = locked;
            let next = self.step(state, line, locked);
            if locked {
                // Closing the file would end the lock, too.
                drop(state.file.unlock());
            }
            match next {
                Step::Written => return,
                Step::Again(file) => state.file = file,
            }
        }
        put(state, line);
    }

    /// Writes the line, or says which file to try it with.
    fn step(&self, state: &mut State, line: &str, locked: bool) -> Step {
        let named = is_named(&state.file, &self.path);
        if !named {
            // What took its place may be somebody else's; then the line stays with the file that was renamed.
            if let Ok(file) = open_ours(&self.path) {
                return Step::Again(file);
            }
        }
        let size = state.file.metadata().map_or(0, |metadata| metadata.len());
        if size == 0 {
            put(state, &header());
        } else if locked && named && self.is_full(size, line) {
            if let Some(file) = self.set_aside() {
                return Step::Again(file);
            }
            if state.file.set_len(0).is_ok() {
                put(state, &header());
                put(state, "# Older lines are lost: the file could not be renamed to end in .1\n");
            }
        }
        put(state, line);
        Step::Written
    }

    fn is_full(&self, size: u64, line: &str) -> bool {
        let has_lines = usize::try_from(size).is_ok_and(|size| size > header().len());
        has_lines && size.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX)) > self.limit
    }

    /// Renames the file to `.1`, and that one before to `.2`, if these are ours; the new file, or `None` if they are not.
    fn set_aside(&self) -> Option<File> {
        let [first, second] = [".1", ".2"].map(|end| {
            let mut path = self.path.clone().into_os_string();
            path.push(end);
            PathBuf::from(path)
        });
        if !is_replaceable(&first) || !is_replaceable(&second) {
            return None;
        }
        match fs::rename(&first, &second) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return None,
            _ => {}
        }
        fs::rename(&self.path, &first).ok()?;
        open_ours(&self.path).ok()
    }
}

/// The size of a log that is there, `None` for one that would be made; an error says why none could be written. Opens
/// what is there as writing would, and changes nothing.
///
/// # Errors
/// The reason, in words.
pub fn look(path: &Path) -> Result<Option<u64>, String> {
    check_name(path)?;
    let found = found(path).map_err(|error| error.to_string())?;
    let folder = path.parent().is_some_and(Path::is_dir);
    if found.is_none() && !folder { Err("its folder does not exist".to_owned()) } else { Ok(found) }
}

fn check_name(path: &Path) -> Result<(), String> {
    if !path.is_absolute() {
        return Err("it takes the absolute path of a file".to_owned());
    }
    if !has_harmless_name(path) {
        return Err("its name has to end in .log or .txt, which no program takes for its settings".to_owned());
    }
    Ok(())
}

/// What a try to write a line came to.
enum Step {
    Written,
    /// Another file has the name.
    Again(File),
}

/// One write: the system puts it at the end whole, whoever else writes.
fn put(state: &mut State, line: &str) {
    let ended = if state.torn { format!("\n{line}") } else { String::new() };
    let bytes = if state.torn { ended.as_bytes() } else { line.as_bytes() };
    loop {
        match state.file.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) | Ok(0) => return,
            Ok(count) => {
                state.torn = count < bytes.len();
                return;
            }
        }
    }
}

fn header() -> String {
    let (version, system, machine) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    format!("{MAGIC} driver {version}, {system} {machine}; time, process, connection, verbosity, text\n")
}

/// Waits for the lock; `false` when it does not come, or this file system has none.
fn lock(file: &File, patience: Duration) -> bool {
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return true,
            Err(TryLockError::WouldBlock) if start.elapsed() < patience => thread::sleep(PAUSE),
            Err(_) => return false,
        }
    }
}

/// Whether the open file is the one of this name.
#[cfg(unix)]
fn is_named(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = |file: fs::Metadata, named: fs::Metadata| file.dev() == named.dev() && file.ino() == named.ino();
    file.metadata().is_ok_and(|file| fs::metadata(path).is_ok_and(|named| same(file, named)))
}

/// Whether the open file is the one of this name: it has the same size, which a full file and its successor have not.
#[cfg(not(unix))]
fn is_named(file: &File, path: &Path) -> bool {
    file.metadata().is_ok_and(|file| fs::metadata(path).is_ok_and(|named| file.len() == named.len()))
}
