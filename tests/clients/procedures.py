"""Procedures: listed, described, called in every form, with values bound; refused without a request where a call is wrong."""

import ctypes
import unittest

from odbc import *

INPUT, INPUT_OUTPUT, OUTPUT = 1, 2, 4
DEFAULT_PARAM = -5
NAMES = ["GetOAuthAccessToken", "GetOAuthAuthorizationURL", "RefreshMetadata", "RefreshOAuthAccessToken"]
COLUMNS = ["TableName", "Fields", "CustomFields", "Tokens"]
DEALS = "/api/v2/dealFields"


class Procedures(Case):
    def catalog(self, function, *names):
        """The rows of a catalog function, in wide text and in narrow text, which must agree."""
        found = []
        for narrow in (False, True):
            statement = self.connection.statement()
            self.addCleanup(statement.free)
            texts = [name.encode() if narrow and name is not None else name for name in names]
            arguments = [argument for name in texts for argument in (name, NTS if name is not None else 0)]
            statement.must(function if narrow else function + "W", *arguments)
            found.append(statement.rows())
        self.assertEqual(found[0], found[1])
        return found[0]

    def bind(self, number, text, indicator=NTS, direction=INPUT, sql_type=WVARCHAR, size=255):
        """Binds a text; the buffers are kept as long as the test runs."""
        buffer, length = wide(text), ctypes.c_ssize_t(indicator)
        self.kept = getattr(self, "kept", []) + [buffer, length]
        arguments = [number, direction, C_WCHAR, sql_type, size, 0, buffer, ctypes.sizeof(buffer), ctypes.byref(length)]
        return self.statement.call("SQLBindParameter", *arguments)

    def fields(self, path=DEALS):
        return ask(f"{path}?limit=500")["data"]

    def deals(self):
        """The row that definitions of deals read anew must give."""
        fields = self.fields()
        custom = sum(field["is_custom_field"] for field in fields)
        self.assertGreater(custom, 10)
        return ["deals", str(len(fields)), str(custom), "10"]


class Listed(Procedures):
    def test_procedures_are_claimed_and_listed(self):
        self.assertEqual([self.connection.text(info) for info in (21, 20)], ["Y", "Y"])
        rows = self.catalog("SQLProcedures", None, None, None)
        self.assertEqual([row[:3] for row in rows], [["pipedrive", "sys", name] for name in NAMES])
        self.assertEqual([row[3:6] for row in rows], [["4", "0", "1"], ["2", "0", "1"], ["1", "0", "1"], ["1", "0", "1"]])
        self.assertEqual({row[7] for row in rows}, {"1"})
        self.assertTrue(all(row[6] for row in rows))

    def test_patterns(self):
        for names in [(None, None, "%"), ("pipedrive", "sys", ""), (None, "s%", "%O%")]:
            self.assertEqual(len(self.catalog("SQLProcedures", *names)), 3 if names[2] == "%O%" else 4, names)
        self.assertEqual([row[2] for row in self.catalog("SQLProcedures", None, None, "refresh_etadata")], NAMES[2:3])
        for names in [("elsewhere", None, None), (None, "crm", None), (None, None, "Refresh\\%")]:
            self.assertEqual(self.catalog("SQLProcedures", *names), [])

    def test_identifiers_are_no_patterns(self):
        self.statement.must("SQLSetStmtAttrW", 10014, 1, 0)
        for name, expected in [("REFRESHMETADATA", NAMES[2:3]), ("Refresh%", [])]:
            self.statement.must("SQLProceduresW", "pipedrive", NTS, "SYS", NTS, name, NTS)
            self.assertEqual([row[2] for row in self.statement.rows()], expected)
            self.statement.must("SQLCloseCursor")
        self.refused(self.statement, "HY009", "SQLProceduresW", None, 0, "sys", NTS, "x", NTS)

    def test_names_are_no_longer_than_is_told(self):
        longest = self.connection.short(33)
        self.assertEqual(longest, 128)
        self.assertLessEqual(max(len(row[2]) for row in self.catalog("SQLProcedures", None, None, None)), longest)

    def test_parameters_are_listed_before_columns(self):
        rows = self.catalog("SQLProcedureColumns", None, None, "GetOAuthAccessToken", None)
        found = [(row[3], row[4], row[17], row[18]) for row in rows]
        inputs = [(name, "1", str(n), "YES") for n, name in enumerate(["AuthMode", "CallbackURL", "Verifier", "State"], 1)]
        outputs = [("OAuthAccessToken", "3", "1", "NO"), ("OAuthRefreshToken", "3", "2", "YES"), ("ExpiresIn", "3", "3", "YES")]
        self.assertEqual(found, inputs + outputs)
        self.assertEqual([row[13] for row in rows], ["'APP'", "NULL", "NULL", "NULL", None, None, None])
        everything = self.catalog("SQLProcedureColumns", None, None, None, None)
        self.assertEqual(everything, sorted(everything, key=lambda row: (row[2], int(row[4]), int(row[17]))))
        self.assertEqual({row[2] for row in everything}, set(NAMES))
        found = self.catalog("SQLProcedureColumns", "pipedrive", "sys", "%", "Verif%")
        self.assertEqual([(row[2], row[3]) for row in found], [("GetOAuthAccessToken", "Verifier")])

    def test_listing_costs_nothing(self):
        cost()
        self.catalog("SQLProcedures", None, None, None)
        self.catalog("SQLProcedureColumns", None, None, None, None)
        self.assertEqual(cost(), (0, 0))


