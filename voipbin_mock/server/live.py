"""A WSGI app on a loopback port: HTTP/1.1 with keep-alive, and manners against bad clients.

waitress carries it: it reads a whole request before a worker sees it, so a slow or silent client
costs a socket and no worker. What it lets through is refused here: unclear body lengths above all.
"""

from __future__ import annotations

import json
import logging
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import (
    InternalServerError,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
)

from voipbin_mock._seconds import seconds
from voipbin_mock.server.request_parser import RequestParser
from voipbin_mock.server.workers import Workers

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger("voipbin_mock.server")
# waitress remarks on answers that end early, which here are meant to.
_no_remarks = logging.Logger("voipbin_mock.server.task", logging.CRITICAL)

MAX_BODY = 2 * 1024 * 1024  # bytes
MAX_HEADER = 64 * 1024
# A refused client may go on sending: so much is read and thrown away, that it sees the answer.
DRAIN_BYTES = 256 * 1024 * 1024
DRAIN_SECONDS = 10.0
# Seconds after which a silent connection may be closed for another, or at the server's end.
PATIENCE = 1.0
ACCEPTED_AT_ONCE = 64
SPARE_DESCRIPTORS = 100
# At the end, seconds in which nothing moves: what is not answered then will not be.
STANDSTILL = 0.7

_poll = wasyncore.poll2 if hasattr(select, "poll") else wasyncore.poll
FLUSH_SECONDS = 5.0

ErrorBody = Callable[[int, str], tuple[list[tuple[str, str]], bytes]]


def plain_error_body(code: int, explanation: str) -> tuple[list[tuple[str, str]], bytes]:
    """What the server itself answers to requests that never reach the app: the service's envelope."""
    status, reason = ("INTERNAL", "INTERNAL") if code >= 500 else ("INVALID_ARGUMENT", "INVALID_ARGUMENT")
    error = {"message": explanation, "reason": reason, "request_id": "", "status": status}
    body = json.dumps({"error": error}, separators=(",", ":")).encode("utf-8")
    return [("Content-Type", "application/json; charset=utf-8")], body


class _LastAnswer:
    """While the server stops, every answer is the last one on its connection."""

    def build_response_header(self) -> bytes:
        if self.channel.server.stopping:  # type: ignore[attr-defined]
            self.set_close_on_finish()  # type: ignore[attr-defined]
        header: bytes = super().build_response_header()  # type: ignore[misc]
        return header


class _ErrorTask(_LastAnswer, ErrorTask):  # type: ignore[misc]
    """An error of the server's own, in the form the app's errors have."""

    def execute(self) -> None:
        error = self.request.error
        internal = isinstance(error, InternalServerError)
        # Whatever is wrong with a request is a 400 here; the service has no 413, 431 or 501.
        code, words = (500, "Internal Server Error") if internal else (400, "Bad Request")
        explanation = str(error.body)
        if isinstance(error, RequestEntityTooLarge):
            explanation = f"the body is larger than {self.request.max_body} bytes"
        elif isinstance(error, RequestHeaderFieldsTooLarge):
            explanation = f"the header is larger than {self.channel.adj.max_request_header_size} bytes"
        logger.warning("a request was refused with %d: %s", code, explanation.encode("unicode_escape").decode())
        headers, body = self.channel.server.error_body(code, explanation)
        self.status = f"{code} {words}"
        self.response_headers.extend(headers)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.channel.linger = not internal
        self.write(body)


