"""What calls do when something happens: in the order in which it is listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voipbin_mock.api import crud
from voipbin_mock.api.cascades import gone_with_customer
from voipbin_mock.api.flow_actions import FINISH_ID
from voipbin_mock.areas.calls import (
    bridges,
    groups,
    recordings,
    scripts,
    simulation,
    speakings,
    transcribing,
    transfers,
    voice,
)
from voipbin_mock.areas.calls.far_end import read_step
from voipbin_mock.areas.calls.media_resources import TRANSCRIBES
from voipbin_mock.areas.calls.resources import CALLS, GROUPCALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.world.shown import stamps_of
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def _call_of(world: World, activeflow: Row) -> Row | None:
    """The call that a run leads, if it leads one that goes on."""
    data = activeflow.data
    if data["reference_type"] != "call" or data["after"]:
        return None
    call = world.store.tables[CALLS.name].get(data["reference_id"])
    return None if call is None or call.data["status"] == "hangup" else call


def hands_over(world: World, activeflow: Row) -> None:
    """A call is given its next action."""
    call = _call_of(world, activeflow)
    if call is not None:
        now = world.clock.microseconds()
        action = {**activeflow.data["current_action"], "tm_execute": stamps_of(CALLS, world.profile)(now)}
        call = world.table(CALLS).amend(call.id, {**world.touch(CALLS), "action": action})
        world.publish("call_updated", CALLS, call, now=now)


def waits(world: World, activeflow: Row) -> None:
    """An action lasts: the far end may do what it is to do at it."""
    call = _call_of(world, activeflow)
    if call is not None:
        scripts.cue(world, call)


def flow_ended(world: World, activeflow: Row) -> None:
    """A call whose flow is over is hung up."""
    call = _call_of(world, activeflow)
    if call is None or call.data["activeflow_id"] != activeflow.id:
        return
    if activeflow.data["current_action"].get("id") == FINISH_ID:
        call = crud.change(world, CALLS, call, {"action": dict(engine.FINISH)})
    simulation.hang_up(world, call)


def flow_of_call_ends(world: World, call: Row) -> None:
    by = "the far end" if call.data["hangup_by"] == "remote" else "the service"
    engine.stop(world, call.data["activeflow_id"], f"the call was hung up by {by}: {call.data['hangup_reason']}")


def far_end_begins(world: World, call: Row) -> None:
    """Somebody has answered who is to do something."""
    scripts.give(world, call.id, [read_step(step) for step in call.data["then"]], since=0)


def awaited_ends(world: World, call: Row) -> None:
    """Some area waits for its end; the others need not be asked."""
    if call.data["awaited"]:
        world.follow("awaited_call_ended", call)


# In this order, at each hang-up.
AT_HANGUP: tuple[Callable[[World, Row], None], ...] = (
    flow_of_call_ends,
    voice.peer_over,
    bridges.call_ended,
    bridges.chained_end,
    transfers.call_over,
    groups.call_over,
    recordings.call_ended,
    transcribing.call_ended,
    speakings.call_ended,
    awaited_ends,
)


def call_hangup(world: World, call: Row) -> None:
    for act in AT_HANGUP:
        act(world, call)
    simulation.assisted(world, "hangup", world.table(CALLS).get(call.id) or call)


def call_progressing(world: World, call: Row) -> None:
    if call.data["direction"] == "outgoing":
        groups.call_answered(world, call)
        bridges.call_answered(world, call)
    voice.peer_answered(world, call)


def customer_frozen(world: World, customer: Row) -> None:
    """Nothing goes on."""
    for call in world.table(CALLS).listed(customer.id):
        if call.data["status"] != "hangup":
            simulation.hang_up(world, call)


FOLLOWS: Mapping[str, Callable[[World, Row], None]] = {
    "activeflow_ended": flow_ended,
    "activeflow_hands_over": hands_over,
    "activeflow_waits": waits,
    "call_far_end": far_end_begins,
    "call_key_pressed": recordings.key_pressed,
    "call_hangup": call_hangup,
    "call_left": transfers.call_left,
    "call_progressing": call_progressing,
    "customer_deleted": gone_with_customer(GROUPCALLS, CALLS, TRANSCRIBES),
    "customer_frozen": customer_frozen,
    "groupcall_hangup": transfers.group_over,
    "groupcall_progressing": transfers.group_answered,
}
