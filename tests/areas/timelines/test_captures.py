"""A call's signalling: the messages by how it went, and the same as a file that packet readers open."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest

from tests.areas.timelines.test_events import a_call, a_mock, asked, every_profile
from voipbin_mock import Answer, Busy, Mock, NoAnswer
from voipbin_mock.areas.timelines import sip

PHONE = "+12025550123"
SOURCE = {"type": "tel", "target": "+15559876543"}


def called(mock: Mock, *outcomes: Any, target: str = PHONE, kind: str = "tel") -> str:
    """The id of a call to a phone that does this."""
    if outcomes:
        mock.phone(target).script(*outcomes)
    body = {
        "source": SOURCE,
        "destinations": [{"type": kind, "target": target}],
        "actions": [{"type": "sleep", "option": {"duration": 5000}}],
    }
    reply = mock.client.post("/v1.0/calls", json=body)
    assert reply.status_code == 200, reply.text
    return str(reply.json["calls"][0]["id"])


def analysed(mock: Mock, call: str) -> Any:
    reply = asked(mock, f"timelines/calls/{call}/sip-analysis")
    assert reply.status_code == 200, reply.text
    return reply.json


def ladder(mock: Mock, call: str) -> list[str]:
    """The messages, `>` from the service and `<` to it."""
    return [
        f"{'>' if message['src_ip'] == sip.SERVICE[0] else '<'}{message['method']}"
        for message in analysed(mock, call)["sip_messages"]
    ]


@every_profile
def test_a_call_that_is_answered_and_hung_up_by_the_service(profile: str) -> None:
    with a_mock(profile, seed="tutorial") as mock:
        call = called(mock, Answer(after="4s", talk="1m"))
        assert ladder(mock, call) == [">INVITE", "<100", "<180"]
        assert analysed(mock, call)["rtcp_stats"] is None
        mock.advance(seconds=30)
        assert ladder(mock, call) == [">INVITE", "<100", "<180", "<200", ">ACK", ">BYE", "<200"]
        stats = analysed(mock, call)["rtcp_stats"]
        assert list(stats) == [
            "mos", "jitter", "packet_loss_pct", "rtt", "rtp_bytes", "rtp_packets", "rtp_errors", "rtcp_bytes",
            "rtcp_packets", "rtcp_errors",
        ]  # fmt: skip
        assert stats["rtp_packets"] == 250
        assert (type(stats["mos"]), type(stats["packet_loss_pct"])) == (float, float)


@every_profile
@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        (Busy(), ["<486", ">ACK"]),
        (NoAnswer(), [">CANCEL", "<200", "<487", ">ACK"]),
    ],
    ids=["busy", "noanswer"],
)
def test_a_call_that_is_not_answered(profile: str, outcome: Any, end: list[str]) -> None:
    with a_mock(profile, seed="tutorial") as mock:
        call = called(mock, outcome)
        mock.advance(minutes=5)
        found = ladder(mock, call)
        if mock.calls.get(call).hangup_reason == "noanswer":
            end = ["<480", ">ACK"]
        assert found[0] == ">INVITE"
        assert found[-len(end) :] == end
        assert analysed(mock, call)["rtcp_stats"] is None


@every_profile
def test_a_call_that_is_given_up(profile: str) -> None:
    with a_mock(profile, seed="tutorial") as mock:
        call = called(mock, NoAnswer())
        mock.advance(seconds=2)
        mock.client.post(f"/v1.0/calls/{call}/hangup")
        mock.advance(seconds=1)
        assert ladder(mock, call)[-4:] == [">CANCEL", "<200", "<487", ">ACK"]


@every_profile
def test_a_call_that_comes_in(profile: str) -> None:
    with a_mock(profile) as mock:
        assert ladder(mock, a_call(mock)) == ["<INVITE", ">100", ">180", ">200", "<ACK", ">BYE", "<200"]


@pytest.mark.parametrize(
    ("target", "end"),
    [
        ("alice@192.0.2.7", ("192.0.2.7", 5060)),
        ("alice@192.0.2.7:5080;transport=tcp", ("192.0.2.7", 5080)),
        ("alice@pbx.example.com", sip.ELSEWHERE),
        ("alice@999.0.0.1", sip.ELSEWHERE),
        ("192.0.2.7:99999", ("192.0.2.7", 5060)),
    ],
)
def test_a_sip_address_says_where_the_far_end_is(target: str, end: tuple[str, int]) -> None:
    assert sip.far_end({"type": "sip", "target": target}) == end
    assert sip.far_end({"type": "tel", "target": target}) == sip.CARRIER


def test_the_text_of_a_message_is_one_of_sip() -> None:
    with a_mock() as mock:
        call = a_call(mock)
        raws = [message["raw"] for message in analysed(mock, call)["sip_messages"]]
    assert raws[0].startswith("INVITE sip:")
    for raw in raws:
        head, _, body = raw.partition("\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
        assert int(fields["Content-Length"]) == len(body)
        assert fields["Call-ID"] == call
    assert [raw.split("\r\n")[0] for raw in raws[1:4]] == [
        "SIP/2.0 100 Trying",
        "SIP/2.0 180 Ringing",
        "SIP/2.0 200 OK",
    ]
    assert "X-RTP-Stat: mos=" in raws[-2]


def test_what_somebody_is_called_cannot_break_a_message() -> None:
    with a_mock(seed="tutorial") as mock:
        target = "alice\r\nX-Evil: 1\r\n" + "x" * 70_000 + "@example.com"
        call = mock.calls.create(
            status="dialing", direction="outgoing", source=SOURCE, destination={"type": "sip", "target": target}
        )
        raw = analysed(mock, call.id)["sip_messages"][0]["raw"]
        assert "\r\nX-Evil" not in raw
        assert len(list(packets(asked(mock, f"timelines/calls/{call.id}/pcap").data))) == 2


def test_how_good_the_sound_was_can_be_said() -> None:
    with a_mock() as mock:
        call = a_call(mock)
        mock.calls.update(call, rtcp_stats={"mos": 1.7, "packet_loss_pct": 12.5})
        stats = analysed(mock, call)["rtcp_stats"]
        assert (stats["mos"], stats["packet_loss_pct"], stats["jitter"]) == (1.7, 12.5, 3)


# --- the file -----------------------------------------------------------------------------------------


def packets(data: bytes) -> Iterator[tuple[float, bytes]]:
    """The records of a capture file: time and frame."""
    magic, major, minor, _, _, longest, link = struct.unpack("<IHHiIII", data[:24])
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 1)
    position = 24
    while position < len(data):
        seconds, fraction, kept, length = struct.unpack("<IIII", data[position : position + 16])
        assert kept == length <= longest
        yield seconds + fraction / 1e6, data[position + 16 : position + 16 + kept]
        position += 16 + kept
    assert position == len(data)


def checksum(data: bytes) -> int:
    """Of what holds its own checksum: 0xffff if it is right."""
    total = sum(int.from_bytes((data + b"\0")[n : n + 2], "big") for n in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


@every_profile
def test_the_capture_holds_the_messages_of_the_analysis(profile: str) -> None:
    with a_mock(profile) as mock:
        call = a_call(mock)
        reply = asked(mock, f"timelines/calls/{call}/pcap")
        messages = analysed(mock, call)["sip_messages"]
    assert reply.headers["Content-Type"] == "application/vnd.tcpdump.pcap"
    assert reply.headers["Content-Disposition"] == f'attachment; filename="call-{call}.pcap"'
    found = list(packets(reply.data))
    assert len(found) == len(messages)
    for (_, frame), message in zip(found, messages, strict=True):
        assert frame[12:14] == b"\x08\x00"
        ip, udp = frame[14:34], frame[34:]
        assert checksum(ip) == 0xFFFF
        assert int.from_bytes(ip[2:4], "big") == len(frame) - 14
        assert checksum(ip[12:20] + b"\0\x11" + udp[4:6] + udp) == 0xFFFF
        assert ".".join(map(str, ip[12:16])) == message["src_ip"]
        assert ".".join(map(str, ip[16:20])) == message["dst_ip"]
        assert int.from_bytes(udp[:2], "big") == message["src_port"]
        assert udp[8:].decode() == message["raw"]
    times = [time for time, _ in found]
    assert times == sorted(times)
