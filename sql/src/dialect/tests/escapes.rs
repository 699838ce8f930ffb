//! ODBC's escapes in any nesting: they mean what the plain spelling means, and text that only looks like one is text.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::{compact, is_like_call, native_sql, shape, shape_of_refused};
use super::*;

/// A piece of a statement with escapes, and the same without.
#[derive(Debug, Clone)]
struct Twin {
    escaped: String,
    plain: String,
}

impl Twin {
    fn same(text: &str) -> Self {
        Self { escaped: text.to_owned(), plain: text.to_owned() }
    }
}

/// What may stand between tokens, escape-like comments among it; the same in both spellings.
fn gap() -> impl Strategy<Value = &'static str> {
    select(&["", "", " ", "\t", "\r\n", " /* {fn UCASE( */ ", " -- {d '2024\n", "/* it's } */"][..])
}

/// `{word 'text'}` in some spelling, and what it means.
fn literal(word: &'static str, plain: &'static str, text: &'static str) -> impl Strategy<Value = Twin> {
    (gap(), any::<bool>(), gap(), gap()).prop_map(move |(before, upper, between, after)| {
        let word = if upper { word.to_uppercase() } else { word.to_owned() };
        let separator = if plain.is_empty() { "" } else { " " };
        Twin {
            escaped: format!("{{{before}{word}{between}'{text}'{after}}}"),
            plain: format!("{plain}{separator}'{text}'"),
        }
    })
}

/// A call by its ODBC name, in braces or without them.
fn called(name: &'static str, arguments: Vec<Twin>, gaps: (&str, &str, &str), braces: bool) -> Twin {
    let list = |side: fn(&Twin) -> &String| arguments.iter().map(side).cloned().collect::<Vec<_>>().join(", ");
    let (before, inside, after) = gaps;
    let call = |arguments: String| format!("{name}{inside}({arguments}){after}");
    let (escaped, plain) = (call(list(|twin| &twin.escaped)), call(list(|twin| &twin.plain)));
    Twin { escaped: if braces { format!("{{{before}fn {before}{escaped}}}") } else { escaped }, plain }
}

fn call(names: &'static [&'static str], arguments: impl Strategy<Value = Vec<Twin>> + 'static) -> BoxedStrategy<Twin> {
    let parts = (select(names), arguments, gap(), gap(), gap(), prop::bool::weighted(0.8));
    parts
        .prop_map(|(name, list, before, inside, after, braces)| called(name, list, (before, inside, after), braces))
        .boxed()
}

/// Texts; literals among them that look like escapes, markers and comments.
fn text(depth: u32) -> BoxedStrategy<Twin> {
    const LITERALS: &[&str] = &[
        "title",
        "\"title\"",
        "status",
        "\"Lead Source\"",
        "''",
        "'it''s {fn UCASE(x)} ?'",
        "'{d ''2024-01-01''}'",
        "'}'",
        "'-- {'",
        "'/*'",
        "N'é😀'",
    ];
    let leaf =
        prop_oneof![select(LITERALS).prop_map(Twin::same), literal("guid", "", "6F9619FF-8B86-D011-B42D-00C04FC964FF")];
    if depth == 0 {
        return leaf.boxed();
    }
    let one = move || text(depth - 1);
    prop_oneof![
        1 => leaf,
        2 => call(&["UCASE", "lcase", "LTRIM", "Rtrim"], one().prop_map(|one| vec![one])),
        1 => call(&["CONCAT", "IFNULL"], vec(one(), 2)),
        1 => call(&["REPLACE"], vec(one(), 3)),
        1 => call(&["LEFT", "RIGHT"], (one(), number(depth - 1)).prop_map(|(text, count)| vec![text, count])),
        1 => call(&["CONVERT"], number(depth - 1).prop_map(|number| vec![number, Twin::same("SQL_VARCHAR")])),
        1 => call(&["MONTHNAME", "DAYNAME"], moment(depth - 1).prop_map(|moment| vec![moment])),
    ]
    .boxed()
}

