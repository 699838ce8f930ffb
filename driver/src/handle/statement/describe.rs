//! Columns and parameters, described before and after execution.

use pipedrive_sql::ColumnDescription;

use super::Statement;
use crate::catalog::types::facts;
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::descriptor::{FieldValue, column};
use crate::odbc::*;

/// What SQLDescribeCol tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Described {
    /// Name of the column.
    pub(crate) name: String,
    /// Concise type.
    pub(crate) sql_type: i16,
    /// Characters or digits.
    pub(crate) column_size: usize,
    /// Digits after the point, 0 where there are none.
    pub(crate) digits: i16,
    /// SQL_NULLABLE or SQL_NO_NULLS.
    pub(crate) nullable: i16,
}

/// What SQLDescribeParam tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DescribedParameter {
    /// Concise type.
    pub(crate) sql_type: i16,
    /// Characters or digits.
    pub(crate) column_size: usize,
    /// Digits after the point, 0 where there are none.
    pub(crate) digits: i16,
    /// SQL_NULLABLE_UNKNOWN.
    pub(crate) nullable: i16,
}

impl Statement {
    /// Columns of the result, 0 without one.
    ///
    /// # Errors
    /// HY010 before a statement was prepared.
    pub(crate) fn column_count(&self) -> Result<usize> {
        self.described().map(<[_]>::len)
    }

    /// A column of the result, from 1.
    ///
    /// # Errors
    /// HY010, 07005, 07009.
    pub(crate) fn describe_column(&self, number: u16) -> Result<Described> {
        let description = self.column(number)?;
        let facts = facts(description.sql_type);
        Ok(Described {
            name: description.name.clone(),
            sql_type: facts.code_for(self.link.odbc2),
            column_size: facts.column_size,
            digits: facts.decimal_digits.unwrap_or(0),
            nullable: column::nullable(description),
        })
    }

    /// A field of a column of the result; SQL_DESC_COUNT needs no column.
    ///
    /// # Errors
    /// HY010, 07005, 07009, HY091.
    pub(crate) fn column_field(&self, number: u16, field: u16) -> Result<FieldValue> {
        if matches!(field, SQL_DESC_COUNT | SQL_COLUMN_COUNT) {
            return self.column_count().map(FieldValue::from);
        }
        column::field(self.column(number)?, field, self.link.odbc2)
    }

    /// Parameter markers of the statement.
    ///
    /// # Errors
    /// HY010 before a statement was prepared.
    pub(crate) fn parameter_count(&self) -> Result<usize> {
        self.check_idle()?;
        match &self.prepared {
            Some(prepared) => Ok(prepared.parameters().len()),
            // The result of a catalog function.
            None if self.cursor.is_some() => Ok(0),
            None => Err(Diagnostic::Sequence("no statement was prepared")),
        }
    }

    /// A parameter marker, from 1, as the statement's text implies it. Cursors do not matter: programs describe parameters
    /// anew between two executions.
    ///
    /// # Errors
    /// HY010, 07009.
    pub(crate) fn describe_parameter(&self, number: u16) -> Result<DescribedParameter> {
        let count = self.parameter_count()?;
        let parameter = usize::from(number);
        let prepared = self.prepared.as_ref().map(|prepared| prepared.parameters());
        let marker = parameter.checked_sub(1).and_then(|index| prepared?.get(index));
        let marker = marker.ok_or(Diagnostic::ParameterNumber { parameter, count })?;
        let facts = facts(marker.sql_type);
        Ok(DescribedParameter {
            sql_type: facts.code_for(self.link.odbc2),
            column_size: facts.column_size,
            digits: facts.decimal_digits.unwrap_or(0),
            nullable: SQL_NULLABLE_UNKNOWN,
        })
    }

    fn described(&self) -> Result<&[ColumnDescription]> {
        self.check_idle()?;
        self.columns.as_deref().ok_or(Diagnostic::Sequence("no statement was prepared"))
    }

    fn column(&self, number: u16) -> Result<&ColumnDescription> {
        let columns = self.described()?;
        if columns.is_empty() {
            return Err(Diagnostic::NoResultSet);
        }
        let (column, count) = (usize::from(number), columns.len());
        let index = column.checked_sub(1).ok_or(Diagnostic::ColumnNumber { column, count })?;
        columns.get(index).ok_or(Diagnostic::ColumnNumber { column, count })
    }
}
