//! Descriptors: where rows go and parameters come from, and how a result is described.
//!
//! - `fields.rs`: the fields as a table: shape, and who may read or write which
//! - `record.rs`: one bound column or parameter
//! - `column.rs`: the fields of a result column; SQLColAttribute reads them, too
//!
//! A statement has four: two of the application (rows, parameters), the result's description, the parameters' types.

pub(crate) mod column;
mod fields;
mod record;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pipedrive_sql::ColumnDescription;
use pipedrive_sql::trace::Trace;

use super::memory::Address;
use super::phase::Phase;
use super::{Entry, Handle, Records, Shared};
use crate::diagnostics::{Diagnostic, Result};
use crate::odbc::*;
use crate::text::Width;

pub(crate) use fields::{FieldValue, Shape, shape};
pub(crate) use record::{Record, check_input, verbose};

/// Whose descriptor it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The application's: buffers of columns (ARD) or parameters (APD).
    Application,
    /// The result's (IRD).
    Row,
    /// The parameters' (IPD).
    Parameter,
}

/// The fields of a descriptor that belong to all its records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    /// Rows of a rowset, or sets of parameters.
    pub(crate) array_size: usize,
    /// Status (implementation) or operation (application) of each row or set.
    pub(crate) array_status: Address,
    /// Where an offset in bytes stands that is added to every address.
    pub(crate) bind_offset: Address,
    /// 0 for one array per column, else the bytes of a row.
    pub(crate) bind_type: usize,
    /// Gets the number of rows or sets.
    pub(crate) rows_processed: Address,
}

/// A descriptor.
#[derive(Debug)]
pub(crate) struct Descriptor {
    records: Records,
    role: Role,
    explicit: bool,
    /// The fields of all its records.
    pub(crate) header: Header,
    bound: Vec<Record>,
    columns: Option<Arc<[ColumnDescription]>>,
    odbc2: bool,
    change: u64,
    trace: Trace,
    /// What the statement is doing that it belongs to.
    phase: Phase,
}

/// What SQLCopyDesc moves: the header and the records.
pub(crate) type Contents = (Header, Vec<Record>);

/// A number that was never given out before, whichever descriptor asks: one at the address of another, freed one must
/// not be taken for it.
fn next_change() -> u64 {
    static CHANGES: AtomicU64 = AtomicU64::new(0);
    CHANGES.fetch_add(1, Ordering::Relaxed)
}

impl Default for Header {
    fn default() -> Self {
        Self {
            array_size: 1,
            array_status: Address::NULL,
            bind_offset: Address::NULL,
            bind_type: 0,
            rows_processed: Address::NULL,
        }
    }
}

impl Header {
    /// The offset that is added to every address now.
    pub(crate) fn offset(&self) -> isize {
        self.bind_offset.take().unwrap_or(0)
    }
}

impl Handle for Descriptor {
    type Side = ();

    const KIND: &'static str = "descriptor";

    fn entry(shared: Arc<Shared<Self>>) -> Entry {
        Entry::Descriptor(shared)
    }

    fn of(entry: &Entry) -> Option<&Arc<Shared<Self>>> {
        match entry {
            Entry::Descriptor(shared) => Some(shared),
            Entry::Environment(_) | Entry::Connection(_) | Entry::Statement(_) => None,
        }
    }

    fn records(&mut self) -> &mut Records {
        &mut self.records
    }

    fn trace(&self) -> Trace {
        self.trace.clone()
    }
}

impl Descriptor {
    /// One of a statement's four.
    pub(crate) fn automatic(role: Role, odbc2: bool, width: Width) -> Self {
        let mut records = Records::default();
        records.width = width;
        Self {
            records,
            role,
            explicit: false,
            header: Header::default(),
            bound: Vec::new(),
            columns: None,
            odbc2,
            change: next_change(),
            trace: Trace::default(),
            phase: Phase::default(),
        }
    }

    /// One that an application allocated, to be used for rows or parameters.
    pub(crate) fn explicit(odbc2: bool, width: Width) -> Self {
        Self { explicit: true, ..Self::automatic(Role::Application, odbc2, width) }
    }

    /// The same, of a connection with this log.
    pub(crate) fn traced(self, trace: &Trace) -> Self {
        Self { trace: trace.clone(), ..self }
    }

    /// The same, of a statement that is in this phase.
    pub(crate) fn within(self, phase: &Phase) -> Self {
        Self { phase: phase.clone(), ..self }
    }

    /// # Errors
    /// HY010 while its statement awaits parameters.
    pub(crate) fn check_idle(&self) -> Result<()> {
        self.phase.check_idle()
    }

    /// Whether an application allocated it.
    pub(crate) const fn is_explicit(&self) -> bool {
        self.explicit
    }

    /// A number that differs after each change of a record or the way of binding, and from those of other descriptors.
    pub(crate) const fn change(&self) -> u64 {
        self.change
    }

    /// The records from 1 on.
    pub(crate) fn bound(&self) -> &[Record] {
        &self.bound
    }

    /// The record `number`, from 1.
    pub(crate) fn record(&self, number: usize) -> Option<&Record> {
        self.bound.get(number.checked_sub(1)?)
    }

    /// Replaces the record `number`, from 1; records below it that were not there are unbound ones.
    pub(crate) fn bind(&mut self, number: usize, record: Record) {
        *self.record_mut(number) = record;
    }

    /// Unbinds the record `number`, from 1; unbinding the last ones lowers SQL_DESC_COUNT.
    pub(crate) fn unbind(&mut self, number: usize) {
        self.change = next_change();
        if let Some(record) = number.checked_sub(1).and_then(|index| self.bound.get_mut(index)) {
            *record = Record::default();
        }
        while self.bound.last().is_some_and(|record| !record.is_bound()) {
            self.bound.pop();
        }
    }

