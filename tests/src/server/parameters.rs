//! Query parameters: which are understood, what they may hold, what they mean.
//!
//! Parameters that an endpoint does not know are ignored, as Pipedrive does. Known ones with a value that they cannot
//! have are a 400.

use chrono::DateTime;

use super::cursor::{self, Position};
use super::endpoints::{Answer, Endpoint, NOT_SERVED};
use super::refusal::Refusal;
use super::rows::Shape;
use crate::dataset::Status;

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sort {
    Id,
    AddTime,
    UpdateTime,
    OrderNr,
    DueDate,
    Name,
}

impl Sort {
    const ALL: [Self; 6] = [Self::Id, Self::AddTime, Self::UpdateTime, Self::OrderNr, Self::DueDate, Self::Name];

    /// The value of `sort_by`.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::AddTime => "add_time",
            Self::UpdateTime => "update_time",
            Self::OrderNr => "order_nr",
            Self::DueDate => "due_date",
            Self::Name => "name",
        }
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) sort: Sort,
    pub(super) descending: bool,
}

impl Order {
    /// The value of `sort_direction`.
    pub(super) const fn direction(self) -> &'static str {
        if self.descending { "desc" } else { "asc" }
    }
}

/// Which rows are wanted; a filter that is not given lets every row pass.
#[derive(Debug, Default)]
pub(super) struct Filters {
    /// Ascending, each once.
    pub(super) ids: Option<Vec<i64>>,
    pub(super) owner_id: Option<i64>,
    pub(super) person_id: Option<i64>,
    pub(super) org_id: Option<i64>,
    pub(super) deal_id: Option<i64>,
    pub(super) lead_id: Option<String>,
    pub(super) done: Option<bool>,
    pub(super) pipeline_id: Option<i64>,
    pub(super) stage_id: Option<i64>,
    pub(super) statuses: Option<Vec<Status>>,
    /// Inclusive.
    pub(super) updated_since: Option<i64>,
    /// Exclusive.
    pub(super) updated_until: Option<i64>,
}

/// A request for a page.
#[derive(Debug)]
pub(super) struct PageRequest {
    pub(super) filters: Filters,
    pub(super) order: Order,
    pub(super) start: Option<Position>,
    pub(super) limit: usize,
    pub(super) shape: Shape,
}

/// Rows in a page when `limit` is not given, and at most.
const DEFAULT_LIMIT: usize = 100;
const LARGEST_LIMIT: usize = 500;
/// Ids in `ids` at most, keys in `custom_fields` at most.
const MOST_IDS: usize = 100;
const MOST_KEYS: usize = 15;

/// The parameters of a request that its endpoint understands.
#[derive(Debug)]
pub(super) struct Parameters<'a> {
    endpoint: &'static Endpoint,
    pairs: &'a [(String, String)],
}

impl<'a> Parameters<'a> {
    /// # Errors
    /// 501 for documented parameters that the sandbox does not serve.
    pub(super) fn new(endpoint: &'static Endpoint, pairs: &'a [(String, String)]) -> Result<Self, Refusal> {
        let wanted = |name: &&&str| pairs.iter().any(|(given, value)| given == **name && value != "false");
        let v2_rows = matches!(endpoint.answer, Answer::List(table) | Answer::Row(table) if table.records().is_some());
        match NOT_SERVED.iter().find(wanted).filter(|_| v2_rows) {
            Some(name) => Err(Refusal::NotServed(name)),
            None => Ok(Self { endpoint, pairs }),
        }
    }

