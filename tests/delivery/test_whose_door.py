"""A mock's own webhooks drive no mock of this machine, and a foreign page gets no websocket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.support.receivers import buy, point, raw_port, until
from voipbin_mock import Mock

START = "2026-03-01T09:00:00Z"
PATHS = [
    "/__mock__/reset", "/%5F_mock__/reset", "/__session__/worker-1/__mock__/reset", "/__session__/new/v1.0/outplans",
    "//__mock__/reset", "/x/../__mock__/reset", "/__mock__",
]  # fmt: skip


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=START) as mock:
        mock.serve()
        yield mock


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("path", PATHS)
def test_no_webhook_is_sent_to_a_control_api_or_a_session(path: str, method: str, mock: Mock) -> None:
    with raw_port(lambda connection, over: None) as elsewhere:
        point(mock, elsewhere.url.replace("/hooks", path), method)
        made = buy(mock).json
        assert elsewhere.requests == []
    (delivery,) = mock.webhooks.deliveries
    assert delivery.outcome == "failed"
    assert "not sent to the control API or a session of a mock" in delivery.error
    assert mock.numbers.get(made["id"])  # nothing was reset


def test_nor_is_one_led_there_by_a_redirect(mock: Mock) -> None:
    def lead(connection: Any, over: Any) -> None:
        connection.sendall(f"HTTP/1.1 307 x\r\nLocation: {mock.origin}/__mock__/reset\r\n\r\n".encode())

    with raw_port(lead) as receiver:
        point(mock, receiver.url)
        buy(mock)
    assert "not sent to the control API" in mock.webhooks.deliveries[0].error
    assert len(mock.numbers.list(number="+899100000001")) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/__mock__/reset"), ("DELETE", "/__mock__/sessions"), ("GET", "/__session__/fresh/v1.0/ping"),
     ("GET", "/__mock__/health")],
)  # fmt: skip
def test_what_a_mock_sends_is_refused_at_every_door_of_another(method: str, path: str, mock: Mock) -> None:
    with raw_port(lambda connection, over: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as receiver:
        point(mock, receiver.url)
        buy(mock)
        (sent,) = receiver.requests
    headers = dict(line.split(": ", 1) for line in sent.decode().partition("\r\n\r\n")[0].split("\r\n")[1:])
    kept = {name: value for name, value in headers.items() if name.startswith("X-")}
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(mock.origin + path, method=method, headers=kept), timeout=5)
    with refused.value as answer:
        assert answer.code == 403
        assert "A webhook may neither drive the mock nor use a session." in json.load(answer)["error"]["message"]
    assert "fresh" not in mock.anonymous.get("/__mock__/sessions").json["sessions"]


# --- websockets --------------------------------------------------------------------------------------


def handshake(mock: Mock, **more: str) -> int:
    """The HTTP code."""
    import socket

    host, _, port = mock.origin.removeprefix("http://").partition(":")
    headers = {"Host": f"{host}:{port}", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **more}  # fmt: skip
    lines = [f"GET /v1.0/ws?accesskey={mock.accesskey} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        raw.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(raw.makefile("rb").readline().split()[1])


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:5173", "https://localhost"])
def test_a_page_of_this_machine_gets_a_websocket(origin: str, mock: Mock) -> None:
    assert handshake(mock) == 101
    assert handshake(mock, Origin=origin) == 101


@pytest.mark.parametrize(
    "more",
    [{"Origin": "http://evil.com"}, {"Origin": "null"}, {"Host": "evil.com:80", "Origin": "http://evil.com:80"},
     {"Host": "evil.com"}],
)  # fmt: skip
def test_a_foreign_page_gets_none_and_the_log_says_why(
    more: dict[str, str], mock: Mock, caplog: pytest.LogCaptureFixture
) -> None:
    assert handshake(mock, **more) == 403
    until(lambda: "websocket closed: " in caplog.text)
    assert mock.anonymous.get("/__mock__/websockets").json["refused"]
