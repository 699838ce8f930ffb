//! What must be on the machine, and how to tell whether it is.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::succeeds;
use crate::{Failure, Result, packages};

/// Something that must be installed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    /// What it is, for people.
    pub(crate) name: &'static str,
    /// Whether it works here.
    pub(crate) works: fn() -> bool,
    /// Packages that bring it: Debian's, Fedora's, Homebrew's.
    pub(crate) apt: &'static [&'static str],
    pub(crate) dnf: &'static [&'static str],
    pub(crate) brew: &'static [&'static str],
}

/// The client that the demo and the tests run.
pub(crate) const ISQL: Tool =
    Tool { name: "isql", works: isql, apt: &["unixodbc"], dnf: &["unixODBC"], brew: &["unixodbc"] };

/// What the tests of the command ask which drivers are registered; Debian keeps it in a package of its own.
pub(crate) const ODBCINST: Tool =
    Tool { name: "odbcinst", works: odbcinst, apt: &["odbcinst"], dnf: &["unixODBC"], brew: &["unixodbc"] };

/// What `-lodbc` on the link line needs.
pub(crate) const ODBC_FILES: Tool = Tool {
    name: "unixODBC's development files",
    works: links_odbc,
    apt: &["unixodbc-dev"],
    dnf: &["unixODBC-devel"],
    brew: &["unixodbc"],
};

/// A Python that can make virtual environments; Debian keeps that part in a package of its own.
pub(crate) const PYTHON: Tool = Tool {
    name: "Python 3 with venv",
    works: venv,
    apt: &["python3", "python3-venv"],
    dnf: &["python3"],
    brew: &["python"],
};

/// What the tests of sign-ins in the keyring start a session of; other systems than Linux have keyrings of their own.
pub(crate) const KEYRING: Tool = Tool {
    name: "GNOME Keyring, secret-tool and D-Bus (for Python, too)",
    works: keyring,
    apt: &["gnome-keyring", "libsecret-tools", "dbus", "python3-dbus"],
    dnf: &["gnome-keyring", "libsecret", "dbus-daemon", "dbus-tools", "python3-dbus"],
    brew: &[],
};

/// What the test of signing in drives in place of a person. A browser of another name serves as well; Debian's is about
/// 130 MB to fetch and 400 MB on disk.
pub(crate) const BROWSER: Tool = Tool {
    name: "Chromium with its driver",
    works: browser,
    apt: &["chromium", "chromium-driver"],
    dnf: &["chromium", "chromedriver"],
    brew: &[],
};

/// The other driver manager, whose characters have four bytes; tests load its library beside unixODBC's. Elsewhere than
/// on Linux no test does.
pub(crate) const IODBC: Tool = Tool { name: "iODBC", works: iodbc, apt: &["libiodbc2"], dnf: &["libiodbc"], brew: &[] };

/// What the tests make a locale of that is not UTF-8; other systems than Linux have such locales.
pub(crate) const LOCALES: Tool = Tool {
    name: "localedef and the sources of locales",
    works: locales,
    apt: &["locales"],
    dnf: &["glibc-locale-source"],
    brew: &[],
};

/// What watches over the driver's memory while it is called wrongly. Elsewhere than on Linux no test runs it.
pub(crate) const VALGRIND: Tool =
    Tool { name: "valgrind", works: valgrind, apt: &["valgrind"], dnf: &["valgrind"], brew: &[] };

/// Installs those of `tools` that do not work yet.
pub(crate) fn install(tools: &[Tool]) -> Result<()> {
    let missing = missing(tools);
    if missing.is_empty() {
        println!("Installed: {}.", names(tools));
        return Ok(());
    }
    println!("Missing: {}.", names(&missing));
    packages::install(&missing)?;
    let missing = self::missing(tools);
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{} still cannot be used although its packages were installed", names(&missing))))
}

fn missing(tools: &[Tool]) -> Vec<Tool> {
    tools.iter().filter(|tool| !(tool.works)()).copied().collect()
}

/// The names of tools, for a sentence.
pub(crate) fn names(tools: &[Tool]) -> String {
    tools.iter().map(|tool| tool.name).collect::<Vec<_>>().join(", ")
}

fn isql() -> bool {
    succeeds(Command::new("isql").arg("--version"))
}

fn odbcinst() -> bool {
    succeeds(Command::new("odbcinst").arg("-j"))
}

/// Programs that show whether they are there by telling their version; `secret-tool` has no such option.
const SESSION: &[(&str, &str)] = &[
    ("gnome-keyring-daemon", "--version"),
    ("dbus-run-session", "--version"),
    ("dbus-daemon", "--version"),
    ("dbus-send", "--help"),
    ("dbus-monitor", "--help"),
    ("secret-tool", "--help"),
];

fn keyring() -> bool {
    let starts = |(program, option): &(&str, &str)| {
        Command::new(program).arg(option).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    !cfg!(target_os = "linux") || (SESSION.iter().all(starts) && speaks_to_the_bus())
}

/// Loads the library, as the tests do.
fn iodbc() -> bool {
    let load = "import ctypes; ctypes.CDLL('libiodbc.so.2')";
    !cfg!(target_os = "linux") || succeeds(Command::new("python3").args(["-c", load]))
}

/// Where the sources of locales are, and two that tests need.
const LOCALE_SOURCES: &[&str] = &["/usr/share/i18n/locales/en_US", "/usr/share/i18n/charmaps/ISO-8859-1.gz"];

fn locales() -> bool {
    let has_sources = || LOCALE_SOURCES.iter().all(|path| Path::new(path).exists());
    !cfg!(target_os = "linux") || (has_sources() && succeeds(Command::new("localedef").arg("--version")))
}

fn valgrind() -> bool {
    !cfg!(target_os = "linux") || succeeds(Command::new("valgrind").arg("--version"))
}

/// Of the system's own Python: one of a virtual environment does not have its packages.
fn speaks_to_the_bus() -> bool {
    succeeds(Command::new("/usr/bin/python3").args(["-c", "import dbus"]))
}

/// The browsers that its driver finds by itself.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

fn browser() -> bool {
    let works = |program: &str| succeeds(Command::new(program).arg("--version"));
    !cfg!(target_os = "linux") || (works("chromedriver") && BROWSERS.iter().any(|browser| works(browser)))
}

fn venv() -> bool {
    succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"]))
}

/// Where Homebrew keeps libraries, which compilers do not search by themselves.
const HOMEBREW: &[&str] = &["/opt/homebrew", "/usr/local"];

/// Compiles and links a program of one line against the driver manager: what the build is going to do.
fn links_odbc() -> bool {
    let program = std::env::temp_dir().join(format!("pipedrive-odbc-link-{}", std::process::id()));
    let linked = link(&program);
    // Left behind at worst: a small file of the temporary folder.
    drop(std::fs::remove_file(&program));
    linked
}

fn link(program: &Path) -> bool {
    let mut cc = Command::new("cc");
    cc.args(["-x", "c", "-", "-o"]).arg(program);
    for folder in HOMEBREW.iter().filter(|folder| Path::new(folder).exists()) {
        cc.arg(format!("-I{folder}/include")).arg(format!("-L{folder}/lib"));
    }
    cc.arg("-lodbc").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = cc.spawn() else { return false };
    if let Some(mut source) = child.stdin.take() {
        // A compiler that does not read its source fails, and says so by its status.
        drop(
            source.write_all(b"#include <sql.h>\n#include <sqlext.h>\nint main(void) { return SQLFreeHandle == 0; }\n"),
        );
    }
    child.wait().is_ok_and(|status| status.success())
}
