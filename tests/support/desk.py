"""Agents at their desks, for tests."""

from __future__ import annotations

from typing import Any

from voipbin_mock import Mock

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
