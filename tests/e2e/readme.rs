//! README's lists of properties and tables, `docs/properties.md`, and the scopes in `docs/oauth.md` are what the code
//! declares. `README_WRITE=1` rewrites them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use pipedrive_sql::SqlType;
use pipedrive_sql::model::{CRM, Column, ENTITIES, Entity, SYSTEM_TABLES, SystemTable};
use pipedrive_sql::settings::{Kind, LEAST_SIZE, PROPERTIES, Property};

#[test]
fn properties_are_those_of_the_code() {
    compare(README, "properties", &properties());
}

#[test]
fn the_page_of_properties_is_that_of_the_code() {
    compare(PROPERTIES_PAGE, "properties", &properties_page());
}

#[test]
fn scopes_are_those_of_the_code() {
    compare(OAUTH_PAGE, "scopes", &scopes());
}

#[test]
fn tables_are_those_of_the_code() {
    compare(README, "tables", &tables());
}

const README: &str = "README.md";
const PROPERTIES_PAGE: &str = "docs/properties.md";
const OAUTH_PAGE: &str = "docs/oauth.md";

/// The part of `file` between `<!-- {name} -->` and `<!-- /{name} -->` is `expected`, or is made so.
fn compare(file: &str, name: &str, expected: &str) {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    // Two tests may rewrite a file one after the other, not at once.
    static FILES: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = FILES.lock();
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(&start).unwrap_or_else(|| panic!("{file} has no {start}"));
    let (found, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{file} has no {end}"));
    if found == expected {
        return;
    }
    assert!(
        rewrites(),
        "{file} lists other {name} than the code; `README_WRITE=1 cargo xtask test -- readme` rewrites it"
    );
    std::fs::write(&path, format!("{before}{start}{expected}{end}{after}")).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a switch of this test")]
fn rewrites() -> bool {
    std::env::var_os("README_WRITE").is_some()
}

/// Those that the driver uses; the words of ODBC itself that it leaves alone stand below.
fn properties() -> String {
    let mut text = String::from("| Property | Values | Default | Meaning |\n| --- | --- | --- | --- |\n");
    let (used, unused): (Vec<&Property>, Vec<&Property>) = PROPERTIES.iter().partition(|property| property.is_used());
    used.into_iter().for_each(|property| text.push_str(&property_row(property)));
    let unused: Vec<_> = unused.into_iter().map(Property::name).collect();
    writeln!(text, "\nAccepted, and no settings of the driver: {}.", code(&unused)).unwrap();
    text
}

fn property_row(property: &Property) -> String {
    let (name, values, default) = (property.name(), values(property.kind()), code(property.default_text().as_slice()));
    format!("| `{name}` | {values} | {default} | {} |\n", meaning(property))
}

fn meaning(property: &Property) -> String {
    let secret = if property.is_secret() { "**Secret.** " } else { "" };
    format!("{secret}{}", property.help().replace('|', "\\|"))
}

/// A section for each property that the driver uses, then the words of ODBC itself.
fn properties_page() -> String {
    let (used, unused): (Vec<&Property>, Vec<&Property>) = PROPERTIES.iter().partition(|property| property.is_used());
    let mut text: String = used.into_iter().map(property_section).collect();
    text.push_str("\n## Accepted, and no settings of the driver\n\n| Keyword | Meaning |\n| --- | --- |\n");
    for property in unused {
        let names = [&[property.name()], property.alias_names()].concat();
        writeln!(text, "| {} | {} |", code(&names), meaning(property)).unwrap();
    }
    text
}

fn property_section(property: &Property) -> String {
    let mut text = format!("\n## {}\n\n{}\n\n", property.name(), meaning(property));
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            writeln!(text, "- {name}: {value}").unwrap();
        }
    };
    row("values", values(property.kind()));
    row("default", code(property.default_text().as_slice()));
    row("also called", code(property.alias_names()));
    row("environment", code(property.variable().as_slice()));
    row("since", property.since().to_owned());
    text
}

