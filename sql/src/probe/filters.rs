//! Parameters that narrow a list: equality, `status`, `ids`, ranges of `update_time`; and records asked for one by one.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::compare::narrowed;
use super::desk::{Desk, FULL, about, list};
use super::page::{Page, Record};
use super::unknown;
use super::verdict::{Verdict, confirmed, refuted, undecided};
use crate::Result;
use crate::api::Request;
use crate::model::Push;

/// Keys that a request with `ids` takes.
const KEYS: usize = 100;
/// Of these so many are of no record.
const STRANGERS: usize = 2;
/// How far behind the highest id one is sure to be of no record.
const BEYOND: i64 = 1_000_000;

/// A parameter that takes one value, named by table and column.
pub(super) async fn equality(desk: &mut Desk, name: &str) -> Result<Verdict> {
    let (table, column) = name.split_once('.').ok_or_else(|| unknown(name))?;
    let entity = about(table)?;
    let pushes = entity.columns.iter().find(|own| own.name == column).and_then(|own| own.pushes);
    let Some(Push::Equal(parameter) | Push::Flag(parameter)) = pushes else { return Err(unknown(name)) };
    let all = desk.shared(table).await?;
    let Some(value) = telling(&all, column) else {
        return Ok(undecided(format!("none of {} rows differ in {column}", all.rows.len())));
    };
    let found = desk.page(&list(entity, FULL)?.with(parameter, value.clone())).await?;
    narrowed(desk, entity, (&all, &found), |row| row.parameter(column).as_ref() == Some(&value)).await
}

/// The value of a column that most rows have, but not all.
fn telling(page: &Page, column: &str) -> Option<String> {
    let mut counts = BTreeMap::<String, usize>::new();
    for value in page.rows.iter().filter_map(|row| row.parameter(column)) {
        *counts.entry(value).or_default() += 1;
    }
    let telling = counts.into_iter().filter(|(_, count)| *count < page.rows.len());
    telling.max_by_key(|(_, count)| *count).map(|(value, _)| value)
}

/// `status` with two values.
pub(super) async fn status_list(desk: &mut Desk) -> Result<Verdict> {
    let (entity, all) = (about("deals")?, desk.shared("deals").await?);
    let belongs = |row: &Record| matches!(row.text("status"), Some("won" | "lost"));
    let closed = all.rows.iter().filter(|row| belongs(row)).count();
    if closed == 0 || closed == all.rows.len() {
        return Ok(undecided(format!("of {} deals {closed} are won or lost", all.rows.len())));
    }
    let found = desk.page(&list(entity, FULL)?.with("status", "won,lost".into())).await?;
    narrowed(desk, entity, (&all, &found), belongs).await
}

/// `status` with all that deals can have unless they are deleted.
pub(super) async fn status_values(desk: &mut Desk) -> Result<Verdict> {
    let (entity, all) = (about("deals")?, desk.shared("deals").await?);
    if all.rows.is_empty() {
        return Ok(undecided("there are no deals"));
    }
    let found = desk.page(&list(entity, FULL)?.with("status", "open,won,lost".into())).await?;
    let known = |row: &Record| matches!(row.text("status"), Some("open" | "won" | "lost"));
    let others = all.rows.iter().filter(|row| !known(row)).count();
    if others > 0 {
        return Ok(refuted(format!("{others} of {} deals have another status", all.rows.len())));
    }
    narrowed(desk, entity, (&all, &found), known).await
}

/// Ids of deals, spread over a page.
pub(super) fn keys(page: &Page) -> Vec<i64> {
    let most = KEYS - STRANGERS;
    let ids: Vec<_> = page.ids().collect();
    ids.iter().copied().step_by(ids.len().div_ceil(most).max(1)).take(most).collect()
}

