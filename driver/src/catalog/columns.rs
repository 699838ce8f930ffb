//! SQLColumns: the columns of the tables that match.
//!
//! Definitions are read only for these tables; a column's facts are those that SQLDescribeCol gives for it.

use pipedrive_sql::model::CATALOG;
use pipedrive_sql::session::{CatalogColumn, TableDescription};

use super::names::Names;
use super::shapes::{Cell, Row};
use super::types::facts;
use super::{Style, TableArguments};
use crate::diagnostics::Result;

/// The rows, by catalog, schema, table and position. `read` gives the columns of a table.
pub(super) fn rows(
    tables: &[TableDescription],
    style: Style,
    arguments: TableArguments<'_>,
    column: Option<&str>,
    mut read: impl FnMut(&TableDescription) -> Result<Vec<CatalogColumn>>,
) -> Result<Vec<Row>> {
    let catalog = Names::ordinary("CatalogName", arguments.catalog, style.identifiers)?;
    let schema = Names::pattern("SchemaName", arguments.schema, style.identifiers)?;
    let name = Names::pattern("TableName", arguments.table, style.identifiers)?;
    let column = Names::pattern("ColumnName", column, style.identifiers)?;
    let mut found: Vec<_> = tables
        .iter()
        .filter(|table| catalog.matches(CATALOG) && schema.matches(table.schema) && name.matches(table.name))
        .collect();
    found.sort_by_key(|table| (table.schema, table.name));
    let mut rows = Vec::new();
    for table in found {
        let columns = read(table)?;
        let numbered = columns.iter().zip(1_i32..).filter(|(found, _)| column.matches(&found.name));
        rows.extend(numbered.map(|(column, position)| row(table, column, position, style)));
    }
    Ok(rows)
}

fn row(table: &TableDescription, column: &CatalogColumn, position: i32, style: Style) -> Row {
    let facts = facts(column.sql_type);
    vec![
        CATALOG.into(),
        table.schema.into(),
        table.name.into(),
        column.name.as_str().into(),
        facts.code_for(style.odbc2).into(),
        facts.name.into(),
        facts.column_size.into(),
        facts.octet_length.into(),
        facts.decimal_digits.into(),
        facts.radix.into(),
        i32::from(column.nullable).into(),
        Some(column.remarks.as_str()).filter(|remarks| !remarks.is_empty()).into(),
        Cell::Null, // no defaults
        facts.verbose.into(),
        facts.subcode.into(),
        facts.is_text().then_some(facts.octet_length).into(),
        position.into(),
        if column.nullable { "YES" } else { "NO" }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use pipedrive_sql::{Error, ErrorKind, SqlType};

    use super::*;
    use crate::catalog::samples::{ODBC2, ODBC3, tables};
    use crate::diagnostics::Diagnostic;

    fn column(name: &str, sql_type: SqlType, nullable: bool, remarks: &str) -> CatalogColumn {
        CatalogColumn { name: name.into(), sql_type, nullable, remarks: remarks.into(), references: None }
    }

    fn deals(_: &TableDescription) -> Result<Vec<CatalogColumn>> {
        Ok(vec![
            column("id", SqlType::BigInt, false, ""),
            column("title", SqlType::Varchar(255), true, ""),
            column("value", SqlType::Decimal { precision: 19, scale: 4 }, true, ""),
            column("add_time", SqlType::Timestamp, true, ""),
            column("Lead Source", SqlType::Varchar(255), true, "Lead source (2026)"),
        ])
    }

    fn read(style: Style, arguments: [Option<&str>; 3], name: Option<&str>) -> Vec<Row> {
        rows(&tables(), style, TableArguments::from(arguments), name, deals).expect("rows")
    }

    const DEALS: [Option<&str>; 3] = [Some("pipedrive"), Some("crm"), Some("deals")];

    #[test]
    fn a_row_tells_what_describe_col_tells() {
        let null = Cell::Null;
        let rows = read(ODBC3, DEALS, None);
        assert_eq!(rows.len(), 5);
        assert_eq!(
            rows[0],
            vec![
                "pipedrive".into(),
                "crm".into(),
                "deals".into(),
                "id".into(),
                Cell::Number(-5),
                "BIGINT".into(),
                Cell::Number(19),
                Cell::Number(8),
                Cell::Number(0),
                Cell::Number(10),
                Cell::Number(0),
                null.clone(),
                null.clone(),
                Cell::Number(-5),
                null.clone(),
                null.clone(),
                Cell::Number(1),
                "NO".into(),
            ]
        );
        assert_eq!(
            rows[4],
            vec![
                "pipedrive".into(),
                "crm".into(),
                "deals".into(),
                "Lead Source".into(),
                Cell::Number(-9),
                "VARCHAR".into(),
                Cell::Number(255),
                Cell::Number(1020),
                null.clone(),
                null.clone(),
                Cell::Number(1),
                "Lead source (2026)".into(),
                null.clone(),
                Cell::Number(-9),
                null,
                Cell::Number(1020),
                Cell::Number(5),
                "YES".into(),
            ]
        );
    }

    #[test]
    fn dates_have_the_code_of_the_application() {
        let code =
            |style| (read(style, DEALS, Some("add_time"))[0][4].clone(), read(style, DEALS, None)[3][13].clone());
        assert_eq!(code(ODBC3), (Cell::Number(93), Cell::Number(9)));
        assert_eq!(code(ODBC2), (Cell::Number(11), Cell::Number(9)));
    }

    #[test]
    fn positions_count_columns_that_do_not_match() {
        let rows = read(ODBC3, DEALS, Some("value"));
        assert_eq!((rows.len(), rows[0][16].clone()), (1, Cell::Number(3)));
    }

    #[test]
    fn only_tables_that_match_are_read() {
        for (arguments, expected) in [
            (DEALS, vec!["deals"]),
            ([None, None, Some("deal%")], vec!["deal_products", "deals"]),
            ([Some("other"), None, None], vec![]),
            ([Some("%"), None, None], vec![]), // no pattern here
            ([None, Some("crm"), Some("persons")], vec!["persons"]),
        ] {
            let mut asked = Vec::new();
            let read = |table: &TableDescription| {
                asked.push(table.name);
                deals(table)
            };
            rows(&tables(), ODBC3, TableArguments::from(arguments), None, read).expect("rows");
            assert_eq!(asked, expected, "{arguments:?}");
        }
    }

    #[test]
    fn an_error_of_reading_is_told() {
        let refuse = |_: &TableDescription| Err(Diagnostic::Engine(Error::new(ErrorKind::Network, "gone")));
        assert!(rows(&tables(), ODBC3, TableArguments::from(DEALS), None, refuse).is_err());
    }
}
