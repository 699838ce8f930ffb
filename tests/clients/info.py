"""What SQLGetInfo and SQLGetFunctions say of connection, product and limits, each claim with the call that shows it."""

import ctypes
import os
import re
import unittest

from odbc import *

LIBRARY = re.search("Driver=([^;]*)", os.environ["PIPEDRIVE_ODBC_CONNECTION"]).group(1)


class Names(Case):
    def test_the_connection_s_names_are_those_of_the_account(self):
        me = ask("/api/v1/users/me")["data"]
        self.assertEqual(self.connection.text(47), me["name"])
        self.assertIn(self.connection.text(13), os.environ["PIPEDRIVE_SANDBOX"])
        self.assertEqual(self.connection.text(2), "")  # no data source was named
        catalogs = {row[0] for row in self.catalog("%", "", "")}
        self.assertEqual({self.connection.text(16)}, catalogs)

    def catalog(self, *names):
        arguments = [argument for name in names for argument in (name, NTS)]
        self.statement.must("SQLTablesW", *arguments, None, 0)
        return self.statement.rows()

    def test_product_and_library(self):
        self.assertEqual(self.connection.text(6), os.path.basename(LIBRARY))
        self.assertRegex(self.connection.text(7), r"^\d\d\.\d\d\.\d{4}$")
        self.assertEqual(self.connection.text(18), self.connection.text(7))
        self.assertEqual(self.connection.text(77), "03.80")
        self.assertEqual(self.connection.text(17), "Pipedrive")

    def test_terms(self):
        self.assertEqual([self.connection.text(info) for info in (42, 39, 45, 40)], ["catalog", "schema", "table", "procedure"])


class Connecting(Case):
    def test_an_unknown_keyword_is_a_warning_that_names_it(self):
        connection = Connection(self.environment, self.string + "Servr=x;")
        self.assertEqual(connection.connected, SUCCESS_WITH_INFO)
        ((state, message),) = diagnostics(connection)
        self.assertEqual(state, "01S00")
        self.assertIn("Servr", message)
        connection.close()

    def test_braces_hold_semicolons_and_braces(self):
        """Read otherwise, a part of the value would be a keyword that nobody knows."""
        token = os.environ["PIPEDRIVE_TOKEN"]
        string = self.string.replace(f"APIToken={token}", f"APIToken={{{token}}}") + "Description={a;b}}c;Servr=y};"
        self.assertIn("APIToken={", string)
        connection = Connection(self.environment, string)
        self.assertEqual((connection.connected, diagnostics(connection)), (SUCCESS, []))
        connection.close()

    def test_the_completed_string_connects_again(self):
        connection = Connection(self.environment, None)
        text = Text(2048)
        arguments = [self.string, NTS, text.buffer, 2048, text.reference, 0]
        self.assertEqual(connection.call("SQLDriverConnectW", None, *arguments), SUCCESS)
        self.assertEqual(len(text.value), text.length.value)
        connection.close()
        Connection(self.environment, text.value).close()


class Functions(Case):
    def test_sqlgetfunctions_tells_what_the_library_exports(self):
        """Asked of the library itself: the manager answers for functions that it makes up from others."""
        names = {
            4: "SQLBindCol", 5: "SQLCancel", 12: "SQLExecute", 13: "SQLFetch", 40: "SQLColumns", 43: "SQLGetData",
            52: "SQLSpecialColumns", 53: "SQLStatistics", 54: "SQLTables", 55: "SQLBrowseConnect",
            56: "SQLColumnPrivileges", 58: "SQLDescribeParam", 60: "SQLForeignKeys", 66: "SQLProcedureColumns",
            67: "SQLProcedures", 68: "SQLSetPos", 70: "SQLTablePrivileges", 24: "SQLBulkOperations",
            1021: "SQLFetchScroll", 65: "SQLPrimaryKeys",
        }  # fmt: skip
        library = Library(LIBRARY)
        driver = self.connect_without_manager(library)
        bitmap = (ctypes.c_ushort * 250)()
        self.assertEqual(library.SQLGetFunctions(driver, ctypes.c_ushort(999), bitmap), SUCCESS)
        for number, name in names.items():
            exported = hasattr(library, name)
            self.assertEqual(bool(bitmap[number >> 4] & 1 << (number & 15)), exported, name)
            single, place = integer(ctypes.c_ushort, 7)
            self.assertEqual(library.SQLGetFunctions(driver, ctypes.c_ushort(number), place), SUCCESS)
            self.assertEqual(bool(single.value), exported, name)
        self.assertEqual(library.SQLDisconnect(driver), SUCCESS)

    def connect_without_manager(self, library):
        environment, connection = ctypes.c_void_p(), ctypes.c_void_p()
        self.assertEqual(library.SQLAllocHandle(ENV, None, ctypes.byref(environment)), SUCCESS)
        self.assertEqual(library.SQLSetEnvAttr(environment, 200, ctypes.c_void_p(3), 0), SUCCESS)
        self.assertEqual(library.SQLAllocHandle(DBC, environment, ctypes.byref(connection)), SUCCESS)
        string = self.string.encode()
        code = library.SQLDriverConnect(connection, None, string, ctypes.c_short(NTS), None, 0, None, 0)
        self.assertIn(code, (SUCCESS, SUCCESS_WITH_INFO))
        return connection

    def test_handles_that_are_none_are_refused_without_the_manager_s_help(self):
        library = Library(LIBRARY)
        connection = self.connect_without_manager(library)
        self.assertEqual(library.SQLFetch(connection), INVALID_HANDLE)
        self.assertEqual(library.SQLDisconnect(connection), SUCCESS)
        self.assertEqual(library.SQLFreeHandle(DBC, connection), SUCCESS)
        for value in (connection.value, 1, 0x7FFFFFFFFFFFFFFF, ctypes.addressof(ctypes.c_int(0))):
            for name in ("SQLFetch", "SQLExecute", "SQLCancel", "SQLDisconnect", "SQLCloseCursor", "SQLNumResultCols"):
                code = getattr(library, name)(ctypes.c_void_p(value), None)
                self.assertEqual(code, INVALID_HANDLE, (name, value))

    def test_what_is_not_there_is_refused(self):
        """No privileges: the manager finds no function to call."""
        self.refused(self.statement, "IM001", "SQLTablePrivilegesW", None, 0, None, 0, None, 0)

    def test_no_level_is_claimed_whose_functions_are_missing(self):
        missing = [self.function(number) for number in (52, 53)]
        self.assertEqual(self.connection.short(9), 0 if 0 in missing else 1)
        self.assertEqual([self.connection.number(152), self.connection.short(8)], [1, 1])
        core = (4, 5, 6, 7, 8, 9, 11, 12, 13, 16, 18, 19, 20, 43, 44, 45, 47, 48, 49, 54, 40, 62, 63, 72)
        core += (52, 53)
        core += (1001, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 1016, 1017, 1018, 1019, 1020, 1021)
        self.assertNotIn(0, [self.function(number) for number in core])

    def function(self, number):
        there, place = integer(ctypes.c_ushort, 7)
        self.connection.must("SQLGetFunctions", number, place)
        return there.value


