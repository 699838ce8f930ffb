//! Activities: calls, meetings and the like, most of them about a deal.

use super::builtin::PRIORITIES;
use super::clock::{Clock, DAY, Day, REFERENCE};
use super::deals::DealKeys;
use super::draw::{Draw, Kind, Of};
use super::numbering::Numbering;
use super::organizations::{Address, address};
use super::words::{ACTIVITIES, AWKWARD_TITLES, ActivityKind, LONG_TEXTS, NOTES, PRODUCTS, TOWNS};
use super::{Dataset, Scope, once_in};

/// Priorities exist since then, in seconds since 1970: older rows do not have the member.
pub(crate) const PRIORITIES_SINCE: i64 = REFERENCE - 900 * DAY;

/// The day that `0000-00-00` sorts as: before all others, behind none at all.
const CLEARED_DAY: i64 = -719_528;

/// An activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// From 1, with gaps.
    pub id: i64,
    /// What people see.
    pub subject: String,
    /// The member `type`: the key of an activity type, such as `call`.
    pub kind: &'static str,
    /// A user.
    pub owner_id: i64,
    /// A user.
    pub creator_user_id: i64,
    /// Deleted rows are not listed.
    pub is_deleted: bool,
    /// In seconds since 1970.
    pub add_time: i64,
    /// In seconds since 1970; `None` for some fresh rows.
    pub update_time: Option<i64>,
    /// A deal, perhaps an archived or deleted one.
    pub deal_id: Option<i64>,
    /// A lead; never together with a deal.
    pub lead_id: Option<String>,
    /// The primary participant.
    pub person_id: Option<i64>,
    /// An organization, perhaps a deleted one.
    pub org_id: Option<i64>,
    /// As `2026-04-01`; `0000-00-00` where somebody cleared it.
    pub due_date: Option<String>,
    /// As `22:03:00`, in UTC; `None` for the whole day.
    pub due_time: Option<String>,
    /// As `01:30:00`; one of more than a day exists.
    pub duration: Option<String>,
    /// The calendar shows the owner as busy.
    pub busy: bool,
    /// It is done.
    pub done: bool,
    /// In seconds since 1970; `None` for what is not done.
    pub marked_as_done_time: Option<i64>,
    /// Where it takes place.
    pub location: Option<Location>,
    /// Persons who take part, in no order.
    pub participants: Vec<Participant>,
    /// Who was invited; `None` where there is no invitation.
    pub attendees: Option<Vec<Attendee>>,
    /// The video call.
    pub conference: Option<Conference>,
    /// `""` for some.
    pub public_description: Option<&'static str>,
    /// An option of the field `priority`; `None` for rows older than the field.
    pub priority: Option<i64>,
    /// `""` for some.
    pub note: Option<&'static str>,
}

/// Where an activity takes place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A place that a map knows.
    Address(Box<Address>),
    /// Free text: the JSON has `value` and no other member.
    Text(&'static str),
}

/// A person who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    /// A person, perhaps a deleted one.
    pub person_id: i64,
    /// True for exactly one of them.
    pub primary: bool,
}

/// Somebody who was invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// An address.
    pub email: String,
    /// `""` for a stranger.
    pub name: String,
    /// `accepted`, `noreply` and the like.
    pub status: &'static str,
    /// Who sent the invitation.
    pub is_organizer: bool,
    /// A person who has this address.
    pub person_id: Option<i64>,
    /// A user who has this address.
    pub user_id: Option<i64>,
}

/// A video call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conference {
    /// The program.
    pub client: &'static str,
    /// Its address.
    pub url: String,
    /// Its number.
    pub id: String,
}

/// What lists filter and sort by: cheap to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActivityKeys {
    pub(crate) id: i64,
    pub(crate) owner_id: i64,
    pub(crate) deal_id: Option<i64>,
    pub(crate) person_id: Option<i64>,
    pub(crate) org_id: Option<i64>,
    pub(crate) done: bool,
    pub(crate) add_time: i64,
    pub(crate) update_time: Option<i64>,
    due_day: Option<i64>,
    pub(crate) is_deleted: bool,
    due_clock: Option<i64>,
    done_time: Option<i64>,
    number: i64,
    draw: Draw,
}

