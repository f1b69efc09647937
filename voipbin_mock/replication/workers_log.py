"""The same log, in a file of SQLite that several processes of one machine write: the workers of one server.

What must be one after the other is so by a lock of the operating system, which a process that is killed lets go of.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from voipbin_mock.replication.log import Behind, Entry
from voipbin_mock.replication.sqlite_log import SqliteLog, _Going, summed
from voipbin_mock.world.clock import machine

BETWEEN = 0.01  # seconds between two looks at what others wrote
HOLDS = 5_000_000  # microseconds for which what a process told of itself holds
_BUSY = 5.0  # seconds: only as long as another's transaction


class WorkersLog(SqliteLog):
    """One worker's. Raises Unusable."""

    is_shared = True

    def __init__(self, path: str) -> None:
        self._stopping = threading.Event()
        self._looks = threading.Lock()  # of whoever waits, at what others wrote
        self._order = os.open(f"{path}-order", os.O_RDWR | os.O_CREAT, 0o600)
        self._leader = os.open(f"{path}-leader", os.O_RDWR | os.O_CREAT, 0o600)
        super().__init__(path)
        self._watching = self._connected()

    def _is_new(self) -> bool:
        return True  # it is theirs alone: whoever is first makes it

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None, check_same_thread=False)

    def _open(self, is_new: bool) -> None:
        with self._alone():
            # Others may have made it since it was looked at.
            self._prepare(is_new and not self._connection.execute("PRAGMA application_id").fetchone()[0])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        fcntl.flock(self._order, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._order, fcntl.LOCK_UN)

    def append(self, payload: bytes, after: int) -> Sequence[Entry]:
        with self._lock, self._alone(), _Going():
            run = self._connection.execute
            run("BEGIN IMMEDIATE")
            try:
                position, moment = self._newest()
                before = self._after(after) if after < position else []
                if after < position and (not before or before[0].position != after + 1):
                    raise Behind
                entry = Entry(position + 1, max(moment, machine()), payload)
                run("INSERT INTO entries VALUES (?, ?, ?, ?)", (*entry, summed(*entry)))
                run("COMMIT")
            except BaseException:
                run("ROLLBACK")
                raise
            self._position = entry.position
        return [*before, entry]

    def end(self) -> int:
        with self._lock, _Going():
            self._position = self._newest()[0]
        return self._position

    def wait(self, after: int, seconds: float) -> bool:
        for _ in range(max(1, int(seconds / BETWEEN))):
            # It must not be closed while it is asked.
            with self._looks, suppress(sqlite3.Error):
                found = self._watching.execute("SELECT max(position) FROM entries").fetchone()[0]
                if found is not None and found > after:
                    return True
            if self._stopping.wait(BETWEEN):
                break
        return False

    def lead(self) -> bool:
        try:
            fcntl.flock(self._leader, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def tell(self, facts: Mapping[str, Any]) -> None:
        with self._lock, self._alone(), _Going():
            run = self._connection.execute
            run("INSERT OR REPLACE INTO replicas VALUES (?, ?, ?)", (facts["id"], machine(), json.dumps(dict(facts))))
            run("DELETE FROM replicas WHERE told < ?", (machine() - HOLDS,))
        self._told = dict(facts)

    def replicas(self) -> Sequence[Mapping[str, Any]]:
        with self._lock, _Going():
            rows = self._connection.execute("SELECT facts FROM replicas WHERE told >= ?", (machine() - HOLDS,))
            return [json.loads(row[0]) for row in rows]

    def close(self) -> None:
        self._stopping.set()
        with suppress(sqlite3.Error, OSError):
            if self._told:
                with self._lock, self._alone():
                    self._connection.execute("DELETE FROM replicas WHERE name = ?", (self._told["id"],))
                self._told = {}
        with suppress(OSError), self._alone():  # of those who close it at the same time, none would tidy it up
            with self._looks, suppress(sqlite3.Error):
                self._watching.close()
            super().close()
        for descriptor in (self._order, self._leader):
            with suppress(OSError):
                os.close(descriptor)
