"""Wide text through a manager, whatever its characters are wide: connecting, statements and rows with text of
all of Unicode, catalog functions, long values in pieces, errors, parameters."""

import unittest

from host import *

# Of one, two, three and four bytes in UTF-8; the last one is two units in UTF-16.
LETTERS = "aé€日\U0001f600"
LITERAL = f"SELECT '{LETTERS}' AS \"{LETTERS[:4]}\", {{fn LENGTH('{LETTERS}')}}"


def units(text):
    """Characters as the manager counts them."""
    return len(text.encode(ENCODING)) // UNIT


class Texts(Case):
    def test_a_statement_and_its_row(self):
        self.statement.execute(LITERAL)
        self.assertEqual(self.statement.describe(1)[0], LETTERS[:4])
        self.assertEqual(self.statement.rows(), [[LETTERS, str(len(LETTERS))]])

    def test_rows_of_the_host(self):
        everything = expected()
        self.assertTrue(any(not title.isascii() for _, title in everything))
        self.assertEqual(sorted(all_rows(self.statement)), everything)

    def test_a_row_is_found_by_its_text(self):
        number, title = next(row for row in expected() if not row[1].isascii())
        quoted = title.replace("'", "''")
        found = self.connection.query(f"SELECT id FROM deals WHERE title = '{quoted}'")
        self.assertIn([str(number)], found)

    def test_a_parameter(self):
        self.statement.prepare("SELECT CAST(? AS VARCHAR)")
        text = LETTERS.encode(ENCODING)
        length, place = integer(value=len(text))
        buffer = ctypes.create_string_buffer(text, len(text))
        arguments = (1, 1, C_WCHAR, WVARCHAR, 50, 0, buffer, len(text), place)
        self.statement.must("SQLBindParameter", *arguments)
        self.statement.must("SQLExecute")
        self.assertEqual(self.statement.rows(), [[LETTERS]])

    def test_tables(self):
        self.statement.must("SQLTablesW", None, 0, None, 0, "deal%", NTS, None, 0)
        names = [row[2] for row in self.statement.rows()]
        self.assertIn("deals", names)
        self.assertTrue(all(name.startswith("deal") for name in names), names)
        self.statement.must("SQLFreeStmt", 0)
        self.statement.must("SQLColumnsW", None, 0, "crm", NTS, "deals", 5, "title", NTS)
        self.assertEqual([row[2:4] for row in self.statement.rows()], [["deals", "title"]])

    def test_long_values_come_in_pieces(self):
        whole = LETTERS * 4_000
        self.statement.execute(f"SELECT REPEAT('{LETTERS}', 4000)")
        self.statement.must("SQLFetch")
        left, pieces = len(whole.encode(ENCODING)), b""
        for size in [7, 64, 65, 1_001] * 1_000:
            text = Text(size, ctypes.c_ssize_t)
            code = self.statement.call("SQLGetData", 1, C_WCHAR, text.buffer, text.bytes, text.reference)
            if code == NO_DATA:
                break
            self.assertEqual(text.length.value, left)
            # Units, not characters: each buffer is filled, so a piece may end within a pair.
            piece = text.buffer.raw[: min(left, text.bytes - UNIT)]
            pieces += piece
            left -= len(piece)
            self.assertEqual(code, SUCCESS if left == 0 else SUCCESS_WITH_INFO)
        self.assertEqual(pieces.decode(ENCODING), whole)

    def test_a_rowset_of_no_rows(self):
        """Old iODBC writes over its own stack if it is warned of this."""
        code = self.statement.call("SQLSetStmtAttrW", 27, 0, 0)
        self.assertIn(code, (SUCCESS, SUCCESS_WITH_INFO), diagnostics(self.statement))
        self.assertEqual(self.attribute(27), 1)
        self.statement.execute("SELECT 1")
        self.assertEqual(self.statement.rows(), [["1"]])

    def test_an_error_quotes_the_text(self):
        self.refused(self.statement, "42S02", "SQLExecDirectW", f'SELECT * FROM "{LETTERS[:4]}"', NTS)
        self.assertIn(LETTERS[:4], diagnostics(self.statement)[0][1])

    def test_what_the_connection_tells(self):
        self.assertIn("Pipedrive", self.connection.text(17))
        self.assertEqual(self.connection.text(29), '"')
        value = Text(64, ctypes.c_int)
        self.connection.must("SQLGetConnectAttrW", 109, value.buffer, value.bytes, value.reference)
        self.assertEqual((value.value, value.length.value), ("pipedrive", UNIT * len("pipedrive")))

    def test_a_statement_as_the_engine_reads_it(self):
        text = Text(200, ctypes.c_int)
        self.connection.must("SQLNativeSqlW", f"SELECT '{LETTERS}'", NTS, text.buffer, 200, text.reference)
        self.assertEqual(text.value, f"SELECT '{LETTERS}'")
        self.assertEqual(text.length.value, units(text.value))


if __name__ == "__main__":
    unittest.main()
