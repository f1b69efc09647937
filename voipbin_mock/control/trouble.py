"""Faults, stubs, rate limits and sessions, over the control API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from voipbin_mock.api.operations import Request
from voipbin_mock.trouble.faults import PlannedFaults
from voipbin_mock.trouble.kinds import STUB
from voipbin_mock.trouble.limits import TIERS, Limits
from voipbin_mock.wire.errors import ApiError, MockUsageError
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.sessions import Sessions
from voipbin_mock.world.world import World


def _listed(world: World, stubs: bool) -> dict[str, Any]:
    unused = [plan.as_dict() for plan in world.part(PlannedFaults).unused() if (plan.kind == STUB) is stubs]
    return {
        "stubs" if stubs else "faults": [plan.as_dict() for plan in world.part(PlannedFaults).listed(stubs)],
        "unused": [plan["number"] for plan in unused],
    }


def _planned(world: World, request: Request, plan: Callable[[dict[str, Any]], Any]) -> Reply:
    if not isinstance(request.raw, dict):
        raise ApiError("INVALID_JSON_BODY", "The body must be a JSON object.")
    try:
        return json_reply(plan(request.raw).as_dict())
    except MockUsageError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None


def _cancelled(world: World, request: Request, stubs: bool) -> Reply:
    number = request.path_ids[-1]
    for plan in world.part(PlannedFaults).listed(stubs):
        if str(plan.number) == number:
            plan.cancel()
            return json_reply({"status": "ok"})
    raise ApiError("RESOURCE_NOT_FOUND", f"Nothing planned has the number {number}, or it was used up.")


def faults(world: World, request: Request) -> Reply:
    """What is planned, and the numbers of what is not yet met."""
    return json_reply(_listed(world, stubs=False))


def add_fault(world: World, request: Request) -> Reply:
    """{"kind": "error", "on": "POST /outplans", "reason": "INTERNAL"} and the other members of a fault."""
    if isinstance(request.raw, dict) and request.raw.get("kind") == STUB:
        raise ApiError("INVALID_ARGUMENT", "A stub is no fault; POST it to /__mock__/stubs.")
    return _planned(world, request, world.part(PlannedFaults).add)


def clear_faults(world: World, request: Request) -> Reply:
    world.part(PlannedFaults).clear(stubs=False)
    return json_reply({"status": "ok"})


def cancel_fault(world: World, request: Request) -> Reply:
    return _cancelled(world, request, stubs=False)


def stubs(world: World, request: Request) -> Reply:
    return json_reply(_listed(world, stubs=True))


def add_stub(world: World, request: Request) -> Reply:
    """{"on": "GET /numbers", "status": 200, "json": {...}} and the other members of a stub."""
    return _planned(world, request, lambda spec: world.part(PlannedFaults).add({**spec, "kind": STUB}))


def clear_stubs(world: World, request: Request) -> Reply:
    world.part(PlannedFaults).clear(stubs=True)
    return json_reply({"status": "ok"})


def cancel_stub(world: World, request: Request) -> Reply:
    return _cancelled(world, request, stubs=True)


def limits(world: World, request: Request) -> Reply:
    """The tiers in force, as [requests a second, requests at once], and the service's own."""
    return json_reply({"rate_limits": world.part(Limits).as_dict(), "service": {n: list(t) for n, t in TIERS.items()}})


def set_limits(world: World, request: Request) -> Reply:
    """{"rate_limits": true}, or {"rate_limits": {"customer": [17, 33]}}; buckets are full again."""
    if not isinstance(request.raw, dict) or request.raw.keys() != {"rate_limits"}:
        raise ApiError("INVALID_ARGUMENT", 'Send {"rate_limits": true} or {"rate_limits": {"customer": [17, 33]}}.')
    try:
        world.part(Limits).set(request.raw["rate_limits"])
    except MockUsageError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return limits(world, request)


def clear_limits(world: World, request: Request) -> Reply:
    world.part(Limits).clear()
    return json_reply({"status": "ok"})


def sessions(world: World, request: Request) -> Reply:
    """Every session there is, with how many requests it saw and its time."""
    found = [
        {"key": key, "requests": session.exchanges, "now": rfc3339_stamp_full(session.clock.microseconds())}
        for key, session in world.part(Sessions).listed().items()
    ]
    return json_reply({"sessions": found})


def delete_session(world: World, request: Request) -> Reply:
    key = request.path_ids[-1]
    if not world.part(Sessions).delete(key):
        raise ApiError("RESOURCE_NOT_FOUND", f"There is no session {key[:64]!r}.")
    return json_reply({"status": "ok"})


def clear_sessions(world: World, request: Request) -> Reply:
    return json_reply({"status": "ok", "deleted": world.part(Sessions).clear_all()})
