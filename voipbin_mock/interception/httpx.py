"""httpx, sync and async: the standard transports, and transports of our own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from functools import lru_cache
from types import FrameType
from typing import Any

from voipbin_mock.edge.carrier import REASONS, Place, ask, content, headers_of
from voipbin_mock.interception.switchboard import Switchboard
from voipbin_mock.trouble.disruptions import Broken, arrives, pieces
from voipbin_mock.wire.values import Reply


def handle_request(board: Switchboard, original: Any) -> Any:
    """For `HTTPTransport.handle_request`."""

    def handle_request(self: Any, request: Any) -> Any:
        url = request.url
        place = board.find(url.host, url.port, "httpx") if board.lines else None
        if place is None:
            return original(self, request)
        request.read()
        return _respond(self, place, request)

    return handle_request


def handle_async_request(board: Switchboard, original: Any) -> Any:
    """For `AsyncHTTPTransport.handle_async_request`."""

    async def handle_async_request(self: Any, request: Any) -> Any:
        url = request.url
        place = board.find(url.host, url.port, "httpx") if board.lines else None
        if place is None:
            return await original(self, request)
        await request.aread()
        return await place.app.awaited(lambda: _respond(self, place, request))

    return handle_async_request


def _respond(transport: Any, place: Place, request: Any) -> Any:
    """As often as `HTTPTransport(retries=...)` says while the connection is refused; its pauses are left out."""
    tried = 0
    while True:
        try:
            return respond(place, request)
        except sys.modules["httpx"].ConnectError:
            if tried >= getattr(getattr(transport, "_pool", None), "_retries", 0):
                raise
            tried += 1


def respond(place: Place, request: Any, frame: FrameType | None = None) -> Any:
    """The mock's answer to a request that was read, as a response of httpx."""
    import httpx

    url = request.url
    reply = ask(
        place,
        request.method,
        url.raw_path.decode("ascii"),
        url.host,
        [(name, value) for name, value in request.headers.raw],
        request.content,
        frame,
    )
    body = content(request.method, reply)
    stream = httpx.ByteStream(body) if reply.disruption is None else _disrupted(place, request, reply, body)
    code = reply.http_code
    return httpx.Response(
        code,
        headers=headers_of(reply),
        stream=stream,
        extensions={"http_version": b"HTTP/1.1", "reason_phrase": REASONS.get(code, "").encode("ascii")},
    )


def _disrupted(place: Place, request: Any, reply: Reply, body: bytes) -> Any:
    import httpx

    disruption = reply.disruption
    assert disruption is not None
    if disruption.kind == "refuse":
        raise httpx.ConnectError("[Errno 111] Connection refused", request=request)
    if disruption.kind == "reset":
        raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
    timeout = request.extensions.get("timeout", {}).get("read")
    if not arrives(place.app.pass_time, disruption, timeout):
        raise httpx.ReadTimeout("The read operation timed out", request=request)
    if disruption.kind == "delay":
        return httpx.ByteStream(body)

    def parts() -> Iterator[bytes]:
        try:
            yield from pieces(place.app.pass_time, body, disruption, timeout)
        except Broken as broken:
            raise _error(broken, request) from None

    return _stream_class()(parts())


def _error(broken: Broken, request: Any) -> Exception:
    import httpx

    if broken.kind == "reset":
        return httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
    if broken.kind == "timeout":
        return httpx.ReadTimeout("The read operation timed out", request=request)
    text = "peer closed connection without sending complete message body (received {} bytes, expected {})"
    return httpx.RemoteProtocolError(text.format(broken.got, broken.wanted), request=request)


@lru_cache(maxsize=1)
def _stream_class() -> Callable[[Iterator[bytes]], Any]:
    import httpx

    class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __init__(self, parts: Iterator[bytes]) -> None:
            self._parts = parts

        def __iter__(self) -> Iterator[bytes]:
            return self._parts

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for part in self._parts:
                yield part

    return Stream
