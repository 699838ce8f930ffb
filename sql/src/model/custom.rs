//! The columns made of custom fields, and how they get names that last.
//!
//! A label is bound to its field's key at first sight and survives a rename: workbooks refer to columns by name.

use serde::{Deserialize, Serialize};

use super::{Entity, FieldDefinition, Reading, Shape};

/// A column made of a custom field. A field may give several: money has an amount and a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomColumn {
    /// The pinned name.
    pub name: String,
    /// The field's 40-hex key.
    pub key: String,
    /// The member of the field's object that holds the value; `None` for a plain value.
    pub part: Option<&'static str>,
    /// How the value is read.
    pub reading: Reading,
    /// Declared length of text in characters; 0 for every other type.
    pub length: u32,
    /// The table that the value points to.
    pub references: Option<&'static str>,
    /// The label at present, which may differ from the pinned name.
    pub label: String,
}

/// What custom columns are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameStyle {
    /// The field's label, made harmless: `Lead Source`.
    #[default]
    Label,
    /// The label in lower case with underscores: `lead_source`.
    Slug,
    /// The field's 40-hex key.
    Key,
}

/// The name that a field got at first sight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The field's key.
    pub key: String,
    /// The name of its first column.
    pub name: String,
}

/// One column that a field of some type gives: suffix of its name, member of the value's object, reading, length.
struct Part {
    suffix: &'static str,
    member: Option<&'static str>,
    reading: Reading,
    length: u32,
    references: Option<&'static str>,
}

const fn plain(reading: Reading, length: u32) -> Part {
    Part { suffix: "", member: None, reading, length, references: None }
}

const fn member(suffix: &'static str, member: &'static str, reading: Reading, length: u32) -> Part {
    Part { suffix, member: Some(member), reading, length, references: None }
}

const fn reference(table: &'static str) -> Part {
    Part { suffix: "", member: None, reading: Reading::BigInt, length: 0, references: Some(table) }
}

/// What each `field_type` becomes. [Field types](https://pipedrive.readme.io/docs/core-api-concepts-custom-fields)
const TYPES: &[(&str, &[Part])] = &[
    ("varchar", &[plain(Reading::Text, 255)]),
    ("varchar_auto", &[plain(Reading::Text, 255)]),
    ("varchar_options", &[plain(Reading::Text, 255)]),
    ("phone", &[plain(Reading::Text, 255)]),
    ("text", &[plain(Reading::LongText, 0)]),
    ("double", &[plain(Reading::Double, 0)]),
    ("int", &[plain(Reading::BigInt, 0)]),
    ("boolean", &[plain(Reading::Bit, 0)]),
    ("date", &[plain(Reading::Date, 0)]),
    ("enum", &[plain(Reading::Option, 255)]),
    ("set", &[plain(Reading::Options, 1024)]),
    ("visible_to", &[plain(Reading::BigInt, 0)]),
    ("user", &[reference("users")]),
    ("org", &[reference("organizations")]),
    ("people", &[reference("persons")]),
    ("deal", &[reference("deals")]),
    ("stage", &[reference("stages")]),
    ("monetary", &[member("", "value", Reading::Money, 0), member("_currency", "currency", Reading::Text, 3)]),
    ("daterange", &[member("", "value", Reading::Date, 0), member("_until", "until", Reading::Date, 0)]),
    ("time", &[member("", "value", Reading::Time, 0), member("_timezone", "timezone_name", Reading::Text, 64)]),
    (
        "timerange",
        &[
            member("", "value", Reading::Time, 0),
            member("_until", "until", Reading::Time, 0),
            member("_timezone", "timezone_name", Reading::Text, 64),
        ],
    ),
    (
        ADDRESS,
        &[
            member("", "value", Reading::Text, 1024),
            member("_formatted_address", "formatted_address", Reading::Text, 1024),
            member("_street_number", "street_number", Reading::Text, 255),
            member("_route", "route", Reading::Text, 255),
            member("_subpremise", "subpremise", Reading::Text, 255),
            member("_sublocality", "sublocality", Reading::Text, 255),
            member("_locality", "locality", Reading::Text, 255),
            member("_admin_area_level_1", "admin_area_level_1", Reading::Text, 255),
            member("_admin_area_level_2", "admin_area_level_2", Reading::Text, 255),
            member("_country", "country", Reading::Text, 255),
            member("_postal_code", "postal_code", Reading::Text, 255),
        ],
    ),
];

