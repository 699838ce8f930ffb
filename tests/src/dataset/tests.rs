//! The company is as promised: sizes, determinism, awkward values.

use std::collections::HashSet;

use super::{CustomValue, Dataset, Entity, Location, REFERENCE, Status, UNKNOWN_OPTION};
use crate::Config;

fn demo() -> Dataset {
    Dataset::new(&Config::default())
}

#[test]
fn the_demo_company_has_the_promised_size() {
    let data = demo();
    let listed = data.deals().filter(|deal| !deal.is_archived && !deal.is_deleted).count();
    let archived = data.deals().filter(|deal| deal.is_archived && !deal.is_deleted).count();
    let deleted = data.deals().filter(|deal| deal.is_deleted).count();
    let both = data.deals().filter(|deal| deal.is_archived && deal.is_deleted).count();
    assert_eq!((listed, archived, deleted, both), (2_300, 42, 21, 10));
    assert_eq!(data.persons().filter(|person| !person.is_deleted).count(), 900);
    assert_eq!(data.organizations().filter(|organization| !organization.is_deleted).count(), 400);
    assert_eq!((data.users().count(), data.pipelines().count(), data.stages().count()), (8, 2, 9));
    assert_eq!(data.activities().filter(|activity| !activity.is_deleted).count(), 3_000);
    assert_eq!(data.products().filter(|product| !product.is_deleted).count(), 40);
}

#[test]
fn the_same_seed_gives_the_same_company_and_another_seed_another() {
    let other = Dataset::new(&Config { seed: 2, ..Config::default() });
    assert!(demo().deals().eq(demo().deals()) && demo().persons().eq(demo().persons()));
    assert!(demo().organizations().eq(demo().organizations()));
    assert!(demo().activities().eq(demo().activities()) && demo().products().eq(demo().products()));
    let same = demo().deals().zip(other.deals()).filter(|(one, two)| one.title == two.title).count();
    assert!(same < 700, "{same} titles are the same");
    assert_ne!(demo().deal_fields().last().unwrap().code, other.deal_fields().last().unwrap().code);
}

#[test]
fn the_owner_of_a_record_does_not_depend_on_how_many_there_are() {
    let larger = Dataset::new(&Config { deals: 5_000, ..Config::default() });
    for id in [1, 7, 1_234] {
        assert_eq!(demo().deal(id).unwrap().owner_id, larger.deal(id).unwrap().owner_id);
    }
}

#[test]
fn the_parts_of_a_deal_fit_together() {
    let data = demo();
    for deal in data.deals() {
        assert_eq!(data.stage(deal.stage_id).unwrap().pipeline_id, deal.pipeline_id);
        assert!(data.user(deal.owner_id).is_some() && data.user(deal.creator_user_id).is_some());
        assert!(deal.person_id.is_none_or(|id| data.person(id).is_some()));
        assert!(deal.org_id.is_none_or(|id| data.organization(id).is_some()));
        assert_eq!(deal.status == Status::Deleted, deal.is_deleted);
        assert_eq!(deal.archive_time.is_some(), deal.is_archived);
        assert!(deal.status != Status::Open || deal.close_time.is_none());
        assert!(deal.status != Status::Won || deal.won_time.is_some() && deal.won_time == deal.close_time);
        assert_eq!(deal.lost_reason.is_some(), deal.lost_time.is_some());
        let times = [Some(deal.add_time), deal.update_time, deal.close_time, deal.archive_time];
        assert!(times.into_iter().flatten().all(|time| time < REFERENCE), "deal {}", deal.id);
        assert!(deal.update_time.is_none_or(|time| time >= deal.add_time), "deal {}", deal.id);
    }
}