class Described(Procedures):
    def test_a_result_is_described_as_it_is_listed(self):
        for name in NAMES:
            rows = self.catalog("SQLProcedureColumns", None, None, name, None)
            listed = [(row[3], int(row[5]), int(row[7]), int(row[9] or 0), int(row[11])) for row in rows if row[4] == "3"]
            cost()
            self.statement.prepare(f"{{call {name}({'?' if name == NAMES[3] else ''})}}")
            described = [self.statement.describe(number) for number in range(1, self.statement.width + 1)]
            self.assertEqual(described, listed, name)
            self.assertEqual(cost(), (0, 0))

    def test_markers_are_described_before_execution(self):
        self.statement.prepare("EXEC GetOAuthAccessToken @State = ?, Verifier => ?, AuthMode = 'WEB'")
        count, place = integer(ctypes.c_short)
        self.statement.must("SQLNumParams", place)
        self.assertEqual(count.value, 2)
        for number, expected in [(1, 255), (2, 2000)]:
            (code, a), (size, b) = integer(ctypes.c_short), integer(ctypes.c_size_t)
            self.statement.must("SQLDescribeParam", number, a, b, None, None)
            self.assertEqual((code.value, size.value), (WVARCHAR, expected))
        self.refused(self.statement, "07009", "SQLDescribeParam", 3, None, None, None, None)

    def test_native_calls_have_no_braces(self):
        text, length = Text(99, ctypes.c_int), None
        for sql, native in [
            ("{call RefreshMetadata(?)}", "call RefreshMetadata(?)"),
            ("EXEC sys.RefreshMetadata 'deals'", "EXEC sys.RefreshMetadata 'deals'"),
        ]:
            self.connection.must("SQLNativeSqlW", sql, NTS, text.buffer, 99, text.reference)
            self.assertEqual(text.value, native)
        self.refused(self.connection, "42000", "SQLNativeSqlW", "{call Nothing}", NTS, text.buffer, 99, text.reference)


