"""Calls over the API: made to phones that behave, and told of, on the virtual clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.dialing import NIL, PROFILES, START, A, B
from voipbin_mock import Answer, Busy, Canceled, Machine, Mock, NoAnswer, Rejected, Unreachable, VoIPBINWarning
from voipbin_mock.areas.calls.phones import Outcome

SOME_ID = "c0ffee00-0000-4000-8000-000000000000"
BODY = {
    "source": {"type": "tel", "target": "+15559876543"},
    "destinations": [{"type": "tel", "target": A}],
    "actions": [{"type": "sleep", "option": {"duration": 7_200_000}}],  # the far end hangs up first
}


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=START, ignore="all") as mock:
        yield mock


def told(mock: Mock) -> list[tuple[int, str]]:
    """What was told of calls: milliseconds, and what."""
    log, others = mock.world.bus.log, ("call_updated", "activeflow_created", "activeflow_updated")
    start = log[0].microseconds
    return [((event.microseconds - start) // 1000, event.type) for event in log if event.type not in others]


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
    assert json.loads([event for event in mock.world.bus.log if event.type == "call_hangup"][-1].data) == shown
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
        ({"flow_id": "70700000-0000-4000-8000-00000000dead"}, 404, "FLOW_NOT_FOUND"),
        ({"anonymous": "perhaps"}, 400, "INVALID_ANONYMOUS_VALUE"),
        ({"actions": [{"type": "dance"}]}, 400, "INVALID_ACTION_TYPE"),
        ({"destinations": [{"type": "tel", "target": A}, {"type": "email", "target": B}]}, 400, "INVALID_ARGUMENT"),
        ({"destinations": [{"type": "tel", "target": ""}]}, 400, "INVALID_ARGUMENT"),
    ],
)
@pytest.mark.differs("call-refusals", "call-anonymous")
def test_what_cannot_be_called_is_refused_and_nothing_is_placed_but_by_the_server(
    mock: Mock, change: dict[str, Any], code: int, reason: str
) -> None:
    reply = mock.client.post("/v1.0/calls", json={**BODY, **change})
    left = {"INVALID_ANONYMOUS_VALUE": [A], "INVALID_ARGUMENT": [A] if len(change.get("destinations", ())) > 1 else []}
    if mock.world.profile.name == "documented" or reason not in left:
        assert (reply.status_code, reply.json["error"]["reason"]) == (code, reason)
        assert mock.calls.list() == []
    elif left[reason]:
        assert [shown["destination"]["target"] for shown in reply.json["calls"]] == left[reason]
    else:
        assert (reply.status_code, reply.json["error"]["reason"]) == (500, "INTERNAL")
        assert "/destinations/0" in mock.requests[-1].hint


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
    if mock.world.profile.name == "server" and reason == "INSUFFICIENT_BALANCE":
        code, reason = 500, "INTERNAL"
    assert (reply.status_code, reply.json["error"]["reason"]) == (code, reason)


NOWHERE = [{"type": "condition_call_status", "option": {"status": "progressing", "false_target_id": SOME_ID}}]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("path", "members"), [("/v1.0/calls", {}), ("/v1.0/groupcalls", {"ring_method": "ring_all", "answer_method": ""})]
)
def test_the_actions_of_a_call_are_looked_at_as_those_of_a_flow(profile: str, path: str, members: Any) -> None:
    body = {**BODY, **members, "actions": NOWHERE}
    with Mock(profile) as mock:
        flow = mock.flows.create(name="menu", actions=[{"type": "answer"}]).id
        with pytest.warns(VoIPBINWarning, match="dangling-target") as told:
            assert mock.client.post(path, json=body).status_code == 200
        assert [each.message.pointer for each in told if isinstance(each.message, VoIPBINWarning)] == [
            "/actions/0/option/false_target_id"
        ]
        mock.client.post(path, json={**body, "flow_id": flow})  # which runs instead of the actions
        assert len(mock.warnings) == 1
    with Mock(profile, error=["dangling-target"]) as mock:
        refused = mock.client.post(path, json=body)
        assert (refused.status_code, refused.json["error"]["reason"]) == (400, "INVALID_ARGUMENT")
        assert mock.calls.list() == mock.flows.list() == []


def test_an_identity_is_asked_for_before_the_flow(mock: Mock) -> None:
    (owner,) = mock.customers.list()
    mock.customers.update(owner.id, identity_verification_status="none")
    sip, tel = {"type": "sip", "target": "ann@example.com"}, {"type": "tel", "target": A}
    for destinations, flow, wanted in (
        ([sip, tel], SOME_ID, (403, "IDENTITY_VERIFICATION_REQUIRED")),
        ([sip], SOME_ID, (404, "FLOW_NOT_FOUND")),
    ):
        reply = mock.client.post("/v1.0/calls", json={**BODY, "destinations": destinations, "flow_id": flow})
        assert (reply.status_code, reply.json["error"]["reason"]) == wanted
    assert len(call(mock, destinations=[sip])["calls"]) == 1


@pytest.mark.differs("D12")
def test_a_flow_must_be_there_and_ones_own(mock: Mock) -> None:
    gone = mock.flows.create().id
    mock.flows.delete(gone)
    theirs = mock.flows.create(customer_id=mock.customers.create(name="other").id).id
    documented = mock.world.profile.name == "documented"
    foreign = (404, "FLOW_NOT_FOUND") if documented else (403, "PERMISSION_DENIED")
    for flow, wanted in ((gone, (404, "RESOURCE_NOT_FOUND")), (theirs, foreign)):
        reply = mock.client.post("/v1.0/calls", json={**BODY, "flow_id": flow})
        assert (reply.status_code, reply.json["error"]["reason"]) == wanted
    assert not mock.calls.list()


@pytest.mark.differs("call-anonymous")
def test_any_word_for_anonymous_counts_as_auto_to_the_server(mock: Mock) -> None:
    reply = mock.client.post("/v1.0/calls", json={**BODY, "anonymous": "perhaps"})
    assert reply.status_code == (400 if mock.world.profile.name == "documented" else 200)


def test_a_call_needs_somebody_to_be_called() -> None:
    with Mock(ignore="all") as strict, Mock("server", ignore="all") as server:
        body = {**BODY, "destinations": []}
        assert strict.client.post("/v1.0/calls", json=body).status_code == 400
        reply = server.client.post("/v1.0/calls", json=body)
        assert (reply.status_code, reply.json["error"]["reason"]) == (500, "INTERNAL")


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


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"name": 5}, "INVALID_JSON_BODY"),
        ({"name": {"first": "Ann"}}, "INVALID_JSON_BODY"),
        ({f"v{n}": "" for n in range(101)}, "INVALID_VARIABLES"),
        ({"name": "é" * 16_385}, "INVALID_VARIABLES"),
        ({f"v{n}": "x" * 32_000 for n in range(3)}, "INVALID_VARIABLES"),
    ],
    ids=["a number", "an object", "too many", "too long", "too long together"],
)
def test_variables_are_texts_and_not_too_many(mock: Mock, variables: Any, reason: str) -> None:
    weak = mock.client_for(mock.agents.create(username="weak", permission=0))
    for client in (mock.client, weak):  # before the permission
        reply = client.post("/v1.0/calls", json={**BODY, "variables": variables})
        assert (reply.status_code, json.loads(reply.text)["error"]["reason"]) == (400, reason)
    assert call(mock, variables={f"v{n}": "x" for n in range(100)})["calls"]
    assert call(mock, variables={"name": "é" * 16_384, "none": None})["calls"]


# --- what a call is ------------------------------------------------------------------------------


def test_a_new_call_is_shown_in_the_order_of_the_service(mock: Mock) -> None:
    made = call(mock)["calls"][0]
    order = [
        "id", "customer_id", "owner_type", "owner_id", "flow_id", "activeflow_id", "type", "master_call_id",
        "chained_call_ids", "recording_id", "recording_ids", "groupcall_id", "source", "destination", "status",
        "action", "metadata", "direction", "mute_direction", "hangup_by", "hangup_reason", "tm_progressing",
        "tm_ringing", "tm_hangup", "tm_create", "tm_update", "tm_delete",
    ]  # fmt: skip
    left_out = {
        "chained_call_ids", "recording_ids", "mute_direction", "hangup_by", "hangup_reason", "tm_progressing",
        "tm_ringing", "tm_hangup", "tm_update", "tm_delete",
    }  # fmt: skip
    if mock.world.profile.name == "server":
        order = [name for name in order if name not in left_out]
    assert list(made) == order
    assert (made["owner_type"], made["owner_id"]) == ("", NIL)
    assert made["action"] == {"id": "00000000-0000-0000-0000-000000000001", "next_id": NIL, "tm_execute": None}
    assert made["metadata"] == {"rtp_debug": False}


def test_a_call_has_its_customers_switches(mock: Mock) -> None:
    (owner,) = mock.customers.list()
    mock.customers.update(owner.id, metadata={"rtp_debug": True})
    assert call(mock)["calls"][0]["metadata"] == {"rtp_debug": True}


def test_a_call_belongs_to_the_agent_who_has_its_destination(mock: Mock) -> None:
    agent = mock.agents.create(username="ann", addresses=[{"type": "tel", "target": A}])
    sip = {"type": "sip", "target": A}
    made = call(mock, destinations=[{"type": "tel", "target": A}, {"type": "tel", "target": B}, sip])["calls"]
    assert [(shown["owner_type"], shown["owner_id"]) for shown in made] == [("agent", agent.id), ("", NIL), ("", NIL)]
    mock.agents.delete(agent.id)
    assert call(mock)["calls"][0]["owner_type"] == ""


def test_numbers_are_kept_as_their_digits_and_hosts_in_lower_case(mock: Mock) -> None:
    with Mock(mock.world.profile.name, strict=False, ignore="all") as lenient:
        source = {"type": "tel", "target": " (555) 987-6543 "}
        sent = ["+1 (202) 555-0101", "12025550101", " Ann@Example.COM ", "+"]
        kinds = ["tel", "tel", "sip", "tel"]
        to = [{"type": kind, "target": target} for kind, target in zip(kinds, sent, strict=True)]
        made = call(lenient, source=source, destinations=to)["calls"]
    assert [shown["destination"]["target"] for shown in made] == ["+12025550101", "12025550101", "Ann@example.com", "+"]
    assert {shown["source"]["target"] for shown in made} == {"5559876543"}


@pytest.mark.parametrize(
    ("outcome", "reason", "by"),
    [
        (NoAnswer(), "dialout", "remote"),
        (Answer("2h", "0s"), "timeout", "remote"),
        (Busy(), "busy", "remote"),
        (Answer("1s", "0s"), "normal", "remote"),
    ],
    ids=["rings too long", "talks too long", "busy", "answered"],
)
def test_what_the_caller_does_not_end_is_ended_by_the_far_side(
    mock: Mock, outcome: Outcome, reason: str, by: str
) -> None:
    mock.phone(A).script(outcome)
    made = call(mock)["calls"][0]
    mock.advance(hours=2)
    shown = mock.client.get(f"/v1.0/calls/{made['id']}").json
    assert (shown["hangup_reason"], shown["hangup_by"]) == (reason, by)


def test_a_deleted_call_is_in_no_state_for_anything_whoever_asks(mock: Mock) -> None:
    made = call(mock)["calls"][0]
    path = f"/v1.0/calls/{made['id']}"
    mock.client.delete(path)
    other = mock.customers.create(name="other")
    admin = mock.agents.create(username="elsewhere", permission=0x20, customer_id=other.id)
    weak = mock.agents.create(username="weak", permission=0)
    for client in (mock.client, mock.client_for(weak), mock.client_for(admin)):
        for reply in (client.get(path), client.post(f"{path}/hangup"), client.delete(path)):
            assert (reply.status_code, reply.json["error"]["reason"]) == (409, "STATE_INVALID")
    missing = mock.client.get(f"/v1.0/calls/{SOME_ID}")
    assert (missing.status_code, missing.json["error"]["reason"]) == (404, "CALL_NOT_FOUND")
    assert mock.client.get("/v1.0/calls").json["result"] == []
