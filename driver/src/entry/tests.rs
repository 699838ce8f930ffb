//! The exported functions, called as a driver manager calls them. What needs a session is tested through driver
//! managers.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use super::allocate::{SQLAllocHandle, SQLDisconnect, SQLFreeHandle, SQLFreeStmt};
use super::attributes::{SQLGetEnvAttr, SQLSetEnvAttr};
use super::connect::SQLDriverConnect::SQLDriverConnect;
use super::connect::SQLEndTran;
use super::diagnostics::SQLGetDiagField::SQLGetDiagField;
use super::diagnostics::SQLGetDiagRec::SQLGetDiagRec;
use super::diagnostics::SQLGetDiagRecW::SQLGetDiagRecW;
use super::guard::enter;
use super::info::SQLGetFunctions;
use super::info::SQLGetInfo::SQLGetInfo;
use super::prepare::{SQLCancel, SQLExecute};
use super::results::SQLFetch;
use crate::handle::Environment;
use crate::odbc::*;

fn allocate(kind: i16, parent: RawHandle) -> (Return, RawHandle) {
    let mut handle = 1usize as RawHandle;
    // SAFETY: `handle` is a place for a handle.
    let code = unsafe { SQLAllocHandle(kind, parent, &raw mut handle) };
    (code, handle)
}

/// An environment of ODBC 3 and a connection of it.
fn connection() -> (RawHandle, RawHandle) {
    let (code, environment) = allocate(SQL_HANDLE_ENV, null_mut());
    assert_eq!(code, SQL_SUCCESS);
    let version = std::ptr::without_provenance_mut(SQL_OV_ODBC3);
    assert_eq!(SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, version, 0), SQL_SUCCESS);
    let (code, connection) = allocate(SQL_HANDLE_DBC, environment);
    assert_eq!(code, SQL_SUCCESS);
    (environment, connection)
}

fn free(environment: RawHandle, connection: RawHandle) {
    assert_eq!(SQLFreeHandle(SQL_HANDLE_DBC, connection), SQL_SUCCESS);
    assert_eq!(SQLFreeHandle(SQL_HANDLE_ENV, environment), SQL_SUCCESS);
}

fn driver_connect(connection: RawHandle, string: &str, completion: u16) -> Return {
    let length = i16::try_from(string.len()).unwrap();
    // SAFETY: the string has so many units; there is no place for the completed one.
    unsafe {
        let (text, nowhere) = (string.as_ptr().cast(), null_mut());
        SQLDriverConnect(connection, null_mut(), text, length, nowhere, 0, null_mut(), completion)
    }
}

/// State and message of the first record.
fn record(kind: i16, handle: RawHandle) -> Option<(String, String)> {
    let (mut state, mut native, mut text, mut length) = ([0u8; 6], 1, [0u8; 512], 0);
    // SAFETY: the buffers are of the stated sizes.
    let code = unsafe {
        let (state, text) = (state.as_mut_ptr().cast(), text.as_mut_ptr().cast());
        SQLGetDiagRec(kind, handle, 1, state, &raw mut native, text, 512, &raw mut length)
    };
    if code == SQL_NO_DATA {
        return None;
    }
    assert_eq!((code, native), (SQL_SUCCESS, 0));
    let text = &text[..usize::try_from(length).unwrap()];
    Some((String::from_utf8_lossy(&state[..5]).into_owned(), String::from_utf8_lossy(text).into_owned()))
}

fn state(kind: i16, handle: RawHandle) -> String {
    record(kind, handle).map_or_else(String::new, |record| record.0)
}

#[test]
fn a_stale_or_foreign_handle_is_refused_everywhere() {
    let (environment, connection) = connection();
    free(environment, connection);
    let local = 0u64;
    for handle in [null_mut(), connection, environment, (&raw const local).cast_mut().cast()] {
        assert_eq!(SQLFetch(handle), SQL_INVALID_HANDLE);
        assert_eq!(SQLExecute(handle), SQL_INVALID_HANDLE);
        assert_eq!(SQLCancel(handle), SQL_INVALID_HANDLE);
        assert_eq!(SQLDisconnect(handle), SQL_INVALID_HANDLE);
        assert_eq!(SQLFreeStmt(handle, SQL_DROP), SQL_INVALID_HANDLE);
        assert_eq!(allocate(SQL_HANDLE_DBC, handle), (SQL_INVALID_HANDLE, null_mut()));
        for kind in [SQL_HANDLE_ENV, SQL_HANDLE_DBC, SQL_HANDLE_STMT, SQL_HANDLE_DESC] {
            assert_eq!(SQLFreeHandle(kind, handle), SQL_INVALID_HANDLE);
        }
    }
}

