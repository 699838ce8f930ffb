"""Connections come and go, and leave nothing behind. With the driver itself in the place of the manager its handles are
counted, too."""

import unittest

from host import *

EARLY, LATE = 5, 200
# Memory in kB that 195 rounds may add. An allocator with an arena for each thread keeps some MB more for a while; with a
# single one, 2 MB, ten kB for each round, shows whatever a round leaves behind.
MARGIN = 2 << 10 if os.environ.get("MALLOC_ARENA_MAX") == "1" else 16 << 10


def slot(handle):
    """The slot of a handle of the driver; an address under a manager."""
    return handle.value.value & 0xFFFFFFFF


class Rounds(Case):
    def test_200_connections_leave_nothing(self):
        self.everything = expected()
        for number in range(1, EARLY + 1):
            early_slots = self.round(number)
        early = Footprint.settled()
        for number in range(EARLY + 1, LATE + 1):
            late_slots = self.round(number)
        late = Footprint.settled(wanted=early)
        self.assertEqual(late.threads, early.threads)
        self.assertEqual(late.files, early.files)
        self.assertLess(late.kilobytes - early.kilobytes, MARGIN)
        if "pipedriveodbc" in MANAGER._name:
            self.assertEqual(late_slots, early_slots)

    def round(self, number):
        """Connects, reads some rows, leaves a cursor open, and goes."""
        environment = Environment()
        connection = Connection(environment, self.string)
        whole, open_cursor, prepared = (connection.statement() for _ in range(3))
        descriptor = Descriptor(connection)
        whole.execute("SELECT COUNT(*) FROM stages WHERE id > 0")
        self.assertEqual(len(whole.rows()), 1)
        open_cursor.execute(DEALS)
        self.assertEqual(int(open_cursor.row()[0]), self.everything[0][0])
        prepared.prepare("SELECT title FROM deals WHERE id = ?")
        self.refused(prepared, "42S02", "SQLExecDirectW", "SELECT * FROM nonsense", NTS)
        handles = [environment, connection, whole, open_cursor, prepared, descriptor]
        slots = [slot(handle) for handle in handles]
        if number % 2:
            for statement in (whole, open_cursor, prepared):
                self.assertEqual(statement.free(), SUCCESS)
            self.assertEqual(descriptor.free(), SUCCESS)
        connection.close()
        self.assertEqual(environment.free(), SUCCESS)
        return slots


class Ends(Case):
    def test_disconnecting_frees_statements_with_open_cursors(self):
        connection = Connection(self.environment, self.string)
        statements = [connection.statement() for _ in range(8)]
        for statement in statements:
            statement.execute(DEALS)
            statement.row()
        connection.must("SQLDisconnect")
        for statement in statements:
            self.assertEqual(statement.call("SQLFetch"), INVALID_HANDLE)
            self.assertEqual(statement.free(), INVALID_HANDLE)
        self.assertTrue(still())
        self.assertEqual(connection.free(), SUCCESS)
        self.assertEqual(len(all_rows(self.statement)), len(expected()))

    def test_parents_are_not_freed_before_their_children(self):
        environment = Environment()
        connection = Connection(environment, self.string)
        self.assertEqual(environment.free(), ERROR)
        self.assertEqual(environment.state, "HY010", diagnostics(environment))
        self.assertEqual(connection.free(), ERROR)
        self.assertEqual(connection.state, "HY010", diagnostics(connection))
        # Nothing was lost by trying.
        self.assertEqual(connection.query("SELECT 1"), [["1"]])
        connection.must("SQLDisconnect")
        self.assertEqual(environment.free(), ERROR)
        self.assertEqual(environment.state, "HY010", diagnostics(environment))
        self.assertEqual(connection.free(), SUCCESS)
        self.assertEqual(environment.free(), SUCCESS)
        self.assertEqual(environment.free(), INVALID_HANDLE)
        self.assertEqual(connection.free(), INVALID_HANDLE)


if __name__ == "__main__":
    unittest.main()
