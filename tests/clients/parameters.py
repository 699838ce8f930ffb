"""Parameters: described, bound in every common C type, as NULL, in pieces. Expected rows come over HTTP."""

import ctypes
import unittest

from odbc import *

INPUT, OUTPUT = 1, 4


class Parameters(Case):
    def bind(self, number, c_type, sql_type, value, size=255, digits=0, length=None):
        """Binds a value; the references are kept as long as the test runs."""
        indicator = ctypes.c_ssize_t(NTS if length is None else length)
        kept = (value, indicator)
        self.kept = getattr(self, "kept", []) + [kept]
        pointer = value if value is None or isinstance(value, (int, ctypes.Array)) else ctypes.byref(value)
        capacity = ctypes.sizeof(value) if isinstance(value, (ctypes.Array, ctypes._SimpleCData)) else 0
        arguments = [number, INPUT, c_type, sql_type, size, digits, pointer, capacity, ctypes.byref(indicator)]
        self.statement.must("SQLBindParameter", *arguments)
        return indicator

    def run_rows(self, sql):
        self.statement.execute(sql)
        rows = self.statement.rows()
        self.statement.must("SQLCloseCursor")
        return rows

    def described(self, number):
        (code, a), (size, b) = integer(ctypes.c_short), integer(ctypes.c_size_t)
        (digits, c), (nullable, d) = integer(ctypes.c_short), integer(ctypes.c_short)
        self.statement.must("SQLDescribeParam", number, a, b, c, d)
        return code.value, size.value, digits.value, nullable.value


class Description(Parameters):
    def test_markers_are_counted_and_described_by_what_they_meet(self):
        self.assertEqual(self.connection.text(10002), "Y")
        self.statement.prepare("SELECT '?', id FROM deals WHERE id = ? AND title LIKE ? AND value > ? AND add_time < ? -- ?")
        count, place = integer(ctypes.c_short)
        self.statement.must("SQLNumParams", place)
        self.assertEqual(count.value, 4)
        self.assertEqual([self.described(number)[0] for number in (1, 2, 3, 4)], [BIGINT, WVARCHAR, DECIMAL, TYPE_TIMESTAMP])
        self.assertEqual(self.described(3)[1:3], (19, 4))
        self.refused(self.statement, "07009", "SQLDescribeParam", 5, None, None, None, None)

    def test_out_of_turn(self):
        self.refused(self.statement, "HY010", "SQLDescribeParam", 1, None, None, None, None)

    def test_between_two_executions_with_the_cursor_open(self):
        """As nanodbc and others bind anew."""
        self.statement.prepare("SELECT id FROM deals WHERE id = ?")
        for value in (7, 8):
            self.assertEqual(self.described(1)[0], BIGINT)
            self.bind(1, C_SBIGINT, BIGINT, ctypes.c_int64(value))
            if value == 8:
                self.statement.must("SQLCloseCursor")
            self.statement.must("SQLExecute")
            self.assertEqual([int(row[0]) for row in self.statement.rows()], [value])


