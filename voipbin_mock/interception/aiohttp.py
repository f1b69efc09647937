"""aiohttp: a connection of its own protocol class over a transport in memory."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import FrameType
from typing import Any

from voipbin_mock.delivery.attempts import AWAITED
from voipbin_mock.edge.carrier import content, head, is_read_once, refused, user_frame
from voipbin_mock.edge.door import Door
from voipbin_mock.interception.loopback import CONTINUE, Asked, Reader, answer
from voipbin_mock.interception.switchboard import Switchboard
from voipbin_mock.trouble.disruptions import RESET, Broken, arrives, pieces
from voipbin_mock.wire.values import Disruption, Reply


def create_connection(board: Switchboard, original: Any) -> Any:
    """For `TCPConnector._create_connection`."""

    async def _create_connection(self: Any, req: Any, traces: Any, timeout: Any, *args: Any, **kwargs: Any) -> Any:
        if not board.lines:
            return await original(self, req, traces, timeout, *args, **kwargs)
        url = req.url
        place = board.find(url.host, url.port, "aiohttp")
        if place is None:
            return await original(self, req, traces, timeout, *args, **kwargs)
        if _is_read_once(req.body):
            target, headers = url.raw_path_qs, req.headers.items()
            if refused(place, req.method, target, url.host, headers, user_frame()) is not None:
                raise _refusal(req.connection_key)
        if url.scheme in ("ws", "wss") or "Upgrade" in req.headers:
            board.guard(url.host, "a websocket of aiohttp")
        protocol = _protocol_class()(loop=self._loop)
        protocol.connection_made(_Transport(board, self._loop, protocol, req, timeout, user_frame()))
        return protocol

    return _create_connection


def _is_read_once(body: Any) -> bool:
    """Whether a body may be gone once it was read; most are payloads around bytes."""
    return is_read_once(getattr(body, "_value", body))


def _refusal(key: Any) -> Exception:
    from aiohttp import ClientConnectorError

    return ClientConnectorError(key, ConnectionRefusedError(111, "Connect call failed"))


@lru_cache(maxsize=1)
def _protocol_class() -> Any:
    from aiohttp.client_proto import ResponseHandler

    class Protocol(ResponseHandler):
        """Never kept for another request: the mock may be gone by then."""

        @property
        def should_close(self) -> bool:
            return True

    return Protocol


class _Transport(asyncio.Transport):
    """What is written is a request; the answer comes back by the loop's next turns."""

    def __init__(self, board: Switchboard, loop: Any, protocol: Any, req: Any, timeout: Any, frame: FrameType) -> None:
        super().__init__()
        self._board, self._loop, self._protocol, self._timeout = board, loop, protocol, timeout
        self._host, self._port, self._key = req.url.host, req.url.port, req.connection_key
        self._frame: FrameType | None = frame
        self._reader = Reader()
        self._closing = False
        self._waits: asyncio.Task[None] | None = None

    # --- what is written -----------------------------------------------------------------------

    def write(self, data: Any) -> None:
        if self._closing:
            return
        try:
            for asked in self._reader.feed(data):
                app, reply, begun = self._answered(asked)
                if begun:
                    self._waits = self._loop.create_task(self._send_after(begun, app, asked.method, reply))
                else:
                    self._send(app, asked.method, reply)
        except Exception as error:  # noqa: BLE001 - the awaiting coroutine is to see it, not the writer
            self._loop.call_soon(self._fail, error)
        if self._reader.continues:
            self._reader.continues = False
            self._loop.call_soon(self._protocol.data_received, CONTINUE)

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def _answered(self, asked: Asked) -> tuple[Door, Reply, frozenset[Any]]:
        """Who answers, the answer, and the webhooks that it brought about and that are still under way."""
        place = self._board.find(self._host, self._port, "aiohttp")
        before, token = place.app.under_way if place is not None else frozenset(), AWAITED.set(True)
        try:
            app, reply = answer(self._board, self._host, self._port, asked, "aiohttp", self._frame)
        finally:
            AWAITED.reset(token)
        self._frame = None
        return app, reply, app.under_way - before

    async def _send_after(self, begun: frozenset[Any], app: Door, method: str, reply: Reply) -> None:
        await app.settled(begun)
        self._send(app, method, reply)

    # --- what comes back -----------------------------------------------------------------------

    def _send(self, app: Door, method: str, reply: Reply) -> None:
        body = content(method, reply)
        if reply.disruption is None:
            self._loop.call_soon(self._give, head(reply) + body)
        else:
            self._next(self._disrupted(app, reply.disruption, reply, body))

    def _give(self, data: bytes) -> None:
        if not self._closing:
            self._protocol.data_received(data)

    def _next(self, steps: Iterator[Callable[[], Any]]) -> None:
        """One step a turn of the loop, so that a slow body really comes in pieces."""

        def turn() -> None:
            step = None if self._closing else next(steps, None)
            if step is not None:
                step()
                self._loop.call_soon(turn)

        self._loop.call_soon(turn)

    def _disrupted(self, app: Door, disruption: Disruption, reply: Reply, body: bytes) -> Iterator[Callable[[], Any]]:
        if disruption.kind == "refuse":
            yield lambda: self._fail(_refusal(self._key))
            return
        if disruption.kind == "reset":
            yield self._reset
            return
        read, total = self._timeout.sock_read or None, self._timeout.total or None
        limit = min((seconds for seconds in (read, total) if seconds is not None), default=None)
        expire = self._read_timeout if read is not None and limit == read else self._total_timeout
        if not arrives(app.pass_time, disruption, limit):
            yield expire
            return
        yield lambda: self._give(head(reply))
        try:
            for piece in pieces(app.pass_time, body, disruption, limit):
                yield lambda piece=piece: self._give(piece)  # type: ignore[misc]
        except Broken as broken:
            if broken.kind == "reset":
                yield self._reset
            elif broken.kind == "timeout":
                yield expire
            else:
                yield self._end

    def _end(self) -> None:
        self._closing = True
        self._protocol.eof_received()
        self._protocol.connection_lost(None)

    def _reset(self) -> None:
        self._closing = True
        self._protocol.connection_lost(ConnectionResetError(*RESET))

    def _read_timeout(self) -> None:
        from aiohttp import ServerTimeoutError

        errors = sys.modules["aiohttp"]
        kind = getattr(errors, "SocketTimeoutError", ServerTimeoutError)
        self._fail(kind("Timeout on reading data from socket"))

    def _total_timeout(self) -> None:
        self._fail(asyncio.TimeoutError())

    def _fail(self, error: BaseException) -> None:
        payload = self._protocol._payload
        self._protocol.set_exception(error)
        if payload is not None:
            payload.set_exception(error)

    # --- the rest of a transport ---------------------------------------------------------------

    def write_eof(self) -> None:
        """A request says itself where it ends."""

    def can_write_eof(self) -> bool:
        return False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return (self._host, self._port) if name == "peername" else default

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is ever buffered."""

    def pause_reading(self) -> None:
        """All is here already."""

    def resume_reading(self) -> None:
        """All is here already."""

    def is_reading(self) -> bool:
        return not self._closing

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()
