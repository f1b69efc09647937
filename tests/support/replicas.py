"""Several replicas of one mock in one process, over a log in memory."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.test import Client

from voipbin_mock import Mock
from voipbin_mock.replication.door import ReplicaDoor
from voipbin_mock.replication.log import Behind, Entry, Kept, LogGone
from voipbin_mock.replication.replica import Replica
from voipbin_mock.world.clock import Clock
from voipbin_mock.world.sessions import Sessions
from voipbin_mock.world.world import World

FOUNDED = 1_772_355_600_000_000  # 2026-03-01 09:00:00


class Memory:
    """What a log in memory holds, for all who share it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.entries: list[Entry] = []
        self.cut = 0  # entries up to this position are no more
        self.kept: Kept | None = None
        self.facts: Mapping[str, Any] | None = None
        self.claims: set[str] = set()
        self.leader = ""
        self.told: dict[str, Mapping[str, Any]] = {}
        self.now = FOUNDED

    @property
    def end(self) -> int:
        return self.cut + len(self.entries)


class MemoryLog:
    """One replica's log in memory. `gone` cuts it off."""

    is_shared = True
    place = "memory"

    def __init__(self, memory: Memory, name: str = "one") -> None:
        self._memory, self._name = memory, name
        self.gone = False

    def _there(self) -> Memory:
        if self.gone:
            raise LogGone("cut off")
        return self._memory

    @property
    def now(self) -> int:
        return self._memory.now

    def found(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        memory = self._there()
        memory.facts = memory.facts or {"founded": FOUNDED, **facts}
        return memory.facts

    def append(self, payload: bytes, after: int) -> Sequence[Entry]:
        memory = self._there()
        with memory.lock:
            if after < memory.cut:
                raise Behind
            memory.now += 1000
            memory.entries.append(Entry(memory.end + 1, memory.now, payload))
            return memory.entries[after - memory.cut :]

    def read(self, after: int, most: int = 1000) -> Sequence[Entry]:
        memory = self._there()
        with memory.lock:
            if after < memory.cut:
                raise Behind
            return memory.entries[after - memory.cut :][:most]

    def end(self) -> int:
        return self._memory.end

    def wait(self, after: int, seconds: float) -> bool:
        return self._there().end > after

    def kept(self) -> Kept | None:
        return self._there().kept

    def keep(self, kept: Kept) -> None:
        memory = self._there()
        with memory.lock:
            memory.kept = kept
            memory.entries = memory.entries[max(0, kept.position - memory.cut) :]
            memory.cut = max(memory.cut, kept.position)

    def refound(self, facts: Mapping[str, Any], kept: Kept) -> bool:
        raise NotImplementedError

    def lead(self) -> bool:
        memory = self._there()
        memory.leader = memory.leader or self._name
        return memory.leader == self._name

    def claim(self, key: str) -> bool:
        memory = self._there()
        with memory.lock:
            is_new = key not in memory.claims
            memory.claims.add(key)
            return is_new

    def tell(self, facts: Mapping[str, Any]) -> None:
        self._there().told[self._name] = dict(facts)

    def replicas(self) -> Sequence[Mapping[str, Any]]:
        return list(self._there().told.values())

    def close(self) -> None:
        self._memory.told.pop(self._name, None)


class InStep(Replica):
    """A replica whose machine has the log's time: all of them see the same."""

    log: MemoryLog

    def machine(self) -> int:
        applying = self._applying
        return applying if applying is not None else max(self.moment, self.log.now)


class OneOf:
    """A replica with its mock, a client, and its log. Nothing is done by itself: no thread runs."""

    def __init__(self, memory: Memory, name: str = "one", profile: str = "documented", **settings: Any) -> None:
        self.log = MemoryLog(memory, name)
        facts = self.log.found({})
        self.replica = InStep(self.log, facts["founded"], name)
        speed = settings.pop("speed", None)
        clock = Clock(settings.pop("clock", None), speed=speed, driver=self.replica)
        self.mock = Mock(profile, clock=clock, coverage=True, **settings)
        self.mock.world.owns_clock = True
        self.mock.door.observer = None  # who is asked differs, and so the line that asked
        self.replica.prepare(self.mock.world)
        self.replica.begin(lambda: None)
        self.replica.leads = self.log.lead()
        door = self.mock.door
        # What befalls an answer on its way is the server's affair: there it takes real time, and moves no clock.
        door.leave = lambda visit, environ, answer: answer  # type: ignore[method-assign]
        self.client = Client(ReplicaDoor(door, self.replica), use_cookies=False)
        self.key = {"accesskey": self.mock.accesskey}

    def world(self, key: str = "") -> World:
        """That of a session, or the mock's own if there is no such session."""
        world = self.mock.world
        return world.part(Sessions).known(key) or world if key else world

    def sessions(self) -> list[str]:
        return list(self.mock.world.part(Sessions).listed())

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """The answer to a request, as `status, body`."""
        query = {} if "/__mock__" in path else self.key
        answer = self.client.open(path, method=method, json=json, query_string=query, **more)
        return answer.status_code, answer.get_data()
