//! ODBC's numbers, under the names of `sql.h` and `sqlext.h`.
//!
//! Plain integers, since an application may pass any: an enum would have to refuse a number before it can be named.

/// A handle as an application holds it: a token of the registry, never an address.
pub(crate) type RawHandle = *mut std::ffi::c_void;

/// A return code.
pub(crate) type Return = i16;

pub(crate) const SQL_SUCCESS: Return = 0;
pub(crate) const SQL_SUCCESS_WITH_INFO: Return = 1;
pub(crate) const SQL_NEED_DATA: Return = 99;
pub(crate) const SQL_NO_DATA: Return = 100;
pub(crate) const SQL_ERROR: Return = -1;
pub(crate) const SQL_INVALID_HANDLE: Return = -2;

pub(crate) const SQL_HANDLE_ENV: i16 = 1;
pub(crate) const SQL_HANDLE_DBC: i16 = 2;
pub(crate) const SQL_HANDLE_STMT: i16 = 3;
pub(crate) const SQL_HANDLE_DESC: i16 = 4;

pub(crate) const SQL_OV_ODBC2: usize = 2;
pub(crate) const SQL_OV_ODBC3: usize = 3;
pub(crate) const SQL_OV_ODBC3_80: usize = 380;

// Lengths and indicators.
pub(crate) const SQL_NULL_DATA: isize = -1;
pub(crate) const SQL_DATA_AT_EXEC: isize = -2;
pub(crate) const SQL_NTS: isize = -3;
pub(crate) const SQL_LEN_DATA_AT_EXEC_OFFSET: isize = -100;

// Environment attributes.
pub(crate) const SQL_ATTR_ODBC_VERSION: i32 = 200;
pub(crate) const SQL_ATTR_CONNECTION_POOLING: i32 = 201;
pub(crate) const SQL_ATTR_CP_MATCH: i32 = 202;
pub(crate) const SQL_ATTR_OUTPUT_NTS: i32 = 10001;
/// iODBC asks which form of wide text the driver speaks.
pub(crate) const SQL_ATTR_DRIVER_UNICODE_TYPE: i32 = 1065;
pub(crate) const SQL_DM_CP_UTF16: usize = 1;

// Connection attributes.
pub(crate) const SQL_ATTR_ACCESS_MODE: i32 = 101;
pub(crate) const SQL_ATTR_AUTOCOMMIT: i32 = 102;
pub(crate) const SQL_ATTR_LOGIN_TIMEOUT: i32 = 103;
pub(crate) const SQL_ATTR_TRACE: i32 = 104;
pub(crate) const SQL_ATTR_TRACEFILE: i32 = 105;
pub(crate) const SQL_ATTR_TRANSLATE_LIB: i32 = 106;
pub(crate) const SQL_ATTR_TRANSLATE_OPTION: i32 = 107;
pub(crate) const SQL_ATTR_TXN_ISOLATION: i32 = 108;
pub(crate) const SQL_ATTR_CURRENT_CATALOG: i32 = 109;
pub(crate) const SQL_ATTR_ODBC_CURSORS: i32 = 110;
pub(crate) const SQL_ATTR_QUIET_MODE: i32 = 111;
pub(crate) const SQL_ATTR_PACKET_SIZE: i32 = 112;
pub(crate) const SQL_ATTR_CONNECTION_TIMEOUT: i32 = 113;
pub(crate) const SQL_ATTR_DISCONNECT_BEHAVIOR: i32 = 114;
pub(crate) const SQL_ATTR_ANSI_APP: i32 = 115;
pub(crate) const SQL_ATTR_RESET_CONNECTION: i32 = 116;
pub(crate) const SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE: i32 = 117;
/// iODBC tells the application's name.
pub(crate) const SQL_ATTR_APPLICATION_NAME: i32 = 1051;
/// iODBC offers to pass wide text of the application's width.
pub(crate) const SQL_ATTR_APP_WCHAR_TYPE: i32 = 1061;
pub(crate) const SQL_ATTR_ENLIST_IN_DTC: i32 = 1207;
pub(crate) const SQL_ATTR_CONNECTION_DEAD: i32 = 1209;
pub(crate) const SQL_ATTR_AUTO_IPD: i32 = 10001;

