"""Where the two profiles may be told apart by their answers, each point by name.

`D` numbers are those of the list of disagreements between the published documents and the server's
source that the profiles were made from; a point without one is named by what it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from voipbin_mock.api.catalog import Catalog

DOCUMENTED, SERVER = "documented", "server"


def points_of(catalog: Catalog) -> dict[str, str]:
    """Every point, with what it is about."""
    return {name: difference.about for name, difference in catalog.differences.items()}


Orders = tuple[tuple[Sequence[str], Sequence[str]], ...]


def orders_of(catalog: Catalog) -> Orders:
    """The members of objects that the profiles write in different orders: as documented, and as the server does."""
    return tuple(each for resource in catalog.resources.values() for each in _orders(resource.document))


def _orders(schema: Any) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    if isinstance(schema, Mapping):
        if SERVER in schema.get("x-order", ()):
            yield list(schema["properties"]), schema["x-order"][SERVER]
        for inner in schema.values():
            yield from _orders(inner)


def is_order(given: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether names stand in the order of others, of which some may lack."""
    return list(given) == [name for name in wanted if name in given]


class Observation(NamedTuple):
    """One answer that only one of the profiles gives."""

    point: str
    profile: str
    pointer: str  # JSON pointer into the body of the answer, or the name of a header
    shown: Any  # what stood there


def order(point: str) -> tuple[int, int, str]:
    """For sorting: D1, D2, ..., D10, and the others by name."""
    number = point[1:] if point[:1] == "D" else ""
    return (0, int(number), "") if number.isdigit() else (1, 0, point)
