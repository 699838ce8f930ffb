//! The driver's library: whether it is there, whole, for this computer, and of the command's version.

use std::fs;
use std::path::{Path, PathBuf};

use super::finding::Finding;
use super::patient::Patient;
use super::{dependencies, manager};
use crate::elf::Elf;
use crate::{library, places};

/// Functions without which driver managers or applications cannot work.
const FUNCTIONS: &[&str] = &[
    "SQLAllocHandle",
    "SQLFreeHandle",
    "SQLFreeStmt",
    "SQLSetEnvAttr",
    "SQLDriverConnectW",
    "SQLConnectW",
    "SQLDisconnect",
    "SQLPrepareW",
    "SQLExecDirectW",
    "SQLExecute",
    "SQLNumResultCols",
    "SQLDescribeColW",
    "SQLColAttributeW",
    "SQLBindCol",
    "SQLBindParameter",
    "SQLFetch",
    "SQLFetchScroll",
    "SQLGetData",
    "SQLMoreResults",
    "SQLCloseCursor",
    "SQLCancel",
    "SQLGetDiagRecW",
    "SQLGetDiagFieldW",
    "SQLGetInfoW",
    "SQLGetFunctions",
    "SQLGetTypeInfoW",
    "SQLTablesW",
    "SQLColumnsW",
];

/// Looks at every library that is registered, or at the one that would be.
pub(super) fn look(_: &mut Patient) -> Vec<Finding> {
    let mut libraries: Vec<PathBuf> = manager::entries().into_iter().filter_map(|entry| entry.library).collect();
    if libraries.is_empty() {
        libraries.extend(places::library_candidates().into_iter().find(|path| path.is_file()));
    }
    libraries.sort();
    libraries.dedup();
    if libraries.is_empty() {
        let text = "the driver's library was not found beside this command or in a usual folder";
        return vec![Finding::problem(
            text,
            "install the driver's package, or name the file: pipedrive-odbc install --driver FILE",
        )];
    }
    libraries.iter().flat_map(|path| examine(path)).collect()
}

fn examine(path: &Path) -> Vec<Finding> {
    let name = path.display().to_string();
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let text = format!("{name} cannot be read: {error}");
            return vec![Finding::problem(text, manager::unreadable(&error))];
        }
    };
    if let Some(fault) = library::fault(&bytes) {
        let cure = "install the driver's package for this computer, then: pipedrive-odbc install --driver FILE";
        return vec![Finding::problem(format!("{name} is not the Pipedrive ODBC driver: {fault}"), cure)];
    }
    let mut findings = vec![version(&name, &bytes)];
    if let Some(elf) = Elf::read(&bytes) {
        findings.push(functions(&elf));
        findings.extend(needs(path, &elf));
    }
    findings
}

fn version(name: &str, bytes: &[u8]) -> Finding {
    let (own, machine) = (env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    let cure = "install driver and command from the same package";
    match library::version(bytes) {
        Some(version) if version == own => Finding::ok(format!("{name}, version {version}, {machine}")),
        Some(version) => Finding::warning(format!("{name} has version {version}, this command {own}"), cure),
        None => Finding::warning(format!("{name} does not tell its version, this command has {own}"), cure),
    }
}

fn functions(elf: &Elf<'_>) -> Finding {
    let exported: Vec<_> = elf.exported().filter(|name| name.starts_with(b"SQL")).collect();
    let lacks: Vec<_> = FUNCTIONS.iter().copied().filter(|name| !exported.contains(&name.as_bytes())).collect();
    match lacks.is_empty() {
        true => Finding::ok(format!("it offers {} functions of ODBC", exported.len())),
        false => Finding::problem(
            format!("it does not offer {}", lacks.join(", ")),
            "the file is damaged or incomplete: install the driver's package anew",
        ),
    }
}

fn needs(path: &Path, elf: &Elf<'_>) -> Vec<Finding> {
    let missing = dependencies::missing(path, elf);
    if missing.is_empty() {
        return vec![Finding::ok(format!("the {} libraries that it needs are here", elf.needed().len()))];
    }
    let problem = |name: &String| {
        Finding::problem(format!("{} needs {name}, which is not here", path.display()), dependencies::cure(name))
    };
    missing.iter().map(problem).collect()
}
