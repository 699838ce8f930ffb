use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::auth::oauth::kept::tests::{bare_sign_in, sign_in};

/// Steps until this process ends; as many as there are in one that is to live.
static LEFT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Ends the process when its steps are used up.
pub(super) fn step() {
    let is_doomed = LEFT.load(Ordering::SeqCst) != usize::MAX;
    if is_doomed && LEFT.fetch_sub(1, Ordering::SeqCst) == 0 {
        std::process::abort();
    }
}

/// A file that is not there yet, in a folder of its own.
fn place() -> (tempfile::TempDir, InFile) {
    let folder = tempfile::tempdir().unwrap();
    let file = InFile::new(folder.path().join("oauth.json"));
    (folder, file)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Looking, keeping and forgetting are refused in these words, which name the place and no secret.
#[track_caller]
fn assert_refused(file: &InFile, parts: &[&str]) {
    let refusals = [file.look().map(drop), file.keep(&sign_in(9)), file.forget().map(drop)];
    for refusal in refusals {
        let error = refusal.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
        for part in ["OAuthSettingsLocation=", file.path.to_str().unwrap()].iter().chain(parts) {
            assert!(error.message().contains(part), "'{part}' is missing in: {error}");
        }
        assert!(!error.message().contains("5ec4e7"), "{error}");
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_sign_in_is_kept_replaced_and_forgotten() {
    let (folder, file) = place();
    assert_eq!((file.look().unwrap(), file.forget().unwrap()), (None, false));
    for sign_in in [sign_in(1), bare_sign_in(2)] {
        file.keep(&sign_in).unwrap();
        assert_eq!(file.look().unwrap(), Some(sign_in));
        assert_eq!(names(folder.path()), ["oauth.json"]);
    }
    assert_eq!((file.forget().unwrap(), file.look().unwrap()), (true, None));
    assert!(names(folder.path()).is_empty());
}

#[cfg(unix)]
#[test]
fn file_and_folder_are_their_owners_alone_and_a_folder_that_is_there_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let made = InFile::new(folder.path().join("made/oauth.json"));
    assert_eq!(made.look().unwrap(), None);
    assert!(!made.folder().exists(), "looking makes nothing");
    made.keep(&sign_in(1)).unwrap();
    assert_eq!((mode(made.folder()), mode(&made.path)), (0o700, 0o600));
    set_mode(folder.path(), 0o755);
    let beside = InFile::new(folder.path().join("oauth.json"));
    beside.keep(&sign_in(1)).unwrap();
    assert_eq!((mode(beside.folder()), mode(&beside.path)), (0o755, 0o600));
}

#[test]
fn a_folder_is_made_one_level_deep_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = InFile::new(folder.path().join("a/b/oauth.json"));
    let error = file.keep(&sign_in(1)).unwrap_err();
    for part in ["there is no folder", "a/b", "make the folder"] {
        assert!(error.message().contains(part), "{error}");
    }
    assert!(names(folder.path()).is_empty());
}

#[cfg(unix)]
#[test]
fn a_folder_that_others_can_write_to_is_refused() {
    let (folder, file) = place();
    file.keep(&sign_in(1)).unwrap();
    std::os::unix::fs::chown(folder.path(), None, Some(1)).unwrap_or_default();
    for mode in [0o777, 0o702, 0o1777, 0o770] {
        set_mode(folder.path(), mode);
        assert_refused(&file, &["others can write to the folder", "chmod go-w"]);
        assert!(file.lock_file().is_err());
    }
    set_mode(folder.path(), 0o755);
    assert_eq!(file.look().unwrap(), Some(sign_in(1)));
}

#[test]
fn what_this_driver_did_not_write_is_neither_used_nor_changed() {
    let contents: &[(&[u8], &str)] = &[
        (b"", "something else"),
        (b"5ec4e7 notes of mine", "something else"),
        (b"{}", "something else"),
        (b"[1]", "something else"),
        (b"\x00\xff5ec4e7", "something else"),
        (br#"{"access_token":"5ec4e7","format":1}"#, "something else"),
        (br#"{"made_by":"5ec4e7","format":1}"#, "something else"),
        (br#"{"made_by":"pipedrive-odbc","format":2,"tokens":"5ec4e7"}"#, "later version"),
        (br#"{"made_by":"pipedrive-odbc","format":1,"access_token":"5ec4e7"}"#, "damaged"),
        (br#"{"made_by":"pipedrive-odbc","format":1,"access_token":["5ec4e7"]}"#, "damaged"),
        (br#"{"made_by":"pipedrive-odbc","format":"5ec4e7"}"#, "damaged"),
    ];
    let (folder, file) = place();
    for (content, part) in contents {
        fs::write(&file.path, content).unwrap();
        #[cfg(unix)]
        set_mode(&file.path, 0o600);
        assert_refused(&file, &[part]);
        assert_eq!(&fs::read(&file.path).unwrap(), content);
        assert_eq!(names(folder.path()), ["oauth.json"]);
    }
}

#[test]
fn a_file_that_is_too_long_is_none_of_ours() {
    let (_folder, file) = place();
    file.keep(&sign_in(1)).unwrap();
    let mut content = fs::read(&file.path).unwrap();
    for (more, is_used) in [(0, true), (1, false), (1000, false)] {
        content.resize(usize::try_from(LONGEST).unwrap() + more, b' ');
        fs::write(&file.path, &content).unwrap();
        assert_eq!(file.look().is_ok(), is_used, "{more}");
    }
    assert_refused(&file, &["something else"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_or_write_is_refused_and_stays() {
    let (_folder, file) = place();
    file.keep(&sign_in(1)).unwrap();
    for others in [0o604, 0o644, 0o602, 0o666] {
        set_mode(&file.path, others);
        assert_refused(&file, &["its group or everybody", "chmod 600"]);
        assert_eq!(mode(&file.path), others);
    }
    set_mode(&file.path, 0o600);
    assert_eq!(file.look().unwrap(), Some(sign_in(1)));
}

#[cfg(unix)]
#[test]
fn a_link_a_pipe_a_folder_and_a_device_are_refused_and_stay() {
    use std::os::unix::fs::symlink;
    let (folder, other) = (tempfile::tempdir().unwrap(), place());
    other.1.keep(&sign_in(1)).unwrap();
    let before = fs::read(&other.1.path).unwrap();
    let at = |name: &str| InFile::new(folder.path().join(name));
    let (link, dangling, pipe, inner) = (at("link"), at("dangling"), at("pipe"), at("inner"));
    symlink(&other.1.path, &link.path).unwrap();
    symlink(other.0.path().join("made"), &dangling.path).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe.path).status().unwrap().success());
    fs::create_dir(&inner.path).unwrap();
    for file in [link, dangling, pipe, inner, InFile::new("/dev/null".into())] {
        assert_refused(&file, &["it is a link, a folder, a pipe or a device"]);
    }
    assert_eq!(names(folder.path()), ["dangling", "inner", "link", "pipe"]);
    assert_eq!((names(other.0.path()), fs::read(&other.1.path).unwrap()), (vec!["oauth.json".into()], before));
}

/// Only root may give something away; for anybody else root's own files belong to another user.
#[cfg(unix)]
#[test]
fn what_belongs_to_another_user_is_refused_and_stays() {
    use std::os::unix::fs::{MetadataExt, chown};
    let (folder, file) = place();
    file.keep(&sign_in(1)).unwrap();
    if chown(&file.path, Some(1), None).is_err() {
        let roots = InFile::new("/etc/passwd".into());
        return assert_refused(&roots, &["it belongs to another user"]);
    }
    assert_refused(&file, &["it belongs to another user"]);
    assert_eq!(fs::metadata(&file.path).unwrap().uid(), 1);
    chown(&file.path, Some(0), None).unwrap();
    chown(folder.path(), Some(1), None).unwrap();
    assert_refused(&file, &["the folder", "belongs to another user"]);
}

#[test]
fn killed_at_any_step_leaves_the_old_sign_in_or_the_new_one_and_the_next_writer_cleans_up() {
    let (folder, file) = place();
    let mut seen = Vec::new();
    for steps in 0.. {
        file.keep(&sign_in(1)).unwrap();
        assert_eq!(names(folder.path()), ["oauth.json"], "what was left is swept");
        let survived = kept_by_a_child(&file, steps);
        let found = file.look().unwrap().unwrap();
        assert!(found == sign_in(1) || found == sign_in(2), "{steps}");
        seen.push((found.issued_at, names(folder.path()).len()));
        if survived {
            break;
        }
    }
    // Before the file beside it is made; with it, three times; when it has its name; not at all.
    assert_eq!(seen, [(1, 1), (1, 2), (1, 2), (1, 2), (2, 1), (2, 1)]);
    fs::write(folder.path().join(".oauth.json.pipedrive-odbc-x"), "5ec4e7").unwrap();
    assert!(file.forget().unwrap());
    assert!(names(folder.path()).is_empty(), "no token stays behind");
}

/// A child that keeps `sign_in(2)` and is ended after so many steps; whether it lived to the end.
fn kept_by_a_child(file: &InFile, steps: usize) -> bool {
    let test = "auth::oauth::store::file::tests::inside::keeps";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let input = format!("{}\n{steps}\n", file.path.display());
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("begins"), "{output:?}");
    output.status.success()
}

mod inside {
    //! What runs in a child.

    use super::*;

    #[test]
    #[ignore = "runs as the child of another test"]
    fn keeps() {
        let mut lines = io::stdin().lines().map(Result::unwrap);
        let file = InFile::new(lines.next().unwrap().into());
        println!("begins");
        LEFT.store(lines.next().unwrap().parse().unwrap(), Ordering::SeqCst);
        file.keep(&sign_in(2)).unwrap();
    }
}
