"""Rows: rowsets, SQLGetData, cursors, cancelling. Expected values come from the sandbox over HTTP."""

import ctypes
import threading
import time
import unittest

from odbc import *

ROWS = "SELECT id, title FROM deals ORDER BY id"
NEXT = 1


def deals():
    """Id and title of the deals that are not in the archive, by id."""
    found = records("/api/v2/deals")
    return sorted((deal["id"], deal["title"]) for deal in found)


class Rowsets(Case):
    SIZE = 700  # a page has 500

    def bind(self, size, characters=300):
        """Binds id and title by column; the statement's status array, and the arrays of both columns."""
        self.status = (ctypes.c_ushort * size)(*[77] * size)
        self.fetched, fetched = integer(ctypes.c_size_t, 0)
        self.ids, self.lengths = (ctypes.c_int64 * size)(), (ctypes.c_ssize_t * size)()
        self.titles = ctypes.create_string_buffer(2 * characters * size)
        self.width = 2 * characters
        self.statement.must("SQLSetStmtAttrW", 27, size, 0)
        self.statement.must("SQLSetStmtAttrW", 25, self.status, 0)
        self.statement.must("SQLSetStmtAttrW", 26, fetched, 0)
        self.statement.must("SQLBindCol", 1, C_SBIGINT, self.ids, 0, None)
        self.statement.must("SQLBindCol", 2, C_WCHAR, self.titles, self.width, self.lengths)

    def title(self, row):
        start = row * self.width
        return self.titles.raw[start : start + self.lengths[row]].decode("utf-16-le")

    def rowset(self):
        return [(self.ids[row], self.title(row)) for row in range(self.fetched.value)]

    def test_every_row_comes_once_in_rowsets(self):
        self.bind(self.SIZE)
        self.statement.execute(ROWS)
        found, sizes = [], []
        while (code := self.statement.call("SQLFetchScroll", NEXT, 0)) != NO_DATA:
            self.assertEqual(code, SUCCESS, diagnostics(self.statement))
            found += self.rowset()
            sizes.append(self.fetched.value)
            expected = [0] * self.fetched.value + [3] * (self.SIZE - self.fetched.value)
            self.assertEqual(list(self.status), expected)
        expected = deals()
        self.assertEqual(found, expected)
        self.assertEqual(sizes, [self.SIZE] * (len(expected) // self.SIZE) + [len(expected) % self.SIZE])
        self.assertEqual(self.fetched.value, 0)

    def test_a_row_that_is_cut_is_marked_and_the_others_are_whole(self):
        first = deals()[:20]
        units = [len(title.encode("utf-16-le")) // 2 for _, title in first]
        limit = sorted(units)[10] + 1
        self.bind(20, limit)
        self.statement.execute(ROWS)
        self.warned(self.statement, "01004", "SQLFetch")
        for row, (number, title) in enumerate(first):
            whole = units[row] < limit
            self.assertEqual(self.status[row], 0 if whole else 6, title)
            self.assertEqual((self.ids[row], self.lengths[row]), (number, 2 * units[row]))
            text = self.titles.raw[row * self.width : (row + 1) * self.width].decode("utf-16-le", "replace")
            self.assertTrue(title == text.split("\0")[0] if whole else title.startswith(text.split("\0")[0]))

    def test_an_error_marks_its_row_and_the_others_come(self):
        self.bind(4)
        self.statement.must("SQLBindCol", 2, C_SLONG, self.titles, 0, self.lengths)
        self.statement.execute("SELECT id, CASE WHEN id = 2 THEN 'x' ELSE '7' END FROM deals ORDER BY id LIMIT 4")
        self.warned(self.statement, "22018", "SQLFetch")
        self.assertEqual(list(self.status), [0, 5, 0, 0])
        self.assertEqual(self.fetched.value, 4)
        self.statement.must("SQLFreeStmt", 0)
        self.statement.must("SQLSetStmtAttrW", 27, 1, 0)
        self.statement.execute("SELECT 1, 'x'")
        self.refused(self.statement, "22018", "SQLFetch")

    def test_rows_bound_in_a_structure(self):
        class Row(ctypes.Structure):
            _fields_ = [("id", ctypes.c_int64), ("length", ctypes.c_ssize_t), ("title", ctypes.c_char * 600)]

        rows = (Row * 10)()
        self.statement.must("SQLSetStmtAttrW", 5, ctypes.sizeof(Row), 0)
        self.statement.must("SQLSetStmtAttrW", 27, 10, 0)
        start = ctypes.addressof(rows)
        place = lambda field: ctypes.c_void_p(start + getattr(Row, field).offset)
        self.statement.must("SQLBindCol", 1, C_SBIGINT, place("id"), 0, None)
        self.statement.must("SQLBindCol", 2, C_CHAR, place("title"), 600, place("length"))
        self.statement.execute(ROWS)
        self.statement.must("SQLFetch")
        self.assertEqual([(row.id, row.title.decode()) for row in rows], deals()[:10])

    def test_a_freed_descriptor_s_bindings_are_forgotten(self):
        """A new descriptor may stand where the old one stood, with as many changes."""
        for _ in range(20):
            self.statement.execute(ROWS)
            for expected in deals()[:2]:
                descriptor = Descriptor(self.connection)
                self.statement.must("SQLSetStmtAttrW", 10010, descriptor.value, 0)
                number, place = integer(ctypes.c_int64, -1)
                self.statement.must("SQLBindCol", 1, C_SBIGINT, place, 8, None)
                self.statement.must("SQLFetch")
                self.assertEqual(number.value, expected[0])
                self.statement.must("SQLSetStmtAttrW", 10010, None, 0)
                descriptor.free()
            self.statement.must("SQLCloseCursor")

    def test_a_length_without_a_buffer(self):
        length, place = integer(ctypes.c_ssize_t, -99)
        self.statement.must("SQLBindCol", 1, C_CHAR, None, 0, place)
        self.statement.execute("SELECT 'four'")
        self.statement.call("SQLFetch")
        self.assertEqual(length.value, 4)

    def test_null_needs_an_indicator(self):
        number, place = integer(ctypes.c_int)
        self.statement.must("SQLBindCol", 1, C_SLONG, place, 0, None)
        self.statement.execute("SELECT CAST(NULL AS INTEGER)")
        self.refused(self.statement, "22002", "SQLFetch")

    def test_sqlextendedfetch_has_its_own_places(self):
        self.bind(3)
        self.statement.must("SQLSetStmtAttrW", 9, 3, 0)
        fetched, place = integer(ctypes.c_size_t)
        status = (ctypes.c_ushort * 3)()
        self.statement.execute(ROWS)
        self.statement.must("SQLExtendedFetch", NEXT, 0, place, status)
        self.assertEqual((fetched.value, list(status), list(self.status)), (3, [0, 0, 0], [77, 77, 77]))
        self.assertEqual([self.ids[row] for row in range(3)], [number for number, _ in deals()[:3]])


class Data(Case):
    """SQL_GETDATA_EXTENSIONS: any column, any order, bound ones too."""

    def test_any_column_in_any_order_bound_or_not(self):
        self.assertEqual(self.connection.number(81), 1 | 2 | 8)
        number, place = integer(ctypes.c_int64)
        self.statement.must("SQLBindCol", 1, C_SBIGINT, place, 0, None)
        self.statement.execute("SELECT id, title, status FROM deals ORDER BY id")
        first = min(records("/api/v2/deals"), key=lambda deal: deal["id"])
        self.statement.must("SQLFetch")
        for column, key in [(3, "status"), (1, "id"), (2, "title"), (3, "status"), (1, "id")]:
            self.assertEqual(self.statement.get(column), str(first[key]))
        self.assertEqual(number.value, first["id"])

    def test_text_comes_in_pieces_that_fill_the_buffer(self):
        """Readers take a buffer that was too small for full, and put the bytes together."""
        text = "äöü €uro 𝄞𝄞 Ende " * 40
        for c_type, encoding in [(C_WCHAR, "utf-16-le"), (C_CHAR, "utf-8")]:
            unit = len("x".encode(encoding))
            for size in (2 * unit, 7 * unit, 8 * unit, 64 * unit):
                self.statement.execute(f"SELECT '{text}'")
                self.statement.must("SQLFetch")
                found, left = b"", len(text.encode(encoding))
                while True:
                    buffer = ctypes.create_string_buffer(b"\xff" * size, size)
                    length, place = integer()
                    code = self.statement.call("SQLGetData", 1, c_type, buffer, size, place)
                    if code == NO_DATA:
                        break
                    self.assertEqual(length.value, left)
                    end = left if code == SUCCESS else size - unit
                    self.assertEqual(buffer.raw[end : end + unit], b"\0" * unit)
                    found += buffer.raw[:end]
                    left -= end
                self.assertEqual(found.decode(encoding), text, (encoding, size))
                self.statement.must("SQLCloseCursor")

    def test_a_fixed_value_comes_once(self):
        self.statement.execute("SELECT 42")
        self.statement.must("SQLFetch")
        number, place = integer(ctypes.c_int)
        self.statement.must("SQLGetData", 1, C_SLONG, place, 0, None)
        self.assertEqual(number.value, 42)
        self.assertEqual(self.statement.call("SQLGetData", 1, C_SLONG, place, 0, None), NO_DATA)

    def test_structures(self):
        self.statement.execute("SELECT {ts '2026-02-28 23:59:58.120'}, {d '2024-02-29'}, CAST(-12.50 AS DECIMAL(9,2))")
        self.statement.must("SQLFetch")
        moment, day, money = Timestamp(), Date(), Numeric()
        self.statement.must("SQLGetData", 1, TYPE_TIMESTAMP, ctypes.byref(moment), 0, None)
        self.assertEqual((moment.year, moment.second, moment.fraction), (2026, 58, 120_000_000))
        self.statement.must("SQLGetData", 2, TYPE_DATE, ctypes.byref(day), 0, None)
        self.assertEqual((day.year, day.month, day.day), (2024, 2, 29))
        self.warned(self.statement, "01S07", "SQLGetData", 3, C_NUMERIC, ctypes.byref(money), 0, None)
        self.assertEqual((money.sign, int.from_bytes(bytes(money.val), "little"), money.scale), (0, 12, 0))

    def test_what_cannot_be_converted_is_an_error(self):
        self.statement.execute("SELECT 'abc', 300, {d '2024-02-29'}, 9999999999")
        self.statement.must("SQLFetch")
        number, place = integer(ctypes.c_int)
        for column, c_type, state in [(1, C_SLONG, "22018"), (2, -28, "22003"), (3, C_SLONG, "07006"), (4, C_SLONG, "22003")]:
            self.refused(self.statement, state, "SQLGetData", column, c_type, place, 0, None)
        self.refused(self.statement, "07009", "SQLGetData", 5, C_SLONG, place, 0, None)
        self.refused(self.statement, "HY003", "SQLGetData", 1, 4711, place, 0, None)


class Cursors(Case):
    def test_what_is_told_of_cursors(self):
        """Forward only, read only."""
        numbers = [self.connection.number(info) for info in (8, 44, 43, 10001)]
        self.assertEqual(numbers, [1, 1, 1, 0])
        self.assertEqual([self.connection.number(info) for info in (146, 147)], [1, 1 | 0x80])
        static = [self.connection.number(info) for info in (167, 168, 150, 151, 144, 145, 83, 82, 78, 79, 80)]
        self.assertEqual(static, [0] * 11)
        self.assertEqual(self.connection.text(11), "N")

    def test_another_cursor_is_replaced_with_a_warning(self):
        for number, value, kept in [(6, 3, 0), (7, 2, 1)]:
            self.warned(self.statement, "01S02", "SQLSetStmtAttrW", number, value, 0)
            self.assertEqual(self.attribute(number), kept)
        for number, value in [(12, 1), (-1, 1)]:  # bookmarks, scrollable
            self.refused(self.statement, "HYC00", "SQLSetStmtAttrW", number, value, 0)

    def test_a_rowset_has_a_row_at_least(self):
        self.warned(self.statement, "01S02", "SQLSetStmtAttrW", 27, 0, 0)
        self.assertIn("SQL_ATTR_ROW_ARRAY_SIZE", diagnostics(self.statement)[0][1])
        self.assertEqual(self.attribute(27), 1)

    def test_it_goes_forward_only(self):
        self.statement.execute(ROWS)
        self.statement.must("SQLFetchScroll", NEXT, 0)
        for direction in (2, 3, 4, 5, 6, 8):
            self.refused(self.statement, "HY106", "SQLFetchScroll", direction, 1)
        self.statement.must("SQLFetchScroll", NEXT, 0)
        self.assertEqual(self.statement.get(1), str(deals()[1][0]))

    def test_statements_of_one_connection_are_read_in_turn(self):
        others = [self.connection.statement() for _ in range(10)]
        for statement in others:
            statement.execute("SELECT id FROM deals ORDER BY id")
        expected = [[str(number)] for number, _ in deals()[:30]]
        rows = [[statement.row() for statement in others] for _ in range(30)]
        self.assertEqual(rows, [[row] * 10 for row in expected])
        for statement in others:
            statement.free()

    def test_calls_out_of_turn(self):
        self.refused(self.statement, "HY010", "SQLFetch")
        self.refused(self.statement, "24000", "SQLCloseCursor")
        self.statement.must("SQLFreeStmt", 0)  # closes nothing, and that is right
        self.statement.execute(ROWS)
        self.refused(self.statement, "24000", "SQLExecDirectW", ROWS, NTS)
        self.statement.must("SQLCloseCursor")
        self.statement.execute("SELECT 1")
        self.assertEqual(self.statement.rows(), [["1"]])
        self.assertEqual(self.statement.call("SQLFetch"), NO_DATA)
        self.assertEqual(self.statement.call("SQLMoreResults"), NO_DATA)

    def test_max_rows_acts_like_limit(self):
        self.connection.query("SELECT * FROM deals WHERE 1 = 0")
        cost()
        self.statement.must("SQLSetStmtAttrW", 1, 7, 0)
        self.statement.execute("SELECT id FROM deals")
        self.assertEqual(len(self.statement.rows()), 7)
        self.assertEqual(cost(), (1, 10))
        self.statement.must("SQLCloseCursor")
        self.statement.must("SQLSetStmtAttrW", 1, ctypes.c_size_t(2**64 - 1), 0)
        self.statement.execute("SELECT id FROM stages")
        self.assertEqual(len(self.statement.rows()), len(records("/api/v2/stages")))

    def test_the_count_of_rows_is_exact_or_unknown(self):
        self.statement.execute("SELECT id FROM deals")
        count, place = integer()
        self.statement.must("SQLRowCount", place)
        self.assertIn(count.value, (-1, len(deals())))

    def test_describing_before_execution_costs_nothing(self):
        self.connection.query("SELECT * FROM deals WHERE 1 = 0")
        cost()
        self.statement.prepare("SELECT id, title, value FROM deals WHERE status = 'won'")
        described = [self.statement.describe(number)[:2] for number in range(1, self.statement.width + 1)]
        self.assertEqual(described, [("id", BIGINT), ("title", WVARCHAR), ("value", DECIMAL)])
        self.assertEqual(cost(), (0, 0))


class Cancelling(Case):
    def tearDown(self):
        ask("/__faults", "DELETE")

    def test_a_call_that_waits_is_cancelled_and_asks_for_no_more(self):
        self.connection.query("SELECT * FROM deals WHERE 1 = 0")
        cost()
        ask("/__faults", "POST", {"kind": "delay", "millis": 20_000, "on": "/api/v2/deals", "after": 1, "times": 50})
        self.statement.execute("SELECT id FROM deals")
        timer = threading.Timer(1, lambda: self.statement.call("SQLCancel"))
        timer.start()
        started = time.monotonic()
        with self.assertRaisesRegex(AssertionError, "HY008"):
            self.statement.rows()
        self.assertLess(time.monotonic() - started, 6)
        requests, _ = cost()
        self.assertLessEqual(requests, 2)
        time.sleep(0.3)
        self.assertEqual(cost(), (0, 0))
        ask("/__faults", "DELETE")
        self.statement.must("SQLFreeStmt", 0)
        self.statement.execute("SELECT COUNT(*) FROM deals")
        self.assertEqual(self.statement.rows(), [[str(len(deals()))]])

    def test_a_shared_descriptor_does_not_make_others_wait(self):
        self.connection.query("SELECT * FROM deals WHERE 1 = 0")
        ask("/__faults", "POST", {"kind": "delay", "millis": 8_000, "on": "/api/v2/deals", "times": 50})
        descriptor, other = Descriptor(self.connection), self.connection.statement()
        self.addCleanup(descriptor.free)
        self.addCleanup(other.free)
        for statement in (self.statement, other):
            statement.must("SQLSetStmtAttrW", 10010, descriptor.value, 0)
        self.statement.execute("SELECT id FROM deals")
        reader = threading.Thread(target=lambda: self.statement.call("SQLFetch"))
        reader.start()
        time.sleep(0.5)
        started = time.monotonic()
        other.execute("SELECT 1")
        other.must("SQLFetch")
        self.assertLess(time.monotonic() - started, 4)
        self.statement.must("SQLCancel")
        reader.join()

    def test_cancelling_nothing_is_allowed(self):
        self.statement.must("SQLCancel")
        self.statement.execute("SELECT 1")
        self.assertEqual(self.statement.rows(), [["1"]])


if __name__ == "__main__":
    unittest.main()
