//! Plans: what a scan meets that runs while the company is edited.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::tests_edits::{deal, small};
use crate::client::{all_ids, json};
use crate::dataset::{Deal, Entity, Status};
use crate::{Change, Edit, EditPlan, Record, Running};

/// The state of every deal just before each edit, by the history alone.
fn replayed(sandbox: &Running) -> BTreeMap<i64, Deal> {
    let mut deals: BTreeMap<i64, Deal> = sandbox.dataset().deals().map(|deal| (deal.id, deal)).collect();
    for change in sandbox.history().into_iter().filter(|change| change.entity == Entity::Deals) {
        let Change { before, after, id, .. } = change;
        let Some(id) = id else { continue };
        assert_eq!(deals.get(&id), before.as_ref().and_then(Record::deal), "the state before an edit");
        deals.insert(id, after.as_ref().and_then(Record::deal).unwrap().clone());
    }
    deals
}

#[test]
fn a_plan_edits_between_the_pages_and_shows_every_kind_within_twelve_pages() {
    let sandbox = small();
    sandbox.edit_between_pages(EditPlan { seed: 3, per_page: 2 });
    for page in 0..12_u64 {
        assert_eq!(sandbox.history().len(), usize::try_from(page * 2).unwrap());
        json(
            &sandbox,
            ["/api/v2/deals?limit=9", "/api/v2/persons?limit=9", "/api/v2/deals/archived"]
                [usize::try_from(page % 3).unwrap()],
        );
    }
    let kinds: BTreeSet<String> = sandbox
        .history()
        .iter()
        .map(|change| serde_json::to_value(&change.edit).unwrap()["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds.len(), 22, "{kinds:?}");
    let statuses: HashSet<&str> = sandbox
        .history()
        .iter()
        .filter_map(|change| if let Edit::DealStatus { status, .. } = change.edit { Some(status.text()) } else { None })
        .collect();
    assert_eq!(statuses.len(), 3);
    let answered: Vec<u64> = sandbox.history().iter().map(|change| change.answered).collect();
    assert_eq!(answered, (1..=12).flat_map(|page| [page, page]).collect::<Vec<_>>());
    // Neither single gets nor lists of anything else are followed by edits.
    for other in ["/api/v2/deals/1", "/api/v2/stages", "/api/v2/dealFields", "/v1/users"] {
        json(&sandbox, other);
    }
    sandbox.edit_between_pages(EditPlan::default());
    json(&sandbox, "/api/v2/deals");
    assert_eq!(sandbox.history().len(), 24);
    assert!(replayed(&sandbox).into_values().eq(sandbox.deals()));
}

#[test]
fn the_same_plan_over_the_same_pages_gives_the_same_edits() {
    let scan = |seed| {
        let sandbox = small();
        sandbox.edit_between_pages(EditPlan { seed, per_page: 4 });
        let ids = all_ids(&sandbox, "/api/v2/deals", "limit=20");
        (ids, sandbox.history())
    };
    let one = scan(5);
    assert!(one == scan(5));
    assert!(one.1 != scan(6).1);
}

/// A chain by id has every deal that was listed all the time, once, and none that never was.
#[test]
fn a_chain_by_id_is_complete_under_edits() {
    for seed in 0..6 {
        let sandbox = small();
        let listed = |deal: &Deal| !deal.is_archived && !deal.is_deleted;
        let mut always: BTreeSet<i64> =
            sandbox.deals().iter().filter(|deal| listed(deal)).map(|deal| deal.id).collect();
        sandbox.edit_between_pages(EditPlan { seed, per_page: 5 });
        let direction = if seed % 2 == 0 { "asc" } else { "desc" };
        let ids = all_ids(&sandbox, "/api/v2/deals", &format!("limit=7&sort_direction={direction}"));
        let unique: BTreeSet<i64> = ids.iter().copied().collect();
        let mut ever = always.clone();
        for change in sandbox.history() {
            let Some(deal) = change.after.as_ref().and_then(Record::deal) else { continue };
            if listed(deal) {
                ever.insert(deal.id);
            } else {
                always.remove(&deal.id);
            }
        }
        always.retain(|id| sandbox.dataset().deal(*id).is_some());
        assert_eq!(unique.len(), ids.len(), "a row came twice");
        assert!(always.is_subset(&unique) && unique.is_subset(&ever), "seed {seed}");
        assert!(sandbox.history().len() > 100);
    }
}

/// Activities and products stay as they are while everything around them changes, and so do their lists.
#[test]
fn lists_of_activities_and_products_are_followed_by_edits_too() {
    for (path, query) in [
        ("/api/v2/activities", "limit=100&sort_by=due_date&sort_direction=desc"),
        ("/api/v2/activities", "limit=50&done=false"),
        ("/api/v2/products", "limit=3&sort_by=name"),
        ("/api/v2/products", "limit=3&updated_since=2020-01-01T00:00:00Z"),
    ] {
        let sandbox = small();
        let before = all_ids(&sandbox, path, query);
        let pages = sandbox.answered();
        sandbox.edit_between_pages(EditPlan { seed: 7, per_page: 6 });
        assert_eq!(all_ids(&sandbox, path, query), before, "{path}?{query}");
        assert_eq!(sandbox.answered(), 2 * pages);
        let last = sandbox.history().last().unwrap().answered;
        assert_eq!((last, pages > 5), (2 * pages, true), "{path}?{query}");
        let edited: BTreeSet<Entity> = sandbox.history().iter().map(|change| change.entity).collect();
        assert!(edited.contains(&Entity::Deals) && !edited.contains(&Entity::Activities), "{edited:?}");
    }
}

/// Products show the custom fields that are there, whatever a plan did to them.
#[test]
fn a_plan_edits_the_custom_fields_of_products() {
    let mut kinds = HashSet::new();
    for seed in 0..6 {
        let sandbox = small();
        sandbox.edit_between_pages(EditPlan { seed, per_page: 24 });
        all_ids(&sandbox, "/api/v2/products", "limit=8");
        sandbox.edit_between_pages(EditPlan::default());
        let of_products = sandbox.history().into_iter().filter(|change| change.entity == Entity::Products);
        kinds.extend(of_products.map(|change| std::mem::discriminant(&change.edit)));
        let fields = sandbox.fields(Entity::Products);
        let there: BTreeSet<&str> =
            fields.iter().filter(|field| field.is_custom).map(|field| field.code.as_str()).collect();
        let page = json(&sandbox, "/api/v2/products?limit=500");
        for row in page["data"].as_array().unwrap() {
            // Null where no custom field is left.
            let shown = row["custom_fields"].as_object().into_iter().flatten();
            assert_eq!(shown.map(|(key, _)| key.as_str()).collect::<BTreeSet<_>>(), there, "seed {seed}");
        }
    }
    assert_eq!(kinds.len(), 3, "renamed, added, deleted");
}

/// Two chains at once, from both ends: edits come between answers, never within one.
#[test]
fn chains_that_run_at_once_are_complete_too() {
    let sandbox = small();
    let listed: Vec<i64> = all_ids(&sandbox, "/api/v2/deals", "limit=500");
    sandbox.edit_between_pages(EditPlan { seed: 4, per_page: 3 });
    let chain = |direction: &'static str| {
        let sandbox = &sandbox;
        move || all_ids(sandbox, "/api/v2/deals", &format!("limit=10&sort_direction={direction}"))
    };
    let (up, down) = std::thread::scope(|scope| {
        let (up, down) = (scope.spawn(chain("asc")), scope.spawn(chain("desc")));
        (up.join().unwrap(), down.join().unwrap())
    });
    let gone: HashSet<i64> = sandbox
        .history()
        .iter()
        .filter_map(|change| change.after.as_ref()?.deal().filter(|deal| deal.is_archived || deal.is_deleted))
        .map(|deal| deal.id)
        .collect();
    let stayed = || listed.iter().filter(|id| !gone.contains(id));
    assert!(stayed().all(|id| up.contains(id) && down.contains(id)) && !gone.is_empty());
    assert!(up.is_sorted() && down.is_sorted_by(|one, next| one > next));
    let history = sandbox.history();
    assert!(history.is_sorted_by_key(|change| change.answered));
    assert!(history.last().unwrap().answered <= sandbox.answered());
    assert!(replayed(&sandbox).into_values().eq(sandbox.deals()));
}

/// Every page of every list is what the current records say, at any time of a plan.
#[test]
fn every_list_shows_the_company_as_it_is() {
    let sandbox = small();
    sandbox.edit_between_pages(EditPlan { seed: 9, per_page: 10 });
    for _ in 0..25 {
        json(&sandbox, "/api/v2/deals?limit=30");
        json(&sandbox, "/api/v2/persons?limit=30");
        json(&sandbox, "/api/v2/organizations?limit=30");
    }
    sandbox.edit_between_pages(EditPlan::default());
    let deals = sandbox.deals();
    let ids = |mut deals: Vec<&Deal>, sort: &str| -> Vec<i64> {
        match sort {
            "add_time" => deals.sort_by_key(|deal| (deal.add_time, deal.id)),
            "update_time" => deals.sort_by_key(|deal| (deal.update_time, deal.id)),
            _ => {}
        }
        deals.iter().map(|deal| deal.id).collect()
    };
    for (path, archived) in [("/api/v2/deals", false), ("/api/v2/deals/archived", true)] {
        for status in [None, Some(Status::Open), Some(Status::Won), Some(Status::Lost), Some(Status::Deleted)] {
            let wanted = |deal: &&Deal| {
                deal.is_archived == archived && status.map_or(!deal.is_deleted, |status| deal.status == status)
            };
            let filter = status.map_or_else(String::new, |status| format!("&status={}", status.text()));
            for sort in ["id", "add_time", "update_time"] {
                let mut expected = ids(deals.iter().filter(wanted).collect(), sort);
                let query = format!("limit=11&sort_by={sort}{filter}");
                assert_eq!(all_ids(&sandbox, path, &query), expected, "{path}?{query}");
                expected.reverse();
                let query = format!("{query}&sort_direction=desc");
                assert_eq!(all_ids(&sandbox, path, &query), expected, "{path}?{query}");
            }
        }
    }
    let persons: Vec<i64> = sandbox.persons().iter().filter(|one| !one.is_deleted).map(|one| one.id).collect();
    assert_eq!(all_ids(&sandbox, "/api/v2/persons", "limit=17"), persons);
    let organizations = sandbox.organizations();
    let organizations: Vec<i64> = organizations.iter().filter(|one| !one.is_deleted).map(|one| one.id).collect();
    assert_eq!(all_ids(&sandbox, "/api/v2/organizations", "limit=17"), organizations);
    let rows = json(&sandbox, "/api/v2/deals?limit=500&include_fields=participants_count");
    for row in rows["data"].as_array().unwrap() {
        let single = deal(&sandbox, row["id"].as_i64().unwrap());
        assert!(single.as_object().unwrap().iter().all(|(name, value)| row[name] == *value));
    }
}
