"""One process with both managers: each one gets text as it takes it."""

import importlib
import os
import sys
import threading
import unittest


def client(manager, unit):
    """The functions of `host.py`, on this manager."""
    os.environ["PIPEDRIVE_ODBC_MANAGER"], os.environ["PIPEDRIVE_ODBC_UNIT"] = manager, unit
    for name in ("host", "odbc"):
        sys.modules.pop(name, None)
    return importlib.import_module("host")


UNIX, IODBC = client("libodbc.so.2", "2"), client("libiodbc.so.2", "4")
LETTERS = "aé€日\U0001f600"


class Both(unittest.TestCase):
    def setUp(self):
        self.string = os.environ["PIPEDRIVE_ODBC_CONNECTION"]

    def opened(self, client):
        environment = client.Environment()
        return environment, client.Connection(environment, self.string)

    def test_each_has_its_own_width(self):
        for order in ((UNIX, IODBC), (IODBC, UNIX)):
            pairs = [self.opened(client) for client in order]
            for _ in range(3):
                for _, connection in pairs:
                    self.assertEqual(connection.query(f"SELECT '{LETTERS}'"), [[LETTERS]])
            for environment, connection in pairs:
                connection.close()
                self.assertEqual(environment.free(), 0)

    def test_at_one_time(self):
        everything, found = UNIX.expected(), {}

        def read(name, client):
            environment, connection = self.opened(client)
            found[name] = sorted(client.all_rows(connection.statement()))
            connection.close()
            environment.free()

        clients = [(f"{client.ENCODING} {number}", client) for client in (UNIX, IODBC) for number in range(4)]
        threads = [threading.Thread(target=read, args=pair) for pair in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, {name: everything for name, _ in clients})


if __name__ == "__main__":
    unittest.main()
