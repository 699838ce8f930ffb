//! All that the engine and DuckDB must be told in different words for the same meaning.
//!
//! - Literals: DuckDB gets each in one plain, typed form, whatever spelling the engine gets.
//! - NULLs sort last in the engine; DuckDB is told so.
//! - `/` of whole numbers cuts the fraction; that is DuckDB's `//`.
//! - CAST: to BIGINT the engine cuts fractions where DuckDB rounds; a flag as text is 0 or 1; a length cuts.
//! - Functions by their ODBC names; `ß` in capitals is `SS`; days of the week count from Sunday as 1; a DATE and days are a DATE.
//! - An average of money has eight decimals in the engine and is a DOUBLE in DuckDB: `verdict.rs` compares with a
//!   tolerance, and the generator neither sorts nor compares by averages.
//!
//! Alike in both without a word: text by code point, no default escape of LIKE, whole microseconds of moments,
//! INTERVAL '1' MONTH that ends in a shorter month, exact numbers whose scales differ.

use pipedrive_sql::Value;

use super::catalog::Table;
use super::render::Writer;
use super::tree::{Aggregate, CastTo, Expr, Function, Literal, Operator, Spelling};
use super::value::{Cell, Kind};

/// Whom a statement is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Pipedrive,
    DuckDb,
}

/// The statement that makes DuckDB's copy of a table, rows for its one parameter.
pub(super) fn load(table: &Table) -> String {
    let column = |(index, column): (usize, &super::catalog::Column)| {
        format!("CAST(r[{}] AS {}) AS \"{}\"", index + 1, column.kind.type_name(), column.name)
    };
    let columns: Vec<_> = table.columns.iter().enumerate().map(column).collect();
    let rows = "SELECT unnest(from_json(CAST(? AS JSON), '[[\"VARCHAR\"]]')) AS r";
    format!("CREATE TABLE {} AS SELECT {} FROM ({rows})", table.name, columns.join(", "))
}

impl Writer {
    /// After a key of ORDER BY.
    pub(super) fn nulls_last(&mut self) {
        if self.dialect == Dialect::DuckDb {
            self.put(" NULLS LAST");
        }
    }

    /// A literal in its spelling.
    pub(super) fn literal(&mut self, literal: &Literal) {
        match self.dialect {
            Dialect::DuckDb => self.put(&typed(&literal.value, literal.kind)),
            Dialect::Pipedrive => self.spelled(literal),
        }
    }

    fn spelled(&mut self, literal: &Literal) {
        let Literal { value, kind, spelling } = literal;
        let text = value.text();
        match spelling {
            Spelling::Plain => self.put(&plain(value)),
            Spelling::Quoted => self.put(&quoted(&text)),
            Spelling::Number => self.put(&text),
            Spelling::Cast => self.put(&typed(value, *kind)),
            Spelling::Escape => self.put(&escape(value)),
            Spelling::Folded => self.put(&folded(value)),
            Spelling::Parameter | Spelling::TextParameter => {
                let as_text = || Value::Text(text);
                let parameter = value.parameter().filter(|_| *spelling == Spelling::Parameter);
                self.text.values.push(parameter.unwrap_or_else(as_text));
                self.put("?");
            }
        }
    }

    /// CAST with the engine's meaning.
    pub(super) fn cast(&mut self, expr: &Expr, from: Kind, to: CastTo) {
        let name = to.kind.type_name();
        let (before, after) = match (self.dialect, from, to.kind, to.length) {
            (Dialect::Pipedrive, _, _, None) => ("CAST(".to_owned(), format!(" AS {name})")),
            (Dialect::Pipedrive, _, _, Some(length)) => ("CAST(".to_owned(), format!(" AS {name}({length}))")),
            (Dialect::DuckDb, Kind::Decimal | Kind::Double, Kind::Integer, _) => {
                ("CAST(trunc(".to_owned(), format!(") AS {name})"))
            }
            (Dialect::DuckDb, Kind::Bit, Kind::Text, _) => {
                ("CAST(CAST(".to_owned(), " AS BIGINT) AS VARCHAR)".to_owned())
            }
            (Dialect::DuckDb, _, _, Some(length)) => ("left(CAST(".to_owned(), format!(" AS {name}), {length})")),
            (Dialect::DuckDb, ..) => ("CAST(".to_owned(), format!(" AS {name})")),
        };
        self.put(&before);
        self.expr(expr);
        self.put(&after);
    }

    /// A function by the dialect's name.
    pub(super) fn call(&mut self, function: Function, argument: &Expr) {
        let (before, after) = match self.dialect {
            Dialect::Pipedrive => odbc(function),
            Dialect::DuckDb => duck(function),
        };
        self.put(before);
        self.expr(argument);
        self.put(&after);
    }

    /// An operator between two values.
    pub(super) fn arithmetic(&mut self, operator: Operator, left: &Expr, right: &Expr) {
        let sign = match (operator, self.dialect) {
            (Operator::Add, _) => " + ",
            (Operator::Subtract, _) => " - ",
            (Operator::Multiply, _) => " * ",
            (Operator::Divide, Dialect::Pipedrive) => " / ",
            (Operator::Divide, Dialect::DuckDb) => " // ",
            (Operator::Remainder, _) => " % ",
            (Operator::Concatenate, _) => " || ",
        };
        self.put("(");
        self.two(left, sign, right);
        self.put(")");
    }
}

