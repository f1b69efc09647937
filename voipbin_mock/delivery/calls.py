"""Calling receivers, which are somebody else's code: whatever one raises, however long it takes, it is one attempt.

A receiver in Python is called in the thread that made the call if that is the main one, or runs a loop; everything
else is called by threads that nobody waits for longer than `patience`.
"""

from __future__ import annotations

import logging
import threading
from contextvars import copy_context
from functools import cached_property
from typing import Any

from voipbin_mock.delivery.alarm import Alarm, TookTooLong
from voipbin_mock.delivery.attempts import HANGS_ON, Attempt, UnderWay
from voipbin_mock.delivery.posting import post
from voipbin_mock.delivery.receivers import Answering, Receiver
from voipbin_mock.delivery.running import GRACE, OWN_LOOP, Home, OwnLoop, Run, running_loop
from voipbin_mock.world.part import Attached
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

TIMEOUT = 5.0  # seconds of the machine, for one attempt; the service waits 30
PATIENCE = 0.5  # seconds of the machine
IN_PYTHON = 4  # times as long is waited for a receiver in Python that another thread calls: it is rarely waiting for us
MOST_HUNG = 8  # times in a row that a receiver in Python does not answer; then it is called no more


class Connected:
    """A receiver in Python, and what it is called for."""

    def __init__(self, origin: str, receiver: Receiver) -> None:
        self.origin, self.receiver = origin, receiver
        self.home = Home()
        self.hung = 0  # times in a row that it did not answer in time


