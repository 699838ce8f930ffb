//! Values and types, one test for each row of what DataFusion does otherwise.

use super::*;

#[test]
fn bit_compares_with_numbers_and_texts() {
    let cases = [
        ("is_deleted = 0", "1"),
        ("is_deleted = 1", "2"),
        ("1 = is_deleted", "2"),
        ("is_deleted = -1", "2"),
        ("is_deleted <> 0", "2"),
        ("is_deleted = '1'", "2"),
        ("is_deleted = '0'", "1"),
        ("is_deleted = 'true'", "2"),
        ("is_deleted IN (0, 1)", "1 2"),
        ("is_deleted IN (0)", "1"),
        ("is_deleted NOT IN ('1')", "1"),
        ("is_deleted = 2", ""),
        ("is_deleted IN (2, 1)", "2"),
        ("is_deleted", "2"),
        ("NOT is_deleted", "1"),
        ("is_deleted = id - 1", "1 2"),
        ("is_deleted BETWEEN 0 AND 1", "1 2"),
        ("CASE is_deleted WHEN 1 THEN 'y' ELSE 'n' END = 'y'", "2"),
        ("(is_deleted = 0 OR is_deleted = 1)", "1 2"),
        ("is_deleted IS NOT DISTINCT FROM 1", "2"),
    ];
    for (condition, ids) in cases {
        assert_eq!(deals_where(condition), ids, "{condition}");
    }
    assert_eq!(found("SELECT is_deleted = 0 FROM deals ORDER BY id"), ["1", "0", "-"]);
    refused_at_prepare("SELECT id FROM deals WHERE is_deleted = 'yes'", ErrorKind::Conversion, "'yes' is no BIT");
}

#[test]
fn is_distinct_from_does_not_swallow_the_conditions_behind_it() {
    // Of deals 1 to 3 the owners are 7, 7, 8; is_deleted is 0, 1, NULL.
    let cases = [
        ("owner_id IS DISTINCT FROM 8 AND id > 1", "2"),
        ("owner_id IS DISTINCT FROM 8 OR id > 1", "1 2 3"),
        ("owner_id IS NOT DISTINCT FROM 7 AND id > 1", "2"),
        ("owner_id IS NOT DISTINCT FROM 8 OR id = 1", "1 3"),
        ("is_deleted IS NOT DISTINCT FROM NULL AND id = 3", "3"),
        ("is_deleted IS NOT DISTINCT FROM NULL OR id = 1", "1 3"),
        ("is_deleted IS DISTINCT FROM NULL AND id > 1", "2"),
        ("is_deleted IS NOT DISTINCT FROM 1 AND id = 1", ""),
        ("NOT owner_id IS DISTINCT FROM 8 AND id > 1", "3"),
        ("NOT owner_id IS DISTINCT FROM 8 OR id = 1", "1 3"),
        ("owner_id IS DISTINCT FROM id + 5 AND id < 2 OR id = 3", "1 3"),
        ("(owner_id = 7) IS DISTINCT FROM (id = 1) AND id < 9", "2"),
        ("owner_id = 7 IS DISTINCT FROM id = 1 AND id < 9", "2"),
        ("owner_id IS DISTINCT FROM 8 AND id IS DISTINCT FROM 1 AND id IS NOT DISTINCT FROM 2 OR id = 3", "2 3"),
        ("is_deleted IS DISTINCT FROM NULL IS NOT DISTINCT FROM (id < 3) AND id > 1", "2 3"),
        ("owner_id IS DISTINCT FROM 8 IS NULL OR id = 2", "2"),
        ("owner_id IS DISTINCT FROM CASE WHEN id = 1 AND id < 5 THEN 7 END AND id < 3", "2"),
        ("CASE WHEN owner_id IS DISTINCT FROM 8 AND id > 1 THEN 1 ELSE 0 END = 1", "2"),
        ("id IN (1, 2) AND owner_id IS DISTINCT FROM 8 AND id BETWEEN 2 AND 3", "2"),
        ("EXISTS (SELECT 1 FROM persons p WHERE p.owner_id IS NOT DISTINCT FROM deals.owner_id AND p.id = 2)", "3"),
    ];
    for (condition, ids) in cases {
        assert_eq!(deals_where(condition), ids, "{condition}");
    }
    let joined = "SELECT d.id FROM deals d JOIN persons p ON d.owner_id IS NOT DISTINCT FROM p.owner_id AND p.id = 1 \
                  WHERE d.id > 0 ORDER BY 1";
    assert_eq!(found(joined), ["1", "2"]);
}

