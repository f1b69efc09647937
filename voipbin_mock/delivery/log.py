"""The log of deliveries: every attempt, and what became of it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from voipbin_mock.delivery.posting import discreet_url
from voipbin_mock.delivery.receivers import Webhook
from voipbin_mock.delivery.tricks import JSON, Parcel
from voipbin_mock.wire import rows
from voipbin_mock.wire.errors import shorten
from voipbin_mock.wire.redaction import redact_text
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.wire.values import printable
from voipbin_mock.world.bounded import BoundedLog
from voipbin_mock.world.bus import Event

logger = logging.getLogger("voipbin_mock")

MOST = 10_000  # attempts
MOST_BYTES = 32 * 1024 * 1024  # of their bodies
MOST_URLS = 256  # of which it is told once that nothing is sent there
_EACH = 800  # bytes of the machine that an attempt takes beside its body

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
    customer_id: str = ""  # whose event it is

    @property
    def size(self) -> int:
        return len(self.webhook.body) + _EACH

    @property
    def type(self) -> str:
        """The event's: number_created."""
        return self.webhook.type

    @property
    def attempt(self) -> int:
        """From 1."""
        return self.webhook.attempt

    @property
    def time(self) -> str:
        """The virtual moment, as RFC 3339 has it."""
        return rfc3339_stamp_full(self.microseconds)

    @property
    def method(self) -> str:
        return self.webhook.method

    @property
    def url(self) -> str:
        return self.webhook.url

    @property
    def headers(self) -> dict[str, str]:
        return self.webhook.headers

    @property
    def body(self) -> bytes:
        return self.webhook.body

    @property
    def json(self) -> Any:
        """The body, read as JSON. Raises ValueError."""
        return self.webhook.json

    @property
    def data(self) -> dict[str, Any]:
        """The record, as the API shows it; of what a flow sends (`webhook_send`) all of the body."""
        return self.webhook.data

    @property
    def signature(self) -> str:
        return self.webhook.signature

    @property
    def parcel(self) -> Parcel:
        """The same to be delivered, from its first attempt."""
        kind = self.headers.get("Content-Type", JSON)
        body = self.body.decode("utf-8")
        return Parcel(self.type, self.customer_id, self.url, self.method, body, content_type=kind)

    @property
    def refused(self) -> bool:
        """Whether the receiver answered 4xx: delivered, and nobody tries again, but hardly what it was to say."""
        return self.status is not None and 400 <= self.status < 500

    def __repr__(self) -> str:
        return f"<delivery #{self.number} {self.line()}>"  # what an assertion shows holds no credential either

    def line(self) -> str:
        """One readable line."""
        webhook = self.webhook
        said = f": {self.error}" if self.error else "" if self.status is None else f" {self.status}"
        url = shorten(redact_text(discreet_url(webhook.url)), 300)
        return printable(
            f"{webhook.type} attempt {webhook.attempt} {webhook.method} {url} -> {self.outcome}{redact_text(said)}"
        )

    def as_dict(self, brief: bool = False) -> dict[str, Any]:
        """As JSON values; brief: without headers and body."""
        whole = {} if brief else {"headers": self.headers, "body": self.body.decode("utf-8")}
        return {
            "number": self.number,
            "time": self.time,
            "type": self.type,
            "attempt": self.attempt,
            "method": self.method,
            "url": redact_text(self.url),
            **whole,
            "outcome": self.outcome,
            "status": self.status,
            "error": redact_text(self.error),
        }


Target = tuple[str, str]  # URL and method


