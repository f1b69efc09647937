"""Intercepted calls through each client, beside what stubs or carries that client otherwise.

The peers get the same work, written by hand: decode the body, build the record, encode it. Whatever
patches a library does so for its own turns only.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from statistics import median
from typing import Any

from tests.benchmarks import floors
from tests.benchmarks.measure import Call, Effort, Row, Times, calls_in_turns, in_turns, per_call, ratio
from voipbin_mock import Mock

SERVICE = "https://api.voipbin.net"
STUBBED = "https://stub.invalid"
PATH = "/v1.0/outplans"
ANSWERED = {"id": "c5cf1a5c-0001-4000-8000-000000000001", **floors.BODY}

Contender = tuple[Callable[[], AbstractContextManager[Any]], Call]


def timed(contenders: Mapping[str, Contender], effort: Effort) -> Times:
    def turn(enter: Callable[[], AbstractContextManager[Any]], call: Call) -> float:
        with enter():
            call()
            return per_call(call, effort.turn)

    every = {name: lambda contender=contender: turn(*contender) for name, contender in contenders.items()}
    for one in every.values():
        one()
    return in_turns(every, effort.rounds)


def created(text: Any) -> str:
    return json.dumps(floors.record(json.loads(text)))


def decoded(reply: Any) -> Any:
    """A reply as its user reads it; one that is no success must not be timed."""
    if reply.status_code != 200:
        raise RuntimeError(f"{reply.status_code}: {reply.text}")
    return reply.json()


# --- peers -----------------------------------------------------------------------------------------


@contextmanager
def by_responses() -> Iterator[None]:
    import responses

    stub = responses.RequestsMock(assert_all_requests_are_fired=False)
    kind = {"Content-Type": "application/json"}
    stub.add_callback("POST", STUBBED + PATH, lambda request: (200, kind, created(request.body)))
    stub.add_callback("GET", STUBBED + PATH, lambda request: (200, kind, json.dumps(ANSWERED)))
    with stub:
        yield


@contextmanager
def by_respx() -> Iterator[None]:
    import httpx
    import respx

    kind = {"Content-Type": "application/json"}
    with respx.mock(assert_all_called=False) as router:
        router.post(STUBBED + PATH).mock(
            side_effect=lambda request: httpx.Response(200, headers=kind, text=created(request.content))
        )
        router.get(STUBBED + PATH).mock(
            side_effect=lambda request: httpx.Response(200, headers=kind, text=json.dumps(ANSWERED))
        )
        yield


@contextmanager
def by_pytest_httpx() -> Iterator[None]:
    """What its fixture does."""
    import httpx
    import pytest
    from pytest_httpx import HTTPXMock
    from pytest_httpx._options import _HTTPXMockOptions

    stub = HTTPXMock(_HTTPXMockOptions(can_send_already_matched_responses=True))
    kind = {"Content-Type": "application/json"}
    stub.add_callback(
        lambda request: httpx.Response(200, headers=kind, text=created(request.content)),
        url=STUBBED + PATH,
        method="POST",
    )
    stub.add_callback(
        lambda request: httpx.Response(200, headers=kind, text=json.dumps(ANSWERED)), url=STUBBED + PATH, method="GET"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.HTTPTransport, "handle_request", lambda self, request: stub._handle_request(self, request))
        patch.setattr(
            httpx.AsyncHTTPTransport,
            "handle_async_request",
            lambda self, request: stub._handle_async_request(self, request),
        )
        yield


# --- ours ------------------------------------------------------------------------------------------


def rows(name: str, effort: Effort, mock: Mock, calls: Mapping[str, tuple[Any, Any]], peers: Any) -> Iterator[Row]:
    """`calls` makes a contender's POST and GET for a base URL; `peers` are entered around theirs."""
    for index, method in enumerate(("POST", "GET")):
        contenders: dict[str, Contender] = {"ours": (lambda: mock, calls["ours"][index])}
        for peer, enter in peers.items():
            contenders[peer] = (enter, calls.get(peer, calls.get("stubbed", calls["ours"]))[index])
        times = timed(contenders, effort)
        for peer in peers:
            target = 1.0 if (name, method) == ("requests", "POST") else None
            yield ratio(f"{method} through {name}", times, "ours", peer, target, f"of {peer}")
        if not peers:
            taken = times["ours"]
            yield Row(f"{method} through {name}", median(taken), ours=median(taken), unit="s", note="no peer")


def seeded(mock: Mock) -> str:
    return f"{PATH}/{mock.outplans.create(**floors.BODY).id}"


def requests_(effort: Effort) -> Iterator[Row]:
    import requests

    mock = Mock()
    session, headers, path = requests.Session(), mock.headers, seeded(mock)
    calls = {
        "ours": (
            lambda: decoded(session.post(SERVICE + PATH, json=floors.BODY, headers=headers)),
            lambda: decoded(session.get(SERVICE + path, headers=headers)),
        ),
        "stubbed": (
            lambda: decoded(session.post(STUBBED + PATH, json=floors.BODY, headers=headers)),
            lambda: decoded(session.get(STUBBED + PATH, headers=headers)),
        ),
    }
    yield from rows("requests", effort, mock, calls, {"responses": by_responses})