#[test]
fn a_handle_of_another_kind_is_refused() {
    let (environment, connection) = connection();
    assert_eq!(SQLFetch(connection), SQL_INVALID_HANDLE);
    assert_eq!(SQLDisconnect(environment), SQL_INVALID_HANDLE);
    assert_eq!(SQLFreeHandle(SQL_HANDLE_ENV, connection), SQL_INVALID_HANDLE);
    free(environment, connection);
}

#[test]
fn a_connection_needs_a_version_and_an_environment_outlives_its_connections() {
    let (_, environment) = allocate(SQL_HANDLE_ENV, null_mut());
    assert_eq!(allocate(SQL_HANDLE_DBC, environment), (SQL_ERROR, null_mut()));
    assert_eq!(state(SQL_HANDLE_ENV, environment), "HY010");
    assert_eq!(SQLFreeHandle(SQL_HANDLE_ENV, environment), SQL_SUCCESS);
    let (environment, connection) = connection();
    assert_eq!(SQLFreeHandle(SQL_HANDLE_ENV, environment), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_ENV, environment), "HY010");
    free(environment, connection);
}

#[test]
fn what_needs_an_open_connection_says_so() {
    let (environment, connection) = connection();
    let is_refused = |code: Return, expected: &str| {
        assert_eq!((code, state(SQL_HANDLE_DBC, connection).as_str()), (SQL_ERROR, expected));
    };
    let is_closed = |code: Return| is_refused(code, "08003");
    is_closed(allocate(SQL_HANDLE_STMT, connection).0);
    is_closed(allocate(SQL_HANDLE_DESC, connection).0);
    is_closed(SQLDisconnect(connection));
    is_closed(SQLEndTran(SQL_HANDLE_DBC, connection, 0));
    let mut functions = [0u16; 250];
    // SAFETY: an array of 250 words.
    let code = unsafe { SQLGetFunctions(connection, SQL_API_ODBC3_ALL_FUNCTIONS, functions.as_mut_ptr()) };
    is_refused(code, "HY010");
    free(environment, connection);
}

#[test]
fn the_driver_tells_its_odbc_version_before_it_is_connected() {
    let (environment, connection) = connection();
    let (mut text, mut length) = ([0u8; 16], 0i16);
    // SAFETY: the buffer has 16 bytes.
    let code =
        unsafe { SQLGetInfo(connection, SQL_DRIVER_ODBC_VER, text.as_mut_ptr().cast::<c_void>(), 16, &raw mut length) };
    assert_eq!((code, length), (SQL_SUCCESS, 5));
    assert!(text.starts_with(b"03."), "{text:?}");
    // SAFETY: as above; DBMS_NAME is asked.
    let code = unsafe { SQLGetInfo(connection, 17, text.as_mut_ptr().cast::<c_void>(), 16, &raw mut length) };
    assert_eq!((code, state(SQL_HANDLE_DBC, connection).as_str()), (SQL_ERROR, "08003"));
    free(environment, connection);
}

#[test]
fn a_connect_that_fails_says_why_and_leaves_the_connection_usable() {
    let (environment, connection) = connection();
    assert_eq!(driver_connect(connection, "DSN=no such data source of this test", 0), SQL_ERROR);
    let (state, message) = record(SQL_HANDLE_DBC, connection).expect("a record");
    assert_eq!(state, "IM002");
    assert!(message.starts_with("[Pipedrive][ODBC] there is no data source 'no such"), "{message}");
    assert_eq!(driver_connect(connection, "DRIVER=x;BaseURL=http://127.0.0.1:1", 4), SQL_ERROR);
    assert_eq!(super::tests::state(SQL_HANDLE_DBC, connection), "HY110");
    // Without a token nothing is asked of anybody.
    assert_eq!(driver_connect(connection, "DRIVER=x;BaseURL=http://127.0.0.1:1", 0), SQL_ERROR);
    assert_eq!(super::tests::state(SQL_HANDLE_DBC, connection), "28000");
    free(environment, connection);
}