class Answers(Case):
    def test_a_text_that_does_not_fit_is_cut_and_told_whole(self):
        text = Text(5)
        self.warned(self.connection, "01004", "SQLGetInfoW", 17, text.buffer, text.bytes, text.reference)
        self.assertEqual((text.value, text.length.value), ("Pipe", 2 * len("Pipedrive")))

    def test_an_unknown_type_is_refused(self):
        self.refused(self.connection, "HY096", "SQLGetInfoW", 29_999, Text(9).buffer, 18, None)

    def test_nothing_runs_asynchronously(self):
        self.assertEqual([self.connection.number(info) for info in (10021, 10022, 10023, 10024, 10025)], [0] * 5)
        self.refused(self.statement, "HYC00", "SQLSetStmtAttrW", 4, 1, 0)
        self.assertEqual(self.attribute(4), 0)

    def test_nothing_else_is_claimed_of_connections(self):
        """No files, integrity, distributed transactions, or conformance to other books."""
        self.assertEqual([self.connection.short(info) for info in (84, 116)], [0, 0])
        self.assertEqual(self.connection.text(73), "N")
        self.assertEqual([self.connection.number(info) for info in (166, 1750, 180)], [0] * 3)

    def test_names_of_cursors_and_users_have_no_bound(self):
        self.assertEqual([self.connection.short(info) for info in (31, 107)], [0, 0])
        name = "c" * 500
        self.statement.must("SQLSetCursorNameW", name, NTS)
        found = Text(600)
        self.statement.must("SQLGetCursorNameW", found.buffer, 600, found.reference)
        self.assertEqual(found.value, name)


class Limits(Case):
    """0 says: no bound, or not known. So what is large works."""

    def test_connections_and_statements(self):
        self.assertEqual([self.connection.short(info) for info in (0, 1)], [0, 0])
        cost()
        connections = [Connection(self.environment, self.string) for _ in range(20)]
        self.assertEqual([connection.query("SELECT 1") for connection in connections], [[["1"]]] * 20)
        for connection in connections:
            connection.close()
        self.assertEqual(cost(), (0, 0))

    def test_a_statement_of_a_megabyte(self):
        self.assertEqual([self.connection.number(info) for info in (105, 108)], [0, 0])
        text = "x" * 1_000_000
        self.assertEqual(self.connection.query(f"SELECT CHAR_LENGTH('{text}')"), [["1000000"]])

    def test_a_thousand_columns_and_long_rows(self):
        self.assertEqual([self.connection.short(info) for info in (100, 101, 98)], [0, 0, 0])
        self.assertEqual([self.connection.number(info) for info in (104, 102, 112)], [0, 0, 0])
        self.assertEqual(self.connection.text(103), "N")
        columns = ", ".join(f"REPEAT('x', {number})" for number in range(1, 1001))
        row = self.connection.query(f"SELECT {columns}")[0]
        self.assertEqual([len(value) for value in row], list(range(1, 1001)))

    def test_there_is_no_binary_and_no_interval(self):
        self.assertEqual([self.connection.number(info) for info in (54, 69, 71, 173, 123, 124)], [0] * 6)
        for name in ("BINARY(4)", "VARBINARY(4)", "INTERVAL"):
            self.refused(self.statement, "HYC00", "SQLExecDirectW", f"SELECT CAST('1' AS {name})", NTS)


if __name__ == "__main__":
    unittest.main()
