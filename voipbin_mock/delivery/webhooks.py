"""Webhooks: the customer's own URL hears of every event, as the service tells it.

Deliveries are made after the change is committed and outside the world's lock, so a receiver may call
back into the mock. Attempts are a virtual second apart. Only this machine is ever called.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.delivery.receivers import DEFAULT_TIMEOUT, Receiver, Webhook, is_local, over_http, receiver_of
from voipbin_mock.wire.errors import MockUsageError, shorten
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.world.bus import Event
from voipbin_mock.world.part import Part
from voipbin_mock.world.timers import DELIVERY, MILLISECOND
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

ATTEMPTS = 3
BETWEEN = 1000  # milliseconds
METHODS = ("POST", "GET", "PUT", "DELETE")
TIMER = "webhook"
SIGNATURE_HEADER = "X-VoIPBIN-Signature"
LOG_SIZE = 10_000  # attempts; each keeps its body
PATIENCE = 0.5  # seconds of the machine
DROP, DUPLICATE, DELAY, REORDER = "drop", "duplicate", "delay", "reorder"

OFF_THIS_MACHINE = "it leads off this machine; connect a receiver for it"
DELIVERED, FAILED, DROPPED, NOT_SENT = "delivered", "failed", "dropped", "not sent"


class Delivery(NamedTuple):
    """One attempt to deliver one event, as the log keeps it."""

    number: int
    microseconds: int  # virtual time, since 1970
    webhook: Webhook
    outcome: str  # delivered, failed, dropped or not sent
    status: int | None = None  # the receiver's HTTP code
    error: str = ""

    @property
    def type(self) -> str:
        return self.webhook.type

    @property
    def attempt(self) -> int:
        return self.webhook.attempt

    def line(self) -> str:
        """One readable line."""
        webhook = self.webhook
        said = self.error or ("" if self.status is None else str(self.status))
        return (
            f"{webhook.type} attempt {webhook.attempt} {webhook.method} {webhook.url} -> {self.outcome} {said}".rstrip()
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "time": rfc3339_stamp_full(self.microseconds),
            "type": self.webhook.type,
            "attempt": self.webhook.attempt,
            "method": self.webhook.method,
            "url": self.webhook.url,
            "headers": self.webhook.headers,
            "body": self.webhook.body.decode("utf-8"),
            "outcome": self.outcome,
            "status": self.status,
            "error": self.error,
        }


class Parcel(NamedTuple):
    """What is to be delivered, as plain values: it travels through timers."""

    type: str
    customer_id: str
    url: str
    method: str
    body: str
    attempt: int = 1


class _Unsent(NamedTuple):
    """An event that nobody is there to hear of. Its body is made if somebody reads the log."""

    number: int
    event: Event
    url: str
    method: str


@dataclass
class _Trick:
    """Something done to deliveries on purpose, so many times."""

    kind: str
    left: int
    types: str  # a glob over event types
    milliseconds: int = 0
    held: list[Parcel] = field(default_factory=list)  # of a reorder: what waits for its companions

    def takes(self, event_type: str) -> bool:
        return self.left > 0 and fnmatchcase(event_type, self.types)


class _Courier:
    """One thread that calls receivers on ports, in order; it lives from the first call to `stop`.

    Whoever hands over a call waits for it a moment only: the receiver may be waiting for that very one.
    """

    def __init__(self) -> None:
        from queue import SimpleQueue

        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self.waiting = 0

    def hand_over(self, call: Callable[[], None], patience: float) -> None:
        with self._changed:
            self.waiting += 1
            behind = self.waiting > 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="voipbin-mock-webhooks", daemon=True)
                self._thread.start()
        done = threading.Event()

        def carry() -> None:
            try:
                call()
            finally:
                with self._changed:
                    self.waiting -= 1
                    self._changed.notify_all()
                done.set()

        self._calls.put(carry)
        if not behind:
            done.wait(patience)

    def wait(self, timeout: float) -> None:
        """Until all calls are made; not if it is a receiver's call that asks."""
        if threading.current_thread() is not self._thread:
            with self._changed:
                self._changed.wait_for(lambda: not self.waiting, timeout)

    def stop(self) -> None:
        with self._changed:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._calls.put(None)

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            call()


