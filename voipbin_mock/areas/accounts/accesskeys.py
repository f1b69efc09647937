"""Access keys: the token is shown once, and lives for a while."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import caller_of, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.differences import ACCESSKEY_LIFE
from voipbin_mock.areas.accounts.keys import PREFIX_LENGTH, hash_token
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import Reply, encode, text_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

DAY = 86_400  # seconds; the shortest life (server)


def create(world: World, request: Request) -> Reply:
    """POST /accesskeys. `expire` is in seconds; the server's 32-bit reading of it is kept."""
    resource = request.resource
    caller = permit(request)
    expire = request.values["expire"]
    usual = ACCESSKEY_LIFE.of(world)
    if "expire" not in request.sent and usual is not None:
        expire = usual
    expire = (expire + (1 << 31)) % (1 << 32) - (1 << 31)
    if expire < DAY:
        wanted = f"at least {DAY} (a day, in seconds)"
        violation = Violation("/expire", f"{expire} is too short: expected {wanted}", wanted, expire)
        raise ApiError("INVALID_ARGUMENT", "expire is too short.", violations=[violation])
    created = world.stamp_for(world.table(resource), caller.account)
    token, secrets = drawn(world)
    values = {
        "name": request.values["name"],
        "detail": request.values["detail"],
        **secrets,
        "tm_expire": created + expire * 1_000_000,
    }
    row = crud.insert(world, request, caller, values, created)
    return text_reply(encode(world.view(resource, {**row.data, "token": token})))


def drawn(world: World) -> tuple[str, dict[str, str]]:
    """A new token, and what is kept of it."""
    token = "vb_" + world.ids.token()
    return token, {"token_hash": hash_token(token), "token_prefix": token[:PREFIX_LENGTH]}


def _find(world: World, request: Request) -> Row:
    """As any record, but foreign keys are missing, for super admins too, and the permission is asked last (server)."""
    caller = caller_of(request)
    resource = request.resource
    row = world.table(resource).get(request.id)
    if row is None:
        raise ApiError(resource.unfound(world.profile))
    if row.account != caller.account:
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"the key belongs to customer {row.data['customer_id']}")
    if row.deleted:
        raise ApiError("STATE_INVALID", "This access key was deleted.")
    permit(request)
    return row


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, request.resource, _find(world, request))


def update(world: World, request: Request) -> Reply:
    return crud.save(world, request, _find(world, request), request.values)


def delete(world: World, request: Request) -> Reply:
    return crud.delete_row(world, request, _find(world, request))
