//! Which values of one column a predicate lets through. Pure arithmetic of sets.
//!
//! [`allowed`] reads a predicate with respect to one column and gives a superset of the values for which it can be
//! true; everything that it does not understand lets every value through. So a set that is empty proves that no row
//! passes, and asking the API for the set alone loses no row.

use std::collections::BTreeSet;

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::logical_expr::expr::{Between, InList};
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, Operator, TryCast};
use datafusion::scalar::ScalarValue;

/// A value as it is compared here: a number stands for itself, a moment for its milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Flag(bool),
    Number(i64),
    Text(String),
}

/// A set of values of one column, NULL aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Values {
    /// These alone.
    Only(BTreeSet<Key>),
    /// All but these.
    Except(BTreeSet<Key>),
    /// Numbers from the first to the second, both included.
    Range(i64, i64),
}

/// The values of one column that a predicate lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Domain {
    /// Whether rows without a value may pass.
    pub(super) null: bool,
    /// Which values may pass.
    pub(super) values: Values,
    /// Whether the predicate is true for exactly these; if not, for some of them.
    pub(super) exact: bool,
}

impl Values {
    fn all() -> Self {
        Self::Except(BTreeSet::new())
    }

    fn none() -> Self {
        Self::Only(BTreeSet::new())
    }

    /// Whether no value is among them.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Only(values) => values.is_empty(),
            Self::Except(_) => false,
            Self::Range(low, high) => low > high,
        }
    }

    /// Whether a value is among them.
    pub(super) fn has(&self, value: &Key) -> bool {
        match (self, value) {
            (Self::Only(values), value) => values.contains(value),
            (Self::Except(values), value) => !values.contains(value),
            (Self::Range(low, high), Key::Number(number)) => (low..=high).contains(&number),
            (Self::Range(..), _) => true,
        }
    }

    /// The values in both, and whether that is all there is to say.
    fn and(self, other: Self) -> (Self, bool) {
        use Values::{Except, Only, Range};
        match (self, other) {
            (Only(values), other) | (other, Only(values)) => {
                (Only(values.into_iter().filter(|value| other.has(value)).collect()), true)
            }
            (Except(mut these), Except(those)) => {
                these.extend(those);
                (Except(these), true)
            }
            (Range(low, high), Range(other_low, other_high)) => (Range(low.max(other_low), high.min(other_high)), true),
            (Range(low, high), Except(values)) | (Except(values), Range(low, high)) => {
                (Range(low, high), values.is_empty())
            }
        }
    }

    /// The values in one of them, and whether that is all there is to say.
    fn or(self, other: Self) -> (Self, bool) {
        use Values::{Except, Only, Range};
        match (self, other) {
            (one, other) if one.is_empty() => (other, true),
            (one, other) if other.is_empty() => (one, true),
            (Only(mut these), Only(those)) => {
                these.extend(those);
                (Only(these), true)
            }
            (Only(these), Except(those)) | (Except(those), Only(these)) => (Except(&those - &these), true),
            (Except(these), Except(those)) => (Except(&these & &those), true),
            (one, other) => match (one.hull(), other.hull()) {
                (Some((low, high)), Some((other_low, other_high))) => {
                    let both_ranges = matches!((&one, &other), (Range(..), Range(..)));
                    let touch = low <= other_high.saturating_add(1) && other_low <= high.saturating_add(1);
                    (Range(low.min(other_low), high.max(other_high)), both_ranges && touch)
                }
                _ => (Self::all(), false),
            },
        }
    }

    /// The smallest and the largest number; `None` for values that are no numbers or have no bounds.
    pub(super) fn hull(&self) -> Option<(i64, i64)> {
        match self {
            Self::Range(low, high) => Some((*low, *high)),
            Self::Only(values) => {
                let number = |value: &Key| match value {
                    Key::Number(number) => Some(*number),
                    _ => None,
                };
                Some((number(values.first()?)?, number(values.last()?)?))
            }
            Self::Except(_) => None,
        }
    }
}

impl Domain {
    /// Everything, since nothing is known.
    pub(super) fn unknown() -> Self {
        Self { null: true, values: Values::all(), exact: false }
    }

    /// What the predicate is true for.
    const fn exactly(null: bool, values: Values) -> Self {
        Self { null, values, exact: true }
    }

    fn nothing() -> Self {
        Self::exactly(false, Values::none())
    }

    /// Whether no row passes.
    pub(super) fn is_empty(&self) -> bool {
        !self.null && self.values.is_empty()
    }

    /// Whether it says something about the column.
    pub(super) fn constrains(&self) -> bool {
        !self.null || self.values != Values::all()
    }

