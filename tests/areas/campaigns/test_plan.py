"""The plan of a campaign: no run exceeds it, and it says what is odd before anybody is called."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.areas.campaigns.test_dialer_model import Case, cases, number
from tests.support.dialing import NIL, PROFILES, A, B, C, Stage
from voipbin_mock import Answer, Busy, Chance, Machine, MockUsageError

both = pytest.mark.parametrize("profile", PROFILES)


def staged(case: Case, **campaign: Any) -> tuple[Stage, list[str]]:
    plan = {f"max_try_count_{n}": count for n, count in enumerate(case.counts)}
    plan |= {"try_interval": case.try_interval, "dial_timeout": case.dial_timeout}
    stage = Stage(case.profile, end_handle=case.end_handle, outplan=plan, **campaign)
    ids = []
    for order, slots in enumerate(case.targets):
        numbers = [number(order, n) if used else "" for n, used in enumerate(slots)]
        ids.append(stage.target(*numbers))
        for each in filter(None, numbers):
            stage.mock.phone(each).script(*case.scripts[order])
    return stage, ids


def attempts_of(stage: Stage, target: str, since: int) -> list[int]:
    told = stage.told("campaigncall_created")
    return [at - since for at, _, call in told if call["outdial_target_id"] == target and at > since]


@settings(max_examples=80)
@given(cases, st.integers(0, 60_000), st.booleans())
def test_no_run_exceeds_its_plan(case: Case, later: int, is_flow: bool) -> None:
    stage, ids = staged(case, type="flow" if is_flow else "call")
    before = stage.mock.plan(stage.campaign)
    stage.run()
    stage.at(later)
    amid, since = stage.mock.plan(stage.campaign), later
    stage.at(40_000_000)
    for plan, start in ((before, 0), (amid, since)):
        dials = [at - start for at, _ in stage.dialed if at > start]
        assert len(dials) <= plan.most_calls
        if dials:
            assert plan.first_dial is not None
            assert plan.last_dial is not None
            assert plan.first_dial <= dials[0]
            assert dials[-1] <= plan.last_dial
        planned = {target.id: target.attempts for target in plan.targets}
        for target in ids:
            seen = attempts_of(stage, target, start)
            assert len(seen) <= len(planned.get(target, ()))
            for at, attempt in zip(seen, planned.get(target, ()), strict=False):
                assert attempt.latest is not None
                assert attempt.earliest <= at <= attempt.latest


@both
def test_the_most_calls_are_reached_when_nobody_answers(profile: str) -> None:
    counts = {"max_try_count_0": 2, "max_try_count_1": 3, "try_interval": 1000}
    stage = Stage(profile, outplan=counts)
    for first, second in ((A, B), (C, "+15550100004")):
        stage.target(first, second, script=[Busy(after=0)])
        stage.mock.phone(second).script(Busy(after=0))
    plan = stage.mock.plan(stage.campaign)
    assert plan.most_calls == 10
    assert len(stage.mock.run_campaign(stage.campaign)) == 10
    assert stage.dialed[0][0] == plan.first_dial == 1000
    assert stage.mock.plan(stage.campaign).most_calls == 0


def test_the_soonest_of_each_attempt_is_reached_by_one_target_that_fails_at_once() -> None:
    stage = Stage(outplan={"max_try_count_0": 3, "try_interval": 5000})
    stage.target(A, script=[Busy(after=0)])
    (target,) = stage.mock.plan(stage.campaign).targets
    assert [attempt.earliest for attempt in target.attempts] == [1000, 6000, 11_000]
    stage.run()
    stage.at(60_000)
    assert stage.dialed == [(1000, A), (6500, A), (12_000, A)]


def test_the_latest_is_reached_but_for_a_poll_by_calls_of_an_hour() -> None:
    stage = Stage(outplan={"max_try_count_0": 2, "try_interval": 5000})
    stage.target(A, script=[Machine(talk="2h")])
    plan = stage.mock.plan(stage.campaign)
    stage.run()
    stage.at(10_000_000)
    assert plan.last_dial is not None
    assert plan.last_dial - 5000 <= stage.dialed[-1][0] <= plan.last_dial


def test_with_a_queue_nobody_knows_when_it_ends() -> None:
    stage = Stage()
    stage.queue(level=100)
    stage.target(A)
    plan = stage.mock.plan(stage.campaign)
    assert plan.last_dial is None
    assert plan.first_dial == 1000


def test_an_outplan_and_targets_have_a_plan_without_a_campaign() -> None:
    stage = Stage()
    first, second = stage.target(A), stage.target(B)
    mock = stage.mock
    assert mock.plan(outplan=stage.outplan, targets=stage.outdial).most_calls == 4
    assert mock.plan(outplan=mock.outplans.get(stage.outplan), targets=[first]).most_calls == 2
    assert mock.plan(outplan=stage.outplan, targets=[first, mock.targets.get(second)]).most_calls == 4
    with pytest.raises(LookupError, match="no target"):
        mock.plan(outplan=stage.outplan, targets=[NIL])
    with pytest.raises(LookupError, match="no campaign"):
        mock.plan(NIL)
    with pytest.raises(TypeError, match="which campaign"):
        mock.plan()


def codes(stage: Stage) -> set[str]:
    return {warning.code for warning in stage.mock.plan(stage.campaign).warnings}


def own_number(stage: Stage) -> None:
    owned = stage.mock.numbers.list()[0].number
    stage.set_outplan(source={"type": "tel", "target": owned})


def quiet(profile: str = "documented", **campaign: Any) -> Stage:
    stage = Stage(profile, **campaign)
    own_number(stage)
    return stage


def test_a_sound_campaign_has_no_warnings() -> None:
    stage = quiet()
    stage.target(A)
    stage.target(B)
    assert codes(stage) == set()


def test_what_is_odd_is_said() -> None:
    stage = Stage()
    stage.target(A)
    stage.target(B)
    stage.set_outplan(source={"type": "tel", "target": C})
    assert codes(stage) == {"unowned-source"}
    own_number(stage)
    stage.set_outplan(try_interval=600)
    assert codes(stage) == {"seconds-not-milliseconds"}
    stage.set_outplan(try_interval=600_000, max_try_count_0=0)
    assert codes(stage) == {"no-tries"}


@pytest.mark.parametrize(
    ("called", "code"),
    [
        ("112", "emergency-number"), ("911", "emergency-number"), ("+1911", "emergency-number"),
        ("999", "emergency-number"), ("4711", "short-number"), ("+12345", "short-number"),
    ],
)  # fmt: skip
def test_numbers_that_must_not_be_called_are_named(called: str, code: str) -> None:
    stage = quiet()
    stage.target(A)
    target = stage.mock.targets.create(outdial_id=stage.outdial, destination_0={"type": "tel", "target": called})
    (warning,) = stage.mock.plan(stage.campaign).warnings
    assert (warning.code, warning.where) == (code, target.id)
    assert called in warning.message


@both
def test_a_lone_target_of_a_campaign_that_stops_is_never_retried(profile: str) -> None:
    stage = quiet(profile, end_handle="stop")
    stage.target(A)
    assert "one-try" in codes(stage)
    stage.target(B)
    assert "one-try" not in codes(stage)


def test_a_dial_timeout_that_is_ignored_is_told_on_the_server_alone() -> None:
    for profile, expected in (("documented", set()), ("server", {"dial-timeout-ignored"})):
        stage = quiet(profile)
        stage.target(A)
        stage.target(B)
        assert codes(stage) == expected


def test_tries_without_a_destination_end_the_campaign_on_the_server() -> None:
    stage = quiet("server", outplan={"max_try_count_1": 1, "dial_timeout": 60_000})
    stage.target(A)
    stage.target(B)
    plan = stage.mock.plan(stage.campaign)
    assert {warning.code for warning in plan.warnings} == {"refused"}
    assert plan.most_calls == 5  # two tries each, and one that is refused


@both
def test_a_destination_without_tries_is_never_dialed(profile: str) -> None:
    stage = quiet(profile)
    stage.target(A, B)
    stage.target(C)
    assert "never-dialed" in codes(stage)


@both
def test_what_keeps_a_campaign_from_dialing_is_said(profile: str) -> None:
    stage = quiet(profile, outplan={"dial_timeout": 0})
    assert codes(stage) == {"no-targets"}
    stage.target(A)
    stage.queue(level=100, agents=0)
    assert codes(stage) == {"no-capacity"}
    stage.request("DELETE", f"/outplans/{stage.outplan}")
    assert codes(stage) == {"no-capacity", "run-refused"}
    stage.mock.campaigns.update(stage.campaign, outplan_id=NIL, queue_id=NIL, outdial_id=NIL)
    assert codes(stage) == {"no-dialing"}


def test_the_plan_is_text_and_json() -> None:
    stage = Stage(outplan={"try_interval": 7_200_000})
    stage.target(A)
    plan = stage.mock.plan(stage.campaign)
    assert str(plan).startswith("at most 2 calls, the first at 0:00:01 and the last at 3:00:06")
    assert A in str(plan)
    shown = stage.mock.client.get(f"/__mock__/campaigns/{stage.campaign}/plan").json
    assert shown["most_calls"] == 2
    assert shown["targets"][0]["attempts"][1]["earliest"] == 7_201_000
    assert shown == json.loads(json.dumps(plan.as_dict()))
    assert stage.mock.client.get(f"/__mock__/campaigns/{NIL}/plan").status_code == 404
    assert stage.mock.client.get("/__mock__/campaigns/nonsense/plan").status_code == 404


def test_a_target_that_answered_is_not_planned_again() -> None:
    stage = Stage()
    stage.target(A, script=[Answer(talk="1s")])
    stage.target(B, script=[Busy()])
    stage.run()
    stage.at(8000)
    assert [target.attempts[0].number for target in stage.mock.plan(stage.campaign).targets] == [B]


# --- however many tries ------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("targets", [1, 3])
def test_tries_without_end_are_counted_and_not_gone_through(profile: str, targets: int) -> None:
    most = 2_147_483_647
    stage = Stage(profile, end_handle="continue", outplan={f"max_try_count_{n}": most for n in range(5)})
    for _ in range(targets):
        slots = {f"destination_{n}": {"type": "tel", "target": called} for n, called in enumerate([A, B, C, B, "112"])}
        stage.mock.targets.create(outdial_id=stage.outdial, **slots)
    tracemalloc.start()
    try:
        plan = stage.mock.plan(stage.campaign)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert plan.most_calls == targets * 5 * most
    assert [(target.tries, len(target.attempts)) for target in plan.targets] == [(5 * most, 100)] * targets
    assert plan.last_dial is not None
    assert plan.last_dial > plan.targets[0].attempts[-1].latest  # type: ignore[operator]
    warned = {warning.code: warning.message for warning in plan.warnings}
    assert "its first 100 attempts are listed" in warned["many-tries"]
    assert "emergency-number" in warned  # of the destination that comes last
    assert f"... and {targets * 5 * most - 50} more" in str(plan)
    shown = stage.mock.client.get(f"/__mock__/campaigns/{stage.campaign}/plan").json
    assert shown["most_calls"] == plan.most_calls


@both
@given(st.integers(1, 130), st.integers(0, 130), st.integers(0, 20_000))
@settings(max_examples=15, deadline=None)
def test_what_is_counted_is_what_would_be_listed(profile: str, first: int, second: int, interval: int) -> None:
    counts = {"max_try_count_0": first, "max_try_count_1": second, "try_interval": interval}
    stage = Stage(profile, end_handle="continue", outplan=counts)
    stage.target(A, B)
    plan = stage.mock.plan(stage.campaign)
    (target,) = plan.targets
    assert plan.most_calls == target.tries == first + second
    assert len(target.attempts) == min(100, target.tries)
    assert ("many-tries" in codes(stage)) == (target.tries > 100)
    steps = {b.latest - a.latest for a, b in zip(target.attempts, target.attempts[1:], strict=False)}  # type: ignore[operator]
    step = steps.pop() if steps else 0
    assert not steps
    assert plan.last_dial == target.attempts[0].latest + (target.tries - 1) * step  # type: ignore[operator]


def test_of_many_targets_fewer_attempts_are_listed_each() -> None:
    stage = Stage(end_handle="continue", outplan={"max_try_count_0": 50})
    for n in range(1001):
        stage.mock.targets.create(
            outdial_id=stage.outdial, destination_0={"type": "tel", "target": f"+15550{n:06}"}, name=str(n)
        )
    plan = stage.mock.plan(stage.campaign)
    assert plan.most_calls == 1001 * 50
    assert {len(target.attempts) for target in plan.targets} == {10}


# --- a lone target, and other parts than its own --------------------------------------------------------


@both
@pytest.mark.parametrize("by", ["campaign", "parts"])
def test_a_lone_target_of_a_campaign_that_stops_is_planned_once(profile: str, by: str) -> None:
    stage = Stage(profile, end_handle="stop", outplan={"max_try_count_0": 3, "dial_timeout": 60_000})
    stage.target(A, script=[Busy()])
    mock = stage.mock
    parts = {"outplan": stage.outplan, "targets": stage.outdial, "end_handle": "stop"}
    plan = mock.plan(stage.campaign) if by == "campaign" else mock.plan(**parts)
    assert (plan.most_calls, plan.first_dial, plan.last_dial) == (1, 1000, 1000)
    assert "one-try" in {warning.code for warning in plan.warnings}
    assert [attempt.dialed for attempt in mock.run_campaign(stage.campaign)] == [1000]
    assert mock.plan(**{**parts, "end_handle": "continue"}).most_calls == 2  # left of three


@both
@pytest.mark.parametrize(
    "script", [[Busy("500ms")], [Answer(), Busy(0)], [Chance({Answer(): 1, Machine("0s", "0s"): 1})]]
)
def test_a_lone_target_is_called_again_only_if_a_call_may_fail_before_the_campaign_looks_again(
    profile: str, script: Any
) -> None:
    stage = Stage(profile, end_handle="stop", outplan={"max_try_count_0": 3, "dial_timeout": 60_000})
    stage.target(A, script=script)
    assert stage.mock.plan(stage.campaign).most_calls == 3


def test_a_call_that_is_given_up_before_the_campaign_looks_again_is_made_again() -> None:
    stage = Stage(end_handle="stop", outplan={"max_try_count_0": 3, "dial_timeout": 400, "try_interval": 0})
    stage.target(A)
    assert stage.mock.plan(stage.campaign).most_calls == 3
    assert len(stage.mock.run_campaign(stage.campaign)) == 3


def test_a_campaign_can_be_planned_with_other_parts_than_its_own() -> None:
    stage = Stage(end_handle="stop")
    stage.target(A)
    stage.target(B)
    mock = stage.mock
    other = mock.outplans.create(max_try_count_0=7, dial_timeout=30_000, try_interval=60_000)
    lone = mock.targets.create(outdial_id=mock.outdials.create(), destination_0={"type": "tel", "target": C})
    assert mock.plan(stage.campaign).most_calls == 4
    assert mock.plan(stage.campaign, outplan=other).most_calls == 14
    assert mock.plan(stage.campaign, outplan=other, targets=lone).most_calls == 1
    assert mock.plan(stage.campaign, outplan=other, targets=[lone], end_handle="continue").most_calls == 7
    assert mock.plan(stage.campaign).most_calls == 4
    without = mock.campaigns.create(end_handle="continue")
    assert mock.plan(without, outplan=other, targets=lone).most_calls == 7
    assert "no-dialing" not in {warning.code for warning in mock.plan(without, outplan=other, targets=lone).warnings}
    with pytest.raises(LookupError, match="no outplan"):
        mock.plan(stage.campaign, outplan=NIL)


@pytest.mark.parametrize("end_handle", ["bogus", "", 1])
def test_an_end_handle_that_there_is_not_is_refused(end_handle: Any) -> None:
    stage = Stage()
    with pytest.raises(MockUsageError, match='end_handle is "stop" or "continue"'):
        stage.mock.plan(outplan=stage.outplan, targets=stage.outdial, end_handle=end_handle)
