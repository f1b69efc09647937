"""Queues with callers and agents, for tests."""

from __future__ import annotations

from typing import Any

from tests.support.calling import a, a_flow, calls_in
from voipbin_mock import Answer, Mock
from voipbin_mock.areas.calls.phones import Outcome
from voipbin_mock.wire.values import NIL_UUID

AGENTS = "+15551010"  # and the agent's number, of two digits
PLEASE_WAIT = a("talk", text="please wait", language="en-US")


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def nobody_else(mock: Mock) -> None:
    """The agents of the seed take no calls."""
    for agent in mock.agents.list():
        mock.agents.update(agent.id, status="offline")


def an_agent(mock: Mock, number: int = 1, *script: Outcome, **members: Any) -> str:
    """The id of an agent with a phone, who answers after two seconds and talks for thirty."""
    phone = f"{AGENTS}{number:02d}"
    mock.phone(phone).script(*(script or (Answer(after="2s", talk="30s"),)))
    address = {"type": "tel", "target": phone}
    known = {"username": f"agent{number}", "status": "available", "addresses": [address], **members}
    return str(mock.agents.create(**known).id)


def a_queue(mock: Mock, wait_flow: bool = True, **members: Any) -> str:
    """The id of a queue, with a wait flow that takes two seconds."""
    flow = a_flow(mock, PLEASE_WAIT) if wait_flow else NIL_UUID
    body = {"name": "sales", "detail": "who buys", "routing_method": "random", "tag_ids": [], "wait_flow_id": flow}
    reply = mock.client.post("/v1.0/queues", json={**body, "wait_timeout": 0, "service_timeout": 0, **members})
    assert reply.status_code == 200, reply.text
    return str(reply.json["id"])


def a_caller(mock: Mock, queue: str, *after: Any, number: int = 1) -> str:
    """The id of a call that comes in, and to this queue; after that it does what is given."""
    flow = a_flow(mock, a("answer"), a("queue_join", queue_id=queue), *after)
    return calls_in(mock, flow, f"+155501000{number:02d}")


def queuecall(mock: Mock, call: str) -> dict[str, Any]:
    """The newest queuecall of a call, as the API shows it; of each member that is left out, zero."""
    rows = mock.client.get("/v1.0/queuecalls").json["result"]
    zeros = {"duration_waiting": 0, "duration_service": 0}
    return zeros | next(row for row in rows if row["reference_id"] == call)


def queue_now(mock: Mock, queue: str) -> dict[str, Any]:
    """A queue as the API shows it; of each member that is left out, zero."""
    zeros: dict[str, Any] = {"wait_queuecall_ids": [], "service_queuecall_ids": []}
    zeros |= {f"total_{what}_count": 0 for what in ("incoming", "serviced", "abandoned")}
    return zeros | mock.client.get(f"/v1.0/queues/{queue}").json


def status_of(mock: Mock, call: str) -> str:
    return str(queuecall(mock, call)["status"])


def queue_events(mock: Mock) -> list[str]:
    """What became of callers, in order."""
    return [e.type.removeprefix("queuecall_") for e in mock.world.bus.log if e.type.startswith("queuecall_")]
