"""ODBC's C functions as a C program calls them, through the driver manager, by ctypes.

- `Environment`, `Connection`, `Statement`: a handle each; `handle.call("SQLFetch")` passes the handle as the first
  argument and gives the return code; `handle.must(...)` takes nothing but SQL_SUCCESS.
- `wide`, `Text`, `integer`: arguments and places for answers.
- `Case`: a test case with a connection to the sandbox, and with what the sandbox says over HTTP, which is where
  expected rows come from.

The scripts beside this one run with `python3 info.py`; PIPEDRIVE_ODBC_CONNECTION holds the connection string,
PIPEDRIVE_SANDBOX and PIPEDRIVE_TOKEN the sandbox's address and token.
"""

import ctypes
import json
import os
import unittest
import urllib.request

SUCCESS, SUCCESS_WITH_INFO, NEED_DATA, NO_DATA, ERROR, INVALID_HANDLE = 0, 1, 99, 100, -1, -2
ENV, DBC, STMT, DESC = 1, 2, 3, 4
NTS, NULL_DATA, DATA_AT_EXEC, NO_TOTAL = -3, -1, -2, -4

CHAR, WCHAR, INTEGER, SMALLINT, DOUBLE, DECIMAL = 1, -8, 4, 5, 8, 3
BIGINT, VARCHAR, WVARCHAR, TYPE_DATE, TYPE_TIME, TYPE_TIMESTAMP = -5, 12, -9, 91, 92, 93
C_CHAR, C_WCHAR, C_SLONG, C_SBIGINT, C_SSHORT, C_DOUBLE, C_NUMERIC, C_DEFAULT = 1, -8, -16, -25, -15, 8, 2, 99


class Library(ctypes.CDLL):
    """A driver, or the manager: every function returns SQLRETURN."""

    _func_restype_ = ctypes.c_short


# The driver itself, or another manager, where the environment names one.
MANAGER = Library(os.environ.get("PIPEDRIVE_ODBC_MANAGER", "libodbc.so.2"))
# Old iODBC has characters of four bytes.
UNIT = int(os.environ.get("PIPEDRIVE_ODBC_UNIT", "2"))
ENCODING = {2: "utf-16-le", 4: "utf-32-le"}[UNIT]


class Date(ctypes.Structure):
    """SQL_DATE_STRUCT."""

    _fields_ = [("year", ctypes.c_short), ("month", ctypes.c_ushort), ("day", ctypes.c_ushort)]


class Timestamp(ctypes.Structure):
    """SQL_TIMESTAMP_STRUCT."""

    _fields_ = Date._fields_ + [
        ("hour", ctypes.c_ushort),
        ("minute", ctypes.c_ushort),
        ("second", ctypes.c_ushort),
        ("fraction", ctypes.c_uint),
    ]


class Numeric(ctypes.Structure):
    """SQL_NUMERIC_STRUCT."""

    _fields_ = [
        ("precision", ctypes.c_ubyte),
        ("scale", ctypes.c_byte),
        ("sign", ctypes.c_ubyte),
        ("val", ctypes.c_ubyte * 16),
    ]


def wide(text):
    """SQLWCHARs with a terminator."""
    return ctypes.create_string_buffer((text + "\0").encode(ENCODING))


def integer(kind=ctypes.c_ssize_t, value=0):
    """A place for a number, and a reference to it."""
    place = kind(value)
    return place, ctypes.byref(place)


class Text:
    """A buffer for wide text of so many characters, a terminator among them."""

    def __init__(self, characters, length=ctypes.c_short):
        self.buffer = ctypes.create_string_buffer(b"\xff" * (UNIT * characters), UNIT * characters)
        self.length = length(-99)
        self.bytes = UNIT * characters

    @property
    def reference(self):
        return ctypes.byref(self.length)

    @property
    def value(self):
        return self.buffer.raw.decode(ENCODING, "replace").split("\0")[0]


