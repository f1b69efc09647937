"""Notices: that something changed, and what, so that a page fetches it; numbered, and short.

Nobody notes them while things happen. Whoever asks has the counters of the logs and parts looked at, and what differs
from the last look gets a number: so they cost nothing while nobody asks, and little if somebody does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from voipbin_mock.delivery.webhooks import Webhooks
from voipbin_mock.insight.journal import Journal
from voipbin_mock.world.ids import run_number
from voipbin_mock.world.part import Part
from voipbin_mock.world.sessions import Sessions
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from voipbin_mock.trouble.faults import PlannedFaults

MOST = 1000  # that are kept
MOST_EACH = 20  # requests, or records of one resource, that one look tells of one by one
MOST_WRITTEN = 2000  # records that are remembered between two looks
# What of a world's parts, by name, a notice of which kind is about.
_PARTS = {
    "ais": "ais",
    "billing": "billing",
    "jobs": "ais",
    "plans": "faults",
    "limits": "faults",
    "modes": "faults",
    "replies": "faults",
    "tricks": "webhooks",
    "phones": "phones",
}
# Resource -> the kind of page that shows its records as part of something else, and the member that says of what.
_PART_OF = {
    "calls": ("calls", "calls", "id"),
    "activeflows": ("calls", "calls", "reference_id"),
    "campaigns": ("campaigns", "campaigns", "id"),
    "campaigncalls": ("campaigns", "campaigns", "campaign_id"),
}
Notice = Mapping[str, Any]


class Notices(Part):
    """The newest notices of one world.

    Their numbers begin anywhere: who comes back with a number of another run of the server is not taken for one who
    was here before.
    """

    survives = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.newest = run_number() + 1
        self._kept: deque[Notice] = deque(maxlen=MOST)
        self._written: dict[tuple[str, str], None] = {}
        self._many: set[str] = set()  # resources of which more was written than is remembered
        self._leaving: list[Callable[[], None]] = []
        self._watcher: Callable[[], None] | None = None
        self.closed = False
        self._epoch = -1
        self._seen: dict[str, Any] = {}
        with world.lock:
            self._begin(world)

    @property
    def oldest(self) -> int:
        """The number of the oldest that is kept, or that comes next."""
        kept = self._kept
        return kept[0]["n"] if kept else self.newest + 1

    def since(self, after: int) -> list[Notice] | None:
        """Those that came after this number; None if that cannot be said any more."""
        if not self.oldest - 1 <= after <= self.newest:
            return None
        behind = self.newest - after
        return list(self._kept)[-behind:] if behind else []

    # --- being told at once ------------------------------------------------------------------------

    def watch(self, watcher: Callable[[], None]) -> None:
        """Let this be called, under whatever lock, whenever there may be something new."""
        world, self._watcher = self._world, watcher
        self._leaving = [each.watch(watcher) for each in (world.part(Journal), world.bus, world.clock)]

    def unwatch(self) -> None:
        for leave in self._leaving:
            leave()
        self._leaving, self._watcher = [], None

    def close(self) -> None:
        self.closed = True
        if self._watcher is not None:
            self._watcher()
        self.unwatch()

    @contextmanager
    def looked(self, timeout: float) -> Iterator[bool]:
        """Under the world's lock, just after a look; False if that was not to be had for so many seconds."""
        try:
            lock = None if self.closed else self._world.lock
        except ReferenceError:  # nobody holds the mock any more
            self.closed, lock = True, None
        had = lock is not None and lock.acquire(timeout=timeout)
        try:
            if had:
                self.look()
            yield had
        finally:
            if had and lock is not None:
                lock.release()

    # --- looking -----------------------------------------------------------------------------------

    def look(self) -> None:
        """Number what has changed since the last look. To be called under the world's lock."""
        world = self._world
        if world.epoch != self._epoch:
            self._begin(world)
            self._add("reset")
            return
        before, self._seen = self._seen, _counted(world)
        self._tell_requests(before["requests"], self._seen["requests"])
        self._tell_records(world)
        for kind, now in self._seen.items():
            if kind != "requests" and now != before.get(kind):
                self._add(kind)

    def _begin(self, world: World) -> None:
        """Everything is as it is from here on."""
        self._epoch = world.epoch
        self._seen = _counted(world)
        self._written.clear()
        self._many.clear()
        world.store.tell(self._note_written)

    def _note_written(self, resource: str, row_id: str) -> None:
        if len(self._written) < MOST_WRITTEN:
            self._written[resource, row_id] = None
        else:
            self._many.add(resource)

    def _tell_requests(self, before: Any, now: Any) -> None:
        (cleared, last), (clearings, newest) = before, now
        if clearings != cleared:
            self._add("requests")
        for number in range(max(last, newest - MOST_EACH) + 1, newest + 1):
            self._add("requests", id=number)

    def _tell_records(self, world: World) -> None:
        if not self._written:
            return
        written: dict[str, list[str]] = {}
        for resource, row_id in self._written:
            written.setdefault(resource, []).append(row_id)
        self._written.clear()
        many, self._many = self._many, set()
        more: dict[tuple[str, str], None] = {}
        for resource, ids in written.items():
            if len(ids) > MOST_EACH or resource in many:
                self._add("records", resource=resource)
            else:
                for row_id in ids:
                    self._add("records", resource=resource, id=row_id)
            if resource in _PART_OF:
                more.update(dict.fromkeys(_owners(world, resource, ids)))
        for kind in dict.fromkeys(kind for kind, _ in more):
            ids = [row_id for one, row_id in more if one == kind]
            for row_id in ids[-MOST_EACH:]:
                self._add(kind, id=row_id)

    def _add(self, kind: str, **about: Any) -> None:
        self.newest += 1
        self._kept.append({"n": self.newest, "kind": kind, **about})


def _counted(world: World) -> dict[str, Any]:
    """Of each kind of notice, what is another whenever there is something to tell."""
    journal, webhooks, sessions = world.has(Journal), world.has(Webhooks), world.has(Sessions)
    clock, timers = world.clock, world.timers
    counted: dict[str, tuple[Any, ...]] = {
        "requests": (0 if journal is None else journal.clearings, world.exchanges),
        "clock": (clock.revision, clock.frozen, clock.speed, timers.drawn, timers.count),
        "webhooks": (0 if webhooks is None else webhooks.made,),
        "faults": _met(world),
        "ais": (),
        "phones": (),
        "billing": (),
        "sessions": () if sessions is None else tuple(sessions.listed()),
    }
    for name, kind in _PARTS.items():
        part = world.named.get(name)
        counted[kind] = (*counted.get(kind, ()), None if part is None else part.revision)
    return counted


def _met(world: World) -> tuple[int, ...]:
    """How often what is planned was looked at and met, which is no change of the plan."""
    planned: PlannedFaults | None = world.named.get("plans")
    return () if planned is None else tuple([plan.seen + plan.met for plan in planned.active])


def _owners(world: World, resource: str, ids: list[str]) -> Iterator[tuple[str, str]]:
    """The calls and campaigns that records are part of."""
    kind, of, member = _PART_OF[resource]
    rows, owners = world.store[resource], world.store[of]
    for row_id in ids:
        row = rows.get(row_id)
        owner = "" if row is None else row.data.get(member)
        if owner and owners.get(owner) is not None:
            yield kind, owner