/// The type whose parts AddressParts shows.
const ADDRESS: &str = "address";

/// Types that appear later than this driver are kept as text.
const UNKNOWN: &[Part] = &[plain(Reading::LongText, 0)];

fn parts(field_type: &str) -> &'static [Part] {
    TYPES.iter().find(|(name, _)| *name == field_type).map_or(UNKNOWN, |(_, parts)| parts)
}

/// Longest name of a column, in characters.
const NAME_LENGTH: usize = 64;

/// Gives every custom field of `fields` its columns and every field that has no name yet a pin: first those of the
/// field map, then in pin order.
///
/// A field that is gone keeps its pin, so that its name is not given to another; it has no columns. A pin whose name the
/// field map, or an earlier pin, gives to another field is kept, but the field gets another name.
pub fn pin_names(entity: &Entity, fields: &[FieldDefinition], shape: &Shape, pins: &mut Vec<Pin>) -> Vec<CustomColumn> {
    let custom = fields.iter().filter(|field| entity.has_custom_fields() && field.is_custom_field);
    let custom: Vec<&FieldDefinition> = custom.collect();
    let field = |pin: &Pin| custom.iter().copied().find(|field| field.field_code == pin.key);
    let mut named = shape.map.pins(entity.record).to_vec();
    let mut new: Vec<_> = custom.iter().filter(|field| !is_named(&named, field) && !is_named(pins, field)).collect();
    new.sort_by(|a, b| a.field_code.cmp(&b.field_code));
    let (displaced, given) = join(&mut named, pins, field);
    let mut taken: Vec<String> = entity.columns.iter().map(|column| column.name.to_lowercase()).chain(given).collect();
    let mut name = |field: &FieldDefinition| {
        let name = free_name(field, shape.names, &taken);
        taken.extend(lowered(&name, &field.field_type));
        Pin { key: field.field_code.clone(), name }
    };
    named.extend(displaced.into_iter().map(&mut name));
    let fresh: Vec<Pin> = new.into_iter().map(|field| name(field)).collect();
    pins.extend(fresh.iter().cloned());
    named.extend(fresh);
    let defined = named.iter().filter_map(|pin| Some((pin, field(pin)?)));
    defined.flat_map(|(pin, field)| columns(pin, field, shape)).collect()
}

/// Puts the pins of other fields behind those of a field map. The fields whose names were given before, and the names, in
/// lower case, that are given now.
fn join<'a>(
    named: &mut Vec<Pin>,
    pins: &[Pin],
    field: impl Fn(&Pin) -> Option<&'a FieldDefinition>,
) -> (Vec<&'a FieldDefinition>, Vec<String>) {
    let of = |pin: &Pin| lowered(&pin.name, field(pin).map_or("", |field| &field.field_type));
    let mut given: Vec<String> = named.iter().flat_map(of).collect();
    let mut displaced = Vec::new();
    let mapped = named.len();
    for pin in pins {
        let own = of(pin);
        if named[..mapped].iter().any(|other| other.key == pin.key) {
            continue;
        }
        if own.iter().any(|name| given.contains(name)) {
            displaced.extend(field(pin));
        } else {
            given.extend(own);
            named.push(pin.clone());
        }
    }
    (displaced, given)
}

fn is_named(pins: &[Pin], field: &FieldDefinition) -> bool {
    pins.iter().any(|pin| pin.key == field.field_code)
}

/// The columns of a field that the connection shows. Names of the others stay taken, so that they are the same when they
/// are shown.
fn columns(pin: &Pin, field: &FieldDefinition, shape: &Shape) -> impl Iterator<Item = CustomColumn> {
    let parts = parts(&field.field_type).iter().zip(names(&pin.name, &field.field_type));
    let shown = parts.filter(|(part, _)| field.field_type != ADDRESS || shape.has(part.member));
    shown.map(|(part, name)| CustomColumn {
        name,
        key: field.field_code.clone(),
        part: part.member,
        reading: part.reading,
        length: part.length,
        references: part.references,
        label: field.field_name.clone(),
    })
}

