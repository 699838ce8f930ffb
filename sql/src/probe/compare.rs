//! A list that a parameter narrows, against a page of the list without it.
//!
//! Both are sorted by id, so the first page of the narrowed list has every row of the first page of all that belongs
//! there. A row that is missing is asked for by itself before it counts: it may have changed in between.

use super::desk::Desk;
use super::page::{Page, Record};
use super::verdict::{Verdict, confirmed, refuted, undecided};
use crate::Result;
use crate::model::Entity;

/// What a probe says when the account changed under it.
pub(super) const CHANGED: &str = "records changed while they were compared; run it again";

/// Judges `narrowed` by the rows of `all` that belong there, and by its own.
///
/// # Errors
/// Those of asking for a missing row.
pub(super) async fn narrowed(
    desk: &mut Desk,
    entity: &Entity,
    (all, narrowed): (&Page, &Page),
    belongs: impl Fn(&Record) -> bool,
) -> Result<Verdict> {
    let strangers: Vec<_> = narrowed.rows.iter().filter(|row| !belongs(row)).filter_map(Record::id).collect();
    if let Some(id) = strangers.first() {
        let (count, rows) = (strangers.len(), narrowed.rows.len());
        return Ok(refuted(format!("{count} of {rows} rows are none of those asked for, such as id {id}")));
    }
    let expected: Vec<_> = all.rows.iter().filter(|row| belongs(row)).collect();
    let missing = missing(&expected, narrowed);
    let (wanted, rows) = (expected.len(), all.rows.len());
    let Some((&row, id)) = missing.first().and_then(|row| Some((row, row.id()?))) else {
        let text = format!("of {rows} rows {wanted} belong to what was asked for: all of them came, and no others");
        return Ok(confirmed(text));
    };
    if !desk.still(entity, row, belongs).await? {
        return Ok(undecided(CHANGED));
    }
    Ok(refuted(format!("{} of {wanted} rows are missing, such as id {id}", missing.len())))
}

/// The rows that a page sorted by id should have and lacks; those behind its end are not its.
fn missing<'a>(expected: &[&'a Record], page: &Page) -> Vec<&'a Record> {
    let (found, last) = (page.id_set(), page.ids().max());
    let reached = |id: i64| page.next.is_none() || last.is_some_and(|last| id <= last);
    let lacks = |row: &&&Record| row.id().is_some_and(|id| reached(id) && !found.contains(&id));
    expected.iter().filter(lacks).copied().collect()
}
