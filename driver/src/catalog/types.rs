//! What ODBC says of a SQL type: its code, sizes, display width, literals. One table; SQLColumns, SQLGetTypeInfo,
//! SQLDescribeCol and SQLColAttribute read it, so they cannot disagree.
//!
//! Text is described wide (SQL_WVARCHAR), which is what it is; its name in SQL is VARCHAR all the same, since names are
//! what tools write into CAST. Approximate numbers are counted in decimal digits (15, radix 10) everywhere.
//! [Sizes](https://learn.microsoft.com/sql/odbc/reference/appendixes/column-size-decimal-digits-transfer-octet-length-and-display-size)

use pipedrive_sql::SqlType;

use crate::odbc::*;

/// What ODBC says of a SQL type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypeFacts {
    /// Concise type (SQL_*), in ODBC 3 form.
    pub(crate) code: i16,
    /// Name of the type, as CAST takes it.
    pub(crate) name: &'static str,
    /// Column size: characters, digits, or the length of the text form.
    pub(crate) column_size: usize,
    /// Decimal digits; `None` where they do not apply.
    pub(crate) decimal_digits: Option<i16>,
    /// Characters of the longest value as text.
    pub(crate) display_size: usize,
    /// Bytes of the longest value in its default C type; for text in UTF-8 or UTF-16, a terminator not counted.
    pub(crate) octet_length: usize,
    /// 10 or 2; `None` where it does not apply.
    pub(crate) radix: Option<i32>,
    /// True for types without a sign, text among them.
    pub(crate) unsigned: bool,
    /// Verbose type (SQL_DESC_TYPE): SQL_DATETIME or SQL_INTERVAL, else as `code`.
    pub(crate) verbose: i16,
    /// Subcode of a date, time or interval (SQL_DESC_DATETIME_INTERVAL_CODE).
    pub(crate) subcode: Option<i16>,
    /// Which predicates take it: SQL_PRED_BASIC (2) is all but LIKE, SQL_SEARCHABLE (3) is all.
    pub(crate) searchable: i16,
    /// What stands before a literal, empty for nothing.
    pub(crate) literal_prefix: &'static str,
    /// What stands behind a literal, empty for nothing.
    pub(crate) literal_suffix: &'static str,
    /// Whether comparisons tell `A` from `a`.
    pub(crate) case_sensitive: bool,
}

impl TypeFacts {
    /// The concise type as an application of this ODBC version knows it: dates are 9 to 11 in ODBC 2.
    pub(crate) const fn code_for(&self, odbc2: bool) -> i16 {
        match self.code {
            SQL_TYPE_DATE if odbc2 => 9,
            SQL_TYPE_TIME if odbc2 => 10,
            SQL_TYPE_TIMESTAMP if odbc2 => 11,
            code => code,
        }
    }

    /// SQL_DESC_PRECISION: digits of the fraction of dates, times and intervals, else the column size.
    pub(crate) fn precision(&self) -> usize {
        match self.subcode {
            Some(_) => self.decimal_digits.map_or(0, |digits| digits.unsigned_abs().into()),
            None => self.column_size,
        }
    }

    /// SQL_DESC_DATETIME_INTERVAL_PRECISION: digits of the leading field of an interval, 0 for other types.
    pub(crate) fn leading_digits(&self) -> i32 {
        if self.verbose == SQL_INTERVAL { INTERVAL_DAYS.into() } else { 0 }
    }

    /// Whether it is text.
    pub(crate) const fn is_text(&self) -> bool {
        self.case_sensitive
    }

    /// Whether it is a number with a sign; a BIT is none.
    pub(crate) const fn is_numeric(&self) -> bool {
        self.radix.is_some()
    }
}

/// The longest text that a value is said to have, in characters. Long text has no bound in the API; readers make their
/// buffers from this number, so it must be one that can be allocated for a few hundred rows.
pub(crate) const LONGEST_TEXT: usize = 65_535;
/// The most digits of a DECIMAL.
pub(crate) const MOST_DIGITS: u8 = 38;

