//! Attributes as rows of a table: number, shape, what may be set and when.
//!
//! The tables stand beside the handles that they describe; this module knows how to obey one.
//! [SQLSetConnectAttr](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetconnectattr-function),
//! [SQLSetStmtAttr](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetstmtattr-function)

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Result};

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute {
    /// Its number (SQL_ATTR_*).
    pub(crate) number: i32,
    /// Its name, for messages.
    pub(crate) name: &'static str,
    /// What its value looks like in memory.
    pub(crate) shape: Shape,
    /// Its value before it is set.
    pub(crate) default: usize,
    rule: Rule,
    /// When it may be set.
    pub(crate) when: When,
}

/// What a value looks like in the application's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// SQLUINTEGER, 4 bytes.
    Long,
    /// SQLULEN, as wide as a pointer; pointers and handles too.
    Size,
    /// Text.
    Text,
}

/// When an attribute may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// At any time.
    Always,
    /// On a connection that is not open.
    BeforeConnect,
    /// On a statement that is not prepared and has no cursor.
    Unprepared,
}

#[derive(Debug, Clone, Copy)]
enum Rule {
    /// Every value is kept.
    Any,
    /// One of these; others do not exist (HY024).
    Among(&'static [usize]),
    /// One of these exists; only the second list is offered (HYC00).
    Offered(&'static [usize], &'static [usize]),
    /// One of these exists (an empty list: all); another than the default is replaced by it (01S02).
    Substituted(&'static [usize]),
    /// It exists and cannot be set here (HYC00).
    NotOffered,
    /// It is only read (HY092).
    ReadOnly,
}

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting {
    /// A SQLUINTEGER.
    Long(u32),
    /// A SQLULEN, a pointer or a handle.
    Size(usize),
    /// A text.
    Text(String),
}

impl Attribute {
    /// A SQLUINTEGER that takes every value.
    pub(crate) const fn long(number: i32, name: &'static str, default: usize) -> Self {
        Self { number, name, shape: Shape::Long, default, rule: Rule::Any, when: When::Always }
    }

    /// A SQLULEN that takes every value.
    pub(crate) const fn size(number: i32, name: &'static str, default: usize) -> Self {
        Self { shape: Shape::Size, ..Self::long(number, name, default) }
    }

    /// A text.
    pub(crate) const fn text(number: i32, name: &'static str) -> Self {
        Self { shape: Shape::Text, ..Self::long(number, name, 0) }
    }

    /// Takes only `values`.
    pub(crate) const fn among(self, values: &'static [usize]) -> Self {
        Self { rule: Rule::Among(values), ..self }
    }

    /// Has `known` values, of which only `offered` ones can be set.
    pub(crate) const fn offered(self, known: &'static [usize], offered: &'static [usize]) -> Self {
        Self { rule: Rule::Offered(known, offered), ..self }
    }

    /// Has `known` values (none named: all), and keeps its default whichever is set.
    pub(crate) const fn substituted(self, known: &'static [usize]) -> Self {
        Self { rule: Rule::Substituted(known), ..self }
    }

    /// Cannot be set here.
    pub(crate) const fn not_offered(self) -> Self {
        Self { rule: Rule::NotOffered, ..self }
    }

    /// Is only read.
    pub(crate) const fn read_only(self) -> Self {
        Self { rule: Rule::ReadOnly, ..self }
    }

    /// Can be set at a certain time only.
    pub(crate) const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    /// What `value` becomes, and a warning where that is another value.
    ///
    /// # Errors
    /// HY024 for a value that does not exist, HYC00 for one that is not offered, HY092 for what is only read.
    pub(crate) fn admit(&self, value: usize) -> Result<(usize, Option<Diagnostic>)> {
        match self.rule {
            Rule::Any => Ok((value, None)),
            Rule::Among(known) => self.exists(known, value).map(|()| (value, None)),
            Rule::Offered(known, offered) => {
                self.exists(known, value)?;
                if offered.contains(&value) { Ok((value, None)) } else { Err(Diagnostic::NotOffered(self.name)) }
            }
            Rule::Substituted(known) => {
                self.exists(known, value)?;
                Ok((self.default, (value != self.default).then(|| self.changed())))
            }
            Rule::NotOffered => Err(Diagnostic::NotOffered(self.name)),
            Rule::ReadOnly => Err(Diagnostic::ReadOnly(self.name)),
        }
    }

    fn exists(&self, known: &[usize], value: usize) -> Result<()> {
        if known.is_empty() || known.contains(&value) {
            return Ok(());
        }
        Err(Diagnostic::AttributeValue { attribute: self.name, value: value.to_string() })
    }

    fn changed(&self) -> Diagnostic {
        Diagnostic::OptionChanged { attribute: self.name, value: self.default.to_string() }
    }

    fn setting(&self, value: usize) -> Setting {
        match self.shape {
            Shape::Long => Setting::Long(u32::try_from(value).unwrap_or(u32::MAX)),
            Shape::Size | Shape::Text => Setting::Size(value),
        }
    }
}

/// The row of a table.
///
/// # Errors
/// HY092 for a number that the table does not have.
pub(crate) fn attribute(table: &'static [Attribute], number: i32) -> Result<&'static Attribute> {
    table.iter().find(|attribute| attribute.number == number).ok_or(Diagnostic::AttributeNumber(number))
}

/// Values that were set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    numbers: BTreeMap<i32, usize>,
    texts: BTreeMap<i32, String>,
}

impl Values {
    /// The number that was set; `None` before that.
    pub(crate) fn explicit(&self, number: i32) -> Option<usize> {
        self.numbers.get(&number).copied()
    }

    /// Whether anything was set.
    pub(crate) fn was_set(&self, number: i32) -> bool {
        self.numbers.contains_key(&number) || self.texts.contains_key(&number)
    }

    /// Keeps a number.
    pub(crate) fn set(&mut self, number: i32, value: usize) {
        self.numbers.insert(number, value);
    }

    /// Keeps a text.
    pub(crate) fn set_text(&mut self, number: i32, text: String) {
        self.texts.insert(number, text);
    }

    /// The value of an attribute: what was set, else its default.
    pub(crate) fn setting(&self, attribute: &Attribute) -> Setting {
        if attribute.shape == Shape::Text {
            return Setting::Text(self.texts.get(&attribute.number).cloned().unwrap_or_default());
        }
        attribute.setting(self.explicit(attribute.number).unwrap_or(attribute.default))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_admits_what_it_says() {
        let any = Attribute::size(1, "A", 7);
        assert_eq!(any.admit(99), Ok((99, None)));
        let among = any.among(&[0, 1]);
        assert_eq!(among.admit(1), Ok((1, None)));
        assert_eq!(among.admit(2).map_err(|error| error.sqlstate()), Err("HY024"));
        let offered = any.offered(&[0, 1], &[0]);
        assert_eq!(offered.admit(0), Ok((0, None)));
        assert_eq!(offered.admit(1).map_err(|error| error.sqlstate()), Err("HYC00"));
        assert_eq!(offered.admit(2).map_err(|error| error.sqlstate()), Err("HY024"));
        assert_eq!(any.read_only().admit(7).map_err(|error| error.sqlstate()), Err("HY092"));
        let substituted = any.substituted(&[7, 8]);
        assert_eq!(substituted.admit(7), Ok((7, None)));
        let (value, warning) = substituted.admit(8).expect("a known value");
        assert_eq!((value, warning.map(|warning| warning.sqlstate())), (7, Some("01S02")));
    }
}
