//! A page of records as JSON, and its members as far as probes look at them.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A page of a list.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) rows: Vec<Record>,
    /// Where the next page begins.
    pub(super) next: Option<String>,
    /// v1 says that there is more.
    pub(super) more: bool,
}

/// A record by its members.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Record(pub(super) Map<String, Value>);

#[derive(Deserialize)]
struct Envelope {
    data: Option<Vec<Record>>,
    additional_data: Option<Additional>,
}

#[derive(Deserialize, Default)]
struct Additional {
    next_cursor: Option<String>,
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
struct Pagination {
    #[serde(default)]
    more_items_in_collection: bool,
}

impl Page {
    /// The page in a body; `None` for what is no list.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let envelope: Envelope = serde_json::from_slice(body).ok()?;
        let more = envelope.additional_data.unwrap_or_default();
        Some(Self {
            rows: envelope.data?,
            next: more.next_cursor.filter(|cursor| !cursor.is_empty()),
            more: more.pagination.is_some_and(|pagination| pagination.more_items_in_collection),
        })
    }

    /// The ids of its rows, in their order.
    pub(super) fn ids(&self) -> impl Iterator<Item = i64> {
        self.rows.iter().filter_map(Record::id)
    }

    /// The same, to look them up.
    pub(super) fn id_set(&self) -> HashSet<i64> {
        self.ids().collect()
    }
}

impl Record {
    pub(super) fn id(&self) -> Option<i64> {
        self.integer("id")
    }

    /// A member; `None` for null.
    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.member(name)?.as_i64()
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.member(name)?.as_str()
    }

    /// True where the member is `true` or 1.
    pub(super) fn is(&self, name: &str) -> bool {
        self.member(name).is_some_and(|value| matches!(value, Value::Bool(true)) || value.as_i64() == Some(1))
    }

    /// A time, in seconds since 1970.
    pub(super) fn moment(&self, name: &str) -> Option<i64> {
        moment(self.text(name)?)
    }

    /// The value that a query parameter takes for this member: an id or a flag.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        match self.member(name)? {
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    }
}

fn moment(text: &str) -> Option<i64> {
    let marked = DateTime::parse_from_rfc3339(text).map(|moment| moment.timestamp());
    marked.ok().or_else(|| Some(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?.and_utc().timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_both_versions() {
        let body = br#"{"success":true,"data":[{"id":1,"done":true,"n":null}],"additional_data":{"next_cursor":"x"}}"#;
        let page = Page::read(body).unwrap();
        assert_eq!((page.ids().collect::<Vec<_>>(), page.next.as_deref(), page.more), (vec![1], Some("x"), false));
        assert_eq!(page.rows[0].parameter("done").as_deref(), Some("true"));
        assert!(page.rows[0].member("n").is_none() && page.rows[0].is("done") && !page.rows[0].is("n"));
        let more = br#"{"data":[],"additional_data":{"pagination":{"more_items_in_collection":true}}}"#;
        assert!(Page::read(more).unwrap().more);
        assert!(Page::read(b"{}").is_none() && Page::read(b"{\"data\":{\"id\":1}}").is_none());
    }

    #[test]
    fn times_with_and_without_a_mark() {
        for text in ["2026-04-01T22:03:27Z", "2026-04-01 22:03:27", "2026-04-02T00:03:27+02:00"] {
            assert_eq!(moment(text), Some(1_775_081_007), "{text}");
        }
        assert_eq!(moment("0000-00-00 00:00:00"), None);
    }
}
