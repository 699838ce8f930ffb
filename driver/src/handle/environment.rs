//! Environments: which ODBC the application speaks.

use std::sync::Arc;

use super::attributes::{Attribute, Setting, Values, attribute};
use super::{Entry, Handle, Records, Shared};
use crate::diagnostics::{Diagnostic, Result};
use crate::odbc::*;
use crate::text::Width;

/// An environment.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    records: Records,
    values: Values,
}

impl Handle for Environment {
    type Side = ();

    const KIND: &'static str = "environment";

    fn entry(shared: Arc<Shared<Self>>) -> Entry {
        Entry::Environment(shared)
    }

    fn of(entry: &Entry) -> Option<&Arc<Shared<Self>>> {
        match entry {
            Entry::Environment(shared) => Some(shared),
            Entry::Connection(_) | Entry::Statement(_) | Entry::Descriptor(_) => None,
        }
    }

    fn records(&mut self) -> &mut Records {
        &mut self.records
    }
}

#[rustfmt::skip]
const ATTRIBUTES: &[Attribute] = &[
    Attribute::long(SQL_ATTR_ODBC_VERSION, "SQL_ATTR_ODBC_VERSION", 0)
        .among(&[SQL_OV_ODBC2, SQL_OV_ODBC3, SQL_OV_ODBC3_80]),
    // The manager pools; it tells the driver only so that it can be read back.
    Attribute::long(SQL_ATTR_CONNECTION_POOLING, "SQL_ATTR_CONNECTION_POOLING", 0).among(&[0, 1, 2, 3]),
    Attribute::long(SQL_ATTR_CP_MATCH, "SQL_ATTR_CP_MATCH", 0).among(&[0, 1]),
    Attribute::long(SQL_ATTR_OUTPUT_NTS, "SQL_ATTR_OUTPUT_NTS", 1).offered(&[0, 1], &[1]),
    Attribute::long(SQL_ATTR_DRIVER_UNICODE_TYPE, "SQL_ATTR_DRIVER_UNICODE_TYPE", SQL_DM_CP_UTF16).read_only(),
];

impl Environment {
    /// Sets an attribute.
    ///
    /// # Errors
    /// HY092, HY024, HYC00; HY010 before SQL_ATTR_ODBC_VERSION was set.
    pub(crate) fn set(&mut self, number: i32, value: usize) -> Result<()> {
        if number != SQL_ATTR_ODBC_VERSION {
            self.speaks_odbc2()?;
        }
        let (value, warning) = attribute(ATTRIBUTES, number)?.admit(value)?;
        self.records.post_all(warning);
        self.values.set(number, value);
        Ok(())
    }

    /// Reads an attribute. iODBC from 3.52.14 on asks for the form of wide text, and converts for the driver then.
    ///
    /// # Errors
    /// HY092; HY010 before SQL_ATTR_ODBC_VERSION was set, but for what iODBC asks.
    pub(crate) fn attribute(&mut self, number: i32) -> Result<Setting> {
        if number == SQL_ATTR_DRIVER_UNICODE_TYPE {
            self.records.width = Width::Two;
        } else {
            self.speaks_odbc2()?;
        }
        attribute(ATTRIBUTES, number).map(|row| self.values.setting(row))
    }

    /// An environment of an application whose wide text is of this width.
    pub(crate) fn new(width: Width) -> Self {
        let mut environment = Self::default();
        environment.records.width = width;
        environment
    }

    /// Width of wide text for the application.
    pub(crate) const fn width(&self) -> Width {
        self.records.width
    }

    /// Whether the application speaks ODBC 2.
    ///
    /// # Errors
    /// HY010 before SQL_ATTR_ODBC_VERSION was set.
    pub(crate) fn speaks_odbc2(&self) -> Result<bool> {
        match self.values.explicit(SQL_ATTR_ODBC_VERSION) {
            Some(version) => Ok(version == SQL_OV_ODBC2),
            None => Err(Diagnostic::Sequence("SQL_ATTR_ODBC_VERSION must be set first, by SQLSetEnvAttr")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_must_be_one_that_exists_and_must_be_set() {
        let mut environment = Environment::default();
        assert_eq!(environment.speaks_odbc2().map_err(|error| error.sqlstate()), Err("HY010"));
        assert_eq!(environment.set(SQL_ATTR_ODBC_VERSION, 4).map_err(|error| error.sqlstate()), Err("HY024"));
        for (version, old) in [(2, true), (3, false), (380, false)] {
            environment.set(SQL_ATTR_ODBC_VERSION, version).expect("a version");
            assert_eq!(environment.speaks_odbc2(), Ok(old));
        }
    }

    #[test]
    fn iodbc_is_told_that_wide_text_is_utf16() {
        let mut environment = Environment::new(Width::Four);
        assert_eq!(environment.attribute(SQL_ATTR_DRIVER_UNICODE_TYPE), Ok(Setting::Long(1)));
        assert_eq!(environment.width(), Width::Two);
    }
}
