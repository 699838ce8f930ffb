//! `sort_by` and `sort_direction`, and where pages end.

use super::compare::CHANGED;
use super::desk::{Desk, FULL, about, list};
use super::filters::{joined, keys};
use super::page::{Page, Record};
use super::verdict::{Verdict, confirmed, refuted, undecided};
use crate::Result;

/// Order by id: the first page from each end.
pub(super) async fn by_id(desk: &mut Desk) -> Result<Verdict> {
    let (first, last) = (desk.shared("deals").await?, desk.shared("latest deals").await?);
    let (up, down): (Vec<_>, Vec<_>) = (first.ids().collect(), last.ids().collect());
    if up.len() < 2 {
        return Ok(undecided(format!("there are {} deals", up.len())));
    }
    if let Some((one, other)) = out_of_order(&up, |one, other| one < other) {
        return Ok(refuted(format!("ascending, id {other} comes behind id {one}")));
    }
    if let Some((one, other)) = out_of_order(&down, |one, other| one > other) {
        return Ok(refuted(format!("descending, id {other} comes behind id {one}")));
    }
    if down.first() < up.last() {
        return Ok(refuted("the first page ascending has a higher id than the first one descending"));
    }
    Ok(confirmed(format!("{} rows ascending and {} descending", up.len(), down.len())))
}

/// The first neighbours that `fits` does not let stand so.
fn out_of_order<T: Copy>(values: &[T], fits: impl Fn(T, T) -> bool) -> Option<(T, T)> {
    values.iter().zip(values.iter().skip(1)).map(|(one, other)| (*one, *other)).find(|(one, other)| !fits(*one, *other))
}

/// What the first page in the order of a time says of that order.
enum Order<'a> {
    /// The rows are the first ones; another order than by id.
    Holds,
    /// The rows are the first ones, but the order by id would be the same.
    LikeIds,
    /// A row stands in the wrong place, in words.
    Broken(String),
    /// This row should be on the page.
    Lacks(&'a Record),
}

/// Order by a time, in both directions.
pub(super) async fn by_time(desk: &mut Desk, column: &'static str) -> Result<Verdict> {
    let entity = about("deals")?;
    let known = [desk.shared("deals").await?, desk.shared("latest deals").await?];
    let (mut told, mut rows) = (false, Vec::new());
    for (direction, word, sign) in [("asc", "ascending", 1), ("desc", "descending", -1)] {
        let request = list(entity, FULL)?.with("sort_by", column.into()).with("sort_direction", direction.into());
        let page = desk.page(&request).await?;
        // Descending is ascending by the negative.
        let time = |row: &Record| row.moment(column).map(|time| time * sign);
        match order(&page, known.iter().flat_map(|page| &page.rows), time, sign) {
            Order::Holds => told = true,
            Order::LikeIds => {}
            Order::Broken(what) => return Ok(refuted(format!("{word}, {what}"))),
            Order::Lacks(row) => {
                let (end, id) = (end(&page, time), row.id().unwrap_or_default());
                if !desk.still(entity, row, |row| time(row).is_some_and(|time| time < end)).await? {
                    return Ok(undecided(CHANGED));
                }
                return Ok(refuted(format!("{word}, id {id} is missing among the first {} rows", page.rows.len())));
            }
        }
        rows.push(format!("{} {word}", page.rows.iter().filter(|row| time(row).is_some()).count()));
    }
    let rows = rows.join(" and ");
    Ok(if told {
        confirmed(format!("{rows}, not in the order of ids; those known to come first are there"))
    } else {
        undecided(format!("ids and {column} run alike in the rows that have one: {rows}"))
    })
}

/// What lies before this is on the page: its last time, or anything where no page follows.
fn end(page: &Page, time: impl Fn(&Record) -> Option<i64>) -> i64 {
    match page.next {
        // Rows without a time may fill the whole page.
        Some(_) => page.rows.iter().filter_map(time).next_back().unwrap_or(i64::MIN),
        None => i64::MAX,
    }
}