/// `ids` as Pipedrive takes it.
pub(super) fn joined(keys: &[i64]) -> String {
    keys.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// An id that no deal has.
async fn beyond(desk: &mut Desk) -> Result<Option<i64>> {
    let (all, latest) = (desk.shared("deals").await?, desk.shared("latest deals").await?);
    Ok(all.ids().chain(latest.ids()).max().map(|last| last + BEYOND))
}

/// `ids` with 100 keys, some of them of no record.
pub(super) async fn ids(desk: &mut Desk) -> Result<Verdict> {
    let (entity, all) = (about("deals")?, desk.shared("deals").await?);
    let Some(beyond) = beyond(desk).await? else { return Ok(undecided("there are no deals")) };
    let known = keys(&all);
    let strangers = (beyond..).take(KEYS - known.len());
    let asked: Vec<_> = known.iter().copied().chain(strangers).collect();
    let found = desk.page(&list(entity, FULL)?.with("ids", joined(&asked))).await?;
    let judged = narrowed(desk, entity, (&all, &found), |row| row.id().is_some_and(|id| known.contains(&id))).await?;
    Ok(match judged {
        Verdict::Confirmed { .. } => confirmed(format!("of {KEYS} keys {} are of records: these came", known.len())),
        other => other,
    })
}

/// Records asked for one by one: one that is listed, and one that does not exist.
pub(super) async fn single(desk: &mut Desk) -> Result<Verdict> {
    let (entity, all) = (about("deals")?, desk.shared("deals").await?);
    let Some((id, beyond)) = all.ids().next().zip(beyond(desk).await?) else {
        return Ok(undecided("there are no deals"));
    };
    let single = entity.single.ok_or_else(|| unknown(entity.name))?;
    let request = |id| Request::new(format!("{}/{id}", single.path), single.tokens).scope(entity.scope);
    if desk.record(&request(beyond)).await?.is_some() {
        return Ok(refuted(format!("id {beyond} is of no deal, and yet there is an answer")));
    }
    match desk.record(&request(id)).await? {
        Some(record) if record.id() == Some(id) => {
            Ok(confirmed(format!("id {id}, which is listed, is answered; id {beyond}, which does not exist, is a 404")))
        }
        Some(_) => Ok(refuted(format!("another record is answered for id {id}"))),
        None => Ok(refuted(format!("id {id} is listed, and yet its answer is a 404"))),
    }
}

/// `updated_since` and `updated_until` at moments at which deals were updated.
pub(super) async fn updated_range(desk: &mut Desk) -> Result<Verdict> {
    let (entity, all) = (about("deals")?, desk.shared("deals").await?);
    let mut moments: Vec<_> = all.rows.iter().filter_map(|row| row.moment("update_time")).collect();
    moments.sort_unstable();
    moments.dedup();
    let few = || undecided(format!("{} deals were updated at {} moments only", all.rows.len(), moments.len()));
    if moments.len() < LEAST_MOMENTS {
        return Ok(few());
    }
    let (Some(&since), Some(&until)) = (moments.get(moments.len() / 4), moments.get(moments.len() * 3 / 4)) else {
        return Ok(few());
    };
    let request = list(entity, FULL)?.with("updated_since", written(since)).with("updated_until", written(until));
    let mut found = desk.page(&request).await?;
    // Whether these match a range is not assumed.
    let before = found.rows.len();
    found.rows.retain(|row| row.member("update_time").is_some());
    let unset = all.rows.iter().filter(|row| row.member("update_time").is_none()).count();
    let belongs = |row: &Record| row.moment("update_time").is_some_and(|time| (since..until).contains(&time));
    let judged = narrowed(desk, entity, (&all, &found), belongs).await?;
    Ok(match judged {
        Verdict::Confirmed { by } => confirmed(format!(
            "{by}; the first moment counts, the last does not; of {unset} rows without update_time {} came",
            before - found.rows.len()
        )),
        other => other,
    })
}

/// Moments that make a range with rows before, at, in and behind it.
const LEAST_MOMENTS: usize = 4;

/// A moment as Pipedrive takes it: in whole seconds.
fn written(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
