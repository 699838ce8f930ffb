//! Which driver manager calls: bugs are often those of one of them, and their wide text differs.

use std::path::Path;

use super::caller::caller;

/// A driver manager, or what stands in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manager {
    /// unixODBC.
    UnixOdbc,
    /// iODBC.
    Iodbc,
    /// The one of Windows.
    Windows,
    /// The program calls the driver itself, or through a manager that is not known.
    Other,
}

impl Manager {
    /// The one that makes the call that this thread is in. Where the calling library is none that is known, the one that
    /// the process has loaded, if it is one alone.
    pub(crate) fn calling() -> Self {
        if cfg!(windows) {
            return Self::Windows;
        }
        let calling = caller().and_then(|path| Self::of_file(&path));
        calling.or_else(|| Self::of_loaded(&loaded())).unwrap_or(Self::Other)
    }

    /// The manager whose library has this name.
    fn of_file(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        match name {
            // macOS has it as a framework.
            "iODBC" => Some(Self::Iodbc),
            _ if name.starts_with("libiodbc.") => Some(Self::Iodbc),
            _ if name.starts_with("libodbc.") => Some(Self::UnixOdbc),
            _ => None,
        }
    }

    fn of_loaded(maps: &str) -> Option<Self> {
        match (maps.contains("/libodbc.so"), maps.contains("/libiodbc.so")) {
            (true, false) => Some(Self::UnixOdbc),
            (false, true) => Some(Self::Iodbc),
            _ => None,
        }
    }

    /// Its name for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::UnixOdbc => "unixODBC",
            Self::Iodbc => "iODBC",
            Self::Windows => "the driver manager of Windows",
            Self::Other => "no driver manager",
        }
    }
}

/// What the process has loaded; empty where it cannot be told.
fn loaded() -> String {
    if cfg!(target_os = "linux") {
        std::fs::read_to_string("/proc/self/maps").unwrap_or_default()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_is_known_by_its_library() {
        for (file, expected) in [
            ("/usr/lib/x86_64-linux-gnu/libodbc.so.2", Some(Manager::UnixOdbc)),
            ("libiodbc.so.2", Some(Manager::Iodbc)),
            ("/usr/local/lib/libiodbc.2.dylib", Some(Manager::Iodbc)),
            ("/opt/homebrew/lib/libodbc.2.dylib", Some(Manager::UnixOdbc)),
            ("/Library/Frameworks/iODBC.framework/Versions/A/iODBC", Some(Manager::Iodbc)),
            ("/opt/tableau/libtableauodbc.so", None),
            ("/usr/lib/libodbcinst.so.2", None),
            ("/usr/bin/python3", None),
        ] {
            assert_eq!(Manager::of_file(Path::new(file)), expected, "{file}");
        }
    }

    #[test]
    fn where_the_caller_is_not_known_the_only_one_that_is_loaded_counts() {
        let line = |library: &str| format!("7f00-7f01 r-xp 00000000 08:01 1 /usr/lib/{library}\n");
        let (iodbc, unixodbc) = (line("libiodbc.so.2.1.20"), line("libodbc.so.2.0.0"));
        assert_eq!(Manager::of_loaded(&iodbc), Some(Manager::Iodbc));
        assert_eq!(Manager::of_loaded(&unixodbc), Some(Manager::UnixOdbc));
        assert_eq!(Manager::of_loaded(&format!("{iodbc}{unixodbc}")), None);
        assert_eq!(Manager::of_loaded(&line("libpipedriveodbc.so")), None);
    }
}
