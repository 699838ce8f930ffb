//! Secrets that stand in an odbc.ini which others can read or change.
//!
//! The file is where every program and every user of a server looks, so a token in it is a token told. This is a
//! warning and no refusal: the connection is as good as before, and the cure is the user's to choose.

use std::fs::Metadata;
use std::path::PathBuf;

use super::{DataSource, Property, property};
use crate::{Warning, WarningKind};

/// A secret that is open to others. Who can change the file can have the secret sent elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// The file that has it.
    pub file: PathBuf,
    /// Its keyword, as the file writes it.
    pub keyword: String,
    /// What others can do: `read`, `change`, `read and change`.
    pub access: &'static str,
}

impl Exposed {
    /// What to tell, with the cure.
    pub fn warning(&self) -> Warning {
        let (file, keyword) = (self.file.display(), &self.keyword);
        let is_of_oauth = property(keyword).is_some_and(|property| property.name().starts_with("OAuth"));
        let instead = if is_of_oauth {
            "sign in with `pipedrive-odbc login --oauth`; then have a new client secret made in Pipedrive's Developer Hub"
        } else {
            "use TokenFile or `pipedrive-odbc login`; then have Pipedrive make a new token"
        };
        let text = format!(
            "others can {} {keyword} in {file}: make the file its owner's alone (chmod 600), or, where others must \
             read it, take {keyword} out and {instead}",
            self.access
        );
        Warning::new(WarningKind::General, text)
    }
}

/// The secrets of a data source that its group or everybody can read or change.
pub fn exposed(source: &DataSource) -> Vec<Exposed> {
    match std::fs::metadata(&source.file).ok().as_ref().and_then(others_can) {
        Some(access) => secrets(source, access),
        None => Vec::new(),
    }
}

fn secrets(source: &DataSource, access: &'static str) -> Vec<Exposed> {
    let secret =
        |(keyword, value): &&(String, String)| !value.is_empty() && property(keyword).is_some_and(Property::is_secret);
    let exposed =
        |(keyword, _): &(String, String)| Exposed { file: source.file.clone(), keyword: keyword.clone(), access };
    source.pairs.iter().filter(secret).map(exposed).collect()
}

/// What anybody but the owner can do with the file, if anything. The group `root` is no stranger: who is in it can read
/// everything, and the mode shows its bits where systemd lets a service in by an access list.
#[cfg(unix)]
pub(crate) fn others_can(metadata: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;
    let (mode, group) = (metadata.mode(), metadata.gid() != 0);
    let can = |others: u32| mode & others != 0 || (mode & (others << 3) != 0 && group);
    match (can(0o4), can(0o2)) {
        (true, true) => Some("read and change"),
        (true, false) => Some("read"),
        (false, true) => Some("change"),
        (false, false) => None,
    }
}

/// Access lists decide here, and a user's own folders are the user's.
#[cfg(not(unix))]
pub(crate) fn others_can(_metadata: &Metadata) -> Option<&'static str> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_told_by_file_and_keyword_when_others_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("odbc.ini");
        fs::write(&file, "").unwrap();
        let pairs = [("pwd", "5ec4e7"), ("CompanyDomain", "acme"), ("APIToken", ""), ("Unknown", "x")];
        let pairs = pairs.map(|(keyword, value)| (keyword.to_owned(), value.to_owned())).to_vec();
        let source = DataSource { name: "crm".into(), scope: crate::settings::Scope::User, file: file.clone(), pairs };
        for (mode, count) in [(0o600, 0), (0o400, 0), (0o604, 1), (0o644, 1), (0o602, 1), (0o666, 1)] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(exposed(&source).len(), count, "{mode:o}");
        }
        for (mode, access) in [(0o644, "read"), (0o602, "change"), (0o777, "read and change")] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let text = exposed(&source)[0].warning().message;
            assert!(text.starts_with(&format!("others can {access} pwd in ")), "{text}");
        }
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let text = exposed(&source)[0].warning().message;
        for part in ["pwd", file.to_str().unwrap(), "chmod 600", "TokenFile", "pipedrive-odbc login"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("5ec4e7"), "{text}");
        let gone = DataSource { file: folder.path().join("none"), ..source };
        assert_eq!(exposed(&gone), []);
    }
}