class Values(Parameters):
    def setUp(self):
        super().setUp()
        self.deals = records("/api/v2/deals")

    def ids(self, matches):
        return sorted(deal["id"] for deal in self.deals if matches(deal))

    def found(self, sql):
        return sorted(int(row[0]) for row in self.run_rows(sql))

    def test_numbers(self):
        for c_type, value in [(C_SLONG, ctypes.c_int(7)), (C_SBIGINT, ctypes.c_int64(7)), (C_SSHORT, ctypes.c_short(7))]:
            self.bind(1, c_type, BIGINT, value)
            self.assertEqual(self.found("SELECT id FROM deals WHERE id = ?"), [7])
        self.bind(1, C_DOUBLE, DOUBLE, ctypes.c_double(20_000))
        expected = self.ids(lambda deal: (deal["value"] or 0) > 20_000)
        self.assertGreater(len(expected), 3)
        self.assertEqual(self.found("SELECT id FROM deals WHERE value > ?"), expected)

    def test_exact_numbers_as_text_and_as_structure(self):
        value = next(deal["value"] for deal in self.deals if deal["value"])
        expected = self.ids(lambda deal: deal["value"] == value)
        self.bind(1, C_CHAR, DECIMAL, ctypes.create_string_buffer(f"{value:.2f}".encode()), 19, 2)
        self.assertEqual(self.found("SELECT id FROM deals WHERE value = ?"), expected)
        number = Numeric(precision=19, scale=0, sign=1)
        number.val[:8] = int(value * 100).to_bytes(8, "little")
        # The structure's own scale says nothing: the descriptor's does.
        self.bind(1, C_NUMERIC, DECIMAL, number, 19, 2, length=ctypes.sizeof(number))
        self.assertEqual(self.found("SELECT id FROM deals WHERE value = ?"), expected)

    def test_text_narrow_and_wide_of_any_language(self):
        title = "Ünïcode – 𝄞 'quoted'"
        for c_type, value in [(C_CHAR, ctypes.create_string_buffer(title.encode())), (C_WCHAR, wide(title))]:
            self.bind(1, c_type, WVARCHAR, value)
            self.assertEqual(self.run_rows("SELECT ?, 'and a ?'"), [[title, "and a ?"]])
        self.bind(1, C_WCHAR, WVARCHAR, wide("won and more"), length=6)
        self.assertEqual(self.found("SELECT id FROM deals WHERE status = ?"), self.ids(lambda deal: deal["status"] == "won"))

    def test_moments(self):
        moment = Timestamp(year=2026, month=1, day=1)
        self.bind(1, TYPE_TIMESTAMP, TYPE_TIMESTAMP, moment, 23, 3, length=ctypes.sizeof(moment))
        expected = self.ids(lambda deal: deal["add_time"] >= "2026-01-01T00:00:00Z")
        self.assertGreater(len(expected), 0)
        self.assertEqual(self.found("SELECT id FROM deals WHERE add_time >= ?"), expected)
        day = Date(year=2026, month=1, day=1)
        self.bind(1, TYPE_DATE, TYPE_DATE, day, 10, 0, length=ctypes.sizeof(day))
        self.assertEqual(self.found("SELECT id FROM deals WHERE add_time >= ?"), expected)

    def test_null_matches_nothing(self):
        self.bind(1, C_SLONG, BIGINT, ctypes.c_int(7), length=NULL_DATA)
        self.assertEqual(self.found("SELECT id FROM deals WHERE id = ?"), [])
        self.assertEqual(self.run_rows("SELECT CAST(? AS INTEGER)"), [[None]])

    def test_a_plan_is_used_again_with_other_values(self):
        number = ctypes.c_int64(1)
        self.bind(1, C_SBIGINT, BIGINT, number)
        self.statement.prepare("SELECT id FROM deals WHERE id = ?")
        cost()
        for value in (3, 5, 8):
            number.value = value
            self.statement.must("SQLExecute")
            self.assertEqual(self.statement.rows(), [[str(value)]])
            self.statement.must("SQLCloseCursor")
        self.assertEqual(cost(), (3, 3))

    def test_a_value_may_make_a_column_wider_than_was_described(self):
        """`? + 1` is described as a whole number; 2.5 makes it another."""
        self.statement.prepare("SELECT ? + 1 AS x")
        self.assertEqual(self.statement.describe(1)[1], BIGINT)
        for value, expected in [(ctypes.c_double(2.5), "3.5"), (ctypes.c_double(2), "3")]:
            self.bind(1, C_DOUBLE, DOUBLE, value)
            self.statement.must("SQLExecute")
            self.assertEqual(self.statement.rows(), [[expected]])
            self.statement.must("SQLCloseCursor")
        self.bind(1, C_CHAR, DECIMAL, ctypes.create_string_buffer(b"0.00005"), 38, 10)
        self.statement.prepare("SELECT CAST(1.5 AS DECIMAL(19,4)) + ? AS x")
        self.statement.must("SQLExecute")
        self.assertEqual(self.statement.rows(), [["1.50005"]])

    def test_sql_c_default_writes_only_what_was_told(self):
        """The buffer was made for the type before the execution."""
        moment = Timestamp(year=2026, month=1, day=2, hour=3)
        self.bind(1, TYPE_TIMESTAMP, TYPE_TIMESTAMP, moment, 23, 3, length=ctypes.sizeof(moment))
        self.statement.prepare("SELECT COALESCE(?, expected_close_date) FROM deals WHERE id = 1")
        self.assertEqual(self.statement.describe(1)[1], TYPE_DATE)
        room = (ctypes.c_ubyte * 32)(*[0xEE] * 32)
        self.statement.must("SQLBindCol", 1, C_DEFAULT, room, 6, None)
        self.statement.must("SQLExecute")
        self.assertEqual(self.statement.describe(1)[1], TYPE_TIMESTAMP)
        self.refused(self.statement, "07006", "SQLFetch")
        self.assertEqual(bytes(room), b"\xee" * 32)
        self.statement.must("SQLBindCol", 1, TYPE_TIMESTAMP, room, 0, None)
        self.statement.must("SQLFetch")
        self.assertEqual(Timestamp.from_buffer(room).hour, 3)
        self.refused(self.statement, "07006", "SQLGetData", 1, C_DEFAULT, room, 32, None)

    def test_a_marker_alone_means_what_a_literal_means(self):
        """Whatever stands beside it in a set operation or before IN."""
        day, noon = "CAST('2026-01-02' AS DATE)", Timestamp(year=2026, month=1, day=2, hour=12)
        moment = (TYPE_TIMESTAMP, TYPE_TIMESTAMP, noon, 23, 3, 16)
        number = (C_SBIGINT, BIGINT, ctypes.c_int64(10), 19, 0, 8)
        money = (C_DOUBLE, DOUBLE, ctypes.c_double(910.00004), 15, 0, 8)
        for sql, bound, expected in [
            ("SELECT MAX(v) FROM (SELECT 9 AS v UNION ALL SELECT ?) t", number, [["10"]]),
            ("SELECT v FROM (SELECT 9 AS v UNION ALL SELECT ?) t ORDER BY v", number, [["9"], ["10"]]),
            (f"SELECT COUNT(*) FROM stages WHERE {day} IN (SELECT ?)", moment, [["0"]]),
            (f"SELECT {day} INTERSECT SELECT ?", moment, []),
            (f"SELECT {day} EXCEPT SELECT ?", moment, [["2026-01-02"]]),
            (f"SELECT MAX(d) FROM (SELECT {day} AS d UNION ALL SELECT ?) t", moment, [["2026-01-02 12:00:00"]]),
            ("SELECT COUNT(*) FROM deals WHERE id = 1 AND value IN (SELECT ?)", money, [["0"]]),
        ]:
            c_type, sql_type, value, size, digits, length = bound
            self.bind(1, c_type, sql_type, value, size, digits, length)
            self.assertEqual(self.run_rows(sql), expected, sql)

    def test_places_that_take_values_of_several_types(self):
        """No type is right for all of them before a value is there."""
        today = "CAST('2026-01-10' AS DATE)"
        for sql, values, expected in [
            (f"SELECT COUNT(*) FROM stages WHERE {today} > {today} - ?", [3], "9"),
            (f"SELECT {today} + ?", [1], "2026-01-11"),
            ("SELECT ROUND(?, 1)", [2.25], "2.3"),
            ("SELECT ? / ?", [7.0, 2.0], "3.5"),
            ("SELECT CAST(7 AS BIGINT) / ?", [2.0], "3.5"),
            ("SELECT COUNT(*) FROM stages WHERE id = ?", [2.0], "1"),
            ("SELECT -?", [3], "-3"),
            ("SELECT ABS(?)", [-2.5], "2.5"),
            ("SELECT ? || ?", ["a", "b"], "ab"),
            ("SELECT COUNT(*) FROM (SELECT id FROM stages ORDER BY id LIMIT ?) t", ["3.0"], "3"),
        ]:
            for number, value in enumerate(values, 1):
                if isinstance(value, str):
                    self.bind(number, C_WCHAR, WVARCHAR, wide(value))
                elif isinstance(value, float):
                    self.bind(number, C_DOUBLE, DOUBLE, ctypes.c_double(value), 15, 0, 8)
                else:
                    self.bind(number, C_SBIGINT, BIGINT, ctypes.c_int64(value), 19, 0, 8)
            self.assertEqual(self.run_rows(sql), [[expected]], sql)

    def test_values_beside_text_are_written_as_sql_writes_them(self):
        noon = Timestamp(year=2026, month=1, day=2, hour=12)
        self.bind(1, TYPE_TIMESTAMP, TYPE_TIMESTAMP, noon, 23, 3, 16)
        self.assertEqual(self.run_rows("SELECT ?"), [["2026-01-02 12:00:00"]])
        self.bind(1, -7, -7, ctypes.c_ubyte(1), 1, 0, 1)
        self.assertEqual(self.run_rows("SELECT ?"), [["1"]])

    def test_a_long_text_is_described_as_long_as_it_is(self):
        self.bind(1, C_WCHAR, WVARCHAR, wide("x" * 1000), 1000)
        self.statement.execute("SELECT ?")
        self.assertEqual(self.statement.describe(1)[2], 1000)

    def test_sqlsetparam_is_input(self):
        """Managers make of it a parameter for input and output with a buffer of length -1."""
        number, place = integer(ctypes.c_int64, 7)
        self.statement.must("SQLBindParameter", 1, 2, C_SBIGINT, BIGINT, 0, 0, place, -1, None)
        self.assertEqual(self.found("SELECT id FROM deals WHERE id = ?"), [7])

    def test_values_that_do_not_fit(self):
        cases = [
            (C_CHAR, BIGINT, ctypes.create_string_buffer(b"seven"), "22018"),
            (C_CHAR, WVARCHAR, ctypes.create_string_buffer(b"\xff\xfe"), "22018"),
            (C_SLONG, TYPE_DATE, ctypes.c_int(7), "07006"),
        ]
        for c_type, sql_type, value, state in cases:
            indicator = ctypes.c_ssize_t(NTS)
            arguments = [1, INPUT, c_type, sql_type, 20, 0, ctypes.byref(value), 0, ctypes.byref(indicator)]
            if self.statement.call("SQLBindParameter", *arguments) == SUCCESS:
                self.refused(self.statement, state, "SQLExecDirectW", "SELECT id FROM deals WHERE title = ?", NTS)
            else:
                self.assertEqual(self.statement.state, state)

    def test_what_is_missing_or_not_offered(self):
        self.refused(self.statement, "07002", "SQLExecDirectW", "SELECT id FROM deals WHERE id = ?", NTS)
        number, place = integer()
        self.refused(self.statement, "HYC00", "SQLBindParameter", 1, OUTPUT, C_SBIGINT, BIGINT, 0, 0, place, 0, None)
        self.refused(self.statement, "07009", "SQLBindParameter", 0, INPUT, C_SBIGINT, BIGINT, 0, 0, place, 0, None)
        self.refused(self.statement, "HY105", "SQLBindParameter", 1, 99, C_SBIGINT, BIGINT, 0, 0, place, 0, None)

    def test_arrays_of_parameters_are_not_offered(self):
        self.assertEqual([self.connection.number(info) for info in (153, 154)], [2, 3])
        self.refused(self.statement, "HYC00", "SQLSetStmtAttrW", 22, 2, 0)
        self.statement.must("SQLSetStmtAttrW", 22, 1, 0)
        # The descriptor's field is the same thing.
        number, place = integer(ctypes.c_int64, 7)
        self.statement.must("SQLBindParameter", 1, INPUT, C_SBIGINT, BIGINT, 0, 0, place, 8, None)
        descriptor = ctypes.c_void_p()
        self.statement.must("SQLGetStmtAttrW", 10011, ctypes.byref(descriptor), 8, None)
        self.assertEqual(MANAGER.SQLSetDescFieldW(descriptor, 0, 20, ctypes.c_void_p(5), 0), SUCCESS)
        self.refused(self.statement, "HYC00", "SQLExecDirectW", "SELECT ?", NTS)