/// Bytes of one character at most, in UTF-8 as in UTF-16.
const BYTES_PER_CHARACTER: usize = 4;
/// Digits of days in the longest interval, and of its fraction of a second.
const INTERVAL_DAYS: u8 = 9;
const INTERVAL_FRACTION: i16 = 3;

const NONE: TypeFacts = TypeFacts {
    code: 0,
    name: "",
    column_size: 0,
    decimal_digits: None,
    display_size: 0,
    octet_length: 0,
    radix: None,
    unsigned: true,
    verbose: 0,
    subcode: None,
    searchable: 2,
    literal_prefix: "",
    literal_suffix: "",
    case_sensitive: false,
};

const fn text(code: i16, name: &'static str, characters: usize) -> TypeFacts {
    TypeFacts {
        code,
        name,
        column_size: characters,
        display_size: characters,
        octet_length: characters * BYTES_PER_CHARACTER,
        verbose: code,
        searchable: 3,
        literal_prefix: "'",
        literal_suffix: "'",
        case_sensitive: true,
        ..NONE
    }
}

const fn integer(code: i16, name: &'static str, digits: usize, display_size: usize, octet_length: usize) -> TypeFacts {
    TypeFacts {
        code,
        name,
        column_size: digits,
        decimal_digits: Some(0),
        display_size,
        octet_length,
        radix: Some(10),
        unsigned: false,
        verbose: code,
        ..NONE
    }
}

const fn exact(code: i16, name: &'static str, precision: u8, scale: u8) -> TypeFacts {
    // Where all digits are behind the point a zero stands before it. Readers make room for a sign, a point and the
    // digits of the column size, so the zero is one of these; 38 digits are the most, and then it is one more.
    let zero = precision == scale;
    let digits = precision as usize + (zero && precision < MOST_DIGITS) as usize;
    let display_size = digits + if zero && precision == MOST_DIGITS { 3 } else { 2 };
    TypeFacts { decimal_digits: Some(scale as i16), ..integer(code, name, digits, display_size, display_size) }
}

const fn approximate(
    code: i16,
    name: &'static str,
    digits: usize,
    display_size: usize,
    octet_length: usize,
) -> TypeFacts {
    TypeFacts { decimal_digits: None, ..integer(code, name, digits, display_size, octet_length) }
}

/// SQL_DATETIME; `subcode` is that of SQL_TYPE_DATE and the two after it.
const fn moment(
    code: i16,
    name: &'static str,
    size: usize,
    digits: Option<i16>,
    octet_length: usize,
    literal_prefix: &'static str,
) -> TypeFacts {
    TypeFacts {
        code,
        name,
        column_size: size,
        decimal_digits: digits,
        display_size: size,
        octet_length,
        verbose: 9,
        subcode: Some(code - SQL_TYPE_DATE + 1),
        literal_prefix,
        literal_suffix: "'}",
        ..NONE
    }
}

const BIT: TypeFacts = TypeFacts {
    code: -7,
    name: "BIT",
    column_size: 1,
    decimal_digits: Some(0),
    display_size: 1,
    octet_length: 1,
    verbose: -7,
    ..NONE
};
const SMALLINT: TypeFacts = integer(5, "SMALLINT", 5, 6, 2);
const INTEGER: TypeFacts = integer(4, "INTEGER", 10, 11, 4);
const BIGINT: TypeFacts = integer(-5, "BIGINT", 19, 20, 8);
const DOUBLE: TypeFacts = approximate(8, "DOUBLE", 15, 24, 8);
const DATE: TypeFacts = moment(SQL_TYPE_DATE, "DATE", 10, None, 6, "{d '");
const TIME: TypeFacts = moment(SQL_TYPE_TIME, "TIME", 8, Some(0), 6, "{t '");
const TIMESTAMP: TypeFacts = moment(SQL_TYPE_TIMESTAMP, "TIMESTAMP", 23, Some(3), 16, "{ts '");

