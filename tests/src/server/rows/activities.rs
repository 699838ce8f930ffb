//! An activity, in the order of the document; no recording of v2 was published.

use super::{Shape, custom};
use crate::dataset::{Activity, Attendee, Location, Moment, PRIORITIES_SINCE, Participant};
use crate::server::json::{Json, Null};

/// What can be asked of an activity.
pub(in crate::server) const ACTIVITY_EXTRAS: &[&str] = &["attendees"];

/// Writes an activity.
pub(super) fn activity(json: &mut Json, activity: &Activity, shape: &Shape) {
    json.object(|json| {
        json.member("id", activity.id);
        json.member("subject", &activity.subject);
        json.member("type", activity.kind);
        json.member("owner_id", activity.owner_id);
        json.member("creator_user_id", activity.creator_user_id);
        json.member("is_deleted", activity.is_deleted);
        json.member("add_time", Moment(activity.add_time));
        json.member("update_time", activity.update_time.map(Moment));
        links(json, activity);
        when(json, activity);
        location(json, activity.location.as_ref());
        participants(json, &activity.participants);
        shape.extras.iter().for_each(|name| attendees(json.name(name), activity.attendees.as_deref()));
        conference(json, activity);
        json.member("public_description", activity.public_description);
        if activity.add_time >= PRIORITIES_SINCE {
            json.member("priority", activity.priority);
        }
        json.member("note", activity.note);
    });
}

fn links(json: &mut Json, activity: &Activity) {
    json.member("deal_id", activity.deal_id);
    json.member("lead_id", activity.lead_id.as_ref());
    json.member("person_id", activity.person_id);
    json.member("org_id", activity.org_id);
    // The company has no projects.
    json.member("project_id", Null);
}

fn when(json: &mut Json, activity: &Activity) {
    json.member("due_date", activity.due_date.as_ref());
    json.member("due_time", activity.due_time.as_ref());
    json.member("duration", activity.duration.as_ref());
    json.member("busy", activity.busy);
    json.member("done", activity.done);
    json.member("marked_as_done_time", activity.marked_as_done_time.map(Moment));
}

/// Null as a whole where nothing was filled in.
fn location(json: &mut Json, location: Option<&Location>) {
    match location {
        None => json.member("location", Null),
        Some(Location::Address(address)) => custom::address(json, "location", Some(address)),
        Some(Location::Text(text)) => json.name("location").object(|json| json.member("value", *text)),
    }
}

fn participants(json: &mut Json, participants: &[Participant]) {
    json.name("participants").array(|json| {
        for participant in participants {
            json.object(|json| {
                json.member("person_id", participant.person_id);
                json.member("primary", participant.primary);
            });
        }
    });
}

fn attendees(json: &mut Json, attendees: Option<&[Attendee]>) {
    let Some(attendees) = attendees else { return json.value(Null) };
    json.array(|json| attendees.iter().for_each(|one| attendee(json, one)));
}

fn attendee(json: &mut Json, attendee: &Attendee) {
    json.object(|json| {
        json.member("email", &attendee.email);
        json.member("name", &attendee.name);
        json.member("status", attendee.status);
        json.member("is_organizer", attendee.is_organizer);
        json.member("person_id", attendee.person_id);
        json.member("user_id", attendee.user_id);
    });
}

fn conference(json: &mut Json, activity: &Activity) {
    let call = activity.conference.as_ref();
    json.member("conference_meeting_client", call.map(|call| call.client));
    json.member("conference_meeting_url", call.map(|call| &call.url));
    json.member("conference_meeting_id", call.map(|call| &call.id));
}
