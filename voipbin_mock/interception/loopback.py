"""HTTP/1.1 in memory: the server's end of a connection that never was.

For clients whose seam is the connection and not the request: their own code writes and reads the
bytes, so what they make of an answer, whole or broken, is what they would make of a real one.
"""

from __future__ import annotations

import io
import socket
from collections import deque
from collections.abc import Iterator
from types import FrameType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from voipbin_mock.edge.carrier import ask, bodiless, content, head, refused
from voipbin_mock.edge.door import Door
from voipbin_mock.interception.switchboard import Switchboard
from voipbin_mock.trouble.disruptions import REFUSED, RESET, Broken, arrives, pieces
from voipbin_mock.wire.values import Reply

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Asked(NamedTuple):
    """One request as it came over the wire."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes


class Reader:
    """Cuts a stream of bytes into requests."""

    def __init__(self) -> None:
        self._data = bytearray()
        self.begun: tuple[str, str, list[tuple[str, str]]] | None = None  # method, target and headers; no body yet
        self._length: int | None = 0  # None: chunked
        self._body = bytearray()
        self.continues = False  # the client waits for a 100 before it sends the body

    def feed(self, data: Any) -> Iterator[Asked]:
        """The requests that are whole with these bytes. Raises ValueError for what is no HTTP."""
        self._data += data
        while True:
            if self.begun is None and not self._read_head():
                return
            if not self._read_body():
                return
            assert self.begun is not None
            method, target, headers = self.begun
            body = bytes(self._body)
            self.begun = None
            self._body.clear()
            self.continues = False
            yield Asked(method, target, headers, body)

    def _read_head(self) -> bool:
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return False
        lines = bytes(self._data[:end]).decode("latin-1").split("\r\n")
        del self._data[: end + 4]
        method, target, _ = lines[0].split(" ", 2)
        self._length = 0
        self.continues = False
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            value = value.strip(" \t")
            headers.append((name, value))
            lowered = name.lower()
            if lowered == "content-length":
                self._length = int(value)
            elif lowered == "transfer-encoding":
                self._length = None
            elif lowered == "expect" and value.lower() == "100-continue":
                self.continues = True
        self.begun = (method, target, headers)
        return True

    def _read_body(self) -> bool:
        if self._length is not None:
            missing = self._length - len(self._body)
            self._body += self._data[:missing]
            del self._data[:missing]
            return len(self._body) == self._length
        while True:
            end = self._data.find(b"\r\n")
            if end < 0:
                return False
            size = int(bytes(self._data[:end]).partition(b";")[0], 16)
            if size == 0:
                last = self._data.find(b"\r\n\r\n", end)  # with or without trailers
                if last < 0:
                    return False
                del self._data[: last + 4]
                return True
            if len(self._data) < end + 2 + size + 2:
                return False
            self._body += self._data[end + 2 : end + 2 + size]
            del self._data[: end + 2 + size + 2]


def _asked_of(target: str, host: str, port: int | None) -> tuple[str, str, int | None]:
    """What is asked of whom: the path, host and port. A proxy is asked with all of them in one."""
    if target.startswith("/") or "://" not in target:
        return target, host, port
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return path, parts.hostname or host, parts.port or (443 if parts.scheme == "https" else 80)


def answer(
    board: Switchboard, host: str, port: int | None, asked: Asked, way: str, frame: FrameType | None = None
) -> tuple[Door, Reply]:
    """Look up who answers, and let it. Raises ConnectionResetError if the mock is gone."""
    target, host, port = _asked_of(asked.target, host, port)
    place = board.find(host, port, way)
    if place is None:
        raise ConnectionResetError(f"the mock that answered for {host} has ended")
    return place.app, ask(place, asked.method, target, host, asked.headers, asked.body, frame)


class Stream(io.RawIOBase):
    """An answer as a socket would hand it out, disruption and all."""

    def __init__(self, app: Door, method: str, reply: Reply, timeout: float | None) -> None:
        super().__init__()
        self._parts = self._all(app, method, reply, timeout)
        self._rest = memoryview(b"")

    @staticmethod
    def _all(app: Door, method: str, reply: Reply, timeout: float | None) -> Iterator[bytes]:
        disruption = reply.disruption
        if disruption is not None:
            if disruption.kind == "reset":
                raise ConnectionResetError(*RESET)
            if not arrives(app.pass_time, disruption, timeout):
                raise TimeoutError("timed out")
        body = content(method, reply)
        if disruption is None:
            yield head(reply) + body
            return
        yield head(reply)
        if bodiless(method, reply.http_code):
            return
        try:
            yield from pieces(app.pass_time, body, disruption, timeout)
        except Broken as broken:
            if broken.kind == "reset":
                raise ConnectionResetError(*RESET) from None
            if broken.kind == "timeout":
                raise TimeoutError("timed out") from None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._parts, b""))
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


class Socket:
    """As much of a socket as http.client and urllib3 use."""

    family = socket.AF_INET
    type = socket.SOCK_STREAM
    proto = 0

    def __init__(self, board: Switchboard, host: str, port: int | None, timeout: Any, way: str) -> None:
        self._board, self._host, self._port, self._way = board, host, port, way
        self._timeout = timeout if timeout is None or isinstance(timeout, (int, float)) else socket.getdefaulttimeout()
        self._reader = Reader()
        self._answers: deque[tuple[Door, str, Reply]] = deque()
        self._closed = False

    def sendall(self, data: Any, flags: int = 0) -> None:
        if self._closed:
            raise BrokenPipeError(32, "Broken pipe")
        before = self._reader.begun
        for asked in self._reader.feed(memoryview(data).cast("B") if not isinstance(data, bytes) else data):
            app, reply = answer(self._board, self._host, self._port, asked, self._way)
            if reply.disruption is not None and reply.disruption.kind == "refuse":
                raise ConnectionRefusedError(*REFUSED)
            self._answers.append((app, asked.method, reply))
        begun = self._reader.begun
        if begun is not None and begun is not before:
            self._refuse(*begun)

    def _refuse(self, method: str, target: str, headers: list[tuple[str, str]]) -> None:
        """Before a body is read that may be read only once. Raises ConnectionRefusedError if it is planned."""
        target, host, port = _asked_of(target, self._host, self._port)
        place = self._board.find(host, port, self._way)
        if place is not None and refused(place, method, target, host, headers) is not None:
            raise ConnectionRefusedError(*REFUSED)

    def send(self, data: Any, flags: int = 0) -> int:
        self.sendall(data)
        return len(data)

    def makefile(self, *args: Any, **kwargs: Any) -> io.BufferedReader:
        if not self._answers:
            return io.BufferedReader(io.BytesIO())
        return io.BufferedReader(Stream(*self._answers.popleft(), self._timeout))

    def settimeout(self, timeout: float | None) -> None:
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        return self._timeout

    def setsockopt(self, *args: Any) -> None:
        """There is nothing to set."""

    def getpeername(self) -> tuple[str, int]:
        return (self._host, self._port or 443)

    def getsockname(self) -> tuple[str, int]:
        return ("127.0.0.1", 0)

    def fileno(self) -> int:
        return -1

    def shutdown(self, how: int) -> None:
        self._closed = True

    def close(self) -> None:
        self._closed = True
