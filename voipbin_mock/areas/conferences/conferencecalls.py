"""Conferencecalls over the API: listed, read, kicked."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import find
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.conferences import meeting
from voipbin_mock.areas.conferences.differences import KICKED_BEFORE
from voipbin_mock.areas.conferences.resources import CONFERENCECALLS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World


def kick(world: World, request: Request) -> Reply:
    """DELETE /conferencecalls/{id}: the caller leaves the conference; the record stays as it is."""
    row = find(world, request)
    early = row.data["status"] == "joining"
    row = meeting.leaves(world, row)
    if early and not KICKED_BEFORE.of(world):
        hint = "the pre-flow still keeps the caller, which the server cannot send out; it is leaving all the same"
        raise ApiError("INVALID_ARGUMENT", hint=hint, stands=True)
    return crud.shown(world, CONFERENCECALLS, row)


def refusals(profile: Profile) -> tuple[str, ...]:
    return () if KICKED_BEFORE.by(profile) else ("INVALID_ARGUMENT",)
