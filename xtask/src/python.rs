//! pyodbc and DuckDB in a virtual environment of its own below cargo's target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::build::{root, target_folder};
use crate::failure::{Because, run, succeeds};

/// What goes into the environment, versions pinned.
const REQUIREMENTS: &str = "tests/clients/requirements.txt";

/// The Python that has pyodbc and DuckDB; made when it is missing or when the pinned versions changed.
pub(crate) fn environment() -> Result<PathBuf> {
    let folder = target_folder()?.join("venv");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let requirements = root().join(REQUIREMENTS);
    let wanted = fs::read(&requirements).because(|| format!("read {REQUIREMENTS}"))?;
    let stamp = folder.join("requirements.txt");
    if fs::read(&stamp).is_ok_and(|found| found == wanted) && imports(&python) {
        return Ok(python);
    }
    println!("Making a Python environment with pyodbc and DuckDB in {} ...", folder.display());
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    run(&mut install(&python, &requirements))?;
    run(Command::new(&python).args(["-c", "import pyodbc, duckdb"]))?;
    fs::write(&stamp, wanted).because(|| format!("write {}", stamp.display()))?;
    Ok(python)
}

fn imports(python: &Path) -> bool {
    succeeds(Command::new(python).args(["-c", "import pyodbc, duckdb"]))
}

/// Wheels only: building these needs a C++ compiler.
fn install(python: &Path, requirements: &Path) -> Command {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]);
    pip.arg("--requirement").arg(requirements);
    pip
}