/// The names of all columns of a field whose first column is called `base`; an unknown type has one.
fn names(base: &str, field_type: &str) -> impl Iterator<Item = String> {
    parts(field_type).iter().map(|part| {
        let room = NAME_LENGTH - part.suffix.len();
        base.chars().take(room).chain(part.suffix.chars()).collect()
    })
}

/// As [`names`], as they are compared.
fn lowered(base: &str, field_type: &str) -> Vec<String> {
    names(base, field_type).map(|name| name.to_lowercase()).collect()
}

/// The field's own name if no column has it, else with the first digits of its key.
fn free_name(field: &FieldDefinition, style: NameStyle, taken: &[String]) -> String {
    let wished = match style {
        NameStyle::Label => harmless(&field.field_name),
        NameStyle::Slug => slug(&field.field_name),
        NameStyle::Key => field.field_code.clone(),
    };
    let wished = if wished.is_empty() { field.field_code.clone() } else { wished };
    let free = |name: &str| names(name, &field.field_type).all(|name| !taken.contains(&name.to_lowercase()));
    if free(&wished) {
        return wished;
    }
    (4..=field.field_code.chars().count())
        .map(|digits| {
            let room = NAME_LENGTH.saturating_sub(digits + 1);
            let base: String = wished.chars().take(room).collect();
            let key: String = field.field_code.chars().take(digits).collect();
            format!("{base}_{key}")
        })
        .find(|name| free(name))
        // Keys are unique, so their whole text is free.
        .unwrap_or_else(|| field.field_code.clone())
}

/// A label without what breaks SQL text in some tool: controls and `"` `.` `[` `]` `!` and backtick.
pub(super) fn harmless(label: &str) -> String {
    let mut name = String::new();
    for c in label.trim().chars() {
        let c = match c {
            '"' | '.' | '[' | ']' | '!' | '`' => '_',
            c if c.is_whitespace() => ' ',
            c if c.is_control() => '_',
            c => c,
        };
        if c != ' ' || !name.ends_with(' ') {
            name.push(c);
        }
    }
    name.chars().take(NAME_LENGTH).collect::<String>().trim_end().to_owned()
}

