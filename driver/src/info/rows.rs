//! What SQLGetInfo says, as data.
//!
//! Each row names the file of the project that exercises the claim. A bit that is set is a promise: tools send the SQL
//! that it allows. What this version does not have is answered as 0, "N" or an empty text.
//! Who reads what is told where an answer is not the obvious one.

use super::answers::{
    api_conformance, catalog_name, data_source, driver_name, keywords, server_name, user_name, version,
};
use super::numbers::*;
use super::{Answer, Facts, Info};

/// One information type, its answer, and the test that proves it.
pub(super) struct Row {
    /// SQLGetInfo's number.
    pub(super) number: u16,
    /// What is answered.
    pub(super) answer: Answer,
    /// The file of the project that exercises the claim.
    #[cfg_attr(not(test), allow(dead_code, reason = "read by the tests"))]
    pub(super) proof: &'static str,
}

const fn text(number: u16, value: &'static str, proof: &'static str) -> Row {
    Row { number, answer: Answer::Text(value), proof }
}

const fn short(number: u16, value: u16, proof: &'static str) -> Row {
    Row { number, answer: Answer::Short(value), proof }
}

const fn long(number: u16, value: u32, proof: &'static str) -> Row {
    Row { number, answer: Answer::Long(value), proof }
}

const fn flags(number: u16, bits: u32, proof: &'static str) -> Row {
    long(number, bits, proof)
}

const fn computed(number: u16, answer: fn(&Facts) -> Info, proof: &'static str) -> Row {
    Row { number, answer: Answer::Computed(answer), proof }
}

const INFO: &str = "tests/clients/info.py";
const CATALOG: &str = "tests/clients/catalog.py";
const PROCEDURES: &str = "tests/clients/procedures.py";
const FETCH: &str = "tests/clients/fetch.py";
const TRANSACTIONS: &str = "tests/clients/transactions.py";
const PARAMETERS: &str = "tests/clients/parameters.py";
const IDENTIFIERS: &str = "tests/slt/identifiers.slt";
const GROUPING: &str = "tests/slt/aggregates.slt";
const ORDERING: &str = "tests/slt/ordering.slt";
const JOINS: &str = "tests/slt/joins.slt";
const SUBQUERIES: &str = "tests/slt/subqueries.slt";
const PREDICATES: &str = "tests/slt/predicates.slt";
const EXPRESSIONS: &str = "tests/slt/expressions.slt";
const LITERALS: &str = "tests/slt/literals.slt";
const REFUSED: &str = "tests/slt/refused.slt";
/// Each bit of these masks has a statement there, and the value that it must give.
const CLAIMS: &str = "driver/src/info/claims.rs";

/// Longest name of a catalog, schema, table, procedure or column. A custom column has 64 characters of its label, a part's suffix
/// and four digits of its key at most; Tableau shortens its aliases to this length, longer ones are accepted.
pub(crate) const MAX_NAME: u16 = 128;

/// Characters that only a quoted name may hold: all of ASCII's marks but the quote itself. Names of custom fields bring
/// them in, aliases too.
const SPECIAL: &str = " !#$%&'()*+,-./:;<=>?@[\\]^`{|}~";

