"""Webhooks: the customer's own URL hears of every event, as the service tells it.

Deliveries are made after the change is committed and outside the world's lock, so a receiver may call
back into the mock. Attempts are a virtual second apart. Only this machine is ever called.

Receivers are somebody else's code: whatever one raises, and however long it takes, is an attempt that failed, and
nothing more.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.areas.flows.replies import Asked, Planned, Replies, made
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS
from voipbin_mock.delivery.attempts import HANGS_ON, Attempt, settle
from voipbin_mock.delivery.calls import Calls, Connected
from voipbin_mock.delivery.differences import RUN_WEBHOOK
from voipbin_mock.delivery.log import (
    DELIVERED,
    DROPPED,
    FAILED,
    NOT_SENT,
    OFF_THIS_MACHINE,
    Delivery,
    DeliveryLog,
    advice,
)  # fmt: skip
from voipbin_mock.delivery.posting import discreet_url, target_of
from voipbin_mock.delivery.receivers import Webhook, receiver_of
from voipbin_mock.delivery.tricking import Tricking
from voipbin_mock.delivery.tricks import Parcel, Tricks
from voipbin_mock.wire import rows
from voipbin_mock.wire.errors import MockUsageError, shorten
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.bus import About, Event
from voipbin_mock.world.store import Row, Table
from voipbin_mock.world.timers import DELIVERY, MILLISECOND
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

ATTEMPTS = 3
BETWEEN = 1000  # milliseconds
METHODS = ("POST", "GET", "PUT", "DELETE")
TIMER = "webhook"
SIGNATURE_HEADER = "X-VoIPBIN-Signature"
MOST_PUT_OFF = 10_000  # deliveries that wait for their time, retries above all
MOST_PUT_OFF_BYTES = 32 * 1024 * 1024
_PARCEL = (*(rows.TEXT,) * 5, rows.COUNT, rows.TEXT, rows.NUMBER)
_UNDER_WAY = (rows.COUNT, rows.MOMENT, rows.LIST, rows.TEXT_BY_NAME, rows.FLAG)


class Webhooks(Tricking):
    """The webhooks of one world: who hears of events, what became of each, and tricks played on them."""

    survives, kept_as = True, "webhooks"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        world.bus.subscribe(self._hear)
        self._connected: list[Connected] = []
        self._of_runs = RUN_WEBHOOK.of(world)  # whether a run's own webhook hears of the run, or of its calls and so on
        self._elsewhere = ""  # a URL that leads off this machine: most events are for the same
        self._log = DeliveryLog()
        self._calls = Calls(world)
        self.begun = 0  # attempts, ever
        self._put_off = self._put_off_bytes = 0  # since they were last counted

    @property
    def timeout(self) -> float:
        """Seconds of the machine that a receiver may take for one attempt, in all; may be set."""
        return self._calls.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self._calls.timeout = seconds

    @property
    def patience(self) -> float:
        """Of these, so many are waited for before the caller goes on; may be set."""
        return self._calls.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._calls.patience = seconds

    # --- who hears -------------------------------------------------------------------------------

    def connect(
        self, receiver: Any, url: str | None = None, *, kind: str | None = None, customer: str | None = None
    ) -> Callable[[], None]:
        """Deliver into a WSGI app, an ASGI app or a callable instead of over the network.

        A callable gets a `Webhook` and returns an HTTP code or nothing. An assertion that fails in a receiver, and
        anything else that ends tests, fails the delivery, and the test when the mock is closed. url: what the
        customer's `webhook_uri` is set to (with POST); left out, whatever the customer has, or one that is made up.
        Its path is the one that an app is called at. Deliveries to other hosts are not touched. The answer ends the
        connection.

        A coroutine or an ASGI app runs on the loop that runs in the thread of the call, else on the one that runs
        here and now, else on one of the mock's own.
        """
        found = receiver_of(receiver, kind)
        if url is not None and target_of(url).problem:
            raise MockUsageError(f"connect: {target_of(url).problem}")
        world = self._world
        with world.changing():
            table = world.table(CUSTOMERS)
            row = table.get(world.account_of(customer or world.owner))
            if row is None:
                raise MockUsageError("there is no such customer, so nobody's events can be delivered")
            known = row.data["webhook_uri"]
            wanted = url or (known if known and not target_of(known).problem else "https://webhooks.invalid/voipbin")
            if (known, row.data["webhook_method"]) != (wanted, "POST"):
                method = row.data["webhook_method"] if url is None else ""
                table.replace({**row.data, "webhook_uri": wanted, "webhook_method": method or "POST"})
        entry = Connected(target_of(wanted).origin, found)
        self._connected.insert(0, entry)
        return lambda: self._connected.remove(entry) if entry in self._connected else None

    # --- what happened ---------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<webhooks: {self.made} deliveries>"

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt since the last reset, oldest first (the newest 10,000, of at most 32 MB together)."""
        return self.newest()

    made = property(lambda self: self._log.made, doc="How many there were since the log was cleared.")

    def newest(self, limit: int | None = None, *, after: int = 0) -> list[Delivery]:
        """The same, of those since a number only; with a limit, no more than the newest so many."""
        self._world.catch_up()
        return self._log.deliveries(self._made_of, after, limit)

    @property
    def pending(self) -> int:
        """How many deliveries are still to come: under way, retries, delayed ones, those held back."""
        with self._world.looking():
            tricks = self._world.has(Tricks)
            held = 0 if tricks is None else tricks.waiting
            timers = sum(timer.kind == TIMER for timer in self._world.timers.pending())
        return held + len(self._calls.under_way) + timers

    def flush(self) -> int:
        """Deliver now whatever waits for its time, retries included; the answer says how many attempts.

        The clock stays where it is: the log has each attempt at the instant it would have been made. What needs the
        loop of this very thread comes with its next turns: `await settled()` waits for it.
        """
        world = self._world
        world.catch_up()
        before = self._log.made
        with world.lock:
            held = self._tricks.release()
        for parcel in held:
            self._attempt(parcel, world.clock.microseconds())
        while True:
            self._calls.wait()
            with world.lock:
                due = [timer for timer in world.timers.pending() if timer.kind == TIMER]
                for timer in due:
                    world.timers.cancel(timer.seq)
            if not due:
                world.stir()
                return self._log.made - before
            for timer in due:
                self._attempt(Parcel(*timer.args), timer.due)

    def again(self, number: int) -> list[Delivery]:
        """Deliver once more what this delivery was of, from its first attempt; tricks leave it alone. The answer has
        the attempts that are over by then. Raises LookupError for a number that the log does not have (any more).
        """
        one = next((each for each in self.deliveries if each.number == number), None)
        if one is None:
            raise LookupError(f"there is no delivery {number}")
        before = self._log.made
        self._attempt(one.parcel, self._world.clock.microseconds())
        self._world.stir()
        return self._log.deliveries(self._made_of, before)

    async def settled(self) -> None:
        """Wait, on the loop that runs, until all deliveries that are under way have ended.

        Clients that are awaited wait by themselves, for a moment (`patience`); those that are not (`requests`,
        `client`) hold up the loop, and receivers that need it answer after them.
        """
        self._world.catch_up()
        await self.settle(self._calls.under_way.attempts(), self.timeout + HANGS_ON)

    @property
    def under_way(self) -> frozenset[Attempt]:
        """The attempts that somebody else than the caller is making now."""
        return frozenset(self._calls.under_way.attempts())

    async def settle(self, attempts: Any, patience: float | None = None) -> None:
        """Wait for these on the loop that runs, as long as there is patience."""
        await settle(attempts, self.patience if patience is None else patience, self._calls.alarm)

    def clear(self) -> None:
        """Forget the log and the tricks; receivers stay."""
        with self._world.changing():
            self._log.clear()
            tricks = self._world.has(Tricks)
            if tricks is not None:
                tricks.clear()

    def start_over(self) -> None:
        self._log.clear()
        self._calls.under_way.give_up(self._calls.under_way.attempts())

    def keep(self) -> Collection[int]:
        return [attempt.number for attempt in self._calls.under_way.attempts()]

    def bring_back(self, kept: Collection[int]) -> None:
        """What is under way and was not then belongs to a past that was given up."""
        under_way = self._calls.under_way
        under_way.give_up(attempt for attempt in under_way.attempts() if attempt.number not in kept)

    def remember(self) -> Callable[[], Any]:
        log, put_off = self._log.remember(), [self._put_off, self._put_off_bytes]
        under_way = [
            [one.number, one.at, list(one.parcel), one.webhook.headers, one.stale]
            for one in self._calls.under_way.attempts()
        ]
        begun = self.begun
        return lambda: {"begun": begun, "put_off": put_off, "under_way": under_way, "log": log()}

    def recall(self, document: Any) -> None:
        """Attempts that were under way are so again, but nobody makes them yet."""
        attempts = list(rows.each(document, "under_way", self._attempt_of))
        begun = rows.member(document, "begun", rows.COUNT)
        put_off = rows.row(rows.member(document, "put_off", rows.LIST), (rows.COUNT, rows.COUNT), "/put_off")
        self._log.recall(document.get("log"), "/log")
        self.begun, (self._put_off, self._put_off_bytes) = begun, put_off
        self._elsewhere = ""
        self._calls.under_way.forget()
        for attempt in attempts:
            self._calls.under_way.add(attempt)

    def _attempt_of(self, document: Any, where: str) -> Attempt:
        number, at, values, headers, stale = rows.row(document, _UNDER_WAY, where)
        parcel = Parcel(*rows.row(values, _PARCEL, f"{where}/2"))
        body = parcel.body.encode("utf-8", "surrogatepass")
        webhook = Webhook(parcel.type, parcel.url, parcel.method, headers, body, parcel.attempt)
        attempt = Attempt(parcel, webhook, at, self._ended, number)
        attempt.stale = stale
        return attempt

    def close(self) -> None:
        """Make no more deliveries; tasks that receivers started on the mock's own loop end."""
        left = self._calls.stop()
        if left:
            logger.warning("tasks that webhook receivers had started ended with the mock: %s", ", ".join(left[:10]))

    def report(self) -> str:
        """The deliveries that did not go well, and those that were answered 4xx, as text."""
        return "\n".join(self._told(one) for one in self.deliveries if one.outcome == FAILED or one.refused)

    def _told(self, delivery: Delivery) -> str:
        hint = advice(delivery, self._receiver(delivery.url) is not None) if delivery.refused else ""
        return delivery.line() + hint

    # --- what is to be delivered -------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        world, about = self._world, event.about
        with world.lock:
            tables, whose = world.store.tables, about.customer_id
            customer = tables[CUSTOMERS.name].get(world.accounts.get(whose, whose))
            of_run = self._of_runs == (about.resource == ACTIVEFLOWS.name)
            run = _run_of(tables, about) if of_run else None
        if customer is not None and (url := customer.data["webhook_uri"]):
            self._tell(event, url, customer.data["webhook_method"])
        if run is not None and (url := run.data["webhook_uri"]):
            self._tell(event, url, run.data["webhook_method"])

    def _tell(self, event: Event, url: str, method: str) -> None:
        """Deliver an event there; if that leads off this machine, it is only noted."""
        method, parts = method or "GET", self._world.parts  # without one (server)
        if url != self._elsewhere or self._connected or Replies in parts or Tricks in parts:
            self._elsewhere = "" if self._is_tricky or self._reaches(url) else url
        if url != self._elsewhere:
            self._send(_parcel(event, url, method), event.microseconds)
            return
        self._log.note_unsent(event, url, method)
        if logger.isEnabledFor(logging.INFO):
            self._say_unsent(url)

    @property
    def _is_tricky(self) -> bool:
        tricks = self._world.has(Tricks)
        return tricks is not None and bool(tricks.planned)

    def _send(self, parcel: Parcel, now: int) -> None:
        """Deliver it, or whatever tricks make of it."""
        with self._world.lock:
            played = self._tricks.play(parcel) if self._is_tricky else None
        if played is None:
            self._attempt(parcel, now)
            return
        for one in played.dropped:
            self._note(one, self._webhook(one), DROPPED, at=now)
        for step in played.steps:
            if step.milliseconds:
                self._delayed(step.parcel, now, step.milliseconds)
            else:
                self._attempt(step.parcel, now)

    def send(self, parcel: Parcel) -> None:
        """A flow sends it; this is under the world's lock, so it is only put on its way."""
        now = self._world.clock.microseconds()
        self._world.bus.later(lambda: self._send(parcel, now))

    def _delayed(self, parcel: Parcel, now: int, milliseconds: int) -> None:
        if not self._later(parcel, now + milliseconds * MILLISECOND):
            error = "not put off: too many wait for their time already"
            self._note(parcel, self._webhook(parcel), FAILED, error=error, at=now)

    def _later(self, parcel: Parcel, due: int) -> bool:
        """Put it off until then; whether there is room for it."""
        timers, size = self._world.timers, len(parcel.body)
        with self._world.lock:
            if self._put_off >= MOST_PUT_OFF or self._put_off_bytes + size > MOST_PUT_OFF_BYTES:
                waiting = [timer for timer in timers.pending() if timer.kind == TIMER]
                self._put_off, self._put_off_bytes = len(waiting), sum(len(timer.args[4]) for timer in waiting)
            if self._put_off >= MOST_PUT_OFF or self._put_off_bytes + size > MOST_PUT_OFF_BYTES:
                return False
            self._put_off += 1
            self._put_off_bytes += size
            timers.call_at(due, TIMER, *parcel, order=DELIVERY)
        return True

    def due(self, *parcel: Any) -> None:
        """A delivery has fallen due; this is under the world's lock, so it is only put on its way."""
        now = self._world.clock.microseconds()
        self._world.bus.later(lambda: self._attempt(Parcel(*parcel), now))

    def _made_of(self, event: Event, url: str, method: str) -> Webhook:
        return self._webhook(_parcel(event, url, method))

    def _webhook(self, parcel: Parcel) -> Webhook:
        raw = parcel.body.encode("utf-8")
        headers = {"Content-Type": parcel.content_type}
        row = self._world.table(CUSTOMERS).get(self._world.account_of(parcel.customer_id))
        secret = row.data["webhook_secret"] if row is not None and self.signed else ""
        if secret:
            headers[SIGNATURE_HEADER] = "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        return Webhook(parcel.type, parcel.url, parcel.method, headers, raw, parcel.attempt)

    def _receiver(self, url: str) -> Connected | None:
        if not self._connected:
            return None
        origin = target_of(url).origin
        return next((one for one in tuple(self._connected) if one.origin == origin), None) if origin else None

    def _reaches(self, url: str) -> bool:
        """Whether an attempt can be made, be it to find that it fails."""
        target = target_of(url)
        if target.local or target.problem:
            return True
        return self._receiver(url) is not None or self._is_planned(url)

    def _is_planned(self, url: str) -> bool:
        replies = self._world.has(Replies)
        return replies is not None and replies.is_for(url)

    def _planned(self, webhook: Webhook) -> Planned | None:
        """A reply that a test has planned for this URL."""
        with self._world.step():
            replies = self._world.has(Replies)
            return None if replies is None else replies.pick(webhook.url)

    def _answered(self, attempt: Attempt, planned: Planned) -> None:
        world, webhook = self._world, attempt.webhook
        asked = Asked(attempt.at, webhook.type, webhook.method, webhook.url, webhook.body.decode("utf-8"))

        def receive(_: Webhook) -> int:
            answer = made(planned, asked)
            with world.step():
                world.part(Replies).note(asked._replace(status=answer.status))
            return answer.status

        if planned.makes is None:
            attempt.end(receive(webhook))
        else:
            self._calls.in_python(attempt, Connected(planned.url, receive))

    # --- delivering ------------------------------------------------------------------------------

    def _attempt(self, parcel: Parcel, now: int) -> None:
        webhook = self._webhook(parcel)
        found, target = self._receiver(parcel.url), target_of(parcel.url)
        if parcel.code:
            self._begun(parcel, webhook, now).end(parcel.code)
            return
        if found is None and (planned := self._planned(webhook)) is not None:
            self._answered(self._begun(parcel, webhook, now), planned)
            return
        if not self._reaches(parcel.url):
            self._note(parcel, webhook, NOT_SENT, error=OFF_THIS_MACHINE, at=now)
            return
        attempt = self._begun(parcel, webhook, now)
        if webhook.method not in METHODS:
            methods = ", ".join(METHODS)
            attempt.end(None, f"{shorten(webhook.method)!r} is no method for webhooks; they are {methods}")
        elif found is None and target.problem:
            attempt.end(None, target.problem)
        elif found is None:
            self._calls.on_a_port(attempt, target.origin)
        else:
            self._calls.in_python(attempt, found)

    def _begun(self, parcel: Parcel, webhook: Webhook, now: int) -> Attempt:
        with self._world.lock:
            self.begun += 1
            return Attempt(parcel, webhook, now, self._ended, self.begun)

    def taken_up(self, number: int) -> tuple[Calls, Attempt]:
        """An attempt that was under way as a state was kept, and who makes it. Raises LookupError."""
        return self._calls, {one.number: one for one in self._calls.under_way.attempts()}[number]

    def lost(self, attempt: Attempt, why: str) -> None:
        """Nobody will know what became of it, so that it is not tried again."""
        if not attempt.stale:
            self._note(attempt.parcel, attempt.webhook, FAILED, error=why, at=attempt.at)
        attempt.stale = True
        attempt.end(None, why)

    def _ended(self, attempt: Attempt, code: int | None, error: str) -> None:
        if attempt.stale or self._held() is None:
            return
        # Anything below 500 counts as delivered, be it a 404 (server).
        if code is not None and code < 500:
            self._note(attempt.parcel, attempt.webhook, DELIVERED, code, at=attempt.at)
            return
        parcel = attempt.parcel
        if parcel.attempt < ATTEMPTS:
            again = parcel._replace(attempt=parcel.attempt + 1, code=0)
            if not self._later(again, attempt.at + BETWEEN * MILLISECOND):
                error = f"{error}; not tried again: too many wait for their time already".lstrip("; ")
        self._note(parcel, attempt.webhook, FAILED, code, error, at=attempt.at)

    def _note(
        self, parcel: Parcel, webhook: Webhook, outcome: str, status: int | None = None, error: str = "", *, at: int
    ) -> None:
        delivery = self._log.note(webhook, outcome, status, error, at, parcel.customer_id)
        if outcome == NOT_SENT:
            if logger.isEnabledFor(logging.INFO):
                self._say_unsent(webhook.url)
        else:
            level = logging.WARNING if outcome == FAILED or delivery.refused else logging.INFO
            logger.log(level, "webhook %s", self._told(delivery), extra=self._world.logged)

    def _say_unsent(self, url: str) -> None:
        """Once for each URL: where there is one, every event is for it."""
        if self._log.is_news(url):
            told = shorten(discreet_url(url), 300), OFF_THIS_MACHINE
            logger.info("webhooks to %s -> not sent: %s", *told, extra=self._world.logged)


def _run_of(tables: Mapping[str, Table], about: About) -> Row | None:
    """The run of a flow that an event is about, if there is one."""
    if about.resource == ACTIVEFLOWS.name:
        return tables[ACTIVEFLOWS.name].get(about.record_id)
    row = tables[about.resource].get(about.record_id)
    run_id = NIL_UUID if row is None else row.data.get("activeflow_id") or NIL_UUID
    return None if run_id == NIL_UUID else tables[ACTIVEFLOWS.name].get(run_id)


def _parcel(event: Event, url: str, method: str) -> Parcel:
    return Parcel(event.type, event.customer_id, url, method, f'{{"type":"{event.type}","data":{event.data}}}')
