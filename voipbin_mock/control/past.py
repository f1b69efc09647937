"""What changed a record: the requests that did, and every event with what was different since the one before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.insight.journal import Journal
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.world.bus import Bus, Event
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

MOST = 100  # events, and as many requests: the newest
_STAMPS = ("tm_update",)  # different each time, which says nothing


def past_of(world: World, row: Row) -> list[dict[str, Any]]:
    """The oldest first; what happened by itself has an event and no request before it."""
    bus = world.has(Bus)
    events = [event for event in bus.log if event.record_id == row.id] if bus is not None else []
    told = [*_requests(world, row), *_events(events[-MOST - 1 :])]
    told.sort(key=lambda one: one[0])  # at one instant: the request, then what came of it
    return [entry for _, entry in told[-2 * MOST :]]


def _events(events: list[Event]) -> Iterator[tuple[int, dict[str, Any]]]:
    before: Mapping[str, Any] | None = None
    for event in events:
        data = json.loads(event.data)
        told = {
            "kind": "event",
            "number": event.number,
            "time": rfc3339_stamp_full(event.microseconds),
            "type": event.type,
            "changed": {} if before is None else _changed(before, data),
        }
        yield event.microseconds, told
        before = data


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Member -> what it was, and what it is."""
    names = [name for name in {**before, **after} if name not in _STAMPS]
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}


def _requests(world: World, row: Row) -> list[tuple[int, dict[str, Any]]]:
    """Those that wrote and were not refused, in whose path it stands or that answered with it."""
    journal = world.has(Journal)
    if journal is None:
        return []
    found = [one for one in journal.exchanges() if one.method != "GET" and one.wrote(row.id)]
    return [
        (
            one.microseconds,
            {
                "kind": "request",
                "number": one.number,
                "time": rfc3339_stamp_full(one.microseconds),
                "call": f"{one.method} {one.path}",
                "operation": one.operation,
                "status": one.http_code,
            },
        )
        for one in found[-MOST:]
    ]
