"""Connects with each line of the standard input, one after the other in one process, and tells what came of it.

A line is a connection string for SQLDriverConnect, or the name of a data source for SQLConnect. With `ANSI ` before it a
string goes through the ANSI entry, by which unixODBC adds the pairs of FILEDSN to it; with `COMPLETE ` the driver may
show dialogs. With `TOGETHER n ` before that so many threads do the same at once; the answer is the one with the best
return code. With `FORK ` before it a child is forked when that has come to its end, which does nothing until it is killed;
its id is the answer's "child". Behind a tab there may be a list of calls as JSON, to be made on the connection:

    ["execute", SQL, value, ...]   a statement, with text bound to its markers
    ["cancel", seconds, SQL]       the same, cancelled from another thread after so many seconds
    ["limit", seconds, SQL]        the same with a query time-out
    ["SQLTables"], ...             a catalog function for everything: SQLColumns, SQLGetTypeInfo, SQLProcedures
    ["SQLGetInfo", type]           a text

An answer is a line of JSON: {"code": the return code, "records": [[SQLSTATE, message], ...], "seconds": how long it took,
"string": the connection string that the driver gives back, "calls": [{"code":, "records":, "rows":, "seconds":}, ...]}.
"""

import concurrent.futures
import json
import os
import sys
import threading
import time

from odbc import *

OPENED = (SUCCESS, SUCCESS_WITH_INFO)
CATALOG = {"SQLTables": [None, 0] * 4, "SQLColumns": [None, 0] * 4, "SQLProcedures": [None, 0] * 3, "SQLGetTypeInfo": [0]}
QUERY_TIMEOUT, LONGEST = 0, 4096


def together(environment, line):
    """Connects in several threads at once."""
    _, count, line = line.split(" ", 2)
    with concurrent.futures.ThreadPoolExecutor(int(count)) as threads:
        answers = list(threads.map(lambda _: connect(environment, line), range(int(count))))
    return max(answers, key=lambda answer: answer["code"])


def forked(environment, line):
    """Connects, and leaves a child behind that has everything open which this process has, but what tests read from."""
    answer = connect(environment, line.removeprefix("FORK "))
    answer["child"] = os.fork()
    if answer["child"] == 0:
        for number in (0, 1):
            os.close(number)
        time.sleep(120)
        os._exit(0)
    return answer


def connect(environment, line):
    """Connects, makes the calls, and disconnects again where that worked."""
    string, _, calls = line.partition("\t")
    connection, out = Connection(environment, None), Text(LONGEST)
    given = [out.buffer, LONGEST, out.reference]
    started = time.monotonic()
    if string.startswith("ANSI "):
        code = connection.call("SQLDriverConnect", None, string.removeprefix("ANSI ").encode(), NTS, None, 0, None, 0)
    elif string.startswith("COMPLETE "):
        code = connection.call("SQLDriverConnectW", None, string.removeprefix("COMPLETE "), NTS, *given, 1)
    elif "=" in string:
        code = connection.call("SQLDriverConnectW", None, string, NTS, *given, 0)
    else:
        code = connection.call("SQLConnectW", string, NTS, None, 0, None, 0)
    answer = {"code": code, "records": diagnostics(connection), "seconds": time.monotonic() - started}
    if code in OPENED:
        answer["string"] = out.value if out.length.value >= 0 else ""
        answer["calls"] = [call(connection, *words) for words in json.loads(calls or "[]")]
        connection.must("SQLDisconnect")
    connection.free()
    return answer


def call(connection, word, *arguments):
    """What came of a call."""
    if word == "SQLGetInfo":
        return {"code": SUCCESS, "records": [], "rows": [[connection.text(arguments[0])]], "seconds": 0}
    statement = connection.statement()
    if word in CATALOG:
        name = word if word == "SQLGetTypeInfo" else word + "W"
        return outcome(statement, lambda: statement.call(name, *CATALOG[word]))
    if word == "execute":
        sql, *values = arguments
        kept = [bind(statement, number, value) for number, value in enumerate(values, 1)]
        return outcome(statement, lambda: statement.call("SQLExecDirectW", sql, NTS), kept)
    seconds, sql = arguments
    if word == "limit":
        statement.must("SQLSetStmtAttrW", QUERY_TIMEOUT, seconds, 0)
        return outcome(statement, lambda: statement.call("SQLExecDirectW", sql, NTS))
    timer = threading.Timer(seconds, lambda: statement.call("SQLCancel"))
    timer.start()
    try:
        return outcome(statement, lambda: statement.call("SQLExecDirectW", sql, NTS))
    finally:
        timer.cancel()


def bind(statement, number, value):
    """Binds a text; gives what must live until the statement was executed."""
    buffer, length = wide(value), ctypes.c_ssize_t(NTS)
    size, bytes_ = max(len(value), 1), ctypes.sizeof(buffer)
    statement.must("SQLBindParameter", number, 1, C_WCHAR, WVARCHAR, size, 0, buffer, bytes_, ctypes.byref(length))
    return buffer, length


def outcome(statement, work, kept=()):
    """Return code, diagnostics, rows, and how long all of it took; a fetch that fails counts as the call."""
    started = time.monotonic()
    code, rows = work(), []
    records = diagnostics(statement)
    while code in OPENED and statement.width:
        fetched = statement.call("SQLFetch")
        if fetched == NO_DATA:
            break
        if fetched not in OPENED:
            code, records = fetched, diagnostics(statement)
            break
        rows.append([statement.get(column) for column in range(1, statement.width + 1)])
    statement.free()
    return {"code": code, "records": records, "rows": rows, "seconds": time.monotonic() - started}


if __name__ == "__main__":
    environment = Environment()
    for line in sys.stdin:
        work = {"TOGETHER": together, "FORK": forked}.get(line.split(" ", 1)[0], connect)
        print(json.dumps(work(environment, line.rstrip("\n"))), flush=True)