class Webhooks(Part):
    """The webhooks of one world: who hears of events, what became of each, and tricks played on them."""

    survives = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        world.bus.subscribe(self._hear)
        self._receivers: list[tuple[str, Receiver]] = []
        self._tricks: list[_Trick] = []
        self._log: deque[Delivery | _Unsent] = deque(maxlen=LOG_SIZE)
        self._made = 0
        self._lock = threading.Lock()
        self.timeout = DEFAULT_TIMEOUT  # seconds of the machine that a receiver on a port may take
        self.patience = PATIENCE  # of these, so many are waited for before the caller goes on
        self.signed = True
        # Of receivers in the user's test, which would else be nothing but failed deliveries there.
        self.assertions: list[AssertionError] = []

    @cached_property
    def _courier(self) -> _Courier:
        return _Courier()

    # --- who hears -------------------------------------------------------------------------------

    def connect(
        self, receiver: Any, url: str | None = None, *, kind: str | None = None, customer: str | None = None
    ) -> Callable[[], None]:
        """Deliver into a WSGI app, an ASGI app or a callable instead of over the network.

        A callable gets a `Webhook` and returns an HTTP code or nothing; an assertion that fails in a receiver
        fails the delivery, and the test when the mock is closed. url: what the customer's
        `webhook_uri` is set to (with POST); left out, whatever the customer has, or one that is made up.
        Deliveries to other hosts are not touched. The answer ends the connection.
        """
        found = receiver_of(receiver, kind)
        world = self._world
        with world.changing():
            table = world.table(CUSTOMERS)
            row = table.get(world.account_of(customer or world.owner))
            if row is None:
                raise MockUsageError("there is no such customer, so nobody's events can be delivered")
            wanted = url or row.data["webhook_uri"] or "https://webhooks.invalid/voipbin"
            if (row.data["webhook_uri"], row.data["webhook_method"]) != (wanted, "POST"):
                method = row.data["webhook_method"] if url is None else ""
                table.replace({**row.data, "webhook_uri": wanted, "webhook_method": method or "POST"})
        entry = (_origin(wanted), found)
        self._receivers.insert(0, entry)
        return lambda: self._receivers.remove(entry) if entry in self._receivers else None

    # --- tricks ----------------------------------------------------------------------------------

    def drop(self, times: int = 1, *, types: str = "*") -> None:
        """Let the next deliveries get lost, all their attempts. types: an event type or a glob of them."""
        self._play(DROP, times, types)

    def duplicate(self, times: int = 1, *, types: str = "*") -> None:
        """Deliver the next ones twice."""
        self._play(DUPLICATE, times, types)

    def delay(self, seconds: float, times: int = 1, *, types: str = "*") -> None:
        """Deliver the next ones so many virtual seconds later."""
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0 <= seconds <= 31_536_000:
            raise MockUsageError(f"delay: seconds must be a number from 0 to 31536000, not {seconds!r}")
        self._play(DELAY, times, types, milliseconds=round(seconds * 1000))

    def reorder(self, count: int = 2, *, types: str = "*") -> None:
        """Hold the next `count` deliveries back until all are there, then deliver the last one first."""
        if type(count) is not int or count < 2:
            raise MockUsageError(f"reorder: count must be a number, at least 2, not {count!r}")
        self._play(REORDER, count, types)

    def _play(self, kind: str, times: int, types: str, milliseconds: int = 0) -> None:
        if type(times) is not int or times < 1:
            raise MockUsageError(f"{kind}: times must be a number, at least 1, not {times!r}")
        with self._world.changing(), self._lock:
            self._tricks.append(_Trick(kind, times, types, milliseconds))

    # --- what happened ---------------------------------------------------------------------------

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt since the last reset, oldest first."""
        self._world.catch_up()
        with self._lock:
            entries = list(self._log)
        return [self._unsent(entry) if isinstance(entry, _Unsent) else entry for entry in entries]

    @property
    def pending(self) -> int:
        """How many deliveries are still to come: retries, delayed ones, those held back."""
        self._world.catch_up()
        with self._lock:
            held = sum(len(trick.held) for trick in self._tricks)
        with self._world.lock:
            timers = sum(timer.kind == TIMER for timer in self._world.timers.pending())
        return held + self._courier.waiting + timers

    def flush(self) -> int:
        """Deliver now whatever waits for its time, retries included; the answer says how many attempts.

        The clock stays where it is: the log has each attempt at the instant it would have been made.
        """
        world = self._world
        world.catch_up()
        before = self._made
        self._release_held()
        while True:
            self._courier.wait(self.timeout)
            with world.lock:
                due = [timer for timer in world.timers.pending() if timer.kind == TIMER]
                for timer in due:
                    world.timers.cancel(timer.seq)
            if not due:
                world.stir()
                return self._made - before
            for timer in due:
                self._attempt(Parcel(*timer.args), timer.due)

    def clear(self) -> None:
        """Forget the log and the tricks; receivers stay."""
        with self._world.changing():
            self.start_over()

    def start_over(self) -> None:
        with self._lock:
            self._log.clear()
            self._tricks.clear()
            self._made = 0

    def close(self) -> None:
        """Make no more calls over the network."""
        if "_courier" in vars(self):
            self._courier.stop()

    def report(self) -> str:
        """The deliveries that did not go well, as text."""
        return "\n".join(delivery.line() for delivery in self.deliveries if delivery.outcome == FAILED)

    # --- delivering ------------------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        world = self._world
        with world.lock:
            row = world.table(CUSTOMERS).get(world.account_of(event.customer_id))
            if row is None or not row.data["webhook_uri"]:
                return
            url, method = row.data["webhook_uri"], row.data["webhook_method"]
        method = method or "GET"  # as which the server sends it, still with a body
        if not self._tricks and not self._reaches(url) and not logger.isEnabledFor(logging.INFO):
            with self._lock:
                self._made += 1
                self._log.append(_Unsent(self._made, event, url, method))
            return
        parcel = _parcel(event, url, method)
        for each in self._tricked(parcel, event.microseconds):
            self._attempt(each, event.microseconds)

    def _tricked(self, parcel: Parcel, now: int) -> Iterable[Parcel]:
        """The deliveries to be made at once, after all tricks have been played."""
        with self._lock:
            trick = next((trick for trick in self._tricks if trick.takes(parcel.type)), None)
            if trick is None:
                return (parcel,)
            trick.left -= 1
            if trick.kind == REORDER:
                trick.held.append(parcel)
                if trick.left:
                    return ()
            if not trick.left:
                self._tricks.remove(trick)
        if trick.kind == DROP:
            self._note(self._webhook(parcel), DROPPED, at=now)
            return ()
        if trick.kind == DELAY:
            self._put_off(parcel, now + trick.milliseconds * MILLISECOND)
            return ()
        return trick.held[::-1] if trick.kind == REORDER else (parcel, parcel)

    def _put_off(self, parcel: Parcel, due: int) -> None:
        with self._world.lock:
            self._world.timers.call_at(due, TIMER, *parcel, order=DELIVERY)

    def _release_held(self) -> None:
        with self._lock:
            waiting = [trick for trick in self._tricks if trick.held]
            for trick in waiting:
                self._tricks.remove(trick)
        for trick in waiting:
            for parcel in trick.held[::-1]:
                self._attempt(parcel, self._world.clock.microseconds())

    def due(self, *parcel: Any) -> None:
        """A delivery has fallen due; this is under the world's lock, so it is only put on its way."""
        now = self._world.clock.microseconds()
        self._world.bus.later(lambda: self._attempt(Parcel(*parcel), now))

    def _webhook(self, parcel: Parcel) -> Webhook:
        raw = parcel.body.encode("utf-8")
        headers = {"Content-Type": "application/json"}
        row = self._world.table(CUSTOMERS).get(self._world.account_of(parcel.customer_id))
        secret = row.data["webhook_secret"] if row is not None and self.signed else ""
        if secret:
            headers[SIGNATURE_HEADER] = "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        return Webhook(parcel.type, parcel.url, parcel.method, headers, raw, parcel.attempt)

    def _receiver(self, url: str) -> Receiver | None:
        origin = _origin(url)
        return next((receiver for known, receiver in tuple(self._receivers) if known == origin), None)

    def _reaches(self, url: str) -> bool:
        return self._receiver(url) is not None or is_local(url)

    def _unsent(self, entry: _Unsent) -> Delivery:
        webhook = self._webhook(_parcel(entry.event, entry.url, entry.method))
        return Delivery(entry.number, entry.event.microseconds, webhook, NOT_SENT, error=OFF_THIS_MACHINE)

    def _attempt(self, parcel: Parcel, now: int) -> None:
        webhook = self._webhook(parcel)
        receiver = self._receiver(parcel.url)
        if receiver is None and not is_local(parcel.url):
            self._note(webhook, NOT_SENT, error=OFF_THIS_MACHINE, at=now)
            return
        if receiver is None:
            with self._lock:
                courier = self._courier  # looked up under a lock: there is but one
            courier.hand_over(lambda: self._finish(parcel, webhook, None, now), self.patience)
        else:
            self._finish(parcel, webhook, receiver, now)

    def _finish(self, parcel: Parcel, webhook: Webhook, receiver: Receiver | None, now: int) -> None:
        code, error = self._handed_over(receiver, webhook)
        # Anything below 500 counts as delivered, be it a 404 (server).
        if code is not None and code < 500:
            self._note(webhook, DELIVERED, code, at=now)
            return
        self._note(webhook, FAILED, code, error, at=now)
        if parcel.attempt < ATTEMPTS:
            self._put_off(parcel._replace(attempt=parcel.attempt + 1), now + BETWEEN * MILLISECOND)

    def _handed_over(self, receiver: Receiver | None, webhook: Webhook) -> tuple[int | None, str]:
        """The receiver's HTTP code, or why there is none."""
        if webhook.method not in METHODS:
            return None, f"{shorten(webhook.method)!r} is no method for webhooks; they are {', '.join(METHODS)}"
        try:
            if receiver is not None:
                return receiver(webhook), ""
            return over_http(webhook, self.timeout, is_local), ""
        except OSError as error:
            return None, f"{type(error).__name__}: {error}"
        except AssertionError as error:
            self.assertions.append(error)
            return None, f"the receiver's assertion failed: {error}"
        except Exception as error:  # a receiver's own fault is an answer too: the service would see a 500
            logger.warning("a webhook receiver failed", exc_info=True)
            return None, f"the receiver raised {type(error).__name__}: {error}"

    def _note(self, webhook: Webhook, outcome: str, status: int | None = None, error: str = "", *, at: int) -> None:
        with self._lock:
            self._made += 1
            delivery = Delivery(self._made, at, webhook, outcome, status, error)
            self._log.append(delivery)
        level = logging.WARNING if outcome == FAILED else logging.INFO
        logger.log(level, "webhook %s", delivery.line())


def forget_assertions(world: World) -> None:
    """What failed in receivers is known already."""
    webhooks = world.has(Webhooks)
    if webhooks is not None:
        webhooks.assertions.clear()


def attempt(world: World, *arguments: Any) -> None:
    """A delivery has fallen due: a retry, or one that was delayed."""
    if world.hears:
        world.part(Webhooks).due(*arguments)


def _parcel(event: Event, url: str, method: str) -> Parcel:
    return Parcel(event.type, event.customer_id, url, method, f'{{"type":"{event.type}","data":{event.data}}}')


@lru_cache(maxsize=256)
def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
