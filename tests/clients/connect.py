"""Connects with each line of the standard input, one after the other in one process, and tells what came of it.

A line is a connection string for SQLDriverConnect, or the name of a data source for SQLConnect. With `ANSI ` before it a
string goes through the ANSI entry, by which unixODBC adds the pairs of FILEDSN to it; with `COMPLETE ` the driver may
show dialogs. An answer is a line of
JSON: {"code": the return code, "records": [[SQLSTATE, message], ...], "seconds": how long it took}.
"""

import json
import sys
import time

from odbc import *


def connect(environment, line):
    """Connects, and disconnects again where that worked."""
    connection = Connection(environment, None)
    started = time.monotonic()
    if line.startswith("ANSI "):
        code = connection.call("SQLDriverConnect", None, line.removeprefix("ANSI ").encode(), NTS, None, 0, None, 0)
    elif line.startswith("COMPLETE "):
        code = connection.call("SQLDriverConnectW", None, line.removeprefix("COMPLETE "), NTS, None, 0, None, 1)
    elif "=" in line:
        code = connection.call("SQLDriverConnectW", None, line, NTS, None, 0, None, 0)
    else:
        code = connection.call("SQLConnectW", line, NTS, None, 0, None, 0)
    answer = {"code": code, "records": diagnostics(connection), "seconds": time.monotonic() - started}
    if code in (SUCCESS, SUCCESS_WITH_INFO):
        connection.must("SQLDisconnect")
    connection.free()
    return answer


if __name__ == "__main__":
    environment = Environment()
    for line in sys.stdin:
        print(json.dumps(connect(environment, line.rstrip("\n"))), flush=True)