class Called(Procedures):
    def test_every_form_names_the_same_procedure(self):
        """Catalog and schema may stand before it, as SQL_CATALOG_USAGE and SQL_SCHEMA_USAGE say."""
        self.assertEqual([self.connection.number(info) for info in (91, 92)], [3, 3])
        expected = [self.deals()]
        for sql in [
            "{call RefreshMetadata('deals')}",
            "{CALL sys.refreshmetadata('crm.deals')}",
            'CALL "pipedrive"."sys"."RefreshMetadata"(TableName => \'pipedrive.crm.Deals\');',
            "EXEC RefreshMetadata 'deals'",
            "EXECUTE pipedrive..RefreshMetadata @TableName = N'DEALS'",
        ]:
            cost()
            self.assertEqual(self.connection.query(sql), expected, sql)
            self.assertEqual(cost(), (1, 10), sql)

    def test_all_tables_that_have_definitions(self):
        cost()
        rows = self.connection.query("{call RefreshMetadata}")
        self.assertEqual(cost(), (5, 50))
        self.assertEqual([row[0] for row in rows], ["activities", "deals", "organizations", "persons", "products"])
        self.assertEqual(rows[1], self.deals())
        for row in rows:
            path = f"/api/v2/{'activity' if row[0] == 'activities' else row[0][:-1]}Fields"
            self.assertEqual(row[1], str(len(self.fields(path))), row)

    def test_values_are_bound(self):
        expected = [self.deals()]
        self.statement.prepare("{call RefreshMetadata(?)}")
        self.assertEqual(self.bind(1, "deals"), SUCCESS)
        for _ in range(2):
            self.statement.must("SQLExecute")
            self.assertEqual(self.diagnosed(), ("CALL", 7))
            self.assertEqual(self.statement.rows(), expected)
            self.statement.must("SQLCloseCursor")
        # NULL and SQL_DEFAULT_PARAM are as if nothing was given.
        for indicator in (NULL_DATA, DEFAULT_PARAM):
            self.bind(1, "", indicator)
            self.statement.must("SQLExecute")
            self.assertEqual(len(self.statement.rows()), 5)
            self.statement.must("SQLCloseCursor")
        self.statement.execute("SELECT 1")
        self.assertEqual(self.diagnosed(), ("SELECT CURSOR", 85))

    def test_values_are_read_as_texts_whatever_type_and_size_are_named(self):
        self.statement.prepare("EXEC RefreshMetadata ?")
        for sql_type, size in [(INTEGER, 10), (TYPE_DATE, 10), (WVARCHAR, 2)]:
            self.bind(1, "deals", sql_type=sql_type, size=size)
            self.statement.must("SQLExecute")
            self.assertEqual(self.statement.rows(), [self.deals()])
            self.statement.must("SQLCloseCursor")

    def test_a_default_and_a_value_in_pieces_may_be_asked_for_together(self):
        """The default is none that is refused (07S01)."""
        self.statement.prepare("{call GetOAuthAuthorizationURL(?, ?)}")
        self.bind(1, "", DEFAULT_PARAM)
        self.bind(2, "", DATA_AT_EXEC)
        self.assertEqual(self.statement.call("SQLExecute"), NEED_DATA)
        value, place = integer(ctypes.c_void_p, None)
        self.assertEqual(self.statement.call("SQLParamData", place), NEED_DATA)
        self.statement.must("SQLPutData", wide("x"), 2)
        self.assertNotEqual(self.statement.call("SQLParamData", place), NEED_DATA)
        self.assertNotEqual(self.statement.state, "07S01")

    def diagnosed(self):
        """SQL_DIAG_DYNAMIC_FUNCTION and its code."""
        text, (code, place) = Text(40), integer(ctypes.c_int)
        kind, header = ctypes.c_short(STMT), ctypes.c_short(0)
        arguments = [text.buffer, ctypes.c_short(text.bytes), text.reference]
        MANAGER.SQLGetDiagFieldW(kind, self.statement.value, header, ctypes.c_short(7), *arguments)
        MANAGER.SQLGetDiagFieldW(kind, self.statement.value, header, ctypes.c_short(12), place, ctypes.c_short(0), None)
        return text.value, code.value

    def test_a_value_may_come_in_pieces(self):
        self.statement.prepare("EXEC RefreshMetadata ?")
        self.bind(1, "", DATA_AT_EXEC)
        self.assertEqual(self.statement.call("SQLExecute"), NEED_DATA)
        value, place = integer(ctypes.c_void_p, None)
        self.assertEqual(self.statement.call("SQLParamData", place), NEED_DATA)
        for piece in ("de", "als"):
            self.statement.must("SQLPutData", wide(piece), 2 * len(piece))
        self.statement.must("SQLParamData", place)
        self.assertEqual(self.statement.rows(), [self.deals()])

    def test_a_result_is_one_and_counts_nothing(self):
        """SQL_BATCH_ROW_COUNT: no row counts of procedures."""
        self.assertEqual(self.connection.number(120), 0)
        self.statement.execute("EXEC RefreshMetadata 'deals'")
        count, place = integer()
        self.statement.must("SQLRowCount", place)
        self.assertEqual(count.value, -1)
        self.assertEqual(self.statement.call("SQLMoreResults"), NO_DATA)

    def test_there_are_no_output_parameters(self):
        self.statement.prepare("{call RefreshMetadata(?)}")
        for direction in (INPUT_OUTPUT, OUTPUT):
            self.assertEqual(self.bind(1, "deals", direction=direction), ERROR)
            self.assertEqual(self.statement.state, "HYC00")
        self.refused(self.statement, "HYC00", "SQLExecDirectW", "{?=call RefreshMetadata}", NTS)
        self.assertIn("no return value", diagnostics(self.statement)[0][1])

    def test_the_rows_are_as_many_as_the_application_wants(self):
        self.statement.must("SQLSetStmtAttrW", 1, 2, 0)
        self.statement.execute("EXEC RefreshMetadata")
        self.assertEqual([row[0] for row in self.statement.rows()], ["activities", "deals"])


class Refused(Procedures):
    def test_what_is_wrong_is_told_without_a_request(self):
        cost()
        for sql, state, part in [
            ("EXEC RefreshMetadat", "42000", "did you mean 'sys.RefreshMetadata'?"),
            ("{call RefreshMetadata('a', 'b')}", "42000", "2 arguments"),
            ("CALL RefreshMetadata(Table => 'deals')", "42000", "it has TableName"),
            ("EXEC RefreshOAuthAccessToken", "42000", "OAuthRefreshToken"),
            ("EXEC RefreshMetadata; SELECT 1", "42000", "statement of its own"),
            ("EXEC RefreshMetadata 'delas'", "42S02", "did you mean 'deals'?"),
            ("SELECT * FROM {call RefreshMetadata}", "HYC00", "stands alone"),
            ("EXPLAIN EXEC RefreshMetadata", "HYC00", "cannot be explained"),
        ]:
            self.refused(self.statement, state, "SQLExecDirectW", sql, NTS)
            self.assertIn(part, diagnostics(self.statement)[0][1], sql)
        self.assertEqual(cost(), (0, 0))

    def test_a_table_without_definitions_is_a_warning(self):
        cost()
        for name in ("stages", "sys.requests"):
            statement = self.connection.statement()
            self.addCleanup(statement.free)
            self.warned(statement, "01000", "SQLExecDirectW", f"EXEC RefreshMetadata '{name}'", NTS)
            self.assertIn(name, diagnostics(statement)[0][1])
            self.assertEqual(statement.rows(), [])
        self.assertEqual(cost(), (0, 0))


if __name__ == "__main__":
    unittest.main()
