"""What `voipbin-mock serve` tells of itself on stderr: a line for each request, and what is to be told of it."""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from voipbin_mock.edge.door import SESSION
from voipbin_mock.wire.redaction import redact_text
from voipbin_mock.wire.stamps import SECOND, rfc3339_stamp_full
from voipbin_mock.world.clock import Clock

if TYPE_CHECKING:
    from voipbin_mock.wire.exchange import Exchange

GATHERED = 0.02  # seconds: so long lines of a busy server wait for each other
# Where nobody reads: from so many entries on their lines are kept, and not the requests with their bodies; and more
# than so many are left out.
BEHIND, MOST_UNTOLD = 100, 5000
CLOSING = 2.0  # seconds that a reader has to take what is left, at the end


class Logbook(logging.Handler):
    """Writes to stderr from a thread of its own, in the order of what it was given.

    A worker that wrote by itself would wait for whoever reads, and for the interpreter meanwhile: with many clients
    all workers would queue up behind that. So it only leaves here what there is to tell; even the lines are made by
    the thread, which is woken when it has nothing to do, and not for each.
    """

    def __init__(self, quiet: bool = False) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(message)s"))
        self._quiet = quiet
        self._clock = Clock()  # of the machine, whatever the time of a mock
        self._untold: deque[tuple[int, str, Exchange | str]] = deque()  # when, whose session's, what
        self._left_out = 0
        self._some = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="voipbin-mock-log", daemon=True)
        self._thread.start()

    def tell(self, environ: Any, exchange: Exchange) -> None:
        """A request was answered. This is a door's observer."""
        session = environ.get(SESSION, "")
        if len(self._untold) < BEHIND:
            self._untold.append((self._clock.microseconds(), session, exchange))
        else:
            self._keep(self._clock.microseconds(), session, "\n".join(self._lines(exchange)))
        if not self._some.is_set():
            self._some.set()

    def emit(self, record: logging.LogRecord) -> None:
        line = redact_text(self.format(record))
        self._keep(int(record.created * 1_000_000), getattr(record, "session", ""), line)
        self._some.set()

    def _keep(self, moment: int, session: str, line: str) -> None:
        if len(self._untold) < MOST_UNTOLD:
            self._untold.append((moment, session, line))
        else:
            self._left_out += 1

    def close(self) -> None:
        """Write what is left; called when Python ends."""
        self._closing.set()
        self._some.set()
        self._thread.join(CLOSING)
        super().close()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._some.wait()
            self._some.clear()  # before looking: what comes later wakes this thread again
            self._write()
            self._closing.wait(GATHERED)
        self._write()

    def _write(self) -> None:
        """All that there is, in one piece."""
        lines: list[str] = []
        while self._untold:
            moment, session, told = self._untold.popleft()
            first, *more = told.splitlines() or [""] if isinstance(told, str) else self._lines(told) or [""]
            if first:
                lines += [f"{_stamp(moment)} {f'[{session}] ' if session else ''}{first}", *more]
        if self._left_out:
            lines.append(f"({self._left_out} entries are left out here: whoever reads this log did not keep up)")
            self._left_out = 0
        if not lines or sys.stderr is None:  # closed by the shell: `2>&-`
            return
        try:
            print("\n".join(lines), file=sys.stderr, flush=True)
        except (OSError, ValueError):  # nobody reads; the requests are answered all the same
            return

    def _lines(self, exchange: Exchange) -> list[str]:
        """What is to be told of a request stands below it, also where the rest is quiet."""
        lines = exchange.explain()
        return lines if len(lines) > 1 or not self._quiet else []


def _stamp(moment: int) -> str:
    """Real time, so that a log can be lined up with others: `2026-03-01T09:00:00.250Z`."""
    second, rest = divmod(moment, SECOND)
    return f"{_second(second)}.{rest // 1000:03d}Z"


@lru_cache(maxsize=2)
def _second(second: int) -> str:
    """A busy server has many lines in each."""
    return rfc3339_stamp_full(second * SECOND)[:19]


def set_up(quiet: bool) -> Logbook:
    """The log of this process, from now on."""
    book = Logbook(quiet)
    logger = logging.getLogger("voipbin_mock")
    logger.addHandler(book)
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    logger.propagate = False
    return book