// Statement attributes; ASYNC_ENABLE and METADATA_ID belong to connections, too.
pub(crate) const SQL_ATTR_CURSOR_SENSITIVITY: i32 = -2;
pub(crate) const SQL_ATTR_CURSOR_SCROLLABLE: i32 = -1;
pub(crate) const SQL_ATTR_QUERY_TIMEOUT: i32 = 0;
pub(crate) const SQL_ATTR_MAX_ROWS: i32 = 1;
pub(crate) const SQL_ATTR_NOSCAN: i32 = 2;
pub(crate) const SQL_ATTR_MAX_LENGTH: i32 = 3;
pub(crate) const SQL_ATTR_ASYNC_ENABLE: i32 = 4;
pub(crate) const SQL_ATTR_ROW_BIND_TYPE: i32 = 5;
pub(crate) const SQL_ATTR_CURSOR_TYPE: i32 = 6;
pub(crate) const SQL_ATTR_CONCURRENCY: i32 = 7;
pub(crate) const SQL_ATTR_KEYSET_SIZE: i32 = 8;
pub(crate) const SQL_ROWSET_SIZE: i32 = 9;
pub(crate) const SQL_ATTR_SIMULATE_CURSOR: i32 = 10;
pub(crate) const SQL_ATTR_RETRIEVE_DATA: i32 = 11;
pub(crate) const SQL_ATTR_USE_BOOKMARKS: i32 = 12;
pub(crate) const SQL_GET_BOOKMARK: i32 = 13;
pub(crate) const SQL_ATTR_ROW_NUMBER: i32 = 14;
pub(crate) const SQL_ATTR_ENABLE_AUTO_IPD: i32 = 15;
pub(crate) const SQL_ATTR_FETCH_BOOKMARK_PTR: i32 = 16;
pub(crate) const SQL_ATTR_PARAM_BIND_OFFSET_PTR: i32 = 17;
pub(crate) const SQL_ATTR_PARAM_BIND_TYPE: i32 = 18;
pub(crate) const SQL_ATTR_PARAM_OPERATION_PTR: i32 = 19;
pub(crate) const SQL_ATTR_PARAM_STATUS_PTR: i32 = 20;
pub(crate) const SQL_ATTR_PARAMS_PROCESSED_PTR: i32 = 21;
pub(crate) const SQL_ATTR_PARAMSET_SIZE: i32 = 22;
pub(crate) const SQL_ATTR_ROW_BIND_OFFSET_PTR: i32 = 23;
pub(crate) const SQL_ATTR_ROW_OPERATION_PTR: i32 = 24;
pub(crate) const SQL_ATTR_ROW_STATUS_PTR: i32 = 25;
pub(crate) const SQL_ATTR_ROWS_FETCHED_PTR: i32 = 26;
pub(crate) const SQL_ATTR_ROW_ARRAY_SIZE: i32 = 27;
pub(crate) const SQL_ATTR_ASYNC_STMT_EVENT: i32 = 29;
pub(crate) const SQL_ATTR_APP_ROW_DESC: i32 = 10010;
pub(crate) const SQL_ATTR_APP_PARAM_DESC: i32 = 10011;
pub(crate) const SQL_ATTR_IMP_ROW_DESC: i32 = 10012;
pub(crate) const SQL_ATTR_IMP_PARAM_DESC: i32 = 10013;
pub(crate) const SQL_ATTR_METADATA_ID: i32 = 10014;

pub(crate) const SQL_RD_OFF: usize = 0;

