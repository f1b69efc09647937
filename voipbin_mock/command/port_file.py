"""`--port-file`: where a server says its port, for as long as it answers there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EEXIST
from pathlib import Path
from typing import Any

from voipbin_mock.command.usage import Usage

MOST_TRIES = 100


class PortFile:
    """A file that exists while a server answers. What an earlier one left behind is gone once this is made.

    path: None or empty if nobody asked for one. Raises Usage for what cannot be such a file.
    """

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None
        self._ours: os.stat_result | None = None
        if self._path is not None:
            with _reported(self._path):
                _remove_old(self._path)

    def write(self, port: int) -> None:
        """Whoever waits for the file finds it whole. A link in its place is replaced, not followed."""
        if self._path is None:
            return
        with _reported(self._path):
            fresh, descriptor = _new_beside(self._path)
            try:
                with open(descriptor, "w", encoding="ascii") as file:
                    file.write(f"{port}\n")
                    file.flush()
                    self._ours = os.fstat(descriptor)
                os.replace(fresh, self._path)
            except OSError:
                fresh.unlink(missing_ok=True)
                raise

    def remove(self) -> None:
        """Unless another server has written its own there meanwhile."""
        ours, self._ours = self._ours, None
        with suppress(OSError):
            if self._path is not None and ours is not None and _is(ours, os.lstat(self._path)):
                self._path.unlink()

    def __enter__(self) -> PortFile:
        return self

    def __exit__(self, *_: Any) -> None:
        self.remove()


def _is(ours: os.stat_result, found: os.stat_result) -> bool:
    """Whether it is the file that was written here: the number of one that is gone may be given to the next."""
    return os.path.samestat(ours, found) and (ours.st_mtime_ns, ours.st_size) == (found.st_mtime_ns, found.st_size)


def _new_beside(path: Path) -> tuple[Path, int]:
    """A file that was not there before, whatever others have put there; several servers may be given one path."""
    for number in range(MOST_TRIES):
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{number}")
        try:
            return fresh, os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            continue
    raise FileExistsError(EEXIST, "there are too many files beside it")


def _remove_old(path: Path) -> None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
        raise Usage(f"--port-file {path}: is no plain file")
    path.unlink(missing_ok=True)


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    """What the system refuses becomes one line for the user."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Usage(f"--port-file {path}: {reason}") from None
