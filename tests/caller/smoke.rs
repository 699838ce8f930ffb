//! The shortest way through a library: whether the host and what it loads fit together.

use crate::host::Host;
use crate::memory::Buffer;
use crate::odbc::*;
use crate::word::Word;

/// Connects, reads a row, disconnects; what failed.
pub(crate) fn walk(host: &Host, string: &str) -> Vec<String> {
    let environment = host.environment();
    let connection = host.allocated(SQL_HANDLE_DBC, environment);
    host.connect(connection, string);
    let statement = host.allocated(SQL_HANDLE_STMT, connection);
    let value = one_value(host, statement, "SELECT 'a value'");
    let codes = [
        host.call("SQLFreeHandle", &[SQL_HANDLE_STMT.into(), statement]),
        host.call("SQLDisconnect", &[connection]),
        host.call("SQLFreeHandle", &[SQL_HANDLE_DBC.into(), connection]),
        host.call("SQLFreeHandle", &[SQL_HANDLE_ENV.into(), environment]),
    ];
    let good = value == "a value" && codes == [SQL_SUCCESS; 4];
    println!("smoke: {} functions, '{value}', {codes:?}", host.functions().count());
    if good { Vec::new() } else { vec![format!("'{value}', {codes:?}\n{}", host.recent())] }
}

/// The first value of a query as text; its return code where it fails.
pub(crate) fn one_value(host: &Host, statement: Word, sql: &str) -> String {
    let (mut sql, mut value, mut length) = (host.text(sql), Buffer::new(64), Buffer::new(8));
    let executed = host.call("SQLExecDirect", &[statement, sql.word(), SQL_NTS.into()]);
    if executed != SQL_SUCCESS {
        return executed.to_string();
    }
    host.call("SQLFetch", &[statement]);
    let words = [statement, 1u16.into(), SQL_C_CHAR.into(), value.word(), 64isize.into(), length.word()];
    host.call("SQLGetData", &words);
    value.text()
}
