//! Promises: what statements cost at most. They stand apart from the list, which is measured and may be rewritten.

use pipedrive_sandbox::Dataset;
use pipedrive_sandbox::dataset::Status;

use super::list::How;
use super::shop::{Cost, Shop};
use crate::queries::{deals, moment};

/// A statement, its rows, and the most that it may cost.
struct Limit {
    statement: String,
    values: &'static str,
    how: How,
    /// As the records say; `None` for some, where the catalog gives them.
    rows: Option<usize>,
    most: Cost,
}

fn limit(statement: impl Into<String>, rows: usize, most: Cost) -> Limit {
    Limit { statement: statement.into(), values: "", how: How::All, rows: Some(rows), most }
}

/// Every deal with its person and its organization.
const JOIN: &str = "SELECT d.id, p.name, o.name, d.value FROM deals d \
                    JOIN persons p ON p.id = d.person_id JOIN organizations o ON o.id = d.org_id";
/// Some deals that Pipedrive itself filters out of the others.
const SINCE: (&str, &str) = ("d.status = 'won' AND d.update_time >= ", "2026-09-23 20:35:00");

/// Rows of [`JOIN`] for all deals, and for those [`SINCE`], of which there are so many.
fn joined(data: &Dataset) -> (usize, usize, usize) {
    let (mut all, mut some, mut recent) = (0, 0, 0);
    for deal in deals(data) {
        let is_recent =
            deal.status == Status::Won && deal.update_time.map(moment).is_some_and(|time| *time >= *SINCE.1);
        let person = deal.person_id.and_then(|id| data.person(id)).is_some_and(|person| !person.is_deleted);
        let organization = deal.org_id.and_then(|id| data.organization(id)).is_some_and(|found| !found.is_deleted);
        all += usize::from(person && organization);
        some += usize::from(person && organization && is_recent);
        recent += usize::from(is_recent);
    }
    (all, some, recent)
}

fn limits(data: &Dataset) -> Vec<Limit> {
    let keys: Vec<_> = deals(data).take(50).map(|deal| deal.id.to_string()).collect();
    let by_keys = |count: usize| format!("SELECT * FROM deals WHERE id IN ({})", keys[..count].join(", "));
    let won = "SELECT id, title, value FROM deals WHERE status = 'won' AND update_time > ?";
    let (all, some, recent) = joined(data);
    assert_eq!(recent, 800);
    let narrowed = format!("{JOIN} WHERE {}{{ts '{}'}}", SINCE.0, SINCE.1);
    let mut limits = vec![
        Limit { values: "7", ..limit("SELECT * FROM deals WHERE id = ?", 1, (1, 1)) },
        limit(by_keys(2), 2, (2, 2)),
        limit(by_keys(50), 50, (1, 10)),
        Limit { values: "'2026-09-29 17:59:27'", ..limit(won, 150, (1, 10)) },
        limit("SELECT * FROM deals LIMIT 10", 10, (1, 10)),
        limit("SELECT id, title, update_time FROM deals ORDER BY update_time DESC LIMIT 10", 10, (1, 10)),
        Limit { how: How::First, ..limit("SELECT * FROM deals", 200, (1, 10)) },
        limit("SELECT * FROM deals", 100_000, (202, 2_020)),
        limit("SELECT * FROM deals WHERE 1 = 0", 0, (0, 0)),
        Limit { how: How::Described, ..limit("SELECT * FROM deals", 0, (0, 0)) },
        limit(JOIN, all, (366, 3_660)),
        limit(narrowed, some, (18, 180)),
    ];
    let calls = CATALOG_CALLS.iter().map(|call| Limit { rows: None, ..limit(*call, 0, (0, 0)) });
    limits.extend(calls);
    limits
}

/// Every catalog function that the driver has, with arguments that match all tables where it takes patterns.
const CATALOG_CALLS: &[&str] = &[
    "SQLTables(N, N, N, N)",
    "SQLColumns(N, N, N, N)",
    "SQLPrimaryKeys(N, N, \"deals\")",
    "SQLStatistics(N, N, \"deals\", 1, 0)",
    "SQLSpecialColumns(1, N, N, \"deals\", 0, 1)",
    "SQLGetTypeInfo(0)",
];

#[test]
fn nothing_costs_more_than_promised() {
    let shop = Shop::enter();
    for Limit { statement, values, how, rows, most } in limits(shop.data()) {
        let paid = shop.buy(&statement, values, how).unwrap_or_else(|(message, _)| panic!("{statement}: {message}"));
        let (requests, tokens) = paid.cost;
        assert!(requests <= most.0 && tokens <= most.1, "{statement}: {requests} requests, {tokens} tokens");
        assert!(rows.map_or(paid.rows > 0, |rows| rows == paid.rows), "{statement}: {} rows", paid.rows);
    }
}
