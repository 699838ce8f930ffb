//! What OAuthSettingsLocation may say: where an OAuth sign-in is kept.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where an OAuth sign-in is kept (OAuthSettingsLocation).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreLocation {
    /// A file, by its absolute path.
    File(PathBuf),
    /// The platform's keyring, under a name; case does not count.
    Keyring(String),
    /// The memory of this process, under a name; case does not count.
    Memory(String),
}

const KEYRING: &str = "keyring";
const MEMORY: &str = "memory";

impl StoreLocation {
    /// Reads the absolute path of a file, `keyring://name` or `memory://name`; `None` for anything else.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.split_once("://") {
            Some((scheme, name)) if scheme.eq_ignore_ascii_case(KEYRING) => named(name).map(Self::Keyring),
            Some((scheme, name)) if scheme.eq_ignore_ascii_case(MEMORY) => named(name).map(Self::Memory),
            _ => file(text).map(Self::File),
        }
    }

    /// What two locations have in common if they are the same place.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::File(_) => self.to_string(),
            // As data sources are named: the keyring of Windows tells no case apart, either.
            Self::Keyring(_) | Self::Memory(_) => self.to_string().to_lowercase(),
        }
    }
}

fn named(name: &str) -> Option<String> {
    let name = name.trim();
    let usable = !name.is_empty() && !name.contains(char::is_control);
    usable.then(|| name.to_owned())
}

/// The path of a file of this computer: one of a server (`\\\\server\\share`) would have secrets sent there.
fn file(text: &str) -> Option<PathBuf> {
    let path = Path::new(text);
    if text.starts_with(r"\\") || text.starts_with("//") {
        return None;
    }
    let ends_in_a_name = path.file_name().is_some() && !text.ends_with(std::path::is_separator);
    (path.is_absolute() && ends_in_a_name && !text.contains('\0')).then(|| path.to_owned())
}

/// As the property takes it.
impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Keyring(name) => write!(f, "{KEYRING}://{name}"),
            Self::Memory(name) => write!(f, "{MEMORY}://{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_and_written_back() {
        let place = std::env::temp_dir().join("oauth.json");
        let path = place.to_str().unwrap();
        for (text, expected, written) in [
            (path, StoreLocation::File(place.clone()), path),
            ("keyring://crm", StoreLocation::Keyring("crm".into()), "keyring://crm"),
            (" KeyRing:// My CRM ", StoreLocation::Keyring("My CRM".into()), "keyring://My CRM"),
            ("memory://a/b", StoreLocation::Memory("a/b".into()), "memory://a/b"),
            ("MEMORY://crm", StoreLocation::Memory("crm".into()), "memory://crm"),
        ] {
            let location = StoreLocation::read(text).unwrap();
            assert_eq!(location, expected, "{text}");
            assert_eq!(location.to_string(), written);
            assert_eq!(StoreLocation::read(written).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn anything_else_is_not_read() {
        let folder = format!("{}/", std::env::temp_dir().display());
        for text in [
            "",
            "oauth.json",
            "./oauth.json",
            "~/oauth.json",
            "keyring",
            "keyring:",
            "keyring:crm",
            "keyring://",
            "memory:// ",
            "memory://a\nb",
            "file:///srv/oauth.json",
            "https://acme.pipedrive.com/oauth.json",
            "/",
            "/home/..",
            folder.as_str(),
        ] {
            assert_eq!(StoreLocation::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn names_have_no_case_and_paths_have() {
        let key = |text: &str| StoreLocation::read(text).unwrap().key();
        assert_eq!(key("keyring://CRM"), key("keyring://crm"));
        assert_eq!(key("memory://CRM"), key("memory://crm"));
        assert_ne!(key("memory://crm"), key("keyring://crm"));
        assert_ne!(StoreLocation::File("/A".into()).key(), StoreLocation::File("/a".into()).key());
    }
}
