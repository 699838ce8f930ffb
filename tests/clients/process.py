"""The host's process ends, forks, and unloads the driver, whatever is under way.

`python3 process.py exit HOW` is the process that ends: it scans in one thread and ends in the other.
"""

import _ctypes
import signal
import subprocess
import sys
import threading
import unittest

from host import *

STRAIGHT = "pipedriveodbc" in MANAGER._name
# A process ends within a second, a child has done its work within this time.
AT_ONCE, PATIENCE = 1.0, 30


def run_child(work):
    """Forks; the child runs `work` and ends. Its exit code here; None, and the child killed, when it hung."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


class Fork(Case):
    """A child has the parent's handles in its memory, and none of its threads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everything = expected()

    def tearDown(self):
        ask("/__faults", "DELETE")

    def inherited_is_refused(self, connection, statement):
        """What was opened before the fork is the parent's."""
        for function, arguments in (
            ("SQLFetch", ()),
            ("SQLNumResultCols", (integer(ctypes.c_short)[1],)),
            ("SQLCloseCursor", ()),
        ):
            self.assertEqual(statement.call(function, *arguments), ERROR, function)
            self.assertEqual(statement.state, "08S01", function)
        self.assertEqual(connection.call("SQLDisconnect"), ERROR)
        self.assertEqual(connection.state, "08S01")

    def anew(self):
        """A new environment does everything."""
        environment = Environment()
        connection = Connection(environment, self.string)
        statement = connection.statement()
        self.assertEqual(sorted(all_rows(statement)), self.everything)
        self.assertEqual(statement.free(), SUCCESS)
        connection.close()
        self.assertEqual(environment.free(), SUCCESS)

    def opened(self):
        connection = Connection(self.environment, self.string)
        statement = connection.statement()
        statement.execute(DEALS)
        return connection, statement, [tuple(statement.row())]

    def ended(self, connection, statement, rows):
        """The parent reads on as if nothing had happened."""
        rows += map(tuple, statement.rows())
        self.assertEqual(sorted((int(number), title) for number, title in rows), self.everything)
        connection.close()

    def test_the_child_first(self):
        connection, statement, rows = self.opened()

        def work():
            self.inherited_is_refused(connection, statement)
            self.anew()

        self.assertEqual(run_child(work), 0)
        self.ended(connection, statement, rows)

    def test_the_parent_first(self):
        connection, statement, rows = self.opened()
        reading, writing = os.pipe()

        def work():
            os.read(reading, 1)
            self.anew()
            self.inherited_is_refused(connection, statement)

        child = threading.Thread(target=lambda: codes.append(run_child(work)))
        codes = []
        child.start()
        time.sleep(0.3)
        self.ended(connection, statement, rows)
        os.write(writing, b"x")
        child.join()
        self.assertEqual(codes, [0])

    def test_a_child_that_only_ends_disturbs_nobody(self):
        connection, statement, rows = self.opened()
        for _ in range(5):
            self.assertEqual(run_child(lambda: None), 0)
            rows.append(tuple(statement.row()))
        self.ended(connection, statement, rows)

    def test_a_child_of_a_child(self):
        def work():
            self.anew()
            connection, statement, rows = Fork.opened_anew(self)
            self.assertEqual(run_child(lambda: (self.inherited_is_refused(connection, statement), self.anew())), 0)
            self.ended(connection, statement, rows)

        self.assertEqual(run_child(work), 0)

    def opened_anew(self):
        self.environment = Environment()
        return self.opened()

    def test_forks_among_sixteen_busy_threads(self):
        """Whatever the others are in the middle of: the child hangs nowhere. Straight on the driver: a manager has locks
        of its own, which it does not look after."""
        if not STRAIGHT:
            return
        stop, faults = threading.Event(), []

        def scan():
            try:
                while not stop.is_set():
                    connection = Connection(self.environment, self.string)
                    statement = connection.statement()
                    statement.execute(DEALS)
                    while not stop.is_set() and statement.call("SQLFetch") == SUCCESS:
                        pass
                    statement.free()
                    connection.close()
            except BaseException as fault:
                faults.append(fault)

        def spin(statement):
            place = integer(ctypes.c_size_t)[1]
            while not stop.is_set():
                statement.call("SQLGetStmtAttrW", 0, place, 0, None)

        connection, statement, rows = self.opened()
        spinning = [connection.statement() for _ in range(8)]
        threads = [threading.Thread(target=scan) for _ in range(8)]
        threads += [threading.Thread(target=spin, args=(one,)) for one in spinning]
        for thread in threads:
            thread.start()

        def work():
            self.assertEqual(statement.call("SQLFetch"), ERROR)
            environment = Environment()
            connection = Connection(environment, self.string)
            self.assertEqual(connection.query("SELECT COUNT(*) FROM stages WHERE id > 0"), self.stages)
            connection.close()

        self.stages = [[str(len(records("/api/v2/stages")))]]
        codes = [run_child(work) for _ in range(25)]
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(codes, [0] * len(codes))
        self.assertEqual(faults, [])
        self.ended(connection, statement, rows)

    def test_a_fork_while_a_fetch_waits(self):
        ask("/__faults", "POST", {"kind": "delay", "millis": 3_000, "on": "/api/v2/deals", "after": 1})
        connection, statement, _ = self.opened()
        found = []
        thread = threading.Thread(target=lambda: found.extend(statement.rows()))
        thread.start()
        time.sleep(1)

        def work():
            # The call that holds the statement goes on in the parent alone: nothing is waited for here.
            if STRAIGHT:
                self.assertEqual(statement.call("SQLFetch"), ERROR)
                self.assertEqual(statement.call("SQLCancel"), ERROR)
                self.assertEqual(statement.free(), SUCCESS)
                self.anew()

        self.assertEqual(run_child(work), 0)
        thread.join()
        self.assertEqual(len(found) + 1, len(self.everything))
        connection.close()


