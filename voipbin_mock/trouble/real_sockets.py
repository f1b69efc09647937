"""What befalls an answer that a server sends, where it is real: the socket breaks, the answer comes late.

Our own server puts into the environ what can be done to the connection; of others, `reach_of` makes the same.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from voipbin_mock.wire.values import Disruption

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MOST_SECONDS = 60.0  # that an answer is kept waiting, as on our own server
SLOW_PIECES = 4  # of a slow body, if its disruption does not say how long they are


def reach_of(connection: Any) -> Mapping[str, Callable[..., object]]:
    """What can be done to a connection of a server that is not ours, by its socket; without one it is not broken."""

    def wait(seconds: float) -> None:
        threading.Event().wait(min(max(seconds, 0), MOST_SECONDS))

    def cut() -> None:
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    return {"voipbin_mock.wait": wait, "voipbin_mock.flush": lambda: None, "voipbin_mock.reset_connection": cut}


def enact(disruption: Disruption, body: bytes, environ: WSGIEnvironment) -> Iterable[bytes]:
    """The body as it is sent; its headers say what they would have said."""
    wait, flush = environ["voipbin_mock.wait"], environ["voipbin_mock.flush"]
    cut = environ["voipbin_mock.reset_connection"]
    kind = disruption.kind
    if kind in ("refuse", "reset"):
        wait(disruption.seconds)
        cut()
        return []
    if kind == "delay":
        wait(disruption.seconds)
        return [body]
    if kind == "truncate":
        start = body[: disruption.after]
        # Other servers would keep the connection, and a client wait for the rest.
        return [start] if "voipbin_mock.live" in environ else _cut_midway(start, flush, cut)
    if kind == "reset_midway":
        return _cut_midway(body[: disruption.after], flush, cut)
    return _in_pieces(body, disruption, wait, flush)


def _cut_midway(start: bytes, flush: Any, cut: Any) -> Iterator[bytes]:
    if start:
        yield start
    flush()
    cut()


def _in_pieces(body: bytes, disruption: Disruption, wait: Any, flush: Any) -> Iterator[bytes]:
    size = disruption.after or -(-len(body) // SLOW_PIECES) or 1
    for begin in range(0, len(body), size):
        if begin:
            wait(disruption.seconds)
        yield body[begin : begin + size]
        flush()
