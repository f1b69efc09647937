"""The calls there are, for whoever looks at a world from outside."""

from __future__ import annotations

from typing import Any

from voipbin_mock.areas.calls import voice
from voipbin_mock.areas.calls.live import LiveCall
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS
from voipbin_mock.areas.flows.runs import did_anything
from voipbin_mock.world.world import World


def lives(world: World, most: int) -> list[LiveCall]:
    """The newest calls that run or ran a flow, the oldest of them first."""
    with world.lock:
        runs = world.table(ACTIVEFLOWS)
        with_flow = [
            row for row in world.table(CALLS) if (run := runs.get(row.data["activeflow_id"])) and did_anything(run.data)
        ]
    newest = sorted(with_flow, key=lambda row: row.created)[-most:]
    return [LiveCall(world, row.id) for row in newest]


def listed(world: World, most: int) -> list[dict[str, Any]]:
    """The newest calls, the oldest of them first: those that run or ran a flow, and whatever goes on."""
    with world.lock:
        going = [row for row in world.table(CALLS) if voice.live(world, row.id) is not None]
    found = {one.id: one for one in (*lives(world, most), *(LiveCall(world, row.id) for row in going))}
    several = sorted(found.values(), key=lambda one: one.began)
    return [one.brief() for one in several[-most:]]
