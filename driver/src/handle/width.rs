//! How wide the application's wide text is: 2 bytes under unixODBC and Windows, 4 under iODBC up to 3.52.13.
//!
//! A newer iODBC asks for SQL_ATTR_DRIVER_UNICODE_TYPE and converts by itself; its environment goes back to 2 bytes then.

use super::manager::Manager;
use crate::text::Width;

/// The width for an environment that this manager allocates.
pub(crate) const fn width(manager: Manager) -> Width {
    match manager {
        Manager::Iodbc => Width::Four,
        Manager::UnixOdbc | Manager::Windows | Manager::Other => Width::Two,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_iodbc_means_four_bytes() {
        assert_eq!(width(Manager::Iodbc), Width::Four);
        for manager in [Manager::UnixOdbc, Manager::Windows, Manager::Other] {
            assert_eq!(width(manager), Width::Two);
        }
    }
}
