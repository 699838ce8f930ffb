//! Bound parameters and their values.

use pipedrive_sql::{DEFAULT_TEXT, SqlType};

use super::Statement;
use crate::convert::CType;
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::descriptor::Record;
use crate::handle::memory::{Address, Supplied};
use crate::odbc::*;

/// What SQLBindParameter says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    /// Its number, from 1.
    pub(crate) number: u16,
    /// Input or output (SQL_PARAM_*).
    pub(crate) kind: i16,
    /// C type of the buffer.
    pub(crate) c_type: i16,
    /// SQL type.
    pub(crate) sql_type: i16,
    /// Characters or digits.
    pub(crate) column_size: usize,
    /// Digits after the point.
    pub(crate) digits: i16,
    /// The buffer.
    pub(crate) data: Address,
    /// Bytes of the buffer.
    pub(crate) capacity: isize,
    /// Length or indicator.
    pub(crate) length: Address,
}

impl Statement {
    /// Binds a parameter.
    ///
    /// # Errors
    /// 07009, HY105, HYC00 for output, HY003, HY004, HY009, HY090.
    pub(crate) fn bind_parameter(&mut self, parameter: &Parameter) -> Result<()> {
        self.check_idle()?;
        check(parameter)?;
        let number = usize::from(parameter.number);
        let buffer = Record {
            concise: parameter.c_type,
            octet_length: parameter.capacity,
            scale: parameter.digits,
            data: parameter.data,
            octet_length_ptr: parameter.length,
            indicator_ptr: parameter.length,
            ..Record::default()
        };
        let described = Record {
            concise: parameter.sql_type,
            length: parameter.column_size,
            precision: i16::try_from(parameter.column_size).unwrap_or(i16::MAX),
            scale: parameter.digits,
            parameter_type: parameter.kind,
            ..Record::default()
        };
        self.descriptors.apd().lock().bind(number, buffer);
        self.descriptors.ipd().lock().bind(number, described);
        Ok(())
    }

    /// Unbinds all parameters.
    pub(crate) fn reset_parameters(&mut self) -> Result<()> {
        self.check_idle()?;
        self.descriptors.apd().lock().clear();
        self.descriptors.ipd().lock().clear();
        Ok(())
    }

    /// The buffers of the first `count` parameters, offsets applied.
    ///
    /// # Errors
    /// 07002 for one that is not bound.
    pub(super) fn supplied(&self, count: usize) -> Result<Vec<Supplied>> {
        let buffers = self.descriptors.apd().lock();
        let types = self.descriptors.ipd().lock();
        let offset = buffers.header.offset();
        (1..=count)
            .map(|number| {
                let buffer = buffers.record(number).filter(|buffer| buffer.is_bound());
                let buffer = buffer.ok_or(Diagnostic::ParameterUnbound(number))?;
                let described = types.record(number).ok_or(Diagnostic::ParameterUnbound(number))?;
                supplied(number, buffer, described, offset)
            })
            .collect()
    }
}

fn check(parameter: &Parameter) -> Result<()> {
    if parameter.number == 0 {
        return Err(Diagnostic::ParameterNumber { parameter: 0, count: 0 });
    }
    match parameter.kind {
        SQL_PARAM_INPUT => {}
        SQL_PARAM_INPUT_OUTPUT | SQL_PARAM_OUTPUT | SQL_PARAM_INPUT_OUTPUT_STREAM | SQL_PARAM_OUTPUT_STREAM => {
            return Err(Diagnostic::NotOffered("an output parameter"));
        }
        kind => return Err(Diagnostic::ParameterKind(kind)),
    }
    CType::resolve(parameter.c_type, sql_type(parameter.sql_type)?)?;
    if parameter.data.is_null() && parameter.length.is_null() {
        return Err(Diagnostic::NullPointer("the parameter's buffer"));
    }
    if parameter.capacity < 0 {
        return Err(Diagnostic::InvalidLength(parameter.capacity));
    }
    Ok(())
}

fn supplied(number: usize, buffer: &Record, described: &Record, offset: isize) -> Result<Supplied> {
    let sql_type = sql_type(described.concise)?;
    let wide_default = matches!(described.concise, SQL_WCHAR | SQL_WVARCHAR | SQL_WLONGVARCHAR);
    Ok(Supplied {
        number,
        c_type: CType::resolve(buffer.concise, sql_type)?,
        wide: buffer.concise == SQL_C_WCHAR || (buffer.concise == SQL_C_DEFAULT && wide_default),
        sql_type: described.concise,
        column_size: described.length,
        scale: buffer.scale,
        data: buffer.data.plus(offset),
        octet_length: buffer.octet_length_ptr.plus(offset),
        indicator: buffer.indicator_ptr.plus(offset),
    })
}

/// The engine's type for a SQL type that an application names, for the default C type.
///
/// # Errors
/// HYC00 for binary types and GUIDs, HY004 for codes that do not exist.
fn sql_type(code: i16) -> Result<SqlType> {
    Ok(match code {
        SQL_CHAR | SQL_VARCHAR | SQL_WCHAR | SQL_WVARCHAR => SqlType::Varchar(DEFAULT_TEXT),
        SQL_LONGVARCHAR | SQL_WLONGVARCHAR => SqlType::LongVarchar,
        SQL_NUMERIC | SQL_DECIMAL => SqlType::Decimal { precision: 38, scale: 0 },
        SQL_TINYINT | SQL_SMALLINT | SQL_INTEGER => SqlType::Integer,
        SQL_BIGINT => SqlType::BigInt,
        SQL_FLOAT | SQL_REAL | SQL_DOUBLE => SqlType::Double,
        SQL_BIT => SqlType::Bit,
        SQL_DATETIME | SQL_TYPE_DATE => SqlType::Date,
        SQL_INTERVAL | SQL_TYPE_TIME => SqlType::Time,
        SQL_TIMESTAMP | SQL_TYPE_TIMESTAMP => SqlType::Timestamp,
        SQL_INTERVAL_YEAR..=SQL_INTERVAL_MINUTE_TO_SECOND => SqlType::IntervalDayToSecond,
        -4..=-2 => return Err(Diagnostic::NotOffered("a binary parameter")),
        -11 => return Err(Diagnostic::NotOffered("a GUID parameter")),
        other => return Err(Diagnostic::InvalidSqlType(other)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter() -> Parameter {
        Parameter {
            number: 1,
            kind: SQL_PARAM_INPUT,
            c_type: 1,
            sql_type: SQL_VARCHAR,
            column_size: 10,
            digits: 0,
            data: Address::NULL,
            capacity: 0,
            length: Address::NULL,
        }
    }

    #[test]
    fn what_cannot_be_bound_is_refused_with_its_state() {
        let state = |parameter: Parameter| check(&parameter).err().map_or("00000", |error| error.sqlstate());
        assert_eq!(state(Parameter { number: 0, ..parameter() }), "07009");
        assert_eq!(state(Parameter { kind: SQL_PARAM_OUTPUT, ..parameter() }), "HYC00");
        assert_eq!(state(Parameter { kind: 3, ..parameter() }), "HY105");
        assert_eq!(state(Parameter { sql_type: -2, ..parameter() }), "HYC00");
        assert_eq!(state(Parameter { sql_type: 4_711, ..parameter() }), "HY004");
        assert_eq!(state(parameter()), "HY009");
    }
}