/// A label as a plain identifier.
fn slug(label: &str) -> String {
    let mut name = String::new();
    for c in label.trim().to_lowercase().chars() {
        let c = if c.is_alphanumeric() { c } else { '_' };
        if c != '_' || !name.ends_with('_') {
            name.push(c);
        }
    }
    name.trim_matches('_').chars().take(NAME_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{FieldMap, entity};

    fn field(key: &str, label: &str, field_type: &str) -> FieldDefinition {
        FieldDefinition {
            field_code: key.repeat(40 / key.len()),
            field_name: label.into(),
            field_type: field_type.into(),
            is_custom_field: true,
            options: None,
        }
    }

    fn pinned(fields: &[FieldDefinition], pins: &mut Vec<Pin>) -> Vec<String> {
        let deals = entity("deals").unwrap();
        pin_names(deals, fields, &Shape::default(), pins).into_iter().map(|column| column.name).collect()
    }

    #[test]
    fn of_two_fields_with_one_label_the_first_key_keeps_the_bare_name() {
        let fields = [field("ffff", "Region", "varchar"), field("aaaa", "region", "enum")];
        assert_eq!(pinned(&fields, &mut Vec::new()), ["region", "Region_ffff"]);
    }

    #[test]
    fn a_renamed_field_keeps_its_name_and_a_new_one_stands_last() {
        let mut pins = Vec::new();
        pinned(&[field("b", "Lead Source", "enum")], &mut pins);
        let later = [field("a", "Age", "double"), field("b", "Origin of lead", "enum")];
        assert_eq!(pinned(&later, &mut pins), ["Lead Source", "Age"]);
    }

    #[test]
    fn a_label_equal_to_a_built_in_column_gets_the_digits_of_its_key() {
        assert_eq!(pinned(&[field("c0de", "STATUS", "varchar")], &mut Vec::new()), ["STATUS_c0de"]);
    }

    #[test]
    fn the_name_of_a_part_never_collides() {
        let fields = [field("1", "Fee", "monetary"), field("2", "Fee_currency", "varchar")];
        assert_eq!(pinned(&fields, &mut Vec::new()), ["Fee", "Fee_currency", "Fee_currency_2222"]);
        let fields = [field("1", "Fee_currency", "varchar"), field("2", "Fee", "monetary")];
        assert_eq!(pinned(&fields, &mut Vec::new()), ["Fee_currency", "Fee_2222", "Fee_2222_currency"]);
    }

    fn with_map(names: &[(&str, &str)]) -> Shape {
        let pins = names.iter().map(|(key, name)| Pin { key: key.repeat(40 / key.len()), name: (*name).into() });
        let map = FieldMap::new(NameStyle::Label, vec![("deals".into(), pins.collect())]).unwrap();
        Shape { map: Arc::new(map), ..Shape::default() }
    }

    #[test]
    fn names_of_the_field_map_come_first_and_whoever_had_them_gets_others() {
        let fields = [
            field("a", "Region", "varchar"),
            field("b", "Source", "enum"),
            field("c", "Fee", "monetary"),
            field("d", "Late", "date"),
        ];
        let mut pins = Vec::new();
        assert_eq!(pinned(&fields[..3], &mut pins), ["Region", "Source", "Fee", "Fee_currency"]);
        let before = pins.clone();
        let shape = with_map(&[("b", "region"), ("f", "Late"), ("e", "Fee_currency")]);
        let names: Vec<_> = pin_names(entity("deals").unwrap(), &fields, &shape, &mut pins)
            .into_iter()
            .map(|column| column.name)
            .collect();
        assert_eq!(names, ["region", "Region_aaaa", "Fee_cccc", "Fee_cccc_currency", "Late_dddd"]);
        // The map changes no pin: without it names are as they were, and a new field has the one that it got.
        assert_eq!(pins[..3], before);
        assert_eq!(pinned(&fields, &mut pins), ["Region", "Source", "Fee", "Fee_currency", "Late_dddd"]);
        assert_eq!(pins.len(), 4);
    }

    #[test]
    fn parts_of_addresses_that_are_not_shown_keep_their_names() {
        let fields = [field("1", "Site", "address"), field("2", "Site_country", "varchar")];
        let shape = Shape { address_parts: false, ..Shape::default() };
        let mut pins = Vec::new();
        let columns = pin_names(entity("deals").unwrap(), &fields, &shape, &mut pins);
        let names: Vec<_> = columns.iter().map(|column| &*column.name).collect();
        assert_eq!(names, ["Site", "Site_country_2222"]);
        assert_eq!(pinned(&fields, &mut pins).len(), 12);
    }

    #[test]
    fn labels_are_made_harmless() {
        let cases = [
            ("  Lead   Source ", "Lead Source"),
            ("a.b[c]!\"`\u{7}", "a_b_c_____"),
            ("Größe 😀", "Größe 😀"),
            ("tab\there", "tab here"),
        ];
        for (label, name) in cases {
            assert_eq!(harmless(label), name, "{label:?}");
        }
        assert_eq!(harmless(&"x".repeat(80)).len(), 64);
        assert_eq!(slug("  Größe (in m²)!"), "größe_in_m²");
    }

    #[test]
    fn a_field_that_is_gone_keeps_its_name_to_itself() {
        let mut pins = Vec::new();
        pinned(&[field("a", "Region", "varchar")], &mut pins);
        assert_eq!(pinned(&[field("b", "Region", "varchar")], &mut pins), ["Region_bbbb"]);
    }

    #[test]
    fn an_entity_whose_records_have_no_custom_fields_gets_no_columns_and_no_pins() {
        let mut pins = Vec::new();
        let fields = [field("a", "Outcome", "enum")];
        assert_eq!(pin_names(entity("activities").unwrap(), &fields, &Shape::default(), &mut pins), []);
        assert_eq!(pins, []);
    }
}
