//! SQLProcedures and SQLProcedureColumns: the procedures of the driver, their parameters and the columns they give.

use pipedrive_sql::SqlType;
use pipedrive_sql::model::CATALOG;
use pipedrive_sql::procedures::{Input, Output, Procedure, SCHEMA};

use super::names::Names;
use super::shapes::{Cell, Row};
use super::types::facts;
use super::{ProcedureArguments, Style};
use crate::diagnostics::Result;
use crate::odbc::SQL_PARAM_INPUT;

/// SQL_PT_PROCEDURE: there is no return value.
const PROCEDURE: i16 = 1;
/// SQL_RESULT_COL
const RESULT_COLUMN: i16 = 3;

/// The rows of SQLProcedures, by catalog, schema and name. The three counts are reserved by the reference; here they are
/// what their names say.
///
/// # Errors
/// `NullPointer` for a missing identifier under SQL_ATTR_METADATA_ID.
pub(super) fn rows(procedures: &[Procedure], style: Style, arguments: ProcedureArguments<'_>) -> Result<Vec<Row>> {
    let row = |procedure: &Procedure| {
        vec![
            CATALOG.into(),
            SCHEMA.into(),
            procedure.name.into(),
            procedure.inputs.len().into(),
            0i32.into(),
            1i32.into(),
            procedure.help.into(),
            PROCEDURE.into(),
        ]
    };
    Ok(find(procedures, style, arguments)?.into_iter().map(row).collect())
}

/// The rows of SQLProcedureColumns: for each procedure its parameters in the order of a call, then the columns of its
/// result set.
///
/// # Errors
/// As [`rows`].
pub(super) fn columns(
    procedures: &[Procedure],
    style: Style,
    arguments: ProcedureArguments<'_>,
    column: Option<&str>,
) -> Result<Vec<Row>> {
    let column = Names::pattern("ColumnName", column, style.identifiers)?;
    let mut rows = Vec::new();
    for procedure in find(procedures, style, arguments)? {
        let inputs = procedure.inputs.iter().map(Item::of_input).zip(1_i32..);
        let outputs = procedure.outputs.iter().map(Item::of_output).zip(1_i32..);
        let matching = inputs.chain(outputs).filter(|(item, _)| column.matches(item.name));
        rows.extend(matching.map(|(item, position)| item.row(procedure, position, style)));
    }
    Ok(rows)
}

fn find<'a>(
    procedures: &'a [Procedure],
    style: Style,
    arguments: ProcedureArguments<'_>,
) -> Result<Vec<&'a Procedure>> {
    let catalog = Names::ordinary("CatalogName", arguments.catalog, style.identifiers)?;
    let schema = Names::pattern("SchemaName", arguments.schema, style.identifiers)?;
    let name = Names::pattern("ProcName", arguments.procedure, style.identifiers)?;
    let is_meant =
        |procedure: &&Procedure| catalog.matches(CATALOG) && schema.matches(SCHEMA) && name.matches(procedure.name);
    let mut found: Vec<_> = procedures.iter().filter(is_meant).collect();
    found.sort_by_key(|procedure| procedure.name);
    Ok(found)
}

/// A parameter, or a column of a result set.
struct Item {
    name: &'static str,
    kind: i16,
    sql_type: SqlType,
    nullable: bool,
    help: &'static str,
    default: Option<String>,
}

impl Item {
    fn of_input(input: &Input) -> Self {
        let default = match input.default {
            Some(text) => Some(format!("'{text}'")),
            // The reference's word for a default of NULL.
            None => (!input.required).then(|| "NULL".to_owned()),
        };
        let nullable = !input.required;
        let Input { name, sql_type, help, .. } = *input;
        Self { name, kind: SQL_PARAM_INPUT, sql_type, nullable, help, default }
    }

    fn of_output(output: &Output) -> Self {
        let Output { name, sql_type, nullable, help, .. } = *output;
        Self { name, kind: RESULT_COLUMN, sql_type, nullable, help, default: None }
    }

