"""WSGI environs: the request that is in one, and an answer as WSGI sends it. No framework is needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

from voipbin_mock.api.operations import PREFIX
from voipbin_mock.edge.incoming import Incoming
from voipbin_mock.wire.values import CONTROL_PREFIX, Reply, max_body

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

TAKE_SOCKET = "voipbin_mock.take_socket"  # our own server: gives the connection away
LIVE = "voipbin_mock.live"  # our own server carries the request
# Where other servers leave the connection's socket.
_SOCKETS = ("werkzeug.socket", "gunicorn.socket")
# What servers leave in an environ, and clients that call an application themselves do not.
_OF_SERVERS = ("SERVER_SOFTWARE", "uwsgi.version", "mod_wsgi.version", "werkzeug.socket")
_OF_SERVICE = (PREFIX, CONTROL_PREFIX, "/auth")
_STATUSES: Mapping[int, str] = {
    **{status.value: status.phrase.upper() for status in HTTPStatus},
    # As Flask words them, whatever the Python: some were renamed.
    203: "NON AUTHORITATIVE INFORMATION",
    207: "MULTI STATUS",
    306: "SWITCH PROXY",
    413: "REQUEST ENTITY TOO LARGE",
    414: "REQUEST URI TOO LONG",
    416: "REQUESTED RANGE NOT SATISFIABLE",
    422: "UNPROCESSABLE ENTITY",
    449: "RETRY WITH",
    511: "NETWORK AUTHENTICATION FAILED",
}
_SPELLED = {"location": "Location", "content-location": "Content-Location"}
_BODILESS = frozenset({204, 304})
_NOT_WITH_304 = frozenset({
    "allow", "content-encoding", "content-language", "content-length", "content-md5", "content-range",
    "content-type", "last-modified",
})  # fmt: skip


def is_served(environ: WSGIEnvironment) -> bool:
    """Whether a server brought the request, and not a test client in this process."""
    return any(name in environ for name in _OF_SERVERS)


def socket_of(environ: WSGIEnvironment) -> Any:
    """The socket of a connection that a server other than ours has; None if it does not hand it out."""
    return next((environ[name] for name in _SOCKETS if environ.get(name) is not None), None)


# --- requests --------------------------------------------------------------------------------------


def incoming_of(environ: WSGIEnvironment, base: str = "") -> Incoming:
    """The request in an environ. `base` is what its path was cut by already, and SCRIPT_NAME ends with."""
    method = environ["REQUEST_METHOD"]
    script = environ.get("SCRIPT_NAME", "")
    path = _text(environ.get("PATH_INFO", ""))
    if script:
        path, base = _placed(_text(script), path, base)
    body, fault = (b"", "") if method == "GET" else _read_body(environ, max_body(path))
    return Incoming(
        method=method,
        path=path,
        query_string=environ.get("QUERY_STRING", ""),
        headers=Headers(environ),
        cookies=cookies_of(environ["HTTP_COOKIE"]) if "HTTP_COOKIE" in environ else {},
        body=body,
        body_fault=fault,
        upgradable=TAKE_SOCKET in environ,
        address=environ.get("REMOTE_ADDR", ""),
        base=base,
    )


def _placed(script: str, path: str, base: str) -> tuple[str, str]:
    """The path as the service would see it, and what stood before it.

    `script` is where the application is mounted; or the path of a client's base URL, which is the service's own.
    """
    place = script.removesuffix(base)
    if place.startswith(_OF_SERVICE):
        return place + path, base
    return path, script


def _text(path: str) -> str:
    """WSGI paths are UTF-8 dressed as Latin-1; some clients hand over plain text instead."""
    if path.isascii():
        return path
    try:
        return path.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return path


def cookies_of(header: str) -> dict[str, str]:
    """The cookies of a Cookie header; empty without one."""
    if not header:
        return {}
    from werkzeug.sansio.http import parse_cookie

    if not header.isascii():  # the server leaves such a cookie out, and reads the others
        header = ";".join(cookie for cookie in header.split(";") if cookie.isascii())
    return dict(parse_cookie(header))


def _read_body(environ: WSGIEnvironment, limit: int) -> tuple[bytes, str]:
    """The body and, if it cannot be had, why. A short or broken body is never handed on as whole."""
    too_large = f"the body is larger than {limit} bytes"
    length = environ.get("CONTENT_LENGTH") or ""
    encoding = environ.get("HTTP_TRANSFER_ENCODING")
    if encoding is not None and (length or encoding.strip().lower() != "chunked"):
        return b"", "the length of the body is not clear: Content-Length and Transfer-Encoding disagree"
    if length and not (length.isascii() and length.isdigit()):
        return b"", "Content-Length is not a number"
    if not length and encoding is None and not environ.get("wsgi.input_terminated"):
        return b"", ""
    if len(length) > 18 or (length and int(length) > limit):
        return b"", too_large
    wanted = int(length) if length else limit + 1  # unchunked by whoever calls us: it ends where it ends
    try:
        body = _read(environ["wsgi.input"], wanted)
    except Exception as error:
        if not isinstance(error, (OSError, ValueError)) and not _is_http_exception(error):
            raise
        return b"", f"the body could not be read: {type(error).__name__}"
    if length and len(body) != wanted:
        return b"", f"the body has {len(body)} bytes, Content-Length says {length}"
    if len(body) > limit:
        return b"", too_large
    return body, ""


def _is_http_exception(error: Exception) -> bool:
    """Streams of werkzeug's raise its own exceptions; where it is not loaded there are none."""
    werkzeug = sys.modules.get("werkzeug.exceptions")
    return werkzeug is not None and isinstance(error, werkzeug.HTTPException)