class Unload(Case):
    def test_the_driver_is_unloaded_and_loaded_again(self):
        if not STRAIGHT:
            return
        self.assertEqual(len(all_rows(self.statement)), len(expected()))
        threads = Footprint().threads
        path = MANAGER._name
        for _ in range(5):
            _ctypes.dlclose(MANAGER._handle)
            with open("/proc/self/maps") as maps:
                self.assertIn(os.path.realpath(path), maps.read(), "its threads would wake in unmapped code")
            MANAGER.__init__(path)
            environment = Environment()
            connection = Connection(environment, self.string)
            self.assertEqual(connection.query("SELECT 1"), [["1"]])
            connection.close()
            environment.free()
        self.assertEqual(Footprint().threads, threads)

    def test_a_manager_unloads_it_at_the_last_disconnect(self):
        environment = Environment()
        for _ in range(5):
            connection = Connection(environment, self.string)
            self.assertEqual(connection.query("SELECT 1"), [["1"]])
            connection.close()
        environment.free()


class Exit(Case):
    """The process ends with a scan running, with code 0 and within a second."""

    def tearDown(self):
        ask("/__faults", "DELETE")

    def check(self, command, environment=None):
        ask("/__faults", "POST", {"kind": "delay", "millis": 60_000, "on": "/api/v2/deals", "after": 1, "times": 50})
        child = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
        try:
            self.assertEqual(child.stdout.readline(), "ends\n")
            started = time.monotonic()
            self.assertEqual(child.wait(PATIENCE), 0)
            self.assertLess(time.monotonic() - started, AT_ONCE)
        finally:
            child.kill()
            child.stdout.close()
            ask("/__faults", "DELETE")

    def test_sys_exit(self):
        self.check([sys.executable, __file__, "exit", "sys.exit"])

    def test_os_exit(self):
        self.check([sys.executable, __file__, "exit", "os._exit"])

    def test_the_end_of_the_script(self):
        self.check([sys.executable, __file__, "exit", "return"])

    def test_a_return_from_main_in_c(self):
        program = os.environ["PIPEDRIVE_ODBC_EXIT"]
        self.check([program, self.string])


def ending(how):
    """Scans in another thread, and ends while that waits for a page."""
    connection = Connection(Environment(), os.environ["PIPEDRIVE_ODBC_CONNECTION"])
    statement = connection.statement()
    statement.execute(DEALS)
    statement.row()
    threading.Thread(target=statement.rows, daemon=True).start()
    while requests() < 2:
        time.sleep(0.05)
    time.sleep(0.3)
    print("ends", flush=True)
    if how == "sys.exit":
        sys.exit(0)
    if how == "os._exit":
        os._exit(0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["exit"]:
        ending(sys.argv[2])
    else:
        unittest.main()
