//! The fields of descriptors as a table.
//! [SQLSetDescField](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetdescfield-function)

use super::Role;
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::memory::Address;
use crate::odbc::*;

/// What a field's value looks like in the application's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// SQLSMALLINT.
    Short,
    /// SQLINTEGER.
    Long,
    /// SQLLEN or SQLULEN.
    Size,
    /// A pointer.
    Pointer,
    /// Text.
    Text,
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldValue {
    /// A number of any width.
    Number(isize),
    /// A pointer.
    Address(Address),
    /// A text.
    Text(String),
}

struct Field {
    number: u16,
    shape: Shape,
    header: bool,
    /// For application, row and parameter descriptors: `w` written and read, `r` read, `-` unused.
    access: &'static [u8; 3],
}

const fn header(number: u16, shape: Shape, access: &'static [u8; 3]) -> Field {
    Field { number, shape, header: true, access }
}

const fn record(number: u16, shape: Shape, access: &'static [u8; 3]) -> Field {
    Field { number, shape, header: false, access }
}

const FIELDS: &[Field] = &[
    header(SQL_DESC_ALLOC_TYPE, Shape::Short, b"rrr"),
    header(SQL_DESC_ARRAY_SIZE, Shape::Size, b"w--"),
    header(SQL_DESC_ARRAY_STATUS_PTR, Shape::Pointer, b"www"),
    header(SQL_DESC_BIND_OFFSET_PTR, Shape::Pointer, b"w--"),
    header(SQL_DESC_BIND_TYPE, Shape::Long, b"w--"),
    header(SQL_DESC_COUNT, Shape::Short, b"wrw"),
    header(SQL_DESC_ROWS_PROCESSED_PTR, Shape::Pointer, b"-ww"),
    record(SQL_DESC_AUTO_UNIQUE_VALUE, Shape::Long, b"-r-"),
    record(SQL_DESC_BASE_COLUMN_NAME, Shape::Text, b"-r-"),
    record(SQL_DESC_BASE_TABLE_NAME, Shape::Text, b"-r-"),
    record(SQL_DESC_CASE_SENSITIVE, Shape::Long, b"-rr"),
    record(SQL_DESC_CATALOG_NAME, Shape::Text, b"-r-"),
    record(SQL_DESC_CONCISE_TYPE, Shape::Short, b"wrw"),
    record(SQL_DESC_DATA_PTR, Shape::Pointer, b"w-w"),
    record(SQL_DESC_DATETIME_INTERVAL_CODE, Shape::Short, b"wrw"),
    record(SQL_DESC_DATETIME_INTERVAL_PRECISION, Shape::Long, b"wrw"),
    record(SQL_DESC_DISPLAY_SIZE, Shape::Size, b"-r-"),
    record(SQL_DESC_FIXED_PREC_SCALE, Shape::Short, b"-rr"),
    record(SQL_DESC_INDICATOR_PTR, Shape::Pointer, b"w--"),
    record(SQL_DESC_LABEL, Shape::Text, b"-r-"),
    record(SQL_DESC_LENGTH, Shape::Size, b"wrw"),
    record(SQL_DESC_LITERAL_PREFIX, Shape::Text, b"-r-"),
    record(SQL_DESC_LITERAL_SUFFIX, Shape::Text, b"-r-"),
    record(SQL_DESC_LOCAL_TYPE_NAME, Shape::Text, b"-rr"),
    record(SQL_DESC_NAME, Shape::Text, b"-rw"),
    record(SQL_DESC_NULLABLE, Shape::Short, b"-rr"),
    record(SQL_DESC_NUM_PREC_RADIX, Shape::Long, b"wrw"),
    record(SQL_DESC_OCTET_LENGTH, Shape::Size, b"wrw"),
    record(SQL_DESC_OCTET_LENGTH_PTR, Shape::Pointer, b"w--"),
    record(SQL_DESC_PARAMETER_TYPE, Shape::Short, b"--w"),
    record(SQL_DESC_PRECISION, Shape::Short, b"wrw"),
    record(SQL_DESC_ROWVER, Shape::Short, b"-rr"),
    record(SQL_DESC_SCALE, Shape::Short, b"wrw"),
    record(SQL_DESC_SCHEMA_NAME, Shape::Text, b"-r-"),
    record(SQL_DESC_SEARCHABLE, Shape::Short, b"-r-"),
    record(SQL_DESC_TABLE_NAME, Shape::Text, b"-r-"),
    record(SQL_DESC_TYPE, Shape::Short, b"wrw"),
    record(SQL_DESC_TYPE_NAME, Shape::Text, b"-rr"),
    record(SQL_DESC_UNNAMED, Shape::Short, b"-rw"),
    record(SQL_DESC_UNSIGNED, Shape::Short, b"-rr"),
    record(SQL_DESC_UPDATABLE, Shape::Short, b"-r-"),
];

