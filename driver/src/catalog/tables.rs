//! SQLTables: the tables that match, or the catalogs, schemas and table types there are.
//!
//! Power Query, Excel and LibreOffice say "everything" by null pointers, by empty strings and by `%`; all three work.

use std::collections::BTreeSet;

use pipedrive_sql::model::CATALOG;
use pipedrive_sql::session::TableDescription;

use super::names::Names;
use super::shapes::{Cell, Row};
use super::{Style, TableArguments};
use crate::diagnostics::Result;

/// SQL_ALL_CATALOGS, SQL_ALL_SCHEMAS, SQL_ALL_TABLE_TYPES.
const ALL: &str = "%";
const TABLE: &str = "TABLE";
const SYSTEM_TABLE: &str = "SYSTEM TABLE";

/// The rows, in the reference's order: by type, catalog, schema, name.
pub(super) fn rows(
    tables: &[TableDescription],
    style: Style,
    arguments: TableArguments<'_>,
    types: Option<&str>,
) -> Result<Vec<Row>> {
    if let Some(rows) = enumeration(tables, arguments, types) {
        return Ok(rows);
    }
    // An ODBC 2 application gives the catalog's name, not a pattern.
    let catalog = if style.odbc2 { Names::ordinary } else { Names::pattern };
    let catalog = catalog("CatalogName", arguments.catalog, style.identifiers)?;
    let schema = Names::pattern("SchemaName", arguments.schema, style.identifiers)?;
    let name = Names::pattern("TableName", arguments.table, style.identifiers)?;
    let types = Types::of(types);
    let mut found: Vec<_> = tables
        .iter()
        .filter(|table| catalog.matches(CATALOG) && schema.matches(table.schema) && name.matches(table.name))
        .filter(|table| types.has(type_of(table)))
        .collect();
    found.sort_by_key(|table| (type_of(table), table.schema, table.name));
    Ok(found.into_iter().map(row).collect())
}

fn row(table: &TableDescription) -> Row {
    let remarks = (!table.remarks.is_empty()).then_some(table.remarks);
    vec![CATALOG.into(), table.schema.into(), table.name.into(), type_of(table).into(), remarks.into()]
}

const fn type_of(table: &TableDescription) -> &'static str {
    if table.system { SYSTEM_TABLE } else { TABLE }
}

/// The special calls that ask what catalogs, schemas or table types there are. LibreOffice asks for the types with null
/// pointers where the reference has empty strings.
fn enumeration(tables: &[TableDescription], arguments: TableArguments<'_>, types: Option<&str>) -> Option<Vec<Row>> {
    let TableArguments { catalog, schema, table } = arguments;
    if (catalog, schema, table) == (Some(ALL), Some(""), Some("")) {
        return Some(vec![only(0, CATALOG)]);
    }
    if (catalog, schema, table) == (Some(""), Some(ALL), Some("")) {
        let schemas: BTreeSet<_> = tables.iter().map(|table| table.schema).collect();
        return Some(schemas.into_iter().map(|schema| only(1, schema)).collect());
    }
    let unnamed = [catalog, schema, table].iter().all(|name| name.is_none_or(str::is_empty));
    (unnamed && types.map(item) == Some(ALL)).then(|| [SYSTEM_TABLE, TABLE].map(|name| only(3, name)).into())
}

/// A row with one text and NULL elsewhere.
fn only(position: usize, text: &str) -> Row {
    let mut row = vec![Cell::Null; 5];
    row[position] = text.into();
    row
}

/// The table types that are wanted.
enum Types {
    All,
    Some(Vec<String>),
}

impl Types {
    /// Reads the comma list: items in single quotes or bare, empty ones left out. None, or `%`, means all.
    fn of(list: Option<&str>) -> Self {
        let items: Vec<_> = list.unwrap_or("").split(',').map(item).filter(|item| !item.is_empty()).collect();
        if items.is_empty() || items.contains(&ALL) {
            return Self::All;
        }
        Self::Some(items.into_iter().map(str::to_uppercase).collect())
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(names) => names.iter().any(|wanted| wanted == name),
        }
    }
}

