"""Beside other libraries of a test suite: each does its work; one that stands before us says how to let us through."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
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


# --- stubs that refuse what they do not know ---------------------------------------------------------


@pytest.mark.parametrize("mock_first", [True, False])
def test_requests_mock_refuses_with_our_advice_and_lets_through_when_told(mock_first: bool) -> None:
    requests_mock = pytest.importorskip("requests_mock")
    for real, stub in ((False, requests_mock.Mocker()), (True, requests_mock.Mocker(real_http=True))):
        mock = Mock()
        first, second = (mock, stub) if mock_first else (stub, mock)
        with first, second:
            stub.get(OTHER, json={"from": "requests_mock"})
            assert requests.get(OTHER, timeout=5).json() == {"from": "requests_mock"}
            if real:
                assert requests.get(ME, headers=mock.headers, timeout=5).status_code == 200
            else:
                with pytest.raises(requests_mock.NoMockAddress, match="No mock address: GET") as caught:
                    requests.get(ME, headers=mock.headers, timeout=5)
                with pytest.raises(requests_mock.NoMockAddress) as foreign:
                    requests.get("https://elsewhere.example.com/", timeout=5)
                assert "voipbin-mock" not in str(foreign.value)
        if not real:
            assert "requests_mock.Mocker(real_http=True)" in str(caught.value)  # also when it is shown afterwards


@pytest.mark.parametrize("mock_first", [True, False])
def test_aioresponses_refuses_with_our_advice_and_lets_through_when_told(mock_first: bool) -> None:
    aioresponses = pytest.importorskip("aioresponses").aioresponses

    async def go(url: str, headers: dict[str, str]) -> int:
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as reply:
            return reply.status

    for told, stub in ((False, aioresponses()), (True, aioresponses(passthrough=["https://api.voipbin.net"]))):
        mock = Mock()
        first, second = (mock, stub) if mock_first else (stub, mock)
        with first, second:
            if told:
                assert asyncio.run(go(ME, mock.headers)) == 200
            else:
                with pytest.raises(aiohttp.ClientConnectionError) as caught:
                    asyncio.run(go(ME, mock.headers))
                assert 'aioresponses(passthrough=["https://api.voipbin.net"])' in str(caught.value)


@pytest.fixture
def cassette(tmp_path: Path) -> Callable[..., Any]:
    vcr = pytest.importorskip("vcr")
    return lambda **settings: vcr.VCR(**settings).use_cassette(str(tmp_path / "cassette.yaml"))


def urlopen(mock: Mock) -> int:
    with urllib.request.urlopen(urllib.request.Request(ME, headers=mock.headers)) as reply:
        return int(reply.status)


async def through_aiohttp(mock: Mock) -> int:
    async with aiohttp.ClientSession() as session, session.get(ME, headers=mock.headers) as reply:
        return reply.status


async def through_httpx(mock: Mock) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.get(ME, headers=mock.headers)).status_code


WAYS: dict[str, Callable[[Mock], int]] = {
    "httpx": lambda mock: httpx.get(ME, headers=mock.headers).status_code,
    "httpx async": lambda mock: asyncio.run(through_httpx(mock)),
    "aiohttp": lambda mock: asyncio.run(through_aiohttp(mock)),
    "urlopen": urlopen,
    "requests": lambda mock: requests.get(ME, headers=mock.headers, timeout=5).status_code,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mock_first", [True, False])
@pytest.mark.parametrize("settings", [{}, {"ignore_hosts": ["api.voipbin.net"]}], ids=["", "ignored"])
def test_inside_a_cassette_every_client_is_answered(
    way: str, mock_first: bool, settings: dict[str, Any], cassette: Callable[..., Any]
) -> None:
    mock, tape = Mock(), cassette(**settings)
    first, second = (mock, tape) if mock_first else (tape, mock)
    with first, second:
        assert WAYS[way](mock) == 200
        assert len(mock.requests) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_cassette_that_may_not_record_refuses_with_our_advice(way: str, cassette: Callable[..., Any]) -> None:
    with Mock() as mock, cassette(record_mode="none"):
        try:
            assert WAYS[way](mock) == 200
        except AssertionError:
            raise
        except Exception as refusal:  # noqa: BLE001 - it has an exception of its own, where it is installed
            assert 'vcr.VCR(ignore_hosts=["api.voipbin.net"])' in str(refusal)  # noqa: PT017
    with Mock() as mock, cassette(record_mode="none", ignore_hosts=["api.voipbin.net"]):  # what the advice says
        assert WAYS[way](mock) == 200


# --- blockers and fakes, in runs of pytest -----------------------------------------------------------


def test_where_sockets_are_blocked_the_mock_answers_and_the_blocker_gets_its_places_back(
    run: Callable[..., pytest.RunResult],
) -> None:
    pytest.importorskip("pytest_socket")
    text = f"""
        import pytest, requests, socket

        @pytest.mark.disable_socket
        @pytest.mark.parametrize("again", range(2))
        def test_blocked(voipbin, again):
            assert requests.get("{ME}", headers=voipbin.headers).status_code == 200

        def test_free_again():
            assert socket.getaddrinfo("127.0.0.1", 80) and socket.gethostbyname("127.0.0.1")
            with socket.create_server(("127.0.0.1", 0)) as server:
                socket.create_connection(server.getsockname()).close()

        def test_by_a_fixture_that_comes_later(voipbin, socket_disabled):
            assert requests.get("{ME}", headers=voipbin.headers).status_code == 200

        @pytest.mark.allow_hosts(["127.0.0.1"])
        def test_one_host(voipbin_server):
            assert requests.get(voipbin_server.url + "/me", headers=voipbin_server.headers).status_code == 200
            assert requests.get("{ME}", headers=voipbin_server.headers).status_code == 200
            with pytest.raises(Exception, match="stopped a call to the real service"):
                socket.create_connection(("sip.voipbin.net", 443))

        def test_guarded_as_ever(voipbin):
            with pytest.raises(Exception, match="stopped a call to the real service"):
                socket.socket().connect(("sip.voipbin.net", 443))
    """
    run(text).assert_outcomes(passed=6)
    for name in ("free_again", "guarded_as_ever"):
        text = text.replace(f"def test_{name}(", f"@pytest.mark.enable_socket\n        def test_{name}(")
    run(text, "--disable-socket").assert_outcomes(passed=6)


FAKED = """
    import json, pathlib, sys

    def call(voipbin):
        assert voipbin.client.get("/v1.0/outplans").status_code == 200
        assert voipbin.client.post("/v1.0/outplans", json={"name": 4}).status_code == 400
        voipbin.reset("tutorial")
        assert len(voipbin.outplans) == 1

    def test_the_first_of_all(fs, voipbin):
        assert "voipbin_mock.mock" in sys.modules
        call(voipbin)

    def test_a_seed_of_the_tests_own_is_looked_for_where_the_test_looks(fs, voipbin):
        fs.create_file("/seed.json", contents=json.dumps({"tags": [{"name": "mine"}]}))
        voipbin.reset("/seed.json")
        assert [tag.name for tag in voipbin.tags] == ["mine"]

    def test_the_other_way_round(voipbin, fs):
        call(voipbin)

    def test_that_fails(fs, voipbin):
        voipbin.client.get("/v1.0/outplans")
        assert not pathlib.Path("/").is_dir()

    def test_afterwards(voipbin, tmp_path):
        call(voipbin)
        assert tmp_path.is_dir()
        import sndhdr_that_is_nowhere
"""


def test_a_fake_file_system_is_the_tests_alone(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own: what counts is who is imported first, and from where."""
    pytest.importorskip("pyfakefs")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_PLUGINS", raising=False)
    pytester.makepyfile(FAKED)
    plugins = ("-p", "voipbin_mock.pytest_plugin", "-p", "pyfakefs.pytest_plugin")
    result = pytester.runpytest_subprocess(*plugins, "--voipbin-mock-bundle=bundles")
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*voipbin-mock requests (documented)*",
            "GET /v1.0/outplans -> 200*",
            "*voipbin-mock repro bundle*",
            "voipbin-mock replay *",
            "*ModuleNotFoundError: No module named 'sndhdr_that_is_nowhere'*",
        ]
    )
    assert list((pytester.path / "bundles").iterdir())
