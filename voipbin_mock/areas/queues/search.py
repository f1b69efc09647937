"""How a queue looks for agents: while somebody waits, every now and then. Times are milliseconds."""

from __future__ import annotations

from collections.abc import Sequence

from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.queues import service, waiting
from voipbin_mock.areas.queues.agents import available
from voipbin_mock.areas.queues.differences import OLDEST_FIRST, OTHER_METHODS
from voipbin_mock.areas.queues.queues import ROUTING_METHOD
from voipbin_mock.areas.queues.resources import QUEUECALLS, QUEUES
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

SOON = 100  # to the first look, and to the next one after an agent was found
LATER = 1000  # to the next one if there was none
MOST_SEEN = 100  # agents, the newest


def begin(world: World, queue_id: str) -> None:
    """Somebody waits: look for agents, unless that is done already."""
    queue = world.table(QUEUES).get(queue_id)
    if queue is not None and queue.data["execute"] != "run":
        _put(world, queue_id, "run")
        world.timers.call_in(SOON, "queue_looks", queue_id)


def look(world: World, queue_id: str) -> None:
    """One look; at most one is pending for each queue."""
    queue = world.table(QUEUES).get(queue_id)
    if queue is None or queue.data["execute"] != "run":
        return
    if queue.data["routing_method"] != ROUTING_METHOD:
        if OTHER_METHODS.of(world) == "waits":
            world.timers.poll(LATER, None, "queue_looks", queue_id)
        return  # or else it is thought to go on, and does not (server)
    caller = _next_caller(world, queue)
    if caller is None:
        _put(world, queue_id, "stop")
        return
    agents = available(world, queue.account, queue)[-MOST_SEEN:]
    if not agents:
        world.timers.poll(LATER, None, "queue_looks", queue_id)
        return
    service.connect(world, caller, _one_of(world, agents))
    world.timers.call_in(SOON, "queue_looks", queue_id)


def _put(world: World, queue_id: str, execute: str) -> None:
    queue = world.table(QUEUES).get(queue_id)
    if queue is not None:
        world.table(QUEUES).replace({**queue.data, "execute": execute})


def _next_caller(world: World, queue: Row) -> Row | None:
    """Who is to be served next. One whose flow has jumped out of the queue does not wait any more."""
    ids = queue.data["wait_queuecall_ids"]
    for each in ids if OLDEST_FIRST.of(world) else reversed(ids):
        row = world.table(QUEUECALLS).get(each)
        if row is None or row.data["status"] != "waiting":
            continue
        if engine.holds(world, row.data["activeflow_id"], row.id):
            return row
        waiting.end(world, row, "abandoned")
    return None


def _one_of(world: World, agents: Sequence[Row]) -> Row:
    """Any of them, by the mock's random seed."""
    return agents[int(world.ids.uuid()[:8], 16) % len(agents)] if len(agents) > 1 else agents[0]
