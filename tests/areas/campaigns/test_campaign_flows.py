"""What a campaign's attempts run: its actions, in calls and without."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.calling import a, action_id, path, presses, run_of
from tests.support.dialing import NIL, PROFILES, A, B, Stage, address
from tests.support.queueing import a_queue, an_agent, nobody_else, queuecall
from voipbin_mock import Answer, Busy

both = pytest.mark.parametrize("profile", PROFILES)
OFFER = (a("talk", text="press 1 to hear more"), a("digits_receive", duration=4000, length=1), a("hangup"))


def staged(profile: str, *actions: dict[str, Any], **campaign: Any) -> Stage:
    several = [{"id": action_id(n), **action} for n, action in enumerate(actions, 1)]
    return Stage(profile, actions=several, **campaign)


def run_of_attempt(stage: Stage, position: int = 0) -> Any:
    attempt = stage.mock.campaigncalls.list()[position]
    run = stage.mock.world.store["activeflows"].get(attempt.activeflow_id)
    assert run is not None
    return run.data


# --- in calls ----------------------------------------------------------------------------------------


@both
def test_a_call_of_a_campaign_runs_its_actions_and_lasts_as_long(profile: str) -> None:
    stage = staged(profile, *OFFER)
    stage.target(A, script=[Answer(after="2s", talk="5m")])
    stage.run()
    stage.at(60_000)
    (call,) = stage.mock.calls.list()
    run = run_of(stage.mock, call.id)
    assert path(run) == ["talk", "digits_receive", "hangup"]
    assert (run["reference_type"], run["reference_id"], run["id"]) == ("call", call.id, call.activeflow_id)
    assert (call.hangup_by, call.hangup_reason) == ("local", "normal")
    assert stage.results == [(9000, "success")]  # dialed at 1 s, answered at 3 s, 2 s of speech and 4 s for a key


@both
def test_whoever_is_called_may_press_a_key(profile: str) -> None:
    stage = staged(profile, *OFFER)
    stage.target(A, script=[Answer(after="2s", talk="5m")])
    stage.run()
    stage.at(6000)
    (call,) = stage.mock.calls.list()
    presses(stage.mock, call.id, "1")
    stage.at(7000)
    assert run_of(stage.mock, call.id)["trace"][1][6] == "length"
    assert stage.results == [(6000, "success")]


@both
def test_whoever_is_called_may_hang_up_first(profile: str) -> None:
    stage = staged(profile, *OFFER)
    stage.target(A, script=[Answer(after="2s", talk="1s")])
    stage.run()
    stage.at(60_000)
    (call,) = stage.mock.calls.list()
    assert (path(run_of(stage.mock, call.id)), call.hangup_by) == (["talk"], "remote")
    assert stage.results == [(4000, "success")]


@both
def test_nothing_runs_in_a_call_that_nobody_answers(profile: str) -> None:
    stage = staged(profile, *OFFER, outplan={"max_try_count_0": 1})
    stage.target(A, script=[Busy()])
    stage.run()
    stage.at(60_000)
    run = run_of_attempt(stage)
    assert (path(run), run["status"]) == ([], "ended")
    assert [result for _, result in stage.results] == ["fail"]


@both
def test_a_campaign_runs_the_actions_that_it_has_when_it_dials(profile: str) -> None:
    stage = staged(profile, a("talk", text="one"))
    stage.target(A)
    stage.target(B)
    stage.run()
    stage.at(1200)
    stage.put(f"/campaigns/{stage.campaign}/actions", {"actions": [a("sleep", duration=100), a("hangup")]})
    stage.at(60_000)
    paths = [path(run_of(stage.mock, call.id)) for call in stage.mock.calls.list()]
    assert sorted(paths) == [["sleep", "hangup"], ["talk"]]


@both
def test_actions_of_a_campaign_may_jump_although_no_ids_were_given(profile: str) -> None:
    stage = Stage(profile, actions=[a("talk", text="one"), a("talk", text="two")])
    stage.target(A)
    stage.target(B)
    stage.run()
    stage.at(60_000)
    first, second = (run_of(stage.mock, call.id)["executed_actions"] for call in stage.mock.calls.list())
    assert [one["id"] for one in first] == [one["id"] for one in second]
    assert len({one["id"] for one in first}) == len(first) == 3
    assert NIL not in {one["id"] for one in first}


# --- without calls -----------------------------------------------------------------------------------


@both
def test_a_campaign_of_flows_calls_nobody_and_each_lasts_as_long_as_its_flow(profile: str) -> None:
    stage = staged(profile, a("talk", text="skipped"), a("block"), type="flow")
    stage.target(A)
    stage.run()
    stage.at(3_600_000)
    run = run_of_attempt(stage)
    assert (path(run), run["status"], run["reference_type"]) == (["block"], "running", "campaign")
    assert run["reference_id"] == stage.mock.campaigncalls.list()[0].id
    assert stage.results == []
    stage.post(f"/activeflows/{run['id']}/stop", {})
    assert stage.results == [(3_600_000, "success")]
    assert stage.mock.calls.list() == []


@both
def test_a_flow_that_fails_is_an_attempt_that_succeeds(profile: str) -> None:
    stage = staged(profile, a("fetch", event_url="https://shop.example.com"), type="flow", end_handle="stop")
    target = stage.target(A)
    stage.run()
    stage.at(60_000)
    assert run_of_attempt(stage)["failed"]
    assert stage.results == [(1000, "success")]
    assert stage.target_state(target)[0] == "done"
    assert stage.state() == "stop"


@both
def test_variables_and_webhooks_of_a_campaign_of_flows(profile: str) -> None:
    send = a("webhook_send", uri="https://crm.example.com", method="POST", data='{"run": "${voipbin.activeflow.id}"}')
    stage = staged(profile, send, type="flow")
    stage.mock.reply("https://crm.example.com")
    stage.target(A)
    stage.target(B)
    stage.run()
    stage.at(60_000)
    sent = [one.json["run"] for one in stage.mock.webhooks.deliveries if one.type == "webhook_send"]
    assert sorted(sent) == sorted(attempt.activeflow_id for attempt in stage.mock.campaigncalls.list())


@both
def test_a_run_in_progress_is_part_of_a_snapshot(profile: str) -> None:
    stage = staged(profile, *OFFER)
    stage.target(A, script=[Answer(after="2s", talk="5m")])
    stage.run()
    stage.at(4000)
    moment, state = stage.mock.snapshot(), stage.mock.dump()
    for back in (lambda: stage.mock.restore(moment), lambda: stage.mock.load(state)):
        back()
        stage.at(60_000)
        (call,) = stage.mock.calls.list()
        assert path(run_of(stage.mock, call.id)) == ["talk", "digits_receive", "hangup"]
        assert stage.target_state(stage.mock.targets.list()[0].id)[0] == "done"


# --- the queue ---------------------------------------------------------------------------------------


@both
def test_whoever_answers_joins_the_queue_of_the_campaign_after_its_actions(profile: str) -> None:
    stage = staged(profile, a("talk", text="we connect you"))
    nobody_else(stage.mock)
    an_agent(stage.mock)
    stage.put(f"/campaigns/{stage.campaign}/resource_info", stage.resources(queue_id=a_queue(stage.mock)))
    stage.target(A, script=[Answer(after="2s", talk="30m")])
    stage.run()
    stage.at(300_000)
    (call,) = stage.mock.calls.list(direction="outgoing", destination=address(A))
    assert path(run_of(stage.mock, call.id)) == ["talk", "queue_join", "talk"]
    assert queuecall(stage.mock, call.id)["status"] == "done"
    assert [result for _, result in stage.results] == ["success"]
