"""Calls over the API: made to phones that behave, and told of, on the virtual clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.dialing import NIL, PROFILES, START, A, B
from voipbin_mock import Answer, Busy, Canceled, Machine, Mock, NoAnswer, Rejected, Unreachable
from voipbin_mock.areas.calls.phones import Outcome

BODY = {
    "source": {"type": "tel", "target": "+15559876543"},
    "destinations": [{"type": "tel", "target": A}],
    "actions": [{"type": "talk", "option": {"text": "hello", "language": "en-US"}}],
}


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=START, ignore="all") as mock:
        yield mock


def told(mock: Mock) -> list[tuple[int, str]]:
    start = mock.world.bus.log[0].microseconds
    return [((event.microseconds - start) // 1000, event.type) for event in mock.world.bus.log]


def call(mock: Mock, **members: Any) -> Any:
    reply = mock.client.post("/v1.0/calls", json={**BODY, **members})
    assert reply.status_code == 200, reply.text
    return reply.json


def test_a_call_is_made_to_each_destination(mock: Mock) -> None:
    made = call(mock, destinations=[{"type": "tel", "target": A}, {"type": "sip", "target": "ann@example.com"}])
    assert list(made) == ["calls", "groupcalls"]
    assert made["groupcalls"] == []
    assert [shown["destination"]["target"] for shown in made["calls"]] == [A, "ann@example.com"]
    assert {shown["status"] for shown in made["calls"]} == {"dialing"}
    assert {shown["direction"] for shown in made["calls"]} == {"outgoing"}
    listed = mock.client.get("/v1.0/calls").json["result"]
    assert {shown["id"] for shown in listed} == {shown["id"] for shown in made["calls"]}


@pytest.mark.parametrize(
    ("outcome", "expected", "reason"),
    [
        (
            Answer(after="2s", talk="5s"),
            [(0, "call_created"), (0, "call_ringing"), (2000, "call_progressing"), (7000, "call_hangup")],
            "normal",
        ),
        (Busy(after="3s"), [(0, "call_created"), (3000, "call_hangup")], "busy"),
        (NoAnswer(), [(0, "call_created"), (0, "call_ringing"), (60_000, "call_hangup")], "dialout"),
        (Rejected("1s"), [(0, "call_created"), (0, "call_ringing"), (1000, "call_hangup")], "noanswer"),
        (Unreachable("1s"), [(0, "call_created"), (1000, "call_hangup")], "failed"),
        (Canceled("1s"), [(0, "call_created"), (0, "call_ringing"), (1000, "call_hangup")], "cancel"),
        (
            Machine("1s", "1s"),
            [(0, "call_created"), (0, "call_ringing"), (1000, "call_progressing"), (2000, "call_hangup")],
            "amd",
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Outcome) else "",
)
def test_a_call_goes_as_its_phone_has_it(mock: Mock, outcome: Outcome, expected: list[Any], reason: str) -> None:
    mock.phone(A).script(outcome)
    made = call(mock)["calls"][0]
    mock.advance(hours=1)
    assert told(mock) == expected
    shown = mock.client.get(f"/v1.0/calls/{made['id']}").json
    assert (shown["status"], shown["hangup_reason"]) == ("hangup", reason)
    assert json.loads(mock.world.bus.log[-1].data) == shown
    record = mock.calls.get(made["id"])
    assert record.tm_hangup is not None
    assert (record.tm_hangup - record.tm_create).total_seconds() * 1000 == expected[-1][0]


def test_what_happens_at_once_is_seen_by_the_next_request(mock: Mock) -> None:
    mock.phone(A).script(Busy(after=0))
    made = call(mock)["calls"][0]
    assert made["status"] == "dialing"
    assert mock.calls.get(made["id"]).status == "hangup"


@pytest.mark.parametrize(("at", "on_the_way", "reason"), [(1, "canceling", "cancel"), (5, "terminating", "normal")])
def test_a_call_is_hung_up_from_the_callers_side(mock: Mock, at: int, on_the_way: str, reason: str) -> None:
    mock.phone(A).script(Answer(after="3s", talk="1m"))
    made = call(mock)["calls"][0]
    mock.advance(seconds=at)
    shown = mock.client.post(f"/v1.0/calls/{made['id']}/hangup").json
    assert shown["status"] == on_the_way
    after = mock.client.get(f"/v1.0/calls/{made['id']}").json
    assert (after["status"], after["hangup_reason"], after["hangup_by"]) == ("hangup", reason, "local")
    assert [kind for moment, kind in told(mock) if moment == at * 1000] == [f"call_{on_the_way}", "call_hangup"]
    seen = len(mock.world.bus.log)
    mock.advance(hours=2)
    assert len(mock.world.bus.log) == seen
    assert mock.client.post(f"/v1.0/calls/{made['id']}/hangup").json == after


def test_a_deleted_call_is_hung_up_first(mock: Mock) -> None:
    made = call(mock)["calls"][0]
    mock.client.delete(f"/v1.0/calls/{made['id']}")
    assert mock.calls.get(made["id"]).status == "hangup"
    assert [kind for _, kind in told(mock)] == [
        "call_created", "call_ringing", "call_canceling", "call_deleted", "call_hangup"
    ]  # fmt: skip


def test_a_flow_that_is_given_is_the_one_that_is_run(mock: Mock) -> None:
    flow = mock.records("flows").create(name="hello")
    assert call(mock, flow_id=flow.id)["calls"][0]["flow_id"] == flow.id
    assert call(mock)["calls"][0]["flow_id"] not in (NIL, flow.id)


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        ({"flow_id": "70700000-0000-4000-8000-00000000dead"}, 400, "INVALID_ARGUMENT"),
        ({"anonymous": "perhaps"}, 400, "INVALID_ANONYMOUS_VALUE"),
        ({"actions": [{"type": "dance"}]}, 400, "INVALID_ACTION_TYPE"),
        ({"destinations": [{"type": "tel", "target": A}, {"type": "email", "target": B}]}, 400, "INVALID_ARGUMENT"),
        ({"destinations": [{"type": "tel", "target": ""}]}, 400, "INVALID_ARGUMENT"),
    ],
)
def test_what_cannot_be_called_is_refused_and_nothing_is_placed(
    mock: Mock, change: dict[str, Any], code: int, reason: str
) -> None:
    reply = mock.client.post("/v1.0/calls", json={**BODY, **change})
    assert (reply.status_code, reply.json["error"]["reason"]) == (code, reason)
    assert mock.calls.list() == []


@pytest.mark.parametrize(
    ("customer", "code", "reason"),
    [
        ({"balance": 0}, 402, "INSUFFICIENT_BALANCE"),
        ({"identity_verification_status": "none"}, 403, "IDENTITY_VERIFICATION_REQUIRED"),
    ],
)
def test_a_customer_who_may_not_call_is_told_why(mock: Mock, customer: dict[str, Any], code: int, reason: str) -> None:
    (owner,) = mock.customers.list()
    mock.customers.update(owner.id, **customer)
    reply = mock.client.post("/v1.0/calls", json=BODY)
    assert (reply.status_code, reply.json["error"]["reason"]) == (code, reason)


def test_a_call_needs_somebody_to_be_called() -> None:
    with Mock(ignore="all") as strict, Mock("server", ignore="all") as server:
        body = {**BODY, "destinations": []}
        assert strict.client.post("/v1.0/calls", json=body).status_code == 400
        assert server.client.post("/v1.0/calls", json=body).json == {"calls": [], "groupcalls": []}


def test_calls_and_campaigns_use_one_phone(mock: Mock) -> None:
    mock.phone(A).script(Busy(after=0), Answer())
    first, second = (call(mock)["calls"][0]["id"] for _ in range(2))
    mock.advance(minutes=1)
    assert [mock.calls.get(each).hangup_reason for each in (first, second)] == ["busy", "normal"]


@pytest.mark.parametrize("variables", [[], "x", 1, True])
def test_variables_that_are_no_object_cannot_be_decoded(mock: Mock, variables: Any) -> None:
    reply = mock.client.post("/v1.0/calls", json={**BODY, "variables": variables})
    assert reply.status_code == 400
    error = json.loads(reply.text)["error"]
    assert error["reason"] == "INVALID_JSON_BODY"
    assert [detail["pointer"] for detail in error["details"]] == ["/variables"]
    assert call(mock, variables={"name": "Ann"})["calls"]
    assert call(mock, variables=None)["calls"]
