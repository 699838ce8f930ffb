//! Where an OAuth sign-in is kept.

use std::fmt;
use std::path::PathBuf;

/// Where an OAuth sign-in is kept (OAuthSettingsLocation).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StoreLocation {
    /// This file.
    File(PathBuf),
    /// The keyring, under this name.
    Keyring(String),
    /// This process, under this name.
    Memory(String),
}

impl StoreLocation {
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let named = |scheme: &str| {
            let name = text.get(..scheme.len()).filter(|own| own.eq_ignore_ascii_case(scheme))?;
            Some(text[name.len()..].trim()).filter(|name| !name.is_empty()).map(str::to_owned)
        };
        let path = || Some(PathBuf::from(text)).filter(|path| path.is_absolute()).map(Self::File);
        named("keyring://").map(Self::Keyring).or_else(|| named("memory://").map(Self::Memory)).or_else(path)
    }
}

impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Keyring(name) => write!(f, "keyring://{name}"),
            Self::Memory(name) => write!(f, "memory://{name}"),
        }
    }
}
