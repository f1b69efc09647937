"""The dialer: a running campaign ticks, and each tick dials one target or waits.

A second after the start, half a second after each dial, and every five seconds while there is nothing to
dial. Every tick reads campaign, outplan and agents afresh. Times are milliseconds. (server; where the
documents say otherwise, the profile decides.)
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from voipbin_mock.api import crud
from voipbin_mock.areas.calls import simulation
from voipbin_mock.areas.calls.phones import Phones
from voipbin_mock.areas.campaigns import loops, states
from voipbin_mock.areas.campaigns.dialing_order import (
    DESTINATIONS,
    TRY_COUNTS,
    DialingOrder,
    limits_of,
    never_tried,
    next_slot,
    touched_at,
)
from voipbin_mock.areas.campaigns.differences import ANSWERED, CAPACITY, CHAINS, EMPTY_SLOTS, EXHAUSTED, RING_LIMITS
from voipbin_mock.areas.campaigns.hidden import plan_of
from voipbin_mock.areas.campaigns.resources import CAMPAIGNCALLS, CAMPAIGNS, OUTPLANS, TARGETS
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.queues.agents import available_agents
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.stamps import to_datetime
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.blueprint import Follower, TimerHandler
from voipbin_mock.world.store import Record, Row
from voipbin_mock.world.timers import MILLISECOND, PHONE
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

FIRST_TICK = 1000
AFTER_A_DIAL = 500
NOTHING_TO_DIAL = 5000
MOST_COUNTED = 100  # of the calls that are dialing, when capacity is looked at


class Head(NamedTuple):
    """What is to be dialed next."""

    target: Row
    slot: int

    @property
    def destination(self) -> Mapping[str, str] | None:
        found: Mapping[str, str] | None = self.target.data[DESTINATIONS[self.slot]]
        return found


# --- what the user asks for ------------------------------------------------------------------------


def run(world: World, row: Row) -> Row:
    """PUT status `run`. Raises ApiError INVALID_ARGUMENT for references that cannot be used."""
    row, begins = states.run(world, row)
    return _begin(world, _forget_ending(world, row), begins)


def _begin(world: World, row: Row, ticks: bool) -> Row:
    now = world.clock.microseconds()  # once: a running clock goes on
    if row.data["started"] is None:
        row = world.table(CAMPAIGNS).replace({**row.data, "started": now})
    if ticks:
        world.timers.call_at(now + FIRST_TICK * MILLISECOND, "campaign_tick", row.id)
    return row


def take_up(world: World, row: Row) -> Row:
    """A campaign that was put in place running ticks as if it were run now, unless its next tick is known."""
    if row.data["execute"] != "run" or row.deleted or world.timers.has("campaign_tick", row.id):
        return row
    return _begin(world, row, True)


def stop(world: World, row: Row) -> Row:
    """PUT status `stop`: no call is cut; what is in flight is waited for."""
    return states.stop(world, _forget_ending(world, row))


def _forget_ending(world: World, row: Row) -> Row:
    """The user has taken over: no other campaign follows this run."""
    if not row.data["ran_out"]:
        return row
    return world.table(CAMPAIGNS).replace({**row.data, "ran_out": False})


# --- ticks -----------------------------------------------------------------------------------------


def tick(world: World, campaign_id: str) -> None:
    """One look at a campaign. At most one is pending for each."""
    row = world.table(CAMPAIGNS).get(campaign_id)
    if row is None:
        return
    campaign = row.data
    outplan = world.table(OUTPLANS).get(campaign["outplan_id"])
    if campaign["status"] != "run" or outplan is None or campaign["type"] not in ("call", "flow"):
        _halt(world, row)
        return
    found = head(world, campaign["outdial_id"], outplan.data)
    if found is None:
        if campaign["end_handle"] == "stop":
            _halt(world, row, ran_out=True)
        else:
            world.timers.poll(NOTHING_TO_DIAL, None, "campaign_tick", campaign_id)
        return
    if not _room(world, row).free:
        world.timers.poll(NOTHING_TO_DIAL, None, "campaign_tick", campaign_id)
        return
    due = _due(found, outplan.data)
    if due > world.clock.microseconds():
        world.timers.poll(NOTHING_TO_DIAL, due, "campaign_tick", campaign_id)
        return
    if _dial(world, row, outplan.data, *found):
        world.timers.call_in(AFTER_A_DIAL, "campaign_tick", campaign_id)
    else:
        _halt(world, row)


def head(world: World, outdial_id: str, outplan: Record) -> Head | None:
    """Which target would be dialed next, and which of its destinations; None if none is left."""
    limits, dials_empty = limits_of(outplan), EMPTY_SLOTS.of(world)
    found = world.part(DialingOrder).head(world.table(TARGETS), outdial_id, limits, dials_empty)
    return None if found is None else Head(*found)


class Room(NamedTuple):
    """What a campaign's queue leaves room for; without a queue there always is."""

    free: bool
    agents: int = 0  # who are available
    dialing: int = 0


