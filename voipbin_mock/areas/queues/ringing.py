"""Ringing an agent: a call to each of its addresses, of which the first that is answered counts."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.areas.calls import simulation
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.flows.flows import temporary
from voipbin_mock.areas.queues.differences import AGENTS_COME_BACK
from voipbin_mock.areas.queues.resources import QUEUECALLS
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

RINGS_FOR = "rings_for"  # under which the run of an agent's call keeps the id of the queuecall
IN_A_CALL = ("ringing", "busy")


def ring(world: World, row: Row, agent: Row) -> None:
    """Call an agent for a queuecall. One without an address has a phone of its own, by its id."""
    _put(world, agent.id, "ringing")
    data = row.data
    steps = ({"type": "confbridge_join", "option": {"confbridge_id": row.id}}, {"type": "hangup"})
    actions = [{"id": world.ids.uuid(), "next_id": NIL_UUID, **step, "tm_execute": None} for step in steps]
    plan = temporary(world, row.account, data["customer_id"], actions)
    addresses = agent.data["addresses"] or [{**empty_address(), "type": "agent", "target": agent.id}]
    ids = []
    for address in addresses:
        values = {
            "id": world.ids.uuid(),
            "customer_id": data["customer_id"],
            "flow_id": plan.flow_id,
            "activeflow_id": world.ids.uuid(),
            "source": data["source"],
            "destination": address,
        }
        call = simulation.place(world, row.account, values, plan=plan)
        run = engine.of(world, call.data["activeflow_id"])
        if run is not None:
            run.keep(**{RINGS_FOR: row.id})
        ids.append(call.id)
    row = world.table(QUEUECALLS).get(row.id) or row
    world.table(QUEUECALLS).replace({**row.data, "agent_call_ids": ids})


def rung_for(world: World, call: Row) -> Row | None:
    """The queuecall that a call to an agent was made for."""
    run = engine.of(world, call.data["activeflow_id"])
    wanted = None if run is None else (run.note or {}).get(RINGS_FOR)
    return world.table(QUEUECALLS).get(wanted) if wanted else None


def answered(world: World, call: Row) -> None:
    """The agent is busy; its other phones ring no more."""
    row = rung_for(world, call)
    if row is not None:
        _put(world, row.data["service_agent_id"], "busy")
        hang_up(world, row, but=call.id)


def is_over(world: World, row: Row) -> bool:
    """Whether no call to the agent goes on; then the agent can take others, as the profile has it."""
    calls = [world.table(CALLS).get(each) for each in row.data["agent_call_ids"]]
    if any(call is not None and call.data["status"] != "hangup" for call in calls):
        return False
    if AGENTS_COME_BACK.of(world):
        _put(world, row.data["service_agent_id"], "available", only=IN_A_CALL)
    return True


def hang_up(world: World, row: Row, but: str = "") -> None:
    """End the calls to the agent, but for one."""
    for each in row.data["agent_call_ids"]:
        call = world.table(CALLS).get(each) if each != but else None
        if call is not None:
            simulation.hang_up(world, call)


def _put(world: World, agent_id: str, status: str, only: tuple[str, ...] = ()) -> None:
    agent = world.table(AGENTS).get(agent_id)
    if agent is not None and agent.data["status"] != status and (not only or agent.data["status"] in only):
        crud.change(world, AGENTS, agent, {"status": status}, "status_updated")
