"""The signalling of a call, made from what became of it: SIP messages, and how good the sound was.

Everything passes between the service and one far end: the carrier, or the host that a SIP address names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any, NamedTuple

from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.wire.values import printable

SERVICE = ("203.0.113.10", 5060)  # addresses of RFC 5737: nobody's
CARRIER = ("198.51.100.20", 5060)
ELSEWHERE = ("198.51.100.30", 5060)  # a SIP host that is known by name alone
APART = 500  # microseconds between messages of one instant
FRAME = 20  # milliseconds of sound in a packet
FRAME_BYTES = 172
LONGEST = 200  # characters of a name or number in a message
REASONS = {
    "100": "Trying", "180": "Ringing", "200": "OK", "404": "Not Found", "480": "Temporarily Unavailable",
    "486": "Busy Here", "487": "Request Terminated",
}  # fmt: skip
# What an unanswered call is refused with, by the reason for its end; any other is given up by who called.
REFUSED = {"busy": "486", "noanswer": "480", "failed": "404"}
_SDP = ("v=0", "o=- 1 1 IN IP4 {host}", "s=-", "c=IN IP4 {host}", "t=0 0", "m=audio 10000 RTP/AVP 0 101",
        "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000")  # fmt: skip


class Message(NamedTuple):
    """One message. method: of an answer its status. source and target: IP address and port."""

    microseconds: int
    method: str
    source: tuple[str, int]
    target: tuple[str, int]
    raw: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "timestamp": rfc3339_stamp_full(self.microseconds),
            "method": self.method,
            "src_ip": self.source[0],
            "src_port": self.source[1],
            "dst_ip": self.target[0],
            "dst_port": self.target[1],
            "raw": self.raw,
        }


class _Step(NamedTuple):
    """A message to be: when, whether the caller's side sends it, what it is, and which request it belongs to."""

    microseconds: int
    by_caller: bool
    method: str
    about: str


def messages(call: Mapping[str, Any]) -> list[Message]:
    """All that passed between the service and the far end so far, in order."""
    outgoing = call["direction"] != "incoming"
    far = far_end(call["destination"] if outgoing else call["source"])
    found: list[Message] = []
    last = 0
    for step in _steps(call):
        last = max(step.microseconds, last + APART)
        ends = (SERVICE, far) if step.by_caller == outgoing else (far, SERVICE)
        found.append(Message(last, step.method, *ends, _raw(call, step, ends[0])))
    return found


def far_end(address: Mapping[str, str]) -> tuple[str, int]:
    """Where the other side is: the carrier of a telephone number, or a SIP address's host."""
    if address.get("type") != "sip":
        return CARRIER
    host, _, port = address.get("target", "").rpartition("@")[2].partition(";")[0].partition(":")
    try:
        ip = str(IPv4Address(host))
    except ValueError:
        return ELSEWHERE
    return ip, int(port) if port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536 else 5060


def _steps(call: Mapping[str, Any]) -> Iterator[_Step]:
    """What happened, by the call's stamps."""
    begun, ringing = call["tm_create"], call["tm_ringing"]
    answered, ended = call["tm_progressing"], call["tm_hangup"]
    if ringing is None and call["direction"] == "incoming":
        ringing = begun
    yield _Step(begun, True, "INVITE", "INVITE")
    yield _Step(begun, False, "100", "INVITE")
    if ringing is not None:
        yield _Step(ringing, False, "180", "INVITE")
    if answered is not None:
        yield _Step(answered, False, "200", "INVITE")
        yield _Step(answered, True, "ACK", "ACK")
    if ended is not None:
        yield from _end(call, ended, answered is not None)


def _end(call: Mapping[str, Any], ended: int, answered: bool) -> Iterator[_Step]:
    incoming, local = call["direction"] == "incoming", call["hangup_by"] == "local"
    if answered:
        by_caller = local != incoming  # the service is the caller of what goes out
        yield _Step(ended, by_caller, "BYE", "BYE")
        yield _Step(ended, not by_caller, "200", "BYE")
        return
    refused = REFUSED.get(call["hangup_reason"], "480" if incoming and local else "")
    if not refused:
        yield _Step(ended, True, "CANCEL", "CANCEL")
        yield _Step(ended, False, "200", "CANCEL")
    yield _Step(ended, False, refused or "487", "INVITE")
    yield _Step(ended, True, "ACK", "ACK")


def _raw(call: Mapping[str, Any], step: _Step, source: tuple[str, int]) -> str:
    """The text of a message."""
    caller_uri, callee_uri = (_uri(call[name]) for name in ("source", "destination"))
    tag = call["id"].replace("-", "")
    answer = step.method.isdigit()
    asked = callee_uri if step.by_caller else caller_uri
    first = f"SIP/2.0 {step.method} {REASONS[step.method]}" if answer else f"{step.method} {asked} SIP/2.0"
    established = step.about in ("BYE", "ACK") or (answer and step.method != "100")
    ends = [f"<{caller_uri}>;tag={tag[:8]}", f"<{callee_uri}>" + (f";tag={tag[8:16]}" if established else "")]
    if step.about == "BYE" and not step.by_caller ^ answer:  # it comes from who was called
        ends.reverse()
    host = f"{source[0]}:{source[1]}"
    lines = [
        first,
        f"Via: SIP/2.0/UDP {host};branch=z9hG4bK{tag[16:28]}{step.about.lower()}",
        "Max-Forwards: 70",
        f"From: {ends[0]}",
        f"To: {ends[1]}",
        f"Call-ID: {call['id']}",
        f"CSeq: {2 if step.about == 'BYE' else 1} {step.about}",
        f"Contact: <sip:{host}>",
    ]
    if step.method == "BYE" and (stats := sound(call)):
        lines.append("X-RTP-Stat: " + ";".join(f"{name}={value}" for name, value in stats.items()))
    body = ""
    if step.about == "INVITE" and step.method in ("INVITE", "200"):
        lines.append("Content-Type: application/sdp")
        body = "".join(f"{line.format(host=source[0])}\r\n" for line in _SDP)
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", body])


def _uri(address: Mapping[str, str]) -> str:
    target = printable(address.get("target", ""))[:LONGEST] or "anonymous"
    return f"sip:{target}" if "@" in target else f"sip:{target}@{SERVICE[0]}"


def sound(call: Mapping[str, Any]) -> dict[str, Any] | None:
    """How good the sound was, once a call that was answered is over: the same each time, but for how long it took."""
    answered, ended = call["tm_progressing"], call["tm_hangup"]
    if answered is None or ended is None:
        return None
    milliseconds = max(0, ended - answered) // 1000
    packets, reports = milliseconds // FRAME, milliseconds // 5000
    return {
        "mos": 4.4,
        "jitter": 3,
        "packet_loss_pct": 0.2,
        "rtt": 24_000,
        "rtp_bytes": packets * FRAME_BYTES,
        "rtp_packets": packets,
        "rtp_errors": 0,
        "rtcp_bytes": reports * 64,
        "rtcp_packets": reports,
        "rtcp_errors": 0,
        **(call.get("rtcp_stats") or {}),
    }
