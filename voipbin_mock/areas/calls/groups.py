"""Group calls: several calls to several destinations, of which the first that is answered counts.

`ring_all` calls all at once, `linear` one after the other. An agent is called at its addresses, an extension at the
phones that are registered with it: SIP addresses whose first part is the extension's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.accounts.addresses import Address, holder
from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.areas.calls import simulation
from voipbin_mock.areas.calls.differences import AGENTS_FREE, GROUP_SHOWN
from voipbin_mock.areas.calls.resources import CALLS, GROUPCALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.routing import extensions
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

RING_ALL, LINEAR, HANGUP_OTHERS = "ring_all", "linear", "hangup_others"
GROUPED = ("agent", "extension")
DEEPEST = 5  # group calls in one another
MOST_LEGS = 100


def why_not(world: World, account: str, destination: Address | None) -> str:
    """Why a destination of a group call cannot be called; empty if it can."""
    kind = (destination or {}).get("type", "")
    if destination is None or kind not in GROUPED:
        refused = simulation.refusal(world, account, destination)
        return "" if refused is None else refused.why
    if kind == "extension":
        return extensions.why_not(world, account, destination)
    agent = world.table(AGENTS).get(destination.get("target", ""))
    if agent is None or agent.account != account or agent.deleted:
        return f"{destination.get('target') or 'nobody'} is none of the customer's agents"
    return "" if agent.data["addresses"] else f"agent {agent.data['username']} has no addresses"


def unresolved(world: World, account: str, destination: Address) -> str:
    """Why nobody can be told whom to call; empty if somebody can, whether that is allowed or not."""
    dialable = destination.get("type") in simulation.DIALABLE and destination.get("target")
    return "" if dialable else why_not(world, account, destination)


def refusal(world: World, account: str, destination: Address | None) -> simulation.Refusal | None:
    """Whether a call to a destination, be it a group's, would be refused."""
    if destination is None or destination.get("type") not in GROUPED:
        return simulation.refusal(world, account, destination)
    why = why_not(world, account, destination)
    expected = "an agent with addresses, by its id, or an extension by its target_name"
    return simulation.Refusal("INVALID_ARGUMENT", why, expected) if why else None


def contacts(world: World, account: str, destination: Address) -> list[Address]:
    """Where somebody is called: an agent at its addresses, an extension at its contact."""
    kind = destination.get("type")
    if kind == "agent":
        agent = world.table(AGENTS).get(destination.get("target", ""))
        return [] if agent is None or agent.account != account else list(agent.data["addresses"] or ())
    if kind == "extension":
        return list(extensions.contacts(world, account, destination))
    return [destination]


def create(
    world: World,
    account: str,
    customer_id: str,
    source: Address,
    destinations: Sequence[Address],
    plan: engine.Plan,
    **members: Any,
) -> Row:
    """A group call, whose calls are placed at once. members: of its record."""
    table = world.table(GROUPCALLS)
    owner = holder(world, account, destinations[0]) if len(destinations) == 1 else None
    if owner is None and len(destinations) == 1 and destinations[0].get("type") == "agent":
        owner = world.table(AGENTS).get(destinations[0].get("target", ""))
    record = {
        **GROUPCALLS.blank,
        "customer_id": customer_id,
        "owner_type": "agent" if owner is not None else "",
        "owner_id": owner.id if owner is not None else NIL_UUID,
        "status": "progressing",
        "flow_id": plan.flow_id,
        "source": source,
        "destinations": list(destinations),
        "ring_method": RING_ALL,
        "answer_method": HANGUP_OTHERS,
        "actions": list(plan.actions),
        "on_complete_flow_id": plan.on_complete_flow_id,
        "agents": [each["target"] for each in destinations if each.get("type") == "agent"],
        **members,
        "id": world.ids.uuid(),
        "tm_create": world.stamp_for(table, account),
    }
    row = table.insert(record, account)
    crud.published(world, GROUPCALLS, row, "created")
    _agents(world, row, "ringing", ("available",))
    row = _dial(world, row)
    if not row.data["call_count"] and not row.data["groupcall_count"]:
        world.timers.call_in(0, "groupcall_reaches_nobody", row.id)
    return row


def reaches_nobody(world: World, groupcall_id: str) -> None:
    """None of its calls could be placed: the next destination has its turn, or it is over."""
    row = world.table(GROUPCALLS).get(groupcall_id)
    if row is not None and row.data["status"] != "hangup":
        go_on(world, row)


def _dial(world: World, row: Row) -> Row:
    """Call all of them, or the one whose turn it is."""
    data = row.data
    destinations = data["destinations"]
    linear, turn = data["ring_method"] == LINEAR, data["dial_index"]
    several = destinations[turn : turn + 1] if linear else destinations
    alone = len(destinations) == 1 and not linear
    for destination in several[:MOST_LEGS]:
        if destination.get("type") in GROUPED and not alone:
            row = _nest(world, row, destination)
            continue
        for contact in contacts(world, row.account, destination):
            nested = contact.get("type") in GROUPED
            row = _nest(world, row, contact) if nested else _place(world, row, contact)
    return row


def _nest(world: World, row: Row, destination: Address) -> Row:
    if _depth(world, row) >= DEEPEST or why_not(world, row.account, destination):
        return row
    data = row.data
    plan = engine.Plan(data["flow_id"], data["actions"], data["on_complete_flow_id"])
    inner = create(
        world,
        row.account,
        data["customer_id"],
        data["source"],
        [destination],
        plan,
        master_call_id=data["master_call_id"],
        master_groupcall_id=row.id,
        joins=data["joins"],
        early=data["early"],
    )
    ids = [*data["groupcall_ids"], inner.id]
    return crud.keep(world, GROUPCALLS, row, {"groupcall_ids": ids, "groupcall_count": row.data["groupcall_count"] + 1})