/// An item of the list without blanks and quotes.
fn item(item: &str) -> &str {
    let item = item.trim();
    item.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(item).trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::samples::{ODBC2, ODBC3, tables};

    fn names(arguments: [Option<&str>; 3], types: Option<&str>) -> Vec<String> {
        let rows = rows(&tables(), ODBC3, TableArguments::from(arguments), types).expect("rows");
        let text = |cell: &Cell| match cell {
            Cell::Text(text) => text.clone(),
            other => panic!("{other:?} is no name"),
        };
        rows.iter().map(|row| format!("{}.{}.{}", text(&row[0]), text(&row[1]), text(&row[2]))).collect()
    }

    const EVERYTHING: [&str; 4] =
        ["pipedrive.meta.fields", "pipedrive.crm.deal_products", "pipedrive.crm.deals", "pipedrive.crm.persons"];

    #[test]
    fn null_empty_and_percent_mean_everything() {
        for value in [None, Some(""), Some("%")] {
            assert_eq!(names([value; 3], None), EVERYTHING, "{value:?}");
            assert_eq!(names([value; 3], Some("")), EVERYTHING, "{value:?}");
        }
        assert_eq!(names([Some("%"), Some("%"), Some("%")], Some("%")), EVERYTHING);
    }

    #[test]
    fn type_lists_are_read_with_and_without_quotes() {
        let crm = &EVERYTHING[1..];
        for list in ["TABLE", "'TABLE'", "TABLE,VIEW", "'TABLE','VIEW'", " 'TABLE' , VIEW", "table", ",TABLE,"] {
            assert_eq!(names([None; 3], Some(list)), crm, "{list}");
        }
        let access = "'TABLE','VIEW','SYSTEM TABLE','ALIAS','SYNONYM'";
        assert_eq!(names([None; 3], Some(access)), EVERYTHING);
        assert_eq!(names([None; 3], Some("SYSTEM TABLE")), ["pipedrive.meta.fields"]);
        assert_eq!(names([None; 3], Some("VIEW")), [""; 0]);
    }

    #[test]
    fn names_are_patterns() {
        assert_eq!(names([None, Some("crm"), Some("deal%")], None), &EVERYTHING[1..3]);
        assert_eq!(names([None, None, Some("deal_products")], None), &EVERYTHING[1..2]);
        assert_eq!(names([Some("PIPEDRIVE"), Some("CRM"), Some("PERSONS")], None), &EVERYTHING[3..]);
        assert_eq!(names([Some("other"), None, None], None), [""; 0]);
        assert_eq!(names([None, Some("dbo"), None], None), [""; 0]);
    }

    #[test]
    fn an_odbc_2_catalog_is_no_pattern() {
        let like = TableArguments::from([Some("pipe%"), None, None]);
        assert_eq!(rows(&tables(), ODBC3, like, None).expect("rows").len(), 4);
        assert_eq!(rows(&tables(), ODBC2, like, None).expect("rows").len(), 0);
    }

    #[test]
    fn catalogs_schemas_and_types_are_listed() {
        let list = |arguments: [Option<&str>; 3], types| {
            rows(&tables(), ODBC3, TableArguments::from(arguments), types).expect("rows")
        };
        let null = Cell::Null;
        let catalogs = list([Some("%"), Some(""), Some("")], None);
        assert_eq!(catalogs, [vec!["pipedrive".into(), null.clone(), null.clone(), null.clone(), null.clone()]]);
        let schemas = list([Some(""), Some("%"), Some("")], Some(""));
        assert_eq!(schemas.iter().map(|row| row[1].clone()).collect::<Vec<_>>(), ["crm".into(), "meta".into()]);
        for arguments in [[Some(""); 3], [None; 3]] {
            let types = list(arguments, Some("%"));
            assert_eq!(
                types.iter().map(|row| row[3].clone()).collect::<Vec<_>>(),
                ["SYSTEM TABLE".into(), "TABLE".into()]
            );
            assert!(types.iter().all(|row| row[2] == Cell::Null));
        }
    }

    #[test]
    fn identifiers_are_taken_literally() {
        let style = Style { identifiers: true, odbc2: false };
        let literal = TableArguments::from([Some("pipedrive"), Some("crm"), Some("\"Deals\"")]);
        assert_eq!(rows(&tables(), style, literal, None).expect("rows").len(), 1);
        let pattern = TableArguments::from([Some("pipedrive"), Some("crm"), Some("d%")]);
        assert_eq!(rows(&tables(), style, pattern, None).expect("rows").len(), 0);
        assert!(rows(&tables(), style, TableArguments::from([None, Some("crm"), Some("deals")]), None).is_err());
    }
}
