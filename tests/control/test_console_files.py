"""The files of the console: who gets them, and with which headers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from voipbin_mock import Mock
from voipbin_mock.edge.incoming import ControlPolicy
from voipbin_mock.schema import files
from voipbin_mock.world import profiles

PAGE = "/__mock__/console"


@pytest.fixture(scope="module", params=list(profiles.PROFILES))
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-01T09:00:00Z", intercept=False) as mock:
        mock.serve()
        yield mock


def names() -> list[str]:
    return sorted(files.console())


def address(mock: Mock, name: str = "") -> str:
    return f"{mock.origin}{PAGE}" + (f"/{name}" if name else "")


def test_every_file_is_served_as_what_it_is_and_may_load_nothing_of_elsewhere(mock: Mock) -> None:
    kinds = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
    assert "index.html" in names()
    for name in names():
        reply = requests.get(address(mock, name))
        assert reply.status_code == 200, name
        assert reply.headers["Content-Type"] == f"{kinds[name.rpartition('.')[2]]}; charset=utf-8"
        policy = dict(part.strip().split(" ", 1) for part in reply.headers["Content-Security-Policy"].split(";"))
        assert policy.pop("img-src") == "'self' data:"
        assert {policy.pop(f"{kind}-src") for kind in ("script", "style", "connect", "frame")} == {"'self'"}
        assert policy.pop("require-trusted-types-for") == "'script'"
        assert set(policy) == {"default-src", "base-uri", "form-action", "frame-ancestors"}
        assert set(policy.values()) == {"'none'"}
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_page_is_its_index_and_is_asked_for_without_a_slash(mock: Mock) -> None:
    assert requests.get(address(mock)).content == requests.get(address(mock, "index.html")).content
    for base in ("", "/__session__/alice"):
        slashed = requests.get(f"{mock.origin}{base}{PAGE}/", allow_redirects=False)
        assert (slashed.status_code, slashed.headers["Location"]) == (301, base + PAGE)


def test_what_a_browser_has_is_not_sent_again(mock: Mock) -> None:
    first = requests.get(address(mock))
    again = requests.get(address(mock), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert requests.get(address(mock), headers={"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize("name", ["nothing.js", "views/nothing.js", "..%2f__init__.py", "%2e%2e/__init__.py", "views"])
def test_there_is_no_other_file(mock: Mock, name: str) -> None:
    reply = requests.get(address(mock, name))
    assert (reply.status_code, reply.json()["error"]["reason"]) == (404, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/index.html", "/__mock__/notices"])
def test_no_page_of_elsewhere_gets_at_it(mock: Mock, headers: dict[str, str], path: str) -> None:
    assert requests.get(mock.origin + path, headers=headers).status_code == 403


def test_whoever_was_led_here_by_a_link_is_told_what_to_do(mock: Mock) -> None:
    led = requests.get(address(mock), headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
    assert (led.status_code, "by hand" in led.json()["error"]["message"]) == (403, True)


def test_a_name_that_is_refused_is_told_how_to_be_let_in(mock: Mock) -> None:
    told = requests.get(address(mock), headers={"Host": "mock.test"}).json()["error"]["message"]
    assert "start the server with --control-token" in told
    with Mock(intercept=False) as let_in:
        let_in.serve()
        let_in.door.control = ControlPolicy(token="secret")
        headers = {"Host": "mock.test", "X-VoIPBIN-Mock-Control-Token": "secret"}
        assert requests.get(f"{let_in.origin}/__mock__/notices", headers=headers).status_code == 200


def test_it_is_in_no_journal_and_no_coverage(mock: Mock) -> None:
    before = len(mock.journal)
    requests.get(address(mock))
    requests.get(f"{mock.origin}/__mock__/notices")
    assert len(mock.journal) == before


def test_what_it_sends_to_the_service_is_marked_in_the_journal(mock: Mock) -> None:
    for headers in ({}, {"X-VoIPBIN-Mock-Console": "1"}):
        requests.get(f"{mock.url}/tags", params=mock.params, headers=headers)
    newest = requests.get(f"{mock.origin}/__mock__/requests", params={"limit": 2}).json()["requests"]
    assert [entry.get("console", False) for entry in newest] == [False, True]


def test_with_a_token_the_files_are_open_and_the_data_is_not() -> None:
    with Mock(intercept=False) as mock:
        mock.serve()
        mock.door.control = ControlPolicy(token="secret")
        assert requests.get(address(mock)).status_code == 200
        assert requests.get(f"{mock.origin}/__mock__/notices").status_code == 403
        token = {"X-VoIPBIN-Mock-Control-Token": "secret"}
        assert requests.get(f"{mock.origin}/__mock__/notices", headers=token).status_code == 200


def test_a_server_can_do_without() -> None:
    with Mock(intercept=False) as mock:
        mock.serve()
        assert f'href="{PAGE}"' in requests.get(f"{mock.origin}/__mock__/docs").text, "the page of the API leads there"
        mock.door.control = ControlPolicy(enabled=False)
        assert requests.get(address(mock)).status_code == 403
        mock.door.control = ControlPolicy(console=False)
        back = f'href="{PAGE}"'
        assert back not in requests.get(f"{mock.origin}/__mock__/docs").text
        for path in (PAGE, f"{PAGE}/", f"{PAGE}/index.html", "/__mock__/stream"):
            for method in ("GET", "HEAD"):
                reply = requests.request(method, mock.origin + path)
                assert reply.status_code == 404, path
            assert "--no-console" in requests.get(mock.origin + path).json()["error"]["message"]
        assert requests.get(f"{mock.origin}/__mock__/notices").status_code == 200