/// Every information type that a driver answers.
pub(super) const ROWS: &[Row] = &[
    // Product, connection, conformance.
    short(SQL_MAX_DRIVER_CONNECTIONS, 0, INFO),
    short(SQL_MAX_CONCURRENT_ACTIVITIES, 0, FETCH),
    computed(SQL_DATA_SOURCE_NAME, data_source, INFO),
    computed(SQL_SERVER_NAME, server_name, INFO),
    computed(SQL_DATABASE_NAME, catalog_name, INFO),
    computed(SQL_USER_NAME, user_name, INFO),
    computed(SQL_DRIVER_NAME, driver_name, INFO),
    computed(SQL_DRIVER_VER, version, INFO),
    text(SQL_DRIVER_ODBC_VER, "03.80", INFO), // System.Data.Odbc reads two digits in front
    text(SQL_DBMS_NAME, "Pipedrive", INFO),
    computed(SQL_DBMS_VER, version, INFO),
    computed(SQL_ODBC_API_CONFORMANCE, api_conformance, INFO),
    short(SQL_ODBC_SAG_CLI_CONFORMANCE, SQL_OSCC_COMPLIANT, INFO),
    long(SQL_ODBC_INTERFACE_CONFORMANCE, SQL_OIC_CORE, INFO),
    flags(SQL_STANDARD_CLI_CONFORMANCE, 0, INFO),
    short(SQL_ODBC_SQL_CONFORMANCE, SQL_OSC_CORE, SUBQUERIES),
    // Of SELECT only. Power Query puts a query into FROM for this value alone, and its makers ask it of read-only drivers.
    long(SQL_SQL_CONFORMANCE, SQL_SC_SQL92_FULL, SUBQUERIES),
    text(SQL_INTEGRITY, "N", INFO),
    text(SQL_DATA_SOURCE_READ_ONLY, "Y", REFUSED),
    text(SQL_ACCESSIBLE_TABLES, "Y", CATALOG),
    text(SQL_ACCESSIBLE_PROCEDURES, "Y", PROCEDURES),
    text(SQL_PROCEDURES, "Y", PROCEDURES),
    text(SQL_MULT_RESULT_SETS, "N", REFUSED),
    short(SQL_ACTIVE_ENVIRONMENTS, 0, INFO),
    short(SQL_FILE_USAGE, SQL_FILE_NOT_SUPPORTED, INFO),
    flags(SQL_BATCH_SUPPORT, 0, REFUSED),
    flags(SQL_BATCH_ROW_COUNT, 0, PROCEDURES),
    long(SQL_PARAM_ARRAY_ROW_COUNTS, SQL_PARC_NO_BATCH, PARAMETERS),
    long(SQL_PARAM_ARRAY_SELECTS, SQL_PAS_NO_SELECT, PARAMETERS),
    text(SQL_DESCRIBE_PARAMETER, "Y", PARAMETERS),
    text(SQL_NEED_LONG_DATA_LEN, "N", PARAMETERS),
    long(SQL_ASYNC_MODE, 0, INFO),
    long(SQL_MAX_ASYNC_CONCURRENT_STATEMENTS, 0, INFO),
    long(SQL_ASYNC_DBC_FUNCTIONS, 0, INFO),
    long(SQL_ASYNC_NOTIFICATION, 0, INFO),
    long(SQL_DRIVER_AWARE_POOLING_SUPPORTED, 0, INFO),
    // The next two are asked for in the middle of Power Query's list; an error there ends the reading of the list.
    flags(SQL_DTC_TRANSITION_COST, 0, INFO),
    long(SQL_RETURN_ESCAPE_CLAUSE, 0, INFO),
    // Transactions: there are none. COMMIT and ROLLBACK are accepted and leave cursors and plans alone.
    short(SQL_TXN_CAPABLE, 0, TRANSACTIONS),
    long(SQL_DEFAULT_TXN_ISOLATION, 0, TRANSACTIONS),
    flags(SQL_TXN_ISOLATION_OPTION, 0, TRANSACTIONS),
    text(SQL_MULTIPLE_ACTIVE_TXN, "N", TRANSACTIONS),
    short(SQL_CURSOR_COMMIT_BEHAVIOR, SQL_CB_PRESERVE, TRANSACTIONS),
    short(SQL_CURSOR_ROLLBACK_BEHAVIOR, SQL_CB_PRESERVE, TRANSACTIONS),
    // Cursors: forward only, read only. Rows come page by page, so what others change meanwhile may show or not.
    flags(SQL_FETCH_DIRECTION, SQL_FD_FETCH_NEXT, FETCH),
    flags(SQL_SCROLL_OPTIONS, SQL_SO_FORWARD_ONLY, FETCH),
    flags(SQL_SCROLL_CONCURRENCY, SQL_SCCO_READ_ONLY, FETCH),
    long(SQL_CURSOR_SENSITIVITY, SQL_UNSPECIFIED, FETCH),
    flags(SQL_GETDATA_EXTENSIONS, SQL_GD_ANY_COLUMN | SQL_GD_ANY_ORDER | SQL_GD_BOUND, FETCH),
    flags(SQL_FORWARD_ONLY_CURSOR_ATTRIBUTES1, SQL_CA1_NEXT, FETCH),
    flags(SQL_FORWARD_ONLY_CURSOR_ATTRIBUTES2, SQL_CA2_READ_ONLY_CONCURRENCY | SQL_CA2_MAX_ROWS_SELECT, FETCH),
    flags(SQL_STATIC_CURSOR_ATTRIBUTES1, 0, FETCH),
    flags(SQL_STATIC_CURSOR_ATTRIBUTES2, 0, FETCH),
    flags(SQL_KEYSET_CURSOR_ATTRIBUTES1, 0, FETCH),
    flags(SQL_KEYSET_CURSOR_ATTRIBUTES2, 0, FETCH),
    flags(SQL_DYNAMIC_CURSOR_ATTRIBUTES1, 0, FETCH),
    flags(SQL_DYNAMIC_CURSOR_ATTRIBUTES2, 0, FETCH),
    flags(SQL_STATIC_SENSITIVITY, 0, FETCH),
    flags(SQL_BOOKMARK_PERSISTENCE, 0, FETCH),
    flags(SQL_LOCK_TYPES, 0, FETCH),
    flags(SQL_POS_OPERATIONS, 0, FETCH),
    flags(SQL_POSITIONED_STATEMENTS, 0, REFUSED),
    text(SQL_ROW_UPDATES, "N", FETCH),
    // Names. They match without case, quoted or not, and keep the case that Pipedrive gave them.
    text(SQL_IDENTIFIER_QUOTE_CHAR, "\"", IDENTIFIERS),
    short(SQL_IDENTIFIER_CASE, SQL_IC_MIXED, IDENTIFIERS),
    short(SQL_QUOTED_IDENTIFIER_CASE, SQL_IC_MIXED, IDENTIFIERS),
    text(SQL_SPECIAL_CHARACTERS, SPECIAL, IDENTIFIERS),
    text(SQL_CATALOG_NAME, "Y", IDENTIFIERS),
    text(SQL_CATALOG_NAME_SEPARATOR, ".", IDENTIFIERS),
    short(SQL_CATALOG_LOCATION, SQL_CL_START, IDENTIFIERS),
    flags(SQL_CATALOG_USAGE, SQL_CU_DML_STATEMENTS | SQL_CU_PROCEDURE_INVOCATION, PROCEDURES),
    flags(SQL_SCHEMA_USAGE, SQL_SU_DML_STATEMENTS | SQL_SU_PROCEDURE_INVOCATION, PROCEDURES),
    text(SQL_CATALOG_TERM, "catalog", INFO),
    text(SQL_SCHEMA_TERM, "schema", INFO),
    text(SQL_TABLE_TERM, "table", INFO),
    text(SQL_PROCEDURE_TERM, "procedure", INFO),
    text(SQL_SEARCH_PATTERN_ESCAPE, "\\", CATALOG), // System.Data.Odbc wants exactly one character
    computed(SQL_KEYWORDS, keywords, IDENTIFIERS),
    text(SQL_COLLATION_SEQ, "UCS_BASIC", ORDERING), // SQL's name for the order of code points
    short(SQL_MAX_CATALOG_NAME_LEN, MAX_NAME, CATALOG),
    short(SQL_MAX_SCHEMA_NAME_LEN, MAX_NAME, CATALOG),
    short(SQL_MAX_TABLE_NAME_LEN, MAX_NAME, CATALOG),
    short(SQL_MAX_COLUMN_NAME_LEN, MAX_NAME, CATALOG),
    short(SQL_MAX_IDENTIFIER_LEN, MAX_NAME, CATALOG),
    short(SQL_MAX_CURSOR_NAME_LEN, 0, INFO),
    short(SQL_MAX_PROCEDURE_NAME_LEN, MAX_NAME, PROCEDURES),
    short(SQL_MAX_USER_NAME_LEN, 0, INFO),
    // Limits of statements: 0 is "none, or not known".
    short(SQL_MAX_COLUMNS_IN_GROUP_BY, 0, GROUPING),
    short(SQL_MAX_COLUMNS_IN_INDEX, 0, INFO),
    short(SQL_MAX_COLUMNS_IN_ORDER_BY, 0, ORDERING),
    short(SQL_MAX_COLUMNS_IN_SELECT, 0, INFO),
    short(SQL_MAX_COLUMNS_IN_TABLE, 0, INFO),
    short(SQL_MAX_TABLES_IN_SELECT, 0, JOINS),
    long(SQL_MAX_INDEX_SIZE, 0, INFO),
    long(SQL_MAX_ROW_SIZE, 0, INFO),
    text(SQL_MAX_ROW_SIZE_INCLUDES_LONG, "N", INFO),
    long(SQL_MAX_STATEMENT_LEN, 0, INFO),
    long(SQL_MAX_CHAR_LITERAL_LEN, 0, LITERALS),
    long(SQL_MAX_BINARY_LITERAL_LEN, 0, INFO),
    // What SELECT can do.
    short(SQL_GROUP_BY, SQL_GB_GROUP_BY_CONTAINS_SELECT, GROUPING),
    flags(SQL_AGGREGATE_FUNCTIONS, AGGREGATES, CLAIMS),
    text(SQL_ORDER_BY_COLUMNS_IN_SELECT, "N", ORDERING),
    text(SQL_EXPRESSIONS_IN_ORDERBY, "Y", ORDERING),
    short(SQL_NULL_COLLATION, SQL_NC_END, ORDERING),
    text(SQL_COLUMN_ALIAS, "Y", IDENTIFIERS),
    short(SQL_CORRELATION_NAME, SQL_CN_ANY, JOINS),
    text(SQL_OUTER_JOINS, "Y", JOINS),
    flags(SQL_OJ_CAPABILITIES, OUTER_JOINS, CLAIMS),
    flags(SQL_SQL92_RELATIONAL_JOIN_OPERATORS, JOIN_OPERATORS, CLAIMS),
    flags(SQL_SUBQUERIES, SUBQUERY_PREDICATES, CLAIMS),
    flags(SQL_UNION, SQL_U_UNION | SQL_U_UNION_ALL, CLAIMS),
    flags(SQL_SQL92_PREDICATES, PREDICATE_KINDS, CLAIMS),
    text(SQL_LIKE_ESCAPE_CLAUSE, "Y", PREDICATES),
    flags(SQL_SQL92_VALUE_EXPRESSIONS, VALUE_EXPRESSIONS, CLAIMS),
    flags(SQL_SQL92_ROW_VALUE_CONSTRUCTOR, 0, EXPRESSIONS),
    short(SQL_CONCAT_NULL_BEHAVIOR, SQL_CB_NULL, EXPRESSIONS),
    short(SQL_NON_NULLABLE_COLUMNS, SQL_NNC_NON_NULL, CATALOG),
    flags(SQL_DATETIME_LITERALS, SQL_DL_SQL92_DATE | SQL_DL_SQL92_TIME | SQL_DL_SQL92_TIMESTAMP, CLAIMS),
    // Functions, as {fn ...} takes them; below, as SQL-92 writes them.
    flags(SQL_STRING_FUNCTIONS, STRING, CLAIMS),
    flags(SQL_NUMERIC_FUNCTIONS, NUMERIC, CLAIMS),
    flags(SQL_TIMEDATE_FUNCTIONS, TIMEDATE, CLAIMS),
    flags(SQL_SYSTEM_FUNCTIONS, SYSTEM, CLAIMS),
    flags(SQL_TIMEDATE_ADD_INTERVALS, INTERVALS, CLAIMS),
    flags(SQL_TIMEDATE_DIFF_INTERVALS, INTERVALS, CLAIMS),
    flags(SQL_SQL92_STRING_FUNCTIONS, SQL92_STRING, CLAIMS),
    flags(SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL92_NUMERIC, CLAIMS),
    flags(SQL_SQL92_DATETIME_FUNCTIONS, SQL92_DATETIME, CLAIMS),
    // CONVERT and CAST.
    flags(SQL_CONVERT_FUNCTIONS, CONVERT_FUNCTIONS, CLAIMS),
    flags(SQL_CONVERT_BIT, FROM_BIT, CLAIMS),
    flags(SQL_CONVERT_TINYINT, FROM_NUMBER, CLAIMS),
    flags(SQL_CONVERT_SMALLINT, FROM_NUMBER, CLAIMS),
    flags(SQL_CONVERT_INTEGER, FROM_NUMBER, CLAIMS),
    flags(SQL_CONVERT_BIGINT, FROM_NUMBER, CLAIMS),
    flags(SQL_CONVERT_DECIMAL, FROM_EXACT, CLAIMS),
    flags(SQL_CONVERT_NUMERIC, FROM_EXACT, CLAIMS),
    flags(SQL_CONVERT_REAL, FROM_NUMBER, CLAIMS),
    flags(SQL_CONVERT_FLOAT, FROM_NUMBER, CLAIMS),
    flags(SQL_CONVERT_DOUBLE, FROM_NUMBER, CLAIMS),
    flags(SQL_CONVERT_CHAR, FROM_TEXT, CLAIMS),
    flags(SQL_CONVERT_VARCHAR, FROM_TEXT, CLAIMS),
    flags(SQL_CONVERT_LONGVARCHAR, FROM_TEXT, CLAIMS),
    flags(SQL_CONVERT_WCHAR, FROM_TEXT, CLAIMS),
    flags(SQL_CONVERT_WVARCHAR, FROM_TEXT, CLAIMS),
    flags(SQL_CONVERT_WLONGVARCHAR, FROM_TEXT, CLAIMS),
    flags(SQL_CONVERT_DATE, FROM_DATE, CLAIMS),
    flags(SQL_CONVERT_TIME, FROM_TIME, CLAIMS),
    flags(SQL_CONVERT_TIMESTAMP, FROM_TIMESTAMP, CLAIMS),
    flags(SQL_CONVERT_BINARY, 0, INFO),
    flags(SQL_CONVERT_VARBINARY, 0, INFO),
    flags(SQL_CONVERT_LONGVARBINARY, 0, INFO),
    flags(SQL_CONVERT_GUID, 0, INFO),
    flags(SQL_CONVERT_INTERVAL_DAY_TIME, 0, INFO),
    flags(SQL_CONVERT_INTERVAL_YEAR_MONTH, 0, INFO),
    // What changes data or definitions: nothing of it is there.
    flags(SQL_INSERT_STATEMENT, 0, REFUSED),
    flags(SQL_ALTER_DOMAIN, 0, REFUSED),
    flags(SQL_ALTER_TABLE, 0, REFUSED),
    flags(SQL_CREATE_ASSERTION, 0, REFUSED),
    flags(SQL_CREATE_CHARACTER_SET, 0, REFUSED),
    flags(SQL_CREATE_COLLATION, 0, REFUSED),
    flags(SQL_CREATE_DOMAIN, 0, REFUSED),
    flags(SQL_CREATE_SCHEMA, 0, REFUSED),
    flags(SQL_CREATE_TABLE, 0, REFUSED),
    flags(SQL_CREATE_TRANSLATION, 0, REFUSED),
    flags(SQL_CREATE_VIEW, 0, REFUSED),
    flags(SQL_DDL_INDEX, 0, REFUSED),
    flags(SQL_DROP_ASSERTION, 0, REFUSED),
    flags(SQL_DROP_CHARACTER_SET, 0, REFUSED),
    flags(SQL_DROP_COLLATION, 0, REFUSED),
    flags(SQL_DROP_DOMAIN, 0, REFUSED),
    flags(SQL_DROP_SCHEMA, 0, REFUSED),
    flags(SQL_DROP_TABLE, 0, REFUSED),
    flags(SQL_DROP_TRANSLATION, 0, REFUSED),
    flags(SQL_DROP_VIEW, 0, REFUSED),
    flags(SQL_INDEX_KEYWORDS, 0, REFUSED),
    flags(SQL_INFO_SCHEMA_VIEWS, 0, REFUSED),
    flags(SQL_SQL92_FOREIGN_KEY_DELETE_RULE, 0, REFUSED),
    flags(SQL_SQL92_FOREIGN_KEY_UPDATE_RULE, 0, REFUSED),
    flags(SQL_SQL92_GRANT, 0, REFUSED),
    flags(SQL_SQL92_REVOKE, 0, REFUSED),
];

