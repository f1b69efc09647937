"""An area of the service: everything that belongs together, declared in one place.

An area is one name in four trees: `voipbin_mock/areas/<name>/`, `schemas/<name>/`, `fixtures/<seed>/<name>.json`
and `tests/areas/<name>/`. Its declaration, `AREA` in `area.py`, is read first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from voipbin_mock.api.flow_actions import FlowAction
from voipbin_mock.api.operations import SERVICE_AGENTS, Declared, Handler, Operation, Schema
from voipbin_mock.wire.errors import Reason
from voipbin_mock.world.blueprint import Blueprint, Follower, Placed, TimerHandler
from voipbin_mock.world.differences import Difference
from voipbin_mock.world.part import Part

SHARED = "inbound"  # the word of control calls of which several areas have some
_MIRRORED = SERVICE_AGENTS.strip("/")
Narrows = Callable[[Blueprint, Schema], None]
Controls = Mapping[str, Handler]  # "GET /__mock__/phones" -> what answers


class Area:
    """The declaration of an area. What is left out it does not have.

    declared: resources with their operations (`crud.operations`), and operations beside, one or several (`mirror`).
    timers: kind -> what it does. follows: type of an event -> what is done when it is published, under the lock.
    placed: resource -> what takes up a record that a seed, a state or a test put in place. leaving: resource -> what is
    done with a record before a test deletes it, or why not (MockUsageError). parts: of the world.
    listens: those parts that hear of every event. started: setting -> the part that it asks for. actions: types of
    flow actions (`FlowAction`). lints: code -> what it means. controls: calls under /__mock__; unlocked: those of them
    that take the lock themselves. narrows: piece of `schemas/common.json` -> what handlers ask of it beside, for
    OpenAPI. records: the module with the types of its records (`TYPES`). cases: contract cases, as a folder of files
    or as documents.
    """

    def __init__(
        self,
        name: str,
        *declared: Declared | Operation | Iterable[Operation],
        timers: Mapping[str, TimerHandler] | None = None,
        follows: Mapping[str, Follower] | None = None,
        placed: Mapping[str, Placed] | None = None,
        leaving: Mapping[str, Placed] | None = None,
        parts: Sequence[type[Part]] = (),
        listens: Sequence[type[Part]] = (),
        started: Mapping[str, type[Part]] | None = None,
        actions: Sequence[FlowAction] = (),
        lints: Mapping[str, str] | None = None,
        reasons: Sequence[Reason] = (),
        controls: Controls | None = None,
        unlocked: Sequence[Handler] = (),
        narrows: Mapping[str, Narrows] | None = None,
        differences: Sequence[Difference[Any]] = (),
        records: str = "",
        cases: Path | Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.name = name
        self.module = ""  # the name that it was found by, if it was
        self.resources = tuple(one.resource for one in declared if isinstance(one, Declared))
        self.operations = tuple(operation for one in declared for operation in _operations(name, one))
        self.timers = dict(timers or {})
        self.follows = dict(follows or {})
        self.placed, self.leaving = dict(placed or {}), dict(leaving or {})
        self.parts, self.listens = tuple(parts), tuple(listens)
        self.started = dict(started or {})
        self.actions = {one.type: one for one in actions}
        self.lints, self.reasons = dict(lints or {}), tuple(reasons)
        self.controls, self.unlocked = dict(controls or {}), tuple(unlocked)
        self.narrows = dict(narrows or {})
        self.differences = tuple(differences)
        self.records = records
        self.cases = cases

    def words(self) -> set[str]:
        """What leads to it: the first words of its paths and the names of its resources."""
        templates = [*(operation.template for operation in self.operations), *(c.split()[1] for c in self.controls)]
        return {word_of(template) for template in templates} | {resource.name for resource in self.resources}

    def __repr__(self) -> str:
        return f"<area {self.name}>"


def _operations(area: str, one: Any) -> Iterator[Operation]:
    several = one.operations if isinstance(one, Declared) else (one,) if isinstance(one, Operation) else one
    if not isinstance(several, Iterable) or isinstance(several, str):
        raise TypeError(f"area {area}: {one!r} is neither a resource with its operations nor an operation")
    for operation in several:
        if not isinstance(operation, Operation):
            raise TypeError(f"area {area}: {operation!r} is no operation")
        yield operation


def word_of(path: str) -> str:
    """What of a path says which area it belongs to: `outplans`, `auth`, `service_agents/calls`, `__mock__/phones`."""
    first, _, rest = path[1:].partition("/")
    if first == "v1.0":
        word, _, rest = rest.partition("/")
        return word if word != _MIRRORED else f"{word}/{rest.partition('/')[0]}"
    if first == "__mock__":
        second, _, third = rest.partition("/")
        return f"{first}/{second}/{third.partition('/')[0]}" if second == SHARED else f"{first}/{second}"
    return first
