"""Procedures as a Python program calls and lists them, by pyodbc. PIPEDRIVE_ODBC_CONNECTION holds the connection string."""

import os
import unittest

import pyodbc


class Procedures(unittest.TestCase):
    def setUp(self):
        self.connection = pyodbc.connect(os.environ["PIPEDRIVE_ODBC_CONNECTION"])
        self.addCleanup(self.connection.close)
        self.cursor = self.connection.cursor()

    def test_every_form_is_executed(self):
        whole = self.cursor.execute("{call RefreshMetadata}").fetchall()
        self.assertEqual([column[0] for column in self.cursor.description], ["TableName", "Fields", "CustomFields", "Tokens"])
        self.assertEqual([type(value) for value in whole[0]], [str, int, int, int])
        deals = next(tuple(row) for row in whole if row.TableName == "deals")
        self.assertEqual(deals[3], 10)
        for sql, values in [
            ("{call RefreshMetadata(?)}", ["deals"]),
            ("{CALL pipedrive.sys.RefreshMetadata('deals')}", []),
            ("EXEC RefreshMetadata TableName = ?", ["deals"]),
            ("EXEC RefreshMetadata @TableName = 'deals';", []),
            ("EXECUTE sys.RefreshMetadata ?", ["crm.deals"]),
            ("CALL RefreshMetadata(?)", ["deals"]),
        ]:
            self.assertEqual([tuple(row) for row in self.cursor.execute(sql, *values)], [deals], sql)
        rows = self.cursor.execute("EXEC RefreshMetadata ?", None).fetchall()
        self.assertEqual([tuple(row) for row in rows], [tuple(row) for row in whole])

    def test_procedures_are_listed(self):
        names = [(row.procedure_cat, row.procedure_schem, row.procedure_name) for row in self.cursor.procedures()]
        self.assertEqual(len(names), 4)
        self.assertIn(("pipedrive", "sys", "RefreshMetadata"), names)
        self.assertEqual(len(self.cursor.procedures(procedure="GetOAuth%").fetchall()), 2)
        rows = self.cursor.procedureColumns(procedure="RefreshOAuthAccessToken").fetchall()
        self.assertEqual(
            [(row.column_name, row.column_type) for row in rows],
            [("OAuthRefreshToken", 1), ("OAuthAccessToken", 3), ("OAuthRefreshToken", 3), ("ExpiresIn", 3)],
        )

    def test_errors_have_their_states(self):
        for sql, state in [
            ("EXEC RefreshMetadatas", "42000"),
            ("EXEC RefreshMetadata 'nothing'", "42S02"),
            ("{? = call RefreshMetadata}", "HYC00"),
        ]:
            with self.assertRaises(pyodbc.Error) as caught:
                self.cursor.execute(sql)
            self.assertEqual(caught.exception.args[0], state)


if __name__ == "__main__":
    unittest.main()
