//! Groups over a join that other parts of a statement build upon.
//!
//! DataFusion knows that the key of a table determines its row, and takes it for a key of groups, too, when a join stands
//! below them and the key is one of several columns that are grouped by. Whoever groups, joins or sorts such groups again
//! loses rows. So a statement that has them is planned without the keys of tables.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{GroupByExpr, Query, Select, SetExpr, Statement, Visit, Visitor};

/// Whether a query inside of the statement groups the rows of a join.
pub fn has_groups_over_joins(statement: &Statement) -> bool {
    let mut search = Search::default();
    statement.visit(&mut search).is_break()
}

/// What was met in the queries that are open, the outermost first.
#[derive(Default)]
struct Search {
    open: Vec<Met>,
}

#[derive(Default, Clone, Copy)]
struct Met {
    joins: bool,
    groups: bool,
}

impl Visitor for Search {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let mut met = Met::default();
        look(&query.body, &mut met);
        self.open.push(met);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        let Some(met) = self.open.pop() else { return ControlFlow::Continue(()) };
        match self.open.last_mut() {
            Some(_) if met.joins && met.groups => ControlFlow::Break(()),
            Some(outer) => {
                outer.joins |= met.joins;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Continue(()),
        }
    }
}

fn look(body: &SetExpr, met: &mut Met) {
    match body {
        SetExpr::Select(select) => look_at_select(select, met),
        SetExpr::SetOperation { left, right, .. } => {
            // Without ALL it makes groups of equal rows.
            met.groups = true;
            look(left, met);
            look(right, met);
        }
        _ => {}
    }
}

fn look_at_select(select: &Select, met: &mut Met) {
    met.joins |= select.from.len() > 1 || select.from.iter().any(|table| !table.joins.is_empty());
    let grouped = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(keys, _) => !keys.is_empty(),
    };
    met.groups |= grouped || select.distinct.is_some();
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn groups_over_joins_are_found_inside_of_statements() {
        for (sql, found) in [
            ("SELECT a.id, COUNT(*) FROM a JOIN b ON a.id = b.id GROUP BY a.id", false),
            ("SELECT * FROM (SELECT DISTINCT a.id, b.x FROM a JOIN b ON a.id = b.id) d", true),
            ("SELECT * FROM (SELECT a.id, b.x FROM a, b) d", false),
            ("SELECT * FROM (SELECT DISTINCT id, x FROM a) d JOIN b ON d.id = b.id", false),
            ("SELECT * FROM (SELECT id, x FROM (SELECT a.id, b.x FROM a, b) c GROUP BY id, x) d", true),
            (
                "WITH d AS (SELECT a.id, b.x FROM a JOIN b ON a.id = b.id UNION SELECT 1, 2) SELECT COUNT(*) FROM d",
                true,
            ),
        ] {
            assert_eq!(has_groups_over_joins(&parse(sql).unwrap().statement), found, "{sql}");
        }
    }
}
