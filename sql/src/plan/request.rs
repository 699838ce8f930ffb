//! What a scan asks of the host: a value. The planner decides on it, EXPLAIN prints it, `reader.rs` carries it out.

use crate::api::Request;
use crate::model::{Entity, List, Paging, Table};

/// Most ids that one list request takes.
pub(super) const IDS_PER_CALL: usize = 100;
/// Most keys that `custom_fields` takes; a request that needs more asks for all.
const CUSTOM_FIELDS_PER_CALL: usize = 15;

/// Which calls read the rows of a scan, before any of them is made.
#[derive(Debug, Clone)]
pub(super) struct ScanRequest {
    pub(super) entity: &'static Entity,
    pub(super) target: Target,
    /// The lists that are read, one after the other, by [`Target::List`] and [`Target::Ids`].
    pub(super) lists: Vec<ListCall>,
    /// Query parameters of every list call, beside paging: what narrows the rows down.
    pub(super) parameters: Vec<(&'static str, String)>,
    /// Query parameters of every call: what narrows each record down to the columns asked for.
    pub(super) shape: Vec<(&'static str, String)>,
    pub(super) walk: Walk,
    /// Set where rows are wanted by when they were last changed.
    pub(super) modified: Option<Modified>,
    /// Set where the order of the rows counts: they come by key, or the scan fails.
    pub(super) ordered: bool,
    /// The first rows by some column, where one page may be enough.
    pub(super) top: Option<Top>,
    /// Rows of a page.
    pub(super) page_size: usize,
    /// Rows of the first page: fewer where a handful is enough.
    pub(super) first_page: usize,
}

/// Where the rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Nowhere: the predicate cannot be true for any row.
    Nothing,
    /// The lists, page by page.
    List,
    /// The lists, restricted to these keys, 100 a call.
    Ids(Vec<i64>),
    /// One call per key, sent together.
    Singles(Vec<i64>),
}

/// A list and the parameters that make it a part of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListCall {
    pub(super) path: &'static str,
    pub(super) tokens: u32,
    pub(super) parameters: Vec<(&'static str, String)>,
    /// Flags that every record has, where only a parameter makes it so: without it others would come, and not all of
    /// those that are wanted.
    pub(super) facts: &'static [(&'static str, bool)],
}

/// In which order a list is read, and where that ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Walk {
    /// The column that the list is sorted by: the key, or a moment in milliseconds.
    pub(super) by: &'static str,
    pub(super) descending: bool,
    /// The last value that is asked for; the first row beyond it ends the reading.
    pub(super) until: Option<i64>,
}

/// Records that were last changed from a moment on: those with an `update_time` by a parameter, those without one by the
/// order of another moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Modified {
    pub(super) parameter: (&'static str, String),
    pub(super) others: Walk,
}

/// The first rows by a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Top {
    pub(super) by: &'static str,
    pub(super) descending: bool,
    pub(super) rows: usize,
}

impl Target {
    /// The same keys, the smallest or the largest first.
    pub(super) fn in_order(mut self, descending: bool) -> Self {
        if let Self::Ids(keys) | Self::Singles(keys) = &mut self {
            keys.sort_unstable();
            if descending {
                keys.reverse();
            }
        }
        self
    }
}

impl Walk {
    /// The whole list by key, upwards.
    pub(super) const fn by_key(entity: &Entity) -> Self {
        Self { by: entity.key, descending: false, until: None }
    }

    /// Whether `value` lies beyond the end.
    pub(super) fn is_beyond(&self, value: i64) -> bool {
        self.until.is_some_and(|until| if self.descending { value < until } else { value > until })
    }

    /// Whether `next` may follow `value`.
    pub(super) const fn in_order(&self, value: i64, next: i64) -> bool {
        if self.descending { next <= value } else { next >= value }
    }
}

impl ListCall {
    /// The list with these of its values.
    pub(super) fn of(list: &List, values: &[&str]) -> Self {
        let values = list.values.map(|(column, _)| (column, values.join(",")));
        let fixed = list.fixed.map(|(name, value)| (name, value.to_owned()));
        Self {
            path: list.path,
            tokens: list.tokens,
            parameters: values.into_iter().chain(fixed).collect(),
            facts: if list.fixed.is_some() { list.facts } else { &[] },
        }
    }

    /// The list with all of its values.
    pub(super) fn whole(list: &List) -> Self {
        Self::of(list, list.values.map_or(&[], |(_, values)| values))
    }

    /// One call for lists of one path that differ in the values of a parameter only.
    pub(super) fn merged<'a>(calls: impl IntoIterator<Item = &'a Self>) -> Vec<Self> {
        let mut merged: Vec<Self> = Vec::new();
        for call in calls {
            let names = |call: &Self| call.parameters.iter().map(|(name, _)| *name).collect::<Vec<_>>();
            match merged.iter_mut().find(|other| other.path == call.path && names(other) == names(call)) {
                None => merged.push(Self { facts: &[], ..call.clone() }),
                Some(other) => {
                    for ((_, values), (_, more)) in other.parameters.iter_mut().zip(&call.parameters) {
                        values.push(',');
                        values.push_str(more);
                    }
                }
            }
        }
        merged
    }
}

