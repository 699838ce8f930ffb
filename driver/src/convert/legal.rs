//! Which SQL type converts to and from which C type: the matrix of the reference, as it draws it.
//! [Converting Data](https://learn.microsoft.com/sql/odbc/reference/appendixes/converting-data-from-c-to-sql-data-types)

use pipedrive_sql::SqlType;

use super::c_type::CType;
use super::sql_code::{Family, SqlCode};
use crate::diagnostics::Result;

/// A dot is 07006. Columns: CHAR WCHAR BINARY BIT, whole numbers, FLOAT and DOUBLE, NUMERIC, DATE TIME TIMESTAMP,
/// INTERVAL of one and of several day-time fields, of one and of several year-month fields, GUID.
#[rustfmt::skip]
const MATRIX: [(Row, &str); 13] = [
    //                    C W B b I F N D T S d D y Y G
    (Row::Character,     "x x x x x x x x x x x x x x x"),
    (Row::Exact,         "x x x x x x x . . . x . x . ."),
    (Row::Approximate,   "x x x x x x x . . . . . . . ."),
    (Row::Bit,           "x x x x x x x . . . . . . . ."),
    (Row::Binary,        "x x x . . . . . . . . . . . ."),
    (Row::Date,          "x x x . . . . x . x . . . . ."),
    (Row::Time,          "x x x . . . . . x x . . . . ."),
    (Row::Timestamp,     "x x x . . . . x x x . . . . ."),
    (Row::DayTimeOne,    "x x x x x . x . . . x x . . ."),
    (Row::DayTimeMany,   "x x x . . . . . . . x x . . ."),
    (Row::YearMonthOne,  "x x x x x . x . . . . . x x ."),
    (Row::YearMonthMany, "x x x . . . . . . . . . x x ."),
    (Row::Guid,          "x x x . . . . . . . . . . . x"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Character,
    Exact,
    Approximate,
    Bit,
    Binary,
    Date,
    Time,
    Timestamp,
    DayTimeOne,
    DayTimeMany,
    YearMonthOne,
    YearMonthMany,
    Guid,
}

impl From<Family> for Row {
    fn from(family: Family) -> Self {
        match family {
            Family::Character => Self::Character,
            Family::Integer(..) | Family::Decimal => Self::Exact,
            Family::Real | Family::Double => Self::Approximate,
            Family::Bit => Self::Bit,
            Family::Binary => Self::Binary,
            Family::Date => Self::Date,
            Family::Time => Self::Time,
            Family::Timestamp => Self::Timestamp,
            Family::Interval(fields) => match (fields.is_year_month(), fields.is_single()) {
                (false, true) => Self::DayTimeOne,
                (false, false) => Self::DayTimeMany,
                (true, true) => Self::YearMonthOne,
                (true, false) => Self::YearMonthMany,
            },
            Family::Guid => Self::Guid,
        }
    }
}

const fn column(c_type: CType) -> usize {
    match c_type {
        CType::Char => 0,
        CType::WChar => 1,
        CType::Binary => 2,
        CType::Bit => 3,
        CType::STinyInt | CType::UTinyInt | CType::SShort | CType::UShort => 4,
        CType::SLong | CType::ULong | CType::SBigInt | CType::UBigInt => 4,
        CType::Float | CType::Double => 5,
        CType::Numeric => 6,
        CType::Date => 7,
        CType::Time => 8,
        CType::Timestamp => 9,
        CType::Interval(fields) => match (fields.is_year_month(), fields.is_single()) {
            (false, true) => 10,
            (false, false) => 11,
            (true, true) => 12,
            (true, false) => 13,
        },
        CType::Guid => 14,
    }
}

/// Whether ODBC converts values of `sql_type` to `c_type`; checked when a column is bound (07006).
pub(crate) fn is_legal(sql_type: SqlType, c_type: CType) -> bool {
    converts(Family::of(sql_type), c_type)
}

/// Whether ODBC converts values of `c_type` to the SQL type with this code; checked when a parameter is bound (07006).
///
/// # Errors
/// `InvalidSqlType`.
pub(crate) fn is_legal_parameter(sql_type: i16, c_type: CType) -> Result<bool> {
    SqlCode::new(sql_type).map(|sql_type| converts(sql_type.family(), c_type))
}

pub(super) fn converts(family: Family, c_type: CType) -> bool {
    let row = Row::from(family);
    let cells = MATRIX.iter().find(|line| line.0 == row).map_or("", |line| line.1);
    cells.as_bytes().get(2 * column(c_type)) == Some(&b'x')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Table;

    #[test]
    fn every_row_has_every_column() {
        assert!(MATRIX.iter().all(|line| line.1.len() == 2 * 15 - 1));
    }

    /// The matrix, the pages of fetching and those of parameters differ in places. What one of the three allows may be
    /// converted; what none allows must be refused, but for GUIDs out of text, which drivers do convert.
    #[test]
    fn the_matrix_agrees_with_the_reference() {
        let Some(rows) = Table::read("legal_conversions.tsv").map(Table::lines) else { return };
        let mut compared = 0;
        for row in rows {
            let (c_code, sql_code) = (row["c_code"].parse().unwrap(), row["sql_code"].parse().unwrap());
            let c_type = CType::resolve_parameter(c_code, sql_code).unwrap();
            let says = ["matrix", "in_fetch_page", "in_param_page"].map(|column| row[column].as_str());
            let legal = says.iter().any(|says| matches!(*says, "default" | "yes"));
            let ours = is_legal_parameter(sql_code, c_type).unwrap();
            assert_eq!(ours, legal, "{} and {}", row["c_type"], row["sql_type"]);
            compared += 1;
        }
        assert!(compared > 1000, "the file was read to its end");
    }
}