def _read(stream: Any, wanted: int) -> bytes:
    """Up to so many bytes; a stream may hand out fewer at a time than it is asked for."""
    body: bytes = stream.read(wanted)
    if 0 < len(body) < wanted:
        parts, size = [body], len(body)
        while size < wanted and (more := stream.read(wanted - size)):
            parts.append(more)
            size += len(more)
        body = b"".join(parts)
    return body


def rewind(stream: Any) -> None:
    """A test client that follows a redirect sends on what it finds in the stream."""
    if isinstance(stream, BytesIO):
        stream.seek(0)


class Headers(Mapping[str, str]):
    """Request headers out of a WSGI environ, by lower-case name."""

    __slots__ = ("_environ",)

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value: str = self._environ[_key(name)]
        return value

    def get(self, name: str, default: Any = None) -> Any:
        return self._environ.get(_key(name), default)

    def __iter__(self) -> Iterator[str]:
        for key in self._environ:
            if name := _header_name(key):
                yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def items(self) -> Any:
        """A plain tuple: the journal takes one of each request, so it must be quick."""
        return tuple(
            [
                (_header_name(key), value)
                for key, value in self._environ.items()
                if key[:5] == "HTTP_" or (key[:8] == "CONTENT_" and _header_name(key))
            ]
        )


@lru_cache(maxsize=512)
def _key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


@lru_cache(maxsize=512)
def _header_name(key: str) -> str:
    """The header's name of a key of a WSGI environ; "" if it is none."""
    name = key[5:] if key.startswith("HTTP_") else key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else ""
    return name.replace("_", "-").lower()


# --- answers ---------------------------------------------------------------------------------------


def status_of(reply: Reply) -> str:
    """The status as WSGI has it: `404 NOT FOUND`."""
    if not reply.http_code:  # nothing is sent; but some servers look at it, and some cannot break a connection
        return "503 SERVICE UNAVAILABLE"
    return f"{reply.http_code} {_STATUSES.get(reply.http_code, 'UNKNOWN')}"


def headers_of(reply: Reply) -> list[tuple[str, str]]:
    """All headers of an answer, in the order in which they are sent."""
    code = reply.http_code
    headers = reply.headers.copy()
    for name, _ in headers:
        if name[:1] in "lLcC":  # ours begin with other letters, as long as there is no redirect
            headers = _presentable(headers)
            break
    if reply.content_type is not None:
        headers.append(("Content-Type", reply.content_type))
    if code >= 200 and code != 204:
        headers.append(("Content-Length", str(len(reply.body))))
    if code == 304:
        return [(name, value) for name, value in headers if name.lower() not in _NOT_WITH_304]
    return headers


def _presentable(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers with addresses spelled as they may be sent."""
    from werkzeug.urls import iri_to_uri

    spelled = [(_SPELLED.get(name.lower(), ""), name, value) for name, value in headers]
    return [(proper, iri_to_uri(value)) if proper else (name, value) for proper, name, value in spelled]


def body_of(reply: Reply, method: str) -> list[bytes]:
    """What is sent after the headers."""
    if method == "HEAD" or reply.http_code in _BODILESS or reply.http_code < 200 or not reply.body:
        return []
    return [reply.body]