impl ScanRequest {
    /// The first call of a list, in the order of `walk`.
    ///
    /// A list that a parameter makes what it is (`status=deleted`) is narrowed down by no other: a host that ignores that
    /// parameter is known by the records that do not belong there, and must not be left without any.
    pub(super) fn list(&self, call: &ListCall, walk: &Walk) -> Request {
        let mut request = self.call(call.path, call.tokens);
        let narrowing = if call.facts.is_empty() { self.parameters.as_slice() } else { &[] };
        for (name, value) in call.parameters.iter().chain(narrowing).chain(&self.shape) {
            request = request.with(name, value.clone());
        }
        self.paged(&request, walk, self.first_page)
    }

    /// Order and size of a page.
    fn paged(&self, request: &Request, walk: &Walk, rows: usize) -> Request {
        let mut request = request.clone();
        if self.entity.sorts.contains(&walk.by) {
            request = request.with("sort_by", walk.by.to_owned());
            if walk.descending {
                request = request.with("sort_direction", "desc".to_owned());
            }
        }
        match self.entity.paging {
            Paging::Cursor => request.with("limit", rows.to_string()),
            Paging::Whole => request,
        }
    }

    /// The call of a list for up to [`IDS_PER_CALL`] keys. Nothing else narrows it down: it costs the same, and whether
    /// the API takes `ids` together with other parameters need not be known.
    pub(super) fn ids(&self, call: &ListCall, ids: &[i64]) -> Request {
        let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
        let mut request = self.call(call.path, call.tokens);
        for (name, value) in call.parameters.iter().chain(&self.shape) {
            request = request.with(name, value.clone());
        }
        self.paged(&request, &self.walk, self.page_size.max(IDS_PER_CALL)).with("ids", ids.join(","))
    }

    /// The call for one record.
    pub(super) fn single(&self, id: i64) -> Request {
        let (path, tokens) = self.entity.single.map_or(("", 0), |single| (single.path, single.tokens));
        let request = self.call(format!("{path}/{id}"), tokens);
        self.shape.iter().fold(request, |request, (name, value)| request.with(name, value.clone()))
    }

    fn call(&self, path: impl Into<std::borrow::Cow<'static, str>>, tokens: u32) -> Request {
        Request::new(path, tokens).scope(self.entity.scope).rows_of(self.entity.name)
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

    /// What is asked for, whatever the columns, order and size of the pages.
    pub(super) fn subject(&self) -> String {
        let modified = self.modified.as_ref().map(|modified| vec![modified.parameter.clone()]).unwrap_or_default();
        subject(&self.lists, &[self.parameters.as_slice(), modified.as_slice()].concat())
    }

    /// The order in which lists are read, apart from the key's.
    pub(super) fn order(&self) -> Walk {
        match (self.top, &self.modified) {
            (Some(top), _) => self.walk_of(top),
            (None, Some(modified)) => modified.others,
            (None, None) => self.walk,
        }
    }

    /// The first calls of a list: one for each chain, with its order.
    pub(super) fn chains(&self, call: &ListCall) -> Vec<(Request, Walk)> {
        let modified = self.modified.as_ref().filter(|_| call.facts.is_empty());
        let Some(Modified { parameter: (name, value), others }) = modified else {
            let walk = if self.modified.is_some() { Walk::by_key(self.entity) } else { self.order() };
            return vec![(self.list(call, &walk), walk)];
        };
        // The changed ones first: a record that is changed for the first time meanwhile is still among the others.
        vec![(self.list(call, &self.walk).with(name, value.clone()), self.walk), (self.list(call, others), *others)]
    }

    /// The order in which the first rows by a moment come first.
    fn walk_of(&self, top: Top) -> Walk {
        let Top { by, descending, .. } = top;
        let until = self.walk.until.filter(|_| (self.walk.by, self.walk.descending) == (by, descending));
        Walk { by, descending, until }
    }

    /// Whether Pipedrive leaves rows of the table out.
    pub(super) fn is_narrowed(&self) -> bool {
        let whole: Vec<_> = self.entity.lists.iter().map(ListCall::whole).collect();
        !self.parameters.is_empty() || self.modified.is_some() || self.lists != whole
    }

    /// The calls that are known before any is made.
    pub(super) fn calls(&self) -> Vec<Request> {
        match &self.target {
            Target::Nothing => Vec::new(),
            Target::List => self.lists.iter().flat_map(|call| self.chains(call)).map(|(call, _)| call).collect(),
            Target::Ids(ids) => {
                let chunks = || ids.chunks(IDS_PER_CALL);
                self.lists.iter().flat_map(|call| chunks().map(move |ids| self.ids(call, ids))).collect()
            }
            Target::Singles(ids) => ids.iter().map(|&id| self.single(id)).collect(),
        }
    }
}

/// Lists, narrowed down by parameters, as text.
pub(super) fn subject(lists: &[ListCall], parameters: &[(&'static str, String)]) -> String {
    let pairs = |pairs: &[(&str, String)]| {
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    };
    let lists = lists.iter().map(|list| format!("{}?{}", list.path, pairs(&list.parameters)));
    format!("{} {}", lists.collect::<Vec<_>>().join(" "), pairs(parameters))
}
