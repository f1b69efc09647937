"""Inputs as they stand in the log: a request that came, time that passed, what became of a webhook."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from voipbin_mock.edge.control_door import TOKEN_HEADER
from voipbin_mock.edge.environ import cookies_of
from voipbin_mock.edge.incoming import Incoming

REQUEST, TICK, OUTCOME, CHECK = "request", "tick", "outcome", "check"
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Outcome(NamedTuple):
    """What became of a webhook that the leader sent."""

    number: int  # of the sending, counted by all replicas alike
    code: int | None
    error: str
    lost: bool = False  # nobody knows: whoever sent it is gone


class Check(NamedTuple):
    """What the leader has made of the entries up to a position."""

    position: int
    fingerprint: str


def of_request(incoming: Incoming) -> bytes:
    """A request, whole; but for the control token, which is this process' own affair and was looked at."""
    headers = [(name, value) for name, value in incoming.headers.items() if name != TOKEN_HEADER]
    head = [
        *(REQUEST, incoming.method, incoming.path, incoming.query_string, headers),
        *(incoming.body_fault, incoming.upgradable, incoming.address, incoming.base),
    ]
    return _encode(head).encode("ascii") + b"\n" + incoming.body


def request_of(head: list[Any], body: bytes) -> Incoming:
    _, method, path, query_string, headers, body_fault, upgradable, address, base = head
    by_name = dict(headers)
    return Incoming(
        method,
        path,
        query_string,
        by_name,
        cookies_of(by_name["cookie"]) if "cookie" in by_name else {},
        body,
        body_fault,
        upgradable,
        address,
        base,
    )


def of_tick() -> bytes:
    return b'["tick"]\n'


def of_outcome(outcome: Outcome) -> bytes:
    return _encode([OUTCOME, *outcome]).encode("ascii") + b"\n"


def of_check(check: Check) -> bytes:
    return _encode([CHECK, *check]).encode("ascii") + b"\n"


def split(payload: bytes) -> tuple[list[Any], bytes]:
    """The head of an input, of which the first says what it is, and its body. Raises ValueError."""
    line, newline, body = payload.partition(b"\n")
    head = json.loads(line)
    if not newline or not isinstance(head, list) or not head:
        raise ValueError("no input")
    return head, body
