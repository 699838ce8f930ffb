//! ODBC's functions as rows: what each parameter is, and how the function is called.
//!
//! A row makes the typed call of a C host out of words, so that a generated walk needs no code per function.
//! [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/odbc-function-summary)

use std::ffi::c_void;

use crate::odbc::{SQL_HANDLE_DBC, SQL_HANDLE_DESC, SQL_HANDLE_ENV, SQL_HANDLE_STMT};
use crate::word::{Argument, Word};

/// Functions that make a result of the catalog.
pub(crate) const CATALOG: &[&str] = &[
    "SQLColumns",
    "SQLGetTypeInfo",
    "SQLPrimaryKeys",
    "SQLProcedureColumns",
    "SQLProcedures",
    "SQLSpecialColumns",
    "SQLStatistics",
    "SQLTables",
];

/// A function of ODBC.
#[derive(Debug)]
pub(crate) struct Function {
    /// Its narrow name.
    pub(crate) name: &'static str,
    /// Whether there is a twin for wide text, whose name ends with W.
    pub(crate) wide: bool,
    /// Its parameters, in order.
    pub(crate) parameters: &'static [Parameter],
    /// Calls the function at the address with as many words as it has parameters.
    pub(crate) invoke: unsafe fn(*mut c_void, &[Word]) -> i16,
}

impl Function {
    /// Whether it is a function on a statement.
    pub(crate) fn takes_statement(&self) -> bool {
        self.parameters[0].kind == Kind::Stmt
    }

    /// The handle that tells of a call's error, and its kind; `None` where there is none. SQLCopyDesc tells on its target,
    /// but a manager on the source.
    pub(crate) fn told_by(&self, words: &[Word], manager: bool) -> Option<(i16, Word)> {
        if self.name == "SQLCopyDesc" {
            return Some((SQL_HANDLE_DESC, words[usize::from(!manager)]));
        }
        if let Some(kind) = self.parameters[0].kind.handle_type() {
            return Some((kind, words[0]));
        }
        let kind = i16::try_from(words[0].0.cast_signed()).ok()?;
        match (self.name, kind) {
            ("SQLAllocHandle", SQL_HANDLE_DBC) => Some((SQL_HANDLE_ENV, words[1])),
            ("SQLAllocHandle", SQL_HANDLE_STMT | SQL_HANDLE_DESC) => Some((SQL_HANDLE_DBC, words[1])),
            ("SQLAllocHandle", _) => None,
            ("SQLEndTran", kind) if kind != SQL_HANDLE_ENV && kind != SQL_HANDLE_DBC => None,
            _ => Some((kind, words[1])),
        }
    }
}

/// A parameter of a function.
#[derive(Debug)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a parameter is; the C type follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An environment.
    Env,
    /// A connection.
    Dbc,
    /// A statement.
    Stmt,
    /// A descriptor.
    Desc,
    /// A handle whose kind another parameter names.
    Any,
    /// A kind of handle (SQL_HANDLE_*).
    HandleType,
    /// Gets a handle.
    OutHandle,
    /// Text that is read; its length follows.
    Text,
    /// Length of a text in characters, 16 bits.
    TextLength,
    /// Length of a text in characters, 32 bits.
    LongTextLength,
    /// Gets text; its capacity in characters follows.
    OutText,
    /// Gets text or a number; its capacity in bytes follows.
    OutValue,
    /// Capacity of the buffer before it, 16 bits.
    Capacity,
    /// Capacity of the buffer before it, 32 bits.
    LongCapacity,
    /// Capacity or length of a data buffer, as wide as a pointer.
    DataLength,
    /// Gets 16 bits.
    OutShort,
    /// Gets 32 bits.
    OutLong,
    /// Gets as many bits as a pointer has.
    OutSize,
    /// Gets a pointer.
    OutPointer,
    /// Gets the bitmap of SQLGetFunctions, or one word.
    OutFunctions,
    /// A data buffer that is read or written later.
    Deferred,
    /// Length and indicator of a data buffer, used later.
    DeferredLength,
    /// A data buffer that is written now.
    OutData,
    /// A data buffer that is read now.
    Data,
    /// An attribute's or a field's value: a number, or the address of one or of text.
    Value,
    /// Gets the status of each row.
    OutStatus,
    /// A window, or null.
    Window,
    /// A signed number of 16 bits: a type, a record, an option.
    Short,
    /// An unsigned number of 16 bits: a column, an option.
    UShort,
    /// An attribute, 32 bits.
    Attribute,
    /// A signed number as wide as a pointer.
    Size,
    /// An unsigned number as wide as a pointer.
    USize,
}

