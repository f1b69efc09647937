"""Conferencecalls over the API: listed, read, kicked."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import find
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.conferences import meeting
from voipbin_mock.areas.conferences.resources import CONFERENCECALLS
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.world import World


def kick(world: World, request: Request) -> Reply:
    """DELETE /conferencecalls/{id}: the caller leaves the conference; the record stays as it is."""
    return crud.shown(world, CONFERENCECALLS, meeting.leaves(world, find(world, request)))
