//! Files that are ours and files that are not; several writers; full files; who hears what.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::checks::MAGIC;
use super::*;
use crate::call::Call;
use crate::settings::Source;

/// The writer of a log file, as one of several processes has it: by no other way than the file.
fn writer(path: &Path, limit: u64) -> LogFile {
    Arc::into_inner(LogFile::open(path, limit).unwrap()).unwrap()
}

fn settings(pairs: &[(&str, &str)]) -> LogSettings {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    LogSettings::resolve(&[(Source::ConnectionString, pairs)]).unwrap().unwrap()
}

fn trace(path: &Path, verbosity: &str) -> Trace {
    let path = path.to_str().unwrap();
    let (trace, warning) = Trace::open(&settings(&[("LogFile", path), ("Verbosity", verbosity)]), "a manager");
    assert_eq!(warning, None);
    trace
}

/// The lines of a file behind its first, which says that it is a log.
fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.starts_with(MAGIC) && text.ends_with('\n'), "{text}");
    text.lines().skip(1).map(str::to_owned).collect()
}

fn numbered(path: &Path, number: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(number);
    path.into()
}

#[test]
fn a_missing_or_empty_file_begins_with_a_header_and_is_appended_to() {
    let place = tempfile::tempdir().unwrap();
    let (missing, empty) = (place.path().join("missing.log"), place.path().join("empty.txt"));
    fs::write(&empty, "").unwrap();
    for path in [missing, empty] {
        writer(&path, 1 << 20).write("one\n");
        writer(&path, 1 << 20).write("two\n");
        assert_eq!(lines(&path), ["one", "two"]);
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_log() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.log");
    let log = writer(&path, 1024);
    (0..100).for_each(|number| log.write(&format!("the line with the number {number}\n")));
    for path in [path.clone(), numbered(&path, ".1")] {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn a_file_with_something_else_is_refused_and_not_touched() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("customers.txt");
    for content in ["id,name\n1,Acme\n", "#", " # Pipedrive ODBC log, format 1;", "# Pipedrive ODBC log, format 2;"] {
        fs::write(&path, content).unwrap();
        let settings = settings(&[("LogFile", path.to_str().unwrap())]);
        let (trace, warning) = Trace::open(&settings, "");
        let text = warning.unwrap().message;
        assert!(text.contains("customers.txt") && text.contains("something else"), "{text}");
        assert!(!trace.is_on());
        trace.within(|| tracing::error!(target: CONNECTION, "an error"));
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn what_is_no_place_for_a_log_is_refused_with_its_reason() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().to_owned();
    fs::create_dir(folder.join("folder.log")).unwrap();
    for (path, reason) in [
        (PathBuf::from("relative/a.log"), "absolute"),
        (folder.join("folder.log"), "no ordinary file"),
        (folder.join(".bash_profile"), ".log or .txt"),
        (folder.join("log"), ".log or .txt"),
        (folder.join("missing/a.log"), "o such"),
    ] {
        let error = LogFile::open(&path, 1024).unwrap_err();
        assert!(error.contains(reason), "{}: {error}", path.display());
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "nothing was made");
}

#[cfg(unix)]
#[test]
fn pipes_devices_and_links_elsewhere_are_refused_without_waiting() {
    use std::os::unix::fs::symlink;
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(format!("{name}.log"));
    assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    fs::write(at("foreign"), "mine\n").unwrap();
    symlink(at("foreign"), at("to foreign")).unwrap();
    symlink(at("nowhere"), at("to nowhere")).unwrap();
    symlink(at("pipe"), at("to pipe")).unwrap();
    symlink("/dev/full", at("to device")).unwrap();
    for (name, reason) in [
        ("pipe", "no ordinary file"),
        ("to pipe", "no ordinary file"),
        ("to device", "no ordinary file"),
        ("to foreign", "something else"),
        ("to nowhere", "link to nothing"),
    ] {
        let error = LogFile::open(&at(name), 1024).unwrap_err();
        assert!(error.contains(reason), "{name}: {error}");
    }
    assert_eq!(fs::read_to_string(at("foreign")).unwrap(), "mine\n");
    assert!(!at("nowhere").exists());
    writer(&at("ours"), 1024).write("one\n");
    symlink(at("ours"), at("to ours")).unwrap();
    writer(&at("to ours"), 1024).write("two\n");
    assert_eq!(lines(&at("ours")), ["one", "two"]);
}

#[cfg(unix)]
#[test]
fn links_to_files_of_another_name_and_files_with_two_names_are_refused() {
    use std::os::unix::fs::symlink;
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    fs::write(at(".env"), "").unwrap();
    symlink(at(".env"), at("linked.log")).unwrap();
    fs::write(at(".profile"), "").unwrap();
    fs::hard_link(at(".profile"), at("hard.log")).unwrap();
    for (name, reason) in [("linked.log", "symbolic link to a file whose name"), ("hard.log", "hard link")] {
        let error = LogFile::open(&at(name), 1024).unwrap_err();
        assert!(error.contains(reason), "{name}: {error}");
        let seen = look(&at(name)).unwrap_err();
        assert!(seen.contains(reason), "{name}: {seen}");
    }
    assert_eq!(fs::read_to_string(at(".env")).unwrap() + &fs::read_to_string(at(".profile")).unwrap(), "");
}

#[cfg(unix)]
#[test]
fn an_empty_file_is_made_its_owner_s_alone_before_a_log_is_in_it() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.log");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    writer(&path, 1024).write("one\n");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

/// Each writer has the file open for itself, as processes have.
#[test]
fn writers_side_by_side_tear_and_lose_no_line_while_the_file_is_set_aside() {
    const EACH: usize = 300;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.log");
    // Big enough that two files hold every line, small enough that it is set aside on the way.
    let limit = 48 << 10;
    let line = |writer: usize, number: usize| format!("{writer} {number} {}", "x".repeat(20 + number % 60));
    std::thread::scope(|scope| {
        for number in 0..4 {
            let log = writer(&path, limit);
            scope.spawn(move || (0..EACH).for_each(|count| log.write(&format!("{}\n", line(number, count)))));
        }
    });
    let mut found = lines(&path);
    found.extend(lines(&numbered(&path, ".1")));
    let expected: HashSet<_> = (0..4).flat_map(|writer| (0..EACH).map(move |count| line(writer, count))).collect();
    assert_eq!(found.len(), expected.len());
    assert_eq!(found.into_iter().collect::<HashSet<_>>(), expected);
    assert!(!numbered(&path, ".2").exists());
}

#[test]
fn two_older_files_are_kept() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.log");
    let log = writer(&path, 1024);
    (0..200).for_each(|number| log.write(&format!("the line with the number {number}\n")));
    let mut kept = Vec::new();
    for path in [numbered(&path, ".2"), numbered(&path, ".1"), path.clone()] {
        assert!(fs::metadata(&path).unwrap().len() <= 1024);
        kept.extend(lines(&path));
    }
    let expected: Vec<_> = (200 - kept.len()..200).map(|number| format!("the line with the number {number}")).collect();
    assert_eq!(kept, expected, "the last lines without a gap");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 3);
}

#[test]
fn a_foreign_file_in_the_way_of_an_older_log_stays() {
    for foreign in [".1", ".2"] {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.log");
        fs::write(numbered(&path, foreign), "mine\n").unwrap();
        let log = writer(&path, 1024);
        (0..200).for_each(|number| log.write(&format!("the line with the number {number}\n")));
        assert_eq!(fs::read_to_string(numbered(&path, foreign)).unwrap(), "mine\n");
        assert!(fs::metadata(&path).unwrap().len() <= 1024);
        let lines = lines(&path);
        assert!(lines[0].starts_with("# Older lines are lost"), "{lines:?}");
        assert_eq!(lines.last().unwrap(), "the line with the number 199");
    }
}

#[test]
fn a_file_that_was_taken_away_is_made_anew_and_one_put_in_its_place_is_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.log");
    let log = writer(&path, 1 << 20);
    let small = writer(&path, 1024);
    small.write("zero\n");
    log.write("one\n");
    fs::remove_file(&path).unwrap();
    log.write("two\n");
    assert_eq!(lines(&path), ["two"]);
    fs::rename(&path, place.path().join("aside")).unwrap();
    fs::write(&path, "mine\n").unwrap();
    log.write("three\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine\n");
    assert_eq!(lines(&place.path().join("aside")), ["two", "three"]);
    (0..99).for_each(|_| small.write("a line that fills the file of the smaller limit\n"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine\n", "nor is it set aside");
    assert!(!numbered(&path, ".1").exists());
}

/// Somebody who was stopped while it wrote must not stop the application.
#[test]
fn a_lock_that_is_never_given_back_costs_one_wait() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.log");
    let log = writer(&path, 1 << 20);
    log.write("one\n");
    let holder = fs::File::open(&path).unwrap();
    holder.lock().unwrap();
    let start = std::time::Instant::now();
    (0..50).for_each(|_| log.write("more\n"));
    assert!(start.elapsed() < std::time::Duration::from_secs(3), "{:?}", start.elapsed());
    assert_eq!(lines(&path).len(), 51);
}

#[test]
fn each_verbosity_hears_what_it_should() {
    let place = tempfile::tempdir().unwrap();
    for verbosity in 1..=5 {
        let path = place.path().join(format!("{verbosity}.log"));
        trace(&path, &verbosity.to_string()).within(|| {
            tracing::error!(target: CONNECTION, "an error");
            tracing::info!(target: STATEMENT, "a statement");
            tracing::debug!(target: REQUEST, "a request");
            tracing::trace!(target: CALL, "a call");
            tracing::trace!(number = 7, "a detail");
            tracing::error!(target: "hyper", "somebody else's secret");
        });
        let lines = lines(&path);
        let texts: Vec<_> = lines.iter().skip(1).map(|line| line.splitn(4, ' ').nth(3).unwrap()).collect();
        let all = ["1 an error", "2 a statement", "3 a request", "4 a call", "5 a detail number=7"];
        assert_eq!(texts, all[..verbosity]);
        let parts: Vec<_> = lines[0].splitn(5, ' ').collect();
        assert!(chrono::DateTime::parse_from_rfc3339(parts[0]).is_ok() && parts[0].len() == 24, "{lines:?}");
        assert_eq!(parts[1], std::process::id().to_string());
        assert!(parts[2].starts_with('c') && parts[2][1..].parse::<u64>().is_ok(), "{lines:?}");
        assert!(parts[4].contains("a manager") && parts[4].contains("Verbosity="), "{lines:?}");
    }
}

#[test]
fn a_secret_is_hidden_wherever_it_stands_and_a_line_stays_one() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.log");
    let own = [("LogFile", path.to_str().unwrap()), ("PWD", "a-token-of-a-test"), ("Tokne", "the-same-misspelt")];
    let trace = Trace::open(&settings(&own), "").0;
    trace.hide(&settings_secret());
    trace.within(|| {
        tracing::error!(target: CONNECTION, "one a-token-of-a-test\ntwo\r\u{2028}the-same-misspelt");
        tracing::error!(target: CONNECTION, field = "learnt-later", "three");
    });
    let lines = lines(&path);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[1].ends_with("1 one *** two  ***"), "{lines:?}");
    assert!(lines[2].ends_with("1 three field=***"), "{lines:?}");
}

