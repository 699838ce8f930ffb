//! One bound column or parameter.

use pipedrive_sql::{ColumnDescription, SqlType};

use super::FieldValue;
use crate::catalog::types::{exists, facts};
use crate::convert::CType;
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::memory::Address;
use crate::odbc::*;

/// A record of an application's descriptor, or of the parameters'.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// C type of a buffer, or SQL type of a parameter.
    pub(crate) concise: i16,
    /// Characters of a parameter; 0 when nothing was said.
    pub(crate) length: usize,
    /// Bytes of the buffer.
    pub(crate) octet_length: isize,
    /// Digits.
    pub(crate) precision: i16,
    /// Digits after the point.
    pub(crate) scale: i16,
    /// Digits of an interval's leading field.
    pub(crate) interval_precision: i32,
    /// 10, 2, or 0.
    pub(crate) radix: i32,
    /// Input or output.
    pub(crate) parameter_type: i16,
    /// Name of a parameter.
    pub(crate) name: String,
    /// The buffer; null when unbound.
    pub(crate) data: Address,
    /// Gets or holds the length.
    pub(crate) octet_length_ptr: Address,
    /// Gets or holds SQL_NULL_DATA.
    pub(crate) indicator_ptr: Address,
    /// The verbose type was set, and its subcode is still to come.
    pub(crate) verbose: Option<i16>,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            concise: SQL_C_DEFAULT,
            length: 0,
            octet_length: 0,
            precision: 0,
            scale: 0,
            interval_precision: 2,
            radix: 0,
            parameter_type: SQL_PARAM_INPUT,
            name: String::new(),
            data: Address::NULL,
            octet_length_ptr: Address::NULL,
            indicator_ptr: Address::NULL,
            verbose: None,
        }
    }
}

/// The verbose type of a concise one, and its subcode (0 for none).
pub(crate) fn verbose(concise: i16) -> (i16, i16) {
    match concise {
        SQL_TYPE_DATE..=SQL_TYPE_TIMESTAMP => (SQL_DATETIME, concise - 90),
        SQL_DATETIME..=SQL_TIMESTAMP => (SQL_DATETIME, concise - 8),
        SQL_INTERVAL_YEAR..=SQL_INTERVAL_MINUTE_TO_SECOND => (SQL_INTERVAL, concise - 100),
        other => (other, 0),
    }
}

/// # Errors
/// HYC00 for a parameter that gives something back, HY105 for what is no kind of parameter.
pub(crate) fn check_input(kind: i16) -> Result<()> {
    match kind {
        SQL_PARAM_INPUT => Ok(()),
        SQL_PARAM_INPUT_OUTPUT | SQL_PARAM_OUTPUT | SQL_PARAM_INPUT_OUTPUT_STREAM | SQL_PARAM_OUTPUT_STREAM => {
            Err(Diagnostic::NotOffered("an output parameter"))
        }
        kind => Err(Diagnostic::ParameterKind(kind)),
    }
}

impl Record {
    /// A record that describes what a column of a result would be bound as.
    pub(super) fn of_column(column: &ColumnDescription) -> Self {
        let facts = facts(column.sql_type);
        Self {
            concise: facts.code,
            length: facts.column_size,
            octet_length: facts.octet_length.cast_signed(),
            precision: i16::try_from(facts.precision()).unwrap_or(i16::MAX),
            scale: facts.decimal_digits.unwrap_or(0),
            radix: facts.radix.unwrap_or(0),
            name: column.name.clone(),
            ..Self::default()
        }
    }

    /// Whether a buffer, or at least its length, is bound.
    pub(crate) fn is_bound(&self) -> bool {
        !self.data.is_null() || !self.octet_length_ptr.is_null() || !self.indicator_ptr.is_null()
    }

    pub(super) fn set(&mut self, field: u16, value: FieldValue) -> Result<()> {
        let deferred = matches!(field, SQL_DESC_DATA_PTR | SQL_DESC_OCTET_LENGTH_PTR | SQL_DESC_INDICATOR_PTR);
        if !deferred {
            self.data = Address::NULL;
        }
        match field {
            SQL_DESC_CONCISE_TYPE => self.set_concise(value.short("SQL_DESC_CONCISE_TYPE")?),
            SQL_DESC_TYPE => self.set_verbose(value.short("SQL_DESC_TYPE")?)?,
            SQL_DESC_DATETIME_INTERVAL_CODE => self.set_subcode(value.short("SQL_DESC_DATETIME_INTERVAL_CODE")?)?,
            SQL_DESC_LENGTH => self.length = value.size("SQL_DESC_LENGTH")?,
            SQL_DESC_OCTET_LENGTH => self.octet_length = value.number(),
            SQL_DESC_PRECISION => self.precision = value.short("SQL_DESC_PRECISION")?,
            SQL_DESC_SCALE => self.scale = value.short("SQL_DESC_SCALE")?,
            SQL_DESC_DATETIME_INTERVAL_PRECISION => {
                self.interval_precision = value.long("SQL_DESC_DATETIME_INTERVAL_PRECISION")?;
            }
            SQL_DESC_NUM_PREC_RADIX => self.radix = value.long("SQL_DESC_NUM_PREC_RADIX")?,
            SQL_DESC_PARAMETER_TYPE => {
                let kind = value.short("SQL_DESC_PARAMETER_TYPE")?;
                check_input(kind)?;
                self.parameter_type = kind;
            }
            SQL_DESC_NAME => self.set_name(value),
            SQL_DESC_UNNAMED => self.set_unnamed(value.short("SQL_DESC_UNNAMED")?)?,
            SQL_DESC_DATA_PTR => self.set_data(value.address())?,
            SQL_DESC_OCTET_LENGTH_PTR => self.octet_length_ptr = value.address(),
            SQL_DESC_INDICATOR_PTR => self.indicator_ptr = value.address(),
            _ => return Err(Diagnostic::DescriptorField(field)),
        }
        Ok(())
    }

