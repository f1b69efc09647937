"""Outdials and their targets: what a new one must have."""

from __future__ import annotations

from collections.abc import Iterable

from voipbin_mock.api import crud
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.campaigns.dialing_order import DESTINATIONS
from voipbin_mock.areas.campaigns.differences import OUTDIAL_NEEDS, TARGET_NEEDS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.world import World


def _need(request: Request, members: Iterable[str]) -> None:
    """The service looks at these before it asks who is calling, one after the other (server)."""
    for member in members:
        if request.values[member] in ("", NIL_UUID):
            expected = "a UUID that is not all zeros" if member.endswith("_id") else "a non-empty string"
            violation = Violation(f"/{member}", "must not be empty", expected, request.values[member])
            raise ApiError("INVALID_ARGUMENT", f"{member} must not be empty.", violations=[violation])


def create(world: World, request: Request) -> Reply:
    """POST /outdials. The campaign need not exist (server)."""
    _need(request, OUTDIAL_NEEDS.of(world))
    return crud.create(world, request)


def create_target(world: World, request: Request) -> Reply:
    """POST /outdials/{id}/targets: with a name, a detail, perhaps some data, and a destination."""
    _need(request, TARGET_NEEDS.of(world))
    destinations = [request.values[member] for member in DESTINATIONS]
    if not any(destination and destination["target"] for destination in destinations):
        violation = Violation("/destination_0", "none of the five destinations has a target", "an address object")
        raise ApiError("INVALID_ARGUMENT", "A target needs a destination.", violations=[violation])
    return crud.create(world, request)