def flask_floor() -> Any:
    """A bare Flask app and a path to get."""
    app = floors.app()
    client = app.test_client()
    return app, f"{PATH}/{client.post(PATH, json=floors.BODY).json['id']}"


def httpx_(effort: Effort) -> Iterator[Row]:
    import httpx

    mock = Mock()
    headers, path = mock.headers, seeded(mock)
    app, floor_path = flask_floor()
    client, wsgi = httpx.Client(), httpx.Client(transport=httpx.WSGITransport(app=app))

    def pair(client: Any, base: str, path: str) -> tuple[Call, Call]:
        return (
            lambda: decoded(client.post(base + PATH, json=floors.BODY, headers=headers)),
            lambda: decoded(client.get(base + path, headers=headers)),
        )

    calls = {
        "ours": pair(client, SERVICE, path),
        "stubbed": pair(client, STUBBED, PATH),
        "WSGITransport": pair(wsgi, STUBBED, floor_path),
    }
    peers = {"respx": by_respx, "pytest_httpx": by_pytest_httpx, "WSGITransport": nullcontext}
    yield from rows("httpx", effort, mock, calls, peers)


def httpx_async(effort: Effort) -> Iterator[Row]:
    import httpx

    mock = Mock()
    headers, path = mock.headers, seeded(mock)
    loop = asyncio.new_event_loop()
    client = httpx.AsyncClient()

    def pair(base: str, path: str) -> tuple[Call, Call]:
        return (
            lambda: decoded(loop.run_until_complete(client.post(base + PATH, json=floors.BODY, headers=headers))),
            lambda: decoded(loop.run_until_complete(client.get(base + path, headers=headers))),
        )

    calls = {"ours": pair(SERVICE, path), "stubbed": pair(STUBBED, PATH)}
    yield from rows("httpx async", effort, mock, calls, {"respx": by_respx, "pytest_httpx": by_pytest_httpx})
    loop.run_until_complete(client.aclose())
    loop.close()


def others(effort: Effort) -> Iterator[Row]:
    """Clients that nobody else answers in process: how long a call takes."""
    import urllib3

    mock = Mock()
    headers, path = {**mock.headers, "Content-Type": "application/json"}, seeded(mock)
    body = json.dumps(floors.BODY).encode()
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=ssl.create_default_context()))
    pool, connection = urllib3.PoolManager(), http.client.HTTPSConnection("api.voipbin.net")

    def by_urllib3(method: str, path: str, body: bytes | None) -> Any:
        return json.loads(pool.request(method, SERVICE + path, headers=headers, body=body).data)

    def by_http_client(method: str, path: str, body: bytes | None) -> Any:
        connection.request(method, path, body, headers)
        return json.load(connection.getresponse())

    def by_urllib(method: str, path: str, body: bytes | None) -> Any:
        with opener.open(urllib.request.Request(SERVICE + path, body, headers, method=method)) as reply:
            return json.load(reply)

    for name, ask in (("urllib3", by_urllib3), ("http.client", by_http_client), ("urllib.request", by_urllib)):
        calls = (lambda ask=ask: ask("POST", PATH, body), lambda ask=ask: ask("GET", path, None))
        yield from rows(name, effort, mock, {"ours": calls}, {})
    yield from aiohttp_(effort)


def aiohttp_(effort: Effort) -> Iterator[Row]:
    import aiohttp

    mock = Mock()
    headers, path = mock.headers, seeded(mock)
    loop = asyncio.new_event_loop()

    async def make() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    session = loop.run_until_complete(make())

    async def ask(method: str, path: str, body: Any) -> Any:
        async with session.request(method, SERVICE + path, json=body, headers=headers) as reply:
            return await reply.json()

    calls = (
        lambda: loop.run_until_complete(ask("POST", PATH, floors.BODY)),
        lambda: loop.run_until_complete(ask("GET", path, None)),
    )
    yield from rows("aiohttp", effort, mock, {"ours": calls}, {})
    loop.run_until_complete(session.close())
    loop.close()


def clients(effort: Effort) -> Iterator[Row]:
    for part in (requests_, httpx_, httpx_async, others):
        yield from part(effort)


def entering(effort: Effort) -> Iterator[Row]:
    """Entering and leaving a mock with every client loaded, and the life of a whole one."""
    import aiohttp  # noqa: F401
    import httpx  # noqa: F401
    import requests  # noqa: F401
    import responses

    mock = Mock()

    def enter() -> None:
        with mock:
            pass

    def whole() -> None:
        with Mock():
            pass

    def stub() -> None:
        with responses.RequestsMock(assert_all_requests_are_fired=False):
            pass

    times = calls_in_turns({"enter": enter, "whole": whole, "stub": stub}, effort)
    yield ratio("enter and leave a mock", times, "enter", "stub", note="of a RequestsMock's start and stop")
    yield ratio("the same with a new Mock()", times, "whole", "stub", note="of a RequestsMock's start and stop")
