//! Calls in every form, and what is wrong with others.

use proptest::prelude::*;

use super::*;

fn read(sql: &str) -> Invocation {
    invocation(sql).unwrap_or_else(|error| panic!("{sql}: {error}")).unwrap_or_else(|| panic!("{sql}: no call"))
}

/// Arguments as `name=value`, a marker as `?1`, nothing as `-`.
fn arguments(sql: &str) -> Vec<String> {
    let text = |argument: &Argument| {
        let name = argument.parameter.as_ref().map(|name| format!("{name}=")).unwrap_or_default();
        match &argument.value {
            Given::Nothing => format!("{name}-"),
            Given::Text(text) => format!("{name}{text}"),
            Given::Marker(number) => format!("{name}?{number}"),
        }
    };
    read(sql).arguments.iter().map(text).collect()
}

#[test]
fn calls_are_read_in_every_form() {
    let cases: &[(&str, &[&str])] = &[
        ("EXEC f", &[]),
        ("execute f;", &[]),
        ("CALL f", &[]),
        ("CALL f()", &[]),
        ("{call f}", &[]),
        ("{ CALL f ( ) } ; ;", &[]),
        ("EXEC f 'a', ?", &["a", "?1"]),
        ("EXEC f('a', ?)", &["a", "?1"]),
        ("CALL f('a', ?, ?)", &["a", "?1", "?2"]),
        ("{call f(?,'it''s',N'é')}", &["?1", "it's", "é"]),
        ("EXEC f a = 'x', b = ?", &["a=x", "b=?1"]),
        ("EXEC f @a = 'x', @b=?", &["a=x", "b=?1"]),
        ("CALL f(a => 'x', \"B\" => ?)", &["a=x", "B=?1"]),
        ("EXEC f 12, -1.5, +3", &["12", "-1.5", "3"]),
        ("EXEC f NULL, default, a = null", &["-", "-", "a=-"]),
        ("{call f(,?)}", &["-", "?1"]),
        ("CALL f(,)", &["-", "-"]),
        ("-- why\nEXEC /* not 'this' */ f 'a' -- nor ?", &["a"]),
        ("EXEC f '?', '{call g}', '; DROP'", &["?", "{call g}", "; DROP"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(arguments(sql), *expected, "{sql}");
        assert_eq!(read(sql).name, ["f"], "{sql}");
        let markers = expected.iter().filter(|argument| argument.contains('?') && argument.len() > 1);
        assert_eq!(read(sql).markers, markers.count(), "{sql}");
    }
}

#[test]
fn names_have_three_parts_at_most() {
    let cases: &[(&str, &[&str])] = &[
        ("EXEC sys.F", &["sys", "F"]),
        ("CALL pipedrive.\"sys\".\"F\"('a')", &["pipedrive", "sys", "F"]),
        ("{call pipedrive..F}", &["pipedrive", "", "F"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(read(sql).name, *expected, "{sql}");
    }
}

#[test]
fn an_escape_is_native_without_its_braces() {
    let cases = [
        ("{call f(?, 'a}b')}", "call f(?, 'a}b')"),
        ("/* {x */ { CALL sys.f }", "CALL sys.f "),
        ("EXEC f @a = ?", "EXEC f @a = ?"),
    ];
    for (sql, native) in cases {
        assert_eq!(read(sql).native, native, "{sql}");
        assert_eq!(read(native).arguments, read(sql).arguments, "{native}");
    }
}

#[test]
fn other_statements_are_no_calls() {
    for sql in [
        "SELECT 1",
        "",
        ";",
        "SELECT 'call f'",
        "SELECT execute FROM calls",
        "{d '2026-01-01'}",
        "{fn UCASE('call')}",
        "EXPLAIN SELECT 'call'",
        "EXEC 'f",
        "INSERT INTO call VALUES (1)",
    ] {
        assert_eq!(invocation(sql).unwrap(), None, "{sql}");
    }
}

#[test]
fn what_is_wrong_with_a_call_is_told_without_its_values() {
    let cases = [
        ("EXEC", ErrorKind::Syntax, "name of a procedure"),
        ("{call}", ErrorKind::Syntax, "name of a procedure"),
        ("EXEC ('SECRET')", ErrorKind::Syntax, "name of a procedure"),
        ("CALL 'SECRET'()", ErrorKind::Syntax, "name of a procedure"),
        ("EXEC a.b.c.d", ErrorKind::Syntax, "at most"),
        ("EXEC a...d", ErrorKind::Syntax, "name of a procedure"),
        ("EXEC .f", ErrorKind::Syntax, "name of a procedure"),
        ("EXEC @rc = f", ErrorKind::Syntax, "no return value"),
        ("{?=call f('SECRET')}", ErrorKind::NotSupported, "no return value"),
        ("{? = call f}", ErrorKind::NotSupported, "no return value"),
        ("CALL f 'SECRET'", ErrorKind::Syntax, "in parentheses"),
        ("{call f 'SECRET'}", ErrorKind::Syntax, "in parentheses"),
        ("{call f('SECRET')", ErrorKind::Syntax, "not closed by '}'"),
        ("CALL f('SECRET'", ErrorKind::Syntax, "')' was expected"),
        ("CALL f('SECRET' 'b')", ErrorKind::Syntax, "')' was expected"),
        ("EXEC f 'SECRET' 'b'", ErrorKind::Syntax, "ends before this"),
        ("EXEC f 'SECRET',", ErrorKind::Syntax, "after the comma"),
        ("EXEC f , 'SECRET'", ErrorKind::Syntax, "a value was expected"),
        ("EXEC f SECRET", ErrorKind::Syntax, "single quotes"),
        ("EXEC f \"SECRET\"", ErrorKind::Syntax, "single quotes"),
        ("EXEC f a = SECRET", ErrorKind::Syntax, "single quotes"),
        ("EXEC f X'0F'", ErrorKind::Syntax, "single quotes"),
        ("EXEC f -'SECRET'", ErrorKind::Syntax, "a value was expected"),
        ("EXEC f 1 + 1", ErrorKind::Syntax, "ends before this"),
        ("EXEC f {d '2026-01-01'}", ErrorKind::Syntax, "a value was expected"),
        ("CALL f(g('SECRET'))", ErrorKind::Syntax, "a value was expected"),
        ("CALL f((SELECT 1))", ErrorKind::Syntax, "a value was expected"),
        ("EXEC f @a", ErrorKind::Syntax, "@name = value"),
        ("EXEC f @a = ? OUTPUT", ErrorKind::NotSupported, "no output parameters"),
        ("CALL f(? out)", ErrorKind::NotSupported, "no output parameters"),
        ("EXEC f $1", ErrorKind::Syntax, "written '?'"),
        ("EXEC f ?1", ErrorKind::Syntax, "written '?'"),
        ("EXEC f :a", ErrorKind::Syntax, "written '?'"),
        ("EXEC f 'SECRET'; SELECT 1", ErrorKind::Syntax, "statement of its own"),
        ("EXEC f 'SECRET'; EXEC f", ErrorKind::Syntax, "statement of its own"),
        ("{call f('SECRET')} SELECT 1", ErrorKind::Syntax, "ends before this"),
        ("{call f}}", ErrorKind::Syntax, "ends before this"),
        ("EXPLAIN EXEC f 'SECRET'", ErrorKind::NotSupported, "cannot be explained"),
        ("EXPLAIN ANALYZE {call f('SECRET')}", ErrorKind::NotSupported, "cannot be explained"),
        ("explain format json call f()", ErrorKind::NotSupported, "cannot be explained"),
    ];
    for (sql, kind, text) in cases {
        let error = invocation(sql).map(|found| panic!("{sql}: {found:?}")).unwrap_err();
        assert_eq!(error.kind(), kind, "{sql}: {error}");
        assert!(error.message().contains(text), "{sql}: {error}");
        assert!(!error.message().contains("SECRET"), "{sql}: {error}");
    }
    assert!(invocation("EXEC f\n  'a' 'b'").unwrap_err().message().ends_with("(line 2, column 7)"));
}

#[test]
fn what_may_hide_a_call_is_told_from_queries() {
    for sql in ["EXEC f 'x'", "SELECT 1; exec f", "EXPLAIN CALL f()", "BEGIN {call f('x')} END", "EXEC f 'open"] {
        assert!(is_like_call(sql), "{sql}");
    }
    for sql in ["SELECT 1", "SELECT * FROM activities WHERE type = 'call'", "SELECT \"exec\" FROM t", "SELECT 'open"] {
        assert!(!is_like_call(sql), "{sql}");
    }
}

/// An argument of a call; a text may look like a marker, an escape or a comment.
fn argument() -> impl Strategy<Value = String> {
    let text = r"(\PC|[{}?]|--|/\*){0,8}".prop_map(|text: String| format!("'{}'", text.replace('\'', "''")));
    let value = prop_oneof![Just("?".to_owned()), Just("NULL".to_owned()), "-?[0-9]{1,9}([.][0-9]{1,3})?", text];
    (prop::sample::select(&["", "a = ", "@b=", "\"C\" => "][..]), value)
        .prop_map(|(name, value)| name.to_owned() + &value)
}

proptest! {
    #[test]
    fn nothing_panics(start in "(EXEC|CALL|\\{call|\\{\\?=call|EXPLAIN EXEC) ", rest in "[a-z@'\"?,=><(){}.; 0-9N-]{0,40}") {
        drop(invocation(&format!("{start}{rest}")));
        drop(invocation(&rest));
    }

    /// A call in braces is the same call without them, whatever its arguments and whatever stands between them.
    #[test]
    fn an_escape_means_its_plain_call(
        arguments in prop::collection::vec(argument(), 0..5),
        gap in prop::sample::select(&["", " ", "\n", " /* {call g('x') */ ", " -- } ?\n"][..]),
        verb in "call|CALL|Call", name in prop::sample::select(&["f", "sys.F", "pipedrive..f", "\"{call}\".\"}\""][..]),
    ) {
        let plain = format!("{verb} {gap}{name}{gap}({})", arguments.join(&format!("{gap},{gap}")));
        let (escaped, bare) = (read(&format!("{{{gap}{plain}{gap}}}")), read(&plain));
        prop_assert_eq!((&escaped.name, &escaped.arguments, escaped.markers), (&bare.name, &bare.arguments, bare.markers));
        prop_assert_eq!(&escaped.native, &format!("{plain}{gap}"));
        prop_assert_eq!(read(&escaped.native).arguments, bare.arguments);
        let markers = arguments.iter().filter(|argument| argument.ends_with('?')).count();
        prop_assert_eq!(bare.markers, markers);
    }

    #[test]
    fn any_text_is_a_value(text in any::<String>()) {
        let quoted = text.replace('\'', "''");
        let found = read(&format!("EXEC f N'{quoted}', @a = '{quoted}'"));
        let values: Vec<_> = found.arguments.into_iter().map(|argument| argument.value).collect();
        prop_assert_eq!(values, vec![Given::Text(text.clone()), Given::Text(text)]);
    }
}
