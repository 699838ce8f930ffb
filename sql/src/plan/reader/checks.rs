//! What a page is checked for before its rows go up.

use std::collections::HashSet;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, BooleanArray, Int64Array};
use datafusion::arrow::compute::{cast, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::physical_expr::PhysicalExpr;

use super::Reader;
use crate::plan::chain::Chain;
use crate::plan::fetcher::ORDER;
use crate::{Error, ErrorKind, Result};

impl Reader {
    /// Which rows were not met before. One that comes twice from the same end is a page that repeats, or a list out of
    /// order: rows may be missing as well.
    pub(super) fn fresh(&mut self, batch: &RecordBatch, number: u32) -> Result<BooleanArray> {
        let keys = self.keys(batch)?;
        let mut fresh = Vec::with_capacity(keys.len());
        for key in keys.iter() {
            let Some(key) = key else {
                let text = format!("{} answered with a record that has no id", self.path());
                return Err(Error::new(ErrorKind::Network, text));
            };
            match self.met.entry(key) {
                Entry::Vacant(place) => drop(place.insert(number)),
                Entry::Occupied(place) if *place.get() == number => {
                    let text = format!("{} answered with record {key} twice; rows may be missing", self.path());
                    return Err(Error::new(ErrorKind::Network, text));
                }
                Entry::Occupied(mut place) => {
                    // Once more from this end would be a page that repeats.
                    place.insert(number);
                    fresh.push(false);
                    continue;
                }
            }
            fresh.push(true);
        }
        Ok(BooleanArray::from(fresh))
    }

    /// A record that was not asked for: the host ignores the keys, so others may be missing.
    pub(super) fn expect(&self, batch: &RecordBatch, asked: &HashSet<i64>) -> Result<()> {
        match self.keys(batch)?.iter().flatten().find(|key| !asked.contains(key)) {
            None => Ok(()),
            Some(key) => {
                let text = format!(
                    "{} answered with record {key}, which was not asked for; set Pushdown=off to read the whole list",
                    self.path()
                );
                Err(Error::new(ErrorKind::Network, text))
            }
        }
    }

    /// A record that comes when it is asked for once more: the host leaves records out, so others may still be missing. One
    /// with a key beyond `largest`, the largest that was met when all were asked for first, may have been created meanwhile.
    pub(super) fn check_left_out(&self, batch: &RecordBatch, largest: i64) -> Result<()> {
        let is_late = |key: &i64| *key < largest && self.twice.contains(key) && !self.met.contains_key(key);
        match self.keys(batch)?.iter().flatten().find(is_late) {
            None => Ok(()),
            Some(key) => {
                let text = format!(
                    "{} left out record {key} and gave it when asked again; others may be missing. Run the statement \
                     again, or set Pushdown=off to read the whole list",
                    self.path()
                );
                Err(Error::new(ErrorKind::Network, text))
            }
        }
    }

    fn keys(&self, batch: &RecordBatch) -> Result<Int64Array> {
        let keys = batch.column_by_name(self.fetcher.request.entity.key);
        let keys = keys.ok_or_else(|| Error::new(ErrorKind::General, "a page was decoded without its key"))?;
        Ok(keys.as_primitive::<Int64Type>().clone())
    }
}

/// A list that is not what its parameter makes it lacks rows, too.
pub(super) fn check_facts(batch: &RecordBatch, chain: &Chain) -> Result<()> {
    for (flag, value) in chain.facts {
        let Some(flags) = batch.column_by_name(flag) else { continue };
        if flags.as_boolean().iter().flatten().any(|found| found != *value) {
            let text = format!(
                "{} answered with records of which {flag} is not {value}; run the statement again",
                chain.first
            );
            return Err(Error::new(ErrorKind::Network, text));
        }
    }
    Ok(())
}

/// The values that a list is sorted by: keys, or moments in milliseconds of UTC.
pub(super) fn moments(batch: &RecordBatch, column: &str) -> Result<Int64Array> {
    numbers(batch, if batch.column_by_name(ORDER).is_some() { ORDER } else { column })
}

pub(super) fn numbers(batch: &RecordBatch, column: &str) -> Result<Int64Array> {
    let column = batch.column_by_name(column);
    let column =
        column.ok_or_else(|| Error::new(ErrorKind::General, "a page was decoded without what it is sorted by"))?;
    let numbers = cast(column, &DataType::Int64).map_err(engine)?;
    Ok(numbers.as_primitive::<Int64Type>().clone())
}

pub(super) fn filtered(batch: RecordBatch, filter: Option<&Arc<dyn PhysicalExpr>>) -> Result<RecordBatch> {
    let Some(filter) = filter else { return Ok(batch) };
    let verdict = filter.evaluate(&batch).and_then(|value| value.into_array(batch.num_rows()));
    let verdict = verdict.map_err(crate::dialect::translate)?;
    let verdict: &BooleanArray = verdict.as_boolean();
    filter_record_batch(&batch, verdict).map_err(engine)
}

pub(super) fn engine(error: datafusion::arrow::error::ArrowError) -> Error {
    crate::dialect::translate(error.into())
}
