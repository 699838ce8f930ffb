//! Plausible arguments: mostly good ones, some that are wrong in a way that the library can notice.
//!
//! What an application must vouch for is kept: buffers are as large as is said, lengths are true, addresses live on. A
//! rowset has at most [`ROWS`] rows, a cell at most [`CELL`] bytes, so that any buffer of the pool serves.

use super::dice::Dice;
use super::pool::Pool;
use crate::functions::{Function, Kind, Parameter};
use crate::host::Host;
use crate::odbc::*;
use crate::states::Target;
use crate::word::Word;

const ROWS: &[isize] = &[0, 1, 2, 4];
const CELL: &[isize] = &[0, 1, 2, 5, 64, 4_096];

/// Statements: with and without parameters, of rows at hand and of rows that are asked for; some are none.
const STATEMENTS: &[&str] = &[
    "SELECT id, name FROM (VALUES (1, 'one'), (2, 'two'), (3, NULL)) AS t (id, name)",
    "SELECT id, name FROM (VALUES (1, 'one'), (2, 'two')) AS t (id, name) WHERE id < ?",
    "SELECT id FROM (VALUES (1), (2)) AS t (id) WHERE id < ? OR id = ?",
    "SELECT id, title, value, add_time FROM deals ORDER BY id",
    "SELECT count(*) AS n FROM deals WHERE title <> {fn UCASE('x')}",
    "SELECT name FROM sys.settings",
    "SELECT FROM WHERE",
    "SELECT no_such_column FROM deals",
    "",
];
const NAMES: &[&str] =
    &["deals", "%", "", "de_ls", "sys", "pipedrive", "no such thing", "\u{20ac}\u{1f600}", "TABLE,VIEW"];
const STRINGS: &[&str] = &["", "Driver=x", "DSN=no such data source", "{", "Driver=x;APIToken={y", "UID=a;PWD="];

const C_TYPES: &[isize] = &[1, 1, 1, 4, -8, -2, 8, 5, -16, -7, 93, 9, 2, -25, 99, -99, 106, 4_711, 0];
const SQL_TYPES: &[isize] = &[12, 4, 4, -9, 8, 93, 91, -5, 2, 101, 0, -11, 4_711];
const ENV_ATTRIBUTES: &[isize] = &[200, 201, 202, 10_001, 1_065, 0, -5];
const DBC_ATTRIBUTES: &[isize] = &[
    101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 1_207, 1_209, 10_001, 10_014,
    4, 7,
];
const STMT_ATTRIBUTES: &[isize] = &[
    -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29,
    10_010, 10_011, 10_012, 10_013, 10_014, 77,
];
/// Attributes and fields whose value is an address where something is written or read.
const POINTERS: &[isize] = &[16, 19, 20, 21, 24, 25, 26];
const OFFSETS: &[isize] = &[17, 23];
const FIELDS: &[isize] = &[
    2, 3, 6, 8, 14, 18, 20, 21, 22, 24, 25, 26, 27, 32, 33, 34, 35, 1_001, 1_002, 1_003, 1_004, 1_005, 1_006, 1_007,
    1_008, 1_009, 1_010, 1_011, 1_012, 1_013, 1_099, 5_000,
];
const DIAGNOSTIC_FIELDS: &[isize] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, -1_247, -1_248, -1_249, 99];
const INFO_TYPES: &[isize] = &[0, 2, 6, 7, 9, 10, 13, 17, 23, 46, 77, 81, 89, 144, 169, 10_000, 20_000];

/// What an application says of a value that is a number.
const SQL_IS_INTEGER: isize = -6;
/// The one attribute here whose value is text, SQL_ATTR_CURRENT_CATALOG, and the fields.
const TEXTS: &[usize] = &[109, 14, 18, 22, 27, 1_011];

/// Whether the value of an attribute or a field, which stands before its length, is no text.
fn is_number(function: &Function, before: &[Word]) -> bool {
    let about = before.len().checked_sub(2).map(|index| before[index].0);
    function.parameters.iter().any(|parameter| parameter.kind == Kind::Value)
        && about.is_some_and(|about| !TEXTS.contains(&about))
}

/// The arguments of a call.
pub(crate) struct Arguments<'a> {
    /// The library.
    pub(crate) host: &'a Host,
    /// What connects.
    pub(crate) target: &'a Target<'a>,
    /// Where numbers come from.
    pub(crate) dice: &'a mut Dice,
    /// Handles and memory.
    pub(crate) pool: &'a mut Pool,
}

