//! What is known of keys: SQLPrimaryKeys, SQLStatistics, SQLSpecialColumns.

use pipedrive_sql::model::CATALOG;
use pipedrive_sql::session::TableDescription;

use super::names::Names;
use super::shapes::{Cell, Row};
use super::types::facts;
use super::{Style, TableArguments};
use crate::diagnostics::{CatalogOption, Diagnostic, Result};

/// SQL_TABLE_STAT: the row is about the table.
const TABLE_STATISTICS: i16 = 0;
/// SQL_INDEX_OTHER: the row is about an index of some kind.
const INDEX: i16 = 3;
/// SQL_SCOPE_SESSION: ids name their rows for good.
const SCOPE_SESSION: u16 = 2;
/// SQL_PC_NOT_PSEUDO: the column is one of the table's.
const NOT_PSEUDO: i16 = 1;
/// SQL_BEST_ROWID
const BEST_ROWID: u16 = 1;
/// SQL_ROWVER
const ROWVER: u16 = 2;

/// The key columns of the table, by schema and position in the key; a key has no name of its own.
///
/// # Errors
/// `NullPointer` without a table's name.
pub(super) fn primary(tables: &[TableDescription], style: Style, arguments: TableArguments<'_>) -> Result<Vec<Row>> {
    let row = |table: &TableDescription, position: i16, (column, _): &(&str, _)| {
        vec![CATALOG.into(), table.schema.into(), table.name.into(), (*column).into(), position.into(), Cell::Null]
    };
    let found = find(tables, style, arguments)?;
    Ok(found
        .into_iter()
        .flat_map(|table| table.key.iter().zip(1..).map(move |(key, at)| row(table, at, key)))
        .collect())
}

/// A row about each table that tells no counts, which would cost requests, and its key as a unique index.
///
/// # Errors
/// As [`primary`], and `CatalogOption` for options that do not exist.
pub(super) fn statistics(
    tables: &[TableDescription],
    style: Style,
    arguments: TableArguments<'_>,
    unique: u16,
    accuracy: u16,
) -> Result<Vec<Row>> {
    CatalogOption::Uniqueness.check(unique, 0..=1)?;
    CatalogOption::Accuracy.check(accuracy, 0..=1)?;
    let names = |table: &TableDescription| [CATALOG.into(), table.schema.into(), table.name.into()];
    let statistic = |table: &TableDescription| {
        let mut row = vec![Cell::Null; 13];
        row[..3].clone_from_slice(&names(table));
        row[6] = TABLE_STATISTICS.into();
        row
    };
    let entry = |table: &TableDescription, position: i16, column: &str| {
        let mut row = statistic(table);
        let index = format!("{}_key", table.name);
        row[3] = 0i16.into(); // duplicates are not allowed
        row[5] = index.as_str().into();
        row[6] = INDEX.into();
        row[7] = position.into();
        row[8] = column.into();
        row[9] = "A".into();
        row
    };
    let found = find(tables, style, arguments)?;
    let rows = found.iter().map(|table| statistic(table));
    let keys = found
        .iter()
        .flat_map(|table| table.key.iter().zip(1..).map(move |((column, _), position)| entry(table, position, column)));
    Ok(rows.chain(keys).collect())
}

/// The columns that name a row best: the key. No column is set anew by every change of a row.
///
/// # Errors
/// As [`primary`], and `CatalogOption` for options that do not exist.
pub(super) fn special(
    tables: &[TableDescription],
    style: Style,
    arguments: TableArguments<'_>,
    [identifier, scope, nullable]: [u16; 3],
) -> Result<Vec<Row>> {
    CatalogOption::Identifier.check(identifier, BEST_ROWID..=ROWVER)?;
    CatalogOption::Scope.check(scope, 0..=SCOPE_SESSION)?;
    CatalogOption::Nullable.check(nullable, 0..=1)?;
    let found = find(tables, style, arguments)?;
    let keys = found.into_iter().filter(|_| identifier == BEST_ROWID).flat_map(|table| &table.key);
    Ok(keys
        .map(|(column, sql_type)| {
            let facts = facts(*sql_type);
            vec![
                SCOPE_SESSION.cast_signed().into(),
                (*column).into(),
                facts.code_for(style.odbc2).into(),
                facts.name.into(),
                facts.column_size.into(),
                facts.octet_length.into(),
                facts.decimal_digits.into(),
                NOT_PSEUDO.into(),
            ]
        })
        .collect())
}

