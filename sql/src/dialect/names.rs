//! Names of result columns.
//!
//! DataFusion wants every column of a select list to have a name of its own, in lower case; an application may ask for
//! `id, id` or `COUNT(*), COUNT(*)` and wants to see what it wrote. So a select item that has no name, or one that was
//! taken by an item before it, gets an internal name, and [`OutputNames`] keeps what the application must see. In a
//! derived table both of two items with one name get internal ones: who names such a column could mean either.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectNamePart, OrderBy, OrderByKind, Query, Select, SelectItem, SelectItemQualifiedWildcardKind,
    SetExpr, TableAlias,
};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Location, Token};

use super::escapes::Translated;
use super::tokens::Piece;

/// What the application must see as names of the result's columns.
#[derive(Debug, Clone, Default)]
pub struct OutputNames {
    /// One entry per result column; empty when the number of columns is known to the planner only, because of `*`.
    items: Vec<Option<String>>,
    /// Spellings of names that the statement introduces, by their lower-case or internal form.
    spelled: HashMap<String, String>,
}

impl OutputNames {
    /// The name of the column at `index`, from 0: the alias as it was written, or the text of an expression. `None` for
    /// a plain column.
    pub fn item(&self, index: usize) -> Option<&str> {
        self.items.get(index)?.as_deref()
    }

    /// How the statement spells the name that DataFusion knows as `lower`: an alias further down, or the name behind an
    /// internal one.
    pub fn spelled(&self, lower: &str) -> Option<&str> {
        self.spelled.get(lower).map(String::as_str)
    }
}

/// Longest name made of an expression's text, in characters: what most tools take as a column name.
const LONGEST: usize = 128;

/// Names select items while a statement is rewritten.
pub(super) struct Scribe<'a> {
    sql: &'a str,
    translated: &'a Translated,
    places: HashMap<Location, usize>,
    names: OutputNames,
    /// Every word of the statement: an internal name must not be one.
    words: HashSet<&'a str>,
    made: usize,
    /// Aliases of the result that stand beside `*` and got internal names, for ORDER BY.
    renamed: HashMap<String, Ident>,
}

impl<'a> Scribe<'a> {
    pub(super) fn new(sql: &'a str, translated: &'a Translated) -> Self {
        let pieces = translated.pieces.iter();
        let words = pieces.clone().filter_map(|piece| match &piece.token {
            Token::Word(word) => Some(word.value.as_str()),
            _ => None,
        });
        let words = words.collect();
        let places = pieces.enumerate().map(|(index, piece)| (piece.span.start, index)).collect();
        Self { sql, translated, places, names: OutputNames::default(), words, made: 0, renamed: HashMap::new() }
    }

    /// What was gathered.
    pub(super) fn finish(self) -> OutputNames {
        self.names
    }

    /// Names the columns of the result of a whole statement.
    pub(super) fn name_result(&mut self, query: &mut Query) {
        let Query { body, order_by, .. } = query;
        let Some(select) = first_select(body) else { return };
        let shown = self.name_items(select, true);
        if let (Some(order), None) = (order_by, &shown) {
            follow(order, &self.renamed);
        }
        self.names.items = shown.unwrap_or_default();
        self.name_branches(body);
    }

    /// Names the columns of a derived table or a common table expression.
    pub(super) fn name_table(&mut self, query: &mut Query) {
        if let Some(select) = first_select(&mut query.body) {
            self.name_items(select, false);
        }
    }

    /// Branches of a set operation beyond the first, and subqueries, need names only to tell their columns apart.
    pub(super) fn name_select(&mut self, select: &mut Select) {
        if select.projection.len() > 1 {
            self.name_items(select, false);
        }
    }

    /// Keeps the spellings of a table's column aliases.
    pub(super) fn keep_alias(&mut self, alias: &TableAlias) {
        for column in &alias.columns {
            self.keep(&column.name);
        }
    }

