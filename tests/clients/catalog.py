"""The catalog functions: what they list is there, described as SQLDescribeCol describes it, and costs next to nothing."""

import ctypes
import unittest

from odbc import *

CUSTOM = {"deals": "/api/v2/dealFields", "persons": "/api/v2/personFields", "organizations": "/api/v2/organizationFields"}


class Catalog(Case):
    def catalog(self, function, *names):
        """The rows of a catalog function that takes names."""
        statement = self.connection.statement()
        self.addCleanup(statement.free)
        arguments = [argument for name in names for argument in (name, NTS if name is not None else 0)]
        statement.must(function, *arguments)
        return statement.rows()

    def tables(self, catalog=None, schema=None, table=None, types=None):
        return self.catalog("SQLTablesW", catalog, schema, table, types)

    def columns(self, table, column=None):
        return self.catalog("SQLColumnsW", "pipedrive", "crm", table, column)


class Tables(Catalog):
    def test_every_table_can_be_read(self):
        self.assertEqual(self.connection.text(19), "Y")
        tables = self.tables()
        names = [row[2] for row in tables if row[3] == "TABLE"]
        deals = ["deals", "deals_all", "deals_archived", "deals_deleted"]
        others = ["organizations", "persons", "pipelines", "products", "stages", "users"]
        self.assertEqual(names, ["activities", *deals, *others])
        for catalog, schema, name, *_ in tables:
            self.assertEqual(self.connection.query(f'SELECT * FROM "{catalog}"."{schema}"."{name}" WHERE 1 = 0'), [])

    def test_patterns_lists_and_enumerations(self):
        self.assertEqual([row[2] for row in self.tables(table="p%s", types="TABLE")], ["persons", "pipelines", "products"])
        self.assertEqual([row[2] for row in self.tables(table="deal_")], ["deals"])
        self.assertEqual(self.tables(table="deal\\_"), [])
        self.assertEqual(self.connection.text(14), "\\")
        self.assertEqual({row[3] for row in self.tables(types="'SYSTEM TABLE'")}, {"SYSTEM TABLE"})
        self.assertEqual(self.tables("%", "", ""), [["pipedrive", None, None, None, None]])
        self.assertEqual([row[1] for row in self.tables("", "%", "")], sorted({row[1] for row in self.tables()}))
        self.assertEqual([row[3] for row in self.tables("", "", "", "%")], ["SYSTEM TABLE", "TABLE"])
        self.assertEqual(self.tables(schema="elsewhere"), [])

    def test_identifiers_match_without_case_and_are_no_patterns(self):
        self.statement.must("SQLSetStmtAttrW", 10014, 1, 0)
        self.statement.must("SQLTablesW", "PIPEDRIVE", NTS, "Crm", NTS, "DEALS", NTS, None, 0)
        self.assertEqual([row[2] for row in self.statement.rows()], ["deals"])
        self.statement.must("SQLCloseCursor")
        self.statement.must("SQLTablesW", "pipedrive", NTS, "crm", NTS, "deal%", NTS, None, 0)
        self.assertEqual(self.statement.rows(), [])


class Columns(Catalog):
    def test_a_column_is_described_as_sqldescribecol_does(self):
        for _, schema, table, *_ in self.tables():
            self.statement.prepare(f"SELECT * FROM {schema}.{table}")
            described = [self.statement.describe(number) for number in range(1, self.statement.width + 1)]
            listed = self.catalog("SQLColumnsW", "pipedrive", schema, table, None)
            found = [
                (row[3], int(row[4]), int(row[6]), int(row[8] or 0), int(row[10])) for row in listed
            ]
            self.assertEqual(found, described, table)
            self.assertEqual([int(row[16]) for row in listed], list(range(1, len(listed) + 1)))

    def test_numbers_are_small_as_the_reference_says(self):
        """Who binds them as SQL_C_DEFAULT has room for two bytes."""
        self.statement.must("SQLColumnsW", "pipedrive", NTS, "crm", NTS, "deals", NTS, "id", NTS)
        self.assertEqual([self.statement.describe(number)[1] for number in (5, 7, 17)], [SMALLINT, INTEGER, INTEGER])
        place = (ctypes.c_short * 2)(0, 4711)
        self.statement.must("SQLBindCol", 5, C_DEFAULT, place, 4, None)
        self.statement.must("SQLFetch")
        self.assertEqual(list(place), [BIGINT, 4711])

    def test_custom_fields_have_their_own_names(self):
        for table, path in CUSTOM.items():
            names = [row[3] for row in self.columns(table)]
            fields = [field for field in ask(f"{path}?limit=500")["data"] if field["is_custom_field"]]
            self.assertGreater(len(fields), 10 if table == "deals" else 0)
            remarks = " ".join(row[11] or "" for row in self.columns(table))
            for field in fields:
                label = field["field_name"]
                self.assertTrue(label in names or label in remarks, label)

    def test_columns_that_are_never_null_hold_none(self):
        self.assertEqual(self.connection.short(75), 1)
        for table in ("deals", "persons", "stages", "users"):
            needed = [row[3] for row in self.columns(table) if row[17] == "NO"]
            self.assertIn("id", needed)
            nulls = " OR ".join(f'"{name}" IS NULL' for name in needed)
            self.assertEqual(self.connection.query(f"SELECT COUNT(*) FROM {table} WHERE {nulls}"), [["0"]])

    def test_names_are_no_longer_than_is_told(self):
        longest = [self.connection.short(info) for info in (34, 32, 35, 30, 10005)]
        self.assertEqual(longest, [128] * 5)
        rows = self.catalog("SQLColumnsW", None, None, None, None)
        for position in (0, 1, 2, 3):
            self.assertLessEqual(max(len(row[position]) for row in rows), 128)

    def test_a_column_is_found_by_pattern(self):
        self.assertEqual([row[3] for row in self.columns("deals", "%\\_won\\_%")], ["local_won_date", "first_won_time"])
        self.assertEqual(self.columns("deals", "no such"), [])


