//! What the sandbox serves, one row an endpoint: path, cost, what it answers, which parameters it understands.

use super::rows::{ACTIVITY_EXTRAS, DEAL_EXTRAS, FIELD_EXTRAS, ORGANIZATION_EXTRAS, PERSON_EXTRAS, PLAIN_FIELD_EXTRAS};
use crate::dataset::Entity;

/// A set of rows that can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Table {
    Deals,
    ArchivedDeals,
    Persons,
    Organizations,
    Activities,
    Products,
    Pipelines,
    Stages,
    DealFields,
    PersonFields,
    OrganizationFields,
    ActivityFields,
    ProductFields,
}

impl Table {
    /// What the rows are, if they are records: numbered, owned by someone, narrowed by saved filters.
    pub(super) const fn records(self) -> Option<Entity> {
        match self {
            Self::Deals | Self::ArchivedDeals => Some(Entity::Deals),
            Self::Persons => Some(Entity::Persons),
            Self::Organizations => Some(Entity::Organizations),
            Self::Activities => Some(Entity::Activities),
            Self::Products => Some(Entity::Products),
            _ => None,
        }
    }

    /// What the rows are, if they can be edited.
    pub(super) const fn entity(self) -> Option<Entity> {
        match self.records() {
            Some(Entity::Activities | Entity::Products) => None,
            records => records,
        }
    }

    /// Whose fields the rows are.
    pub(super) const fn fields(self) -> Option<Entity> {
        match self {
            Self::DealFields => Some(Entity::Deals),
            Self::PersonFields => Some(Entity::Persons),
            Self::OrganizationFields => Some(Entity::Organizations),
            Self::ActivityFields => Some(Entity::Activities),
            Self::ProductFields => Some(Entity::Products),
            _ => None,
        }
    }
}

/// What an endpoint answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Pages of rows.
    List(Table),
    /// One row; `{id}` names it.
    Row(Table),
    /// All users at once, by v1.
    Users,
    /// One user, by v1.
    User,
    /// The owner of the token, by v1.
    Me,
}

/// One endpoint; every one is a GET.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// 1 or 2.
    pub(super) version: u8,
    /// The path as the document writes it.
    pub(super) path: &'static str,
    /// `x-token-cost` of the document.
    pub(super) tokens: u64,
    pub(super) answer: Answer,
    /// Query parameters that it understands; others are ignored.
    pub(super) parameters: &'static [&'static str],
    /// What `sort_by` takes.
    pub(super) sorts: &'static [&'static str],
    /// What `include_fields` takes.
    pub(super) extras: &'static [&'static str],
    /// An access token needs one of these scopes, by the document's `security`.
    pub(super) scopes: &'static [&'static str],
}

const fn list(path: &'static str, tokens: u64, table: Table, parameters: &'static [&'static str]) -> Endpoint {
    Endpoint { version: 2, path, tokens, answer: Answer::List(table), parameters, sorts: &[], extras: &[], scopes: &[] }
}

/// Every single get of v2 costs one token.
const fn row(path: &'static str, table: Table, parameters: &'static [&'static str]) -> Endpoint {
    Endpoint {
        version: 2,
        path,
        tokens: 1,
        answer: Answer::Row(table),
        parameters,
        sorts: &[],
        extras: &[],
        scopes: &[],
    }
}

const fn v1(path: &'static str, tokens: u64, answer: Answer) -> Endpoint {
    Endpoint { version: 1, path, tokens, answer, parameters: &[], sorts: &[], extras: &[], scopes: &[] }
}

impl Endpoint {
    const fn sorts(mut self, sorts: &'static [&'static str]) -> Self {
        self.sorts = sorts;
        self
    }

    const fn extras(mut self, extras: &'static [&'static str]) -> Self {
        self.extras = extras;
        self
    }

    const fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// Nothing less than the scope `admin` will do.
    pub(super) fn needs_admin(&self) -> bool {
        self.scopes == ADMIN
    }
}

/// Documented parameters that the sandbox refuses, because to ignore them would be a wrong answer.
pub(super) const NOT_SERVED: &[&str] = &["filter_id", "include_option_labels", "include_labels"];

