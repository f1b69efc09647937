"""Coverage of the API: which of what is mocked was exercised, and how often.

A `Surface` is all there is of a catalogue: operations, members and enum values of request bodies, and
error reasons. A `Tally` counts what requests touch of it. Nothing is counted unless somebody asked.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from voipbin_mock.api.area import Area
from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.operations import Operation
from voipbin_mock.schema.documents import resolve
from voipbin_mock.wire import rows
from voipbin_mock.wire.errors import join_pointer
from voipbin_mock.world.part import Part

if TYPE_CHECKING:
    from voipbin_mock.insight.flow_coverage import FlowCounts, Runs
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

KINDS = ("operations", "members", "values", "reasons")
_DEEPEST = 8  # levels of a request schema that are looked at

Key = tuple[str, ...]


@dataclass
class Node:
    """One place in a request schema: its members, its items, the values it may have."""

    at: str = ""  # its pointer; `*` stands for each item of an array
    children: dict[str, Node] = field(default_factory=dict)
    items: Node | None = None
    values: list[str] = field(default_factory=list)  # as JSON text

    def read(self, schema: Any, home: Mapping[str, Any], depth: int = 0) -> Node:
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            return self
        schema, home = resolve(schema, home)
        self.values += [text for text in map(_text, schema.get("enum", ())) if text not in self.values]
        for name, sub in schema.get("properties", {}).items():
            self.children.setdefault(name, Node(join_pointer(self.at, name))).read(sub, home, depth + 1)
        if isinstance(schema.get("items"), Mapping):
            self.items = (self.items or Node(f"{self.at}/*")).read(schema["items"], home, depth + 1)
        for word in ("allOf", "anyOf", "oneOf"):
            for sub in schema.get(word, ()):
                self.read(sub, home, depth + 1)
        return self

    def places(self) -> Iterator[tuple[str, Node]]:
        """Every place below, with its pointer."""
        for child in self.children.values():
            yield child.at, child
            yield from child.places()
        if self.items is not None:
            if self.items.values:
                yield self.items.at, self.items
            yield from self.items.places()

    def touched(self, raw: Any) -> set[tuple[str, str]]:
        """The places that a body has, each with "" and, if it is a listed one, with its value."""
        found: set[tuple[str, str]] = set()
        self._touch(raw, found)
        return found

    def _touch(self, raw: Any, found: set[tuple[str, str]]) -> None:
        if isinstance(raw, dict):
            for name, value in raw.items():
                child = self.children.get(name) or self.children.get(str(name).casefold())
                if child is not None:
                    found.add((child.at, ""))
                    child._meet(value, found)
        elif isinstance(raw, list) and self.items is not None:
            for value in raw:
                if self.items.values:
                    found.add((self.items.at, ""))
                self.items._meet(value, found)

    def _meet(self, value: Any, found: set[tuple[str, str]]) -> None:
        if isinstance(value, (dict, list)):
            self._touch(value, found)
        elif self.values and (text := _text(value)) in self.values:
            found.add((self.at, text))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def counts(operation: Operation) -> bool:
    """Whether it belongs to what is to be exercised: the service's, as far as it answers."""
    return operation.listed


@lru_cache(maxsize=1024)
def body_of(operation: Operation) -> Node | None:
    """What the body of an operation can have; read from its schema when it is first asked for."""
    part = operation.part
    return None if part is None else Node().read(part.schema, part.home)


class Surface:
    """Everything that requests can exercise of a catalogue, in the order it is declared. Looking at it loads it."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @cached_property
    def operations(self) -> dict[str, Operation]:
        return {operation.name: operation for several in self.catalog.by_area.values() for operation in several}

    @cached_property
    def reasons(self) -> list[str]:
        missing = [resource.missing for resource in self.catalog.resources.values() if resource.stored]
        return list(dict.fromkeys([*self.catalog.reasons, *missing]))

    def body(self, name: str) -> Node | None:
        """The same by the operation's name."""
        operation = self.operations.get(name)
        return None if operation is None else body_of(operation)

    def all_of(self, kind: str) -> list[Key]:
        """The keys of everything of a kind."""
        if kind == "operations":
            return [(name,) for name in self.operations]
        if kind == "reasons":
            return [(reason,) for reason in self.reasons]
        bodies = {name: body for name in self.operations if (body := self.body(name)) is not None}
        places = [(name, *place) for name, body in bodies.items() for place in body.places()]
        if kind == "members":
            return [(name, pointer) for name, pointer, node in places if not pointer.endswith("/*")]
        return [(name, pointer, value) for name, pointer, node in places for value in node.values]


@lru_cache(maxsize=8)
def surface_of(catalog: Catalog) -> Surface:
    return Surface(catalog)


