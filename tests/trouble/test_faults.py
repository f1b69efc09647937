"""Faults on purpose: what befalls a request in process, on the wire, and what the world looks like after."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, IncompleteRead
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import httpx
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tests.support.unmocked import METHOD, TEMPLATE, knows_one_more
from voipbin_mock import Mock, MockUsageError, SeedError, UnusedPlanError, UnusedPlanWarning
from voipbin_mock.trouble.kinds import KINDS, STUB
from voipbin_mock.world.sessions import Sessions

PLAN = {
    "name": "evening",
    "detail": "",
    "source": {"type": "tel", "target": "+15559876543"},
    "dial_timeout": 25000,
    "try_interval": 900000,
    "max_try_count_0": 2,
    "max_try_count_1": 1,
    "max_try_count_2": 0,
    "max_try_count_3": 0,
    "max_try_count_4": 0,
}
DIAL_INFO = {name: value for name, value in PLAN.items() if name not in ("name", "detail")}
START = "2026-03-01T09:00:00Z"


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=START, ignore=("unowned-source", "cleared-member")) as mock:
        yield mock


@pytest.fixture
def live() -> Iterator[Mock]:
    with Mock(ignore="unowned-source") as mock:
        mock.serve()
        yield mock


def create(mock: Mock) -> Any:
    return mock.client.post("/v1.0/outplans", json=PLAN)


def read(mock: Mock) -> Any:
    return mock.client.get("/v1.0/outplans")


def names(mock: Mock) -> list[str]:
    return [plan.name for plan in mock.outplans]


# --- errors of the service's own ---------------------------------------------------------------------


def test_a_planned_error_answers_once_and_clears_itself(mock: Mock) -> None:
    mock.faults.error("POST /outplans", "INTERNAL")
    assert create(mock).status_code == 500
    assert names(mock) == []
    assert create(mock).status_code == 200
    assert len(mock.faults) == 0


def test_the_error_is_the_services_envelope(mock: Mock) -> None:
    mock.faults.error("outplans.get", "OUTPLAN_NOT_FOUND", message="gone fishing")
    reply = mock.client.get("/v1.0/outplans/" + mock.world.ids.uuid())
    assert reply.status_code == 404
    error = reply.json["error"]
    assert list(error) == ["message", "reason", "request_id", "status"]
    assert (error["reason"], error["status"], error["message"]) == ("OUTPLAN_NOT_FOUND", "NOT_FOUND", "gone fishing")
    assert error["request_id"] == reply.headers["X-Request-Id"]


def test_a_rate_limit_says_when_to_come_back_and_what_limited(mock: Mock) -> None:
    mock.faults.error("POST /outplans", "RATE_LIMIT_EXCEEDED", retry_after=2)
    reply = create(mock)
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "2")
    assert reply.json["error"]["details"] == [{"limited_by": "customer"}]
    mock.faults.error("POST /outplans", "RATE_LIMIT_EXCEEDED", limited_by="ip")
    reply = create(mock)
    assert reply.headers["Retry-After"] == "1"
    assert reply.json["error"]["details"] == [{"limited_by": "ip"}]


def test_an_error_can_come_after_the_write_was_applied(mock: Mock) -> None:
    mock.faults.error("POST /outplans", "REQUEST_TIMEOUT", after_commit=True, seconds=30)
    assert create(mock).status_code == 503
    assert names(mock) == ["evening"]
    assert (mock.now - mock.outplans.get(name="evening").tm_create).total_seconds() == 30


def test_an_error_comes_before_the_credential_is_looked_at(mock: Mock) -> None:
    mock.faults.error("GET /outplans", "SERVICE_UNAVAILABLE")
    assert mock.anonymous.get("/v1.0/outplans").status_code == 503


# --- what is aimed at --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "on",
    [
        "any",
        "*",
        "GET /outplans/{id}",
        "get /v1.0/outplans/{outplan_id}",
        "outplans.get",
        "GET /outplans/00000000-0000-4000-8000-000000000001",
    ],
)
def test_a_target_can_be_written_in_many_ways(on: str, mock: Mock) -> None:
    mock.faults.error(on, "INTERNAL")
    assert mock.client.get("/v1.0/outplans/00000000-0000-4000-8000-000000000001").status_code == 500


def test_other_operations_are_left_alone(mock: Mock) -> None:
    with mock.faults.error("PUT /outplans/{id}", "INTERNAL", times=None) as fault:
        create(mock)
        row_id = read(mock).json["result"][0]["id"]
        assert mock.client.get(f"/v1.0/outplans/{row_id}").status_code == 200
        assert mock.client.put(f"/v1.0/outplans/{row_id}/dial_info", json=DIAL_INFO).status_code == 200
        assert mock.client.put(f"/v1.0/outplans/{row_id}", json={"name": "n", "detail": "d"}).status_code == 500
        assert (fault.seen, fault.met) == (1, 1)


def test_a_fault_on_one_path_leaves_its_neighbours_alone(mock: Mock) -> None:
    create(mock)
    create(mock)
    first, second = [plan.id for plan in mock.outplans]
    mock.faults.error(f"GET /outplans/{first}", "INTERNAL")
    assert mock.client.get(f"/v1.0/outplans/{second}").status_code == 200
    assert mock.client.get(f"/v1.0/outplans/{first}").status_code == 500


def test_a_fault_on_a_pattern_befalls_what_it_fits_and_one_that_fits_no_operation_is_refused(mock: Mock) -> None:
    create(mock)
    (plan,) = mock.outplans
    with mock.faults.error("GET /outplans/**", "INTERNAL", times=None) as fault:
        assert mock.client.get(f"/v1.0/outplans/{plan.id}").status_code == 500
        assert mock.client.get("/v1.0/outplans").status_code == 200
        assert mock.client.delete(f"/v1.0/outplans/{plan.id}").status_code == 200
        assert fault.met == 1
    with pytest.raises(MockUsageError, match="the real API has no such operation"):
        mock.faults.error("GET /outplnas/*", "INTERNAL")


def test_operations_of_the_real_api_that_are_not_mocked_can_fail_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with Mock(areas=[knows_one_more(monkeypatch)]) as mock:
        mock.faults.error(f"{METHOD} {TEMPLATE}", "INTERNAL")
        assert mock.client.open(TEMPLATE.replace("{id}", "7"), method=METHOD).status_code == 500


def test_login_can_fail(mock: Mock) -> None:
    mock.faults.error("POST /auth/login", "RATE_LIMIT_EXCEEDED")
    credential = {"username": mock.username, "password": mock.password}
    reply = mock.anonymous.post("/auth/login", json=credential)
    assert (reply.status_code, reply.json["error"]["details"]) == (429, [{"limited_by": "ip"}])
    assert mock.anonymous.post("/auth/login", json=credential).status_code == 200


def test_the_control_api_is_never_hit(mock: Mock) -> None:
    with mock.faults.refuse("any", times=None) as fault:
        assert mock.client.get("/__mock__/health").status_code == 200
        assert fault.seen == 0
        fault.cancel()


def test_a_fault_can_befall_one_caller_only(mock: Mock) -> None:
    manager = next(agent for agent in mock.agents if agent.username != mock.username)
    for one in ({"agent": manager.username}, {"agent": manager.id}, {"token": mock.token_for(manager)}):
        with mock.faults.error("any", "INTERNAL", times=None, **one):
            token = mock.token_for(manager) if "token" not in one else one["token"]
            assert read(mock).status_code == 200
            assert mock.anonymous.get(f"/v1.0/outplans?token={token}").status_code == 500
    with mock.faults.error("any", "INTERNAL", times=None, accesskey=mock.accesskey):
        assert read(mock).status_code == 200
        assert mock.anonymous.get("/v1.0/outplans", query_string=mock.params).status_code == 500
    with mock.faults.error("any", "INTERNAL", times=None, customer=mock.customers.list()[0].id):
        assert mock.anonymous.get("/v1.0/outplans").status_code == 401
        assert read(mock).status_code == 500


def test_looking_for_the_caller_leaves_no_warning_behind() -> None:
    with Mock(seed="account") as mock, mock.faults.error("any", "INTERNAL", customer="nobody") as fault:
        prefix = next(iter(mock.accesskeys)).token_prefix
        with pytest.warns(UserWarning, match="accesskey-prefix") as caught:
            mock.anonymous.get("/v1.0/me", query_string={"accesskey": prefix})
        assert len(caught) == 1
        fault.cancel()


def test_the_nth_calls_can_fail(mock: Mock) -> None:
    mock.faults.error("GET /outplans", "INTERNAL", nth=[2, 4])
    assert [read(mock).status_code for _ in range(5)] == [200, 500, 200, 500, 200]
    mock.faults.error("GET /outplans", "INTERNAL", nth=3)
    assert [read(mock).status_code for _ in range(4)] == [200, 200, 500, 200]


def test_so_many_times_or_always(mock: Mock) -> None:
    mock.faults.error("GET /outplans", "INTERNAL", times=2)
    assert [read(mock).status_code for _ in range(3)] == [500, 500, 200]
    with mock.faults.error("GET /outplans", "INTERNAL", times=None):
        assert [read(mock).status_code for _ in range(3)] == [500, 500, 500]
    assert read(mock).status_code == 200


def test_faults_of_one_target_come_one_after_the_other(mock: Mock) -> None:
    mock.faults.error("GET /outplans", "INTERNAL")
    mock.faults.error("GET /outplans", "SERVICE_UNAVAILABLE")
    assert [read(mock).status_code for _ in range(3)] == [500, 503, 200]


def test_chance_is_the_same_for_the_same_random_seed() -> None:
    def run(seed: int) -> list[int]:
        with Mock(random_seed=seed) as mock:
            mock.faults.error("GET /outplans", "INTERNAL", probability=0.5)
            return [read(mock).status_code for _ in range(40)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 5 < run(1).count(500) < 35


def test_chance_does_not_change_the_ids_that_are_drawn() -> None:
    def ids(probability: float | None) -> list[str]:
        with Mock(clock=START, ignore="unowned-source", unused="ignore") as mock:
            if probability is not None:
                mock.faults.latency("any", 0, probability=probability)
            create(mock)
            return [plan.id for plan in mock.outplans]

    assert ids(None) == ids(0.5)


@given(probability=st.floats(0, 1))
def test_a_probability_is_kept_in_the_long_run(probability: float) -> None:
    with Mock(unused="ignore") as mock:
        plan = mock.faults.error("any", "INTERNAL", probability=probability)
        hits = 0
        for seen in range(1, 401):
            plan.seen = seen
            hits += plan.due(mock.world.ids)
        assert abs(hits / 400 - probability) < 0.14


# --- latency and broken connections, in process ---------------------------------------------------------


def test_latency_moves_virtual_time_and_costs_none(mock: Mock) -> None:
    mock.faults.latency("GET /outplans", seconds=3600)
    before = time.perf_counter()
    assert read(mock).status_code == 200
    assert time.perf_counter() - before < 1
    assert mock.now.isoformat() == "2026-03-01T10:00:00+00:00"


def test_a_refused_connection_reaches_nobody(mock: Mock) -> None:
    mock.faults.refuse("POST /outplans")
    with pytest.raises(ConnectionRefusedError):
        create(mock)
    assert names(mock) == []


def test_a_reset_leaves_the_request_unhandled_unless_it_comes_after_the_commit(mock: Mock) -> None:
    mock.faults.reset("POST /outplans")
    with pytest.raises(ConnectionResetError):
        create(mock)
    assert names(mock) == []
    mock.faults.reset("POST /outplans", after_commit=True)
    with pytest.raises(ConnectionResetError):
        create(mock)
    assert names(mock) == ["evening"]


def test_a_blind_retry_after_a_lost_answer_makes_two(mock: Mock) -> None:
    mock.faults.reset("POST /outplans", after_commit=True)
    for _ in range(2):
        try:
            create(mock)
            break
        except ConnectionError:
            continue
    assert names(mock) == ["evening", "evening"]


def test_a_reset_midway_comes_while_the_body_is_read(mock: Mock) -> None:
    mock.faults.reset("GET /outplans", midway=5)
    reply = read(mock)
    assert reply.status_code == 200
    with pytest.raises(ConnectionResetError):
        reply.get_data()


def test_a_truncated_body_is_shorter_than_its_length(mock: Mock) -> None:
    mock.faults.truncate("GET /outplans", after=7)
    reply = read(mock)
    with pytest.raises(IncompleteRead) as caught:
        reply.get_data()
    assert len(caught.value.partial) == 7
    assert len(caught.value.partial) + (caught.value.expected or 0) == int(reply.headers["Content-Length"])


def test_a_malformed_body_is_broken_json_under_sound_headers(mock: Mock) -> None:
    mock.faults.malformed("any", times=2)
    for reply in (read(mock), mock.client.get("/ping")):
        assert reply.status_code == 200
        assert reply.content_type.startswith("application/json")
        assert len(reply.data) == int(reply.headers["Content-Length"])
        with pytest.raises(json.JSONDecodeError):
            json.loads(reply.data)


def test_a_slow_body_comes_whole_and_late(mock: Mock) -> None:
    expected = read(mock).data
    mock.faults.slow("GET /outplans", seconds=10, pieces=3)
    reply = read(mock)
    assert reply.data == expected
    assert mock.now.isoformat() == "2026-03-01T09:00:20+00:00"


def test_a_wrong_content_type_leaves_the_body_alone(mock: Mock) -> None:
    expected = read(mock).data
    mock.faults.content_type("GET /outplans")
    reply = read(mock)
    assert (reply.content_type, reply.data) == ("text/html; charset=utf-8", expected)
    mock.faults.content_type("GET /outplans", "application/xml")
    assert read(mock).content_type == "application/xml"


def test_the_journal_tells_what_befell_a_request(mock: Mock) -> None:
    mock.faults.refuse("POST /outplans")
    with pytest.raises(ConnectionRefusedError):
        create(mock)
    mock.faults.reset("POST /outplans", after_commit=True)
    with pytest.raises(ConnectionResetError):
        create(mock)
    refused, lost = mock.requests
    assert refused.line() == "POST /v1.0/outplans -> no answer"
    assert "refuse on POST /outplans; the request was not handled" in refused.hint
    assert lost.status == 200
    assert "handled and its answer lost" in lost.hint


# --- in process, through the clients people use -----------------------------------------------------------


INTERCEPTED: dict[str, tuple[type[Exception], ...]] = {
    "refuse": (requests.ConnectionError, httpx.ConnectError, URLError),
    "reset": (requests.ConnectionError, httpx.ReadError, ConnectionResetError),
    "lost": (requests.ConnectionError, httpx.ReadError, ConnectionResetError),
    "midway": (requests.exceptions.ChunkedEncodingError, httpx.ReadError, ConnectionResetError),
    "truncate": (requests.exceptions.ChunkedEncodingError, httpx.RemoteProtocolError, IncompleteRead),
    "latency": (requests.ReadTimeout, httpx.ReadTimeout, TimeoutError),
}


def through_urllib(mock: Mock, timeout: float = 5) -> Any:
    with urlopen(f"{mock.url}/outplans?accesskey={mock.accesskey}", timeout=timeout) as reply:
        return reply.read()


@pytest.mark.parametrize("client", range(3), ids=["requests", "httpx", "urllib"])
@pytest.mark.parametrize("kind", INTERCEPTED)
def test_an_intercepted_client_sees_its_own_exception_in_virtual_time(kind: str, client: int, mock: Mock) -> None:
    call = (through_requests, through_httpx, through_urllib)[client]
    plan(mock, kind, seconds=3600)
    before = time.perf_counter()
    with pytest.raises(INTERCEPTED[kind][client]):
        call(mock, timeout=5)
    assert time.perf_counter() - before < 2
    assert call(mock, timeout=5) is not None


def test_a_session_is_reached_by_an_intercepted_client_too(mock: Mock) -> None:
    mock.outplans.create(name="not of the session")
    for url, headers in (
        (f"{mock.origin}/__session__/mine/v1.0/outplans", {}),
        (f"{mock.url}/outplans", {"X-VoIPBIN-Mock-Session": "mine"}),
    ):
        assert requests.get(url, params=mock.params, headers=headers, timeout=5).json()["result"] == []
    assert list(mock.world.part(Sessions).listed()) == ["mine"]


# --- on a real socket -----------------------------------------------------------------------------------


def through_requests(mock: Mock, timeout: float = 5) -> Any:
    return requests.get(f"{mock.url}/outplans", params=mock.params, timeout=timeout)


def through_httpx(mock: Mock, timeout: float = 5) -> Any:
    return httpx.get(f"{mock.url}/outplans", params=mock.params, timeout=timeout)


def through_http_client(mock: Mock, timeout: float = 5) -> Any:
    connection = HTTPConnection(mock.origin.removeprefix("http://"), timeout=timeout)
    try:
        connection.request("GET", f"/v1.0/outplans?accesskey={mock.accesskey}")
        return connection.getresponse().read()
    finally:
        connection.close()


CLIENTS = [through_requests, through_httpx, through_http_client]
NATIVE: dict[str, tuple[type[Exception], ...]] = {
    "refuse": (requests.ConnectionError, httpx.ReadError, ConnectionResetError),
    "reset": (requests.ConnectionError, httpx.ReadError, ConnectionResetError),
    "lost": (requests.ConnectionError, httpx.ReadError, ConnectionResetError),
    "midway": (requests.exceptions.ChunkedEncodingError, httpx.ReadError, ConnectionResetError),
    "truncate": (requests.exceptions.ChunkedEncodingError, httpx.RemoteProtocolError, IncompleteRead),
    "latency": (requests.ReadTimeout, httpx.ReadTimeout, TimeoutError),
}


def plan(mock: Mock, kind: str, seconds: float = 0.2) -> None:
    on = "GET /outplans"
    {
        "refuse": lambda: mock.faults.refuse(on),
        "reset": lambda: mock.faults.reset(on),
        "lost": lambda: mock.faults.reset(on, after_commit=True),
        "midway": lambda: mock.faults.reset(on, midway=True),
        "truncate": lambda: mock.faults.truncate(on),
        "latency": lambda: mock.faults.latency(on, seconds=seconds),
    }[kind]()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("kind", NATIVE)
def test_every_client_sees_its_own_exception(kind: str, client: Callable[..., Any], live: Mock) -> None:
    mock = live
    plan(mock, kind)
    with pytest.raises(NATIVE[kind][CLIENTS.index(client)]):
        client(mock, timeout=0.05 if kind == "latency" else 5)
    assert client(mock) is not None  # and the next call is answered


@pytest.mark.parametrize("client", CLIENTS[:2])
def test_malformed_and_mistyped_bodies_arrive_whole(client: Callable[..., Any], live: Mock) -> None:
    live.faults.malformed("GET /outplans")
    with pytest.raises(json.JSONDecodeError):
        client(live).json()
    live.faults.content_type("GET /outplans")
    assert client(live).headers["Content-Type"] == "text/html; charset=utf-8"


def test_latency_and_slow_bodies_are_real_on_a_server(live: Mock) -> None:
    live.faults.latency("GET /outplans", seconds=0.1)
    before = time.monotonic()
    assert through_requests(live).status_code == 200
    assert time.monotonic() - before >= 0.1
    live.faults.slow("GET /outplans", seconds=0.04, pieces=4)
    before = time.monotonic()
    assert through_requests(live).json() == {"result": [], "next_page_token": ""}
    assert time.monotonic() - before >= 0.12


def test_a_slow_body_comes_in_pieces(live: Mock) -> None:
    live.faults.slow("GET /outplans", seconds=0.05, pieces=2)
    with httpx.stream("GET", f"{live.url}/outplans", params=live.params) as reply:
        assert len(list(reply.iter_raw())) == 2


def test_headers_come_before_a_reset_at_the_first_byte_of_the_body(live: Mock) -> None:
    live.faults.reset("GET /outplans", midway=0)
    with httpx.stream("GET", f"{live.url}/outplans", params=live.params) as reply:
        assert reply.status_code == 200
        with pytest.raises(httpx.ReadError):
            reply.read()


def test_a_waiting_request_holds_up_no_other(live: Mock) -> None:
    live.faults.latency("POST /outplans", seconds=20, times=None)
    host, port = live.origin.removeprefix("http://").split(":")
    body = json.dumps(PLAN)
    head = f"POST /v1.0/outplans?accesskey={live.accesskey} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    waiting = [socket.create_connection((host, int(port)), timeout=5) for _ in range(24)]
    try:
        for connection in waiting:
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        until = time.monotonic() + 5
        while len(live.outplans.list()) < 24:  # a page of Python records: every one is handled at once
            assert time.monotonic() < until
            threading.Event().wait(0.01)
        assert through_http_client(live, timeout=2)
    finally:
        for connection in waiting:
            connection.close()
    before = time.monotonic()
    live.close()  # and a server that is told to stop does not wait for them
    assert time.monotonic() - before < 3


# --- planning -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (lambda f: f.error("POST /outplan", "INTERNAL"), "did you mean 'POST /v1.0/outplans'"),
        (lambda f: f.error("outplans.crate", "INTERNAL"), "did you mean 'outplans.create'"),
        (lambda f: f.error("POST /outplans", "RATE_LIMIT_EXEEDED"), "did you mean 'RATE_LIMIT_EXCEEDED'"),
        (lambda f: f.error("POST /outplans", "OUTPLANS_NOT_FOUND"), "did you mean 'OUTPLAN_NOT_FOUND'"),
        (lambda f: f.error("FETCH /outplans", "INTERNAL"), "is no method"),
        (lambda f: f.error("GET /outplans?page_size=3", "INTERNAL"), "without a query"),
        (lambda f: f.error("", "INTERNAL"), "name an operation"),
        (lambda f: f.error("any", "INTERNAL", tims=1), "did you mean 'times'"),
        (lambda f: f.error("any", "INTERNAL", times=0), "times=0"),
        (lambda f: f.error("any", "INTERNAL", times=True), "times=True"),
        (lambda f: f.error("any", "INTERNAL", nth=[]), "nth=[]"),
        (lambda f: f.error("any", "INTERNAL", nth=0), "nth=0"),
        (lambda f: f.error("any", "INTERNAL", probability=1.5), "probability=1.5"),
        (lambda f: f.error("any", "INTERNAL", retry_after=1.5), "retry_after=1.5"),
        (lambda f: f.latency("any", -1), "seconds=-1"),
        (lambda f: f.latency("any", float("nan")), "seconds=nan"),
        (lambda f: f.content_type("any", "a\r\nb"), "cannot be a header"),
        (lambda f: f.add({"kind": "eror"}), "did you mean 'error'"),
        (lambda f: f.add({"kind": "error"}), "in reason="),
        (lambda f: f.add({"kind": "latency"}), "in seconds="),
        (lambda f: f.add({"kind": ["error"]}), "is no kind"),
        (lambda f: f.add([]), "a fault is an object"),
        (lambda f: f.add({"kind": "stub", "on": "any"}), "a stub is no fault"),
    ],
)
def test_what_cannot_be_planned_is_refused_at_once(plan: Callable[[Any], Any], said: str, mock: Mock) -> None:
    with pytest.raises(MockUsageError) as caught:
        plan(mock.faults)
    assert said in str(caught.value)
    assert len(mock.faults) == 0


def test_reasons_of_records_that_are_not_mocked_yet_are_known(mock: Mock) -> None:
    for reason in ("FLOW_NOT_FOUND", "CAMPAIGN_NOT_FOUND", "OUTDIAL_TARGET_NOT_FOUND"):
        with mock.faults.error("GET /flows", reason):
            assert mock.client.get("/v1.0/flows").json["error"]["reason"] == reason


def test_every_kind_is_offered_by_a_method(mock: Mock) -> None:
    assert not [kind for kind in KINDS if kind != STUB and not hasattr(mock.faults, kind)]


def test_a_fault_lasts_no_longer_than_its_block(mock: Mock) -> None:
    with mock.faults.error("GET /outplans", "INTERNAL", times=None):
        assert read(mock).status_code == 500
    assert read(mock).status_code == 200


def test_reset_clears_what_was_planned(mock: Mock) -> None:
    mock.faults.error("GET /outplans", "INTERNAL")
    mock.reset()
    assert read(mock).status_code == 200


def test_a_dump_holds_what_is_planned(mock: Mock) -> None:
    mock.faults.error("GET /outplans", "INTERNAL", nth=[2])
    mock.stub("GET /numbers", json=[1])
    read(mock)
    document = json.loads(json.dumps(mock.dump()))
    mock.faults.clear()
    mock.stubs.clear()
    with Mock(mock.world.profile.name) as other:
        other.load(document)
        assert read(other).status_code == 500
        assert other.client.get("/v1.0/numbers").json == [1]
    with Mock() as other, pytest.raises(SeedError, match="/plans: kind='x'"):
        other.load({**document, "plans": [{"kind": "x"}]})


# --- what was never met ------------------------------------------------------------------------------------


def test_a_fault_that_is_never_met_is_told_at_the_line_that_planned_it() -> None:
    mock = Mock()
    mock.faults.error("GET /outplans", "INTERNAL", times=2)
    read(mock)
    with pytest.warns(UnusedPlanWarning, match="error INTERNAL on GET /outplans: met 1 of 2 times; 1 such") as caught:
        mock.close()
    assert caught[0].filename == __file__


def test_strictly_it_is_an_error_and_it_can_be_ignored() -> None:
    mock = Mock(unused="error")
    mock.faults.latency("any", 1)
    with pytest.raises(UnusedPlanError, match="latency on any: met 0 of 1 times; no such request came"):
        mock.close()
    with Mock(unused="ignore") as mock:
        mock.faults.latency("any", 1)
    with pytest.raises(MockUsageError, match="unused must be"):
        Mock(unused="perhaps")


def test_an_unmet_fault_of_a_block_is_told_too() -> None:
    mock = Mock()
    with mock.faults.latency("any", 1):
        pass
    assert len(mock.faults.unused) == 1
    with pytest.warns(UnusedPlanWarning, match="latency on any"):
        mock.close()


def test_what_was_taken_back_or_left_to_chance_is_not_told() -> None:
    with Mock(unused="error") as mock:
        mock.faults.latency("any", 1).cancel()
        mock.faults.latency("any", 1)
        mock.faults.clear()
        mock.faults.latency("any", 1, probability=0)
        read(mock)


def test_another_exception_is_not_buried() -> None:
    def block() -> None:
        with Mock(unused="error") as mock:
            mock.faults.latency("any", 1)
            raise KeyError

    with pytest.raises(KeyError):
        block()


def test_pytest_warns_of_it_and_strictly_fails(run: Callable[..., pytest.RunResult]) -> None:
    test = """
        def test_one(voipbin):
            voipbin.faults.latency("POST /outplans", 5)
    """
    result = run(test, "-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*UnusedPlanWarning: planned and never met: latency on POST /outplans*"])
    result = run(test, "--voipbin-mock-unused=error")
    result.assert_outcomes(passed=1, errors=1)
    run(test, "--voipbin-mock-unused=ignore", "-W", "error").assert_outcomes(passed=1)


def test_a_failing_test_shows_it_and_is_not_failed_twice(run: Callable[..., pytest.RunResult]) -> None:
    result = run(
        """
        import pytest

        def test_one(voipbin):
            voipbin.faults.latency("POST /outplans", 5)
            assert not voipbin.outplans.list() == []

        def test_two(voipbin):
            voipbin.faults.latency("POST /outplans", 5)
            pytest.skip("not today")
        """,
        "--voipbin-mock-unused=error",
    )
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(["*planned and never met*", "latency on POST /outplans: met 0 of 1*"])


# --- over the control API ---------------------------------------------------------------------------------


def test_faults_can_be_planned_listed_and_cleared_from_any_language(mock: Mock) -> None:
    control = mock.anonymous
    made = control.post("/__mock__/faults", json={"kind": "error", "on": "GET /outplans", "reason": "INTERNAL"})
    assert made.json == {
        "number": 1,
        "kind": "error",
        "on": "GET /outplans",
        "reason": "INTERNAL",
        "times": 1,
        "seen": 0,
        "met": 0,
    }
    control.post("/__mock__/faults", json={"kind": "latency", "seconds": 2})
    assert [fault["number"] for fault in control.get("/__mock__/faults").json["faults"]] == [1, 2]
    assert control.get("/__mock__/faults").json["unused"] == [1, 2]
    assert control.delete("/__mock__/faults/2").status_code == 200
    assert control.delete("/__mock__/faults/2").status_code == 404
    assert read(mock).status_code == 500
    assert control.get("/__mock__/faults").json == {"faults": [], "unused": []}
    control.post("/__mock__/faults", json={"kind": "refuse"})
    control.delete("/__mock__/faults")
    assert read(mock).status_code == 200


def test_a_plan_that_cannot_be_is_refused_over_the_control_api(mock: Mock) -> None:
    reply = mock.anonymous.post("/__mock__/faults", json={"kind": "error", "on": "GET /outplan", "reason": "INTERNAL"})
    assert reply.status_code == 400
    assert "did you mean" in reply.json["error"]["message"]
    assert mock.anonymous.post("/__mock__/faults", json=[1]).status_code == 400
    assert mock.anonymous.post("/__mock__/faults", json={"kind": "stub", "on": "any"}).status_code == 400


# --- stubs: headers, and whose object the body is ---------------------------------------------------

COOKIES = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]


@pytest.mark.parametrize("headers", [COOKIES, {"Set-Cookie": ["a=1", "b=2"]}, [["Set-Cookie", ["a=1", "b=2"]]]])
def test_a_stub_sends_a_header_as_often_as_it_is_given(mock: Mock, headers: Any) -> None:
    mock.stub("GET /flows", json={}, headers=headers)
    assert mock.client.get("/v1.0/flows").headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert requests.get(f"{mock.url}/flows").raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_headers_given_twice_survive_a_dump(mock: Mock) -> None:
    mock.stub("GET /flows", json={}, headers=COOKIES)
    with Mock(mock.world.profile.name) as other:
        other.load(json.loads(json.dumps(mock.dump())))
        assert other.client.get("/v1.0/flows").headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert mock.client.get("/v1.0/flows").status_code == 200


@pytest.mark.parametrize("headers", ["Set-Cookie: a=1", [("a",)], [("a", "b", "c")], {"a": [1]}, 5])
def test_headers_that_are_no_names_and_values_are_refused(mock: Mock, headers: Any) -> None:
    with pytest.raises(MockUsageError, match="headers"):
        mock.stub("GET /flows", json={}, headers=headers)


def test_a_stubs_body_is_a_copy(mock: Mock) -> None:
    body: dict[str, Any] = {"result": []}
    headers = {"X-A": "1"}
    mock.stub("GET /flows", json=body, headers=headers)
    body["result"].append("late")
    headers["X-A"] = "2"
    reply = mock.client.get("/v1.0/flows")
    assert (reply.json, reply.headers["X-A"]) == ({"result": []}, "1")


def test_a_misspelt_reason_is_told_with_those_there_are(mock: Mock) -> None:
    with pytest.raises(MockUsageError, match="did you mean 'INTERNAL'"):
        mock.faults.error("GET /me", "INTERNALL")
    with pytest.raises(MockUsageError, match=r"known are .*OUTPLAN_NOT_FOUND.*RATE_LIMIT_EXCEEDED"):
        mock.faults.error("GET /me", "NOPE")


def test_plans_show_themselves(mock: Mock) -> None:
    assert repr(mock.faults) == "<faults: none>"
    with mock.faults.error("GET /me", "INTERNAL"), mock.stub("GET /flows", status=204):
        assert repr(mock.faults) == "<faults: error INTERNAL on GET /me>"
        assert repr(mock.stubs) == "<stubs: stub 204 on GET /flows>"
        mock.client.get("/v1.0/me")
        mock.client.get("/v1.0/flows")
