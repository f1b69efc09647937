"""Conferences over the API: made, changed, ended."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.lists import list_ as every
from voipbin_mock.api.lists import narrowed
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.plans import Allowance, check_room
from voipbin_mock.areas.conferences import meeting
from voipbin_mock.areas.conferences.differences import FIRST_STATUS, LISTS_EVERY_TYPE
from voipbin_mock.areas.conferences.resources import CONFERENCES
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid
from voipbin_mock.world.world import World

MOST = Allowance(free=2, basic=10, professional=100)


def list_(world: World, request: Request) -> Reply:
    """GET /conferences."""
    if LISTS_EVERY_TYPE.of(world):
        return every(world, request)
    return narrowed(world, request, lambda row: row.data["type"] == "conference")


def create(world: World, request: Request) -> Reply:
    """POST /conferences."""
    caller = permit(request)
    check_room(world, caller.account, CONFERENCES, MOST)
    values: dict[str, Any] = {
        **_kept(request.values),
        "status": FIRST_STATUS.of(world),
        "confbridge_id": world.ids.uuid(),
    }
    wanted = parse_uuid(values.pop("id"))
    if wanted is not None and wanted != NIL_UUID:
        if world.table(CONFERENCES).get(wanted) is not None:
            raise ApiError("INVALID_ARGUMENT", f"There is a conference {wanted} already.")
        values["id"] = wanted
    row = crud.insert(world, request, caller, values)
    return crud.shown(world, CONFERENCES, meeting.take_up(world, row))


def update(world: World, request: Request) -> Reply:
    """PUT /conferences/{id}: a timeout counts from now."""
    row = find(world, request)
    crud.save(world, request, row, _kept(request.values))
    row = world.table(CONFERENCES).get(row.id) or row
    return crud.shown(world, CONFERENCES, meeting.plan(world, row))


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "data": values["data"] or {}, "timeout": meeting.timeout_of(values["timeout"])}


def delete(world: World, request: Request) -> Reply:
    """DELETE /conferences/{id}: whoever is in it has to leave."""
    return crud.shown(world, CONFERENCES, meeting.delete(world, find(world, request)))
