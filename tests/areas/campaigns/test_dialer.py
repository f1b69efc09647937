"""Campaigns dial: the worked trace, its consequences, and every reading of the rules, by the millisecond."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

from tests.support.dialing import CAMPAIGN, NIL, OUTPLAN, PROFILES, A, B, C, Stage
from voipbin_mock import Answer, Busy, Canceled, Cleared, Machine, NoAnswer, Rejected, Unreachable
from voipbin_mock.areas.calls.phones import Outcome
from voipbin_mock.world.bus import Event

both = pytest.mark.parametrize("profile", PROFILES)


def traced(profile: str, end_handle: str) -> tuple[Stage, str, str]:
    stage = Stage(profile, end_handle=end_handle)
    a = stage.target(A, script=[Busy(after="3s"), Answer(after="1s", talk="3s")])
    b = stage.target(B, script=[Answer(after="2s", talk="4s")])
    return stage, a, b


@both
def test_the_worked_trace(profile: str) -> None:
    stage, a, b = traced(profile, "continue")
    stage.run()
    assert stage.state() == "run"
    stage.at(999)
    assert stage.dialed == []
    stage.at(1000)
    assert (stage.target_state(a)[0], stage.target_state(b)[0]) == ("progressing", "idle")
    stage.at(1500)
    assert stage.target_state(b)[0] == "progressing"
    stage.at(4000)
    assert stage.target_state(a) == ("idle", [1, 0, 0, 0, 0])
    stage.at(7500)
    assert stage.target_state(b) == ("done", [1, 0, 0, 0, 0])
    stage.at(16_999)
    assert stage.dialed == [(1000, A), (1500, B)]
    stage.at(17_000)
    assert stage.dials[-1] == (17_000, A, 0, 2)
    stage.at(21_000)
    assert stage.target_state(a) == ("done", [2, 0, 0, 0, 0])
    stage.at(30_000)
    stage.stop()
    assert stage.state() == "stopping"
    stage.at(32_499)
    assert stage.state() == "stopping"
    stage.at(32_500)
    assert stage.state() == "stop"
    stage.at(3_600_000)
    assert stage.dialed == [(1000, A), (1500, B), (17_000, A)]
    assert stage.results == [(4000, "fail"), (7500, "success"), (21_000, "success")]
    assert stage.statuses == [(0, "run"), (30_000, "stopping"), (32_500, "stop")]


@both
def test_the_worked_trace_of_a_campaign_that_stops_at_its_end(profile: str) -> None:
    stage, a, _ = traced(profile, "stop")
    stage.run()
    stage.at(2000)
    assert stage.state() == "stopping"
    stage.at(3_600_000)
    assert stage.dialed == [(1000, A), (1500, B)]
    assert stage.statuses == [(0, "run"), (2000, "stopping"), (7500, "stop")]
    assert stage.target_state(a) == ("idle", [1, 0, 0, 0, 0])


# --- what follows from it --------------------------------------------------------------------------


@both
def test_a_lone_target_of_a_campaign_that_stops_gets_no_retry_in_that_run(profile: str) -> None:
    stage = Stage(profile, end_handle="stop")
    target = stage.target(A, script=[Busy(after="19s"), Answer()])
    stage.run()
    stage.at(60_000)
    assert stage.dialed == [(1000, A)]
    assert stage.statuses == [(0, "run"), (1500, "stopping"), (20_000, "stop")]
    assert stage.target_state(target) == ("idle", [1, 0, 0, 0, 0])


@both
def test_run_again_it_is_dialed_at_the_first_poll_after_its_interval(profile: str) -> None:
    stage = Stage(profile, end_handle="stop")
    stage.target(A, script=[Busy(after="19s"), Answer()])
    stage.run()
    stage.at(21_000)
    stage.run()  # ticks at 22 and 27 s find it cooling until 30 s
    stage.at(60_000)
    assert stage.dialed == [(1000, A), (32_000, A)]


@both
def test_a_campaign_that_continues_polls_and_retries_and_never_ends(profile: str) -> None:
    stage = Stage(profile, outplan={"max_try_count_0": 3})
    stage.target(A, script=[Busy(after="2s")])
    stage.run()
    # Busy at 3000: polls 1500, 6500, 11 500 and 16 500; the interval is over at 13 000. And so on.
    stage.at(86_400_000)
    assert stage.dialed == [(1000, A), (16_500, A), (32_000, A)]
    assert stage.state() == "run"


@both
def test_retries_under_stop_happen_while_another_target_has_tries_left(profile: str) -> None:
    stage = Stage(profile, end_handle="stop", outplan={"try_interval": 3000})
    stage.target(A, script=[Busy(after="400ms"), Answer(talk="1s")])
    stage.target(B, script=[Busy(after="400ms"), Answer(talk="1s")])
    stage.run()
    # At 2000 both are idle again: the campaign waits for A, instead of ending.
    stage.at(60_000)
    assert stage.dialed == [(1000, A), (1500, B), (7000, A), (7500, B)]
    assert stage.statuses[-2:] == [(8000, "stopping"), (11_500, "stop")]


@pytest.mark.differs("D5-dialing")
def test_an_unused_slot_with_tries_is_dialed_and_ends_the_campaign_on_the_server() -> None:
    stage = Stage("server", outplan={"max_try_count_0": 1, "max_try_count_1": 1, "try_interval": 1000})
    target = stage.target(A, script=[Busy(after="200ms")])
    stage.run()
    stage.at(60_000)
    assert stage.dials == [(1000, A, 0, 1), (6500, "", 1, 1)]
    assert stage.results == [(1200, "fail"), (6500, "fail")]
    assert stage.state() == "stop"
    assert stage.target_state(target) == ("idle", [1, 1, 0, 0, 0])


@pytest.mark.differs("D5-dialing")
def test_an_unused_slot_is_never_dialed_by_the_documents() -> None:
    stage = Stage("documented", outplan={"max_try_count_0": 1, "max_try_count_1": 1, "try_interval": 1000})
    target = stage.target(A, script=[Busy(after="200ms")])
    stage.run()
    stage.at(60_000)
    assert stage.dials == [(1000, A, 0, 1)]
    assert stage.state() == "run"
    assert stage.target_state(target) == ("done", [1, 0, 0, 0, 0])


@both
def test_the_next_destination_is_dialed_when_one_has_no_tries_left(profile: str) -> None:
    counts = {"max_try_count_0": 2, "max_try_count_1": 1, "max_try_count_2": 1, "try_interval": 0}
    stage = Stage(profile, outplan=counts)
    stage.target(A, B, C, script=[Busy(after="0s")])
    stage.mock.phone(B).script(Busy(after="0s"))
    stage.mock.phone(C).script(Answer())
    stage.run()
    stage.at(60_000)
    assert stage.dials == [(1000, A, 0, 1), (1500, A, 0, 2), (2000, B, 1, 1), (2500, C, 2, 1)]


# --- time and order (1 to 6) -------------------------------------------------------------------------


@both
def test_an_interval_that_is_over_at_the_instant_of_a_tick_is_over(profile: str) -> None:
    stage = Stage(profile, outplan={"try_interval": 3000})
    stage.target(A, script=[Busy(after="3s")])
    stage.at(500)
    stage.run()  # at 500: ticks 1500 (dial), 2000, 7000
    stage.target(B, script=[Answer()])
    stage.at(10_000)
    assert stage.dialed == [(1500, A), (2000, B), (7500, A)]


@both
def test_busy_at_4000_with_an_interval_of_3000_is_dialed_at_7000(profile: str) -> None:
    stage = Stage(profile, outplan={"try_interval": 3000})
    stage.target(A, script=[Busy(after="3s")])
    stage.target(B, script=[Answer(talk="1m")])
    stage.run()  # 1000 A, 1500 B, polls 2000 and 7000
    stage.at(7000)
    assert stage.dialed == [(1000, A), (1500, B), (7000, A)]


@both
def test_a_tick_sees_a_call_that_ended_at_its_instant(profile: str) -> None:
    stage = Stage(profile, outplan={"try_interval": 0})
    stage.target(A, script=[Busy(after="500ms"), Answer()])
    stage.run()
    stage.at(1500)
    assert stage.dialed == [(1000, A), (1500, A)]


@both
def test_a_stop_comes_after_the_tick_of_its_instant(profile: str) -> None:
    stage = Stage(profile)
    stage.target(A, script=[Busy()])
    stage.run()
    stage.at(1000)
    stage.stop()
    stage.at(1500)
    assert stage.dialed == [(1000, A)]
    assert stage.state() == "stopping"
    stage.at(2000)
    assert stage.statuses == [(0, "run"), (1000, "stopping"), (2000, "stop")]


@both
def test_a_call_that_is_busy_at_once_ends_before_anything_later(profile: str) -> None:
    stage = Stage(profile)
    target = stage.target(A, script=[Busy(after=0)])
    stage.run()
    stage.at(1000)
    assert stage.results == [(1000, "fail")]
    assert stage.target_state(target) == ("idle", [1, 0, 0, 0, 0])


@both
def test_of_two_that_failed_at_one_instant_the_one_dialed_first_goes_first(profile: str) -> None:
    stage = Stage(profile, outplan={"try_interval": 1000})
    older = stage.target(A, script=[Busy(after="7s"), Answer()])
    stage.target(B, script=[Busy(after="7500ms"), Answer()])
    stage.mock.records("targets").update(older, detail="touched")  # so B goes first
    stage.run()
    stage.at(8999)
    assert stage.dialed == [(1000, B), (1500, A)]
    stage.at(20_000)
    # Both calls ended at 8500, B's call first.
    assert stage.dialed[2:] == [(12_000, B), (12_500, A)]


@both
def test_targets_that_were_never_touched_go_in_the_order_of_their_creation(profile: str) -> None:
    stage = Stage(profile)
    numbers = [f"+1555010{n:04d}" for n in range(20)]
    for number in numbers:
        stage.target(number, script=[Answer()])
    stage.run()
    stage.at(60_000)
    assert [number for _, number in stage.dialed] == numbers


@both
def test_only_the_head_is_examined(profile: str) -> None:
    stage = Stage(profile, outplan={"try_interval": 4000})
    stage.target(A, script=[Busy(after=0), Answer()])
    stage.run()
    stage.at(1250)
    stage.target(B, script=[Answer()])
    stage.at(60_000)
    # A failed at 1000 and may be dialed at 5000; the ticks at 1500 and 6500 look at A, not at B.
    assert stage.dialed == [(1000, A), (6500, A), (7000, B)]


@both
def test_a_cooling_head_blocks_a_newer_target(profile: str) -> None:
    stage = Stage(profile, outplan={"try_interval": 4000})
    stage.target(A, script=[Busy(after=0), Answer()])
    stage.run()
    stage.at(1250)
    stage.target(B, script=[Answer()])
    stage.at(6499)
    assert stage.dialed == [(1000, A)]


@both
def test_outplan_and_campaign_are_read_afresh_on_each_tick(profile: str) -> None:
    stage = Stage(profile, outplan={"max_try_count_0": 1, "try_interval": 0})
    stage.target(A, script=[Busy(after="400ms"), Answer()])
    stage.target(B, script=[Answer()])
    stage.run()
    stage.at(1200)
    stage.set_outplan(max_try_count_0=3)
    stage.put(f"/outplans/{stage.outplan}/dial_info", {**_dial_info(stage), "source": {"type": "tel", "target": C}})
    stage.at(60_000)
    assert stage.dialed == [(1000, A), (1500, B), (2000, A)]
    sources = [call["source"]["target"] for _, _, call in stage.told("campaigncall_created")]
    assert sources == ["+15559876543", C, C]


def _dial_info(stage: Stage) -> dict[str, object]:
    shown = stage.get(f"/outplans/{stage.outplan}")
    return {name: shown[name] for name in OUTPLAN if name not in ("name", "detail")}


def test_the_dial_timeout_is_the_one_in_force_when_the_call_is_made() -> None:
    stage = Stage(outplan={"dial_timeout": 5000})
    stage.target(A, script=[NoAnswer()])
    stage.run()
    stage.at(2000)
    stage.set_outplan(dial_timeout=20_000)
    stage.at(60_000)
    assert stage.dialed == [(1000, A), (16_500, A)]  # fails at 6000, polls 1500 + 5000 n
    assert stage.results == [(6000, "fail"), (36_500, "fail")]


# --- targets (7 to 11) -----------------------------------------------------------------------------


@both
def test_a_deleted_target_moves_back_and_is_dialed_after_its_interval(profile: str) -> None:
    stage = Stage(profile, outplan={"try_interval": 7000})
    a = stage.target(A, script=[Answer()])
    stage.target(B, script=[Answer()])
    stage.request("DELETE", f"/outdials/{stage.outdial}/targets/{a}")
    stage.run()
    stage.at(60_000)
    assert stage.dialed == [(1000, B), (11_500, A)]


@both
@pytest.mark.parametrize("kind", ["email", "agent", ""])
def test_a_call_that_is_refused_costs_a_try_and_halts_the_campaign(profile: str, kind: str) -> None:
    stage = Stage(profile, outplan={"try_interval": 1000})
    odd = {"type": kind, "target": A}
    stage.mock.world.strict = False
    target = stage.target(A, script=[Answer(talk="20s")], destination_0=odd)
    stage.target(B, script=[Answer(talk="20s")])
    stage.run()
    stage.at(60_000)
    assert stage.dialed == [(1000, A)]
    assert stage.results == [(1000, "fail")]
    assert stage.statuses == [(0, "run"), (1000, "stop")]
    assert stage.target_state(target)[1] == [1, 0, 0, 0, 0]
    assert stage.mock.calls.list() == []
    # The phone was not called, so its script is untouched.
    stage.mock.records("targets").update(target, destination_0={"type": "tel", "target": A})
    stage.run()
    stage.at(120_000)
    assert stage.results[1:] == [(84_000, "success"), (84_500, "success")]


@pytest.mark.differs("D15")
def test_an_exhausted_target_is_done_by_the_documents_and_stays_so() -> None:
    stage = Stage(outplan={"max_try_count_0": 1, "try_interval": 0})
    target = stage.target(A, script=[Busy()])
    stage.run()
    stage.at(2000)
    assert stage.target_state(target) == ("done", [1, 0, 0, 0, 0])
    stage.set_outplan(max_try_count_0=5)
    stage.at(600_000)
    assert stage.dialed == [(1000, A)]


@pytest.mark.differs("D15")
def test_an_exhausted_target_is_idle_on_the_server_and_higher_counts_revive_it() -> None:
    stage = Stage("server", outplan={"max_try_count_0": 1, "try_interval": 0})
    target = stage.target(A, script=[Busy()])
    stage.run()
    stage.at(60_000)
    assert stage.target_state(target) == ("idle", [1, 0, 0, 0, 0])
    stage.set_outplan(max_try_count_0=2)
    stage.at(120_000)
    assert stage.dialed == [(1000, A), (61_500, A)]


@both
def test_a_target_that_was_never_dialed_stays_idle(profile: str) -> None:
    stage = Stage(profile, outplan={"max_try_count_0": 0})
    target = stage.target(A)
    stage.run()
    stage.at(60_000)
    assert stage.target_state(target) == ("idle", [0] * 5)
    stage.set_outplan(max_try_count_0=1)
    stage.at(120_000)
    assert len(stage.dialed) == 1


def test_a_target_exhausted_only_by_lowered_counts_stays_idle_by_the_documents() -> None:
    stage = Stage(outplan={"max_try_count_0": 3, "try_interval": 60_000})
    target = stage.target(A, script=[Busy()])
    stage.run()
    stage.at(3000)
    stage.set_outplan(max_try_count_0=1)
    stage.at(600_000)
    assert stage.target_state(target) == ("idle", [1, 0, 0, 0, 0])
    stage.set_outplan(max_try_count_0=2)
    stage.at(1_200_000)
    assert len(stage.dialed) == 2


# --- calls (12 to 15) ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "dial_timeout", "rings"),
    [
        ("documented", 3000, 3000), ("documented", 0, 60_000), ("documented", -5, 60_000),
        ("documented", 90_000, 90_000), ("server", 3000, 60_000), ("server", 0, 60_000), ("server", 90_000, 60_000),
    ],
)  # fmt: skip
@pytest.mark.differs("D11")
def test_how_long_it_rings(profile: str, dial_timeout: int, rings: int) -> None:
    stage = Stage(profile)
    stage.mock.outplans.update(stage.outplan, dial_timeout=dial_timeout)
    stage.target(A, script=[NoAnswer()])
    stage.run()
    stage.at(1000 + rings)
    assert stage.results == [(1000 + rings, "fail")]
    (call,) = stage.mock.calls.list()
    assert (call.hangup_reason, call.hangup_by) == ("dialout", "remote")


@pytest.mark.parametrize(("after", "result"), [(3000, "success"), (3001, "fail")])
def test_what_the_phone_does_exactly_at_the_limit_still_counts(after: int, result: str) -> None:
    stage = Stage(outplan={"dial_timeout": 3000})
    stage.target(A, script=[Answer(after=after, talk=0)])
    stage.run()
    stage.at(60_000)
    assert stage.results[0] == (4000, result)


@both
@pytest.mark.parametrize(
    ("talk", "ended", "result"), [("59m57s", 3_601_000, "success"), ("59m57001ms", 3_601_000, "fail")]
)
def test_a_call_lasts_an_hour_from_the_dial_at_most(profile: str, talk: str, ended: int, result: str) -> None:
    stage = Stage(profile)
    stage.target(A, script=[Answer(after="3s", talk=talk)])
    stage.run()
    stage.at(7_200_000)
    assert stage.results[0] == (ended, result)


@both
@pytest.mark.parametrize(
    ("outcome", "reason", "result"),
    [
        (Answer(), "normal", "success"), (Cleared(), "normal", "success"), (Busy(), "busy", "fail"),
        (NoAnswer("2s"), "noanswer", "fail"), (Rejected(), "noanswer", "fail"), (Unreachable(), "failed", "fail"),
        (Canceled(), "cancel", "fail"), (Machine(), "amd", "fail"), (NoAnswer(), "dialout", "fail"),
    ],
)  # fmt: skip
def test_each_outcome_has_its_reason_and_result(profile: str, outcome: Outcome, reason: str, result: str) -> None:
    stage = Stage(profile)
    stage.target(A, script=[outcome])
    stage.run()
    stage.at(90_000)
    assert stage.results[0][1] == result
    assert stage.mock.calls.list()[-1].hangup_reason == reason


@both
def test_a_number_has_one_script_for_all_who_call_it(profile: str) -> None:
    stage = Stage(profile, outplan={"max_try_count_0": 1})
    first = stage.target(A, script=[Answer(after=0, talk="10s"), Busy(after="1s")])
    second = stage.target(A)
    stage.run()
    stage.at(60_000)
    assert stage.results == [(2500, "fail"), (11_000, "success")]
    assert stage.target_state(first)[0] == "done"
    assert stage.target_state(second)[1] == [1, 0, 0, 0, 0]


@both
def test_a_flow_rings_no_phone_and_always_succeeds(profile: str) -> None:
    stage = Stage(profile, type="flow")
    stage.mock.world.strict = False
    stage.target(A, script=[Answer(talk="2h")], destination_0={"type": "email", "target": A})
    stage.run()
    stage.at(1000)
    shown = [call for _, _, call in stage.told("campaigncall_created", "campaigncall_updated")]
    assert [call["status"] for call in shown] == ["dialing", "progressing"]
    assert (shown[0]["reference_type"], shown[0]["reference_id"]) == ("flow", NIL)
    stage.at(7_201_000)
    assert stage.results == [(7_201_000, "success")]
    assert stage.mock.calls.list() == []


# --- capacity (16, 17) -----------------------------------------------------------------------------


@pytest.mark.differs("D16")
@pytest.mark.parametrize(("profile", "status"), [("server", "dialing"), ("documented", "progressing")])
def test_a_campaigncall_that_was_answered_still_dials_on_the_server(profile: str, status: str) -> None:
    stage = Stage(profile)
    stage.target(A, script=[Answer(after="2s", talk="20s")])
    stage.run()
    stage.at(4000)
    (call,), (attempt,) = stage.mock.calls.list(), stage.mock.campaigncalls.list()
    assert (call.status, attempt.status) == ("progressing", status)


@pytest.mark.differs("D16")
@pytest.mark.parametrize(("profile", "second"), [("server", 26_500), ("documented", 6500)])
def test_an_answered_call_takes_an_agent_or_not(profile: str, second: int) -> None:
    stage = Stage(profile, actions=[{"type": "sleep", "option": {"duration": 30_000}}])  # before it joins the queue
    stage.queue(level=100)
    stage.target(A, script=[Answer(after="2s", talk="20s")])
    stage.target(B, script=[Answer()])
    stage.run()
    stage.at(60_000)
    assert stage.dialed == [(1000, A), (second, B)]


@pytest.mark.parametrize(("profile", "dials"), [("server", 0), ("documented", 2)])
@pytest.mark.differs("D18")
def test_a_service_level_of_zero(profile: str, dials: int) -> None:
    stage = Stage(profile)
    stage.queue(level=0)
    stage.target(A)
    stage.target(B)
    stage.run()
    stage.at(60_000)
    assert len(stage.dialed) == dials


@pytest.mark.parametrize(("profile", "dials"), [("server", 1), ("documented", 3)])
@pytest.mark.differs("D18")
def test_a_capacity_that_is_no_whole_number(profile: str, dials: int) -> None:
    # The server rounds 1.5 down to 1; by the documents 200 is more than 0, 75 and 150, and less than 225.
    stage = Stage(profile)
    stage.queue(level=75, agents=2)
    for number in (A, B, C, "+15550100004"):
        stage.target(number, script=[NoAnswer()])
    stage.run()
    stage.at(8000)
    assert len(stage.dialed) == dials


@both
def test_no_agent_no_call_until_one_is_available(profile: str) -> None:
    stage = Stage(profile)
    stage.queue(level=100)
    (agent,) = stage.mock.agents.list(username="a0@x")
    stage.put(f"/agents/{agent.id}/status", {"status": "away"})
    stage.target(A)
    stage.run()
    stage.at(600_000)
    assert stage.dialed == []
    stage.put(f"/agents/{agent.id}/status", {"status": "available"})
    stage.at(700_000)
    assert stage.dialed == [(601_000, A)]


@both
def test_a_hundred_dialing_calls_are_counted_at_most(profile: str) -> None:
    # Room for 101: a hundred are counted however many ring, so there is always room.
    stage = Stage(profile, outplan={"dial_timeout": 60_000})
    stage.queue(level=100, agents=101)
    stage.mock.phone("*").script(NoAnswer())
    for n in range(130):
        target = {"type": "tel", "target": f"+1555010{n:04d}"}
        stage.mock.targets.create(outdial_id=stage.outdial, destination_0=target)
    stage.run()
    stage.at(60_999)
    assert len(stage.dialed) == 120


@both
def test_a_queue_has_the_agents_with_one_of_its_tags_and_without_tags_all(profile: str) -> None:
    stage = Stage(profile)
    queue = stage.queue(level=100, agents=1)
    for agent in stage.mock.agents.list():
        stage.mock.agents.update(agent.id, status="available", tag_ids=[])
    for n in range(3):
        stage.target(f"+1555010000{n}", script=[NoAnswer()])
    stage.run()
    stage.at(20_000)
    assert stage.dialed == []
    stage.mock.records("queues").update(queue, tag_ids=[])
    stage.at(40_000)
    assert len(stage.dialed) == 3


@both
def test_whoever_hears_of_a_call_may_ask_the_mock_from_another_thread(profile: str) -> None:
    stage = Stage(profile)
    target = stage.target(A, script=[Busy()])
    seen: list[str] = []

    def look(event: Event) -> None:
        if event.type == "campaigncall_created":
            path = f"/v1.0/outdials/{stage.outdial}/targets/{target}"
            asking = Thread(target=lambda: seen.append(stage.mock.client.get(path).json["status"]))
            asking.start()
            asking.join(10)

    stage.mock.world.bus.subscribe(look)
    stage.run()
    stage.at(1000)
    assert seen == ["progressing"]


@both
def test_without_a_queue_the_service_level_is_ignored(profile: str) -> None:
    stage = Stage(profile, service_level=0)
    stage.target(A)
    stage.run()
    stage.at(1000)
    assert len(stage.dialed) == 1


@both
def test_a_full_queue_does_not_keep_a_campaign_alive(profile: str) -> None:
    stage = Stage(profile, end_handle="stop")
    stage.queue(level=100)
    stage.target(A, script=[NoAnswer()])
    stage.run()
    stage.at(1500)
    assert stage.state() == "stopping"


# --- campaign status (18 to 22) --------------------------------------------------------------------


@both
def test_there_is_one_chain_of_ticks(profile: str) -> None:
    stage = Stage(profile)
    for number in (A, B):
        stage.target(number)
    stage.run()
    stage.at(1200)
    stage.stop()
    stage.at(1300)
    stage.run()
    stage.at(60_000)
    assert stage.dialed == [(1000, A), (1500, B)]
    assert stage.statuses == [(0, "run"), (1200, "stopping"), (1300, "run")]


@both
def test_a_run_while_stopping_after_the_halt_begins_anew_and_calls_live_on(profile: str) -> None:
    stage = Stage(profile)
    stage.target(A, script=[Answer(talk="30s")])
    stage.target(B)
    stage.run()
    stage.at(1200)
    stage.stop()
    stage.at(1700)  # HALT at 1500
    stage.run()
    stage.at(60_000)
    assert stage.dialed == [(1000, A), (2700, B)]
    assert (34_000, "success") in stage.results
    assert stage.statuses == [(0, "run"), (1200, "stopping"), (1700, "run")]


@both
@pytest.mark.parametrize("what", ["outplans", "outdials"])
def test_run_is_refused_with_something_deleted_unless_it_runs_already(profile: str, what: str) -> None:
    stage = Stage(profile)
    stage.target(A)
    stage.target(B)
    stage.run()
    stage.at(1000)
    gone = stage.outplan if what == "outplans" else stage.outdial
    stage.request("DELETE", f"/{what}/{gone}")
    assert stage.status("run")["status"] == "run"
    stage.at(30_000)
    assert stage.dialed == [(1000, A), (1500, B)]
    stage.stop()
    stage.at(60_000)
    reply = stage.mock.client.put(f"/v1.0/campaigns/{stage.campaign}/status", json={"status": "run"})
    assert (reply.status_code, reply.json["error"]["reason"]) == (400, "INVALID_ARGUMENT")
    assert stage.state() == "stop"


@both
def test_stopping_cuts_no_call(profile: str) -> None:
    stage = Stage(profile)
    stage.target(A, script=[Answer(after="1s", talk="1m")])
    stage.run()
    stage.at(1200)
    stage.stop()
    stage.at(120_000)
    assert stage.results == [(62_000, "success")]
    assert stage.statuses[-1] == (62_000, "stop")


@both
def test_without_an_outplan_the_first_tick_halts(profile: str) -> None:
    stage = Stage(profile)
    stage.target(A)
    stage.put(f"/campaigns/{stage.campaign}/resource_info", stage.resources(outplan_id=NIL))
    stage.run()
    stage.at(60_000)
    assert stage.statuses == [(0, "run"), (1000, "stop")]


@both
@pytest.mark.parametrize(("end_handle", "status"), [("stop", "stop"), ("continue", "run")])
def test_without_an_outdial_no_target_is_left(profile: str, end_handle: str, status: str) -> None:
    stage = Stage(profile, end_handle=end_handle)
    stage.target(A)
    stage.put(f"/campaigns/{stage.campaign}/resource_info", stage.resources(outdial_id=NIL))
    stage.run()
    stage.at(60_000)
    assert stage.dialed == []
    assert stage.state() == status


# --- one campaign after the other (21) ---------------------------------------------------------------


def chained(profile: str = "documented", **first: Any) -> tuple[Stage, str]:
    """A stage whose campaign is followed by another one, which dials B."""
    stage = Stage(profile, end_handle="stop", **first)
    second = stage.post("/campaigns", {**CAMPAIGN, "outplan_id": stage.outplan, "end_handle": "stop"})["id"]
    body = {"campaign_id": second, "name": "list", "detail": "d", "data": "d"}
    outdial = stage.post("/outdials", body)["id"]
    ids = {"outplan_id": stage.outplan, "outdial_id": outdial, "queue_id": NIL, "next_campaign_id": NIL}
    stage.put(f"/campaigns/{second}/resource_info", ids)
    target = {"name": "t", "detail": "d", "data": "d", "destination_0": {"type": "tel", "target": B}}
    stage.post(f"/outdials/{outdial}/targets", target)
    stage.put(f"/campaigns/{stage.campaign}/next_campaign_id", {"next_campaign_id": second})
    return stage, second


@pytest.mark.differs("D17")
def test_the_next_campaign_starts_when_the_last_call_has_ended() -> None:
    stage, second = chained()
    stage.mock.world.strict = False
    stage.target(A, script=[Busy(after="2s")])
    stage.run()
    stage.at(60_000)
    assert stage.statuses == [(0, "run"), (1500, "stopping"), (3000, "stop")]
    assert [at for at, _, shown in stage.told("campaign_status_run") if shown["id"] == second] == [3000]
    assert stage.dialed == [(1000, A), (4000, B)]


@pytest.mark.differs("D17")
def test_on_the_server_nothing_follows() -> None:
    stage, second = chained("server")
    stage.target(A, script=[Busy(after="2s")])
    stage.run()
    stage.at(60_000)
    assert stage.state(second) == "stop"
    assert stage.dialed == [(1000, A)]


def test_an_outdial_without_targets_chains_too() -> None:
    stage, _ = chained()
    stage.run()
    stage.at(60_000)
    assert stage.dialed == [(2000, B)]


@pytest.mark.parametrize("by", ["stop", "run"])
def test_a_user_who_intervenes_while_it_is_stopping_breaks_the_chain(by: str) -> None:
    stage, second = chained()
    stage.target(A, script=[Busy(after="2s")])
    stage.run()
    stage.at(2000)
    stage.status(by)
    stage.at(2500)
    if by == "run":
        stage.stop()
    stage.at(60_000)
    assert stage.state() == "stop"
    assert stage.state(second) == "stop"


@pytest.mark.parametrize("how", ["user", "refused", "outplan"])
def test_other_ends_do_not_chain(how: str) -> None:
    stage, second = chained()
    if how == "refused":
        stage.mock.world.strict = False
        stage.target(A, destination_0={"type": "email", "target": "a@b.example"})
    elif how == "outplan":
        stage.put(f"/campaigns/{stage.campaign}/resource_info", stage.resources(outplan_id=NIL))
    else:
        stage.target(A)
    stage.run()
    stage.at(500)
    if how == "user":
        stage.stop()
    stage.at(60_000)
    assert stage.state() == "stop"
    assert stage.state(second) == "stop"


def test_a_next_campaign_that_would_be_refused_does_not_start() -> None:
    stage, second = chained()
    third = stage.post("/outplans", OUTPLAN)["id"]
    shown = stage.get(f"/campaigns/{second}")
    ids = {name: shown[name] for name in ("outdial_id", "queue_id", "next_campaign_id")}
    stage.put(f"/campaigns/{second}/resource_info", {**ids, "outplan_id": third})
    stage.request("DELETE", f"/outplans/{third}")
    stage.run()
    stage.at(60_000)
    assert stage.state(second) == "stop"


def test_a_campaign_that_follows_itself_goes_on_while_there_is_somebody_to_dial() -> None:
    stage = Stage(end_handle="stop")
    stage.put(f"/campaigns/{stage.campaign}/next_campaign_id", {"next_campaign_id": stage.campaign})
    stage.target(A, script=[Busy(after="2s")])
    stage.run()
    with pytest.raises(TimeoutError, match="something is still to come"):
        stage.mock.clock.run_until(limit=5)
    stage.mock.clock.run_until(limit=60)
    assert stage.dialed == [(1000, A), (14_000, A)]
    assert [status for _, status in stage.statuses] == ["run", "stopping", "stop"] * 2
