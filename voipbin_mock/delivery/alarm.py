"""Time limits for code that is not ours: a receiver may take so many seconds of the machine, and not for ever."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from types import FrameType
from typing import Any

from voipbin_mock._seconds import seconds

logger = logging.getLogger("voipbin_mock")

LINGER = 5.0  # seconds that the thread stays for the next one
AGAIN = 1.0  # seconds after which a call that took no notice is interrupted once more
# Ignored by whoever did not ask for it, and rarely asked for.
_SIGNAL = getattr(signal, "SIGURG", None) if hasattr(signal, "pthread_kill") else None
# What `signal.signal` wraps to make its answer an enum, which costs ten times as much.
_handle: Callable[..., Any] = getattr(signal.signal, "__wrapped__", signal.signal)


class TookTooLong(BaseException):
    """Raised inside a call of the main thread whose time is over; no `except Exception` keeps it."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place  # where it was, if that is known


class _Entry:
    """Something to be done later."""

    __slots__ = ("action", "seq", "when")

    def __init__(self, when: float, seq: int, action: Callable[[], object] | None) -> None:
        self.when, self.seq, self.action = when, seq, action

    def __lt__(self, other: _Entry) -> bool:
        return (self.when, self.seq) < (other.when, other.seq)

    def cancel(self) -> None:
        self.action = None


class Alarm:
    """One thread that does things after so many seconds of the machine; there is none while there is nothing to do.

    What it does must be short.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition(threading.Lock())
        self._entries: list[_Entry] = []
        self._thread: threading.Thread | None = None
        self._seq = 0
        self._wakes = 0.0  # when the thread looks next

    def call(self, after: float, action: Callable[[], object]) -> _Entry:
        """Do it then, unless the answer is cancelled."""
        if self._process != os.getpid():
            self._begin()  # a forked child has none of its parent's threads
        with self._changed:
            self._seq += 1
            entry = _Entry(seconds() + after, self._seq, action)
            while self._entries and self._entries[-1].action is None:
                self._entries.pop()  # those that came last end first, as a rule
            heappush(self._entries, entry)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="voipbin-mock-alarm", daemon=True)
                self._thread.start()
            elif entry.when < self._wakes:
                self._changed.notify()
        return entry

    def stop(self) -> None:
        """Do nothing of it any more."""
        if self._process == os.getpid():
            with self._changed:
                self._entries.clear()
                self._thread = None
                self._changed.notify_all()

    def _run(self) -> None:
        idle, me = False, threading.current_thread()
        while True:
            with self._changed:
                if self._thread is not me:
                    return
                while self._entries and self._entries[0].action is None:
                    heappop(self._entries)
                if not self._entries:
                    if idle:
                        self._thread = None
                        return
                    idle, wait = True, LINGER
                else:
                    idle, wait = False, self._entries[0].when - seconds()
                if wait > 0:
                    self._wakes = seconds() + wait
                    self._changed.wait(wait)
                    continue
                action = heappop(self._entries).action
            if action is not None:
                try:
                    action()
                except Exception:  # of a mock that has ended meanwhile; the next one is done all the same
                    logger.debug("what was to be done then could not be", exc_info=True)

    @contextmanager
    def limit(self, after: float) -> Iterator[None]:
        """Let what is done here, in the main thread, be interrupted then, by TookTooLong.

        It holds for whatever waits in Python. Where the system has no signals for it, or a debugger is at work,
        nothing is interrupted.
        """
        if _SIGNAL is None or threading.current_thread() is not threading.main_thread():
            yield
            return
        limit = _Limit(self, after)
        try:
            before = _handle(_SIGNAL, limit.heard)
        except ValueError:  # the main thread of another interpreter
            yield
            return
        try:
            limit.start()
            yield
        finally:
            limit.end()
            _handle(_SIGNAL, before if before is not None else signal.SIG_DFL)


class _Limit:
    """The time limit of one call in the main thread."""

    def __init__(self, alarm: Alarm, after: float) -> None:
        self._alarm, self._after = alarm, after
        self._over = self._ended = False
        self._entry: _Entry | None = None

    def start(self) -> None:
        self._entry = self._alarm.call(self._after, self._ring)

    def _ring(self) -> None:
        if not self._ended:
            self._over = True
            assert _SIGNAL is not None
            signal.pthread_kill(threading.main_thread().ident or 0, _SIGNAL)
            self._entry = self._alarm.call(AGAIN, self._ring)

    def end(self) -> None:
        self._ended = True
        if self._entry is not None:
            self._entry.cancel()

    def heard(self, number: int, frame: FrameType | None) -> Any:
        if self._over and not self._ended and not _is_debugged():
            place = "" if frame is None else f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
            raise TookTooLong(place)


def _is_debugged() -> bool:
    """Whether somebody looks at it step by step, and may take as long as they like."""
    tracer = sys.gettrace()
    module = getattr(tracer, "__module__", None) or type(tracer).__module__
    if module.partition(".")[0] in ("bdb", "pdb") or "pydev" in module:
        return True
    monitoring = getattr(sys, "monitoring", None)
    return monitoring is not None and monitoring.get_tool(monitoring.DEBUGGER_ID) is not None
