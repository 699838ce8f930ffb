//! SQLPrimaryKeys.

use pipedrive_sql::model::CATALOG;
use pipedrive_sql::session::TableDescription;

use super::names::Names;
use super::shapes::{Cell, Row};
use super::{Style, TableArguments};
use crate::diagnostics::{Diagnostic, Result};

/// The key columns of the table, by schema and position in the key; a key has no name of its own.
///
/// # Errors
/// `NullPointer` without a table's name.
pub(super) fn rows(tables: &[TableDescription], style: Style, arguments: TableArguments<'_>) -> Result<Vec<Row>> {
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
    Ok(found.into_iter().flat_map(key).collect())
}

fn key(table: &TableDescription) -> impl Iterator<Item = Row> {
    table.key.iter().zip(1_i32..).map(|(column, position)| {
        vec![CATALOG.into(), table.schema.into(), table.name.into(), (*column).into(), position.into(), Cell::Null]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::samples::{ODBC3, tables};

    fn read(arguments: [Option<&str>; 3]) -> Vec<(String, i32)> {
        let rows = rows(&tables(), ODBC3, TableArguments::from(arguments)).expect("rows");
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
    fn names_are_no_patterns_and_the_table_is_needed() {
        for name in ["d%", "deal_", ""] {
            assert_eq!(read([None, None, Some(name)]), [], "{name}");
        }
        let missing = rows(&tables(), ODBC3, TableArguments::from([None; 3]));
        assert_eq!(missing, Err(Diagnostic::NullPointer("TableName")));
    }
}
