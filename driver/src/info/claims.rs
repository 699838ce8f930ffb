//! Test: what SQLGetInfo says of SQL is true. Every bit of every such mask has a statement, which the engine's dialect
//! reads and runs, and the value that it must give.

use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser;
use pipedrive_sql::arrow::array::RecordBatch;
use pipedrive_sql::arrow::util::display::{ArrayFormatter, FormatOptions};
use pipedrive_sql::call::Call;
use pipedrive_sql::{Result, dialect};

use super::numbers::*;
use super::{Facts, Info, info};

/// An information type, a bit of its mask (0 for an answer that is no mask), a statement, its rows.
struct Claim(u16, u32, String, &'static str);

/// A statement that is a query.
fn query(number: u16, bit: u32, sql: &str, rows: &'static str) -> Claim {
    Claim(number, bit, sql.replace("LEFT_TABLE", LEFT_TABLE).replace("RIGHT_TABLE", RIGHT_TABLE), rows)
}

/// A statement that is `SELECT` and an expression.
fn value(number: u16, bit: u32, expression: &str, value: &'static str) -> Claim {
    query(number, bit, &format!("SELECT {expression}"), value)
}

/// A statement that is a call in an escape.
fn call(number: u16, bit: u32, call: &str, result: &'static str) -> Claim {
    value(number, bit, &format!("{{fn {call}}}"), result)
}

/// A statement over three rows, `id` 1, 2, 2 and `name` a, b, NULL.
fn over(number: u16, bit: u32, select: &str, rest: &str, rows: &'static str) -> Claim {
    let table = "(SELECT 1 AS id, 'a' AS name UNION ALL SELECT 2, 'b' UNION ALL SELECT 2, NULL) AS t";
    query(number, bit, &format!("SELECT {select} FROM {table} {rest}"), rows)
}

/// A join of `a` 1, 2 with `b` 2, 3.
fn join(number: u16, bit: u32, from: &str, rows: &'static str) -> Claim {
    query(number, bit, &format!("SELECT a, b FROM {from} ORDER BY a, b"), rows)
}

const LEFT_TABLE: &str = "(SELECT 1 AS a UNION ALL SELECT 2) AS l";
const RIGHT_TABLE: &str = "(SELECT 2 AS b UNION ALL SELECT 3) AS r";

fn strings() -> Vec<Claim> {
    [
        (SQL_FN_STR_ASCII, "ASCII('A')", "65"),
        (SQL_FN_STR_BIT_LENGTH, "BIT_LENGTH('ab')", "16"),
        (SQL_FN_STR_CHAR, "CHAR(65)", "A"),
        (SQL_FN_STR_CHAR_LENGTH, "CHAR_LENGTH('äb ')", "3"),
        (SQL_FN_STR_CHARACTER_LENGTH, "CHARACTER_LENGTH('äb ')", "3"),
        (SQL_FN_STR_CONCAT, "CONCAT('a', 'b')", "ab"),
        (SQL_FN_STR_CONCAT, "CONCAT('a', NULL)", "NULL"),
        (SQL_FN_STR_INSERT, "INSERT('abcd', 2, 2, 'xy')", "axyd"),
        (SQL_FN_STR_LCASE, "LCASE('AB')", "ab"),
        (SQL_FN_STR_LEFT, "LEFT('abc', 2)", "ab"),
        (SQL_FN_STR_LENGTH, "LENGTH('ab  ')", "2"),
        (SQL_FN_STR_LOCATE, "LOCATE('b', 'abcb', 3)", "4"),
        (SQL_FN_STR_LOCATE_2, "LOCATE('b', 'abcb')", "2"),
        (SQL_FN_STR_LTRIM, "LTRIM('  a')", "a"),
        (SQL_FN_STR_OCTET_LENGTH, "OCTET_LENGTH('ä')", "2"),
        (SQL_FN_STR_POSITION, "POSITION('b' IN 'abc')", "2"),
        (SQL_FN_STR_REPEAT, "REPEAT('ab', 2)", "abab"),
        (SQL_FN_STR_REPLACE, "REPLACE('aba', 'a', 'x')", "xbx"),
        (SQL_FN_STR_RIGHT, "RIGHT('abc', 2)", "bc"),
        (SQL_FN_STR_RTRIM, "RTRIM('a  ')", "a"),
        (SQL_FN_STR_SPACE, "SPACE(2)", "  "),
        (SQL_FN_STR_SUBSTRING, "SUBSTRING('abcd', 2, 2)", "bc"),
        (SQL_FN_STR_UCASE, "UCASE('ab')", "AB"),
    ]
    .map(|(bit, text, result)| call(SQL_STRING_FUNCTIONS, bit, text, result))
    .into()
}

fn numbers() -> Vec<Claim> {
    [
        (SQL_FN_NUM_ABS, "ABS(-1)", "1"),
        (SQL_FN_NUM_ACOS, "ACOS(1)", "0"),
        (SQL_FN_NUM_ASIN, "ASIN(0)", "0"),
        (SQL_FN_NUM_ATAN, "ATAN(0)", "0"),
        (SQL_FN_NUM_ATAN2, "ATAN2(0, 1)", "0"),
        (SQL_FN_NUM_CEILING, "CEILING(1.2)", "2"),
        (SQL_FN_NUM_COS, "COS(0)", "1"),
        (SQL_FN_NUM_COT, "COT(1)", "0.6420926159343306"),
        (SQL_FN_NUM_DEGREES, "DEGREES({fn PI()})", "180"),
        (SQL_FN_NUM_EXP, "EXP(0)", "1"),
        (SQL_FN_NUM_FLOOR, "FLOOR(1.8)", "1"),
        (SQL_FN_NUM_LOG, "LOG({fn EXP(2)})", "2"),
        (SQL_FN_NUM_LOG10, "LOG10(100)", "2"),
        (SQL_FN_NUM_MOD, "MOD(7, 3)", "1"),
        (SQL_FN_NUM_PI, "PI()", "3.141592653589793"),
        (SQL_FN_NUM_POWER, "POWER(2, 3)", "8"),
        (SQL_FN_NUM_RADIANS, "RADIANS(180)", "3.141592653589793"),
        (SQL_FN_NUM_ROUND, "ROUND(1.256, 2)", "1.26"),
        (SQL_FN_NUM_SIGN, "SIGN(-3)", "-1"),
        (SQL_FN_NUM_SIN, "SIN(0)", "0"),
        (SQL_FN_NUM_SQRT, "SQRT(9)", "3"),
        (SQL_FN_NUM_TAN, "TAN(0)", "0"),
        (SQL_FN_NUM_TRUNCATE, "TRUNCATE(1.259, 2)", "1.25"),
    ]
    .map(|(bit, text, result)| call(SQL_NUMERIC_FUNCTIONS, bit, text, result))
    .into()
}

fn moments() -> Vec<Claim> {
    [
        (SQL_FN_TD_CURDATE, "CURDATE()} = {fn CURRENT_DATE()", "true"),
        (SQL_FN_TD_CURRENT_DATE, "CURRENT_DATE()} >= {d '2026-01-01'", "true"),
        (SQL_FN_TD_CURRENT_TIME, "CURRENT_TIME(0)} >= {t '00:00:00'", "true"),
        (SQL_FN_TD_CURRENT_TIMESTAMP, "CURRENT_TIMESTAMP(0)} >= {ts '2026-01-01 00:00:00'", "true"),
        (SQL_FN_TD_CURTIME, "CURTIME()} >= {t '00:00:00'", "true"),
        (SQL_FN_TD_DAYNAME, "DAYNAME({d '2026-04-01'})", "Wednesday"),
        (SQL_FN_TD_DAYOFMONTH, "DAYOFMONTH({d '2026-04-01'})", "1"),
        (SQL_FN_TD_DAYOFWEEK, "DAYOFWEEK({d '2026-04-01'})", "4"),
        (SQL_FN_TD_DAYOFYEAR, "DAYOFYEAR({d '2026-04-01'})", "91"),
        (SQL_FN_TD_EXTRACT, "EXTRACT(YEAR FROM {d '2026-04-01'})", "2026"),
        (SQL_FN_TD_HOUR, "HOUR({t '22:03:27'})", "22"),
        (SQL_FN_TD_MINUTE, "MINUTE({ts '2026-04-01 22:03:27'})", "3"),
        (SQL_FN_TD_MONTH, "MONTH({d '2026-04-01'})", "4"),
        (SQL_FN_TD_MONTHNAME, "MONTHNAME({d '2026-04-01'})", "April"),
        (SQL_FN_TD_NOW, "NOW()} >= {ts '2026-01-01 00:00:00'", "true"),
        (SQL_FN_TD_QUARTER, "QUARTER({d '2026-04-01'})", "2"),
        (SQL_FN_TD_SECOND, "SECOND({t '22:03:27'})", "27"),
        (SQL_FN_TD_TIMESTAMPADD, "TIMESTAMPADD(SQL_TSI_HOUR, 1, {d '2026-04-01'})", "2026-04-01T01:00:00"),
        (SQL_FN_TD_TIMESTAMPDIFF, "TIMESTAMPDIFF(SQL_TSI_DAY, {d '2026-04-01'}, {d '2026-03-31'})", "-1"),
        (SQL_FN_TD_WEEK, "WEEK({d '2026-04-01'})", "13"),
        (SQL_FN_TD_YEAR, "YEAR({d '2026-04-01'})", "2026"),
    ]
    .map(|(bit, text, result)| call(SQL_TIMEDATE_FUNCTIONS, bit, text, result))
    .into()
}

/// Units of TIMESTAMPADD and TIMESTAMPDIFF: one unit, or a million, after a moment, and the moment itself.
fn units() -> Vec<Claim> {
    [
        (SQL_FN_TSI_FRAC_SECOND, "FRAC_SECOND", "1000000", "2026-04-01T22:03:27.001"),
        (SQL_FN_TSI_SECOND, "SECOND", "1", "2026-04-01T22:03:28"),
        (SQL_FN_TSI_MINUTE, "MINUTE", "1", "2026-04-01T22:04:27"),
        (SQL_FN_TSI_HOUR, "HOUR", "1", "2026-04-01T23:03:27"),
        (SQL_FN_TSI_DAY, "DAY", "1", "2026-04-02T22:03:27"),
        (SQL_FN_TSI_WEEK, "WEEK", "1", "2026-04-08T22:03:27"),
        (SQL_FN_TSI_MONTH, "MONTH", "1", "2026-05-01T22:03:27"),
        (SQL_FN_TSI_QUARTER, "QUARTER", "1", "2026-07-01T22:03:27"),
        (SQL_FN_TSI_YEAR, "YEAR", "1", "2027-04-01T22:03:27"),
    ]
    .into_iter()
    .flat_map(|(bit, unit, count, after)| {
        let moment = "{ts '2026-04-01 22:03:27'}";
        let add = format!("TIMESTAMPADD(SQL_TSI_{unit}, {count}, {moment})");
        let difference = format!("TIMESTAMPDIFF(SQL_TSI_{unit}, {moment}, {{ts '{}'}})", after.replace('T', " "));
        [call(SQL_TIMEDATE_ADD_INTERVALS, bit, &add, after), call(SQL_TIMEDATE_DIFF_INTERVALS, bit, &difference, count)]
    })
    .collect()
}

fn expressions() -> Vec<Claim> {
    vec![
        call(SQL_SYSTEM_FUNCTIONS, SQL_FN_SYS_DBNAME, "DATABASE()", "pipedrive"),
        call(SQL_SYSTEM_FUNCTIONS, SQL_FN_SYS_IFNULL, "IFNULL(NULL, 2)", "2"),
        value(SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_LOWER, "LOWER('A')", "a"),
        value(SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_UPPER, "UPPER('a')", "A"),
        value(SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_SUBSTRING, "SUBSTRING('abcd' FROM 2 FOR 2)", "bc"),
        value(SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_TRIM_BOTH, "TRIM(BOTH 'x' FROM 'xax')", "a"),
        value(SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_TRIM_LEADING, "TRIM(LEADING 'x' FROM 'xax')", "ax"),
        value(SQL_SQL92_STRING_FUNCTIONS, SQL_SSF_TRIM_TRAILING, "TRIM(TRAILING 'x' FROM 'xax')", "xa"),
        value(SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_BIT_LENGTH, "BIT_LENGTH('ab')", "16"),
        value(SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_CHAR_LENGTH, "CHAR_LENGTH('ä')", "1"),
        value(SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_CHARACTER_LENGTH, "CHARACTER_LENGTH('ä')", "1"),
        value(SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_EXTRACT, "EXTRACT(MONTH FROM DATE '2026-04-01')", "4"),
        value(SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_OCTET_LENGTH, "OCTET_LENGTH('ä')", "2"),
        value(SQL_SQL92_NUMERIC_VALUE_FUNCTIONS, SQL_SNVF_POSITION, "POSITION('b' IN 'ab')", "2"),
        value(SQL_SQL92_DATETIME_FUNCTIONS, SQL_SDF_CURRENT_DATE, "CURRENT_DATE >= DATE '2026-01-01'", "true"),
        value(SQL_SQL92_DATETIME_FUNCTIONS, SQL_SDF_CURRENT_TIME, "CURRENT_TIME >= TIME '00:00:00'", "true"),
        value(
            SQL_SQL92_DATETIME_FUNCTIONS,
            SQL_SDF_CURRENT_TIMESTAMP,
            "CURRENT_TIMESTAMP >= TIMESTAMP '2026-01-01 00:00:00'",
            "true",
        ),
        value(SQL_SQL92_VALUE_EXPRESSIONS, SQL_SVE_CASE, "CASE WHEN 1 = 2 THEN 'a' ELSE 'b' END", "b"),
        value(SQL_SQL92_VALUE_EXPRESSIONS, SQL_SVE_CAST, "CAST('17' AS INTEGER)", "17"),
        value(SQL_SQL92_VALUE_EXPRESSIONS, SQL_SVE_COALESCE, "COALESCE(NULL, 2, 3)", "2"),
        value(SQL_SQL92_VALUE_EXPRESSIONS, SQL_SVE_NULLIF, "NULLIF(1, 1)", "NULL"),
        value(SQL_CONVERT_FUNCTIONS, SQL_FN_CVT_CAST, "CAST(2.5 AS DOUBLE)", "2.5"),
        value(SQL_DATETIME_LITERALS, SQL_DL_SQL92_DATE, "DATE '2026-04-01'", "2026-04-01"),
        value(SQL_DATETIME_LITERALS, SQL_DL_SQL92_TIME, "TIME '22:03:27'", "22:03:27"),
        value(
            SQL_DATETIME_LITERALS,
            SQL_DL_SQL92_TIMESTAMP,
            "TIMESTAMP '2026-04-01 22:03:27.5'",
            "2026-04-01T22:03:27.500",
        ),
        value(SQL_CONCAT_NULL_BEHAVIOR, 0, "'a' || NULL", "NULL"),
        value(SQL_LIKE_ESCAPE_CLAUSE, 0, "'a_b' LIKE 'a!_b' ESCAPE '!', 'axb' LIKE 'a!_b' ESCAPE '!'", "true,false"),
        value(SQL_LIKE_ESCAPE_CLAUSE, 0, "'a_b' LIKE 'a\\_b' {escape '\\'}", "true"),
        value(SQL_IDENTIFIER_QUOTE_CHAR, 0, "\"ID\", Id FROM (SELECT 1 AS \"id\") AS t", "1,1"),
    ]
}

fn queries() -> Vec<Claim> {
    vec![
        over(SQL_AGGREGATE_FUNCTIONS, SQL_AF_AVG, "AVG(id)", "WHERE name IS NOT NULL", "1.5"),
        over(SQL_AGGREGATE_FUNCTIONS, SQL_AF_COUNT, "COUNT(name), COUNT(*)", "", "2,3"),
        over(SQL_AGGREGATE_FUNCTIONS, SQL_AF_MAX, "MAX(name)", "", "b"),
        over(SQL_AGGREGATE_FUNCTIONS, SQL_AF_MIN, "MIN(name)", "", "a"),
        over(SQL_AGGREGATE_FUNCTIONS, SQL_AF_SUM, "SUM(id)", "", "5"),
        over(SQL_AGGREGATE_FUNCTIONS, SQL_AF_DISTINCT, "COUNT(DISTINCT id)", "", "2"),
        over(SQL_AGGREGATE_FUNCTIONS, SQL_AF_ALL, "COUNT(ALL id)", "", "3"),
        over(SQL_GROUP_BY, 0, "id, COUNT(*)", "GROUP BY id, name ORDER BY 1, 2", "1,1 2,1 2,1"),
        over(SQL_EXPRESSIONS_IN_ORDERBY, 0, "id", "ORDER BY 0 - id", "2 2 1"),
        over(SQL_ORDER_BY_COLUMNS_IN_SELECT, 0, "id", "WHERE name IS NOT NULL ORDER BY name DESC", "2 1"),
        over(SQL_NULL_COLLATION, 0, "name", "ORDER BY name", "a b NULL"),
        over(SQL_NULL_COLLATION, 0, "name", "ORDER BY name DESC", "b a NULL"),
        over(SQL_COLUMN_ALIAS, 0, "id AS \"TEMP(1)\"", "ORDER BY \"TEMP(1)\" DESC", "2 2 1"),
        over(SQL_SQL92_PREDICATES, SQL_SP_EXISTS, "id", "WHERE EXISTS (SELECT 1) AND id = 1", "1"),
        over(SQL_SQL92_PREDICATES, SQL_SP_ISNOTNULL, "name", "WHERE name IS NOT NULL AND id = 2", "b"),
        over(SQL_SQL92_PREDICATES, SQL_SP_ISNULL, "id", "WHERE name IS NULL", "2"),
        over(SQL_SQL92_PREDICATES, SQL_SP_LIKE, "name", "WHERE name LIKE 'b%'", "b"),
        over(SQL_SQL92_PREDICATES, SQL_SP_IN, "name", "WHERE name IN ('a', 'c')", "a"),
        over(SQL_SQL92_PREDICATES, SQL_SP_BETWEEN, "id", "WHERE id BETWEEN 2 AND 3", "2 2"),
        over(SQL_SQL92_PREDICATES, SQL_SP_COMPARISON, "id", "WHERE id <> 2", "1"),
        over(SQL_SQL92_PREDICATES, SQL_SP_QUANTIFIED_COMPARISON, "id", "WHERE id <= ALL (SELECT 1)", "1"),
        over(SQL_SUBQUERIES, SQL_SQ_COMPARISON, "id", "WHERE id = (SELECT 1)", "1"),
        over(SQL_SUBQUERIES, SQL_SQ_EXISTS, "id", "WHERE NOT EXISTS (SELECT 1 WHERE 1 = 2) AND id = 1", "1"),
        over(SQL_SUBQUERIES, SQL_SQ_IN, "id", "WHERE id IN (SELECT 1)", "1"),
        over(SQL_SUBQUERIES, SQL_SQ_QUANTIFIED, "id", "WHERE id > ANY (SELECT 1)", "2 2"),
        query(
            SQL_SUBQUERIES,
            SQL_SQ_CORRELATED_SUBQUERIES,
            "SELECT a FROM LEFT_TABLE WHERE EXISTS (SELECT 1 FROM RIGHT_TABLE WHERE r.b = l.a)",
            "2",
        ),
        query(SQL_UNION, SQL_U_UNION, "SELECT 1 UNION SELECT 1", "1"),
        query(SQL_UNION, SQL_U_UNION_ALL, "SELECT 1 UNION ALL SELECT 1", "1 1"),
        query(SQL_SQL_CONFORMANCE, 0, "SELECT x FROM (SELECT 1 AS x) AS t", "1"),
    ]
}

fn joins() -> Vec<Claim> {
    let operator = SQL_SQL92_RELATIONAL_JOIN_OPERATORS;
    let natural = "SELECT a FROM LEFT_TABLE NATURAL JOIN (SELECT 2 AS a) AS r";
    let nested =
        "{oj LEFT_TABLE LEFT OUTER JOIN (RIGHT_TABLE LEFT OUTER JOIN (SELECT 2 AS c) AS s ON r.b = s.c) ON l.a = r.b}";
    let inner = "LEFT_TABLE LEFT OUTER JOIN RIGHT_TABLE ON l.a = r.b INNER JOIN (SELECT 2 AS c) AS s ON s.c = r.b";
    vec![
        query(operator, SQL_SRJO_CROSS_JOIN, "SELECT COUNT(*) FROM LEFT_TABLE CROSS JOIN RIGHT_TABLE", "4"),
        query(operator, SQL_SRJO_NATURAL_JOIN, natural, "2"),
        join(operator, SQL_SRJO_INNER_JOIN, "LEFT_TABLE INNER JOIN RIGHT_TABLE ON a = b", "2,2"),
        join(operator, SQL_SRJO_LEFT_OUTER_JOIN, "LEFT_TABLE LEFT JOIN RIGHT_TABLE ON a = b", "1,NULL 2,2"),
        join(operator, SQL_SRJO_RIGHT_OUTER_JOIN, "LEFT_TABLE RIGHT JOIN RIGHT_TABLE ON a = b", "2,2 NULL,3"),
        join(operator, SQL_SRJO_FULL_OUTER_JOIN, "LEFT_TABLE FULL JOIN RIGHT_TABLE ON a = b", "1,NULL 2,2 NULL,3"),
        join(SQL_OJ_CAPABILITIES, SQL_OJ_LEFT, "{oj LEFT_TABLE LEFT OUTER JOIN RIGHT_TABLE ON a = b}", "1,NULL 2,2"),
        join(SQL_OJ_CAPABILITIES, SQL_OJ_RIGHT, "{oj LEFT_TABLE RIGHT OUTER JOIN RIGHT_TABLE ON a = b}", "2,2 NULL,3"),
        join(
            SQL_OJ_CAPABILITIES,
            SQL_OJ_FULL,
            "{oj LEFT_TABLE FULL OUTER JOIN RIGHT_TABLE ON a = b}",
            "1,NULL 2,2 NULL,3",
        ),
        join(SQL_OJ_CAPABILITIES, SQL_OJ_NESTED, nested, "1,NULL 2,2"),
        join(
            SQL_OJ_CAPABILITIES,
            SQL_OJ_NOT_ORDERED,
            "{oj LEFT_TABLE LEFT OUTER JOIN RIGHT_TABLE ON r.b = l.a}",
            "1,NULL 2,2",
        ),
        join(SQL_OJ_CAPABILITIES, SQL_OJ_INNER, inner, "2,2"),
        join(
            SQL_OJ_CAPABILITIES,
            SQL_OJ_ALL_COMPARISON_OPS,
            "{oj LEFT_TABLE LEFT OUTER JOIN RIGHT_TABLE ON a >= b}",
            "1,NULL 2,2",
        ),
        query(SQL_CORRELATION_NAME, 0, "SELECT x.a FROM LEFT_TABLE INNER JOIN (SELECT 2 AS a) AS x ON l.a = x.a", "2"),
    ]
}

fn claims() -> Vec<Claim> {
    [strings(), numbers(), moments(), units(), expressions(), queries(), joins()].into_iter().flatten().collect()
}

/// Runs a statement as a session does, without tables.
fn run(sql: &str) -> Result<String> {
    let parsed = dialect::parse(sql)?;
    Call::default().run(async move {
        let config = dialect::configure(SessionConfig::new()).with_target_partitions(1);
        let builder = SessionStateBuilder::new().with_config(config).with_default_features();
        let state = dialect::register(builder, pipedrive_sql::zone::Zone::UTC)?.build();
        let statement = parser::Statement::Statement(Box::new(parsed.statement));
        let plan = state.statement_to_plan(statement).await.map_err(dialect::translate)?;
        let frame = SessionContext::new_with_state(state).execute_logical_plan(plan).await;
        let batches = frame.map_err(dialect::translate)?.collect().await.map_err(dialect::translate)?;
        Ok(batches.iter().flat_map(rows).collect::<Vec<_>>().join(" "))
    })
}

fn rows(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::default().with_null("NULL");
    let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).expect("a formatter"));
    let columns: Vec<_> = columns.collect();
    let row = |row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(",");
    (0..batch.num_rows()).map(row).collect()
}

