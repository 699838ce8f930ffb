//! What answers tell beside their bodies: limits, the day's budget and what was charged of it, the clock.

use super::desk::Desk;
use super::verdict::{Verdict, confirmed, refuted, undecided};
use crate::Result;

/// How far the clock of `update_time` may be ahead of the header `Date`, in seconds.
const TOLERANCE: i64 = 60;
/// Answers of one price from which a charge above it counts: other programs spend of the same budget.
const SAMPLES: usize = 3;

/// Why nothing can be said of answers.
const SILENT: &str = "no answer came";

/// The short-term limit is told.
pub(super) fn burst(desk: &Desk) -> Verdict {
    match desk.client.burst_limit() {
        Some(limit) => confirmed(format!("{limit} requests")),
        None if desk.answered == [false, false] => undecided(SILENT),
        None => refuted("no answer has x-ratelimit-limit"),
    }
}

/// The day's budget is told, and what is left of it.
pub(super) fn day(desk: &Desk) -> Verdict {
    let budget = desk.client.day_budget();
    match (budget.limit, budget.remaining) {
        (Some(limit), Some(remaining)) => confirmed(format!("{remaining} of {limit} tokens are left")),
        _ if desk.answered == [false, false] => undecided(SILENT),
        _ => refuted("no answer has x-daily-ratelimit-token-limit and x-daily-ratelimit-token-remaining"),
    }
}

/// Requests are charged their list price.
pub(super) fn prices(desk: &Desk) -> Verdict {
    let least = desk
        .charges
        .iter()
        .filter_map(|(list, charges)| Some((u64::from(*list), *charges.iter().min()?, charges.len())));
    // A single answer that was charged more may have met another program's request.
    let sure: Vec<_> = least.filter(|(list, least, samples)| least <= list || *samples >= SAMPLES).collect();
    let wrong =
        sure.iter().filter(|(list, least, _)| list != least).map(|(list, least, _)| format!("{least} for {list}"));
    let wrong: Vec<_> = wrong.collect();
    if !wrong.is_empty() {
        return refuted(format!("tokens charged for a list price: {}", wrong.join(", ")));
    }
    if sure.is_empty() {
        return undecided("no answer tells what is left of the day's budget");
    }
    let prices: Vec<_> = sure.iter().map(|(list, ..)| list.to_string()).collect();
    confirmed(format!("requests of {} tokens", prices.join(", ")))
}

/// Answers tell the time, and no record was changed later.
pub(super) async fn date(desk: &mut Desk) -> Result<Verdict> {
    let pages = [desk.shared("deals").await?, desk.shared("latest deals").await?];
    let Some(clock) = desk.client.host_time() else { return Ok(refuted("no answer has the header Date")) };
    let rows = pages.iter().flat_map(|page| &page.rows);
    let late = rows
        .filter_map(|row| Some((row.id()?, row.moment("update_time")?)))
        .find(|(_, time)| *time > clock + TOLERANCE);
    Ok(match late {
        Some((id, time)) => {
            refuted(format!("id {id} was updated {} seconds later than the header Date says", time - clock))
        }
        None => confirmed("answers have the header Date, and no deal was updated later"),
    })
}

/// The token is taken by both versions of the API.
pub(super) fn token(desk: &Desk) -> Verdict {
    match desk.answered {
        [true, true] => confirmed("v1 and v2 have answered"),
        _ => undecided("one version of the API has not answered"),
    }
}
