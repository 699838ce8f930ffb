"""What a host process can see of a driver: its threads, files, sockets and memory; and rows, read as a host reads them.

- `Footprint`: what the process has at one moment; `settled` waits for what ends by itself
- `Block`: rows bound in blocks; `all_rows` reads a statement's rows so
- `expected`: the deals of the sandbox, by id
- `still`: whether requests go on
"""

import ctypes
import os
import time

from odbc import *

DEALS = "SELECT id, title FROM deals"


def expected():
    """Id and title of the deals that are not in the archive, by id."""
    return sorted((deal["id"], deal["title"]) for deal in records("/api/v2/deals"))


class Footprint:
    """Threads, open files and memory of this process."""

    def __init__(self):
        self.threads = len(os.listdir("/proc/self/task"))
        self.files = sorted(filter(None, map(self._target, os.listdir("/proc/self/fd"))))
        self.kilobytes = self._resident()

    @staticmethod
    def _target(number):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:  # the one that listed the folder
            return None
        # Sockets and the like are told apart by numbers that do not matter.
        return target.split(":")[0] + ":" if ":[" in target else target

    @staticmethod
    def _resident():
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmRSS:"))
        return int(line.split()[1])

    @property
    def sockets(self):
        return self.files.count("socket:")

    @classmethod
    def settled(cls, wanted=None, patience=10):
        """What there is once nothing changes any more; `wanted` is waited for."""
        end = time.monotonic() + patience
        before = cls()
        while time.monotonic() < end:
            time.sleep(0.3)
            now = cls()
            same = (now.threads, now.files) == (before.threads, before.files)
            if same and (wanted is None or (now.threads, now.files) == (wanted.threads, wanted.files)):
                return now
            before = now
        return before


class Block:
    """Id and title of a block of rows, bound to a statement."""

    WIDTH = 260

    def __init__(self, statement, size=64):
        self.statement, self.size = statement, size
        self.fetched = ctypes.c_size_t(0)
        self.ids, self.id_lengths = (ctypes.c_int64 * size)(), (ctypes.c_ssize_t * size)()
        self.titles = ctypes.create_string_buffer(UNIT * self.WIDTH * size)
        self.lengths = (ctypes.c_ssize_t * size)()
        statement.must("SQLSetStmtAttrW", 27, size, 0)
        statement.must("SQLSetStmtAttrW", 26, ctypes.byref(self.fetched), 0)
        statement.must("SQLBindCol", 1, C_SBIGINT, self.ids, 8, self.id_lengths)
        statement.must("SQLBindCol", 2, C_WCHAR, self.titles, UNIT * self.WIDTH, self.lengths)

    def rows(self):
        """The rows of the last fetch."""
        width = UNIT * self.WIDTH
        raw = self.titles.raw
        texts = (raw[row * width : row * width + self.lengths[row]] for row in range(self.fetched.value))
        return [(self.ids[row], text.decode(ENCODING)) for row, text in enumerate(texts)]


def all_rows(statement, sql=DEALS, size=64):
    """All rows of a statement of two columns."""
    statement.execute(sql)
    block, rows = Block(statement, size), []
    while True:
        code = statement.call("SQLFetch")
        if code == NO_DATA:
            break
        if code not in (SUCCESS, SUCCESS_WITH_INFO):
            raise AssertionError(f"SQLFetch: {code} {diagnostics(statement)}")
        rows += block.rows()
    statement.must("SQLFreeStmt", 0)
    return rows


def requests():
    """Requests that the sandbox has got."""
    return ask("/__stats")["requests"]


def still(seconds=1.0):
    """Whether no request comes for a while."""
    before = requests()
    time.sleep(seconds)
    return requests() == before
