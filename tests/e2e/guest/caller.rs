//! The program of `../../caller/`, run natively or under valgrind.
//!
//! Valgrind's findings count where the driver is on the stack; what is suppressed stands in `valgrind.supp`, each entry
//! with its reason.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Through;
use crate::engine::World;
use crate::manager::driver;

const PROGRAM: &str = env!("CARGO_BIN_EXE_odbc-caller");

/// unixODBC.
const MANAGER: &str = "libodbc.so.2";

/// How valgrind ends a program that has findings; the program itself ends with 1 at most.
const FINDINGS: i32 = 99;

/// The program with its arguments.
pub(super) struct Caller {
    library: String,
    /// The data source that says what the connection string says.
    folder: TempDir,
    arguments: Vec<String>,
    valgrind: bool,
}

impl Caller {
    /// A walk against this sandbox.
    pub(super) fn new(world: &World, walk: &str, through: Through) -> Self {
        let library = match through {
            Through::Driver => driver().to_str().unwrap().to_owned(),
            Through::Manager | Through::Threading(_) => MANAGER.to_owned(),
        };
        let string =
            world.pairs(&[]).iter().fold(format!("Driver={};", driver().display()), |string, (name, value)| {
                format!("{string}{name}={value};")
            });
        let arguments = vec![walk.to_owned(), "--library".into(), library.clone(), "--connection".into(), string];
        let folder = tempfile::tempdir().unwrap();
        let entry = world
            .pairs(&[])
            .iter()
            .fold(format!("[caller]\nDriver={}\n", driver().display()), |entry, (name, value)| {
                format!("{entry}{name}={value}\n")
            });
        std::fs::write(folder.path().join("odbc.ini"), entry).unwrap();
        Self { library, folder, arguments, valgrind: false }
    }

    /// With these arguments, too.
    pub(super) fn with(mut self, arguments: &[impl AsRef<str>]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Under valgrind.
    pub(super) fn under_valgrind(mut self) -> Self {
        self.valgrind = true;
        self
    }

    /// Runs it; what it printed.
    #[track_caller]
    pub(super) fn run(self) -> String {
        let started = Instant::now();
        let output = self.output();
        let (report, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.code() != Some(FINDINGS), "valgrind has findings:\n{errors}");
        assert!(output.status.success(), "{}: {}\n{report}\n{errors}", self.library, output.status);
        assert!(started.elapsed() < LIMIT, "{:?}", started.elapsed());
        report.into_owned()
    }

    fn output(&self) -> Output {
        let mut command = match self.valgrind {
            true => valgrind(),
            false => Command::new(PROGRAM),
        };
        command.args(&self.arguments).env("LC_ALL", "C.UTF-8").env("HOME", self.folder.path());
        command.env("ODBCINI", self.folder.path().join("odbc.ini"));
        command.output().expect("valgrind is missing; run `cargo xtask test`")
    }
}

/// The arguments that name the folder of the reference's tables; `None`, with a line that says so, where the file is not
/// there.
pub(super) fn reference(file: &str) -> Option<[String; 2]> {
    let named = std::env::var("PIPEDRIVE_REFERENCE").map(PathBuf::from);
    let shared = named.unwrap_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let folder = shared.join("odbc/reference");
    if folder.join(file).is_file() {
        return Some(["--reference".into(), folder.to_str().unwrap().into()]);
    }
    // Past the test runner, which keeps what passing tests print to itself.
    let told = format!(
        "SKIPPED: calls compared with the ODBC reference, for there is no {}; PIPEDRIVE_REFERENCE names the folder that \
         has odbc/reference",
        folder.join(file).display()
    );
    drop(writeln!(std::io::stderr(), "{told}"));
    None
}

/// Longest run; the program's own watchdog is quicker where a single call hangs.
const LIMIT: Duration = Duration::from_secs(300);

fn valgrind() -> Command {
    let suppressions = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/guest/valgrind.supp");
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]);
    command.args(["--fair-sched=yes", "--num-callers=40", "--read-var-info=no"]);
    command.arg(format!("--error-exitcode={FINDINGS}")).arg(format!("--suppressions={}", suppressions.display()));
    command.arg(PROGRAM);
    command
}
