"""Events: what happened to a record, told to whoever subscribed.

A handler publishes while it holds the world's lock; subscribers hear of it in order, after the change
is committed and the lock released, so one of them may call back into the mock.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from voipbin_mock.wire import rows
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.world.bounded import BoundedLog
from voipbin_mock.world.part import Part

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

MOST_RAISED = 20  # errors of receivers that wait to be raised
MOST_BYTES = 32 * 1024 * 1024  # that the log of events keeps
LARGE = 16 * 1024  # bytes of a record: of a larger one the log keeps the text, which takes the least


_KEPT = (rows.COUNT, rows.MOMENT, *(rows.TEXT,) * 5, rows.JSON, rows.COUNT, rows.TEXTS)


class About(Protocol):
    """Whose the events of one record are, and how what they hold becomes text."""

    @property
    def customer_id(self) -> str: ...

    @property
    def resource(self) -> str: ...

    @property
    def record_id(self) -> str: ...

    @property
    def owner_id(self) -> str: ...

    def text(self, holds: Any) -> str:
        """The record as JSON text; most events are never asked for it."""


class Subject(NamedTuple):
    """What one event is about; where a history is kept, its `Past` says so for all of a record."""

    customer_id: str
    resource: str
    record_id: str
    owner_id: str
    text: Callable[[Any], str]


class Event(NamedTuple):
    """One fact, as the service would publish it."""

    number: int
    microseconds: int  # virtual time, since 1970
    type: str  # "campaign_created"
    about: About
    holds: Any  # what `about` makes the text of (the row as it was then, its moment in the history), or the text
    size: int = 0  # about the bytes that it keeps from being forgotten
    topics: tuple[str, ...] = ()  # what it is published under on websockets, if that is not the usual

    @property
    def customer_id(self) -> str:
        return self.about.customer_id

    @property
    def resource(self) -> str:
        """`campaigns`."""
        return self.about.resource

    @property
    def record_id(self) -> str:
        return self.about.record_id

    @property
    def owner_id(self) -> str:
        """Of the agent that owns the record, or ""."""
        return self.about.owner_id

    @property
    def data(self) -> str:
        """The record as JSON text, as the API showed it then."""
        holds = self.holds
        return holds if type(holds) is str else self.about.text(holds)

    def kept(self) -> list[Any]:
        """As JSON, for another process."""
        about = self.about
        whose = about.customer_id, about.resource, about.record_id, about.owner_id
        return [*self[:3], *whose, self.data, self.size, list(self.topics)]

    @classmethod
    def read(cls, document: Any, where: str) -> Event:
        """Take back what `kept` gave. Raises ValueError."""
        number, at, kind, *whose, data, size, topics = rows.row(document, _KEPT, where)
        customer, resource, record, owner = whose
        return cls(number, at, kind, Subject(customer, resource, record, owner, str), data, size, tuple(topics))

    def as_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "time": rfc3339_stamp_full(self.microseconds),
            "type": self.type,
            "customer_id": self.customer_id,
            "data": json.loads(self.data),
        }


Subscriber = Callable[[Event], None]


class Bus(Part):
    """The events of one world: a bounded log, and those not delivered yet."""

    survives, kept_as = True, "events"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.log: BoundedLog[Event] = BoundedLog(world.settings.journal_size, MOST_BYTES)
        self.published = 0
        self.heard = False  # whether the blueprint's listeners are there
        self._subscribers: list[Subscriber] = []
        self._watchers: list[Callable[[], None]] = []
        self._waiting: deque[Event | Callable[[], object]] = deque()
        # Of the step that is open: nobody may hear of what may not come about. An event, or what is to be done.
        self._staged: list[Event | Callable[[], object]] = []
        self._trail = world.trail
        self._delivering = Lock()
        # What subscribers raised and a test should hear of; whoever closes the mock raises it there.
        self.raised: list[BaseException] = []

    def clear(self) -> None:
        """Forget what happened; subscribers stay."""
        self._trail.note(self._bring_back, self.log, self.published, list(self._waiting), self._staged)
        self.log = BoundedLog(self._world.settings.journal_size, MOST_BYTES)
        self._waiting.clear()
        self._staged = []
        self.published = 0

    def _bring_back(self, log: BoundedLog[Event], published: int, waiting: list[Any], staged: list[Any]) -> None:
        self.log, self.published, self._staged = log, published, staged
        self._waiting.extendleft(reversed(waiting))

    def start_over(self) -> None:
        self.clear()

    def remember(self) -> Callable[[], Any]:
        published, events = self.published, tuple(self.log)
        return lambda: {"published": published, "events": (event.kept() for event in events)}

    def recall(self, document: Any) -> None:
        published, events = rows.member(document, "published", rows.COUNT), rows.each(document, "events", Event.read)
        log: BoundedLog[Event] = BoundedLog(self.log.most, self.log.most_bytes)
        for event in events:
            log.append(event)
        self.log, self.published, self._staged = log, published, []
        self._waiting.clear()

    def listen(self) -> None:
        """Make the parts that hear of events. They stay, whatever becomes of the step that needed them first."""
        self.heard = True
        depth, self._trail.depth = self._trail.depth, 0
        try:
            for kind in self._world.blueprint.listeners():
                self._world.part(kind)
        finally:
            self._trail.depth = depth

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Hear of every event from now on; the answer ends it."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Be told, at once and under whatever lock, that something happened; the answer ends it."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def stir(self) -> None:
        """Something happened that is no event: a record was put in place, time was moved."""
        for watcher in tuple(self._watchers):
            watcher()

    def publish(self, event: Event) -> None:
        """To be called under the world's lock. Within a step it is told, and logged, once that is done."""
        self.published = event.number
        self._staged.append(event)
        if not self._trail.depth:
            self.commit()
        if self._watchers:
            self.stir()

    def mark(self) -> tuple[int, int, bool]:
        """How things stand as a step begins."""
        return self.published, len(self._staged), self.heard

    def put_back(self, mark: tuple[int, int, bool]) -> None:
        """A step is taken back: nobody hears of it."""
        self.published, staged, self.heard = mark
        del self._staged[staged:]

    def commit(self) -> None:
        """What was published stands."""
        if not self._staged:
            return
        staged, self._staged, log = self._staged, [], self.log
        for each in staged:
            if type(each) is Event:
                log.append(each)
        self._waiting += staged if self._subscribers else [each for each in staged if type(each) is not Event]

    def _failed(self, error: BaseException) -> None:
        """Whatever one of them raises, the others hear all the same, and the call has its answer."""
        logger.error("a subscriber of events failed: %r", error, exc_info=error)
        self.put_off(error)

    def put_off(self, error: BaseException) -> None:
        """To be raised when the mock is closed: the first of them is, so a few are enough."""
        if len(self.raised) < MOST_RAISED:
            self.raised.append(error)

    def later(self, action: Callable[[], object]) -> None:
        """Do something once the lock is released, after what waits already."""
        self._staged.append(action)
        if not self._trail.depth:
            self.commit()

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    def deliver(self) -> None:
        """Tell subscribers what waits, in order. To be called without the world's lock.

        One thread at a time tells; another that comes along leaves its events to it, and so does a
        subscriber that calls back into the mock: to wait for each other would be to wait for ever.
        """
        while self._waiting and (delivering := self._delivering).acquire(blocking=False):
            try:
                while self._waiting:
                    what: Any = self._waiting.popleft()
                    if type(what) is not Event:
                        try:
                            what()
                        except BaseException as error:  # noqa: BLE001
                            self._failed(error)
                        continue
                    for subscriber in tuple(self._subscribers):
                        try:
                            subscriber(what)
                        except BaseException as error:  # noqa: BLE001
                            self._failed(error)
            finally:
                delivering.release()

    def forked(self) -> None:
        """In a forked child: what waits is delivered by the parent, and who was delivering there is not here."""
        self._waiting.clear()
        self._delivering = Lock()
