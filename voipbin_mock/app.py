"""The edge: Flask on one side, the pipeline on the other.

One Flask app serves every world: it is built once and keeps nothing, and each request brings its
world along in the WSGI environ. Adding a URL rule to Flask is dear, so there is one rule for all
paths and the catalogue routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.http import parse_cookie

from voipbin_mock.pipeline import ControlPolicy, Incoming, respond
from voipbin_mock.wire import Exchange, Reply
from voipbin_mock.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_BODY = 10 * 1024 * 1024  # bytes; the service's columns hold far less
_WORLD, _CONTROL, _EXCHANGE = "voipbin_mock.world", "voipbin_mock.control", "voipbin_mock.exchange"

Observer = Callable[["WSGIEnvironment", Exchange], None]


def _read_body(environ: WSGIEnvironment) -> tuple[bytes, str]:
    """The body and, if it cannot be had, why. A short or broken body is never handed on as whole."""
    length = environ.get("CONTENT_LENGTH") or ""
    encoding = environ.get("HTTP_TRANSFER_ENCODING")
    if encoding is not None and (length or encoding.strip().lower() != "chunked"):
        return b"", "the length of the body is not clear: Content-Length and Transfer-Encoding disagree"
    if length and not (length.isascii() and length.isdigit()):
        return b"", "Content-Length is not a number"
    if not length and not environ.get("wsgi.input_terminated"):
        return b"", ""
    try:
        body = flask.request.get_data(cache=False)
    except RequestEntityTooLarge:
        return b"", f"the body is larger than {MAX_BODY} bytes"
    except (HTTPException, OSError, ValueError) as error:
        return b"", f"the body could not be read: {type(error).__name__}"
    if length and len(body) != int(length):
        return b"", f"the body has {len(body)} bytes, Content-Length says {length}"
    return body, ""


def _incoming() -> Incoming:
    environ = flask.request.environ
    headers = {}
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            headers[name[5:].replace("_", "-").lower()] = value
    content_type = environ.get("CONTENT_TYPE")
    if content_type:
        headers["content-type"] = content_type
    cookie = headers.get("cookie")
    method = environ["REQUEST_METHOD"]
    body, fault = (b"", "") if method == "GET" else _read_body(environ)
    return Incoming(
        method=method,
        path=(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""))
        .encode("latin-1")
        .decode("utf-8", "replace"),
        query_string=environ.get("QUERY_STRING", ""),
        headers=headers,
        cookies=dict(parse_cookie(cookie)) if cookie else {},
        body=body,
        body_fault=fault,
    )


def _view(path: str = "") -> flask.Response:
    environ = flask.request.environ
    reply, environ[_EXCHANGE] = respond(environ[_WORLD], _incoming(), environ[_CONTROL])
    return _response(reply)


def _response(reply: Reply) -> flask.Response:
    response = flask.Response(reply.body, reply.http_code, reply.headers, content_type=reply.content_type)
    if reply.content_type is None:
        response.headers.pop("Content-Type", None)
    return response


def _any_method(error: HTTPException) -> Any:
    """Flask refuses methods it was not told of; the service answers them like any unknown route."""
    return _view()


@lru_cache(maxsize=1)
def flask_app() -> flask.Flask:
    """The one Flask app. It has no static files, no templates and no state."""
    app = flask.Flask("voipbin_mock", static_folder=None)
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["PROPAGATE_EXCEPTIONS"] = True
    methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]
    for rule in ("/", "/<path:path>"):
        app.add_url_rule(rule, "any", _view, methods=methods, provide_automatic_options=False)
    app.register_error_handler(HTTPException, _any_method)
    return app


class App:
    """A WSGI application bound to one world."""

    def __init__(self, world: World, control: ControlPolicy | None = None, observer: Observer | None = None) -> None:
        self.world = world
        self.control = control or ControlPolicy()
        self.observer = observer
        self._wsgi = flask_app().wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[_WORLD] = self.world
        environ[_CONTROL] = self.control
        answer = self._wsgi(environ, start_response)
        exchange = environ.get(_EXCHANGE)
        if exchange is not None and self.observer is not None:
            self.observer(environ, exchange)
        return answer


def create_app(world: World, control: ControlPolicy | None = None) -> App:
    """A WSGI app for a world; give it to any WSGI server or client."""
    return App(world, control)
