"""What befalls an answer that a server sends, where it is real: the socket breaks, the answer comes late."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.wire.values import Disruption

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MOST_SECONDS = 60.0  # that an answer is kept waiting, as on our own server
SLOW_PIECES = 4  # of a slow body, if its disruption does not say how long they are


class Reach(NamedTuple):
    """What can be done to a connection."""

    wait: Callable[[float], object]  # seconds
    flush: Callable[[], object]
    reset: Callable[[], object]
    end: Callable[[], object] | None = None  # after a body that came short; our own server does so by itself


def own_reach(environ: WSGIEnvironment) -> Reach:
    """On our own server, which puts it into the environ."""
    return Reach(*(environ[f"voipbin_mock.{name}"] for name in ("wait", "flush", "reset_connection")))


def reach_of(connection: Any) -> Reach:
    """On another server, by the connection's socket; without one it is not broken."""

    def wait(seconds: float) -> None:
        threading.Event().wait(min(max(seconds, 0), MOST_SECONDS))

    def cut() -> None:
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    return Reach(wait, lambda: None, cut, cut)


def enact(disruption: Disruption, body: bytes, reach: Reach) -> Iterable[bytes]:
    """The body as it is sent; its headers say what they would have said."""
    kind = disruption.kind
    if kind in ("refuse", "reset"):
        reach.wait(disruption.seconds)
        reach.reset()
        return []
    if kind == "delay":
        reach.wait(disruption.seconds)
        return [body]
    start = body[: disruption.after]
    if kind == "truncate":
        return [start] if reach.end is None else _cut_after(start, reach.flush, reach.end)
    if kind == "reset_midway":
        return _cut_after(start, reach.flush, reach.reset)
    return _in_pieces(body, disruption, reach)


def _cut_after(start: bytes, flush: Callable[[], object], cut: Callable[[], object]) -> Iterator[bytes]:
    if start:
        yield start
    flush()
    cut()


def _in_pieces(body: bytes, disruption: Disruption, reach: Reach) -> Iterator[bytes]:
    size = disruption.after or -(-len(body) // SLOW_PIECES) or 1
    for begin in range(0, len(body), size):
        if begin:
            reach.wait(disruption.seconds)
        yield body[begin : begin + size]
        reach.flush()