    pub(super) fn field(&self, field: u16) -> Result<FieldValue> {
        let (kind, subcode) = verbose(self.concise);
        Ok(match field {
            SQL_DESC_CONCISE_TYPE => self.concise.into(),
            SQL_DESC_TYPE => kind.into(),
            SQL_DESC_DATETIME_INTERVAL_CODE => subcode.into(),
            SQL_DESC_LENGTH => self.length.into(),
            SQL_DESC_OCTET_LENGTH => self.octet_length.into(),
            SQL_DESC_PRECISION => self.precision.into(),
            SQL_DESC_SCALE => self.scale.into(),
            SQL_DESC_DATETIME_INTERVAL_PRECISION => self.interval_precision.into(),
            SQL_DESC_NUM_PREC_RADIX => self.radix.into(),
            SQL_DESC_PARAMETER_TYPE => self.parameter_type.into(),
            SQL_DESC_NAME => self.name.as_str().into(),
            SQL_DESC_UNNAMED => if self.name.is_empty() { SQL_UNNAMED } else { SQL_NAMED }.into(),
            SQL_DESC_NULLABLE => SQL_NULLABLE.into(),
            SQL_DESC_DATA_PTR => self.data.into(),
            SQL_DESC_OCTET_LENGTH_PTR => self.octet_length_ptr.into(),
            SQL_DESC_INDICATOR_PTR => self.indicator_ptr.into(),
            // Filled only by a driver that describes parameters by itself; SQLDescribeParam is the way here.
            SQL_DESC_CASE_SENSITIVE | SQL_DESC_FIXED_PREC_SCALE | SQL_DESC_ROWVER | SQL_DESC_UNSIGNED => 0i16.into(),
            SQL_DESC_TYPE_NAME | SQL_DESC_LOCAL_TYPE_NAME => "".into(),
            _ => return Err(Diagnostic::DescriptorField(field)),
        })
    }

    fn set_concise(&mut self, concise: i16) {
        self.concise = concise;
        self.verbose = None;
    }

    /// A date, time or interval is known only with its subcode.
    fn set_verbose(&mut self, kind: i16) -> Result<()> {
        if matches!(kind, SQL_TYPE_DATE..=SQL_TYPE_TIMESTAMP | SQL_INTERVAL_YEAR..=SQL_INTERVAL_MINUTE_TO_SECOND) {
            return Err(Diagnostic::InconsistentRecord);
        }
        self.set_concise(kind);
        self.verbose = matches!(kind, SQL_DATETIME | SQL_INTERVAL).then_some(kind);
        Ok(())
    }

    fn set_subcode(&mut self, subcode: i16) -> Result<()> {
        let kind = self.verbose.unwrap_or_else(|| verbose(self.concise).0);
        self.concise = match (kind, subcode) {
            (SQL_DATETIME, 1..=3) => 90 + subcode,
            (SQL_INTERVAL, 1..=13) => 100 + subcode,
            (_, 0) => self.concise,
            _ => return Err(Diagnostic::InconsistentRecord),
        };
        Ok(())
    }

    /// Takes a type back that is no SQL type.
    ///
    /// # Errors
    /// HY021.
    pub(super) fn check_type(&mut self) -> Result<()> {
        if exists(self.concise) {
            return Ok(());
        }
        *self = Self { concise: Self::default().concise, verbose: None, ..std::mem::take(self) };
        Err(Diagnostic::InconsistentRecord)
    }

    fn set_name(&mut self, value: FieldValue) {
        if let FieldValue::Text(name) = value {
            self.name = name;
        }
    }

    fn set_unnamed(&mut self, unnamed: i16) -> Result<()> {
        if unnamed != SQL_UNNAMED {
            return Err(Diagnostic::DescriptorField(SQL_DESC_UNNAMED));
        }
        self.name.clear();
        Ok(())
    }

    /// Binding checks that the type is one.
    fn set_data(&mut self, data: Address) -> Result<()> {
        let incomplete = matches!(self.verbose, Some(SQL_DATETIME | SQL_INTERVAL)) && self.concise < SQL_TYPE_DATE;
        let unknown = CType::resolve(self.concise, SqlType::LongVarchar).is_err() && !exists(self.concise);
        if !data.is_null() && (incomplete || unknown) {
            return Err(Diagnostic::InconsistentRecord);
        }
        self.data = data;
        Ok(())
    }
}