class DeliveryLog:
    """The newest attempts: so many, and so many bytes of them."""

    def __init__(self) -> None:
        # Of what nobody is there to hear of, the event: its body is made if somebody reads the log.
        self._kept: BoundedLog[Delivery | Event] = BoundedLog(MOST, MOST_BYTES)
        # The URL and method that they were for, each with the number of the first for it: most are for the same.
        self._targets: deque[tuple[int, Target]] = deque()
        self._newest: Target = ("", "")
        self._lock = threading.Lock()
        self._told: set[str] = set()
        self.made = 0

    def note(
        self, webhook: Webhook, outcome: str, status: int | None, error: str, at: int, customer_id: str
    ) -> Delivery:
        with self._lock:
            self.made += 1
            delivery = Delivery(self.made, at, webhook, outcome, status, error, customer_id)
            self._kept.append(delivery)
            if self._newest != (webhook.url, webhook.method):
                self._now_for(webhook.url, webhook.method)
        return delivery

    def note_unsent(self, event: Event, url: str, method: str) -> None:
        with self._lock:
            self.made += 1
            self._kept.append(event)
            if self._newest != (url, method):
                self._now_for(url, method)

    def _now_for(self, url: str, method: str) -> None:
        """The newest is for another than the one before."""
        self._newest = url, method
        self._targets.append((self.made, self._newest))
        forgotten = self.made - len(self._kept)
        while len(self._targets) > 1 and self._targets[1][0] <= forgotten + 1:
            self._targets.popleft()

    def _targets_since(self, number: int) -> list[Target]:
        """Of each that is kept from this number on."""
        found: list[Target] = []
        end = self.made + 1
        for first, target in reversed(self._targets):
            found += [target] * (end - max(first, number))
            end = first
        return found[::-1]

    def is_news(self, url: str) -> bool:
        """Whether it has not been told yet that nothing is sent there."""
        with self._lock:
            if url[:300] in self._told or len(self._told) >= MOST_URLS:
                return False
            self._told.add(url[:300])
            return True

    def deliveries(
        self, made_of: Callable[[Event, str, str], Webhook], after: int = 0, most: int | None = None
    ) -> list[Delivery]:
        """Those since a number, the oldest first; with `most`, the newest of them."""
        with self._lock:
            kept, made = list(self._kept), self.made
            targets = self._targets_since(made - len(kept) + 1)
        before = made - len(kept)
        skipped = max(0, after - before)
        if most is not None:
            skipped = max(skipped, len(kept) - most)
        kept, targets = kept[skipped:], targets[skipped:]
        return [
            one if isinstance(one, Delivery) else _unsent(one, number, made_of(one, *target))
            for number, (one, target) in enumerate(zip(kept, targets, strict=True), made - len(kept) + 1)
        ]

    def remember(self) -> Callable[[], Any]:
        """See `Part.remember`."""
        with self._lock:
            kept, made = list(self._kept), self.made
            targets = self._targets_since(made - len(kept) + 1)
        return lambda: {"made": made, "kept": (_kept(*one) for one in zip(kept, targets, strict=True))}

    def recall(self, document: Any, where: str) -> None:
        """Take that back. Raises ValueError."""
        made, kept = rows.member(document, "made", rows.COUNT, where), list(rows.each(document, "kept", _read, where))
        self.clear()
        self.made = made - len(kept)
        for one, url, method in kept:
            if isinstance(one, Event):
                self.note_unsent(one, url, method)
            else:
                self.note(one.webhook, one.outcome, one.status, one.error, one.microseconds, one.customer_id)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._targets.clear()
            self._newest = ("", "")
            self.made = 0


_SENT = (
    *(rows.MOMENT, rows.TEXT, rows.TEXT, rows.TEXT, rows.TEXT_BY_NAME, rows.BLOB, rows.COUNT),
    *(rows.TEXT, rows.COUNT_OR_NULL, rows.TEXT, rows.TEXT),
)


def _kept(one: Delivery | Event, target: Target) -> list[Any]:
    """A line of the log as JSON: an attempt, or an event with its URL and method."""
    if isinstance(one, Event):
        return [one.kept(), *target]
    kind, url, method, headers, body, attempt = one.webhook
    about = one.outcome, one.status, one.error, one.customer_id
    return [one.microseconds, kind, url, method, headers, rows.blob(body), attempt, *about]


def _read(document: Any, where: str) -> tuple[Delivery | Event, str, str]:
    if type(document) is list and len(document) == 3:
        event, url, method = rows.row(document, (rows.LIST, rows.TEXT, rows.TEXT), where)
        return Event.read(event, f"{where}/0"), url, method
    at, kind, url, method, headers, body, attempt, *about = rows.row(document, _SENT, where)
    webhook = Webhook(kind, url, method, headers, rows.bytes_of(body, f"{where}/5"), attempt)
    return Delivery(0, at, webhook, *about), url, method


def _unsent(event: Event, number: int, webhook: Webhook) -> Delivery:
    error, customer_id = OFF_THIS_MACHINE, event.customer_id
    return Delivery(number, event.microseconds, webhook, NOT_SENT, error=error, customer_id=customer_id)


def advice(delivery: Delivery, in_process: bool) -> str:
    """What to do about an answer that counts as delivered, and says that something was wrong."""
    if delivery.status in (404, 405) and in_process:
        from urllib.parse import urlsplit

        path = urlsplit(delivery.url).path or "/"
        return f"; it was called at {path}: pass `url=` to connect(), with the path that your app takes webhooks at"
    if delivery.status in (404, 405):
        return "; the customer's `webhook_uri` should have the path that your receiver takes webhooks at"
    if delivery.status in (401, 403):
        return "; is the signature verified with the customer's `webhook_secret` (GET /v1.0/customer)?"
    return "; it counts as delivered, and is not tried again"
