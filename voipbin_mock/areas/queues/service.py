"""Callers and agents of queues come together, and part again."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api import crud
from voipbin_mock.areas.calls import bridges
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.queues import ringing, waiting
from voipbin_mock.areas.queues.differences import (
    ANSWER_SERVES,
    KICKS_ENDED,
    KICKS_SERVICE,
    KICKS_WAITING,
)
from voipbin_mock.areas.queues.resources import QUEUECALLS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.world.blueprint import Follower, TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

ALONE = 60_000  # milliseconds that a caller waits for an agent who does not come (server)


def connect(world: World, row: Row, agent: Row) -> None:
    """An agent is rung, and the caller goes to where they meet."""
    if row.data["timer"]:
        world.timers.cancel(row.data["timer"])
    chosen = {"status": "connecting", "service_agent_id": agent.id, "timer": 0}
    row = world.table(QUEUECALLS).replace({**row.data, **chosen})
    ringing.ring(world, row, agent)
    row = crud.change(world, QUEUECALLS, world.table(QUEUECALLS).get(row.id) or row, {}, "connecting")
    why = f"the agent {agent.data['username']} is rung"
    if not engine.jump(world, row.data["activeflow_id"], row.data["meets_action_id"], why, row.id):
        send_away(world, row, "the caller is somewhere else")
    ringing.go_on(world, row)


# --- what happens to the two ------------------------------------------------------------------------------


def joined(world: World, call: Row) -> None:
    """Somebody has come to where caller and agent meet."""
    row = world.table(QUEUECALLS).get(call.data["confbridge_id"])
    if row is None or row.data["status"] != "connecting":
        return
    is_caller = call.id == row.data["reference_id"]
    if is_caller != ANSWER_SERVES.of(world):
        waiting.serve(world, row)
    if is_caller and not ANSWER_SERVES.of(world):
        timer = world.timers.call_in(ALONE, "queue_gives_up", row.id)
        row = world.table(QUEUECALLS).get(row.id) or row
        world.table(QUEUECALLS).replace({**row.data, "timer": timer})


def left(world: World, call: Row) -> None:
    """One of the two has left, and so the other one does."""
    row = world.table(QUEUECALLS).get(call.data["confbridge_id"])
    if row is None:
        return
    if call.id == row.data["reference_id"] and row.data["status"] == "service":
        waiting.end(world, row, "done")
    for other in bridges.members(world, row.id):
        bridges.leave(world, other.id, "the other one left")
    if call.id == row.data["reference_id"]:
        ringing.hang_up(world, row)


def call_over(world: World, call: Row) -> None:
    """A caller has hung up."""
    for row in waiting.of_call(world, call):
        waiting.end(world, row, "done" if row.data["status"] == "service" else "abandoned")
        ringing.hang_up(world, row)


def ringing_over(world: World, groupcall: Row) -> None:
    """None of the calls to an agent goes on."""
    row = ringing.rung_for(world, groupcall)
    if row is not None and row.data["status"] == "connecting" and ANSWER_SERVES.of(world):
        send_away(world, row, "the agent did not answer")


# --- sending away -------------------------------------------------------------------------------------------


def kick(world: World, row: Row) -> Row:
    """Send a caller out of the queue. Raises ApiError INTERNAL where the server fails to."""
    status = row.data["status"]
    if status in waiting.OVER:
        if not KICKS_ENDED.of(world):
            raise ApiError("INTERNAL", hint=f"this queuecall is {status}; the server takes kicking it for a failure")
        return row
    if status == "service":
        return send_away(world, row, "it was kicked") if KICKS_SERVICE.of(world) else row
    if not KICKS_WAITING.of(world):
        raise ApiError("INTERNAL", hint="the server cannot kick a caller whose wait flow runs")
    return send_away(world, row, "it was kicked")


def send_away(world: World, row: Row, why: str, outcome: str = "") -> Row:
    """A caller leaves the queue, and goes on with what follows `queue_join`; an agent is hung up."""
    served = row.data["status"] == "service"
    row = waiting.end(world, row, "done" if served else "abandoned", outcome)
    call_id = row.data["reference_id"]
    call = world.store["calls"].get(call_id)
    if call is not None and call.data["confbridge_id"] == row.id:
        bridges.leave(world, call_id, why)
    else:
        engine.pop(world, row.data["activeflow_id"], row.id, why, "cut")
    ringing.hang_up(world, row)
    return world.table(QUEUECALLS).get(row.id) or row


def wait_over(world: World, queuecall_id: str) -> None:
    row = world.table(QUEUECALLS).get(queuecall_id)
    if row is not None and row.data["status"] == "waiting":
        send_away(world, row, f"it waited {row.data['timeout_wait']} ms", "timeout")


def service_over(world: World, queuecall_id: str) -> None:
    row = world.table(QUEUECALLS).get(queuecall_id)
    if row is not None and row.data["status"] == "service":
        send_away(world, row, f"it was served for {row.data['timeout_service']} ms")


def gives_up(world: World, queuecall_id: str) -> None:
    """Nobody came: the caller has been alone for too long."""
    row = world.table(QUEUECALLS).get(queuecall_id)
    if row is not None and [call.id for call in bridges.members(world, row.id)] == [row.data["reference_id"]]:
        bridges.leave(world, row.data["reference_id"], "nobody came")


FOLLOWS: Mapping[str, Follower] = {
    "call_hangup": call_over,
    "call_joined": joined,
    "call_left": left,
    "groupcall_hangup": ringing_over,
}
TIMERS: Mapping[str, TimerHandler] = {
    "queue_gives_up": gives_up,
    "queue_service_over": service_over,
    "queue_wait_over": wait_over,
}
