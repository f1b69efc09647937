"""The edge: Flask on one side, the pipeline on the other.

One Flask app serves every world: it is built once and keeps nothing, and each request brings its
world along in the WSGI environ. Adding a URL rule to Flask is dear, and matching one is not free, so
it has none: the catalogue routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from http.client import IncompleteRead
from io import BytesIO
from types import FrameType
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_cookie

from voipbin_mock.edge.pipeline import ControlPolicy, Incoming, envelope, respond
from voipbin_mock.trouble.disruptions import REFUSED, RESET, Broken, PassTime, arrives, pieces
from voipbin_mock.trouble.real_sockets import enact
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.exchange import Exchange
from voipbin_mock.wire.values import SESSION_PREFIX, TEXT_TYPE, Disruption, Reply, max_body
from voipbin_mock.world.sessions import SESSION_HEADER, split
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_WORLD, _CONTROL, _EXCHANGE = "voipbin_mock.world", "voipbin_mock.control", "voipbin_mock.exchange"
_DISRUPTED, _BASE = "voipbin_mock.disrupted", "voipbin_mock.base"
SESSION = "voipbin_mock.session"
_SESSION_HEADER = "HTTP_" + SESSION_HEADER.upper().replace("-", "_")
FRAME = "voipbin_mock.frame"  # the frame that made the call, where that is not on the stack any more
_TAKE_SOCKET = "voipbin_mock.take_socket"

Observer = Callable[["WSGIEnvironment", Exchange], None]


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
    except (HTTPException, OSError, ValueError) as error:
        return b"", f"the body could not be read: {type(error).__name__}"
    if length and len(body) != wanted:
        return b"", f"the body has {len(body)} bytes, Content-Length says {length}"
    if len(body) > limit:
        return b"", too_large
    return body, ""


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


class _Headers(Mapping[str, str]):
    """Request headers out of a WSGI environ, by lower-case name."""

    __slots__ = ("_environ",)

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._environ = environ

    @staticmethod
    def _key(name: str) -> str:
        key = name.upper().replace("-", "_")
        return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"

    def __getitem__(self, name: str) -> str:
        value: str = self._environ[self._key(name)]
        return value

    def get(self, name: str, default: Any = None) -> Any:
        return self._environ.get(self._key(name), default)

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
def _header_name(key: str) -> str:
    """The header's name of a key of a WSGI environ; "" if it is none."""
    name = key[5:] if key.startswith("HTTP_") else key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else ""
    return name.replace("_", "-").lower()


