//! The answers that depend on the connection, the build or another table.

use datafusion::sql::sqlparser::keywords::{
    ALL_KEYWORDS, ALL_KEYWORDS_INDEX, Keyword, RESERVED_FOR_COLUMN_ALIAS, RESERVED_FOR_IDENTIFIER,
    RESERVED_FOR_TABLE_ALIAS, RESERVED_FOR_TABLE_FACTOR,
};
use pipedrive_sql::model::CATALOG;

use super::functions::FUNCTIONS;
use super::numbers::{SQL_OAC_LEVEL1, SQL_OAC_NONE};
use super::{Facts, Info};

pub(super) fn data_source(facts: &Facts) -> Info {
    Info::Text(facts.data_source.clone())
}

pub(super) fn server_name(facts: &Facts) -> Info {
    Info::Text(facts.identity.host.clone())
}

pub(super) fn user_name(facts: &Facts) -> Info {
    Info::Text(facts.identity.user_name.clone())
}

pub(super) fn catalog_name(_: &Facts) -> Info {
    Info::Text(CATALOG.to_owned())
}

/// The name of the library's file, as the linker makes it on this platform.
pub(super) fn driver_name(_: &Facts) -> Info {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    Info::Text(format!("{DLL_PREFIX}pipedriveodbc{DLL_SUFFIX}"))
}

/// The crate's version as ODBC wants it: `##.##.####`. Driver and source are one product with one version.
pub(super) fn version(_: &Facts) -> Info {
    Info::Text(odbc_version(env!("CARGO_PKG_VERSION")))
}

fn odbc_version(version: &str) -> String {
    let release = version.split(['-', '+']).next().unwrap_or(version);
    let mut parts = release.split('.').map(|part| part.parse::<u16>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    format!("{:02}.{:02}.{:04}", next(), next(), next())
}

/// LEVEL1 as soon as every function of it is there, by the table of functions.
/// [Interface conformance](https://learn.microsoft.com/sql/odbc/reference/develop-app/interface-conformance-levels)
pub(super) fn api_conformance(_: &Facts) -> Info {
    let complete = LEVEL_1.iter().all(|number| FUNCTIONS.contains(number));
    Info::Short(if complete { SQL_OAC_LEVEL1 } else { SQL_OAC_NONE })
}

/// SQLColumns, SQLDriverConnect, SQLGetData, SQLGetFunctions, SQLGetInfo, SQLGetTypeInfo, SQLParamData, SQLPutData,
/// SQLSpecialColumns, SQLStatistics, SQLTables, SQLBindParameter, and the attribute functions.
const LEVEL_1: &[u16] = &[40, 41, 43, 44, 45, 47, 48, 49, 52, 53, 54, 72, 1007, 1014, 1016, 1020];

/// The parser's reserved words that are not ODBC's own: names that must be quoted although ODBC would not.
pub(super) fn keywords(_: &Facts) -> Info {
    let words = ALL_KEYWORDS.iter().zip(ALL_KEYWORDS_INDEX).filter(|(word, keyword)| reserved(keyword) && !known(word));
    Info::Text(words.map(|(word, _)| *word).collect::<Vec<_>>().join(","))
}

fn reserved(keyword: &Keyword) -> bool {
    [RESERVED_FOR_IDENTIFIER, RESERVED_FOR_COLUMN_ALIAS, RESERVED_FOR_TABLE_ALIAS, RESERVED_FOR_TABLE_FACTOR]
        .iter()
        .any(|list| list.contains(keyword))
}

fn known(word: &str) -> bool {
    ODBC_WORDS.split_whitespace().any(|reserved| reserved == word)
}

/// SQL_ODBC_KEYWORDS of `sqlext.h`.
/// [Reserved keywords](https://learn.microsoft.com/sql/odbc/reference/appendixes/reserved-keywords)
const ODBC_WORDS: &str = "
    ABSOLUTE ACTION ADA ADD ALL ALLOCATE ALTER AND ANY ARE AS ASC ASSERTION AT AUTHORIZATION AVG
    BEGIN BETWEEN BIT BIT_LENGTH BOTH BY CASCADE CASCADED CASE CAST CATALOG CHAR CHAR_LENGTH CHARACTER
    CHARACTER_LENGTH CHECK CLOSE COALESCE COLLATE COLLATION COLUMN COMMIT CONNECT CONNECTION CONSTRAINT
    CONSTRAINTS CONTINUE CONVERT CORRESPONDING COUNT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME
    CURRENT_TIMESTAMP CURRENT_USER CURSOR DATE DAY DEALLOCATE DEC DECIMAL DECLARE DEFAULT DEFERRABLE
    DEFERRED DELETE DESC DESCRIBE DESCRIPTOR DIAGNOSTICS DISCONNECT DISTINCT DOMAIN DOUBLE DROP
    ELSE END END-EXEC ESCAPE EXCEPT EXCEPTION EXEC EXECUTE EXISTS EXTERNAL EXTRACT FALSE FETCH FIRST
    FLOAT FOR FOREIGN FORTRAN FOUND FROM FULL GET GLOBAL GO GOTO GRANT GROUP HAVING HOUR IDENTITY
    IMMEDIATE IN INCLUDE INDEX INDICATOR INITIALLY INNER INPUT INSENSITIVE INSERT INT INTEGER INTERSECT
    INTERVAL INTO IS ISOLATION JOIN KEY LANGUAGE LAST LEADING LEFT LEVEL LIKE LOCAL LOWER MATCH MAX MIN
    MINUTE MODULE MONTH NAMES NATIONAL NATURAL NCHAR NEXT NO NONE NOT NULL NULLIF NUMERIC OCTET_LENGTH OF
    ON ONLY OPEN OPTION OR ORDER OUTER OUTPUT OVERLAPS PAD PARTIAL PASCAL PLI POSITION PRECISION PREPARE
    PRESERVE PRIMARY PRIOR PRIVILEGES PROCEDURE PUBLIC READ REAL REFERENCES RELATIVE RESTRICT REVOKE RIGHT
    ROLLBACK ROWS SCHEMA SCROLL SECOND SECTION SELECT SESSION SESSION_USER SET SIZE SMALLINT SOME SPACE
    SQL SQLCA SQLCODE SQLERROR SQLSTATE SQLWARNING SUBSTRING SUM SYSTEM_USER TABLE TEMPORARY THEN TIME
    TIMESTAMP TIMEZONE_HOUR TIMEZONE_MINUTE TO TRAILING TRANSACTION TRANSLATE TRANSLATION TRIM TRUE UNION
    UNIQUE UNKNOWN UPDATE UPPER USAGE USER USING VALUE VALUES VARCHAR VARYING VIEW WHEN WHENEVER WHERE
    WITH WORK WRITE YEAR ZONE";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_two_two_and_four_digits() {
        for (version, expected) in [("0.1.0", "00.01.0000"), ("12.3.45-rc.1", "12.03.0045"), ("1", "01.00.0000")] {
            assert_eq!(odbc_version(version), expected);
        }
    }

    #[test]
    fn keywords_are_those_of_the_parser_alone() {
        let Info::Text(words) = keywords(&Facts::default()) else { panic!("keywords are a text") };
        let words: Vec<_> = words.split(',').collect();
        for word in ["LIMIT", "QUALIFY", "OFFSET"] {
            assert!(words.contains(&word), "{word} is missing of {words:?}");
        }
        for word in ["SELECT", "ID", "NAME", "STATUS", "VALUE", ""] {
            assert!(!words.contains(&word), "{word} must not be among {words:?}");
        }
    }
}