// Descriptor fields and the ODBC 2 numbers of SQLColAttributes that differ from them.
pub(crate) const SQL_COLUMN_COUNT: u16 = 0;
pub(crate) const SQL_COLUMN_NAME: u16 = 1;
pub(crate) const SQL_DESC_CONCISE_TYPE: u16 = 2;
pub(crate) const SQL_COLUMN_LENGTH: u16 = 3;
pub(crate) const SQL_COLUMN_PRECISION: u16 = 4;
pub(crate) const SQL_COLUMN_SCALE: u16 = 5;
pub(crate) const SQL_DESC_DISPLAY_SIZE: u16 = 6;
pub(crate) const SQL_COLUMN_NULLABLE: u16 = 7;
pub(crate) const SQL_DESC_UNSIGNED: u16 = 8;
pub(crate) const SQL_DESC_FIXED_PREC_SCALE: u16 = 9;
pub(crate) const SQL_DESC_UPDATABLE: u16 = 10;
pub(crate) const SQL_DESC_AUTO_UNIQUE_VALUE: u16 = 11;
pub(crate) const SQL_DESC_CASE_SENSITIVE: u16 = 12;
pub(crate) const SQL_DESC_SEARCHABLE: u16 = 13;
pub(crate) const SQL_DESC_TYPE_NAME: u16 = 14;
pub(crate) const SQL_DESC_TABLE_NAME: u16 = 15;
pub(crate) const SQL_DESC_SCHEMA_NAME: u16 = 16;
pub(crate) const SQL_DESC_CATALOG_NAME: u16 = 17;
pub(crate) const SQL_DESC_LABEL: u16 = 18;
pub(crate) const SQL_DESC_ARRAY_SIZE: u16 = 20;
pub(crate) const SQL_DESC_ARRAY_STATUS_PTR: u16 = 21;
pub(crate) const SQL_DESC_BASE_COLUMN_NAME: u16 = 22;
pub(crate) const SQL_DESC_BASE_TABLE_NAME: u16 = 23;
pub(crate) const SQL_DESC_BIND_OFFSET_PTR: u16 = 24;
pub(crate) const SQL_DESC_BIND_TYPE: u16 = 25;
pub(crate) const SQL_DESC_DATETIME_INTERVAL_PRECISION: u16 = 26;
pub(crate) const SQL_DESC_LITERAL_PREFIX: u16 = 27;
pub(crate) const SQL_DESC_LITERAL_SUFFIX: u16 = 28;
pub(crate) const SQL_DESC_LOCAL_TYPE_NAME: u16 = 29;
pub(crate) const SQL_DESC_NUM_PREC_RADIX: u16 = 32;
pub(crate) const SQL_DESC_PARAMETER_TYPE: u16 = 33;
pub(crate) const SQL_DESC_ROWS_PROCESSED_PTR: u16 = 34;
pub(crate) const SQL_DESC_ROWVER: u16 = 35;
pub(crate) const SQL_DESC_COUNT: u16 = 1001;
pub(crate) const SQL_DESC_TYPE: u16 = 1002;
pub(crate) const SQL_DESC_LENGTH: u16 = 1003;
pub(crate) const SQL_DESC_OCTET_LENGTH_PTR: u16 = 1004;
pub(crate) const SQL_DESC_PRECISION: u16 = 1005;
pub(crate) const SQL_DESC_SCALE: u16 = 1006;
pub(crate) const SQL_DESC_DATETIME_INTERVAL_CODE: u16 = 1007;
pub(crate) const SQL_DESC_NULLABLE: u16 = 1008;
pub(crate) const SQL_DESC_INDICATOR_PTR: u16 = 1009;
pub(crate) const SQL_DESC_DATA_PTR: u16 = 1010;
pub(crate) const SQL_DESC_NAME: u16 = 1011;
pub(crate) const SQL_DESC_UNNAMED: u16 = 1012;
pub(crate) const SQL_DESC_OCTET_LENGTH: u16 = 1013;
pub(crate) const SQL_DESC_ALLOC_TYPE: u16 = 1099;

pub(crate) const SQL_DESC_ALLOC_AUTO: i16 = 1;
pub(crate) const SQL_DESC_ALLOC_USER: i16 = 2;

pub(crate) const SQL_NO_NULLS: i16 = 0;
pub(crate) const SQL_NULLABLE: i16 = 1;
pub(crate) const SQL_NULLABLE_UNKNOWN: i16 = 2;
pub(crate) const SQL_NAMED: i16 = 0;
pub(crate) const SQL_UNNAMED: i16 = 1;
pub(crate) const SQL_ATTR_READONLY: isize = 0;