    /// The last value of a parameter, if the endpoint knows it.
    fn text(&self, name: &'static str) -> Option<&'a str> {
        let known = self.endpoint.parameters.contains(&name);
        let given = self.pairs.iter().rev().find(|(given, _)| known && given == name)?;
        Some(&given.1)
    }

    fn integer(&self, name: &'static str) -> Result<Option<i64>, Refusal> {
        self.text(name).map(|text| integer(name, text)).transpose()
    }

    fn moment(&self, name: &'static str) -> Result<Option<i64>, Refusal> {
        self.text(name).map(|text| moment(name, text)).transpose()
    }

    /// The parts of a comma-separated list, at most so many.
    fn list<T>(
        &self,
        name: &'static str,
        most: usize,
        part: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Result<Option<Vec<T>>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let parts: Vec<T> = text.split(',').map(|text| part(text.trim())).collect::<Result<_, _>>()?;
        if parts.len() > most {
            return Err(Refusal::Invalid(name, format!("must not have more than {most} items")));
        }
        Ok(Some(parts))
    }

    fn filters(&self) -> Result<Filters, Refusal> {
        let ids = self.list("ids", MOST_IDS, |text| integer("ids", text))?.map(|mut ids| {
            ids.sort_unstable();
            ids.dedup();
            ids
        });
        Ok(Filters {
            ids,
            owner_id: self.integer("owner_id")?,
            person_id: self.integer("person_id")?,
            org_id: self.integer("org_id")?,
            deal_id: self.integer("deal_id")?,
            lead_id: self.text("lead_id").map(str::to_owned),
            done: self.text("done").map(flag).transpose()?,
            pipeline_id: self.integer("pipeline_id")?,
            stage_id: self.integer("stage_id")?,
            statuses: self.list("status", usize::MAX, status)?,
            updated_since: self.moment("updated_since")?,
            updated_until: self.moment("updated_until")?,
        })
    }

    fn order(&self) -> Result<Order, Refusal> {
        let text = self.text("sort_by").unwrap_or("id");
        let known = |sort: &Sort| sort.text() == text && (*sort == Sort::Id || self.endpoint.sorts.contains(&text));
        let sort = Sort::ALL.into_iter().find(known).ok_or_else(|| one_of("sort_by", self.endpoint.sorts))?;
        let descending = match self.text("sort_direction") {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(one_of("sort_direction", &["asc", "desc"])),
        };
        Ok(Order { sort, descending })
    }

    /// Above the largest limit the page has that many rows: what Pipedrive does then is not documented.
    fn limit(&self) -> Result<usize, Refusal> {
        let Some(limit) = self.integer("limit")? else { return Ok(DEFAULT_LIMIT) };
        let too_small = || Refusal::Invalid("limit", "must be greater than or equal to 1".to_owned());
        let limit = usize::try_from(limit).ok().filter(|limit| *limit > 0).ok_or_else(too_small)?;
        Ok(limit.min(LARGEST_LIMIT))
    }

    /// Which members the rows have.
    ///
    /// # Errors
    /// 400 for more than 15 keys and for unknown names in `include_fields`.
    pub(super) fn shape(&self) -> Result<Shape, Refusal> {
        let extra = |text: &str| {
            let known = self.endpoint.extras.iter().find(|extra| **extra == text);
            known.copied().ok_or_else(|| one_of("include_fields", self.endpoint.extras))
        };
        let mut extras = self.list("include_fields", usize::MAX, extra)?.unwrap_or_default();
        extras.sort_unstable();
        extras.dedup();
        let custom = self.list("custom_fields", MOST_KEYS, |key| Ok(key.to_owned()))?;
        Ok(Shape { custom, extras })
    }

    /// The page that is asked for.
    ///
    /// # Errors
    /// 400 for any value that its parameter cannot have.
    pub(super) fn page(&self) -> Result<PageRequest, Refusal> {
        let order = self.order()?;
        Ok(PageRequest {
            filters: self.filters()?,
            order,
            start: self.text("cursor").map(|text| cursor::decode(order, text)).transpose()?,
            limit: self.limit()?,
            shape: self.shape()?,
        })
    }
}

fn one_of(name: &'static str, values: &[&str]) -> Refusal {
    Refusal::Invalid(name, format!("must be one of {}", values.join(", ")))
}

/// A whole number in a parameter or in a path.
///
/// # Errors
/// 400 for anything else.
pub(super) fn integer(name: &'static str, text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| Refusal::Invalid(name, format!("'{text}' is not a valid 'integer'")))
}

/// `true` or `false`.
///
/// # Errors
/// 400 for anything else.
fn flag(text: &str) -> Result<bool, Refusal> {
    text.parse().map_err(|_| one_of("done", &["true", "false"]))
}

fn status(text: &str) -> Result<Status, Refusal> {
    let all = [Status::Open, Status::Won, Status::Lost, Status::Deleted];
    let known = all.into_iter().find(|status| status.text() == text);
    known.ok_or_else(|| one_of("status", &["open", "won", "lost", "deleted"]))
}

/// RFC 3339 with whole seconds, in seconds since 1970.
///
/// # Errors
/// 400 for a fraction, as recorded, and for anything that is no moment.
pub(super) fn moment(name: &'static str, text: &str) -> Result<i64, Refusal> {
    let invalid = || Refusal::Invalid(name, format!("'{text}' is not a valid datetime"));
    let moment = DateTime::parse_from_rfc3339(text).map_err(|_| invalid())?;
    if text.contains('.') { Err(invalid()) } else { Ok(moment.timestamp()) }
}

#[cfg(test)]
mod tests {
    use super::{Parameters, Sort, moment};
    use crate::server::endpoints::find;
    use crate::server::refusal::Refusal;

    fn page(path: &str, query: &[(&str, &str)]) -> Result<super::PageRequest, Refusal> {
        let pairs: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Parameters::new(find(path).unwrap().0, &pairs)?.page()
    }

    #[test]
    fn moments_have_whole_seconds() {
        assert_eq!(moment("x", "1970-01-02T00:00:00Z"), Ok(86_400));
        assert_eq!(moment("x", "1970-01-02T02:00:00+02:00"), Ok(86_400));
        for bad in ["1970-01-02T00:00:00.000Z", "1970-01-02", "1970-01-02 00:00:00", "x", ""] {
            assert!(moment("x", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_unknown_is_ignored() {
        let request = page("/api/v2/stages", &[("owner_id", "x"), ("nonsense", "1"), ("sort_by", "order_nr")]).unwrap();
        assert_eq!((request.order.sort, request.limit), (Sort::OrderNr, 100));
        assert!(request.filters.owner_id.is_none());
    }

    #[test]
    fn what_is_known_has_to_be_right() {
        let ids = vec!["1"; 101].join(",");
        let keys = vec!["k"; 16].join(",");
        for (name, value) in [
            ("ids", ids.as_str()),
            ("ids", "1,x"),
            ("owner_id", "x"),
            ("status", "open,x"),
            ("sort_by", "order_nr"),
            ("sort_direction", "up"),
            ("limit", "0"),
            ("limit", "x"),
            ("cursor", "x"),
            ("include_fields", "x"),
            ("custom_fields", keys.as_str()),
            ("updated_since", "2026-01-01T00:00:00.5Z"),
        ] {
            assert!(matches!(page("/api/v2/deals", &[(name, value)]), Err(Refusal::Invalid(..))), "{name}={value}");
        }
        assert!(matches!(page("/api/v2/deals", &[("filter_id", "1")]), Err(Refusal::NotServed(_))));
    }

    #[test]
    fn the_limit_ends_at_five_hundred() {
        assert_eq!(page("/api/v2/deals", &[("limit", "501")]).unwrap().limit, 500);
    }
}
