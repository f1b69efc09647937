"""AI messages over the API."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.lists import list_of, page_size
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.ais.callers import named, named_aicall
from voipbin_mock.areas.ais.differences import DELETES_MESSAGES
from voipbin_mock.areas.ais.resources import MESSAGES
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World


def all_(world: World, request: Request) -> Reply:
    """GET /aimessages?aicall_id=: those of one AI call."""
    page_size(request)
    given = request.parameter("aicall_id")
    if given is None:
        raise ApiError("MISSING_REQUEST_PARAMETER", "aicall_id must be given.")
    found = parse_uuid(given)
    if found is None or found == NIL_UUID:
        raise ApiError("INVALID_ID", hint="aicall_id is no UUID, or all zeros")
    return list_of(world, request, "aicall_id", named_aicall(world, request, found).id)


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, MESSAGES, named(world, request, MESSAGES, request.id))


def delete(world: World, request: Request) -> Reply:
    """DELETE /aimessages/{id}: the server has no such thing, whatever its gateway offers."""
    row = named(world, request, MESSAGES, request.id)
    if not DELETES_MESSAGES.of(world):
        raise ApiError("RESOURCE_NOT_FOUND", hint="the server cannot delete AI messages")
    return crud.delete_row(world, request, row)


def delete_refusals(profile: Profile) -> tuple[str, ...]:
    return () if DELETES_MESSAGES.by(profile) else ("RESOURCE_NOT_FOUND",)
