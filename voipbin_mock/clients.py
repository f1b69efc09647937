"""Ways into a mock without a socket, for the clients people use.

No client library is imported until one of its doors is asked for.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Container, Iterable
from http.client import HTTPMessage
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote_to_bytes, urlencode, urlsplit

from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

if TYPE_CHECKING:
    import httpx
    from _typeshed.wsgi import WSGIApplication
    from requests.adapters import HTTPAdapter


class CredentialClient(Client):
    """A werkzeug test client that sends a credential, unless the request brings one of its own."""

    def __init__(self, app: WSGIApplication, credential: dict[str, str]) -> None:
        super().__init__(app)
        self._credential = credential

    def open(self, *args: Any, **kwargs: Any) -> Any:
        asked = args[0] if args else None
        if isinstance(asked, EnvironBuilder):  # a redirect that is followed, too
            self._complete(asked.headers, parse_qs(asked.query_string))
        elif asked is None or isinstance(asked, str):
            headers = kwargs["headers"] = Headers(kwargs.get("headers"))
            self._complete(headers, _query(asked or kwargs.get("path", "/"), kwargs.get("query_string")))
        return super().open(*args, **kwargs)

    def _complete(self, headers: Headers, query: Container[str]) -> None:
        if "token" not in query and "accesskey" not in query:
            for name, value in self._credential.items():
                headers.setdefault(name, value)


def _query(path: str, query: Any) -> Container[str]:
    """The names of the query parameters, however they are given."""
    if isinstance(query, bytes):
        query = query.decode("latin-1")
    if query and not isinstance(query, str):
        query = urlencode(dict(query))
    return parse_qs(f"{urlsplit(path).query}&{query or ''}", keep_blank_values=True)


def requests_adapter(app: WSGIApplication) -> HTTPAdapter:
    """An adapter to mount on a `requests.Session`."""
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPHeaderDict, HTTPResponse

    class MockAdapter(HTTPAdapter):
        def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            environ = make_environ(request.method, request.url, request.headers.items(), _whole(request.body))
            answer, status, headers = run_wsgi_app(app, environ, buffered=True)
            code, _, reason = status.partition(" ")
            raw = HTTPResponse(
                body=io.BytesIO(b"".join(answer)),
                headers=HTTPHeaderDict(list(headers.items())),
                status=int(code),
                reason=reason,
                preload_content=False,
                request_method=request.method,
                original_response=_Original(headers.items()),  # type: ignore[arg-type]  # where requests looks for cookies
            )
            return self.build_response(request, raw)

    return MockAdapter()


class _Original:
    """The little of an http.client response that requests looks at."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self.msg = HTTPMessage()
        for name, value in headers:
            self.msg.add_header(name, value)

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""


def _whole(body: Any) -> bytes:
    """A request body in one piece, whatever form it was given in."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode("utf-8")
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    if hasattr(body, "read"):
        return _whole(body.read())
    return b"".join(_whole(chunk) for chunk in body)


def make_environ(method: str, url: str, headers: Iterable[tuple[str, Any]], body: bytes) -> dict[str, Any]:
    """A WSGI environ for a whole request."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if secure else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        if key == "CONTENT_TYPE":
            environ[key] = text
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):  # the body is here in one piece
            environ[f"HTTP_{key}"] = text
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def httpx_transport(app: WSGIApplication) -> httpx.WSGITransport:
    """A transport for `httpx.Client`."""
    import httpx

    return httpx.WSGITransport(app=app)


def httpx_async_transport(app: WSGIApplication) -> httpx.AsyncBaseTransport:
    """A transport for `httpx.AsyncClient`; the mock answers at once, so nothing is awaited."""
    import httpx

    inner = httpx.WSGITransport(app=app)

    class AsyncTransport(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            body = await request.aread()
            headers = request.headers.copy()
            headers.pop("Transfer-Encoding", None)  # the body is here in one piece, with its length
            whole = httpx.Request(
                request.method, request.url, headers=headers, content=body, extensions=request.extensions
            )
            answer = inner.handle_request(whole)
            return httpx.Response(
                answer.status_code, headers=answer.headers, content=answer.read(), extensions=answer.extensions
            )

    return AsyncTransport()
