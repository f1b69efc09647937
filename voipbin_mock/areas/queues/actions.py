"""The flow action that brings a caller to a queue."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.flow_actions import (
    CALLS,
    ENDS,
    STRING,
    Action,
    ActionFailed,
    FlowAction,
    Option,
    Pushed,
    Result,
    Run,
)
from voipbin_mock.areas.calls.simulation import LONGEST_CALL
from voipbin_mock.areas.queues import search, waiting
from voipbin_mock.areas.queues.differences import JOINS_DELETED, WAITING_COUNTS, WAITS_IN_SILENCE
from voipbin_mock.areas.queues.resources import QUEUES
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def queue_join(run: Run, option: Option) -> Result:
    """The caller waits, and the queue's wait flow runs round and round, until an agent is found.

    Whose the queue is nobody asks (server).
    """
    world, queue_id = run.world, option.get("queue_id") or ""
    queue, call = world.table(QUEUES).get(queue_id), run.call
    if queue is None or call is None:
        raise ActionFailed(f"there is no queue {queue_id or '(none)'}")
    if queue.deleted and not JOINS_DELETED.of(world):
        raise ActionFailed(f'the queue "{queue.data["name"]}" was deleted')
    row = waiting.join(world, run, call, queue)
    search.begin(world, queue.id)
    actions = _actions(world, queue, row)
    return Pushed(actions, row.id, "", f'in the queue "{queue.data["name"]}"', WAITING_COUNTS.of(world))


def _actions(world: World, queue: Row, row: Row) -> list[Action]:
    """What a caller does in a queue: wait, again and again, and once an agent is found, meet it."""
    wait_flow = queue.data["wait_flow_id"]
    waits: dict[str, Any] = {"type": "fetch_flow", "option": {"flow_id": wait_flow}}
    if wait_flow == NIL_UUID and WAITS_IN_SILENCE.of(world):
        waits = {"type": "sleep", "option": {"duration": LONGEST_CALL}}
    first, again = world.ids.uuid(), world.ids.uuid()
    meets = {"type": "confbridge_join", "option": {"confbridge_id": row.id}}
    steps = (
        {"id": first, "next_id": NIL_UUID, **waits},
        {"id": again, "next_id": first, "type": "empty"},
        {"id": row.data["meets_action_id"], "next_id": NIL_UUID, **meets},
    )
    return [{**step, "tm_execute": None} for step in steps]


ACTIONS = (
    FlowAction(
        "queue_join",
        queue_join,
        "wait for an agent of a queue, and talk to it",
        runs_in=CALLS,
        on_failure=ENDS,
        option={"queue_id": STRING},
        outcomes=("served", "abandoned", "timeout"),
    ),
)
