"""What an application sees of a token without the scope `admin`: one warning a connection, and every row."""

import unittest

from odbc import *


class Refused(Case):
    def setUp(self):
        """A connection for each test: each one warns once."""
        self.fresh = Connection(self.environment, self.string)
        self.addCleanup(self.fresh.close)
        self.statement = self.fresh.statement()
        self.addCleanup(self.statement.free)

    def the_warning(self, handle):
        ((state, message),) = diagnostics(handle)
        self.assertEqual(state, "01000")
        for part in ("crm.activities", "admin"):
            self.assertIn(part, message)

    def test_connecting_asks_for_no_definitions(self):
        self.assertEqual((self.fresh.connected, diagnostics(self.fresh)), (SUCCESS, []))

    def test_a_query_warns_once_and_has_its_rows(self):
        expected = [row for row in records("/api/v2/activities") if row.get("priority") is not None]
        sql = "SELECT id, priority FROM activities WHERE priority IS NOT NULL ORDER BY id"
        self.assertEqual(self.statement.call("SQLExecDirectW", sql, NTS), SUCCESS_WITH_INFO)
        self.the_warning(self.statement)
        rows = self.statement.rows()
        self.assertEqual(rows, [[str(row["id"]), str(row["priority"])] for row in expected])
        again = self.fresh.statement()
        self.addCleanup(again.free)
        self.assertEqual(again.call("SQLExecDirectW", sql, NTS), SUCCESS)

    def test_the_catalog_warns_and_has_the_built_in_columns(self):
        arguments = [None, 0, "crm", NTS, "activities", NTS, None, 0]
        self.assertEqual(self.statement.call("SQLColumnsW", *arguments), SUCCESS_WITH_INFO)
        self.the_warning(self.statement)
        names = [row[3] for row in self.statement.rows()]
        self.assertEqual((names[0], names[-1], len(names)), ("id", "attendees", 38))

    def test_other_tables_do_not_warn(self):
        for table in ("products", "deals"):
            statement = self.fresh.statement()
            self.assertEqual(statement.call("SQLExecDirectW", f"SELECT * FROM {table} WHERE id = 1", NTS), SUCCESS)
            statement.free()


if __name__ == "__main__":
    unittest.main()