#[test]
fn exact_numbers_stay_exact() {
    let cases = [
        ("1.5 + 0.1", "1.6"),
        ("0.1 + 0.2", "0.3"),
        ("12345678901234567890.1234567890", "12345678901234567890.1234567890"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775808", "-9223372036854775808"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("-2.5E-1", "-0.25"),
        ("0.0", "0.0"),
    ];
    for (expression, text) in cases {
        assert_eq!(value(expression), text, "{expression}");
    }
    assert_eq!(found("SELECT value * 0.1 FROM deals WHERE id = 1"), ["0.10000"]);
    assert_eq!(type_of("1e3"), "DOUBLE");
    assert_eq!(type_of("1.5"), "DECIMAL(2,1)");
    assert_eq!(type_of("9223372036854775808"), "DECIMAL(19,0)");
    assert_eq!(type_of("-9223372036854775808"), "BIGINT");
    refused("SELECT 1e999", ErrorKind::OutOfRange, "1e999");
    refused("SELECT 1234567890123456789012345678901234567890", ErrorKind::OutOfRange, "out of range");
}

#[test]
fn integers_overflow_with_an_error() {
    for sql in [
        "SELECT 9223372036854775807 + 1",
        "SELECT -9223372036854775808 - 1",
        "SELECT 9223372036854775807 * 2",
        "SELECT id + 9223372036854775807 FROM deals",
        "SELECT CAST(2147483647 AS INT) + CAST(1 AS INT)",
        "SELECT SUM(x) FROM (SELECT 9223372036854775807 AS x UNION ALL SELECT 1) t",
        "SELECT SUM(id * 9223372036854775800) FROM deals",
        "SELECT id FROM deals WHERE id * 9223372036854775807 > 0",
        "SELECT 1e308 * 10",
        "SELECT -(CAST('-9223372036854775808' AS BIGINT) - 0 * id) FROM deals",
        "SELECT CAST(3000000000 AS INT)",
        "SELECT CAST('3000000000' AS INT)",
    ] {
        refused(sql, ErrorKind::OutOfRange, "");
    }
}

#[test]
fn sums_of_whole_numbers_are_bigint() {
    assert_eq!(found("SELECT SUM(id), SUM(value), SUM(1) FROM deals"), ["6 3.5000 3"]);
    assert_eq!(type_of("SUM(id)"), "BIGINT");
    assert_eq!(type_of("SUM(value)"), "DECIMAL(29,4)");
    assert_eq!(type_of("SUM(CAST(value AS DOUBLE))"), "DOUBLE");
    assert_eq!(found("SELECT SUM(DISTINCT owner_id) FROM deals"), ["15"]);
    assert_eq!(found("SELECT SUM(id) OVER (ORDER BY id) FROM deals"), ["1", "3", "6"]);
    assert_eq!(found("SELECT SUM(is_deleted) FROM deals"), ["1"]);
    assert_eq!(
        found("SELECT status, SUM(id) AS s FROM deals GROUP BY status HAVING SUM(id) > 2 ORDER BY SUM(id)"),
        ["won 4"]
    );
    assert_eq!(found("SELECT SUM(id) FROM deals WHERE 1 = 0"), ["-"]);
}

#[test]
fn divisions_by_zero_are_errors() {
    for sql in [
        "SELECT 1 / 0",
        "SELECT 1 % 0",
        "SELECT 1.5 / 0",
        "SELECT 1e0 / 0",
        "SELECT id / (id - id) FROM deals",
        "SELECT value / (id - id) FROM deals",
        "SELECT {fn MOD(5, 0)}",
    ] {
        refused(sql, ErrorKind::DivisionByZero, "division by zero");
    }
    assert_eq!(value("7 / 2"), "3");
    assert_eq!(value("CAST(7 AS DOUBLE) / 2"), "3.5");
}

#[test]
fn nulls_come_last_in_both_directions() {
    assert_eq!(found("SELECT title FROM deals ORDER BY title"), ["Coffee", "a_b", "-"]);
    assert_eq!(found("SELECT title FROM deals ORDER BY title DESC"), ["a_b", "Coffee", "-"]);
}

#[test]
fn like_has_the_escape_that_was_given_and_no_other() {
    let cases = [
        ("title LIKE 'a_b'", "2"),
        ("title LIKE 'a!_b' ESCAPE '!'", "2"),
        ("title LIKE 'a!_%' {escape '!'}", "2"),
        ("title LIKE 'C!_%' ESCAPE '!'", ""),
        ("\"Lead Source\" LIKE '50\\%%' {escape '\\'}", "2"),
        ("\"Lead Source\" LIKE 'a\\b'", "3"),
        ("\"Lead Source\" LIKE 'a\\%'", "3"),
        ("title NOT LIKE '%ff%'", "2"),
        ("title LIKE 'a' || '_b'", "2"),
        ("title LIKE CASE WHEN id > 0 THEN 'C%' END", "1"),
        ("id LIKE '1%'", "1"),
    ];
    for (condition, ids) in cases {
        assert_eq!(deals_where(condition), ids, "{condition}");
    }
    assert_eq!(found("SELECT 'a_b' LIKE 'a\\_b'"), ["0"]);
    refused("SELECT 'a' LIKE 'b' ESCAPE 'xy'", ErrorKind::Syntax, "one character");
    refused("SELECT 'a' LIKE 'x!b' ESCAPE '!'", ErrorKind::Syntax, "escape character");
}

#[test]
fn top_and_fetch_are_limits() {
    let cases: [(&str, &[&str]); 9] = [
        ("SELECT TOP 2 id FROM deals ORDER BY id", &["1", "2"]),
        ("SELECT TOP (1) id FROM deals ORDER BY id DESC", &["3"]),
        ("SELECT TOP 0 id FROM deals", &[]),
        ("SELECT DISTINCT TOP 1 status FROM deals ORDER BY status", &["open"]),
        ("SELECT id FROM deals ORDER BY id FETCH FIRST 2 ROWS ONLY", &["1", "2"]),
        ("SELECT id FROM deals ORDER BY id OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY", &["2"]),
        ("SELECT id FROM deals ORDER BY id LIMIT 1 OFFSET 2", &["3"]),
        ("SELECT x FROM (SELECT TOP 1 id AS x FROM deals ORDER BY id DESC) t", &["3"]),
        ("SELECT id FROM deals WHERE id IN (SELECT TOP 1 id FROM deals ORDER BY id)", &["1"]),
    ];
    for (sql, rows) in cases {
        assert_eq!(found(sql), rows, "{sql}");
    }
    assert_eq!(
        found("SELECT COUNT(*) FROM (SELECT TOP 1 id FROM deals UNION ALL SELECT TOP 2 id FROM deals) t"),
        ["3"]
    );
    refused("SELECT TOP 10 PERCENT id FROM deals", ErrorKind::NotSupported, "PERCENT");
    refused("SELECT TOP 10 WITH TIES id FROM deals ORDER BY id", ErrorKind::NotSupported, "WITH TIES");
    refused("SELECT TOP 1 id FROM deals LIMIT 2", ErrorKind::Syntax, "only one of");
}

#[test]
fn odbc_functions_mean_what_odbc_says() {
    let cases = [
        ("{fn UCASE('aé')}", "AÉ"),
        ("{fn LCASE('AÉ')}", "aé"),
        ("{fn LENGTH('ab  ')}", "2"),
        ("{fn LENGTH(12345)}", "5"),
        ("{fn CHAR_LENGTH('ab  ')}", "4"),
        ("{fn LOCATE('b', 'abcb')}", "2"),
        ("{fn LOCATE('b', 'abcb', 3)}", "4"),
        ("{fn POSITION('c' IN 'abc')}", "3"),
        ("'<' || {fn SPACE(3)} || '>'", "<   >"),
        ("{fn REPEAT('ab', 2)}", "abab"),
        ("{fn REPLACE('abab', 'b', 'x')}", "axax"),
        ("{fn INSERT('abcdef', 2, 3, 'X')}", "aXef"),
        ("{fn LEFT('abc', 2)}", "ab"),
        ("{fn RIGHT('abc', 2)}", "bc"),
        ("{fn SUBSTRING('abcdef', 2, 3)}", "bcd"),
        ("{fn CONCAT('a', 'b')}", "ab"),
        ("{fn ASCII('A')}", "65"),
        ("{fn CHAR(66)}", "B"),
        ("{fn LTRIM('  a ')} || '|'", "a |"),
        ("{fn RTRIM(' a  ')} || '|'", " a|"),
        ("{fn LOG(1)}", "0"),
        ("{fn LOG10(100)}", "2"),
        ("{fn ROUND(LOG(10), 3)}", "2.303"),
        ("{fn MOD(7 + 1, 3)}", "2"),
        ("{fn SIGN(-2.5)}", "-1"),
        ("{fn CEILING(1.2)}", "2.0"),
        ("{fn FLOOR(-1.2)}", "-2.0"),
        ("{fn TRUNCATE(-1.29, 1)}", "-1.20"),
        ("{fn POWER(2, 3)}", "8"),
        ("{fn ABS(-3)}", "3"),
        ("{fn YEAR({d '2024-02-29'})}", "2024"),
        ("{fn QUARTER({d '2024-05-01'})}", "2"),
        ("{fn MONTH({d '2024-02-29'})}", "2"),
        ("{fn DAYOFMONTH({ts '2024-02-29 10:11:12'})}", "29"),
        ("{fn DAYOFYEAR({d '2024-12-31'})}", "366"),
        ("{fn DAYOFWEEK({d '2024-01-07'})}", "1"),
        ("{fn DAYOFWEEK({d '2024-01-06'})}", "7"),
        ("{fn WEEK({d '2024-01-07'})}", "1"),
        ("{fn WEEK({d '2024-12-31'})}", "53"),
        ("{fn HOUR({t '10:11:12'})}", "10"),
        ("{fn MINUTE({ts '2024-02-29 10:11:12'})}", "11"),
        ("{fn SECOND({ts '2024-02-29 10:11:12'})}", "12"),
        ("{fn EXTRACT(YEAR FROM {d '2024-02-29'})}", "2024"),
        ("{fn DAYNAME({d '2024-01-07'})}", "Sunday"),
        ("{fn MONTHNAME({d '2024-01-07'})}", "January"),
        ("{fn IFNULL(NULL, 'x')}", "x"),
        ("{fn DATABASE()}", "pipedrive"),
        ("{fn CONVERT('12', SQL_BIGINT)} + 1", "13"),
        ("{fn CONVERT(1.5, SQL_VARCHAR)}", "1.5"),
        ("{fn CONVERT({ts '2024-01-02 03:04:05'}, SQL_DATE)}", "2024-01-02"),
        ("{fn TIMESTAMPADD(SQL_TSI_MONTH, 1, {d '2024-01-31'})}", "2024-02-29"),
        ("{fn TIMESTAMPADD(SQL_TSI_HOUR, 5, {d '2024-01-31'})}", "2024-01-31 05:00:00"),
        ("{fn TIMESTAMPADD(SQL_TSI_DAY, -1, {ts '2024-03-01 01:02:03'})}", "2024-02-29 01:02:03"),
        ("{fn TIMESTAMPDIFF(SQL_TSI_DAY, {d '2024-01-01'}, {ts '2024-03-01 23:00:00'})}", "60"),
        ("{fn TIMESTAMPDIFF(SQL_TSI_YEAR, {d '2023-12-31'}, {d '2024-01-01'})}", "1"),
    ];
    for (expression, text) in cases {
        assert_eq!(value(expression), text, "{expression}");
    }
    assert_eq!(type_of("{fn TIMESTAMPADD(SQL_TSI_DAY, 1, expected_close_date)}"), "DATE");
    assert_eq!(type_of("{fn TIMESTAMPADD(SQL_TSI_HOUR, 1, expected_close_date)}"), "TIMESTAMP");
    assert_eq!(type_of("{fn CURRENT_TIMESTAMP(0)}"), "TIMESTAMP");
    assert_eq!(type_of("{fn CURDATE()}"), "DATE");
    assert_eq!(type_of("{fn CURRENT_DATE()}"), "DATE");
    assert_eq!(type_of("CURRENT_DATE"), "DATE");
    assert_eq!(type_of("{fn CURTIME()}"), "TIME");
    assert_eq!(type_of("{fn NOW()}"), "TIMESTAMP");
    assert_eq!(type_of("{fn TRUNCATE(value, 2)}"), "DECIMAL(19,4)");
    refused("SELECT {fn LOCATE('a')}", ErrorKind::Syntax, "2 or 3 arguments");
    refused("SELECT {fn TIMESTAMPADD(SQL_TSI_EON, 1, {d '2024-01-01'})}", ErrorKind::Syntax, "no unit");
}

#[test]
fn timestamps_reach_from_the_first_to_the_last_year() {
    let cases = [
        ("add_time < TIMESTAMP '9999-12-31 23:59:59'", "1 2"),
        ("add_time <= {ts '9999-12-31 23:59:59'}", "1 2 3"),
        ("add_time > TIMESTAMP '1601-01-01 00:00:00'", "1 2 3"),
        ("add_time > '1601-01-01'", "1 2 3"),
        ("add_time = '2023-11-14 22:13:20'", "1"),
        ("add_time = {ts '2023-11-14 22:13:20.123'}", "2"),
        ("add_time BETWEEN '2023-11-14' AND '2023-11-15'", "1 2"),
        ("CAST(add_time AS TIMESTAMP) < {ts '9999-12-31 23:59:59'}", "1 2"),
        ("CAST(add_time AS DATE) = {d '2023-11-14'}", "1 2"),
        ("CAST(add_time AS DATE) IN ({d '2023-11-14'}, {d '9999-12-31'})", "1 2 3"),
        ("add_time >= {d '2023-11-15'}", "3"),
        ("expected_close_date <= {ts '2023-11-14 00:00:00'}", "1"),
        ("expected_close_date = '2023-11-14'", "1"),
        ("expected_close_date < '2023-11-14 00:00:01'", "1"),
        ("add_time < CURRENT_TIMESTAMP", "1 2"),
        ("add_time > now() - INTERVAL '1' DAY", "3"),
        ("update_time - INTERVAL '1' DAY > add_time", "1"),
        ("add_time < {ts '2023-11-14 22:13:20.1230001'}", "1 2"),
        ("add_time > {ts '2023-11-14 22:13:20.1229999'}", "2 3"),
        ("add_time <= {ts '2023-11-14 22:13:20.0000001'}", "1"),
    ];
    for (condition, ids) in cases {
        assert_eq!(deals_where(condition), ids, "{condition}");
    }
    assert_eq!(type_of("TIMESTAMP '9999-12-31 23:59:59'"), "TIMESTAMP");
    assert_eq!(value("TIMESTAMP '0001-01-01 00:00:00'"), "0001-01-01 00:00:00");
}

/// Columns have milliseconds. Compared as nanoseconds, those beyond 2262 would be no value of the type.
#[test]
fn a_moment_between_two_milliseconds_is_not_an_overflow_beside_equality() {
    let cases = [
        ("add_time = {ts '2023-11-14 22:13:20.1230001'}", ""),
        ("add_time <> {ts '2023-11-14 22:13:20.1230001'}", "1 2 3"),
        ("add_time IN ({ts '9999-12-31 23:59:59'}, {ts '2023-11-14 22:13:20.1230001'})", "3"),
        ("add_time NOT IN ({ts '9999-12-31 23:59:59'}, {ts '2023-11-14 22:13:20.1230001'})", "1 2"),
        ("add_time IN ({ts '2023-11-14 22:13:20.1230001'})", ""),
        ("add_time NOT IN ({ts '2023-11-14 22:13:20.1230001'})", "1 2 3"),
        ("add_time IN ({ts '2023-11-14 22:13:20.1230001'}, NULL, '2023-11-14 22:13:20')", "1"),
        ("add_time NOT IN ({ts '2023-11-14 22:13:20.1230001'}, NULL)", ""),
        ("add_time NOT BETWEEN '1601-01-01' AND {ts '2023-11-14 22:13:20.1230001'}", "3"),
        ("add_time IS DISTINCT FROM {ts '2023-11-14 22:13:20.1230001'}", "1 2 3"),
    ];
    for (condition, ids) in cases {
        assert_eq!(deals_where(condition), ids, "{condition}");
    }
    let null = "SELECT (update_time = {ts '2023-11-14 22:13:20.1230001'}) IS NULL FROM deals WHERE update_time IS NULL";
    assert!(found(null).iter().all(|answer| answer == "1"), "{null}");
    assert!(!found(null).is_empty());
}

#[test]
fn lists_with_nothing_in_common_are_not_false_for_null() {
    let cases = [
        ("NOT (x IN (1) AND x IN (2))", "1 2 3"),
        ("NOT (x IN (1, 2) AND x IN (2, 3))", "1 3"),
        ("(x IN (1) AND x IN (2)) IS NULL", "-"),
        ("NOT (x IN (1) AND x NOT IN (1, 2))", "1 2 3"),
        ("NOT (x NOT IN (1, 3) AND x IN (1, 2))", "1 3"),
        ("x NOT IN (1) OR x NOT IN (2)", "1 2 3"),
        ("x NOT IN (1, 2) OR x NOT IN (2, 3)", "1 3"),
        ("NOT (x IN (1) AND NOT (x NOT IN (2)))", "1 2 3"),
        ("x IN (1, 2) AND x IN (2, 3)", "2"),
        ("NOT (x IN (1) AND x IN (NULL))", "2 3"),
        ("NOT (x IN (1) AND x IN (2, NULL))", "2 3"),
        ("NOT (x IN (1) AND x IN (1 + 1))", "1 2 3"),
        ("NOT (x IN (1) AND x IN (NULL, 1 + 1))", "2 3"),
        ("NOT (x IN (1) AND x NOT IN (1 + 0))", "1 2 3"),
        ("x NOT IN (1) OR x NOT IN (1, NULL)", "2 3"),
        ("x IN (1, 2) AND x IN (2, NULL)", "2"),
        ("x IN (1, 2) AND x IN (2.0, 3.5)", "2"),
    ];
    for (condition, expected) in cases {
        let sql = format!("SELECT x FROM (VALUES (1), (2), (3), (NULL)) AS v(x) WHERE {condition} ORDER BY x");
        assert_eq!(found(&sql).join(" "), expected, "{condition}");
    }
    let moments = "update_time IN ({ts '2001-01-01 00:00:00'}) AND update_time IN ({ts '2002-01-01 00:00:00'})";
    let sql = format!("SELECT COUNT(*) FROM deals WHERE NOT ({moments}) AND update_time IS NULL");
    assert_eq!(found(&sql), ["0"]);
}

#[test]
fn a_double_beside_exact_numbers_is_not_too_large_for_a_decimal() {
    let cases = [
        ("value < 1e15", "1"),
        ("1e300 > value", "1"),
        ("value IN (1e16, 0)", "0"),
        ("value BETWEEN -1e16 AND 1e16", "1"),
        ("id NOT IN (9007199254740991, 0e0, -0.5)", "1"),
        ("CASE value WHEN 1e20 THEN 1 ELSE 0 END = 0", "1"),
        ("COALESCE(value, 1e17) < 1e18", "1"),
        ("CASE WHEN id = 1 THEN 1.5 ELSE 1e17 END = 1.5", "1"),
        ("0.1 = 1e-1", "1"),
        ("19.99 = 1999e-2", "1"),
        ("19.99 IN (1, 1999e-2)", "1"),
    ];
    for (condition, expected) in cases {
        let sql = format!("SELECT COUNT(*) FROM deals WHERE id = 1 AND ({condition})");
        assert_eq!(found(&sql), [expected], "{condition}");
    }
    assert_eq!(type_of("COALESCE(value, 1e17)"), "DOUBLE");
}

#[test]
fn a_cast_that_cuts_decimals_is_not_taken_out_of_a_comparison() {
    let cases = [
        ("CAST(x AS INTEGER) = 5", "5.00 5.12 5.99"),
        ("CAST(x AS INTEGER) IN (5, 7)", "5.00 5.12 5.99"),
        ("CAST(x AS BIGINT) > 5", "6.00"),
        ("{fn CONVERT(x, SQL_INTEGER)} BETWEEN 6 AND 7", "6.00"),
        ("CAST(x AS DECIMAL(9,1)) = 5.1", "5.12"),
        ("CAST(x AS DECIMAL(9,3)) = 5.12", "5.12"),
    ];
    for (condition, expected) in cases {
        let sql = format!("SELECT x FROM (VALUES (5.00), (5.12), (5.99), (6.00)) AS v(x) WHERE {condition} ORDER BY x");
        assert_eq!(found(&sql).join(" "), expected, "{condition}");
    }
}

#[test]
fn dates_that_do_not_exist_are_found_while_the_statement_is_prepared() {
    for sql in [
        "SELECT {d '2024-02-30'}",
        "SELECT {d '24-02-01'}",
        "SELECT DATE 'today'",
        "SELECT {t '25:00:00'}",
        "SELECT {ts '2024-01-01 00:61:00'}",
        "SELECT id FROM deals WHERE add_time > 'yesterday'",
        "SELECT id FROM deals WHERE expected_close_date = '2024-13-01'",
        "SELECT id FROM deals WHERE id = 'abc'",
        "SELECT id FROM deals WHERE id IN (1, 'abc')",
        "SELECT id FROM deals WHERE value BETWEEN 1 AND 'x'",
        "SELECT id FROM deals WHERE add_time = 5",
        "SELECT id FROM deals WHERE add_time > is_deleted",
        "SELECT id FROM deals WHERE expected_close_date = 20240101",
    ] {
        refused_at_prepare(sql, ErrorKind::Conversion, "");
    }
}

#[test]
fn a_text_column_is_compared_as_text() {
    let cases = [
        ("title = 5", ""),
        ("title IN ('Coffee', 5)", "1"),
        ("title <> 5", "1 2"),
        ("\"lead source\" = id", ""),
        ("title = add_time", ""),
        ("id = '1'", "1"),
        ("id = ' 2 '", "2"),
        ("id = '1.5'", ""),
        ("id IN ('1', 3)", "1 3"),
        ("value = '2.5'", "2"),
        ("value > '1e0'", "2"),
        ("value >= 1", "1 2"),
    ];
    for (condition, ids) in cases {
        assert_eq!(deals_where(condition), ids, "{condition}");
    }
}

#[test]
fn values_become_text_as_sql_writes_them() {
    let cases = [
        ("CAST(add_time AS VARCHAR)", "2023-11-14 22:13:20"),
        ("CAST(is_deleted AS VARCHAR)", "0"),
        ("CAST(value AS VARCHAR)", "1.0000"),
        ("CAST(id AS VARCHAR(10))", "1"),
        ("CAST(expected_close_date AS CHAR(7))", "2023-11"),
        ("CAST(title AS CHAR(3))", "Cof"),
        ("CAST(title AS VARCHAR(100))", "Coffee"),
        ("{fn CONVERT(add_time, SQL_VARCHAR)}", "2023-11-14 22:13:20"),
        ("{fn CONVERT(title, SQL_WVARCHAR)}", "Coffee"),
        ("CAST(title AS SQL_VARCHAR)", "Coffee"),
        ("CAST(title AS LONGVARCHAR)", "Coffee"),
        ("CAST(title AS WVARCHAR(2))", "Co"),
        ("'at ' || add_time", "at 2023-11-14 22:13:20"),
        ("{fn CONCAT('is ', is_deleted)}", "is 0"),
        ("CAST(1 AS BIT)", "1"),
        ("CAST('0' AS BIT)", "0"),
        ("CAST(CAST(1 AS DOUBLE) AS VARCHAR)", "1"),
        ("CAST({ts '2024-01-02 03:04:05.120'} AS VARCHAR)", "2024-01-02 03:04:05.120"),
    ];
    for (expression, text) in cases {
        assert_eq!(found(&format!("SELECT {expression} FROM deals WHERE id = 1")), [text], "{expression}");
    }
    assert_eq!(type_of("CAST(id AS FLOAT)"), "DOUBLE");
    assert_eq!(type_of("CAST(id AS REAL)"), "DOUBLE");
    assert_eq!(type_of("CAST(id AS BIT)"), "BIT");
    assert_eq!(type_of("CAST(id AS INTEGER)"), "INTEGER");
    assert_eq!(type_of("CAST(id AS DECIMAL(10,2))"), "DECIMAL(10,2)");
    refused("SELECT CAST(1 AS BLOB)", ErrorKind::NotSupported, "BLOB");
    refused("SELECT CAST(1 AS DECIMAL(50,2))", ErrorKind::NotSupported, "38");
}

#[test]
fn a_text_that_is_no_number_names_itself() {
    refused("SELECT CAST('abc' AS INT)", ErrorKind::Conversion, "'abc' is no INTEGER");
    refused("SELECT CAST(title AS BIGINT) FROM deals", ErrorKind::Conversion, "'Coffee' is no BIGINT");
}

#[test]
fn distances_between_dates_and_moments() {
    assert_eq!(value("DATE '2024-03-01' - DATE '2024-02-28'"), "2");
    assert_eq!(type_of("expected_close_date - DATE '2024-01-01'"), "INTEGER");
    assert_eq!(found("SELECT update_time - add_time FROM deals WHERE id = 1"), ["1 01:01:01"]);
    assert_eq!(type_of("update_time - add_time"), "INTERVAL DAY TO SECOND");
    assert_eq!(value("DATE '2024-01-31' + INTERVAL '1' MONTH"), "2024-02-29");
    assert_eq!(value("DATE '2024-01-31' + INTERVAL '5' HOUR"), "2024-01-31 05:00:00");
    assert_eq!(type_of("expected_close_date + INTERVAL '5' HOUR"), "TIMESTAMP");
    assert_eq!(type_of("expected_close_date + INTERVAL '5' DAY"), "DATE");
    assert_eq!(type_of("add_time - INTERVAL '5' HOUR"), "TIMESTAMP");
}

#[test]
fn null_has_the_type_of_text() {
    assert_eq!(columns("SELECT NULL AS n")[0].1, "VARCHAR(255)");
    assert_eq!(found("SELECT NULL AS n UNION ALL SELECT 1"), ["-", "1"]);
    assert_eq!(value("'x' || NULL"), "-");
    assert_eq!(value("CONCAT(NULL, 'x')"), "-");
    assert_eq!(value("{fn CONCAT('x', NULL)}"), "-");
}

#[test]
fn counts_have_a_sign() {
    assert_eq!(type_of("ROW_NUMBER() OVER (ORDER BY id)"), "BIGINT");
    assert_eq!(type_of("RANK() OVER (ORDER BY id) - 5"), "BIGINT");
    assert_eq!(type_of("COUNT(*)"), "BIGINT");
    assert_eq!(found("SELECT ROW_NUMBER() OVER (ORDER BY id DESC) - 2 FROM deals ORDER BY id"), ["1", "0", "-1"]);
}

#[test]
fn any_and_all_of_a_subquery() {
    assert_eq!(deals_where("owner_id = ANY (SELECT owner_id FROM persons WHERE name = 'Ann')"), "1 2");
    assert_eq!(deals_where("owner_id <> ALL (SELECT owner_id FROM persons WHERE name = 'Ann')"), "3");
}