const DEAL_PARAMETERS: &[&str] = &[
    "ids",
    "owner_id",
    "person_id",
    "org_id",
    "pipeline_id",
    "stage_id",
    "status",
    "updated_since",
    "updated_until",
    "sort_by",
    "sort_direction",
    "include_fields",
    "custom_fields",
    "limit",
    "cursor",
];
const PERSON_PARAMETERS: &[&str] = &[
    "ids",
    "owner_id",
    "org_id",
    "deal_id",
    "updated_since",
    "updated_until",
    "sort_by",
    "sort_direction",
    "include_fields",
    "custom_fields",
    "limit",
    "cursor",
];
const ORGANIZATION_PARAMETERS: &[&str] = &[
    "ids",
    "owner_id",
    "updated_since",
    "updated_until",
    "sort_by",
    "sort_direction",
    "include_fields",
    "custom_fields",
    "limit",
    "cursor",
];
const ACTIVITY_PARAMETERS: &[&str] = &[
    "ids",
    "owner_id",
    "deal_id",
    "lead_id",
    "person_id",
    "org_id",
    "done",
    "updated_since",
    "updated_until",
    "sort_by",
    "sort_direction",
    "include_fields",
    "limit",
    "cursor",
];
const PRODUCT_PARAMETERS: &[&str] =
    &["ids", "owner_id", "updated_since", "sort_by", "sort_direction", "custom_fields", "limit", "cursor"];
const SHAPE: &[&str] = &["include_fields", "custom_fields"];
const FIELD: &[&str] = &["include_fields"];
const FIELDS: &[&str] = &["include_fields", "limit", "cursor"];
const PIPELINES: &[&str] = &["sort_by", "sort_direction", "limit", "cursor"];
const STAGES: &[&str] = &["pipeline_id", "sort_by", "sort_direction", "limit", "cursor"];

const BASE: &[&str] = &["base"];
const ADMIN: &[&str] = &["admin"];
const USERS: &[&str] = &["users:read"];
const DEALS: &[&str] = &["deals:read", "deals:full"];
const CONTACTS: &[&str] = &["contacts:read", "contacts:full"];
const ACTIVITIES: &[&str] = &["activities:read", "activities:full"];
const PRODUCTS: &[&str] = &["products:read", "products:full"];
const FUNNEL: &[&str] = &["deals:read", "deals:full", "admin"];
const OF_DEALS: &[&str] = &["deals:read", "deals:full", "admin", "deal-fields:full"];
const OF_CONTACTS: &[&str] = &["contacts:read", "contacts:full", "admin", "contact-fields:full"];
const OF_PRODUCTS: &[&str] = &["products:read", "products:full", "product-fields:full"];

const SORTS: &[&str] = &["id", "update_time", "add_time"];
const ACTIVITY_SORTS: &[&str] = &["id", "update_time", "add_time", "due_date"];
const PRODUCT_SORTS: &[&str] = &["id", "name", "add_time", "update_time"];
const STAGE_SORTS: &[&str] = &["id", "update_time", "add_time", "order_nr"];

