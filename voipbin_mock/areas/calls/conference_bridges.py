"""Conferences, as what becomes of their sound asks for them: they may be mocked or not, and stand above calls."""

from __future__ import annotations

from voipbin_mock.api.access import referred
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row, Table
from voipbin_mock.world.world import World

CONFERENCES = "conferences"


def named(world: World, request: Request, conference_id: str, insists: bool) -> Row | None:
    """The conference that a body names as `reference_id`. None for one that there is not; or, if one insists, 404."""
    table = _table(world)
    row = None if table is None else table.get(conference_id)
    if row is None or (row.deleted and insists):
        if insists:
            raise ApiError("CONFERENCE_NOT_FOUND", hint=f"/reference_id: {conference_id}")
        return None
    if row.deleted:
        return row
    return referred(world, request, world.blueprint.resource(CONFERENCES), conference_id, "reference_id")


def of_bridge(world: World, bridge_id: str) -> Row | None:
    """The conference of a bridge."""
    table = _table(world) if bridge_id != NIL_UUID else None
    found = table.find("confbridge_id", bridge_id) if table is not None else ()
    return found[0] if found else None


def _table(world: World) -> Table | None:
    try:
        return world.store[CONFERENCES]
    except KeyError:
        return None


def members(world: World, bridge_id: str) -> list[Row]:
    """The calls that are in a bridge."""
    return [] if bridge_id == NIL_UUID else world.table(CALLS).find("confbridge_id", bridge_id)
