//! The members that only `include_fields` brings. Counts of deals and people are true. Files, mails and the like have
//! no records here, and activities are not counted: their numbers are made up.

use crate::dataset::{COMPANY, Deal, Moment, Organization, Person, REFERENCE, Tally};
use crate::edits::Present;
use crate::server::json::{Json, Null};

/// What can be asked of a deal.
pub(in crate::server) const DEAL_EXTRAS: &[&str] = &[
    "next_activity_id",
    "last_activity_id",
    "first_won_time",
    "products_count",
    "files_count",
    "notes_count",
    "followers_count",
    "email_messages_count",
    "activities_count",
    "done_activities_count",
    "undone_activities_count",
    "participants_count",
    "last_incoming_mail_time",
    "last_outgoing_mail_time",
    "smart_bcc_email",
    "source_lead_id",
];

/// What can be asked of a person.
pub(in crate::server) const PERSON_EXTRAS: &[&str] = &[
    "next_activity_id",
    "last_activity_id",
    "open_deals_count",
    "related_open_deals_count",
    "closed_deals_count",
    "related_closed_deals_count",
    "participant_open_deals_count",
    "participant_closed_deals_count",
    "email_messages_count",
    "activities_count",
    "done_activities_count",
    "undone_activities_count",
    "files_count",
    "notes_count",
    "followers_count",
    "won_deals_count",
    "related_won_deals_count",
    "lost_deals_count",
    "related_lost_deals_count",
    "last_incoming_mail_time",
    "last_outgoing_mail_time",
    "marketing_status",
    "doi_status",
    "smart_bcc_email",
];

/// What can be asked of an organization.
pub(in crate::server) const ORGANIZATION_EXTRAS: &[&str] = &[
    "next_activity_id",
    "last_activity_id",
    "open_deals_count",
    "related_open_deals_count",
    "closed_deals_count",
    "related_closed_deals_count",
    "email_messages_count",
    "people_count",
    "activities_count",
    "done_activities_count",
    "undone_activities_count",
    "files_count",
    "notes_count",
    "followers_count",
    "won_deals_count",
    "related_won_deals_count",
    "lost_deals_count",
    "related_lost_deals_count",
    "smart_bcc_email",
];

/// Writes a computed member of a deal.
pub(super) fn deal(json: &mut Json, deal: &Deal, name: &str) {
    match name {
        "first_won_time" => json.member(name, deal.won_time.map(Moment)),
        "participants_count" => json.member(name, i64::from(deal.person_id.is_some())),
        "smart_bcc_email" => json.member(name, format!("{}+deal{}@pipedrivemail.example", COMPANY.domain, deal.id)),
        "source_lead_id" => json.member(name, Null),
        _ => traffic(json, deal.id, name),
    }
}

/// Writes a computed member of a person.
pub(super) fn person(json: &mut Json, data: Present<'_>, person: &Person, name: &str) {
    match name {
        // The company has no marketing app, so the two members do not exist.
        "marketing_status" | "doi_status" => {}
        "participant_open_deals_count" | "participant_closed_deals_count" => json.member(name, 0),
        _ => counted(json, person.id, name, data.person_tally(person.id)),
    }
}

/// Writes a computed member of an organization.
pub(super) fn organization(json: &mut Json, data: Present<'_>, organization: &Organization, name: &str) {
    match name {
        "people_count" => json.member(name, data.organization_tally(organization.id).people),
        _ => counted(json, organization.id, name, data.organization_tally(organization.id)),
    }
}

/// Counts of deals; `related` ones are those of a person's organization or an organization's persons, none here.
fn counted(json: &mut Json, id: i64, name: &str, tally: Tally) {
    match name {
        "open_deals_count" => json.member(name, tally.open),
        "won_deals_count" => json.member(name, tally.won),
        "lost_deals_count" => json.member(name, tally.lost),
        "closed_deals_count" => json.member(name, tally.won + tally.lost),
        "smart_bcc_email" => json.member(name, format!("{}@pipedrivemail.example", COMPANY.domain)),
        _ if name.starts_with("related_") => json.member(name, 0),
        _ => traffic(json, id, name),
    }
}

/// Activities, files and mails.
fn traffic(json: &mut Json, id: i64, name: &str) {
    let (done, undone) = (id % 5, id % 3);
    match name {
        "activities_count" => json.member(name, done + undone),
        "done_activities_count" => json.member(name, done),
        "undone_activities_count" => json.member(name, undone),
        "next_activity_id" => json.member(name, (undone > 0).then_some(id * 10 + 1)),
        "last_activity_id" => json.member(name, (done > 0).then_some(id * 10)),
        "last_incoming_mail_time" => {
            json.member(name, (id % 4 == 0).then_some(Moment(REFERENCE - id % 9_000 * 60 - 60)))
        }
        "last_outgoing_mail_time" => {
            json.member(name, (id % 6 == 0).then_some(Moment(REFERENCE - id % 7_000 * 60 - 60)))
        }
        "followers_count" => json.member(name, 1 + id % 2),
        _ => json.member(name, id % 4),
    }
}
