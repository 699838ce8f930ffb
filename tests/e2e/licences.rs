//! Every package that the workspace can compile, for any system, may be shipped in a closed product as well.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Licences that ask for no more than a notice.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[test]
fn every_package_has_an_allowed_licence() {
    let packages = packages();
    assert!(packages.len() > 100, "{} packages are not the whole graph", packages.len());
    let refused: Vec<String> = packages.iter().filter_map(refusal).collect();
    assert!(refused.is_empty(), "not allowed:\n{}", refused.join("\n"));
}

/// All packages of the dependency graph, as cargo describes them.
fn packages() -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut metadata = Command::new(env!("CARGO"));
    metadata.args(["metadata", "--offline", "--locked", "--format-version", "1"]).current_dir(root);
    let output = metadata.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "packages of other systems are missing? `cargo fetch` brings them: {errors}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Name and licence of a package that is not allowed.
fn refusal(package: &Value) -> Option<String> {
    let (name, licence) = (package["name"].as_str().unwrap(), package["license"].as_str().unwrap_or("none declared"));
    (!allowed(licence)).then(|| format!("{name}: {licence}"))
}

/// Whether an SPDX expression can be met by allowed licences alone. The old form `MIT/Apache-2.0` means OR.
fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    any(&mut words) && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

/// `a OR b`: the choice is ours. Both sides are read in any case.
fn any(words: &mut Words<'_>) -> bool {
    let mut met = all(words);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words);
    }
    met
}

/// `a AND b`: both bind.
fn all(words: &mut Words<'_>) -> bool {
    let mut met = one(words);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words);
    }
    met
}

/// One licence, perhaps with an exception, or an expression in parentheses.
fn one(words: &mut Words<'_>) -> bool {
    match words.next() {
        Some("(") => any(words) & words.next_if_eq(&")").is_some(),
        Some(licence) => match words.next_if_eq(&"WITH").and_then(|_| words.next()) {
            // An exception only adds permissions.
            Some(exception) => ALLOWED.contains(&&*format!("{licence} WITH {exception}")) || ALLOWED.contains(&licence),
            None => ALLOWED.contains(&licence),
        },
        None => false,
    }
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    let cases = [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT OR GPL-3.0-only", true),
        ("GPL-3.0-only OR MIT", true),
        ("MIT AND GPL-3.0-only", false),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", true),
        ("GPL-2.0-only WITH Classpath-exception-2.0", false),
        ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND GPL-3.0-only", false),
        ("(MIT", false),
        ("MIT Apache-2.0", false),
        ("", false),
    ];
    for (expression, expected) in cases {
        assert_eq!(allowed(expression), expected, "{expression}");
    }
}
