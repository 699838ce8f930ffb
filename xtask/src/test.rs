//! `cargo xtask test`: what the tests need, then every test.

use crate::build::{build, cargo};
use crate::failure::run;
use crate::odbc::forget_account;
use crate::{Result, python, tools};

/// Runs every test of the workspace; `arguments` go to the test programs.
pub(crate) fn run_tests(arguments: &[&str]) -> Result<()> {
    let programs = [tools::PYTHON, tools::KEYRING, tools::BROWSER, tools::IODBC, tools::LOCALES, tools::VALGRIND];
    tools::install(&[&[tools::ISQL, tools::ODBCINST, tools::ODBC_FILES], programs.as_slice()].concat())?;
    let python = python::environment()?;
    // A test reads the licences of all packages, also of those that this system does not compile.
    run(cargo().args(["fetch", "--locked"]))?;
    println!("Building the driver, the sandbox and the tests. A first build takes about five minutes.");
    // All targets in one go: built apart from the tests, the driver would have its dependencies compiled twice, since
    // the tests ask some of them for more features.
    let products = build(&["--workspace", "--all-targets"])?;
    let mut test = cargo();
    test.args(["test", "--workspace"]);
    if !arguments.is_empty() {
        test.arg("--").args(arguments);
    }
    forget_account(&mut test);
    run(test.env("PIPEDRIVE_ODBC_DRIVER", products.driver).env("PIPEDRIVE_ODBC_PYTHON", python))
}
