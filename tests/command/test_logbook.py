"""The log of a server: in order, whole at the end, and never in a request's way."""

from __future__ import annotations

import json
import re
import select
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from subprocess import Popen

from tests.support.processes import facts_of, port_of, serving, stop

MANY = 400
LONG = "x" * 400  # so that many lines are more than a pipe holds


@contextmanager
def asked(*flags: str) -> Iterator[tuple[Popen[str], HTTPConnection]]:
    """A server and a connection to it."""
    with serving("--port", "0", "--json", *flags) as server:
        connection = HTTPConnection("127.0.0.1", port_of(facts_of(server)), timeout=10)
        with closing(connection):
            yield server, connection


def ask(connection: HTTPConnection, path: str) -> int:
    connection.request("GET", path)
    reply = connection.getresponse()
    reply.read()
    return reply.status


def untimed(line: str) -> str:
    """A line without the moment that it begins with."""
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", line), line
    return line[25:]


def test_a_line_names_the_session_that_it_is_of() -> None:
    with asked() as (server, connection):
        ask(connection, "/__session__/worker-1/v1.0/outplan")
        ask(connection, "/ping")
        _, log = stop(server)
    first, hint, last = log.splitlines()
    assert untimed(first) == "[worker-1] GET /v1.0/outplan -> 404 ROUTE_NOT_FOUND"
    assert hint.startswith("    ")
    assert untimed(last) == "GET /ping -> 200"


def test_what_a_session_sends_by_itself_is_logged_as_its_own() -> None:
    key = "?accesskey=vb_voipbin-mock-account-key-0000001"
    with asked() as (server, connection):
        for base in ("/__session__/worker-1", ""):
            body = json.dumps({"actions": [{"type": "answer"}]})
            connection.request("POST", f"{base}/v1.0/activeflows{key}", body, {"Content-Type": "application/json"})
            assert connection.getresponse().read()
            assert ask(connection, f"{base}/__mock__/state") == 200
        _, log = stop(server)
    sent = [untimed(line).partition("webhooks to ")[0] for line in log.splitlines() if "webhooks to" in line]
    assert sent == ["[worker-1] ", ""]


def test_a_request_that_is_sent_again_has_its_line_too() -> None:
    with asked() as (server, connection):
        ask(connection, "/v1.0/outplan")
        connection.request("POST", "/__mock__/requests/1/again")
        assert connection.getresponse().read()
        _, log = stop(server)
    said = [untimed(line) for line in log.splitlines() if "GET" in line and not line.startswith(" ")]
    assert said == ["GET /v1.0/outplan -> 404 ROUTE_NOT_FOUND"] * 2


def test_every_request_has_its_line_in_order_although_the_server_ends_at_once() -> None:
    with asked() as (server, connection):
        for number in range(MANY // 8):  # fewer than a pipe holds: it is read at the end
            assert ask(connection, f"/ping?number={number}") == 200
        code, log = stop(server)
    assert code == 0
    lines = [line for line in log.splitlines() if "/ping" in line]
    assert [untimed(line) for line in lines] == [f"GET /ping?number={number} -> 200" for number in range(MANY // 8)]


def test_an_idle_server_tells_of_a_request_at_once() -> None:
    with asked() as (server, connection):
        assert ask(connection, "/ping") == 200
        assert server.stderr is not None
        assert select.select([server.stderr], [], [], 5)[0]
        assert untimed(server.stderr.readline()) == "GET /ping -> 200\n"


def test_a_log_that_nobody_reads_holds_up_no_request() -> None:
    with asked() as (server, connection):
        for number in range(MANY):
            assert ask(connection, f"/ping?{LONG}={number}") == 200
        code, log = stop(server)  # which reads it
    assert code == 0
    assert log.count("-> 200") == MANY


def test_a_quiet_one_tells_of_warnings_alone() -> None:
    with asked("--quiet") as (server, connection):
        assert ask(connection, "/ping") == 200
        assert ask(connection, "/v1.0/outplan") == 404
        _, log = stop(server)
    first, second = log.splitlines()
    assert untimed(first) == "GET /v1.0/outplan -> 404 ROUTE_NOT_FOUND"
    assert second.startswith("    ")
