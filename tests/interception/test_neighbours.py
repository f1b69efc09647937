"""Beside other libraries of a test suite: each does its work; one that stands before us says how to let us through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import aiohttp
import freezegun
import httpx
import pytest
import requests
import responses
import respx
import time_machine

from voipbin_mock import Mock

ME = "https://api.voipbin.net/v1.0/me"
OTHER = "https://stub.example.com/thing"
MOMENT = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)


@pytest.mark.parametrize("mock_first", [True, False])
def test_responses_answers_its_hosts_and_lets_ours_through_when_told(mock_first: bool) -> None:
    mock, stub = Mock(), responses.RequestsMock()
    first, second = (mock, stub) if mock_first else (stub, mock)
    with first, second:
        stub.get(OTHER, json={"from": "responses"})
        stub.add_passthru("https://api.voipbin.net")
        assert requests.get(OTHER, timeout=5).json() == {"from": "responses"}
        assert requests.get(ME, headers=mock.headers, timeout=5).json()["username"] == mock.username


def test_responses_refuses_with_our_advice() -> None:
    with Mock() as mock, responses.RequestsMock() as stub:
        with pytest.raises(requests.ConnectionError, match="Connection refused by Responses") as caught:
            requests.get(ME, headers=mock.headers, timeout=5)
        with pytest.raises(requests.ConnectionError) as foreign:
            requests.get(OTHER, timeout=5)
        stub.add_passthru("https://api.voipbin.net")  # what the advice says
        assert requests.get(ME, headers=mock.headers, timeout=5).status_code == 200
    assert 'responses.add_passthru("https://api.voipbin.net")' in str(caught.value)
    assert "voipbin-mock" not in str(foreign.value)


@pytest.mark.parametrize("mock_first", [True, False])
def test_respx_needs_to_be_told_nothing(mock_first: bool) -> None:
    mock, router = Mock(), respx.mock(assert_all_called=False)
    first, second = (mock, router) if mock_first else (router, mock)

    async def both() -> list[int]:
        async with httpx.AsyncClient() as client:
            return [(await client.get(url, headers=mock.headers)).status_code for url in (OTHER, ME)]

    with first, second:
        router.get(OTHER).respond(201)
        assert httpx.get(OTHER).status_code == 201
        assert httpx.get(ME, headers=mock.headers).status_code == 200
        assert asyncio.run(both()) == [201, 200]


def test_respx_before_the_transports_refuses_with_our_advice() -> None:
    with Mock() as mock, respx.mock(using="httpx", assert_all_called=False) as router:
        with pytest.raises(AssertionError, match="not mocked") as caught:
            httpx.get(ME)
        with pytest.raises(AssertionError, match="not mocked") as foreign:
            httpx.get(OTHER)
        router.route(host="api.voipbin.net").pass_through()  # what the advice says
        assert httpx.get(ME, headers=mock.headers).status_code == 200
    assert 'respx.route(host="api.voipbin.net").pass_through()' in str(caught.value)
    assert "voipbin-mock" not in str(foreign.value)


@pytest.mark.parametrize("order", ["httpx_mock, voipbin", "voipbin, httpx_mock"])
def test_pytest_httpx_answers_its_hosts_and_lets_ours_through_when_told(
    order: str, run: Callable[..., pytest.RunResult]
) -> None:
    text = f"""
        import asyncio, httpx, pytest

        @pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "api.voipbin.net")
        def test_both({order}):
            httpx_mock.add_response(url="{OTHER}", json={{"from": "pytest_httpx"}})
            assert httpx.get("{OTHER}").json() == {{"from": "pytest_httpx"}}
            assert httpx.get("{ME}", headers=voipbin.headers).status_code == 200

            async def go():
                async with httpx.AsyncClient() as client:
                    return (await client.get("{ME}", headers=voipbin.headers)).status_code

            assert asyncio.run(go()) == 200

        def test_afterwards(voipbin):
            assert httpx.get("{ME}", headers=voipbin.headers).status_code == 200
    """
    run(text).assert_outcomes(passed=2)


def test_pytest_httpx_refuses_with_our_advice(run: Callable[..., pytest.RunResult]) -> None:
    text = f"""
        import httpx

        def test_it(voipbin, httpx_mock):
            httpx.get("{ME}")
    """
    result = run(text)
    result.assert_outcomes(failed=1, errors=1)  # it also objects at the end
    result.stdout.fnmatch_lines(["*@pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != *"])


def everything(mock: Mock) -> list[int]:
    """One call through each family of clients."""

    async def go() -> list[int]:
        async with (
            aiohttp.ClientSession() as session,
            httpx.AsyncClient() as client,
            session.get(ME, headers=mock.headers) as reply,
        ):
            return [reply.status, (await client.get(ME, headers=mock.headers)).status_code]

    found = [requests.get(ME, headers=mock.headers, timeout=5), httpx.get(ME, headers=mock.headers, timeout=5)]
    return [reply.status_code for reply in found] + asyncio.run(go())


def frozen_by_freezegun() -> Any:
    return freezegun.freeze_time(MOMENT)


def frozen_by_time_machine() -> Any:
    return time_machine.travel(MOMENT, tick=False)


@pytest.mark.parametrize("freeze", [frozen_by_freezegun, frozen_by_time_machine])
@pytest.mark.parametrize("mock_first", [True, False])
def test_under_a_frozen_machine_clock_all_clients_get_through_and_agree_on_the_time(
    freeze: Callable[[], Any], mock_first: bool
) -> None:
    mock, frozen = Mock(), freeze()
    first, second = (mock, frozen) if mock_first else (frozen, mock)
    with first, second:
        assert everything(mock) == [200] * 4
        assert mock.now == MOMENT