#[test]
fn reading_diagnostics_leaves_them_and_the_next_call_clears_them() {
    let (environment, connection) = connection();
    assert_eq!(SQLDisconnect(connection), SQL_ERROR);
    assert_eq!(record(SQL_HANDLE_DBC, connection), record(SQL_HANDLE_DBC, connection));
    let mut number = 0i32;
    // SAFETY: the field is an integer.
    let code = unsafe {
        let value = (&raw mut number).cast::<c_void>();
        SQLGetDiagField(SQL_HANDLE_DBC, connection, 0, SQL_DIAG_NUMBER, value, 0, null_mut())
    };
    assert_eq!((code, number), (SQL_SUCCESS, 1));
    let mut origin = [0u8; 16];
    // SAFETY: the buffer has 16 bytes.
    let code = unsafe {
        let value = origin.as_mut_ptr().cast::<c_void>();
        SQLGetDiagField(SQL_HANDLE_DBC, connection, 1, SQL_DIAG_CLASS_ORIGIN, value, 16, null_mut())
    };
    assert_eq!((code, &origin[..8]), (SQL_SUCCESS, &b"ISO 9075"[..]));
    assert_eq!(driver_connect(connection, "", 9), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "HY110");
    free(environment, connection);
}

#[test]
fn a_message_that_does_not_fit_is_cut_and_told_whole() {
    let (environment, connection) = connection();
    assert_eq!(SQLDisconnect(connection), SQL_ERROR);
    let whole = record(SQL_HANDLE_DBC, connection).expect("a record").1;
    let (mut state, mut text, mut length) = ([0u16; 6], [0xFFFFu16; 12], 0i16);
    // SAFETY: the buffers are of the stated sizes, in UTF-16.
    let code = unsafe {
        let (state, text) = (state.as_mut_ptr().cast(), text.as_mut_ptr().cast());
        SQLGetDiagRecW(SQL_HANDLE_DBC, connection, 1, state, null_mut(), text, 10, &raw mut length)
    };
    assert_eq!((code, usize::try_from(length).unwrap()), (SQL_SUCCESS_WITH_INFO, whole.len()));
    assert_eq!(String::from_utf16_lossy(&text[..9]), whole[..9]);
    assert_eq!(text[9..], [0, 0xFFFF, 0xFFFF]);
    assert_eq!(String::from_utf16_lossy(&state[..5]), "08003");
    // SAFETY: no buffers.
    let code =
        unsafe { SQLGetDiagRec(SQL_HANDLE_DBC, connection, 2, null_mut(), null_mut(), null_mut(), 0, null_mut()) };
    assert_eq!(code, SQL_NO_DATA);
    // SAFETY: no buffers.
    let code =
        unsafe { SQLGetDiagRec(SQL_HANDLE_DBC, connection, 0, null_mut(), null_mut(), null_mut(), 0, null_mut()) };
    assert_eq!(code, SQL_ERROR);
    free(environment, connection);
}

#[test]
fn iodbc_learns_the_form_of_wide_text() {
    let (environment, connection) = connection();
    let (mut form, mut length) = (0u32, 0);
    // SAFETY: the attribute is an integer of 32 bits.
    let code = unsafe {
        let value = (&raw mut form).cast::<c_void>();
        SQLGetEnvAttr(environment, SQL_ATTR_DRIVER_UNICODE_TYPE, value, 0, &raw mut length)
    };
    assert_eq!((code, form, length), (SQL_SUCCESS, 1, 4));
    free(environment, connection);
}

#[test]
fn a_panic_reaches_no_caller() {
    let (environment, connection) = connection();
    let code = enter("SQLTest", environment, |_: &mut Environment| panic!("a fault of the driver, made by a test"));
    let (state, message) = record(SQL_HANDLE_ENV, environment).expect("a record");
    assert_eq!((code, state.as_str()), (SQL_ERROR, "HY000"));
    assert!(!message.contains("made by a test"), "{message}");
    free(environment, connection);
}

#[test]
fn null_pointers_for_output_are_refused_or_left_alone() {
    // SAFETY: no output at all.
    let code = unsafe { SQLAllocHandle(SQL_HANDLE_ENV, null_mut(), null_mut()) };
    assert_eq!(code, SQL_ERROR);
    let (environment, connection) = connection();
    // SAFETY: as above.
    let code = unsafe { SQLAllocHandle(SQL_HANDLE_DBC, environment, null_mut()) };
    assert_eq!((code, state(SQL_HANDLE_ENV, environment).as_str()), (SQL_ERROR, "HY009"));
    // SAFETY: a null string is an empty one.
    let code = unsafe { SQLDriverConnect(connection, null_mut(), null(), -3, null_mut(), 0, null_mut(), 0) };
    assert_eq!(code, SQL_ERROR);
    free(environment, connection);
}