const AGGREGATES: u32 = SQL_AF_AVG | SQL_AF_COUNT | SQL_AF_MAX | SQL_AF_MIN | SQL_AF_SUM | SQL_AF_DISTINCT | SQL_AF_ALL;

const OUTER_JOINS: u32 = SQL_OJ_LEFT
    | SQL_OJ_RIGHT
    | SQL_OJ_FULL
    | SQL_OJ_NESTED
    | SQL_OJ_NOT_ORDERED
    | SQL_OJ_INNER
    | SQL_OJ_ALL_COMPARISON_OPS;

const JOIN_OPERATORS: u32 = SQL_SRJO_CROSS_JOIN
    | SQL_SRJO_FULL_OUTER_JOIN
    | SQL_SRJO_INNER_JOIN
    | SQL_SRJO_LEFT_OUTER_JOIN
    | SQL_SRJO_NATURAL_JOIN
    | SQL_SRJO_RIGHT_OUTER_JOIN;

const SUBQUERY_PREDICATES: u32 =
    SQL_SQ_COMPARISON | SQL_SQ_EXISTS | SQL_SQ_IN | SQL_SQ_QUANTIFIED | SQL_SQ_CORRELATED_SUBQUERIES;

const PREDICATE_KINDS: u32 = SQL_SP_EXISTS
    | SQL_SP_ISNOTNULL
    | SQL_SP_ISNULL
    | SQL_SP_LIKE
    | SQL_SP_IN
    | SQL_SP_BETWEEN
    | SQL_SP_COMPARISON
    | SQL_SP_QUANTIFIED_COMPARISON;

