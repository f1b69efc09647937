"""Which agents a queue has."""

from __future__ import annotations

from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.areas.queues.resources import QUEUES
from voipbin_mock.world.world import World


def available_agents(world: World, account: str, queue_id: str) -> int:
    """How many agents with a tag of the queue are available; a queue without tags has all agents."""
    queue = world.table(QUEUES).get(queue_id)
    if queue is None:
        return 0
    tags = set(queue.data["tag_ids"])
    return sum(
        1
        for agent in world.table(AGENTS)
        if agent.data["status"] == "available"
        and agent.account == account
        and not agent.deleted
        and (not tags or not tags.isdisjoint(agent.data["tag_ids"]))
    )
