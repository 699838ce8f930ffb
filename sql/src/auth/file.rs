//! TokenFile: a file whose content is the token, as Docker, Kubernetes and systemd hand secrets to a service.
//!
//! The open file is looked at, not its path, so that nobody can change it in between. A symbolic link is followed:
//! Kubernetes changes a secret by moving one. Nothing of the content is ever repeated.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::settings::{Secret, is_token, others_can};
use crate::{Error, ErrorKind, Result};

/// Bytes beyond which a file holds something else than a token.
const LONGEST: u64 = 4096;

/// What is wrong with a file, in the order in which it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// There is none.
    Missing,
    /// This user may not read it.
    Closed,
    /// Others can read or change it.
    Open,
    /// It is no regular file, or reading it fails.
    Unreadable,
    /// It holds no secret, or more than one.
    Content,
}

/// A file that no secret was read from. Nothing of its content is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// What is wrong with it.
    pub flaw: Flaw,
    /// What happened, in words that follow a colon.
    pub what: String,
    /// What to do.
    pub cure: &'static str,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.cure)
    }
}

/// The token in the file of the property TokenFile, without the blanks around it.
///
/// # Errors
/// `SignIn`: a file that cannot be read, that others can read or change, that is no file, or that holds no token.
pub(super) fn read(path: &Path) -> Result<Secret> {
    secret(path).map_err(|unusable| {
        let text = format!("TokenFile={} cannot be used: {}", path.display(), unusable.what);
        Error::new(ErrorKind::SignIn, text).with_cure(unusable.cure)
    })
}

/// The secret in a file, a word without the blanks around it.
pub(super) fn secret(path: &Path) -> std::result::Result<Secret, Unusable> {
    let file = open(path).map_err(|error| unopened(&error))?;
    let metadata = file.metadata().map_err(|error| unopened(&error))?;
    if !metadata.is_file() {
        let cure = "name a file that holds nothing but the secret";
        return Err(unusable(Flaw::Unreadable, "it is no regular file", cure));
    }
    if let Some(access) = others_can(&metadata) {
        return Err(unusable(Flaw::Open, format!("its group or everybody can {access} it"), MODE));
    }
    let mut content = String::new();
    file.take(LONGEST + 1).read_to_string(&mut content).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => unusable(Flaw::Content, "it holds no text", CONTENT),
        _ => unopened(&error),
    })?;
    let holds = |what: &str| Err(unusable(Flaw::Content, what, CONTENT));
    match content.trim() {
        _ if u64::try_from(content.len()).is_ok_and(|length| length > LONGEST) => holds("it is longer than 4 KiB"),
        "" => holds("it is empty"),
        word if is_token(word) => Ok(Secret::new(word.to_owned())),
        _ => holds("it holds more than one word, or letters that no token has"),
    }
}

/// What to do about a file that cannot be read.
const ELSEWHERE: &str = "check path and owner: the user that runs this program must be able to read it";
/// What to do about a file that others can read or change.
const MODE: &str = "make it its owner's alone: chmod 400, defaultMode: 0400 in Kubernetes, mode: 0400 in Docker";
/// What to do about a file with another content.
const CONTENT: &str =
    "put the API token into it and nothing else; Pipedrive shows yours under Personal preferences > API";

/// Opens without waiting: a pipe in place of the file would wait for a writer.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

pub(super) fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        kind => format!("it cannot be read ({kind})"),
    }
}

fn unopened(error: &io::Error) -> Unusable {
    let flaw = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Flaw::Missing,
        io::ErrorKind::PermissionDenied => Flaw::Closed,
        _ => Flaw::Unreadable,
    };
    unusable(flaw, unreadable(error), ELSEWHERE)
}

fn unusable(flaw: Flaw, what: impl Into<String>, cure: &'static str) -> Unusable {
    Unusable { flaw, what: what.into(), cure }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

    fn owned(path: &Path, content: &[u8]) {
        fs::write(path, content).unwrap();
        mode(path, 0o600);
    }

    #[cfg(unix)]
    fn mode(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(not(unix))]
    fn mode(_path: &Path, _mode: u32) {}

    #[track_caller]
    fn assert_refused(path: &Path, parts: &[&str]) {
        let error = read(path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
        for part in ["TokenFile", path.to_str().unwrap()].iter().chain(parts) {
            assert!(error.message().contains(part), "'{part}' is missing in: {error}");
        }
        assert!(!error.message().contains("SEC"), "{error}");
    }

    #[test]
    fn the_content_is_the_token_without_blanks_around_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for content in [TOKEN.to_owned(), format!("{TOKEN}\n"), format!(" \t{TOKEN}\r\n\n")] {
            owned(&path, content.as_bytes());
            assert_eq!(read(&path).unwrap().expose(), TOKEN, "{content:?}");
        }
    }

    #[test]
    fn a_content_that_is_no_token_is_refused_and_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let long = "SEC".repeat(2000);
        let cases: &[(&[u8], &str)] = &[
            (b"", "empty"),
            (b" \n\t", "empty"),
            (b"SEC RET", "more than one word"),
            (b"APIToken=SEC\nRET\n", "more than one word"),
            ("S\u{c9}CRET".as_bytes(), "letters"),
            (b"SEC\xff\xfeRET", "no text"),
            (long.as_bytes(), "4 KiB"),
        ];
        for (content, part) in cases {
            owned(&path, content);
            assert_refused(&path, &[part, "Personal preferences"]);
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert_refused(&folder.path().join("none"), &["no such file", "check path"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        owned(&path, b"SECRET");
        for others in [0o604, 0o644, 0o444] {
            mode(&path, others);
            assert_refused(&path, &["everybody can read it", "chmod 400", "defaultMode: 0400"]);
        }
        for (others, access) in [(0o666, "read and change it"), (0o777, "read and change it"), (0o602, "can change it")]
        {
            mode(&path, others);
            assert_refused(&path, &[access, "chmod 400"]);
        }
        mode(&path, 0o400);
        assert_eq!(read(&path).unwrap().expose(), "SECRET");
    }

    /// Only root may give a file away; another user's own group is a stranger already.
    #[cfg(unix)]
    #[test]
    fn a_file_that_its_group_can_read_is_refused_unless_the_group_is_root() {
        use std::os::unix::fs::{MetadataExt, chown};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        owned(&path, b"SECRET");
        mode(&path, 0o440);
        if fs::metadata(&path).unwrap().gid() == 0 {
            assert_eq!(read(&path).unwrap().expose(), "SECRET");
            chown(&path, None, Some(1)).unwrap();
        }
        assert_refused(&path, &["its group"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_file_is_followed_and_anything_else_is_refused() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let (path, link, pipe) = (folder.path().join("t"), folder.path().join("link"), folder.path().join("pipe"));
        owned(&path, TOKEN.as_bytes());
        symlink(&path, &link).unwrap();
        assert_eq!(read(&link).unwrap().expose(), TOKEN);
        mode(&path, 0o644);
        assert_refused(&link, &["everybody"]);
        assert_refused(folder.path(), &["no regular file"]);
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_refused(&pipe, &["no regular file"]);
        assert_refused(Path::new("/dev/null"), &["no regular file"]);
    }
}
