//! What a scan asks of the host: a value. The planner decides on it, EXPLAIN prints it, `exec.rs` carries it out.

use std::fmt;

use crate::api::Request;
use crate::model::{Entity, Paging, Table};

/// Most ids that one list request takes.
pub(super) const IDS_PER_CALL: usize = 100;
/// Most keys that `custom_fields` takes; a request that needs more asks for all.
const CUSTOM_FIELDS_PER_CALL: usize = 15;

/// Which calls read the rows of a scan, before any of them is made.
#[derive(Debug, Clone)]
pub(super) struct ScanRequest {
    pub(super) entity: &'static Entity,
    pub(super) target: Target,
    /// Query parameters of every list call, beside paging.
    pub(super) parameters: Vec<(&'static str, String)>,
    /// Rows of one page.
    pub(super) page_size: usize,
}

/// Where the rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Nowhere: the predicate cannot be true for any row.
    Nothing,
    /// The list, page by page.
    List,
    /// The list, restricted to these keys, 100 a call.
    Ids(Vec<i64>),
    /// One call per key, sent together.
    Singles(Vec<i64>),
}

impl ScanRequest {
    /// The list call, without a cursor.
    pub(super) fn list(&self) -> Request {
        let mut request = self.call(self.entity.list, self.entity.list_tokens);
        for (name, value) in &self.parameters {
            request = request.with(name, value.clone());
        }
        match self.entity.paging {
            Paging::Cursor => request.with("limit", self.page_size.to_string()),
            Paging::Whole => request,
        }
    }

    /// The list call for up to [`IDS_PER_CALL`] keys.
    pub(super) fn ids(&self, ids: &[i64]) -> Request {
        let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
        self.list().with("ids", ids.join(","))
    }

    /// The call for one record.
    pub(super) fn single(&self, id: i64) -> Request {
        let tokens = self.entity.single.unwrap_or(self.entity.list_tokens);
        let mut request = self.call(format!("{}/{id}", self.entity.list), tokens);
        for (name, value) in self.parameters.iter().filter(|(name, _)| SHAPE.contains(name)) {
            request = request.with(name, value.clone());
        }
        request
    }

    fn call(&self, path: impl Into<std::borrow::Cow<'static, str>>, tokens: u32) -> Request {
        Request::new(path, tokens).scope(self.entity.scope)
    }

    /// The parameters that narrow each record to the columns asked for.
    pub(super) fn shape(table: &Table, columns: &[usize]) -> Vec<(&'static str, String)> {
        let asked = || columns.iter().filter_map(|&index| table.columns.get(index));
        let computed: Vec<_> = asked().filter(|column| column.computed).map(|column| column.name.as_str()).collect();
        let mut keys: Vec<_> = asked().filter_map(|column| column.custom_key.as_deref()).collect();
        keys.dedup();
        let mut shape = Vec::new();
        if !computed.is_empty() {
            shape.push(("include_fields", computed.join(",")));
        }
        if (1..=CUSTOM_FIELDS_PER_CALL).contains(&keys.len()) {
            shape.push(("custom_fields", keys.join(",")));
        }
        shape
    }
}

/// Parameters that change what a record holds, not which records come.
const SHAPE: &[&str] = &["include_fields", "custom_fields"];

impl fmt::Display for ScanRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Nothing => f.write_str("no request: the condition is never true"),
            Target::List => write!(f, "GET {}", self.list()),
            Target::Ids(ids) => {
                for (number, ids) in ids.chunks(IDS_PER_CALL).enumerate() {
                    let separator = if number == 0 { "" } else { "; " };
                    write!(f, "{separator}GET {}", self.ids(ids))?;
                }
                Ok(())
            }
            Target::Singles(ids) => {
                for (number, &id) in ids.iter().enumerate() {
                    let separator = if number == 0 { "" } else { "; " };
                    write!(f, "{separator}GET {}", self.single(id))?;
                }
                Ok(())
            }
        }
    }
}