fn field(number: u16) -> Result<&'static Field> {
    FIELDS.iter().find(|field| field.number == number).ok_or(Diagnostic::DescriptorField(number))
}

/// How the descriptor has the field: `w`, `r` or `-`.
///
/// # Errors
/// HY091.
pub(super) fn access(role: Role, number: u16) -> Result<u8> {
    let [application, row, parameter] = *field(number)?.access;
    Ok(match role {
        Role::Application => application,
        Role::Row => row,
        Role::Parameter => parameter,
    })
}

/// What a field's value looks like.
///
/// # Errors
/// HY091.
pub(crate) fn shape(number: u16) -> Result<Shape> {
    field(number).map(|field| field.shape)
}

/// Whether a field belongs to all records.
pub(super) fn is_header(number: u16) -> bool {
    field(number).is_ok_and(|field| field.header)
}

/// # Errors
/// HY091 for a field that cannot be written; HY016 where that is because it describes a result.
pub(super) fn check_writable(role: Role, number: u16) -> Result<()> {
    match access(role, number)? {
        b'w' => Ok(()),
        _ if role == Role::Row => Err(Diagnostic::ImplementationRow),
        _ => Err(Diagnostic::DescriptorField(number)),
    }
}

/// # Errors
/// HY091 for a field that the descriptor does not have.
pub(super) fn check_readable(role: Role, number: u16) -> Result<()> {
    if access(role, number)? == b'-' { Err(Diagnostic::DescriptorField(number)) } else { Ok(()) }
}

impl FieldValue {
    /// The number of a pointer or the number itself; 0 for text.
    pub(super) fn number(&self) -> isize {
        match self {
            Self::Number(number) => *number,
            Self::Address(address) => address.bits().cast_signed(),
            Self::Text(_) => 0,
        }
    }

    /// A number that is not negative.
    pub(super) fn size(&self, attribute: &'static str) -> Result<usize> {
        let number = self.number();
        usize::try_from(number).map_err(|_| Diagnostic::AttributeValue { attribute, value: number.to_string() })
    }

    /// A number of 16 bits.
    pub(super) fn short(&self, attribute: &'static str) -> Result<i16> {
        let number = self.number();
        i16::try_from(number).map_err(|_| Diagnostic::AttributeValue { attribute, value: number.to_string() })
    }

    /// A number of 32 bits.
    pub(super) fn long(&self, attribute: &'static str) -> Result<i32> {
        let number = self.number();
        i32::try_from(number).map_err(|_| Diagnostic::AttributeValue { attribute, value: number.to_string() })
    }

    /// The pointer; null for what is none.
    pub(super) fn address(&self) -> Address {
        match self {
            Self::Address(address) => *address,
            Self::Number(_) | Self::Text(_) => Address::NULL,
        }
    }
}

impl From<i16> for FieldValue {
    fn from(number: i16) -> Self {
        Self::Number(number.into())
    }
}

impl From<i32> for FieldValue {
    fn from(number: i32) -> Self {
        Self::Number(isize::try_from(number).unwrap_or_default())
    }
}

impl From<isize> for FieldValue {
    fn from(number: isize) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for FieldValue {
    fn from(number: usize) -> Self {
        Self::Number(number.cast_signed())
    }
}

impl From<bool> for FieldValue {
    fn from(flag: bool) -> Self {
        Self::Number(flag.into())
    }
}

impl From<Address> for FieldValue {
    fn from(address: Address) -> Self {
        Self::Address(address)
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