class Keys(Catalog):
    def test_primary_keys_identify_rows(self):
        for table in ("activities", "deals", "deals_all", "organizations", "persons", "products", "stages", "users"):
            keys = self.catalog("SQLPrimaryKeysW", None, None, table)
            self.assertEqual([row[2:5] for row in keys], [[table, "id", "1"]])
            total, distinct = self.connection.query(f"SELECT COUNT(*), COUNT(DISTINCT id) FROM {table}")[0]
            self.assertEqual(total, distinct, table)

    def test_a_table_must_be_named(self):
        self.refused(self.statement, "HY009", "SQLPrimaryKeysW", None, 0, None, 0, None, 0)


class Indexes(Catalog):
    def test_the_key_is_a_unique_index(self):
        self.statement.must("SQLStatisticsW", None, 0, "crm", NTS, "deals", NTS, 0, 0)
        names = [self.statement.describe(number)[0] for number in range(1, self.statement.width + 1)]
        rows = [dict(zip(names, row)) for row in self.statement.rows()]
        self.assertEqual([row["TYPE"] for row in rows], ["0", "3"])
        self.assertEqual((rows[1]["NON_UNIQUE"], rows[1]["COLUMN_NAME"], rows[1]["ORDINAL_POSITION"]), ("0", "id", "1"))

    def test_the_key_names_a_row(self):
        for identifier, expected in [(1, ["id"]), (2, [])]:
            self.statement.must("SQLSpecialColumnsW", identifier, None, 0, None, 0, "deals", NTS, 2, 0)
            self.assertEqual([row[1] for row in self.statement.rows()], expected)
            self.statement.must("SQLCloseCursor")
        self.refused(self.statement, "HY009", "SQLSpecialColumnsW", 1, None, 0, None, 0, None, 0, 0, 0)


class Types(Catalog):
    def types(self, code=0):
        statement = self.connection.statement()
        self.addCleanup(statement.free)
        statement.must("SQLGetTypeInfoW", code)
        return statement.rows()

    def test_cast_takes_every_type_and_gives_it(self):
        seen = []
        for row in self.types():
            name, code = row[0], int(row[1])
            given = {"length": "(10)", "precision,scale": "(12,2)"}.get(row[5] or "", "")
            self.statement.prepare(f"SELECT CAST(NULL AS {name}{given}) AS x")
            seen.append((name, code, self.statement.describe(1)[1]))
        # The first row of a name is the type itself; CHAR and the like are synonyms of the type that is given.
        by_name = {}
        for name, code, found in seen:
            by_name.setdefault(name, (code, found))
        self.assertGreater(len(by_name), 7)
        for name in ("BIGINT", "INTEGER", "SMALLINT", "DECIMAL", "DOUBLE", "DATE", "TIME", "TIMESTAMP", "VARCHAR"):
            code, found = by_name[name]
            self.assertEqual(code, found, name)

    def test_types_ascend_and_one_may_be_asked_for(self):
        codes = [int(row[1]) for row in self.types()]
        self.assertEqual(codes, sorted(codes))
        self.assertEqual({row[1] for row in self.types(BIGINT)}, {"-5"})
        self.assertEqual(self.types(-2), [])
        self.refused(self.statement, "HY004", "SQLGetTypeInfoW", 4711)

    def test_every_type_of_a_column_is_listed(self):
        listed = {row[1] for row in self.types()}
        used = {row[4] for row in self.catalog("SQLColumnsW", None, None, None, None)}
        self.assertLessEqual(used, listed)


class Price(Catalog):
    def test_browsing_costs_nothing_once_definitions_are_known(self):
        self.catalog("SQLColumnsW", None, None, None, None)
        cost()
        self.tables()
        self.catalog("SQLColumnsW", None, None, None, None)
        self.catalog("SQLPrimaryKeysW", None, None, "deals")
        self.statement.must("SQLGetTypeInfoW", 0)
        self.statement.must("SQLCloseCursor")
        self.statement.must("SQLStatisticsW", None, 0, None, 0, "deals", NTS, 1, 0)
        self.assertEqual(cost(), (0, 0))

    def test_another_connection_reads_no_definitions_again(self):
        self.catalog("SQLColumnsW", None, None, None, None)
        cost()
        connection = Connection(self.environment, self.string)
        self.assertEqual(connection.query("SELECT * FROM deals WHERE 1 = 0"), [])
        connection.close()
        self.assertEqual(cost(), (0, 0))


class Version2(Catalog):
    """An ODBC 2 application: other names of columns, dates 9 to 11."""

    version = 2

    def test_names_and_codes(self):
        self.statement.must("SQLColumnsW", None, 0, None, 0, "deals", NTS, "add_time", NTS)
        names = [self.statement.describe(number)[0] for number in range(1, self.statement.width + 1)]
        self.assertEqual(names[:2] + names[6:9], ["TABLE_QUALIFIER", "TABLE_OWNER", "PRECISION", "LENGTH", "SCALE"])
        self.assertEqual([row[4] for row in self.statement.rows()], ["11"])


if __name__ == "__main__":
    unittest.main()
