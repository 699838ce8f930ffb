//! Built-in members: computed ones, marks of times, zones, ids, durations.

use super::desk::{Desk, about, list};
use super::verdict::{Verdict, confirmed, refuted, undecided};
use crate::Result;
use crate::api::Request;
use crate::model::Reading;
use crate::zone::Zone;

/// Entities whose first page is shared.
const PAGES: [&str; 6] = ["deals", "persons", "organizations", "activities", "products", "stages"];
/// Rows that are enough to see members come.
const SOME: usize = 100;
/// The largest id: JSON numbers are exact up to it.
const LARGEST: i64 = (1 << 53) - 1;

/// `include_fields` with every computed member of deals.
pub(super) async fn computed(desk: &mut Desk) -> Result<Verdict> {
    let entity = about("deals")?;
    let names: Vec<_> = entity.columns.iter().filter(|column| column.computed).map(|column| column.name).collect();
    let page = desk.page(&list(entity, SOME)?.with("include_fields", names.join(","))).await?;
    let Some(row) = page.rows.first() else { return Ok(undecided("there are no deals")) };
    let lacking: Vec<_> = names.iter().copied().filter(|name| !row.0.contains_key(*name)).collect();
    Ok(match lacking.as_slice() {
        [] => confirmed(format!("{} members that are sent on request only", names.len())),
        _ => refuted(format!("these members do not come on request: {}", lacking.join(", "))),
    })
}

/// Times of v2 say their zone.
pub(super) async fn marks(desk: &mut Desk) -> Result<Verdict> {
    let mut marked = 0_usize;
    for name in PAGES {
        let Ok(page) = desk.shared(name).await else { continue };
        let columns = about(name)?.columns.iter().filter(|column| column.reading == Reading::Timestamp);
        let members: Vec<_> = columns.filter_map(|column| column.path.first().copied()).collect();
        for row in &page.rows {
            let times = members.iter().filter_map(|member| Some((member, row.text(member)?)));
            // Empty and all zeros are ways to say that there is none.
            for (member, time) in times.filter(|(_, time)| !time.is_empty() && !time.starts_with("0000")) {
                if !is_marked(time) {
                    let id = row.id().unwrap_or_default();
                    return Ok(refuted(format!("{member} of id {id} of {name} is a time without a zone")));
                }
                marked += 1;
            }
        }
    }
    Ok(if marked == 0 { undecided("there are no times") } else { confirmed(format!("{marked} times have a zone")) })
}

/// A time that ends in `Z` or an offset.
fn is_marked(time: &str) -> bool {
    let clock = time.get(10..).unwrap_or_default();
    clock.ends_with('Z') || clock.contains(['+', '-'])
}

/// The zone of the account has a name that is known here.
pub(super) async fn zone_name(desk: &mut Desk) -> Result<Verdict> {
    let me = desk.record(&Request::new("/v1/users/me", 2).scope("base")).await?;
    Ok(match me.as_ref().and_then(|me| me.text("timezone_name")) {
        None | Some("") => undecided("Pipedrive tells no zone of this user"),
        Some(name) if Zone::named(name).is_some() => confirmed("the zone of this user is in the IANA database"),
        // A zone's name is a setting and not what a record holds.
        Some(name) => refuted(format!("'{name}' is not in the IANA database")),
    })
}

/// Ids are within what JSON numbers hold.
pub(super) async fn id_range(desk: &mut Desk) -> Result<Verdict> {
    let mut rows = 0_usize;
    for name in PAGES {
        let Ok(page) = desk.shared(name).await else { continue };
        let outside = page.rows.iter().filter(|row| !row.id().is_some_and(|id| (1..=LARGEST).contains(&id))).count();
        if outside > 0 {
            return Ok(refuted(format!("{outside} of {} ids of {name} are no such numbers", page.rows.len())));
        }
        rows += page.rows.len();
    }
    Ok(if rows == 0 { undecided("there are no rows") } else { confirmed(format!("{rows} ids")) })
}

/// Activities have no custom fields.
pub(super) async fn bare_activities(desk: &mut Desk) -> Result<Verdict> {
    let page = desk.shared("activities").await?;
    let having = page.rows.iter().filter(|row| row.member("custom_fields").is_some()).count();
    Ok(match (page.rows.len(), having) {
        (0, _) => undecided("there are no activities"),
        (rows, 0) => confirmed(format!("none of {rows} activities")),
        (rows, having) => refuted(format!("{having} of {rows} activities have custom fields")),
    })
}

/// Durations of activities are hours, minutes and seconds.
pub(super) async fn durations(desk: &mut Desk) -> Result<Verdict> {
    let page = desk.shared("activities").await?;
    let filled = page.rows.iter().filter_map(|row| Some((row.id()?, row.text("duration")?)));
    let filled: Vec<_> = filled.filter(|(_, duration)| !duration.is_empty()).collect();
    let other = filled.iter().find(|(_, duration)| !is_duration(duration));
    Ok(match (filled.len(), other) {
        (0, _) => undecided("no activity has a duration"),
        (rows, None) => confirmed(format!("{rows} durations")),
        (_, Some((id, _))) => refuted(format!("the duration of id {id} has another form")),
    })
}

fn is_duration(text: &str) -> bool {
    let parts: Vec<_> = text.split(':').collect();
    let digits = |part: &&str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_durations_by_their_text() {
        for (time, marked) in [
            ("2026-04-01T22:03:27Z", true),
            ("2026-04-01T22:03:27+02:00", true),
            ("2026-04-01 22:03:27", false),
            ("2026-04-01", false),
        ] {
            assert_eq!(is_marked(time), marked, "{time}");
        }
        for (text, good) in [("00:30:00", true), ("100:00:00", true), ("00:30", false), ("PT30M", false)] {
            assert_eq!(is_duration(text), good, "{text}");
        }
    }
}
