"""Where the two profiles may be told apart by their answers, each point by name.

`D` numbers are those of the list of disagreements between the published documents and the server's
source that the profiles were made from; a point without one is named by what it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

DOCUMENTED, SERVER = "documented", "server"

POINTS: Mapping[str, str] = {
    "D1": "the text of timestamps",
    "D2": "what stands for a moment that has not come",
    "D3": "tm_update of a record that was only created",
    "D4": "members of an address that are empty",
    "D5": "a destination that a target does not use",
    "D7": "deleted records in lists",
    "D8": "what a new outdial must have",
    "D10": "logging in under /v1.0",
    "D12": "a record of another customer",
    "D13": "an access key that does not exist",
    "D21": "the prefix of an access key, used as the key",
    "D22": "members that the documents require, left out; values that they do not list",
    "actions": "members of a flow's actions that were not given",
    "early-delete": "deleting a campaign that runs, or a campaigncall that is not done",
    "number-failures": "why a number could not be bought",
    "omitted-members": "members that are left out while they are empty",
    "undecodable-type": "the content type of the answer to a body that cannot be decoded",
    "virtual-by-number": "a number of the virtual range whose type is not said",
    "wrong-parent": "a target asked for under another outdial than its own",
}


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
