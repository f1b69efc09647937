"""GET /v1.0/ws: the way to a websocket."""

from __future__ import annotations

from voipbin_mock.api.operations import Request
from voipbin_mock.api.upgrading import upgraded
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.world import World


def connect(world: World, request: Request) -> Reply:
    """Whether this is a websocket's handshake; whoever holds the connection does the rest."""
    return upgraded(request)
