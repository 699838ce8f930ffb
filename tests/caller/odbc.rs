//! ODBC's numbers that the walks use, under the names of `sql.h` and `sqlext.h`.

pub(crate) const SQL_SUCCESS: i16 = 0;
pub(crate) const SQL_SUCCESS_WITH_INFO: i16 = 1;
pub(crate) const SQL_NEED_DATA: i16 = 99;
pub(crate) const SQL_NO_DATA: i16 = 100;
pub(crate) const SQL_ERROR: i16 = -1;
pub(crate) const SQL_INVALID_HANDLE: i16 = -2;

pub(crate) const SQL_HANDLE_ENV: i16 = 1;
pub(crate) const SQL_HANDLE_DBC: i16 = 2;
pub(crate) const SQL_HANDLE_STMT: i16 = 3;
pub(crate) const SQL_HANDLE_DESC: i16 = 4;

pub(crate) const SQL_NTS: i16 = -3;
pub(crate) const SQL_NULL_DATA: isize = -1;
pub(crate) const SQL_DATA_AT_EXEC: isize = -2;

pub(crate) const SQL_ATTR_ODBC_VERSION: i32 = 200;
pub(crate) const SQL_OV_ODBC2: usize = 2;
pub(crate) const SQL_OV_ODBC3: usize = 3;

pub(crate) const SQL_C_CHAR: i16 = 1;
pub(crate) const SQL_PARAM_INPUT: i16 = 1;
pub(crate) const SQL_FETCH_NEXT: i16 = 1;
