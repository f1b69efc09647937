"""Agents at their desks, for tests."""

from __future__ import annotations

import io
from typing import Any

from tests.support.examples import a_record
from voipbin_mock import Mock
from voipbin_mock.api.operations import Operation

PLAIN = 0x10  # the permission of an agent who is neither admin nor manager


def an_agent(mock: Mock, name: str = "ann", permission: int = PLAIN, **members: Any) -> Any:
    """A new agent, and a client with its login."""
    agent = mock.agents.create(username=f"{name}@example.com", name=name, permission=permission, **members)
    return agent, Desk(mock, agent.id)


class Desk:
    """What an agent asks below /service_agents."""

    def __init__(self, mock: Mock, agent_id: str) -> None:
        self.id = agent_id
        self.token = mock.token_for(agent_id)
        self.client = mock.client_for(agent_id)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/v1.0/service_agents{path}", query_string=query)

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"/v1.0/service_agents{path}", json=body)

    def put(self, path: str, **body: Any) -> Any:
        return self.client.put(f"/v1.0/service_agents{path}", json=body)

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/v1.0/service_agents{path}")


def shown(reply: Any) -> Any:
    """The answer, if all was well."""
    assert reply.status_code in (200, 201), reply.text
    return reply.json


# --- for those who ask every operation there is -----------------------------------------------------


def at_the_top(operation: Operation) -> str:
    """The name of an operation, or of the one that it mirrors."""
    return operation.name.removeprefix("service_agents.")


def seat(mock: Mock, operation: Operation, username: str) -> None:
    """Have an agent be in what an operation is about, or own it."""
    agent, resource = mock.agents.get(username=username).id, operation.resource
    if resource is None or "/service_agents/" not in operation.template:
        return
    if resource.name.startswith("talk_"):
        chat = next(iter(mock.talk_chats.list()))
        if not mock.talk_participants.list(chat_id=chat.id, owner_id=agent):
            mock.talk_participants.create(chat_id=chat.id, owner_type="agent", owner_id=agent)
        mock.talk_chats.update(chat.id, type="talk")
        for message in mock.talk_messages.list():
            mock.talk_messages.update(message.id, owner_id=agent)
    elif resource.name == "extensions":
        address = {"type": "extension", "target": a_record(mock, resource).id}
        mock.agents.update(agent, addresses=[address])
    elif "owner_id" in resource.members:
        mock.records(resource.name).update(a_record(mock, resource).id, owner_id=agent)
    elif operation.name == "service_agents.contact_case_notes.delete":
        mock.contact_case_notes.update(a_record(mock, resource).id, author_id=agent)


def asked_at_desk(mock: Mock, operation: Operation) -> dict[str, Any]:
    """What an operation is asked with, if its schema alone does not say."""
    agent = mock.agents.list()[0].id
    chats = mock.talk_chats.list()
    bodies: dict[str, Any] = {
        "talk_chats.create": {"type": "group"},
        "talk_participants.create": {"owner_type": "agent", "owner_id": agent},
        "talk_messages.create": {"chat_id": chats[0].id if chats else "", "type": "normal", "text": "hello"},
        "service_agents.contact_cases.assign": {"owner_id": agent},
        "storage_accounts.create": {"customer_id": mock.customers.list()[-1].id},
    }
    if operation.name == "storage_accounts.create":  # each customer has one
        for account in mock.storage_accounts.list():
            mock.storage_accounts.delete(account)
    if operation.name in bodies:
        return {"json": bodies[operation.name]}
    if operation.name == "talk_messages.list":
        return {"query_string": {"chat_id": chats[0].id}}
    if operation.name.endswith("storage_files.create"):
        kind = "talk" if "service_agents" in operation.name else "rag"
        return {"data": {"file": (io.BytesIO(b"abc"), "a.txt"), "type": kind}, "content_type": "multipart/form-data"}
    return {}
