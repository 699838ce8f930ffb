"""Connections come and go, and leave nothing behind. With the driver itself in the place of the manager its handles are
counted, too."""

import os
import signal
import unittest

from host import *

STRAIGHT = "pipedriveodbc" in MANAGER._name
EARLY, LATE = 5, 200
# Memory in kB that 195 rounds may add. An allocator with an arena for each thread keeps some MB more for a while; with a
# single one, 2 MB, ten kB for each round, shows whatever a round leaves behind.
MARGIN = 2 << 10 if os.environ.get("MALLOC_ARENA_MAX") == "1" else 16 << 10


def slot(handle):
    """The slot of a handle of the driver; an address under a manager."""
    return handle.value.value & 0xFFFFFFFF


class Rounds(Case):
    """Without a connection besides: its pool would keep what the rounds leave in it for a while, as it should."""

    @classmethod
    def setUpClass(cls):
        cls.string = os.environ["PIPEDRIVE_ODBC_CONNECTION"]

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        pass

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
        if STRAIGHT:
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


class Signals(Case):
    """They are the host's: none comes to a thread of the driver."""

    # Those of a thread's own faults, and those that nobody can hold back; 32 and 33 are the C library's.
    OTHERS = {signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGSYS, signal.SIGTRAP}
    OTHERS |= {signal.SIGKILL, signal.SIGSTOP, 32, 33}

    def test_the_driver_s_threads_get_none(self):
        self.assertEqual(len(all_rows(self.statement)), len(expected()))
        threads = {}
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/status") as status:
                lines = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
            threads[int(thread)] = lines["Name"], int(lines["SigBlk"], 16)
        ours = [mask for name, mask in threads.values() if name == "pipedrive-odbc"]
        self.assertGreater(len(ours), 1, threads)
        for mask in ours:
            left = {number for number in range(1, 65) if not mask >> (number - 1) & 1}
            self.assertLessEqual(left, self.OTHERS)
        self.assertEqual(threads[os.getpid()][1], 0, "the host's own thread still gets them")


class Ends(Case):
    def test_disconnecting_frees_statements_with_open_cursors(self):
        connection = Connection(self.environment, self.string)
        statements = [connection.statement() for _ in range(8)]
        for statement in statements:
            statement.execute(DEALS)
            statement.row()
        connection.must("SQLDisconnect")
        # A manager may crash over a handle that it has freed; the driver may not.
        for statement in statements if STRAIGHT else []:
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
        if STRAIGHT:
            self.assertEqual(environment.free(), INVALID_HANDLE)
            self.assertEqual(connection.free(), INVALID_HANDLE)


if __name__ == "__main__":
    unittest.main()