def argument(value):
    """Whole numbers are as wide as a pointer, so attributes keep their upper half; text is wide."""
    if isinstance(value, str):
        return wide(value)
    return ctypes.c_ssize_t(value) if isinstance(value, int) else value


class Handle:
    """A handle of any kind."""

    kind = 0

    def __init__(self, parent):
        handle, place = integer(ctypes.c_void_p, None)
        code = MANAGER.SQLAllocHandle(ctypes.c_short(self.kind), parent and parent.value, place)
        if code != SUCCESS:
            raise AssertionError(f"SQLAllocHandle: {code} {diagnostics(parent) if parent else ''}")
        self.value = handle

    def call(self, function, *arguments):
        """The return code of a function whose first argument is this handle."""
        return getattr(MANAGER, function)(self.value, *[argument(value) for value in arguments])

    def must(self, function, *arguments):
        """Calls a function that has nothing to complain of."""
        code = self.call(function, *arguments)
        if code != SUCCESS:
            raise AssertionError(f"{function}: {code} {diagnostics(self)}")

    def free(self):
        return MANAGER.SQLFreeHandle(ctypes.c_short(self.kind), self.value)

    @property
    def state(self):
        """SQLSTATE of the first record, or an empty text."""
        records = diagnostics(self)
        return records[0][0] if records else ""


def diagnostics(handle):
    """SQLSTATE and message of each record."""
    records = []
    while True:
        state, text = Text(6), Text(1024)
        native, native_place = integer(ctypes.c_int)
        arguments = [ctypes.c_short(len(records) + 1), state.buffer, native_place]
        arguments += [text.buffer, ctypes.c_short(1024), text.reference]
        code = MANAGER.SQLGetDiagRecW(ctypes.c_short(handle.kind), handle.value, *arguments)
        if code not in (SUCCESS, SUCCESS_WITH_INFO):
            return records
        records.append((state.value, text.value))


class Environment(Handle):
    """An environment of an ODBC version."""

    kind = ENV

    def __init__(self, version=3):
        super().__init__(None)
        self.must("SQLSetEnvAttr", 200, version, 0)


