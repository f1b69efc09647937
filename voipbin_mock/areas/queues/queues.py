"""Queues: what a new one must be, and what becomes of a deleted one."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import Request, Schema
from voipbin_mock.areas.accounts.plans import Allowance, check_room
from voipbin_mock.areas.queues.resources import QUEUES
from voipbin_mock.wire.errors import ApiError, Reason, Violation
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World

ROUTING_METHOD = "random"  # the one that there is
INVALID_ROUTING_METHOD = Reason("INVALID_ROUTING_METHOD", "INVALID_ARGUMENT", "A queue cannot choose agents like this.")
MOST = Allowance(free=2, basic=10, professional=100)


def create(world: World, request: Request) -> Reply:
    """POST /queues. A later change of the method is not looked at (server)."""
    check_room(world, permit(request).account, QUEUES, MOST)
    wanted = request.values["routing_method"]
    if wanted != ROUTING_METHOD:
        violation = Violation(
            "/routing_method", f"is not acceptable: expected {ROUTING_METHOD}", ROUTING_METHOD, wanted
        )
        raise ApiError(INVALID_ROUTING_METHOD, violations=[violation])
    return crud.create(world, request)


def delete(world: World, request: Request) -> Reply:
    """DELETE /queues/{id}: nobody is looked for any more; who waits goes on waiting."""
    row = find(world, request)
    return crud.delete_row(world, request, world.table(QUEUES).replace({**row.data, "execute": "stop"}))


def body(profile: Profile, strict: bool) -> Schema:
    """What is asked beside the schema, for the OpenAPI document."""
    rule = {"type": "string", "enum": [ROUTING_METHOD]}
    return {"properties": {"routing_method": rule}, "required": ["routing_method"]}
