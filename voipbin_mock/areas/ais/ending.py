"""How an AI call ends."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.ais.differences import RUN_ENDS
from voipbin_mock.areas.ais.resources import AICALLS
from voipbin_mock.areas.calls import bridges
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

TERMINATED = "terminated"


def live(row: Row | None) -> bool:
    """Whether it goes on, be it listed or not."""
    return row is not None and row.data["status"] != TERMINATED and not row.data["leaving"]


def terminate(world: World, aicall_id: str, why: str) -> Row | None:
    """It is over: whoever waited for it goes on. Told of as `aicall_status_terminated`, once."""
    row = world.table(AICALLS).get(aicall_id)
    if row is None or not live(row):
        return row
    row = crud.keep(world, AICALLS, row, {"leaving": True})
    call = world.table(CALLS).get(row.data["reference_id"]) if row.data["reference_type"] == "call" else None
    if call is not None and call.data["aicall_id"] == row.id:
        crud.keep(world, CALLS, call, {"aicall_id": NIL_UUID})
    for run_id in row.data["runs"]:
        engine.pop(world, run_id, row.id, why, "continued")
    if row.data["confbridge_id"] != NIL_UUID:
        bridges.end(world, row.data["confbridge_id"], why)
    row = world.table(AICALLS).get(row.id) or row
    touched = world.touch(AICALLS)
    values: dict[str, Any] = {
        **touched,
        "tm_end": touched.get("tm_update"),
        "status": TERMINATED,
        "leaving": False,
        "runs": [],
    }
    row = crud.change(world, AICALLS, row, values, "status_terminated")
    if row.data["api_made"] and row.data["reference_type"] == "" and RUN_ENDS.of(world):
        engine.stop(world, row.data["activeflow_id"], why)
    return row
