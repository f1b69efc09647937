"""The vocabulary of declarations: what a resource is, what an operation is, and how a path finds one.

The declarations themselves are in `catalog`; this module knows no single resource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.schema import files as data
from voipbin_mock.schema.documents import document
from voipbin_mock.schema.parts import Member, Part, members_of
from voipbin_mock.world.store import Row, Store, Table

if TYPE_CHECKING:
    from voipbin_mock.api.lint import Lint
    from voipbin_mock.wire.values import Reply, Request
    from voipbin_mock.world.world import World

PREFIX = "/v1.0"

# Permission bits of an agent.
SUPER_ADMIN, AGENT, ADMIN, MANAGER = 0x01, 0x10, 0x20, 0x40

Handler = Callable[["World", "Request"], "Reply"]
TimerHandler = Callable[..., None]  # (world, *args)
LintRule = Callable[["World", "Request", Mapping[str, Any]], "Iterable[Lint]"]

# What may be asked of a deleted record.
READABLE, GONE, CONFLICT = "readable", "gone", "conflict"


class Action(NamedTuple):
    """An operation that is not plain: its name, its handler and the schema part of its body, if any."""

    name: str
    handler: Handler
    part: str | None = None


_PLAIN = ("list", "create", "get", "update", "delete")
_PLAIN_ROUTES = {
    "list": ("GET", ""),
    "create": ("POST", ""),
    "get": ("GET", "/{id}"),
    "update": ("PUT", "/{id}"),
    "delete": ("DELETE", "/{id}"),
}


@dataclass(frozen=True, eq=False)
class Resource:
    """A kind of record, declared.

    A plain one needs its name alone (and its schema document): list, create, get, update, delete.
    `facets` are parts of a record with a PUT of their own, named as their body in the schema.
    `handlers` replace a plain handler or a facet's; `actions` add operations of their own, keyed by
    method and path. `parent` names the resource that its records hang on: their paths are below the
    parent's (`/outdials/{id}/targets`), or with `standalone` only a list of them is.
    """

    name: str
    singular: str = ""
    plain: tuple[str, ...] = _PLAIN
    parent: str = ""
    standalone: bool = False
    facets: tuple[str, ...] = ()
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    # Who may: an agent of the same customer with one of these bits.
    permission: int = ADMIN | MANAGER
    # What a deleted record answers, and whether the server's lists still show it (D7).
    deleted: str = READABLE
    server_lists_deleted: bool = False
    # Members to find records by, beside the id; several together as a tuple.
    lookups: tuple[str | tuple[str, ...], ...] = ()
    # Members that a deletion sets, beside the two stamps.
    on_delete: Mapping[str, Any] = field(default_factory=dict)
    lints: Mapping[str, tuple[LintRule, ...]] = field(default_factory=dict)
    # Operations whose bodies hold passwords or tokens: the journal blacks them out.
    confidential: tuple[str, ...] = ()
    # Told of records that were put in place without a request: by a seed, a state, or a test.
    placed: Callable[[World, Row], Row] | None = None
    # Whether changes are published as `<singular>_created`, `_updated` and `_deleted`.
    events: bool = False
    # A schema document of its own, instead of the package's `schemas/<name>.json`.
    schema: Mapping[str, Any] | None = None

    def put(self, world: World, row: Row) -> Row:
        """A record is in place that no request made."""
        return row if self.placed is None else self.placed(world, row)

    @property
    def noun(self) -> str:
        """The singular: `outplan`."""
        return self.singular or self.name.removesuffix("s")

    @property
    def missing(self) -> str:
        """The reason for a record that does not exist."""
        return f"{self.noun.upper()}_NOT_FOUND"

    @property
    def nested(self) -> bool:
        """Whether records are reached through their parent only."""
        return bool(self.parent) and not self.standalone

    @property
    def parent_key(self) -> str:
        """The member that holds the parent's id: `outdial_id`; empty without a parent."""
        return f"{self.parent.removesuffix('s')}_id" if self.parent else ""

    @cached_property
    def document(self) -> Mapping[str, Any]:
        return document(self.name) if self.schema is None else self.schema

    @cached_property
    def record(self) -> Part:
        return self.part("record")

    @cached_property
    def keeps_records(self) -> bool:
        return "tm_create" in self.record.names

    @cached_property
    def hidden(self) -> tuple[Member, ...]:
        """Members that are stored and never shown; only a seed can give them."""
        fixture = self.document["$defs"].get("fixture", {})
        shown = self.record.names
        return tuple(member for member in members_of(fixture, self.document) if member.name not in shown)

    @cached_property
    def blank(self) -> Mapping[str, Any]:
        """A record of zero values, in the order of the wire. Not to be changed, only copied."""
        return {member.name: member.zero() for member in (*self.record.members, *self.hidden)}

    @cached_property
    def initial(self) -> Mapping[str, Any]:
        """The same, with the schema's default where zero is no choice. Not to be changed, only copied."""
        members = (*self.record.members, *self.hidden)
        return {**self.blank, **{member.name: member.default for member in members if member.default is not None}}

    def part(self, name: str) -> Part:
        parts: dict[str, Part] = self.__dict__.setdefault("_parts", {})
        if name not in parts:
            parts[name] = Part(self.name, name, self.document)
        return parts[name]

    def has_part(self, name: str) -> bool:
        return name in self.document["$defs"]


