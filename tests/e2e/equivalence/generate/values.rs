//! Expressions of a kind over the columns of a scope.

use super::super::catalog::Column;
use super::super::tree::{CastTo, Expr, Function, Operator};
use super::super::value::{Cell, Kind};
use super::Generator;
use super::relations::Scope;

/// What a comparison compares: an expression, its kind, values that it may have.
pub(super) struct Operand {
    pub(super) expr: Expr,
    pub(super) kind: Kind,
    pub(super) samples: Vec<Cell>,
}

impl Generator<'_> {
    /// A column that fits, those that are pushed down more often.
    pub(super) fn some_column(&mut self, scope: &Scope, fits: impl Fn(&Column) -> bool) -> Option<(Expr, Column)> {
        let columns = scope.columns();
        let weight = |(_, column): &(Expr, Column)| if fits(column) { column.weight } else { 0 };
        self.dice.weighted(&columns, weight).cloned()
    }

    /// The kind of a column of the scope, so that there is one.
    pub(super) fn some_kind(&mut self, scope: &Scope) -> Kind {
        self.some_column(scope, |_| true).map_or(Kind::Integer, |(_, column)| column.kind)
    }

    /// A value of this kind and what is known of it as a column.
    pub(super) fn value(&mut self, scope: &Scope, kind: Kind, depth: usize) -> (Expr, Column) {
        if depth > 0 && self.dice.percent(24) {
            return self.composed(scope, kind, depth - 1);
        }
        match self.some_column(scope, |column| column.kind == kind) {
            Some(found) if self.dice.percent(94) => found,
            found => {
                let samples = found.map(|(_, column)| column.samples).unwrap_or_default();
                (self.constant(kind, &samples), Column { samples, ..Column::computed(kind) })
            }
        }
    }

    fn composed(&mut self, scope: &Scope, kind: Kind, depth: usize) -> (Expr, Column) {
        let part = |generator: &mut Self| generator.value(scope, kind, depth);
        match self.dice.below(10) {
            0..3 => {
                let (value, column) = part(self);
                let (other, _) = part(self);
                (Expr::Coalesce(vec![value, other]), Column { is_key: false, domain: None, ..column })
            }
            3..6 => {
                let (then, column) = part(self);
                let otherwise = self.dice.percent(70).then(|| Box::new(part(self).0));
                let case = self.case(scope, then, otherwise);
                (case, Column { is_key: false, domain: None, ..column })
            }
            6 => {
                let (value, column) = part(self);
                let same = self.constant(kind, &column.samples);
                let expr = Expr::NullIf(Box::new(value), Box::new(same));
                (expr, Column { is_key: false, domain: None, ..column })
            }
            _ => self.function(scope, kind, depth),
        }
    }

    fn case(&mut self, scope: &Scope, then: Expr, otherwise: Option<Box<Expr>>) -> Expr {
        if self.dice.percent(30)
            && let Some((operand, column)) = self.some_column(scope, |column| column.kind != Kind::Double)
        {
            let when = self.constant(column.kind, &column.samples);
            return Expr::Case { operand: Some(Box::new(operand)), whens: vec![(when, then)], otherwise };
        }
        let when = self.condition(scope, 1);
        Expr::Case { operand: None, whens: vec![(when, then)], otherwise }
    }

    /// A value of this kind that a function, an operator or a CAST makes of a column; a column where nothing does.
    pub(super) fn function(&mut self, scope: &Scope, kind: Kind, depth: usize) -> (Expr, Column) {
        let made = match kind {
            Kind::Integer => self.number(scope),
            Kind::Text => self.text(scope, depth),
            Kind::Decimal => self.money(scope),
            Kind::Date => self.date(scope),
            Kind::Timestamp => self.moment(scope),
            Kind::Double => self.cast_of(scope, &[Kind::Integer], kind),
            Kind::Bit | Kind::Time => None,
        };
        match made {
            Some(expr) => (expr, Column::computed(kind)),
            None => self.value(scope, kind, 0),
        }
    }

    fn number(&mut self, scope: &Scope) -> Option<Expr> {
        const OF_MOMENTS: &[Function] =
            &[Function::Year, Function::Quarter, Function::Month, Function::DayOfMonth, Function::DayOfWeek];
        match self.dice.below(10) {
            0..4 => {
                let operator = self.dice.one(&[
                    Operator::Add,
                    Operator::Subtract,
                    Operator::Multiply,
                    Operator::Divide,
                    Operator::Remainder,
                ]);
                let (column, _) = self.some_column(scope, |column| column.kind == Kind::Integer)?;
                let factor = i64::try_from(self.dice.between(1, 9)).unwrap();
                let factor = self.constant_integer(factor);
                Some(Expr::Arithmetic(operator, Box::new(column), Box::new(factor)))
            }
            4..7 => {
                let (column, found) =
                    self.some_column(scope, |column| matches!(column.kind, Kind::Date | Kind::Timestamp))?;
                let hour = found.kind == Kind::Timestamp && self.dice.percent(20);
                let function = if hour { Function::Hour } else { self.dice.one(OF_MOMENTS) };
                Some(Expr::Call(function, Box::new(column)))
            }
            7 => self.call_of(scope, Kind::Text, Function::CharLength),
            8 => self.call_of(scope, Kind::Integer, Function::Abs),
            _ => self.cast_of(scope, &[Kind::Decimal, Kind::Bit], Kind::Integer),
        }
    }

    fn text(&mut self, scope: &Scope, depth: usize) -> Option<Expr> {
        match self.dice.below(10) {
            0..3 => {
                let kinds = [Kind::Integer, Kind::Decimal, Kind::Date, Kind::Timestamp, Kind::Bit, Kind::Text];
                self.cast_of(scope, &kinds, Kind::Text)
            }
            3..6 => {
                let (left, _) = self.value(scope, Kind::Text, depth.min(1));
                let (right, _) = self.value(scope, Kind::Text, 0);
                Some(Expr::Arithmetic(Operator::Concatenate, Box::new(left), Box::new(right)))
            }
            6 => {
                let count = u8::try_from(self.dice.between(1, 4)).unwrap();
                self.call_of(scope, Kind::Text, Function::Left(count))
            }
            7 => {
                let start = u8::try_from(self.dice.between(1, 4)).unwrap();
                self.call_of(scope, Kind::Text, Function::Substring(start, 3))
            }
            8 => self.call_of(scope, Kind::Text, Function::Upper),
            _ => self.call_of(scope, Kind::Text, Function::Lower),
        }
    }

    fn money(&mut self, scope: &Scope) -> Option<Expr> {
        if self.dice.percent(30) {
            return self.cast_of(scope, &[Kind::Integer], Kind::Decimal);
        }
        if self.dice.percent(30) {
            return self.call_of(scope, Kind::Decimal, Function::Abs);
        }
        let operator = self.dice.one(&[Operator::Add, Operator::Subtract, Operator::Multiply]);
        let (column, _) = self.some_column(scope, |column| column.kind == Kind::Decimal)?;
        let factor = i64::try_from(self.dice.between(2, 9)).unwrap();
        let factor = self.constant_integer(factor);
        Some(Expr::Arithmetic(operator, Box::new(column), Box::new(factor)))
    }

    fn date(&mut self, scope: &Scope) -> Option<Expr> {
        if self.dice.percent(40) {
            return self.call_of(scope, Kind::Date, Function::NextDate);
        }
        self.cast_of(scope, &[Kind::Timestamp], Kind::Date)
    }

    fn moment(&mut self, scope: &Scope) -> Option<Expr> {
        match self.dice.below(3) {
            0 => self.call_of(scope, Kind::Timestamp, Function::NextDay),
            1 => self.call_of(scope, Kind::Timestamp, Function::MonthBefore),
            _ => self.cast_of(scope, &[Kind::Date], Kind::Timestamp),
        }
    }

    fn call_of(&mut self, scope: &Scope, kind: Kind, function: Function) -> Option<Expr> {
        let (column, _) = self.some_column(scope, |column| column.kind == kind)?;
        Some(Expr::Call(function, Box::new(column)))
    }

    fn cast_of(&mut self, scope: &Scope, from: &[Kind], kind: Kind) -> Option<Expr> {
        let (expr, column) = self.some_column(scope, |column| from.contains(&column.kind))?;
        let length = (kind == Kind::Text && self.dice.percent(30)).then(|| self.dice.between(1, 12));
        let to = CastTo { kind, length: length.map(|length| u8::try_from(length).unwrap()) };
        Some(Expr::Cast { expr: Box::new(expr), from: column.kind, to })
    }

    fn constant_integer(&mut self, number: i64) -> Expr {
        use super::super::tree::{Literal, Spelling};
        let spelling = if self.dice.percent(20) { Spelling::Cast } else { Spelling::Plain };
        Expr::Literal(Literal { value: Cell::integer(number), kind: Kind::Integer, spelling })
    }

    /// What stands on one side of a comparison with a literal: mostly a column.
    pub(super) fn operand(&mut self, scope: &Scope) -> Option<Operand> {
        let (expr, column) = self.some_column(scope, |_| true)?;
        let samples = column.samples.to_vec();
        match self.dice.below(100) {
            0..82 => Some(Operand { expr, kind: column.kind, samples }),
            82..91 => {
                let to = self.cast_target(column.kind);
                let samples = samples.iter().filter_map(|sample| cast(sample, to)).collect();
                let to = CastTo { kind: to, length: None };
                Some(Operand {
                    expr: Expr::Cast { expr: Box::new(expr), from: column.kind, to },
                    kind: to.kind,
                    samples,
                })
            }
            _ => {
                let (expr, column) = self.function(scope, column.kind, 0);
                Some(Operand { expr, kind: column.kind, samples: column.samples.to_vec() })
            }
        }
    }

    fn cast_target(&mut self, kind: Kind) -> Kind {
        match kind {
            Kind::Integer => self.dice.one(&[Kind::Text, Kind::Decimal, Kind::Double, Kind::Integer]),
            Kind::Decimal => self.dice.one(&[Kind::Text, Kind::Integer]),
            Kind::Timestamp => self.dice.one(&[Kind::Date, Kind::Date, Kind::Text]),
            Kind::Date => self.dice.one(&[Kind::Timestamp, Kind::Text]),
            Kind::Bit => self.dice.one(&[Kind::Integer, Kind::Text]),
            other => other,
        }
    }
}

/// A sample as a value of another kind.
fn cast(sample: &Cell, to: Kind) -> Option<Cell> {
    match (sample, to) {
        (Cell::Timestamp(micros), Kind::Date) => i32::try_from(micros.div_euclid(86_400_000_000)).ok().map(Cell::Date),
        (Cell::Date(days), Kind::Timestamp) => Some(Cell::Timestamp(i64::from(*days) * 86_400_000_000)),
        (Cell::Exact { .. }, Kind::Double) => sample.number().map(Cell::Double),
        (Cell::Bit(flag), Kind::Integer) => Some(Cell::integer(i64::from(*flag))),
        (Cell::Exact { unscaled, scale }, Kind::Integer) => {
            Some(Cell::Exact { unscaled: unscaled / 10_i128.pow((*scale).into()), scale: 0 })
        }
        (Cell::Text(_) | Cell::Null, _) => None,
        (other, Kind::Text) => Some(Cell::Text(other.text())),
        (other, _) => Some(other.clone()),
    }
}
