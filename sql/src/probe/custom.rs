//! Custom fields: the shapes of their values, their options, and how `custom_fields` narrows them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::compare::CHANGED;
use super::desk::{Desk, about, list};
use super::page::{Page, Record};
use super::verdict::{Verdict, confirmed, refuted, undecided};
use crate::api::Request;
use crate::model::FieldDefinition;
use crate::{Error, ErrorKind, Result};

/// Keys that `custom_fields` takes.
const MOST: usize = 15;
/// Rows that are enough to see members come or stay away.
const SOME: usize = 100;

/// The definitions of the fields of deals, which are read behind the page of deals: they have every option of it.
async fn definitions(desk: &mut Desk) -> Result<Vec<FieldDefinition>> {
    let page = desk.shared("fields of deals").await?;
    let fields: std::result::Result<_, _> =
        page.rows.iter().map(|field| serde_json::from_value(Value::Object(field.0.clone()))).collect();
    fields.map_err(|_| Error::new(ErrorKind::NotSupported, "the definitions of fields could not be read"))
}

async fn custom(desk: &mut Desk) -> Result<Vec<FieldDefinition>> {
    let mut fields = definitions(desk).await?;
    fields.retain(|field| field.is_custom_field);
    Ok(fields)
}

fn values(row: &Record) -> Option<&Map<String, Value>> {
    row.member("custom_fields")?.as_object()
}

/// `custom_fields` with as many keys as it takes.
pub(super) async fn narrow(desk: &mut Desk) -> Result<Verdict> {
    let all = desk.shared("deals").await?;
    let fields = custom(desk).await?;
    if fields.len() < 2 || all.rows.is_empty() {
        return Ok(undecided(format!("there are {} custom fields and {} deals", fields.len(), all.rows.len())));
    }
    let asked: BTreeSet<_> = fields.iter().take(MOST.min(fields.len() - 1)).map(|field| &*field.field_code).collect();
    let found = desk.page(&narrowed_to(&asked)?).await?;
    let lacking = match first_fault(&all, &found, &asked) {
        None => {
            let (asked, keys, rows) = (asked.len(), fields.len(), found.rows.len());
            let text = format!(
                "with {asked} of {keys} keys each of {rows} rows has these, and the values that it has without"
            );
            return Ok(confirmed(text));
        }
        Some(Fault::Other(what)) => return Ok(refuted(what)),
        Some(Fault::Lacks(key)) => key,
    };
    if desk.confirm(&Request::new(format!("/v2/dealFields/{lacking}"), 1).scope("deals:read")).await?.is_none() {
        return Ok(undecided(CHANGED));
    }
    Ok(refuted(format!("a key is missing, though it is asked for with {} others", asked.len() - 1)))
}

/// Some deals with custom fields of these keys only.
fn narrowed_to(keys: &BTreeSet<&str>) -> Result<Request> {
    let keys: Vec<_> = keys.iter().copied().collect();
    Ok(list(about("deals")?, SOME)?.with("custom_fields", keys.join(",")))
}

/// What is wrong with a page of the keys that were asked for.
enum Fault {
    /// A row lacks this key; perhaps the field was deleted.
    Lacks(String),
    /// In words.
    Other(String),
}

fn first_fault(all: &Page, found: &Page, asked: &BTreeSet<&str>) -> Option<Fault> {
    let known: HashMap<_, _> = all.rows.iter().filter_map(|row| Some((row.id()?, row))).collect();
    found.rows.iter().find_map(|row| {
        let (id, sent) = (row.id()?, values(row));
        let keys: BTreeSet<_> = sent.iter().flat_map(|sent| sent.keys().map(String::as_str)).collect();
        if let Some(key) = asked.difference(&keys).next() {
            return Some(Fault::Lacks((*key).to_owned()));
        }
        let more = keys.difference(asked).count();
        if more > 0 {
            return Some(Fault::Other(format!("{more} keys came with id {id} that were not asked for")));
        }
        // One that was changed in between may have other values.
        let same = known.get(&id).filter(|other| other.member("update_time") == row.member("update_time"))?;
        let value = |row, key: &str| values(row).and_then(|values| values.get(key));
        let differs = keys.iter().filter(|key| value(row, key) != value(same, key)).count();
        (differs > 0).then(|| Fault::Other(format!("{differs} values of id {id} are others than without")))
    })
}

/// `custom_fields` with one key more.
pub(super) async fn most(desk: &mut Desk) -> Result<Verdict> {
    let fields = custom(desk).await?;
    if fields.len() <= MOST {
        return Ok(undecided(format!("there are {} custom fields", fields.len())));
    }
    let asked: BTreeSet<_> = fields.iter().take(MOST + 1).map(|field| &*field.field_code).collect();
    match desk.page(&narrowed_to(&asked)?).await {
        Err(error) if error.kind() == ErrorKind::General => Ok(confirmed(format!("{} keys are refused", asked.len()))),
        Err(error) => Err(error),
        Ok(page) => {
            let most = page.rows.iter().filter_map(values).map(Map::len).max().unwrap_or_default();
            Ok(refuted(format!("{} keys are taken, {most} came", asked.len())))
        }
    }
}

