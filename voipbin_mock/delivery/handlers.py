"""GET /v1.0/ws: the way to a websocket."""

from __future__ import annotations

from voipbin_mock.api.operations import Request
from voipbin_mock.wire.values import TEXT_TYPE, Reply
from voipbin_mock.world.world import World

SWITCHING = 101


def connect(world: World, request: Request) -> Reply:
    """Whether this is a websocket's handshake; whoever holds the connection does the rest."""
    headers = request.headers
    upgrades = "upgrade" in headers.get("connection", "").lower()
    if not upgrades or headers.get("upgrade", "").lower() != "websocket" or "sec-websocket-key" not in headers:
        return Reply(400, b"Bad Request\n", TEXT_TYPE, note="a plain GET; this path takes a websocket's handshake")
    if not request.upgradable:
        return Reply(400, b"Bad Request\n", TEXT_TYPE, note="websockets need a live server: voipbin_server, or serve")
    return Reply(SWITCHING, b"", None, upgrade=request.caller)
