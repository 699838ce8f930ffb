//! What can be set on a statement.

use super::Statement;
use super::parameters::ARRAY;
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::attributes::{Attribute, Setting, When, attribute};
use crate::handle::descriptor::{FieldValue, Shape, shape};
use crate::handle::manager::Manager;
use crate::handle::memory::Address;
use crate::handle::{HANDLES, Token};
use crate::odbc::*;

#[rustfmt::skip]
const ATTRIBUTES: &[Attribute] = &[
    Attribute::size(SQL_ATTR_QUERY_TIMEOUT, "SQL_ATTR_QUERY_TIMEOUT", 0),
    Attribute::size(SQL_ATTR_MAX_ROWS, "SQL_ATTR_MAX_ROWS", 0),
    // Escapes are always translated; a statement without one is the same either way.
    Attribute::size(SQL_ATTR_NOSCAN, "SQL_ATTR_NOSCAN", 0).among(&[0, 1]),
    Attribute::size(SQL_ATTR_MAX_LENGTH, "SQL_ATTR_MAX_LENGTH", 0),
    Attribute::size(SQL_ATTR_ASYNC_ENABLE, "SQL_ATTR_ASYNC_ENABLE", 0).offered(&[0, 1], &[0]),
    Attribute::size(SQL_ATTR_ASYNC_STMT_EVENT, "SQL_ATTR_ASYNC_STMT_EVENT", 0).not_offered(),
    Attribute::size(SQL_ATTR_CURSOR_TYPE, "SQL_ATTR_CURSOR_TYPE", 0).substituted(&[0, 1, 2, 3]).when(When::Unprepared),
    Attribute::size(SQL_ATTR_CONCURRENCY, "SQL_ATTR_CONCURRENCY", 1).substituted(&[1, 2, 3, 4]).when(When::Unprepared),
    Attribute::size(SQL_ATTR_KEYSET_SIZE, "SQL_ATTR_KEYSET_SIZE", 0).substituted(&[]),
    Attribute::size(SQL_ROWSET_SIZE, "SQL_ROWSET_SIZE", 1),
    Attribute::size(SQL_ATTR_SIMULATE_CURSOR, "SQL_ATTR_SIMULATE_CURSOR", 0).substituted(&[0, 1, 2]).when(When::Unprepared),
    Attribute::size(SQL_ATTR_RETRIEVE_DATA, "SQL_ATTR_RETRIEVE_DATA", 1).among(&[0, 1]),
    Attribute::size(SQL_ATTR_USE_BOOKMARKS, "SQL_ATTR_USE_BOOKMARKS", 0).offered(&[0, 1, 2], &[0]).when(When::Unprepared),
    Attribute::size(SQL_ATTR_ROW_NUMBER, "SQL_ATTR_ROW_NUMBER", 0).read_only(),
    Attribute::size(SQL_ATTR_ENABLE_AUTO_IPD, "SQL_ATTR_ENABLE_AUTO_IPD", 0).offered(&[0, 1], &[0]),
    Attribute::size(SQL_ATTR_FETCH_BOOKMARK_PTR, "SQL_ATTR_FETCH_BOOKMARK_PTR", 0),
    Attribute::size(SQL_ATTR_IMP_ROW_DESC, "SQL_ATTR_IMP_ROW_DESC", 0).read_only(),
    Attribute::size(SQL_ATTR_IMP_PARAM_DESC, "SQL_ATTR_IMP_PARAM_DESC", 0).read_only(),
    Attribute::size(SQL_ATTR_METADATA_ID, "SQL_ATTR_METADATA_ID", 0).among(&[0, 1]),
    Attribute::size(SQL_ATTR_CURSOR_SCROLLABLE, "SQL_ATTR_CURSOR_SCROLLABLE", 0).offered(&[0, 1], &[0]).when(When::Unprepared),
    Attribute::size(SQL_ATTR_CURSOR_SENSITIVITY, "SQL_ATTR_CURSOR_SENSITIVITY", 0).offered(&[0, 1, 2], &[0]).when(When::Unprepared),
    Attribute::size(SQL_GET_BOOKMARK, "SQL_GET_BOOKMARK", 0).not_offered(),
];

