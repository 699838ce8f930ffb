//! The fields of a result column, for SQLColAttribute and the description of the result. What depends on its type
//! alone stands in the catalog's table of types.
//! [SQLColAttribute](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlcolattribute-function)

use pipedrive_sql::model::CATALOG;
use pipedrive_sql::{BaseColumn, ColumnDescription};

use super::FieldValue;
use crate::catalog::types::facts;
use crate::diagnostics::{Diagnostic, Result};
use crate::odbc::*;

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
        SQL_DESC_LITERAL_PREFIX => facts.literal_prefix.into(),
        SQL_DESC_LITERAL_SUFFIX => facts.literal_suffix.into(),
        SQL_DESC_CONCISE_TYPE => facts.code_for(odbc2).into(),
        SQL_DESC_TYPE => facts.verbose.into(),
        SQL_DESC_DATETIME_INTERVAL_CODE => facts.subcode.unwrap_or(0).into(),
        SQL_DESC_DATETIME_INTERVAL_PRECISION => facts.leading_digits().into(),
        SQL_DESC_DISPLAY_SIZE => facts.display_size.into(),
        SQL_DESC_LENGTH | SQL_COLUMN_PRECISION => facts.column_size.into(),
        SQL_DESC_OCTET_LENGTH | SQL_COLUMN_LENGTH => facts.octet_length.into(),
        SQL_DESC_PRECISION => facts.precision().into(),
        SQL_DESC_SCALE | SQL_COLUMN_SCALE => facts.decimal_digits.unwrap_or(0).into(),
        SQL_DESC_NUM_PREC_RADIX => facts.radix.unwrap_or(0).into(),
        SQL_DESC_NULLABLE | SQL_COLUMN_NULLABLE => nullable(column).into(),
        SQL_DESC_UNSIGNED => facts.unsigned.into(),
        SQL_DESC_CASE_SENSITIVE => facts.is_text().into(),
        SQL_DESC_SEARCHABLE => facts.searchable.into(),
        SQL_DESC_UPDATABLE => SQL_ATTR_READONLY.into(),
        SQL_DESC_UNNAMED => if column.name.is_empty() { SQL_UNNAMED } else { SQL_NAMED }.into(),
        SQL_DESC_AUTO_UNIQUE_VALUE | SQL_DESC_FIXED_PREC_SCALE | SQL_DESC_ROWVER => false.into(),
        _ => return Err(Diagnostic::DescriptorField(field)),
    })
}

/// SQL_NULLABLE or SQL_NO_NULLS.
pub(crate) const fn nullable(column: &ColumnDescription) -> i16 {
    if column.nullable { SQL_NULLABLE } else { SQL_NO_NULLS }
}

const fn catalog(_: &BaseColumn) -> &'static str {
    CATALOG
}