class Tally:
    """How often each thing was exercised. May be shared by many worlds and threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.counts: dict[str, Counter[Key]] = {kind: Counter() for kind in KINDS}
        self.flows: dict[str, FlowCounts] = {}  # by what their actions are

    def note(self, operation: Operation | None, reason: str | None, body: Any) -> None:
        """One request: the operation it found, the error it got, the body that was looked at."""
        with self._lock:
            if reason is not None:
                self.counts["reasons"][(reason,)] += 1
            if operation is None or not counts(operation):
                return
            self.counts["operations"][(operation.name,)] += 1
            node = None if body is None else body_of(operation)
            if node is None:
                return
            for pointer, value in node.touched(body):
                place = (operation.name, pointer)
                if value:
                    self.counts["values"][(*place, value)] += 1
                else:
                    self.counts["members"][place] += 1

    def note_flows(self, found: Iterable[tuple[str, FlowCounts]]) -> None:
        """What runs of flows took."""
        with self._lock:
            for key, counts in found:
                if key in self.flows:
                    self.flows[key].add(counts)
                else:
                    self.flows[key] = copy.deepcopy(counts)

    def merge(self, document: Mapping[str, Any]) -> None:
        """Add what `as_dict` of another tally gave."""
        with self._lock:
            for kind in KINDS:
                for key, count in document.get(kind, ()):
                    self.counts[kind][tuple(key)] += count
        if document.get("flows"):
            from voipbin_mock.insight.flow_coverage import read

            self.note_flows((key, read(written)) for key, written in document["flows"])

    def as_dict(self) -> dict[str, list[Any]]:
        """The counts as plain lists, as they travel between processes."""
        with self._lock:
            counts = {kind: [(list(key), count) for key, count in sorted(self.counts[kind].items())] for kind in KINDS}
            return {**counts, "flows": [(key, counts.as_list()) for key, counts in self.flows.items()]}

    def clear(self) -> None:
        with self._lock:
            self.flows.clear()
            for counter in self.counts.values():
                counter.clear()


class Collector:
    """Counts for one test at a time, so that a skipped one can be left out."""

    def __init__(self) -> None:
        self.total = Tally()
        self.areas: dict[Area, None] = {}  # of the user's own, as they were met
        self._test = Tally()

    def note(self, operation: Operation | None, reason: str | None, body: Any) -> None:
        self._test.note(operation, reason, body)

    def note_flows(self, found: Iterable[tuple[str, FlowCounts]]) -> None:
        self._test.note_flows(found)

    def end_test(self, counts: bool) -> None:
        done, self._test = self._test, Tally()
        if counts:
            self.total.merge(done.as_dict())


class Counting(Part):
    """All that count what is exercised in one world, sessions included."""

    name, dumped, survives = "coverage", False, True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.tally: Tally | None = None  # of this mock alone
        self.all: tuple[Tally | Collector, ...] = ()
        self._runs: Runs | None = None  # of flows, if there were any

    def count(self, *tallies: Tally | Collector | None) -> None:
        self.all += tuple([tally for tally in tallies if tally is not None])

    def count_runs(self, row: Row | None = None) -> None:
        """Count what runs of flows took since they were looked at last: one, or all of them."""
        if self._runs is None:
            if row is None and "activeflows" not in self._world.store.names():
                return
            from voipbin_mock.insight.flow_coverage import Runs

            self._runs = Runs()
        found = list(self._runs.of_all(self._world) if row is None else self._runs.of_run(self._world, row))
        for tally in self.all if found else ():
            tally.note_flows(found)

    def start_over(self) -> None:
        if self._runs is not None:
            self._runs.start_over(self._world)

    def remember(self) -> Callable[[], Any]:
        """Sessions count with the mock's own world, which alone tells how often."""
        counted = None if self.tally is None or self._world.session else self.tally.as_dict()
        runs = self._runs.kept(self._world) if self._runs else None
        return lambda: {"counts": counted, "runs": runs}

    def recall(self, document: Any) -> None:
        counted, runs = rows.member(document, "counts", rows.ANY), rows.member(document, "runs", rows.ANY)
        if counted is not None and self.tally is not None:
            read = _read(counted, "/counts")
            self.tally.clear()
            self.tally.merge(read)
        self._runs = None
        if runs is not None:
            from voipbin_mock.insight.flow_coverage import Runs

            self._runs = Runs.read(runs, self._world, "/runs")

    def close(self) -> None:
        with self._world.lock:
            self.count_runs()

    def share(self, session: World) -> None:
        counting = session.part(Counting)
        counting.tally, counting.all = self.tally, self.all


_COUNTED = (rows.TEXTS, rows.COUNT)
_FLOW = (rows.TEXT, rows.LIST)


def _read(document: Any, where: str) -> dict[str, list[Any]]:
    """What `Tally.as_dict` gave. Raises ValueError."""
    read: dict[str, list[Any]] = {
        kind: list(rows.each(document, kind, lambda one, at: rows.row(one, _COUNTED, at), where)) for kind in KINDS
    }
    read["flows"] = list(rows.each(document, "flows", lambda one, at: rows.row(one, _FLOW, at), where))
    return read


def flow_ended(world: World, row: Row) -> None:
    """A run of a flow is over."""
    counting = world.has(Counting)
    if counting is not None:
        counting.count_runs(row)


# Who counts what the mocks made from here on are asked. Of one context, never of the process.
COLLECTOR: ContextVar[Collector | None] = ContextVar("voipbin_mock_collector", default=None)
