"""Flows that run: steps, jumps, conditions, variables, ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.calling import a, a_flow, action_id, calls_in, hangs_up, path, presses, run_of, runs
from tests.support.dialing import NIL, PROFILES
from voipbin_mock import Mock
from voipbin_mock.areas.flows import engine

MORNING = "2026-03-02T09:30:00Z"  # a Monday


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=MORNING, ignore="all") as mock:
        yield mock


def documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def call(mock: Mock, call_id: str) -> Any:
    return mock.client.get(f"/v1.0/calls/{call_id}").json


MENU = (
    a("answer"),
    a("talk", text="press 1 for sales"),
    a("digits_receive", duration=5000, length=1),
    a("branch", target_ids={"1": action_id(5)}, default_target_id=action_id(7)),
    a("talk", text="sales, ${voipbin.call.source.target}"),
    a("hangup"),
    a("talk", text="that is no choice"),
)


def test_a_caller_who_presses_a_key_is_led_where_it_leads(mock: Mock) -> None:
    made = calls_in(mock, a_flow(mock, *MENU))
    mock.advance(seconds=3)
    presses(mock, made, "1")
    mock.advance(seconds=10)
    run = run_of(mock, made)
    assert path(run) == ["answer", "talk", "digits_receive", "branch", "talk", "hangup"]
    assert run["trace"][4][4] == {"text": "sales, +15550100001"}
    shown = call(mock, made)
    assert (shown["status"], shown["hangup_reason"], shown["hangup_by"]) == ("hangup", "normal", "local")
    assert not mock.world.timers


def test_a_silent_caller_is_led_to_the_default(mock: Mock) -> None:
    made = calls_in(mock, a_flow(mock, *MENU))
    mock.advance(minutes=1)
    run = run_of(mock, made)
    assert path(run) == ["answer", "talk", "digits_receive", "branch", "talk"]
    assert run["ended_by"] == "no action follows"
    assert call(mock, made)["hangup_by"] == "local"


def test_a_caller_may_hang_up_at_any_moment(mock: Mock) -> None:
    made = calls_in(mock, a_flow(mock, *MENU))
    mock.advance(seconds=1)
    hangs_up(mock, made)
    run, shown = run_of(mock, made), call(mock, made)
    assert (run["status"], shown["status"], shown["hangup_by"]) == ("ended", "hangup", "remote")
    assert not mock.world.timers


def test_a_call_that_nobody_ends_is_cut_after_an_hour(mock: Mock) -> None:
    made = calls_in(mock, a_flow(mock, a("answer"), a("sleep", duration=86_400_000)))
    mock.advance(minutes=61)
    assert call(mock, made)["hangup_reason"] == "timeout"
    assert not mock.world.timers


def test_events_of_a_call_come_in_the_order_of_the_service(mock: Mock) -> None:
    flow = a_flow(mock, a("answer"), a("talk", text="bye"))
    mock.world.bus.log.clear()
    calls_in(mock, flow)
    mock.advance(seconds=5)
    assert [event.type for event in mock.world.bus.log] == [
        "activeflow_created", "call_created", "activeflow_updated", "call_updated", "call_progressing",
        "activeflow_updated", "call_updated", "activeflow_updated", "activeflow_updated", "call_updated",
        "call_terminating", "call_hangup",
    ]  # fmt: skip


def test_a_key_during_speech_cuts_it_short_if_asked(mock: Mock) -> None:
    spoken = a("talk", text="a long story", digits_handle="next")
    made = calls_in(mock, a_flow(mock, a("answer"), spoken, *MENU[2:3], a("sleep", duration=1000)))
    mock.advance(seconds=1)
    presses(mock, made, "7")
    assert path(run_of(mock, made)) == ["answer", "talk", "digits_receive", "sleep"]
    assert run_of(mock, made)["trace"][1][6] == "cut"


# --- where the profiles part ---------------------------------------------------------------------------


@pytest.mark.differs("activeflow-made")
def test_a_run_is_answered_before_or_at_its_first_action(mock: Mock) -> None:
    actions = [{"type": "sleep"}, {"type": "stop"}]
    shown = mock.client.post("/v1.0/activeflows", json={"actions": actions}).json
    assert shown["status"] == "running"
    assert shown["current_action"].get("type", "") == ("sleep" if documented(mock) else "")
    again = mock.client.get(f"/v1.0/activeflows/{shown['id']}").json
    assert (again["status"], again["current_action"]["type"]) == ("ended", "stop")


@pytest.mark.differs("activeflow-delete")
def test_a_run_that_is_deleted_is_gone(mock: Mock) -> None:
    shown = mock.client.post("/v1.0/activeflows", json={"actions": [{"type": "block"}]}).json
    reply = mock.client.delete(f"/v1.0/activeflows/{shown['id']}")
    if documented(mock):
        assert (reply.status_code, reply.data) == (204, b"")
    else:
        assert (reply.status_code, reply.json["status"]) == (200, "ended")
    assert mock.client.get(f"/v1.0/activeflows/{shown['id']}").json["error"]["reason"] == "RESOURCE_NOT_FOUND"


def test_a_run_that_is_stopped_stays_stopped(mock: Mock) -> None:
    shown = mock.client.post("/v1.0/activeflows", json={"actions": [{"type": "block"}]}).json
    stopped = mock.client.post(f"/v1.0/activeflows/{shown['id']}/stop")
    assert (stopped.status_code, stopped.json["status"]) == (200, "ended")
    assert mock.client.post(f"/v1.0/activeflows/{shown['id']}/stop").json == stopped.json


def test_a_call_whose_run_is_stopped_is_hung_up(mock: Mock) -> None:
    made = calls_in(mock, a_flow(mock, *MENU))
    mock.client.post(f"/v1.0/activeflows/{call(mock, made)['activeflow_id']}/stop")
    assert call(mock, made)["status"] == "hangup"


@pytest.mark.differs("activeflow-variables")
def test_too_many_variables_are_dropped_or_refused(mock: Mock) -> None:
    many = {f"name{number}": "x" for number in range(101)}
    reply = mock.client.post("/v1.0/activeflows", json={"actions": [{"type": "block"}], "variables": many})
    if documented(mock):
        run = mock.world.store["activeflows"].get(reply.json["id"])
        assert run is not None
        assert not many.keys() & run.data["variables"].keys()
    else:
        assert reply.json["error"]["reason"] == "INVALID_VARIABLES"


@pytest.mark.differs("goto-count")
def test_a_goto_jumps_as_often_as_it_says_or_for_ever(mock: Mock) -> None:
    loop = (a("variable_set", key="x", value="y"), a("goto", target_id=action_id(1), loop_count=2), a("stop"))
    run = runs(mock, *loop)
    if documented(mock):
        assert path(run) == ["variable_set", "goto"] * 3 + ["stop"]
    else:
        assert len(run["trace"]) == 101
        assert "goes round and round: variable_set ac000000 -> goto ac000000" in run["ended_by"]


@pytest.mark.differs("datetime-order", "datetime-fields")
@pytest.mark.parametrize(
    ("option", "now", "reversed_"),
    [
        ({"condition": ">=", "hour": 9, "minute": 0}, True, False),
        ({"condition": "<", "hour": 17, "minute": 0}, True, False),
        ({"condition": ">=", "hour": 10, "minute": 0}, False, False),
        ({"condition": "==", "hour": 9, "minute": 30}, True, True),
        ({"condition": "==", "hour": 9}, True, False),
        ({"condition": "==", "hour": -1, "minute": 30, "day": -1, "month": 0}, True, True),
        ({"condition": "==", "month": 3, "day": 2, "hour": 9, "minute": 30}, True, True),
        ({"condition": "<=", "hour": 9, "minute": 30}, True, True),
    ],
)
def test_the_time_is_compared(mock: Mock, option: dict[str, Any], now: bool, reversed_: bool) -> None:
    run = runs(mock, a("condition_datetime", **option, false_target_id=action_id(3)), a("stop"), a("block"))
    assert (run["trace"][0][6] == "true") is (now if documented(mock) else reversed_)


@pytest.mark.differs("list-substitution")
def test_weekdays_filter_or_end_the_flow(mock: Mock) -> None:
    condition = a("condition_datetime", condition=">=", hour=0, minute=0, weekdays=[1], false_target_id=action_id(2))
    run = runs(mock, condition, a("block"))
    assert run["trace"][0][6] == ("true" if documented(mock) else "failed")
    if documented(mock):
        sunday = {**condition, "option": {**condition["option"], "weekdays": [0, 6]}}
        assert runs(mock, sunday, a("block"))["trace"][0][6] == "false"


@pytest.mark.differs("condition-names")
def test_conditions_have_names_in_the_documents(mock: Mock) -> None:
    condition = a("condition_variable", condition="equal", variable="a", value_string="a", false_target_id=action_id(2))
    assert runs(mock, condition, a("block"))["trace"][0][6] == ("true" if documented(mock) else "false")


@pytest.mark.differs("condition-variable")
def test_a_bare_name_is_a_variable_in_the_documents(mock: Mock) -> None:
    condition = a("condition_variable", condition="==", variable="tier", value_string="gold")
    run = runs(mock, condition, a("block"), variables={"tier": "gold"})
    assert run["trace"][0][6] == ("true" if documented(mock) else "false")
    written = a("condition_variable", condition="==", variable="${tier}", value_string="gold")
    assert runs(mock, written, a("block"), variables={"tier": "gold"})["trace"][0][6] == "true"


@pytest.mark.differs("variable-length")
def test_a_length_is_counted_in_characters_or_bytes(mock: Mock) -> None:
    condition = a("condition_variable", condition="==", variable="${name}", value_type="length", value_length=4)
    run = runs(mock, condition, a("block"), variables={"name": "Zoë!"})
    assert run["trace"][0][6] == ("true" if documented(mock) else "false")


@pytest.mark.parametrize(
    ("text", "condition", "number", "true"),
    [("10", ">", 9, True), ("9", ">", 10, False), ("ten", "==", 10, False), ("2.50", "==", 2.5, True)],
)
def test_numbers_are_compared_as_numbers(mock: Mock, text: str, condition: str, number: float, true: bool) -> None:
    option = {"condition": condition, "variable": "${n}", "value_type": "number", "value_number": number}
    run = runs(mock, a("condition_variable", **option, false_target_id=action_id(2)), a("block"), variables={"n": text})
    assert run["trace"][0][6] == ("true" if true else "false")


@pytest.mark.differs("on-complete-failed")
def test_a_flow_that_failed_is_followed_by_the_server_alone(mock: Mock) -> None:
    after = a_flow(mock, a("block"))
    lost = a("branch", target_ids={}, default_target_id=NIL)
    first = a_flow(mock, lost, on_complete_flow_id=after)
    mock.client.post("/v1.0/activeflows", json={"flow_id": first})
    runs_there = [run["flow_id"] for run in mock.client.get("/v1.0/activeflows").json["result"]]
    assert (after in runs_there) is not documented(mock)


@pytest.mark.differs("on-complete-chain")
def test_a_flow_that_follows_itself_is_bounded(mock: Mock) -> None:
    flow = a_flow(mock, a("variable_set", key="x", value="${x}y"))
    body = {"name": "menu", "detail": "", "actions": [a("variable_set", key="x", value="${x}y")]}
    mock.client.put(f"/v1.0/flows/{flow}", json={**body, "on_complete_flow_id": flow})
    mock.client.post("/v1.0/activeflows", json={"flow_id": flow})
    mock.advance(seconds=1)
    made = [each for each in mock.activeflows.list() if each.flow_id == flow]
    assert len(made) == (5 if documented(mock) else 502)
    assert not mock.world.timers


@pytest.mark.differs("on-complete-call")
def test_after_a_call_what_needs_the_call_is_skipped_or_waits_for_ever(mock: Mock) -> None:
    after = a_flow(mock, a("talk", text="anybody there?"), a("variable_set", key="x", value="y"))
    first = a_flow(mock, a("answer"), on_complete_flow_id=after)
    made = calls_in(mock, first)
    mock.advance(seconds=10)
    run = next(row.data for row in mock.world.store["activeflows"] if row.data["flow_id"] == after)
    assert call(mock, made)["status"] == "hangup"
    if documented(mock):
        assert (run["status"], path(run)) == ("ended", ["variable_set"])
    else:
        assert (run["status"], path(run)) == ("running", ["talk"])
    assert run["variables"]["voipbin.activeflow.complete_count"] == "1"


@pytest.mark.differs("flow-limits")
def test_a_run_without_end_is_stopped_and_the_loop_is_named(mock: Mock) -> None:
    forever = (a("talk", text="la"), a("beep", _next_id=action_id(2)))
    made = calls_in(mock, a_flow(mock, a("answer"), *forever))
    mock.advance(minutes=30)
    run = run_of(mock, made)
    assert run["status"] == "ended"
    assert run["failed"]
    assert "beep ac000000 -> talk ac000000" in run["ended_by"] or "talk ac000000 -> beep ac000000" in run["ended_by"]
    assert len(run["trace"]) == 101


def test_a_loop_that_takes_no_time_is_stopped(mock: Mock) -> None:
    run = runs(mock, a("variable_set", key="x", value="y", _next_id=action_id(1)))
    assert run["failed"]
    assert "variable_set ac000000 -> variable_set ac000000" in run["ended_by"]
    assert run["execute_count"] == (1000 if documented(mock) else 101)


@pytest.mark.differs("flow-pop")
def test_a_list_of_actions_is_left_from_below_in_the_documents(mock: Mock) -> None:
    inner = a_flow(mock, a("block"))
    shown = mock.client.post("/v1.0/activeflows", json={"actions": [a("fetch_flow", flow_id=inner), a("stop")]}).json
    mock.advance(seconds=0)
    run = mock.world.store["activeflows"].get(shown["id"])
    assert run is not None
    assert run.data["stack"] == "fetch_flow-1"
    with mock.world.changing():
        assert engine.pop(mock.world, shown["id"], "fetch_flow-1", "enough")
    assert mock.client.get(f"/v1.0/activeflows/{shown['id']}").json["status"] == "ended"


@pytest.mark.differs("digits-length")
def test_without_a_length_one_key_is_taken_or_all(mock: Mock) -> None:
    made = calls_in(mock, a_flow(mock, a("answer"), a("digits_receive", duration=5000), a("sleep", duration=9000)))
    presses(mock, made, "12")
    assert path(run_of(mock, made))[-1] == ("sleep" if documented(mock) else "digits_receive")
    mock.advance(seconds=6)
    assert path(run_of(mock, made))[-1] == "sleep"


@pytest.mark.differs("digits-cleared")
def test_keys_of_an_earlier_action_are_forgotten_or_count(mock: Mock) -> None:
    receive = a("digits_receive", duration=5000, length=1)
    made = calls_in(mock, a_flow(mock, a("answer"), receive, receive, a("sleep", duration=9000)))
    presses(mock, made, "1")
    waits = path(run_of(mock, made))[-1] == "digits_receive"
    assert waits is documented(mock)


# --- what options may hold ---------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [7, True, [], {}, "text", 1.5])
@pytest.mark.parametrize("kind", ["branch", "goto", "condition_variable", "variable_set", "fetch_flow", "talk", "play"])
def test_a_wrong_type_in_an_option_is_a_failure_and_no_error(mock: Mock, kind: str, wrong: Any) -> None:
    names = dict.fromkeys(mock.world.blueprint.action(kind).option, wrong)
    run_id = calls_in(mock, a_flow(mock, a("answer"), a(kind, **names), a("sleep", duration=1)))
    mock.advance(minutes=2)
    assert run_of(mock, run_id)["status"] == "ended"


def test_a_deep_option_is_read_as_far_as_it_goes(mock: Mock) -> None:
    deep: Any = "${x}"
    for _ in range(90):
        deep = {"a": [deep]}
    assert runs(mock, {"type": "variable_set", "option": {"key": "x", "value": "1", "more": deep}})["status"] == "ended"


def test_a_run_that_goes_on_is_part_of_a_dump(mock: Mock) -> None:
    made = calls_in(mock, a_flow(mock, a("variable_set", key="k", value="v"), *MENU[1:]))
    mock.advance(seconds=3)
    state = mock.dump()
    mock.reset()
    mock.load(state)
    assert run_of(mock, made)["variables"]["k"] == "v"
    presses(mock, made, "1")
    mock.advance(seconds=10)
    assert path(run_of(mock, made)) == ["variable_set", "talk", "digits_receive", "branch", "talk", "hangup"]


def test_a_loop_of_what_takes_no_time_is_ended_although_each_is_waited_for(mock: Mock) -> None:
    made = calls_in(mock, a_flow(mock, a("answer"), a("play", stream_urls=[], _next_id=action_id(2))))
    mock.advance(minutes=1)
    assert "it goes round and round: play ac000000 -> play ac000000" in run_of(mock, made)["ended_by"]


def test_a_wait_flow_that_takes_no_time_does_not_hold_the_clock(mock: Mock) -> None:
    music = a_flow(mock, a("play", stream_urls=[]))
    queue = mock.queues.create(name="q", wait_flow_id=music).id
    made = calls_in(mock, a_flow(mock, a("answer"), a("queue_join", queue_id=queue)))
    mock.advance(minutes=1)
    assert "it goes round and round" in run_of(mock, made)["ended_by"]


def test_a_variable_that_doubles_itself_grows_no_further_than_it_may(mock: Mock) -> None:
    doubles = a("variable_set", key="a", value="xx${a}${a}")
    run = runs(mock, doubles, a("goto", target_id=action_id(1), loop_count=1000))
    assert run["failed"]
    assert 10_000 < len(run["variables"]["a"]) <= 32_768
    assert "32768 are the most" in run["trace"][40][7]


def test_a_text_with_many_variables_is_cut_off(mock: Mock) -> None:
    run = runs(mock, a("webhook_send", data="${a}" * 100_000), variables={"a": "x" * 30_000})
    assert len(run["trace"][0][4]["data"]) == 262_144


def test_a_long_run_tells_of_the_newest_actions_and_of_no_more_than_a_thousand() -> None:
    sets = [a("variable_set", key="round", value=str(number)) for number in range(37)]
    round_and_round = (a("answer"), a("sleep", duration=1), *sets, a("goto", target_id=action_id(2), loop_count=40))
    with Mock("documented", clock=MORNING, ignore="all") as mock:  # the server's is over after 101 actions
        made = calls_in(mock, a_flow(mock, *round_and_round))
        mock.advance(minutes=1)
        run = run_of(mock, made)
    assert (run["execute_count"], run["status"], run["ended_by"]) == (1 + 41 * 39, "ended", "no action follows")
    kinds = [row[3] for row in run["trace"]]
    assert 990 <= len(kinds) <= 1000
    assert kinds[-40:] == ["goto", "sleep", *["variable_set"] * 37, "goto"]
    assert kinds == (kinds[-39:] * 26)[-len(kinds) :]  # none is missing between
