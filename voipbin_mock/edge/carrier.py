"""Carrying: from what any HTTP client has in hand to the pipeline's request, and back.

Every way in that has no WSGI server behind it goes through here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from types import FrameType
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from voipbin_mock.edge.door import Door
from voipbin_mock.edge.environ import cookies_of
from voipbin_mock.edge.incoming import Incoming
from voipbin_mock.wire.values import Reply, max_body

REASONS: Mapping[int, str] = {status.value: status.phrase for status in HTTPStatus}
# Frames of these packages stand between the user's line and ours.
_BETWEEN = frozenset(
    {
        "voipbin_mock", "flask", "werkzeug", "httpx", "httpcore", "requests", "urllib3", "anyio", "asyncio",
        "aiohttp", "contextlib", "threading", "waitress", "concurrent", "http", "urllib", "responses", "respx",
        "pytest_httpx", "socket", "ssl",
    }
)  # fmt: skip
_RUNNERS = ("_pytest", "pluggy", "unittest")
_STANDARD = os.path.dirname(os.__file__) + os.sep


class Place(NamedTuple):
    """Where the mock is reached: whose it is, and what its base URL puts before the service's paths."""

    app: Door
    prefix: str = ""


def user_frame(depth: int = 1) -> FrameType:
    """The nearest frame of the user's own code; of an installed library, if there is nothing nearer to it."""
    frame = sys._getframe(depth)
    while frame.f_back is not None and is_between(frame):
        frame = frame.f_back
    outer: FrameType | None = frame
    while outer is not None and _is_installed(outer):
        outer = outer.f_back
        if outer is not None and outer.f_globals.get("__name__", "").startswith(_RUNNERS):
            return frame  # what ran the test did not make the call
    return outer or frame


def _is_installed(frame: FrameType) -> bool:
    """Whether a frame is of code that nobody here is writing: the standard library, or an installed package."""
    name = frame.f_code.co_filename
    return "site-packages" in name or "dist-packages" in name or name.startswith((_STANDARD, "<"))


def is_between(frame: FrameType) -> bool:
    """Whether a frame is of a library that stands between the user and the mock."""
    name: str = frame.f_globals.get("__name__", "")
    return name.partition(".")[0] in _BETWEEN


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _path(raw: str) -> str:
    if "%" not in raw and raw.isascii():
        return raw
    found = unquote_to_bytes(raw)
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError:
        return found.decode("latin-1")


def ask(
    place: Place,
    method: str,
    target: str,
    host: str,
    headers: Iterable[tuple[Any, Any]],
    body: bytes,
    frame: FrameType | None = None,
) -> Reply:
    """The mock's answer. `target` is the path and query as they go over the wire."""
    if place.app.pid != os.getpid():
        tell_of_a_fork(place.app)
    incoming = _incoming(place, method, target, host, headers)
    if method != "GET":  # whose body is ignored
        limit = max_body(incoming.path)
        if len(body) <= limit:
            incoming.body = body
        else:
            incoming.body_fault = f"the body is larger than {limit} bytes"
    return _led_back(place, place.app.answer(incoming, frame))


def refused(
    place: Place,
    method: str,
    target: str,
    host: str,
    headers: Iterable[tuple[Any, Any]],
    frame: FrameType | None = None,
) -> Reply | None:
    """The answer to a request whose body is not read yet, if its connection is to be refused: a body that can be
    read only once is whole then when it is sent again."""
    if not place.app.world.named.get("plans"):
        return None
    return place.app.refused(_incoming(place, method, target, host, headers), frame)


def _incoming(place: Place, method: str, target: str, host: str, headers: Iterable[tuple[Any, Any]]) -> Incoming:
    named = _named(headers)
    named.setdefault("host", host)
    path, _, query = target.partition("#")[0].partition("?")
    if place.prefix and (path + "/").startswith(place.prefix + "/"):
        path = path[len(place.prefix) :]
    cookie = named.get("cookie")
    return Incoming(
        method=method,
        path=_path(path or "/"),
        query_string=query,
        headers=named,
        cookies=cookies_of(cookie) if cookie else {},
    )


def tell_of_a_fork(app: Door) -> None:
    """Say once, in a child process, that its copy of a mock is not the test's."""
    app.pid = os.getpid()
    text = (
        "voipbin-mock: a forked child process called its own copy of the mock. What it writes is lost, and the journal "
        "of the parent does not see it. Threads share a mock; for processes use the fixture `voipbin_server` or "
        "`mock.serve()`, and call that URL."
    )
    # Not by `warnings`: pytest keeps these for a report that a child never makes.
    with suppress(OSError):
        os.write(2, f"{text}\n".encode())


def _led_back(place: Place, reply: Reply) -> Reply:
    """A redirect of the mock's leads to where it was asked."""
    if place.prefix:
        reply.headers = [
            (name, place.prefix + value if name == "Location" and value.startswith("/") else value)
            for name, value in reply.headers
        ]
    return reply


def _named(headers: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    """Headers by lower-case name; of one that comes twice, both values."""
    named: dict[str, str] = {}
    for name, value in headers:
        key = name.lower() if type(name) is str else _text(name).lower()
        text = value if type(value) is str else _text(value)
        known = named.get(key)
        named[key] = text if known is None else f"{known}{'; ' if key == 'cookie' else ', '}{text}"
    return named


def is_read_once(body: Any) -> bool:
    """Whether a request body may be gone once it was read: parts, or a file."""
    return body is not None and not isinstance(body, (bytes, str, bytearray, memoryview))


def whole(body: Any) -> bytes:
    """A request body in one piece, however a client gives it: text, bytes, a file, or parts."""
    if not body:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode("utf-8")
    if hasattr(body, "read"):
        return whole(body.read())
    if isinstance(body, (bytearray, memoryview)):
        return bytes(body)
    return b"".join(part.encode("utf-8") if isinstance(part, str) else bytes(part) for part in body)


# --- answers ---------------------------------------------------------------------------------------


def bodiless(method: str, code: int) -> bool:
    return method == "HEAD" or code in (204, 304) or code < 200


def content(method: str, reply: Reply) -> bytes:
    return b"" if bodiless(method, reply.http_code) else reply.body


def headers_of(reply: Reply) -> list[tuple[str, str]]:
    """All headers of an answer, the length of the body among them."""
    headers = [] if reply.content_type is None else [("Content-Type", reply.content_type)]
    if reply.http_code not in (204, 304):
        length = len(reply.body)
        if reply.disruption is not None and reply.disruption.kind == "truncate":
            length = max(length, 1)  # even nothing can come short
        headers.append(("Content-Length", str(length)))
    headers += reply.headers
    return headers


def head(reply: Reply) -> bytes:
    """The status line and headers, as they go over the wire."""
    lines = [f"HTTP/1.1 {reply.http_code} {REASONS.get(reply.http_code, '')}"]
    lines += [f"{name}: {value}" for name, value in headers_of(reply)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
