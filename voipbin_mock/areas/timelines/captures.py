"""A call's signalling over the API: as JSON, and as a file that packet readers open."""

from __future__ import annotations

import ipaddress
import struct

from voipbin_mock.api.operations import Request
from voipbin_mock.areas.timelines import sip
from voipbin_mock.areas.timelines.events import admitted, there
from voipbin_mock.wire.stamps import SECOND
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.world import World

PCAP = "application/vnd.tcpdump.pcap"
_FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)  # microseconds; frames of Ethernet
_ETHERNET = bytes.fromhex("020000000002 020000000001 0800")


def analysis(world: World, request: Request) -> Reply:
    """GET /timelines/calls/{call_id}/sip-analysis."""
    admitted(world, request)
    call = there(world, request, "calls", request.id, "call_id").data
    found = [message.as_dict() for message in sip.messages(call)]
    return json_reply({"sip_messages": found, "rtcp_stats": sip.sound(call)})


def pcap(world: World, request: Request) -> Reply:
    """GET /timelines/calls/{call_id}/pcap."""
    admitted(world, request)
    call = there(world, request, "calls", request.id, "call_id")
    packets = b"".join(map(_packet, sip.messages(call.data)))
    named = ("Content-Disposition", f'attachment; filename="call-{call.id}.pcap"')
    return Reply(200, _FILE_HEADER + packets, PCAP, [named])


def _packet(message: sip.Message) -> bytes:
    """A record of the file: the message in UDP, IPv4 and Ethernet."""
    frame = _ETHERNET + _ip(message)
    seconds, fraction = divmod(message.microseconds, SECOND)
    return struct.pack("<IIII", seconds & 0xFFFFFFFF, fraction, len(frame), len(frame)) + frame


def _ip(message: sip.Message) -> bytes:
    payload = message.raw.encode("utf-8", "replace")
    addresses = b"".join(ipaddress.IPv4Address(ip).packed for ip, _ in (message.source, message.target))
    length = 8 + len(payload)
    udp = struct.pack(">HHHH", message.source[1], message.target[1], length, 0)
    checksum = _sum(addresses + struct.pack(">BBH", 0, 17, length) + udp + payload) or 0xFFFF
    udp = udp[:6] + struct.pack(">H", checksum)
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, 17, 0) + addresses
    return header[:10] + struct.pack(">H", _sum(header)) + header[12:] + udp + payload


def _sum(data: bytes) -> int:
    """The checksum of the internet (RFC 1071)."""
    total: int = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
