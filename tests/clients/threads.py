"""Many threads: a connection each, a statement each on one connection, all of them on one statement."""

import random
import threading
import unittest

from host import *

MANY = 16
IODBC = "iodbc" in MANAGER._name


def together(work, count=MANY):
    """Runs `work(number)` in threads that start as one, and gives what each of them found; raises what one raised."""
    barrier, found, faults = threading.Barrier(count), [None] * count, []

    def run(number):
        try:
            barrier.wait()
            found[number] = work(number)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if any(thread.is_alive() for thread in threads):
        raise AssertionError("threads wait for each other")
    if faults:
        raise faults[0]
    return found


class Threads(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everything = expected()

    def test_sixteen_threads_with_a_connection_each(self):
        def work(_):
            environment = Environment()
            connection = Connection(environment, self.string)
            statement = connection.statement()
            rows = sorted(all_rows(statement))
            statement.free()
            connection.close()
            environment.free()
            return rows

        for rows in together(work):
            self.assertEqual(rows, self.everything)

    def test_sixteen_connections_of_one_environment(self):
        environment = Environment()

        def work(_):
            connection = Connection(environment, self.string)
            rows = sorted(all_rows(connection.statement()))
            connection.close()
            return rows

        for rows in together(work):
            self.assertEqual(rows, self.everything)
        self.assertEqual(environment.free(), SUCCESS)

    def test_sixteen_threads_with_a_statement_each(self):
        connection = Connection(self.environment, self.string)

        def work(number):
            statement = connection.statement()
            rows = sorted(all_rows(statement, size=number + 1))
            statement.free()
            return rows

        for rows in together(work):
            self.assertEqual(rows, self.everything)
        connection.close()

    def test_one_statement_gives_each_row_to_one_of_its_threads(self):
        self.statement.execute(DEALS)

        def work(_):
            count = 0
            while (code := self.statement.call("SQLFetch")) != NO_DATA:
                # iODBC lets one call in and refuses the others itself; its records may be those of another thread's call.
                self.assertTrue(code in (SUCCESS, SUCCESS_WITH_INFO) or (IODBC and code == ERROR), code)
                count += code != ERROR
            return count

        self.assertEqual(sum(together(work, 4)), len(self.everything))

    # What a call may be told that comes while the other thread has left the statement in any state.
    STATES = {"", "HY010", "24000", "HY008", "07005", "07009"} | ({"S1010"} if IODBC else set())

    def test_one_statement_used_without_any_order(self):
        values = {str(number) for number, _ in self.everything}

        def work(number):
            dice = random.Random(number)
            for _ in range(150):
                step = dice.choice(["execute", "fetch", "fetch", "get", "get", "close", "cancel", "describe", "records"])
                value, place = Text(64, ctypes.c_ssize_t), None
                count, place = integer(ctypes.c_short)
                code = {
                    "execute": lambda: self.statement.call("SQLExecDirectW", "SELECT id FROM deals", NTS),
                    "fetch": lambda: self.statement.call("SQLFetch"),
                    "get": lambda: self.statement.call(
                        "SQLGetData", 1, C_WCHAR, value.buffer, value.bytes, value.reference
                    ),
                    "close": lambda: self.statement.call("SQLFreeStmt", 0),
                    "cancel": lambda: self.statement.call("SQLCancel"),
                    "describe": lambda: self.statement.call("SQLNumResultCols", place),
                    "records": lambda: len(diagnostics(self.statement)) * 0,
                }[step]()
                self.assertIn(code, (SUCCESS, SUCCESS_WITH_INFO, NO_DATA, ERROR), step)
                if step == "get" and code == SUCCESS:
                    self.assertIn(value.value, values)
                if code == ERROR:
                    self.assertLessEqual({state for state, _ in diagnostics(self.statement)}, self.STATES, step)

        together(work, 2)
        self.statement.call("SQLFreeStmt", 0)
        self.statement.must("SQLFreeStmt", 0)
        self.assertEqual(sorted(all_rows(self.statement)), self.everything)

    def test_freeing_a_statement_ends_what_waits_for_it(self):
        """Through the driver alone: a manager does not pass such calls on."""
        if "pipedriveodbc" not in MANAGER._name:
            return
        ask("/__faults", "POST", {"kind": "delay", "millis": 20_000, "on": "/api/v2/dealFields", "times": 50})
        connection = Connection(self.environment, self.string + ";MetadataMaxAge=0")
        statement = connection.statement()
        codes = []
        # The first one waits for definitions, the others for their turn, each of which would wait as long.
        run = lambda: codes.append(statement.call("SQLExecDirectW", DEALS, NTS))
        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.7)
        started = time.monotonic()
        self.assertEqual(statement.free(), SUCCESS)
        for thread in threads:
            thread.join(10)
        self.assertLess(time.monotonic() - started, 1)
        ask("/__faults", "DELETE")
        self.assertEqual(len(codes), 4)
        self.assertLessEqual(set(codes), {ERROR, INVALID_HANDLE})
        self.assertEqual(statement.call("SQLFetch"), INVALID_HANDLE)
        self.assertTrue(still())
        connection.close()

    def test_disconnecting_ends_what_runs(self):
        if "pipedriveodbc" not in MANAGER._name:
            return
        ask("/__faults", "POST", {"kind": "delay", "millis": 20_000, "on": "/api/v2/deals", "times": 50})
        connection = Connection(self.environment, self.string)
        statements = [connection.statement() for _ in range(4)]
        for statement in statements:
            statement.execute(DEALS)
        codes = []
        fetch = lambda statement: codes.append(statement.call("SQLFetch"))
        threads = [threading.Thread(target=fetch, args=(statement,)) for statement in statements]
        for thread in threads:
            thread.start()
        time.sleep(0.7)
        started = time.monotonic()
        connection.must("SQLDisconnect")
        self.assertLess(time.monotonic() - started, 1)
        for thread in threads:
            thread.join(10)
        ask("/__faults", "DELETE")
        self.assertEqual(codes, [ERROR] * 4)
        self.assertTrue(still())
        self.assertEqual(connection.free(), SUCCESS)


if __name__ == "__main__":
    unittest.main()
