"""Callers in queues: they come, wait, are served, give up or are sent away. Times are milliseconds.

A queuecall is `initiating`, `waiting`, `connecting` while an agent is rung, in `service`, and at last `done` or
`abandoned`. The bridge in which caller and agent meet has the id of the queuecall, and so has the list of actions
that the caller's flow runs meanwhile.
"""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.flow_actions import Run
from voipbin_mock.areas.calls import bridges
from voipbin_mock.areas.flows import engine, runs
from voipbin_mock.areas.queues.differences import (
    COUNTS_ABANDONED,
    ENDED_IS_DELETED,
    KICKS_WAITING,
    SERVICE_FROM_SERVICE,
    TIMEOUT_UNIT,
)
from voipbin_mock.areas.queues.resources import QUEUECALLS, QUEUES
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import MILLISECOND
from voipbin_mock.world.world import World

OVER = ("done", "abandoned")
LONGEST = 2_147_483_647  # that a duration is told as
QUEUECALLS_OF = "queuecalls"  # under which the caller's run keeps the ids of those that are not over
# What the caller's flow may know while it is in the queue.
VARIABLES = (
    *(f"voipbin.queue.{name}" for name in ("id", "name", "detail")),
    *(f"voipbin.queuecall.{name}" for name in ("id", "timeout_wait", "timeout_service")),
)


def of_call(world: World, call: Row) -> list[Row]:
    """The queuecalls of a call that are not over: several if it came to another queue while it waits in one."""
    run = engine.of(world, call.data["activeflow_id"])
    kept = () if run is None else (run.note or {}).get(QUEUECALLS_OF, ())
    return [row for each in kept if (row := world.table(QUEUECALLS).get(each)) is not None]


# --- coming --------------------------------------------------------------------------------------------


def join(world: World, run: Run, call: Row, queue: Row) -> Row:
    """A caller comes to a queue, and waits."""
    table = world.table(QUEUECALLS)
    data = queue.data
    record = {
        **QUEUECALLS.blank,
        "id": world.ids.uuid(),
        "customer_id": run.customer_id,
        "reference_type": "call",
        "reference_id": call.id,
        "status": "initiating",
        "queue_id": queue.id,
        "activeflow_id": run.id,
        "join_action_id": run.action.get("id", NIL_UUID),
        "meets_action_id": world.ids.uuid(),
        "source": call.data["source"],
        "routing_method": data["routing_method"],
        "tag_ids": data["tag_ids"],
        "timeout_wait": data["wait_timeout"],
        "timeout_service": data["service_timeout"],
        "tm_create": world.stamp_for(table, run.account),
    }
    row = table.insert(record, run.account)
    crud.published(world, QUEUECALLS, row, "created")
    timer = 0
    if record["timeout_wait"] > 0 and KICKS_WAITING.of(world):
        timer = world.timers.call_in(record["timeout_wait"], "queue_wait_over", row.id)
    row = crud.change(world, QUEUECALLS, row, {"status": "waiting", "timer": timer}, "waiting")
    ids = [*(data["wait_queuecall_ids"] or ()), row.id]
    came = {"wait_queuecall_ids": ids, "total_incoming_count": data["total_incoming_count"] + 1}
    crud.change(world, QUEUES, queue, came, "")
    bridges.name_kind(run, row.id, bridges.QUEUE)
    run.keep(**{QUEUECALLS_OF: [*(run.note or {}).get(QUEUECALLS_OF, ()), row.id]})
    unit = TIMEOUT_UNIT.of(world)
    said = (queue.id, data["name"], data["detail"], row.id, record["timeout_wait"], record["timeout_service"])
    texts = [*said[:4], *(str(each // unit) for each in said[4:])]
    run.set_all(dict(zip(VARIABLES, texts, strict=True)))
    return row


# --- talking -------------------------------------------------------------------------------------------


def serve(world: World, row: Row) -> None:
    """The talk with the agent begins."""
    now = world.clock.microseconds()
    timer = 0
    if row.data["timeout_service"] > 0 and KICKS_WAITING.of(world):
        timer = world.timers.call_in(row.data["timeout_service"], "queue_service_over", row.id)
    values = {
        "status": "service",
        "tm_service": now,
        "duration_waiting": _milliseconds(row.created, now),
        "timer": timer,
    }
    queue = world.table(QUEUES).get(row.data["queue_id"])
    if queue is not None:
        data = queue.data
        waits = _without(data["wait_queuecall_ids"], row.id)
        serves = [*data["service_queuecall_ids"], row.id]
        served = {"total_serviced_count": data["total_serviced_count"] + 1}
        crud.change(world, QUEUES, queue, {"wait_queuecall_ids": waits, "service_queuecall_ids": serves, **served}, "")
    crud.change(world, QUEUECALLS, row, values, "serviced")


# --- leaving -------------------------------------------------------------------------------------------


def end(world: World, row: Row, status: str, outcome: str = "") -> Row:
    """A caller has left the queue, `done` or `abandoned`; nothing happens to one who has left already.

    outcome: of the action that brought the caller here, if it is not what follows from that.
    """
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
    row = crud.change(world, QUEUECALLS, row, values, status)
    run = engine.of(world, row.data["activeflow_id"])
    if run is not None:
        run.keep(**{QUEUECALLS_OF: [each for each in (run.note or {}).get(QUEUECALLS_OF, ()) if each != row.id]})
        run.unset(*VARIABLES)
        _note_outcome(world, run, row, outcome or ("served" if status == "done" else "abandoned"))
    return row


def _note_outcome(world: World, run: Run, row: Row, outcome: str) -> None:
    """The trace tells at `queue_join` what came of it."""
    trace = runs.trace_of(run.data)
    for position in range(len(trace) - 1, -1, -1):
        entry = trace[position]
        if entry[engine.ID] == row.data["join_action_id"] and entry[engine.TYPE] == "queue_join":
            entry = [*entry[: engine.OUTCOME], outcome, *entry[engine.WHY :]]
            trace = [*trace[:position], entry, *trace[position + 1 :]]
            runs.change(world, run.activeflow, runs.with_trace(run.data, trace))
            return


def _leaves_queue(world: World, row: Row, status: str) -> None:
    queue = world.table(QUEUES).get(row.data["queue_id"])
    if queue is None:
        return
    values: dict[str, Any] = {}
    for member in ("wait_queuecall_ids", "service_queuecall_ids"):
        if row.id in queue.data[member]:
            values[member] = _without(queue.data[member], row.id)
    if status == "abandoned" and COUNTS_ABANDONED.of(world):
        values["total_abandoned_count"] = queue.data["total_abandoned_count"] + 1
    if values:
        crud.change(world, QUEUES, queue, values, "")


def _without(ids: list[str], one: str) -> list[str]:
    """Many may wait, and who leaves is mostly the first."""
    position = ids.index(one) if one in ids else len(ids)
    return [*ids[:position], *ids[position + 1 :]]


def _milliseconds(since: int, until: int) -> int:
    # Rounded: what is created at one instant has stamps that lie microseconds apart.
    return min(max(0, round((until - since) / MILLISECOND)), LONGEST)
