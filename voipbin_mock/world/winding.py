"""Winding: a thread moves a clock on, from one due thing to the next.

It may be long, so it is never alone: it lets others at what it holds, takes so many seconds of the machine at most,
and ends when somebody stops it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple, Protocol

from voipbin_mock._seconds import seconds
from voipbin_mock.wire.errors import WindingStopped

PATIENCE = 30.0  # seconds of the machine that winding may take, if nobody says
AT_ONCE = 1.0  # seconds of the machine that whatever fell due by itself may take
TURN = 0.02  # seconds after which others get their turn
LONGEST_WAIT = 3600.0  # seconds; what a thread may wait for at once is bounded
_PAUSE = 0.0005  # long enough for who waits for a lock to get it
MAX_SPEED = 1_000_000  # virtual seconds per second
COUNTED = 5_000  # due things that stand for a second of the machine, where that must not matter


def checked_speed(speed: object) -> None:
    """Raises ValueError for what a clock cannot run at."""
    if isinstance(speed, bool) or not (isinstance(speed, (int, float)) and 0 < speed <= MAX_SPEED):
        raise ValueError(f"speed must be more than 0 and at most {MAX_SPEED:,}, not {speed!r}")


class Driver(Protocol):
    """Who says what time it is for the machine, where several of them have to agree: what is done then depends on
    nothing else, and windings are counted instead of timed."""

    def machine(self) -> int:
        """Microseconds since 1970."""

    def drives(self) -> bool:
        """Whether what has fallen due may be done by this thread, now."""


class Runner(Protocol):
    """Whoever has things to do at instants of a clock: a world with its timers."""

    def next_due(self, lasting: bool = True) -> int | None:
        """When something is due next. lasting: also if only what comes round by the calendar, for ever, is to come."""

    def run_next(self, limit: int, late: bool = False) -> bool:
        """Do the next thing due by then, at its instant; whether there was one.

        What fails is raised, and is still to come; if it is late, time will not wait: then it is left out, and told.
        """

    def told_due(self) -> list[str]:
        """What is to come next, in words."""


class Winding:
    """One thread's: how long it may take, and whether somebody has stopped it. `outer`: what it is part of."""

    def __init__(self, within: float, outer: Winding | None = None, *, counted: bool = False) -> None:
        self.thread = threading.get_ident()
        self.within = within
        self._left = int(within * COUNTED) if counted else None
        self.outer = outer
        self.stopped = ""  # why, if it is
        began = seconds()
        self._until = began + within
        self._turn = began + TURN

    def stop(self, why: str) -> None:
        """End it, and what it is part of; to be called by another thread."""
        self.stopped = why
        if self.outer is not None:
            self.outer.stop(why)

    def check(self) -> None:
        """Raises WindingStopped if it was stopped."""
        if self.stopped:
            raise WindingStopped(f"the clock is wound on no further: {self.stopped}")

    def goes_on(self) -> bool:
        """To be asked between one due thing and the next; False at the end of its seconds. Raises WindingStopped."""
        if self.stopped:
            self.check()
        now = seconds()
        if now >= self._turn:
            if threading.active_count() > 1:
                # A lock that is let go of for a moment only is not had by who waits for it.
                threading.Event().wait(_PAUSE)
            self._turn = seconds() + TURN
        if self._left is not None:
            self._left -= 1
            return self._left > 0
        return now < self._until


class Waiting:
    """Threads that wait for what is due next, without polling."""

    def __init__(self, lock: threading.Lock) -> None:
        self._watchers = self._pokes = 0
        self._lock = lock

    @cached_property
    def _changed(self) -> threading.Condition:
        return threading.Condition()

    def poke(self) -> None:
        """Let them look again."""
        if self._watchers:
            with self._changed:
                self._pokes += 1
                self._changed.notify_all()

    def wait(self, stopping: Callable[[], bool], due_in: Callable[[], float]) -> None:
        """Until nothing is left of the seconds that it says, or it is stopping."""
        with self._lock:
            changed = self._changed  # looked up under a lock: all who wait share one
        with changed:
            self._watchers += 1
        try:
            while not stopping():
                pokes = self._pokes
                wait = due_in()  # takes the locks of worlds, whose holders may poke
                if wait <= 0:
                    return
                with changed:
                    if self._pokes == pokes:
                        changed.wait(min(wait, LONGEST_WAIT))
        finally:
            with changed:
                self._watchers -= 1


class ClockState(NamedTuple):
    """A moment of a clock."""

    now: int  # microseconds since 1970
    frozen: bool
    last_stamp: int
    speed: float  # virtual seconds per second, while it runs
