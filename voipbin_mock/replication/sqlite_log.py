"""The log in a file of SQLite: for one machine. What was answered outlives the process, however that ends."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from pathlib import Path
from typing import Any

from voipbin_mock.replication.log import Behind, Entry, Kept, LogGone, Unusable
from voipbin_mock.world.clock import machine

APPLICATION = 0x564D4B31  # "VMK1": whose file it is
VERSION = 1
MOST_CLAIMS = 100_000  # the newest: far more than are under way at any time
_MAGIC = b"SQLite format 3\0"
_TABLES = """
CREATE TABLE facts (only INTEGER PRIMARY KEY CHECK (only = 1), document BLOB NOT NULL, sum INTEGER NOT NULL);
CREATE TABLE entries (
  position INTEGER PRIMARY KEY, moment INTEGER NOT NULL, payload BLOB NOT NULL, sum INTEGER NOT NULL
);
CREATE TABLE kept (
  position INTEGER PRIMARY KEY, moment INTEGER NOT NULL, document BLOB NOT NULL, sum INTEGER NOT NULL
);
CREATE TABLE claims (key TEXT PRIMARY KEY);
CREATE TABLE replicas (name TEXT PRIMARY KEY, told INTEGER NOT NULL, facts TEXT NOT NULL);
"""
# What is summed of each table, by which it is seen whether a row is as it was written.
_SUMMED = {
    "facts": "only, 0, document",
    "kept": "position, moment, document",
    "entries": "position, moment, payload",
}
_NEWEST = "SELECT position, moment FROM entries UNION SELECT position, moment FROM kept ORDER BY position DESC LIMIT 1"


class SqliteLog:
    """A log in a file, that one process has for itself. Raises Unusable for a file that it cannot be."""

    is_shared = False

    def __init__(self, path: str) -> None:
        self.path = self.place = path
        self._lock = threading.Lock()
        self._told: dict[str, Any] = {}
        is_new = self._is_new()
        if is_new:
            _made(path)
        try:
            self._connection = self._connected()
            try:
                self._open(is_new)
            except BaseException:
                self._connection.close()
                raise
        except sqlite3.Error as error:
            raise Unusable(_said(path, error)) from None
        self._position, self._moment = self._newest()

    def _is_new(self) -> bool:
        return checked(self.path)

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)

    def _open(self, is_new: bool) -> None:
        run = self._connection.execute
        run("PRAGMA locking_mode = EXCLUSIVE")  # until this process ends, however it does
        self._prepare(is_new)

    def _prepare(self, is_new: bool) -> None:
        run = self._connection.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run("BEGIN IMMEDIATE")
        if is_new:
            run(f"PRAGMA application_id = {APPLICATION}")
            run(f"PRAGMA user_version = {VERSION}")
            for statement in _TABLES.split(";")[:-1]:
                run(statement)
        run("COMMIT")
        if is_new:
            run("PRAGMA wal_checkpoint(TRUNCATE)")  # whose file it is can be read off it

    def _newest(self) -> tuple[int, int]:
        """Position and moment of the newest entry. Under the lock, or before anybody knows this log."""
        found: tuple[int, int] | None = self._connection.execute(_NEWEST).fetchone()
        return found or (0, 0)

    def found(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        begun = json.dumps({"founded": machine(), **facts}).encode("ascii")
        with self._lock, _Going():
            run = self._connection.execute
            run("INSERT OR IGNORE INTO facts VALUES (1, ?, ?)", (begun, summed(1, 0, begun)))
            row = run("SELECT document FROM facts").fetchone()
        found: Mapping[str, Any] = json.loads(row[0])
        return found

    def append(self, payload: bytes, after: int) -> Sequence[Entry]:
        if after < self._position:
            self.read(after, 1)  # raises Behind before anything is written
        with self._lock, _Going():
            entry = Entry(self._position + 1, max(self._moment, machine()), payload)
            self._connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?)", (*entry, summed(*entry)))
            self._position, self._moment = entry.position, entry.moment
        if after == entry.position - 1:
            return (entry,)
        return self.read(after)

    def read(self, after: int, most: int = 1000) -> Sequence[Entry]:
        if after >= self.end():
            return ()
        with self._lock, _Going():
            rows = self._after(after, most)
        if not rows or rows[0].position != after + 1:
            raise Behind
        return rows

    def _after(self, after: int, most: int = -1) -> list[Entry]:
        rows = self._connection.execute(
            "SELECT position, moment, payload FROM entries WHERE position > ? ORDER BY position LIMIT ?", (after, most)
        )
        return [Entry(*row) for row in rows]

    def end(self) -> int:
        return self._position

    def wait(self, after: int, seconds: float) -> bool:
        return False  # nobody else writes

    def kept(self) -> Kept | None:
        with self._lock, _Going():
            row = self._connection.execute("SELECT position, moment, document FROM kept ORDER BY 1 DESC").fetchone()
        return None if row is None else Kept(row[0], row[1], zlib.decompress(row[2]))

    def keep(self, kept: Kept) -> None:
        packed = zlib.compress(kept.document, 1)
        with self._lock, self._alone(), _Going():
            run = self._connection.execute
            run("BEGIN IMMEDIATE")
            try:
                run("DELETE FROM kept")
                mark = summed(kept.position, kept.moment, packed)
                run("INSERT INTO kept VALUES (?, ?, ?, ?)", (kept.position, kept.moment, packed, mark))
                run("DELETE FROM entries WHERE position <= ?", (kept.position,))
                run("DELETE FROM claims WHERE rowid <= (SELECT max(rowid) FROM claims) - ?", (MOST_CLAIMS,))
                run("COMMIT")
            except BaseException:
                run("ROLLBACK")
                raise

    def _alone(self) -> AbstractContextManager[object]:
        """For as long as this lasts, nobody else writes."""
        return nullcontext()

    def refound(self, facts: Mapping[str, Any], kept: Kept) -> bool:
        raise AssertionError("a file does not lose what it holds")

    def lead(self) -> bool:
        return True

    def claim(self, key: str) -> bool:
        with self._lock, self._alone(), _Going():
            done = self._connection.execute("INSERT OR IGNORE INTO claims VALUES (?)", (key,))
            return done.rowcount == 1

    def tell(self, facts: Mapping[str, Any]) -> None:
        self._told = dict(facts)

    def replicas(self) -> Sequence[Mapping[str, Any]]:
        return [self._told] if self._told else []

    def close(self) -> None:
        with self._lock, suppress(sqlite3.Error):
            self._connection.close()


class _Going:
    """What SQLite refuses is told as a log that cannot be reached."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise LogGone(f"the state cannot be written: {error}") from error