/// Values of each type have the shape that the documents give it.
pub(super) async fn shapes(desk: &mut Desk) -> Result<Verdict> {
    let all = desk.shared("deals").await?;
    let types: HashMap<_, _> =
        custom(desk).await?.into_iter().map(|field| (field.field_code, field.field_type)).collect();
    let mut seen = BTreeMap::<&str, usize>::new();
    let sent = all.rows.iter().filter_map(|row| Some((row.id()?, values(row)?)));
    for (id, (key, value)) in sent.flat_map(|(id, sent)| sent.iter().map(move |value| (id, value))) {
        let Some((field_type, shape)) = types.get(key).and_then(|own| SHAPES.iter().find(|(name, _)| name == own))
        else {
            continue;
        };
        if value.is_null() {
            continue;
        }
        if !shape.fits(value) {
            return Ok(refuted(format!("in id {id} a value of type {field_type} is {}", kind(value))));
        }
        *seen.entry(field_type).or_default() += 1;
    }
    if seen.is_empty() {
        return Ok(undecided(format!("no custom field has a value in {} deals", all.rows.len())));
    }
    let seen: Vec<_> = seen.iter().map(|(name, count)| format!("{name} ({count})")).collect();
    Ok(confirmed(format!("values of these types: {}", seen.join(", "))))
}

/// What a value of a custom field looks like.
enum Shape {
    Text,
    Number,
    Id,
    Ids,
    /// An object whose `value` is a number, with `currency`.
    Money,
    /// An object whose members of these names are text, the first always.
    Parts(&'static [&'static str]),
}

/// [Field types](https://pipedrive.readme.io/docs/core-api-concepts-custom-fields); others are not judged.
const SHAPES: &[(&str, Shape)] = &[
    ("varchar", Shape::Text),
    ("varchar_auto", Shape::Text),
    ("text", Shape::Text),
    ("phone", Shape::Text),
    ("date", Shape::Text),
    ("double", Shape::Number),
    ("enum", Shape::Id),
    ("set", Shape::Ids),
    ("user", Shape::Id),
    ("org", Shape::Id),
    ("people", Shape::Id),
    ("monetary", Shape::Money),
    ("daterange", Shape::Parts(&["value", "until"])),
    ("time", Shape::Parts(&["value", "timezone_name"])),
    ("timerange", Shape::Parts(&["value", "until", "timezone_name"])),
    ("address", Shape::Parts(&["value", "formatted_address", "locality", "country", "postal_code"])),
];

impl Shape {
    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Id => value.is_i64(),
            Self::Ids => value.as_array().is_some_and(|ids| ids.iter().all(Value::is_i64)),
            Self::Money => value["value"].is_number() && value["currency"].is_string(),
            Self::Parts(names) => {
                let mut parts = names.iter().map(|name| &value[*name]);
                parts.next().is_some_and(Value::is_string) && parts.all(|part| part.is_string() || part.is_null())
            }
        }
    }
}

/// What a value is, without telling it.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a flag".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(_) => "a text".to_owned(),
        Value::Array(items) => format!("an array of {} items", items.len()),
        Value::Object(members) => {
            let names: Vec<_> = members.keys().map(String::as_str).collect();
            format!("an object of {}", names.join(", "))
        }
    }
}

/// Options that custom fields of deals name are defined.
pub(super) async fn options(desk: &mut Desk) -> Result<Verdict> {
    let all = desk.shared("deals").await?;
    let mut fields = custom(desk).await?;
    fields.retain(|field| matches!(&*field.field_type, "enum" | "set"));
    judge_options(&all, &fields, |row, key| values(row)?.get(key))
}

/// Options that `label_ids` of deals names are those of the field of that name.
pub(super) async fn labels(desk: &mut Desk) -> Result<Verdict> {
    let all = desk.shared("deals").await?;
    let mut fields = definitions(desk).await?;
    fields.retain(|field| field.field_code == "label_ids");
    judge_options(&all, &fields, |row, key| row.member(key))
}

fn judge_options(
    page: &Page,
    fields: &[FieldDefinition],
    value: impl for<'a> Fn(&'a Record, &str) -> Option<&'a Value>,
) -> Result<Verdict> {
    let (mut known, mut strange) = (0_usize, BTreeSet::new());
    for field in fields {
        let options = field.options.iter().flatten().map(|option| &*option.id);
        let options: BTreeSet<_> = options.collect();
        for id in page.rows.iter().filter_map(|row| value(row, &field.field_code)).flat_map(ids) {
            if options.contains(&*id) {
                known += 1;
            } else {
                strange.insert(id);
            }
        }
    }
    Ok(match (known, strange.first()) {
        (0, None) => undecided("no deal names an option"),
        (_, Some(id)) => refuted(format!("{} options are named and not defined, such as {id}", strange.len())),
        (_, None) => confirmed(format!("{known} values of {} fields name defined options", fields.len())),
    })
}

/// Ids of options, as text.
fn ids(value: &Value) -> Vec<String> {
    match value {
        Value::Array(ids) => ids.iter().map(Value::to_string).collect(),
        Value::Null => Vec::new(),
        id => vec![id.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shapes_tell_what_the_documents_say_from_anything_else() {
        let fits = |name: &str, value: Value| SHAPES.iter().find(|(own, _)| *own == name).unwrap().1.fits(&value);
        for (name, good, bad) in [
            ("varchar", json!("x"), json!(1)),
            ("double", json!(1.5), json!("1.5")),
            ("enum", json!(7), json!("7")),
            ("set", json!([7, 8]), json!("7,8")),
            ("monetary", json!({"value": 1, "currency": "EUR"}), json!(1)),
            ("daterange", json!({"value": "2026-01-01", "until": null}), json!("2026-01-01")),
            ("time", json!({"value": "09:00:00", "timezone_name": "Europe/Berlin"}), json!({"time": "09:00:00"})),
            ("address", json!({"value": "Street 1"}), json!("Street 1")),
        ] {
            assert!(fits(name, good) && !fits(name, bad), "{name}");
        }
    }

    #[test]
    fn a_kind_tells_names_but_no_values() {
        assert_eq!(kind(&json!({"value": "secret", "until": 1})), "an object of until, value");
        assert_eq!(kind(&json!(["secret"])), "an array of 1 items");
        assert_eq!(kind(&json!("secret")), "a text");
    }
}
