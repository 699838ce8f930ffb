//! SQLGetFunctions as data: the functions that the library exports.
//!
//! A test compares the names with the exported symbols, so a row without its function, or the reverse, cannot stay.
//! [Numbers](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetfunctions-function)

/// A function and its number (SQL_API_*).
pub(crate) struct Function {
    /// The number that SQLGetFunctions is asked by.
    pub(crate) number: u16,
    /// The name of its narrow form.
    #[cfg_attr(not(test), allow(dead_code, reason = "compared with the exported symbols"))]
    pub(crate) name: &'static str,
    /// Whether it takes or gives text, and so has a form with W.
    #[cfg_attr(not(test), allow(dead_code, reason = "compared with the exported symbols"))]
    pub(crate) wide: bool,
}

const fn narrow(number: u16, name: &'static str) -> Function {
    Function { number, name, wide: false }
}

const fn twins(number: u16, name: &'static str) -> Function {
    Function { number, name, wide: true }
}

/// Every function, by ascending number.
pub(crate) const EXPORTS: &[Function] = &[
    narrow(4, "SQLBindCol"),
    narrow(5, "SQLCancel"),
    twins(6, "SQLColAttribute"),
    twins(7, "SQLConnect"),
    twins(8, "SQLDescribeCol"),
    narrow(9, "SQLDisconnect"),
    twins(11, "SQLExecDirect"),
    narrow(12, "SQLExecute"),
    narrow(13, "SQLFetch"),
    narrow(16, "SQLFreeStmt"),
    twins(17, "SQLGetCursorName"),
    narrow(18, "SQLNumResultCols"),
    twins(19, "SQLPrepare"),
    narrow(20, "SQLRowCount"),
    twins(21, "SQLSetCursorName"),
    twins(40, "SQLColumns"),
    twins(41, "SQLDriverConnect"),
    narrow(43, "SQLGetData"),
    narrow(44, "SQLGetFunctions"),
    twins(45, "SQLGetInfo"),
    twins(47, "SQLGetTypeInfo"),
    narrow(48, "SQLParamData"),
    narrow(49, "SQLPutData"),
    twins(52, "SQLSpecialColumns"),
    twins(53, "SQLStatistics"),
    twins(54, "SQLTables"),
    narrow(58, "SQLDescribeParam"),
    narrow(59, "SQLExtendedFetch"),
    narrow(61, "SQLMoreResults"),
    twins(62, "SQLNativeSql"),
    narrow(63, "SQLNumParams"),
    twins(65, "SQLPrimaryKeys"),
    twins(66, "SQLProcedureColumns"),
    twins(67, "SQLProcedures"),
    narrow(72, "SQLBindParameter"),
    narrow(1001, "SQLAllocHandle"),
    narrow(1003, "SQLCloseCursor"),
    narrow(1004, "SQLCopyDesc"),
    narrow(1005, "SQLEndTran"),
    narrow(1006, "SQLFreeHandle"),
    twins(1007, "SQLGetConnectAttr"),
    twins(1008, "SQLGetDescField"),
    twins(1009, "SQLGetDescRec"),
    twins(1010, "SQLGetDiagField"),
    twins(1011, "SQLGetDiagRec"),
    narrow(1012, "SQLGetEnvAttr"),
    twins(1014, "SQLGetStmtAttr"),
    twins(1016, "SQLSetConnectAttr"),
    twins(1017, "SQLSetDescField"),
    narrow(1018, "SQLSetDescRec"),
    narrow(1019, "SQLSetEnvAttr"),
    twins(1020, "SQLSetStmtAttr"),
    narrow(1021, "SQLFetchScroll"),
];

/// The functions that the driver has, by their numbers (SQL_API_*), ascending.
pub(crate) const FUNCTIONS: &[u16] = &numbers();

const fn numbers() -> [u16; EXPORTS.len()] {
    let mut numbers = [0; EXPORTS.len()];
    let mut index = 0;
    while index < EXPORTS.len() {
        numbers[index] = EXPORTS[index].number;
        index += 1;
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Table;

    #[test]
    fn numbers_ascend() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a < b), "{FUNCTIONS:?}");
        assert_eq!(FUNCTIONS.len(), EXPORTS.len());
    }

    #[test]
    fn names_and_twins_are_those_of_the_reference() {
        let Some(table) = Table::read("api_functions.tsv") else { return };
        let rows = table.select(["number", "function", "wide"]);
        for export in EXPORTS {
            let number = export.number.to_string();
            let expected = rows.iter().find(|row| row[0] == number && row[1] == export.name);
            let [_, _, wide] = expected.unwrap_or_else(|| panic!("{} is not function {number}", export.name));
            assert_eq!(export.wide, *wide == "yes", "{}", export.name);
        }
    }
}
