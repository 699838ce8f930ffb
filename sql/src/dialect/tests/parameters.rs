//! Types of parameter markers, and plans with their values.

use super::*;

fn types(sql: &str) -> Vec<String> {
    let types = block_on(async {
        let planned = plan(sql).await?;
        // What was described must plan with NULLs of these types.
        planned.fields()?;
        Ok(planned.parameters)
    });
    match types {
        Ok::<_, crate::Error>(types) => types.iter().map(ToString::to_string).collect(),
        Err(error) => panic!("{sql}: {:?} {error}", error.kind()),
    }
}

#[test]
fn the_place_of_a_marker_tells_its_type() {
    let cases: [(&str, &[&str]); 27] = [
        ("SELECT id FROM deals WHERE status = ? AND id = ?", &["VARCHAR(16)", "BIGINT"]),
        ("SELECT id FROM deals WHERE ? = id", &["BIGINT"]),
        ("SELECT id FROM deals WHERE value > ?", &["DECIMAL(19,4)"]),
        ("SELECT id FROM deals WHERE id IN (?, ?)", &["BIGINT", "BIGINT"]),
        ("SELECT id FROM deals WHERE ? IN (1, 2)", &["BIGINT"]),
        ("SELECT id FROM deals WHERE add_time BETWEEN ? AND ?", &["TIMESTAMP", "TIMESTAMP"]),
        ("SELECT id FROM deals WHERE ? BETWEEN expected_close_date AND ?", &["DATE", "DATE"]),
        ("SELECT id FROM deals WHERE title LIKE ?", &["VARCHAR(255)"]),
        ("SELECT id FROM deals WHERE ? IS NULL OR id = ?", &["VARCHAR(255)", "BIGINT"]),
        ("SELECT id + ? FROM deals", &["BIGINT"]),
        ("SELECT ?", &["VARCHAR(255)"]),
        ("SELECT ? AS x, id FROM deals", &["VARCHAR(255)"]),
        ("SELECT CAST(? AS INTEGER)", &["INTEGER"]),
        ("SELECT CAST(? AS DECIMAL(10,2)), {fn CONVERT(?, SQL_TYPE_TIMESTAMP)}", &["DECIMAL(10,2)", "TIMESTAMP"]),
        ("SELECT CAST(? AS VARCHAR(10))", &["VARCHAR(255)"]),
        ("SELECT id FROM deals LIMIT ? OFFSET ?", &["BIGINT", "BIGINT"]),
        ("SELECT TOP ? id FROM deals", &["BIGINT"]),
        ("SELECT TOP (?) id FROM deals WHERE id > ?", &["BIGINT", "BIGINT"]),
        ("SELECT id FROM deals WHERE add_time >= ? - INTERVAL '1' DAY", &["TIMESTAMP"]),
        ("SELECT id FROM deals WHERE add_time >= ? - INTERVAL '1 day'", &["TIMESTAMP"]),
        ("SELECT CASE WHEN id = 1 THEN ? ELSE ? END FROM deals", &["VARCHAR(255)", "VARCHAR(255)"]),
        ("SELECT CASE WHEN value IS NULL THEN ? ELSE 0 END FROM deals", &["BIGINT"]),
        ("SELECT COALESCE(?, id) FROM deals", &["BIGINT"]),
        ("SELECT UPPER(?)", &["VARCHAR(255)"]),
        ("SELECT EXTRACT(YEAR FROM ?)", &["TIMESTAMP"]),
        ("SELECT id FROM deals WHERE is_deleted = ?", &["BIT"]),
        ("SELECT id FROM deals WHERE owner_id IN (SELECT owner_id FROM persons WHERE name = ?)", &["VARCHAR(255)"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(types(sql), expected, "{sql}");
    }
}

#[test]
fn markers_are_filled_in_the_order_of_the_text() {
    let run = |sql: &str, values: Vec<ScalarValue>| {
        let rows = block_on(async { plan(sql).await?.run(values).await });
        rows.unwrap_or_else(|error| panic!("{sql}: {error}")).into_iter().map(|row| row.join(" ")).collect::<Vec<_>>()
    };
    let text = |text: &str| ScalarValue::Utf8(Some(text.into()));
    let number = |number| ScalarValue::Int64(Some(number));
    assert_eq!(run("SELECT id FROM deals WHERE status = ? AND id > ?", vec![text("won"), number(1)]), ["3"]);
    assert_eq!(run("SELECT '?', \"lead source\" /* ? */ FROM deals WHERE id = ?", vec![number(1)]), ["? Web"]);
    assert_eq!(run("SELECT id FROM deals WHERE title LIKE ? ORDER BY id", vec![text("a\\_b")]), [""; 0]);
    assert_eq!(run("SELECT id FROM deals WHERE title LIKE ? ESCAPE '\\'", vec![text("a\\_b")]), ["2"]);
    assert_eq!(run("SELECT TOP ? id FROM deals ORDER BY id", vec![number(2)]), ["1", "2"]);
    assert_eq!(run("SELECT id FROM deals ORDER BY id LIMIT ? OFFSET ?", vec![number(1), number(1)]), ["2"]);
    assert_eq!(
        run("SELECT id FROM deals WHERE id = ? OR id = ? OR id = ?", vec![number(1), number(3), number(9)]),
        ["1", "3"]
    );
    assert_eq!(run("SELECT id FROM deals WHERE is_deleted = ?", vec![number(1)]), ["2"]);
    assert_eq!(run("SELECT id FROM deals WHERE id = ?", vec![ScalarValue::Float64(Some(2.5))]), [""; 0]);
    let moment = ScalarValue::TimestampMillisecond(Some(MOMENT + 86_400_000), None);
    assert_eq!(run("SELECT id FROM deals WHERE add_time <= ? - INTERVAL '1' DAY", vec![moment]), ["1"]);
    assert_eq!(run("SELECT ? AS x", vec![text("hello")]), ["hello"]);
    assert_eq!(
        run("SELECT title FROM deals WHERE {fn LOCATE(?, title, ?)} >= ?", vec![text("f"), number(1), number(1)]),
        ["Coffee"]
    );
}
