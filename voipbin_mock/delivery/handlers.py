"""GET /v1.0/ws: the way to a websocket."""

from __future__ import annotations

from voipbin_mock.wire.values import TEXT_TYPE, Reply, Request, json_reply
from voipbin_mock.world.world import World

SWITCHING = 101


def connections(world: World, request: Request) -> Reply:
    """What each websocket is subscribed to: the service sends no acknowledgement, so a test can look here."""
    topics = [] if world.sockets is None else world.sockets.listed()
    return json_reply({"websockets": [{"topics": each} for each in topics]})


def connect(world: World, request: Request) -> Reply:
    """Whether this is a websocket's handshake; whoever holds the connection does the rest."""
    headers = request.headers
    upgrades = "upgrade" in headers.get("connection", "").lower()
    if not upgrades or headers.get("upgrade", "").lower() != "websocket" or "sec-websocket-key" not in headers:
        return Reply(400, b"Bad Request\n", TEXT_TYPE, note="a plain GET; this path takes a websocket's handshake")
    if not request.upgradable:
        return Reply(400, b"Bad Request\n", TEXT_TYPE, note="websockets need a live server: voipbin_server, or serve")
    return Reply(SWITCHING, b"", None, upgrade=request.caller)
