//! What becomes of predicates: a table of (table, filters, calls, verdicts).

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{cast, col, lit};
use datafusion::scalar::ScalarValue;

use super::verdict::Reason;
use super::*;
use crate::model::{Shape, entity};

fn pushed(name: &str, filters: &[Expr]) -> Pushed {
    pushed_by(name, filters, true)
}

fn pushed_by(name: &str, filters: &[Expr], enabled: bool) -> Pushed {
    let table = Table::new(entity(name).unwrap(), &[], &Shape::default(), &mut Vec::new());
    push(&table, filters, Terms { page_size: 500, enabled, zone: Zone::UTC, known_rows: None })
}

/// `/v2/deals?status=won owner_id=5 by id to 7` and the like; keys in place of lists where there are some.
fn calls(pushed: &Pushed) -> String {
    let pairs =
        |pairs: &[(&str, String)]| pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    let lists = pushed.lists.iter().map(|list| format!("{}?{}", list.path, pairs(&list.parameters).join("&")));
    let lists = lists.collect::<Vec<_>>().join(" ");
    let mut words = vec![match &pushed.target {
        Target::Nothing => return "nothing".to_owned(),
        Target::Singles(keys) => return format!("singles {keys:?}"),
        Target::Ids(keys) => format!("ids {keys:?} {lists}"),
        Target::List => lists,
    }];
    words.extend(pairs(&pushed.parameters));
    if let Some(until) = pushed.walk.until {
        let direction = if pushed.walk.descending { "down to" } else { "up to" };
        words.push(format!("by {} {direction} {until}", pushed.walk.by));
    }
    if let Some(modified) = &pushed.modified {
        let (name, value) = &modified.parameter;
        words.push(format!("{name}={value} and by {} down to {}", modified.others.by, modified.others.until.unwrap()));
    }
    words.join(" ")
}

/// E, S, W (a walk that ends) or L for each filter.
fn verdicts(pushed: &Pushed) -> String {
    let letter = |verdict: &Verdict| match verdict {
        Verdict::Exact => 'E',
        Verdict::Superset => 'S',
        Verdict::Ends => 'W',
        Verdict::Local(_) => 'L',
    };
    pushed.verdicts.iter().map(letter).collect()
}

fn ids(keys: impl IntoIterator<Item = i64>) -> Expr {
    col("id").in_list(keys.into_iter().map(lit).collect(), false)
}

/// 2009-12-31 23:59:59
fn ancient() -> Expr {
    lit(ScalarValue::TimestampMillisecond(Some(1_262_303_999_000), None))
}

/// A moment of 2026-01-01, in milliseconds after midnight.
fn time(millis: i64) -> Expr {
    const MIDNIGHT: i64 = 1_767_225_600_000;
    lit(ScalarValue::TimestampMillisecond(Some(MIDNIGHT + millis), None))
}

const LIVE: &str = "/v2/deals?status=open,won,lost";