#[test]
fn the_parts_of_an_activity_fit_together() {
    let data = demo();
    for one in data.activities() {
        let deal = one.deal_id.map(|id| data.deal(id).unwrap());
        if let Some(deal) = &deal {
            assert_eq!((one.person_id, one.org_id, &one.lead_id), (deal.person_id, deal.org_id, &None));
            assert!(one.add_time >= deal.add_time, "activity {}", one.id);
        }
        assert!(data.user(one.owner_id).is_some() && data.user(one.creator_user_id).is_some());
        let primary: Vec<i64> = one.participants.iter().filter(|one| one.primary).map(|one| one.person_id).collect();
        assert_eq!(primary, Vec::from_iter(one.person_id));
        assert_eq!(one.done, one.marked_as_done_time.is_some());
        assert_eq!(one.due_time.is_some(), one.duration.is_some());
        let times = [Some(one.add_time), one.update_time, one.marked_as_done_time];
        assert!(times.into_iter().flatten().all(|time| time < REFERENCE), "activity {}", one.id);
        assert!(one.update_time.is_none_or(|time| time >= one.add_time), "activity {}", one.id);
        assert!(one.marked_as_done_time.is_none_or(|time| time >= one.add_time && Some(time) <= one.update_time));
    }
}

#[test]
fn activities_and_products_are_of_every_sort() {
    let data = demo();
    let activities: Vec<_> = data.activities().collect();
    let share = |count: usize| count * 100 / activities.len();
    let done = share(activities.iter().filter(|one| one.done).count());
    let about_deals = share(activities.iter().filter(|one| one.deal_id.is_some()).count());
    assert!((75..92).contains(&done) && (75..90).contains(&about_deals), "{done} {about_deals}");
    let kinds: HashSet<&str> = activities.iter().map(|one| one.kind).collect();
    assert_eq!(kinds.len(), 7);
    assert!(activities.iter().any(|one| one.due_date.as_deref() == Some("0000-00-00")));
    assert!(activities.iter().any(|one| one.due_date.is_none()));
    assert!(activities.iter().any(|one| one.due_time.is_none() && one.due_date.is_some()));
    assert!(activities.iter().any(|one| one.duration.as_deref() == Some("26:30:00")));
    assert!(activities.iter().any(|one| matches!(one.location, Some(Location::Text("")))));
    assert!(activities.iter().any(|one| one.note == Some("")));
    assert!(activities.iter().any(|one| one.participants.first().is_some_and(|one| !one.primary)));
    assert!(activities.iter().any(|one| one.lead_id.as_ref().is_some_and(|lead| lead.len() == 36)));
    assert!(activities.iter().any(|one| one.conference.is_some()));
    let products: Vec<_> = data.products().collect();
    let names: HashSet<&str> = products.iter().map(|product| product.name.as_str()).collect();
    assert_eq!(names.len(), products.len());
    let prices: HashSet<usize> = products.iter().map(|product| product.prices.len()).collect();
    assert_eq!(prices, HashSet::from([0, 1, 2]));
    assert!(products.iter().any(|product| product.code.as_deref() == Some("")));
    assert!(products.iter().any(|product| product.category.is_none()));
}

#[test]
fn the_company_charts_well() {
    let data = demo();
    let count = |status| data.deals().filter(|deal| !deal.is_archived && deal.status == status).count();
    let (open, won, lost) = (count(Status::Open), count(Status::Won), count(Status::Lost));
    assert!(open > 250 && won > 600 && lost > 600, "open {open}, won {won}, lost {lost}");
    let owners: HashSet<i64> = data.deals().map(|deal| deal.owner_id).collect();
    let currencies: HashSet<&str> = data.deals().map(|deal| deal.currency).collect();
    let months: HashSet<i64> = data.deals().filter_map(|deal| deal.won_time).map(|time| time / 2_629_746).collect();
    assert_eq!((owners.len(), currencies.len()), (8, 2));
    assert!(months.len() >= 34, "{} months", months.len());
}

#[test]
fn every_custom_field_but_the_unused_one_is_filled_in_and_null() {
    let data = demo();
    let records: [(Entity, Vec<Vec<Option<CustomValue>>>); 4] = [
        (Entity::Deals, data.deals().map(|deal| deal.custom).collect()),
        (Entity::Persons, data.persons().map(|person| person.custom).collect()),
        (Entity::Organizations, data.organizations().map(|organization| organization.custom).collect()),
        (Entity::Products, data.products().map(|product| product.custom).collect()),
    ];
    for (entity, rows) in records {
        for (position, field) in data.custom_fields(entity).enumerate() {
            let filled = rows.iter().filter(|row| row[position].is_some()).count();
            assert!(filled < rows.len(), "{} is never null", field.name);
            assert_eq!(filled == 0, field.name == "Legacy Number", "{} has {filled}", field.name);
        }
    }
}