impl Kind {
    /// The kind of handle that it is; `None` for anything else.
    pub(crate) const fn handle_type(self) -> Option<i16> {
        match self {
            Self::Env => Some(SQL_HANDLE_ENV),
            Self::Dbc => Some(SQL_HANDLE_DBC),
            Self::Stmt => Some(SQL_HANDLE_STMT),
            Self::Desc => Some(SQL_HANDLE_DESC),
            _ => None,
        }
    }
}

/// The C type of a kind of parameter.
macro_rules! c_type {
    (HandleType) => { i16 };
    (TextLength) => { i16 };
    (LongTextLength) => { i32 };
    (Capacity) => { i16 };
    (LongCapacity) => { i32 };
    (DataLength) => { isize };
    (Short) => { i16 };
    (UShort) => { u16 };
    (Attribute) => { i32 };
    (Size) => { isize };
    (USize) => { usize };
    ($pointer:ident) => { *mut c_void };
}

macro_rules! wide {
    (narrow) => {
        false
    };
    (twins) => {
        true
    };
}

macro_rules! functions {
    ($($twins:ident $name:ident($($parameter:ident: $kind:ident),* $(,)?);)*) => {
        /// Every function that the walks know.
        pub(crate) const FUNCTIONS: &[Function] = &[$(Function {
            name: stringify!($name),
            wide: wide!($twins),
            parameters: &[$(Parameter { name: stringify!($parameter), kind: Kind::$kind }),*],
            invoke: {
                unsafe fn invoke(address: *mut c_void, words: &[Word]) -> i16 {
                    let [$($parameter),*] = *words else { panic!("wrong number of arguments for {}", stringify!($name)) };
                    // SAFETY: the caller vouches that the address is that of the function so named, which has this type.
                    let function = unsafe {
                        std::mem::transmute::<*mut c_void, unsafe extern "system" fn($(c_type!($kind)),*) -> i16>(address)
                    };
                    // SAFETY: the caller vouches for the arguments.
                    unsafe { function($(Argument::from_word($parameter)),*) }
                }
                invoke
            },
        }),*];
    };
}