    fn name_branches(&mut self, body: &mut SetExpr) {
        match body {
            SetExpr::Query(query) => self.name_branches(&mut query.body),
            SetExpr::SetOperation { left, right, .. } => {
                self.name_branches(left);
                self.name_branches(right);
            }
            SetExpr::Select(select) => self.name_select(select),
            _ => {}
        }
    }

    /// Gives every item a name of its own; what each is to be shown as, `None` where `*` hides how many there are.
    fn name_items(&mut self, select: &mut Select, result: bool) -> Option<Vec<Option<String>>> {
        let starred = select.projection.iter().any(is_star);
        let stars = starred_tables(select);
        let texts = self.texts(select);
        let mut seen = if result { HashSet::new() } else { ambiguous(select) };
        let mut shown = Vec::with_capacity(select.projection.len());
        for (index, item) in select.projection.iter_mut().enumerate() {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    let column = plain(expr).cloned();
                    match &column {
                        Some(column) if !starred && seen.insert(column.value.clone()) => shown.push(None),
                        // `a.*` does not bring in `b.name`. A name that both have is DataFusion's to refuse.
                        Some(_) if !result && is_beside(expr, &stars) => {}
                        Some(column) => {
                            let spelling = self.spelling(column);
                            let internal = self.internal(spelling, &column.value);
                            rename(item, internal);
                            shown.push(None);
                        }
                        None => {
                            let text = texts.get(index).cloned().unwrap_or_else(|| expr.to_string());
                            rename(item, self.internal(text.clone(), ""));
                            shown.push(Some(text));
                        }
                    }
                }
                SelectItem::ExprWithAlias { alias, .. } => {
                    let spelling = self.keep(alias);
                    let clashes = !seen.insert(alias.value.clone()) || (starred && result);
                    if clashes {
                        let internal = self.internal(spelling.clone(), &alias.value);
                        if result {
                            self.renamed.entry(alias.value.clone()).or_insert_with(|| internal.clone());
                        }
                        *alias = internal;
                    }
                    shown.push(Some(spelling));
                }
                _ => {}
            }
        }
        (!starred).then_some(shown)
    }

    /// Keeps how a name was written, the first time it is introduced.
    fn keep(&mut self, name: &Ident) -> String {
        let spelling = self.spelling(name);
        self.names.spelled.entry(name.value.clone()).or_insert_with(|| spelling.clone());
        spelling
    }

    /// A name that no statement writes; it ends in the name that the column would have.
    fn internal(&mut self, shown: String, meant: &str) -> Ident {
        loop {
            self.made += 1;
            let name = format!("~{}{INSTEAD_OF}{meant}", self.made);
            if !self.words.contains(name.as_str()) {
                self.names.spelled.insert(name.clone(), shown);
                return Ident::with_quote('"', name);
            }
        }
    }

    /// A name as its author wrote it.
    fn spelling(&self, name: &Ident) -> String {
        let piece = self.places.get(&name.span.start).and_then(|&index| self.translated.pieces.get(index));
        let written = piece.and_then(|piece| self.sql.get(piece.range.clone())).unwrap_or_default();
        match written.chars().next() {
            Some(quote @ ('"' | '\'')) if written.len() >= 2 => {
                written[1..written.len() - 1].replace(&format!("{quote}{quote}"), &quote.to_string())
            }
            Some(_) if written.to_lowercase() == name.value => written.to_owned(),
            _ => name.value.clone(),
        }
    }

    /// The text of each select item; empty when the tokens and the tree do not tell the same number of items.
    fn texts(&self, select: &Select) -> Vec<String> {
        let Some(&start) = self.places.get(&select.select_token.0.span.start) else { return Vec::new() };
        let ranges = item_ranges(&self.translated.pieces[start + 1..]);
        if ranges.len() != select.projection.len() {
            return Vec::new();
        }
        ranges.into_iter().map(|range| shorten(&self.translated.text(self.sql, range))).collect()
    }
}

