"""Bodies of which only the members that are given count."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.operations import Request
from voipbin_mock.wire.errors import ApiError, Violation, shorten
from voipbin_mock.wire.values import Reply, encode, parse_uuid, text_reply
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.world import World


def given(request: Request, *objects: str) -> dict[str, Any]:
    """The members that a body gives; null is none. Texts, but for `objects`. Raises ApiError."""
    found = {name: value for name, value in request.values.items() if name in request.sent and value is not None}
    mistyped = [
        Violation(f"/{name}", f"is {shorten(value)!r}", "an object" if name in objects else "a string", value)
        for name, value in found.items()
        if not isinstance(value, dict if name in objects else str)
    ]
    if mistyped:
        raise ApiError("INVALID_JSON_BODY", violations=mistyped)
    return found


def uuid_of(values: dict[str, Any], member: str) -> str:
    """A member that must be a UUID. Raises ApiError."""
    wanted = parse_uuid(values[member])
    if wanted is None:
        problem = f"{shorten(values[member])!r} is no UUID"
        raise ApiError("INVALID_ARGUMENT", violations=[Violation(f"/{member}", problem, "a UUID", values[member])])
    return wanted


def zeros(world: World, resource: Resource) -> Reply:
    """A record of zeros, which stands for nothing done."""
    blank = {member.name: member.zero() for member in resource.record.members}
    reply = text_reply(encode(world.view(resource, blank)))
    reply.note = "nothing was changed: the body gives none of the members"
    return reply