    /// Removes all records.
    pub(crate) fn clear(&mut self) {
        self.change = next_change();
        self.bound.clear();
    }

    /// Describes a result; `None` when there is nothing to describe any more.
    pub(crate) fn describe(&mut self, columns: Option<Arc<[ColumnDescription]>>) {
        self.columns = columns;
    }

    /// What SQLCopyDesc copies: all but how it was allocated.
    pub(crate) fn contents(&self) -> Result<Contents> {
        match (&self.role, &self.columns) {
            (Role::Application | Role::Parameter, _) => Ok((self.header, self.bound.clone())),
            (Role::Row, None) => Err(Diagnostic::NotPrepared),
            (Role::Row, Some(columns)) => Ok((self.header, columns.iter().map(Record::of_column).collect())),
        }
    }

    /// Takes what another descriptor holds.
    ///
    /// # Errors
    /// HY016 for the description of a result.
    pub(crate) fn take(&mut self, (header, bound): Contents) -> Result<()> {
        if self.role == Role::Row {
            return Err(Diagnostic::ImplementationRow);
        }
        self.change = next_change();
        self.header = header;
        self.bound = bound;
        Ok(())
    }

    /// Whether it has the field at all.
    ///
    /// # Errors
    /// HY091.
    pub(crate) fn uses(&self, field: u16) -> Result<bool> {
        Ok(self.role == Role::Row || fields::access(self.role, field)? != b'-')
    }

    /// Sets a field; record 0 stands for the header.
    ///
    /// # Errors
    /// HY091, HY016, HY021, HY024, 07009.
    pub(crate) fn set(&mut self, number: i16, field: u16, value: FieldValue) -> Result<()> {
        fields::check_writable(self.role, field)?;
        self.change = next_change();
        if fields::is_header(field) {
            return self.set_header(field, &value);
        }
        let number = usize::try_from(number).ok().filter(|number| *number > 0);
        let number = number.ok_or(Diagnostic::RecordNumber(0))?;
        let record = self.record_mut(number);
        record.set(field, value)?;
        // Buffers are looked at when they are bound; the type of a parameter has no such moment.
        let typed = matches!(field, SQL_DESC_TYPE | SQL_DESC_CONCISE_TYPE);
        if typed && self.role == Role::Parameter { self.bound[number - 1].check_type() } else { Ok(()) }
    }

    /// Reads a field; `None` for a record beyond the last (SQL_NO_DATA).
    ///
    /// # Errors
    /// HY091, HY007, 07009.
    pub(crate) fn field(&self, number: i16, field: u16) -> Result<Option<FieldValue>> {
        fields::check_readable(self.role, field)?;
        if fields::is_header(field) {
            return self.header_field(field).map(Some);
        }
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let index = index.ok_or(Diagnostic::RecordNumber(number))?;
        if self.role == Role::Row {
            let columns = self.columns.as_ref().ok_or(Diagnostic::NotPrepared)?;
            return columns.get(index).map(|column| column::field(column, field, self.odbc2)).transpose();
        }
        self.bound.get(index).map(|record| record.field(field)).transpose()
    }

    /// Number of records (SQL_DESC_COUNT).
    pub(crate) fn count(&self) -> usize {
        match (self.role, &self.columns) {
            (Role::Row, columns) => columns.as_ref().map_or(0, |columns| columns.len()),
            (Role::Application | Role::Parameter, _) => self.bound.len(),
        }
    }

    fn record_mut(&mut self, number: usize) -> &mut Record {
        self.change = next_change();
        if self.bound.len() < number {
            self.bound.resize_with(number, Record::default);
        }
        &mut self.bound[number - 1]
    }

    fn set_header(&mut self, field: u16, value: &FieldValue) -> Result<()> {
        match field {
            SQL_DESC_ARRAY_SIZE => self.header.array_size = value.size("SQL_DESC_ARRAY_SIZE")?.max(1),
            SQL_DESC_ARRAY_STATUS_PTR => self.header.array_status = value.address(),
            SQL_DESC_BIND_OFFSET_PTR => self.header.bind_offset = value.address(),
            SQL_DESC_BIND_TYPE => self.header.bind_type = value.size("SQL_DESC_BIND_TYPE")?,
            SQL_DESC_ROWS_PROCESSED_PTR => self.header.rows_processed = value.address(),
            SQL_DESC_COUNT => self.bound.resize_with(value.size("SQL_DESC_COUNT")?, Record::default),
            _ => return Err(Diagnostic::DescriptorField(field)),
        }
        Ok(())
    }

    fn header_field(&self, field: u16) -> Result<FieldValue> {
        Ok(match field {
            SQL_DESC_ALLOC_TYPE if self.explicit => SQL_DESC_ALLOC_USER.into(),
            SQL_DESC_ALLOC_TYPE => SQL_DESC_ALLOC_AUTO.into(),
            SQL_DESC_ARRAY_SIZE => self.header.array_size.into(),
            SQL_DESC_ARRAY_STATUS_PTR => self.header.array_status.into(),
            SQL_DESC_BIND_OFFSET_PTR => self.header.bind_offset.into(),
            SQL_DESC_BIND_TYPE => self.header.bind_type.into(),
            SQL_DESC_ROWS_PROCESSED_PTR => self.header.rows_processed.into(),
            SQL_DESC_COUNT if self.role == Role::Row && self.columns.is_none() => return Err(Diagnostic::NotPrepared),
            SQL_DESC_COUNT => self.count().into(),
            _ => return Err(Diagnostic::DescriptorField(field)),
        })
    }
}

#[cfg(test)]
mod tests;