/// `days hours:minutes:seconds.fraction`; the display size leaves room for a sign. An interval is a struct in C.
const INTERVAL_DAY_TO_SECOND: TypeFacts = TypeFacts {
    code: 110,
    name: "INTERVAL DAY TO SECOND",
    column_size: INTERVAL_DAYS as usize + 10 + INTERVAL_FRACTION.unsigned_abs() as usize,
    decimal_digits: Some(INTERVAL_FRACTION),
    display_size: INTERVAL_DAYS as usize + 11 + INTERVAL_FRACTION.unsigned_abs() as usize,
    octet_length: 28,
    verbose: 10,
    subcode: Some(10),
    ..NONE
};

/// The facts of a type.
pub(crate) fn facts(sql_type: SqlType) -> TypeFacts {
    match sql_type {
        SqlType::Bit => BIT,
        SqlType::SmallInt => SMALLINT,
        SqlType::Integer => INTEGER,
        SqlType::BigInt => BIGINT,
        SqlType::Decimal { precision, scale } => exact(3, "DECIMAL", precision, scale),
        SqlType::Double => DOUBLE,
        SqlType::Varchar(length) => text(-9, "VARCHAR", usize::try_from(length).unwrap_or(LONGEST_TEXT)),
        SqlType::LongVarchar => text(-10, "LONGVARCHAR", LONGEST_TEXT),
        SqlType::Date => DATE,
        SqlType::Time => TIME,
        SqlType::Timestamp => TIMESTAMP,
        SqlType::IntervalDayToSecond => INTERVAL_DAY_TO_SECOND,
    }
}

/// A type as SQLGetTypeInfo lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offered {
    /// The type at its largest.
    pub(crate) facts: TypeFacts,
    /// What stands in parentheses behind the name; empty for nothing.
    pub(crate) parameters: &'static str,
    /// Smallest and largest count of decimal digits.
    pub(crate) scales: Option<(i16, i16)>,
}

const fn plain(facts: TypeFacts) -> Offered {
    let scales = match facts.decimal_digits {
        Some(digits) if facts.code != -7 => Some((digits, digits)),
        _ => None,
    };
    Offered { facts, parameters: "", scales }
}

const fn sized(facts: TypeFacts) -> Offered {
    Offered { facts, parameters: "length", scales: None }
}

const fn scaled(facts: TypeFacts) -> Offered {
    Offered { facts, parameters: "precision,scale", scales: Some((0, MOST_DIGITS as i16)) }
}

/// The types that CAST takes, by ascending code. A tool casts to any of these names, and Power Query keeps a column
/// only when its code stands here, so narrow and wide twins have their rows. No binary types and no intervals: nothing
/// makes a value of the former, and CAST takes no interval.
pub(crate) const OFFERED: &[Offered] = &[
    plain(text(-10, "LONGVARCHAR", LONGEST_TEXT)),
    sized(text(-9, "VARCHAR", LONGEST_TEXT)),
    sized(text(-8, "CHAR", LONGEST_TEXT)),
    plain(BIT),
    plain(integer(-6, "TINYINT", 3, 4, 1)),
    plain(BIGINT),
    plain(text(-1, "LONGVARCHAR", LONGEST_TEXT)),
    sized(text(1, "CHAR", LONGEST_TEXT)),
    scaled(exact(2, "NUMERIC", MOST_DIGITS, 0)),
    scaled(exact(3, "DECIMAL", MOST_DIGITS, 0)),
    plain(INTEGER),
    plain(SMALLINT),
    plain(approximate(6, "FLOAT", 15, 24, 8)),
    plain(approximate(7, "REAL", 7, 14, 4)),
    plain(DOUBLE),
    sized(text(12, "VARCHAR", LONGEST_TEXT)),
    plain(DATE),
    plain(TIME),
    plain(TIMESTAMP),
];

