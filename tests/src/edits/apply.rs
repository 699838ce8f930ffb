//! What each edit does to its record.

use super::changes::{Changes, Step};
use super::present::Present;
use super::{Edit, NewDeal, Refused};
use crate::dataset::{CustomValue, Dataset, Deal, Entity, Field, Organization, Person, Stage, Status, added_field};

/// Does one edit at a moment.
///
/// # Errors
/// When it cannot be done; then nothing has changed.
pub(super) fn apply(changes: &mut Changes, data: &Dataset, edit: &Edit, moment: i64) -> Result<Step, Refused> {
    let at = (data, moment);
    match edit {
        Edit::DealStage { id, stage_id } => {
            let stage = data.stage(*stage_id).ok_or(Refused::NoStage(*stage_id))?;
            changes.edit(at, *id, |deal: &mut Deal| move_to(deal, stage, moment))
        }
        Edit::DealStatus { id, status } => changes.try_edit(at, *id, |deal: &mut Deal| decide(deal, *status, moment)),
        Edit::DealOwner { id, owner_id } => {
            let owner_id = user(data, *owner_id)?;
            changes.edit(at, *id, |deal: &mut Deal| deal.owner_id = owner_id)
        }
        Edit::DealTitle { id, title } => changes.edit(at, *id, |deal: &mut Deal| title.clone_into(&mut deal.title)),
        Edit::DealValue { id, value } => changes.edit(at, *id, |deal: &mut Deal| deal.value = *value),
        Edit::DealCustom { id, key, value } => {
            let position = position(Present::new(data, changes), Entity::Deals, key, value.as_ref())?;
            changes.edit(at, *id, |deal: &mut Deal| fill_in(&mut deal.custom, position, value.clone()))
        }
        Edit::CreateDeal(new) => {
            let deal = new_deal(Present::new(data, changes), new, moment)?;
            Ok(changes.create(deal))
        }
        Edit::DeleteDeal { id } => changes.edit(at, *id, |deal: &mut Deal| {
            deal.status = Status::Deleted;
            deal.is_deleted = true;
        }),
        Edit::ArchiveDeal { id } => changes.try_edit(at, *id, |deal: &mut Deal| archive(deal, Some(moment))),
        Edit::UnarchiveDeal { id } => changes.try_edit(at, *id, |deal: &mut Deal| archive(deal, None)),
        _ => apply_to_contacts(changes, data, edit, moment),
    }
}

/// Persons and organizations; the rest are fields.
fn apply_to_contacts(changes: &mut Changes, data: &Dataset, edit: &Edit, moment: i64) -> Result<Step, Refused> {
    let at = (data, moment);
    match edit {
        Edit::PersonName { id, name } => changes.edit(at, *id, |person: &mut Person| rename(person, name)),
        Edit::PersonOwner { id, owner_id } => {
            let owner_id = user(data, *owner_id)?;
            changes.edit(at, *id, |person: &mut Person| person.owner_id = owner_id)
        }
        Edit::PersonOrganization { id, org_id } => {
            organization(Present::new(data, changes), *org_id)?;
            changes.edit(at, *id, |person: &mut Person| person.org_id = *org_id)
        }
        Edit::CreatePerson { name, org_id } => {
            let now = Present::new(data, changes);
            organization(now, *org_id)?;
            let person = new_person(now, name, *org_id, moment);
            Ok(changes.create(person))
        }
        Edit::DeletePerson { id } => changes.edit(at, *id, |person: &mut Person| person.is_deleted = true),
        Edit::OrganizationName { id, name } => {
            changes.edit(at, *id, |one: &mut Organization| name.clone_into(&mut one.name))
        }
        Edit::OrganizationOwner { id, owner_id } => {
            let owner_id = user(data, *owner_id)?;
            changes.edit(at, *id, |one: &mut Organization| one.owner_id = owner_id)
        }
        Edit::CreateOrganization { name } => {
            let organization = new_organization(Present::new(data, changes), name, moment);
            Ok(changes.create(organization))
        }
        Edit::DeleteOrganization { id } => changes.edit(at, *id, |one: &mut Organization| one.is_deleted = true),
        _ => apply_to_fields(changes, data, edit),
    }
}

fn apply_to_fields(changes: &mut Changes, data: &Dataset, edit: &Edit) -> Result<Step, Refused> {
    match edit {
        Edit::RenameField { entity, key, name } => {
            changes.edit_field(data, (*entity, key), |field| field.name = name.clone().into())
        }
        Edit::AddField { entity, name, field_type, options } => {
            let field = new_field(Present::new(data, changes), *entity, (name, field_type, options))?;
            Ok(changes.add_field(data, *entity, field))
        }
        Edit::DeleteField { entity, key } => changes.delete_field(data, *entity, key),
        _ => Err(Refused::Pointless("the sandbox does not know this edit")),
    }
}

fn move_to(deal: &mut Deal, stage: &Stage, moment: i64) {
    deal.stage_id = stage.id;
    deal.pipeline_id = stage.pipeline_id;
    deal.stage_change_time = Some(moment);
}

/// The times of a status belong to deals of this status only.
fn decide(deal: &mut Deal, status: Status, moment: i64) -> Result<(), Refused> {
    if status == Status::Deleted {
        return Err(Refused::Pointless("deals are deleted by another edit"));
    }
    deal.status = status;
    deal.lost_reason = None;
    deal.won_time = (status == Status::Won).then_some(moment);
    deal.lost_time = (status == Status::Lost).then_some(moment);
    deal.close_time = deal.won_time.or(deal.lost_time);
    Ok(())
}