class Pieces(Parameters):
    """Data at execution; SQL_NEED_LONG_DATA_LEN says that the length need not be known before."""

    def test_text_in_pieces(self):
        self.assertEqual(self.connection.text(111), "N")
        self.bind(1, C_WCHAR, WVARCHAR, ctypes.c_void_p(4711), length=DATA_AT_EXEC)
        self.bind(2, C_CHAR, WVARCHAR, ctypes.c_void_p(4712), length=DATA_AT_EXEC)
        self.statement.prepare("SELECT ? AS a, ? AS b")
        self.assertEqual(self.statement.call("SQLExecute"), NEED_DATA)
        self.put([text.encode("utf-16-le") for text in ("Grüße ", "an ", "𝄞")])
        self.put(["Stück für ".encode(), "Stück".encode()])
        token, place = integer(ctypes.c_void_p, None)
        self.statement.must("SQLParamData", place)
        self.assertEqual(self.statement.rows(), [["Grüße an 𝄞", "Stück für Stück"]])

    def put(self, pieces):
        _, place = integer(ctypes.c_void_p, None)
        self.assertEqual(self.statement.call("SQLParamData", place), NEED_DATA)
        for piece in pieces:
            self.statement.must("SQLPutData", ctypes.create_string_buffer(piece), len(piece))

    def test_which_parameter_is_wanted(self):
        values = [ctypes.c_int64(1), ctypes.c_int64(2)]
        for number, value in enumerate(values, 1):
            self.bind(number, C_SBIGINT, BIGINT, value, length=DATA_AT_EXEC)
        self.statement.prepare("SELECT CAST(? AS BIGINT) - CAST(? AS BIGINT)")
        self.assertEqual(self.statement.call("SQLExecute"), NEED_DATA)
        for value, sent in zip(values, (50, 8)):
            token, place = integer(ctypes.c_void_p, None)
            self.assertEqual(self.statement.call("SQLParamData", place), NEED_DATA)
            self.assertEqual(token.value, ctypes.addressof(value))
            self.statement.must("SQLPutData", ctypes.byref(ctypes.c_int64(sent)), 8)
        self.statement.must("SQLParamData", place)
        self.assertEqual(self.statement.rows(), [["42"]])

    def test_a_piece_that_cannot_be_ends_the_dialog(self):
        self.bind(1, C_CHAR, WVARCHAR, ctypes.c_void_p(1), length=DATA_AT_EXEC)
        self.statement.prepare("SELECT ?")
        self.assertEqual(self.statement.call("SQLExecute"), NEED_DATA)
        _, place = integer(ctypes.c_void_p, None)
        self.assertEqual(self.statement.call("SQLParamData", place), NEED_DATA)
        self.refused(self.statement, "HY090", "SQLPutData", ctypes.create_string_buffer(b"abc"), -77)
        self.bind(1, C_CHAR, WVARCHAR, ctypes.create_string_buffer(b"whole"))
        self.statement.must("SQLExecute")
        self.assertEqual(self.statement.rows(), [["whole"]])

    def test_out_of_turn_and_given_up(self):
        self.refused(self.statement, "HY010", "SQLPutData", ctypes.create_string_buffer(b"x"), 1)
        self.bind(1, C_CHAR, WVARCHAR, ctypes.c_void_p(1), length=DATA_AT_EXEC)
        self.statement.prepare("SELECT ?")
        self.assertEqual(self.statement.call("SQLExecute"), NEED_DATA)
        self.refused(self.statement, "HY010", "SQLExecute")
        self.statement.must("SQLCancel")
        self.bind(1, C_CHAR, WVARCHAR, ctypes.create_string_buffer(b"whole"))
        self.statement.must("SQLExecute")
        self.assertEqual(self.statement.rows(), [["whole"]])


if __name__ == "__main__":
    unittest.main()
