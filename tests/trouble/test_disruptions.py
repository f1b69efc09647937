"""What befalls an answer on its way: every client sees its own exception, and time passes on the clock alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from http.client import IncompleteRead
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3

import voipbin_mock.edge.door
from tests.support.http_clients import CLIENTS, SERVICE, Client
from voipbin_mock import Mock
from voipbin_mock.wire.values import Disruption, Reply

PLAN = {
    "name": "evening", "detail": "", "source": {"type": "tel", "target": "+15559876543"}, "dial_timeout": 25000,
    "try_interval": 900000, "max_try_count_0": 2, "max_try_count_1": 1, "max_try_count_2": 0, "max_try_count_3": 0,
    "max_try_count_4": 0,
}  # fmt: skip
BODY = json.dumps(PLAN).encode()
OUTPLANS = SERVICE + "/v1.0/outplans"
BREAKING = {
    "refuse": Disruption("refuse"),
    "reset": Disruption("reset"),
    "reset_midway": Disruption("reset_midway", after=20),
    "truncate": Disruption("truncate", after=20),
    "delay": Disruption("delay", seconds=90),
    "slow": Disruption("slow", seconds=90, after=100),
}
every_client = pytest.mark.parametrize("name", list(CLIENTS))
every_kind = pytest.mark.parametrize("kind", list(BREAKING))


def noticed(client: Client, kind: str) -> Any:
    """A context in which the client raises its own exception, or is one of those that notice nothing."""
    return pytest.raises(client.errors[kind]) if kind in client.errors else nullcontext()


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock(clock="2026-03-01T09:00:00Z") as mock:
        yield mock


@pytest.fixture
def disrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Disruption]]:
    """Give the next answers a disruption each; what is left over can be looked at."""
    respond = voipbin_mock.edge.door.respond

    def disrupt(*planned: Disruption) -> list[Disruption]:
        waiting = list(planned)

        def disrupted(world: Any, incoming: Any, control: Any) -> Any:
            if not waiting:
                return respond(world, incoming, control)
            disruption = waiting.pop(0)
            if disruption.kind == "refuse":
                return Reply(disruption=disruption), None
            reply, exchange = respond(world, incoming, control)
            reply.disruption = disruption
            return reply, exchange

        monkeypatch.setattr(voipbin_mock.edge.door, "respond", disrupted)
        return waiting

    return disrupt


@pytest.fixture
def client(name: str) -> Iterator[Client]:
    client = CLIENTS[name]()
    yield client
    client.close()


@every_client
@every_kind
def test_a_broken_answer_is_the_clients_own_exception(
    name: str, kind: str, client: Client, mock: Mock, disrupt: Any
) -> None:
    started = mock.now
    disrupt(BREAKING[kind])
    with noticed(client, kind):
        client.call("POST", OUTPLANS, {**mock.headers, "Content-Type": "application/json"}, BODY, timeout=30)
    # The write was applied and the answer lost, but for a connection that never was.
    assert len(mock.outplans) == (0 if kind == "refuse" else 1)
    waited = {"delay": 30, "slow": 30}.get(kind, 0)
    assert mock.now - started == timedelta(seconds=waited)
    # The client is as good as new, and so is the mock.
    assert client.get(OUTPLANS, mock.headers).status == 200


@every_client
@pytest.mark.parametrize("timeout", [None, 120.0])
def test_who_waits_long_enough_gets_a_late_answer(
    name: str, timeout: float | None, client: Client, mock: Mock, disrupt: Any
) -> None:
    started = mock.now
    disrupt(BREAKING["delay"])
    assert client.get(OUTPLANS, mock.headers, timeout=timeout).status == 200
    assert mock.now - started == timedelta(seconds=90)


@every_client
def test_who_waits_long_enough_gets_a_slow_body_whole(name: str, client: Client, mock: Mock, disrupt: Any) -> None:
    whole = client.get(SERVICE + "/v1.0/me", mock.headers).body
    started = mock.now
    disrupt(Disruption("slow", seconds=5, after=-(-len(whole) // 3)))
    assert client.get(SERVICE + "/v1.0/me", mock.headers, timeout=30).body == whole
    assert mock.now - started == timedelta(seconds=10)


@every_client
def test_an_empty_body_can_come_short_too(name: str, client: Client, mock: Mock, disrupt: Any) -> None:
    disrupt(Disruption("truncate", after=500))
    with noticed(client, "truncate"):
        client.post(SERVICE + "/auth/login", {}, b"{}")  # a refused login has none


def test_retries_of_urllib3_work_as_they_do_on_a_bad_network(mock: Mock, disrupt: Any) -> None:
    session = requests.Session()
    retries = urllib3.Retry(3, backoff_factor=0, allowed_methods=None)
    session.mount("https://", requests.adapters.HTTPAdapter(max_retries=retries))
    left = disrupt(BREAKING["refuse"], BREAKING["reset"], BREAKING["delay"])
    reply = session.post(OUTPLANS, json=PLAN, headers=mock.headers, timeout=1)
    assert reply.status_code == 200
    assert left == []
    # Two answers were lost after the write was applied: what a retry of a POST does.
    assert [plan.name for plan in mock.outplans] == ["evening"] * 3


def test_retries_that_are_used_up_end_in_a_connection_error(mock: Mock, disrupt: Any) -> None:
    pool = urllib3.PoolManager(retries=urllib3.Retry(1, backoff_factor=0))
    disrupt(*[BREAKING["refuse"]] * 2)
    with pytest.raises(urllib3.exceptions.MaxRetryError) as caught:
        pool.request("GET", OUTPLANS)
    assert isinstance(caught.value.reason, urllib3.exceptions.NewConnectionError)


def test_aiohttp_gives_up_after_its_total_time_too(mock: Mock, disrupt: Any) -> None:
    async def go() -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            await session.get(OUTPLANS, headers=mock.headers)

    started = mock.now
    disrupt(BREAKING["delay"])
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(go())
    assert mock.now - started == timedelta(seconds=10)


# --- ways in that are given to a client, not intercepted ---------------------------------------------


def by_adapter(mock: Mock) -> Callable[[], Any]:
    session = requests.Session()
    session.mount(SERVICE, mock.requests_adapter())
    return lambda: session.get(OUTPLANS, headers=mock.headers, timeout=30).content


def by_transport(mock: Mock) -> Callable[[], Any]:
    client = httpx.Client(transport=mock.httpx_transport(), timeout=30)
    return lambda: client.get(OUTPLANS, headers=mock.headers).content


def by_async_transport(mock: Mock) -> Callable[[], Any]:
    async def go() -> bytes:
        async with httpx.AsyncClient(transport=mock.httpx_async_transport(), timeout=30) as client:
            return (await client.get(OUTPLANS, headers=mock.headers)).content

    return lambda: asyncio.run(go())


def by_test_client(mock: Mock) -> Callable[[], Any]:
    client = mock.client
    return lambda: client.get("/v1.0/outplans").data


WAYS: dict[str, tuple[Callable[[Mock], Callable[[], Any]], dict[str, Any]]] = {
    "adapter": (by_adapter, dict(CLIENTS["requests"].errors)),  # type: ignore[attr-defined]
    "transport": (by_transport, dict(CLIENTS["httpx"].errors)),  # type: ignore[attr-defined]
    "async transport": (by_async_transport, dict(CLIENTS["httpx"].errors)),  # type: ignore[attr-defined]
    # It has no exceptions of its own, and no timeouts.
    "test client": (
        by_test_client,
        {
            "refuse": ConnectionRefusedError,
            "reset": ConnectionResetError,
            "reset_midway": ConnectionResetError,
            "truncate": IncompleteRead,
        },
    ),
}


@pytest.mark.parametrize(("way", "kind"), [(way, kind) for way, (_, errors) in WAYS.items() for kind in errors])
def test_ways_in_that_are_handed_to_a_client_break_like_it(way: str, kind: str, disrupt: Any) -> None:
    enter, errors = WAYS[way]
    mock = Mock(clock="2026-03-01T09:00:00Z")
    call = enter(mock)
    whole = call()
    mock.outplans.create(**PLAN)
    disrupt(BREAKING[kind])
    with pytest.raises(errors[kind]):
        call()
    assert len(call()) > len(whole)


def test_the_test_client_waits_on_the_virtual_clock(mock: Mock, disrupt: Any) -> None:
    started = mock.now
    disrupt(BREAKING["delay"])
    assert mock.client.get("/v1.0/outplans").json["result"] == []
    assert mock.now - started == timedelta(seconds=90)
