//! The property `Tables`: which tables a connection has.
//!
//! An item names tables of one schema, `crm` where it names none. `crm` has the tables that some item matches; `meta`
//! and `sys` keep theirs as long as no item begins with their name.

use super::property::nearest_of;
use crate::model::{CRM, SCHEMAS, table_names};

/// Which tables there are; all of them by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    items: Vec<Item>,
}

/// Tables of one schema, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    schema: &'static str,
    /// In lower case; `*` stands for any letters, none included.
    pattern: String,
}

impl Selection {
    /// Reads the property's value; the error says what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let items: Vec<Item> = items.map(Item::read).collect::<Result<_, _>>()?;
        if items.is_empty() {
            return Err("it names no table".to_owned());
        }
        Ok(Self { items })
    }

    /// Whether the connection has this table.
    pub fn has(&self, schema: &str, table: &str) -> bool {
        let mut items = self.items.iter().filter(|item| item.schema == schema).peekable();
        let whole = self.items.is_empty() || (schema != CRM && items.peek().is_none());
        whole || items.any(|item| item.matches(table))
    }

    /// The tables that there are, as schema and name.
    pub fn tables(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        table_names().filter(|(schema, table)| self.has(schema, table))
    }
}

impl Item {
    fn read(text: &str) -> Result<Self, String> {
        let (schema, pattern) = text.split_once('.').unwrap_or((CRM, text));
        let (schema, pattern) = (schema.trim(), pattern.trim().to_lowercase());
        let Some(schema) = SCHEMAS.iter().copied().find(|known| known.eq_ignore_ascii_case(schema)) else {
            return Err(format!("there is no schema '{schema}'; the schemas are {}", SCHEMAS.join(", ")));
        };
        let item = Self { schema, pattern };
        if table_names().any(|(own, table)| own == schema && item.matches(table)) {
            return Ok(item);
        }
        Err(format!("no table matches '{text}'{}", item.suggestion()))
    }

    fn matches(&self, table: &str) -> bool {
        matches(&self.pattern, table)
    }

    /// The table that was probably meant: one of that name in another schema, or one with a slip of the pen.
    fn suggestion(&self) -> String {
        let elsewhere = table_names().find(|(_, table)| self.matches(table));
        let near = || nearest_of(&self.pattern, table_names().map(|name| (name.1, name)));
        match elsewhere.or_else(near) {
            Some((CRM, table)) => format!("; did you mean {table}?"),
            Some((schema, table)) => format!("; did you mean {schema}.{table}?"),
            None => String::new(),
        }
    }
}

/// Whether a name matches; patterns have few stars and names few letters.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == name };
    let Some(rest) = name.strip_prefix(before) else { return false };
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| matches(after, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SYS;

    fn tables(text: &str) -> Vec<String> {
        let selection = Selection::read(text).unwrap();
        selection.tables().map(|(schema, table)| format!("{schema}.{table}")).collect()
    }

    #[test]
    fn items_choose_in_their_schema_and_leave_the_drivers_own_tables_alone() {
        let own = ["meta.fields", "sys.requests", "sys.api_usage", "sys.connection", "sys.settings"];
        let cases: [(&str, &[&str]); 5] = [
            ("deals", &["crm.deals"]),
            (" Deals_* ,crm.PERSONS,", &["crm.deals_all", "crm.deals_archived", "crm.deals_deleted", "crm.persons"]),
            ("*s_all", &["crm.deals_all"]),
            ("d*l*d", &["crm.deals_archived", "crm.deals_deleted"]),
            ("sys.*", &[]),
        ];
        for (text, crm) in cases {
            assert_eq!(tables(text), [crm, own.as_slice()].concat(), "{text}");
        }
        assert_eq!(tables("users,meta.f*"), [["crm.users"].as_slice(), own.as_slice()].concat());
        assert!(Selection::default().has(CRM, "deals") && Selection::default().has(SYS, "requests"));
        assert!(!Selection::read("users").unwrap().has(CRM, "deals"));
    }

    #[test]
    fn what_matches_no_table_is_told_with_what_was_meant() {
        let cases = [
            ("deals,dealz", "no table matches 'dealz'; did you mean deals?"),
            ("requests", "no table matches 'requests'; did you mean sys.requests?"),
            ("sys.deals", "no table matches 'sys.deals'; did you mean deals?"),
            ("invoices*", "no table matches 'invoices*'"),
            ("dbo.deals", "there is no schema 'dbo'; the schemas are crm, meta, sys"),
            (" , ", "it names no table"),
        ];
        for (text, expected) in cases {
            assert_eq!(Selection::read(text).unwrap_err(), expected, "{text}");
        }
    }
}