class _Task(_LastAnswer, WSGITask):  # type: ignore[misc]
    logger = _no_remarks

    def flush(self) -> None:
        """Send what was written so far, the headers at least."""
        if not self.wrote_header:
            self.write(b"")
        self.channel.flush()

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ["PATH_INFO"] = self.request.path  # as it was sent; waitress drops leading slashes
        environ["voipbin_mock.live"] = True
        environ["voipbin_mock.reset_connection"] = self.channel.reset
        environ["voipbin_mock.take_socket"] = self.channel.give_socket
        environ["voipbin_mock.flush"] = self.flush
        environ["voipbin_mock.wait"] = self.channel.server.wait
        return environ


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that can be reset on purpose, and that lets a refused client see why."""

    parser_class = RequestParser
    task_class = _Task
    error_task_class = _ErrorTask
    close_when_flushed: bool
    request: RequestParser | None
    linger = False
    draining = False
    drained = 0
    drain_until = 0.0

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.active = seconds()  # when the client was last heard of; `last_activity` is wall time

    def reset(self) -> None:
        """Break the connection instead of answering: the client sees a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._leave()

    def _leave(self) -> None:
        self.will_close = True
        self.connected = False
        self.server.pull_trigger()

    def give_socket(self) -> socket.socket:
        """Hand the connection over; this channel is done with it, and does not end it."""
        given: socket.socket = self.socket.dup()
        self._leave()
        return given

    def flush(self) -> None:
        """Hand everything to the network now; if the client does not read, in a while."""
        until = seconds() + FLUSH_SECONDS
        while self.connected and seconds() < until:
            with self.outbuf_lock:
                self._flush_exception(self._flush_some, do_close=False)
                if not self.total_outbufs_len:
                    return
            threading.Event().wait(0.01)

    def writable(self) -> bool:
        return bool(self.will_close or (not self.draining and super().writable()))

    def readable(self) -> bool:
        return bool(self.draining or super().readable())

    def handle_write(self) -> None:
        if not self.linger or self.will_close:
            super().handle_write()
            return
        if self.total_outbufs_len:
            # A worker may be writing still; only when it has let go of the request is the lock needless.
            self._flush_exception(self._flush_some_if_lockable if self.requests else self._flush_some)
        if self.socket is None:
            return  # the client is gone
        if self.close_when_flushed and not self.total_outbufs_len and not self.will_close:
            # Closing now, with its data unread, would reset the client before it read the answer.
            self.close_when_flushed = False
            self.draining = True
            self.drain_until = seconds() + DRAIN_SECONDS
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                self.will_close = True

    def handle_read(self) -> None:
        self.active = seconds()
        if self.draining:
            self._drain()
        elif not self._cut_short():
            super().handle_read()

    def _drain(self) -> None:
        try:
            self.drained += len(self.recv(65536))  # an end of file closes the channel by itself
        except OSError:
            self.will_close = True
        if self.drained > DRAIN_BYTES or self.active > self.drain_until:
            self.will_close = True

    def _cut_short(self) -> bool:
        """In the middle of a request, an end of file may be half a goodbye: the client still reads."""
        request = self.request
        try:
            if request is None or self.socket.recv(1, socket.MSG_PEEK):
                return False
        except OSError:
            return False
        with self.requests_lock:
            self.request = None
            request.cut_short()
            self.requests.append(request)
            self.server.add_task(self)
        return True

    @property
    def idle(self) -> bool:
        """Whether nobody waits for an answer here."""
        return not self.requests and not self.total_outbufs_len


