"""SQLCancel and SQL_ATTR_QUERY_TIMEOUT, at every point that a statement can be at: the call ends within a second, no
request goes on, and the statement is as good as new."""

import threading
import unittest

from host import *

QUERY_TIMEOUT = 0
# Seconds after which another thread cancels, and the time-out.
SOON, TIMEOUT = 0.6, 1
# A call must end within a second of either.
AT_ONCE = 1.0
# Longer than any test waits.
LONG = 60_000
FIELDS, LIST = "/api/v2/dealFields", "/api/v2/deals"

CANCELLED, TIMED_OUT = "HY008", "HYT00"


def arm(kind, on=LIST, **more):
    ask("/__faults", "POST", {"kind": kind, "on": on, "times": 50, **more})


class Interrupted:
    """A statement that was run until it failed; `after` are the seconds from when it should have stopped. A cancel comes
    some time into the call that follows so many rows."""

    def __init__(self, statement, sql, way, rows=0):
        self.statement, self.cancelled = statement, None
        if way == TIMED_OUT:
            statement.must("SQLSetStmtAttrW", QUERY_TIMEOUT, TIMEOUT, 0)
        timer = threading.Timer(SOON, self.cancel)
        self.rows = 0
        if way == CANCELLED and not rows:
            timer.start()
        code = self.timed("SQLExecDirectW", sql, NTS)
        while code in (SUCCESS, SUCCESS_WITH_INFO):
            if way == CANCELLED and rows and rows == self.rows:
                timer.start()
            code = self.timed("SQLFetch")
            self.rows += code in (SUCCESS, SUCCESS_WITH_INFO)
        timer.cancel()
        self.code, self.records = code, diagnostics(statement)
        due = self.cancelled if way == CANCELLED else self.started + TIMEOUT
        self.after = self.ended - due if due else None

    def cancel(self):
        self.cancelled = time.monotonic()
        self.statement.must("SQLCancel")

    def timed(self, function, *arguments):
        self.started = time.monotonic()
        code = self.statement.call(function, *arguments)
        self.ended = time.monotonic()
        return code


