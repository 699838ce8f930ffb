"""The log of a connection, as C programs meet it: what each call leaves there, and what a refused file tells.

PIPEDRIVE_LOGS names a folder for the files.
"""

import ctypes
import os
import resource
import signal

from odbc import *

LOGS = os.environ["PIPEDRIVE_LOGS"]


class Log(Case):
    def path(self, name):
        return os.path.join(LOGS, f"{self.id()}-{name}.log")

    def open(self, path, more=""):
        connection = Connection(self.environment, f"{self.string}LogFile={path};{more}")
        self.addCleanup(connection.free)
        return connection

    def lines(self, path):
        """The lines, each as (connection, verbosity, text)."""
        with open(path, encoding="utf-8") as file:
            return [tuple(line.rstrip("\n").split(" ", 4)[2:]) for line in file.readlines()[1:]]

    def refused(self, path, part):
        """Connecting works, and warns that there is no log."""
        connection = self.open(path)
        self.assertEqual(connection.connected, SUCCESS_WITH_INFO)
        ((state, message),) = diagnostics(connection)
        self.assertEqual(state, "01000")
        self.assertIn("no log is written", message)
        self.assertIn(part, message)
        self.assertEqual(connection.query("SELECT 1"), [["1"]])
        connection.must("SQLDisconnect")

    def test_a_foreign_file_is_left_alone(self):
        path = self.path("foreign")
        with open(path, "wb") as file:
            file.write(b"id,name\r\n1,Acme\xff")
        before = os.stat(path)
        self.refused(path, "something else")
        after = os.stat(path)
        self.assertEqual((before.st_mtime_ns, before.st_ino, before.st_mode), (after.st_mtime_ns, after.st_ino, after.st_mode))
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"id,name\r\n1,Acme\xff")

    def test_a_pipe_does_not_hang(self):
        path = self.path("pipe")
        os.mkfifo(path)
        signal.alarm(30)
        self.refused(path, "no ordinary file")
        signal.alarm(0)

    def test_what_is_no_place_for_a_log(self):
        folder, device, startup = self.path("folder"), self.path("device"), os.path.join(LOGS, ".bash_profile")
        os.mkdir(folder)
        os.symlink("/dev/null", device)
        refused = [("relative.log", "absolute"), (startup, ".log or .txt")]
        refused += [(path, "no ordinary file") for path in (folder, device)]
        for path, part in refused:
            self.refused(path, part)
        self.assertFalse(os.path.exists(startup))

    def test_each_call_is_in_the_log_with_kind_code_and_states(self):
        path = self.path("calls")
        connection = self.open(path, "Verbosity=4;")
        statement = connection.statement()
        self.assertEqual(statement.call("SQLExecDirectW", "SELECT * FROM dels", NTS), ERROR)
        self.assertEqual(statement.call("SQLFetch"), ERROR)
        statement.must("SQLPrepareW", "SELECT id FROM stages WHERE id = 1", NTS)
        statement.must("SQLExecute")
        statement.must("SQLFetch")
        self.assertEqual(statement.call("SQLFetch"), NO_DATA)
        descriptor, place = integer(ctypes.c_void_p, None)
        statement.must("SQLGetStmtAttrW", 10010, place, 0, None)
        count, place = integer(ctypes.c_short)
        self.assertEqual(MANAGER.SQLGetDescFieldW(descriptor, 0, 1001, place, 0, None), SUCCESS)
        statement.free()
        connection.must("SQLDisconnect")
        texts = [text for _, _, text in self.lines(path)]
        calls = [text.rsplit(",", 1)[0] for text in texts if " on a " in text]
        for call in (
            "SQLExecDirectW on a statement: SQL_ERROR [42S02]",
            "SQLPrepareW on a statement: SQL_SUCCESS",
            "SQLExecute on a statement: SQL_SUCCESS",
            "SQLFetch on a statement: SQL_SUCCESS",
            "SQLFetch on a statement: SQL_NO_DATA",
            "SQLGetDescFieldW on a descriptor: SQL_SUCCESS",
            "SQLDisconnect on a connection: SQL_SUCCESS",
        ):
            self.assertIn(call, calls)
        self.assertTrue(any("SQLDriverConnectW on a connection: SQL_SUCCESS" in text for text in texts), texts)
        self.assertTrue(any(text.startswith("SQLExecDirectW failed, 42S02: ") for text in texts), texts)
        self.assertIn("unixODBC", texts[0])

    def test_a_refused_token_is_in_the_log_and_the_token_is_not(self):
        path, wrong = self.path("refused"), "0ff1ce0ff1ce0ff1ce0ff1ce"
        connection = Connection(self.environment, None)
        self.addCleanup(connection.free)
        string = self.string.replace(os.environ["PIPEDRIVE_TOKEN"], wrong)
        code = connection.call("SQLDriverConnectW", None, f"{string}LogFile={path};Verbosity=5;", NTS, None, 0, None, 0)
        self.assertEqual(code, ERROR)
        texts = [text for _, _, text in self.lines(path)]
        self.assertTrue(any(text.startswith("SQLDriverConnectW failed, 28000: ") for text in texts), texts)
        self.assertNotIn(wrong, "".join(texts))

    def test_wrong_properties_are_in_the_log(self):
        path = self.path("wrong")
        connection = Connection(self.environment, None)
        self.addCleanup(connection.free)
        string = f"{self.string}LogFile={path};PageSize=0;"
        self.assertEqual(connection.call("SQLDriverConnectW", None, string, NTS, None, 0, None, 0), ERROR)
        texts = [text for _, _, text in self.lines(path)]
        self.assertTrue(any("PageSize" in text and "failed" in text for text in texts[1:]), texts)
        string = f"{self.string}LogFile={path};Verbosity=6;"
        self.assertEqual(connection.call("SQLDriverConnectW", None, string, NTS, None, 0, None, 0), ERROR)
        self.assertIn("1 to 5", diagnostics(connection)[0][1])

    def test_a_full_disk_fails_no_statement(self):
        path = self.path("full")
        connection = self.open(path, "Verbosity=4;StateLocation=memory;")
        # Python ignores the signal that comes with it.
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(path) + 20, limits[1]))
        try:
            for _ in range(20):
                self.assertEqual(connection.query("SELECT 1"), [["1"]])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        self.assertEqual(connection.query("SELECT 2"), [["2"]])
        connection.must("SQLDisconnect")
        with open(path, encoding="utf-8") as file:
            last = file.readlines()[-1]
        self.assertIn("SQLDisconnect on a connection: SQL_SUCCESS", last)


if __name__ == "__main__":
    unittest.main()
