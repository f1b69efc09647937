"""Operations that are answered with a websocket."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api.operations import Request
from voipbin_mock.wire.values import TEXT_TYPE, Reply, Stream

SWITCHING = 101


def upgraded(request: Request, stream: Stream | None = None) -> Reply:
    """A websocket, if this is the handshake of one; whoever holds the connection does the rest.

    stream: what is sent on it; None for events.
    """
    if not _shakes_hands(request.headers):
        return Reply(400, b"Bad Request\n", TEXT_TYPE, note="a plain GET; this path takes a websocket's handshake")
    if not request.upgradable:
        return Reply(400, b"Bad Request\n", TEXT_TYPE, note="websockets need a live server: voipbin_server, or serve")
    return Reply(SWITCHING, b"", None, upgrade=request.caller, stream=stream)


def _shakes_hands(headers: Mapping[str, str]) -> bool:
    upgrades = "upgrade" in headers.get("connection", "").lower()
    return upgrades and headers.get("upgrade", "").lower() == "websocket" and "sec-websocket-key" in headers