def _depth(world: World, row: Row) -> int:
    depth = 0
    while row.data["master_groupcall_id"] != NIL_UUID and depth < DEEPEST:
        above = world.table(GROUPCALLS).get(row.data["master_groupcall_id"])
        if above is None:
            break
        row, depth = above, depth + 1
    return depth


def _place(world: World, row: Row, contact: Address) -> Row:
    data = row.data
    id = world.ids.uuid()
    row = crud.keep(world, GROUPCALLS, row, {"call_ids": [*data["call_ids"], id]})
    if simulation.refusal(world, row.account, contact) is not None:
        return row  # there is no call of this id: it counts as ended
    values = {
        "id": id,
        "customer_id": data["customer_id"],
        "source": data["source"],
        "destination": contact,
        "master_call_id": data["master_call_id"],
        "groupcall_id": row.id if GROUP_SHOWN.of(world) else NIL_UUID,
        "group_id": row.id,
        "joins": data["joins"],
        "early": data["early"],
    }
    plan = engine.Plan(data["flow_id"], data["actions"], data["on_complete_flow_id"])
    row = crud.keep(world, GROUPCALLS, row, {"call_count": data["call_count"] + 1})
    simulation.place(world, row.account, values, plan=plan, given=data["variables"] or {})
    return world.table(GROUPCALLS).get(row.id) or row


# --- what becomes of it --------------------------------------------------------------------------------


def call_answered(world: World, call: Row) -> None:
    """One of its calls was answered: the first time, the others are hung up if it says so."""
    row = world.table(GROUPCALLS).get(call.data["group_id"])
    if row is not None and row.data["status"] == "progressing":
        _answered(world, row, {"answer_call_id": call.id}, call.id)


def _answered(world: World, row: Row, values: Mapping[str, Any], but: str) -> None:
    first = row.data["answer_call_id"] == NIL_UUID and row.data["answer_groupcall_id"] == NIL_UUID
    row = crud.change(world, GROUPCALLS, row, values, "progressing" if first else "")
    _agents(world, row, "busy", ("available", "ringing"))
    if first and row.data["answer_method"] == HANGUP_OTHERS:
        _hang_up_members(world, row, but)
    above = world.table(GROUPCALLS).get(row.data["master_groupcall_id"])
    if above is not None and above.data["status"] == "progressing":
        _answered(world, above, {"answer_groupcall_id": row.id}, row.id)


def call_over(world: World, call: Row) -> None:
    """One of its calls has ended: the next one is called, or the group call is over."""
    row = world.table(GROUPCALLS).get(call.data["group_id"])
    if row is not None and row.data["status"] != "hangup":
        row = crud.keep(world, GROUPCALLS, row, {"call_count": max(0, row.data["call_count"] - 1)})
        go_on(world, row)


def go_on(world: World, row: Row) -> Row:
    """When none of its members goes on any more, the next destination has its turn, or it is over."""
    data = row.data
    while not data["call_count"] and not data["groupcall_count"]:
        answered = data["answer_call_id"] != NIL_UUID or data["answer_groupcall_id"] != NIL_UUID
        more = data["ring_method"] == LINEAR and data["dial_index"] + 1 < len(data["destinations"])
        master = world.table(CALLS).get(data["master_call_id"])
        ending = master is not None and master.data["status"] in ("terminating", "canceling", "hangup")
        if answered or data["status"] == "hangingup" or not more or ending:
            return _over(world, row)
        row = _dial(world, crud.keep(world, GROUPCALLS, row, {"dial_index": data["dial_index"] + 1}))
        data = row.data
    return row


def _over(world: World, row: Row) -> Row:
    row = crud.change(world, GROUPCALLS, row, {"status": "hangup"}, "hangup")
    if AGENTS_FREE.of(world):
        _agents(world, row, "available", ("ringing", "busy"))
    above = world.table(GROUPCALLS).get(row.data["master_groupcall_id"])
    if above is not None and above.data["status"] != "hangup":
        above = crud.keep(world, GROUPCALLS, above, {"groupcall_count": max(0, above.data["groupcall_count"] - 1)})
        go_on(world, above)
    return row


def hang_up(world: World, row: Row) -> Row:
    """End it: its members are hung up."""
    if row.data["status"] != "progressing":
        return row
    row = crud.change(world, GROUPCALLS, row, {"status": "hangingup"}, "")
    _hang_up_members(world, row, "")
    row = world.table(GROUPCALLS).get(row.id) or row
    if not row.data["call_count"] and not row.data["groupcall_count"] and row.data["status"] != "hangup":
        row = _over(world, row)
    return row


def _hang_up_members(world: World, row: Row, but: str) -> None:
    for call_id in row.data["call_ids"]:
        call = world.table(CALLS).get(call_id)
        if call is not None and call.id != but:
            simulation.hang_up(world, call)
    for inner_id in row.data["groupcall_ids"]:
        inner = world.table(GROUPCALLS).get(inner_id)
        if inner is not None and inner.id != but:
            hang_up(world, inner)


def _agents(world: World, row: Row, status: str, only: tuple[str, ...]) -> None:
    """Agents that are named in it are ringing, busy, and in the end available again."""
    for agent_id in row.data["agents"]:
        agent = world.table(AGENTS).get(agent_id)
        if agent is not None and agent.account == row.account and agent.data["status"] in only:
            crud.change(world, AGENTS, agent, {"status": status}, "status_updated")
