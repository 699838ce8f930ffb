//! Files that options and arguments name and that cannot be used: each fault has the exit code of its kind, whatever the
//! command. Files with secrets are tried by the tests of signing in.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::{Ran, World};

/// A file with a fault, made in this world.
fn faulty(world: &World, name: &str) -> PathBuf {
    let path = world.path(&format!("faulty-{name}"));
    let content = match name {
        "missing" | "pipe" | "folder" | "circle" => None,
        "empty" => Some(""),
        "two-words" => Some("two words"),
        _ => Some("a"),
    };
    content.into_iter().for_each(|content| fs::write(&path, content).unwrap());
    let mode = match name {
        "open" => 0o644,
        "changeable" => 0o602,
        "read-only" => 0o400,
        _ => 0o600,
    };
    match name {
        "missing" => {}
        "pipe" => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
        "folder" => fs::create_dir_all(&path).unwrap(),
        "circle" => std::os::unix::fs::symlink(&path, &path).unwrap(),
        "of-a-file" => return path.join("x"),
        _ => fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap(),
    }
    path
}

#[track_caller]
fn assert_refused(ran: &Ran, code: i32, option: &str, path: &str) {
    assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{option} {path}: {ran:?}");
    assert!(ran.err.contains(path), "{option} {path}: {ran:?}");
}

/// Has a command read a secret from each faulty file; `run` gives it the path behind `option`.
#[track_caller]
pub(crate) fn assert_secret_files(world: &World, option: &str, run: impl Fn(&str) -> Ran) {
    for (fault, code) in [
        ("missing", 6),
        ("of-a-file", 6),
        ("open", 7),
        ("changeable", 7),
        ("folder", 2),
        ("pipe", 2),
        ("empty", 2),
        ("two-words", 2),
    ] {
        let path = faulty(world, fault);
        let ran = run(path.to_str().unwrap());
        assert_refused(&ran, code, option, path.to_str().unwrap());
        assert!(ran.err.contains(&format!("{option} {}", path.display())), "{ran:?}");
        assert!(!ran.err.contains("two words"), "{ran:?}");
        drop(fs::remove_file(&path));
    }
}

#[test]
fn a_file_that_an_option_names_ends_with_the_code_of_its_fault() {
    let world = World::new();
    world.ok(&["dsn", "add", "Demo", "Timeout=30"]);
    for (arguments, faults) in [
        (
            &["fields", "import", "--dsn", "Demo"][..],
            &[("missing", 6), ("of-a-file", 6), ("folder", 2), ("pipe", 2), ("circle", 2), ("two-words", 2)][..],
        ),
        (
            &["install", "--user", "--driver"],
            &[("missing", 6), ("of-a-file", 6), ("folder", 2), ("pipe", 2), ("circle", 2), ("two-words", 2)],
        ),
        (&["fields", "export", "--dsn", "Demo", "--output"], &[("of-a-file", 6), ("folder", 2), ("read-only", 7)]),
        (&["query", "SELECT 1", "--output"], &[("of-a-file", 6), ("folder", 2), ("read-only", 7)]),
    ] {
        for (fault, code) in faults {
            let path = faulty(&world, fault);
            let ran = world.run(&[arguments, &[path.to_str().unwrap()]].concat());
            assert_refused(&ran, *code, &arguments.join(" "), path.to_str().unwrap());
            drop(fs::remove_file(&path));
        }
    }
}