fn settings_secret() -> Secret {
    settings(&[("LogFile", "/tmp/unused"), ("PWD", "learnt-later")]).secrets()[0].clone()
}

#[test]
fn a_log_follows_its_work_to_other_threads_and_no_other() {
    let place = tempfile::tempdir().unwrap();
    let (one, two) = (place.path().join("one.log"), place.path().join("two.log"));
    let said = |trace: &Trace, text: &'static str| {
        trace.within(|| {
            Call::default().run(async move {
                tokio::task::yield_now().await;
                let inner = Trace::current().carried(async move { tracing::info!(target: STATEMENT, "{text} below") });
                tokio::spawn(inner).await.unwrap();
                tracing::info!(target: STATEMENT, "{text}");
                Ok(())
            })
        })
    };
    let (first, second) = (trace(&one, "2"), trace(&two, "2"));
    said(&first, "of one").unwrap();
    said(&second, "of two").unwrap();
    said(&Trace::default(), "of none").unwrap();
    for (path, text) in [(one, "of one"), (two, "of two")] {
        let lines = lines(&path);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[1].ends_with(&format!("{text} below")) && lines[2].ends_with(text), "{lines:?}");
    }
}

#[test]
fn connections_with_one_file_share_it_and_have_numbers_of_their_own() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.log");
    let (first, second) = (trace(&path, "1"), trace(&path, "1"));
    first.within(|| tracing::error!(target: CONNECTION, "first"));
    second.within(|| tracing::error!(target: CONNECTION, "second"));
    let lines = lines(&path);
    let connections: Vec<_> = lines.iter().map(|line| line.split(' ').nth(2).unwrap()).collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!((connections[0], connections[1]), (connections[2], connections[3]), "{lines:?}");
    assert_ne!(connections[0], connections[1]);
    assert!(Arc::ptr_eq(&LogFile::open(&path, 10 << 20).unwrap(), &LogFile::open(&path, 10 << 20).unwrap()));
}

#[test]
fn no_log_ends_while_the_process_is_held_still_for_a_fork() {
    use std::sync::mpsc;
    use std::time::Duration;

    let place = tempfile::tempdir().unwrap();
    let trace = trace(&place.path().join("a.log"), "1");
    let still = crate::process::hold_still();
    let (sender, ended) = mpsc::channel();
    let ending = std::thread::spawn(move || {
        drop(trace);
        sender.send(()).unwrap();
    });
    ended.recv_timeout(Duration::from_millis(200)).unwrap_err();
    drop(still);
    ended.recv_timeout(Duration::from_secs(10)).unwrap();
    ending.join().unwrap();
}
