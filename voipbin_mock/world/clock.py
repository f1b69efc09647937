"""The only source of time, and what is done in it."""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock, get_ident

from voipbin_mock.wire.errors import WindingStopped
from voipbin_mock.wire.stamps import (
    FIRST_SECOND,
    LAST_SECOND,
    MICROSECOND,
    SECOND,
    parse_stamp,
    rfc3339_stamp_full,
    to_datetime,
    to_microseconds,
)
from voipbin_mock.world import winding as pace
from voipbin_mock.world.winding import AT_ONCE, LONGEST_WAIT, PATIENCE, ClockState, Driver, Runner, Waiting, Winding

logger = logging.getLogger("voipbin_mock")

DEFAULT_LIMIT = timedelta(days=365)


def machine() -> int:
    """The machine's time: microseconds since 1970."""
    return time.time_ns() // 1000


ClockMark = tuple[int | None, tuple[int, int, float], int, tuple[int, int], int | None]


class Clock:
    """Virtual time, and what is done in it.

    Without a start it runs with the machine's clock (and so agrees with libraries that freeze that);
    with one it stands still there. `advance` moves it forward either way, `freeze` stops it, `resume`
    lets it run on from where it is, at any speed. Whatever falls due on the way is done at its own
    instant, one thing after the other: the end point of an advance is included.

    Winding it on (`advance`, `run_until`, `freeze` at a later moment) takes `patience` seconds of the machine at
    most, then raises TimeoutError and stays where it has come to. It raises WindingStopped if another thread
    stops it: by `freeze`, by resetting the mock or closing it. driver: who decides what time it is for the machine.
    """

    def __init__(
        self, start: datetime | str | None = None, *, speed: float | None = None, driver: Driver | None = None
    ) -> None:
        self._lock = Lock()
        self.driver = driver
        self._frozen: int | None = None
        # Machine time, the virtual time it stands for, and virtual seconds per second of the machine.
        self._pace: tuple[int, int, float] = (0, 0, 1)
        self._last_stamp = FIRST_SECOND * SECOND  # earlier than any moment a clock may show
        # Thread -> the instant at which it is doing something just now.
        self._held: dict[int, int] = {}
        self._runners: list[weakref.ref[Runner]] = []
        self._goals: dict[int, int] = {}  # thread -> where its advance leads
        self._waiting = Waiting(self._lock)
        self._told: list[Callable[[], None]] = []
        self.patience = PATIENCE
        self._moves = (0, 0)  # how often it was set, and by which thread last
        self._windings: dict[int, Winding | None] = {}  # thread -> the innermost of its own
        self._ended = ""  # why nothing is wound on any more, if so
        self._held_back = False  # whether that was told
        self._late: dict[int, Winding] = {}  # threads that do what fell due by itself
        self._reached = 0  # the instant that they are at
        if start is not None:
            self.freeze(start)
        if speed is not None:
            self.resume(speed=speed)
        self._begun = (self._frozen, self._pace)

    def _machine(self) -> int:
        return machine() if self.driver is None else self.driver.machine()

    @staticmethod
    def _checked(microseconds: int) -> int:
        """A moment may lie in the years 2 to 9998: the year 9999 means never."""
        if not FIRST_SECOND + 366 * 86_400 <= microseconds // SECOND < LAST_SECOND - 366 * 86_400:
            raise ValueError("the clock goes from the year 2 to 9998")
        return microseconds

    def __repr__(self) -> str:
        shown = "frozen" if self.frozen else f"{self.speed:g} times as fast" if self.speed != 1 else "running"
        return f"<clock {rfc3339_stamp_full(self.microseconds())} {shown}>"

    def microseconds(self) -> int:
        if self._held and (held := self._held.get(get_ident())) is not None:
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
        self._set()
        if self._frozen is not None:
            self._frozen = microseconds
        else:
            self._pace = (self._machine(), microseconds, self._pace[2])

    def _set(self) -> None:
        """This thread sets the time, or how it goes; to be called with the lock."""
        self._moves = self._moves[0] + 1, get_ident()

    @property
    def revision(self) -> int:
        """Is another whenever it was set, or how it goes."""
        return self._moves[0]

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
        me = get_ident()
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
        winding = self._winding(self.patience)
        try:
            while True:
                while self._run_next(goal):
                    self._go_on(winding, goal)
                with self._lock:
                    winding.check()
                    if self._time() >= goal:
                        return
                    self._move(goal)
        finally:
            self._windings[winding.thread] = winding.outer

    def _run_next(self, limit: int, late: bool = False) -> bool:
        """Do the next thing due by then; whether there was one. See `Runner.run_next`."""
        references = self._runners  # never changed, only replaced
        if len(references) == 1 and (only := references[0]()) is not None:
            return only.run_next(limit, late)
        runners = self._attached()
        dues = [(due, place) for place, runner in enumerate(runners) if (due := runner.next_due()) is not None]
        return bool(dues) and min(dues)[0] <= limit and runners[min(dues)[1]].run_next(limit, late)

    def catch_up(self, enough: Callable[[], bool] = lambda: False) -> None:
        """Do what has fallen due by now: on a running clock nobody else may have looked.

        No more than that, and no longer than about a second of the machine: a clock that runs faster than what is
        to be done in it is held back. One that goes with the machine is not, and takes `patience` for it.
        """
        if get_ident() in self._held or not (self.driver is None or self.driver.drives()):
            return  # whoever does something at an instant is not late
        now, due = self._time(), self.next_due()
        if due is None or due > now:
            return
        tied = self._frozen is None and self._pace[2] == 1
        winding = self._winding(self.patience if tied else AT_ONCE)
        self._reached = due
        self._late[winding.thread] = winding
        try:
            while self._run_next(now, late=True) and not enough():
                if not winding.goes_on() and self._is_due(now):
                    self._hold_back(winding)
                    return
        except WindingStopped:
            return  # it is not late any more, or will be caught up with later
        finally:
            self._late.pop(winding.thread, None)
            self._windings[winding.thread] = winding.outer

    def _is_due(self, limit: int) -> bool:
        due = self.next_due()
        return due is not None and due <= limit

    def _hold_back(self, winding: Winding) -> None:
        """What is due takes longer than its time: go on from what is due next, if the pace is our own."""
        due = self.next_due()
        with self._lock:
            speed = self._pace[2]
            if self._frozen is None and speed != 1 and due is not None and not winding.stopped:
                self._pace = (self._machine(), min(due, self._time()), speed)
        if not self._held_back:
            self._held_back = True
            logger.warning("the clock is faster than what is to be done in it, and held back: %s", self._told_due())

    # --- winding -------------------------------------------------------------------------------

    def _winding(self, within: float) -> Winding:
        """This thread moves the clock on. To be put back in the place of what it is part of at the end."""
        me = get_ident()
        winding = self._windings[me] = Winding(within, self._windings.get(me), counted=self.driver is not None)
        winding.stopped = self._ended
        return winding

    def _go_on(self, winding: Winding, limit: int) -> None:
        """Between one due thing and the next. Raises WindingStopped, and TimeoutError."""
        if not winding.goes_on() and self._is_due(limit):
            raise TimeoutError(
                f"after {winding.within:g} seconds of the machine the clock has come to {self.now:%Y-%m-%d %H:%M:%S} "
                f"and stays there; there is no end to be seen of {self._told_due()}. Give it more: clock.patience (s)"
            )

    def _told_due(self) -> str:
        """What is to come next, in words."""
        return ", ".join(told for runner in self._attached() for told in runner.told_due()) or "nothing"

    def stop_winding(self, why: str) -> None:
        """Whoever else is winding this clock on does so no further; `why` is what they are told."""
        me = get_ident()
        for winding in list(self._windings.values()):
            if winding is not None and winding.thread != me:
                winding.stop(why)

    @contextmanager
    def ending(self, why: str) -> Iterator[None]:
        """For as long as this lasts, nobody winds this clock on."""
        before, self._ended = self._ended, why
        try:
            self.stop_winding(why)
            yield
        finally:
            self._ended = before

    def run_until(
        self, condition: Callable[[], object] | None = None, *, limit: timedelta | float = DEFAULT_LIMIT
    ) -> datetime:
        """Go from one due thing to the next until the condition holds; without one, until nothing is due.

        limit: a timedelta or seconds (default: 365 days). Campaigns may follow each other for ever, so
        there is always one. Returns the moment. Raises TimeoutError at the limit, and after `patience` seconds
        of the machine; the message names what is still to come.
        """
        span = limit if isinstance(limit, timedelta) else timedelta(seconds=limit)
        end = self._checked(self.microseconds() + span // MICROSECOND)
        self.catch_up()
        winding = self._winding(self.patience)
        try:
            while not (self._resting(winding) if condition is None else condition()):
                if not self._run_next(end):
                    winding.check()
                    what = self._unmet(condition)
                    raise TimeoutError(f"after {span} of virtual time {what}; now it is {self.now:%Y-%m-%d %H:%M:%S}")
                self._go_on(winding, end)
        finally:
            self._windings[winding.thread] = winding.outer
        self.poke()
        return self.now

    def _resting(self, winding: Winding) -> bool:
        """Whether nothing is to come in any world, but by the calendar. Raises WindingStopped."""
        rests = all(runner.next_due(lasting=False) is None for runner in self._attached())
        winding.check()  # who stops the time may have taken away what was to come
        return rests

    def _unmet(self, condition: object) -> str:
        told = self._told_due()
        if condition is None:
            return f"something is still to come: {told}"
        return f"the condition does not hold, with {told} still to come"

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stand still, now or at the given moment. Other threads that wind it on are stopped.

        On the way to a later one, what falls due is done. One in the past only sets the clock back: what
        was to come keeps its instant.
        """
        if at is None:
            with self._lock:
                self.stop_winding("it was frozen meanwhile")
                moment = self._time()
                if self._late and self._frozen is None and self._pace[2] != 1:
                    moment = min(moment, self._reached)  # what is due before now may take for ever
                self._set()
                self._frozen = moment
        else:
            if not isinstance(at, (str, datetime)):
                raise TypeError(f"a moment is a datetime or a text such as 2026-03-01T09:00:00Z, not {at!r}")
            moment = self._checked(parse_stamp(at) if isinstance(at, str) else to_microseconds(at))
            with self._lock:
                self.stop_winding("it was frozen meanwhile")
                self._set()
                self._frozen = min(self._time(), moment)
            self._run_until(moment)
        self.poke()
        return self.now

    def resume(self, *, speed: float | None = None) -> datetime:
        """Run on from the present virtual moment; speed: virtual seconds per second (1: the machine's pace)."""
        if speed is not None:
            pace.checked_speed(speed)
        with self._lock:
            self._held_back = False
            self._set()
            moment = self._time()
            if self._frozen is not None or speed is not None:
                self._pace = (self._machine(), moment, self._pace[2] if speed is None else speed)
                self._frozen = None
        self.poke()
        return self.now

    def rewind(self) -> None:
        """Back to where it began, as it ran then: at its start, or with the machine's clock. Nothing is done."""
        with self._lock:
            self._set()
            self._frozen, (real, virtual, speed) = self._begun
            self._pace = (self._machine() if real else 0, virtual, speed)
        self.poke()

    # --- doing things in it ----------------------------------------------------------------------

    def attach(self, runner: Runner) -> None:
        """Let something be done in this clock's time, for as long as the runner lives."""
        with self._lock:  # those that are gone make room
            self._runners = [*(one for one in self._runners if one() is not None), weakref.ref(runner)]

    def _attached(self) -> list[Runner]:
        """Whatever is done in this clock's time, and lives."""
        return [runner for reference in self._runners if (runner := reference()) is not None]

    def hold(self, instant: int) -> int | None:
        """For this thread it is this instant, until `release` is given the answer.

        A clock that was behind has come this far. Raises WindingStopped if this thread is to wind it no further.
        """
        me = get_ident()
        with self._lock:
            winding = self._windings.get(me)
            if winding is not None:
                winding.check()
            before = self._held.get(me)
            if self._time() < instant:
                self._move(instant)
            self._held[me] = self._reached = instant
        return before

    def release(self, before: int | None) -> None:
        me = get_ident()
        if before is None:
            del self._held[me]
        else:
            self._held[me] = before

    def next_due(self) -> int | None:
        """When something is due next, of all that is done in this clock's time."""
        return min((due for runner in self._attached() if (due := runner.next_due()) is not None), default=None)

    def poke(self) -> None:
        """Let those who wait for the next due thing look again."""
        self._waiting.poke()
        for watcher in tuple(self._told):
            watcher()

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Be told when time was moved, or something is due earlier than all else; the answer ends it."""
        self._told.append(watcher)
        return lambda: self._told.remove(watcher)

    def wait_for_due(self, stopping: Callable[[], bool]) -> None:
        """Wait, without polling, until something is due on a running clock, or it is stopping."""
        self._waiting.wait(stopping, self._due_in)

    def _due_in(self) -> float:
        """Seconds of the machine until something is due."""
        due = self.next_due()
        if due is None or self._frozen is not None:
            return LONGEST_WAIT
        return (due - self._time()) / SECOND / self._pace[2]

    # --- stamps ----------------------------------------------------------------------------------

    def stamp(self) -> int:
        """The present moment, but strictly later than every stamp before.

        Pages are cut at a row's creation time, so two rows of one instant would lose one of them.
        """
        held = self._held.get(get_ident())
        with self._lock:
            now, last = self._time() if held is None else held, self._last_stamp
            stamp = self._last_stamp = now if now > last else last + 1
            return stamp

    def forget_stamps(self) -> None:
        """Let stamps begin at the present moment again (a world that was reset has no row to collide with)."""
        with self._lock:
            self._last_stamp = FIRST_SECOND * SECOND

    def seen(self, microseconds: int) -> None:
        """Let later stamps come after this one (a restored world brings its own)."""
        with self._lock:
            self._last_stamp = max(self._last_stamp, microseconds)

    def pin(self, before: int | None = None) -> int | None:
        """Let this thread see one moment until `release` is given the answer: what a recorded request sees can be
        seen again.

        before: the moment lies before this one, if that is still to come for whoever did what was due.
        """
        me, now = get_ident(), self._time()
        held = self._held.get(me)
        self._held[me] = now if before is None else min(now, before - 1)
        return held

    def mark(self) -> ClockMark:
        """How it stands as a step begins."""
        return self._frozen, self._pace, self._last_stamp, self._moves, self._held.get(get_ident())

    def put_back(self, mark: ClockMark, *, stamps: bool) -> None:
        """A step of this thread is taken back. What others have done with the clock since stays."""
        frozen, pace, last_stamp, moves, held = mark
        me = get_ident()
        with self._lock:
            if self._moves != moves and self._moves[1] == me:
                self._frozen, self._pace, self._moves = frozen, pace, moves
            if stamps:
                self._last_stamp = last_stamp
            if held is None:
                self._held.pop(me, None)
            else:
                self._held[me] = held

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
            self._set()
            self._frozen = state.now if state.frozen else None
            self._pace = (self._machine(), state.now, state.speed)
            self._last_stamp = state.last_stamp
        self.poke()