@dataclass(frozen=True, eq=False)
class Operation:
    """Method, path and handler, and what must be true before the handler is asked."""

    name: str  # "outplans.create"
    method: str
    template: str  # "/v1.0/outplans/{id}"
    handler: Handler
    resource: Resource | None = None
    part_name: str | None = None  # of the schema, if the operation takes a body
    public: bool = False  # answers without a credential
    control: bool = False  # part of the mock's own control API
    unlocked: bool = False  # its handler takes the world's lock itself, and may tell of events
    facet: str = ""
    dead: bool = False  # registered, and always answered with ROUTE_NOT_FOUND
    profile_field: str = ""  # served only where this field of the profile is true

    @cached_property
    def part(self) -> Part | None:
        if self.part_name is None or self.resource is None:
            return None
        return self.resource.part(self.part_name)

    @cached_property
    def lints(self) -> tuple[LintRule, ...]:
        if self.resource is None or self.part_name is None:
            return ()
        return tuple(self.resource.lints.get(self.part_name, ()))

    @cached_property
    def confidential(self) -> bool:
        return self.resource is not None and self.name.rpartition(".")[2] in self.resource.confidential

    @property
    def label(self) -> str:
        return f"{self.method} {self.template}"


class _Node:
    """One path segment in the routing tree; a fixed segment is tried before a parameter."""

    __slots__ = ("children", "operations", "parameter")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.operations: dict[str, Operation] = {}

    def add(self, segments: list[str], operation: Operation) -> None:
        node = self
        for segment in segments:
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.children.setdefault(segment, _Node())
        if operation.method in node.operations:
            raise ValueError(f"declared twice: {operation.label}")
        node.operations[operation.method] = operation

    def find(self, segments: list[str], ids: tuple[str, ...]) -> Iterator[tuple[_Node, tuple[str, ...]]]:
        if not segments:
            yield self, ids
            return
        head, *tail = segments
        child = self.children.get(head)
        if child is not None:
            yield from child.find(tail, ids)
        if self.parameter is not None and head:
            yield from self.parameter.find(tail, (*ids, head))


