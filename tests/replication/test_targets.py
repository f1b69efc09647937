"""One suite, however a mock is served: by one process, by one that keeps its state, by several in turns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any
from urllib.parse import quote

import pytest
import simple_websocket

from tests.support.contracting import told
from tests.support.dialing import CAMPAIGN, OUTPLAN
from tests.support.receivers import raw_port, until, well
from tests.support.redis_servers import Fake, Server
from tests.support.targets import KINDS, Target, run_cases, target
from voipbin_mock.contract.targets import SEED

CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
FAILING = {"kind": "error", "on": "GET /outplans", "reason": "INTERNAL"}
BUSY, FREE = "+15550100001", "+15550100009"
# Every so manyth of the contract cases; `python -m tests.benchmarks.targets` asks all.
CASES_APART = 7


@pytest.fixture(scope="module", params=KINDS)
def served(
    request: pytest.FixtureRequest, redis_server: Server | Fake, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    with target(request.param, tmp_path_factory.mktemp(request.param), redis_server.url) as found:
        yield found


@pytest.fixture
def mock(served: Target) -> Iterator[Target]:
    """As it was at the start; whatever a test does, it is the same everywhere."""
    served.reset()
    yield served
    for path in ("state", "requests", "webhooks", "coverage"):
        served.everywhere(f"/__mock__/{path}")


def outplan(mock: Target, name: str, session: str = "") -> Any:
    return mock.done("POST", "/v1.0/outplans", {**OUTPLAN, "name": name}, session)


def walk(mock: Target, size: int) -> Iterator[Any]:
    token = ""
    while True:
        page = mock.done("GET", f"/v1.0/outplans?page_size={size}&page_token={quote(token)}")
        if not page["result"]:
            return
        yield from page["result"]
        token = page["next_page_token"]


def test_what_one_is_told_the_next_one_knows(mock: Target) -> None:
    made = outplan(mock, "first")
    path = f"/v1.0/outplans/{made['id']}"
    assert mock.done("GET", path) == made
    changed = mock.done("PUT", path, {"name": "second", "detail": "of two"})
    assert changed["name"] == "second"
    assert mock.done("GET", path) == changed
    assert mock.done("DELETE", path)["tm_delete"] is not None
    assert mock.done("GET", path)["tm_delete"] is not None
    assert made["id"] not in [row["id"] for row in walk(mock, 100)]
    refused = mock.ask("GET", "/v1.0/outplans/c0ffee00-0000-4000-8000-000000000000")
    assert refused.status == 404


@pytest.mark.parametrize("size", [1, 4, 100])
def test_pages_hold_each_record_once_the_newest_first(mock: Target, size: int) -> None:
    before = [row["id"] for row in walk(mock, 100)]
    made = [outplan(mock, f"plan {number}")["id"] for number in range(9)]
    mock.done("DELETE", f"/v1.0/outplans/{made.pop(3)}")
    assert [row["id"] for row in walk(mock, size)] == made[::-1] + before


def test_records_that_come_during_a_walk_leave_it_whole(mock: Target) -> None:
    made = [outplan(mock, f"plan {number}")["id"] for number in range(4)]
    seen = []
    for row in walk(mock, 1):
        seen.append(row["id"])
        outplan(mock, "later")
    assert seen[:4] == made[::-1]
    assert len(set(seen)) == len(seen)


def test_a_login_at_one_is_one_at_all(mock: Target) -> None:
    body = {"username": mock.facts["username"], "password": mock.facts["password"]}
    token = mock.done("POST", "/auth/login", body)["token"]
    for _ in range(mock.processes):
        me = mock.ask("GET", "/v1.0/me", headers={"Authorization": f"Bearer {token}"})
        assert (me.status, me.json["username"]) == (200, mock.facts["username"])


def test_a_campaign_runs_by_a_clock_that_all_have(mock: Target) -> None:
    plan = outplan(mock, "plan")["id"]
    campaign = mock.done("POST", "/v1.0/campaigns", {**CAMPAIGN, "outplan_id": plan})["id"]
    dial = mock.done("POST", "/v1.0/outdials", {"campaign_id": campaign, "name": "a", "detail": "b", "data": "c"})["id"]
    mock.control("PUT", "phones", {BUSY: ["busy", "busy"], FREE: [{"outcome": "answer", "talk": "12s"}]})
    for number in (BUSY, FREE):
        slots = {"destination_0": {"type": "tel", "target": number}}
        mock.done("POST", f"/v1.0/outdials/{dial}/targets", {"name": "t", "detail": "d", "data": "d", **slots})
    ids = {"outplan_id": plan, "outdial_id": dial}
    nothing = dict.fromkeys(("queue_id", "next_campaign_id"), "00000000-0000-0000-0000-000000000000")
    mock.done("PUT", f"/v1.0/campaigns/{campaign}/resource_info", {**ids, **nothing})
    mock.done("PUT", f"/v1.0/campaigns/{campaign}/status", {"status": "run"})
    for _ in range(6):
        mock.advance(60)
    calls = mock.done("GET", f"/v1.0/campaigns/{campaign}/campaigncalls?page_size=100")["result"]
    found = sorted((call["destination"]["target"], call["result"]) for call in calls)
    assert found == [(BUSY, "fail"), (BUSY, "fail"), (FREE, "success")]
    timeline = mock.everywhere(f"/__mock__/campaigns/{campaign}/timeline")
    assert timeline
    assert mock.everywhere("/__mock__/clock")["now"] == "2026-03-01T09:06:00.000000Z"


def test_the_clock_stands_and_goes_for_all(mock: Target) -> None:
    mock.control("POST", "clock", {"advance": 90.5})
    assert {mock.control("GET", "clock")["now"] for _ in range(4)} == {"2026-03-01T09:01:30.500000Z"}
    mock.control("POST", "clock", {"speed": 3600, "resume": True})
    moments = [mock.control("GET", "clock")["now"] for _ in range(6)]
    assert moments == sorted(set(moments)), "it goes on whoever is asked"
    mock.control("POST", "clock", {"freeze": True})
    assert mock.everywhere("/__mock__/clock")["frozen"] is True


def test_a_fault_befalls_one_request_whoever_is_asked(mock: Target) -> None:
    mock.control("POST", "faults", {**FAILING, "times": 2})
    assert len(mock.everywhere("/__mock__/faults")["faults"]) == 1
    assert [mock.ask("GET", "/v1.0/outplans").status for _ in range(4)] == [500, 500, 200, 200]
    mock.control("POST", "faults", {**FAILING, "nth": [2]})
    assert [mock.ask("GET", "/v1.0/outplans").status for _ in range(3)] == [200, 500, 200]
    assert mock.everywhere("/__mock__/faults")["faults"] == []


def test_chance_is_the_same_for_all(mock: Target) -> None:
    mock.control("POST", "faults", {**FAILING, "times": None, "probability": 0.5})
    codes = [mock.ask("GET", "/v1.0/outplans").status for _ in range(20)]
    assert set(codes) == {200, 500}
    mock.control("DELETE", "faults")
    assert mock.ask("GET", "/v1.0/outplans").status == 200


def test_a_stub_answers_whoever_is_asked(mock: Target) -> None:
    mock.control("POST", "stubs", {"on": "GET /flows", "json": {"result": []}, "status": 202, "times": 3})
    assert [mock.ask("GET", "/v1.0/flows").status for _ in range(4)] == [202, 202, 202, 200]


def test_limits_count_the_requests_to_all(mock: Target) -> None:
    mock.control("PUT", "limits", {"rate_limits": {"customer": [3, 3]}})
    assert [mock.ask("GET", "/v1.0/outplans").status for _ in range(5)] == [200, 200, 200, 429, 429]
    mock.advance(60)
    assert mock.ask("GET", "/v1.0/outplans").status == 200


def test_sessions_are_apart_and_each_is_one(mock: Target) -> None:
    first = outplan(mock, "of the first", "first")
    second = outplan(mock, "of the second", "second")
    assert first["id"] != second["id"]
    for key, mine, other in (("first", first, second), ("second", second, first), ("", None, first)):
        if mine is not None:
            assert mock.done("GET", f"/v1.0/outplans/{mine['id']}", session=key) == mine
        assert mock.ask("GET", f"/v1.0/outplans/{other['id']}", session=key).status == 404
    mock.control("POST", "clock", {"advance": 60}, "first")
    assert mock.everywhere("/__mock__/clock", "first")["now"] == "2026-03-01T09:01:00.000000Z"
    assert mock.everywhere("/__mock__/clock")["now"] == "2026-03-01T09:00:00.000000Z"
    mock.control("DELETE", "sessions/first")
    assert [each["key"] for each in mock.everywhere("/__mock__/sessions")["sessions"]] == ["second"]
    assert mock.everywhere("/__mock__/clock", "first")["now"] == "2026-03-01T09:00:00.000000Z", "a look begins it anew"


def test_one_goes_back_to_a_moment_whoever_kept_it(mock: Target) -> None:
    kept = outplan(mock, "kept")["id"]
    mock.control("POST", "snapshots", {"name": "noon"})
    gone = outplan(mock, "gone")["id"]
    mock.advance(60)
    assert [each["name"] for each in mock.everywhere("/__mock__/snapshots")["snapshots"]] == ["undo", "noon"], (
        "and what the reset before replaced"
    )
    mock.control("POST", "snapshots/noon")
    assert mock.ask("GET", f"/v1.0/outplans/{gone}").status == 404
    assert mock.ask("GET", f"/v1.0/outplans/{kept}").status == 200
    assert mock.everywhere("/__mock__/clock")["now"] == "2026-03-01T09:00:00.000000Z"
    mock.control("POST", "snapshots/undo")
    assert mock.ask("GET", f"/v1.0/outplans/{gone}").status == 200


def test_a_state_is_taken_back_and_a_reset_is_one_for_all(mock: Target) -> None:
    outplan(mock, "kept")
    state = mock.everywhere("/__mock__/state")
    mock.control("POST", "reset")
    assert "kept" not in [row["name"] for row in walk(mock, 100)]
    mock.control("PUT", "state", state)
    assert "kept" in [row["name"] for row in walk(mock, 100)]
    assert mock.everywhere("/__mock__/state")["records"] == state["records"]
    mock.control("POST", "seed", {"seed": {"outplans": [{"name": "evening"}]}})
    assert len(mock.everywhere("/__mock__/records/outplans")["records"]) == 1
    mock.control("POST", "seed", {"seed": dict(SEED)})


def test_the_journal_has_each_request_once_in_one_order(mock: Target) -> None:
    for number in range(5):
        outplan(mock, f"plan {number}")
    requests = mock.everywhere("/__mock__/requests")["requests"]
    assert [json.loads(each["body"])["name"] for each in requests] == [f"plan {n}" for n in range(5)]
    numbers = [each["number"] for each in requests]
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    again = mock.control("POST", f"requests/{numbers[-1]}/again")
    assert again["number"] == numbers[-1] + 1


def test_a_webhook_comes_once_before_the_answer_and_is_logged_by_all(mock: Target) -> None:
    with raw_port(well) as receiver:
        mock.done("PUT", "/v1.0/customer", {"webhook_method": "POST", "webhook_uri": receiver.url})
        heard = len(receiver.requests)
        for number in range(4):
            outplan(mock, "no webhook")
            mock.done("POST", "/v1.0/numbers", {"number": f"+89910000000{number}", "type": "virtual"})
            assert len(receiver.requests) == heard + number + 1
        deliveries = mock.everywhere("/__mock__/webhooks")["deliveries"]
    assert [each["type"] for each in deliveries][-4:] == ["number_created"] * 4


def test_a_receiver_that_is_gone_is_tried_again_in_virtual_time(mock: Target) -> None:
    with raw_port(well) as receiver:
        url = receiver.url
    mock.done("PUT", "/v1.0/customer", {"webhook_method": "POST", "webhook_uri": url})
    mock.control("DELETE", "webhooks")
    mock.done("POST", "/v1.0/numbers", {"number": "+899100000001", "type": "virtual"})
    mock.control("POST", "webhooks/flush")
    attempts = [each["attempt"] for each in mock.everywhere("/__mock__/webhooks")["deliveries"]]
    assert attempts == [1, 2, 3]


def test_a_websocket_hears_of_everything_wherever_it_hangs(mock: Target) -> None:
    with ExitStack() as stack:
        sockets = []
        for origin in mock.origins * 2:
            url = origin.replace("http://", "ws://") + f"/v1.0/ws?token={mock.facts['token']}"
            socket = simple_websocket.Client(url)
            stack.callback(closed, socket)
            socket.send(json.dumps({"type": "subscribe", "topics": [f"customer_id:{CUSTOMER}:number"]}))
            sockets.append(socket)
        until(lambda: subscribed(mock) == len(sockets))
        made = mock.done("POST", "/v1.0/numbers", {"number": "+899100000001", "type": "virtual"})
        for socket in sockets:
            assert json.loads(socket.receive(5.0)) == {"type": "number_created", "data": made}


def subscribed(mock: Target) -> int:
    """How many websockets have topics, at all addresses."""
    found = [mock.control("GET", "websockets")["websockets"] for _ in range(mock.processes)]
    return sum(bool(each["topics"]) for listed in found for each in listed)


def closed(socket: simple_websocket.Client) -> None:
    with suppress(simple_websocket.ConnectionClosed):
        socket.close()
    socket.thread.join(5.0)


def test_contract_cases_hold(mock: Target) -> None:
    run = run_cases(mock, "documented", every=CASES_APART)
    assert told(run) == []
    assert run.checked > 70
