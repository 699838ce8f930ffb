//! The state folder as it is found. Nothing is made, written or locked, but for one file that is gone at once and tells
//! whether files can be made.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;
use tempfile::NamedTempFile;

use super::folder::read;
use super::ours;
use crate::settings::others_can;

/// What a state folder holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Whether the folder exists; one that does not is made by the first connection.
    pub exists: bool,
    /// Why no file can be made in it, or what stands in place of one, or why the folder cannot be made.
    pub trouble: Option<String>,
    /// Files in it.
    pub files: usize,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Files of a later version of the driver, which this one leaves alone.
    pub later: Vec<PathBuf>,
    /// Files that cannot be read, which count as missing and are written anew.
    pub damaged: Vec<PathBuf>,
    /// The folder or files that are open to others, and what those can do: `read`, `change`, `read and change`.
    pub open: Vec<(PathBuf, &'static str)>,
}

/// Looks at the state folder at `path`.
pub fn inspect(path: &Path) -> Inspection {
    let mut found = Inspection { exists: path.is_dir(), ..Inspection::default() };
    let nearest = path.ancestors().find(|folder| folder.exists()).unwrap_or(path);
    found.trouble = NamedTempFile::new_in(nearest).err().map(|error| reason(nearest, &error));
    if !found.exists {
        return found;
    }
    if let Err(error) = ours::look(path) {
        found.trouble = found.trouble.or_else(|| Some(error.to_string()));
    }
    if let Some(access) = fs::metadata(path).ok().as_ref().and_then(others_can) {
        found.open.push((path.to_owned(), access));
    }
    match fs::read_dir(path) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).for_each(|file| found.add(file)),
        Err(error) => found.trouble = Some(reason(path, &error)),
    }
    found
}

/// Why nothing can be made in what exists at `nearest`.
fn reason(nearest: &Path, error: &io::Error) -> String {
    if nearest.is_dir() { error.to_string() } else { format!("{} is no folder", nearest.display()) }
}

impl Inspection {
    fn add(&mut self, file: PathBuf) {
        let Ok(metadata) = fs::metadata(&file) else { return };
        if !metadata.is_file() {
            return;
        }
        self.files += 1;
        self.bytes += metadata.len();
        if let Some(access) = others_can(&metadata) {
            self.open.push((file.clone(), access));
        }
        if file.extension().is_some_and(|extension| extension == "json") {
            match read::<IgnoredContent>(&file) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Unsupported => self.later.push(file),
                Err(_) => self.damaged.push(file),
            }
        }
    }
}

/// Whatever stands behind the format version.
type IgnoredContent = std::collections::BTreeMap<String, IgnoredAny>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_counted_and_told_apart() {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("index.json", r#"{"format":1,"proofs":{}}"#),
            ("acme-1-2.json", r#"{"format":99,"new":[1]}"#),
            ("beta-1-2.json", "{"),
            ("lock", ""),
        ] {
            fs::write(place.path().join(name), text).unwrap();
        }
        let found = inspect(place.path());
        assert_eq!((found.exists, found.trouble, found.files), (true, None, 4));
        assert_eq!(found.bytes, 24 + 23 + 1);
        assert_eq!(found.later, [place.path().join("acme-1-2.json")]);
        assert_eq!(found.damaged, [place.path().join("beta-1-2.json")]);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 4, "nothing was left behind");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_open_to_others_is_told() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("index.json");
        fs::write(&file, r#"{"format":1}"#).unwrap();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let open = |access| vec![(file.clone(), access)];
        for (mode, expected) in [(0o600, vec![]), (0o644, open("read")), (0o666, open("read and change"))] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(inspect(place.path()).open, expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_place_of_a_file_is_told() {
        let place = tempfile::tempdir().unwrap();
        ours::claim(place.path()).unwrap();
        let made = std::process::Command::new("mkfifo").arg(place.path().join("burst")).status().unwrap();
        assert!(made.success());
        let trouble = inspect(place.path()).trouble.unwrap();
        assert!(trouble.contains("burst in it is no ordinary file"), "{trouble}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_looked_for_where_it_would_be_made() {
        let place = tempfile::tempdir().unwrap();
        let found = inspect(&place.path().join("a/b"));
        assert_eq!((found.exists, found.trouble), (false, None));
        assert!(!place.path().join("a").exists());
        fs::write(place.path().join("file"), "").unwrap();
        let trouble = inspect(&place.path().join("file/b")).trouble.unwrap();
        assert!(trouble.contains("is no folder"), "{trouble}");
    }
}
