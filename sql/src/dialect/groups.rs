//! Groups over a join that other parts of a statement build upon.
//!
//! DataFusion knows that the key of a table determines its row, and takes it for a key of groups, too, when a join stands
//! below them and the key is one of several columns that are grouped by. Whoever groups, joins or sorts such groups again
//! loses rows. So a statement that may have them, one with a join and with groups inside, is planned without the keys of
//! tables.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    GroupByExpr, Query, Select, SetExpr, Statement, TableFactor, TableWithJoins, Visit, Visitor,
};

/// Whether the statement has a join, and a query inside of it that groups rows.
pub fn has_groups_over_joins(statement: &Statement) -> bool {
    let mut search = Search::default();
    let _ = statement.visit(&mut search);
    search.joins && search.groups
}

/// What was met so far.
#[derive(Default)]
struct Search {
    /// Queries that are open.
    depth: usize,
    joins: bool,
    /// Groups below the outermost query.
    groups: bool,
}

impl Visitor for Search {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.look(&query.body);
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }
}

impl Search {
    fn look(&mut self, body: &SetExpr) {
        match body {
            SetExpr::Select(select) => self.look_at_select(select),
            SetExpr::SetOperation { left, right, .. } => {
                // Without ALL it makes groups of equal rows.
                self.groups |= self.depth > 0;
                self.look(left);
                self.look(right);
            }
            _ => {}
        }
    }

    fn look_at_select(&mut self, select: &Select) {
        self.joins |= select.from.len() > 1 || select.from.iter().any(joins);
        let grouped = match &select.group_by {
            GroupByExpr::All(_) => true,
            GroupByExpr::Expressions(keys, _) => !keys.is_empty(),
        };
        self.groups |= self.depth > 0 && (grouped || select.distinct.is_some());
    }
}

fn joins(table: &TableWithJoins) -> bool {
    let nested = match &table.relation {
        TableFactor::NestedJoin { table_with_joins, .. } => joins(table_with_joins),
        _ => false,
    };
    nested || !table.joins.is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn groups_inside_of_statements_with_joins_are_found() {
        for (sql, found) in [
            ("SELECT a.id, COUNT(*) FROM a JOIN b ON a.id = b.id GROUP BY a.id", false),
            ("SELECT DISTINCT * FROM (SELECT a.id, b.x FROM a, b) d", false),
            ("SELECT * FROM (SELECT DISTINCT id, x FROM a) d WHERE id IN (SELECT id FROM b)", false),
            ("SELECT * FROM (SELECT DISTINCT a.id, b.x FROM a JOIN b ON a.id = b.id) d", true),
            ("SELECT * FROM (SELECT DISTINCT a.id, b.x FROM (a JOIN b ON a.id = b.id)) d", true),
            ("SELECT * FROM (SELECT DISTINCT a.id, b.x FROM ((a JOIN b ON a.id = b.id))) d", true),
            ("SELECT * FROM (SELECT id, x FROM (SELECT a.id, b.x FROM a, b) c GROUP BY id, x) d", true),
            (
                "WITH d AS (SELECT a.id, b.x FROM a JOIN b ON a.id = b.id UNION SELECT 1, 2) SELECT COUNT(*) FROM d",
                true,
            ),
            ("WITH j AS (SELECT a.id, b.x FROM a, b), g AS (SELECT id, x FROM j GROUP BY id, x) SELECT * FROM g", true),
        ] {
            assert_eq!(has_groups_over_joins(&parse(sql).unwrap().statement), found, "{sql}");
        }
    }
}