impl Arguments<'_> {
    /// Words for every parameter of a function.
    pub(crate) fn of(&mut self, function: &Function) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        for parameter in function.parameters {
            let word = self.word(function, parameter, &words);
            words.push(word);
        }
        words
    }

    fn word(&mut self, function: &Function, parameter: &Parameter, before: &[Word]) -> Word {
        match parameter.kind {
            Kind::Env => self.handle(SQL_HANDLE_ENV),
            Kind::Dbc => self.handle(SQL_HANDLE_DBC),
            Kind::Stmt => self.handle(SQL_HANDLE_STMT),
            Kind::Desc => self.handle(SQL_HANDLE_DESC),
            Kind::HandleType => self.dice.one(&[1isize, 2, 2, 3, 3, 3, 4, 4, 0, 9]).into(),
            Kind::Any => self.named_handle(function, before),
            Kind::Text => self.text(function.name, parameter.name),
            // unixODBC reads a number as the address of text where its length is that of text.
            Kind::LongTextLength if self.host.manager && is_number(function, before) => SQL_IS_INTEGER.into(),
            Kind::TextLength | Kind::LongTextLength => self.dice.one(&[-3isize, -3, -3, -3, -3, -3, 0, 1, -77]).into(),
            Kind::OutText | Kind::OutValue | Kind::OutData | Kind::OutStatus | Kind::OutFunctions => self.output(12),
            Kind::OutHandle => self.output(30),
            Kind::OutShort | Kind::OutLong | Kind::OutSize | Kind::OutPointer => self.output(6),
            // unixODBC writes before a buffer of no size.
            Kind::Capacity | Kind::LongCapacity if self.host.manager => self.dice.one(&[2isize, 6, 100, 1_000]).into(),
            Kind::Capacity | Kind::LongCapacity => self.dice.one(&[0isize, 1, 2, 6, 100, 1_000, -1]).into(),
            Kind::DataLength => self.data_length(function.name).into(),
            Kind::Deferred => self.output(6),
            Kind::DeferredLength => self.deferred_length(function.name),
            Kind::Data => self.data(),
            Kind::Value => self.value(function.name, before),
            Kind::Window => Word::NULL,
            Kind::Attribute => self.attribute(function.name),
            Kind::Short | Kind::UShort => self.number(function.name, parameter.name).into(),
            Kind::Size => self.dice.one(&[0isize, 1, 5, -1]).into(),
            Kind::USize => self.dice.one(&[0isize, 1, 10, 4_000]).into(),
        }
    }

    /// Mostly a handle of the kind; null, another kind's, or one that was freed.
    fn handle(&mut self, kind: i16) -> Word {
        if !self.dice.once_in(25) {
            return self.pool.handle(kind, self.dice);
        }
        let other = self.dice.one(&[SQL_HANDLE_ENV, SQL_HANDLE_DBC, SQL_HANDLE_STMT, SQL_HANDLE_DESC]);
        match self.dice.below(3) {
            0 => Word::NULL,
            // A manager's handles are addresses, which serve again.
            1 if !self.host.manager && !self.pool.stale.is_empty() => self.dice.one(&self.pool.stale),
            _ => self.pool.handle(other, self.dice),
        }
    }

    fn named_handle(&mut self, function: &Function, before: &[Word]) -> Word {
        let kind = before.first().and_then(|word| i16::try_from(word.0.cast_signed()).ok()).unwrap_or_default();
        match (function.name, kind) {
            ("SQLAllocHandle", SQL_HANDLE_ENV) => Word::NULL,
            ("SQLAllocHandle", SQL_HANDLE_DBC) => self.handle(SQL_HANDLE_ENV),
            ("SQLAllocHandle", _) => self.handle(SQL_HANDLE_DBC),
            (_, kind) => self.handle(kind),
        }
    }

    fn text(&mut self, function: &str, parameter: &str) -> Word {
        let text = match (function, parameter) {
            ("SQLDriverConnect", _) if !self.dice.once_in(4) => self.target.string,
            ("SQLDriverConnect", _) => self.dice.one(STRINGS),
            ("SQLConnect", "source") if !self.dice.once_in(4) => self.target.source,
            ("SQLConnect", "source") => "no such data source",
            ("SQLConnect", _) => "",
            (_, "sql") => self.dice.one(STATEMENTS),
            _ => self.dice.one(NAMES),
        };
        if self.dice.once_in(15) {
            return Word::NULL;
        }
        let text = self.host.text(text);
        self.pool.text(text.contents())
    }

    /// A buffer; null once in so many times.
    fn output(&mut self, rarely: usize) -> Word {
        if self.dice.once_in(rarely) { Word::NULL } else { self.pool.data() }
    }

    fn data_length(&mut self, function: &str) -> isize {
        match function {
            "SQLPutData" => self.dice.one(&[-3, 0, 1, 4, -1, -77]),
            _ if self.dice.once_in(20) => -1,
            _ => self.dice.one(CELL),
        }
    }

    fn deferred_length(&mut self, function: &str) -> Word {
        match function {
            _ if self.dice.once_in(5) => Word::NULL,
            "SQLBindParameter" => self.pool.given_length(self.dice),
            _ => self.pool.length(),
        }
    }

    fn data(&mut self) -> Word {
        let text = self.dice.one(&["9\0", "nine\0", "2024-02-29\0", "\0"]);
        self.pool.text(text.as_bytes())
    }

    fn attribute(&mut self, function: &str) -> Word {
        match function {
            "SQLGetEnvAttr" | "SQLSetEnvAttr" => self.dice.one(ENV_ATTRIBUTES),
            // A manager would begin to trace into files, and load its cursors.
            "SQLGetConnectAttr" | "SQLSetConnectAttr" if self.host.manager => self.dice.one(&DBC_ATTRIBUTES[10..]),
            "SQLGetConnectAttr" | "SQLSetConnectAttr" => self.dice.one(DBC_ATTRIBUTES),
            _ => self.dice.one(STMT_ATTRIBUTES),
        }
        .into()
    }

    fn value(&mut self, function: &str, before: &[Word]) -> Word {
        let about = before.last().map_or(0, |word| word.0.cast_signed());
        match (function, about) {
            ("SQLSetEnvAttr", 200) => self.dice.one(&[2isize, 3, 3, 380, 380, 4]).into(),
            ("SQLSetConnectAttr", 105 | 106 | 109) => self.text(function, "value"),
            ("SQLSetStmtAttr", number) if POINTERS.contains(&number) => self.output(3),
            ("SQLSetStmtAttr", number) if OFFSETS.contains(&number) => self.pool.zero(),
            ("SQLSetStmtAttr", 10_010 | 10_011) => self.handle(SQL_HANDLE_DESC),
            ("SQLSetStmtAttr", 5 | 18) => self.dice.one(&[0isize, 0, 128]).into(),
            ("SQLSetDescField", 21 | 34 | 1_010) => self.output(3),
            ("SQLSetDescField", 24) => self.pool.zero(),
            ("SQLSetDescField", 1_004 | 1_009) => self.pool.length(),
            ("SQLSetDescField", 25) => self.dice.one(&[0isize, 0, 128]).into(),
            ("SQLSetDescField", 1_011 | 22 | 14 | 18 | 27) => self.text(function, "value"),
            ("SQLSetDescField", 2 | 1_002) => self.dice.one(C_TYPES).into(),
            ("SQLSetDescField", 1_013 | 1_003) => self.dice.one(CELL).into(),
            _ => self.dice.one(ROWS).into(),
        }
    }

    fn number(&mut self, function: &str, parameter: &str) -> isize {
        match (function, parameter) {
            (_, "c_type") => self.dice.one(C_TYPES),
            (_, "sql_type") => self.dice.one(SQL_TYPES),
            ("SQLBindParameter", "kind") => self.dice.one(&[1, 1, 1, 1, 2, 4, 0]),
            ("SQLSetDescRec", "kind") => self.dice.one(C_TYPES),
            (_, "column" | "number") => self.dice.one(&[1, 1, 2, 2, 3, 0, 9]),
            (_, "record") => self.dice.one(&[0, 1, 1, 2, 5, -1]),
            ("SQLFetchScroll" | "SQLExtendedFetch", "direction") => self.dice.one(&[1, 1, 1, 1, 2, 6, 0]),
            (_, "direction") => self.dice.one(&[1, 2, 0]),
            ("SQLFreeStmt", _) => self.dice.one(&[0, 0, 2, 3, 9]),
            ("SQLGetDiagField", "field") => self.dice.one(DIAGNOSTIC_FIELDS),
            (_, "field") => self.dice.one(FIELDS),
            (_, "info_type") => self.dice.one(INFO_TYPES),
            (_, "function") => self.dice.one(&[0, 999, 11, 1_001, 5_000]),
            (_, "completion") => self.dice.one(&[0, 0, 0, 1, 9]),
            _ => self.dice.one(&[0, 1, 1, 2, 9, -1]),
        }
    }
}