/// Between the number of an internal name and the name in whose place it stands.
const INSTEAD_OF: char = '~';

/// Whether `internal` stands in the place of `name`.
pub(super) fn stands_for(internal: &str, name: &str) -> bool {
    let rest = internal.strip_prefix('~').and_then(|rest| rest.split_once(INSTEAD_OF));
    rest.is_some_and(|(_, meant)| meant == name)
}

/// Names that items of different meaning share.
fn ambiguous(select: &Select) -> HashSet<String> {
    let mut first: HashMap<&str, &Expr> = HashMap::new();
    let mut shared = HashSet::new();
    for item in &select.projection {
        let named = match item {
            SelectItem::UnnamedExpr(expr) => plain(expr).map(|name| (name, expr)),
            SelectItem::ExprWithAlias { alias, expr } => Some((alias, expr)),
            _ => None,
        };
        if let Some((name, expr)) = named
            && *first.entry(&name.value).or_insert(expr) != expr
        {
            shared.insert(name.value.clone());
        }
    }
    shared
}

/// On one line, and not longer than a name should be.
fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST).collect()
}

pub(super) fn rename(item: &mut SelectItem, alias: Ident) {
    if let SelectItem::UnnamedExpr(expr) = item {
        let expr = std::mem::replace(expr, Expr::Identifier(Ident::new("")));
        *item = SelectItem::ExprWithAlias { expr, alias };
    }
}

/// ORDER BY names an item that was renamed: it follows.
fn follow(order: &mut OrderBy, renamed: &HashMap<String, Ident>) {
    let OrderByKind::Expressions(keys) = &mut order.kind else { return };
    for key in keys {
        if let Expr::Identifier(name) = &key.expr
            && let Some(internal) = renamed.get(&name.value)
        {
            key.expr = Expr::Identifier(internal.clone());
        }
    }
}

/// With DISTINCT, DataFusion takes only columns of the result as sort keys: a key that is an item of the select list is
/// named by its alias.
pub(super) fn order_by_aliases(query: &mut Query) {
    let Some(OrderBy { kind: OrderByKind::Expressions(keys), .. }) = &mut query.order_by else { return };
    let SetExpr::Select(select) = query.body.as_ref() else { return };
    if select.distinct.is_none() {
        return;
    }
    for key in keys {
        let alias = select.projection.iter().find_map(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } if *expr == key.expr => Some(alias.clone()),
            _ => None,
        });
        if let Some(alias) = alias {
            key.expr = Expr::Identifier(alias);
        }
    }
}

/// The tables of `a.*`; `None` for a bare `*`, which brings in the columns of all.
fn starred_tables(select: &Select) -> Option<HashSet<String>> {
    let mut tables = HashSet::new();
    for item in &select.projection {
        match item {
            SelectItem::Wildcard(_) => return None,
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(table), _) => {
                tables.insert(dotted(table.0.iter().filter_map(ObjectNamePart::as_ident)));
            }
            _ => {}
        }
    }
    Some(tables)
}

/// Whether a plain column is of another table than those whose columns `*` brings in.
fn is_beside(expr: &Expr, stars: &Option<HashSet<String>>) -> bool {
    let (Expr::CompoundIdentifier(parts), Some(stars)) = (expr, stars) else { return false };
    !stars.is_empty() && !stars.contains(&dotted(&parts[..parts.len() - 1]))
}

/// Names as they are known, quoted or not.
fn dotted<'a>(parts: impl IntoIterator<Item = &'a Ident>) -> String {
    parts.into_iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".")
}

const fn is_star(item: &SelectItem) -> bool {
    matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..))
}

/// The name of a plain column.
fn plain(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Identifier(name) => Some(name),
        Expr::CompoundIdentifier(parts) => parts.last(),
        Expr::Nested(inner) => plain(inner),
        _ => None,
    }
}

