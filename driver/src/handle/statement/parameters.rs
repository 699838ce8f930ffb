//! Bound parameters and their values.

use super::Statement;
use crate::convert::{CType, is_legal_parameter};
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::descriptor::{Record, check_input, verbose};
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
        let parameter = &from_set_param(parameter);
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
            precision: precision(parameter),
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
    /// 07002 for one that is not bound; HYC00 for an array of parameters.
    pub(super) fn supplied(&self, count: usize) -> Result<Vec<Supplied>> {
        let buffers = self.descriptors.apd().lock();
        let types = self.descriptors.ipd().lock();
        if buffers.header.array_size > 1 {
            return Err(ARRAY);
        }
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

/// More than one set of values for an execution.
pub(super) const ARRAY: Diagnostic = Diagnostic::NotOffered("an array of parameters (SQL_ATTR_PARAMSET_SIZE above 1)");

/// Driver managers make of SQLSetParam a parameter for input and output whose buffer has this length.
const SQL_SETPARAM_VALUE_MAX: isize = -1;

fn from_set_param(parameter: &Parameter) -> Parameter {
    match (parameter.kind, parameter.capacity) {
        (SQL_PARAM_INPUT_OUTPUT, SQL_SETPARAM_VALUE_MAX) => {
            Parameter { kind: SQL_PARAM_INPUT, capacity: 0, ..*parameter }
        }
        _ => *parameter,
    }
}

/// SQL_DESC_PRECISION: digits of the fraction of dates, times and intervals, else the column size.
fn precision(parameter: &Parameter) -> i16 {
    match verbose(parameter.sql_type).0 {
        SQL_DATETIME | SQL_INTERVAL => parameter.digits,
        _ => i16::try_from(parameter.column_size).unwrap_or(i16::MAX),
    }
}

fn check(parameter: &Parameter) -> Result<()> {
    if parameter.number == 0 {
        return Err(Diagnostic::ParameterNumber { parameter: 0, count: 0 });
    }
    check_input(parameter.kind)?;
    check_types(parameter)?;
    if parameter.data.is_null() && parameter.length.is_null() {
        return Err(Diagnostic::NullPointer("the parameter's buffer"));
    }
    if parameter.capacity < 0 {
        return Err(Diagnostic::InvalidLength(parameter.capacity));
    }
    Ok(())
}

/// # Errors
/// HY003, HY004, 07006.
fn check_types(parameter: &Parameter) -> Result<()> {
    let c_type = CType::resolve_parameter(parameter.c_type, parameter.sql_type)?;
    if is_legal_parameter(parameter.sql_type, c_type)? {
        return Ok(());
    }
    let to = format!("the SQL type {}", parameter.sql_type);
    Err(Diagnostic::RestrictedType { from: format!("the C type {c_type:?}"), to })
}

fn supplied(number: usize, buffer: &Record, described: &Record, offset: isize) -> Result<Supplied> {
    Ok(Supplied {
        number,
        c_type: CType::resolve_parameter(buffer.concise, described.concise).map_err(Diagnostic::of_use)?,
        sql_type: described.concise,
        column_size: described.length,
        scale: buffer.scale,
        data: buffer.data.plus(offset),
        octet_length: buffer.octet_length_ptr.plus(offset),
        indicator: buffer.indicator_ptr.plus(offset),
        has_default: false,
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
            sql_type: 12,
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
        assert_eq!(state(Parameter { c_type: 4_711, ..parameter() }), "HY003");
        assert_eq!(state(Parameter { c_type: -11, sql_type: 4, ..parameter() }), "07006");
        assert_eq!(state(Parameter { sql_type: 4_711, ..parameter() }), "HY004");
        assert_eq!(state(parameter()), "HY009");
    }
}
