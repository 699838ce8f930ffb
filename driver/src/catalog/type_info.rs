//! SQLGetTypeInfo: the types that CAST takes.

use super::Style;
use super::shapes::{Cell, Row};
use super::types::{OFFERED, Offered, exists};
use crate::diagnostics::{Diagnostic, Result};

/// SQL_ALL_TYPES
const ALL: i16 = 0;
/// SQL_NULLABLE
const NULLABLE: i16 = 1;
/// SQL_FALSE
const FALSE: i16 = 0;

/// The rows of one type, or of all, by the codes that the application knows.
///
/// # Errors
/// `InvalidSqlType` for a code that ODBC does not have. One that it has and the driver has not gives no row.
pub(super) fn rows(style: Style, sql_type: i16) -> Result<Vec<Row>> {
    if sql_type != ALL && !exists(sql_type) {
        return Err(Diagnostic::InvalidSqlType(sql_type));
    }
    // A manager may pass the codes of either version on.
    let wanted = |offered: &&Offered| {
        let facts = &offered.facts;
        sql_type == ALL || facts.code == sql_type || facts.code_for(true) == sql_type
    };
    let mut found: Vec<_> = OFFERED.iter().filter(wanted).collect();
    found.sort_by_key(|offered| offered.facts.code_for(style.odbc2));
    Ok(found.into_iter().map(|offered| row(offered, style)).collect())
}

fn row(offered: &Offered, style: Style) -> Row {
    let facts = &offered.facts;
    let given = |text: &'static str| Some(text).filter(|text| !text.is_empty());
    vec![
        facts.name.into(),
        facts.code_for(style.odbc2).into(),
        facts.column_size.into(),
        given(facts.literal_prefix).into(),
        given(facts.literal_suffix).into(),
        given(offered.parameters).into(),
        NULLABLE.into(),
        i16::from(facts.case_sensitive).into(),
        facts.searchable.into(),
        facts.is_numeric().then_some(FALSE).into(),
        FALSE.into(), // no money type: the scale of a DECIMAL is its own
        facts.is_numeric().then_some(FALSE).into(),
        Cell::Null, // names are not translated
        offered.scales.map(|(smallest, _)| smallest).into(),
        offered.scales.map(|(_, largest)| largest).into(),
        facts.verbose.into(),
        facts.subcode.into(),
        facts.radix.into(),
        Cell::Null, // no intervals
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::samples::{ODBC2, ODBC3};

    fn codes(style: Style, sql_type: i16) -> Vec<Cell> {
        rows(style, sql_type).expect("rows").into_iter().map(|row| row[1].clone()).collect()
    }

    #[test]
    fn all_types_come_by_ascending_code() {
        for style in [ODBC3, ODBC2] {
            let codes: Vec<i32> = codes(style, ALL)
                .into_iter()
                .map(|cell| match cell {
                    Cell::Number(code) => code,
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(codes.len(), OFFERED.len());
            assert!(codes.is_sorted(), "{codes:?}");
        }
    }

    #[test]
    fn dates_answer_to_their_old_and_new_codes() {
        for asked in [93, 11] {
            assert_eq!(codes(ODBC3, asked), [Cell::Number(93)], "{asked}");
            assert_eq!(codes(ODBC2, asked), [Cell::Number(11)], "{asked}");
        }
    }

    #[test]
    fn sizes_are_what_pyodbc_reads_in_column_3() {
        for (sql_type, size) in [(93, 23), (12, 65_535), (-9, 65_535)] {
            assert_eq!(rows(ODBC3, sql_type).expect("rows")[0][2], Cell::Number(size), "{sql_type}");
        }
    }

    #[test]
    fn types_that_are_not_there_have_no_row_and_wrong_ones_are_refused() {
        for absent in [-2, -3, -4, -11, 101, 110] {
            assert_eq!(rows(ODBC3, absent), Ok(Vec::new()), "{absent}");
        }
        for wrong in [13, -12, 94, 114, i16::MIN] {
            assert_eq!(rows(ODBC3, wrong), Err(Diagnostic::InvalidSqlType(wrong)), "{wrong}");
        }
    }

    #[test]
    fn decimals_take_precision_and_scale() {
        let row = &rows(ODBC3, 3).expect("rows")[0];
        assert_eq!((row[0].clone(), row[5].clone()), ("DECIMAL".into(), "precision,scale".into()));
        assert_eq!((row[2].clone(), row[13].clone(), row[14].clone()), (38_i32.into(), 0_i32.into(), 38_i32.into()));
    }

    #[test]
    fn only_numbers_have_a_sign() {
        for (sql_type, expected) in [(-5, Cell::Number(0)), (8, Cell::Number(0)), (-7, Cell::Null), (12, Cell::Null)] {
            assert_eq!(rows(ODBC3, sql_type).expect("rows")[0][9], expected, "{sql_type}");
        }
    }
}