fn number(depth: u32) -> BoxedStrategy<Twin> {
    let leaf = select(&["7", "id", "\"owner_id\"", "0"][..]).prop_map(Twin::same);
    if depth == 0 {
        return leaf.boxed();
    }
    prop_oneof![
        1 => leaf,
        1 => call(&["LENGTH", "CHAR_LENGTH", "octet_length"], text(depth - 1).prop_map(|text| vec![text])),
        1 => call(&["ABS", "SIGN"], number(depth - 1).prop_map(|number| vec![number])),
        1 => call(&["LOCATE"], vec(text(depth - 1), 2)),
        1 => call(&["YEAR", "MONTH", "DAYOFMONTH", "QUARTER", "DAYOFWEEK"], moment(depth - 1).prop_map(|moment| vec![moment])),
        1 => (number(depth - 1), number(depth - 1)).prop_map(|(left, right)| Twin {
            escaped: format!("({} + {})", left.escaped, right.escaped),
            plain: format!("({} + {})", left.plain, right.plain),
        }),
    ]
    .boxed()
}

fn moment(depth: u32) -> BoxedStrategy<Twin> {
    let leaf = prop_oneof![
        literal("d", "DATE", "2024-02-29"),
        literal("ts", "TIMESTAMP", "2024-02-29 23:59:59.123"),
        Just(Twin::same("add_time")),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let added = move || (select(&["SQL_TSI_DAY", "SQL_TSI_MONTH"][..]), moment(depth - 1));
    prop_oneof![
        1 => leaf,
        1 => call(&["TIMESTAMPADD"], added().prop_map(|(unit, moment)| vec![Twin::same(unit), Twin::same("2"), moment])),
    ]
    .boxed()
}

/// A statement with every kind of escape somewhere in it.
fn statement() -> impl Strategy<Value = Twin> {
    let like = literal("escape", "ESCAPE", "!");
    let time = literal("t", "TIME", "23:59:59");
    let parts = (text(3), number(3), moment(2), text(2), like, time, any::<[bool; 3]>(), gap(), gap());
    parts.prop_map(|(text, number, moment, pattern, like, time, [join, limit, interval], before, after)| {
        let side = |escaped: bool| {
            let of = |twin: &Twin| if escaped { twin.escaped.clone() } else { twin.plain.clone() };
            let braced = |yes: bool, open: &str, inside: &str| match (yes, escaped) {
                (true, true) => format!("{{{before}{open}{inside}{after}}}"),
                (true, false) => format!("{inside}{after}"),
                _ => inside.to_owned(),
            };
            let tables = "deals LEFT OUTER JOIN (SELECT id AS pid FROM persons) p ON deals.id = p.pid";
            let tables = braced(join, "oj ", tables);
            let moment = match interval {
                true => format!("CAST({} AS TIMESTAMP) - {}", of(&moment), braced(true, "", "INTERVAL '1' DAY")),
                false => of(&moment),
            };
            let limit = braced(limit, "", "LIMIT 2");
            format!(
                "SELECT {} AS \"{{fn a}}\", {} AS b, {moment} AS c, {} AS d, '{{fn \"x\"}}' AS \"}}\" FROM {tables}{after} \
                 WHERE {} NOT LIKE 'x!%' {} ORDER BY id {limit}",
                of(&text),
                of(&number),
                of(&time),
                of(&pattern),
                of(&like),
            )
        };
        Twin { escaped: side(true), plain: side(false) }
    })
}

/// Pieces of statements, whole and torn.
fn soup() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "{",
        "}",
        "{fn ",
        "{FN UCASE(",
        "{d ",
        "{d '2024-01-31'}",
        "{t '",
        "{ts ",
        "{oj ",
        "{escape '!'}",
        "{interval",
        "{guid '",
        "{call ",
        "{?=call p(",
        "{limit 1}",
        "?",
        "'",
        "''",
        "\"",
        "--",
        "\n",
        "/*",
        "*/",
        "SELECT ",
        "TOP ",
        " FROM deals ",
        "WHERE ",
        "title ",
        " LIKE ",
        "(",
        ")",
        ",",
        ";",
        "*",
        "1",
        "1e999",
        ".",
        " AS ",
        "X'0",
        "N'",
        "$1",
        ":a",
        "@b",
        "$$",
        "$a$",
        "\\",
        "é😀",
        "\0",
        "\u{feff}",
        "EXEC ",
        "EXPLAIN ",
        "INTERVAL '1' DAY",
        "CASE ",
        " UNION ",
        " OVER ",
        "[",
        "]",
        "`",
        "#",
        "E'\\",
        "U&'\\",
        "B'1",
    ];
    prop_oneof![
        3 => vec(select(PIECES), 0..24).prop_map(|pieces| pieces.concat()),
        1 => (vec(select(PIECES), 0..6), any::<String>(), vec(select(PIECES), 0..6))
            .prop_map(|(before, text, after)| format!("{}{text}{}", before.concat(), after.concat())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn escapes_mean_their_plain_spelling(statement in statement()) {
        let Twin { escaped, plain } = statement;
        prop_assert_eq!(native_sql(&escaped), Ok(plain.clone()), "{}", escaped);
        prop_assert_eq!(native_sql(&plain), Ok(plain.clone()));
        let text = |sql: &str| parse(sql).map(|parsed| parsed.statement.to_string());
        prop_assert_eq!(text(&escaped), text(&plain), "{}", escaped);
        let (with, without) = (rows(&escaped), rows(&plain));
        prop_assert!(with.is_ok(), "{}: {:?}", escaped, with);
        prop_assert_eq!(with, without, "{}", escaped);
        prop_assert_eq!(columns(&escaped), columns(&plain));
    }

    #[test]
    fn text_names_and_comments_are_never_touched(
        text in r"(\PC|[{}'?\n\r\t]|\{fn |\{d '|--|/\*){0,16}", name in r"([^\x00\x22\p{C}]|[{}'?]|\{fn ){1,12}",
        comment in r"([^*/\x00]|[{}?'\x22]|\{ts ){0,16}", line in r"([^\n\r\x00]|[{}?'\x22]|\{oj ){0,16}",
    ) {
        let quoted = text.replace('\'', "''");
        let sql = format!("SELECT '{quoted}' /*{comment}*/ AS \"{name}\" --{line}\n, {{fn UCASE('{quoted}')}}, {{guid '{quoted}'}}");
        let native = format!("SELECT '{quoted}' /*{comment}*/ AS \"{name}\" --{line}\n, UCASE('{quoted}'), '{quoted}'");
        prop_assert_eq!(native_sql(&sql), Ok(native));
        prop_assert_eq!(parse(&sql).unwrap().parameters, 0);
        prop_assert_eq!(rows(&sql).unwrap(), vec![vec![text.clone(), text.to_uppercase(), text]]);
        prop_assert_eq!(columns(&sql)[0].0.clone(), name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn any_text_is_a_statement_or_refused(sql in soup()) {
        if let Err(error) = native_sql(&sql) {
            prop_assert!(!error.message().is_empty());
            prop_assert!(!matches!(error.kind(), ErrorKind::General), "{sql:?}: {error}");
        }
        let _ = (compact(&sql), shape(&sql), shape_of_refused(&sql), is_like_call(&sql));
    }
}

#[test]
fn the_shape_of_a_statement_has_no_literal_of_an_escape() {
    for sql in
        ["SELECT {d '2024-01-31'}", "SELECT {guid 's3cr3t'}", "SELECT {fn UCASE('s3cr3t')} {", "{call p('s3cr3t')}"]
    {
        let shown = [shape(sql), shape_of_refused(sql)].concat();
        assert!(!shown.contains("s3cr3t") && !shown.contains("2024"), "{sql}: {shown}");
    }
}
