"""Who may, and the record that a path names: missing, foreign and not permitted are told apart as the service does."""

from __future__ import annotations

from voipbin_mock.api.differences import FOREIGN_IS_MISSING, WRONG_PARENT
from voipbin_mock.api.operations import ANYONE, SUPER_ADMIN, Request
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Caller
from voipbin_mock.world.resource import CONFLICT, GONE, MISSING, Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def may(caller: Caller, account: str, permission: int) -> bool:
    """Whether a caller may act for an account: its own with one of these bits, or any as a super admin."""
    if caller.permission & SUPER_ADMIN:
        return True
    return caller.account == account and (permission == ANYONE or bool(caller.permission & permission))


def caller_of(request: Request) -> Caller:
    """The authenticated caller, of a kind that the operation takes. Raises ApiError."""
    caller = request.caller
    assert caller is not None, "a public operation has no caller"
    access = request.operation.access
    if caller.kind not in access.credentials and not (caller.kind == "delegate" and "accesskey" in access.credentials):
        if access.stranger:
            raise ApiError(access.stranger, f"This is not for {caller.kind} credentials; log in as an agent.")
        raise ApiError("DIRECT_ACCESS_NOT_SUPPORTED" if caller.kind == "direct" else "AGENT_AUTH_REQUIRED")
    return caller


def permit(request: Request, permission: int | None = None) -> Caller:
    """The caller, if it may act for its own customer; as the operation has it, or with these bits. Raises ApiError."""
    caller = caller_of(request)
    wanted = request.operation.access.permission if permission is None else permission
    if not may(caller, caller.account, wanted):
        raise ApiError("PERMISSION_DENIED", hint=f"the caller's permission bits are {caller.permission:#x}")
    return caller


def find(world: World, request: Request, resource: Resource | None = None, row_id: str | None = None) -> Row:
    """The record a path names. Raises ApiError."""
    caller = caller_of(request)
    resource = resource or request.resource
    parent = parent_of(world, request, resource) if resource.nested else None
    row = world.table(resource).get(row_id or request.id)
    if row is None:
        raise ApiError(resource.unfound(world.profile))
    if row.deleted and resource.deleted == MISSING:
        raise ApiError(resource.unfound(world.profile), hint=f"this {resource.noun} was deleted")
    if parent is not None and row.data[resource.parent_key] != parent.id:
        reason = WRONG_PARENT.of(world) or resource.missing
        raise ApiError(reason, hint=f"its {resource.parent_key} is {row.data[resource.parent_key]}")
    if row.deleted and resource.deleted == GONE:
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"this {resource.noun} was deleted")
    if row.deleted and resource.deleted == CONFLICT:  # whoever asks
        raise ApiError("STATE_INVALID", f"This {resource.noun} was deleted.")
    admit(world, request, caller, resource, row)
    return row


def referred(world: World, request: Request, resource: Resource, row_id: str, member: str) -> Row:
    """A record that a member of the body names: refused as one that a path names would be. Raises ApiError."""
    row = world.table(resource).get(row_id)
    try:
        if row is None:
            raise ApiError(resource.unfound(world.profile))
        if row.deleted:
            reason = resource.unfound(world.profile) if resource.deleted == MISSING else "RESOURCE_NOT_FOUND"
            raise ApiError(reason, hint=f"this {resource.noun} was deleted")
        admit(world, request, caller_of(request), resource, row)
    except ApiError as error:
        error.hint = f"/{member}: {row_id}" + (f": {error.hint}" if error.hint else "")
        raise
    return row


def admit(world: World, request: Request, caller: Caller, resource: Resource, row: Row) -> None:
    """Whether the caller may have to do with a record that there is. Raises ApiError."""
    access = request.operation.access
    if not may(caller, row.account, access.permission):
        foreign = caller.account != row.account
        if foreign and FOREIGN_IS_MISSING.of(world):
            owner = row.data["customer_id"]
            raise ApiError(resource.unfound(world.profile), hint=f"it exists, but belongs to customer {owner}")
        whose = "the record belongs to another customer" if foreign else "the caller lacks the permission"
        raise ApiError("PERMISSION_DENIED", hint=f"{whose} (permission bits {caller.permission:#x})")
    sees = access.narrows(caller.permission)
    if sees in resource.grouped_by and row.data[sees] != caller.agent_id:  # of what a list hangs on, too
        raise ApiError("PERMISSION_DENIED", hint=f"its {sees} is not the caller")


def parent_of(world: World, request: Request, resource: Resource | None = None) -> Row:
    """The record that a path names first, of the resource that the other one hangs on. Raises ApiError."""
    resource = resource or request.resource
    return find(world, request, world.blueprint.resource(resource.parent), request.path_ids[0])


def owned(world: World, account: str, resource: Resource, row_id: str) -> Row | None:
    """The record with this id, if it is the account's and not deleted."""
    row = world.table(resource).get(row_id)
    return row if row is not None and row.account == account and not row.deleted else None
