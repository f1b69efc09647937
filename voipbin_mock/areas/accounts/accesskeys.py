"""Access keys: the token is shown once, and lives for a while."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.catalog import SUPER_ADMIN, Resource
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import Reply, Request, encode, text_reply
from voipbin_mock.world.seeding import hash_token
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

DAY = 86_400  # seconds; the shortest life (server)
PREFIX_LENGTH = 11


def create(world: World, request: Request) -> Reply:
    """POST /accesskeys. `expire` is in seconds; the server's 32-bit reading of it is kept."""
    resource: Resource = request.operation.resource
    caller = crud.permit(world, request, resource.permission)
    expire = request.values["expire"]
    if "expire" not in request.sent and world.profile.accesskey_default_expire is not None:
        expire = world.profile.accesskey_default_expire
    expire = (expire + (1 << 31)) % (1 << 32) - (1 << 31)
    if expire < DAY:
        wanted = f"at least {DAY} (a day, in seconds)"
        violation = Violation("/expire", f"{expire} is too short: expected {wanted}", wanted, expire)
        raise ApiError("INVALID_ARGUMENT", "expire is too short.", violations=[violation])
    token = "vb_" + world.ids.token()
    created = world.stamp_for(world.table(resource), caller.account)
    values = {
        "name": request.values["name"],
        "detail": request.values["detail"],
        "token_hash": hash_token(token),
        "token_prefix": token[:PREFIX_LENGTH],
        "tm_expire": created + expire * 1_000_000,
    }
    row = crud.insert(world, request, caller, values, created)
    return text_reply(encode(world.view(resource, {**row.data, "token": token})))


def _find(world: World, request: Request) -> Row:
    """As any record, but unknown and foreign keys have answers of their own (server)."""
    caller = crud.caller_of(request)
    resource: Resource = request.operation.resource
    row = world.table(resource).get(request.id)
    if row is None:
        raise ApiError(world.profile.unknown_accesskey)
    if row.account != caller.account and not caller.permission & SUPER_ADMIN:
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"the key belongs to customer {row.data['customer_id']}")
    crud.permit(world, request, resource.permission)
    if row.deleted:
        raise ApiError("STATE_INVALID", "This access key was deleted.")
    return row


def get(world: World, request: Request) -> Reply:
    return text_reply(world.text(request.operation.resource, _find(world, request)))


def update(world: World, request: Request) -> Reply:
    return crud.save(world, request, _find(world, request), request.values)


def delete(world: World, request: Request) -> Reply:
    return crud.delete_row(world, request, _find(world, request))
