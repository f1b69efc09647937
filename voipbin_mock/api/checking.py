"""Whether an area of the user's own can stand beside those there are.

What is wrong with one is told when the mock is made, by name, and not by a request that happens upon it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from voipbin_mock.api import lint
from voipbin_mock.api.area import Area
from voipbin_mock.api.operations import METHODS, PREFIX, Operation
from voipbin_mock.api.routing import shape
from voipbin_mock.schema.documents import check as check_schema
from voipbin_mock.wire.errors import REASONS, STATUSES, MockUsageError, Reason
from voipbin_mock.wire.values import CONTROL_PREFIX
from voipbin_mock.world.differences import Difference
from voipbin_mock.world.part import Part
from voipbin_mock.world.resource import Resource

# What a dumped state has beside parts.
_SECTIONS = {"format", "version", "made_by", "profile", "clock", "ids", "timers", "aliases", "records"}
_PARAMETER = "{id}"  # whatever it is called


def check(area: Area, others: Sequence[Area], differences: Iterable[Difference[Any]] = ()) -> None:
    """Raises MockUsageError for the first thing that is wrong with an area, by itself or beside the others."""
    wrong = next(_faults(area, others, [difference.name for difference in differences]), None)
    if wrong is not None:
        raise MockUsageError(f"areas: {area.name}: {wrong}")


def _faults(area: Area, others: Sequence[Area], differences: Sequence[str]) -> Iterator[str]:
    if any(other.name == area.name for other in others):
        yield "there is an area of this name already; give it another"
    yield from _kinds(area)
    for resource in area.resources:
        yield from _resource(resource)
    known = {
        *REASONS,
        *(reason.name for one in (*others, area) for reason in one.reasons if isinstance(reason, Reason)),
    }
    for operation in area.operations:
        yield from _operation(operation)
        named = () if callable(operation.refuses) else operation.refuses
        unknown = next((r for r in named if r not in known and not r.endswith("_NOT_FOUND")), None)
        if unknown is not None:
            yield f"{operation.label}: refuses: there is no reason {unknown}; declare it in reasons="
    for label in area.controls:
        method, _, path = label.partition(" ")
        if method not in METHODS or not path.startswith(f"{CONTROL_PREFIX}/"):
            yield f"{label!r} is no call of the control API; write it as 'GET {CONTROL_PREFIX}/things'"
    for what, mine, taken in _names(area, others, differences):
        twice = next((name for name in mine if mine.count(name) > 1), None)
        if twice is not None:
            yield f"{what} {twice} is declared twice"
        for name in mine:
            if name in taken:
                yield f"{what} {name} is declared already, by {taken[name]}"


def _kinds(area: Area) -> Iterator[str]:
    """Whether everything is of the kind that is asked for, whatever was annotated."""
    parts: list[Any] = [*area.parts, *area.listens]
    differences: list[Any] = [*area.differences]
    reasons: list[Any] = [*area.reasons]
    cases: Any = area.cases
    for what in ("timers", "follows", "placed", "controls", "narrows"):
        for name, function in getattr(area, what).items():
            if not callable(function):
                yield f"{what}: {name!r} leads to {function!r}, which is no function"
    for part in parts:
        if not (isinstance(part, type) and issubclass(part, Part)):
            yield f"parts: {part!r} is no subclass of Part"
        elif part.name in _SECTIONS:
            yield f"parts: a part cannot be called {part.name!r}; a dumped state has that already"
    for difference in differences:
        told: Any = getattr(difference, "told", None)
        if not isinstance(difference, Difference):
            yield f"differences: {difference!r} is no Difference"
        elif not (isinstance(told, tuple) and len(told) == 2):
            yield f"difference {difference.name}: told= takes two texts, of documented and of server"
    for reason in reasons:
        if not isinstance(reason, Reason):
            yield f"reasons: {reason!r} is no Reason"
        elif reason.status not in STATUSES:
            yield f"reason {reason.name}: {reason.status!r} is no status; they are {', '.join(STATUSES)}"
    if isinstance(cases, Path):
        if not cases.is_dir():
            yield f"cases: {cases} is no directory"
    elif not all(isinstance(case, Mapping) and "cases" in case for case in cases):
        yield "cases: each of them is a document that has `cases`"


def _resource(resource: Resource) -> Iterator[str]:
    try:
        document = resource.document
    except KeyError:
        yield f"resource {resource.name} has no schema; give it one, as Resource({resource.name!r}, schema={{...}})"
        return
    try:
        if resource.schema is not None:
            check_schema(document)
        shown = [*resource.record.names, *(member.name for member in resource.hidden)]
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        yield f"the schema of {resource.name} cannot be used: {why}"
        return
    for member in resource.grouped_by:
        if member not in shown:
            yield f"resource {resource.name}: its record has no member {member} to find lists by"


def _operation(operation: Operation) -> Iterator[str]:
    method, template = operation.method, operation.template
    call = f"{method} {template.removeprefix(PREFIX)}"
    if method not in METHODS:
        yield f"{call!r} is no call; write it as 'GET /things/{{id}}'"
    elif not template.startswith("/") or template.startswith(PREFIX * 2) or template == PREFIX:
        yield f"{call!r} is no call below {PREFIX}; leave that out, as in 'GET /things/{{id}}'"
    handler: Any = operation.handler
    if not callable(handler):
        yield f"{call}: its handler {handler!r} is no function"
    part, resource = operation.part_name, operation.resource
    if part is not None and (resource is None or not _has_part(resource, part)):
        yield f"{call}: the schema of {resource.name if resource else 'no resource'} has no {part!r} for its body"
    sees = operation.access.sees
    if sees and resource is not None and sees not in resource.grouped_by:
        yield f"{call}: sees={sees!r} is none of the groups of {resource.name}"


def _has_part(resource: Resource, part: str) -> bool:
    try:
        return resource.has_part(part)
    except LookupError:  # told already
        return True


def _names(
    area: Area, others: Sequence[Area], differences: Sequence[str]
) -> Iterator[tuple[str, list[str], Mapping[str, str]]]:
    """What has names: what it is called, those of the area, and those that are taken, with whose they are."""

    def taken(names: Any) -> dict[str, str]:
        return {name: f"the area {other.name}" for other in others for name in names(other)}

    def own(names: Iterable[str]) -> dict[str, str]:
        return dict.fromkeys(names, "the mock")

    kinds: list[tuple[str, Any, Mapping[str, str]]] = [
        ("resource", lambda a: [resource.name for resource in a.resources], {}),
        ("operation", lambda a: [shape(operation.label, _PARAMETER) for operation in a.operations], {}),
        ("the operation's name", lambda a: [operation.name for operation in a.operations], {}),
        ("control call", lambda a: [shape(label, _PARAMETER) for label in a.controls], {}),
        ("part", lambda a: [part.name for part in a.parts if part.name], {}),
        ("timer", lambda a: [*a.timers], {}),
        ("action", lambda a: [*a.actions], {}),
        ("lint code", lambda a: [*a.lints], own(lint.CODES)),
        ("reason", lambda a: [reason.name for reason in a.reasons], own(REASONS)),
        ("difference", lambda a: [difference.name for difference in a.differences], own(differences)),
    ]
    for what, called, more in kinds:
        yield what, called(area), {**taken(called), **more}
