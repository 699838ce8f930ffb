//! A predicate as SQL, for people who read EXPLAIN: as they wrote it, or as it was simplified.
//!
//! Not meant to be parsed again: functions of the driver's own have the signs and names that people know them by.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate};
use datafusion::logical_expr::expr::{Between, InList, Like, ScalarFunction};
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, Operator, TryCast};
use datafusion::scalar::ScalarValue;

/// Items of a list that are written out.
const WRITTEN_OUT: usize = 10;

/// Functions that stand for a sign.
const SIGNS: &[(&str, &str)] = &[
    ("pipedrive_add", "+"),
    ("pipedrive_subtract", "-"),
    ("pipedrive_multiply", "*"),
    ("pipedrive_divide", "/"),
    ("pipedrive_remainder", "%"),
];
/// Functions that make a value fit and are no part of what was written.
const UNWRITTEN: &[&str] =
    &["pipedrive_cut", "pipedrive_text", "pipedrive_pattern", "pipedrive_wide", "pipedrive_narrow", "pipedrive_count"];

/// The predicate as text.
pub(super) fn readable(expr: &Expr) -> String {
    match expr {
        Expr::Column(column) => column.name.clone(),
        Expr::Literal(value, _) => literal(value),
        Expr::Alias(alias) => readable(&alias.expr),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            format!("{} {} {}", inside(left, *op), sign(*op), inside(right, *op))
        }
        Expr::Not(expr) => format!("NOT {}", bracketed(expr)),
        Expr::IsNull(expr) => format!("{} IS NULL", bracketed(expr)),
        Expr::IsNotNull(expr) => format!("{} IS NOT NULL", bracketed(expr)),
        Expr::IsTrue(expr) => format!("{} IS TRUE", bracketed(expr)),
        Expr::IsFalse(expr) => format!("{} IS FALSE", bracketed(expr)),
        Expr::IsNotTrue(expr) => format!("{} IS NOT TRUE", bracketed(expr)),
        Expr::IsNotFalse(expr) => format!("{} IS NOT FALSE", bracketed(expr)),
        Expr::Negative(expr) => format!("-{}", bracketed(expr)),
        Expr::Between(Between { expr, negated, low, high }) => {
            format!("{}{} BETWEEN {} AND {}", readable(expr), not(*negated), readable(low), readable(high))
        }
        Expr::InList(InList { expr, list, negated }) => {
            format!("{}{} IN ({})", readable(expr), not(*negated), some_of(list))
        }
        Expr::Like(Like { negated, expr, pattern, .. }) => {
            format!("{}{} LIKE {}", readable(expr), not(*negated), readable(pattern))
        }
        Expr::Cast(Cast { expr, .. }) | Expr::TryCast(TryCast { expr, .. }) => readable(expr),
        Expr::ScalarFunction(call) => function(call),
        Expr::Case(_) => "CASE ... END".to_owned(),
        other => other.human_display().to_string(),
    }
}

fn function(call: &ScalarFunction) -> String {
    let name = call.name();
    let sign = SIGNS.iter().find(|(own, _)| *own == name);
    match (sign, call.args.as_slice()) {
        (Some((_, sign)), [left, right]) => format!("{} {sign} {}", bracketed(left), bracketed(right)),
        (_, [first, ..]) if UNWRITTEN.contains(&name) => readable(first),
        (_, arguments) => format!("{}({})", name.trim_start_matches("pipedrive_").to_uppercase(), some_of(arguments)),
    }
}

fn some_of(list: &[Expr]) -> String {
    let mut text = list.iter().take(WRITTEN_OUT).map(readable).collect::<Vec<_>>().join(", ");
    if list.len() > WRITTEN_OUT {
        let _ = write!(text, " and {} more", list.len() - WRITTEN_OUT);
    }
    text
}

/// An operand, in brackets where its operator binds less or otherwise.
fn inside(operand: &Expr, op: Operator) -> String {
    match operand {
        Expr::BinaryExpr(BinaryExpr { op: own, .. }) if own.precedence() < op.precedence() => {
            format!("({})", readable(operand))
        }
        _ => readable(operand),
    }
}

fn bracketed(expr: &Expr) -> String {
    let text = readable(expr);
    if matches!(expr, Expr::BinaryExpr(_) | Expr::Like(_) | Expr::InList(_) | Expr::Between(_)) {
        format!("({text})")
    } else {
        text
    }
}

fn sign(op: Operator) -> String {
    if op == Operator::NotEq { "<>".to_owned() } else { op.to_string() }
}

const fn not(negated: bool) -> &'static str {
    if negated { " NOT" } else { "" }
}

fn literal(value: &ScalarValue) -> String {
    let moment = |millis: i64| DateTime::from_timestamp_millis(millis).map(|moment| moment.naive_utc());
    let time = match value {
        ScalarValue::TimestampMillisecond(Some(millis), None) => moment(*millis),
        ScalarValue::TimestampNanosecond(Some(nanos), None) => moment(nanos.div_euclid(1_000_000)),
        _ => None,
    };
    if let Some(time) = time {
        return format!("'{}'", time.format("%Y-%m-%d %H:%M:%S%.f"));
    }
    match value {
        value if value.is_null() => "NULL".to_owned(),
        ScalarValue::Date32(Some(days)) => {
            let date = NaiveDate::from_ymd_opt(1970, 1, 1)
                .and_then(|epoch| epoch.checked_add_signed(chrono::TimeDelta::try_days((*days).into())?));
            date.map_or_else(|| value.to_string(), |date| format!("'{date}'"))
        }
        ScalarValue::Boolean(Some(flag)) => u8::from(*flag).to_string(),
        value => match value.try_as_str().flatten() {
            Some(text) => format!("'{}'", text.replace('\'', "''")),
            None if matches!(value, ScalarValue::Decimal128(..)) => trimmed(&value.to_string()).to_owned(),
            None => value.to_string(),
        },
    }
}

/// A number without the zeros that its column's scale puts behind it.
fn trimmed(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{col, lit};

    use super::*;

    #[test]
    fn predicates_read_as_they_were_written() {
        let time = lit(ScalarValue::TimestampMillisecond(Some(1_767_225_600_500), None));
        let day = lit(ScalarValue::Date32(Some(20_454)));
        let cases = [
            (col("a").eq(lit("it's")), "a = 'it''s'"),
            (col("t").gt_eq(time), "t >= '2026-01-01 00:00:00.500'"),
            (col("d").not_eq(day), "d <> '2026-01-01'"),
            (col("a").eq(lit(1)).or(col("b").is_null()).and(col("c").lt(lit(2))), "(a = 1 OR b IS NULL) AND c < 2"),
            (Expr::Not(Box::new(col("a").in_list(vec![lit(1), lit(2)], false))), "NOT (a IN (1, 2))"),
            (col("a").in_list((0..12).map(lit).collect(), true), "a NOT IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more)"),
            (col("a").not_like(lit("x%")), "a NOT LIKE 'x%'"),
            (col("f").eq(lit(true)), "f = 1"),
            (col("m").gt(lit(ScalarValue::Decimal128(Some(100_050_000), 19, 4))), "m > 10005"),
            (col("m").gt(lit(ScalarValue::Decimal128(Some(1_500), 19, 4))), "m > 0.15"),
        ];
        for (expr, text) in cases {
            assert_eq!(readable(&expr), text);
        }
    }
}
