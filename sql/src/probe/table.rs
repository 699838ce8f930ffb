//! Every probe, and the pages that they share.

use futures::FutureExt as _;
use futures::future::ready;

use super::{Probe, Run, custom, filters, lists, orders, told, values};
use crate::api::Request;

/// A page that several probes look at.
pub(super) struct Shared {
    /// What it is called here.
    pub(super) name: &'static str,
    path: &'static str,
    /// List price in API tokens.
    pub(super) tokens: u32,
    scope: &'static str,
    parameters: &'static [(&'static str, &'static str)],
}

impl Shared {
    /// The request for it.
    pub(super) fn request(&self) -> Request {
        let request = Request::new(self.path, self.tokens).scope(self.scope);
        self.parameters.iter().fold(request, |request, (name, value)| request.with(name, (*value).to_owned()))
    }
}

const FIRST: &[(&str, &str)] = &[("sort_by", "id"), ("limit", "500")];
const LAST: &[(&str, &str)] = &[("sort_by", "id"), ("sort_direction", "desc"), ("limit", "500")];

const fn shared(
    name: &'static str,
    path: &'static str,
    tokens: u32,
    scope: &'static str,
    parameters: &'static [(&'static str, &'static str)],
) -> Shared {
    Shared { name, path, tokens, scope, parameters }
}

/// The pages that probes share; each is asked for once at most.
pub(super) const SHARED: &[Shared] = &[
    shared("deals", "/v2/deals", 10, "deals:read", FIRST),
    shared("latest deals", "/v2/deals", 10, "deals:read", LAST),
    shared("persons", "/v2/persons", 10, "contacts:read", FIRST),
    shared("organizations", "/v2/organizations", 10, "contacts:read", FIRST),
    shared("activities", "/v2/activities", 10, "activities:read", FIRST),
    shared("products", "/v2/products", 10, "products:read", FIRST),
    shared("stages", "/v2/stages", 5, "deals:read", FIRST),
    shared("fields of deals", "/v2/dealFields", 10, "deals:read", &[("limit", "500")]),
];

/// A probe that sends at most so many requests at so many tokens, all of them together.
const fn probe(name: &'static str, assumption: &'static str, (requests, tokens): (u32, u32), run: Run) -> Probe {
    Probe { name, assumption, requests, tokens, run }
}

/// A parameter for equality: `table.column`.
const fn equality(name: &'static str, assumption: &'static str, tokens: u32) -> Probe {
    probe(name, assumption, (1, tokens), |desk, probe| Box::pin(filters::equality(desk, probe.name)))
}

/// A probe that looks at what the others have asked for.
const FREE: (u32, u32) = (0, 0);

