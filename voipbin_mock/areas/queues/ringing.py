"""Ringing an agent: a group call to its addresses, which the caller's queuecall keeps the id of."""

from __future__ import annotations

from typing import Any

from voipbin_mock.areas.calls import bridges, groups
from voipbin_mock.areas.calls.resources import GROUPCALLS
from voipbin_mock.areas.flows.flows import temporary
from voipbin_mock.areas.queues.resources import QUEUECALLS
from voipbin_mock.schema.members import empty_address
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def ring(world: World, row: Row, agent: Row) -> None:
    """Call an agent for a queuecall. One without an address has a phone of its own, by its id."""
    data = row.data
    plan = temporary(world, row.account, data["customer_id"], bridges.steps(world, row.id))
    kind = "agent" if agent.data["addresses"] else "sip"
    address = {**empty_address(), "type": kind, "target": agent.id}
    owner = {"owner_type": "agent", "owner_id": agent.id, "agents": [agent.id]}
    made = groups.create(world, row.account, data["customer_id"], data["source"], [address], plan, **owner)
    row = world.table(QUEUECALLS).get(row.id) or row
    world.table(QUEUECALLS).replace({**row.data, "groupcall_id": made.id})


def go_on(world: World, row: Row) -> None:
    """Nobody could be called, perhaps: then it is over."""
    made = world.table(GROUPCALLS).get(row.data["groupcall_id"])
    if made is not None:
        groups.go_on(world, made)


def rung_for(world: World, groupcall: Row) -> Row | None:
    """The queuecall that a group call was made for."""
    first: dict[str, Any] = next(iter(groupcall.data["actions"] or ()), {})
    row = world.table(QUEUECALLS).get(first.get("option", {}).get("confbridge_id", ""))
    return row if row is not None and row.data["groupcall_id"] == groupcall.id else None


def hang_up(world: World, row: Row) -> None:
    """End the calls to the agent."""
    made = world.table(GROUPCALLS).get(row.data["groupcall_id"])
    if made is not None:
        groups.hang_up(world, made)