def _room(world: World, row: Row) -> Room:
    campaign = row.data
    if campaign["queue_id"] == NIL_UUID:
        return Room(True)
    dialing = world.table(CAMPAIGNCALLS).count(("campaign_id", "status"), (row.id, "dialing"))
    agents = available_agents(world, row.account, campaign["queue_id"])
    return Room(CAPACITY.of(world)(agents, min(dialing, MOST_COUNTED), campaign["service_level"]), agents, dialing)


def _due(head: Head, outplan: Record) -> int:
    """When the next target may be dialed again, in microseconds; one that never was may be at any time."""
    target = head.target.data
    return 0 if never_tried(target) else touched_at(target) + outplan["try_interval"] * MILLISECOND


def waits_for(world: World, row: Row) -> str:
    """What a running campaign waits for before it dials; empty if for nothing, or if it rests."""
    outplan = world.table(OUTPLANS).get(row.data["outplan_id"])
    if row.data["status"] != "run" or outplan is None:
        return ""
    found = head(world, row.data["outdial_id"], outplan.data)
    if found is None:
        return "a target that is left to be dialed"
    free, agents, dialing = _room(world, row)
    if not free:
        level = row.data["service_level"]
        return f"agents of its queue: {agents} available, {dialing} dialing, at a service_level of {level}"
    due = _due(found, outplan.data)
    if due > world.clock.microseconds():
        name = found.target.data["name"] or found.target.id
        return f"the try_interval of {name}, until {to_datetime(due):%Y-%m-%d %H:%M:%S}"
    return ""


def _halt(world: World, row: Row, ran_out: bool = False) -> None:
    if ran_out:
        row = world.table(CAMPAIGNS).replace({**row.data, "ran_out": True})
    _follow_on(world, states.halt(world, row))


def _follow_on(world: World, row: Row) -> None:
    """A campaign that rests because no target was left starts the next one (documents)."""
    if row.data["status"] != "stop" or not row.data["ran_out"]:
        return
    row = _forget_ending(world, row)
    following = world.table(CAMPAIGNS).get(row.data["next_campaign_id"])
    if following is None or following.account != row.account or following.deleted or not CHAINS.of(world):
        return
    if not _has_work(world, following.data) and _turns_idly(world, row):
        logger.warning("campaign %s rests: %s", row.id, loops.told(loops.of(world, row.account, row.data)))
        return
    try:
        run(world, following)
    except ApiError:
        return  # as a request would be refused; nobody is there to be told


def _has_work(world: World, campaign: Record) -> bool:
    """Whether anybody is left to be dialed, now or later."""
    outplan = world.table(OUTPLANS).get(campaign["outplan_id"])
    return outplan is not None and head(world, campaign["outdial_id"], outplan.data) is not None


def _turns_idly(world: World, row: Row) -> bool:
    """Whether a campaign is in a loop with nobody left to dial."""
    loop = loops.of(world, row.account, row.data)
    return any(each["id"] == row.id for each in loop) and not any(_has_work(world, each) for each in loop)


# --- calls -----------------------------------------------------------------------------------------


def _dial(world: World, row: Row, outplan: Record, target: Row, slot: int) -> bool:
    """One attempt; whether the call was placed."""
    destination = target.data[DESTINATIONS[slot]]
    tries = target.data[TRY_COUNTS[slot]] + 1
    is_flow = row.data["type"] == "flow"
    attempt = _insert_attempt(
        world,
        row,
        {
            "outdial_target_id": target.id,
            "reference_type": "flow" if is_flow else "call",
            "reference_id": NIL_UUID if is_flow else world.ids.uuid(),
            "source": outplan["source"],
            "destination": destination if destination is not None else empty_address(),
            "destination_index": slot,
            "try_count": tries,
        },
    )
    crud.change(world, TARGETS, target, {TRY_COUNTS[slot]: tries, "status": "progressing"}, "")
    if is_flow:
        _run_flow(world, row, attempt, destination)
        return True
    return _place_call(world, row, attempt, destination, RING_LIMITS.of(world)(outplan["dial_timeout"]))


def _run_flow(world: World, row: Row, attempt: Row, destination: Mapping[str, str] | None) -> None:
    """A campaign of type flow calls nobody: the attempt lasts as long as its flow.

    One without actions lasts as long as a call to the destination would be talked on.
    """
    _change_attempt(world, attempt, {"status": "progressing", "answered": world.clock.microseconds()})
    plan = plan_of(world, row.data)
    if plan.actions:
        flow = engine.start(
            world,
            row.account,
            row.data["customer_id"],
            plan,
            reference_type="campaign",
            reference_id=attempt.id,
            own={"id": attempt.data["activeflow_id"]},
        )
        engine.soon(world, flow)
        return
    outcome = world.part(Phones).dial((destination or {}).get("target", ""))
    rank = world.timers.draw()
    world.timers.call_in(outcome.talk, "campaigncall_ends", attempt.id, "success", order=PHONE, rank=rank)