class Moments(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everything = expected()
        # Definitions are known, unless a test asks for them.
        cls.connection.query(f"{DEALS} WHERE 1 = 0")

    def tearDown(self):
        ask("/__faults", "DELETE")

    def check(self, prepare, sql=DEALS, rows=0, statement=None):
        """Interrupts a statement in both ways, each after `prepare` has set the trap."""
        for way in (CANCELLED, TIMED_OUT):
            with self.subTest(way):
                prepare()
                statement = statement or self.statement
                found = Interrupted(statement, sql, way, rows)
                self.assertEqual(found.code, ERROR, way)
                self.assertEqual(found.records[0][0], way, found.records)
                self.assertEqual(found.rows, rows)
                self.assertLess(found.after, AT_ONCE)
                self.assertGreater(found.after, -0.1)
                self.assertTrue(still(), "requests go on")
                ask("/__faults", "DELETE")
                self.usable(statement)

    def usable(self, statement):
        statement.must("SQLFreeStmt", 0)
        statement.must("SQLSetStmtAttrW", QUERY_TIMEOUT, 0, 0)
        statement.must("SQLFreeStmt", 2)
        self.assertEqual(sorted(all_rows(statement)), self.everything)
        statement.must("SQLSetStmtAttrW", 27, 1, 0)
        statement.must("SQLFreeStmt", 2)

    def test_while_a_deep_statement_is_planned(self):
        before = requests()
        self.check(lambda: None, DEEP)
        # Never asked for a row of it: only the rows afterwards were.
        pages = len(self.everything) // 500 + 1
        self.assertLessEqual(requests() - before, 2 * (pages + 1))

    def test_while_planning_waits_for_definitions(self):
        other = Connection(self.environment, self.string + ";MetadataMaxAge=0")
        statement = other.statement()
        self.check(lambda: arm("delay", FIELDS, millis=LONG), statement=statement)
        statement.free()
        other.close()

    def test_while_a_catalog_function_waits_for_definitions(self):
        other = Connection(self.environment, self.string + ";MetadataMaxAge=0")
        statement = other.statement()
        for way in (CANCELLED, TIMED_OUT):
            arm("delay", FIELDS, millis=LONG)
            statement.must("SQLSetStmtAttrW", QUERY_TIMEOUT, TIMEOUT if way == TIMED_OUT else 0, 0)
            timer = threading.Timer(SOON, lambda: statement.must("SQLCancel"))
            if way == CANCELLED:
                timer.start()
            started = time.monotonic()
            code = statement.call("SQLColumnsW", None, 0, None, 0, "deals", NTS, None, 0)
            self.assertEqual((code, statement.state), (ERROR, way))
            self.assertLess(time.monotonic() - started, (SOON if way == CANCELLED else TIMEOUT) + AT_ONCE)
            self.assertTrue(still())
            ask("/__faults", "DELETE")
            statement.must("SQLSetStmtAttrW", QUERY_TIMEOUT, 0, 0)
            statement.must("SQLColumnsW", None, 0, None, 0, "deals", NTS, "title", NTS)
            self.assertEqual(len(statement.rows()), 1)
            statement.must("SQLFreeStmt", 0)
        statement.free()
        other.close()

    def test_before_the_first_byte(self):
        self.check(lambda: arm("delay", millis=LONG))

    def test_in_the_middle_of_a_page(self):
        self.check(lambda: arm("slow_bytes", millis=2_000))

    def test_while_the_second_page_is_awaited(self):
        self.check(lambda: arm("delay", millis=LONG, after=1), rows=500)

    def test_in_the_middle_of_the_second_page(self):
        self.check(lambda: arm("slow_bytes", millis=2_000, after=1), rows=500)

    def test_while_a_refused_request_waits_for_its_next_try(self):
        self.check(lambda: arm("status", status=503))

    def test_while_the_burst_window_is_waited_for(self):
        self.check(lambda: arm("burst429"))

    def test_between_calls_a_cancel_changes_nothing(self):
        """No call runs while the application looks at its rows. unixODBC itself takes the cursor for closed then."""
        self.statement.execute(DEALS)
        if "pipedriveodbc" not in MANAGER._name:
            self.statement.row()
            self.statement.must("SQLCancel")
            self.assertIn(self.statement.call("SQLFetch"), (SUCCESS, ERROR))
            return self.usable(self.statement)
        block, rows = Block(self.statement, 100), []
        while (code := self.statement.call("SQLFetch")) != NO_DATA:
            self.assertEqual(code, SUCCESS, diagnostics(self.statement))
            rows += block.rows()
            canceller = threading.Thread(target=lambda: self.statement.must("SQLCancel"))
            canceller.start()
            canceller.join()
        self.assertEqual(sorted(rows), self.everything)

    def test_a_timeout_is_that_of_each_call(self):
        """A thread that fetches slowly is not cut off."""
        self.statement.must("SQLSetStmtAttrW", QUERY_TIMEOUT, TIMEOUT, 0)
        self.statement.execute(DEALS)
        block, rows = Block(self.statement, 400), []
        while (code := self.statement.call("SQLFetch")) != NO_DATA:
            self.assertEqual(code, SUCCESS, diagnostics(self.statement))
            rows += block.rows()
            time.sleep(0.5)
        self.assertEqual(sorted(rows), self.everything)

    def test_again_and_again(self):
        """At any moment of a statement without faults, from before its planning to after its end. One that comes between
        two calls closes the cursor for a manager, which refuses the next call itself."""
        outcomes = set()
        for step in range(60):
            statement = self.connection.statement()
            timer = threading.Timer(step * 0.005, lambda: statement.call("SQLCancel"))
            timer.start()
            try:
                rows = all_rows(statement)
                self.assertEqual(sorted(rows), self.everything)
                outcomes.add("whole")
            except AssertionError as fault:
                self.assertRegex(str(fault), rf"{CANCELLED}|\[Driver Manager\]Function sequence error")
                outcomes.add("cancelled" if CANCELLED in str(fault) else "between two calls")
            timer.join()
            statement.must("SQLFreeStmt", 0)
            self.assertEqual(len(self.connection.query("SELECT id FROM stages WHERE id = 1")), 1)
            statement.free()
        self.assertIn("cancelled", outcomes)
        self.assertTrue(still())


class Busy(Case):
    """Where two requests go in two seconds, and another connection has them."""

    def test_while_another_connection_uses_up_the_window(self):
        self.connection.query(f"{DEALS} WHERE 1 = 0")
        everything = None
        for way in (CANCELLED, TIMED_OUT):
            ask("/__stats/reset", "POST")
            other = Connection(self.environment, self.string)
            reader = other.statement()
            thread = threading.Thread(target=lambda: reader.call("SQLExecDirectW", "SELECT COUNT(*) FROM activities", NTS) == SUCCESS and reader.call("SQLFetch"))
            thread.start()
            while requests() < 2:
                time.sleep(0.02)
            found = Interrupted(self.statement, DEALS, way)
            self.assertEqual((found.code, found.records[0][0]), (ERROR, way), found.records)
            self.assertNotIn(LIST, ask("/__stats")["by_path"], "it was not the limiter that was waited for")
            self.assertLess(found.after, AT_ONCE)
            reader.call("SQLCancel")
            thread.join(5)
            self.assertFalse(thread.is_alive())
            self.assertTrue(still(3))
            self.statement.must("SQLFreeStmt", 0)
            self.statement.must("SQLSetStmtAttrW", QUERY_TIMEOUT, 0, 0)
            everything = everything or expected()
            self.assertEqual(sorted(all_rows(self.statement)), everything)
            self.statement.must("SQLSetStmtAttrW", 27, 1, 0)
            self.statement.must("SQLFreeStmt", 2)
            other.close()


class Renewal(Case):
    """A sign-in by OAuth whose access token has expired."""

    def tearDown(self):
        ask("/__faults", "DELETE")

    def test_while_the_token_is_renewed(self):
        everything = sorted(all_rows(self.statement))
        self.assertGreater(len(everything), 500)
        for round, way in enumerate((CANCELLED, TIMED_OUT), 1):
            self.statement.must("SQLSetStmtAttrW", 27, 1, 0)
            self.statement.must("SQLFreeStmt", 2)
            arm("delay", "/oauth/token", millis=3_000)
            ask("/__oauth/expire", "POST")
            found = Interrupted(self.statement, DEALS, way)
            self.assertEqual((found.code, found.records[0][0]), (ERROR, way), found.records)
            self.assertLess(found.after, AT_ONCE)
            ask("/__faults", "DELETE")
            self.statement.must("SQLFreeStmt", 0)
            self.statement.must("SQLSetStmtAttrW", QUERY_TIMEOUT, 0, 0)
            # The exchange that was under way came to its end, or its refresh token would be lost.
            self.assertEqual(sorted(all_rows(self.statement)), everything)
            self.assertEqual(ask("/__oauth")["refreshes"], round)


DEEP = "SELECT COUNT(*) FROM " + " JOIN ".join(
    f"deals d{n}" + (f" ON d{n}.id = d{n - 1}.id AND d{n}.title || 'x' > d{n - 1}.title" if n else "") for n in range(64)
)

if __name__ == "__main__":
    unittest.main()
