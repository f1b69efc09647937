"""A base URL as a target: the service itself, a gateway before it, or a mock that serves."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from voipbin_mock.api.operations import PREFIX
from voipbin_mock.contract.answers import Answer, make_answer
from voipbin_mock.contract.secrecy import without_userinfo
from voipbin_mock.contract.targets import Target, TargetError
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.redaction import redact_text

TIMEOUT = 30.0  # seconds, of a whole exchange
MOST_BYTES = 64 * 1024 * 1024  # of an answer
_PIECE = 1024 * 1024


class HttpTarget(Target):
    """A base URL: the service itself, a gateway before it, or a mock that serves.

    timeout: seconds for each exchange, from connecting to the last byte of the answer.
    """

    remote = True

    def __init__(self, base_url: str, *, timeout: float = TIMEOUT, **credentials: Any) -> None:
        parts = _parts_of(base_url)
        self._secure, self._host, self._port = parts.scheme == "https", str(parts.hostname), parts.port
        self._base = parts.path.rstrip("/").removesuffix(PREFIX)
        self._timeout = timeout
        self._tls = ssl.create_default_context() if self._secure else None  # dear to make
        super().__init__(f"{parts.scheme}://{parts.netloc}{self._base}", **credentials)

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        deadline = time.monotonic() + self._timeout
        connection: http.client.HTTPConnection
        if self._secure:
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._tls)
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        target = self._base + path + (f"?{query}" if query else "")
        opened: socket.socket | None = None
        try:
            connection.connect()
            opened = connection.sock
            connection.sock = _Timed(opened, deadline)
            connection.request(method, target, body=body, headers=dict(headers))
            reply = connection.getresponse()
            return make_answer(reply.status, reply.getheaders(), _body_of(reply))
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = str(error) or type(error).__name__
            raise TargetError(f"{self.name} does not answer {method} {path}: {why}") from None
        finally:
            connection.close()
            if opened is not None:
                opened.close()


def _parts_of(base_url: str) -> Any:
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.query
    except ValueError:
        usable = False
    if not usable:
        shown = redact_text(without_userinfo(base_url))
        raise MockUsageError(f"{shown!r} is no base URL such as https://api.voipbin.net/v1.0")
    if "@" in parts.netloc:
        raise MockUsageError(
            f"{without_userinfo(base_url)!r} has credentials before its host, where the service takes none; "
            "give an access key, a token, or a user name and password to log in with"
        )
    return parts


def _body_of(reply: http.client.HTTPResponse) -> bytes:
    pieces, size = [], 0
    while piece := reply.read(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise ValueError(f"the answer is larger than {MOST_BYTES // (1024 * 1024)} MB")
    if reply.length:
        raise http.client.IncompleteRead(b"", reply.length)
    return b"".join(pieces)


class _Timed:
    """A socket that has to be done by a deadline: a server that drips byte by byte keeps within each single one."""

    def __init__(self, inner: socket.socket, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def _left(self) -> None:
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        self._inner.settimeout(seconds)

    def sendall(self, data: Any) -> None:
        self._left()
        self._inner.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self._inner, self._left))

    def close(self) -> None:
        """Not yet: an answer that is still to be read may end the connection."""


class _Reading(io.RawIOBase):
    def __init__(self, inner: socket.socket, wait: Any) -> None:
        self._raw, self._wait = inner, wait

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._wait()
        return self._raw.recv_into(buffer)
