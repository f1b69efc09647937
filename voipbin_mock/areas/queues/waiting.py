"""Callers in queues: they wait, are served, give up or are sent away. Times are milliseconds.

A queuecall is `initiating`, `waiting`, `connecting` while an agent is rung, in `service`, and at last `done` or
`abandoned`.
"""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.queues.differences import (
    COUNTS_ABANDONED,
    ENDED_IS_DELETED,
    KICKS_ENDED,
    KICKS_SERVICE,
    KICKS_WAITING,
    SERVICE_FROM_SERVICE,
)
from voipbin_mock.areas.queues.resources import QUEUECALLS, QUEUES
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import MILLISECOND
from voipbin_mock.world.world import World

OVER = ("done", "abandoned")
LONGEST = 2_147_483_647  # that a duration is told as


def kick(world: World, row: Row) -> Row:
    """Send a caller out of the queue. Raises ApiError INTERNAL where the server fails to."""
    status = row.data["status"]
    if status in OVER:
        if not KICKS_ENDED.of(world):
            raise ApiError("INTERNAL", hint=f"this queuecall is {status}; the server takes kicking it for a failure")
        return row
    if status == "service":
        return end(world, row, "done") if KICKS_SERVICE.of(world) else row
    if not KICKS_WAITING.of(world):
        raise ApiError("INTERNAL", hint="the server cannot kick a caller whose wait flow runs")
    return end(world, row, "abandoned")


def end(world: World, row: Row, status: str) -> Row:
    """A caller has left the queue, `done` or `abandoned`; nothing happens to one who has left already."""
    if row.data["status"] in OVER:
        return row
    now = world.clock.microseconds()
    values: dict[str, Any] = {"status": status, "tm_end": now, "timer": 0}
    if row.data["timer"]:
        world.timers.cancel(row.data["timer"])
    if status == "done":
        since = row.data["tm_service"] if SERVICE_FROM_SERVICE.of(world) else None
        values["duration_service"] = _milliseconds(since or row.created, now)
    else:
        values["duration_waiting"] = _milliseconds(row.created, now)
    if ENDED_IS_DELETED.of(world):
        values |= world.deletion(QUEUECALLS)
    _leaves_queue(world, row, status)
    return crud.change(world, QUEUECALLS, row, values, status)


def _leaves_queue(world: World, row: Row, status: str) -> None:
    queue = world.table(QUEUES).get(row.data["queue_id"])
    if queue is None:
        return
    values: dict[str, Any] = {}
    for member in ("wait_queuecall_ids", "service_queuecall_ids"):
        ids = queue.data[member]
        if row.id in ids:
            values[member] = [each for each in ids if each != row.id]
    if status == "abandoned" and COUNTS_ABANDONED.of(world):
        values["total_abandoned_count"] = queue.data["total_abandoned_count"] + 1
    if values:
        crud.change(world, QUEUES, queue, values, "")


def _milliseconds(since: int, until: int) -> int:
    # Rounded: what is created at one instant has stamps that lie microseconds apart.
    return min(max(0, round((until - since) / MILLISECOND)), LONGEST)
