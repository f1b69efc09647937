"""Who may: agents and access keys as everywhere, and visitors, whose token is for one AI or team."""

from __future__ import annotations

from voipbin_mock.api.access import admit, caller_of, permit
from voipbin_mock.api.operations import Access, Request
from voipbin_mock.areas.ais.differences import DELEGATES_SEE_ALL
from voipbin_mock.areas.ais.resources import AICALLS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Caller
from voipbin_mock.world.resource import GONE, Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

VISITORS_TOO = Access(credentials=("agent", "accesskey", "direct"))
KINDS = {"ai": "ai", "ai_team": "team"}  # what a visitor's token is for -> what it is called in an AI call


def talker(request: Request) -> Caller:
    """The caller, if it may have to do with AI calls at all. Raises ApiError."""
    caller = caller_of(request)
    if caller.kind != "direct":
        return permit(request)
    scope = scope_of(caller)
    if scope[0] not in KINDS.values():
        raise ApiError("PERMISSION_DENIED", hint=f"the token is for {' '.join(scope)}")
    return caller


def scope_of(caller: Caller) -> tuple[str, str]:
    """What a visitor's token is for: `("ai", <its id>)`."""
    scope = (caller.claims or {}).get("direct", {})
    kind = str(scope.get("resource_type", ""))
    return KINDS.get(kind, kind), str(scope.get("resource_id", ""))


def named(world: World, request: Request, resource: Resource, row_id: str) -> Row:
    """A record, if the caller may have to do with it: one of its customer's, to a visitor. Raises ApiError."""
    caller = caller_of(request)
    if caller.kind == "direct":
        talker(request)
    row = world.table(resource).get(row_id)
    if row is None:
        raise ApiError(resource.unfound(world.profile), hint=f"there is no {resource.noun} {row_id}")
    if row.deleted and resource.deleted == GONE:
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"this {resource.noun} was deleted")
    if caller.kind == "delegate" and DELEGATES_SEE_ALL.of(world):
        return row
    if caller.kind != "direct":
        admit(world, request, caller, resource, row)
    elif caller.account != row.account:
        raise ApiError("PERMISSION_DENIED", hint="it is another customer's")
    return row


def named_aicall(world: World, request: Request, aicall_id: str) -> Row:
    return named(world, request, AICALLS, aicall_id)
