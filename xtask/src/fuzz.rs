//! `cargo xtask fuzz`: random statements, as the equivalence tests ask them, and more of them.

use crate::build::cargo;
use crate::failure::run;
use crate::odbc::forget_account;
use crate::{Failure, Result, python, tools};

/// Statements unless the command line says otherwise.
const STATEMENTS: &str = "10000";

/// What the test program is told by its environment.
#[derive(Debug, PartialEq, Eq)]
struct Asked<'a> {
    seed: &'a str,
    statements: &'a str,
    mode: &'a str,
}

/// Runs the tests of `tests/e2e/equivalence` with these numbers.
pub(crate) fn fuzz(arguments: &[&str]) -> Result<()> {
    let asked = read(arguments)?;
    tools::install(&[tools::ODBC_FILES, tools::PYTHON])?;
    let python = python::environment()?;
    let mut test = cargo();
    test.args(["test", "--package", "pipedrive-odbc-tests", "--test", "e2e", "equivalence", "--", "--nocapture"]);
    forget_account(&mut test);
    test.env("PIPEDRIVE_ODBC_PYTHON", python)
        .env("PIPEDRIVE_FUZZ_SEED", asked.seed)
        .env("PIPEDRIVE_FUZZ_STATEMENTS", asked.statements)
        .env("PIPEDRIVE_FUZZ_MODE", asked.mode);
    run(&mut test)
}

fn read<'a>(arguments: &[&'a str]) -> Result<Asked<'a>> {
    let mut asked = Asked { seed: "1", statements: STATEMENTS, mode: "rows" };
    let mut rest = arguments.iter().copied();
    while let Some(word) = rest.next() {
        match word {
            "--seed" => asked.seed = number(word, rest.next())?,
            "--statements" => asked.statements = number(word, rest.next())?,
            "--faults" => asked.mode = "faults",
            "--edits" => asked.mode = "edits",
            "--reused" => asked.mode = "reused",
            "--monotony" => asked.mode = "monotony",
            other => return Err(Failure::new(format!("'{other}' is not an option of fuzz"))),
        }
    }
    Ok(asked)
}

fn number<'a>(option: &str, value: Option<&'a str>) -> Result<&'a str> {
    let number = value.filter(|value| value.parse::<u64>().is_ok());
    number.ok_or_else(|| Failure::new(format!("{option} takes a number")))
}

#[cfg(test)]
mod tests {
    use super::{Asked, read};

    #[test]
    fn options_are_read_in_any_order() {
        let asked = read(&["--faults", "--statements", "20", "--seed", "7"]).unwrap();
        assert_eq!(asked, Asked { seed: "7", statements: "20", mode: "faults" });
        assert_eq!(read(&["--monotony"]).unwrap().mode, "monotony");
        assert_eq!(read(&["--reused"]).unwrap().mode, "reused");
        assert_eq!(read(&[]).unwrap().mode, "rows");
        assert!(read(&["--seed"]).is_err());
        assert!(read(&["--seed", "many"]).is_err());
        assert!(read(&["--sed", "1"]).is_err());
    }
}
