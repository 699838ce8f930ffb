//! Where the rows of a cursor go: the bound columns, resolved once for as long as nothing is bound anew.

use pipedrive_sql::{ColumnDescription, SqlType};

use crate::convert::{CType, is_legal};
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::Descriptor;
use crate::handle::memory::{Address, Buffer};

/// A bound column, resolved against the result.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binding {
    /// Index of the column, from 0.
    pub(super) column: usize,
    buffer: Buffer,
    data_stride: usize,
    length_stride: usize,
}

/// The bound columns, and the state of the descriptor that they were resolved from, by its number.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    list: Vec<Binding>,
    source: Option<u64>,
}

impl Bindings {
    /// The bound columns in order; resolved again only where something was bound since.
    ///
    /// # Errors
    /// 07006 for a pair of types between which nothing is converted.
    pub(super) fn of(
        &mut self,
        ard: &Descriptor,
        columns: &[ColumnDescription],
        promised: &[ColumnDescription],
    ) -> Result<&[Binding]> {
        let source = Some(ard.change());
        if self.source != source {
            self.list = resolve(ard, columns, promised)?;
            self.source = source;
        }
        Ok(&self.list)
    }
}

impl Binding {
    /// The buffer of a row of the rowset, from 0; `offset` is added to every address.
    pub(super) fn buffer(&self, row: usize, offset: isize, max_length: usize) -> Buffer {
        let at = |address: Address, stride: usize| address.plus(offset).plus(row.wrapping_mul(stride).cast_signed());
        Buffer {
            data: at(self.buffer.data, self.data_stride),
            octet_length: at(self.buffer.octet_length, self.length_stride),
            indicator: at(self.buffer.indicator, self.length_stride),
            max_length,
            ..self.buffer
        }
    }
}

fn resolve(ard: &Descriptor, columns: &[ColumnDescription], promised: &[ColumnDescription]) -> Result<Vec<Binding>> {
    let bound = ard.bound().iter().zip(columns.iter().zip(promised)).enumerate();
    let bound = bound.filter(|(_, (record, _))| record.is_bound());
    bound.map(|(index, (record, told))| binding(index, record, told, ard.header.bind_type)).collect()
}

/// The C type of a code; SQL_C_DEFAULT only where the type that was told before the execution has the same default: the
/// application made its buffer for one of the two, and nothing says for which.
///
/// # Errors
/// HY003, 07006.
pub(super) fn default_type(code: i16, sql_type: SqlType, promised: SqlType) -> Result<CType> {
    let c_type = CType::resolve(code, sql_type)?;
    if CType::resolve(code, promised)? == c_type {
        return Ok(c_type);
    }
    Err(Diagnostic::DefaultChanged { promised: promised.to_string(), found: sql_type.to_string() })
}

fn binding(
    index: usize,
    record: &crate::handle::descriptor::Record,
    (column, promised): (&ColumnDescription, &ColumnDescription),
    bind_type: usize,
) -> Result<Binding> {
    let c_type = default_type(record.concise, column.sql_type, promised.sql_type).map_err(Diagnostic::of_use)?;
    check_pair(column, c_type)?;
    let capacity = usize::try_from(record.octet_length).unwrap_or_default();
    let by_row = (bind_type != 0).then_some(bind_type);
    Ok(Binding {
        column: index,
        buffer: Buffer {
            c_type,
            data: record.data,
            capacity: record.octet_length,
            octet_length: record.octet_length_ptr,
            indicator: record.indicator_ptr,
            precision: record.precision,
            scale: record.scale,
            max_length: 0,
        },
        data_stride: by_row.or_else(|| c_type.size()).unwrap_or(capacity),
        length_stride: by_row.unwrap_or(size_of::<isize>()),
    })
}

/// # Errors
/// 07006.
pub(super) fn check_pair(column: &ColumnDescription, c_type: CType) -> Result<()> {
    if is_legal(column.sql_type, c_type) {
        return Ok(());
    }
    let from = format!("column '{}' of type {}", column.name, column.sql_type);
    Err(Diagnostic::RestrictedType { from, to: format!("the C type {c_type:?}") })
}
