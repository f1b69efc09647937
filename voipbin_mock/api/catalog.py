"""The catalogue: every resource and operation of a mock, and the blueprint of its worlds.

It knows an index, first word of a path -> area, and loads an area when a path, a record or a seed leads there.
What somebody wants to know of all of them (the list of operations, the OpenAPI document) loads them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Any

from voipbin_mock.api import lint
from voipbin_mock.api.area import Area, word_of
from voipbin_mock.api.flow_actions import FlowAction
from voipbin_mock.api.operations import Operation, Request, Schema
from voipbin_mock.api.routing import Router, nearest_operation
from voipbin_mock.schema import files
from voipbin_mock.wire.errors import REASONS, Reason
from voipbin_mock.wire.values import CONTROL_PREFIX, Reply
from voipbin_mock.world.blueprint import Follower, Placed, TimerHandler
from voipbin_mock.world.differences import Difference
from voipbin_mock.world.part import Part
from voipbin_mock.world.resource import Resource

if TYPE_CHECKING:
    from voipbin_mock.world.settings import Settings
    from voipbin_mock.world.world import World


class Index:
    """Where what is: names of areas, and the modules that declare them. Read without loading any.

    modules: area -> module with its `AREA`. words: area -> what leads there (see `Area.words`); of several areas with
    one word, the first has the records of that name, and a path leads to the others too. follows: type of an
    event -> areas that act on it. started: setting -> the area of the part that it asks for. listens: areas with
    parts that hear of every event.
    """

    def __init__(
        self,
        modules: Mapping[str, str],
        words: Mapping[str, Iterable[str]],
        *,
        follows: Mapping[str, Sequence[str]] | None = None,
        started: Mapping[str, str] | None = None,
        listens: Sequence[str] = (),
        actions: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self.modules = dict(modules)
        self.areas: dict[str, str] = {}
        self.more: dict[str, list[str]] = {}  # word -> further areas that have paths of it
        for area, several in words.items():
            for word in several:
                if self.areas.setdefault(word, area) != area:
                    self.more.setdefault(word, []).append(area)
        self.follows = dict(follows or {})
        self.started = dict(started or {})
        self.listens = tuple(listens)
        self.actions = {type: area for area, several in (actions or {}).items() for type in several}


class Catalog:
    """All there is, loaded as it is met. `more`: areas that are not in the index, loaded from the beginning.

    differences: those that belong to no area.
    """

    def __init__(self, index: Index, more: Iterable[Area] = (), differences: Sequence[Difference[Any]] = ()) -> None:
        self._index = index
        self._lock = RLock()
        self._router = Router()
        self._loaded: dict[str, Area] = {}
        self._resources: dict[str, tuple[Resource, Area]] = {}
        self._timers: dict[str, TimerHandler] = {}
        self._followers: dict[str, tuple[Follower, ...]] = {}
        self._actions: dict[str, FlowAction] = {}
        self._own = tuple(differences)
        self.more = tuple(more)
        for area in self.more:
            self._take(area)

    # --- loading -----------------------------------------------------------------------------------

    def _area(self, name: str) -> Area:
        found = self._loaded.get(name)
        if found is None:
            with self._lock:
                if name not in self._loaded:
                    self._take(import_module(self._index.modules[name]).AREA)
                found = self._loaded[name]
        return found

    def _take(self, area: Area) -> None:
        for resource in area.resources:
            if resource.name in self._resources:
                raise ValueError(f"declared twice: {resource.name}")
            self._resources[resource.name] = (resource, area)
        for operation in (*area.operations, *_controls(area)):
            self._router.add(operation)
        self._timers.update(area.timers)
        self._actions.update(area.actions)
        self._loaded[area.name] = area

    def areas(self) -> tuple[Area, ...]:
        """All of them, by name."""
        return tuple(sorted(map(self._area, {*self._index.modules, *self._loaded}), key=lambda area: area.name))

    @cached_property
    def by_area(self) -> Mapping[str, tuple[Operation, ...]]:
        """The operations that the API has, by the name of the area that declares them."""
        found = {area.name: tuple(one for one in area.operations if one.listed) for area in self.areas()}
        return {name: several for name, several in found.items() if several}

    # --- finding -----------------------------------------------------------------------------------

    def route(self, method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
        """The operation for a method and path, with the ids in the path."""
        found = self._router.find(method, path)
        if found is None:
            word = word_of(path)
            home = self._index.areas.get(word) or self._index.areas.get(word.partition("/")[0])
            for area in (home, *self._index.more.get(word, ())):
                if found is None and area is not None and area not in self._loaded:
                    self._area(area)
                    found = self._router.find(method, path)
        return found

    def resource(self, name: str) -> Resource:
        """Raises KeyError for one that there is not."""
        return self._home(name)[0]

    def _home(self, name: str) -> tuple[Resource, Area]:
        found = self._resources.get(name)
        if found is None:
            self._area(self._index.areas[name])
            found = self._resources[name]
        return found

    def area_of(self, name: str) -> str:
        return self._home(name)[1].name

    @cached_property
    def resources(self) -> Mapping[str, Resource]:
        """All of them, by name."""
        found = {resource.name: resource for area in self.areas() for resource in area.resources}
        return dict(sorted(found.items()))

    def resource_names(self) -> Iterable[str]:
        return self.resources

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """All of them: those of resources by name, then what is apart, then the control API."""
        found = [operation for area in self.areas() for operation in (*area.operations, *_controls(area))]
        return tuple(sorted(found, key=lambda one: (one.rank, one.resource.name if one.resource else "")))

    def records_module(self, name: str) -> str:
        """Where the types of a resource's records are; empty if there are none."""
        return self._home(name)[1].records

    @cached_property
    def lints(self) -> Mapping[str, str]:
        """Every lint code with what it means."""
        found = {**lint.CODES, **{code: said for area in self.areas() for code, said in area.lints.items()}}
        return dict(sorted(found.items()))

    @cached_property
    def reasons(self) -> Mapping[str, tuple[str, str]]:
        """Every reason that is not about a missing record, with its status and message."""
        more: list[Reason] = [reason for area in self.areas() for reason in area.reasons]
        return REASONS | {reason.name: (reason.status, reason.message) for reason in more}

    def reason(self, name: str) -> str | Reason:
        """A reason as `ApiError` takes it: those that an area declares are known to it by themselves only."""
        found = self.reasons.get(name) if name not in REASONS else None
        return name if found is None else Reason(name, *found)

    @cached_property
    def narrows(self) -> Mapping[str, Callable[[Schema], None]]:
        """What areas ask of schema pieces that all have in common."""
        return {piece: partial(narrow, self) for area in self.areas() for piece, narrow in area.narrows.items()}

    @cached_property
    def differences(self) -> Mapping[str, Difference[Any]]:
        """Every point where the profiles part, by name."""
        found = (*self._own, *(difference for area in self.areas() for difference in area.differences))
        return {difference.name: difference for difference in found}

    # --- the blueprint -----------------------------------------------------------------------------

    def timer(self, kind: str) -> TimerHandler | None:
        if kind not in self._timers:
            self.areas()
        return self._timers.get(kind)

    def blame(self, error: BaseException) -> str:
        from voipbin_mock.api.blame import blame  # only when something has failed

        return blame(error, self.more)

    def action(self, type: str) -> FlowAction | None:
        found = self._actions.get(type)
        if found is None:
            area = self._index.actions.get(type)
            if area in self._index.modules:
                self._area(area)
                found = self._actions.get(type)
        return found

    @cached_property
    def actions(self) -> Mapping[str, FlowAction]:
        """Every type of flow action."""
        found = {type: action for area in self.areas() for type, action in area.actions.items()}
        return dict(sorted(found.items()))

    @cached_property
    def action_types(self) -> frozenset[str]:
        more = [type for area in self.more for type, action in area.actions.items() if not action.internal]
        return frozenset([*self._index.actions, *more])

    def followers(self, event: str) -> Sequence[Follower]:
        found = self._followers.get(event)
        if found is None:
            several = [*map(self._area, self._index.follows.get(event, ())), *self.more]
            found = self._followers[event] = tuple(area.follows[event] for area in several if event in area.follows)
        return found

    def placed(self, name: str) -> Placed | None:
        return self._home(name)[1].placed.get(name)

    def leaving(self, name: str) -> Placed | None:
        return self._home(name)[1].leaving.get(name)

    def listeners(self) -> Sequence[type[Part]]:
        return [part for area in (*map(self._area, self._index.listens), *self.more) for part in area.listens]

    def parts(self) -> Sequence[type[Part]]:
        return [part for area in self.areas() for part in area.parts]

    def started(self, settings: Settings) -> Sequence[type[Part]]:
        wanted = [name for name in self._index.started if getattr(settings, name) is not None]
        return [self._area(self._index.started[name]).started[name] for name in wanted]

    # --- the real API ------------------------------------------------------------------------------

    @cached_property
    def real(self) -> Real:
        """The real API's operations, to route in: no handlers, only labels."""
        return Real()

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


class Real:
    """What the real API has, mocked or not."""

    def __init__(self) -> None:
        def unmocked(world: World, request: Request) -> Reply:
            raise NotImplementedError

        self._router = Router()
        self.operations = tuple(
            Operation(f"{method} {template}", method, template, unmocked)
            for template, methods in files.known_operations().items()
            for method in methods
        )
        for operation in self.operations:
            self._router.add(operation)
        self.route: Callable[[str, str], tuple[Operation, tuple[str, ...]] | None] = self._router.find


CONTROL_RANK = 100


def _controls(area: Area) -> Iterator[Operation]:
    for label, handler in area.controls.items():
        method, _, path = label.partition(" ")
        if not path.startswith(CONTROL_PREFIX):
            raise ValueError(f"a control call is below {CONTROL_PREFIX}: {label}")
        unlocked = handler in area.unlocked
        yield Operation(f"control.{label}", method, path, handler, control=True, unlocked=unlocked, rank=CONTROL_RANK)


def catalog_of(world: World) -> Catalog:
    """The catalogue that a world was made from."""
    catalog = world.blueprint
    assert isinstance(catalog, Catalog), "a world that is asked over HTTP has a catalogue"
    return catalog
