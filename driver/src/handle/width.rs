//! How wide the application's wide text is: 2 bytes under unixODBC and Windows, 4 under iODBC up to 3.52.13.
//!
//! A newer iODBC asks for SQL_ATTR_DRIVER_UNICODE_TYPE and converts by itself; its environment goes back to 2 bytes then.

use crate::text::Width;

/// The width for an environment that is allocated now: 4 bytes where iODBC is loaded and unixODBC is not.
#[cfg(target_os = "linux")]
pub(crate) fn detect() -> Width {
    std::fs::read_to_string("/proc/self/maps").map_or(Width::Two, |maps| of_loaded(&maps))
}

/// The width for an environment that is allocated now.
#[cfg(not(target_os = "linux"))]
pub(crate) fn detect() -> Width {
    Width::Two
}

#[cfg(target_os = "linux")]
fn of_loaded(maps: &str) -> Width {
    let is_loaded = |library: &str| maps.lines().any(|line| line.contains(library));
    if is_loaded("/libiodbc.so") && !is_loaded("/libodbc.so") { Width::Four } else { Width::Two }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_iodbc_alone_means_four_bytes() {
        let line = |library: &str| format!("7f00-7f01 r-xp 00000000 08:01 1 /usr/lib/{library}\n");
        let (iodbc, unixodbc) = (line("libiodbc.so.2.1.20"), line("libodbc.so.2.0.0"));
        assert_eq!(of_loaded(&iodbc), Width::Four);
        assert_eq!(of_loaded(&unixodbc), Width::Two);
        assert_eq!(of_loaded(&format!("{iodbc}{unixodbc}")), Width::Two);
        assert_eq!(of_loaded(""), Width::Two);
    }
}
