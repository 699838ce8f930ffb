//! What can be set on a connection.

use super::Connection;
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::attributes::{Attribute, Setting, Shape, When, attribute};
use crate::odbc::*;

#[rustfmt::skip]
const ATTRIBUTES: &[Attribute] = &[
    // Only read statements run, whatever is said here.
    Attribute::long(SQL_ATTR_ACCESS_MODE, "SQL_ATTR_ACCESS_MODE", 0).among(&[0, 1]),
    // There are no transactions: nothing is open that OFF could hold back, and clients insist on setting it.
    Attribute::long(SQL_ATTR_AUTOCOMMIT, "SQL_ATTR_AUTOCOMMIT", 1).among(&[0, 1]),
    Attribute::long(SQL_ATTR_LOGIN_TIMEOUT, "SQL_ATTR_LOGIN_TIMEOUT", 0).when(When::BeforeConnect),
    Attribute::long(SQL_ATTR_CONNECTION_TIMEOUT, "SQL_ATTR_CONNECTION_TIMEOUT", 0),
    Attribute::long(SQL_ATTR_TRACE, "SQL_ATTR_TRACE", 0).among(&[0, 1]),
    Attribute::text(SQL_ATTR_TRACEFILE, "SQL_ATTR_TRACEFILE"),
    Attribute::text(SQL_ATTR_TRANSLATE_LIB, "SQL_ATTR_TRANSLATE_LIB").not_offered(),
    Attribute::long(SQL_ATTR_TRANSLATE_OPTION, "SQL_ATTR_TRANSLATE_OPTION", 0).not_offered(),
    // 0: there are no transactions, so no level of isolation holds. Setting one is told to have no effect.
    Attribute::long(SQL_ATTR_TXN_ISOLATION, "SQL_ATTR_TXN_ISOLATION", 0).substituted(&[1, 2, 4, 8]),
    Attribute::text(SQL_ATTR_CURRENT_CATALOG, "SQL_ATTR_CURRENT_CATALOG"),
    Attribute::size(SQL_ATTR_ODBC_CURSORS, "SQL_ATTR_ODBC_CURSORS", 2).among(&[0, 1, 2]),
    Attribute::size(SQL_ATTR_QUIET_MODE, "SQL_ATTR_QUIET_MODE", 0),
    Attribute::long(SQL_ATTR_PACKET_SIZE, "SQL_ATTR_PACKET_SIZE", 0).not_offered().when(When::BeforeConnect),
    Attribute::long(SQL_ATTR_DISCONNECT_BEHAVIOR, "SQL_ATTR_DISCONNECT_BEHAVIOR", 0).among(&[0, 1]),
    // The manager tells which kind of text the application speaks; each entry point knows for itself.
    Attribute::long(SQL_ATTR_ANSI_APP, "SQL_ATTR_ANSI_APP", 1).among(&[0, 1]),
    Attribute::long(SQL_ATTR_RESET_CONNECTION, "SQL_ATTR_RESET_CONNECTION", 0).not_offered(),
    Attribute::long(SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE, "SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE", 0).offered(&[0, 1], &[0]),
    Attribute::size(SQL_ATTR_ASYNC_ENABLE, "SQL_ATTR_ASYNC_ENABLE", 0).offered(&[0, 1], &[0]),
    Attribute::text(SQL_ATTR_APPLICATION_NAME, "SQL_ATTR_APPLICATION_NAME"),
    // Agreeing would make iODBC pass wide text of another width than SQL_ATTR_DRIVER_UNICODE_TYPE says.
    Attribute::long(SQL_ATTR_APP_WCHAR_TYPE, "SQL_ATTR_APP_WCHAR_TYPE", 0).not_offered(),
    Attribute::size(SQL_ATTR_ENLIST_IN_DTC, "SQL_ATTR_ENLIST_IN_DTC", 0).not_offered(),
    Attribute::long(SQL_ATTR_CONNECTION_DEAD, "SQL_ATTR_CONNECTION_DEAD", 0).read_only(),
    Attribute::long(SQL_ATTR_AUTO_IPD, "SQL_ATTR_AUTO_IPD", 0).read_only(),
    Attribute::long(SQL_ATTR_METADATA_ID, "SQL_ATTR_METADATA_ID", 0).among(&[0, 1]),
];

/// Attributes that can be read before connecting though nobody set them.
const READ_EARLY: &[i32] = &[
    SQL_ATTR_ACCESS_MODE,
    SQL_ATTR_AUTOCOMMIT,
    SQL_ATTR_LOGIN_TIMEOUT,
    SQL_ATTR_ODBC_CURSORS,
    SQL_ATTR_TRACE,
    SQL_ATTR_TRACEFILE,
];

/// The only catalog there is.
pub(super) const CATALOG: &str = "pipedrive";

impl Connection {
    /// What a value of this attribute looks like.
    ///
    /// # Errors
    /// HY092.
    pub(crate) fn shape(number: i32) -> Result<Shape> {
        attribute(ATTRIBUTES, number).map(|row| row.shape)
    }

