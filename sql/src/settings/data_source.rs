//! Data sources in odbc.ini, read without libodbcinst: the driver must work in a process that has none.
//!
//! The user's file (`$ODBCINI`, else `.odbc.ini` in the home folder) stands before the system's (`odbc.ini` in
//! `$ODBCSYSINI`, else in one of the usual folders), as unixODBC reads them: the first that has the section is taken.
//! The home folder is that of the password database, where unixODBC looks; `$HOME` counts only for a user who has no
//! entry there. A driver that read another file than the manager could send another account's token.

use std::fmt;
use std::path::{Path, PathBuf};

/// Keywords and values in the order of mention.
type Pairs = Vec<(String, String)>;

/// Keywords of odbc.ini that speak to the driver manager.
const MANAGER_KEYWORDS: &[&str] = &[
    "Driver",
    "Driver64",
    "Description",
    "Setup",
    "Setup64",
    "Trace",
    "TraceFile",
    "Debug",
    "DebugFile",
    "FileUsage",
    "UsageCount",
    "CPTimeout",
    "CPReuse",
    "CPTimeToLive",
    "DMEnvAttr",
    "FakeUnicode",
    "IconvEncoding",
    "DriverUnicodeType",
    "Threading",
    "DontDLClose",
];

/// Where an administrator's odbc.ini is, by how unixODBC was built.
const SYSTEM_FOLDERS: &[&str] = &["/etc", "/usr/local/etc", "/opt/homebrew/etc"];

/// Whose data sources a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Those of one user.
    User,
    /// Those of everybody on this computer.
    System,
}

/// Sections of odbc.ini that are no data sources.
const LISTS: &[&str] = &["ODBC Data Sources", "ODBC"];

/// The entry of a data source in an odbc.ini.
#[derive(Clone, PartialEq, Eq)]
pub struct DataSource {
    /// Its name, as the file spells it.
    pub name: String,
    /// Whose it is.
    pub scope: Scope,
    /// The file that has it.
    pub file: PathBuf,
    /// Every keyword and value, in the order of mention.
    pub pairs: Vec<(String, String)>,
}

impl DataSource {
    /// The entry of this name, matched without case; `None` if no file has it.
    pub fn find(name: &str) -> Option<Self> {
        Self::files().into_iter().find_map(|(scope, file)| {
            let (name, pairs) = section(&text(&file)?, name)?;
            Some(Self { name, scope, file, pairs })
        })
    }

    /// Every entry of every file, those first that [`Self::find`] takes first. A name may come several times: only its
    /// first entry is ever used.
    pub fn all() -> Vec<Self> {
        let mut found = Vec::new();
        for (scope, file) in Self::files() {
            let Some(text) = text(&file) else { continue };
            for name in sections(&text) {
                let entry = section(&text, &name);
                found.extend(entry.map(|(name, pairs)| Self { name, scope, file: file.clone(), pairs }));
            }
        }
        found
    }

    /// The files that are read, in this order; they need not exist.
    pub fn files() -> Vec<(Scope, PathBuf)> {
        let user = user_file().into_iter().map(|file| (Scope::User, file));
        user.chain(system_files().into_iter().map(|file| (Scope::System, file))).collect()
    }

    /// The file that a new entry goes to; `None` for a user without a home folder. Among the system's it is the first
    /// that exists.
    pub fn file_for(scope: Scope) -> Option<PathBuf> {
        match scope {
            Scope::User => user_file(),
            Scope::System => {
                let files = system_files();
                files.iter().find(|file| file.exists()).or_else(|| files.first()).cloned()
            }
        }
    }

    /// The connection properties among its pairs: what is not said to the driver manager.
    pub fn properties(&self) -> Vec<(String, String)> {
        self.pairs.iter().filter(|(keyword, _)| !is_manager_keyword(keyword)).cloned().collect()
    }
}

/// Without the values, among which secrets may be.
impl fmt::Debug for DataSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keywords: Vec<_> = self.pairs.iter().map(|(keyword, _)| keyword).collect();
        f.debug_struct("DataSource").field("file", &self.file).field("keywords", &keywords).finish()
    }
}

fn is_manager_keyword(keyword: &str) -> bool {
    MANAGER_KEYWORDS.iter().any(|known| keyword.trim().eq_ignore_ascii_case(known))
}