fn values(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Flag => code(&["on", "off"]),
        Kind::Number { from, to: u64::MAX } => format!("{from} and more"),
        Kind::Number { from, to } => format!("{from} to {to}"),
        Kind::Seconds => "seconds".to_owned(),
        Kind::Choice(words) => code(words),
        Kind::Url => "address".to_owned(),
        Kind::Folder => "absolute path, or `memory`".to_owned(),
        Kind::File => "absolute path".to_owned(),
        Kind::Size => format!("bytes from {LEAST_SIZE}, or `KB`, `MB`, `GB`"),
        Kind::Tables => "names of tables".to_owned(),
        Kind::Reserve => "tokens, or a share such as `10%`".to_owned(),
        Kind::Zone => "IANA name, or `account`".to_owned(),
        Kind::Certificate => "absolute path of a PEM file, PEM text, or SHA-256 fingerprint".to_owned(),
        Kind::Host => "host, or http address".to_owned(),
        Kind::Callback => "address".to_owned(),
        Kind::Store => "absolute path, `keyring://name` or `memory://name`".to_owned(),
    }
}

/// Names as code, separated by commas.
fn code(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What each table needs of an OAuth application.
fn scopes() -> String {
    let mut text =
        String::from("\n| Table | Scope of its rows | Scope of its custom fields and labels |\n| --- | --- | --- |\n");
    for entity in ENTITIES {
        let fields = entity.fields.map(|fields| code(&[fields.scope])).unwrap_or_default();
        writeln!(text, "| `{CRM}.{}` | {} | {fields} |", entity.name, code(&[entity.scope])).unwrap();
    }
    text.push('\n');
    text
}

/// An overview, then the columns of each table.
fn tables() -> String {
    let mut text =
        String::from("| Table | What it is | Built-in columns | Custom fields |\n| --- | --- | --: | --- |\n");
    for entity in ENTITIES {
        let custom = if entity.has_custom_fields() { "yes" } else { "" };
        let (name, remarks, count) = (entity.name, entity.remarks, entity.columns.len());
        writeln!(text, "| `{CRM}.{name}` | {remarks} | {count} | {custom} |").unwrap();
    }
    for table in SYSTEM_TABLES {
        let (schema, name, remarks, count) = (table.schema, table.name, table.remarks, table.columns.len());
        writeln!(text, "| `{schema}.{name}` | {remarks} | {count} | |").unwrap();
    }
    ENTITIES.iter().for_each(|entity| text.push_str(&entity_columns(entity)));
    SYSTEM_TABLES.iter().for_each(|table| text.push_str(&system_columns(table)));
    text
}

/// Columns that are sent only on request come last, as in `SELECT *`. Tables of the same records have the same columns.
fn entity_columns(entity: &Entity) -> String {
    if entity.name != entity.record {
        return String::new();
    }
    let (computed, plain): (Vec<&Column>, Vec<&Column>) = entity.columns.iter().partition(|column| column.computed);
    let columns = plain.into_iter().chain(computed).map(|column| (column.name, column.sql_type()));
    let columns: Vec<_> = columns.map(code_and_type).collect();
    let filters = entity.columns.iter().filter(|column| column.name == entity.key || column.pushes.is_some());
    let filters: Vec<_> = filters.map(|column| column.name).collect();
    let mut text = format!("{}\n\nPipedrive itself filters by {}", columns.join(", "), code(&filters));
    if !entity.sorts.is_empty() {
        write!(text, " and sorts by {}", code(entity.sorts)).unwrap();
    }
    let tables: Vec<_> = ENTITIES.iter().filter(|other| other.record == entity.name).map(|other| other.name).collect();
    let names: Vec<_> = tables.iter().map(|name| format!("{CRM}.{name}")).collect();
    details(&names.join(", "), &format!("{text}."))
}

fn system_columns(table: &SystemTable) -> String {
    let columns: Vec<_> = table.columns.iter().map(|column| code_and_type((column.name, column.sql_type))).collect();
    details(&format!("{}.{}", table.schema, table.name), &columns.join(", "))
}

fn code_and_type((name, sql_type): (&str, SqlType)) -> String {
    format!("`{name}` {sql_type}")
}

/// A text that is folded away until one asks for it.
fn details(table: &str, text: &str) -> String {
    format!("\n<details><summary>Columns of {table}</summary>\n\n{text}\n\n</details>\n")
}
