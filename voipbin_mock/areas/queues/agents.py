"""Which agents a queue has."""

from __future__ import annotations

from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.areas.queues.resources import QUEUES
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def available(world: World, account: str, queue: Row) -> list[Row]:
    """The agents with a tag of the queue that are available; a queue without tags has all agents."""
    tags = set(queue.data["tag_ids"])
    return [
        agent
        for agent in world.table(AGENTS)
        if agent.data["status"] == "available"
        and agent.account == account
        and not agent.deleted
        and (not tags or not tags.isdisjoint(agent.data["tag_ids"]))
    ]


def available_agents(world: World, account: str, queue_id: str) -> int:
    """How many of an account's agents are available to a queue."""
    queue = world.table(QUEUES).get(queue_id)
    return 0 if queue is None else len(available(world, account, queue))