class Calls(Attached):
    """The calls of receivers that one world makes."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.timeout = TIMEOUT
        self.patience = PATIENCE
        self.alarm = Alarm()
        self.under_way = UnderWay(self.alarm)
        self._runs: set[Run] = set()  # loops hold their tasks but weakly
        self._lock = threading.Lock()

    @cached_property
    def _own_loop(self) -> OwnLoop:
        return OwnLoop()

    @property
    def world(self) -> World:
        return self._world

    @cached_property
    def hands(self) -> UnderWay:
        """Those that make attempts for many processes; what is under way is known by all of these alike."""
        return UnderWay(self.alarm)

    def on_a_port(self, attempt: Attempt, origin: str) -> None:
        replicas = self._world.named.get("replication")
        if replicas is not None:  # one of several processes makes it
            replicas.send(self, attempt, origin)
            return
        self.under_way.hand_over(attempt, origin, lambda: sent(attempt, self.timeout), self.timeout, self.patience)

    def in_python(self, attempt: Attempt, found: Connected) -> None:
        if threading.current_thread() is threading.main_thread() or running_loop() is not None:
            self._call(attempt, found)
            return
        # A server's worker, the ticker, a thread of the user's: a receiver that hangs must not hold it.
        lane, patience = f"{found.origin} {id(found)}", IN_PYTHON * self.patience
        self.under_way.hand_over(attempt, lane, lambda: self._call(attempt, found), self.timeout, patience)

    def wait(self) -> None:
        """Until all are over that can be waited for here; a receiver that asks waits for none."""
        own = vars(self).get("_own_loop")
        if "replication" in self._world.named:
            return  # what becomes of them is an input of its own
        if not self.under_way.is_own_thread and (own is None or not own.is_own_thread):
            self.under_way.wait(self.timeout + HANGS_ON)

    def stop(self) -> list[str]:
        """Make no more of them; the answer names the tasks that receivers had started on the mock's own loop."""
        for attempt in self.under_way.attempts():
            if attempt.loop is not None:  # the test's own: nobody will run it any more
                attempt.end(None, "the mock was closed before the receiver had answered")
        self.under_way.stop()
        if "hands" in vars(self):
            self.hands.stop()
        self.alarm.stop()
        own = vars(self).pop("_own_loop", None)
        return own.stop() if own is not None else []

    def _call(self, attempt: Attempt, found: Connected) -> None:
        if found.hung >= MOST_HUNG:
            attempt.end(None, f"the receiver did not answer {MOST_HUNG} times in a row, and is not called any more")
            return
        # Who has let all wait once does so for a moment only from then on.
        limit = min(self.timeout, self.patience) if found.hung else self.timeout
        here = running_loop()
        try:
            with self.alarm.limit(limit):
                answer = found.receiver(attempt.webhook)
                if isinstance(answer, Answering):
                    run = self._run(attempt, answer, found)
                    if here is not None:
                        attempt.loop = here
                        run.begin(here)
        except TookTooLong as late:
            found.hung += 1
            place = f"; it was at {late.place}" if late.place else ""
            attempt.end(None, f"the receiver did not answer within {limit:g} s (webhooks.timeout){place}")
        except BaseException as error:  # noqa: BLE001  somebody else's code: whatever it is, it failed
            self._raised(attempt, error)
        else:
            if not isinstance(answer, Answering):
                found.hung = 0
                attempt.end(answer)
            elif not attempt.over:
                if here is None:
                    self._hand_to_a_loop(attempt, run, found)
                self._await(attempt, run, found, limit)

    def _run(self, attempt: Attempt, answer: Answering, found: Connected) -> Run:
        """A receiver that a loop has to run: in the context of the call, if that is made where the loop runs."""
        context = copy_context() if running_loop() is not None else (found.home.context or copy_context()).copy()
        run = Run(answer, context, lambda *said: self._heard(attempt, run, found, *said))
        self._runs.add(run)
        return run

    def _hand_to_a_loop(self, attempt: Attempt, run: Run, found: Connected) -> None:
        """The one that it belongs to, the one on which it was connected, or one of the mock's own."""
        bound = getattr(run.answering.awaitable, "get_loop", None)  # a future or task of a loop
        loop = bound() if bound is not None else found.home.loop
        if loop is None or not loop.is_running():
            loop = self._loop_of_its_own()
        attempt.loop = loop
        loop.call_soon_threadsafe(run.begin, loop)

    def _loop_of_its_own(self) -> Any:
        with self._lock:
            own = vars(self).get("_own_loop")
            if own is not None and not own.is_usable:
                vars(self).pop("_own_loop")
            return self._own_loop.loop

    def _await(self, attempt: Attempt, run: Run, found: Connected, limit: float) -> None:
        """It is not over yet: bound its time, and wait for it if it is not this thread that it waits for."""
        if not attempt.over and not self.under_way.add(attempt):
            attempt.end(None, "too many deliveries wait for their receivers already")

        def late() -> None:
            answered = run.answering.answered()
            if answered is not None:  # and works on, which is its own affair
                attempt.end(answered)
                return
            found.hung += 1
            where = self._place(attempt.loop)
            attempt.end(None, f"the receiver did not answer within {limit:g} s (webhooks.timeout) on {where}")
            self._end_late(attempt.loop, run)

        entry = self.alarm.call(limit, late)
        attempt.when_over(entry.cancel)
        if attempt.loop is not running_loop():
            own = "_own_loop" in vars(self) and attempt.loop is self._own_loop.loop
            attempt.wait(limit + HANGS_ON if own else IN_PYTHON * self.patience)

    def _end_late(self, loop: Any, run: Run) -> None:
        """A receiver's time is over: its task is cancelled. A loop of the mock's own that does not hear is left."""
        own = vars(self).get("_own_loop")
        if own is not None and loop is own.loop:
            own.tell(run.cancel)
            self.alarm.call(GRACE, own.look)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(run.cancel)

    def _heard(
        self, attempt: Attempt, run: Run, found: Connected, code: int | None, error: BaseException | None, outside: bool
    ) -> None:
        """A loop has run a receiver to its end: its code, or what it raised; `outside`: somebody cancelled it."""
        self._runs.discard(run)
        answered = run.answering.answered()
        if error is None:
            found.hung = 0
            attempt.end(code)
        elif outside:
            said = "" if answered else f"cancelled before the receiver had answered, on {self._place(attempt.loop)}"
            attempt.end(answered, said)
        elif answered is None:
            self._raised(attempt, error)
        else:
            attempt.end(answered)
            logger.warning("a webhook receiver failed after it had answered", exc_info=error)
            if _ends_tests(error):
                self._world.bus.put_off(error)

    def _place(self, loop: Any) -> str:
        own = vars(self).get("_own_loop")
        return OWN_LOOP if own is not None and loop is own.loop else f"the loop {loop!r}"

    def _raised(self, attempt: Attempt, error: BaseException) -> None:
        """A receiver's own fault is an answer too: of the service, it would be a 500."""
        if _ends_tests(error):
            self._world.bus.put_off(error)
        if isinstance(error, AssertionError):
            said = f"the receiver's assertion failed: {error}"
        elif isinstance(error, OSError):
            said = f"{type(error).__name__}: {error}"
        else:
            logger.warning("a webhook receiver failed", exc_info=error)
            said = f"the receiver raised {type(error).__name__}: {error}"
        if isinstance(error, RuntimeError) and "loop" in str(error) and attempt.loop is not None:
            said += f" (it ran on {self._place(attempt.loop)})"
        attempt.end(None, said)


def sent(attempt: Attempt, timeout: float) -> None:
    """Send it over HTTP. timeout: seconds of the machine, for all of it."""
    webhook = attempt.webhook
    try:
        code = post(webhook.url, webhook.method, webhook.headers, webhook.body, timeout)
    except BaseException as error:  # noqa: BLE001  what stands between (blockers of sockets) raises its own
        attempt.end(None, f"{type(error).__name__}: {error}")
    else:
        attempt.end(code)


def _ends_tests(error: BaseException) -> bool:
    """Whether a test should fail for it, and not only the delivery: alone, or as one of a group."""
    inner = getattr(error, "exceptions", ())
    if isinstance(inner, tuple) and inner:
        return any(_ends_tests(one) for one in inner if isinstance(one, BaseException))
    return isinstance(error, AssertionError) or not isinstance(error, Exception)
