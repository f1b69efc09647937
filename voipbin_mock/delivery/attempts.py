"""Attempts: one delivery under way, whoever makes it, and who waits for it.

What is heard of an attempt first is what became of it: an answer that comes after its time limit changes nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from voipbin_mock._seconds import seconds
from voipbin_mock.delivery.alarm import Alarm
from voipbin_mock.delivery.lanes import Lane
from voipbin_mock.delivery.receivers import Webhook
from voipbin_mock.delivery.running import running_loop
from voipbin_mock.delivery.tricks import Parcel
from voipbin_mock.wire import rows

MOST_LANES = 32  # receivers that have a thread of their own; the rest share one
MOST_IN_LINE = 1000  # deliveries that wait for one receiver
MOST_BYTES = 32 * 1024 * 1024  # of all bodies that wait
HANGS_ON = 0.5  # seconds after its time limit that a call is left behind
# Whether whoever calls now waits for what is under way by itself, without holding up its loop.
AWAITED: ContextVar[bool] = ContextVar("voipbin_mock_awaited", default=False)


class Attempt:
    """One delivery under way. number: of the attempts that were ever begun in its world, in order, from 1."""

    def __init__(
        self,
        parcel: Parcel,
        webhook: Webhook,
        at: int,
        ended: Callable[[Attempt, int | None, str], None],
        number: int = 0,
    ) -> None:
        self.parcel, self.webhook, self.at, self.number = parcel, webhook, at, number
        self.stale = False  # of a past that is no more: what becomes of it is nobody's business
        self.loop: Any = None  # that has to run for it to end
        self.over = False
        self._ended = ended
        self._lock = threading.Lock()
        self._waiting: list[Callable[[], object]] = []

    def end(self, code: int | None, error: str = "") -> None:
        """The receiver's HTTP code, or why there is none."""
        with self._lock:
            if self.over:
                return
            self.over = True
        try:
            self._ended(self, code, error)
        finally:
            for told in self._waiting:
                told()

    def when_over(self, action: Callable[[], object]) -> None:
        with self._lock:
            if not self.over:
                self._waiting.append(action)
                return
        action()

    def wait(self, timeout: float) -> bool:
        """Whether it is over by then."""
        over = threading.Event()
        self.when_over(over.set)
        return over.wait(timeout)


_PARCEL = (*(rows.TEXT,) * 5, rows.COUNT, rows.TEXT, rows.NUMBER)
_KEPT = (rows.COUNT, rows.MOMENT, rows.LIST, rows.TEXT_BY_NAME, rows.FLAG)


def kept(attempt: Attempt) -> list[Any]:
    """An attempt that is under way as JSON, for another process."""
    return [attempt.number, attempt.at, list(attempt.parcel), attempt.webhook.headers, attempt.stale]


def read(ended: Callable[[Attempt, int | None, str], None], document: Any, where: str) -> Attempt:
    """Take back what `kept` gave; nobody makes it yet. Raises ValueError."""
    number, at, values, headers, stale = rows.row(document, _KEPT, where)
    parcel = Parcel(*rows.row(values, _PARCEL, f"{where}/2"))
    body = parcel.body.encode("utf-8", "surrogatepass")
    webhook = Webhook(parcel.type, parcel.url, parcel.method, headers, body, parcel.attempt)
    attempt = Attempt(parcel, webhook, at, ended, number)
    attempt.stale = stale
    return attempt