    fn row(&self, procedure: &Procedure, position: i32, style: Style) -> Row {
        let facts = facts(self.sql_type);
        vec![
            CATALOG.into(),
            SCHEMA.into(),
            procedure.name.into(),
            self.name.into(),
            self.kind.into(),
            facts.code_for(style.odbc2).into(),
            facts.name.into(),
            facts.column_size.into(),
            facts.octet_length.into(),
            facts.decimal_digits.into(),
            facts.radix.into(),
            i32::from(self.nullable).into(),
            self.help.into(),
            self.default.as_deref().map_or(Cell::Null, Cell::from),
            facts.verbose.into(),
            facts.subcode.into(),
            facts.is_text().then_some(facts.octet_length).into(),
            position.into(),
            if self.nullable { "YES" } else { "NO" }.into(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use pipedrive_sql::procedures::PROCEDURES;

    use super::*;
    use crate::catalog::samples::ODBC3;
    use crate::diagnostics::Diagnostic;

    fn text(cell: &Cell) -> String {
        match cell {
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Null => "-".to_owned(),
        }
    }

    fn names(style: Style, arguments: [Option<&str>; 3]) -> Vec<String> {
        let rows = rows(PROCEDURES, style, ProcedureArguments::from(arguments)).expect("rows");
        rows.iter().map(|row| text(&row[2])).collect()
    }

    /// Name, kind, position, nullability and default of what matches.
    fn items(procedure: &str, column: Option<&str>) -> Vec<String> {
        let arguments = ProcedureArguments::from([None, None, Some(procedure)]);
        let rows = columns(PROCEDURES, ODBC3, arguments, column).expect("rows");
        rows.iter().map(|row| [3, 4, 17, 18, 13].map(|at| text(&row[at])).join(" ")).collect()
    }

    const ALL: [&str; 4] =
        ["GetOAuthAccessToken", "GetOAuthAuthorizationURL", "RefreshMetadata", "RefreshOAuthAccessToken"];

    #[test]
    fn procedures_are_found_by_patterns_and_by_the_name_of_their_catalog() {
        for value in [None, Some(""), Some("%")] {
            assert_eq!(names(ODBC3, [None, value, value]), ALL, "{value:?}");
        }
        assert_eq!(names(ODBC3, [Some("PIPEDRIVE"), Some("s_s"), Some("refresh%")]), &ALL[2..]);
        for nothing in [[Some("pipe%"), None, None], [None, Some("crm"), None], [None, None, Some("RefreshMetadat")]] {
            assert_eq!(names(ODBC3, nothing), [""; 0], "{nothing:?}");
        }
    }

    #[test]
    fn identifiers_are_taken_literally() {
        let style = Style { identifiers: true, odbc2: false };
        assert_eq!(names(style, [Some("pipedrive"), Some("SYS"), Some("\"refreshmetadata\" ")]), ["RefreshMetadata"]);
        assert_eq!(names(style, [Some("pipedrive"), Some("sys"), Some("Refresh%")]), [""; 0]);
        let missing = rows(PROCEDURES, style, ProcedureArguments::from([None, Some("sys"), Some("x")]));
        assert_eq!(missing, Err(Diagnostic::NullPointer("CatalogName")));
    }

    #[test]
    fn parameters_come_before_the_columns_of_the_result() {
        assert_eq!(
            items("GetOAuthAccessToken", None),
            [
                "AuthMode 1 1 YES 'APP'",
                "CallbackURL 1 2 YES NULL",
                "Verifier 1 3 YES NULL",
                "State 1 4 YES NULL",
                "OAuthAccessToken 3 1 NO -",
                "OAuthRefreshToken 3 2 YES -",
                "ExpiresIn 3 3 YES -",
            ]
        );
        assert_eq!(
            items("RefreshOAuth%", Some("%Refresh%")),
            ["OAuthRefreshToken 1 1 NO -", "OAuthRefreshToken 3 2 YES -"]
        );
        assert_eq!(
            items("RefreshMetadata", Some("Fields")),
            ["Fields 3 2 NO -"],
            "positions count what does not match"
        );
    }

    #[test]
    fn a_column_is_described_as_its_type() {
        let arguments = ProcedureArguments::from([None, None, Some("RefreshOAuthAccessToken")]);
        let rows = columns(PROCEDURES, ODBC3, arguments, None).expect("rows");
        let facts = |row: &Row| [5, 6, 7, 8, 9, 10, 14, 16].map(|at| text(&row[at])).join(" ");
        assert_eq!(facts(&rows[0]), "-9 VARCHAR 2000 8000 - - -9 8000");
        assert_eq!(facts(&rows[3]), "-5 BIGINT 19 8 0 10 -5 -");
    }
}
