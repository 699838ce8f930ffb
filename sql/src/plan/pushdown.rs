//! Which part of a predicate the API can answer. Pure: tested without HTTP.
//!
//! "Exact" and "local" speak of the API only. Towards DataFusion the provider is always exact: every filter is
//! evaluated again on each page (`exec.rs`), so that nothing here can make a row appear that SQL would not give.
//! What must be proven here is the other direction: that no row is lost.

use std::collections::BTreeSet;

use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use datafusion::scalar::ScalarValue;

use super::request::Target;
use crate::model::{Entity, Push, Table};

/// What of a predicate goes to the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pushed {
    /// Where the rows come from.
    pub(super) target: Target,
    /// Query parameters, the entity's fixed ones included.
    pub(super) parameters: Vec<(&'static str, String)>,
    /// For each filter, whether the API's answer alone would already satisfy it.
    pub(super) exact: Vec<bool>,
}

/// Largest id that Pipedrive's JSON can carry: 2^53 - 1. No row has an id outside 1 to this.
const MAX_ID: i64 = (1 << 53) - 1;

/// Most keys for which single gets are sent together: up to here they cost less tokens, and one round trip.
const MAX_SINGLES: usize = 3;

/// Decides what goes to the API; with `enabled` false nothing does but what makes up the table.
pub(super) fn push(table: &Table, filters: &[Expr], enabled: bool) -> Pushed {
    let entity = table.entity;
    let fixed = entity.fixed.iter().map(|&(name, value)| (name, value.to_owned())).collect();
    let mut pushed = Pushed { target: Target::List, parameters: fixed, exact: Vec::new() };
    let mut keys = None;
    for filter in filters {
        let exact = enabled && push_filter(table, filter, &mut pushed, &mut keys);
        pushed.exact.push(exact);
    }
    if let Some(keys) = keys
        && pushed.target != Target::Nothing
    {
        pushed.target = target(entity, keys.into_iter().collect());
    }
    pushed
}

/// Pushes one filter if that loses no row; whether the API's answer alone then satisfies it.
fn push_filter(table: &Table, filter: &Expr, pushed: &mut Pushed, keys: &mut Option<BTreeSet<i64>>) -> bool {
    if let Some(ScalarValue::Boolean(None | Some(false))) = literal(filter) {
        // Proof: `id = 1 AND id = 2` is folded to this; it is true for no row.
        pushed.target = Target::Nothing;
        return true;
    }
    let Some((name, values)) = equalities(filter) else { return false };
    let Some(column) = table.columns.iter().find(|column| column.name.to_lowercase() == name) else { return false };
    if values.is_empty() {
        // Proof: `column = NULL` and `column IN (NULL)` are never true.
        pushed.target = Target::Nothing;
        return true;
    }
    if column.name == table.entity.key {
        let Some(wanted) = integers(&values) else { return false };
        // Proof: no record has another id, so the others select nothing.
        let wanted: BTreeSet<i64> = wanted.into_iter().filter(|id| (1..=MAX_ID).contains(id)).collect();
        *keys = Some(keys.take().map_or_else(|| wanted.clone(), |keys| &keys & &wanted));
        return true;
    }
    column.pushes.is_some_and(|push| push_parameter(pushed, push, &values))
}

/// Singles up to [`MAX_SINGLES`] keys or while they cost less than the list, else `ids`, else the list.
fn target(entity: &Entity, keys: Vec<i64>) -> Target {
    let count = keys.len();
    let price = |each: u32| usize::try_from(each).unwrap_or(usize::MAX).saturating_mul(count);
    match entity.single {
        _ if keys.is_empty() => Target::Nothing,
        Some(_) if count <= MAX_SINGLES => Target::Singles(keys),
        _ if entity.ids => Target::Ids(keys),
        Some(each) if price(each) <= usize::try_from(entity.list_tokens).unwrap_or(0) => Target::Singles(keys),
        _ => Target::List,
    }
}

