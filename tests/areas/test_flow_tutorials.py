"""The flows that the published tutorials build, called: which way each caller goes, in both profiles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.calling import CALLER, a, a_flow, action_id, calls_in, hangs_up, path, presses, run_of, runs
from tests.support.queueing import a_queue, an_agent, is_documented, nobody_else, queuecall
from voipbin_mock import Answer, Busy, Mock, NoAnswer, Rejected
from voipbin_mock.areas.calls.phones import Outcome

MONDAY_MORNING, MONDAY_EVENING = "2026-03-02T10:00:00Z", "2026-03-02T18:00:00Z"
ADDRESS = {"type": "tel", "target": "+15559876543"}
SATURDAY = "2026-03-07T10:00:00Z"
ROUND = ["talk", "digits_receive", "branch"]


def says(text: str, number: int = 0) -> dict[str, Any]:
    return a("talk", text=text, language="en-US", **({"_id": action_id(number)} if number else {}))


def spoken(mock: Mock, call: str) -> list[str]:
    return [row[4]["text"] for row in run_of(mock, call)["trace"] if row[3] == "talk"]


def ended(mock: Mock, call: str) -> tuple[str, str]:
    shown = mock.calls.get(call)
    return shown.hangup_by, shown.hangup_reason


# --- a menu, asked again -------------------------------------------------------------------------------

MENU = (
    says("press 1, 2 or 3"),
    a("digits_receive", duration=5000, length=1),
    a("branch", default_target_id=action_id(10), target_ids={str(n): action_id(2 + 2 * n) for n in (1, 2, 3)}),
    *(action for n in (1, 2, 3) for action in (says(f"song {n}"), a("hangup"))),
    says("not a choice"),
    a("goto", target_id=action_id(1), loop_count=2),
    says("loop over"),
    a("hangup"),
)


@pytest.mark.parametrize("key", ["1", "2", "3"])
def test_a_menu_leads_where_the_key_says(either: Mock, key: str) -> None:
    call = calls_in(either, a_flow(either, *MENU))
    either.advance(seconds=3)
    presses(either, call, key)
    either.advance(minutes=1)
    assert path(run_of(either, call)) == [*ROUND, "talk", "hangup"]
    assert spoken(either, call) == ["press 1, 2 or 3", f"song {key}"]
    assert ended(either, call) == ("local", "normal")


def test_a_menu_asks_again_after_a_wrong_key(either: Mock) -> None:
    call = calls_in(either, a_flow(either, *MENU))
    either.advance(seconds=3)
    presses(either, call, "9")
    either.advance(seconds=5)
    presses(either, call, "1")
    either.advance(minutes=1)
    assert path(run_of(either, call)) == [*ROUND, "talk", "goto", *ROUND, "talk", "hangup"]
    assert spoken(either, call)[1:] == ["not a choice", "press 1, 2 or 3", "song 1"]


def test_a_menu_lets_a_silent_caller_go_after_three_rounds_or_on_the_server_at_the_limit(either: Mock) -> None:
    call = calls_in(either, a_flow(either, *MENU))
    either.advance(minutes=30)
    run, rounds = run_of(either, call), [*ROUND, "talk", "goto"]
    if is_documented(either):
        assert path(run) == [*rounds, *rounds, *rounds, "talk", "hangup"]
        assert spoken(either, call)[-1] == "loop over"
    else:
        assert path(run) == (rounds * 21)[:101]
        assert "more are not allowed; it goes round and round" in run["ended_by"]
    assert ended(either, call) == ("local", "normal")


# --- connecting, with a way out --------------------------------------------------------------------------

OFFICE = "+15550100009"
CONNECT = a("connect", source=ADDRESS, destinations=[{"type": "tel", "target": OFFICE}])
FORWARD = (
    a("answer"),
    CONNECT,
    a("condition_call_status", status="progressing", false_target_id=action_id(5)),
    says("the other has left, or was not there"),
    a("hangup"),
)


def test_a_caller_is_connected_and_comes_back_when_the_other_leaves(either: Mock) -> None:
    either.phone(OFFICE).script(Answer(after="3s", talk="20s"))
    call = calls_in(either, a_flow(either, *FORWARD))
    either.advance(minutes=5)
    assert path(run_of(either, call)) == ["answer", "connect", "condition_call_status", "talk", "hangup"]
    when = {row[3]: row[0] // 1000 for row in run_of(either, call)["trace"]}
    assert when["talk"] - when["connect"] == 23_000


@pytest.mark.parametrize("outcome", [Busy(after="1s"), NoAnswer(), Rejected(after="2s")], ids=repr)
def test_a_caller_who_is_not_connected_goes_on(either: Mock, outcome: Outcome) -> None:
    either.phone(OFFICE).script(outcome)
    call = calls_in(either, a_flow(either, *FORWARD))
    either.advance(minutes=5)
    assert path(run_of(either, call)) == ["answer", "connect", "condition_call_status", "talk", "hangup"]
    when = {row[3]: row[0] // 1000 for row in run_of(either, call)["trace"]}
    told = {"busy": 1000, "noanswer": 60_000, "rejected": 2000}[outcome.kind]
    # The server is not told that nobody answers: the caller waits until its own time is over.
    assert when["talk"] - when["connect"] == (told if is_documented(either) else 60_000)


def test_whoever_is_connected_may_be_left_by_the_caller(either: Mock) -> None:
    either.phone(OFFICE).script(Answer(after="3s", talk="20m"))
    call = calls_in(either, a_flow(either, *FORWARD))
    either.advance(seconds=10)
    hangs_up(either, call)
    either.advance(seconds=1)
    assert path(run_of(either, call)) == ["answer", "connect"]
    assert {one.status for one in either.calls.list()} == {"hangup"}


VOICEMAIL = (
    CONNECT,
    a("condition_call_status", status="progressing", false_target_id=action_id(4)),
    a("hangup"),
    says("leave a message"),
    a("beep"),
    a("recording_start", beep_start=True),
    a("sleep", duration=10_000),
    a("hangup"),
)


def test_voicemail_is_for_whoever_was_not_connected(either: Mock) -> None:
    either.phone(OFFICE).script(Busy(after="1s"))
    call = calls_in(either, a_flow(either, *VOICEMAIL))
    either.advance(minutes=5)
    message = ["talk", "beep", "recording_start", "sleep", "hangup"]
    (recording,) = either.recordings.list()
    assert (recording.reference_id, recording.status) == (call, "ended")
    assert path(run_of(either, call)) == ["connect", "condition_call_status", *message]
    assert ended(either, call) == ("local", "normal")


def test_voicemail_is_not_for_whoever_was_connected(either: Mock) -> None:
    either.phone(OFFICE).script(Answer(after="3s", talk="20s"))
    call = calls_in(either, a_flow(either, *VOICEMAIL))
    either.advance(minutes=5)
    assert path(run_of(either, call)) == ["connect", "condition_call_status", "hangup"]


# --- office hours --------------------------------------------------------------------------------------


def hours(queue: str, **weekdays: Any) -> list[dict[str, Any]]:
    every = {"minute": 0, "day": -1, "month": 0, "false_target_id": action_id(7), **weekdays}
    return [
        a("answer"),
        a("condition_datetime", condition=">=", hour=9, **every),
        a("condition_datetime", condition="<", hour=17, **every),
        says("we connect you"),
        a("queue_join", queue_id=queue),
        a("hangup"),
        says("we are closed"),
        a("hangup"),
    ]


@pytest.mark.parametrize(
    ("now", "is_open"), [(MONDAY_MORNING, True), (MONDAY_EVENING, False), (SATURDAY, False)], ids=str
)
def test_office_hours(either: Mock, now: str, is_open: bool) -> None:
    either.freeze(now)
    nobody_else(either)
    an_agent(either)
    call = calls_in(either, a_flow(either, *hours(a_queue(either), weekdays=[1, 2, 3, 4, 5])))
    either.advance(minutes=3)
    taken = path(run_of(either, call))
    if not is_documented(either):  # numbers in lists become texts, and the flow ends
        assert taken == ["answer", "condition_datetime"]
        assert run_of(either, call)["failed"]
    elif is_open:
        waits = ["talk"]  # of the queue's wait flow, until the agent is there
        assert taken == ["answer", "condition_datetime", "condition_datetime", "talk", "queue_join", *waits, "hangup"]
    else:
        conditions = ["condition_datetime"] * (2 if now == MONDAY_EVENING else 1)
        assert taken == ["answer", *conditions, "talk", "hangup"]
        assert spoken(either, call) == ["we are closed"]


def test_office_hours_without_weekdays_are_read_the_other_way_round_by_the_server(either: Mock) -> None:
    either.freeze(MONDAY_MORNING)
    call = calls_in(
        either, a_flow(either, *hours(a_queue(either))[:4], a("hangup"), a("hangup"), says("we are closed"))
    )
    either.advance(minutes=1)
    two = ["condition_datetime", "condition_datetime"]
    assert path(run_of(either, call)) == (
        ["answer", *two, "talk", "hangup"] if is_documented(either) else ["answer", "condition_datetime", "talk"]
    )


# --- who calls ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("caller", "said"), [(CALLER, "welcome back"), ("+15550100002", "please hold")])
def test_somebody_who_is_known_is_led_elsewhere(either: Mock, caller: str, said: str) -> None:
    known = {"variable": "${voipbin.call.source.target}", "value_type": "string", "value_string": CALLER}
    flow = a_flow(
        either,
        a("answer"),
        a("condition_variable", condition="==", false_target_id=action_id(5), **known),
        says("welcome back"),
        a("hangup"),
        says("please hold"),
        a("hangup"),
    )
    call = calls_in(either, flow, caller)
    either.advance(minutes=1)
    assert path(run_of(either, call)) == ["answer", "condition_variable", "talk", "hangup"]
    assert spoken(either, call) == [said]


@pytest.mark.parametrize("tier", ["premium", "vip", "none"])
def test_a_greeting_by_what_the_own_server_knows(either: Mock, tier: str) -> None:
    url = "https://shop.example.com/customers"
    either.reply(url, lambda asked: {"customer": {"name": "Ann", "tier": tier, "phone": asked.json["phone"]}})
    tiers = {"premium": action_id(5), "vip": action_id(7)}
    flow = a_flow(
        either,
        a("answer"),
        a("webhook_send", sync=True, uri=url, method="POST", data='{"phone": "${voipbin.call.source.target}"}'),
        says("hello ${customer.name}"),
        a("branch", variable="customer.tier", default_target_id=action_id(9), target_ids=tiers),
        *(one for text in ("premium", "vip", "none") for one in (says(text), a("hangup"))),
    )
    call = calls_in(either, flow)
    either.advance(minutes=1)
    assert path(run_of(either, call)) == ["answer", "webhook_send", "talk", "branch", "talk", "hangup"]
    assert spoken(either, call) == (["hello Ann", tier] if is_documented(either) else ["hello ", "none"])
    assert either.replies.asked[0].json == {"phone": CALLER}


def test_menus_of_menus_are_flows_that_are_fetched(either: Mock) -> None:
    sales = a_flow(
        either,
        says("1 for new customers", 21),
        a("digits_receive", duration=5000, length=1, _id=action_id(22)),
        a("branch", target_ids={"1": action_id(24)}, default_target_id=action_id(5), _id=action_id(23)),
        says("welcome", 24),
    )
    flow = a_flow(
        either,
        says("1 for sales"),
        a("digits_receive", duration=5000, length=1),
        a("branch", target_ids={"1": action_id(4)}, default_target_id=action_id(5)),
        a("fetch_flow", flow_id=sales),
        says("good bye"),
    )
    calls = [calls_in(either, flow, f"+1555010000{n}") for n in (1, 2)]
    for keys in ("11", "19"):
        either.advance(seconds=2.5)
        for call, key in zip(calls, keys, strict=True):
            presses(either, call, key)
    either.advance(minutes=1)
    assert spoken(either, calls[0]) == ["1 for sales", "1 for new customers", "welcome", "good bye"]
    assert spoken(either, calls[1]) == ["1 for sales", "1 for new customers", "good bye"]
    assert path(run_of(either, calls[0])) == [*ROUND, "fetch_flow", *ROUND, "talk", "talk"]


# --- queues ---------------------------------------------------------------------------------------------


def test_a_queue_with_an_agent_who_is_free(either: Mock) -> None:
    nobody_else(either)
    an_agent(either)
    flow = a_flow(either, a("answer"), says("welcome"), a("queue_join", queue_id=a_queue(either)), a("hangup"))
    call = calls_in(either, flow)
    either.advance(minutes=3)
    assert path(run_of(either, call)) == ["answer", "talk", "queue_join", "talk", "hangup"]
    assert spoken(either, call) == ["welcome", "please wait"]
    found = queuecall(either, call)
    assert (found["status"], found["duration_waiting"] > 0) == ("done", True)


def test_a_queue_without_agents_that_the_caller_leaves(either: Mock) -> None:
    nobody_else(either)
    flow = a_flow(either, a("answer"), a("queue_join", queue_id=a_queue(either)), a("hangup"))
    call = calls_in(either, flow)
    either.advance(seconds=9)
    hangs_up(either, call)
    assert path(run_of(either, call)) == ["answer", "queue_join", *["talk"] * 5]
    assert queuecall(either, call)["status"] == "abandoned"
    assert ended(either, call) == ("remote", "normal")


# --- messages -------------------------------------------------------------------------------------------


def test_a_message_is_sent_to_the_caller(either: Mock) -> None:
    source, to = {"type": "tel", "target": "+15559876543"}, [{"type": "tel", "target": CALLER}]
    run = runs(either, a("message_send", source=source, destinations=to, text="hello"))
    assert path(run) == ["message_send"]
    assert run["trace"][0][6] == "sent"
    either.outbox.assert_sent_once(to=CALLER, text="hello")
    either.advance(seconds=3)
    assert [text.text for text in either.phone(CALLER).inbox] == ["hello"]
