//! Cargo, run with its progress in sight, and where its products are.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Because, line};
use crate::{Failure, Result};

/// What a build gave.
#[derive(Debug)]
pub(crate) struct Products {
    /// The driver's shared library.
    pub(crate) driver: PathBuf,
    /// The sandbox program.
    pub(crate) sandbox: PathBuf,
}

/// File names of the driver's library: Linux, macOS, Windows.
const DRIVER: &[&str] = &["libpipedriveodbc.so", "libpipedriveodbc.dylib", "pipedriveodbc.dll"];
/// File names of the sandbox program.
const SANDBOX: &[&str] = &["pipedrive-sandbox", "pipedrive-sandbox.exe"];

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap_or(crate_folder)
}

/// Cargo in the workspace, the very one that runs this program.
pub(crate) fn cargo() -> Command {
    #[expect(clippy::disallowed_methods, reason = "cargo says by this variable which cargo it is")]
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(program);
    cargo.current_dir(root());
    cargo
}

/// Builds the driver and the sandbox, and perhaps more as `targets` say.
///
/// Cargo's progress and its warnings go to the terminal; its messages for programs tell where the products are,
/// whatever the configuration says of folders and targets.
pub(crate) fn build(targets: &[&str]) -> Result<Products> {
    let mut build = cargo();
    build.arg("build").args(targets).arg("--message-format=json-render-diagnostics");
    build.stdout(Stdio::piped()).stderr(Stdio::inherit());
    let output = build.spawn().and_then(std::process::Child::wait_with_output);
    let output = output.because(|| format!("run `{}`", line(&build)))?;
    if !output.status.success() {
        return Err(Failure::new(format!("`cargo build {}` failed; the reason is above", targets.join(" "))));
    }
    products(&String::from_utf8_lossy(&output.stdout))
}

fn products(messages: &str) -> Result<Products> {
    let find = |names: &'static [&'static str]| {
        let artifacts = messages.lines().filter(|line| line.contains(r#""reason":"compiler-artifact""#));
        let mut paths = artifacts.flat_map(json_strings).map(PathBuf::from);
        let product = paths.find(|path| names.iter().any(|name| path.is_absolute() && path.ends_with(name)));
        product.ok_or_else(|| Failure::new(format!("cargo built no {}", names[0])))
    };
    Ok(Products { driver: find(DRIVER)?, sandbox: find(SANDBOX)? })
}

/// The folder that cargo builds into.
pub(crate) fn target_folder() -> Result<PathBuf> {
    let mut metadata = cargo();
    metadata.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).stderr(Stdio::inherit());
    let output = metadata.output().because(|| format!("run `{}`", line(&metadata)))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut strings = json_strings(&text).skip_while(|text| text != "target_directory").skip(1);
    strings.next().map(PathBuf::from).ok_or_else(|| Failure::new("cargo does not say which folder it builds into"))
}

/// Every string of a JSON text, names of members included, in order.
fn json_strings(json: &str) -> impl Iterator<Item = String> {
    let mut chars = json.chars();
    std::iter::from_fn(move || {
        chars.by_ref().find(|&c| c == '"')?;
        let mut text = String::new();
        loop {
            match chars.next()? {
                '"' => return Some(text),
                '\\' => text.push(escaped(&mut chars)?),
                c => text.push(c),
            }
        }
    })
}

/// The character after a backslash. Surrogate pairs do not occur: cargo writes such characters as they are.
fn escaped(chars: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let digits: String = chars.by_ref().take(4).collect();
            u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        c => c,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_found_in_cargos_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-message","message":{"rendered":"/t/debug/libpipedriveodbc.so"}}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"pipedrive-sandbox","src_path":"/w/src/main.rs"},"filenames":["/t x/debug/pipedrive-sandbox"],"executable":"/t x/debug/pipedrive-sandbox"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","filenames":["/t x/debug/libpipedriveodbc.so","/t x/debug/libpipedriveodbc.rlib"]}"#,
        );
        let found = products(messages).unwrap();
        assert_eq!(found.driver, Path::new("/t x/debug/libpipedriveodbc.so"));
        assert_eq!(found.sandbox, Path::new("/t x/debug/pipedrive-sandbox"));
        assert_eq!(products("").unwrap_err().to_string(), "cargo built no libpipedriveodbc.so");
    }

    #[test]
    fn strings_are_unescaped() {
        let strings: Vec<_> = json_strings(r#"{"a\"b":["C:\\x","\u00e9\n"],"n":1}"#).collect();
        assert_eq!(strings, ["a\"b", "C:\\x", "é\n", "n"]);
    }

    #[test]
    fn the_target_folder_is_absolute() {
        assert!(target_folder().unwrap().is_absolute());
    }
}