/// Adds the parameter if the API's meaning is SQL's for these values.
fn push_parameter(pushed: &mut Pushed, push: Push, values: &[&ScalarValue]) -> bool {
    match push {
        Push::Equal(parameter) => {
            // Proof: documented as "only those with this id"; an id of no record gives an empty list. One chain takes
            // one value, so a list stays local, and so does a value that cannot be an id.
            let Some(&[value]) = integers(values).as_deref() else { return false };
            let taken = pushed.parameters.iter().any(|(name, _)| *name == parameter);
            if taken || !(1..=MAX_ID).contains(&value) {
                return false;
            }
            pushed.parameters.push((parameter, value.to_string()));
            true
        }
        Push::Flag(parameter) => {
            // Proof: documented as "only those with this value of the flag". A row without the flag satisfies neither
            // `c` nor `NOT c`, so it may be left out of both.
            let [ScalarValue::Boolean(Some(flag))] = values else { return false };
            let taken = pushed.parameters.iter().any(|(name, _)| *name == parameter);
            if !taken {
                pushed.parameters.push((parameter, flag.to_string()));
            }
            !taken
        }
        Push::List(parameter) => {
            let Some((_, allowed)) = pushed.parameters.iter_mut().find(|(name, _)| *name == parameter) else {
                return false;
            };
            // Proof: the table has only rows with one of the fixed values (`exec.rs` drops others), so a value
            // outside them is no row, and the parameter is documented to take a list. Compared with case, as in SQL.
            let Some(wanted) = texts(values) else { return false };
            let kept: Vec<_> = allowed.split(',').filter(|value| wanted.contains(value)).collect();
            if kept.is_empty() {
                pushed.target = Target::Nothing;
            } else {
                *allowed = kept.join(",");
            }
            true
        }
    }
}

/// What a flag is compared with where it stands alone, and behind NOT.
static TRUE: ScalarValue = ScalarValue::Boolean(Some(true));
static FALSE: ScalarValue = ScalarValue::Boolean(Some(false));

/// The column and the literals of `c = 1`, `1 = c`, `c IN (1, 2)` and of OR over such terms of one column.
/// NULLs are left out: a comparison with NULL is never true. A flag stands for itself: `c` is `c = TRUE`.
fn equalities(filter: &Expr) -> Option<(String, Vec<&ScalarValue>)> {
    match filter {
        Expr::Column(column) => Some((column.name.clone(), vec![&TRUE])),
        Expr::Not(column) => match column.as_ref() {
            Expr::Column(column) => Some((column.name.clone(), vec![&FALSE])),
            _ => None,
        },
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            let (column, value) = column_and_literal(left, right).or_else(|| column_and_literal(right, left))?;
            Some((column, present([value])))
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let (column, mut values) = equalities(left)?;
            let (other, more) = equalities(right)?;
            values.extend(more);
            (column == other).then_some((column, values))
        }
        Expr::InList(InList { expr, list, negated: false }) => {
            let Expr::Column(column) = expr.as_ref() else {
                return None;
            };
            let values: Option<Vec<_>> = list.iter().map(literal).collect();
            Some((column.name.clone(), present(values?)))
        }
        _ => None,
    }
}

fn column_and_literal<'a>(column: &Expr, value: &'a Expr) -> Option<(String, &'a ScalarValue)> {
    let Expr::Column(column) = column else { return None };
    Some((column.name.clone(), literal(value)?))
}

fn literal(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Some(value),
        _ => None,
    }
}

fn present<'a>(values: impl IntoIterator<Item = &'a ScalarValue>) -> Vec<&'a ScalarValue> {
    values.into_iter().filter(|value| !value.is_null()).collect()
}

fn integers(values: &[&ScalarValue]) -> Option<Vec<i64>> {
    values
        .iter()
        .map(|value| match value {
            ScalarValue::Int64(Some(number)) => Some(*number),
            _ => None,
        })
        .collect()
}

