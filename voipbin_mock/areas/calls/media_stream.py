"""GET /calls/{id}/media_stream: a call's sound on a websocket."""

from __future__ import annotations

from voipbin_mock.api.access import find
from voipbin_mock.api.operations import Request
from voipbin_mock.api.upgrading import upgraded
from voipbin_mock.areas.calls import voice
from voipbin_mock.wire.values import Reply, Stream
from voipbin_mock.world.world import World

ENCAPSULATIONS = ("rtp", "sln", "audiosocket")
ENDS = ("call_hangup",)


def connect(world: World, request: Request) -> Reply:
    """A websocket of 20 ms of sound each, 8 kHz, 16 bits, mono; it closes when the call is over."""
    call = find(world, request)
    encapsulation = request.parameter("encapsulation") or ""
    return upgraded(request, Stream(call.id, ENDS, encapsulation, lambda: voice.live(world, call.id) is not None))