const VALUE_EXPRESSIONS: u32 = SQL_SVE_CASE | SQL_SVE_CAST | SQL_SVE_COALESCE | SQL_SVE_NULLIF;

/// All of them but DIFFERENCE and SOUNDEX.
const STRING: u32 = SQL_FN_STR_ASCII
    | SQL_FN_STR_BIT_LENGTH
    | SQL_FN_STR_CHAR
    | SQL_FN_STR_CHAR_LENGTH
    | SQL_FN_STR_CHARACTER_LENGTH
    | SQL_FN_STR_CONCAT
    | SQL_FN_STR_INSERT
    | SQL_FN_STR_LCASE
    | SQL_FN_STR_LEFT
    | SQL_FN_STR_LENGTH
    | SQL_FN_STR_LOCATE
    | SQL_FN_STR_LOCATE_2
    | SQL_FN_STR_LTRIM
    | SQL_FN_STR_OCTET_LENGTH
    | SQL_FN_STR_POSITION
    | SQL_FN_STR_REPEAT
    | SQL_FN_STR_REPLACE
    | SQL_FN_STR_RIGHT
    | SQL_FN_STR_RTRIM
    | SQL_FN_STR_SPACE
    | SQL_FN_STR_SUBSTRING
    | SQL_FN_STR_UCASE;

