"""Bridges: where calls meet. A bridge is nothing but the calls that are in it."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.flow_actions import CALLS, STRING, ActionFailed, FlowAction, Option, Result, Run, Waits
from voipbin_mock.areas.calls import voice
from voipbin_mock.areas.calls.resources import CALLS as CALL_RECORDS
from voipbin_mock.areas.flows import engine
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def members(world: World, bridge_id: str) -> list[Row]:
    """The calls in a bridge, the oldest first."""
    return [] if bridge_id == NIL_UUID else world.table(CALL_RECORDS).find("confbridge_id", bridge_id)


def join(world: World, call_id: str, bridge_id: str) -> bool:
    """A call comes into a bridge. Whether it goes on, and did. Followed as `call_joined`."""
    row = voice.live(world, call_id)
    if row is None:
        return False
    row = crud.change(world, CALL_RECORDS, row, {"confbridge_id": bridge_id})
    world.follow("call_joined", row)
    return True


def leave(world: World, call_id: str, why: str = "") -> bool:
    """A call leaves its bridge, and its flow goes on. Whether it was in one.

    Followed as `call_left`, with the call as it was in the bridge.
    """
    before = world.table(CALL_RECORDS).get(call_id)
    if before is None or before.data["confbridge_id"] == NIL_UUID:
        return False
    row = world.table(CALL_RECORDS).replace({**before.data, "confbridge_id": NIL_UUID})
    if voice.live(world, call_id) is not None:
        crud.change(world, CALL_RECORDS, row, {})
    world.follow("call_left", before)
    run = engine.running(world, row.data["activeflow_id"])
    if run is not None and run.action.get("type") == "confbridge_join":
        engine.resume(world, run.id, run.count, "left", why)
    return True


def hung_up(world: World, call: Row) -> None:
    leave(world, call.id, "the call was hung up")


def confbridge_join(run: Run, option: Option) -> Result:
    call = run.call
    if call is None or not join(run.world, call.id, option.get("confbridge_id") or NIL_UUID):
        raise ActionFailed("the call is over")
    return Waits(None)


ACTIONS = (
    FlowAction(
        "confbridge_join",
        confbridge_join,
        "meet others in a bridge",
        runs_in=CALLS,
        by_call=True,
        option={"confbridge_id": STRING},
        outcomes=("left",),
    ),
)
