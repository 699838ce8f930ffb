//! SQLGetInfo and SQLGetFunctions as data.
//!
//! - `rows.rs`: every information type, its answer, and the test that proves it
//! - `answers.rs`: the answers that depend on the connection, the build or another table
//! - `functions.rs`: the functions that the library exports
//! - `numbers.rs`: the numbers behind the names
//! - `claims.rs`: a statement for every bit about SQL, in the tests
//!
//! Types are keyed by `u16`, since applications ask for more of them than any list of names has. Nothing here asks
//! Pipedrive. Does not know buffers or lengths: `entry/` writes the answer.

mod answers;
#[cfg(test)]
mod claims;
pub(crate) mod functions;
mod numbers;
mod rows;

use pipedrive_sql::session::Identity;

pub(crate) use functions::FUNCTIONS;
pub(crate) use rows::MAX_NAME;

/// The value of an information type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Info {
    /// A text.
    Text(String),
    /// A SQLUSMALLINT.
    Short(u16),
    /// A SQLUINTEGER, often a bit mask.
    Long(u32),
}

/// What the answers depend on beside the driver itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Name of the data source, empty without one.
    pub(crate) data_source: String,
    /// Who is signed in, and where.
    pub(crate) identity: Identity,
}

/// How a row answers.
enum Answer {
    Text(&'static str),
    Short(u16),
    Long(u32),
    Computed(fn(&Facts) -> Info),
}

impl Answer {
    fn give(&self, facts: &Facts) -> Info {
        match self {
            Self::Text(text) => Info::Text((*text).to_owned()),
            Self::Short(value) => Info::Short(*value),
            Self::Long(value) => Info::Long(*value),
            Self::Computed(answer) => answer(facts),
        }
    }
}

/// The answer to an information type; `None` for one that is not known (HY096), those of the driver manager among them.
pub(crate) fn info(info_type: u16, facts: &Facts) -> Option<Info> {
    rows::ROWS.iter().find(|row| row.number == info_type).map(|row| row.answer.give(facts))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;
    use crate::reference::Table;

    /// What drivers answer though the reference's page does not list it (ODBC 4).
    const BEYOND: &[u16] = &[180];

    fn kind(info: &Info) -> &'static str {
        match info {
            Info::Text(_) => "text",
            Info::Short(_) => "short",
            Info::Long(_) => "long",
        }
    }

    fn kind_of_reference(value_type: &str) -> &'static str {
        match value_type {
            "u16" => "short",
            "u32" | "mask u32" => "long",
            "string" | "string Y/N" => "text",
            other => panic!("unknown kind {other}"),
        }
    }

    fn number(cell: &str) -> u64 {
        cell.strip_prefix("0x").map_or_else(|| cell.parse(), |hex| u64::from_str_radix(hex, 16)).expect(cell)
    }

    #[test]
    fn exactly_the_types_of_the_reference_are_answered_in_their_kind() {
        let Some(table) = Table::read("getinfo.tsv") else { return };
        let rows = table.select(["number", "value_type", "answered_by"]);
        let expected: BTreeMap<u64, &str> = rows
            .iter()
            .filter(|[_, _, by]| *by == "driver")
            .map(|[type_number, value_type, _]| (number(type_number), kind_of_reference(value_type)))
            .collect();
        for info_type in 0..=u16::MAX {
            let answer = info(info_type, &Facts::default());
            if BEYOND.contains(&info_type) {
                assert!(answer.is_some(), "{info_type}");
                continue;
            }
            assert_eq!(answer.as_ref().map(kind), expected.get(&info_type.into()).copied(), "{info_type}");
        }
    }

    #[test]
    fn every_name_has_the_number_of_the_reference() {
        let Some(table) = Table::read("getinfo.tsv") else { return };
        let rows = table.select(["number", "name", "constants"]);
        let types = rows.iter().map(|[value, name, _]| (*name, number(value)));
        let constants = rows.iter().flat_map(|[_, _, constants]| constants.split(", ")).filter_map(|constant| {
            let (name, value) = constant.split_once('=')?;
            Some((name, number(value)))
        });
        let expected: BTreeSet<_> = types.chain(constants).chain([("SQL_RETURN_ESCAPE_CLAUSE", 180)]).collect();
        let short = numbers::TYPES.iter().chain(numbers::VALUES).map(|&(name, value)| (name, u64::from(value)));
        for named in short.chain(numbers::BITS.iter().map(|&(name, value)| (name, u64::from(value)))) {
            assert!(expected.contains(&named), "{named:?}");
        }
    }

    #[test]
    fn no_type_stands_twice() {
        let mut seen = BTreeSet::new();
        for row in rows::ROWS {
            assert!(seen.insert(row.number), "{} stands twice", row.number);
        }
    }

    #[test]
    fn yes_and_no_are_single_letters() {
        let Some(table) = Table::read("getinfo.tsv") else { return };
        for [type_number, value_type, by] in table.select(["number", "value_type", "answered_by"]) {
            if by == "driver" && value_type == "string Y/N" {
                let info_type = type_number.parse().expect(type_number);
                let answer = info(info_type, &Facts::default());
                assert!([Some(Info::Text("Y".into())), Some(Info::Text("N".into()))].contains(&answer), "{info_type}");
            }
        }
    }

    #[test]
    fn a_connection_is_named_by_its_facts() {
        let identity =
            Identity { host: "acme.pipedrive.com".into(), user_name: "Ann Lee".into(), ..Identity::default() };
        let facts = Facts { data_source: "Sales".into(), identity };
        for (info_type, expected) in [(2, "Sales"), (13, "acme.pipedrive.com"), (47, "Ann Lee"), (16, "pipedrive")] {
            assert_eq!(info(info_type, &facts), Some(Info::Text(expected.into())), "{info_type}");
        }
    }

    #[test]
    fn every_claim_has_its_test() {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let missing: BTreeSet<_> =
            rows::ROWS.iter().map(|row| row.proof).filter(|proof| !project.join(proof).is_file()).collect();
        assert!(missing.is_empty(), "no such files: {missing:?}");
    }
}