/// All of them but RAND, whose seed is not offered.
const NUMERIC: u32 = SQL_FN_NUM_ABS
    | SQL_FN_NUM_ACOS
    | SQL_FN_NUM_ASIN
    | SQL_FN_NUM_ATAN
    | SQL_FN_NUM_ATAN2
    | SQL_FN_NUM_CEILING
    | SQL_FN_NUM_COS
    | SQL_FN_NUM_COT
    | SQL_FN_NUM_DEGREES
    | SQL_FN_NUM_EXP
    | SQL_FN_NUM_FLOOR
    | SQL_FN_NUM_LOG
    | SQL_FN_NUM_LOG10
    | SQL_FN_NUM_MOD
    | SQL_FN_NUM_PI
    | SQL_FN_NUM_POWER
    | SQL_FN_NUM_RADIANS
    | SQL_FN_NUM_ROUND
    | SQL_FN_NUM_SIGN
    | SQL_FN_NUM_SIN
    | SQL_FN_NUM_SQRT
    | SQL_FN_NUM_TAN
    | SQL_FN_NUM_TRUNCATE;

const TIMEDATE: u32 = SQL_FN_TD_CURDATE
    | SQL_FN_TD_CURRENT_DATE
    | SQL_FN_TD_CURRENT_TIME
    | SQL_FN_TD_CURRENT_TIMESTAMP
    | SQL_FN_TD_CURTIME
    | SQL_FN_TD_DAYNAME
    | SQL_FN_TD_DAYOFMONTH
    | SQL_FN_TD_DAYOFWEEK
    | SQL_FN_TD_DAYOFYEAR
    | SQL_FN_TD_EXTRACT
    | SQL_FN_TD_HOUR
    | SQL_FN_TD_MINUTE
    | SQL_FN_TD_MONTH
    | SQL_FN_TD_MONTHNAME
    | SQL_FN_TD_NOW
    | SQL_FN_TD_QUARTER
    | SQL_FN_TD_SECOND
    | SQL_FN_TD_TIMESTAMPADD
    | SQL_FN_TD_TIMESTAMPDIFF
    | SQL_FN_TD_WEEK
    | SQL_FN_TD_YEAR;

