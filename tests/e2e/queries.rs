//! The ten named queries: what each asks, what must come back, what it costs.
//!
//! Expected rows are computed from the sandbox's records, never from the driver. Every client that is tested runs
//! these: the engine (`engine.rs`), `odbc-api` (`rust_client.rs`), isql (`isql.rs`), pyodbc (`pyodbc.rs`).
//!
//! Cells are text as SQL writes values; NULL is `None`.

use std::collections::BTreeMap;

use pipedrive_sandbox::Dataset;
use pipedrive_sandbox::dataset::{Amount, CustomValue, Deal, Entity, Organization, Person, Status};

/// A row as text.
pub(crate) type Row = Vec<Option<String>>;

/// A parameter, as an application binds it.
#[derive(Debug, Clone)]
pub(crate) enum Bound {
    Integer(i64),
    /// Digits with a point.
    Decimal(&'static str),
    /// `YYYY-MM-DD hh:mm:ss`.
    Timestamp(&'static str),
    Text(&'static str),
}

impl Bound {
    /// The literal that says the same, for clients that bind nothing.
    fn literal(&self) -> String {
        match self {
            Self::Integer(number) => number.to_string(),
            Self::Decimal(digits) => (*digits).to_owned(),
            Self::Timestamp(moment) => format!("{{ts '{moment}'}}"),
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
        }
    }
}

/// One of the ten.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) name: &'static str,
    /// With a `?` for each of `parameters`.
    pub(crate) sql: String,
    pub(crate) parameters: Vec<Bound>,
    pub(crate) expected: Vec<Row>,
    /// Whether the statement orders its rows; others are compared sorted.
    pub(crate) ordered: bool,
    /// Requests and tokens, definitions at hand.
    pub(crate) cost: (u64, u64),
}

impl Query {
    /// The statement with its parameters written into it.
    pub(crate) fn inlined(&self) -> String {
        let mut parts = self.sql.split('?');
        let mut sql = parts.next().unwrap_or_default().to_owned();
        for (parameter, part) in self.parameters.iter().zip(parts) {
            sql.push_str(&parameter.literal());
            sql.push_str(part);
        }
        sql
    }

    /// Fails with the name of the query where rows or cost differ.
    #[track_caller]
    pub(crate) fn check(&self, mut found: Vec<Row>, cost: (u64, u64)) {
        let mut expected = self.expected.clone();
        if !self.ordered {
            found.sort();
            expected.sort();
        }
        assert!(!expected.is_empty(), "{}: the data set has no row to find", self.name);
        let differing = found.iter().zip(&expected).position(|(found, expected)| found != expected);
        if let Some(row) = differing {
            panic!("{}: row {row} is {:?}, not {:?}", self.name, found[row], expected[row]);
        }
        assert_eq!(found.len(), expected.len(), "{}: number of rows", self.name);
        assert_eq!(cost, self.cost, "{}: requests and tokens", self.name);
    }
}

/// The ten queries over this company.
pub(crate) fn queries(data: &Dataset) -> Vec<Query> {
    vec![
        scan(data),
        by_status(data),
        by_id(data),
        three_way_join(data),
        per_stage(data),
        custom_fields(data),
        money_sums(data),
        top(data),
        parameters(data),
        beyond_the_bmp(data),
    ]
}

/// Deals that the table `deals` has.
pub(crate) fn deals(data: &Dataset) -> impl Iterator<Item = Deal> + '_ {
    data.deals().filter(|deal| !deal.is_archived && !deal.is_deleted)
}

fn person(data: &Dataset, id: Option<i64>) -> Option<Person> {
    data.person(id?).filter(|person| !person.is_deleted)
}

fn organization(data: &Dataset, id: Option<i64>) -> Option<Organization> {
    data.organization(id?).filter(|organization| !organization.is_deleted)
}

/// Ten-thousandths as DECIMAL(_,4) is written.
fn money(ten_thousandths: i64) -> String {
    let sign = if ten_thousandths < 0 { "-" } else { "" };
    let digits = ten_thousandths.unsigned_abs();
    format!("{sign}{}.{:04}", digits / 10_000, digits % 10_000)
}

fn amount(value: Option<Amount>) -> Option<String> {
    value.map(|value| money(value.ten_thousandths()))
}

/// Seconds since 1970 as `YYYY-MM-DD hh:mm:ss`.
pub(crate) fn moment(seconds: i64) -> String {
    let moment = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    moment.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Pages of 500 rows, at least one.
fn pages(rows: usize) -> u64 {
    u64::try_from(rows.div_ceil(500).max(1)).unwrap()
}

fn some(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}

fn scan(data: &Dataset) -> Query {
    let row = |deal: Deal| {
        vec![some(deal.id), some(deal.status.text()), some(moment(deal.add_time)), deal.update_time.map(moment)]
    };
    let expected: Vec<_> = deals(data).map(row).collect();
    Query {
        name: "scan",
        sql: "SELECT id, status, add_time, update_time FROM deals".into(),
        parameters: Vec::new(),
        cost: (pages(expected.len()), 10 * pages(expected.len())),
        expected,
        ordered: false,
    }
}

fn by_status(data: &Dataset) -> Query {
    let won = deals(data).filter(|deal| deal.status == Status::Won);
    let expected: Vec<_> = won
        .map(|deal| vec![some(deal.id), amount(deal.value), some(deal.currency), deal.won_time.map(moment)])
        .collect();
    Query {
        name: "filter by status",
        sql: "SELECT id, value, currency, won_time FROM deals WHERE status = 'won' ORDER BY id".into(),
        parameters: Vec::new(),
        cost: (pages(expected.len()), 10 * pages(expected.len())),
        expected,
        ordered: true,
    }
}

fn by_id(data: &Dataset) -> Query {
    let deal = deals(data).nth(41).unwrap();
    Query {
        name: "by id",
        sql: format!("SELECT id, status, currency, person_id, expected_close_date FROM deals WHERE id = {}", deal.id),
        parameters: Vec::new(),
        expected: vec![vec![
            some(deal.id),
            some(deal.status.text()),
            some(deal.currency),
            deal.person_id.map(|id| id.to_string()),
            deal.expected_close_date.filter(|date| date != "0000-00-00"),
        ]],
        ordered: true,
        cost: (1, 1),
    }
}

fn three_way_join(data: &Dataset) -> Query {
    let row = |deal: Deal| {
        let person = person(data, deal.person_id)?;
        let organization = organization(data, deal.org_id)?;
        Some(vec![some(deal.id), some(person.name), some(organization.name), amount(deal.value)])
    };
    let count = |listed: usize| pages(listed);
    let requests = count(deals(data).count())
        + count(data.persons().filter(|person| !person.is_deleted).count())
        + count(data.organizations().filter(|organization| !organization.is_deleted).count());
    Query {
        name: "three-way join",
        sql: "SELECT d.id, p.name, o.name, d.value FROM deals d JOIN persons p ON d.person_id = p.id \
              JOIN organizations o ON d.org_id = o.id ORDER BY d.id"
            .into(),
        parameters: Vec::new(),
        expected: deals(data).filter_map(row).collect(),
        ordered: true,
        cost: (requests, 10 * requests),
    }
}

fn per_stage(data: &Dataset) -> Query {
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    deals(data).for_each(|deal| *counts.entry(deal.stage_id).or_default() += 1);
    let row = |(stage, count): (&i64, &i64)| vec![some(data.stage(*stage).unwrap().name), some(count)];
    let requests = pages(deals(data).count());
    Query {
        name: "group by stage",
        sql: "SELECT s.name, COUNT(*) AS deals FROM deals d JOIN stages s ON d.stage_id = s.id \
              GROUP BY s.id, s.name ORDER BY s.id"
            .into(),
        parameters: Vec::new(),
        expected: counts.iter().map(row).collect(),
        ordered: true,
        cost: (requests + 1, 10 * requests + 5),
    }
}

fn custom_fields(data: &Dataset) -> Query {
    let open = || deals(data).filter(|deal| deal.status == Status::Open);
    let field = data.custom_fields(Entity::Deals).find(|field| field.name == "Lead Source").unwrap();
    let row = |deal: Deal| {
        let source = match data.labelled(Entity::Deals, &deal.custom, "Lead Source") {
            Some(CustomValue::Choice(id)) => field.option_label(*id).map(str::to_owned),
            _ => None,
        };
        let (value, currency) = match data.labelled(Entity::Deals, &deal.custom, "Contract Value") {
            Some(CustomValue::Money { value, currency }) => (amount(Some(*value)), some(currency)),
            _ => (None, None),
        };
        vec![some(deal.id), source, value, currency]
    };
    Query {
        name: "custom fields",
        sql: r#"SELECT id, "Lead Source", "Contract Value", "Contract Value_currency" FROM deals
                WHERE status = 'open' ORDER BY id"#
            .replace('\n', " "),
        parameters: Vec::new(),
        cost: (pages(open().count()), 10 * pages(open().count())),
        expected: open().map(row).collect(),
        ordered: true,
    }
}

fn money_sums(data: &Dataset) -> Query {
    let mut sums: BTreeMap<&str, (i64, i64, i64)> = BTreeMap::new();
    for deal in deals(data) {
        let sum = sums.entry(deal.currency).or_default();
        sum.0 += 1;
        if let Some(value) = deal.value {
            sum.1 += 1;
            sum.2 += value.ten_thousandths();
        }
    }
    let row = |(currency, (rows, values, sum)): (&&str, &(i64, i64, i64))| {
        vec![some(currency), some(rows), some(values), some(money(*sum))]
    };
    let requests = pages(deals(data).count());
    Query {
        name: "money sums",
        sql: "SELECT currency, COUNT(*), COUNT(value), SUM(value) FROM deals GROUP BY currency ORDER BY currency"
            .into(),
        parameters: Vec::new(),
        expected: sums.iter().map(row).collect(),
        ordered: true,
        cost: (requests, 10 * requests),
    }
}

fn top(data: &Dataset) -> Query {
    let mut valued: Vec<_> = deals(data).filter_map(|deal| Some((deal.value?.ten_thousandths(), deal.id))).collect();
    valued.sort_by(|(value, id), (other, other_id)| other.cmp(value).then(id.cmp(other_id)));
    let requests = pages(deals(data).count());
    Query {
        name: "top with order by",
        sql: "SELECT TOP 10 id, value FROM deals WHERE value IS NOT NULL ORDER BY value DESC, id".into(),
        parameters: Vec::new(),
        expected: valued.iter().take(10).map(|(value, id)| vec![some(id), some(money(*value))]).collect(),
        ordered: true,
        cost: (requests, 10 * requests),
    }
}

fn parameters(data: &Dataset) -> Query {
    const SINCE: &str = "2025-06-01 00:00:00";
    let owner = data.users().next().unwrap().id;
    let of_owner: Vec<_> = deals(data).filter(|deal| deal.owner_id == owner).collect();
    let found = of_owner.iter().filter(|deal| {
        deal.status.text() == "won"
            && deal.value.is_some_and(|value| value.ten_thousandths() > 12_345_000)
            && moment(deal.add_time).as_str() >= SINCE
    });
    let requests = pages(of_owner.iter().filter(|deal| deal.status == Status::Won).count());
    Query {
        name: "parameters",
        sql: "SELECT id, value, add_time FROM deals WHERE owner_id = ? AND value > ? AND add_time >= ? AND status = ? \
              ORDER BY id"
            .into(),
        parameters: vec![Bound::Integer(owner), Bound::Decimal("1234.5"), Bound::Timestamp(SINCE), Bound::Text("won")],
        expected: found.map(|deal| vec![some(deal.id), amount(deal.value), some(moment(deal.add_time))]).collect(),
        ordered: true,
        cost: (requests, 10 * requests),
    }
}

fn beyond_the_bmp(data: &Dataset) -> Query {
    let listed = || data.organizations().filter(|organization| !organization.is_deleted);
    let found = listed().filter(|organization| organization.name.chars().any(|c| c == '🏭' || c == '𠮷'));
    Query {
        name: "text beyond the BMP",
        sql: "SELECT id, name FROM organizations WHERE name LIKE '%🏭%' OR name LIKE '%𠮷%' ORDER BY id".into(),
        parameters: Vec::new(),
        cost: (pages(listed().count()), 10 * pages(listed().count())),
        expected: found.map(|organization| vec![some(organization.id), some(organization.name)]).collect(),
        ordered: true,
    }
}