def _path(text: str) -> str:
    """WSGI paths are UTF-8 dressed as Latin-1; some clients hand over plain text instead."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _incoming(environ: WSGIEnvironment) -> Incoming:
    cookie = environ.get("HTTP_COOKIE")
    method = environ["REQUEST_METHOD"]
    path = _path(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""))
    body, fault = (b"", "") if method == "GET" else _read_body(environ, max_body(path))
    return Incoming(
        method=method,
        path=path,
        query_string=environ.get("QUERY_STRING", ""),
        headers=_Headers(environ),
        cookies=dict(parse_cookie(cookie)) if cookie else {},
        body=body,
        body_fault=fault,
        upgradable=_TAKE_SOCKET in environ,
        address=environ.get("REMOTE_ADDR", ""),
        base=environ.get(_BASE, ""),
    )


def _response(reply: Reply) -> flask.Response:
    response = flask.Response(reply.body, reply.http_code, reply.headers, content_type=reply.content_type)
    if reply.content_type is None:
        response.headers.pop("Content-Type", None)
    return response


class _Edge(flask.Flask):
    """Flask without its routing, which would be done twice: the catalogue knows the paths."""

    def create_url_adapter(self, request: Any) -> None:
        return None

    def dispatch_request(self) -> flask.Response:
        environ = flask.request.environ
        reply, environ[_EXCHANGE] = respond(environ[_WORLD], _incoming(environ), environ[_CONTROL])
        if reply.http_code == 307 and isinstance(environ["wsgi.input"], BytesIO):
            environ["wsgi.input"].seek(0)  # a test client that follows sends on what it finds here
        if reply.disruption is not None:
            environ[_DISRUPTED] = reply
        if reply.upgrade is not None:
            problem = environ[_WORLD].sockets.take_over(environ, reply.upgrade, environ[_TAKE_SOCKET])
            return flask.Response(f"{problem}\n", 400, content_type=TEXT_TYPE)  # read by nobody if there is none
        return _response(reply)


@lru_cache(maxsize=1)
def flask_app() -> flask.Flask:
    """The one Flask app. It has no rules, no static files, no templates and no state."""
    app = _Edge("voipbin_mock", static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    return app


class App:
    """A WSGI application bound to one world."""

    def __init__(self, world: World, control: ControlPolicy | None = None, observer: Observer | None = None) -> None:
        self.world = world
        self.control = control or ControlPolicy()
        self.observer = observer
        self._wsgi = flask_app().wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        world = self.world
        if _SESSION_HEADER in environ or environ.get("PATH_INFO", "").startswith(SESSION_PREFIX):
            try:
                world = self._session_of(environ)
            except ApiError as error:
                return _response(envelope(error, "", world))(environ, start_response)
        environ[_WORLD] = world
        environ[_CONTROL] = self.control
        answer = self._wsgi(environ, start_response)
        exchange = environ.get(_EXCHANGE)
        if exchange is not None and self.observer is not None:
            self.observer(environ, exchange)
        reply = environ.get(_DISRUPTED)
        if reply is not None:
            if environ.get("voipbin_mock.live"):
                return enact(reply.disruption, reply.body, environ)
            return self._disrupted(reply, lambda seconds: _pass_time(world, seconds))
        return answer

    def answer(self, incoming: Incoming, frame: FrameType | None = None) -> Reply:
        """The answer to a request that came without WSGI; `frame` is the user's, if it is not on the stack."""
        world, path = self.world, incoming.path
        key = incoming.headers.get(SESSION_HEADER.lower())
        if key is not None or path.startswith(SESSION_PREFIX):
            try:
                key, incoming.path = self._session(key or "", path)
                world = self.world.sessions.world(key)
            except ApiError as error:
                return envelope(error, "", world)
            incoming.base = path[: len(path) - len(incoming.path)]
        reply, exchange = respond(world, incoming, self.control)
        if exchange is not None and self.observer is not None:
            self.observer({} if frame is None else {FRAME: frame}, exchange)
        return reply

    def pass_time(self, seconds: float) -> None:
        """Waiting, in virtual time."""
        _pass_time(self.world, seconds)

    def _disrupted(self, reply: Reply, pass_time: PassTime) -> Iterable[bytes]:
        """For clients that call the app: they have no exceptions of their own and no timeouts."""
        disruption = reply.disruption
        assert disruption is not None
        if disruption.kind == "refuse":
            raise ConnectionRefusedError(*REFUSED)
        if disruption.kind == "reset":
            raise ConnectionResetError(*RESET)
        arrives(pass_time, disruption, None)
        return self._broken(reply, disruption, pass_time)

    def _broken(self, reply: Reply, disruption: Disruption, pass_time: PassTime) -> Iterator[bytes]:
        try:
            yield from pieces(pass_time, reply.body, disruption, None)
        except Broken as broken:
            if broken.kind == "short":
                raise IncompleteRead(reply.body[: broken.got], broken.wanted - broken.got) from None
            raise ConnectionResetError(*RESET) from None

    def _session_of(self, environ: WSGIEnvironment) -> World:
        path = environ.get("PATH_INFO", "")
        key, rest = self._session(environ.get(_SESSION_HEADER, ""), path)
        environ["PATH_INFO"], environ[_BASE], environ[SESSION] = rest, path[: len(path) - len(rest)], key
        return self.world.sessions.world(key)

    @staticmethod
    def _session(key: str, path: str) -> tuple[str, str]:
        """The key that a session's path or header names, and the path without the session's. Raises ApiError."""
        key = key.strip()
        if not path.startswith(SESSION_PREFIX):
            return key, path
        in_path, rest = split(path)
        if key and key != in_path:
            raise ApiError("INVALID_ARGUMENT", f"The path and {SESSION_HEADER} name two sessions.")
        return in_path, rest


def _pass_time(world: World, seconds: float) -> None:
    if seconds > 0:
        world.clock.advance(seconds)


def create_app(world: World, control: ControlPolicy | None = None) -> App:
    """A WSGI app for a world; give it to any WSGI server or client."""
    return App(world, control)
