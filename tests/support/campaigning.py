"""What the tests of campaigns and of all they refer to have in common."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID

CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
SOME_ID = "c0ffee00-0000-4000-8000-000000000000"
TO = {"type": "tel", "target": "+15550100022"}
SHOWN_TO = {"type": "tel", "target": "+15550100022", "target_name": "", "name": "", "detail": ""}
TALK = {"type": "talk", "option": {"text": "hi", "language": "en-US"}}
SHOWN_TALK = {"id": NIL_UUID, "next_id": NIL_UUID, **TALK, "tm_execute": None}
CAMPAIGN = {
    "name": "spring",
    "detail": "offers",
    "type": "call",
    "service_level": 100,
    "end_handle": "stop",
    "actions": [TALK],
    "outplan_id": NIL_UUID,
    "outdial_id": NIL_UUID,
    "queue_id": NIL_UUID,
    "next_campaign_id": NIL_UUID,
}
OUTDIAL = {"campaign_id": SOME_ID, "name": "row", "detail": "of houses", "data": "none"}
TARGET = {"name": "Ann", "detail": "vip", "data": "row 7", "destination_0": TO}


def refusal(reply: Any) -> tuple[int, str]:
    return reply.status_code, json.loads(reply.text)["error"]["reason"]


def boss(mock: Mock) -> Any:
    """A client of who runs the service."""
    return mock.client_for(mock.agents.create(username="boss@localhost", permission=1))


def foreigner(mock: Mock) -> str:
    """Another customer, with an admin; the answer is a credential for the query."""
    other = mock.customers.create(name="other")
    agent = mock.agents.create(username="foreign@localhost", customer_id=other.id, permission=0x20)
    return mock.token_for(agent)


def events(mock: Mock) -> list[str]:
    return [event.type for event in mock.world.bus.log]


def published(mock: Mock) -> Callable[..., Any]:
    """Send a line of the published pages as their readers do: the token in the query."""
    query = {"token": mock.token}

    def line(method: str, path: str, body: Any = None) -> Any:
        reply = mock.anonymous.open(f"/v1.0{path}", method=method, query_string=query, json=body)
        assert reply.status_code == 200, reply.text
        return reply.json

    return line


def plain_agent(mock: Mock) -> Any:
    """A client of an agent of the customer's own who may take calls, and nothing else."""
    return mock.client_for(mock.agents.create(username="agent@localhost", permission=0x10))
