"""What is asked of messages."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import caller_of, find, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.messages import sending
from voipbin_mock.areas.messages.differences import DELETED_AGAIN, REFUSALS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /messages may be refused with."""
    return ("INVALID_ARGUMENT", *dict.fromkeys(REFUSALS.by(profile).values()))


def create(world: World, request: Request) -> Reply:
    """POST /messages: one message, with a target for each destination."""
    caller_of(request)
    values = request.values
    if not values["destinations"]:
        wanted = "at least one address"
        violation = Violation("/destinations", f"is empty: expected {wanted}", wanted, values["destinations"])
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    caller = permit(request)
    row = sending.send(world, caller.customer_id, values["source"], values["destinations"], values["text"])
    return crud.shown(world, request.resource, row)


def _found(world: World, request: Request) -> Row:
    """Raises ApiError, for a deleted one after the caller's permission was looked at."""
    row = find(world, request)
    if row.deleted:
        raise ApiError("RESOURCE_NOT_FOUND", hint="this message was deleted")
    return row


def get(world: World, request: Request) -> Reply:
    """GET /messages/{id}."""
    return crud.shown(world, request.resource, _found(world, request))


def delete(world: World, request: Request) -> Reply:
    """DELETE /messages/{id}: the record alone; what is on its way arrives."""
    look = find if DELETED_AGAIN.of(world) else _found
    return crud.delete_row(world, request, look(world, request))