class _Server(TcpWSGIServer):  # type: ignore[misc]
    channel_class = _Channel
    error_body: ErrorBody
    wait: Callable[[float], None]
    stopping = False

    def readable(self) -> bool:
        if len(self._map) >= self.adj.connection_limit:
            self._make_room()
        return bool(super().readable())

    def _make_room(self) -> None:
        """Close those that were silent the longest: nobody is shut out by idle connections."""
        now = seconds()
        silent = [c for c in self.active_channels.values() if c.idle and now - c.active > PATIENCE]
        silent.sort(key=lambda channel: channel.active)
        for channel in silent[: max(1, self.adj.connection_limit // 10)]:
            channel.will_close = True

    def handle_accept(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            before = len(self._map)
            super().handle_accept()
            if len(self._map) == before:
                break

    def busy(self) -> bool:
        """Whether a request is being received or answered, or an answer is on its way out."""
        now = seconds()
        return any(
            not channel.idle or (channel.request is not None and now - channel.active < PATIENCE)
            for channel in list(self.active_channels.values())
        )

    def progress(self) -> object:
        """Differs whenever anything was received, answered or sent."""
        return [(id(c), c.active, len(c.requests), c.total_outbufs_len) for c in list(self.active_channels.values())]


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine can reach a server on this address."""
    if host == "127.0.0.1":  # what nearly everybody has, and needs no library
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _connection_limit(wanted: int) -> int:
    """As many as the descriptors of this process allow, leaving some to others."""
    try:
        import resource
    except ImportError:  # not on Windows
        return wanted
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft == resource.RLIM_INFINITY else max(16, min(wanted, soft - SPARE_DESCRIPTORS))


def listening(host: str, port: int) -> tuple[socket.socket, Any]:
    """A bound socket, and its address as it was found. Raises OSError."""
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener, address


def _adjustments(
    listener: socket.socket, threads: int, connection_limit: int, max_body: Callable[[str], int], ident: str
) -> Adjustments:
    """What waitress is told. `for_path` of it has the limit of a path's bodies."""
    adjustments = Adjustments(
        sockets=[listener],
        threads=threads,
        ident=ident,
        max_request_header_size=MAX_HEADER,
        # Few enough pipelined requests at a time that their answers fit into the buffers: a client
        # that does not read them must not hold a worker.
        recv_bytes=8192,
        connection_limit=_connection_limit(connection_limit),
        clear_untrusted_proxy_headers=False,
        log_socket_errors=False,
    )

    @lru_cache(maxsize=8)
    def limited(limit: int) -> Adjustments:
        # waitress refuses from this size on, we from the byte after.
        own = copy(adjustments)
        own.max_request_body_size = limit + 1
        return own

    adjustments.for_path = lambda path: limited(max_body(path))
    return adjustments


class LiveServer:
    """A WSGI app on a port of this machine. Bound when made; answers from `start()` to `stop()`.

    `max_body` says of a path how many bytes a body sent to it may have.
    `taken` is a socket that is bound already, in place of host and port.
    `app` may be replaced at any time; the next request finds the new one. Raises OSError if the port
    is taken.
    """

    def __init__(
        self,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        threads: int = 8,
        max_body: Callable[[str], int] = lambda path: MAX_BODY,
        connection_limit: int = 900,
        error_body: ErrorBody = plain_error_body,
        ident: str = "voipbin-mock",
        taken: socket.socket | None = None,
    ) -> None:
        self.app = app
        self.threads = threads
        self.host = host
        listener, address = listening(host, port) if taken is None else (taken, taken.getsockname())
        self.port = int(listener.getsockname()[1])
        self._stopping = threading.Event()
        self._deadline = 0.0
        self._thread: threading.Thread | None = None
        self._closed = False
        self._map: dict[int, Any] = {}
        self._dispatcher = Workers()
        self._server = _Server(
            self._call,
            self._map,
            _sock=listener,
            dispatcher=self._dispatcher,
            adj=_adjustments(listener, threads, connection_limit, max_body, ident),
            sockinfo=(listener.family, listener.type, 0, address),
            bind_socket=False,
        )
        self._server.error_body = error_body
        self._server.wait = lambda seconds: self._dispatcher.wait(self._stopping, seconds)
        self._server.logger = logger

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def _call(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self.app(environ, start_response)

    def start(self) -> None:
        """Answer, in a thread of its own."""
        self._dispatcher.begin(self.threads)
        self._thread = threading.Thread(target=self._loop, name="voipbin-mock-server", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Accept no more, finish the requests that are here, and close.

        That takes so many seconds at most, and less if nothing moves any more.
        """
        if self._closed:
            return
        self._closed = True
        self._deadline = seconds() + timeout
        self._stopping.set()
        if self._thread is not None:
            self._server.pull_trigger()
            self._thread.join(timeout + 1)
        self._dispatcher.end(max(0.1, self._deadline - seconds()))
        wasyncore.close_all(self._map, ignore_all=True)
        self._server.trigger.close()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._turn(self._dispatcher.relieve())
        server = self._server
        server.stopping = True
        server.handle_accept()  # who was here in time is answered
        server.accepting = False
        server.del_channel(self._map)
        server.socket.close()
        self._turn(0.0)
        moved, before = seconds(), None
        while server.busy() and (now := seconds()) < self._deadline:
            progress = server.progress()
            if progress != before:
                moved, before = now, progress
            elif now - moved > STANDSTILL:
                self._deadline = now
                break
            self._dispatcher.relieve()
            self._turn(0.05)

    def _turn(self, timeout: float) -> None:
        try:
            _poll(timeout, self._map)
        except OSError:
            # A descriptor closed by a worker between the list and the poll: the next turn does without.
            logger.debug("poll was disturbed", exc_info=True)
        except Exception:
            logger.exception("a connection could not be looked after")

    def __enter__(self) -> LiveServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