impl ActivityKeys {
    /// The lead; never together with a deal. Leads are not part of the company, so nothing else has this id.
    pub(crate) fn lead_id(&self) -> Option<String> {
        if self.deal_id.is_some() || !self.draw.chance(Of::Channel, 30) {
            return None;
        }
        let (high, low) = (self.draw.bits(Of::Key), self.draw.bits(Of::Secret));
        let digits = format!("{high:016x}{low:016x}");
        let part = |from: usize, to: usize| &digits[from..to];
        Some([part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-"))
    }

    /// The day since 1970 that it is sorted by; `0000-00-00` stands before all others.
    pub(crate) fn due_day(&self) -> Option<i64> {
        self.due_day.or_else(|| self.is_cleared().then_some(CLEARED_DAY))
    }

    /// The day was cleared; otherwise there never was one.
    const fn is_cleared(&self) -> bool {
        self.due_day.is_none() && once_in(self.number, 2, 1)
    }

    fn kind(&self) -> ActivityKind {
        self.draw.pick(Of::Origin, ACTIVITIES)
    }
}

impl Dataset {
    /// What lists need to know of an activity.
    pub(crate) fn activity_keys(&self, id: i64) -> Option<ActivityKeys> {
        let place = self.activity_numbers.place(id)?;
        let draw = self.draw(Kind::Activity, id);
        let deal = self.deal_of_activity(place.number, draw);
        let add_time =
            deal.map_or_else(|| self.add_time(place.number, self.activity_numbers, draw), |deal| planned(&deal, draw));
        let (person_id, org_id) = match deal {
            Some(deal) => (deal.person_id, deal.org_id),
            None => self.contact_of_activity(draw),
        };
        let due_day = due_day(add_time, draw);
        let due_clock = draw.chance(Of::Expected, 65).then(|| 8 * 3_600 + draw.below(Of::Clock, 36) * 900);
        let due = due_day.map(|day| day * DAY + due_clock.unwrap_or(DAY / 2));
        let done = due.is_none_or(|due| due < REFERENCE) && draw.chance(Of::Closed, 91);
        let done_time = done.then(|| done_time(add_time, due.unwrap_or(add_time), draw));
        Some(ActivityKeys {
            id,
            // Colleagues help out with every eighth.
            owner_id: deal
                .filter(|_| !draw.chance(Of::Participants, 12))
                .map_or_else(|| self.owner(draw), |deal| deal.owner_id),
            deal_id: deal.map(|deal| deal.id),
            person_id,
            org_id,
            done,
            add_time,
            update_time: self.update_time(place.number, self.activity_numbers, add_time, draw).max(done_time),
            due_day,
            is_deleted: place.hidden.is_some(),
            due_clock,
            done_time,
            number: place.number,
            draw,
        })
    }

    /// The activity with this id, deleted or not.
    #[must_use]
    pub fn activity(&self, id: i64) -> Option<Activity> {
        let keys = self.activity_keys(id)?;
        let draw = keys.draw;
        let kind = keys.kind();
        Some(Activity {
            id,
            subject: subject(&keys, kind),
            kind: kind.key,
            owner_id: keys.owner_id,
            creator_user_id: if draw.chance(Of::Creator, 80) {
                keys.owner_id
            } else {
                draw.pick(Of::Won, &self.user_ids)
            },
            is_deleted: keys.is_deleted,
            add_time: keys.add_time,
            update_time: keys.update_time,
            deal_id: keys.deal_id,
            lead_id: keys.lead_id(),
            person_id: keys.person_id,
            org_id: keys.org_id,
            due_date: keys
                .due_day
                .map(|day| Day(day).to_string())
                .or_else(|| keys.is_cleared().then(|| "0000-00-00".to_owned())),
            due_time: keys.due_clock.map(|clock| Clock(clock).to_string()),
            duration: keys.due_clock.map(|_| Clock(duration(&keys)).to_string()),
            busy: kind.has_place && keys.due_clock.is_some(),
            done: keys.done,
            marked_as_done_time: keys.done_time,
            location: location(kind, draw),
            participants: self.participants(&keys),
            attendees: self.attendees(&keys, kind),
            conference: conference(&keys, kind),
            public_description: draw.chance(Of::Website, 25).then(|| draw.pick(Of::Job, NOTES)),
            priority: (keys.add_time >= PRIORITIES_SINCE && draw.chance(Of::Probability, 40))
                .then(|| draw.pick(Of::Label, PRIORITIES).0),
            note: match draw.below(Of::Note, 10) {
                0..=4 => None,
                5 => Some(draw.pick(Of::Lost, LONG_TEXTS)),
                _ => Some(draw.pick(Of::Lost, NOTES)),
            },
        })
    }

    /// The deal that it is about: one of those that were new when it was planned. Some are about no deal.
    fn deal_of_activity(&self, number: i64, draw: Draw) -> Option<DealKeys> {
        let deals = self.deal_numbers.total();
        if deals == 0 || draw.chance(Of::Value, 18) {
            return None;
        }
        let newest = number * deals / self.activity_numbers.total().max(1);
        let chosen = newest - draw.below(Of::Lead, newest.min(deals / 12 + 1));
        self.deal_keys(Numbering::id(chosen.clamp(1, deals)))
    }

    /// Person and organization of an activity without a deal; tasks of one's own have neither.
    fn contact_of_activity(&self, draw: Draw) -> (Option<i64>, Option<i64>) {
        if draw.chance(Of::PersonMissing, 20) {
            return (None, None);
        }
        let person = self.some_id(Scope::Persons, draw);
        (person, person.and_then(|id| self.person_keys(id)).and_then(|keys| keys.org_id))
    }

    /// The primary participant and, of some, a second one, who may stand first.
    fn participants(&self, keys: &ActivityKeys) -> Vec<Participant> {
        let Some(person_id) = keys.person_id else { return Vec::new() };
        let mut all = vec![Participant { person_id, primary: true }];
        let second = keys.draw.chance(Of::Employees, 15).then(|| self.some_id(Scope::Persons, keys.draw)).flatten();
        if let Some(person_id) = second.filter(|id| *id != person_id) {
            let place = usize::from(keys.draw.chance(Of::Messenger, 50));
            all.insert(place, Participant { person_id, primary: false });
        }
        all
    }

    /// Meetings have invitations: from the owner, to the person, at times to a stranger. The owner may stand last.
    fn attendees(&self, keys: &ActivityKeys, kind: ActivityKind) -> Option<Vec<Attendee>> {
        if !kind.has_place || keys.draw.chance(Of::Email, 40) {
            return None;
        }
        let mut all = Vec::new();
        if let Some(person) = keys.person_id.and_then(|id| self.person(id)) {
            all.extend(person.emails.into_iter().take(1).map(|contact| Attendee {
                email: contact.value,
                name: person.name.clone(),
                status: keys.draw.pick(Of::Phone, &["accepted", "noreply", "declined"]),
                is_organizer: false,
                person_id: Some(person.id),
                user_id: None,
            }));
        }
        all.extend(keys.draw.chance(Of::Picture, 20).then(stranger));
        let organizer = self.user(keys.owner_id).map(|user| Attendee {
            email: user.email.clone(),
            name: user.name.clone(),
            status: "accepted",
            is_organizer: true,
            person_id: None,
            user_id: Some(user.id),
        });
        let place = if keys.draw.chance(Of::Birthday, 50) { 0 } else { all.len() };
        organizer.into_iter().for_each(|organizer| all.insert(place, organizer));
        Some(all)
    }
}

/// A guest without a name.
fn stranger() -> Attendee {
    Attendee {
        email: "guest@conference.example".to_owned(),
        name: String::new(),
        status: "noreply",
        is_organizer: false,
        person_id: None,
        user_id: None,
    }
}

/// When an activity about this deal was planned: on a working day between the deal's first and last.
fn planned(deal: &DealKeys, draw: Draw) -> i64 {
    let last = deal.close_time.unwrap_or(REFERENCE) - 2 * DAY;
    let day = (deal.add_time + draw.below(Of::Day, (last - deal.add_time).min(90 * DAY))) / DAY;
    // 1970-01-01 was a Thursday; work ends on Fridays.
    let weekday = (day + 3).rem_euclid(7);
    let day = if weekday > 4 { day - (weekday - 4) } else { day };
    (day * DAY + 8 * 3_600 + draw.below(Of::Updated, 10 * 3_600)).max(deal.add_time + 60)
}

/// On the day of planning or in the two weeks after it, never at a weekend; a few have no day.
fn due_day(add_time: i64, draw: Draw) -> Option<i64> {
    if draw.chance(Of::Cleared, 3) {
        return None;
    }
    let day = add_time / DAY + draw.below(Of::Cycle, 15);
    let weekday = (day + 3).rem_euclid(7);
    Some(if weekday > 4 { day + 7 - weekday } else { day })
}

/// Within a day of the time it was due, never before it was planned or in the future.
fn done_time(add_time: i64, due: i64, draw: Draw) -> i64 {
    let shift = draw.below(Of::ValueSpread, DAY) - 4 * 3_600;
    (due + shift).max(add_time + 30).min(REFERENCE - 30)
}

/// In seconds. A few last for more than a day, as journeys do.
const fn duration(keys: &ActivityKeys) -> i64 {
    if once_in(keys.number, 400, 13) {
        return 26 * 3_600 + 1_800;
    }
    900 * (1 + keys.draw.below(Of::House, 8))
}

fn subject(keys: &ActivityKeys, kind: ActivityKind) -> String {
    if once_in(keys.number, 95, 6) {
        let position = usize::try_from(keys.number / 95).unwrap_or_default();
        return AWKWARD_TITLES[position % AWKWARD_TITLES.len()].to_owned();
    }
    let phrase = keys.draw.pick(Of::Title, kind.subjects);
    phrase.replace('%', keys.draw.pick(Of::Name, PRODUCTS))
}

fn location(kind: ActivityKind, draw: Draw) -> Option<Location> {
    if !kind.has_place || draw.chance(Of::Place, 35) {
        return None;
    }
    Some(if draw.chance(Of::Website, 20) {
        Location::Text(draw.pick(Of::NameSuffix, &["Our showroom", "Café am Eck ☕", ""]))
    } else {
        Location::Address(Box::new(address(draw, draw.pick(Of::Industry, TOWNS))))
    })
}

fn conference(keys: &ActivityKeys, kind: ActivityKind) -> Option<Conference> {
    (kind.key == "meeting" && keys.draw.chance(Of::AnnualRevenue, 30)).then(|| {
        let id = format!("{:010x}", keys.draw.bits(Of::Revenue) >> 24);
        Conference { client: "google_meet", url: format!("https://meet.example/{id}"), id }
    })
}