/// All of them but USER.
const SYSTEM: u32 = SQL_FN_SYS_DBNAME | SQL_FN_SYS_IFNULL;

const INTERVALS: u32 = SQL_FN_TSI_FRAC_SECOND
    | SQL_FN_TSI_SECOND
    | SQL_FN_TSI_MINUTE
    | SQL_FN_TSI_HOUR
    | SQL_FN_TSI_DAY
    | SQL_FN_TSI_WEEK
    | SQL_FN_TSI_MONTH
    | SQL_FN_TSI_QUARTER
    | SQL_FN_TSI_YEAR;

const SQL92_STRING: u32 = SQL_SSF_LOWER
    | SQL_SSF_UPPER
    | SQL_SSF_SUBSTRING
    | SQL_SSF_TRIM_BOTH
    | SQL_SSF_TRIM_LEADING
    | SQL_SSF_TRIM_TRAILING;

const SQL92_NUMERIC: u32 = SQL_SNVF_BIT_LENGTH
    | SQL_SNVF_CHAR_LENGTH
    | SQL_SNVF_CHARACTER_LENGTH
    | SQL_SNVF_EXTRACT
    | SQL_SNVF_OCTET_LENGTH
    | SQL_SNVF_POSITION;

const SQL92_DATETIME: u32 = SQL_SDF_CURRENT_DATE | SQL_SDF_CURRENT_TIME | SQL_SDF_CURRENT_TIMESTAMP;

