"""The far end of calls: phones that call, press, speak and hang up, and what a test sees of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.support.calling import CALLER, a, a_flow, action_id
from tests.support.dialing import PROFILES, A
from voipbin_mock import (
    Answer,
    Busy,
    CallRefused,
    HangUp,
    LiveCall,
    Machine,
    Mock,
    MockUsageError,
    NoAnswer,
    Press,
    Rejected,
    Say,
    Step,
    Wait,
)
from voipbin_mock.areas.calls.phones import read_outcome

SOURCE = {"type": "tel", "target": "+15559876543"}
MENU = (
    a("answer"),
    a("talk", text="Press 1 for sales, 2 for support", digits_handle="next"),
    a("digits_receive", duration=5000, length=1),
    a("branch", target_ids={"1": action_id(5), "2": action_id(7)}, default_target_id=action_id(9)),
    a("talk", text="This is sales"),
    a("hangup"),
    a("talk", text="This is support"),
    a("hangup"),
    a("talk", text="That is not a choice"),
    a("goto", target_id=action_id(2), loop_count=1),
    a("hangup"),
)


@pytest.fixture(params=PROFILES)
def voipbin(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-02T09:30:00Z", ignore="all") as mock:
        yield mock


@pytest.fixture
def menu(voipbin: Mock) -> str:
    return a_flow(voipbin, *MENU)


def calls(voipbin: Mock, to: Any, *steps: Step) -> LiveCall:
    call = voipbin.phone(CALLER).calls(to, *steps)
    voipbin.advance(minutes=5)
    return call


def test_a_number_is_called_and_a_key_pressed(voipbin: Mock, menu: str) -> None:
    number = voipbin.numbers.list()[0]
    voipbin.numbers.update(number.id, call_flow_id=menu)
    call = calls(voipbin, number.number, Press("1"))
    assert call.path == ["answer", "talk", "digits_receive", "branch", "talk", "hangup"]
    assert call.heard("*sales") == ["This is sales"]
    assert call.record.destination.target == number.number
    call.assert_ended("normal", by="local")
    assert call.lasted == timedelta(seconds=4.5)


def test_a_key_that_does_not_wait_cuts_what_is_spoken(voipbin: Mock, menu: str) -> None:
    call = calls(voipbin, menu, Press("2", text="*support*", after="1s"))
    assert call.trace[1].outcome == "cut"
    assert call.heard("support")[-1] == "This is support"
    assert call.lasted == timedelta(seconds=3)


def test_steps_are_done_one_after_the_other(voipbin: Mock, menu: str) -> None:
    call = calls(voipbin, menu, Press("9"), Press("1"), HangUp(after="1s"))
    assert call.pressed[0] == "9"
    assert call.path[:7] == ["answer", "talk", "digits_receive", "branch", "talk", "goto", "talk"]
    assert not call.steps_left
    call.assert_ended("normal", by="remote")


def test_a_silent_caller_hears_it_all_again(voipbin: Mock, menu: str) -> None:
    call = voipbin.phone(CALLER).calls(menu)
    voipbin.advance(seconds=15)
    assert len(call.heard("press 1")) == 2
    assert call.trace[2].why == "no more keys within 5000 ms"


@pytest.mark.parametrize(
    "step",
    [
        Press("1", on=action_id(3)),
        Press("1", at="talk", nth=2),
        Press("1", at="digits_receive", nth=2),
        Say("hello", text="*CHOICE"),
    ],
    ids=str,
)
def test_a_step_waits_for_its_action(voipbin: Mock, menu: str, step: Step) -> None:
    call = calls(voipbin, menu, step)
    assert not call.steps_left


def test_a_step_waits_for_an_action_that_takes_no_time(voipbin: Mock) -> None:
    sets = a("variable_set", key="x", value="y")
    flow = a_flow(voipbin, a("answer"), a("sleep", duration=2000), sets, a("sleep", duration=60_000))
    call = calls(voipbin, flow, Say("hello", at="answer", after="1s"), HangUp(at="variable_set", after="1s"))
    assert (call.said, call.lasted) == (["hello"], timedelta(seconds=3))


def test_an_action_that_a_key_leads_to_is_met_once(voipbin: Mock, menu: str) -> None:
    call = calls(voipbin, menu, Press("9"), HangUp(at="talk", nth=2, after="1s"))
    assert [row.type for row in call.trace if row.type in ("talk", "goto")] == ["talk", "talk", "goto", "talk"]
    assert call.lasted == timedelta(seconds=5.5)


def test_two_keys_are_for_one_action_that_takes_two(voipbin: Mock) -> None:
    flow = a_flow(voipbin, a("digits_receive", duration=9000, length=2), a("talk", text="${voipbin.call.digits}"))
    assert calls(voipbin, flow, Press("4"), Press("2")).spoken == ["42"]


def test_an_action_that_there_is_not_is_told_before_the_call(voipbin: Mock, menu: str) -> None:
    with pytest.raises(ValueError, match="did you mean 'digits_receive'"):
        voipbin.phone(CALLER).calls(menu, Press("1", at="digit_receive"))
    with pytest.raises(ValueError, match="there is no action 'sing'"):
        voipbin.phone(CALLER).calls(menu, Press("1", at="sing"))
    assert not [call for call in voipbin.calls.list() if call.direction == "incoming"]


@pytest.mark.parametrize("rule", ["default", "+1555*"])
def test_a_pattern_of_phones_calls_nobody(voipbin: Mock, menu: str, rule: str) -> None:
    with pytest.raises(ValueError, match="is no phone that can call"):
        voipbin.phone(rule).calls(menu)


def test_a_step_that_never_came_is_told(voipbin: Mock) -> None:
    call = calls(voipbin, a_flow(voipbin, a("answer"), a("talk", text="bye")), Press("1"))
    assert call.steps_left == ["Press('1', at='digits_receive') waits for a digits_receive"]
    assert "not done: Press('1', at='digits_receive')" in str(call)


def test_waiting_and_speaking_take_their_time(voipbin: Mock) -> None:
    flow = a_flow(voipbin, a("answer"), a("sleep", duration=60_000))
    call = calls(voipbin, flow, Wait("3s"), Say("hello"), Wait("2s"), HangUp())
    assert call.said == ["hello"]
    assert call.lasted == timedelta(seconds=5)


def test_a_live_call_is_led_by_hand(voipbin: Mock, menu: str) -> None:
    call = voipbin.phone(CALLER).calls(menu)
    voipbin.advance(seconds=3)
    assert call.press("2").path[-1] == "talk"
    call.say("thank you").hang_up()
    call.assert_ended("normal", by="remote")
    with pytest.raises(MockUsageError, match="is over"):
        call.press("1")


def test_an_answered_call_presses_keys_too(voipbin: Mock, menu: str) -> None:
    voipbin.phone(A).script(Answer(after="2s", then=[Press("1"), Say("yes")]))
    body = {"source": SOURCE, "destinations": [{"type": "tel", "target": A}], "flow_id": menu}
    made = voipbin.client.post("/v1.0/calls", json=body).json["calls"][0]
    voipbin.advance(minutes=5)
    call = voipbin.call(made["id"])
    assert (call.path[3:5], call.pressed, call.said) == (["branch", "talk"], "1", ["yes"])
    assert voipbin.live_calls()[-1].id == call.id


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("+12025550199", "no customer has the number"),
        ("7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f63", "is no flow"),
        ("main menu", "is no number that a customer has, and no id of a flow"),
    ],
)
def test_who_cannot_be_called_is_refused_and_no_record_is_made(voipbin: Mock, to: str, why: str) -> None:
    before = len(voipbin.calls.list())
    with pytest.raises(CallRefused, match=why):
        voipbin.phone(CALLER).calls(to)
    assert len(voipbin.calls.list()) == before


@pytest.mark.parametrize(
    "write",
    [
        lambda: HangUp(after=4),
        lambda: Wait(3),
        lambda: Press("1", after=99),
        lambda: Answer(after=3),
        lambda: Answer(10),
        lambda: Machine(talk=2.5),
        lambda: Busy(after=1),
        lambda: read_outcome({"outcome": "noanswer", "after": 20}),
    ],
)
def test_seconds_are_not_taken_for_milliseconds(write: Any) -> None:
    with pytest.raises(ValueError, match=r"would be [\d.]+ milliseconds; write \"[\d.]+s\""):
        write()


def test_whoever_means_milliseconds_can_say_so(voipbin: Mock, menu: str) -> None:
    call = calls(voipbin, menu, Wait("4ms"), HangUp(after="20ms"))
    assert call.lasted == timedelta(milliseconds=24)


def test_the_nth_is_counted_from_the_step_before(voipbin: Mock) -> None:
    flow = a_flow(voipbin, a("answer"), a("talk", text="one"), a("talk", text="two"), a("talk", text="three"))
    for nth, seconds in ((1, 0.6), (2, 2.1), (3, 4.1)):
        call = calls(voipbin, flow, Say("hello", at="talk"), HangUp(at="talk", nth=nth, after="100ms"))
        assert call.lasted == timedelta(seconds=seconds)


def test_how_many_came_of_those_that_a_step_waits_for_is_told(voipbin: Mock) -> None:
    flow = a_flow(voipbin, a("answer"), a("talk", text="one"), a("talk", text="two"), a("hangup"))
    call = calls(voipbin, flow, Say("hello", at="talk"), HangUp(at="talk", nth=3))
    assert call.steps_left == ["HangUp(at='talk', nth=3) waits for a talk: number 3 since the step before, and 2 came"]


def test_keys_that_were_pressed_before_the_end_are_told(voipbin: Mock) -> None:
    flow = a_flow(voipbin, a("answer"), a("digits_receive", duration=9000, length=9), a("hangup"))
    call = voipbin.phone(CALLER).calls(flow, Press("1234", every="1s"))
    voipbin.advance(seconds=2)
    call.hang_up()
    assert call.steps_left == ["Press('1234', at='digits_receive'): 12 is pressed, 34 is not"]


def test_a_step_that_can_never_come_is_told_at_once(voipbin: Mock, caplog: pytest.LogCaptureFixture) -> None:
    voipbin.phone(A).script(Answer(then=[Press("5"), HangUp(after="3s")]))
    connects = a("connect", source=SOURCE, destinations=[{"type": "tel", "target": A}])
    call = calls(voipbin, a_flow(voipbin, a("answer"), connects))
    never = "Press('5', at='digits_receive') waits for a digits_receive, which never comes: this call only talks"
    assert never in caplog.text
    assert call.legs[0].steps_left[0].startswith(never)


def test_a_flow_is_called_by_its_direct_hash_as_it_is_shown() -> None:
    for profile in PROFILES:
        with Mock(profile, ignore="all") as mock:
            body = {"name": "menu", "detail": "", "actions": [{"type": "answer"}]}
            made = mock.client.post("/v1.0/flows", json=body).json
            assert mock.phone(CALLER).calls(made["direct_hash"]).path == ["answer"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Press(""),
        lambda: Press("x"),
        lambda: Say(""),
        lambda: Press("1", nth=0),
        lambda: Press("1", after="soon"),
        lambda: Press("1", at="talk", on="x"),
        lambda: Wait("1s", after="2s"),
    ],
)
def test_what_nobody_can_do_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        wrong()


def test_assertions_say_what_came_instead(voipbin: Mock, menu: str) -> None:
    call = calls(voipbin, menu, Press("1"))
    with pytest.raises(AssertionError, match=r"step 5 of the path: expected connect, came talk \(.1. is a key"):
        call.assert_path("answer", "talk", "digits_receive", "branch", "connect")
    with pytest.raises(AssertionError, match="never heard 'Press 1 for marketing'; nearest: 'Press 1 for sales, 2"):
        call.assert_heard("Press 1 for marketing")
    assert "never heard 'marketing'" in repr(call.heard("marketing"))
    with pytest.raises(AssertionError, match="hangup_by is 'local', not 'remote'"):
        call.assert_ended(by="remote")
    with pytest.raises(AssertionError, match="heard 'This is sales'"):
        call.assert_never_heard("this is")
    call.assert_path(call.path)


def test_a_call_is_a_table_and_a_picture(voipbin: Mock) -> None:
    voipbin.phone(A).script(Answer(talk="20s"))
    connects = a("connect", source=SOURCE, destinations=[{"type": "tel", "target": A}])
    call = calls(voipbin, a_flow(voipbin, a("answer"), connects))
    table = str(call).splitlines()
    assert table[0].startswith(f"call {call.id[:8]} incoming {CALLER} -> ")
    assert [line.split()[1] for line in table[1:]] == ["answer", "connect", "+confbridge_join"]
    picture = ET.fromstring(call.svg())
    assert picture.tag.endswith("svg")
    assert f"outgoing {A}" in "".join(picture.itertext())


def test_the_same_over_the_control_api(voipbin: Mock, menu: str) -> None:
    ask = voipbin.anonymous
    made = ask.post("/__mock__/calls", json={"from": CALLER, "to": menu, "steps": [{"press": "9"}]}).json
    voipbin.advance(seconds=8)
    shown = ask.get(f"/__mock__/calls/{made['id']}").json
    assert shown["path"][:4] == ["answer", "talk", "digits_receive", "branch"]
    assert ask.post(f"/__mock__/calls/{made['id']}", json={"press": "5"}).json["heard"][-1]["text"] != "9"
    assert (
        ask.post(f"/__mock__/calls/{made['id']}", json={"steps": [{"hangup": True, "after": "1s"}]}).status_code == 200
    )
    voipbin.advance(seconds=1)
    assert ask.get("/__mock__/calls").json["calls"][-1]["status"] == "hangup"
    assert ask.post(f"/__mock__/calls/{made['id']}", json={"press": "1"}).json["error"]["reason"] == "STATE_INVALID"
    assert ask.get(f"/__mock__/calls/{made['id']}/svg").content_type.startswith("image/svg+xml")
    assert ask.get(f"/__mock__/calls/{action_id(1)}").status_code == 404


def rings_at(voipbin: Mock, number: str = A, **members: Any) -> str:
    """The id of a call that rings there."""
    body = {"source": SOURCE, "destinations": [{"type": "tel", "target": number}], **members}
    made = voipbin.client.post("/v1.0/calls", json=body).json["calls"][0]["id"]
    voipbin.advance(seconds=1)
    return str(made)


def test_whoever_is_called_answers_by_hand_and_stays(voipbin: Mock) -> None:
    voipbin.phone(A).script(Rejected())
    call = voipbin.call(rings_at(voipbin, actions=[a("talk", text="Hello"), a("sleep", duration=600_000)]))
    assert (call.status, call.answer().status) == ("ringing", "progressing")
    voipbin.advance(minutes=5)
    assert (call.status, call.spoken, call.lasted.total_seconds()) == ("progressing", ["Hello"], 301)
    call.hang_up().assert_ended("normal", by="remote")


def test_whoever_answers_by_hand_is_cut_an_hour_after_the_dial(voipbin: Mock) -> None:
    call = voipbin.call(rings_at(voipbin)).answer()
    voipbin.advance(hours=2)
    call.assert_ended("timeout", by="remote")
    assert call.lasted.total_seconds() == 3600


@pytest.mark.parametrize(("how", "reason"), [("rejected", "noanswer"), ("busy", "busy"), ("unreachable", "failed")])
def test_whoever_is_called_turns_it_down_by_hand(voipbin: Mock, how: str, reason: str) -> None:
    voipbin.phone(A).script(Answer())
    call = voipbin.call(rings_at(voipbin)).refuse(how)
    call.assert_ended(reason, by="remote")
    voipbin.advance(minutes=1)
    call.assert_ended(reason, by="remote")


def test_what_nobody_may_answer_is_said(voipbin: Mock, menu: str) -> None:
    came_in = voipbin.phone(CALLER).calls(menu)
    with pytest.raises(MockUsageError, match="answered by its flow"):
        came_in.answer()
    called = voipbin.call(rings_at(voipbin)).answer()
    with pytest.raises(MockUsageError, match="answered already"):
        called.refuse()
    with pytest.raises(MockUsageError, match="the call is over"):
        called.hang_up().answer()
    with pytest.raises(MockUsageError, match="'rudely' is no way to refuse a call; give one of busy"):
        voipbin.call(rings_at(voipbin)).refuse("rudely")


def test_a_connected_leg_is_answered_by_hand_and_the_two_talk(voipbin: Mock) -> None:
    voipbin.phone(A).script(NoAnswer())
    connects = a("connect", source=SOURCE, destinations=[{"type": "tel", "target": A}])
    call = voipbin.phone(CALLER).calls(a_flow(voipbin, a("answer"), connects))
    voipbin.advance(seconds=2)
    (leg,) = call.legs
    leg.answer()
    voipbin.advance(minutes=10)
    assert (call.status, leg.status) == ("progressing", "progressing")
    leg.hang_up()
    voipbin.advance(seconds=1)
    assert (call.over, leg.over) == (True, True)


def test_a_call_is_wound_from_step_to_step(voipbin: Mock, menu: str) -> None:
    call = voipbin.phone(CALLER).calls(menu, Press("1"))
    began, seen = voipbin.now, []
    while not call.over:
        present = call.next_step().present.get("type", "")
        seen.append((present, (voipbin.now - began).total_seconds()))
    assert seen == [("digits_receive", 2), ("talk", 2.5), ("", 4.5)]
    with pytest.raises(MockUsageError, match="is over"):
        call.next_step()


def test_nothing_happens_in_a_call_for_longer_than_one_waits(voipbin: Mock) -> None:
    call = voipbin.call(rings_at(voipbin)).answer()
    with pytest.raises(TimeoutError):
        call.next_step(limit=timedelta(minutes=1))


def test_a_call_is_answered_refused_and_wound_on_over_the_control_api(voipbin: Mock) -> None:
    ask, first, second = voipbin.anonymous, rings_at(voipbin), rings_at(voipbin)
    listed = {call["id"]: call for call in ask.get("/__mock__/calls").json["calls"]}
    assert (listed[first]["from"], listed[first]["to"], listed[first]["status"]) == (SOURCE["target"], A, "ringing")
    assert ask.post(f"/__mock__/calls/{first}", json={"answer": True}).json["status"] == "progressing"
    assert ask.post(f"/__mock__/calls/{second}", json={"refuse": "busy"}).json["call"]["hangup_reason"] == "busy"
    for body, reason in (
        ({"answer": True}, "STATE_INVALID"),
        ({"answer": "yes"}, "INVALID_ARGUMENT"),
        ({"refuse": "rudely"}, "INVALID_ARGUMENT"),
        ({"refuse": ["busy"]}, "INVALID_ARGUMENT"),
    ):
        assert ask.post(f"/__mock__/calls/{first}", json=body).json["error"]["reason"] == reason
    assert [call["id"] for call in ask.get("/__mock__/calls").json["calls"]] == [first]
    wound = ask.post(f"/__mock__/calls/{first}/next").json
    assert (wound["status"], wound["call"]["hangup_reason"]) == ("hangup", "timeout")
    assert ask.post(f"/__mock__/calls/{first}/next").json["error"]["reason"] == "STATE_INVALID"
    assert ask.post(f"/__mock__/calls/{action_id(1)}/next").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"to": 7},
        {"to": "+12025550199"},
        {"to": "x", "speps": []},
        {"to": "x", "from": 1},
        {"to": "x", "steps": {}},
        {"to": "x", "steps": [{"pres": "1"}]},
        {"to": "x", "steps": [{"press": "1", "hangup": True}]},
        {"to": "x", "steps": [{"press": "1", "after": "soon"}]},
        {"to": "x", "steps": [{"press": 1}]},
        {"to": "x", "steps": [{"hangup": False}]},
        {"to": "x", "steps": [7]},
        {"to": "x", "steps": [{"press": "1", "at": "sing"}]},
        [],
    ],
)
def test_what_is_wrong_with_a_call_is_said(voipbin: Mock, body: Any) -> None:
    reply = voipbin.anonymous.post("/__mock__/calls", json=body)
    assert reply.status_code == 400
    assert reply.json["error"]["message"]


@pytest.mark.parametrize(
    ("member", "value", "told"),
    [
        ("to", 7, "to: 7; expected a number, or the id of"),
        ("from", None, "from: None; expected a number"),
        ("steps", {}, "steps: object with 0 members is no array"),
        ("steps", ["press"], "step 0: 'press' is no step; write"),
        (
            "steps",
            [{"hangup": True}, {"press": True}],
            "step 1: press: True are no keys: give some of 0123456789*#ABCD, as",
        ),
        ("steps", [{"say": 1}], "step 0: say: 1 is nothing to say"),
        ("steps", [{"press": "1", "at": 7}], "step 0: at: 7 is not the type of an action"),
        ("steps", [{"press": "1", "nth": "2"}], "step 0: nth: '2' is no whole number from 1"),
        ("steps", [{"press": "1", "after": []}], "step 0: after: [] is no duration"),
        ("steps", [{"press": "12", "every": 1}], "step 0: every: 1 would be 1 milliseconds"),
        ("steps", [{"wait": True}], "step 0: wait: say how long"),
        ("steps", [{"hangup": "now"}], "step 0: hangup: 'now' says nothing"),
        ("steps", [{"hangup": True, "reason": "tired"}], "step 0: reason: 'tired' is none of normal, busy, noanswer"),
    ],
)
def test_which_member_is_wrong_is_said(voipbin: Mock, member: str, value: Any, told: str) -> None:
    body = {"from": CALLER, "to": "x", member: value}
    assert voipbin.anonymous.post("/__mock__/calls", json=body).json["error"]["message"].startswith(told)


def test_what_a_phone_cannot_call_is_told_with_what_it_could(voipbin: Mock, menu: str) -> None:
    number = voipbin.numbers.list()[0]
    voipbin.numbers.update(number.id, call_flow_id=menu)
    told = (
        rf"'typo' is no number that a customer has, and no id of a flow.*numbers that lead to a flow: \{number.number}"
    )
    with pytest.raises(CallRefused, match=told):
        voipbin.phone(CALLER).calls("typo")
    for nonsense in (None, 7, {}, ""):
        with pytest.raises(ValueError, match="give a number, or a flow, queue or conference"):
            voipbin.phone(CALLER).calls(nonsense)


# --- hanging up for a reason -----------------------------------------------------------------------------

RINGS = (a("sleep", duration=30_000), a("answer"), a("sleep", duration=30_000))


@pytest.mark.parametrize("reason", ["normal", "busy", "noanswer"])
def test_a_caller_gives_up_for_a_reason_while_it_rings(voipbin: Mock, reason: str) -> None:
    flow = a_flow(voipbin, *RINGS)
    calls(voipbin, flow, HangUp(reason, after="2s")).assert_ended(reason, by="remote")
    by_hand = voipbin.phone(CALLER).calls(flow).hang_up(reason)
    by_hand.assert_ended(reason, by="remote")
    assert by_hand.record.hangup_reason == reason


def test_an_answered_call_ends_as_normal(voipbin: Mock, caplog: pytest.LogCaptureFixture) -> None:
    flow = a_flow(voipbin, *RINGS)
    calls(voipbin, flow, HangUp("busy", after="31s")).assert_ended("normal", by="remote")
    assert "HangUp(reason='busy'): the call is answered, and so it ends as normal" in caplog.text
    call = voipbin.phone(CALLER).calls(flow)
    voipbin.advance(seconds=31)
    with pytest.raises(MockUsageError, match="the call is answered"):
        call.hang_up("busy")
    refused = voipbin.anonymous.post(f"/__mock__/calls/{call.id}", json={"hangup": True, "reason": "busy"})
    assert refused.json["error"]["reason"] == "STATE_INVALID"
    assert not call.over
    with pytest.raises(ValueError, match="reason: 'tired' is none of normal, busy, noanswer"):
        call.hang_up("tired")


# --- winding the clock on --------------------------------------------------------------------------------


def test_a_call_is_led_by_what_it_hears(voipbin: Mock, menu: str) -> None:
    call = voipbin.phone(CALLER).calls(menu)
    call.hears("press 1").reaches("digits_receive").press("9").hears("not a choice").hears("press 1")
    assert call.lasted == timedelta(seconds=4)
    call.reaches("digits_receive").press("2").hears("*SUPPORT")
    assert call.spoken[-1] == "This is support"
    voipbin.advance(minutes=1)
    call.assert_path("answer", "talk", "digits_receive", "branch", "talk", "goto", "talk", "digits_receive", "branch",
                     "talk", "hangup")  # fmt: skip


def test_an_action_is_reached_by_its_id(voipbin: Mock, menu: str) -> None:
    call = voipbin.phone(CALLER).calls(menu, Press("1")).reaches(on=action_id(5))
    assert (call.path[-1], call.lasted) == ("talk", timedelta(seconds=2.5))
    with pytest.raises(ValueError, match="did you mean 'digits_receive'"):
        call.reaches("digit_receive")
    with pytest.raises(ValueError, match="say the type of an action"):
        call.reaches()
    with pytest.raises(ValueError, match="say what is spoken"):
        call.hears("")
    with pytest.raises(ValueError, match="within: 5 would be 5 milliseconds"):
        call.hears("hello", within=5)


def test_what_never_comes_is_told_with_what_came(voipbin: Mock) -> None:
    flow = a_flow(voipbin, a("answer"), a("talk", text="Press 1 for sales"), a("sleep", duration=9000), a("hangup"))
    with pytest.raises(AssertionError, match=r"never heard 'press 2 for sales'; nearest: 'Press 1 for sales'.*ended"):
        voipbin.phone(CALLER).calls(flow).hears("press 2 for sales")
    with pytest.raises(
        AssertionError, match=r"never came to a digits_receive; it came to answer, talk, sleep, hangup: "
    ):
        voipbin.phone(CALLER).calls(flow).reaches("digits_receive")
    call = voipbin.phone(CALLER).calls(flow).hears("sales")
    with pytest.raises(
        AssertionError, match="'sales' was spoken once, which was found before, and not again: the call"
    ):
        call.hears("sales")
    slow = voipbin.phone(CALLER).calls(flow)
    with pytest.raises(
        AssertionError, match=r"never came to a hangup.*: the call is in sleep, within 5s of virtual time"
    ):
        slow.reaches("hangup", within="5s")
    assert slow.reaches("hangup").lasted == timedelta(seconds=11)


def test_what_was_found_is_found_again_after_a_restore(voipbin: Mock, menu: str) -> None:
    call = voipbin.phone(CALLER).calls(menu)
    kept = voipbin.snapshot()
    first = call.hears("press 1").reaches("digits_receive").as_dict()
    voipbin.restore(kept)
    assert call.hears("press 1").reaches("digits_receive").as_dict() == first


def test_the_clock_is_wound_over_the_control_api(voipbin: Mock, menu: str) -> None:
    ask = voipbin.anonymous
    made = ask.post("/__mock__/calls", json={"from": CALLER, "to": menu}).json
    until = f"/__mock__/calls/{made['id']}/until"
    assert ask.post(until, json={"reaches": "digits_receive"}).json["path"] == ["answer", "talk", "digits_receive"]
    assert (
        ask.post(until, json={"hears": "not a choice", "within": "1m"}).json["heard"][-1]["text"]
        == MENU[8]["option"]["text"]
    )
    assert ask.post(until, json={"on": action_id(9), "within": "1s"}).status_code == 200
    failed = ask.post(until, json={"hears": "marketing"})
    assert failed.json["error"]["reason"] == "STATE_INVALID"
    assert "never heard 'marketing'" in failed.json["error"]["message"]
    for wrong in ({}, [], {"hears": 7}, {"hears": "a", "on": "b"}, {"reaches": "sing"}, {"hears": "a", "within": 3}):
        assert ask.post(until, json=wrong).json["error"]["reason"] == "INVALID_ARGUMENT"


def test_a_snapshot_in_mid_call_goes_on_the_same(voipbin: Mock, menu: str) -> None:
    call = voipbin.phone(CALLER).calls(menu, Press("9"), HangUp(after="90s"))
    voipbin.advance(seconds=3)
    kept = voipbin.snapshot()
    voipbin.advance(minutes=5)
    first = call.as_dict()
    voipbin.restore(kept)
    voipbin.advance(minutes=5)
    assert call.as_dict() == first