/// The tables with this name; names are no patterns here.
fn find<'a>(
    tables: &'a [TableDescription],
    style: Style,
    arguments: TableArguments<'_>,
) -> Result<Vec<&'a TableDescription>> {
    let wanted = arguments.table.ok_or(Diagnostic::NullPointer("TableName"))?;
    if wanted.is_empty() {
        return Ok(Vec::new()); // one table is asked for, and none has an empty name
    }
    let catalog = Names::ordinary("CatalogName", arguments.catalog, style.identifiers)?;
    let schema = Names::ordinary("SchemaName", arguments.schema, style.identifiers)?;
    let name = Names::ordinary("TableName", Some(wanted), style.identifiers)?;
    let mut found: Vec<_> = tables
        .iter()
        .filter(|table| catalog.matches(CATALOG) && schema.matches(table.schema) && name.matches(table.name))
        .collect();
    found.sort_by_key(|table| (table.schema, table.name));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::samples::{ODBC3, tables};

    fn read(arguments: [Option<&str>; 3]) -> Vec<(String, i32)> {
        let rows = primary(&tables(), ODBC3, TableArguments::from(arguments)).expect("rows");
        let pair = |row: &Row| match (&row[3], &row[4]) {
            (Cell::Text(column), Cell::Number(position)) => (column.clone(), *position),
            other => panic!("{other:?}"),
        };
        rows.iter().map(pair).collect()
    }

    #[test]
    fn keys_are_found_with_and_without_qualifiers() {
        for arguments in [
            [None, None, Some("deals")],
            [Some("pipedrive"), Some("crm"), Some("deals")],
            [Some(""), Some(""), Some("DEALS")],
        ] {
            assert_eq!(read(arguments), [("id".to_owned(), 1)], "{arguments:?}");
        }
    }

    #[test]
    fn a_key_of_two_columns_has_two_rows() {
        let expected = [("table_name".to_owned(), 1), ("column_name".to_owned(), 2)];
        assert_eq!(read([None, Some("meta"), Some("fields")]), expected);
    }

    #[test]
    fn the_key_is_a_unique_index_behind_the_row_of_the_table() {
        let deals = TableArguments::from([None, None, Some("deals")]);
        let rows = statistics(&tables(), ODBC3, deals, 0, 0).expect("rows");
        let told = |row: &Row| (row[3].clone(), row[6].clone(), row[7].clone(), row[8].clone(), row[10].clone());
        let null = Cell::Null;
        assert_eq!(told(&rows[0]), (null.clone(), Cell::Number(0), null.clone(), null.clone(), null.clone()));
        assert_eq!(told(&rows[1]), (Cell::Number(0), Cell::Number(3), Cell::Number(1), "id".into(), null));
        assert_eq!(rows.len(), 2);
        let state = |unique, accuracy| statistics(&tables(), ODBC3, deals, unique, accuracy).unwrap_err().sqlstate();
        assert_eq!([state(2, 0), state(0, 2)], ["HY100", "HY101"]);
    }

    #[test]
    fn the_key_names_a_row_for_good() {
        let deals = TableArguments::from([None, None, Some("deals")]);
        let rows = special(&tables(), ODBC3, deals, [1, 0, 0]).expect("rows");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0][..4], [Cell::Number(2), "id".into(), Cell::Number(-5), "BIGINT".into()]);
        assert_eq!(special(&tables(), ODBC3, deals, [2, 0, 0]), Ok(Vec::new()));
        let state = |options| special(&tables(), ODBC3, deals, options).unwrap_err().sqlstate();
        assert_eq!([state([3, 0, 0]), state([1, 3, 0]), state([1, 0, 2])], ["HY097", "HY098", "HY099"]);
    }

    #[test]
    fn names_are_no_patterns_and_the_table_is_needed() {
        for name in ["d%", "deal_", ""] {
            assert_eq!(read([None, None, Some(name)]), [], "{name}");
        }
        let missing = primary(&tables(), ODBC3, TableArguments::from([None; 3]));
        assert_eq!(missing, Err(Diagnostic::NullPointer("TableName")));
    }
}