#[test]
fn every_type_that_one_can_create_is_there() {
    let types: HashSet<&str> = demo().custom_fields(Entity::Deals).map(|field| field.field_type).collect();
    for field_type in [
        "varchar",
        "varchar_auto",
        "text",
        "double",
        "monetary",
        "date",
        "set",
        "enum",
        "user",
        "org",
        "people",
        "phone",
        "time",
        "timerange",
        "daterange",
        "address",
    ] {
        assert!(types.contains(field_type), "{field_type}");
    }
}

#[test]
fn keys_are_forty_hex_digits_and_unique_and_one_label_is_there_twice() {
    let data = demo();
    let custom: Vec<_> = [Entity::Deals, Entity::Persons, Entity::Organizations, Entity::Products]
        .into_iter()
        .flat_map(|entity| data.custom_fields(entity))
        .collect();
    let keys: HashSet<&str> = custom.iter().map(|field| field.code.as_str()).collect();
    assert_eq!(keys.len(), custom.len());
    assert!(keys.iter().all(|key| key.len() == 40 && key.chars().all(|digit| digit.is_ascii_hexdigit())));
    assert_eq!(data.custom_fields(Entity::Deals).filter(|field| field.name == "Region").count(), 2);
}

#[test]
fn dirty_values_are_there() {
    let data = demo();
    assert!(data.deals().any(|deal| deal.expected_close_date.as_deref() == Some("0000-00-00")));
    assert!(data.deals().any(|deal| deal.update_time.is_none()));
    assert!(data.deals().any(|deal| deal.lost_reason == Some("")));
    assert!(data.deals().any(|deal| deal.title.chars().any(|letter| letter > '\u{FFFF}')));
    assert!(data.deals().any(|deal| deal.value.is_some_and(|value| value.to_string().ends_with(".0"))));
    assert!(data.persons().any(|person| person.phones.iter().any(|phone| phone.label.is_empty())));
    assert!(data.organizations().any(|organization| organization.website.as_deref() == Some("")));
}

#[test]
fn one_value_is_finer_than_money_and_one_option_is_unknown() {
    let data = demo();
    let fine: Vec<_> =
        data.deals().filter(|deal| deal.value.is_some_and(|value| value.is_rounded())).map(|deal| deal.id).collect();
    assert_eq!(fine, Vec::from_iter(data.precise_deal()));
    let unknown = data
        .organizations()
        .filter(|one| {
            one.custom
                .iter()
                .flatten()
                .any(|value| matches!(value, CustomValue::Choices(ids) if ids.contains(&UNKNOWN_OPTION)))
        })
        .count();
    assert_eq!(unknown, 1);
    let code = &data.custom_fields(Entity::Organizations).find(|field| field.name == "Certificates").unwrap().code;
    assert_eq!(data.option_label(code, UNKNOWN_OPTION), None);
    assert_eq!(data.option_label(code, 161), Some("ISO 9001"));
}

#[test]
fn small_companies_work() {
    for size in 0..12 {
        let data = Dataset::new(&Config {
            deals: size,
            persons: size,
            organizations: size,
            activities: size,
            products: size,
            users: size,
            ..Config::default()
        });
        assert_eq!(data.deals().filter(|deal| !deal.is_archived && !deal.is_deleted).count(), size);
        assert_eq!(data.persons().filter(|person| !person.is_deleted).count(), size);
        assert_eq!(data.organizations().filter(|organization| !organization.is_deleted).count(), size);
        assert_eq!(data.activities().filter(|activity| !activity.is_deleted).count(), size);
        assert_eq!(data.products().filter(|product| !product.is_deleted).count(), size);
        assert_eq!(data.users().count(), size.max(1));
    }
}

#[test]
fn counts_are_those_of_the_records() {
    let data = demo();
    let person = data.deals().find_map(|deal| deal.person_id).unwrap();
    let open = data
        .deals()
        .filter(|deal| deal.person_id == Some(person) && !deal.is_archived && deal.status == Status::Open)
        .count();
    assert_eq!(data.person_tally(person).open, i64::try_from(open).unwrap());
}