    /// Sets a number.
    ///
    /// # Errors
    /// HY092, HY024, HYC00, HY011, 08002, 08003.
    pub(crate) fn set(&mut self, number: i32, value: usize) -> Result<()> {
        let row = attribute(ATTRIBUTES, number)?;
        self.check_moment(number)?;
        if row.when == When::BeforeConnect && self.is_open() {
            return Err(Diagnostic::CannotSetNow(row.name));
        }
        let (value, warning) = row.admit(value)?;
        self.records.post_all(warning);
        self.values.set(number, value);
        Ok(())
    }

    /// Sets a text; `None` stands for a null pointer.
    ///
    /// # Errors
    /// HY009, HY092, HYC00, 08003; HY024 for a catalog that there is not.
    pub(crate) fn set_text(&mut self, number: i32, text: Option<String>) -> Result<()> {
        let row = attribute(ATTRIBUTES, number)?;
        self.check_moment(number)?;
        row.admit(0)?;
        let text = text.ok_or(Diagnostic::NullPointer("the value of the attribute"))?;
        if number == SQL_ATTR_CURRENT_CATALOG && !text.eq_ignore_ascii_case(CATALOG) {
            return Err(Diagnostic::AttributeValue { attribute: row.name, value: text });
        }
        self.values.set_text(number, text);
        Ok(())
    }

    /// # Errors
    /// 08003 for what translates text, before connecting; 08002 for the manager's cursors, after it.
    fn check_moment(&self, number: i32) -> Result<()> {
        match number {
            SQL_ATTR_TRANSLATE_LIB | SQL_ATTR_TRANSLATE_OPTION => self.link().map(drop),
            SQL_ATTR_ODBC_CURSORS if self.is_open() => Err(Diagnostic::AlreadyConnected),
            _ => Ok(()),
        }
    }

    /// Reads an attribute.
    ///
    /// # Errors
    /// HY092; 08003 before connecting, unless it was set or is one of the few that are there from the beginning.
    pub(crate) fn attribute(&self, number: i32) -> Result<Setting> {
        let row = attribute(ATTRIBUTES, number)?;
        if !READ_EARLY.contains(&number) && !self.values.was_set(number) {
            self.link()?;
        }
        match number {
            SQL_ATTR_CURRENT_CATALOG => self.link().map(|_| Setting::Text(CATALOG.into())),
            SQL_ATTR_CONNECTION_DEAD => Ok(Setting::Long(u32::from(!self.is_open()))),
            _ => Ok(self.values.setting(row)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Width;

    fn state<T>(result: Result<T>) -> &'static str {
        result.err().map_or("00000", |error| error.sqlstate())
    }

    #[test]
    fn numbers_of_the_table_are_unique() {
        let mut numbers: Vec<_> = ATTRIBUTES.iter().map(|row| row.number).collect();
        numbers.sort_unstable();
        let count = numbers.len();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }

    #[test]
    fn what_clients_set_before_connecting_is_taken() {
        let mut connection = Connection::new(false, Width::Two);
        for (number, value) in [
            (SQL_ATTR_AUTOCOMMIT, 0),
            (SQL_ATTR_AUTOCOMMIT, 1),
            (SQL_ATTR_LOGIN_TIMEOUT, 20),
            (SQL_ATTR_CONNECTION_TIMEOUT, 5),
            (SQL_ATTR_ACCESS_MODE, 1),
            (SQL_ATTR_ANSI_APP, 0),
            (SQL_ATTR_QUIET_MODE, 0),
        ] {
            assert_eq!(state(connection.set(number, value)), "00000", "{number} = {value}");
        }
        assert_eq!(connection.attribute(SQL_ATTR_LOGIN_TIMEOUT), Ok(Setting::Long(20)));
        assert_eq!(connection.attribute(SQL_ATTR_AUTOCOMMIT), Ok(Setting::Long(1)));
        assert_eq!(state(connection.set_text(SQL_ATTR_APPLICATION_NAME, Some("iodbctest".into()))), "00000");
    }

    #[test]
    fn what_is_not_there_is_refused_with_its_state() {
        let mut connection = Connection::new(false, Width::Two);
        assert_eq!(state(connection.set(SQL_ATTR_APP_WCHAR_TYPE, 3)), "HYC00");
        assert_eq!(state(connection.set(SQL_ATTR_PACKET_SIZE, 4096)), "HYC00");
        assert_eq!(state(connection.set(SQL_ATTR_CONNECTION_DEAD, 1)), "HY092");
        assert_eq!(state(connection.set(SQL_ATTR_AUTOCOMMIT, 2)), "HY024");
        assert_eq!(state(connection.set(31_999, 0)), "HY092");
        assert_eq!(state(connection.set_text(SQL_ATTR_CURRENT_CATALOG, Some("other".into()))), "HY024");
        assert_eq!(state(connection.set_text(SQL_ATTR_CURRENT_CATALOG, None)), "HY009");
        assert_eq!(state(connection.attribute(SQL_ATTR_CURRENT_CATALOG)), "08003");
    }

    #[test]
    fn a_level_of_isolation_is_told_to_have_no_effect() {
        let mut connection = Connection::new(false, Width::Two);
        assert_eq!(state(connection.set(SQL_ATTR_TXN_ISOLATION, 2)), "00000");
        let warning = connection.records.record(1).map(|record| record.diagnostic.sqlstate());
        assert_eq!(warning, Some("01S02"));
        assert_eq!(connection.attribute(SQL_ATTR_TXN_ISOLATION), Ok(Setting::Long(0)));
    }
}
