//! Literals: values of rows, their neighbours, boundaries of their types, and the ways to spell them.

use super::super::tree::{Expr, Literal, Spelling};
use super::super::value::{Cell, Kind, MONEY_SCALE};
use super::Generator;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Largest whole number that neighbours are computed of.
const LARGEST: i128 = 1 << 60;

impl Generator<'_> {
    /// A literal that is compared with a value of this kind, of which these are samples.
    pub(super) fn literal(&mut self, kind: Kind, samples: &[Cell]) -> Expr {
        let value = self.compared(kind, samples);
        let kind = kind_of(&value).unwrap_or(kind);
        let spelling = self.spelling(&value);
        Expr::Literal(Literal { value, kind, spelling })
    }

    /// A literal of exactly this kind, as a value of a select list.
    pub(super) fn constant(&mut self, kind: Kind, samples: &[Cell]) -> Expr {
        let value = match self.near(kind, samples) {
            _ if self.dice.percent(10) => Cell::Null,
            // What is given out has milliseconds; DuckDB would go on with the microseconds.
            Cell::Timestamp(micros) => Cell::Timestamp(micros.div_euclid(1000) * 1000),
            other => other,
        };
        let spelling = if value == Cell::Null { Spelling::Cast } else { Spelling::Plain };
        Expr::Literal(Literal { value, kind, spelling })
    }

    /// A text that is no parameter nor number.
    pub(super) fn pattern(&mut self, value: String) -> Literal {
        let spelling = if self.dice.percent(15) { Spelling::Parameter } else { Spelling::Plain };
        Literal { value: Cell::Text(value), kind: Kind::Text, spelling }
    }

    fn compared(&mut self, kind: Kind, samples: &[Cell]) -> Cell {
        if self.dice.percent(4) {
            return Cell::Null;
        }
        let value = self.near(kind, samples);
        if self.dice.percent(8) { self.other_type(value) } else { value }
    }

    /// A sample, its neighbour, or a boundary.
    fn near(&mut self, kind: Kind, samples: &[Cell]) -> Cell {
        let sample = self.dice.pick(samples).cloned();
        match sample {
            Some(sample) if self.dice.percent(65) => sample,
            Some(sample) if self.dice.percent(65) => self.neighbour(sample),
            _ => self.boundary(kind),
        }
    }

    fn neighbour(&mut self, value: Cell) -> Cell {
        let up = self.dice.percent(50);
        let step = |size: i64| if up { size } else { -size };
        match value {
            Cell::Exact { unscaled, scale } if unscaled.abs() < LARGEST => {
                let unit = if self.dice.percent(50) { 1 } else { 10_i128.pow(scale.into()) };
                Cell::Exact { unscaled: unscaled + i128::from(step(1)) * unit, scale }
            }
            Cell::Double(number) => Cell::Double(if up { number + 0.5 } else { number - 0.5 }),
            Cell::Date(days) => Cell::Date(if up { days + 1 } else { days - 1 }),
            Cell::Time(micros) => Cell::Time((micros + 1_000_000) % MICROS_PER_DAY),
            Cell::Timestamp(micros) => {
                let size = self.dice.one(&[1_000_000, 1000, 1, 250_000, MICROS_PER_DAY]);
                Cell::Timestamp(micros + step(size))
            }
            Cell::Text(text) => Cell::Text(self.other_text(&text)),
            other => other,
        }
    }

    fn other_text(&mut self, text: &str) -> String {
        match self.dice.below(5) {
            0 => text.to_uppercase(),
            1 => format!("{text} "),
            2 => text.chars().skip(1).collect(),
            3 => format!("{text}a"),
            _ => text.chars().take(2).collect(),
        }
    }

    fn boundary(&mut self, kind: Kind) -> Cell {
        match kind {
            Kind::Bit => Cell::Bit(self.dice.percent(50)),
            Kind::Integer => {
                let numbers = [0, -1, 1, 2, 7, (1 << 53) - 1, 1 << 53, i64::MAX, i64::MIN + 1];
                Cell::integer(self.dice.one(&numbers))
            }
            Kind::Decimal => {
                let unscaled = self.dice.one(&[0, -1, 1, 1_000_000, 10_i128.pow(18)]);
                Cell::Exact { unscaled, scale: MONEY_SCALE }
            }
            Kind::Double => Cell::Double(self.dice.one(&[0.0, -1.0, 0.5, 50.0, 1e12])),
            Kind::Text => {
                let texts = ["", " ", "deleted", "archived", "Won", "5", "0", "%", "a_b", "O'Neil", "É"];
                Cell::Text(self.dice.one(&texts).to_owned())
            }
            Kind::Date => Cell::Date(self.dice.one(&[0, 19_358, 19_723, 20_454, 2_932_896])),
            Kind::Time => Cell::Time(self.dice.one(&[0, 43_200, 86_399]) * 1_000_000),
            Kind::Timestamp => {
                // 1601-01-01, 1970-01-01, 2023-01-01, 2024-01-01, 9999-12-31.
                let day = self.dice.one(&[-134_774, 0, 19_358, 19_723, 2_932_896]);
                Cell::Timestamp(day * MICROS_PER_DAY)
            }
        }
    }

    /// The value, or one next to it, as another type that is compared with the same column.
    fn other_type(&mut self, value: Cell) -> Cell {
        match value {
            Cell::Exact { unscaled, scale: 0 } if unscaled.abs() < LARGEST => match self.dice.below(3) {
                0 => Cell::Exact { unscaled: unscaled * 10, scale: 1 },
                1 => Cell::Exact { unscaled: unscaled * 10 + 5, scale: 1 },
                _ => Cell::Double(value.number().unwrap()),
            },
            Cell::Exact { unscaled, scale } if unscaled.abs() < LARGEST => {
                Cell::Exact { unscaled: unscaled / 10_i128.pow(scale.into()), scale: 0 }
            }
            Cell::Timestamp(micros) => Cell::Date(i32::try_from(micros.div_euclid(MICROS_PER_DAY)).unwrap()),
            Cell::Date(days) => {
                let seconds = self.dice.one(&[0, 1, 43_200]);
                Cell::Timestamp(i64::from(days) * MICROS_PER_DAY + seconds * 1_000_000)
            }
            other => other,
        }
    }

    fn spelling(&mut self, value: &Cell) -> Spelling {
        let (small, moment) = match value {
            Cell::Exact { unscaled, .. } => (unscaled.abs() < LARGEST, false),
            // A sum with a moment between two milliseconds is a known difference.
            Cell::Timestamp(micros) => (micros % 1000 == 0, true),
            Cell::Date(_) | Cell::Time(_) => (true, true),
            _ => (false, false),
        };
        let numeric = match value {
            Cell::Bit(_) => 60,
            Cell::Text(text) if text.parse::<i64>().is_ok_and(|number| number.to_string() == *text) => 60,
            _ => 0,
        };
        let null = *value == Cell::Null;
        self.dice.choose(&[
            (50, Spelling::Plain),
            (16, Spelling::Parameter),
            (numeric, Spelling::Number),
            (if moment { 20 } else { 0 }, Spelling::Escape),
            (if small { 6 } else { 0 }, Spelling::Folded),
            (if null { 0 } else { 12 }, Spelling::Quoted),
            (if null { 0 } else { 6 }, Spelling::TextParameter),
            (6, Spelling::Cast),
        ])
    }
}

const fn kind_of(value: &Cell) -> Option<Kind> {
    Some(match value {
        Cell::Null => return None,
        Cell::Bit(_) => Kind::Bit,
        Cell::Exact { scale: 0, .. } => Kind::Integer,
        Cell::Exact { .. } => Kind::Decimal,
        Cell::Double(_) => Kind::Double,
        Cell::Text(_) => Kind::Text,
        Cell::Date(_) => Kind::Date,
        Cell::Time(_) => Kind::Time,
        Cell::Timestamp(_) => Kind::Timestamp,
    })
}