class Connection(Handle):
    """A connection, open unless the string is None."""

    kind = DBC

    def __init__(self, environment, string):
        super().__init__(environment)
        if string is not None:
            self.connected = self.call("SQLDriverConnectW", None, string, NTS, None, 0, None, 0)
            if self.connected not in (SUCCESS, SUCCESS_WITH_INFO):
                raise AssertionError(f"SQLDriverConnect: {diagnostics(self)}")

    def close(self):
        self.must("SQLDisconnect")
        self.free()

    def statement(self):
        return Statement(self)

    def query(self, sql):
        """All rows of a statement, each value as text or None."""
        statement = self.statement()
        statement.execute(sql)
        try:
            return statement.rows()
        finally:
            statement.free()

    def number(self, info_type, kind=ctypes.c_uint):
        """A number that SQLGetInfo tells, and how long it says it is."""
        value, place = integer(kind, 0)
        length, length_place = integer(ctypes.c_short, -99)
        self.must("SQLGetInfoW", info_type, place, ctypes.sizeof(kind), length_place)
        return value.value

    def short(self, info_type):
        return self.number(info_type, ctypes.c_ushort)

    def text(self, info_type):
        """A text that SQLGetInfo tells."""
        text = Text(32_000 // UNIT)
        self.must("SQLGetInfoW", info_type, text.buffer, text.bytes, text.reference)
        if text.length.value != UNIT * len(text.value):
            raise AssertionError(f"{info_type}: {text.value!r} has not {text.length.value} bytes")
        return text.value


class Statement(Handle):
    """A statement."""

    kind = STMT

    def prepare(self, sql):
        self.must("SQLPrepareW", sql, NTS)

    def execute(self, sql):
        self.must("SQLExecDirectW", sql, NTS)

    @property
    def width(self):
        count, place = integer(ctypes.c_short)
        self.must("SQLNumResultCols", place)
        return count.value

    def describe(self, column):
        """Name, SQL type, size, decimal digits, nullability of a result column."""
        name = Text(256)
        (sql_type, a), (size, b) = integer(ctypes.c_short), integer(ctypes.c_size_t)
        (digits, c), (nullable, d) = integer(ctypes.c_short), integer(ctypes.c_short)
        self.must("SQLDescribeColW", column, name.buffer, 256, name.reference, a, b, c, d)
        return name.value, sql_type.value, size.value, digits.value, nullable.value

    def get(self, column):
        """A column of the current row as text, or None."""
        pieces = b""
        while True:
            text = Text(2048, ctypes.c_ssize_t)
            code = self.call("SQLGetData", column, C_WCHAR, text.buffer, text.bytes, text.reference)
            if code not in (SUCCESS, SUCCESS_WITH_INFO):
                raise AssertionError(f"SQLGetData: {code} {diagnostics(self)}")
            if text.length.value == NULL_DATA:
                return None
            left = text.length.value
            pieces += text.buffer.raw[: left if code == SUCCESS else text.bytes - UNIT]
            if code == SUCCESS:
                return pieces.decode(ENCODING)

    def row(self):
        """The next row; None after the last one."""
        code = self.call("SQLFetch")
        if code == NO_DATA:
            return None
        if code not in (SUCCESS, SUCCESS_WITH_INFO):
            raise AssertionError(f"SQLFetch: {code} {diagnostics(self)}")
        return [self.get(column) for column in range(1, self.width + 1)]

    def rows(self):
        """The rows that are left."""
        return list(iter(self.row, None))


class Descriptor(Handle):
    """An explicitly allocated descriptor."""

    kind = DESC


class Case(unittest.TestCase):
    """A connection, and the sandbox behind it."""

    version = 3

    @classmethod
    def setUpClass(cls):
        cls.string = os.environ["PIPEDRIVE_ODBC_CONNECTION"]
        cls.environment = Environment(cls.version)
        cls.connection = Connection(cls.environment, cls.string)

    @classmethod
    def tearDownClass(cls):
        cls.connection.close()
        assert cls.environment.free() == SUCCESS

    def setUp(self):
        self.statement = self.connection.statement()
        self.addCleanup(self.statement.free)

    def refused(self, handle, state, function, *arguments):
        """A call fails with an SQLSTATE and leaves a message."""
        self.assertEqual(handle.call(function, *arguments), ERROR, function)
        records = diagnostics(handle)
        self.assertEqual(records[0][0], state, records)
        self.assertGreater(len(records[0][1]), len("[Pipedrive][ODBC] "), records)

    def warned(self, handle, state, function, *arguments):
        """A call succeeds with a warning."""
        self.assertEqual(handle.call(function, *arguments), SUCCESS_WITH_INFO, function)
        self.assertEqual(handle.state, state, diagnostics(handle))

    def attribute(self, number, kind=ctypes.c_size_t):
        """A number that is an attribute of the statement."""
        value, place = integer(kind)
        self.statement.must("SQLGetStmtAttrW", number, place, 0, None)
        return value.value


def ask(path, method="GET", body=None):
    """What the sandbox answers."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"x-api-token": os.environ["PIPEDRIVE_TOKEN"], "content-type": "application/json"}
    request = urllib.request.Request(os.environ["PIPEDRIVE_SANDBOX"] + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def records(path):
    """All records of a list, page by page."""
    found, cursor = [], ""
    while True:
        page = ask(f"{path}?limit=500{cursor}")
        found += page["data"]
        following = (page.get("additional_data") or {}).get("next_cursor")
        if not following:
            return found
        cursor = f"&cursor={following}"


def cost():
    """Requests and tokens since the last call."""
    stats = ask("/__stats")
    ask("/__stats/reset", "POST")
    return stats["requests"], stats["tokens"]