    /// Rows that pass both.
    pub(super) fn and(self, other: Self) -> Self {
        let (values, exact) = self.values.and(other.values);
        Self { null: self.null && other.null, values, exact: exact && self.exact && other.exact }
    }

    fn or(self, other: Self) -> Self {
        let (values, exact) = self.values.or(other.values);
        Self { null: self.null || other.null, values, exact: exact && self.exact && other.exact }
    }
}

/// The values of `column` for which `predicate` can be true.
pub(super) fn allowed(predicate: &Expr, column: &str) -> Domain {
    match predicate {
        Expr::Literal(ScalarValue::Boolean(Some(true)), _) => Domain::exactly(true, Values::all()),
        // NULL is not true.
        Expr::Literal(ScalarValue::Boolean(_), _) => Domain::nothing(),
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            allowed(left, column).and(allowed(right, column))
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            allowed(left, column).or(allowed(right, column))
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => comparison(left, *op, right, column),
        Expr::Between(Between { expr, negated: false, low, high }) => {
            comparison(expr, Operator::GtEq, low, column).and(comparison(expr, Operator::LtEq, high, column))
        }
        Expr::InList(InList { expr, list, negated }) if is(expr, column) => in_list(list, *negated),
        // `CAST(moment AS DATE) IN (...)`
        Expr::InList(InList { expr, list, negated: false }) => {
            let days = list.iter().map(|day| comparison(expr, Operator::Eq, day, column));
            days.reduce(Domain::or).unwrap_or_else(Domain::unknown)
        }
        Expr::IsNull(expr) | Expr::IsUnknown(expr) if is(expr, column) => Domain::exactly(true, Values::none()),
        Expr::IsNotNull(expr) | Expr::IsNotUnknown(expr) if is(expr, column) => Domain::exactly(false, Values::all()),
        Expr::Not(expr) | Expr::IsFalse(expr) if is(expr, column) => flag(false, false),
        Expr::IsTrue(expr) if is(expr, column) => flag(true, false),
        Expr::IsNotTrue(expr) if is(expr, column) => flag(false, true),
        Expr::IsNotFalse(expr) if is(expr, column) => flag(true, true),
        flag_column if is(flag_column, column) => flag(true, false),
        _ => Domain::unknown(),
    }
}

fn is(expr: &Expr, column: &str) -> bool {
    matches!(expr, Expr::Column(found) if found.name == column)
}

fn flag(value: bool, null: bool) -> Domain {
    Domain::exactly(null, Values::Only([Key::Flag(value)].into()))
}

fn in_list(list: &[Expr], negated: bool) -> Domain {
    let mut keys = BTreeSet::new();
    let mut has_null = false;
    for item in list {
        match literal(item).map(value) {
            Some(Value::Null) => has_null = true,
            Some(Value::Key(key)) => drop(keys.insert(key)),
            // Two values of a finer unit than the column's can fall on one of the column's: not told apart here.
            Some(Value::Between(..) | Value::Other) | None => return Domain::unknown(),
        }
    }
    match (negated, has_null) {
        // `x NOT IN (1, NULL)` is never true.
        (true, true) => Domain::nothing(),
        (true, false) => Domain::exactly(false, Values::Except(keys)),
        (false, _) => Domain::exactly(false, Values::Only(keys)),
    }
}

fn comparison(left: &Expr, op: Operator, right: &Expr, column: &str) -> Domain {
    let (side, op, literal) = match (literal(left), literal(right)) {
        (None, Some(value)) => (left, op, value),
        (Some(value), None) => match op.swap() {
            Some(op) => (right, op, value),
            None => return Domain::unknown(),
        },
        _ => return Domain::unknown(),
    };
    if is(side, column) {
        return compared(op, &value(literal));
    }
    match (side, literal) {
        (Expr::Cast(Cast { expr, field }) | Expr::TryCast(TryCast { expr, field }), ScalarValue::Date32(Some(day)))
            if is(expr, column) && field.data_type() == &DataType::Date32 =>
        {
            by_day(op, i64::from(*day))
        }
        _ => Domain::unknown(),
    }
}

/// A value beside a column.
enum Value {
    Null,
    Key(Key),
    /// A moment between two of the column's milliseconds.
    Between(i64, i64),
    Other,
}

