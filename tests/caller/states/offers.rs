//! What the walk takes for not offered, asked of the library: what it comes to offer must come into the walk.

use super::place::{Place, Target};
use crate::host::Host;
use crate::memory::Buffer;
use crate::odbc::SQL_SUCCESS;
use crate::word::Word;

/// Functions of the state tables that the walk has no calls for, by their numbers.
const FUNCTIONS: &[(&str, usize)] = &[
    ("SQLBulkOperations", 24),
    ("SQLBrowseConnect", 55),
    ("SQLColumnPrivileges", 56),
    ("SQLForeignKeys", 60),
    ("SQLSetPos", 68),
    ("SQLTablePrivileges", 70),
];

/// Information types that are 0 where a feature is not offered.
const FEATURES: &[(&str, u16)] = &[("transactions", 46), ("calls that run asynchronously", 10_021)];

/// What the library offers and the walk does not know.
pub(super) fn surprises(host: &Host, target: &Target<'_>) -> Vec<String> {
    const SQL_API_ODBC3_ALL_FUNCTIONS: u16 = 999;
    let mut place = Place::new(host, target, None);
    place.session();
    let mut functions = Buffer::new(500);
    let words = [place.dbc, SQL_API_ODBC3_ALL_FUNCTIONS.into(), functions.word()];
    assert_eq!(host.call("SQLGetFunctions", &words), SQL_SUCCESS);
    // The bits of a number stand in words of 16; a byte holds 8 of them, the lower ones first.
    let has = |number: usize| functions.contents()[number / 8] & (1 << (number % 8)) != 0;
    let functions = FUNCTIONS.iter().filter(|(_, number)| has(*number));
    let functions: Vec<_> =
        functions.map(|(name, _)| format!("the walk has no call for {name}, which is offered")).collect();
    let features = FEATURES.iter().filter(|(_, number)| {
        let mut value = Buffer::of(&[0; 8]);
        let words = [place.dbc, (*number).into(), value.word(), 8i16.into(), Word::NULL];
        host.call("SQLGetInfo", &words) != SQL_SUCCESS || value.first_word() != Word::NULL
    });
    let features: Vec<_> = features.map(|(name, _)| format!("the walk knows no {name}, which are offered")).collect();
    place.leave(false);
    [functions, features].concat()
}