/// Every endpoint. A path with fewer placeholders stands before one that it could be taken for.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    list("/deals", 10, Table::Deals, DEAL_PARAMETERS).sorts(SORTS).extras(DEAL_EXTRAS).scopes(DEALS),
    list("/deals/archived", 20, Table::ArchivedDeals, DEAL_PARAMETERS).sorts(SORTS).extras(DEAL_EXTRAS).scopes(DEALS),
    row("/deals/{id}", Table::Deals, SHAPE).extras(DEAL_EXTRAS).scopes(DEALS),
    list("/persons", 10, Table::Persons, PERSON_PARAMETERS).sorts(SORTS).extras(PERSON_EXTRAS).scopes(CONTACTS),
    row("/persons/{id}", Table::Persons, SHAPE).extras(PERSON_EXTRAS).scopes(CONTACTS),
    list("/organizations", 10, Table::Organizations, ORGANIZATION_PARAMETERS)
        .sorts(SORTS)
        .extras(ORGANIZATION_EXTRAS)
        .scopes(CONTACTS),
    row("/organizations/{id}", Table::Organizations, SHAPE).extras(ORGANIZATION_EXTRAS).scopes(CONTACTS),
    list("/activities", 10, Table::Activities, ACTIVITY_PARAMETERS)
        .sorts(ACTIVITY_SORTS)
        .extras(ACTIVITY_EXTRAS)
        .scopes(ACTIVITIES),
    row("/activities/{id}", Table::Activities, FIELD).extras(ACTIVITY_EXTRAS).scopes(ACTIVITIES),
    list("/products", 10, Table::Products, PRODUCT_PARAMETERS).sorts(PRODUCT_SORTS).scopes(PRODUCTS),
    row("/products/{id}", Table::Products, &[]).scopes(PRODUCTS),
    list("/pipelines", 5, Table::Pipelines, PIPELINES).sorts(SORTS).scopes(FUNNEL),
    row("/pipelines/{id}", Table::Pipelines, &[]).scopes(FUNNEL),
    list("/stages", 5, Table::Stages, STAGES).sorts(STAGE_SORTS).scopes(FUNNEL),
    row("/stages/{id}", Table::Stages, &[]).scopes(FUNNEL),
    list("/dealFields", 10, Table::DealFields, FIELDS).extras(FIELD_EXTRAS).scopes(OF_DEALS),
    row("/dealFields/{field_code}", Table::DealFields, FIELD).extras(FIELD_EXTRAS).scopes(OF_DEALS),
    list("/personFields", 10, Table::PersonFields, FIELDS).extras(FIELD_EXTRAS).scopes(OF_CONTACTS),
    row("/personFields/{field_code}", Table::PersonFields, FIELD).extras(FIELD_EXTRAS).scopes(OF_CONTACTS),
    list("/organizationFields", 10, Table::OrganizationFields, FIELDS).extras(FIELD_EXTRAS).scopes(OF_CONTACTS),
    row("/organizationFields/{field_code}", Table::OrganizationFields, FIELD).extras(FIELD_EXTRAS).scopes(OF_CONTACTS),
    list("/activityFields", 10, Table::ActivityFields, FIELDS).extras(PLAIN_FIELD_EXTRAS).scopes(ADMIN),
    row("/activityFields/{field_code}", Table::ActivityFields, FIELD).extras(PLAIN_FIELD_EXTRAS).scopes(ADMIN),
    list("/productFields", 10, Table::ProductFields, FIELDS).extras(PLAIN_FIELD_EXTRAS).scopes(OF_PRODUCTS),
    row("/productFields/{field_code}", Table::ProductFields, FIELD).extras(PLAIN_FIELD_EXTRAS).scopes(OF_PRODUCTS),
    v1("/users", 20, Answer::Users).scopes(USERS),
    v1("/users/me", 2, Answer::Me).scopes(BASE),
    v1("/users/{id}", 2, Answer::User).scopes(USERS),
];

/// The endpoint of a path and what stands in place of its placeholder. v1 answers under two prefixes, v2 under one.
pub(super) fn find(path: &str) -> Option<(&'static Endpoint, &str)> {
    let (version, rest) = match path.strip_prefix("/api/v2") {
        Some(rest) => (2, rest),
        None => (1, path.strip_prefix("/api/v1").or_else(|| path.strip_prefix("/v1"))?),
    };
    let of_version = ENDPOINTS.iter().filter(|endpoint| endpoint.version == version);
    of_version.into_iter().find_map(|endpoint| Some((endpoint, matched(endpoint.path, rest)?)))
}

/// The text at the placeholder, `""` for a path without one.
fn matched<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    match pattern.split_once('{') {
        None => (pattern == path).then_some(""),
        Some((before, _)) => path.strip_prefix(before).filter(|value| !value.is_empty() && !value.contains('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Table, find};

    #[test]
    fn paths_find_their_endpoint() {
        let answer = |path| find(path).map(|(endpoint, value)| (endpoint.answer, value));
        assert_eq!(answer("/api/v2/deals"), Some((Answer::List(Table::Deals), "")));
        assert_eq!(answer("/api/v2/deals/archived"), Some((Answer::List(Table::ArchivedDeals), "")));
        assert_eq!(answer("/api/v2/deals/7"), Some((Answer::Row(Table::Deals), "7")));
        assert_eq!(answer("/v1/users/me"), Some((Answer::Me, "")));
        assert_eq!(answer("/api/v1/users/5"), Some((Answer::User, "5")));
        for unknown in ["/v2/deals", "/api/v2/users", "/api/v1/deals", "/api/v2/deals/7/x", "/api/v2/deals/", "/"] {
            assert_eq!(answer(unknown), None, "{unknown}");
        }
    }
}