fn archive(deal: &mut Deal, moment: Option<i64>) -> Result<(), Refused> {
    if deal.is_archived == moment.is_some() {
        return Err(Refused::Pointless("the deal is where it shall go already"));
    }
    deal.is_archived = moment.is_some();
    deal.archive_time = moment;
    Ok(())
}

/// The last name is what stands behind the first blank.
fn rename(person: &mut Person, name: &str) {
    name.clone_into(&mut person.name);
    let (first, last) = name.split_once(' ').map_or((name, None), |(first, last)| (first, Some(last)));
    first.clone_into(&mut person.first_name);
    person.last_name = last.map(str::to_owned);
}

fn user(data: &Dataset, id: i64) -> Result<i64, Refused> {
    data.user(id).map(|user| user.id).ok_or(Refused::NoUser(id))
}

fn organization(now: Present<'_>, id: Option<i64>) -> Result<(), Refused> {
    let known = |id: &i64| now.organization(*id).is_some();
    match id.filter(|id| !known(id)) {
        Some(id) => Err(Refused::NoRecord { entity: Entity::Organizations, id }),
        None => Ok(()),
    }
}

/// Where a record keeps the value of a field that can hold it.
fn position(now: Present<'_>, entity: Entity, key: &str, value: Option<&CustomValue>) -> Result<usize, Refused> {
    let no_field = || Refused::NoField { entity, key: key.to_owned() };
    let field = now.fields(entity).find(|field| field.is_custom && field.code == key).ok_or_else(no_field)?;
    if !value.is_none_or(|value| value.fits(field.field_type)) {
        return Err(Refused::Value(field.field_type.to_owned()));
    }
    now.position(entity, key).ok_or_else(no_field)
}

/// Records that were made before the field have no place for its value yet.
fn fill_in(custom: &mut Vec<Option<CustomValue>>, position: usize, value: Option<CustomValue>) {
    custom.resize(custom.len().max(position + 1), None);
    custom[position] = value;
}

/// The owner of the token.
fn me(data: &Dataset) -> i64 {
    data.users().next().map(|user| user.id).unwrap_or_default()
}

fn new_deal(now: Present<'_>, new: &NewDeal, moment: i64) -> Result<Deal, Refused> {
    let stage_id = new.stage_id.unwrap_or(1);
    let stage = now.stage(stage_id).ok_or(Refused::NoStage(stage_id))?;
    if let Some(id) = new.person_id.filter(|id| now.person(*id).is_none()) {
        return Err(Refused::NoRecord { entity: Entity::Persons, id });
    }
    organization(now, new.org_id)?;
    Ok(Deal {
        id: now.last(Entity::Deals) + 1,
        title: new.title.clone(),
        creator_user_id: me(&now),
        owner_id: new.owner_id.map_or_else(|| Ok(me(&now)), |id| user(&now, id))?,
        person_id: new.person_id,
        org_id: new.org_id,
        pipeline_id: stage.pipeline_id,
        stage_id: stage.id,
        value: new.value,
        currency: "EUR",
        add_time: moment,
        update_time: None,
        stage_change_time: None,
        status: Status::Open,
        probability: None,
        lost_reason: None,
        visible_to: 3,
        close_time: None,
        won_time: None,
        lost_time: None,
        expected_close_date: None,
        label_ids: Vec::new(),
        origin: "API",
        origin_id: None,
        channel: None,
        channel_id: None,
        acv: None,
        arr: None,
        mrr: None,
        is_archived: false,
        archive_time: None,
        is_deleted: false,
        custom: Vec::new(),
    })
}

fn new_person(now: Present<'_>, name: &str, org_id: Option<i64>, moment: i64) -> Person {
    let mut person = Person {
        id: now.last(Entity::Persons) + 1,
        name: String::new(),
        first_name: String::new(),
        last_name: None,
        owner_id: me(&now),
        org_id,
        add_time: moment,
        update_time: None,
        emails: Vec::new(),
        phones: Vec::new(),
        is_deleted: false,
        visible_to: 3,
        label_ids: Vec::new(),
        picture_id: None,
        postal_address: None,
        notes: None,
        im: Vec::new(),
        birthday: None,
        job_title: None,
        custom: Vec::new(),
    };
    rename(&mut person, name);
    person
}

fn new_organization(now: Present<'_>, name: &str, moment: i64) -> Organization {
    Organization {
        id: now.last(Entity::Organizations) + 1,
        name: name.to_owned(),
        owner_id: me(&now),
        add_time: moment,
        update_time: None,
        is_deleted: false,
        visible_to: 3,
        address: None,
        label_ids: Vec::new(),
        website: None,
        linkedin: None,
        industry: None,
        annual_revenue: None,
        employee_count: None,
        custom: Vec::new(),
    }
}

/// Options of added fields are numbered from here on, a hundred a field.
const FIRST_OPTION: i64 = 1_000;

fn new_field(
    now: Present<'_>,
    entity: Entity,
    (name, field_type, options): (&str, &str, &[String]),
) -> Result<Field, Refused> {
    if entity == Entity::Activities {
        return Err(Refused::NoCustomFields(entity));
    }
    let all = [Entity::Deals, Entity::Persons, Entity::Organizations, Entity::Products];
    let count = |entity| now.all_fields(entity).iter().filter(|field| field.is_custom).count();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let first_option = FIRST_OPTION + 100 * number(all.into_iter().map(count).sum());
    let place = (entity, now.seed(), number(count(entity)));
    let field = added_field(place, name.to_owned(), field_type, options, first_option);
    field.ok_or_else(|| Refused::NoType(field_type.to_owned()))
}
