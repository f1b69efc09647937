"""Sending a webhook over HTTP: to this machine only, and within so many seconds in all.

It needs no more of HTTP than one request on a connection of its own. What other libraries put in the place of
`http.client` therefore neither sees nor answers it.
"""

from __future__ import annotations

import io
import re
import socket
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from voipbin_mock._seconds import seconds
from voipbin_mock.wire.errors import shorten
from voipbin_mock.wire.redaction import redact_query
from voipbin_mock.wire.values import CONTROL_PREFIX, SESSION_PREFIX, WEBHOOK_HEADER

MAX_REDIRECTS = 2  # as many as the service follows
MOST_ANSWER = 1024 * 1024  # bytes of an answer
_LONGEST_CACHED = 2048  # characters of a URL
_HOST = re.compile(r"[A-Za-z0-9._:-]+", re.ASCII)
_SAFE = "/%:=&?~+!$,;'@()*[]"  # what `quote` leaves as it is: it may be quoted already


class Target(NamedTuple):
    """Where a URL leads."""

    origin: str  # http://127.0.0.1:9000
    local: bool  # to this machine
    problem: str  # why nothing can be sent there; "" if it can


def target_of(url: str) -> Target:
    """What is to be known of a URL; never raises, whatever the text."""
    return _cached(url) if len(url) <= _LONGEST_CACHED else _looked_up(url)


def _looked_up(url: str) -> Target:
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        local = _is_this_machine(parts.hostname or "")
        parts.port  # noqa: B018  raises ValueError for what is none
    except ValueError as error:
        return Target("", False, f"{shorten(url)!r} is no URL: {error}")
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return Target(origin, local, f"{shorten(discreet_url(url))!r} is no URL of a receiver: http://host/path")
    if local and _drives_a_mock(parts.path):
        return Target(origin, local, f"webhooks are not sent to the control API or a session of a mock ({parts.path})")
    return Target(origin, local, "")


_cached = lru_cache(maxsize=256)(_looked_up)


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        import ipaddress

        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _drives_a_mock(path: str) -> bool:
    plain = unquote(path) + "/"
    return f"{CONTROL_PREFIX}/" in plain or SESSION_PREFIX in plain


def discreet_url(url: str) -> str:
    """A URL to be shown: without a password in it, and credentials in its query blacked out."""
    try:
        parts = urlsplit(url)
        _, at, host = parts.netloc.rpartition("@")
    except ValueError:
        return url
    if not at and not parts.query:
        return url
    return parts._replace(netloc=f"***@{host}" if at else host, query=redact_query(parts.query)).geturl()


def post(url: str, method: str, headers: Mapping[str, str], body: bytes, timeout: float) -> int:
    """Send it, follow redirects as the service does, and give the HTTP code. Raises OSError.

    timeout: seconds of the machine, for all of it.
    """
    until = seconds() + timeout
    for _ in range(MAX_REDIRECTS + 1):
        target = target_of(url)
        if target.problem or not target.local:
            raise OSError(target.problem or f"redirected to {discreet_url(url)}, which is not on this machine")
        try:
            code, location = _once(urlsplit(url), method, headers, body, until)
        except TimeoutError:
            raise TimeoutError(f"no whole answer within {timeout:g} s (webhooks.timeout)") from None
        if location is None or code not in (301, 302, 303, 307, 308):
            return code
        try:
            url = urljoin(url, location)
        except ValueError as error:
            raise OSError(f"redirected to {shorten(location)!r}, which is no URL: {error}") from None
        if code in (301, 302, 303) and method not in ("GET", "HEAD"):
            method, body = "GET", b""
    raise OSError(f"more than {MAX_REDIRECTS} redirects")


def _once(
    parts: SplitResult, method: str, headers: Mapping[str, str], body: bytes, until: float
) -> tuple[int, str | None]:
    from http.client import HTTPException, HTTPResponse

    with _connected(parts, until) as wire:
        wire.send(_head(parts, method, headers, body) + body)
        answer = HTTPResponse(wire, method=method)  # type: ignore[arg-type]
        try:
            answer.begin()
        except (HTTPException, ValueError) as error:
            raise OSError(f"{type(error).__name__}: {error}") from None
        try:
            answer.read()
        except (HTTPException, ValueError):
            pass  # the code is there, which is all that counts
        finally:
            answer.close()
        return answer.status, answer.getheader("Location")


def _head(parts: SplitResult, method: str, headers: Mapping[str, str], body: bytes) -> bytes:
    path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}", "Connection: close"]
    lines += [f"{WEBHOOK_HEADER}: 1", "User-Agent: voipbin-mock", "Accept-Encoding: identity"]
    if body:
        lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


class _Wire:
    """A connection on which everything together has to be done by a moment."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection, self._until = connection, until

    def __enter__(self) -> _Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def left(self) -> float:
        return _left(self._until)

    def send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._connection.settimeout(self.left())
            rest = rest[self._connection.send(rest) :]

    def receive(self, buffer: Any) -> int:
        self._connection.settimeout(self.left())
        return self._connection.recv_into(buffer)

    def makefile(self, *_: object) -> io.BufferedReader:
        """For http.client, which reads an answer from it."""
        return io.BufferedReader(_Incoming(self))


class _Incoming(io.RawIOBase):
    """What comes over a wire, as a file; it ends in an error if it does not end by itself."""

    def __init__(self, wire: _Wire) -> None:
        super().__init__()
        self._wire, self._got = wire, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = self._wire.receive(buffer)
        self._got += size
        if self._got > MOST_ANSWER:
            raise OSError(f"its answer does not end: more than {MOST_ANSWER} bytes came")
        return size


def _left(until: float) -> float:
    left = until - seconds()
    if left <= 0:
        raise TimeoutError
    return left


def _connected(parts: SplitResult, until: float) -> _Wire:
    """A connection to this machine. Names of it are not looked up: no other machine is asked for them."""
    host = parts.hostname or ""
    if not _HOST.fullmatch(host.partition("%")[0]):
        raise OSError(f"{shorten(host)!r} is no host")
    named = host == "localhost" or host.endswith(".localhost")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    refused: OSError | None = None
    for address in ("127.0.0.1", "::1") if named else (host,):
        try:
            connection = socket.create_connection((address, port), timeout=_left(until))
        except TimeoutError:
            raise
        except OSError as error:
            refused = refused or error
            continue
        if parts.scheme != "https":
            return _Wire(connection, until)
        import ssl

        connection.settimeout(_left(until))
        try:
            return _Wire(ssl.create_default_context().wrap_socket(connection, server_hostname=host), until)
        except BaseException:
            connection.close()
            raise
    assert refused is not None
    raise refused
