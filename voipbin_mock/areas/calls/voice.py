"""What the far end of a call does, and what the service says to it: calls that come in, keys, speech, hanging up."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from voipbin_mock.areas.accounts import balance
from voipbin_mock.areas.accounts.addresses import holder, normalized
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.areas.calls import recordings, simulation, transcribing
from voipbin_mock.areas.calls.phones import OUTCOMES
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows import engine, lineage
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.errors import shorten
from voipbin_mock.wire.values import NIL_UUID, parse_uuid
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import MILLISECOND, PHONE
from voipbin_mock.world.world import World

DIGITS = "voipbin.call.digits"
HASH = re.compile("[0-9a-f]{12}")  # a direct hash as the documents print it for flows
KEYS = frozenset("0123456789*#ABCD")
# How a call that rings is turned down -> the reason that it is hung up for.
REFUSALS = {
    kind: outcome.hangup_reason for kind, outcome in OUTCOMES.items() if outcome.hangup_reason and not outcome.answers
}
MOST_TOLD = 5  # numbers
# What has a direct hash, and the action that a call to it does.
LEADS = (("flows", ""), ("queues", "queue_join"), ("conferences", "conference_join"), ("extensions", "connect"))

logger = logging.getLogger("voipbin_mock")


class CallRefused(Exception):
    """A call does not come in: there is no record of it."""


# --- calls that come in ------------------------------------------------------------------------------


def _paid_as(source: str | Mapping[str, str], destination: Mapping[str, str]) -> str:
    """What of the balance is asked for a call that comes in."""
    if destination.get("target", "").startswith(simulation.VIRTUAL):
        return balance.CALL_VIRTUAL
    return balance.CALL if isinstance(source, str) or source.get("type") == "tel" else balance.CALL_ELSEWHERE


def incoming(world: World, source: str | Mapping[str, str], to: str, peer_id: str = NIL_UUID) -> Row:
    """Somebody calls: a number of a customer, or by its id (or direct hash) a flow, queue, conference or extension.

    The call rings, and its flow runs at once. Raises CallRefused: the service turns it down, and keeps no record.
    """
    account, plan, destination = _target(world, to)
    customer = world.table(CUSTOMERS).get(account)
    if customer is not None:
        status = customer.data["status"]
        if status not in ("active", "initial"):
            raise CallRefused(f"the customer that {to} belongs to is {status or 'not active'}")
        if why := balance.why_not(world, account, _paid_as(source, destination)):
            raise CallRefused(f"the customer that {to} belongs to cannot pay: {why}")
    caller = {**empty_address(), "type": "tel", "target": source} if isinstance(source, str) else dict(source)
    caller = dict(normalized({**empty_address(), **caller}))
    owner = holder(world, account, caller)
    rank = world.timers.draw()
    values: dict[str, Any] = {
        "customer_id": customer.id if customer is not None else account,
        "direction": "incoming",
        "status": "ringing",
        "peer_id": peer_id,
        "source": caller,
        "destination": destination,
        "owner_type": "agent" if owner is not None else "",
        "owner_id": owner.id if owner is not None else NIL_UUID,
        "rank": rank,
    }
    row = simulation.insert(world, account, values, plan)
    peer = world.table(CALLS).get(peer_id)
    if peer is not None:
        lineage.adopt(world, row.data["activeflow_id"], peer.data["activeflow_id"])
    limit = simulation.LONGEST_CALL
    ends = world.timers.call_in(limit, "call_ends", row.id, "timeout", "remote", order=PHONE, rank=rank)
    row = world.table(CALLS).replace({**row.data, "timers": [ends]})
    engine.begins(world, row.data["activeflow_id"])
    return world.table(CALLS).get(row.id) or row


def _target(world: World, to: str) -> tuple[str, engine.Plan, Mapping[str, str]]:
    """Whose it is, what a call to it runs, and how the call is addressed."""
    wanted = parse_uuid(to)
    named = wanted is not None or to.startswith("direct.")
    if named or HASH.fullmatch(to):
        for name, joins in LEADS:
            row = _record(world, name, wanted or "", to)
            if row is not None:
                return row.account, _plan_for(world, row, joins), {**empty_address(), "type": "sip", "target": to}
        if named:
            raise CallRefused(f"{to} is no flow, queue, conference or extension")
    number = normalized({**empty_address(), "type": "tel", "target": to})
    found = [row for row in world.store["numbers"].find("number", number["target"]) if not row.deleted]
    if not found:
        raise CallRefused(_unknown(world, to, number["target"]))
    flow_id = found[0].data["call_flow_id"]
    if flow_id != NIL_UUID and world.table(FLOWS).get(flow_id) is None:
        raise CallRefused(f"{number['target']} leads to flow {flow_id}, which there is not")
    return found[0].account, engine.plan(world, flow_id), number


def _unknown(world: World, to: str, number: str) -> str:
    """What is said of what nobody can be called by."""
    leading = [row.data["number"] for row in world.store["numbers"] if not row.deleted and _leads(row)][:MOST_TOLD]
    known = f"; numbers that lead to a flow: {', '.join(leading)}" if leading else "; no number leads to a flow"
    if to.startswith("+"):
        return f"no customer has the number {number}{known}"
    return (
        f"{shorten(to)!r} is no number that a customer has, and no id of a flow, queue, conference or extension{known}"
    )


def _leads(row: Row) -> bool:
    return bool(row.data["call_flow_id"] != NIL_UUID)


def _record(world: World, resource: str, wanted: str, direct_hash: str) -> Row | None:
    try:
        table = world.store[resource]
    except KeyError:
        return None
    row = table.get(wanted) if wanted else None
    if row is None and not wanted:
        plain = direct_hash.removeprefix("direct.")
        hashes = (direct_hash, plain)
        row = next((r for r in table if not r.deleted and r.data.get("direct_hash") in hashes and plain), None)
    return row


def _plan_for(world: World, row: Row, joins: str) -> engine.Plan:
    if not joins:
        return engine.plan(world, row.id)
    if joins == "connect":
        phone = {**empty_address(), "type": "extension", "target": row.id, "target_name": row.data["extension"]}
        return engine.Plan(world.ids.uuid(), [engine.made(world, joins, {"destinations": [phone]})])
    member = joins.replace("_join", "_id")
    actions = [engine.made(world, "answer"), engine.made(world, joins, {member: row.id})]
    return engine.Plan(world.ids.uuid(), actions)


def number_is_called(world: World, call_id: str, ring_limit: int) -> None:
    """A call that goes out to a number of this service comes in there."""
    row = live(world, call_id)
    if row is None:
        return
    try:
        there = incoming(world, row.data["source"], row.data["destination"]["target"], peer_id=call_id)
    except CallRefused:
        simulation.ends(world, call_id, "failed", "remote")
        return
    row = world.table(CALLS).get(call_id) or row
    world.table(CALLS).replace({**row.data, "peer_id": there.id})
    if live(world, there.id) is None:
        simulation.ends(world, call_id, "noanswer", "remote")
        return
    simulation.rings(world, call_id)
    if there.data["status"] == "progressing":
        simulation.is_answered(world, call_id)
    limit = world.timers.call_in(ring_limit, "call_rings_too_long", call_id, order=PHONE, rank=row.data["rank"])
    simulation.keep_timer(world, call_id, limit)


def rings_too_long(world: World, call_id: str) -> None:
    row = live(world, call_id)
    if row is not None and row.data["status"] in ("dialing", "ringing"):
        simulation.ends(world, call_id, "dialout", "remote")


def peer_answered(world: World, call: Row) -> None:
    """The one end has answered, and so the other is connected."""
    if call.data["direction"] == "incoming" and call.data["peer_id"] != NIL_UUID:
        simulation.is_answered(world, call.data["peer_id"])


def peer_over(world: World, call: Row) -> None:
    """The one end has hung up, and so the other does."""
    other = live(world, call.data["peer_id"])
    if other is not None:
        answered = other.data["status"] == "progressing" or other.data["direction"] == "incoming"
        simulation.ends(world, other.id, "normal" if answered else "noanswer", "remote")


TIMERS: Mapping[str, TimerHandler] = {
    "call_rings_too_long": rings_too_long,
    "number_is_called": number_is_called,
}


# --- what the far end does ---------------------------------------------------------------------------


def live(world: World, call_id: str) -> Row | None:
    """The call of this id, if it goes on."""
    row = world.table(CALLS).get(call_id)
    return None if row is None or row.data["status"] in ("hangup", "terminating", "canceling") else row


def press(world: World, call_id: str, digits: str) -> bool:
    """Keys, one after the other. Whether the call went on until the last one."""
    for key in digits:
        row = live(world, call_id)
        if row is None:
            return False
        note(world, row, "key", key)
        world.follow("call_key_pressed", row)
        simulation.assisted(world, "speaks", world.table(CALLS).get(call_id) or row)
        run = engine.running(world, row.data["activeflow_id"])
        if run is None or not run.data["begun"]:
            continue
        declared = world.blueprint.action(run.action.get("type", ""))
        if declared is not None and declared.pressed is not None and run.data["waits"]:
            declared.pressed(run, key)
        else:
            run.set(DIGITS, key)
            run.keep(typed=True)
    return live(world, call_id) is not None


def says(world: World, call_id: str, text: str) -> bool:
    """The far end speaks. Whether the call goes on."""
    row = live(world, call_id)
    if row is None:
        return False
    note(world, row, "in", text)
    recordings.heard(world, row)
    transcribing.heard(world, row, "in", text)
    simulation.assisted(world, "speaks", world.table(CALLS).get(call_id) or row)
    return True


def hangs_up(world: World, call_id: str, reason: str = simulation.SUCCESS) -> bool:
    """The far end hangs up: a call that was answered ends as `normal`. Whether the call went on until then."""
    row = live(world, call_id)
    if row is None:
        return False
    if reason != simulation.SUCCESS and (why := too_late(row)):
        logger.warning("call %s: HangUp(reason=%r): %s", call_id, reason, why)
        reason = simulation.SUCCESS
    simulation.ends(world, call_id, reason, "remote")
    return True


def is_called(world: World, call_id: str) -> Row:
    """The call, if somebody may answer it or not as they like. Raises ValueError, with why nobody may."""
    row = live(world, call_id)
    if row is None:
        raise ValueError("the call is over")
    if row.data["direction"] == "incoming":
        raise ValueError("a call that comes in is answered by its flow, not by its far end")
    if row.data["status"] == "progressing":
        raise ValueError("the call is answered already")
    if row.data["peer_id"] != NIL_UUID:
        raise ValueError(f"it came in as call {row.data['peer_id']}, and the flow of that one answers it")
    return row


def answers(world: World, call_id: str) -> None:
    """The far end answers, whatever it was to do, and stays until somebody hangs up. Raises ValueError."""
    row = is_called(world, call_id)
    for timer in row.data["timers"] or ():
        world.timers.cancel(timer)
    elapsed = (world.clock.microseconds() - row.created) // MILLISECOND
    limit = max(0, simulation.LONGEST_CALL - elapsed)
    rank = row.data["rank"]
    ends = world.timers.call_in(limit, "call_ends", row.id, "timeout", "remote", order=PHONE, rank=rank)
    world.table(CALLS).replace({**row.data, "timers": [ends]})
    simulation.rings(world, call_id)
    simulation.is_answered(world, call_id)


def refuses(world: World, call_id: str, how: str) -> None:
    """The far end, or the network, turns the call down: `busy`, `rejected`, ... Raises ValueError."""
    row = is_called(world, call_id)
    if how not in REFUSALS:
        raise ValueError(f"{how!r} is no way to refuse a call; give one of {', '.join(REFUSALS)}")
    simulation.ends(world, row.id, REFUSALS[how], "remote")


def too_late(row: Row) -> str:
    """Why a call can end as `normal` only, if so."""
    return "the call is answered, and so it ends as normal" if row.data["status"] == "progressing" else ""


def spoken(world: World, row: Row, text: str) -> None:
    """The service speaks to the far end."""
    note(world, row, "out", text)
    transcribing.heard(world, row, "out", text)


def note(world: World, row: Row, way: str, text: str) -> None:
    table = world.table(CALLS)
    table.amend(row.id, {"heard": transcribing.with_heard(world, table.get(row.id) or row, way, text)})


# --- how long it takes ---------------------------------------------------------------------------------


def speaking_time(world: World, text: str) -> int:
    """How long it takes to speak a text, in milliseconds."""
    fixed, each = world.settings.speaking
    return fixed + each * len(text)


def playing_time(world: World) -> int:
    """How long a file takes to be played, in milliseconds."""
    return world.settings.playing
