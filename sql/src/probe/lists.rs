//! Which list has what: the archive, the bin, flags of listed records, users.

use std::collections::BTreeSet;

use super::compare::CHANGED;
use super::desk::{Desk, FULL, about, list};
use super::filters::{joined, keys};
use super::page::Record;
use super::unknown;
use super::verdict::{Verdict, confirmed, refuted, undecided};
use crate::Result;
use crate::api::Request;

/// The archive has archived deals, and the list of deals has none of them.
pub(super) async fn archive(desk: &mut Desk) -> Result<Verdict> {
    let archived = desk.page(&list(about("deals_archived")?, FULL)?).await?;
    if archived.rows.is_empty() {
        return Ok(undecided("no deal is archived"));
    }
    let unmarked = archived.rows.iter().filter(|row| !row.is("is_archived") || row.is("is_deleted"));
    if let Some(id) = unmarked.filter_map(Record::id).next() {
        return Ok(refuted(format!("id {id} of the archive is not marked as archived, or is marked as deleted")));
    }
    let keys = keys(&archived);
    let listed = desk.page(&list(about("deals")?, FULL)?.with("ids", joined(&keys))).await?;
    // One that left the archive meanwhile is marked so.
    let both = listed.rows.iter().filter(|row| row.is("is_archived") && row.id().is_some_and(|id| keys.contains(&id)));
    Ok(match both.filter_map(Record::id).next() {
        Some(id) => refuted(format!("id {id} is in the archive and in the list of deals")),
        None => confirmed(format!(
            "the archive has {} rows or more; of {} the list of deals has none",
            archived.rows.len(),
            keys.len()
        )),
    })
}

/// `status=deleted` gives deleted deals only, from both lists.
pub(super) async fn bin(desk: &mut Desk) -> Result<Verdict> {
    let known = [desk.shared("deals").await?, desk.shared("latest deals").await?];
    let mut counts = [0; 2];
    for (count, name) in counts.iter_mut().zip(["deals", "deals_archived"]) {
        let page = desk.page(&list(about(name)?, FULL)?.with("status", "deleted".into())).await?;
        if let Some(id) = page.rows.iter().filter(|row| !row.is("is_deleted")).filter_map(Record::id).next() {
            return Ok(refuted(format!("id {id} comes with status=deleted and is not marked as deleted")));
        }
        *count = page.rows.len();
        let listed = known.iter().flat_map(|page| &page.rows);
        let both = page.rows.iter().find_map(|row| Some((row, listed.clone().find(|other| other.id() == row.id())?)));
        if let Some((deleted, listed)) = both {
            // One that was deleted since its page was read has another time.
            return Ok(match deleted.id().filter(|_| deleted.member("update_time") == listed.member("update_time")) {
                Some(id) => refuted(format!("id {id} comes with status=deleted and is listed")),
                None => undecided(CHANGED),
            });
        }
    }
    Ok(match counts {
        [0, 0] => undecided("no deal was deleted within 30 days"),
        [present, archived] => confirmed(format!("{present} rows of the list and {archived} of the archive")),
    })
}

/// Listed records are marked neither as deleted nor as archived.
pub(super) async fn flags(desk: &mut Desk) -> Result<Verdict> {
    let (mut rows, mut lists) = (0, 0);
    for name in ["deals", "persons", "organizations", "activities", "products"] {
        let Ok(page) = desk.shared(name).await else { continue };
        for flag in ["is_deleted", "is_archived"] {
            if let Some(id) = page.rows.iter().filter(|row| row.is(flag)).filter_map(Record::id).next() {
                return Ok(refuted(format!("id {id} of {name} is listed with {flag}")));
            }
        }
        let marked = page.rows.iter().filter(|row| row.member("is_deleted").is_some()).count();
        rows += marked;
        lists += usize::from(marked > 0);
    }
    Ok(match rows {
        0 => undecided("there are no rows with these flags"),
        _ => confirmed(format!("none of {rows} rows of {lists} lists")),
    })
}

/// Users come all at once, whatever is asked.
pub(super) async fn users(desk: &mut Desk) -> Result<Verdict> {
    let entity = about("users")?;
    let list = entity.lists.first().ok_or_else(|| unknown(entity.name))?;
    let request = Request::new(list.path, list.tokens).scope(entity.scope).with("limit", "1".into());
    let users = desk.page(&request).await?;
    let known = users.id_set();
    let mut owners = BTreeSet::new();
    for name in ["deals", "persons", "organizations", "activities", "products"] {
        let Ok(page) = desk.shared(name).await else { continue };
        owners.extend(page.rows.iter().filter_map(|row| row.integer("owner_id")));
    }
    let strangers = owners.iter().filter(|id| !known.contains(id)).count();
    Ok(match (known.len(), strangers) {
        (count, _) if users.more => refuted(format!("behind {count} users Pipedrive says that there are more")),
        (0, _) => undecided("no users came"),
        (1, 0) => undecided("there is one user"),
        (count, 0) => {
            confirmed(format!("{count} users came where one was asked for, all {} owners among them", owners.len()))
        }
        (count, _) => refuted(format!("{strangers} of {} owners of records are not among {count} users", owners.len())),
    })
}