/// Judges the first page in the order of `time` by what is known of the list. Rows without one are left aside.
fn order<'a>(
    page: &Page,
    known: impl Iterator<Item = &'a Record>,
    time: impl Fn(&Record) -> Option<i64> + Copy,
    sign: i64,
) -> Order<'a> {
    let rows: Vec<_> = page.rows.iter().filter_map(|row| Some((time(row)?, row.id()?))).collect();
    if let Some(((_, one), (_, other))) = out_of_order(&rows, |one, other| one.0 <= other.0) {
        return Order::Broken(format!("id {other} comes behind id {one}"));
    }
    let (found, end) = (page.id_set(), end(page, time));
    let first = |row: &Record| time(row).is_some_and(|time| time < end);
    let lacks = |row: &&Record| first(row) && row.id().is_some_and(|id| !found.contains(&id));
    match known.into_iter().find(lacks) {
        Some(row) => Order::Lacks(row),
        None if out_of_order(&rows, |one, other| one.1 * sign < other.1 * sign).is_some() => Order::Holds,
        None => Order::LikeIds,
    }
}

/// A page of 500, where a list has more.
pub(super) async fn page_size(desk: &mut Desk) -> Result<Verdict> {
    let mut long = Vec::new();
    for name in ["deals", "persons", "organizations", "activities"] {
        // A list that may not be read says nothing about pages.
        let Ok(page) = desk.shared(name).await else { continue };
        if page.next.is_some() {
            long.push((name, page.rows.len()));
        }
    }
    let short = long.iter().find(|(_, rows)| *rows != FULL);
    Ok(match short {
        Some((name, rows)) => {
            refuted(format!("{rows} rows of {name} came where {FULL} were asked for and there are more"))
        }
        None if long.is_empty() => undecided(format!("no list has more than {FULL} rows")),
        None => confirmed(format!("{} lists go on behind {FULL} rows", long.len())),
    })
}

/// The deals of the probe `ids` from the upper end, in two pages: those that came from the lower end in one.
pub(super) async fn both_ends(desk: &mut Desk) -> Result<Verdict> {
    let (entity, all) = (about("deals")?, desk.shared("deals").await?);
    let mut expected = keys(&all);
    if expected.len() < 2 {
        return Ok(undecided(format!("there are {} deals", expected.len())));
    }
    expected.sort_unstable_by(|one, other| other.cmp(one));
    let limit = (expected.len() * 3).div_ceil(5);
    let request = list(entity, limit)?.with("ids", joined(&expected)).with("sort_direction", "desc".into());
    let upper = desk.page(&request).await?;
    let mut met: Vec<_> = upper.ids().collect();
    let mut ended = upper.next.is_none();
    if let Some(cursor) = upper.next {
        let lower = desk.page(&request.with("cursor", cursor)).await?;
        met.extend(lower.ids());
        ended = lower.next.is_none();
    }
    if met == expected && ended {
        let rows = expected.len();
        return Ok(confirmed(format!(
            "{rows} rows in two pages descending are those ascending, and the second one is the last"
        )));
    }
    if let Some((one, other)) = out_of_order(&met, |one, other| one > other) {
        return Ok(refuted(format!("descending, id {other} comes behind id {one}")));
    }
    let lacks = |row: &&Record| row.id().is_some_and(|id| expected.contains(&id) && !met.contains(&id));
    let Some(row) = all.rows.iter().find(lacks) else {
        return Ok(refuted(format!("{} rows came in two pages where there are {}", met.len(), expected.len())));
    };
    if !desk.still(entity, row, |_| true).await? {
        return Ok(undecided(CHANGED));
    }
    let id = row.id().unwrap_or_default();
    Ok(refuted(format!("id {id} is missing from two pages descending that should have all of {}", expected.len())))
}