fn compared(op: Operator, value: &Value) -> Domain {
    let key = match value {
        Value::Null if op != Operator::IsDistinctFrom && op != Operator::IsNotDistinctFrom => return Domain::nothing(),
        Value::Null | Value::Other => return Domain::unknown(),
        Value::Between(below, above) => {
            return match op {
                Operator::Eq => Domain::nothing(),
                Operator::NotEq => Domain::exactly(false, Values::all()),
                Operator::Lt | Operator::LtEq => Domain::exactly(false, Values::Range(i64::MIN, *below)),
                Operator::Gt | Operator::GtEq => Domain::exactly(false, Values::Range(*above, i64::MAX)),
                _ => Domain::unknown(),
            };
        }
        Value::Key(key) => key,
    };
    let one = || [key.clone()].into();
    let values = match (op, key) {
        (Operator::Eq, _) => Values::Only(one()),
        (Operator::NotEq, _) => Values::Except(one()),
        (Operator::Lt, Key::Number(number)) => number.checked_sub(1).map_or_else(Values::none, below),
        (Operator::LtEq, Key::Number(number)) => below(*number),
        (Operator::Gt, Key::Number(number)) => number.checked_add(1).map_or_else(Values::none, above),
        (Operator::GtEq, Key::Number(number)) => above(*number),
        _ => return Domain::unknown(),
    };
    Domain::exactly(false, values)
}

const fn below(high: i64) -> Values {
    Values::Range(i64::MIN, high)
}

const fn above(low: i64) -> Values {
    Values::Range(low, i64::MAX)
}

/// `CAST(moment AS DATE)` beside a day: the moments of the days that pass.
fn by_day(op: Operator, day: i64) -> Domain {
    const DAY: i64 = 86_400_000;
    let (first, next) = (day.saturating_mul(DAY), day.saturating_add(1).saturating_mul(DAY));
    let values = match op {
        Operator::Eq => Values::Range(first, next - 1),
        Operator::Lt => below(first - 1),
        Operator::LtEq => below(next - 1),
        Operator::Gt => above(next),
        Operator::GtEq => above(first),
        _ => return Domain::unknown(),
    };
    Domain::exactly(false, values)
}

fn literal(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Some(value),
        _ => None,
    }
}

fn value(scalar: &ScalarValue) -> Value {
    if scalar.is_null() {
        return Value::Null;
    }
    match scalar {
        ScalarValue::Boolean(Some(flag)) => Value::Key(Key::Flag(*flag)),
        ScalarValue::Int64(Some(number)) => Value::Key(Key::Number(*number)),
        ScalarValue::Int32(Some(number)) => Value::Key(Key::Number((*number).into())),
        ScalarValue::TimestampSecond(Some(seconds), None) => milliseconds(*seconds, TimeUnit::Second),
        ScalarValue::TimestampMillisecond(Some(millis), None) => milliseconds(*millis, TimeUnit::Millisecond),
        ScalarValue::TimestampMicrosecond(Some(micros), None) => milliseconds(*micros, TimeUnit::Microsecond),
        ScalarValue::TimestampNanosecond(Some(nanos), None) => milliseconds(*nanos, TimeUnit::Nanosecond),
        _ => match scalar.try_as_str().flatten() {
            Some(text) => Value::Key(Key::Text(text.to_owned())),
            None => Value::Other,
        },
    }
}