/// The select that gives a query its names.
pub(super) fn first_select(body: &mut SetExpr) -> Option<&mut Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::Query(query) => first_select(&mut query.body),
        SetExpr::SetOperation { left, .. } => first_select(left),
        _ => None,
    }
}

/// The bytes of each item of the select list that begins at the first piece.
fn item_ranges(pieces: &[Piece]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let (mut depth, mut current) = (0_usize, None::<Range<usize>>);
    for piece in &pieces[modifiers(pieces)..] {
        match &piece.token {
            Token::RParen if depth == 0 => break,
            Token::Comma if depth == 0 => {
                ranges.extend(current.take());
                continue;
            }
            _ if depth == 0 && piece.keyword().is_some_and(ends_list) => break,
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        let start = current.as_ref().map_or(piece.range.start, |range| range.start);
        current = Some(start..piece.range.end);
    }
    ranges.extend(current);
    ranges
}

/// How many pieces DISTINCT, ALL and TOP take.
fn modifiers(pieces: &[Piece]) -> usize {
    let mut at = 0;
    while let Some(Keyword::DISTINCT | Keyword::ALL) = pieces.get(at).and_then(Piece::keyword) {
        at += 1;
    }
    if pieces.get(at).and_then(Piece::keyword) != Some(Keyword::TOP) {
        return at;
    }
    at += 1;
    if pieces.get(at).is_none_or(|piece| piece.token != Token::LParen) {
        return (at + 1).min(pieces.len());
    }
    let closing = pieces[at..].iter().position(|piece| piece.token == Token::RParen);
    closing.map_or(at, |closing| at + closing + 1)
}

const fn ends_list(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::FROM
            | Keyword::WHERE
            | Keyword::GROUP
            | Keyword::HAVING
            | Keyword::ORDER
            | Keyword::LIMIT
            | Keyword::OFFSET
            | Keyword::FETCH
            | Keyword::UNION
            | Keyword::EXCEPT
            | Keyword::INTERSECT
            | Keyword::WINDOW
            | Keyword::INTO
    )
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn columns_are_named_as_they_were_written() {
        let cases: [(&str, &[Option<&str>]); 7] = [
            ("SELECT Id, \"Lead Source\" FROM deals", &[None, None]),
            ("SELECT id AS \"My Id\", title T FROM deals", &[Some("My Id"), Some("T")]),
            (
                "SELECT COUNT(*), Sum( value ),\n  1 +\n 2 FROM deals",
                &[Some("COUNT(*)"), Some("Sum( value )"), Some("1 + 2")],
            ),
            ("SELECT TOP 5 {fn UCASE(Title)}, ({fn LCASE(a)}) FROM deals", &[Some("UCASE(Title)"), Some("(LCASE(a))")]),
            ("SELECT DISTINCT EXTRACT(YEAR FROM a), 'x,y' FROM t", &[Some("EXTRACT(YEAR FROM a)"), Some("'x,y'")]),
            ("SELECT a AS X, b AS X, x FROM t", &[Some("X"), Some("X"), None]),
            ("SELECT Count(a) AS 'Sum of ''x''' FROM t UNION SELECT b FROM t", &[Some("Sum of 'x'")]),
        ];
        for (sql, expected) in cases {
            let names = parse(sql).unwrap().names;
            let shown: Vec<_> = (0..expected.len()).map(|index| names.item(index)).collect();
            assert_eq!(shown, expected, "{sql}");
            assert_eq!(names.item(expected.len()), None);
        }
    }

    #[test]
    fn spellings_of_names_further_down_are_kept() {
        let names = parse("SELECT * FROM (SELECT id AS \"Deal Id\", UPPER(title) FROM deals) AS t").unwrap().names;
        assert_eq!(names.item(0), None);
        assert_eq!(names.spelled("deal id"), Some("Deal Id"));
        assert_eq!(names.spelled("~1~"), Some("UPPER(title)"));
    }
}