class UnderWay:
    """The attempts of one world that somebody else than the caller makes, and the threads that make them."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._attempts: dict[Attempt, None] = {}
        self._bytes = 0
        self._lanes: dict[str, Lane] = {}

    def _mine(self) -> None:
        """A forked child has none of its parent's threads, and so none of its deliveries."""
        if self._process != os.getpid():
            self._begin()

    def __len__(self) -> int:
        self._mine()
        return len(self._attempts)

    def attempts(self) -> list[Attempt]:
        if not self._attempts:
            return []
        self._mine()
        with self._lock:
            return list(self._attempts)

    def forget(self) -> None:
        """All of them are another's now: nobody makes them here, and what becomes of them is nobody's business."""
        self.give_up(self.attempts())
        with self._lock:
            self._attempts.clear()
            self._bytes = 0

    def add(self, attempt: Attempt) -> bool:
        """Whether there is room for it."""
        self._mine()
        size = len(attempt.webhook.body)
        with self._lock:
            if attempt in self._attempts:
                return True
            if self._attempts and self._bytes + size > MOST_BYTES:
                return False
            self._attempts[attempt] = None
            self._bytes += size

        def over() -> None:
            with self._lock:
                if self._attempts.pop(attempt, attempt) is None:
                    self._bytes -= size

        attempt.when_over(over)
        return True

    def hand_over(
        self, attempt: Attempt, receiver: str, make: Callable[[], object], timeout: float, patience: float
    ) -> None:
        """Let the receiver's lane make it; it is waited for as long as there is patience, unless others are before."""
        lane = self._lane(receiver)
        behind = lane.behind
        if lane.is_stuck:
            attempt.end(None, "calls of this receiver before it have not come back yet; no more are made meanwhile")
            return

        def carry() -> None:
            if attempt.over or attempt.stale:
                attempt.end(None, "it is of a past that was given up")
                return

            def hangs() -> None:
                lane.is_slow = True
                lane.leave_behind()
                attempt.end(None, f"the receiver did not answer within {timeout:g} s (webhooks.timeout), and hangs")

            entry = self._alarm.call(timeout + HANGS_ON, hangs)
            try:
                make()
                lane.is_slow = lane.is_slow and not lane.is_own_thread
            finally:
                entry.cancel()

        if not self.add(attempt) or not lane.put(carry):
            attempt.end(None, "too many deliveries wait for their receivers already")
        elif not (behind or lane.is_slow or AWAITED.get()) and not attempt.wait(patience):
            lane.is_slow = True  # nobody waits for it again before it has come back in time

    def _lane(self, receiver: str) -> Lane:
        self._mine()
        with self._lock:
            lane = self._lanes.get(receiver)
            if lane is None:
                key = receiver if len(self._lanes) < MOST_LANES else ""
                lane = self._lanes.setdefault(key, Lane(MOST_IN_LINE, "voipbin-mock-webhooks"))
            return lane

    @property
    def is_own_thread(self) -> bool:
        self._mine()
        return any(lane.is_own_thread for lane in tuple(self._lanes.values()))

    def wait(self, timeout: float, attempts: Iterable[Attempt] | None = None) -> None:
        """Until all are over, or that time is; those that need the loop of this very thread are left out."""
        here, until = running_loop(), seconds() + timeout
        for attempt in self.attempts() if attempts is None else attempts:
            if here is None or attempt.loop is not here:
                attempt.wait(max(0.0, until - seconds()))

    def give_up(self, attempts: Iterable[Attempt]) -> None:
        """What becomes of these is nobody's business any more."""
        for attempt in attempts:
            attempt.stale = True

    def stop(self) -> None:
        """Make none of those that wait, and end the threads."""
        self._mine()
        self.give_up(self.attempts())
        for lane in tuple(self._lanes.values()):
            lane.stop()
        self.forget()


async def settle(attempts: Iterable[Attempt], patience: float, alarm: Alarm) -> None:
    """Wait, without holding up the loop that runs, until these are over; as long as there is patience."""
    import asyncio

    loop = asyncio.get_running_loop()
    done = loop.create_future()
    left = {id(attempt) for attempt in attempts}

    def finish() -> None:
        if not done.done():
            done.set_result(None)

    def tell(key: int | None) -> None:
        if key is not None:
            left.discard(key)
        if key is None or not left:
            finish()

    def told(key: int | None) -> Callable[[], object]:
        return lambda: None if loop.is_closed() else loop.call_soon_threadsafe(tell, key)

    if not left:
        return
    entry = alarm.call(patience, told(None))
    for attempt in attempts:
        attempt.when_over(told(id(attempt)))
    try:
        await done
    finally:
        entry.cancel()