/// Every probe, in the order in which they run: those of missing rows first.
pub const PROBES: &[Probe] = &[
    equality("deals.owner_id", "owner_id leaves out only deals with another owner", 10),
    equality("deals.person_id", "person_id leaves out only deals with another person or none", 10),
    equality("deals.org_id", "org_id leaves out only deals with another organization or none", 10),
    equality("deals.pipeline_id", "pipeline_id leaves out only deals in another pipeline", 10),
    equality("deals.stage_id", "stage_id leaves out only deals in another stage", 10),
    equality("persons.owner_id", "owner_id leaves out only persons with another owner", 10),
    equality("persons.org_id", "org_id leaves out only persons with another organization or none", 10),
    equality("organizations.owner_id", "owner_id leaves out only organizations with another owner", 10),
    equality("activities.owner_id", "owner_id leaves out only activities with another owner", 10),
    equality("activities.deal_id", "deal_id leaves out only activities with another deal or none", 10),
    equality(
        "activities.person_id",
        "person_id leaves out only activities with another primary participant or none",
        10,
    ),
    equality("activities.org_id", "org_id leaves out only activities with another organization or none", 10),
    equality("activities.done", "done leaves out only activities that are done, or only those that are not", 10),
    equality("products.owner_id", "owner_id leaves out only products with another owner", 10),
    equality("stages.pipeline_id", "pipeline_id leaves out only stages of another pipeline", 5),
    probe(
        "status.list",
        "status takes a list and leaves out only deals with a status that it does not name",
        (1, 10),
        |desk, _| Box::pin(filters::status_list(desk)),
    ),
    probe("status.values", "A deal that is not deleted is open, won or lost", (1, 10), |desk, _| {
        Box::pin(filters::status_values(desk))
    }),
    probe(
        "ids",
        "ids takes 100 keys, gives every listed record that they name and passes over the others",
        (1, 10),
        |desk, _| Box::pin(filters::ids(desk)),
    ),
    probe("single", "A deal asked for by its id is a 404 only where no list has it", (2, 2), |desk, _| {
        Box::pin(filters::single(desk))
    }),
    probe(
        "updated_range",
        "updated_since leaves out only deals updated earlier, updated_until only those updated then or later",
        (1, 10),
        |desk, _| Box::pin(filters::updated_range(desk)),
    ),
    probe("sort_by.id", "A list sorted by id comes in that order, from either end", FREE, |desk, _| {
        Box::pin(orders::by_id(desk))
    }),
    probe("sort_by.add_time", "A list sorted by add_time comes in that order, from either end", (2, 20), |desk, _| {
        Box::pin(orders::by_time(desk, "add_time"))
    }),
    probe(
        "sort_by.update_time",
        "The first page of a list sorted by update_time has the first rows by it",
        (2, 20),
        |desk, _| Box::pin(orders::by_time(desk, "update_time")),
    ),
    probe(
        "both_ends",
        "Read by id from both ends, page by page, a list gives the same rows, and its last page has no next_cursor",
        (2, 20),
        |desk, _| Box::pin(orders::both_ends(desk)),
    ),
    probe("page_size", "A page holds 500 rows where there are more", FREE, |desk, _| Box::pin(orders::page_size(desk))),
    probe(
        "archive",
        "The archive has archived deals that are not deleted, and the list of deals has none of them",
        (2, 30),
        |desk, _| Box::pin(lists::archive(desk)),
    ),
    probe(
        "bin",
        "status=deleted gives what was deleted, and nothing else, from the list of deals and from the archive",
        (2, 30),
        |desk, _| Box::pin(lists::bin(desk)),
    ),
    probe("flags", "Listed records are marked neither as deleted nor as archived", FREE, |desk, _| {
        Box::pin(lists::flags(desk))
    }),
    probe("users", "The list of users is complete in one answer and ignores paging", (1, 20), |desk, _| {
        Box::pin(lists::users(desk))
    }),
    probe("id_range", "Ids are whole numbers from 1 to 2^53-1", FREE, |desk, _| Box::pin(values::id_range(desk))),
    probe("custom_fields.shapes", "Values of custom fields have the shapes of the documents", FREE, |desk, _| {
        Box::pin(custom::shapes(desk))
    }),
    probe(
        "custom_fields.narrow",
        "custom_fields narrows the members to the keys named and changes no value",
        (1, 10),
        |desk, _| Box::pin(custom::narrow(desk)),
    ),
    probe("custom_fields.most", "custom_fields takes 15 keys at most", (1, 10), |desk, _| Box::pin(custom::most(desk))),
    probe("options.custom", "Options that custom fields name are defined", FREE, |desk, _| {
        Box::pin(custom::options(desk))
    }),
    probe("options.label_ids", "Options that label_ids names are those of the field label_ids", FREE, |desk, _| {
        Box::pin(custom::labels(desk))
    }),
    probe("include_fields", "include_fields adds the members that are sent on request only", (1, 10), |desk, _| {
        Box::pin(values::computed(desk))
    }),
    probe("activities.custom_fields", "Activities carry no custom fields", FREE, |desk, _| {
        Box::pin(values::bare_activities(desk))
    }),
    probe("activities.duration", "The duration of an activity is HH:MM:SS", FREE, |desk, _| {
        Box::pin(values::durations(desk))
    }),
    probe("time_marks", "Times of v2 are marked Z or have an offset", FREE, |desk, _| Box::pin(values::marks(desk))),
    probe("timezone_name", "timezone_name of the user is an IANA name", (1, 2), |desk, _| {
        Box::pin(values::zone_name(desk))
    }),
    probe(
        "headers.date",
        "Answers have the header Date, and no update_time is more than a minute later",
        FREE,
        |desk, _| Box::pin(told::date(desk)),
    ),
    probe("headers.burst", "Answers tell the short-term limit", FREE, |desk, _| ready(Ok(told::burst(desk))).boxed()),
    probe("headers.day", "Answers tell the day's budget and what is left of it", FREE, |desk, _| {
        ready(Ok(told::day(desk))).boxed()
    }),
    probe("prices", "Requests cost their list price", FREE, |desk, _| ready(Ok(told::prices(desk))).boxed()),
    probe("api_token", "x-api-token is accepted by v1 and v2", FREE, |desk, _| ready(Ok(told::token(desk))).boxed()),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::model::{ENTITIES, Push};

    #[test]
    fn names_are_unique_and_sentences_are_sentences() {
        let names: HashSet<_> = PROBES.iter().map(|probe| probe.name).collect();
        assert_eq!(names.len(), PROBES.len());
        assert!(PROBES.iter().all(|probe| probe.assumption.len() > 20 && !probe.assumption.ends_with('.')));
    }

    #[test]
    fn every_parameter_for_equality_has_a_probe() {
        // The other tables of deals have the columns of `deals`.
        let entities = ENTITIES.iter().filter(|entity| entity.name == entity.record);
        for column in entities.flat_map(|entity| entity.columns.iter().map(move |column| (entity, column))) {
            let (entity, column) = column;
            let name = format!("{}.{}", entity.name, column.name);
            let pushed = matches!(column.pushes, Some(Push::Equal(_) | Push::Flag(_)));
            let probed = PROBES.iter().any(|probe| probe.name == name && probe.requests > 0);
            assert_eq!(pushed, probed, "{name}");
        }
    }

    #[test]
    fn shared_pages_cost_what_the_model_says() {
        for entity in ENTITIES.iter().filter(|entity| entity.name == entity.record) {
            let own = SHARED.iter().filter(|shared| shared.path == entity.lists[0].path);
            assert!(own.clone().all(|shared| (shared.tokens, shared.scope) == (entity.lists[0].tokens, entity.scope)));
        }
    }
}
