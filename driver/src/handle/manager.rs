//! Which driver manager loaded the driver, for the log: bugs are often those of one of them.

/// The manager's name; empty where it cannot be told.
#[cfg(target_os = "linux")]
pub(crate) fn manager() -> &'static str {
    std::fs::read_to_string("/proc/self/maps").map_or("", |maps| of_loaded(&maps))
}

/// The manager's name; empty where it cannot be told.
#[cfg(not(target_os = "linux"))]
pub(crate) fn manager() -> &'static str {
    if cfg!(windows) { "the driver manager of Windows" } else { "" }
}

#[cfg(target_os = "linux")]
fn of_loaded(maps: &str) -> &'static str {
    match (maps.contains("/libodbc.so"), maps.contains("/libiodbc.so")) {
        (true, false) => "unixODBC",
        (false, true) => "iODBC",
        (true, true) => "unixODBC and iODBC",
        (false, false) => "no driver manager",
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_manager_is_known_by_its_library() {
        assert_eq!(of_loaded("7f00 r-xp /usr/lib/libodbc.so.2.0.0\n"), "unixODBC");
        assert_eq!(of_loaded("7f00 r-xp /usr/lib/libiodbc.so.2.1.20\n"), "iODBC");
        assert_eq!(of_loaded("7f00 r-xp /usr/lib/libpipedriveodbc.so\n"), "no driver manager");
    }
}
