"""What happened to a record before anything of it was seen: as its moments tell. Seeds give such records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from voipbin_mock.world.history import Moment
from voipbin_mock.world.resource import Resource

# Of calls: the member with the moment, what happened then, the status since, and what was not known before.
_CALL: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("tm_ringing", "ringing", "ringing", {}),
    ("tm_progressing", "progressing", "progressing", {}),
    ("tm_hangup", "hangup", "hangup", {"hangup_by": "", "hangup_reason": ""}),
)


def completed(resource: Resource, record: Mapping[str, Any], seen: Sequence[Moment]) -> list[Moment]:
    """All that happened to a record, the newest first: what was seen, and before it what its moments tell.

    record: as it is now.
    """
    if seen and seen[-1].type == f"{resource.noun}_created":
        return list(seen)
    oldest, limit = (seen[-1].data, seen[-1].microseconds) if seen else (record, None)
    told = [moment for moment in _told(resource, oldest) if limit is None or moment.microseconds < limit]
    return [*seen, *told[::-1]]


def _told(resource: Resource, record: Mapping[str, Any]) -> Iterator[Moment]:
    """What the moments of a record tell, the oldest first."""
    data = {**record, "tm_update": None, "tm_delete": None}
    steps = [step for step in _CALL if record[step[0]] is not None] if resource.name == "calls" else []
    if resource.name == "calls":
        for member, _, _, unknown in steps:
            data |= {member: None, **unknown}
        data["status"] = "ringing" if record["direction"] == "incoming" else "dialing"
    yield Moment(0, record["tm_create"], f"{resource.noun}_created", data)
    for member, what, status, unknown in steps:
        since = {member: record[member], "tm_update": record[member], "status": status}
        data = {**data, **since, **{name: record[name] for name in unknown}}
        yield Moment(0, record[member], f"{resource.noun}_{what}", data)
    if record["tm_delete"] is not None:
        yield Moment(0, record["tm_delete"], f"{resource.noun}_deleted", record)
