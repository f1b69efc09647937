"""Where the two profiles may be told apart by their answers, each point by name.

`D` numbers are those of the list of disagreements between the published documents and the server's
source that the profiles were made from; a point without one is named by what it is about.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from voipbin_mock.api.catalog import Catalog

DOCUMENTED, SERVER = "documented", "server"


def points_of(catalog: Catalog) -> dict[str, str]:
    """Every point, with what it is about."""
    return {name: difference.about for name, difference in catalog.differences.items()}


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
