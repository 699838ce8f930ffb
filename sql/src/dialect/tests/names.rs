//! Names without case, repeated names, names of expressions.

use super::*;

fn names(sql: &str) -> Vec<String> {
    columns(sql).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn names_are_matched_without_case_and_shown_as_declared() {
    for sql in [
        "SELECT \"Id\", TITLE, \"lead source\" FROM \"Deals\" WHERE \"ID\" = 1",
        "SELECT D.id, d.\"Title\", D.\"LEAD SOURCE\" FROM Pipedrive.CRM.deals AS d WHERE d.ID = 1",
        "SELECT deals.id, DEALS.title, \"Deals\".\"Lead Source\" FROM crm.deals WHERE crm.deals.id = 1",
        "SELECT \"crm\".\"deals\".\"id\", crm.deals.title, \"pipedrive\".\"crm\".\"deals\".\"lead source\" FROM \"pipedrive\".\"crm\".\"deals\" WHERE id = 1",
    ] {
        assert_eq!(names(sql), ["id", "title", "Lead Source"], "{sql}");
        assert_eq!(found(sql), ["1 Coffee Web"], "{sql}");
    }
}

#[test]
fn repeated_columns_are_given_twice() {
    let cases: [(&str, &[&str]); 9] = [
        ("SELECT id, id FROM deals", &["id", "id"]),
        ("SELECT count(*), count(*) FROM deals", &["count(*)", "count(*)"]),
        ("SELECT 1, 1", &["1", "1"]),
        ("SELECT title AS x, status AS X FROM deals", &["x", "X"]),
        ("SELECT d.id, p.id FROM deals d JOIN persons p ON d.id = p.id", &["id", "id"]),
        ("SELECT id, 5 AS id FROM deals", &["id", "id"]),
        ("SELECT MAX(id), Max(id), max( id ) FROM deals", &["MAX(id)", "Max(id)", "max( id )"]),
        ("SELECT id, id FROM deals UNION ALL SELECT owner_id, owner_id FROM persons", &["id", "id"]),
        ("SELECT DISTINCT status, status FROM deals ORDER BY status", &["status", "status"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(names(sql), expected, "{sql}");
        assert!(!found(sql).is_empty(), "{sql}");
    }
    assert_eq!(found("SELECT id, id FROM deals ORDER BY id DESC"), ["3 3", "2 2", "1 1"]);
    assert_eq!(found("SELECT id, owner_id AS id FROM deals ORDER BY 2 DESC, 1"), ["3 8", "1 7", "2 7"]);
}

#[test]
fn stars_over_joins_keep_all_columns() {
    let both = "deals d JOIN persons p ON d.id = p.id";
    assert_eq!(names(&format!("SELECT * FROM {both}")).len(), 13);
    assert_eq!(names(&format!("SELECT d.*, p.* FROM {both}")).len(), 13);
    for list in ["p.*, p.*", "*, *", "*, p.*"] {
        refused(&format!("SELECT {list} FROM {both}"), ErrorKind::NotSupported, "twice");
    }
    assert_eq!(names("SELECT *, id FROM persons"), ["id", "name", "owner_id", "id"]);
    assert_eq!(names("SELECT *, UPPER(name) AS Name FROM persons"), ["id", "name", "owner_id", "Name"]);
    assert_eq!(found("SELECT *, 0 - id AS name FROM persons ORDER BY name"), ["2 Bob 8 -2", "1 Ann 7 -1"]);
    assert_eq!(names(&format!("SELECT * FROM (SELECT d.id, p.id, p.name AS N FROM {both}) AS t")), ["id", "id", "N"]);
    assert_eq!(names(&format!("SELECT * FROM (SELECT * FROM {both}) AS t")).len(), 13);
}

#[test]
fn expressions_are_named_by_their_text() {
    let cases: [(&str, &[&str]); 8] = [
        ("SELECT COUNT(*), SUM(value) FROM deals", &["COUNT(*)", "SUM(value)"]),
        ("SELECT {fn UCASE(title)}, 1 + 1 FROM deals", &["UCASE(title)", "1 + 1"]),
        ("SELECT * FROM (SELECT COUNT(*), MAX(Id) AS \"Biggest Id\" FROM deals) AS t", &["COUNT(*)", "Biggest Id"]),
        ("SELECT \"Deal Id\" FROM (SELECT id AS \"Deal Id\" FROM deals) AS t", &["Deal Id"]),
        ("WITH t (A, B) AS (SELECT id, title FROM deals) SELECT * FROM t", &["A", "B"]),
        ("SELECT Sum(value) AS 'Sum of value' FROM deals", &["Sum of value"]),
        ("SELECT * FROM (SELECT id AS a, title AS \"A\" FROM deals) AS t", &["a", "A"]),
        ("SELECT id FROM (SELECT id, id FROM deals) AS t", &["id"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(names(sql), expected, "{sql}");
    }
}

#[test]
fn aliases_can_be_used_where_sql_allows_it() {
    let cases: [(&str, &[&str]); 8] = [
        ("SELECT status AS S, COUNT(*) AS \"N\" FROM deals GROUP BY status ORDER BY n DESC", &["won 2", "open 1"]),
        ("SELECT status, COUNT(*) FROM deals GROUP BY status ORDER BY COUNT(*) DESC", &["won 2", "open 1"]),
        ("SELECT status, COUNT(*) FROM deals GROUP BY 1 ORDER BY 2", &["open 1", "won 2"]),
        ("SELECT UPPER(status) AS u, COUNT(*) FROM deals GROUP BY u ORDER BY u", &["OPEN 1", "WON 2"]),
        ("SELECT COUNT(*) AS C FROM deals HAVING c > 1", &["3"]),
        ("SELECT DISTINCT UPPER(status) FROM deals ORDER BY UPPER(status)", &["OPEN", "WON"]),
        ("SELECT UPPER(title) AS title FROM deals WHERE title = 'Coffee' ORDER BY title", &["COFFEE"]),
        ("SELECT id AS x FROM deals UNION SELECT owner_id FROM deals ORDER BY x DESC", &["8", "7", "3", "2", "1"]),
    ];
    for (sql, rows) in cases {
        assert_eq!(found(sql), rows, "{sql}");
    }
}

#[test]
fn unknown_names_come_with_a_suggestion() {
    let cases = [
        ("SELECT * FROM dealz", ErrorKind::UnknownTable, "no table dealz; did you mean 'deals'?"),
        ("SELECT * FROM sys.request", ErrorKind::UnknownTable, "sys"),
        ("SELECT * FROM Config", ErrorKind::UnknownTable, "no table config"),
        ("SELECT titel FROM deals", ErrorKind::UnknownColumn, "no column titel; did you mean 'title'?"),
        ("SELECT d.titel FROM deals d", ErrorKind::UnknownColumn, "no column d.titel; did you mean 'title'?"),
        ("SELECT id FROM deals WHERE nonsense = 1", ErrorKind::UnknownColumn, "no column nonsense"),
        ("SELECT id FROM deals ORDER BY nonsense", ErrorKind::UnknownColumn, "no column nonsense"),
        ("SELECT id FROM deals d JOIN persons p ON d.id = p.id", ErrorKind::Syntax, "id is ambiguous"),
        ("SELECT a FROM (SELECT id AS a, title AS \"A\" FROM deals) t", ErrorKind::Syntax, "two columns named a"),
        (
            "WITH t AS (SELECT id, owner_id AS id FROM deals) SELECT t.id FROM t",
            ErrorKind::Syntax,
            "two columns named id",
        ),
        ("SELECT x.id FROM deals", ErrorKind::UnknownColumn, "x.id"),
        ("SELECT nosuch(1)", ErrorKind::Syntax, "nosuch"),
        ("SELECT title FROM deals GROUP BY status", ErrorKind::Syntax, "title"),
        ("SELECT status FROM deals GROUP BY 2", ErrorKind::Syntax, ""),
    ];
    for (sql, kind, text) in cases {
        refused(sql, kind, text);
    }
}

#[test]
fn plain_columns_keep_what_is_known_of_them() {
    let columns =
        columns("SELECT title AS t, \"lead source\", status, status, x FROM (SELECT *, title AS x FROM deals) d");
    let expected = [
        ("t", "VARCHAR(255)"),
        ("Lead Source", "VARCHAR(255)"),
        ("status", "VARCHAR(16)"),
        ("status", "VARCHAR(16)"),
        ("x", "VARCHAR(255)"),
    ];
    assert_eq!(columns, expected.map(|(name, sql_type)| (name.to_owned(), sql_type.to_owned())));
}
