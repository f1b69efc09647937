"""What is wrong with a flow before it runs, and that it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.calling import a, action_id, calls_in, run_of
from tests.support.dialing import NIL, PROFILES
from voipbin_mock import Mock, VoIPBINWarning
from voipbin_mock.areas.flows.findings import ALL_CODES

MORNING = "2026-03-02T09:30:00Z"
NOWHERE = action_id(99)


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=MORNING) as mock:
        yield mock


def server(mock: Mock) -> bool:
    return mock.world.profile.name == "server"


def numbered(*actions: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": action_id(number), **action} for number, action in enumerate(actions, 1)]


def made(mock: Mock, *actions: dict[str, Any], **members: Any) -> str:
    """A flow that is put in place, so that nobody is told of what is wrong with it."""
    body = {"name": "main", "detail": "", "actions": numbered(*actions), **members}
    return str(mock.flows.create(**body).id)


def found(mock: Mock, *actions: dict[str, Any], **members: Any) -> list[tuple[str, str]]:
    """The codes and places of all findings but hints."""
    view = mock.flow(made(mock, *actions, **members))
    return [(finding.code, finding.pointer) for finding in view.lint() if finding.severity != "hint"]


def severities(mock: Mock, *actions: dict[str, Any], **members: Any) -> dict[str, str]:
    return {finding.code: finding.severity for finding in mock.flow(made(mock, *actions, **members)).lint()}


def cut_off(mock: Mock, flow: str, seconds: float = 600) -> str:
    """Why a caller of this flow was cut off."""
    call = calls_in(mock, flow)
    mock.advance(seconds=seconds)
    run = run_of(mock, call)
    assert run["status"] == "ended"
    assert run["failed"]
    return str(run["ended_by"])


ASK = (a("answer"), a("digits_receive", duration=2000, length=1))


# --- errors: each shows when the flow runs ----------------------------------------------------------------


def test_a_jump_to_nowhere_cuts_the_caller_off(mock: Mock) -> None:
    actions = (a("answer"), a("goto", target_id=NOWHERE, loop_count=1), a("hangup"))
    assert ("dangling-target", "/actions/1/option/target_id") in found(mock, *actions)
    assert NOWHERE in cut_off(mock, made(mock, *actions))


def test_a_key_to_nowhere_is_named_by_its_place(mock: Mock) -> None:
    targets = {"1": NOWHERE, "a/b": NOWHERE}
    actions = (*ASK, a("branch", target_ids=targets, default_target_id=action_id(4)), a("hangup"))
    assert found(mock, *actions) == [
        ("dangling-target", "/actions/2/option/target_ids/1"),
        ("dangling-target", "/actions/2/option/target_ids/a~1b"),
    ]


def test_a_next_id_to_nowhere_ends_the_flow(mock: Mock) -> None:
    actions = (a("answer"), a("sleep", duration=1000, _next_id=NOWHERE), a("hangup"))
    assert ("dangling-target", "/actions/1/next_id") in found(mock, *actions)


@pytest.mark.parametrize(
    ("action", "member"),
    [
        (a("branch", target_ids={}), "default_target_id"),
        (a("branch", target_ids={}, default_target_id=NIL), "default_target_id"),
        (a("condition_call_digits", length=3), "false_target_id"),
        (a("condition_call_status", status="ringing"), "false_target_id"),
        (a("condition_variable", condition="==", variable="${x}", value_string="1"), "false_target_id"),
        (a("condition_datetime", condition="==", hour=1, minute=0), "false_target_id"),
    ],
)
def test_what_has_no_way_for_everything_else_cuts_the_caller_off(mock: Mock, action: Any, member: str) -> None:
    actions = (*ASK, action, a("hangup"))
    assert ("no-default", f"/actions/2/option/{member}") in found(mock, *actions)
    cut_off(mock, made(mock, *actions))


@pytest.mark.parametrize(
    "actions",
    [
        (a("answer"), a("variable_set", key="a", value="b", _next_id=action_id(1))),
        (a("answer"), a("sleep", duration=1000, _next_id=action_id(2))),
        (*ASK, a("branch", target_ids={"1": action_id(2)}, default_target_id=action_id(1))),
    ],
)
def test_a_loop_that_nothing_leads_out_of_is_cut_off(mock: Mock, actions: Any) -> None:
    assert severities(mock, *actions)["endless-loop"] == "error"
    assert "round and round" in cut_off(mock, made(mock, *actions))


def test_a_loop_that_is_left_is_none(mock: Mock) -> None:
    actions = (a("answer"), a("sleep", duration=1000), a("goto", target_id=action_id(2), loop_count=2), a("hangup"))
    assert "endless-loop" not in severities(mock, *actions)


def test_a_member_of_the_wrong_type_is_an_error_where_it_ends_the_flow(mock: Mock) -> None:
    ends = (a("answer"), a("condition_variable", condition="==", variable="${a}", value_string=1, false_target_id=""))
    assert ("option-type", "/actions/1/option/value_string") in found(mock, *ends)
    assert "value_string" in cut_off(mock, made(mock, *ends))
    skipped = (a("answer"), a("talk", text=["hello"]), a("hangup"))
    assert severities(mock, *skipped)["option-type"] == "warning"


def test_weekdays_end_the_flow_on_the_server(mock: Mock) -> None:
    when = a("condition_datetime", condition="==", minute=-1, hour=-1, weekdays=[1], false_target_id=action_id(3))
    actions = (a("answer"), when, a("hangup"))
    assert severities(mock, *actions)["weekdays"] == ("error" if server(mock) else "warning")
    if server(mock):
        assert "weekdays" in cut_off(mock, made(mock, *actions))


# --- warnings ---------------------------------------------------------------------------------------------


def test_who_presses_nothing_is_led_round(mock: Mock) -> None:
    again = a("branch", target_ids={"1": action_id(4)}, default_target_id=action_id(1))
    actions = (*ASK, again, a("hangup"))
    assert found(mock, *actions) == [("silent-loop", "/actions/0")]
    assert "round and round" in cut_off(mock, made(mock, *actions))
    (finding,) = [each for each in mock.flow(made(mock, *actions)).lint() if each.code == "silent-loop"]
    assert "in round 34, when the flow has begun 101 actions" in finding.message or not server(mock)


def test_who_presses_nothing_may_be_led_out_in_time(mock: Mock) -> None:
    again = a("branch", target_ids={"1": action_id(5)}, default_target_id=action_id(4))
    actions = (*ASK, again, a("goto", target_id=action_id(1), loop_count=2), a("hangup"))
    assert found(mock, *actions) == ([("goto-forever", "/actions/3/option/loop_count")] if server(mock) else [])


@pytest.mark.parametrize("count", [{}, {"loop_count": 0}])
def test_a_goto_without_count_never_jumps(mock: Mock, count: dict[str, int]) -> None:
    actions = (a("answer"), a("goto", target_id=action_id(1), **count), a("hangup"))
    where = "/actions/1/option" + ("/loop_count" if count else "")
    assert found(mock, *actions) == [("goto-never", where)]


def test_a_goto_with_a_count_never_runs_out_on_the_server(mock: Mock) -> None:
    actions = (a("answer"), a("sleep", duration=1000), a("goto", target_id=action_id(1), loop_count=2), a("hangup"))
    assert severities(mock, *actions)["goto-forever"] == ("warning" if server(mock) else "hint")
    if server(mock):
        assert "101" in cut_off(mock, made(mock, *actions))


def test_what_nothing_leads_to_is_told_together(mock: Mock) -> None:
    actions = (a("answer"), a("hangup"), a("beep"), a("beep", _next_id=action_id(6)), a("beep"), a("beep"))
    view = mock.flow(made(mock, *actions))
    (finding,) = [each for each in view.lint() if each.code == "unreachable-action"]
    assert (finding.pointer, finding.severity) == ("/actions/2", "warning")
    assert "actions 2 to 5" in finding.message


def test_a_target_that_a_variable_names_may_be_anywhere(mock: Mock) -> None:
    actions = (*ASK, a("branch", target_ids={"1": "${where}"}, default_target_id=action_id(4)), a("hangup"), a("beep"))
    assert found(mock, *actions) == []


def test_ids_are_of_one_action_each(mock: Mock) -> None:
    actions = (a("answer"), a("beep", _id=action_id(1)), a("hangup"))
    assert found(mock, *actions) == [("duplicate-id", "/actions/1/id")]


@pytest.mark.parametrize(
    ("action", "code", "member"),
    [
        (a("sleep", duration=10), "seconds-not-milliseconds", "/duration"),
        (a("echo", duration=30), "seconds-not-milliseconds", "/duration"),
        (a("digits_receive", duration=5, length=1), "seconds-not-milliseconds", "/duration"),
        (a("recording_start", duration=30000), "milliseconds-not-seconds", "/duration"),
        (a("digits_receive", length=1), "digits-never", ""),
        (a("digits_receive", length=1, duration=0), "digits-never", "/duration"),
        (a("talk", text="hello ${voipbin.call.sorce.target}"), "unknown-variable", "/text"),
        (a("talk", text="hello", langage="en-US"), "option-member", "/langage"),
        (a("fetch_flow", flow_id=NOWHERE), "unknown-reference", "/flow_id"),
    ],
)
def test_what_is_odd_in_an_option(mock: Mock, action: Any, code: str, member: str) -> None:
    assert found(mock, a("answer"), action, a("hangup")) == [(code, f"/actions/1/option{member}")]


def test_conditions_are_read_as_the_server_does(mock: Mock) -> None:
    bare = a("condition_variable", condition="equal", variable="tier", value_string="vip", false_target_id=action_id(3))
    assert found(mock, a("answer"), bare, a("hangup")) == [
        ("unknown-condition", "/actions/1/option/condition"),
        ("bare-variable", "/actions/1/option/variable"),
    ]
    hours = a("condition_datetime", condition=">=", hour=9, false_target_id=action_id(3))
    told = severities(mock, a("answer"), hours, a("hangup"))
    assert told["time-fields"] == ("warning" if server(mock) else "hint")


def test_a_variable_of_the_flow_that_is_misspelt(mock: Mock) -> None:
    actions = (a("variable_set", key="customer", value="Ann"), a("talk", text="Hello ${custmer}"), a("hangup"))
    (finding,) = [each for each in mock.flow(made(mock, *actions)).lint() if each.severity != "hint"]
    assert finding.advice == "did you mean customer?"
    # what the flow does not set may come from whoever runs it
    assert found(mock, a("talk", text="Hello ${name}"), a("hangup")) == []


def test_a_branch_by_digits_that_nobody_was_asked_for(mock: Mock) -> None:
    choice = a("branch", target_ids={"1": action_id(3)}, default_target_id=action_id(3))
    assert found(mock, a("answer"), choice, a("hangup")) == [("no-digits", "/actions/1")]
    assert found(mock, a("talk", text="press 1"), choice, a("hangup")) == []  # a key while it is spoken counts


def test_digits_of_an_earlier_menu_are_still_there_on_the_server(mock: Mock) -> None:
    twice = a("digits_receive", duration=2000, length=1)
    told = severities(mock, *ASK, twice, a("hangup"))
    assert told["stale-digits"] == ("warning" if server(mock) else "hint")
    between = a("branch", target_ids={}, default_target_id=action_id(4))
    assert "stale-digits" not in severities(mock, *ASK, between, twice, a("hangup"))


def test_the_actions_of_a_call_within_a_flow_are_looked_at(mock: Mock) -> None:
    inner = [{"type": "tak"}, {"type": "sleep", "option": {"duration": 3}}]
    action = a("call", destinations=[{"type": "tel", "target": "+15550100002"}], actions=inner)
    told = [each for each in found(mock, action) if "/option/actions/" in each[1]]
    assert told == [
        ("unknown-type", "/actions/0/option/actions/0/type"),
        ("seconds-not-milliseconds", "/actions/0/option/actions/1/option/duration"),
    ]


def test_flows_in_a_circle(mock: Mock) -> None:
    first = made(mock, a("talk", text="one"))
    second = made(mock, a("fetch_flow", flow_id=first))
    back = {"actions": numbered(a("fetch_flow", flow_id=second))}
    mock.flows.update(first, **back, on_complete_flow_id=second)
    mock.flows.update(second, on_complete_flow_id=first)
    told = [(each.code, each.pointer) for each in mock.flow(first).lint() if each.severity == "warning"]
    assert sorted(told) == [("flow-loop", "/actions/0/option/flow_id"), ("flow-loop", "/on_complete_flow_id")]


def test_a_flow_may_lead_back_into_the_one_that_fetches_it(mock: Mock) -> None:
    inner = made(mock, a("goto", target_id=action_id(7), loop_count=1, _id=action_id(1)))
    assert [each.code for each in mock.flow(inner).lint() if each.severity == "error"] == ["dangling-target"]
    made(mock, a("fetch_flow", flow_id=inner), a("beep", _id=action_id(7)))
    assert [each.code for each in mock.flow(inner).lint() if each.severity == "error"] == []


def test_what_calls_skip_is_told_in_a_flow_for_calls(mock: Mock) -> None:
    assert found(mock, a("answer"), a("block"), a("hangup")) == [("skipped-action", "/actions/1")]
    assert found(mock, a("variable_set", key="a", value="b"), a("block")) == []


# --- hints ------------------------------------------------------------------------------------------------


def test_hints_are_for_who_asks(mock: Mock) -> None:
    talk = a("talk", text="Press 1 for sales, or two for support", gender="female")
    choice = a("branch", target_ids={"1": action_id(4)}, default_target_id=action_id(4))
    told = severities(mock, talk, a("digits_receive", duration=5000, length=1), choice, a("beep"))
    assert told == {"option-member": "hint", "prompt-key-unknown": "hint", "no-hangup": "hint"}
    connect = a("connect", source={}, destinations=[])
    assert severities(mock, a("answer"), connect)["nothing-after"] == "hint"
    assert severities(mock, a("digits_receive", duration=5000, length=1), a("hangup"))["not-answered"] == "hint"
    long = severities(mock, *[a("beep")] * 101, a("hangup"))
    assert long["too-long"] == "hint"


def test_every_code_is_tested_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [code for code in ALL_CODES if f'"{code}"' not in text] == []


# --- where it is told ---------------------------------------------------------------------------------------

LIVE = a("condition_call_status", status="progressing", false_target_id=NOWHERE)
DANGLING = {"name": "main", "detail": "", "actions": [a("answer"), LIVE, a("hangup")]}


def test_it_is_told_when_a_flow_is_made_or_changed(mock: Mock) -> None:
    with pytest.warns(VoIPBINWarning, match="dangling-target") as told:
        reply = mock.client.post("/v1.0/flows", json=DANGLING)
    assert reply.status_code == 200
    (warning,) = [each.message for each in told if getattr(each.message, "code", "") == "dangling-target"]
    assert (warning.code, warning.pointer) == ("dangling-target", "/actions/1/option/false_target_id")  # type: ignore[union-attr]
    with pytest.warns(VoIPBINWarning, match="dangling-target"):
        mock.client.put(f"/v1.0/flows/{reply.json['id']}", json=DANGLING)


def test_words_for_ids_are_told_when_something_leads_to_them(mock: Mock) -> None:
    live = a("condition_call_status", status="progressing", false_target_id="end")
    body = {"name": "main", "detail": "", "actions": [a("answer"), live, {"id": "end", "type": "hangup"}]}
    with pytest.warns(VoIPBINWarning) as told:
        mock.client.post("/v1.0/flows", json=body)
    codes = [(each.message.code, each.message.pointer) for each in told if isinstance(each.message, VoIPBINWarning)]
    assert codes == [("dangling-target", "/actions/1/option/false_target_id"), ("word-id", "/actions/2/id")]
    body = {"name": "main", "detail": "", "actions": [{"id": "begin", "type": "answer"}, a("hangup")]}
    assert mock.client.post("/v1.0/flows", json=body).status_code == 200


def test_a_flow_that_is_fine_says_nothing(mock: Mock) -> None:
    body = {"name": "main", "detail": "", "actions": [a("answer"), a("talk", text="Hello.", gender="female")]}
    assert mock.client.post("/v1.0/flows", json=body).status_code == 200
    assert mock.warnings == []


def test_a_code_can_refuse_or_be_silent() -> None:
    with Mock(error=["dangling-target"]) as mock:
        refused = mock.client.post("/v1.0/flows", json=DANGLING)
        assert (refused.status_code, refused.json["error"]["reason"]) == (400, "INVALID_ARGUMENT")
    with Mock(ignore=["dangling-target"]) as mock:
        made = mock.client.post("/v1.0/flows", json=DANGLING)
        assert made.status_code == 200
        assert "dangling-target" not in [finding.code for finding in mock.flow(made.json["id"]).lint()]


@pytest.mark.parametrize(
    "actions",
    [
        [{"type": "branch", "option": {"target_ids": [1], "default_target_id": {"a": 1}, "variable": 7}}],
        [{"type": "goto", "option": {"target_id": 5, "loop_count": "3"}}],
        [{"type": "condition_datetime", "option": {"condition": [], "weekdays": "1", "hour": {}, "minute": None}}],
        [{"type": "digits_receive", "option": {"duration": True, "length": [], "key": {}}}],
        [{"type": "talk", "option": {"text": {"a": ["${x", "}${"]}, "digits_handle": 3}}],
        [{"type": "call", "option": {"actions": [1, None, {"type": 5, "option": 3}, {"type": "call"}]}}],
        [{"type": "variable_set", "option": {"key": [], "value": 1}}, {"type": "fetch_flow", "option": {"flow_id": 1}}],
    ],
)
def test_hostile_options_are_looked_at_all_the_same(mock: Mock, actions: Any) -> None:
    flow = mock.flows.create(name="", detail="", actions=actions)
    view = mock.flow(flow)
    assert [str(finding) for finding in view.lint()]
    assert view.mermaid()
    assert view.svg()


def test_of_a_flow_that_nobody_would_write_the_first_part_is_looked_at(mock: Mock) -> None:
    jumps = [a("goto", loop_count=2, target_id=action_id(number)) for number in (12_000, 13_000)]
    several = [*jumps, *(a("beep") for _ in range(11_998))]
    numbered = [{"id": action_id(number), **action} for number, action in enumerate(several, 1)]
    found = {finding.pointer: finding for finding in mock.flow(mock.flows.create(name="", actions=numbered)).lint()}
    assert "/actions/0/option/target_id" not in found  # beyond what is looked at
    assert found["/actions/1/option/target_id"].code == "dangling-target"
    (told,) = [finding for finding in found.values() if finding.code == "too-long"]
    assert "of 12000 actions" in told.message
    assert "unreachable-action" not in {finding.code for finding in found.values()}
