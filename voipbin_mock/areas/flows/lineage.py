"""What comes of a run: the calls that it makes, what those make, and the flows that follow. There is an end to it.

Flows can call each other, numbers whose flows call them again, and be run whenever one of theirs is over. Each run by
itself is short, so what is counted is all that comes of the one that began it, but for its own calls.
"""

from __future__ import annotations

import logging
from typing import Any

from voipbin_mock.areas.flows.resources import ACTIVEFLOWS
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

MOST = 500  # runs that come of what one run has brought about


def _kept(row: Row) -> dict[str, Any]:
    return row.data["kept"] or {}


def refusal(world: World, row: Row, more: int = 1) -> str:
    """Why nothing more may come of this run; empty if it may. Logged once."""
    first = world.table(ACTIVEFLOWS).get(_kept(row).get("first", ""))
    if first is None:
        return ""
    kept = _kept(first)
    so_far = kept.get("brought", 0)
    if so_far + more <= MOST:
        return ""
    why = f"flow {row.data['flow_id']}: {so_far} runs have come of one; flows that bring each other about never end"
    if not kept.get("stopped"):
        world.table(ACTIVEFLOWS).replace({**first.data, "kept": {**kept, "stopped": True}})
        logger.warning("%s: stopped", why)
    return why


def adopt(world: World, activeflow_id: str, parent_id: str) -> None:
    """A run has come of another."""
    table = world.table(ACTIVEFLOWS)
    row, parent = table.get(activeflow_id), table.get(parent_id)
    if row is None or parent is None:
        return
    first = table.get(_kept(parent).get("first", ""))
    table.replace({**row.data, "kept": {**_kept(row), "first": parent_id if first is None else first.id}})
    if first is not None:
        table.replace({**first.data, "kept": {**_kept(first), "brought": _kept(first).get("brought", 0) + 1}})