/// CONVERT is taken too. It is left out, so that tools write CAST with the names of SQLGetTypeInfo.
const CONVERT_FUNCTIONS: u32 = SQL_FN_CVT_CAST;

// SQL_CONVERT_*: what CAST and CONVERT make of a type. System.Data.Odbc looks for the wide bits before it binds text as
// wide, Power Query before it sends a comparison of text.
const TO_TEXT: u32 =
    SQL_CVT_CHAR | SQL_CVT_VARCHAR | SQL_CVT_LONGVARCHAR | SQL_CVT_WCHAR | SQL_CVT_WVARCHAR | SQL_CVT_WLONGVARCHAR;
const TO_NUMBER: u32 = SQL_CVT_TINYINT
    | SQL_CVT_SMALLINT
    | SQL_CVT_INTEGER
    | SQL_CVT_BIGINT
    | SQL_CVT_REAL
    | SQL_CVT_FLOAT
    | SQL_CVT_DOUBLE;
const TO_EXACT: u32 = SQL_CVT_DECIMAL | SQL_CVT_NUMERIC;
const FROM_BIT: u32 = TO_TEXT | TO_NUMBER | SQL_CVT_BIT;
const FROM_NUMBER: u32 = TO_TEXT | TO_NUMBER | TO_EXACT | SQL_CVT_BIT;
const FROM_EXACT: u32 = TO_TEXT | TO_NUMBER | TO_EXACT;
const FROM_TEXT: u32 = FROM_NUMBER | SQL_CVT_DATE | SQL_CVT_TIME | SQL_CVT_TIMESTAMP;
const FROM_DATE: u32 = TO_TEXT | SQL_CVT_DATE | SQL_CVT_TIMESTAMP;
const FROM_TIME: u32 = TO_TEXT | SQL_CVT_TIME;
const FROM_TIMESTAMP: u32 = TO_TEXT | SQL_CVT_DATE | SQL_CVT_TIME | SQL_CVT_TIMESTAMP;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Table;

    fn mask(number: u16) -> u32 {
        match ROWS.iter().find(|row| row.number == number).map(|row| &row.answer) {
            Some(Answer::Long(bits)) => *bits,
            _ => panic!("{number} has no mask"),
        }
    }

    /// What may stand for an argument of a function, by the reference's word for it.
    fn argument(word: &str) -> Option<&'static str> {
        Some(match word.trim_end_matches(|digit: char| digit.is_ascii_digit()) {
            "string_exp" | "character_exp" => "'a'",
            "numeric_exp" | "float_exp" | "integer_exp" | "start" | "length" | "count" | "code" | "exp" | "value" => {
                "1"
            }
            "time-precision" | "timestamp-precision" => "0",
            "date_exp" | "extract-source" => "{d '2026-04-01'}",
            "time_exp" => "{t '22:03:27'}",
            "timestamp_exp" => "{ts '2026-04-01 22:03:27'}",
            "extract-field" => "YEAR",
            "interval" => "SQL_TSI_DAY",
            _ => return None,
        })
    }

    fn fill(call: &str) -> String {
        let word_end = |character: char| !(character.is_ascii_alphanumeric() || ['_', '-'].contains(&character));
        call.split_inclusive(word_end)
            .map(|piece| {
                let word = piece.trim_end_matches(word_end);
                argument(word).map_or_else(|| piece.to_owned(), |value| piece.replace(word, value))
            })
            .collect()
    }

    /// The call as the reference writes it, with its optional arguments and without.
    fn calls(call: &str) -> [String; 2] {
        let (before, rest) = call.split_once('[').unwrap_or((call, ""));
        let (optional, after) = rest.split_once(']').unwrap_or(("", rest));
        [fill(&format!("{before}{optional}{after}")), fill(&format!("{before}{after}"))]
    }

    #[test]
    fn a_function_is_promised_when_every_form_of_it_is_read() {
        let Some(table) = Table::read("functions.tsv") else { return };
        let rows = table.select(["class", "call", "info_number", "bit_value"]);
        let scalar = ["string", "numeric", "time/date", "system"];
        for [_, call, number, bits] in rows.iter().filter(|[class, ..]| scalar.contains(class)) {
            let number = number.parse().expect(number);
            let bit = |bit: &str| u32::from_str_radix(bit.trim_start_matches("0x"), 16).expect(bit);
            let promised = bits.split('|').all(|text| mask(number) & bit(text) != 0);
            let read = |call: String| pipedrive_sql::dialect::parse(&format!("SELECT {{fn {call}}}"));
            let refused = calls(call).into_iter().filter_map(|call| read(call).err()).collect::<Vec<_>>();
            assert_eq!(promised, refused.is_empty(), "{call}: {refused:?}");
        }
    }
}
