"""Calls that call others: connect, call, bridges, chains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.calling import a, a_flow, calls_in, hangs_up, path, run_of
from tests.support.dialing import PROFILES, A, B
from voipbin_mock import Answer, Busy, Mock, NoAnswer, Rejected

SOURCE = {"type": "tel", "target": "+15559876543"}
TO_A = {"source": SOURCE, "destinations": [{"type": "tel", "target": A}]}


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-02T09:30:00Z", ignore="all") as mock:
        yield mock


def callee(mock: Mock) -> Any:
    return next(call for call in mock.calls.list() if call.direction == "outgoing")


def lasted(call: Any) -> int:
    return round((call.tm_hangup - call.tm_create).total_seconds())


def test_a_caller_is_connected_until_the_callee_hangs_up(mock: Mock) -> None:
    mock.phone(A).script(Answer(after="3s", talk="10s"))
    made = calls_in(mock, a_flow(mock, a("connect", **TO_A), a("talk", text="bye")))
    mock.advance(seconds=2)
    assert mock.calls.get(made).status == "ringing"
    mock.advance(minutes=5)
    caller = mock.calls.get(made)
    assert path(run_of(mock, made)) == ["connect", "talk"]
    assert round((caller.tm_progressing - caller.tm_create).total_seconds()) == 3
    assert lasted(caller) == 15
    assert caller.chained_call_ids == [callee(mock).id]
    assert callee(mock).master_call_id == made
    assert not mock.world.timers


def test_a_caller_who_hangs_up_takes_the_callee_along(mock: Mock) -> None:
    mock.phone(A).script(Answer(after="3s", talk="10m"))
    made = calls_in(mock, a_flow(mock, a("connect", **TO_A)))
    mock.advance(seconds=5)
    hangs_up(mock, made)
    mock.advance(seconds=0)
    assert (callee(mock).status, callee(mock).hangup_reason) == ("hangup", "normal")
    assert not mock.world.timers


def test_a_caller_who_hangs_up_while_it_rings_cancels(mock: Mock) -> None:
    mock.phone(A).script(NoAnswer())
    made = calls_in(mock, a_flow(mock, a("connect", **TO_A)))
    mock.advance(seconds=5)
    hangs_up(mock, made)
    mock.advance(seconds=0)
    assert (callee(mock).hangup_reason, callee(mock).hangup_by) == ("cancel", "local")


@pytest.mark.differs("connect-failed")
@pytest.mark.parametrize(("outcome", "after"), [(Busy("1s"), 1), (NoAnswer("20s"), 20)])
def test_a_connect_that_fails_goes_on_at_once_or_after_a_minute(mock: Mock, outcome: Any, after: int) -> None:
    mock.phone(A).script(outcome)
    made = calls_in(mock, a_flow(mock, a("connect", **TO_A), a("talk", text="nobody is there")))
    mock.advance(minutes=5)
    run = run_of(mock, made)
    assert path(run) == ["connect", "talk"]
    documented = mock.world.profile.name == "documented"
    assert (run["trace"][2][0] - run["trace"][0][0]) / 1e6 == (after if documented else 60)


TO_BOTH = {"source": SOURCE, "destinations": [{"type": "tel", "target": A}, {"type": "tel", "target": B}]}


def callees(mock: Mock) -> list[Any]:
    """In the order in which they were called."""
    found = {call.destination["target"]: call for call in mock.calls.list() if call.direction == "outgoing"}
    return [found[A], found[B]]


@pytest.mark.differs("connect-several")
@pytest.mark.parametrize("early", [False, True])
def test_when_one_of_several_answers_the_others_are_called_no_more(mock: Mock, early: bool) -> None:
    mock.phone(A).script(Answer(after="3s", talk="30s"))
    mock.phone(B).script(Answer(after="10s", talk="1m"))
    made = calls_in(mock, a_flow(mock, a("connect", **TO_BOTH, early_media=early), a("talk", text="bye")))
    mock.advance(seconds=5)
    first, second = callees(mock)
    assert (mock.calls.get(made).status, first.status) == ("progressing", "progressing")
    if mock.world.profile.name == "documented":
        assert (second.status, second.hangup_reason, second.hangup_by) == ("hangup", "cancel", "local")
        assert lasted(second) == 3
    else:
        assert second.status == "ringing"
    mock.advance(minutes=5)
    assert path(run_of(mock, made)) == ["connect", "talk"]
    assert lasted(mock.calls.get(made)) == 35
    assert not mock.world.timers


@pytest.mark.parametrize("early", [False, True])
def test_one_of_several_who_declines_leaves_the_caller_to_the_others(mock: Mock, early: bool) -> None:
    mock.phone(A).script(Rejected("1s"))
    mock.phone(B).script(Answer(after="4s", talk="10s"))
    made = calls_in(mock, a_flow(mock, a("connect", **TO_BOTH, early_media=early), a("talk", text="bye")))
    mock.advance(minutes=5)
    assert lasted(mock.calls.get(made)) == 16
    assert [call.hangup_reason for call in callees(mock)] == ["noanswer", "normal"]


@pytest.mark.parametrize("rejected", [NoAnswer("5s"), Busy("5s")])
def test_with_early_media_the_caller_goes_on_when_the_last_has_failed(mock: Mock, rejected: Any) -> None:
    mock.phone(A).script(NoAnswer("2s"))
    mock.phone(B).script(rejected)
    made = calls_in(mock, a_flow(mock, a("connect", **TO_BOTH, early_media=True), a("talk", text="nobody")))
    mock.advance(minutes=5)
    run = run_of(mock, made)
    assert path(run) == ["connect", "talk"]
    assert not mock.world.timers


def test_whom_nobody_can_call_ends_the_flow(mock: Mock) -> None:
    made = calls_in(mock, a_flow(mock, a("connect", source=SOURCE, destinations=[{"type": "fax"}]), a("talk")))
    mock.advance(seconds=1)
    assert "cannot be called" in run_of(mock, made)["ended_by"]
    assert mock.calls.get(made).status == "hangup"


def test_a_call_of_its_own_goes_on_without_its_maker(mock: Mock) -> None:
    mock.phone(A).script(Answer(after="3s", talk="10m"))
    actions = [{"type": "talk", "option": {"text": "hello"}}, {"type": "sleep", "option": {"duration": 60_000}}]
    made = calls_in(mock, a_flow(mock, a("call", **TO_A, actions=actions)))
    mock.advance(seconds=5)
    assert mock.calls.get(made).status == "hangup"
    assert callee(mock).status == "progressing"
    mock.advance(minutes=2)
    assert lasted(callee(mock)) == 65


def test_a_chained_call_ends_with_its_master(mock: Mock) -> None:
    mock.phone(A).script(Answer(after="1s", talk="10m"))
    sleep = {"type": "sleep", "option": {"duration": 600_000}}
    made = calls_in(mock, a_flow(mock, a("call", **TO_A, actions=[sleep], chained=True), a("answer"), sleep))
    mock.advance(seconds=5)
    hangs_up(mock, made)
    mock.advance(seconds=0)
    assert callee(mock).status == "hangup"


@pytest.mark.differs("call-action-variables")
def test_whose_variables_the_actions_of_a_call_have(mock: Mock) -> None:
    mock.phone(A).script(Answer(after="1s", talk=None))
    says = [{"type": "talk", "option": {"text": "this call is ${voipbin.call.direction}"}}]
    flow = a_flow(mock, a("call", source=SOURCE, destinations=TO_A["destinations"], actions=says))
    mock.phone("+15550100001").calls(flow)
    mock.advance(minutes=1)
    (spoken,) = mock.call(callee(mock).id).spoken
    assert spoken == ("this call is " + ("outgoing" if mock.world.profile.name == "documented" else "incoming"))


def test_with_early_media_the_callee_is_in_the_bridge_while_it_rings(mock: Mock) -> None:
    mock.phone(A).script(Answer(after="5s", talk="10s"))
    call = mock.phone("+15550100001").calls(a_flow(mock, a("connect", **TO_A, early_media=True)))
    mock.advance(seconds=2)
    row = mock.world.store["calls"].get(callee(mock).id)
    assert row is not None
    assert (row.data["joined"], row.data["status"], call.status) == (True, "ringing", "ringing")
    mock.advance(seconds=4)
    assert (callee(mock).status, call.status) == ("progressing", "progressing")
    mock.advance(minutes=1)
    assert call.lasted.total_seconds() == 15
    assert not mock.world.timers


@pytest.mark.parametrize(("early", "after"), [(False, 5000), (True, 0)])
def test_the_actions_of_a_call_begin_when_it_is_answered_or_when_it_rings(mock: Mock, early: bool, after: int) -> None:
    mock.phone(A).script(Answer(after="5s", talk=None))
    says = [{"type": "sleep", "option": {"duration": 60_000}}]
    flow = a_flow(mock, a("call", **TO_A, actions=says, early_execution=early))
    mock.phone("+15550100001").calls(flow)
    mock.advance(seconds=10)
    assert mock.call(callee(mock).id).trace[0].at == after


def test_a_machine_may_be_found_out_while_the_flow_goes_on(mock: Mock) -> None:
    mock.phone(A).script(Answer(after="1s", talk="1m", by="machine"))
    actions = [{"type": "amd", "option": {"async": True}}, {"type": "talk", "option": {"text": "a long story"}}] * 2
    body = {**TO_A, "actions": [actions[0], *actions[1::2]]}
    made = mock.client.post("/v1.0/calls", json=body).json["calls"][0]
    mock.advance(minutes=1)
    call = mock.call(made["id"])
    assert (call.path, call.hangup_reason) == (["amd", "talk", "talk"], "amd")
    assert call.lasted.total_seconds() == 4
    assert not mock.world.timers


def test_a_flow_that_calls_itself_is_stopped_and_named(mock: Mock) -> None:
    mock.phone("default").script(Answer(after="1s", talk="1m"))
    flow = a_flow(mock, a("stop"))
    twice = a("call", source=SOURCE, destinations=[{"type": "tel", "target": A}] * 2, flow_id=flow)
    body = {"name": "menu", "detail": "", "actions": [twice, a("sleep", duration=1000)]}
    assert mock.client.put(f"/v1.0/flows/{flow}", json=body).status_code == 200
    calls_in(mock, flow)
    mock.advance(minutes=5)
    assert len(mock.calls.list()) == 2**9 - 1
    ended = [row.data["ended_by"] for row in mock.world.store["activeflows"]]
    assert any(f"flow {flow} was called by a flow" in why for why in ended)
    assert not mock.world.timers
