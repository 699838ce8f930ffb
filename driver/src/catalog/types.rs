//! What ODBC says of a SQL type: its code, sizes, display width. One table; SQLColumns, SQLGetTypeInfo, SQLDescribeCol
//! and SQLColAttribute read it.
//! stub

use pipedrive_sql::SqlType;

/// What ODBC says of a SQL type. [Sizes](https://learn.microsoft.com/sql/odbc/reference/appendixes/column-size-decimal-digits-transfer-octet-length-and-display-size)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypeFacts {
    /// Concise type (SQL_*), in ODBC 3 form.
    pub(crate) code: i16,
    /// Name of the type.
    pub(crate) name: &'static str,
    /// Column size: characters, digits, or the length of the text form.
    pub(crate) column_size: usize,
    /// Decimal digits; `None` where they do not apply.
    pub(crate) decimal_digits: Option<i16>,
    /// Characters of the longest value as text.
    pub(crate) display_size: usize,
    /// Bytes of the longest value in its default C type.
    pub(crate) octet_length: usize,
    /// 10 or 2; `None` where it does not apply.
    pub(crate) radix: Option<i32>,
    /// True for types without a sign, text among them.
    pub(crate) unsigned: bool,
}

/// The facts of a type.
pub(crate) fn facts(_sql_type: SqlType) -> TypeFacts {
    TypeFacts {
        code: 12,
        name: "VARCHAR",
        column_size: 255,
        decimal_digits: None,
        display_size: 255,
        octet_length: 1020,
        radix: None,
        unsigned: true,
    }
}