def _place_call(world: World, row: Row, attempt: Row, destination: Mapping[str, str] | None, ring_limit: int) -> bool:
    """Whether the call service took it; if it did not, the attempt has failed already."""
    refused = simulation.refusal(world, row.account, destination)
    if refused:
        _finish(world, attempt, "fail", refused.why)
        logger.warning("campaign %s halts: its call was refused, for %s", row.id, refused.why)
        return False
    values = {
        "id": attempt.data["reference_id"],
        "customer_id": row.data["customer_id"],
        "flow_id": row.data["flow_id"],
        "activeflow_id": attempt.data["activeflow_id"],
        "source": attempt.data["source"],
        "destination": destination,
        "campaigncall_id": attempt.id,
    }
    plan = plan_of(world, row.data)
    simulation.place(world, row.account, values, ring_limit=ring_limit, plan=plan if plan.actions else None)
    return True


def _insert_attempt(world: World, row: Row, values: Mapping[str, Any]) -> Row:
    table = world.table(CAMPAIGNCALLS)
    campaign = row.data
    record = {
        **CAMPAIGNCALLS.blank,
        "id": world.ids.uuid(),
        "customer_id": campaign["customer_id"],
        "campaign_id": row.id,
        "outplan_id": campaign["outplan_id"],
        "outdial_id": campaign["outdial_id"],
        "queue_id": campaign["queue_id"],
        "activeflow_id": world.ids.uuid(),
        "flow_id": campaign["flow_id"],
        "status": "dialing",
        **values,
        "tm_create": world.stamp_for(table, row.account),
        "dialed": world.clock.microseconds(),
    }
    attempt = table.insert(record, row.account)
    crud.published(world, CAMPAIGNCALLS, attempt, "created")
    return attempt


def _change_attempt(world: World, attempt: Row, values: Mapping[str, Any]) -> Row:
    return crud.change(world, CAMPAIGNCALLS, attempt, values)


def is_answered(world: World, attempt_id: str) -> None:
    """The call of an attempt was answered: it is no longer dialing (documents)."""
    attempt = world.table(CAMPAIGNCALLS).get(attempt_id)
    now = world.clock.microseconds()
    if attempt is None or attempt.data["status"] != "dialing":
        return
    status = ANSWERED.of(world)
    if status != "dialing":
        _change_attempt(world, attempt, {"status": status, "answered": now})
    else:
        world.table(CAMPAIGNCALLS).replace({**attempt.data, "answered": now})


def ends(world: World, attempt_id: str, result: str) -> None:
    """The call or flow of an attempt is over; perhaps its campaign was waiting for that."""
    attempt = world.table(CAMPAIGNCALLS).get(attempt_id)
    if attempt is None or attempt.data["status"] == "done":
        return
    _finish(world, attempt, result)
    campaign = world.table(CAMPAIGNS).get(attempt.data["campaign_id"])
    if campaign is not None:
        _follow_on(world, states.settle(world, campaign))


def _finish(world: World, attempt: Row, result: str, refused: str = "") -> None:
    ended = {"status": "done", "result": result, "ended": world.clock.microseconds(), "refused": refused}
    _change_attempt(world, attempt, ended)
    target = world.table(TARGETS).get(attempt.data["outdial_target_id"])
    if target is None:
        return
    status = "done" if result == "success" or _is_exhausted(world, attempt, target) else "idle"
    crud.change(world, TARGETS, target, {"status": status}, "")


def _is_exhausted(world: World, attempt: Row, target: Row) -> bool:
    """Whether a target that failed is done with, for the outplan of this moment leaves it no try (documents)."""
    if EXHAUSTED.of(world) != "done":
        return False
    campaign = world.table(CAMPAIGNS).get(attempt.data["campaign_id"])
    outplan = world.table(OUTPLANS).get(campaign.data["outplan_id"]) if campaign is not None else None
    if outplan is None:
        return False
    return next_slot(target.data, limits_of(outplan.data), EMPTY_SLOTS.of(world)) is None


# --- what happens to calls, heard of as it does ------------------------------------------------------


def call_was_answered(world: World, call: Row) -> None:
    if call.data["campaigncall_id"] != NIL_UUID:
        is_answered(world, call.data["campaigncall_id"])


def call_ended(world: World, call: Row) -> None:
    if call.data["campaigncall_id"] != NIL_UUID:
        reason = call.data["hangup_reason"]
        ends(world, call.data["campaigncall_id"], "success" if reason == simulation.SUCCESS else "fail")


def flow_ended(world: World, activeflow: Row) -> None:
    """Failures of the flow itself are never failures of the attempt (server)."""
    if activeflow.data["reference_type"] == "campaign":
        ends(world, activeflow.data["reference_id"], "success")


FOLLOWS: Mapping[str, Follower] = {
    "activeflow_ended": flow_ended,
    "call_progressing": call_was_answered,
    "call_hangup": call_ended,
}
TIMERS: Mapping[str, TimerHandler] = {
    "campaign_tick": tick,
    "campaigncall_is_answered": is_answered,
    "campaigncall_ends": ends,
}
