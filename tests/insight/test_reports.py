"""A failing test's report: what the mock saw, why it refused, what to do, and where the call was made."""

from __future__ import annotations

import asyncio
import importlib
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from voipbin_mock import Mock, VoIPBINWarning

PLAN: dict[str, Any] = {
    "name": "evening", "detail": "", "dial_timeout": 25000, "try_interval": 900000,
    "max_try_count_0": 2, "max_try_count_1": 0, "max_try_count_2": 0, "max_try_count_3": 0, "max_try_count_4": 0,
}  # fmt: skip
URL = "https://api.voipbin.net/v1.0/outplans"


def section(mock: Mock) -> str:
    ((title, text), *_) = mock.sections()
    assert title == f"voipbin-mock requests ({mock.world.profile.name})"
    return text


def changed(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in {**PLAN, **members}.items() if value is not ...}


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        (changed(dial_timeout="25000"), "send 25000 without quotes"),
        (changed(dial_timeout=25000.0), "send 25000, without fraction or exponent"),
        (changed(name=5), 'send it in quotes: "5"'),
        (changed(dial_timeout=..., dialTimeout=25000), '"dialTimeout" was sent; did you mean "dial_timeout"?'),
        (changed(source={"type": "telephone", "target": "+15559876543"}), 'did you mean "tel"?'),
    ],
    ids=["quoted", "decimal", "unquoted", "misspelt", "enum"],
)
def test_a_refused_member_comes_with_advice(body: dict[str, Any], advice: str) -> None:
    with Mock(ignore="all") as mock:
        assert mock.client.post("/v1.0/outplans", json=body).status_code == 400
        assert f"        {advice}" in section(mock).splitlines()


def test_a_wrong_path_is_answered_with_the_nearest_operation() -> None:
    with Mock() as mock:
        mock.client.get("/v1.0/outplan")
        assert "the nearest is GET /v1.0/outplans" in section(mock)


def test_what_was_sent_is_shown_without_credentials() -> None:
    with Mock(ignore="all") as mock:
        mock.client.post("/v1.0/agents", json={"username": 5, "password": "c4n4ry"})
        text = section(mock)
        assert '    sent {"username": 5, "password": "***"}' in text.splitlines()
        assert "c4n4ry" not in text


def test_the_report_is_bounded() -> None:
    with Mock(ignore="all") as mock:
        for _ in range(100):
            mock.client.post("/v1.0/outplans", json={"name": "x" * 100_000})
        text = section(mock)
        assert text.startswith("(70 earlier requests are not shown; report() has them)\n")
        assert len(text) < 100_000
        assert "and 1 more violations" in text or "violation" in text


def test_a_warning_is_told_in_full_once() -> None:
    with Mock() as mock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(3):
            mock.client.post("/v1.0/outplans", json=changed(dial_timeout=25))
        text = section(mock)
        assert text.count("send 25000 for 25 seconds") == 1
        assert text.count("… as in #1") == 2


def by_requests(body: Any, headers: dict[str, str]) -> None:
    requests.post(URL, json=body, headers=headers, timeout=5)


def by_httpx(body: Any, headers: dict[str, str]) -> None:
    httpx.post(URL, json=body, headers=headers)


def by_httpx_async(body: Any, headers: dict[str, str]) -> None:
    async def ask() -> None:
        async with httpx.AsyncClient() as client:
            await client.post(URL, json=body, headers=headers)

    asyncio.run(ask())


def by_aiohttp(body: Any, headers: dict[str, str]) -> None:
    aiohttp = pytest.importorskip("aiohttp")

    async def ask() -> None:
        async with aiohttp.ClientSession() as session, session.post(URL, json=body, headers=headers):
            pass

    asyncio.run(ask())


def in_a_thread(body: Any, headers: dict[str, str]) -> None:
    thread = threading.Thread(target=by_requests, args=(body, headers))
    thread.start()
    thread.join()


each_way = pytest.mark.parametrize("ask", [by_requests, by_httpx, by_httpx_async, by_aiohttp, in_a_thread])


@each_way
def test_a_warning_and_a_refusal_name_the_line_that_called(ask: Callable[..., None]) -> None:
    with Mock() as mock:
        with pytest.warns(VoIPBINWarning, match="looks like seconds") as caught:
            ask(changed(dial_timeout=25), mock.headers)
        assert [warning.filename for warning in caught] == [__file__]
        ask(changed(dial_timeout=...), mock.headers)
        assert [exchange.called_at.partition(":")[0] for exchange in mock.requests] == ["test_reports.py"] * 2
        assert "    called at test_reports.py:" in section(mock)


@pytest.mark.parametrize("ask", [by_requests, by_httpx, by_httpx_async, by_aiohttp])
def test_a_warning_that_is_an_error_is_raised_at_the_call(ask: Callable[..., None]) -> None:
    with Mock() as mock, warnings.catch_warnings():
        warnings.simplefilter("error", VoIPBINWarning)
        with pytest.raises(VoIPBINWarning, match="looks like seconds"):
            ask(changed(dial_timeout=25), mock.headers)


def test_an_installed_wrapper_is_not_the_line_that_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "dialer_sdk.py").write_text(
        "import requests\n\ndef create(url, body, headers):\n"
        "    return requests.post(url, json=body, headers=headers, timeout=5)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(folder)
    create = importlib.import_module("dialer_sdk").create
    with Mock(ignore="all") as mock:
        create(URL, {}, mock.headers)
        assert mock.requests[-1].called_at.startswith("test_reports.py:")
        with ThreadPoolExecutor(1) as pool:  # here nobody's own code is on the stack
            pool.submit(create, URL, {}, mock.headers).result()
        assert mock.requests[-1].called_at == "dialer_sdk.py:4"


def test_two_records_that_differ_are_told_field_by_field(run: Callable[..., pytest.RunResult]) -> None:
    result = run(
        """
        def test_records(voipbin):
            one = voipbin.outplans.create(name="evening", dial_timeout=25000)
            two = voipbin.outplans.update(one.id, dial_timeout=25)
            assert two == one

        def test_a_dict(voipbin):
            one = voipbin.outplans.create(name="evening")
            assert one == {**one.as_dict(), "name": "night"}
        """
    )
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["E*/dial_timeout: expected 25000, got 25 (a thousandth: seconds for milliseconds?)"])
    result.stdout.fnmatch_lines(['E*/name: expected "night", got "evening"'])


def test_a_failing_test_shows_the_section(run: Callable[..., pytest.RunResult]) -> None:
    result = run(
        """
        def test_it(voipbin):
            reply = voipbin.client.post("/v1.0/outplans", json={"dial_timeout": "25000"})
            assert reply.status_code == 200
        """
    )
    result.stdout.fnmatch_lines(
        [
            "*voipbin-mock requests (documented)*",
            "POST /v1.0/outplans -> 400 INVALID_JSON_BODY",
            "*sent {*",
            "*violation /dial_timeout*",
            "*send 25000 without quotes*",
            "    called at test_a_failing_test_shows_the_section.py:*",
        ]
    )
