"""What is to happen at a later instant, as data: no closures, so that a snapshot keeps it.

Times are microseconds since 1970. Of what falls on one instant, phone events come first (the call
dialed first goes first), then ticks of campaigns (the one scheduled first goes first), then deliveries;
whoever uses the mock comes after all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import heapify, heappop, heappush, nsmallest
from typing import Any, NamedTuple, Protocol, TypeVar

from voipbin_mock.wire.errors import MockUsageError, shorten
from voipbin_mock.wire.stamps import is_moment
from voipbin_mock.world.steps import Trail

T = TypeVar("T")
LONGEST_POLL = 31_536_000_000_000  # microseconds: a year
MILLISECOND = 1000  # microseconds
PHONE, TICK, DELIVERY = 0, 1, 2
# What comes round by the calendar for ever: whoever waits until nothing is to come does not wait for it.
CALENDAR = 3
# Comes after everything that a timer can be at its instant.
USER = 9


class Timer(NamedTuple):
    """One thing to be done. Timers compare as they are due."""

    due: int
    order: int  # PHONE, TICK, DELIVERY or CALENDAR
    rank: int  # among equals: when it was scheduled, or which call it belongs to
    seq: int
    kind: str  # the name of the function that does it
    args: tuple[Any, ...]  # plain JSON values


class Kinds(Protocol):
    """Who knows the kinds of timers: the blueprint."""

    def timer(self, kind: str) -> Any:
        """What a kind does; None for a kind that there is not."""


class _Poll(NamedTuple):
    """A timer that asks the same question again and again, and is put off while the answer is known."""

    since: int  # when it asked last
    every: int  # microseconds


KeptTimers = tuple[dict[int, Timer], dict[int, _Poll], dict[int, Timer], int]
_new = tuple.__new__  # of many timers, without a call for each of their members
FEW = 64  # that are called off, and may stand in the heap nevertheless


class Timers:
    """The timers of one world. To be used under the world's lock."""

    def __init__(
        self,
        now: Callable[[], int],
        changed: Callable[[], None] = lambda: None,
        kinds: Kinds | None = None,
        trail: Trail | None = None,
    ) -> None:
        self._now = now
        self._kinds = kinds
        self._trail = trail or Trail()
        self._changed = changed  # told when something is due earlier than all else
        self._heap: list[Timer] = []
        self._live: dict[int, Timer] = {}
        self._polls: dict[int, _Poll] = {}
        self._parked: dict[int, Timer] = {}  # polls that nothing but a change can wake
        self.drawn = 0

    def __bool__(self) -> bool:
        """Whether anything is to come, be it only a poll that a change would wake."""
        return bool(self._live or self._parked)

    @property
    def count(self) -> int:
        """How many are to come."""
        return len(self._live)

    def draw(self) -> int:
        """The next number of the sequence that orders what happens at one instant."""
        self.drawn += 1
        return self.drawn

    def clear(self) -> None:
        self._heap.clear()
        self._live.clear()
        self._polls.clear()
        self._parked.clear()
        self.drawn = 0

    def call_at(self, due: int, kind: str, *args: Any, order: int = TICK, rank: int | None = None) -> int:
        """Do something at an instant; the answer is a number to cancel it by.

        Raises MockUsageError for a kind that no area declares.
        """
        return self._call(due, kind, args, order, self._now() if rank is None else rank)

    def call_in(self, milliseconds: int, kind: str, *args: Any, order: int = TICK, rank: int | None = None) -> int:
        """The same, so many milliseconds from now."""
        now = self._now()
        return self._call(now + milliseconds * MILLISECOND, kind, args, order, now if rank is None else rank)

    def _call(self, due: int, kind: str, args: tuple[Any, ...], order: int, rank: int) -> int:
        self._check(kind)
        self.drawn = seq = self.drawn + 1
        if self._trail.depth:
            self._trail.notes.append((self._put_back, (seq, None, None, None)))
        self._add(_new(Timer, (due, order, rank, seq, kind, args)))
        return seq

    def poll(self, milliseconds: int, until: int | None, kind: str, *args: Any) -> int:
        """A tick every so many milliseconds from now, of which those before `until` are left out.

        They would find what this one found, as long as nothing is written; `wake` brings them back
        when something is. None: only a write can change the answer.
        """
        self._check(kind)
        now, every, seq = self._now(), milliseconds * MILLISECOND, self.draw()
        self._note(seq)
        poll = self._polls[seq] = _Poll(now, every)
        self._schedule(Timer(now, TICK, now, seq, kind, args), poll, until)
        return seq

    def _check(self, kind: str) -> None:
        if self._kinds is not None and self._kinds.timer(kind) is None:
            raise MockUsageError(f"no area declares a timer {kind!r}; declare it with timers= of the area")

    def _note(self, seq: int) -> None:
        """To be called before what is known of a timer changes."""
        trail = self._trail
        if trail.depth:
            poll = self._polls.get(seq) if self._polls else None
            known = self._live.get(seq), poll, self._parked.get(seq) if self._parked else None
            trail.notes.append((self._put_back, (seq, *known)))

    def _put_back(self, seq: int, live: Timer | None, poll: _Poll | None, parked: Timer | None) -> None:
        _put_in(self._live, seq, live)
        _put_in(self._polls, seq, poll)
        _put_in(self._parked, seq, parked)
        if live is not None:
            heappush(self._heap, live)
        self._tidy()

    def _schedule(self, timer: Timer, poll: _Poll, until: int | None) -> None:
        if until is None:
            self._parked[timer.seq] = timer
            return
        due = poll.since + max(1, -(-(until - poll.since) // poll.every)) * poll.every
        # Had it asked all along, this one would have been scheduled by the one before it.
        self._put(timer._replace(due=due, rank=due - poll.every))

    def _put(self, timer: Timer) -> None:
        self._note(timer.seq)
        self._add(timer)

    def _add(self, timer: Timer) -> None:
        heap, live = self._heap, self._live
        live[timer.seq] = timer
        heappush(heap, timer)
        if len(heap) > 2 * len(live) + FEW:
            self._tidy()
        if heap[0] is timer:
            self._changed()

    def cancel(self, seq: int) -> None:
        """Nothing happens if it fired already."""
        if seq not in self._live and seq not in self._parked:
            return
        self._note(seq)
        self._live.pop(seq, None)
        self._polls.pop(seq, None)
        self._parked.pop(seq, None)
        self._tidy()

    def _tidy(self) -> None:
        """Of what was called off, the heap keeps no more than of what is to come, and a few."""
        if len(self._heap) > 2 * len(self._live) + FEW:
            self._heap[:] = self._live.values()
            heapify(self._heap)

    @property
    def polling(self) -> bool:
        """Whether a poll has been put off."""
        return bool(self._polls)

    def wake(self, after: tuple[int, int, int, int]) -> None:
        """Something changed: every poll asks again at its next turn after this (due, order, rank, seq)."""
        for seq, poll in self._polls.items():
            timer = self._live.get(seq) or self._parked[seq]
            until = max(after[0], poll.since + 1)
            due = poll.since + -(-(until - poll.since) // poll.every) * poll.every
            if (due, TICK, due - poll.every, seq) <= after:
                due += poll.every
            if seq in self._parked or due < timer.due:
                self._note(seq)
                self._parked.pop(seq, None)
                self._put(timer._replace(due=due, rank=due - poll.every))

    def next_due(self) -> int | None:
        """When something is due next, or None."""
        heap, live = self._heap, self._live
        while heap:
            timer = heap[0]
            if live.get(timer.seq) is timer:
                return timer.due
            heappop(heap)
        return None

    def resting(self) -> bool:
        """Whether nothing is to come but what comes round by the calendar."""
        if self.next_due() is None:
            return True
        return self._heap[0].order == CALENDAR and all(timer.order == CALENDAR for timer in self._live.values())

    def pop(self, limit: int) -> Timer | None:
        """Take out the next timer due by then."""
        due = self.next_due()
        return None if due is None or due > limit else self.take()

    def take(self) -> Timer:
        """Take out the next timer; `next_due` has just said that there is one."""
        timer = heappop(self._heap)
        seq, trail, polls = timer.seq, self._trail, self._polls
        if trail.depth:
            trail.notes.append((self._put_back, (seq, timer, polls.get(seq) if polls else None, None)))
        del self._live[seq]
        if polls:
            polls.pop(seq, None)
        return timer

    def has(self, kind: str, *args: Any) -> bool:
        """Whether such a timer is to come."""
        every = (*self._live.values(), *self._parked.values())
        return any(timer.kind == kind and timer.args == args for timer in every)

    def due(self, kind: str, *args: Any) -> int | None:
        """When such a timer is due; None for one that only a change would wake, and if there is none."""
        found = [timer.due for timer in self._live.values() if timer.kind == kind and timer.args == args]
        return min(found, default=None)

    def all(self) -> list[Timer]:
        """What is to come in order, and then the polls that nothing but a change can wake."""
        return [*self.pending(), *sorted(self._parked.values())]

    def first(self, most: int) -> list[Timer]:
        """What is to come next, in order: so many at most."""
        return nsmallest(most, self._live.values())

    def pending(self) -> list[Timer]:
        """What is to come, in order."""
        return sorted(self._live.values())

    # --- at another time -------------------------------------------------------------------------

    def keep(self) -> KeptTimers:
        """This moment."""
        return dict(self._live), dict(self._polls), dict(self._parked), self.drawn

    def bring_back(self, kept: KeptTimers) -> None:
        live, polls, parked, drawn = kept
        self._set(dict(live), dict(polls), dict(parked), drawn)

    def _set(self, live: dict[int, Timer], polls: dict[int, _Poll], parked: dict[int, Timer], drawn: int) -> None:
        self._live, self._polls, self._parked, self.drawn = live, polls, parked, drawn
        self._heap = list(live.values())
        heapify(self._heap)
        self._changed()

    # --- as data -------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        """The timers as JSON values; times in microseconds since 1970."""
        timers = []
        for timer in self.all():
            shown: dict[str, Any] = {**timer._asdict(), "args": list(timer.args)}
            poll = self._polls.get(timer.seq)
            if poll is not None:
                shown |= {"since": poll.since, "every": poll.every, "parked": timer.seq in self._parked}
            timers.append(shown)
        return {"drawn": self.drawn, "timers": timers}

    def load(self, document: Mapping[str, Any], kinds: Kinds) -> None:
        """Take back what `dump` gave; raises ValueError for anything else, and then changes nothing."""
        live: dict[int, Timer] = {}
        parked: dict[int, Timer] = {}
        polls: dict[int, _Poll] = {}
        timers, drawn = document.get("timers", []), document.get("drawn", 0)
        if not isinstance(timers, (list, tuple)):
            raise ValueError("timers: must be an array")
        if not _is_count(drawn):
            raise ValueError("drawn: must be a count")
        for number, shown in enumerate(timers):
            try:
                timer, poll = _read(shown, kinds)
            except ValueError as error:
                raise ValueError(f"timers/{number}{error}") from None
            if timer.seq in live or timer.seq in parked:
                raise ValueError(f"timers/{number}/seq: {timer.seq} is there twice")
            if poll is not None:
                polls[timer.seq] = poll
            (parked if shown.get("parked") else live)[timer.seq] = timer
        self._set(live, polls, parked, max([drawn, *live, *parked]))


MOST_DRAWN = 1 << 62  # numbers that timers are told apart by


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < MOST_DRAWN


def _read(shown: Any, kinds: Kinds) -> tuple[Timer, _Poll | None]:
    """A timer as `dump` gives it. Raises ValueError: the pointer within it, and why."""
    if not isinstance(shown, Mapping):
        raise ValueError(": must be an object")
    for name, fits in (("due", is_moment), ("order", _is_count), ("rank", is_moment_or_count), ("seq", _is_count)):
        if not fits(shown.get(name)):
            raise ValueError(f"/{name}: must be {'a moment' if fits is is_moment else 'a number'}")
    kind, args = shown.get("kind"), shown.get("args", [])
    handler = kinds.timer(kind) if isinstance(kind, str) else None
    if handler is None or not isinstance(kind, str):
        raise ValueError(f"/kind: {shorten(kind)!r} is no kind of timer")
    if not isinstance(args, (list, tuple)) or not _takes(handler, args):
        raise ValueError(f"/args: are not those of {kind}")
    timer = Timer(shown["due"], shown["order"], shown["rank"], shown["seq"], kind, tuple(args))
    if "since" not in shown:
        if shown.get("parked"):
            raise ValueError("/since: is missing")
        return timer, None
    if not is_moment(shown["since"]):
        raise ValueError("/since: must be a moment")
    every = shown.get("every")
    if type(every) is not int or not 1 <= every <= LONGEST_POLL:
        raise ValueError(f"/every: must be a number of microseconds, from 1 to {LONGEST_POLL}")
    return timer, _Poll(shown["since"], every)


def is_moment_or_count(value: Any) -> bool:
    """What timers of one instant are ordered by: when they were scheduled, or a number."""
    return is_moment(value) or _is_count(value)


def _takes(handler: Any, args: Sequence[Any]) -> bool:
    """Whether a timer's function can be called so: how many values, and of which types."""
    from inspect import Parameter, signature  # dear, and only for a state that is loaded

    parameters = list(signature(handler).parameters.values())[1:]  # but for the world
    if any(parameter.kind is Parameter.VAR_POSITIONAL for parameter in parameters):
        return all(isinstance(value, (str, int)) for value in args)
    needed = sum(parameter.default is Parameter.empty for parameter in parameters)
    types = [_TYPES.get(str(parameter.annotation), object) for parameter in parameters]
    return needed <= len(args) <= len(types) and all(map(isinstance, args, types))


_TYPES: Mapping[str, type] = {"str": str, "int": int}


def _put_in(kept: dict[int, T], seq: int, value: T | None) -> None:
    if value is None:
        kept.pop(seq, None)
    else:
        kept[seq] = value