/// A literal that says its type, in words of both dialects.
fn typed(value: &Cell, kind: Kind) -> String {
    match value {
        Cell::Null => format!("CAST(NULL AS {})", kind.type_name()),
        Cell::Bit(flag) => if *flag { "TRUE" } else { "FALSE" }.to_owned(),
        Cell::Exact { scale: 0, .. } => format!("CAST({} AS BIGINT)", value.text()),
        Cell::Exact { .. } => value.text(),
        Cell::Text(text) => quoted(text),
        other => format!("CAST({} AS {})", quoted(&other.text()), kind.type_name()),
    }
}

/// A literal as SQL has it.
fn plain(value: &Cell) -> String {
    let text = value.text();
    match value {
        Cell::Null | Cell::Exact { .. } | Cell::Double(_) => text,
        Cell::Bit(flag) => if *flag { "TRUE" } else { "FALSE" }.to_owned(),
        Cell::Text(_) => quoted(&text),
        Cell::Date(_) => format!("DATE '{text}'"),
        Cell::Time(_) => format!("TIME '{text}'"),
        Cell::Timestamp(_) => format!("TIMESTAMP '{text}'"),
    }
}

fn escape(value: &Cell) -> String {
    let text = value.text();
    match value {
        Cell::Date(_) => format!("{{d '{text}'}}"),
        Cell::Time(_) => format!("{{t '{text}'}}"),
        Cell::Timestamp(_) => format!("{{ts '{text}'}}"),
        other => plain(other),
    }
}

/// The value as a sum of two constants.
fn folded(value: &Cell) -> String {
    const MICROS_PER_DAY: i64 = 86_400_000_000;
    match value {
        Cell::Exact { unscaled, scale } => {
            let part = Cell::Exact { unscaled: unscaled - 3, scale: *scale };
            let rest = Cell::Exact { unscaled: 3, scale: *scale };
            format!("({} + {})", part.text(), rest.text())
        }
        Cell::Date(days) => format!("({} + INTERVAL '2' DAY)", plain(&Cell::Date(days - 2))),
        Cell::Timestamp(micros) => {
            format!("({} + INTERVAL '1' DAY)", plain(&Cell::Timestamp(micros - MICROS_PER_DAY)))
        }
        other => plain(other),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What stands before and behind the argument, for an ODBC application.
fn odbc(function: Function) -> (&'static str, String) {
    let close = || ")}".to_owned();
    match function {
        Function::Upper => ("{fn UCASE(", close()),
        Function::Lower => ("{fn LCASE(", close()),
        Function::CharLength => ("CHAR_LENGTH(", ")".to_owned()),
        Function::Left(count) => ("{fn LEFT(", format!(", {count})}}")),
        Function::Substring(start, count) => ("SUBSTRING(", format!(", {start}, {count})")),
        Function::Abs => ("ABS(", ")".to_owned()),
        Function::Year => ("EXTRACT(YEAR FROM ", ")".to_owned()),
        Function::Quarter => ("{fn QUARTER(", close()),
        Function::Month => ("{fn MONTH(", close()),
        Function::DayOfMonth => ("{fn DAYOFMONTH(", close()),
        Function::DayOfWeek => ("{fn DAYOFWEEK(", close()),
        Function::Hour => ("EXTRACT(HOUR FROM ", ")".to_owned()),
        Function::NextDate | Function::NextDay => ("(", " + INTERVAL '1' DAY)".to_owned()),
        Function::MonthBefore => ("(", " - INTERVAL '1' MONTH)".to_owned()),
    }
}

/// What stands before and behind the argument, for DuckDB.
fn duck(function: Function) -> (&'static str, String) {
    let close = || ")".to_owned();
    match function {
        Function::Upper => ("replace(upper(", "), 'ẞ', 'SS')".to_owned()),
        Function::Lower => ("lower(", close()),
        Function::CharLength => ("length(", close()),
        Function::Left(count) => ("left(", format!(", {count})")),
        Function::Substring(start, count) => ("substring(", format!(", {start}, {count})")),
        Function::Abs => ("abs(", close()),
        Function::Year => ("year(", close()),
        Function::Quarter => ("quarter(", close()),
        Function::Month => ("month(", close()),
        Function::DayOfMonth => ("day(", close()),
        Function::DayOfWeek => ("(1 + dayofweek(", "))".to_owned()),
        Function::Hour => ("hour(", close()),
        Function::NextDate => ("CAST(", " + INTERVAL '1' DAY AS DATE)".to_owned()),
        Function::NextDay => ("(", " + INTERVAL '1' DAY)".to_owned()),
        Function::MonthBefore => ("(", " - INTERVAL '1' MONTH)".to_owned()),
    }
}

impl Aggregate {
    /// The name in both dialects.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Count => "COUNT",
            Self::Sum => "SUM",
            Self::Min => "MIN",
            Self::Max => "MAX",
            Self::Average => "AVG",
        }
    }
}
