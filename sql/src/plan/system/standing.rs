//! What was spent, who is signed in, which settings hold: what the driver knows by itself, without a request.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, StringArray, TimestampMillisecondArray};

use crate::api::Usage;
use crate::plan::provider::Reading;
use crate::settings::Settings;

/// A line of `sys.api_usage`.
#[derive(Debug, Default)]
struct Spent {
    scope: &'static str,
    requests: Option<u64>,
    tokens: Option<u64>,
    left: Option<u64>,
    limit: Option<u64>,
    kept: Option<u64>,
    resets: Option<u64>,
    usage: Option<Usage>,
}

impl Spent {
    fn of(scope: &'static str, usage: Usage) -> Self {
        let (requests, tokens) = (Some(usage.requests), Some(usage.tokens));
        Self { scope, requests, tokens, usage: Some(usage), ..Self::default() }
    }
}

/// The rows of `sys.api_usage`. The day of a company that is not known has none.
pub(super) fn usage(reading: &Reading) -> Vec<ArrayRef> {
    let (own, all) = reading.client.usage();
    let mut rows = vec![Spent::of("connection", own), Spent::of("process", all)];
    rows.extend(reading.client.ledger().map(|ledger| ledger.today()).into_iter().flat_map(|today| {
        let machine = Spent { scope: "machine", tokens: Some(today.counted), ..Spent::default() };
        let company = Spent {
            scope: "company",
            tokens: today.limit.zip(today.left).map(|(limit, left)| limit.saturating_sub(left)),
            left: today.left,
            limit: today.limit,
            kept: Some(reading.tables.settings().reserve_tokens().of(today.limit)),
            resets: today.resets,
            ..Spent::default()
        };
        [machine, company]
    }));
    let numbers = |value: fn(&Spent) -> Option<u64>| -> ArrayRef {
        Arc::new(rows.iter().map(|row| value(row).map(signed)).collect::<Int64Array>())
    };
    let resets = rows.iter().map(|row| row.resets.map(|moment| reading.zone.local(signed(moment))));
    vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.scope))),
        numbers(|row| row.requests),
        numbers(|row| row.tokens),
        numbers(|row| row.left),
        numbers(|row| row.limit),
        numbers(|row| row.kept),
        Arc::new(resets.collect::<TimestampMillisecondArray>()),
        numbers(|row| row.usage.map(|usage| usage.reused)),
        numbers(|row| row.usage.map(|usage| usage.waits)),
        numbers(|row| row.usage.map(|usage| usage.waited)),
    ]
}

/// The row of `sys.connection`.
pub(super) fn connection(reading: &Reading) -> Vec<ArrayRef> {
    let (client, owner, settings) = (&reading.client, reading.tables.owner(), reading.tables.settings());
    let (expires, scopes) = client.access().grant().unwrap_or_default();
    let scheme = if settings.oauth().is_some() { "OAuth" } else { "Basic" };
    let folder = reading.tables.folder().path().map(|path| path.display().to_string());
    let known = |text: &str| text_or_null(Some(text.to_owned()).filter(|text| !text.is_empty()));
    // Nobody has the number 0: the company is not known before somebody is signed in.
    let id = |number: i64| -> ArrayRef { Arc::new(Int64Array::from_iter([Some(number).filter(|number| *number > 0)])) };
    let expires = expires.map(|moment| reading.zone.local(moment));
    vec![
        text(client.host()),
        text(client.origin()),
        id(owner.company_id),
        known(&owner.company_domain),
        known(&owner.company_name),
        id(owner.user_id),
        known(&owner.user_name),
        known(&owner.user_email),
        known(&owner.timezone),
        text(scheme),
        text(&client.access().from()),
        Arc::new(TimestampMillisecondArray::from_iter([expires])),
        known(&scopes.join(" ")),
        text(reading.zone.name()),
        text(env!("CARGO_PKG_VERSION")),
        text_or_null(folder),
    ]
}

/// The rows of `sys.settings`.
pub(super) fn settings(settings: &Settings) -> Vec<ArrayRef> {
    let rows = settings.in_force();
    let texts = |values: Vec<Option<String>>| -> ArrayRef { Arc::new(StringArray::from_iter(values)) };
    let sources = rows.iter().map(|row| row.source.map(|source| source.to_string()));
    let defaults = rows.iter().map(|row| row.property.default_text().map(str::to_owned));
    vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.property.name()))),
        texts(rows.iter().map(|row| row.value_in(settings)).collect()),
        texts(sources.collect()),
        texts(defaults.collect()),
        Arc::new(rows.iter().map(|row| Some(row.property.is_secret())).collect::<BooleanArray>()),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.property.help()))),
    ]
}

fn text(value: &str) -> ArrayRef {
    text_or_null(Some(value.to_owned()))
}

fn text_or_null(value: Option<String>) -> ArrayRef {
    Arc::new(StringArray::from_iter([value]))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
