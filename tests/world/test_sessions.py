"""Sessions: parallel workers share one server and never meet."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import pytest
import simple_websocket

from voipbin_mock import Mock, UnusedPlanWarning
from voipbin_mock.edge.incoming import ControlPolicy
from voipbin_mock.world.sessions import MOST_SESSIONS, SESSION_HEADER, Sessions

PLAN = {
    "name": "n",
    "detail": "",
    "source": {"type": "tel", "target": "+15559876543"},
    "dial_timeout": 25000,
    "try_interval": 900000,
    **{f"max_try_count_{i}": 1 for i in range(5)},
}
START = "2026-03-01T09:00:00Z"
Way = Callable[[str, str], tuple[str, dict[str, str]]]


def by_path(key: str, path: str) -> tuple[str, dict[str, str]]:
    return f"/__session__/{key}{path}", {}


def by_header(key: str, path: str) -> tuple[str, dict[str, str]]:
    return path, {SESSION_HEADER: key}


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=START, ignore=("unowned-source", "content-type")) as mock:
        yield mock


@pytest.fixture(params=[by_path, by_header])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


def ask(mock: Mock, target: tuple[str, dict[str, str]], method: str = "GET", body: Any = None) -> Any:
    path, headers = target
    return mock.client.open(path, method=method, headers=headers, json=body)


def names(mock: Mock, target: tuple[str, dict[str, str]]) -> list[str]:
    return [row["name"] for row in ask(mock, target).json["result"]]


def test_what_is_made_in_a_session_is_seen_there_alone(mock: Mock, way: Way) -> None:
    made = ask(mock, way("a", "/v1.0/outplans"), "POST", PLAN | {"name": "mine"})
    assert made.status_code == 200
    assert names(mock, way("a", "/v1.0/outplans")) == ["mine"]
    assert names(mock, way("b", "/v1.0/outplans")) == []
    assert names(mock, ("/v1.0/outplans", {})) == []
    assert ask(mock, way("b", f"/v1.0/outplans/{made.json['id']}")).status_code == 404


def test_a_failing_test_shows_what_sessions_saw_and_their_faults_are_told_too(way: Way) -> None:
    mock = Mock()
    path, named = way("a", "/__mock__/faults")
    fault = {"kind": "error", "on": "GET /flows", "reason": "INTERNAL"}
    assert mock.client.post(path, json=fault, headers={"Host": "localhost", **named}).status_code == 200
    ask(mock, way("a", "/v1.0/outplan"))
    assert "GET /v1.0/outplan -> 404" in dict(mock.sections())["voipbin-mock requests of session a"]
    with pytest.warns(UnusedPlanWarning, match="session a: error INTERNAL on GET /flows"):
        mock.close()


def test_what_sessions_exercise_counts_as_the_servers(way: Way) -> None:
    with Mock(coverage=True) as mock:
        for key in ("a", "b"):
            ask(mock, way(key, "/v1.0/outplans"))
        assert mock.coverage().as_dict()["operations"]["covered"] == 1
        path, named = way("c", "/__mock__/coverage")
        told = mock.client.get(path, headers={"Host": "localhost", **named}).json
        assert told == mock.coverage().as_dict()


def test_both_ways_lead_to_the_same_session(mock: Mock) -> None:
    ask(mock, by_path("a", "/v1.0/outplans"), "POST", PLAN)
    assert names(mock, by_header("a", "/v1.0/outplans")) == ["n"]
    reply = mock.client.get("/__session__/a/v1.0/outplans", headers={SESSION_HEADER: "b"})
    assert reply.status_code == 400
    assert "name two sessions" in reply.json["error"]["message"]
    assert mock.client.get("/__session__/a/v1.0/me", headers={SESSION_HEADER: "a"}).status_code == 200


def test_a_session_has_the_same_settings_credentials_and_seed() -> None:
    seed = {"outplans": [{"name": "seeded"}]}
    with Mock("server", clock=START, seed=seed, rate_limits={"customer": (1, 5)}, strict=True) as mock:
        health = ask(mock, by_path("a", "/__mock__/health")).json
        assert (health["profile"], health["strict"]) == ("server", True)
        assert ask(mock, by_path("a", "/__mock__/clock")).json["now"] == "2026-03-01T09:00:00.000000Z"
        assert mock.anonymous.get("/__session__/a/v1.0/outplans", query_string=mock.params).json["result"]
        assert names(mock, by_path("a", "/v1.0/outplans")) == ["seeded"]
        assert ask(mock, by_path("a", "/__mock__/limits")).json["rate_limits"] == {"customer": [1, 5]}
        login = {"username": mock.username, "password": mock.password}
        assert mock.anonymous.post("/__session__/a/auth/login", json=login).status_code == 200


def test_sessions_draw_ids_of_their_own_and_the_same_ones_every_time() -> None:
    def made(key: str) -> str:
        with Mock(ignore="unowned-source") as mock:
            return str(ask(mock, by_path(key, "/v1.0/outplans"), "POST", PLAN).json["id"])

    assert made("a") == made("a")
    assert made("a") != made("b")


def test_the_control_api_works_within_a_session(mock: Mock, way: Way) -> None:
    for key in ("a", "b"):
        ask(mock, way(key, "/v1.0/outplans"), "POST", PLAN)
    ask(mock, way("a", "/__mock__/clock"), "POST", {"advance": 60})
    assert mock.now.isoformat() == "2026-03-01T09:00:00+00:00"
    assert ask(mock, way("b", "/__mock__/clock")).json["now"] == "2026-03-01T09:00:00.000000Z"
    ask(mock, way("a", "/__mock__/faults"), "POST", {"kind": "error", "on": "GET /outplans", "reason": "INTERNAL"})
    assert ask(mock, way("b", "/v1.0/outplans")).status_code == 200
    assert ask(mock, way("a", "/v1.0/outplans")).status_code == 500
    seen = ask(mock, way("a", "/__mock__/requests")).json["requests"]
    assert [entry["path"] for entry in seen] == ["/v1.0/outplans"] * 2
    ask(mock, way("a", "/__mock__/reset"), "POST")
    assert names(mock, way("a", "/v1.0/outplans")) == []
    assert names(mock, way("b", "/v1.0/outplans")) == ["n"]
    assert mock.requests == []


def test_a_redirect_stays_in_its_session(mock: Mock) -> None:
    reply = mock.client.get("/__session__/a/v1.0/outplans/")
    assert reply.headers["Location"].endswith("/__session__/a/v1.0/outplans")
    assert mock.client.get("/v1.0/outplans/", headers={SESSION_HEADER: "a"}).headers["Location"] == "/v1.0/outplans"


def test_sessions_are_listed_and_deleted(mock: Mock) -> None:
    for key in ("b", "a"):
        ask(mock, by_path(key, "/v1.0/outplans"), "POST", PLAN)
    listed = mock.client.get("/__mock__/sessions").json["sessions"]
    assert [(entry["key"], entry["requests"]) for entry in listed] == [("a", 1), ("b", 1)]
    assert mock.client.delete("/__mock__/sessions/a").status_code == 200
    assert mock.client.delete("/__mock__/sessions/a").status_code == 404
    assert names(mock, by_path("a", "/v1.0/outplans")) == []
    assert mock.client.delete("/__mock__/sessions").json["deleted"] == 2
    assert mock.client.get("/__mock__/sessions").json["sessions"] == []


@pytest.mark.parametrize("key", ["", "%20", "a%2Fb", "-a", "x" * 65, "ä"])
def test_a_bad_key_is_refused_and_makes_nothing(key: str, mock: Mock) -> None:
    reply = mock.client.get(f"/__session__/{key}/v1.0/me")
    assert reply.status_code in (400, 404)
    assert len(mock.world.part(Sessions)) == 0 or reply.status_code == 404
    assert mock.client.get("/v1.0/me", headers={SESSION_HEADER: key}).status_code == 400


def test_there_are_only_so_many_sessions() -> None:
    with Mock() as mock:
        for number in range(MOST_SESSIONS):
            assert mock.client.get(f"/__session__/s{number}/v1.0/me").status_code == 200
        reply = mock.client.get("/__session__/more/v1.0/me")
        assert reply.status_code == 503
        assert "delete some" in reply.json["error"]["message"]
        assert mock.client.get("/__session__/s0/v1.0/me").status_code == 200
        mock.client.delete("/__mock__/sessions/s0")
        assert mock.client.get("/__session__/more/v1.0/me").status_code == 200


def test_fifty_threads_in_twenty_sessions_never_see_a_foreign_id() -> None:
    keys = [f"worker-{number}" for number in range(20)]
    with Mock(ignore=("unowned-source", "content-type")) as mock:
        server = mock.serve()
        credential = f"accesskey={mock.accesskey}"

        def work(number: int) -> tuple[str, set[str], set[str]]:
            key = keys[number % len(keys)]
            chance = random.Random(number)
            connection = HTTPConnection(server.host, server.port, timeout=20)
            made: set[str] = set()
            seen: set[str] = set()
            for _ in range(6):
                path, headers = chance.choice((by_path, by_header))(key, f"/v1.0/outplans?{credential}")
                connection.request("POST", path, json.dumps(PLAN), {**headers, "Content-Type": "application/json"})
                made.add(json.load(connection.getresponse())["id"])
                path, headers = chance.choice((by_path, by_header))(key, f"/v1.0/outplans?{credential}&page_size=100")
                connection.request("GET", path, headers=headers)
                seen |= {row["id"] for row in json.load(connection.getresponse())["result"]}
            connection.close()
            return key, made, seen

        with ThreadPoolExecutor(50) as pool:
            results = list(pool.map(work, range(50)))
        for key in keys:
            mine = set().union(*(made for owner, made, _ in results if owner == key))
            foreign = set().union(*(made for owner, made, _ in results if owner != key))
            seen = set().union(*(seen for owner, _, seen in results if owner == key))
            assert seen == mine
            assert not mine & foreign
        assert mock.outplans.list() == []


def test_webhooks_of_a_session_are_its_own(mock: Mock, way: Way) -> None:
    url = "http://127.0.0.1:9/nobody-listens"  # the discard port
    known = ask(mock, way("a", "/v1.0/customer")).json
    body = {name: known[name] for name in ("name", "detail", "email", "phone_number", "address")}
    ask(mock, way("a", "/v1.0/customer"), "PUT", body | {"webhook_uri": url, "webhook_method": "POST"})
    ask(mock, way("a", "/v1.0/numbers"), "POST", {"number": "+899100000001", "type": "virtual"})
    ask(mock, way("a", "/__mock__/clock"), "POST", {"advance": 60})
    told = [ask(mock, way(key, "/__mock__/webhooks")).json["deliveries"] for key in ("a", "b")]
    assert [(d["type"], d["attempt"], d["outcome"]) for d in told[0]] == [
        ("number_created", 1, "failed"),
        ("number_created", 2, "failed"),
        ("number_created", 3, "failed"),
    ]
    assert told[1] == mock.webhooks.deliveries == []


def test_a_websocket_of_a_session_hears_of_that_session_alone() -> None:
    with Mock() as mock:
        server = mock.serve()
        path = f"/__session__/a/v1.0/ws?accesskey={mock.accesskey}"
        socket = simple_websocket.Client(server.origin.replace("http", "ws") + path)
        topic = f"customer_id:{mock.world.owner}:number"
        socket.send(json.dumps({"type": "subscribe", "topics": [topic]}))
        waiting = threading.Event()
        while ask(mock, by_path("a", "/__mock__/websockets")).json["websockets"] != [{"topics": [topic]}]:
            waiting.wait(0.01)
        for key, number in (("b", "+899100000001"), ("a", "+899100000002")):
            ask(mock, by_path(key, "/v1.0/numbers"), "POST", {"number": number, "type": "virtual"})
        assert json.loads(socket.receive(5))["data"]["number"] == "+899100000002"
        assert mock.anonymous.get("/__mock__/websockets").json == {"websockets": []}
        socket.close()
        socket.thread.join(5)


def test_what_a_session_was_given_goes_with_it() -> None:
    with Mock() as mock:
        mock.serve()
        before = threading.active_count()
        ask(mock, by_path("a", "/v1.0/outplans"))
        assert threading.active_count() == before + 1  # its clock is kept
        mock.client.delete("/__mock__/sessions/a")
        assert threading.active_count() == before


# --- who may begin one -----------------------------------------------------------------------------

EVIL = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Host": "evil.example"},
    {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
]


def sessions_of(mock: Mock) -> list[str]:
    return [entry["key"] for entry in mock.client.get("/__mock__/sessions").json["sessions"]]


@pytest.mark.parametrize("headers", EVIL)
def test_a_page_of_elsewhere_begins_no_session(mock: Mock, way: Way, headers: dict[str, str]) -> None:
    for number, path in enumerate(("/__mock__/health", "/__mock__/reset", "/v1.0/outplans", "/ping")):
        for method in ("GET", "POST"):
            target, named = way(f"x{number}", path)
            given = {"Host": "localhost", **named, **headers}
            assert mock.client.open(target, method=method, headers=given).status_code == 403
    assert sessions_of(mock) == []


def test_a_page_of_this_machine_may_begin_one(mock: Mock, way: Way) -> None:
    target, named = way("app", "/v1.0/outplans")
    headers = {"Host": "localhost:8484", "Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site", **named}
    assert mock.client.get(target, headers=headers).status_code == 200
    assert sessions_of(mock) == ["app"]


def test_refused_requests_leave_no_session_behind_however_many_there_are(mock: Mock, way: Way) -> None:
    for number in range(MOST_SESSIONS + 10):
        target, headers = way(f"x{number}", "/v1.0/outplans")
        assert mock.anonymous.get(target, headers=headers).status_code == 401
        assert mock.anonymous.get(way(f"x{number}", "/nothing")[0], headers=headers).status_code == 404
    assert sessions_of(mock) == []
    assert ask(mock, way("honest", "/v1.0/outplans")).status_code == 200
    assert sessions_of(mock) == ["honest"]


def test_a_worker_whose_first_call_is_refused_finds_it_in_its_journal(mock: Mock, way: Way) -> None:
    target, headers = way("mine", "/v1.0/outplans")
    assert mock.anonymous.get(target, headers=headers).status_code == 401
    seen = ask(mock, way("mine", "/__mock__/requests")).json["requests"]
    assert [entry["status"] for entry in seen] == [401]


def test_where_the_control_api_is_off_the_service_is_still_divided(mock: Mock) -> None:
    mock.door.control = ControlPolicy(enabled=False)
    for name in ("a", "b"):
        assert ask(mock, by_path(name, "/v1.0/outplans"), "POST", PLAN | {"name": name}).status_code == 200
    assert names(mock, ("/__session__/a/v1.0/outplans", {"Host": "mock.test"})) == ["a"]


@pytest.mark.parametrize("path", ["v1.0/outplans", "__mock__/health"])
def test_a_page_that_only_links_to_a_session_begins_none(path: str) -> None:
    with Mock() as mock:
        headers = {**mock.headers, "Host": "127.0.0.1", "Referer": "http://evil.example.com/x"}
        assert mock.anonymous.get(f"/__session__/r/{path}", headers=headers).status_code == 403
        assert mock.world.part(Sessions).listed() == {}
        headers["Referer"] = "http://127.0.0.1/__mock__/docs"
        assert mock.anonymous.get(f"/__session__/r/{path}", headers=headers).status_code == 200


def test_a_control_call_that_there_is_not_begins_no_session() -> None:
    with Mock() as mock:
        for method in ("GET", "POST"):
            reply = mock.anonymous.open(
                "/__session__/n/__mock__/nonsense", method=method, headers={"Host": "127.0.0.1"}
            )
            assert reply.status_code == 404
        assert mock.world.part(Sessions).listed() == {}
