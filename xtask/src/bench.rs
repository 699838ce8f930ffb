//! `cargo xtask bench`: figures of the optimised driver, each beside what it is compared with in the same run.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::build::{build, cargo};
use crate::failure::{Because, run};
use crate::odbc::forget_account;
use crate::{Failure, Result, tools};

/// The benchmarks of `tests/benches`.
const BENCHES: [&str; 2] = ["decode", "scan"];
/// What the library may have on disk and packed, in MB.
const INSTALLED: f64 = 60.0;
const PACKED: f64 = 15.0;

/// Builds what ships and runs every benchmark; fails when one fails, after all have run.
pub(crate) fn bench() -> Result<()> {
    tools::install(&[tools::ODBC_FILES])?;
    println!("Building the driver and the benchmarks as they ship. A first build takes a quarter of an hour.");
    let packages = ["--package", "pipedrive-odbc-driver", "--package", "pipedrive-odbc-tests"];
    let benches = BENCHES.iter().flat_map(|name| ["--bench", name]);
    let targets: Vec<&str> = ["--release", "--lib", "--bins"].into_iter().chain(packages).chain(benches).collect();
    let products = build(&targets)?;
    println!();
    let outcomes: Vec<Result<()>> = BENCHES
        .iter()
        .map(|name| {
            let mut bench = cargo();
            bench.args(["bench", "--quiet", "--package", "pipedrive-odbc-tests", "--bench", name]);
            forget_account(&mut bench);
            let outcome = run(bench.env("PIPEDRIVE_ODBC_DRIVER", &products.driver));
            println!();
            outcome
        })
        .chain([size(&products.driver)])
        .collect();
    outcomes.into_iter().collect()
}

/// Prints what the library weighs.
fn size(driver: &Path) -> Result<()> {
    let bytes = fs::metadata(driver).because(|| format!("look at {}", driver.display()))?.len();
    let packed = packed(driver);
    println!("The library, profile release");
    println!("  on disk               {:6.1} MB     (wanted: {INSTALLED} or less)", megabytes(bytes));
    match packed {
        Some(bytes) => println!("  packed by xz          {:6.1} MB     (wanted: {PACKED} or less)", megabytes(bytes)),
        None => println!("  packed by xz          not known: there is no xz"),
    }
    if megabytes(bytes) > INSTALLED || packed.is_some_and(|bytes| megabytes(bytes) > PACKED) {
        return Err(Failure::new("the library is too large"));
    }
    Ok(())
}

/// Bytes that xz makes of a file; `None` without xz.
fn packed(file: &Path) -> Option<u64> {
    let output = Command::new("xz").args(["--stdout", "--keep"]).arg(file).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| u64::try_from(output.stdout.len()).ok()).flatten()
}

fn megabytes(bytes: u64) -> f64 {
    // Exact for any file that there is.
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_too_large_fails() {
        let file = std::env::temp_dir().join(format!("pipedrive-odbc-size-{}", std::process::id()));
        fs::File::create(&file).unwrap().set_len(61_000_000).unwrap();
        assert!(size(&file).is_err());
        fs::File::create(&file).unwrap().set_len(59_000_000).unwrap();
        assert!(size(&file).is_ok());
        fs::remove_file(&file).unwrap();
    }
}
