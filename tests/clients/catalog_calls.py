"""Makes catalog calls, one after the other on one connection, and prints how many rows they gave together, or an error.

The calls are the argument: `SQLTables("%", "", "", N); SQLGetTypeInfo(0)`. N is a null pointer; names are terminated by
zero. PIPEDRIVE_ODBC_CONNECTION holds the connection string.
"""

import ast
import os
import sys

from odbc import *


def arguments(text):
    """What a call passes: a name and its length for each text, numbers as they are."""
    for node in ast.parse(f"[{text}]", mode="eval").body.elts:
        if isinstance(node, ast.Name) and node.id == "N":
            yield from (None, 0)
        elif isinstance(value := ast.literal_eval(node), str):
            yield from (value, NTS)
        else:
            yield value


def rows(connection, call):
    """The rows of a call."""
    function, text = call.removesuffix(")").split("(", 1)
    statement = connection.statement()
    if statement.call(f"{function}W", *arguments(text)) not in (SUCCESS, SUCCESS_WITH_INFO):
        sys.exit(f"{function}: {diagnostics(statement)[0][1]}")
    found = statement.rows()
    statement.free()
    return found


if __name__ == "__main__":
    connection = Connection(Environment(), os.environ["PIPEDRIVE_ODBC_CONNECTION"])
    print(sum(len(rows(connection, call)) for call in sys.argv[1].split("; ")))
    connection.close()