fn milliseconds(count: i64, unit: TimeUnit) -> Value {
    let finer = match unit {
        TimeUnit::Second => {
            return count.checked_mul(1000).map_or(Value::Other, |millis| Value::Key(Key::Number(millis)));
        }
        TimeUnit::Millisecond => 1,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1_000_000,
    };
    let below = count.div_euclid(finer);
    if count.rem_euclid(finer) == 0 { Value::Key(Key::Number(below)) } else { Value::Between(below, below + 1) }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{cast, col, lit};
    use proptest::prelude::*;

    use super::*;

    fn numbers(expr: &Expr) -> Domain {
        allowed(expr, "a")
    }

    fn only(values: &[i64]) -> Values {
        Values::Only(values.iter().map(|&value| Key::Number(value)).collect())
    }

    #[test]
    fn predicates_become_sets() {
        let a = || col("a");
        let cases = [
            (a().eq(lit(5_i64)), false, only(&[5]), true),
            (lit(5_i64).lt(a()), false, Values::Range(6, i64::MAX), true),
            (a().gt(lit(5_i64)).and(a().lt(lit(8_i64))), false, Values::Range(6, 7), true),
            (a().between(lit(3_i64), lit(1_i64)), false, Values::Range(3, 1), true),
            (a().eq(lit(1_i64)).or(a().eq(lit(2_i64))), false, only(&[1, 2]), true),
            (a().eq(lit(1_i64)).or(a().is_null()), true, only(&[1]), true),
            (a().eq(lit(1_i64)).and(col("b").eq(lit(2_i64))), false, only(&[1]), false),
            (a().not_eq(lit(1_i64)).and(a().in_list(vec![lit(1_i64), lit(2_i64)], false)), false, only(&[2]), true),
            (a().lt(lit(3_i64)).or(a().gt(lit(1_i64))), false, Values::Range(i64::MIN, i64::MAX), true),
            (a().lt(lit(3_i64)).or(a().gt(lit(9_i64))), false, Values::Range(i64::MIN, i64::MAX), false),
            (a().gt(lit(i64::MAX)), false, Values::none(), true),
            (a().eq(lit(ScalarValue::Int64(None))), false, Values::none(), true),
            (a().in_list(vec![lit(1_i64), lit(ScalarValue::Int64(None))], true), false, Values::none(), true),
            (a().in_list(vec![lit(1_i64), lit(ScalarValue::Int64(None))], false), false, only(&[1]), true),
        ];
        for (expr, null, values, exact) in cases {
            assert_eq!(numbers(&expr), Domain { null, values, exact }, "{expr}");
        }
    }

    #[test]
    fn what_is_not_understood_lets_everything_through() {
        let a = || col("a");
        for expr in [
            a().eq(col("b")),
            a().eq(lit(1_i64)).or(col("b").eq(lit(2_i64))),
            !a().eq(lit(1_i64)),
            cast(a(), DataType::Utf8).eq(lit("1")),
            col("b").eq(lit(1_i64)),
        ] {
            assert!(!numbers(&expr).constrains(), "{expr}");
        }
    }

    #[test]
    fn a_moment_between_two_milliseconds_equals_none() {
        let nanos = |count| lit(ScalarValue::TimestampNanosecond(Some(count), None));
        assert!(numbers(&col("a").eq(nanos(1_500_000))).is_empty());
        assert_eq!(numbers(&col("a").gt_eq(nanos(1_500_000))).values, Values::Range(2, i64::MAX));
        assert_eq!(numbers(&col("a").lt(nanos(-1))).values, Values::Range(i64::MIN, -1));
        assert_eq!(numbers(&col("a").lt(nanos(2_000_000))).values, Values::Range(i64::MIN, 1));
    }

    #[test]
    fn a_day_is_its_moments() {
        let day = |count| lit(ScalarValue::Date32(Some(count)));
        let date = || cast(col("a"), DataType::Date32);
        assert_eq!(numbers(&date().eq(day(1))).values, Values::Range(86_400_000, 172_799_999));
        assert_eq!(numbers(&date().gt(day(0))).values, Values::Range(86_400_000, i64::MAX));
        let days = numbers(&date().in_list(vec![day(1), day(3)], false));
        assert_eq!((days.values, days.exact), (Values::Range(86_400_000, 345_599_999), false));
        assert_eq!(numbers(&day(-1).lt_eq(date())).values, Values::Range(-86_400_000, i64::MAX));
    }

    /// A predicate over `a`, as an expression and as what SQL makes of it for a value (`None`: not true or unknown).
    type Tested = (Expr, Truth, i64);
    type Truth = fn(Option<i64>, i64) -> Option<bool>;

    fn leaf() -> impl Strategy<Value = Tested> {
        (0..5_usize, -3..4_i64).prop_map(|(kind, number)| {
            let a = || col("a");
            let leaf: (Expr, Truth) = match kind {
                0 => (a().eq(lit(number)), |a, n| a.map(|a| a == n)),
                1 => (a().not_eq(lit(number)), |a, n| a.map(|a| a != n)),
                2 => (a().lt(lit(number)), |a, n| a.map(|a| a < n)),
                3 => (lit(number).lt_eq(a()), |a, n| a.map(|a| n <= a)),
                _ => (a().is_null(), |a, _| Some(a.is_none())),
            };
            (leaf.0, leaf.1, number)
        })
    }

    proptest! {
        #[test]
        fn no_value_that_passes_is_left_out(
            leaves in proptest::collection::vec((leaf(), any::<bool>()), 1..6),
            value in proptest::option::of(-5..6_i64),
        ) {
            let mut expr: Option<Expr> = None;
            let mut truth = None;
            for ((leaf, eval, number), and) in leaves {
                let leaf_truth = eval(value, number);
                (expr, truth) = match expr {
                    None => (Some(leaf), leaf_truth),
                    Some(before) if and => (Some(before.and(leaf)), match (truth, leaf_truth) {
                        (Some(false), _) | (_, Some(false)) => Some(false),
                        (Some(true), Some(true)) => Some(true),
                        _ => None,
                    }),
                    Some(before) => (Some(before.or(leaf)), match (truth, leaf_truth) {
                        (Some(true), _) | (_, Some(true)) => Some(true),
                        (Some(false), Some(false)) => Some(false),
                        _ => None,
                    }),
                };
            }
            let domain = numbers(&expr.unwrap());
            let inside = value.map_or(domain.null, |value| domain.values.has(&Key::Number(value)));
            prop_assert!(inside || truth != Some(true));
            prop_assert!(!domain.exact || !inside || truth == Some(true));
        }
    }
}