class Catalog:
    """All resources and operations of a mock, and the way from a path to one of them."""

    def __init__(
        self,
        resources: Iterable[Resource],
        operations: Iterable[Operation] = (),
        timers: Mapping[str, TimerHandler] | None = None,
    ) -> None:
        self.resources: Mapping[str, Resource] = {resource.name: resource for resource in resources}
        self._going_on = tuple(resource for resource in self.resources.values() if resource.placed is not None)
        self.operations: tuple[Operation, ...] = tuple(operations)
        # Kind of timer -> what it does.
        self.timers: Mapping[str, TimerHandler] = dict(timers or {})
        self._root = _Node()
        self._exact: dict[tuple[str, str], Operation] = {}
        for operation in self.operations:
            if "{" in operation.template:
                self._root.add(operation.template.strip("/").split("/"), operation)
            else:
                key = (operation.method, operation.template)
                if key in self._exact:
                    raise ValueError(f"declared twice: {operation.label}")
                self._exact[key] = operation

    def take_up(self, world: World) -> None:
        """What a seed or a state has put in place goes on from here."""
        for resource in self._going_on:
            for row in tuple(world.store[resource.name]):
                resource.put(world, row)

    def route(self, method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
        """The operation for a method and path, with the ids in the path."""
        operation = self._exact.get((method, path))
        if operation is not None:
            return operation, ()
        if not path.startswith("/"):
            return None
        for node, ids in self._root.find(path[1:].split("/"), ()):
            found = node.operations.get(method)
            if found is not None:
                return found, ids
        return None

    def tables(self, lists_deleted: bool) -> Store:
        """Empty tables for all resources that keep records."""
        return Store(
            {
                name: Table(
                    name,
                    lists_deleted=lists_deleted and resource.server_lists_deleted,
                    lookups=resource.lookups,
                    grouped_by=resource.parent_key,
                )
                for name, resource in self.resources.items()
                if resource.keeps_records
            }
        )

    @cached_property
    def real(self) -> Catalog:
        """The real API's operations, as a catalogue to route in: no handlers, only labels."""

        def unmocked(world: World, request: Request) -> Reply:
            raise NotImplementedError

        return Catalog(
            (),
            (
                Operation(f"{method} {template}", method, template, unmocked)
                for template, methods in data.known_operations().items()
                for method in methods
            ),
        )

    def explain_unrouted(self, method: str, path: str) -> str:
        """For the person: is this unknown to the real API, or only not mocked yet; and what is near."""
        known = self.real.route(method, path)
        if known is not None:
            return f"{known[0].label} is known, not mocked yet"
        mine = {operation.label: operation for operation in self.operations if not operation.control}
        labels = list(dict.fromkeys([*mine, *(operation.label for operation in self.real.operations)]))
        near = nearest_operation(method, path, labels)
        if near is None:
            return "the real API has no such operation"
        mocked = "" if near in mine else " (known, not mocked yet)"
        return f"the real API has no such operation; the nearest is {near}{mocked}"


def nearest_operation(method: str, path: str, labels: Iterable[str]) -> str | None:
    """The label closest to a request: ids compare as `{id}`, and the version prefix may be wrong."""
    by_shape: dict[str, list[str]] = {}
    for label in labels:
        by_shape.setdefault(_shape(label.partition(" ")[2]), []).append(label)
    shape = _shape(path[:200])
    if shape not in by_shape:
        close = get_close_matches(shape, list(by_shape), n=1, cutoff=0.7)
        if not close:
            return None
        shape = close[0]
    return _same_method(method, by_shape[shape])


def _shape(path: str) -> str:
    segments = path.removeprefix(PREFIX).rstrip("/").split("/")
    return "/".join("{id}" if s.startswith("{") or _looks_like_id(s) else s for s in segments)


def _same_method(method: str, labels: list[str]) -> str:
    return next((label for label in labels if label.startswith(f"{method} ")), labels[0])


def _looks_like_id(segment: str) -> bool:
    return len(segment) >= 8 and any(c.isdigit() for c in segment)


def operations_of(resource: Resource, plain: Mapping[str, Handler], facet: Handler) -> Iterator[Operation]:
    """The operations that a declaration yields, given the handlers for what is plain."""
    base = f"{PREFIX}/{resource.name}"
    under = f"{PREFIX}/{resource.parent}/{{id}}/{resource.name}"
    item = "/{id}"
    if resource.nested:
        base, item = under, f"/{{{resource.name.removesuffix('s')}_id}}"
    elif resource.parent:
        yield Operation(f"{resource.name}.list_under", "GET", under, plain["list_under"], resource)
    for kind in resource.plain:
        method, tail = _PLAIN_ROUTES[kind]
        tail = tail and item
        usual = plain["list_under" if kind == "list" and resource.nested else kind]
        handler = resource.handlers.get(kind, usual)
        part = kind if kind in ("create", "update") else None
        yield Operation(f"{resource.name}.{kind}", method, base + tail, handler, resource, part)
    for name in resource.facets:
        handler = resource.handlers.get(name, facet)
        template = f"{base}{item}/{name}"
        yield Operation(f"{resource.name}.{name}", "PUT", template, handler, resource, name, facet=name)
    for label, action in resource.actions.items():
        method, _, path = label.partition(" ")
        name = f"{resource.name}.{action.name}"
        yield Operation(name, method, PREFIX + path, action.handler, resource, action.part)