def is_kept(path: str) -> bool:
    """Whether this file is one of SQLite's, or none that is there yet (an empty one is none)."""
    try:
        with open(path, "rb") as file:
            return file.read(len(_MAGIC)) in (_MAGIC, b"")
    except FileNotFoundError:
        return True


def checked(path: str) -> bool:
    """Whether the file is to be made; one that is there is only read. Raises Unusable."""
    try:
        with open(path, "rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        if not Path(path).resolve().parent.is_dir():
            raise Unusable(f"{path}: {os.strerror(2)}") from None
        return True
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from None
    if not head:
        return True
    if not head.startswith(_MAGIC) or len(head) < 100:
        raise Unusable(f"{path}: no state of voipbin-mock, or a damaged one; it was left as it is")
    index = Path(f"{path}-shm")
    # With nothing beside it, it can be read without anything being made there.
    how = "mode=ro" if os.path.exists(f"{path}-wal") else "mode=ro&immutable=1"
    had_index = index.exists()
    try:
        with closing(sqlite3.connect(f"{Path(path).resolve().as_uri()}?{how}", uri=True, timeout=0)) as connection:
            return _looked_through(path, connection)
    except sqlite3.Error as error:
        raise Unusable(_said(path, error)) from None
    except (TypeError, OverflowError):  # a number or a text where there was none
        raise Unusable(f"{path}: damaged; it was left as it is") from None
    finally:
        if not had_index:
            with suppress(OSError):
                index.unlink()


def _looked_through(path: str, connection: sqlite3.Connection) -> bool:
    """The same, of a database. Raises Unusable."""
    owner, version, tables = (
        connection.execute(asked).fetchone()[0]
        for asked in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    )
    if not owner and not tables:  # whoever began to make it was killed
        return True
    if owner != APPLICATION:
        raise Unusable(f"{path}: a database of another program; it was left as it is")
    if version != VERSION:
        raise Unusable(
            f"{path}: of version {version}, made by a newer voipbin-mock; this one reads {VERSION}. "
            "It was left as it is"
        )
    said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise Unusable(f"{path}: damaged ({said.splitlines()[-1]}); it was left as it is")
    last = 0
    for table, columns in _SUMMED.items():
        for position, *more, found in connection.execute(f"SELECT {columns}, sum FROM {table} ORDER BY 1"):
            if summed(position, *more) != found or (table == "entries" and position != last + 1):
                raise Unusable(f"{path}: damaged ({table}, {position}); it was left as it is")
            last = position if table != "facts" else last
    return False


def summed(position: int, moment: int, content: bytes) -> int:
    """What tells whether a row is as it was written: SQLite looks at no content."""
    return zlib.crc32(content, zlib.crc32(b"%d %d" % (position, moment)))


def _made(path: str) -> None:
    """A file that is its owner's alone: it holds credentials. Raises Unusable."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        if os.name == "posix":
            os.chmod(path, 0o600)
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from None


def _said(path: str, error: sqlite3.Error) -> str:
    if "locked" in str(error) or "busy" in str(error):
        return f"{path}: another process has it; stop that one, or give another file"
    return f"{path}: {error}; it was left as it is"
