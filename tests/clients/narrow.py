"""A program without wide text, in the locale that the environment names: what it sends and gets is in the locale's charset.
PIPEDRIVE_ODBC_CHARSET names it as Python does."""

import locale
import unittest

from host import *

locale.setlocale(locale.LC_ALL, "")
CHARSET = os.environ["PIPEDRIVE_ODBC_CHARSET"]
UNICODE = CHARSET == "utf-8"
# In every charset here; and what only Unicode has.
LETTERS, FOREIGN = "aé ÿß", "€日\U0001f600"


def narrow(text):
    """Text in the locale's charset, with a terminator."""
    return ctypes.create_string_buffer(text.encode(CHARSET))


def shown(text):
    """What is to be seen of a text."""
    return text.encode(CHARSET, "replace")


class Narrow(Case):
    @classmethod
    def setUpClass(cls):
        cls.string = os.environ["PIPEDRIVE_ODBC_CONNECTION"]
        cls.environment = Environment()
        cls.connection = Connection(cls.environment, None)
        code = cls.connection.call("SQLDriverConnect", None, narrow(cls.string), NTS, None, 0, None, 0)
        assert code in (SUCCESS, SUCCESS_WITH_INFO), diagnostics(cls.connection)

    def value(self, column, size=400, statement=None):
        """Code, bytes and length of a column."""
        value, (length, place) = ctypes.create_string_buffer(size), integer()
        code = (statement or self.statement).call("SQLGetData", column, C_CHAR, value, size, place)
        return code, value.value, length.value

    def test_a_statement_and_its_row(self):
        self.statement.must("SQLExecDirect", narrow(f"SELECT '{LETTERS}' AS \"{LETTERS}\", {{fn LENGTH('{LETTERS}')}}"), NTS)
        name, (length, place) = ctypes.create_string_buffer(64), integer(ctypes.c_short)
        number, short = integer(ctypes.c_size_t)[1], integer(ctypes.c_short)[1]
        self.statement.must("SQLDescribeCol", 1, name, 64, place, short, number, short, short)
        self.assertEqual((name.value, length.value), (shown(LETTERS), len(shown(LETTERS))))
        self.statement.must("SQLFetch")
        self.assertEqual(self.value(1), (SUCCESS, shown(LETTERS), len(shown(LETTERS))))
        self.assertEqual(self.value(2)[1], str(len(LETTERS)).encode())

    def test_what_the_charset_lacks_is_replaced_and_told(self):
        self.statement.must("SQLExecDirectW", f"SELECT '{LETTERS}{FOREIGN}', 'plain'", NTS)
        self.statement.must("SQLFetch")
        code, value, length = self.value(1)
        self.assertEqual((value, length), (shown(LETTERS + FOREIGN), len(shown(LETTERS + FOREIGN))))
        self.assertEqual(code, SUCCESS if UNICODE else SUCCESS_WITH_INFO)
        if not UNICODE:
            self.assertEqual(self.statement.state, "01000")
            self.assertIn("SQL_C_WCHAR", diagnostics(self.statement)[0][1])
        self.assertEqual(self.value(2), (SUCCESS, b"plain", 5))

    def test_wide_text_is_whole_all_the_same(self):
        self.statement.execute(f"SELECT '{LETTERS}{FOREIGN}'")
        self.assertEqual(self.statement.rows(), [[LETTERS + FOREIGN]])

    def test_rows_of_the_host(self):
        everything = expected()
        self.statement.must("SQLExecDirect", narrow(f"{DEALS} ORDER BY id"), NTS)
        found = []
        while self.statement.call("SQLFetch") == SUCCESS:
            found.append((int(self.value(1)[1]), self.value(2)[1]))
        self.assertEqual(found, [(number, shown(title)) for number, title in everything])

    def test_bound_rows(self):
        size, width = 50, 300
        values, lengths = ctypes.create_string_buffer(size * width), (ctypes.c_ssize_t * size)()
        fetched, place = integer(ctypes.c_size_t)
        self.statement.must("SQLSetStmtAttr", 27, size, 0)
        self.statement.must("SQLSetStmtAttr", 26, place, 0)
        self.statement.must("SQLExecDirect", narrow("SELECT title FROM deals ORDER BY id"), NTS)
        self.statement.must("SQLBindCol", 1, C_CHAR, values, width, lengths)
        found = []
        while self.statement.call("SQLFetch") in (SUCCESS, SUCCESS_WITH_INFO):
            rows = range(fetched.value)
            found += [values.raw[row * width : row * width + lengths[row]] for row in rows]
        self.assertEqual(found, [shown(title) for _, title in expected()])

    def test_long_values_come_in_pieces(self):
        whole = shown(LETTERS) * 2_000
        self.statement.must("SQLExecDirect", narrow(f"SELECT REPEAT('{LETTERS}', 2000)"), NTS)
        self.statement.must("SQLFetch")
        pieces = b""
        for size in [7, 64, 65, 1_001] * 1_000:
            value, (length, place) = ctypes.create_string_buffer(size), integer()
            code = self.statement.call("SQLGetData", 1, C_CHAR, value, size, place)
            if code == NO_DATA:
                break
            self.assertEqual(length.value, len(whole) - len(pieces))
            pieces += value.raw[: min(length.value, size - 1)]
        self.assertEqual(pieces, whole)

    def test_a_parameter(self):
        self.statement.must("SQLPrepare", narrow("SELECT CAST(? AS VARCHAR), {fn LENGTH(?)}"), NTS)
        value = narrow(LETTERS)
        length, place = integer(value=len(value) - 1)
        for number in (1, 2):
            self.statement.must("SQLBindParameter", number, 1, C_CHAR, VARCHAR, 50, 0, value, len(value), place)
        self.statement.must("SQLExecute")
        self.statement.must("SQLFetch")
        self.assertEqual(self.value(1)[1], shown(LETTERS))
        self.assertEqual(self.value(2)[1], str(len(LETTERS)).encode())

    def test_tables(self):
        self.statement.must("SQLTables", None, 0, None, 0, narrow("deal%"), NTS, None, 0)
        names = []
        while self.statement.call("SQLFetch") == SUCCESS:
            names.append(self.value(3)[1])
        self.assertIn(b"deals", names)

    def test_an_error_quotes_the_text(self):
        self.assertEqual(self.statement.call("SQLExecDirect", narrow('SELECT * FROM "é"'), NTS), ERROR)
        state, text = ctypes.create_string_buffer(6), ctypes.create_string_buffer(512)
        number, short = integer(ctypes.c_int)[1], integer(ctypes.c_short)[1]
        arguments = (ctypes.c_short(STMT), self.statement.value, ctypes.c_short(1), state, number, text)
        code = MANAGER.SQLGetDiagRec(*arguments, ctypes.c_short(512), short)
        self.assertEqual((code, state.value), (SUCCESS, b"42S02"))
        self.assertIn(shown("é"), text.value)


if __name__ == "__main__":
    unittest.main()
