"""What a running mock answers to browsers, to tools that wait for a server, and to whoever was refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from voipbin_mock import Mock
from voipbin_mock.edge.incoming import ControlPolicy
from voipbin_mock.world import profiles


@pytest.fixture(params=list(profiles.PROFILES))
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-01T09:00:00Z") as mock:
        mock.serve()
        yield mock


@pytest.mark.parametrize("path", ["/", "/openapi.json", "/__mock__/health", "/__mock__", "/__mock__/docs"])
def test_a_tool_that_waits_by_head_is_answered_as_by_get_without_a_body(mock: Mock, path: str) -> None:
    asked = requests.get(f"{mock.origin}{path}")
    waited = requests.head(f"{mock.origin}{path}")
    assert (waited.status_code, waited.content) == (200, b"")
    assert waited.headers["Content-Length"] == asked.headers["Content-Length"]
    assert waited.headers["Content-Type"] == asked.headers["Content-Type"]


def test_head_changes_nothing_where_get_would_not(mock: Mock) -> None:
    before = mock.dump()
    assert requests.head(f"{mock.origin}/__mock__/reset").status_code == 405
    assert requests.head(f"{mock.origin}/__mock__/clock").status_code == 200
    assert mock.dump() == before


def test_head_of_the_service_itself_is_routed_nowhere(mock: Mock) -> None:
    for path in ("/v1.0/outplans", "/ping"):
        assert requests.head(mock.origin + path).status_code == 404
    for path in ("/ping", "/openapi.json", "/"):
        assert requests.head(f"https://api.voipbin.net{path}").status_code == 404


def test_a_browser_finds_the_pages_that_there_are(mock: Mock) -> None:
    page = requests.get(f"{mock.origin}/", headers={"Accept": "text/html,*/*"})
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    links = [part.partition('"')[0] for part in page.text.split('<a href="')[1:]]
    assert {"/__mock__/console", "/__mock__/docs", "/openapi.json", "/__mock__/health"} <= set(links)
    for link in links:
        assert requests.get(mock.origin + link).status_code == 200, link


def test_the_links_of_a_session_stay_in_it(mock: Mock) -> None:
    page = requests.get(f"{mock.origin}/__session__/alice/", headers={"Accept": "text/html"})
    assert 'href="/__session__/alice/__mock__/docs"' in page.text


def test_a_script_gets_the_same_links_as_json(mock: Mock) -> None:
    found = requests.get(f"{mock.origin}/").json()
    assert found["profile"] == mock.world.profile.name
    assert "/__mock__/health" in found["links"]


def test_without_a_console_nothing_leads_there(mock: Mock) -> None:
    for policy in (ControlPolicy(console=False), ControlPolicy(enabled=False)):
        mock.door.control = policy
        for accept in ("text/html", "application/json"):
            assert "console" not in requests.get(f"{mock.origin}/", headers={"Accept": accept}).text


def test_at_the_services_own_address_there_is_nothing_at_the_root(mock: Mock) -> None:
    reply = requests.get("https://api.voipbin.net/", headers={"Accept": "text/html"})
    assert (reply.status_code, reply.json()["error"]["reason"]) == (404, "ROUTE_NOT_FOUND")


def test_a_control_call_by_another_method_is_told_which_there_are(mock: Mock) -> None:
    reply = requests.patch(f"{mock.origin}/__mock__/clock")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, POST")
    assert reply.json()["error"]["message"] == "/__mock__/clock takes GET and POST, not PATCH"
    assert requests.patch(f"{mock.origin}/__mock__/clok").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "hint"),
    [
        ("GET", "/v1.0/outplan", "the nearest is GET /v1.0/outplans"),
        ("GET", "/v1.0/outplans", "send ?accesskey="),
        ("GET", "/v1.0/outplans?token=wrong", "token"),
    ],
)
def test_a_refusal_says_on_the_wire_what_to_do(mock: Mock, method: str, path: str, hint: str) -> None:
    reply = requests.request(method, mock.origin + path)
    assert hint in reply.headers["X-VoIPBIN-Mock-Hint"]
    assert set(reply.json()["error"]) <= {"message", "reason", "request_id", "status", "details"}  # the service's own


def test_a_good_answer_has_no_hint(mock: Mock) -> None:
    assert "X-VoIPBIN-Mock-Hint" not in requests.get(f"{mock.url}/outplans", params=mock.params).headers


def test_a_hint_is_one_line_of_plain_text(mock: Mock) -> None:
    reply = requests.get(f"{mock.origin}/v1.0/caf%C3%A9%0D%0AX-Evil:1")
    assert reply.headers["X-VoIPBIN-Mock-Hint"].isascii()
    assert "X-Evil" not in reply.headers


def test_there_is_one_count_of_the_operations_of_the_api(mock: Mock) -> None:
    told = requests.get(f"{mock.origin}/__mock__/operations").json()
    assert told["api"]["operations"] == 410
    assert told["api"]["mocked"] + len(told["not_mocked_yet"]) == 410
    assert not {"GET /ping", "POST /auth/login"} & {*told["not_mocked_yet"]}
    assert "GET /ping" in told["beside_the_api"]["mocked"]
    assert len(told["mocked"]) == told["api"]["mocked"] + len(told["beside_the_api"]["mocked"])
