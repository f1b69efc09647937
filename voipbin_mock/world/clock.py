"""The only source of time, and what is done in it."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple, Protocol

from voipbin_mock.wire.stamps import (
    FIRST_SECOND,
    LAST_SECOND,
    MICROSECOND,
    SECOND,
    parse_stamp,
    to_datetime,
    to_microseconds,
)

DEFAULT_LIMIT = timedelta(days=365)
MAX_SPEED = 1_000_000
LONGEST_WAIT = 3600.0  # seconds; what a thread may wait for at once is bounded


def checked_speed(speed: object) -> None:
    """Raises ValueError for what a clock cannot run at."""
    if isinstance(speed, bool) or not (isinstance(speed, (int, float)) and 0 < speed <= MAX_SPEED):
        raise ValueError(f"speed must be more than 0 and at most {MAX_SPEED:,}, not {speed!r}")


class Runner(Protocol):
    """Whoever has things to do at instants of a clock: a world with its timers."""

    def next_due(self) -> int | None:
        """When something is due next."""

    def run_next(self, limit: int) -> bool:
        """Do the next thing due by then, at its instant; whether there was one."""


class Clock:
    """Virtual time, and what is done in it.

    Without a start it runs with the machine's clock (and so agrees with libraries that freeze that);
    with one it stands still there. `advance` moves it forward either way, `freeze` stops it, `resume`
    lets it run on from where it is, at any speed. Whatever falls due on the way is done at its own
    instant, one thing after the other: the end point of an advance is included.
    """

    def __init__(self, start: datetime | str | None = None, *, speed: float | None = None) -> None:
        self._lock = threading.Lock()
        self._frozen: int | None = None
        # Machine time, the virtual time it stands for, and virtual seconds per second of the machine.
        self._pace: tuple[int, int, float] = (0, 0, 1)
        self._last_stamp = FIRST_SECOND * SECOND  # earlier than any moment a clock may show
        # Thread -> the instant at which it is doing something just now.
        self._held: dict[int, int] = {}
        self._runners: list[weakref.ref[Runner]] = []
        self._goals: dict[int, int] = {}  # thread -> where its advance leads
        self._watchers = self._pokes = 0
        self._told: list[Callable[[], None]] = []
        if start is not None:
            self.freeze(start)
        if speed is not None:
            self.resume(speed=speed)
        self._begun = (self._frozen, self._pace)

    @staticmethod
    def _machine() -> int:
        return time.time_ns() // 1000

    @staticmethod
    def _checked(microseconds: int) -> int:
        """A moment may lie in the years 2 to 9998: the year 9999 means never."""
        if not FIRST_SECOND + 366 * 86_400 <= microseconds // SECOND < LAST_SECOND - 366 * 86_400:
            raise ValueError("the clock goes from the year 2 to 9998")
        return microseconds

    def microseconds(self) -> int:
        if self._held:
            held = self._held.get(threading.get_ident())
            if held is not None:
                return held
        return self._time()

    def _time(self) -> int:
        frozen = self._frozen
        if frozen is not None:
            return frozen
        real, virtual, speed = self._pace
        elapsed = self._machine() - real
        return virtual + (elapsed if speed == 1 else int(elapsed * speed))

    def _move(self, microseconds: int) -> None:
        """Set the time; to be called with the lock."""
        if self._frozen is not None:
            self._frozen = microseconds
        else:
            self._pace = (self._machine(), microseconds, self._pace[2])

    @property
    def now(self) -> datetime:
        """The present virtual moment, in UTC."""
        return to_datetime(self.microseconds())

    @property
    def frozen(self) -> bool:
        return self._frozen is not None

    @property
    def speed(self) -> float:
        """Virtual seconds per second of the machine, while it runs."""
        return self._pace[2]

    # --- moving it -----------------------------------------------------------------------------

    def advance(
        self,
        delta: timedelta | float | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        milliseconds: float = 0,
    ) -> datetime:
        """Move time forward, do what falls due, and return the new moment. A bare number means seconds."""
        try:
            step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)
            if delta is not None:
                step += delta if isinstance(delta, timedelta) else timedelta(seconds=delta)
        except OverflowError:
            raise ValueError("the clock goes from the year 2 to 9998") from None
        if step < timedelta(0):
            raise ValueError("time only moves forward; use freeze(at) to set a moment")
        self._travel(step // MICROSECOND)
        return self.now

    def _travel(self, step: int) -> None:
        me = threading.get_ident()
        with self._lock:
            # Two threads that advance at once add up; what is done on the way may advance by itself.
            nested = self._goals.get(me)
            base = self.microseconds() if nested is not None else max([self._time(), *self._goals.values()])
            goal = self._goals[me] = self._checked(base + step)
        try:
            self._run_until(goal)
        finally:
            with self._lock:
                if nested is None:
                    del self._goals[me]
                else:
                    self._goals[me] = nested
        self.poke()

    def _run_until(self, goal: int) -> None:
        while True:
            while self._run_next(goal):
                pass
            with self._lock:
                if self._time() >= goal:
                    return
                self._move(goal)

    def _run_next(self, limit: int) -> bool:
        """Do the next thing due by then; whether there was one."""
        first: Runner | None = None
        earliest = limit
        for reference in tuple(self._runners):
            runner = reference()
            if runner is None:
                self._runners.remove(reference)
                continue
            due = runner.next_due()
            if due is not None and (due < earliest or (due == earliest and first is None)):
                first, earliest = runner, due
        return first is not None and first.run_next(limit)

    def catch_up(self) -> None:
        """Do what has fallen due by now: on a running clock nobody else may have looked."""
        if threading.get_ident() in self._held:
            return  # whoever does something at an instant is not late
        while self._run_next(self._time()):
            pass

    def run_until(
        self, condition: Callable[[], object] | None = None, *, limit: timedelta | float = DEFAULT_LIMIT
    ) -> datetime:
        """Go from one due thing to the next until the condition holds; without one, until nothing is due.

        limit: a timedelta or seconds (default: 365 days). Campaigns may follow each other for ever, so
        there is always one. Returns the moment. Raises TimeoutError at the limit.
        """
        span = limit if isinstance(limit, timedelta) else timedelta(seconds=limit)
        end = self._checked(self.microseconds() + span // MICROSECOND)
        self.catch_up()
        while not (condition is not None and condition()):
            if not self._run_next(end):
                if condition is None and self.next_due() is None:
                    break
                wanted = "something is still to come" if condition is None else "the condition does not hold"
                raise TimeoutError(f"after {span} of virtual time {wanted}; now it is {self.now:%Y-%m-%d %H:%M:%S}")
        self.poke()
        return self.now

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stand still, now or at the given moment.

        On the way to a later one, what falls due is done. One in the past only sets the clock back: what
        was to come keeps its instant.
        """
        if at is None:
            with self._lock:
                self._frozen = self._time()
        else:
            if not isinstance(at, (str, datetime)):
                raise TypeError(f"a moment is a datetime or a text such as 2026-03-01T09:00:00Z, not {at!r}")
            moment = self._checked(parse_stamp(at) if isinstance(at, str) else to_microseconds(at))
            with self._lock:
                self._frozen = min(self._time(), moment)
            self._run_until(moment)
        self.poke()
        return self.now

    def resume(self, *, speed: float | None = None) -> datetime:
        """Run on from the present virtual moment; speed: virtual seconds per second (1: the machine's pace)."""
        if speed is not None:
            checked_speed(speed)
        with self._lock:
            moment = self._time()
            if self._frozen is not None or speed is not None:
                self._pace = (self._machine(), moment, self._pace[2] if speed is None else speed)
                self._frozen = None
        self.poke()
        return self.now

    def rewind(self) -> None:
        """Back to where it began, as it ran then: at its start, or with the machine's clock. Nothing is done."""
        with self._lock:
            self._frozen, (real, virtual, speed) = self._begun
            self._pace = (self._machine() if real else 0, virtual, speed)
        self.poke()

    # --- doing things in it ----------------------------------------------------------------------

    def attach(self, runner: Runner) -> None:
        """Let something be done in this clock's time, for as long as the runner lives."""
        self._runners.append(weakref.ref(runner))

    def hold(self, instant: int) -> int | None:
        """For this thread it is this instant, until `release` is given the answer.

        A clock that was behind has come this far.
        """
        me = threading.get_ident()
        with self._lock:
            before = self._held.get(me)
            if self._time() < instant:
                self._move(instant)
            self._held[me] = instant
        return before

    def release(self, before: int | None) -> None:
        me = threading.get_ident()
        if before is None:
            del self._held[me]
        else:
            self._held[me] = before

    def next_due(self) -> int | None:
        """When something is due next, of all that is done in this clock's time."""
        found = [runner.next_due() for reference in self._runners if (runner := reference()) is not None]
        return min((due for due in found if due is not None), default=None)

    @cached_property
    def _changed(self) -> threading.Condition:
        return threading.Condition()

    def poke(self) -> None:
        """Let those who wait for the next due thing look again."""
        if self._watchers:
            with self._changed:
                self._pokes += 1
                self._changed.notify_all()
        for watcher in tuple(self._told):
            watcher()

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Be told when time was moved, or something is due earlier than all else; the answer ends it."""
        self._told.append(watcher)
        return lambda: self._told.remove(watcher)

    def wait_for_due(self, stopping: Callable[[], bool]) -> None:
        """Wait, without polling, until something is due on a running clock, or it is stopping."""
        with self._lock:
            changed = self._changed  # looked up under a lock: all who wait share one
        with changed:
            self._watchers += 1
        try:
            while not stopping():
                pokes = self._pokes
                due = self.next_due()  # takes the locks of worlds, whose holders may poke
                wait = LONGEST_WAIT
                if due is not None and self._frozen is None:
                    wait = (due - self._time()) / SECOND / self._pace[2]
                    if wait <= 0:
                        return
                with changed:
                    if self._pokes == pokes:
                        changed.wait(min(wait, LONGEST_WAIT))
        finally:
            with changed:
                self._watchers -= 1

    # --- stamps ----------------------------------------------------------------------------------

    def stamp(self) -> int:
        """The present moment, but strictly later than every stamp before.

        Pages are cut at a row's creation time, so two rows of one instant would lose one of them.
        """
        with self._lock:
            self._last_stamp = max(self.microseconds(), self._last_stamp + 1)
            return self._last_stamp

    def forget_stamps(self) -> None:
        """Let stamps begin at the present moment again (a world that was reset has no row to collide with)."""
        with self._lock:
            self._last_stamp = FIRST_SECOND * SECOND

    def seen(self, microseconds: int) -> None:
        """Let later stamps come after this one (a restored world brings its own)."""
        with self._lock:
            self._last_stamp = max(self._last_stamp, microseconds)

    def pin(self, before: int | None = None) -> None:
        """Let this thread see one moment until `unpin`: what a recorded request sees can be seen again.

        before: the moment lies before this one, if that is still to come for whoever did what was due.
        """
        now = self._time()
        self._held[threading.get_ident()] = now if before is None else min(now, before - 1)

    def unpin(self) -> None:
        del self._held[threading.get_ident()]

    def move_to(self, microseconds: int) -> None:
        """Stand at a moment: later ones are advanced to, earlier ones jumped to."""
        step = microseconds - self.microseconds()
        if self.frozen and step >= 0:
            self.advance(step * MICROSECOND)
        else:
            self.freeze(to_datetime(microseconds))

    def state(self) -> ClockState:
        """Where the clock stands, to be given to `restore`."""
        with self._lock:
            return ClockState(self.microseconds(), self.frozen, self._last_stamp, self._pace[2])

    def restore(self, state: ClockState) -> None:
        """Go back to where the clock stood, without doing what lies between; a running one runs on from there."""
        self._checked(state.now)
        with self._lock:
            self._frozen = state.now if state.frozen else None
            self._pace = (self._machine(), state.now, state.speed)
            self._last_stamp = state.last_stamp
        self.poke()


class ClockState(NamedTuple):
    """A moment of a clock."""

    now: int  # microseconds since 1970
    frozen: bool
    last_stamp: int
    speed: float  # virtual seconds per second, while it runs
