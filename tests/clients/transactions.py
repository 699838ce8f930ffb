"""There are no transactions: what asks for one is accepted where clients insist, and disturbs nothing."""

import ctypes
import unittest

from odbc import *

COMMIT, ROLLBACK = 0, 1
AUTOCOMMIT, ISOLATION = 102, 108


class Transactions(Case):
    def test_none_is_claimed(self):
        self.assertEqual(self.connection.short(46), 0)
        self.assertEqual([self.connection.number(info) for info in (26, 72)], [0, 0])
        self.assertEqual(self.connection.text(37), "N")

    def test_autocommit_may_be_switched_off_and_on(self):
        for value in (0, 1):
            self.connection.must("SQLSetConnectAttrW", AUTOCOMMIT, value, 0)
            found, place = integer(ctypes.c_uint, 7)
            self.connection.must("SQLGetConnectAttrW", AUTOCOMMIT, place, 0, None)
            self.assertEqual(found.value, value)

    def test_cursors_and_plans_outlive_commit_and_rollback(self):
        self.assertEqual([self.connection.short(info) for info in (23, 24)], [2, 2])
        self.connection.must("SQLSetConnectAttrW", AUTOCOMMIT, 0, 0)
        self.addCleanup(self.connection.must, "SQLSetConnectAttrW", AUTOCOMMIT, 1, 0)
        expected = [[str(deal["id"])] for deal in records("/api/v2/deals")]
        for operation in (COMMIT, ROLLBACK):
            self.statement.prepare("SELECT id FROM deals")
            self.statement.must("SQLExecute")
            rows = [self.statement.row() for _ in range(10)]
            self.end(DBC, self.connection, operation)
            rows += self.statement.rows()
            self.assertEqual(sorted(rows), sorted(expected))
            self.statement.must("SQLCloseCursor")
            self.end(ENV, self.environment, operation)
            self.statement.must("SQLExecute")
            self.assertEqual(len(self.statement.rows()), len(expected))
            self.statement.must("SQLCloseCursor")

    def end(self, kind, handle, operation):
        code = MANAGER.SQLEndTran(ctypes.c_short(kind), handle.value, ctypes.c_short(operation))
        self.assertEqual(code, SUCCESS, diagnostics(handle))

    def test_a_level_of_isolation_is_told_to_be_none(self):
        self.warned(self.connection, "01S02", "SQLSetConnectAttrW", ISOLATION, 2, 0)
        found, place = integer(ctypes.c_uint, 7)
        self.connection.must("SQLGetConnectAttrW", ISOLATION, place, 0, None)
        self.assertEqual(found.value, 0)

    def test_statements_of_transactions_are_no_queries(self):
        for sql in ("COMMIT", "ROLLBACK", "BEGIN TRANSACTION"):
            self.refused(self.statement, "42000", "SQLExecDirectW", sql, NTS)

    def test_a_connection_closes_with_autocommit_off(self):
        connection = Connection(self.environment, self.string)
        connection.must("SQLSetConnectAttrW", AUTOCOMMIT, 0, 0)
        self.assertEqual(connection.query("SELECT 1"), [["1"]])
        connection.close()


if __name__ == "__main__":
    unittest.main()