/// One of a statement's descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DescriptorRole {
    /// Application row descriptor.
    Ard,
    /// Application parameter descriptor.
    Apd,
    /// Implementation row descriptor.
    Ird,
    /// Implementation parameter descriptor.
    Ipd,
}

use DescriptorRole::{Apd, Ard, Ipd, Ird};

/// Attributes that are other names of descriptor header fields.
const HEADER_FIELDS: &[(i32, DescriptorRole, u16)] = &[
    (SQL_ATTR_ROW_ARRAY_SIZE, Ard, SQL_DESC_ARRAY_SIZE),
    (SQL_ATTR_ROW_BIND_TYPE, Ard, SQL_DESC_BIND_TYPE),
    (SQL_ATTR_ROW_BIND_OFFSET_PTR, Ard, SQL_DESC_BIND_OFFSET_PTR),
    (SQL_ATTR_ROW_OPERATION_PTR, Ard, SQL_DESC_ARRAY_STATUS_PTR),
    (SQL_ATTR_ROW_STATUS_PTR, Ird, SQL_DESC_ARRAY_STATUS_PTR),
    (SQL_ATTR_ROWS_FETCHED_PTR, Ird, SQL_DESC_ROWS_PROCESSED_PTR),
    (SQL_ATTR_PARAMSET_SIZE, Apd, SQL_DESC_ARRAY_SIZE),
    (SQL_ATTR_PARAM_BIND_TYPE, Apd, SQL_DESC_BIND_TYPE),
    (SQL_ATTR_PARAM_BIND_OFFSET_PTR, Apd, SQL_DESC_BIND_OFFSET_PTR),
    (SQL_ATTR_PARAM_OPERATION_PTR, Apd, SQL_DESC_ARRAY_STATUS_PTR),
    (SQL_ATTR_PARAM_STATUS_PTR, Ipd, SQL_DESC_ARRAY_STATUS_PTR),
    (SQL_ATTR_PARAMS_PROCESSED_PTR, Ipd, SQL_DESC_ROWS_PROCESSED_PTR),
];

fn header_field(number: i32) -> Option<(DescriptorRole, u16)> {
    HEADER_FIELDS.iter().find(|row| row.0 == number).map(|row| (row.1, row.2))
}

impl Statement {
    /// Sets an attribute; `value` is a number, or a pointer that the application vouches for.
    ///
    /// # Errors
    /// HY092, HY024, HYC00, HY011, HY010, 24000, HY017.
    pub(crate) fn set(&mut self, number: i32, value: Address) -> Result<()> {
        self.check_settable(number)?;
        if let Some((role, field)) = header_field(number) {
            return self.set_header(number, role, field, value);
        }
        match number {
            SQL_ATTR_APP_ROW_DESC => self.descriptors.replace_ard(Token::from_bits(value.bits()), self.connection()),
            SQL_ATTR_APP_PARAM_DESC => self.descriptors.replace_apd(Token::from_bits(value.bits()), self.connection()),
            _ => self.set_value(attribute(ATTRIBUTES, number)?, value.bits()),
        }
    }

    /// # Errors
    /// HY010 while parameters are awaited; HY011 where the prepared statement alone forbids it.
    fn check_settable(&self, number: i32) -> Result<()> {
        let fixed = attribute(ATTRIBUTES, number).ok().filter(|row| row.when == When::Unprepared);
        match (self.check_idle(), fixed) {
            (Err(_), Some(row)) if !self.once => Err(Diagnostic::CannotSetNow(row.name)),
            (checked, _) => checked,
        }
    }

    /// Reads an attribute.
    ///
    /// # Errors
    /// HY010, HY092, HYC00; 24000 for the row number without a row.
    pub(crate) fn attribute(&self, number: i32) -> Result<Setting> {
        self.check_idle()?;
        if let Some((role, field)) = header_field(number) {
            let value = self.descriptor(role).lock().field(0, field)?;
            return Ok(Setting::Size(value.map_or(0, bits)));
        }
        let token = |token: Token| Ok(Setting::Size(token.to_bits()));
        match number {
            SQL_ATTR_APP_ROW_DESC => token(self.descriptors.ard_token()),
            SQL_ATTR_APP_PARAM_DESC => token(self.descriptors.apd_token()),
            SQL_ATTR_IMP_ROW_DESC => token(self.descriptors.ird_token()),
            SQL_ATTR_IMP_PARAM_DESC => token(self.descriptors.ipd_token()),
            SQL_ATTR_ROW_NUMBER => self.row_number().map(Setting::Size),
            SQL_GET_BOOKMARK => Err(Diagnostic::NotOffered("SQL_GET_BOOKMARK")),
            _ => attribute(ATTRIBUTES, number).map(|row| self.values.setting(row)),
        }
    }