#[test]
fn each_predicate_has_its_calls() {
    let eq = |column: &str, value: i64| col(column).eq(lit(value));
    let status = |value: &str| col("status").eq(lit(value));
    let statuses = |values: &[&str]| col("status").in_list(values.iter().map(|value| lit(*value)).collect(), false);
    let updated = || col("update_time");
    let added = || col("add_time");
    let day = lit(ScalarValue::Date32(Some(20_454)));
    let cases = [
        // Keys.
        ("deals", vec![eq("id", 7)], "singles [7]", "E"),
        ("deals", vec![lit(7_i64).eq(col("id"))], "singles [7]", "E"),
        ("deals", vec![ids([9, 3, 7, 3])], "singles [3, 7, 9]", "E"),
        ("deals", vec![ids([1, 2, 3, 4])], "ids [1, 2, 3, 4] /v2/deals?status=open,won,lost", "E"),
        ("deals", vec![eq("id", 1).or(eq("id", 2))], "singles [1, 2]", "E"),
        ("deals", vec![ids([1, 2, 3]), ids([2, 3, 4])], "singles [2, 3]", "EE"),
        ("deals", vec![ids([3, 1 << 53, -4])], "singles [3]", "E"),
        ("deals", vec![eq("id", 7), eq("owner_id", 5)], "singles [7]", "EL"),
        ("deals", vec![col("id").between(lit(4_i64), lit(6_i64))], "singles [4, 5, 6]", "E"),
        ("deals", vec![col("id").lt(lit(9_i64))], "/v2/deals?status=open,won,lost by id up to 8", "W"),
        (
            "deals",
            vec![col("id").between(lit(9001_i64), lit(9004_i64))],
            "ids [9001, 9002, 9003, 9004] /v2/deals?status=open,won,lost",
            "E",
        ),
        ("deals", vec![col("id").lt_eq(lit(900_i64))], "/v2/deals?status=open,won,lost by id up to 900", "W"),
        ("deals", vec![col("id").gt(lit(900_i64))], "/v2/deals?status=open,won,lost by id down to 901", "W"),
        ("deals", vec![col("id").not_eq(lit(5_i64))], LIVE, "L"),
        ("stages", vec![ids(1..=5)], "singles [1, 2, 3, 4, 5]", "E"),
        ("stages", vec![ids(1..=6)], "/v2/stages? by id up to 6", "W"),
        ("users", vec![ids(1..=10)], "singles [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "E"),
        ("users", vec![ids(1..=11)], "/v1/users?", "L"),
        // One value a parameter.
        ("deals", vec![eq("owner_id", 5)], "/v2/deals?status=open,won,lost owner_id=5", "E"),
        ("deals", vec![col("owner_id").in_list(vec![lit(5_i64), lit(6_i64)], false)], LIVE, "L"),
        (
            "deals",
            vec![eq("owner_id", 5).or(eq("owner_id", 6)), eq("owner_id", 6)],
            "/v2/deals?status=open,won,lost owner_id=6",
            "EE",
        ),
        ("deals", vec![eq("owner_id", 5).or(eq("stage_id", 5))], LIVE, "L"),
        (
            "deals",
            vec![eq("owner_id", 5).and(status("won")).or(eq("owner_id", 5).and(status("lost")))],
            "/v2/deals?status=won,lost owner_id=5",
            "S",
        ),
        ("deals", vec![eq("owner_id", 0)], LIVE, "L"),
        ("deals", vec![eq("owner_id", 5).or(col("owner_id").is_null())], LIVE, "L"),
        ("deals", vec![eq("visible_to", 3)], LIVE, "L"),
        // Flags.
        ("activities", vec![col("done")], "/v2/activities? done=true", "E"),
        ("activities", vec![!col("done")], "/v2/activities? done=false", "E"),
        ("activities", vec![lit(false).eq(col("done"))], "/v2/activities? done=false", "E"),
        ("activities", vec![col("done").is_true()], "/v2/activities? done=true", "E"),
        ("activities", vec![col("done").is_not_true()], "/v2/activities?", "L"),
        ("activities", vec![col("done").or(!col("done"))], "/v2/activities?", "L"),
        ("activities", vec![col("busy")], "/v2/activities?", "L"),
        // Status.
        ("deals", vec![status("won")], "/v2/deals?status=won", "E"),
        ("deals", vec![statuses(&["lost", "won", "deleted"])], "/v2/deals?status=won,lost", "E"),
        ("deals", vec![col("status").not_eq(lit("lost"))], "/v2/deals?status=open,won", "E"),
        (
            "deals_all",
            vec![status("won")],
            "/v2/deals?status=won /v2/deals?status=deleted /v2/deals/archived?status=won /v2/deals/archived?status=deleted",
            "S",
        ),
        // Moments: whole seconds, the first included and the second not.
        (
            "deals",
            vec![updated().gt_eq(time(0))],
            "/v2/deals?status=open,won,lost updated_since=2026-01-01T00:00:00Z",
            "S",
        ),
        (
            "deals",
            vec![updated().gt(time(999))],
            "/v2/deals?status=open,won,lost updated_since=2026-01-01T00:00:01Z",
            "S",
        ),
        (
            "deals",
            vec![updated().gt(time(500))],
            "/v2/deals?status=open,won,lost updated_since=2026-01-01T00:00:00Z",
            "S",
        ),
        (
            "deals",
            vec![updated().lt(time(0))],
            "/v2/deals?status=open,won,lost updated_until=2026-01-01T00:00:00Z",
            "S",
        ),
        (
            "deals",
            vec![updated().lt_eq(time(0))],
            "/v2/deals?status=open,won,lost updated_until=2026-01-01T00:00:01Z",
            "S",
        ),
        (
            "deals",
            vec![updated().eq(time(0))],
            "/v2/deals?status=open,won,lost updated_since=2026-01-01T00:00:00Z updated_until=2026-01-01T00:00:01Z",
            "S",
        ),
        (
            "deals",
            vec![cast(updated(), DataType::Date32).eq(day)],
            "/v2/deals?status=open,won,lost updated_since=2026-01-01T00:00:00Z updated_until=2026-01-02T00:00:00Z",
            "S",
        ),
        ("deals", vec![updated().gt_eq(time(0)).or(updated().is_null())], LIVE, "L"),
        (
            "deals",
            vec![added().gt_eq(time(0))],
            "/v2/deals?status=open,won,lost by add_time down to 1767225600000",
            "W",
        ),
        ("deals", vec![added().lt(time(0))], "/v2/deals?status=open,won,lost by add_time up to 1767225599999", "W"),
        ("deals", vec![added().is_not_null()], LIVE, "L"),
        ("deals", vec![col("won_time").gt_eq(time(0))], LIVE, "L"),
        (
            "deals",
            vec![col("modified_time").gt_eq(time(0))],
            "/v2/deals?status=open,won,lost updated_since=2026-01-01T00:00:00Z and by add_time down to 1767225600000",
            "S",
        ),
        ("deals", vec![col("modified_time").lt(time(0))], LIVE, "L"),
        // From before Pipedrive began on: the whole table, once, and an upper end still ends the reading.
        ("deals", vec![col("modified_time").gt_eq(ancient())], LIVE, "L"),
        ("deals", vec![updated().gt(ancient())], LIVE, "L"),
        ("deals", vec![added().gt_eq(ancient())], LIVE, "L"),
        (
            "deals",
            vec![added().gt_eq(ancient()), added().lt(time(0))],
            "/v2/deals?status=open,won,lost by add_time up to 1767225599999",
            "WW",
        ),
        (
            "deals",
            vec![updated().between(ancient(), time(0))],
            "/v2/deals?status=open,won,lost updated_until=2026-01-01T00:00:01Z",
            "S",
        ),
        ("stages", vec![col("modified_time").gt_eq(time(0))], "/v2/stages?", "L"),
        // Tables are relations.
        (
            "deals_all",
            vec![],
            "/v2/deals?status=open,won,lost /v2/deals?status=deleted /v2/deals/archived?status=open,won,lost /v2/deals/archived?status=deleted",
            "",
        ),
        (
            "deals_all",
            vec![col("is_archived")],
            "/v2/deals?status=deleted /v2/deals/archived?status=open,won,lost /v2/deals/archived?status=deleted",
            "S",
        ),
        ("deals_all", vec![!col("is_deleted"), !col("is_archived")], LIVE, "EE"),
        (
            "deals_all",
            vec![col("is_archived").is_not_true()],
            "/v2/deals?status=open,won,lost /v2/deals?status=deleted /v2/deals/archived?status=open,won,lost /v2/deals/archived?status=deleted",
            "L",
        ),
        (
            "deals_all",
            vec![eq("id", 7)],
            "ids [7] /v2/deals?status=open,won,lost /v2/deals?status=deleted /v2/deals/archived?status=open,won,lost /v2/deals/archived?status=deleted",
            "E",
        ),
        ("deals_archived", vec![eq("id", 7)], "ids [7] /v2/deals/archived?status=open,won,lost", "E"),
        ("deals_deleted", vec![], "/v2/deals?status=deleted /v2/deals/archived?status=deleted", ""),
        ("deals_deleted", vec![status("deleted")], "/v2/deals?status=deleted /v2/deals/archived?status=deleted", "L"),
        // What is not compared with a value.
        ("deals", vec![col("id").eq(col("owner_id"))], LIVE, "L"),
        ("deals", vec![col("title").eq(lit("x"))], LIVE, "L"),
    ];
    for (table, filters, expected, letters) in cases {
        let pushed = pushed(table, &filters);
        assert_eq!((calls(&pushed).as_str(), verdicts(&pushed).as_str()), (expected, letters), "{table}: {filters:?}");
    }
}

#[test]
fn contradictions_nulls_and_impossible_keys_cost_nothing() {
    let null = || lit(ScalarValue::Int64(None));
    let eq = |column: &str, value: i64| col(column).eq(lit(value));
    let cases = [
        vec![eq("id", 0)],
        vec![eq("id", 1 << 53)],
        vec![col("id").gt(lit((1_i64 << 53) - 1))],
        vec![col("id").lt(lit(1_i64))],
        vec![col("id").between(lit(9_i64), lit(5_i64))],
        vec![col("id").eq(null())],
        vec![col("id").in_list(vec![null()], true)],
        vec![col("owner_id").in_list(vec![null()], false)],
        vec![eq("id", 1), eq("id", 2)],
        vec![eq("owner_id", 1), eq("owner_id", 2)],
        vec![col("title").eq(lit("a")), col("title").eq(lit("b"))],
        vec![col("is_archived"), !col("is_archived")],
        vec![col("update_time").gt(time(0)), col("update_time").lt(time(0))],
        vec![col("status").eq(lit("WON"))],
        vec![lit(false)],
        vec![lit(ScalarValue::Boolean(None))],
    ];
    for filters in cases {
        let pushed = pushed("deals", &filters);
        assert_eq!(
            (pushed.target.clone(), verdicts(&pushed)),
            (Target::Nothing, "E".repeat(filters.len())),
            "{filters:?}"
        );
    }
}

#[test]
fn what_a_table_leaves_out_is_said_to_be_elsewhere() {
    let cases = [
        ("deals", col("status").eq(lit("deleted")), Some("deals_all")),
        ("deals", col("is_archived"), Some("deals_all")),
        ("deals", col("is_deleted").is_true(), Some("deals_all")),
        ("deals_archived", !col("is_archived"), Some("deals_all")),
        ("deals_all", col("is_archived").and(!col("is_archived")), None),
        ("deals", col("id").eq(lit(0_i64)), None),
        ("persons", col("is_deleted"), None),
    ];
    for (table, filter, elsewhere) in cases {
        let pushed = pushed(table, std::slice::from_ref(&filter));
        assert_eq!((pushed.target, pushed.elsewhere), (Target::Nothing, elsewhere), "{table}: {filter}");
    }
}

#[test]
fn a_filter_says_why_it_is_evaluated_here() {
    let owners = col("owner_id").in_list(vec![lit(5_i64), lit(6_i64)], false);
    let cases = [
        (owners, Reason::OneValue("owner_id".into())),
        (col("title").eq(lit("x")), Reason::Column("title".into())),
        (col("title").like(lit("x%")), Reason::Column("title".into())),
        (cast(col("title"), DataType::Int64).eq(lit(1_i64)), Reason::Expression),
        (col("id").eq(col("owner_id")), Reason::Expression),
        (col("modified_time").gt(ancient()), Reason::Early),
        (col("add_time").gt(ancient()), Reason::Early),
        (col("won_time").gt(ancient()), Reason::Column("won_time".into())),
    ];
    for (filter, reason) in cases {
        let pushed = pushed("deals", std::slice::from_ref(&filter));
        assert_eq!(pushed.verdicts, [Verdict::Local(reason)], "{filter}");
    }
}

#[test]
fn a_range_of_keys_of_a_sparse_table_is_not_counted_out_key_by_key() {
    let is_counted = |name: &str, low: i64, high: i64, known_rows: Option<usize>| {
        let table = Table::new(entity(name).unwrap(), &[], &Shape::default(), &mut Vec::new());
        let terms = Terms { page_size: 500, enabled: true, zone: Zone::UTC, known_rows };
        matches!(push(&table, &[col("id").between(lit(low), lit(high))], terms).target, Target::Ids(_))
    };
    for (name, low, high, known, expected) in [
        // Every key may have a record: 100 requests against 200 pages.
        ("deals", 90_000, 99_999, None, true),
        ("deals", 90_000, 99_999, Some(97_000), true),
        // It was read before, and has fewer pages than that; nearly all keys would be asked for twice, too.
        ("deals", 90_000, 99_999, Some(20_000), false),
        // A part of the deals: 100 requests, and 80 more for keys without a record, against 40 pages.
        ("deals_archived", 90_000, 99_999, None, false),
        ("deals_archived", 99_900, 99_999, None, true),
        ("deals_archived", 99_900, 99_999, Some(900), false),
        ("deals_archived", 90_000, 99_999, Some(99_000), true),
        // 500 rows; asked for twice, from two lists.
        ("deals_deleted", 99_900, 99_999, None, false),
        ("deals_all", 90_000, 99_999, None, false),
        ("deals_all", 99_000, 99_999, None, true),
    ] {
        assert_eq!(is_counted(name, low, high, known), expected, "{name} {low} {high} {known:?}");
    }
}

#[test]
fn moments_that_the_api_cannot_read_are_not_sent() {
    let millis = |millis| lit(ScalarValue::TimestampMillisecond(Some(millis), None));
    for far in [i64::MAX, i64::MIN + 1, 253_402_300_800_000] {
        let pushed = pushed("deals", &[col("update_time").lt(millis(far))]);
        assert_eq!(calls(&pushed), LIVE, "{far}");
    }
}

#[test]
fn switched_off_it_pushes_nothing_but_the_table_itself() {
    let filters = [col("id").eq(lit(5_i64)), col("status").eq(lit("won")), lit(false)];
    let pushed = pushed_by("deals", &filters, false);
    assert_eq!(calls(&pushed), LIVE);
    assert_eq!(pushed.verdicts, vec![Verdict::Local(Reason::Off); 3]);
}

#[test]
fn local_moments_are_asked_for_as_utc() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let table = Table::new(entity("deals").unwrap(), &[], &Shape::default(), &mut Vec::new());
    // 2026-10-25 02:30 comes twice: at 00:30 and at 01:30 UTC.
    let twice = lit(ScalarValue::TimestampMillisecond(Some(1_792_895_400_000), None));
    let terms = Terms { page_size: 500, enabled: true, zone, known_rows: None };
    let asked = |filter: Expr| calls(&push(&table, &[filter], terms));
    assert_eq!(asked(col("update_time").gt_eq(twice.clone())), format!("{LIVE} updated_since=2026-10-25T00:30:00Z"));
    assert_eq!(asked(col("update_time").lt_eq(twice)), format!("{LIVE} updated_until=2026-10-25T01:30:01Z"));
}
