"""The journal: every exchange in order, and what a test may ask of it.

A failed assertion names the calls that came nearest and, field by field, why they are not the one.
"""

from __future__ import annotations

import copy
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, overload

from voipbin_mock.api.lint import Lint
from voipbin_mock.insight.expectations import ANYTHING, Expectation, Step, as_step
from voipbin_mock.wire import rows
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.exchange import Exchange
from voipbin_mock.wire.matching import in_times, show
from voipbin_mock.wire.values import MAX_BODY, printable
from voipbin_mock.world.part import Part

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

NEAR_MISSES = 3
MOST_LISTED = 10
TIMEOUT = 5.0  # seconds of real time
# Bodies are kept whole. Large ones may have so many bytes together; of the oldest beyond that, the beginning is kept.
LARGE = 16 * 1024
MOST_LARGE = 32 * 1024 * 1024

T = TypeVar("T")


def _real_seconds() -> float:
    """Elapsed real time; libraries that freeze time leave this clock alone."""
    if hasattr(time, "clock_gettime"):
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


class Journal(Part):
    """The newest `size` exchanges, oldest first.

    A call is named by method and path: `("POST", "/outplans")`, `("POST /outplans")`, or by its
    operation, `("outplans.create")`; each part may be left out. Paths go with or without `/v1.0` and
    host; `{id}` or `*` stands for one segment, `**` for any. The filters are

    json: what the body contains, at any depth (all of it if `exact`). query, headers: what they
    contain. status: a code, several, or "4xx". reason: of the error. body: the raw bytes or text.
    """

    survives, kept_as = True, "journal"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        size = self.size = world.settings.journal_size
        self.dropped = 0  # how many were seen and are no longer kept
        self._kept: deque[Exchange] = deque(maxlen=size)
        self.elsewhere: Callable[[], str] = str  # why there may be none, if it is known
        self._large: deque[Exchange] = deque()
        self._large_bytes = 0
        self._lock = world.lock
        self.clearings = 0  # how often it was cleared
        self._ticks = 0
        self._watchers: tuple[Callable[[], None], ...] = ()
        self._waiting = 0

    # --- keeping ---------------------------------------------------------------------------------

    def append(self, exchange: Exchange) -> None:
        """To be called under the world's lock."""
        if len(self._kept) == self.size:
            self.dropped += 1
            if self._large and self._large[0] is self._kept[0]:
                self._large_bytes -= self._large.popleft().size
        if exchange.size > MAX_BODY:  # a file that was sent: its record tells the rest
            exchange.cut_to(LARGE)
        self._kept.append(exchange)
        if exchange.size > LARGE:
            self._large.append(exchange)
            self._large_bytes += exchange.size
            while self._large_bytes > MOST_LARGE:
                oldest = self._large.popleft()
                self._large_bytes -= oldest.size
                oldest.cut_to(LARGE)
        self.touch()

    @cached_property
    def _changed(self) -> threading.Condition:
        return threading.Condition(threading.Lock())

    def touch(self) -> None:
        """Something happened: those who wait look again."""
        if self._waiting:
            with self._changed:
                self._ticks += 1
                self._changed.notify_all()
        for watcher in self._watchers:
            watcher()

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Be told of every entry, at once and under the lock; the answer ends it."""
        self._watchers = (*self._watchers, watcher)
        return lambda: self._unwatch(watcher)

    def _unwatch(self, watcher: Callable[[], None]) -> None:
        self._watchers = tuple(each for each in self._watchers if each != watcher)

    def clear(self) -> None:
        with self._world.changing():
            self.start_over()

    def start_over(self) -> None:
        self._kept.clear()
        self._large.clear()
        self._large_bytes = self.dropped = 0
        self.clearings += 1
        self.touch()

    def remember(self) -> Callable[[], Any]:
        large = {id(each): copy.copy(each) for each in self._large}  # of which less may be kept soon
        kept = [large.get(id(each), each) for each in self._kept]
        numbers, dropped = [each.number for each in self._large], self.dropped
        return lambda: {"dropped": dropped, "kept": (each.kept() for each in kept), "large": numbers}

    def recall(self, document: Any) -> None:
        kept = list(rows.each(document, "kept", _read))
        dropped, numbers = (rows.member(document, name, kind) for name, kind in _COUNTS)
        self.start_over()
        self._kept.extend(kept)
        self.dropped = dropped
        large = set(numbers)
        self._large.extend(each for each in self._kept if each.number in large)
        self._large_bytes = sum(each.size for each in self._large)

    def exchanges(self) -> list[Exchange]:
        with self._world.looking():  # a receiver of webhooks that were due may have called
            return list(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges())

    def __len__(self) -> int:
        return len(self.exchanges())

    @overload
    def __getitem__(self, index: int) -> Exchange: ...

    @overload
    def __getitem__(self, index: slice) -> list[Exchange]: ...

    def __getitem__(self, index: int | slice) -> Exchange | list[Exchange]:
        return self.exchanges()[index]

    def __repr__(self) -> str:
        return f"<journal of {len(self)} requests>"

    # --- asking ----------------------------------------------------------------------------------

    def calls(
        self,
        method: str | None = None,
        path: str | re.Pattern[str] | None = None,
        *,
        json: Any = ANYTHING,
        query: Any = ANYTHING,
        headers: Any = ANYTHING,
        status: Any = ANYTHING,
        reason: Any = ANYTHING,
        body: Any = ANYTHING,
        exact: bool = False,
    ) -> list[Exchange]:
        """The exchanges that match, oldest first."""
        filters = {"json": json, "query": query, "headers": headers, "status": status, "reason": reason, "body": body}
        expected = Expectation(method, path, filters, exact)
        return [exchange for exchange in self.exchanges() if expected.accepts(exchange)]

    def count(self, method: str | None = None, path: str | re.Pattern[str] | None = None, **filters: Any) -> int:
        """How many exchanges match."""
        return len(self.calls(method, path, **filters))

    def assert_called(
        self,
        method: str | None = None,
        path: str | re.Pattern[str] | None = None,
        *,
        times: int | None = None,
        exact: bool = False,
        **filters: Any,
    ) -> list[Exchange]:
        """That the call was made: at least once, or so many `times`. Gives the exchanges that match.

        Raises AssertionError with the nearest calls and how they differ.
        """
        __tracebackhide__ = True
        expected = Expectation(method, path, filters, exact)
        everything = self.exchanges()
        found = [exchange for exchange in everything if expected.accepts(exchange)]
        if times is not None and self.dropped and len(found) <= times:
            raise AssertionError(f"expected {expected}, {in_times(times)}; {self._forgotten()}")
        if len(found) != times if times is not None else not found:
            raise AssertionError(self._mismatch(expected, times, found, everything))
        return found

    def assert_called_once(
        self, method: str | None = None, path: str | re.Pattern[str] | None = None, **filters: Any
    ) -> Exchange:
        """That the call was made exactly once; gives it."""
        __tracebackhide__ = True
        return self.assert_called(method, path, times=1, **filters)[0]

    def assert_not_called(
        self,
        method: str | None = None,
        path: str | re.Pattern[str] | None = None,
        *,
        exact: bool = False,
        **filters: Any,
    ) -> None:
        """That no such call was made."""
        __tracebackhide__ = True
        expected = Expectation(method, path, filters, exact)
        found = [exchange for exchange in self.exchanges() if expected.accepts(exchange)]
        if found:
            raise AssertionError("\n".join([f"expected no {expected}, got {in_times(len(found))}:", *_listed(found)]))
        if self.dropped:
            raise AssertionError(f"expected no {expected}; {self._forgotten()}")

    def assert_order(self, steps: Iterable[Step], *, adjacent: bool = False) -> None:
        """That these calls came in this order; others may come between, unless `adjacent`.

        A step is `"POST /outplans"`, `("POST", "/outplans")`, or `("POST", "/outplans", {"json": ...})`.
        """
        __tracebackhide__ = True
        expected = [as_step(step) for step in steps]
        everything = self.exchanges()
        starts = range(len(everything)) if adjacent and expected else range(1)
        furthest: tuple[int, int] = (0, 0)  # steps found, exchanges used
        for start in starts:
            done, used = self._follow(expected, everything, start, adjacent)
            if done == len(expected):
                return
            furthest = max(furthest, (done, used))
        done, used = furthest
        step, rest = expected[done], everything[used:]
        after = f" after {everything[used - 1]!r}" if used else ""
        lines = [f"step {done + 1} of {len(expected)} did not come{after}: expected {step}"]
        earlier = [exchange for exchange in everything[:used] if step.accepts(exchange)]
        if earlier:
            lines += ["it came earlier:", *_listed(earlier)]
        lines += self._near_misses(step, rest)
        lines += ["the calls, in order:", *_listed(everything)]
        raise AssertionError("\n".join(lines))

    @staticmethod
    def _follow(expected: list[Expectation], everything: list[Exchange], start: int, adjacent: bool) -> tuple[int, int]:
        done, used = 0, start
        for index in range(start, len(everything)):
            if done == len(expected):
                break
            if expected[done].accepts(everything[index]):
                done, used = done + 1, index + 1
            elif adjacent:
                break
        return done, used

    def assert_no_unmatched(self) -> None:
        """That every call found an operation of the mock."""
        __tracebackhide__ = True
        lost = [exchange for exchange in self.exchanges() if exchange.operation is None and exchange.status == 404]
        if lost:
            lines = [f"{in_times(len(lost))}, a call led to no operation of the mock:", *_listed(lost, hints=True)]
            raise AssertionError("\n".join(lines))

    def assert_no_unexpected(self, *expected: Step) -> None:
        """That nothing was called but these (steps as for `assert_order`)."""
        __tracebackhide__ = True
        known = [as_step(step) for step in expected]
        other = [exchange for exchange in self.exchanges() if not any(e.accepts(exchange) for e in known)]
        if other:
            named = ", ".join(map(str, known)) or "no call at all"
            raise AssertionError("\n".join([f"expected only {named}; there came also:", *_listed(other, hints=True)]))

    # --- waiting ---------------------------------------------------------------------------------

    def wait_for(
        self,
        method: str | None = None,
        path: str | re.Pattern[str] | None = None,
        *,
        timeout: float = TIMEOUT,
        times: int = 1,
        exact: bool = False,
        **filters: Any,
    ) -> Exchange:
        """The call, as soon as it was made (the last of so many `times`); another thread makes it.

        timeout: seconds of real time. Raises AssertionError with near misses when they are over. In a
        coroutine, which this would block: `await asyncio.to_thread(journal.wait_for, ...)`.
        """
        __tracebackhide__ = True
        if times < 1:
            raise MockUsageError("times must be at least 1")
        expected = Expectation(method, path, filters, exact)

        def made() -> Exchange | None:
            found = [exchange for exchange in self.exchanges() if expected.accepts(exchange)]
            return found[times - 1] if len(found) >= times else None

        found = self._wait(made, timeout)
        if found is None:
            everything = self.exchanges()
            matching = [exchange for exchange in everything if expected.accepts(exchange)]
            reason = self._mismatch(expected, times if times > 1 else None, matching, everything)
            raise AssertionError(f"within {timeout:g} s: {reason}{_blocked_loop()}")
        return found

    def wait_until(self, predicate: Callable[[], T], *, timeout: float = TIMEOUT) -> T:
        """What `predicate` gives, once that is true; looked at after every call and change of time.

        A LookupError or AssertionError in it means "not yet". timeout: seconds of real time; raises
        AssertionError when they are over.
        """
        __tracebackhide__ = True
        last: list[str] = [""]

        def holds() -> T | None:
            try:
                value = predicate()
            except (LookupError, AssertionError) as error:
                last[0] = f"{type(error).__name__}: {error}"
                return None
            last[0] = f"it gave {show(value)}"
            return value or None

        found = self._wait(holds, timeout)
        if found is None:
            raise AssertionError(
                f"within {timeout:g} s the condition did not come true; at last {last[0]}{_blocked_loop()}"
            )
        return found

    def _wait(self, look: Callable[[], T | None], timeout: float) -> T | None:
        """Look, and again whenever something happened. No lock is held while looking."""
        until = _real_seconds() + timeout
        with self._lock:
            changed = self._changed  # looked up under a lock: all who wait share one
        with changed:
            self._waiting += 1  # before the first look: what happens after it is told
        unwatch = self._world.bus.watch(self.touch), self._world.clock.watch(self.touch)
        try:
            while True:
                seen = self._ticks
                self._world.catch_up()
                found = look()
                if found is not None:
                    return found
                with changed:
                    while self._ticks == seen:
                        left = until - _real_seconds()
                        if left <= 0 or not changed.wait(left):
                            break
                    over = self._ticks == seen
                if over:
                    self._world.catch_up()
                    return look()  # once more: on a running clock something may have come about by itself
        finally:
            for each in unwatch:
                each()
            with changed:
                self._waiting -= 1

    # --- telling ---------------------------------------------------------------------------------

    def _forgotten(self) -> str:
        return (
            f"that cannot be known: {self.dropped} earlier requests are no longer kept. "
            f"Set journal_size above {self.size + self.dropped}"
        )

    def _mismatch(
        self, expected: Expectation, times: int | None, found: list[Exchange], everything: list[Exchange]
    ) -> str:
        if found:
            lines = [f"expected {expected}, {in_times(times or 1)}, got it {in_times(len(found))}:", *_listed(found)]
            if times is not None and len(found) > times:
                return "\n".join(lines)
        else:
            wanted = "" if times is None else f", {in_times(times)}"
            seen = f"{len(everything)} requests" if len(everything) != 1 else "the one request"
            lines = [f"expected {expected}{wanted}, but none of {seen} is that" if everything else ""]
            if not everything:
                lines = [f"expected {expected}{wanted}, but no request reached the mock{self.elsewhere()}"]
        if self.dropped:
            lines.append(f"({self.dropped} earlier requests are no longer kept: journal_size is {self.size})")
        lines += self._near_misses(expected, [exchange for exchange in everything if exchange not in found])
        return "\n".join(lines)

    @staticmethod
    def _near_misses(expected: Expectation, others: Sequence[Exchange]) -> list[str]:
        ranked = sorted(
            ((*expected.near_miss(exchange), exchange) for exchange in others),
            key=lambda miss: (miss[0], -miss[2].number),
        )
        if not ranked:
            return []
        lines = ["nearest:" if len(ranked) > 1 else "nearest, and the only other:"]
        for _, fields, exchange in ranked[:NEAR_MISSES]:
            lines.append(f"  #{exchange.number} {exchange.line()}")
            lines += [f"      {line}" for line in fields]
        return lines


_COUNTS = (("dropped", rows.COUNT), ("large", rows.COUNTS))


def _read(document: Any, where: str) -> Exchange:
    return Exchange.read(document, Lint._make, where)


def _listed(exchanges: Sequence[Exchange], hints: bool = False) -> list[str]:
    lines = []
    for exchange in exchanges[:MOST_LISTED]:
        hint = f" ({exchange.hint})" if hints and exchange.hint else ""
        lines.append(f"  #{exchange.number} {exchange.line()}{printable(hint)}")
    if len(exchanges) > MOST_LISTED:
        lines.append(f"  and {len(exchanges) - MOST_LISTED} more")
    return lines


def _blocked_loop() -> str:
    """Waiting in the thread of an event loop keeps the loop's own tasks from calling."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return ""
    return "\n(this thread runs an event loop, which stands still meanwhile; use await asyncio.to_thread(...))"
