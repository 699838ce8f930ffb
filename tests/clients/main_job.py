"""Named queries through pyodbc; one line of JSON for each.

    main_job.py [--errors] [CONNECTION_STRING] < queries.json

The connection string may also stand in the environment variable PIPEDRIVE_ODBC_CONNECTION. Standard input is a JSON
list of {"name": ..., "sql": ..., "params": [...]}; a parameter is null, true, 7, 1.5, "text", or a typed text such as
{"decimal": "12.50"}, {"date": "2026-01-31"}, {"time": "13:05:00"}, {"timestamp": "2026-01-31 13:05:00.123"}.

Each query gives {"name": ..., "columns": [...], "rows": [[...], ...]}. A value is null or the text that SQL writes:
flags 1 and 0, moments with milliseconds. With --errors, a connect or query that fails gives
{"name": ..., "error": {"sqlstate": ..., "message": ...}} and the program goes on; without it the first failure ends it.
"""

import datetime
import decimal
import json
import os
import sys

import pyodbc

TYPES = {
    "decimal": decimal.Decimal,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timestamp": datetime.datetime.fromisoformat,
}


def parameter(value):
    """A parameter as pyodbc wants it."""
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        return TYPES[kind](text)
    return value


def text(value):
    """A value as SQL writes it; None stays None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="milliseconds")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    return str(value)


def answer(connection, query):
    """The columns and rows of one query."""
    cursor = connection.cursor()
    try:
        cursor.execute(query["sql"], [parameter(value) for value in query.get("params", [])])
        return {
            "columns": [column[0] for column in cursor.description],
            "rows": [[text(value) for value in row] for row in cursor.fetchall()],
        }
    finally:
        cursor.close()


def attempt(name, keep_going, work):
    """What `work` gives, or the SQLSTATE and the message of its failure."""
    try:
        return work()
    except pyodbc.Error as failure:
        if not keep_going:
            raise
        sqlstate, message = failure.args[0], failure.args[-1]
        say(name, {"error": {"sqlstate": sqlstate, "message": message}})
        return None


def say(name, outcome):
    print(json.dumps({"name": name} | outcome), flush=True)


def main():
    arguments = sys.argv[1:]
    keep_going = "--errors" in arguments
    strings = [argument for argument in arguments if argument != "--errors"]
    string = strings[0] if strings else os.environ["PIPEDRIVE_ODBC_CONNECTION"]
    queries = json.load(sys.stdin)
    connection = attempt("connect", keep_going, lambda: pyodbc.connect(string))
    if connection is None:
        return
    for query in queries:
        outcome = attempt(query["name"], keep_going, lambda: answer(connection, query))
        if outcome is not None:
            say(query["name"], outcome)
    connection.close()


if __name__ == "__main__":
    main()
