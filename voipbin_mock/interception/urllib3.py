"""urllib3, and requests which stands on it: a pool's request is answered, its retries stay its own."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from http.client import HTTPMessage
from http.client import HTTPResponse as PlainResponse
from inspect import signature
from operator import itemgetter
from threading import local
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from voipbin_mock.edge.carrier import REASONS, Place, ask, content, headers_of, is_read_once, refused, whole
from voipbin_mock.interception.loopback import Stream
from voipbin_mock.interception.switchboard import Switchboard
from voipbin_mock.trouble.disruptions import REFUSED, RESET, arrives
from voipbin_mock.wire.values import Reply

# What is raised while the body is read comes from http.client's own reading.
_IN_THE_BODY = frozenset({"reset_midway", "truncate", "slow"})

# Arguments after the URL, in the order of urllib3 2.
_POSITIONS = (
    "body", "headers", "retries", "timeout", "chunked", "response_conn", "preload_content", "decode_content",
    "enforce_content_length",
)  # fmt: skip

_READING = ("preload_content", "decode_content", "enforce_content_length")

Finder = Callable[[str, "int | None"], "Place | None"]


class _Original:
    """The little of an http.client response that requests looks at: the cookies."""

    def __init__(self, reply: Reply) -> None:
        self.msg = HTTPMessage()
        for name, value in reply.headers:
            if name == "Set-Cookie":
                self.msg.add_header(name, value)

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""


def make_request(board: Switchboard, original: Any) -> Any:
    """For `HTTPConnectionPool._make_request`."""
    answer = answering(lambda host, port: board.find(host, port, "urllib3"), original, board.ready)

    def _make_request(self: Any, conn: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if not board.lines:
            return original(self, conn, method, url, *args, **kwargs)
        return answer(self, conn, method, url, *args, **kwargs)

    return _make_request


def prepare_proxy(board: Switchboard, original: Any) -> Any:
    """For `HTTPSConnectionPool._prepare_proxy`: no tunnel is dug to a host that is answered here."""

    def _prepare_proxy(self: Any, conn: Any, *args: Any, **kwargs: Any) -> Any:
        if board.lines and board.find(self.host, self.port, "urllib3") is not None:
            return None
        return original(self, conn, *args, **kwargs)

    return _prepare_proxy


def answering(find: Finder, original: Any, ready: local | None = None) -> Any:
    """A pool's `_make_request` that asks the mock found for the host, or else the original.

    `ready.reply` is an answer that was got already and is only to be carried.
    """

    def _make_request(self: Any, conn: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        host, port, target = self.host, self.port, url
        if not url.startswith("/") and "://" in url:  # as a proxy is asked
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        place = find(host, port)
        if place is None:
            return original(self, conn, method, url, *args, **kwargs)
        if args:
            kwargs.update(zip(_POSITIONS, args, strict=False))
        self.num_requests += 1
        body, headers = kwargs.get("body"), (kwargs.get("headers") or {}).items()
        reply = ready.__dict__.pop("reply", None) if ready is not None else None
        if reply is None and is_read_once(body):
            reply = refused(place, method, target, host, headers)
        if reply is None:
            reply = ask(place, method, target, host, headers, whole(body))
        timeout = None
        if reply.disruption is not None:
            timeout = _timeout(self, kwargs)
            _disrupt(self, place, conn, url, reply, timeout)
        if not second():
            return _plain(place, method, reply, timeout)
        broken = reply.disruption is not None and reply.disruption.kind in _IN_THE_BODY
        response = response_of(
            reply, method, url, _plain(place, method, reply, timeout) if broken else None, **_only(kwargs, _READING)
        )
        response.retries = kwargs.get("retries")
        response._connection = kwargs.get("response_conn")
        response._pool = self
        return response

    return _make_request


def _only(kwargs: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: kwargs[name] for name in names if name in kwargs}


def response_of(reply: Reply, method: str, url: str, source: PlainResponse | None = None, **reading: Any) -> Any:
    """An answer as a response of urllib3 2; `source` is where the body comes from, if not from the reply."""
    make, headers, named = _parts()
    origin: Any = source
    if source is None and "Set-Cookie" in map(itemgetter(0), reply.headers):
        origin = _Original(reply)
    return make(
        body=source or io.BytesIO(content(method, reply)),
        headers=headers(headers_of(reply)),
        status=reply.http_code,
        version=11,
        reason=REASONS.get(reply.http_code, ""),
        original_response=origin,
        request_method=method,
        request_url=url,
        **reading,
        **named,
    )


@lru_cache(maxsize=1)
def second() -> bool:
    """Since its second version urllib3 hands on its own response here; before it was http.client's."""
    import urllib3

    return hasattr(urllib3, "BaseHTTPResponse")


@lru_cache(maxsize=1)
def _parts() -> tuple[Any, Any, dict[str, Any]]:
    """urllib3's classes of responses and headers, and what else its present version wants to be told."""
    from urllib3 import HTTPHeaderDict, HTTPResponse

    known = "version_string" in signature(HTTPResponse.__init__).parameters
    return HTTPResponse, HTTPHeaderDict, {"version_string": "HTTP/1.1"} if known else {}


def _timeout(pool: Any, kwargs: dict[str, Any]) -> float | None:
    from urllib3.util.timeout import Timeout

    timeout = pool._get_timeout(kwargs["timeout"]) if "timeout" in kwargs else pool._get_timeout(pool.timeout)
    timeout.start_connect()
    read = Timeout.resolve_default_timeout(timeout.read_timeout)  # type: ignore[attr-defined, unused-ignore]
    return None if read is None else float(read)


def _disrupt(pool: Any, place: Place, conn: Any, url: str, reply: Reply, timeout: float | None) -> None:
    """Raise what a real connection would have raised before there is an answer."""
    from urllib3.exceptions import NewConnectionError, ReadTimeoutError

    disruption = reply.disruption
    assert disruption is not None
    if disruption.kind == "refuse":
        text = "Failed to establish a new connection: [Errno 111] Connection refused"
        raise NewConnectionError(conn, text) from ConnectionRefusedError(*REFUSED)
    if disruption.kind == "reset":
        raise ConnectionResetError(*RESET)
    if not arrives(place.app.pass_time, disruption, timeout):
        raise ReadTimeoutError(pool, url, f"Read timed out. (read timeout={timeout})")


def _plain(place: Place, method: str, reply: Reply, timeout: float | None) -> PlainResponse:
    """The answer as http.client reads it."""
    reply.disruption = None if reply.disruption is None or reply.disruption.kind == "delay" else reply.disruption
    stream = io.BufferedReader(Stream(place.app, method, reply, timeout))
    response = PlainResponse(SimpleNamespace(makefile=lambda mode: stream), method=method)  # type: ignore[arg-type]
    response.begin()
    return response
