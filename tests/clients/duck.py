"""DuckDB over a pipe: the independent engine that the equivalence tests ask.

A line of JSON in, a line of JSON out. `{"sql": "..."}` gives `{"rows": [[...]]}` or `{"error": "..."}`; `"rows"` beside
`sql` are rows of texts for the one parameter of a statement that loads a table. Each value is null or a text whose first
character is its kind: b bit, n exact number, f double, t text, d date, c time of day, m moment.
"""

import datetime
import decimal
import json
import sys

import duckdb


def told(value):
    """A value as its kind and its text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "b1" if value else "b0"
    if isinstance(value, (int, decimal.Decimal)):
        return f"n{value:f}" if isinstance(value, decimal.Decimal) else f"n{value}"
    if isinstance(value, float):
        return f"f{value!r}"
    if isinstance(value, datetime.datetime):
        return "m" + value.isoformat(" ")
    if isinstance(value, datetime.date):
        return "d" + value.isoformat()
    if isinstance(value, datetime.time):
        return "c" + value.isoformat()
    return f"t{value}"


def answer(connection, asked):
    """The rows of a statement, or why there are none."""
    values = [json.dumps(asked["rows"])] if "rows" in asked else []
    try:
        return {"rows": [[told(value) for value in row] for row in connection.execute(asked["sql"], values).fetchall()]}
    except duckdb.Error as error:
        return {"error": str(error)}


def main():
    connection = duckdb.connect(config={"threads": 1})
    for line in sys.stdin:
        print(json.dumps(answer(connection, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
