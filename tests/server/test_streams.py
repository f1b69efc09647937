"""The stream of notices: connections that a server keeps open, and that cost it no worker."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.support.processes import facts_of, serving, stop
from voipbin_mock import Mock
from voipbin_mock._seconds import seconds
from voipbin_mock.control import notices, streams
from voipbin_mock.edge.incoming import ControlPolicy

PATH = "/__mock__/stream"
SECONDS = 5.0  # that a test waits for what comes in much less


@pytest.fixture
def mock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mock]:
    monkeypatch.setattr(streams, "PACE", 0.0)  # no test waits for what comes together
    with Mock(clock="2026-03-01T09:00:00Z", intercept=False) as mock:
        mock.serve()
        yield mock


class Stream:
    """A page that listens, as a browser does: events by the lines that they are sent in."""

    def __init__(self, origin: str, base: str = "", headers: dict[str, str] | None = None, **query: int) -> None:
        self.reply = requests.get(f"{origin}{base}{PATH}", params=query, headers=headers, stream=True, timeout=SECONDS)
        self._lines = self.reply.iter_lines(decode_unicode=True)

    def event(self) -> dict[str, Any] | None:
        """The next event; None at the end of the stream."""
        found: dict[str, Any] = {}
        for line in self._lines:
            if line.startswith("data: "):
                found["data"] = json.loads(line[6:])
            elif line.startswith("id: "):
                found["id"] = int(line[4:])
            elif not line and "data" in found:
                return found
        return None

    def notice(self) -> dict[str, Any]:
        event = self.event()
        assert event is not None, "the stream has ended"
        notice: dict[str, Any] = event["data"]
        assert event.get("id") == notice.get("n")
        return notice

    def up_to(self, number: int) -> None:
        while (notice := self.notice()).get("n", notice.get("after")) < number:
            pass


@pytest.fixture
def listen(mock: Mock) -> Iterator[Any]:
    with contextlib.ExitStack() as closing:

        def listen(*args: Any, **named: Any) -> Stream:
            stream = Stream(mock.origin, *args, **named)
            closing.callback(stream.reply.close)
            return stream

        yield listen


def test_a_stream_begins_with_where_it_stands_and_goes_on_by_number(mock: Mock, listen: Any) -> None:
    stream = listen()
    assert stream.reply.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    hello = stream.notice()
    assert (hello["kind"], hello["oldest"]) == ("hello", hello["after"] + 1)
    made = mock.tags.create(name="vip")
    assert stream.notice() == {"n": hello["after"] + 1, "kind": "records", "resource": "tags", "id": made.id}
    requests.get(f"{mock.url}/tags", params=mock.params)
    assert stream.notice() == {"n": hello["after"] + 2, "kind": "requests", "id": 1}


def test_what_happens_together_is_told_together(mock: Mock, listen: Any) -> None:
    stream = listen()
    stream.notice()
    with mock.world.lock:  # so that nobody looks meanwhile
        for number in range(25):
            mock.tags.create(name=f"{number}")
    notice = stream.notice()
    assert (notice["kind"], notice["resource"], "id" in notice) == ("records", "tags", False)


def test_several_hear_the_same(mock: Mock, listen: Any) -> None:
    several = [listen() for _ in range(3)]
    for stream in several:
        stream.notice()
    mock.tags.create(name="vip")
    first, *others = [stream.notice() for stream in several]
    assert others == [first, first]


@pytest.mark.parametrize("how", ["query", "header"])
def test_who_comes_back_goes_on_by_number(mock: Mock, listen: Any, how: str) -> None:
    first = listen()
    after = first.notice()["after"]
    first.reply.close()
    mock.tags.create(name="vip")
    requests.get(f"{mock.origin}/__mock__/notices")
    mock.clock.advance(1)
    back = listen(after=after) if how == "query" else listen(after=1, headers={"Last-Event-ID": str(after)})
    assert (back.notice()["kind"], back.notice()["kind"], back.notice()["kind"]) == ("hello", "records", "clock")


def test_a_number_that_is_not_known_is_told_so_and_the_stream_goes_on(mock: Mock, listen: Any) -> None:
    stream = listen(after=0)
    gone = stream.notice()
    assert gone["kind"] == "gone"
    mock.tags.create(name="vip")
    assert stream.notice()["n"] == gone["after"] + 1


def test_a_reset_is_told_and_the_stream_goes_on(mock: Mock, listen: Any) -> None:
    stream = listen()
    stream.notice()
    requests.post(f"{mock.origin}/__mock__/reset")
    assert stream.notice()["kind"] == "reset"
    mock.tags.create(name="vip")
    assert stream.notice()["kind"] == "records"


def test_sessions_hear_of_their_own_only(mock: Mock, listen: Any) -> None:
    alice, mine = listen("/__session__/alice"), listen()
    alice.notice(), mine.notice()
    requests.get(f"{mock.origin}/__session__/alice/v1.0/tags", params=mock.params)
    mock.tags.create(name="vip")
    assert alice.notice()["kind"] == "requests"
    assert mine.notice()["kind"] == "records"


def test_a_session_that_begins_or_ends_is_told_of(mock: Mock, listen: Any) -> None:
    stream = listen()
    stream.notice()
    requests.get(f"{mock.origin}/__session__/alice/v1.0/tags", params=mock.params)
    beside = listen(base="/__session__/alice")
    assert stream.notice()["kind"] == "sessions"
    beside.notice()
    requests.post(f"{mock.origin}/__session__/bob/__mock__/reset")
    assert [stream.notice()["kind"], beside.notice()["kind"]] == ["sessions", "sessions"]
    requests.delete(f"{mock.origin}/__mock__/sessions/bob")
    assert [stream.notice()["kind"], beside.notice()["kind"]] == ["sessions", "sessions"]


def test_a_session_that_ends_ends_its_streams(mock: Mock, listen: Any) -> None:
    alice, mine = listen("/__session__/alice"), listen()
    alice.notice(), mine.notice()
    requests.delete(f"{mock.origin}/__mock__/sessions/alice")
    while (event := alice.event()) is not None:
        assert event["data"]["kind"] == "sessions"  # she may hear that it has gone
    assert mine.notice()["kind"] == "sessions"


def test_open_streams_hold_no_worker_and_one_too_many_is_sent_away(mock: Mock, listen: Any) -> None:
    several = [listen() for _ in range(streams.MOST)]
    for stream in several:
        assert stream.notice()["kind"] == "hello"
    assert requests.get(f"{mock.origin}/ping", timeout=SECONDS).status_code == 200
    refused = requests.get(f"{mock.origin}{PATH}", timeout=SECONDS)
    assert refused.status_code == 503
    assert "16 streams are open" in refused.json()["error"]["message"]
    assert "/__mock__/notices" in refused.json()["error"]["message"]
    several[0].reply.close()
    until_there_are(mock, streams.MOST - 1)
    assert listen().notice()["kind"] == "hello"


def test_a_browser_keeps_connections_for_what_its_pages_ask(mock: Mock, listen: Any) -> None:
    one = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin", "User-Agent": "Firefox"}
    several = [listen(headers=one) for _ in range(streams.MOST_OF_A_BROWSER + 1)]
    assert [stream.reply.status_code for stream in several] == [200] * streams.MOST_OF_A_BROWSER + [503]
    assert "of this browser" in several[-1].reply.json()["error"]["message"]
    others = [listen(headers={**one, "User-Agent": "Chromium"})]
    others += [listen() for _ in range(streams.MOST_OF_A_BROWSER + 1)]  # programs
    assert {stream.notice()["kind"] for stream in others} == {"hello"}
    several[0].reply.close()
    until_there_are(mock, streams.MOST_OF_A_BROWSER - 1 + len(others))
    assert listen(headers=one).notice()["kind"] == "hello"


def test_the_end_of_the_server_ends_streams_at_once() -> None:
    with Mock(intercept=False) as mock:
        mock.serve()
        stream = Stream(mock.origin)
        stream.notice()
    assert stream.event() is None  # in good order: what was cut short would raise
    stream.reply.close()


def test_a_server_of_its_own_ends_with_open_streams() -> None:
    with serving("--port", "0", "--json", "--quiet") as server:
        stream = Stream(facts_of(server)["control_url"].removesuffix("/__mock__"))
        stream.notice()
        code, log = stop(server)
        stream.reply.close()
    assert (code, log) == (0, "")


def test_who_does_not_read_is_cut_off_and_the_others_hear_on(
    mock: Mock, listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "MOST", 100)
    monkeypatch.setattr(streams, "SEND_BUFFER", 4096)
    reader = listen()
    reader.notice()
    with socket.socket() as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        silent.settimeout(SECONDS)
        silent.connect(("127.0.0.1", int(mock.origin.rpartition(":")[2])))
        silent.sendall(f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        until_there_are(mock, 2)
        until = seconds() + SECONDS
        while len(mock.world.part(streams.Streams)) == 2:
            assert seconds() < until, "it is never cut off"
            for number in range(20):
                mock.tags.create(name=f"{number}")
            newest = mock.client.get("/__mock__/notices").get_json()["after"]
            reader.up_to(newest)
        while silent.recv(65536):  # there is an end to it
            pass
    assert len(mock.world.part(streams.Streams)) == 1
    mock.tags.create(name="and on")
    assert reader.notice()["kind"] == "records"


def until_there_are(mock: Mock, count: int) -> None:
    until = seconds() + SECONDS
    while len(mock.world.part(streams.Streams)) != count:
        assert seconds() < until, f"there are never {count} streams"
        requests.get(f"{mock.origin}/ping")


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_no_page_of_elsewhere_hears_anything(mock: Mock, headers: dict[str, str]) -> None:
    assert requests.get(f"{mock.origin}{PATH}", headers=headers, timeout=SECONDS).status_code == 403


def test_with_a_token_only_who_sends_it_hears(mock: Mock, listen: Any) -> None:
    mock.door.control = ControlPolicy(token="secret")
    assert requests.get(f"{mock.origin}{PATH}", timeout=SECONDS).status_code == 403
    assert listen(headers={"X-VoIPBIN-Mock-Control-Token": "secret"}).notice()["kind"] == "hello"


def test_a_client_of_an_older_protocol_gets_lines_and_no_chunks(mock: Mock) -> None:
    with socket.create_connection(("127.0.0.1", int(mock.origin.rpartition(":")[2])), SECONDS) as client:
        client.sendall(f"GET {PATH} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
        with client.makefile("rb") as lines:
            header = list(iter(lines.readline, b"\r\n"))
            assert not [line for line in header if line.lower().startswith(b"transfer-encoding")]
            assert lines.readline() == b"retry: 1000\n"


def test_head_asks_whether_there_is_one(mock: Mock) -> None:
    asked = requests.head(f"{mock.origin}{PATH}", timeout=SECONDS)
    assert (asked.status_code, asked.headers["Content-Type"]) == (200, "text/event-stream")


def test_where_no_connection_can_be_handed_over_one_is_told_to_ask(mock: Mock) -> None:
    reply = mock.client.get(PATH)
    assert reply.status_code == 503
    assert "/__mock__/notices" in reply.get_json()["error"]["message"]
    assert len(mock.journal) == 0
