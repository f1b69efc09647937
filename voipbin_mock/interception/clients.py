"""Ways into a mock without a socket, for the clients people use.

No client library is imported until one of its doors is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Container
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder

from voipbin_mock.edge.carrier import Place, tell_of_a_fork
from voipbin_mock.edge.door import Door
from voipbin_mock.interception.httpx import respond
from voipbin_mock.interception.urllib3 import answering

if TYPE_CHECKING:
    import httpx
    from _typeshed.wsgi import WSGIApplication
    from requests.adapters import HTTPAdapter
    from werkzeug.test import TestResponse

    class Answer(TestResponse):
        """A reply. To a type checker its `json` can be looked into without asking whether there is any."""

        json: Any


class CredentialClient(Client):
    """A werkzeug test client that sends a credential, unless the request brings one of its own."""

    def __init__(self, app: WSGIApplication, credential: dict[str, str], use_cookies: bool = True) -> None:
        super().__init__(app, use_cookies=use_cookies)
        self._credential = credential

    if TYPE_CHECKING:

        def get(self, *args: Any, **kw: Any) -> Answer: ...
        def post(self, *args: Any, **kw: Any) -> Answer: ...
        def put(self, *args: Any, **kw: Any) -> Answer: ...
        def patch(self, *args: Any, **kw: Any) -> Answer: ...
        def delete(self, *args: Any, **kw: Any) -> Answer: ...
        def head(self, *args: Any, **kw: Any) -> Answer: ...
        def options(self, *args: Any, **kw: Any) -> Answer: ...

    def open(self, *args: Any, **kwargs: Any) -> Any:
        door = self.application
        if isinstance(door, Door) and door.pid != os.getpid():
            tell_of_a_fork(door)
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


def requests_adapter(app: Door) -> HTTPAdapter:
    """An adapter to mount on a `requests.Session`."""
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

    place = Place(app)
    answer = answering(lambda host, port: place, None)

    class Plain(HTTPConnectionPool):
        _make_request = answer

    class Secure(HTTPSConnectionPool):
        _make_request = answer

    class MockAdapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)  # type: ignore[no-untyped-call, unused-ignore]
            self.poolmanager.pool_classes_by_scheme = {"http": Plain, "https": Secure}

        def send(self, *args: Any, **kwargs: Any) -> Any:
            kwargs["proxies"] = None  # none is needed to get here
            return super().send(*args[:5], **kwargs)

    return MockAdapter()


def httpx_transport(app: Door) -> httpx.BaseTransport:
    """A transport for `httpx.Client`."""
    import httpx

    place = Place(app)

    class Transport(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            request.read()
            response: httpx.Response = respond(place, request)
            return response

    return Transport()


def httpx_async_transport(app: Door) -> httpx.AsyncBaseTransport:
    """A transport for `httpx.AsyncClient`; the mock answers at once, so only webhooks are awaited."""
    import httpx

    place = Place(app)

    class AsyncTransport(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await request.aread()
            response: httpx.Response = await app.awaited(lambda: respond(place, request))
            return response

    return AsyncTransport()