    /// A number that was set, or 0.
    pub(super) fn number(&self, number: i32) -> usize {
        self.values.explicit(number).unwrap_or(0)
    }

    /// Whether rows are written to bound buffers at all (SQL_ATTR_RETRIEVE_DATA).
    pub(super) fn retrieves(&self) -> bool {
        self.values.explicit(SQL_ATTR_RETRIEVE_DATA) != Some(SQL_RD_OFF)
    }

    fn set_value(&mut self, row: &Attribute, value: usize) -> Result<()> {
        if row.when == When::Unprepared {
            self.check_no_cursor()?;
            if self.prepared.is_some() {
                return Err(Diagnostic::CannotSetNow(row.name));
            }
        }
        let (value, warning) = row.admit(value)?;
        self.records.post_all(warning);
        self.values.set(row.number, value);
        Ok(())
    }

    fn set_header(&mut self, number: i32, role: DescriptorRole, field: u16, value: Address) -> Result<()> {
        if number == SQL_ATTR_PARAMSET_SIZE && value.bits() > 1 {
            return Err(ARRAY);
        }
        let sized = match number {
            SQL_ATTR_ROW_ARRAY_SIZE => Some("SQL_ATTR_ROW_ARRAY_SIZE"),
            SQL_ATTR_PARAMSET_SIZE => Some("SQL_ATTR_PARAMSET_SIZE"),
            _ => None,
        };
        // After a warning iODBC asks for SQL_ROWSET_SIZE and has room for half of it: the rest would go over its stack.
        let is_harmful = || number == SQL_ATTR_ROW_ARRAY_SIZE && Manager::calling() == Manager::Iodbc;
        if let Some(attribute) = sized.filter(|_| value.is_null() && !is_harmful()) {
            self.records.post(Diagnostic::OptionChanged { attribute, value: "1".into() });
        }
        let value = match shape(field)? {
            Shape::Pointer => FieldValue::Address(value),
            Shape::Short | Shape::Long | Shape::Size | Shape::Text => value.bits().into(),
        };
        self.descriptor(role).lock().set(0, field, value)
    }

    fn descriptor(&self, role: DescriptorRole) -> &crate::handle::Shared<crate::handle::Descriptor> {
        match role {
            Ard => self.descriptors.ard(),
            Apd => self.descriptors.apd(),
            Ird => self.descriptors.ird(),
            Ipd => self.descriptors.ipd(),
        }
    }

    fn connection(&self) -> Token {
        HANDLES.parent(self.token).unwrap_or(Token::NONE)
    }

    fn row_number(&self) -> Result<usize> {
        let cursor = self.cursor.as_ref();
        cursor.and_then(super::Cursor::row_number).ok_or(Diagnostic::CursorState("the cursor is on no row"))
    }
}

fn bits(value: FieldValue) -> usize {
    match value {
        FieldValue::Number(number) => number.cast_unsigned(),
        FieldValue::Address(address) => address.bits(),
        FieldValue::Text(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_tables_are_unique() {
        let values = ATTRIBUTES.iter().map(|row| row.number);
        let mut numbers: Vec<_> = values.chain(HEADER_FIELDS.iter().map(|row| row.0)).collect();
        numbers.sort_unstable();
        let count = numbers.len();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }

    #[test]
    fn cursors_other_than_forward_only_and_read_only_are_replaced_by_what_there_is() {
        for (number, value, kept) in [
            (SQL_ATTR_CURSOR_TYPE, 3, 0),
            (SQL_ATTR_CONCURRENCY, 2, 1),
            (SQL_ATTR_KEYSET_SIZE, 100, 0),
            (SQL_ATTR_SIMULATE_CURSOR, 2, 0),
        ] {
            let (admitted, warning) = attribute(ATTRIBUTES, number).and_then(|row| row.admit(value)).expect("known");
            assert_eq!((admitted, warning.map(|warning| warning.sqlstate())), (kept, Some("01S02")), "{number}");
        }
    }
}
