//! The fields of a result column, for SQLColAttribute and the description of the result.
//! [SQLColAttribute](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlcolattribute-function)

use pipedrive_sql::{BaseColumn, ColumnDescription, SqlType};

use super::FieldValue;
use super::record::verbose;
use crate::catalog::types::{TypeFacts, facts};
use crate::diagnostics::{Diagnostic, Result};
use crate::odbc::*;

/// Fraction digits of a timestamp and of an interval's seconds.
const MILLISECONDS: i16 = 3;

/// The value of a field (SQL_DESC_* or SQL_COLUMN_*) of a result column.
///
/// # Errors
/// HY091 for what is no field of a column.
pub(crate) fn field(column: &ColumnDescription, field: u16, odbc2: bool) -> Result<FieldValue> {
    let facts = facts(column.sql_type);
    let base = column.base.as_ref();
    Ok(match field {
        SQL_DESC_NAME | SQL_COLUMN_NAME | SQL_DESC_LABEL => column.name.as_str().into(),
        SQL_DESC_BASE_COLUMN_NAME => base.map_or("", |base| &base.column).into(),
        SQL_DESC_BASE_TABLE_NAME | SQL_DESC_TABLE_NAME => base.map_or("", |base| &base.table).into(),
        SQL_DESC_SCHEMA_NAME => base.map_or("", |base| &base.schema).into(),
        SQL_DESC_CATALOG_NAME => base.map_or("", catalog).into(),
        SQL_DESC_TYPE_NAME | SQL_DESC_LOCAL_TYPE_NAME => facts.name.into(),
        SQL_DESC_LITERAL_PREFIX => literal_affixes(column.sql_type).0.into(),
        SQL_DESC_LITERAL_SUFFIX => literal_affixes(column.sql_type).1.into(),
        SQL_DESC_CONCISE_TYPE => concise_type(facts.code, odbc2).into(),
        SQL_DESC_TYPE => verbose(facts.code).0.into(),
        SQL_DESC_DATETIME_INTERVAL_CODE => verbose(facts.code).1.into(),
        SQL_DESC_DATETIME_INTERVAL_PRECISION => interval_precision(column.sql_type).into(),
        SQL_DESC_DISPLAY_SIZE => facts.display_size.into(),
        SQL_DESC_LENGTH | SQL_COLUMN_PRECISION => facts.column_size.into(),
        SQL_DESC_OCTET_LENGTH | SQL_COLUMN_LENGTH => facts.octet_length.into(),
        SQL_DESC_PRECISION => precision(column.sql_type, &facts).into(),
        SQL_DESC_SCALE | SQL_COLUMN_SCALE => facts.decimal_digits.unwrap_or(0).into(),
        SQL_DESC_NUM_PREC_RADIX => facts.radix.unwrap_or(0).into(),
        SQL_DESC_NULLABLE | SQL_COLUMN_NULLABLE => nullable(column).into(),
        SQL_DESC_UNSIGNED => facts.unsigned.into(),
        SQL_DESC_CASE_SENSITIVE => is_text(column.sql_type).into(),
        SQL_DESC_SEARCHABLE => SQL_PRED_SEARCHABLE.into(),
        SQL_DESC_UPDATABLE => SQL_ATTR_READONLY.into(),
        SQL_DESC_UNNAMED => if column.name.is_empty() { SQL_UNNAMED } else { SQL_NAMED }.into(),
        SQL_DESC_AUTO_UNIQUE_VALUE | SQL_DESC_FIXED_PREC_SCALE | SQL_DESC_ROWVER => false.into(),
        _ => return Err(Diagnostic::DescriptorField(field)),
    })
}

/// The type's code as the application's ODBC version knows it: 9 to 11 are the dates and times of ODBC 2.
pub(crate) const fn concise_type(code: i16, odbc2: bool) -> i16 {
    match code {
        SQL_TYPE_DATE..=SQL_TYPE_TIMESTAMP if odbc2 => code - SQL_TYPE_DATE + SQL_DATETIME,
        _ => code,
    }
}

/// SQL_NULLABLE or SQL_NO_NULLS.
pub(crate) const fn nullable(column: &ColumnDescription) -> i16 {
    if column.nullable { SQL_NULLABLE } else { SQL_NO_NULLS }
}

const fn catalog(_: &BaseColumn) -> &'static str {
    "pipedrive"
}

/// For dates and times the digits of the fraction, else the column size.
fn precision(sql_type: SqlType, facts: &TypeFacts) -> isize {
    match sql_type {
        SqlType::Date | SqlType::Time => 0,
        SqlType::Timestamp | SqlType::IntervalDayToSecond => MILLISECONDS.into(),
        SqlType::Bit
        | SqlType::Integer
        | SqlType::BigInt
        | SqlType::Decimal { .. }
        | SqlType::Double
        | SqlType::Varchar(_)
        | SqlType::LongVarchar => facts.column_size.cast_signed(),
    }
}

/// Digits of the days of an interval: what 64 bits of milliseconds can hold, as SQL's largest.
const fn interval_precision(sql_type: SqlType) -> i32 {
    if matches!(sql_type, SqlType::IntervalDayToSecond) { 9 } else { 0 }
}

const fn is_text(sql_type: SqlType) -> bool {
    matches!(sql_type, SqlType::Varchar(_) | SqlType::LongVarchar)
}

const fn literal_affixes(sql_type: SqlType) -> (&'static str, &'static str) {
    match sql_type {
        SqlType::Varchar(_) | SqlType::LongVarchar => ("'", "'"),
        SqlType::Date => ("{d '", "'}"),
        SqlType::Time => ("{t '", "'}"),
        SqlType::Timestamp => ("{ts '", "'}"),
        SqlType::Bit
        | SqlType::Integer
        | SqlType::BigInt
        | SqlType::Decimal { .. }
        | SqlType::Double
        | SqlType::IntervalDayToSecond => ("", ""),
    }
}
