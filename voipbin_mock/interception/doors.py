"""Which functions of which libraries lead to a mock, or are guarded, while one is entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.interception import guard, http_client, httpx, neighbours, requests, urllib3
from voipbin_mock.interception.places import Door
from voipbin_mock.interception.switchboard import Switchboard


def _aiohttp(board: Switchboard, original: Any) -> Any:
    from voipbin_mock.interception import aiohttp  # it loads asyncio, which is dear where nobody uses it

    return aiohttp.create_connection(board, original)


DOORS: Mapping[str, tuple[Door, ...]] = {
    "socket": (
        *(Door("", name, guard.looks_up(name)) for name in guard.LOOK_UPS),
        Door("socket", "connect", guard.sends("connect")),
        Door("socket", "connect_ex", guard.sends("connect_ex")),
        Door("socket", "sendto", guard.sends("sendto", least=2)),
        Door("socket", "sendmsg", guard.sends("sendmsg", least=4)),
    ),
    "asyncio.base_events": (
        Door("BaseEventLoop", "getaddrinfo", guard.loop_looks_up),
        Door("BaseEventLoop", "getnameinfo", guard.loop_looks_up),
    ),
    "uvloop": (
        Door("Loop", "getaddrinfo", guard.loop_looks_up),
        Door("Loop", "getnameinfo", guard.loop_looks_up),
        Door("Loop", "create_connection", guard.loop_connects),
    ),
    "http.client": (
        Door("HTTPConnection", "connect", lambda board, original: http_client.connect(board, original, False)),
        Door("HTTPSConnection", "connect", lambda board, original: http_client.connect(board, original, True)),
        Door("HTTPConnection", "putrequest", http_client.putrequest),
    ),
    "urllib3.connection": (
        Door("HTTPConnection", "connect", lambda board, original: http_client.connect(board, original, False)),
        Door("HTTPSConnection", "connect", lambda board, original: http_client.connect(board, original, True)),
    ),
    "urllib3.connectionpool": (
        Door("HTTPConnectionPool", "_make_request", urllib3.make_request),
        Door("HTTPSConnectionPool", "_prepare_proxy", urllib3.prepare_proxy),
    ),
    "requests.adapters": (Door("HTTPAdapter", "send", requests.send),),
    "httpx._transports.default": (
        Door("HTTPTransport", "handle_request", httpx.handle_request),
        Door("AsyncHTTPTransport", "handle_async_request", httpx.handle_async_request),
    ),
    "aiohttp.connector": (Door("TCPConnector", "_create_connection", _aiohttp),),
    # Other stubs, which may refuse before a call gets here.
    "responses": (Door("RequestsMock", "_on_request", neighbours.responses_refuses),),
    "respx.router": (
        Door("Router", "handler", neighbours.respx_refuses),
        Door("Router", "async_handler", neighbours.respx_refuses_async),
    ),
    "pytest_httpx._httpx_mock": (
        Door("HTTPXMock", "_explain_that_no_response_was_found", neighbours.pytest_httpx_refuses),
    ),
    "requests_mock.adapter": (Door("Adapter", "send", neighbours.requests_mock_refuses),),
    "aioresponses.core": (Door("aioresponses", "_request_mock", neighbours.aioresponses_refuses),),
    "pook.engine": (Door("Engine", "match", neighbours.pook_refuses),),
    "vcr.errors": (Door("CannotOverwriteExistingCassetteException", "__init__", neighbours.vcr_refuses),),
}