functions! {
    narrow SQLAllocHandle(kind: HandleType, parent: Any, output: OutHandle);
    narrow SQLBindCol(statement: Stmt, column: UShort, c_type: Short, data: Deferred, capacity: DataLength,
        length: DeferredLength);
    narrow SQLBindParameter(statement: Stmt, number: UShort, kind: Short, c_type: Short, sql_type: Short,
        column_size: USize, digits: Short, data: Deferred, capacity: DataLength, length: DeferredLength);
    narrow SQLCancel(statement: Stmt);
    narrow SQLCloseCursor(statement: Stmt);
    twins SQLColAttribute(statement: Stmt, column: UShort, field: UShort, text: OutValue, capacity: Capacity,
        written: OutShort, number: OutSize);
    twins SQLColumns(statement: Stmt, catalog: Text, catalog_length: TextLength, schema: Text,
        schema_length: TextLength, table: Text, table_length: TextLength, column: Text, column_length: TextLength);
    twins SQLConnect(connection: Dbc, source: Text, source_length: TextLength, user: Text, user_length: TextLength,
        password: Text, password_length: TextLength);
    narrow SQLCopyDesc(source: Desc, target: Desc);
    twins SQLDataSources(environment: Env, direction: UShort, name: OutText, capacity: Capacity, written: OutShort,
        description: OutText, description_capacity: Capacity, description_written: OutShort);
    twins SQLDescribeCol(statement: Stmt, column: UShort, name: OutText, capacity: Capacity, written: OutShort,
        sql_type: OutShort, column_size: OutSize, digits: OutShort, nullable: OutShort);
    narrow SQLDescribeParam(statement: Stmt, number: UShort, sql_type: OutShort, column_size: OutSize,
        digits: OutShort, nullable: OutShort);
    narrow SQLDisconnect(connection: Dbc);
    twins SQLDriverConnect(connection: Dbc, window: Window, string: Text, string_length: TextLength, output: OutText,
        capacity: Capacity, written: OutShort, completion: UShort);
    twins SQLDrivers(environment: Env, direction: UShort, name: OutText, capacity: Capacity, written: OutShort,
        attributes: OutText, attributes_capacity: Capacity, attributes_written: OutShort);
    narrow SQLEndTran(kind: HandleType, handle: Any, operation: Short);
    twins SQLExecDirect(statement: Stmt, sql: Text, sql_length: LongTextLength);
    narrow SQLExecute(statement: Stmt);
    narrow SQLExtendedFetch(statement: Stmt, direction: UShort, offset: Size, fetched: OutSize, status: OutStatus);
    narrow SQLFetch(statement: Stmt);
    narrow SQLFetchScroll(statement: Stmt, direction: Short, offset: Size);
    narrow SQLFreeHandle(kind: HandleType, handle: Any);
    narrow SQLFreeStmt(statement: Stmt, option: UShort);
    twins SQLGetConnectAttr(connection: Dbc, attribute: Attribute, value: OutValue, capacity: LongCapacity,
        written: OutLong);
    twins SQLGetCursorName(statement: Stmt, name: OutText, capacity: Capacity, written: OutShort);
    narrow SQLGetData(statement: Stmt, column: UShort, c_type: Short, data: OutData, capacity: DataLength,
        length: OutSize);
    twins SQLGetDescField(descriptor: Desc, record: Short, field: Short, value: OutValue, capacity: LongCapacity,
        written: OutLong);
    twins SQLGetDescRec(descriptor: Desc, record: Short, name: OutText, capacity: Capacity, written: OutShort,
        kind: OutShort, subcode: OutShort, octet_length: OutSize, precision: OutShort, scale: OutShort,
        nullable: OutShort);
    twins SQLGetDiagField(kind: HandleType, handle: Any, record: Short, field: Short, value: OutValue,
        capacity: Capacity, written: OutShort);
    twins SQLGetDiagRec(kind: HandleType, handle: Any, record: Short, state: OutText, native: OutLong, text: OutText,
        capacity: Capacity, written: OutShort);
    narrow SQLGetEnvAttr(environment: Env, attribute: Attribute, value: OutValue, capacity: LongCapacity,
        written: OutLong);
    narrow SQLGetFunctions(connection: Dbc, function: UShort, output: OutFunctions);
    twins SQLGetInfo(connection: Dbc, info_type: UShort, value: OutValue, capacity: Capacity, written: OutShort);
    twins SQLGetStmtAttr(statement: Stmt, attribute: Attribute, value: OutValue, capacity: LongCapacity,
        written: OutLong);
    twins SQLGetTypeInfo(statement: Stmt, sql_type: Short);
    narrow SQLMoreResults(statement: Stmt);
    twins SQLNativeSql(connection: Dbc, sql: Text, sql_length: LongTextLength, output: OutText,
        capacity: LongCapacity, written: OutLong);
    narrow SQLNumParams(statement: Stmt, count: OutShort);
    narrow SQLNumResultCols(statement: Stmt, count: OutShort);
    narrow SQLParamData(statement: Stmt, value: OutPointer);
    twins SQLPrepare(statement: Stmt, sql: Text, sql_length: LongTextLength);
    twins SQLPrimaryKeys(statement: Stmt, catalog: Text, catalog_length: TextLength, schema: Text,
        schema_length: TextLength, table: Text, table_length: TextLength);
    twins SQLProcedureColumns(statement: Stmt, catalog: Text, catalog_length: TextLength, schema: Text,
        schema_length: TextLength, procedure: Text, procedure_length: TextLength, column: Text,
        column_length: TextLength);
    twins SQLProcedures(statement: Stmt, catalog: Text, catalog_length: TextLength, schema: Text,
        schema_length: TextLength, procedure: Text, procedure_length: TextLength);
    narrow SQLPutData(statement: Stmt, data: Data, length: DataLength);
    narrow SQLRowCount(statement: Stmt, count: OutSize);
    twins SQLSetConnectAttr(connection: Dbc, attribute: Attribute, value: Value, length: LongTextLength);
    twins SQLSetCursorName(statement: Stmt, name: Text, name_length: TextLength);
    twins SQLSetDescField(descriptor: Desc, record: Short, field: Short, value: Value, length: LongTextLength);
    narrow SQLSetDescRec(descriptor: Desc, record: Short, kind: Short, subcode: Short, octet_length: Size,
        precision: Short, scale: Short, data: Deferred, length: DeferredLength, indicator: DeferredLength);
    narrow SQLSetEnvAttr(environment: Env, attribute: Attribute, value: Value, length: LongTextLength);
    twins SQLSetStmtAttr(statement: Stmt, attribute: Attribute, value: Value, length: LongTextLength);
    twins SQLSpecialColumns(statement: Stmt, identifier: UShort, catalog: Text, catalog_length: TextLength,
        schema: Text, schema_length: TextLength, table: Text, table_length: TextLength, scope: UShort,
        nullable: UShort);
    twins SQLStatistics(statement: Stmt, catalog: Text, catalog_length: TextLength, schema: Text,
        schema_length: TextLength, table: Text, table_length: TextLength, unique: UShort, accuracy: UShort);
    twins SQLTables(statement: Stmt, catalog: Text, catalog_length: TextLength, schema: Text,
        schema_length: TextLength, table: Text, table_length: TextLength, types: Text, types_length: TextLength);
}