// Types.
/// The verbose type of dates, times and timestamps, and SQL_DATE of ODBC 2.
pub(crate) const SQL_DATETIME: i16 = 9;
/// The verbose type of intervals, and SQL_TIME of ODBC 2.
pub(crate) const SQL_INTERVAL: i16 = 10;
pub(crate) const SQL_TIMESTAMP: i16 = 11;
pub(crate) const SQL_WVARCHAR: i16 = -9;
pub(crate) const SQL_TYPE_DATE: i16 = 91;
pub(crate) const SQL_TYPE_TIME: i16 = 92;
pub(crate) const SQL_TYPE_TIMESTAMP: i16 = 93;
pub(crate) const SQL_INTERVAL_YEAR: i16 = 101;
pub(crate) const SQL_INTERVAL_MINUTE_TO_SECOND: i16 = 113;

pub(crate) const SQL_C_DEFAULT: i16 = 99;
pub(crate) const SQL_ARD_TYPE: i16 = -99;

// Parameters.
pub(crate) const SQL_PARAM_INPUT: i16 = 1;
pub(crate) const SQL_PARAM_INPUT_OUTPUT: i16 = 2;
pub(crate) const SQL_PARAM_OUTPUT: i16 = 4;
pub(crate) const SQL_PARAM_INPUT_OUTPUT_STREAM: i16 = 8;
pub(crate) const SQL_PARAM_OUTPUT_STREAM: i16 = 16;
pub(crate) const SQL_PARAM_SUCCESS: u16 = 0;
pub(crate) const SQL_PARAM_ERROR: u16 = 5;

// Rows.
pub(crate) const SQL_ROW_SUCCESS: u16 = 0;
pub(crate) const SQL_ROW_NOROW: u16 = 3;
pub(crate) const SQL_ROW_ERROR: u16 = 5;
pub(crate) const SQL_ROW_SUCCESS_WITH_INFO: u16 = 6;
pub(crate) const SQL_FETCH_NEXT: i16 = 1;

pub(crate) const SQL_CLOSE: u16 = 0;
pub(crate) const SQL_DROP: u16 = 1;
pub(crate) const SQL_UNBIND: u16 = 2;
pub(crate) const SQL_RESET_PARAMS: u16 = 3;

// Diagnostics.
pub(crate) const SQL_DIAG_RETURNCODE: i16 = 1;
pub(crate) const SQL_DIAG_NUMBER: i16 = 2;
pub(crate) const SQL_DIAG_ROW_COUNT: i16 = 3;
pub(crate) const SQL_DIAG_SQLSTATE: i16 = 4;
pub(crate) const SQL_DIAG_NATIVE: i16 = 5;
pub(crate) const SQL_DIAG_MESSAGE_TEXT: i16 = 6;
pub(crate) const SQL_DIAG_DYNAMIC_FUNCTION: i16 = 7;
pub(crate) const SQL_DIAG_CLASS_ORIGIN: i16 = 8;
pub(crate) const SQL_DIAG_SUBCLASS_ORIGIN: i16 = 9;
pub(crate) const SQL_DIAG_CONNECTION_NAME: i16 = 10;
pub(crate) const SQL_DIAG_SERVER_NAME: i16 = 11;
pub(crate) const SQL_DIAG_DYNAMIC_FUNCTION_CODE: i16 = 12;
pub(crate) const SQL_DIAG_COLUMN_NUMBER: i16 = -1247;
pub(crate) const SQL_DIAG_ROW_NUMBER: i16 = -1248;
pub(crate) const SQL_DIAG_CURSOR_ROW_COUNT: i16 = -1249;
pub(crate) const SQL_DIAG_CALL: i32 = 7;
pub(crate) const SQL_DIAG_SELECT_CURSOR: i32 = 85;
pub(crate) const SQL_NO_ROW_NUMBER: isize = -1;
pub(crate) const SQL_NO_COLUMN_NUMBER: i32 = -1;

// SQLGetInfo types that can be asked for before connecting.
pub(crate) const SQL_DRIVER_NAME: u16 = 6;
pub(crate) const SQL_DRIVER_VER: u16 = 7;
pub(crate) const SQL_ODBC_VER: u16 = 10;
pub(crate) const SQL_DRIVER_ODBC_VER: u16 = 77;

// SQLGetFunctions.
pub(crate) const SQL_API_ALL_FUNCTIONS: u16 = 0;
pub(crate) const SQL_API_ODBC3_ALL_FUNCTIONS: u16 = 999;
