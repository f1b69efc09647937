"""GET /calls/{id}/media_stream on a live server: the sound of a call."""

from __future__ import annotations

import pytest
import simple_websocket

from tests.support.campaigning import refusal
from tests.support.sound import LONG, UNKNOWN, drain, in_call, listening
from voipbin_mock import Mock


@pytest.fixture
def live(documented: Mock) -> Mock:
    documented.serve()
    return documented


@pytest.mark.parametrize(("encapsulation", "size"), [("sln", 320), ("rtp", 332), ("audiosocket", 323)])
def test_a_call_is_heard_until_it_is_over(live: Mock, encapsulation: str, size: int) -> None:
    call_id = in_call(live)
    with listening(live, f"calls/{call_id}", encapsulation) as socket:
        first, second = socket.receive(LONG), socket.receive(LONG)
        assert (type(first), len(first), len(second)) == (bytes, size, size)
        socket.send("what is said is not listened to")
        live.client.post(f"/v1.0/calls/{call_id}/hangup")
        with pytest.raises(simple_websocket.ConnectionClosed):
            drain(socket)


def test_rtp_counts_its_packets_and_their_time(live: Mock) -> None:
    with listening(live, f"calls/{in_call(live)}", "rtp") as socket:
        packets = [socket.receive(LONG) for _ in range(2)]
    assert [packet[:8] for packet in packets] == [
        bytes((0x80, 96)) + number.to_bytes(2, "big") + (160 * number).to_bytes(4, "big") for number in range(2)
    ]


def test_without_an_encapsulation_there_is_no_sound(live: Mock) -> None:
    with listening(live, f"calls/{in_call(live)}", "ulaw") as socket:
        assert socket.receive(0.1) is None
        assert socket.connected


def test_what_is_no_handshake_is_refused(either: Mock) -> None:
    call_id = in_call(either)
    assert either.client.get(f"/v1.0/calls/{call_id}/media_stream?encapsulation=sln").status_code == 400
    assert refusal(either.client.get(f"/v1.0/calls/{UNKNOWN}/media_stream")) == (404, "CALL_NOT_FOUND")
    either.client.delete(f"/v1.0/calls/{call_id}")
    assert refusal(either.client.get(f"/v1.0/calls/{call_id}/media_stream")) == (409, "STATE_INVALID")
