//! The thread that answers pages for `xdg-open` in the test's own process.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use clap::ValueEnum;

use super::{Answer, browse};

/// How often it looks for a new request.
const PAUSE: Duration = Duration::from_millis(10);

/// A thread that reads requests from a file; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// The files of the thread.
struct Files {
    asked: PathBuf,
    opened: PathBuf,
    failed: PathBuf,
}

impl Watch {
    /// Reads from `asked` one request a line: what the person does, the user's position or nothing, the authority's file
    /// or nothing, the address, with tabs between. Tells in the other files what it opened, and what failed.
    pub(super) fn start(asked: &Path, opened: &Path, failed: &Path) -> Self {
        let files = Files { asked: asked.to_owned(), opened: opened.to_owned(), failed: failed.to_owned() };
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut done = 0;
            while !stopped.load(Ordering::Relaxed) {
                done += files.answer(done);
                std::thread::sleep(PAUSE);
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // It fails only if the thread ended by itself.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Files {
    /// Answers the whole lines behind the first `done`; gives how many these are.
    fn answer(&self, done: usize) -> usize {
        let text = fs::read_to_string(&self.asked).unwrap_or_default();
        let lines = text.split_inclusive('\n').skip(done).filter(|line| line.ends_with('\n'));
        lines.inspect(|line| self.answer_one(line.trim_end_matches('\n'))).count()
    }

    fn answer_one(&self, line: &str) {
        if let Err(problem) = self.answered(line) {
            // Where this cannot be written, a test misses it as much as the answer.
            let _ = append(&self.failed, &problem);
        }
    }

    fn answered(&self, line: &str) -> Result<(), String> {
        let [answer, user, authority, url] =
            line.splitn(4, '\t').collect::<Vec<_>>().try_into().map_err(|_| format!("{line} is no request"))?;
        let answer = Answer::from_str(answer, false)?;
        let user = Some(user).filter(|user| !user.is_empty()).map(str::parse).transpose();
        let user = user.map_err(|_| format!("{line} has no position of a user"))?;
        let authority = Some(Path::new(authority)).filter(|file| !file.as_os_str().is_empty());
        append(&self.opened, url).map_err(|error| error.to_string())?;
        browse(url, user, answer, authority).map_err(|error| error.to_string())
    }
}

fn append(file: &Path, line: &str) -> io::Result<()> {
    OpenOptions::new().append(true).open(file)?.write_all(format!("{line}\n").as_bytes())
}
