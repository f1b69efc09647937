"""Queuecalls over the API: they are listed, read, deleted and kicked."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.lists import narrowed
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.queues import service
from voipbin_mock.areas.queues.differences import KICKS_ENDED, KICKS_WAITING, UNKNOWN_REFERENCE
from voipbin_mock.areas.queues.resources import QUEUECALLS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World


def list_(world: World, request: Request) -> Reply:
    """GET /queuecalls: those that were deleted are left out, those that only ended are not."""
    return narrowed(world, request, lambda row: not row.data["removed"])


def delete(world: World, request: Request) -> Reply:
    """DELETE /queuecalls/{id}: the record alone. The caller stays, and may still be served."""
    row = find(world, request)
    return crud.delete_row(world, request, world.table(QUEUECALLS).replace({**row.data, "removed": True}))


def kick(world: World, request: Request) -> Reply:
    """POST /queuecalls/{id}/kick."""
    return crud.shown(world, QUEUECALLS, service.kick(world, find(world, request)))


def kick_by_reference(world: World, request: Request) -> Reply:
    """POST /queuecalls/reference_id/{id}/kick: the call that last came to a queue by this id."""
    permit(request)
    newest = world.table(QUEUECALLS).group("reference_id", request.id, None, 1)
    if not newest:
        raise ApiError(UNKNOWN_REFERENCE.of(world), hint=f"the call {request.id} never was in a queue")
    return crud.shown(world, QUEUECALLS, service.kick(world, find(world, request, QUEUECALLS, newest[0].id)))


def refusals(profile: Profile) -> tuple[str, ...]:
    """What a kick may be refused with."""
    return () if KICKS_WAITING.by(profile) and KICKS_ENDED.by(profile) else ("INTERNAL",)


def refusals_by_reference(profile: Profile) -> tuple[str, ...]:
    return (*refusals(profile), UNKNOWN_REFERENCE.by(profile))