/// A missing file that `$ODBCINI` names is not replaced by another one: the manager does not look further either.
fn user_file() -> Option<PathBuf> {
    let home = || registered_home().or_else(std::env::home_dir).map(|home| home.join(".odbc.ini"));
    variable("ODBCINI").or_else(home)
}

/// The home folder that the password database has for whoever runs this process.
#[cfg(unix)]
fn registered_home() -> Option<PathBuf> {
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::current()).ok().flatten()?;
    Some(user.dir).filter(|home| !home.as_os_str().is_empty())
}

#[cfg(not(unix))]
const fn registered_home() -> Option<PathBuf> {
    None
}

fn system_files() -> Vec<PathBuf> {
    match variable("ODBCSYSINI") {
        Some(folder) => vec![folder.join("odbc.ini")],
        None => SYSTEM_FOLDERS.iter().map(|folder| Path::new(folder).join("odbc.ini")).collect(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the driver manager's own variables say where its files are")]
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// What a file says; `None` for one that cannot be read. A pipe would make it wait for whoever writes into it.
fn text(file: &Path) -> Option<String> {
    std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file)?;
    std::fs::read(file).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The name and the pairs of the section `name`, matched without case.
fn section(text: &str, name: &str) -> Option<(String, Pairs)> {
    let mut found: Option<(String, Pairs)> = None;
    for line in lines(text) {
        if let Some(header) = header(line) {
            if found.is_some() {
                break;
            }
            found = (header.to_lowercase() == name.to_lowercase()).then(|| (header.to_owned(), Vec::new()));
        } else if let Some((_, pairs)) = &mut found {
            pairs.extend(pair(line));
        }
    }
    found
}

/// The names of the sections, each once; not those in which the managers keep lists and options.
fn sections(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in lines(text).filter_map(header) {
        let is_known = |known: &str| known.to_lowercase() == name.to_lowercase();
        if !LISTS.iter().copied().any(is_known) && !names.iter().any(|known| is_known(known)) {
            names.push(name.to_owned());
        }
    }
    names
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.trim_start_matches('\u{feff}').trim())
}

/// The name in a section's first line.
fn header(line: &str) -> Option<&str> {
    line.strip_prefix('[').map(|header| header.split(']').next().unwrap_or_default().trim())
}

/// A keyword and its value; nothing for comments and blank lines. A value may hold any sign, `;` and `#` included.
fn pair(line: &str) -> Option<(String, String)> {
    if line.starts_with([';', '#']) {
        return None;
    }
    let (keyword, value) = line.split_once('=')?;
    Some((keyword.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\u{feff}; comment\n[ODBC Data Sources]\nPipedrive = x\r\n\r\n[Pipedrive]\r\n# Driver = no\n\
                        driver = /lib/x.so\r\n  APIToken =  a=b;c#d  \nnonsense\n[Other]\nAPIToken = other\n\
                        [PIPEDRIVE]\nAPIToken = second\n";

    #[test]
    fn a_section_is_found_without_case_and_read_to_its_end() {
        let expected = vec![("driver".into(), "/lib/x.so".into()), ("APIToken".into(), "a=b;c#d".into())];
        assert_eq!(section(FILE, "pipeDRIVE"), Some(("Pipedrive".into(), expected)));
        let other = vec![("APIToken".into(), "other".into())];
        assert_eq!(section(FILE, "other"), Some(("Other".into(), other)));
        assert_eq!(section(FILE, "nowhere"), None);
    }

    #[test]
    fn keywords_of_the_manager_are_no_properties_and_debug_shows_no_value() {
        let (name, pairs) = section(FILE, "pipedrive").unwrap();
        let source = DataSource { name, scope: Scope::System, file: "/etc/odbc.ini".into(), pairs };
        assert_eq!(source.properties(), [("APIToken".to_owned(), "a=b;c#d".to_owned())]);
        let shown = format!("{source:?}");
        assert!(shown.contains("APIToken") && !shown.contains("c#d"), "{shown}");
    }

    #[test]
    fn an_empty_section_is_there() {
        assert_eq!(section("[a]\n[b]\n", "a"), Some(("a".into(), Vec::new())));
        assert_eq!(section("[a]", "A"), Some(("a".into(), Vec::new())));
    }

    #[test]
    fn names_are_listed_once_and_lists_are_no_data_sources() {
        assert_eq!(sections(FILE), ["Pipedrive", "Other"]);
        assert_eq!(sections("[ODBC]\nTrace=1\n[a]\n"), ["a"]);
    }
}