fn texts<'a>(values: &[&'a ScalarValue]) -> Option<Vec<&'a str>> {
    values.iter().map(|value| value.try_as_str().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{col, lit};

    use super::*;
    use crate::model::{NameStyle, entity};

    fn pushed(table: &str, filters: &[Expr]) -> Pushed {
        let table = Table::new(entity(table).unwrap(), &[], NameStyle::Label, &mut Vec::new());
        push(&table, filters, true)
    }

    fn parameters(pushed: &Pushed) -> Vec<(&str, &str)> {
        pushed.parameters.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    #[test]
    fn up_to_three_keys_are_single_gets_and_more_are_ids() {
        let all = |ids: &[i64]| col("id").in_list(ids.iter().map(|&id| lit(id)).collect(), false);
        assert_eq!(pushed("deals", &[col("id").eq(lit(7_i64))]).target, Target::Singles(vec![7]));
        assert_eq!(pushed("deals", &[lit(7_i64).eq(col("id"))]).target, Target::Singles(vec![7]));
        assert_eq!(pushed("deals", &[all(&[9, 3, 7, 3])]).target, Target::Singles(vec![3, 7, 9]));
        assert_eq!(pushed("deals", &[all(&[1, 2, 3, 4])]).target, Target::Ids(vec![1, 2, 3, 4]));
        let or = col("id").eq(lit(1_i64)).or(col("id").eq(lit(2_i64)));
        assert_eq!(pushed("deals", &[or]).target, Target::Singles(vec![1, 2]));
    }

    #[test]
    fn a_table_without_ids_is_read_whole_when_single_gets_cost_more() {
        let all = |count: i64| col("id").in_list((1..=count).map(lit).collect(), false);
        assert_eq!(pushed("stages", &[all(5)]).target, Target::Singles(vec![1, 2, 3, 4, 5]));
        assert_eq!(pushed("stages", &[all(6)]).target, Target::List);
        assert_eq!(pushed("users", &[all(10)]).target, Target::Singles((1..=10).collect()));
    }

    #[test]
    fn contradictions_nulls_and_impossible_keys_cost_nothing() {
        let null = || lit(ScalarValue::Int64(None));
        let cases = [
            vec![col("id").eq(lit(0_i64))],
            vec![col("id").eq(lit(1_i64 << 53))],
            vec![col("id").eq(null())],
            vec![col("owner_id").in_list(vec![null()], false)],
            vec![col("id").eq(lit(1_i64)), col("id").eq(lit(2_i64))],
            vec![col("status").eq(lit("deleted"))],
            vec![col("status").eq(lit("WON"))],
            vec![lit(false)],
            vec![lit(ScalarValue::Boolean(None))],
        ];
        for filters in cases {
            assert_eq!(pushed("deals", &filters).target, Target::Nothing, "{filters:?}");
        }
    }

    #[test]
    fn a_status_list_replaces_the_fixed_one() {
        let filter = col("status").in_list(vec![lit("lost"), lit("won"), lit("deleted")], false);
        let pushed = pushed("deals", &[filter]);
        assert_eq!(parameters(&pushed), [("status", "won,lost")]);
        assert_eq!(pushed.exact, [true]);
    }

    #[test]
    fn one_equality_a_parameter_and_no_lists() {
        let one = pushed("deals", &[col("owner_id").eq(lit(5_i64)), col("owner_id").eq(lit(6_i64))]);
        assert_eq!(parameters(&one), [("status", "open,won,lost"), ("owner_id", "5")]);
        assert_eq!(one.exact, [true, false]);
        let list = pushed("deals", &[col("owner_id").in_list(vec![lit(5_i64), lit(6_i64)], false)]);
        assert_eq!(parameters(&list), [("status", "open,won,lost")]);
        assert_eq!(list.exact, [false]);
    }

    #[test]
    fn a_flag_is_pushed_as_it_stands_and_negated() {
        let cases = [
            (col("done"), "true"),
            (Expr::Not(Box::new(col("done"))), "false"),
            (col("done").eq(lit(true)), "true"),
            (lit(false).eq(col("done")), "false"),
            (col("done").in_list(vec![lit(false)], false), "false"),
        ];
        for (filter, value) in cases {
            let pushed = pushed("activities", std::slice::from_ref(&filter));
            assert_eq!(
                (parameters(&pushed), pushed.exact.as_slice()),
                (vec![("done", value)], &[true][..]),
                "{filter}"
            );
        }
    }

    #[test]
    fn flags_that_the_api_does_not_filter_by_or_that_contradict_stay_local() {
        let both = col("done").in_list(vec![lit(true), lit(false)], false);
        let either = col("done").or(Expr::Not(Box::new(col("done"))));
        for filter in [col("busy"), both, either, col("done").is_true(), col("done").not_eq(lit(true))] {
            let pushed = pushed("activities", std::slice::from_ref(&filter));
            assert_eq!((parameters(&pushed), pushed.exact.as_slice()), (Vec::new(), &[false][..]), "{filter}");
        }
        let contradiction = pushed("activities", &[col("done"), Expr::Not(Box::new(col("done")))]);
        assert_eq!(parameters(&contradiction), [("done", "true")]);
        assert_eq!(contradiction.exact, [true, false]);
    }

    #[test]
    fn what_is_not_an_equality_of_one_column_stays_local() {
        let cases = [
            col("id").gt(lit(5_i64)),
            col("id").in_list(vec![lit(5_i64)], true),
            col("id").eq(lit(5_i64)).or(col("owner_id").eq(lit(5_i64))),
            col("id").eq(col("owner_id")),
            col("title").eq(lit("x")),
            col("owner_id").eq(lit(0_i64)),
        ];
        for filter in cases {
            let pushed = pushed("deals", std::slice::from_ref(&filter));
            assert_eq!((pushed.target, pushed.exact), (Target::List, vec![false]), "{filter}");
        }
    }

    #[test]
    fn switched_off_it_pushes_nothing_but_the_table_itself() {
        let table = Table::new(entity("deals").unwrap(), &[], NameStyle::Label, &mut Vec::new());
        let pushed = push(&table, &[col("id").eq(lit(5_i64)), col("status").eq(lit("won"))], false);
        assert_eq!((pushed.target.clone(), parameters(&pushed)), (Target::List, vec![("status", "open,won,lost")]));
    }
}