/// Equal as texts, or as numbers but for the last digits.
fn same(one: &str, other: &str) -> bool {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => (one - other).abs() < 1e-9,
        _ => one == other,
    }
}

#[test]
fn every_claim_about_sql_is_true() {
    let wrong: Vec<_> = claims()
        .into_iter()
        .filter_map(|Claim(_, _, sql, expected)| match run(&sql) {
            Ok(rows) if same(&rows, expected) => None,
            Ok(rows) => Some(format!("{sql}: {rows}, not {expected}")),
            Err(error) => Some(format!("{sql}: {error}")),
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_bit_about_sql_has_a_claim() {
    for number in [
        SQL_STRING_FUNCTIONS,
        SQL_NUMERIC_FUNCTIONS,
        SQL_TIMEDATE_FUNCTIONS,
        SQL_SYSTEM_FUNCTIONS,
        SQL_TIMEDATE_ADD_INTERVALS,
        SQL_TIMEDATE_DIFF_INTERVALS,
        SQL_SQL92_STRING_FUNCTIONS,
        SQL_SQL92_NUMERIC_VALUE_FUNCTIONS,
        SQL_SQL92_DATETIME_FUNCTIONS,
        SQL_SQL92_VALUE_EXPRESSIONS,
        SQL_SQL92_PREDICATES,
        SQL_SQL92_RELATIONAL_JOIN_OPERATORS,
        SQL_OJ_CAPABILITIES,
        SQL_SUBQUERIES,
        SQL_UNION,
        SQL_AGGREGATE_FUNCTIONS,
        SQL_DATETIME_LITERALS,
        SQL_CONVERT_FUNCTIONS,
    ] {
        let claimed = claims().iter().filter(|claim| claim.0 == number).fold(0, |bits, claim| bits | claim.1);
        assert_eq!(info(number, &Facts::default()), Some(Info::Long(claimed)), "{number}");
    }
}

/// Each type by SQLGetInfo's number for it as a source and its bit as a target, its name for CAST, and a value.
const CONVERTED: &[(u16, u32, &str, &str)] = &[
    (SQL_CONVERT_BIT, SQL_CVT_BIT, "BIT", "1"),
    (SQL_CONVERT_TINYINT, SQL_CVT_TINYINT, "TINYINT", "1"),
    (SQL_CONVERT_SMALLINT, SQL_CVT_SMALLINT, "SMALLINT", "1"),
    (SQL_CONVERT_INTEGER, SQL_CVT_INTEGER, "INTEGER", "1"),
    (SQL_CONVERT_BIGINT, SQL_CVT_BIGINT, "BIGINT", "1"),
    (SQL_CONVERT_DECIMAL, SQL_CVT_DECIMAL, "DECIMAL(19,4)", "1"),
    (SQL_CONVERT_NUMERIC, SQL_CVT_NUMERIC, "NUMERIC(19,4)", "1"),
    (SQL_CONVERT_REAL, SQL_CVT_REAL, "REAL", "1"),
    (SQL_CONVERT_FLOAT, SQL_CVT_FLOAT, "FLOAT", "1"),
    (SQL_CONVERT_DOUBLE, SQL_CVT_DOUBLE, "DOUBLE", "1"),
    (SQL_CONVERT_CHAR, SQL_CVT_CHAR, "CHAR(30)", ""),
    (SQL_CONVERT_VARCHAR, SQL_CVT_VARCHAR, "VARCHAR(30)", ""),
    (SQL_CONVERT_LONGVARCHAR, SQL_CVT_LONGVARCHAR, "LONGVARCHAR", ""),
    (SQL_CONVERT_WCHAR, SQL_CVT_WCHAR, "CHAR(30)", ""),
    (SQL_CONVERT_WVARCHAR, SQL_CVT_WVARCHAR, "VARCHAR(30)", ""),
    (SQL_CONVERT_WLONGVARCHAR, SQL_CVT_WLONGVARCHAR, "LONGVARCHAR", ""),
    (SQL_CONVERT_DATE, SQL_CVT_DATE, "DATE", "2026-02-28"),
    (SQL_CONVERT_TIME, SQL_CVT_TIME, "TIME", "00:00:00"),
    (SQL_CONVERT_TIMESTAMP, SQL_CVT_TIMESTAMP, "TIMESTAMP", "2026-02-28 00:00:00"),
];

#[test]
fn every_conversion_that_is_promised_is_made() {
    for (number, _, from, own) in CONVERTED {
        let Some(Info::Long(mask)) = info(*number, &Facts::default()) else { panic!("{number} has no mask") };
        let known = CONVERTED.iter().fold(0, |bits, (_, bit, ..)| bits | bit);
        assert_eq!(mask & !known, 0, "{from}");
        for (_, _, to, theirs) in CONVERTED.iter().filter(|(_, bit, ..)| mask & bit != 0) {
            // Text holds a value of the type that it becomes.
            let value = if own.is_empty() { if theirs.is_empty() { "x" } else { theirs } } else { own };
            let sql = format!("SELECT CAST(CAST(CAST('{value}' AS {from}) AS {to}) AS VARCHAR(30))");
            let found = run(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
            let expected = if theirs.is_empty() { value } else { theirs };
            assert!(
                same(&found, expected) || found.starts_with(expected) || expected.ends_with(&found),
                "{sql}: {found}"
            );
        }
    }
}