/// Whether ODBC has a SQL type of this code, offered here or not. 9 to 11 are ODBC 2's dates.
pub(crate) const fn exists(code: i16) -> bool {
    matches!(code, -11..=-1 | 1..=12 | 91..=93 | 101..=113)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Table;

    const ALL: &[SqlType] = &[
        SqlType::Bit,
        SqlType::SmallInt,
        SqlType::Integer,
        SqlType::BigInt,
        SqlType::Decimal { precision: 19, scale: 4 },
        SqlType::Double,
        SqlType::Varchar(255),
        SqlType::LongVarchar,
        SqlType::Date,
        SqlType::Time,
        SqlType::Timestamp,
        SqlType::IntervalDayToSecond,
    ];

    fn every_type() -> impl Iterator<Item = TypeFacts> {
        ALL.iter().map(|sql_type| facts(*sql_type)).chain(OFFERED.iter().map(|offered| offered.facts))
    }

    /// The leading number of a cell such as `19 signed, 20 unsigned`.
    fn leading(cell: &str) -> Option<usize> {
        let digits: String = cell.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }

    #[test]
    fn fixed_sizes_are_those_of_the_reference() {
        let Some(table) = Table::read("type_sizes.tsv") else { return };
        let rows = table.select(["code", "column_size", "display_size", "desc_type_code", "interval_code"]);
        for facts in every_type() {
            let code = facts.code.to_string();
            let [_, size, display, verbose, subcode] = *rows.iter().find(|row| row[0] == code).expect(&code);
            assert_eq!(facts.verbose.to_string(), verbose, "{}", facts.name);
            assert_eq!(facts.subcode.unwrap_or(0).to_string(), subcode, "{}", facts.name);
            if facts.code == SQL_TYPE_TIMESTAMP || facts.code == 110 {
                continue; // These sizes depend on the digits of the fraction; see the test below.
            }
            if let Some(size) = leading(size) {
                assert_eq!(facts.column_size, size, "{}", facts.name);
            }
            if let Some(display) = leading(display) {
                assert_eq!(facts.display_size, display, "{}", facts.name);
            }
        }
    }

    #[test]
    fn sizes_follow_the_parameters_of_a_type() {
        let money = facts(SqlType::Decimal { precision: 19, scale: 4 });
        assert_eq!((money.column_size, money.decimal_digits, money.display_size), (19, Some(4), 21));
        let small = facts(SqlType::Decimal { precision: 6, scale: 6 });
        assert_eq!((small.column_size, small.display_size), ("0000001".len(), "-0.000001".len()));
        let smallest = facts(SqlType::Decimal { precision: 38, scale: 38 });
        assert_eq!((smallest.column_size, smallest.display_size), (38, 41));
        let timestamp = facts(SqlType::Timestamp);
        assert_eq!((timestamp.column_size, timestamp.decimal_digits), ("2026-04-01 22:03:27.000".len(), Some(3)));
        let text = facts(SqlType::Varchar(40));
        assert_eq!((text.column_size, text.octet_length), (40, 160));
        assert_eq!(facts(SqlType::IntervalDayToSecond).column_size, "123456789 12:34:56.789".len());
    }

    #[test]
    fn a_type_of_a_column_is_offered_for_casts() {
        for facts in ALL.iter().map(|sql_type| facts(*sql_type)).filter(|facts| facts.verbose != 10) {
            let offered = OFFERED.iter().find(|offered| offered.facts.code == facts.code);
            assert_eq!(offered.map(|offered| offered.facts.name), Some(facts.name));
        }
    }

    #[test]
    fn offered_types_ascend_and_have_a_size() {
        assert!(OFFERED.is_sorted_by_key(|offered| offered.facts.code));
        assert!(OFFERED.iter().all(|offered| offered.facts.column_size > 0));
    }

    #[test]
    fn dates_have_their_old_codes_in_odbc_2() {
        for (sql_type, old, new) in [(SqlType::Date, 9, 91), (SqlType::Time, 10, 92), (SqlType::Timestamp, 11, 93)] {
            assert_eq!((facts(sql_type).code_for(true), facts(sql_type).code_for(false)), (old, new));
        }
        assert_eq!(facts(SqlType::Bit).code_for(true), -7);
    }

    #[test]
    fn only_odbc_types_exist() {
        let Some(table) = Table::read("type_sizes.tsv") else { return };
        let rows = table.select(["code", "odbc2_code"]);
        let old = rows.iter().filter_map(|row| leading(row[1])).map(|code| i16::try_from(code).expect("a code"));
        let known: Vec<i16> = rows.iter().map(|row| row[0].parse().expect("a code")).chain(old).collect();
        for code in i16::MIN..=i16::MAX {
            assert_eq!(exists(code), known.contains(&code), "{code}");
        }
    }
}
