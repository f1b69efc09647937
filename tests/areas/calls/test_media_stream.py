"""GET /calls/{id}/media_stream on a live server: the sound of a call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import simple_websocket

from tests.support.campaigning import refusal
from tests.support.sound import UNKNOWN, in_call
from voipbin_mock import Mock

LONG = 5.0  # seconds; waited for in full only when something is broken


@contextmanager
def listening(mock: Mock, call_id: str, encapsulation: str) -> Iterator[simple_websocket.Client]:
    url = mock.url.replace("http://", "ws://")
    query = f"token={mock.token}&encapsulation={encapsulation}"
    socket = simple_websocket.Client(f"{url}/calls/{call_id}/media_stream?{query}")
    try:
        yield socket
    finally:
        if socket.connected:
            socket.close()
        socket.thread.join(LONG)


@pytest.fixture
def live(documented: Mock) -> Mock:
    documented.serve()
    return documented


def drain(socket: simple_websocket.Client) -> None:
    """Hear all that is left, but not for ever."""
    for _ in range(250):
        socket.receive(LONG)


@pytest.mark.parametrize(("encapsulation", "size"), [("sln", 320), ("rtp", 332), ("audiosocket", 323)])
def test_a_call_is_heard_until_it_is_over(live: Mock, encapsulation: str, size: int) -> None:
    call_id = in_call(live)
    with listening(live, call_id, encapsulation) as socket:
        first, second = socket.receive(LONG), socket.receive(LONG)
        assert (type(first), len(first), len(second)) == (bytes, size, size)
        socket.send("what is said is not listened to")
        live.client.post(f"/v1.0/calls/{call_id}/hangup")
        with pytest.raises(simple_websocket.ConnectionClosed):
            drain(socket)


def test_rtp_counts_its_packets_and_their_time(live: Mock) -> None:
    with listening(live, in_call(live), "rtp") as socket:
        packets = [socket.receive(LONG) for _ in range(2)]
    assert [packet[:8] for packet in packets] == [
        bytes((0x80, 96)) + number.to_bytes(2, "big") + (160 * number).to_bytes(4, "big") for number in range(2)
    ]


def test_without_an_encapsulation_there_is_no_sound(live: Mock) -> None:
    with listening(live, in_call(live), "ulaw") as socket:
        assert socket.receive(0.1) is None
        assert socket.connected


def test_what_is_no_handshake_is_refused(either: Mock) -> None:
    call_id = in_call(either)
    assert either.client.get(f"/v1.0/calls/{call_id}/media_stream?encapsulation=sln").status_code == 400
    assert refusal(either.client.get(f"/v1.0/calls/{UNKNOWN}/media_stream")) == (404, "CALL_NOT_FOUND")
    either.client.delete(f"/v1.0/calls/{call_id}")
    assert refusal(either.client.get(f"/v1.0/calls/{call_id}/media_stream")) == (409, "STATE_INVALID")
