"""Campaigns that nobody asked to run: a seed, a state document or a test put them in place running."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voipbin_mock import Answer, Mock, VoIPBINWarning

AT = "2026-03-01T09:00:00Z"
PLAN, OUTDIAL, CAMPAIGN = (f"0f0f0f0f-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
NUMBER = {"type": "tel", "target": "+15550100021"}
both = pytest.mark.parametrize("profile", ["documented", "server"])


def seed(**campaign: Any) -> dict[str, Any]:
    return {
        "extends": "account",
        "outplans": [{"id": PLAN, "max_try_count_0": 1}],
        "outdials": [{"id": OUTDIAL}],
        "targets": [{"outdial_id": OUTDIAL, "name": "Ann", "destination_0": NUMBER}],
        "campaigns": [
            {"id": CAMPAIGN, "type": "call", "end_handle": "continue", "outplan_id": PLAN, "outdial_id": OUTDIAL}
            | campaign
        ],
    }


def dialed(mock: Mock) -> list[int]:
    return [attempt.dialed for attempt in mock.timeline(CAMPAIGN)]


@both
def test_a_campaign_that_a_seed_has_running_dials_a_second_after_the_start(profile: str) -> None:
    mock = Mock(profile=profile, seed=seed(status="run"), clock=AT)
    mock.advance(milliseconds=999)
    assert dialed(mock) == []
    mock.advance(milliseconds=1)
    assert dialed(mock) == [1000]
    mock.reset()
    assert dialed(mock) == []
    mock.advance(seconds=1)
    assert dialed(mock) == [1000]


@both
def test_a_campaign_that_a_seed_has_running_stops_as_any(profile: str) -> None:
    mock = Mock(profile=profile, seed=seed(status="run"), clock=AT)
    mock.phone().script(Answer(after="1s", talk="3s"))
    mock.advance(seconds=1)
    reply = mock.client.put(f"/v1.0/campaigns/{CAMPAIGN}/status", json={"status": "stop"})
    assert reply.get_json()["status"] == "stopping"
    mock.advance(milliseconds=3999)
    assert mock.campaigns.get(CAMPAIGN).status == "stopping"
    mock.advance(milliseconds=1)
    assert mock.campaigns.get(CAMPAIGN).status == "stop"


@both
def test_a_campaign_that_a_seed_has_stopping_comes_to_rest(profile: str) -> None:
    mock = Mock(profile=profile, seed=seed(status="stopping"), clock=AT)
    mock.advance(seconds=1)
    assert mock.campaigns.get(CAMPAIGN).status == "stop"
    assert dialed(mock) == []


@pytest.mark.parametrize("members", [{"status": "stop"}, {"status": "run", "execute": "stop"}])
def test_a_campaign_that_rests_or_only_looks_so_has_nothing_to_come(members: dict[str, str]) -> None:
    mock = Mock(seed=seed(**members), clock=AT)
    mock.advance(hours=1)
    assert dialed(mock) == []
    assert mock.campaigns.get(CAMPAIGN).status == members["status"]


@both
def test_a_record_set_to_run_dials(profile: str) -> None:
    mock = Mock(profile=profile, seed=seed(), clock=AT)
    mock.campaigns.update(CAMPAIGN, status="run")
    mock.campaigns.update(CAMPAIGN, status="run")  # twice, and yet it ticks once
    mock.advance(hours=1)
    assert dialed(mock) == [1000]


def test_a_record_created_running_dials() -> None:
    mock = Mock(seed=seed(), clock=AT)
    mock.campaigns.create(name="second", status="run", end_handle="continue", outplan_id=PLAN, outdial_id=OUTDIAL)
    mock.advance(hours=1)
    (timeline,) = mock.timelines()
    assert [attempt.dialed for attempt in timeline] == [1000]


@both
def test_a_state_without_timers_is_taken_up_and_one_with_them_goes_on(profile: str) -> None:
    mock = Mock(profile=profile, seed=seed(status="run"), clock=AT)
    mock.advance(milliseconds=600)
    state = json.loads(json.dumps(mock.dump()))
    again = Mock(profile=profile)
    again.load(state)
    again.advance(milliseconds=400)
    assert dialed(again) == [1000]
    del state["timers"]
    again.load(state)
    again.advance(milliseconds=999)
    assert dialed(again) == []
    again.advance(milliseconds=1)
    assert len(dialed(again)) == 1


@both
def test_whoever_runs_a_campaign_of_an_unverified_customer_is_told_what_to_do(profile: str) -> None:
    document = {
        **seed(),
        "customers": [{"name": "new"}],
        "agents": [{"username": "a", "password": "b", "permission": 32}],
    }
    del document["extends"]
    with Mock(profile=profile, seed=document, clock=AT) as mock:
        with pytest.warns(VoIPBINWarning, match='identity_verification_status "verified"'):
            mock.client.put(f"/v1.0/campaigns/{CAMPAIGN}/status", json={"status": "run"})
        call = {"source": NUMBER, "destinations": [NUMBER], "actions": [{"type": "answer"}]}
        reply = mock.client.post("/v1.0/calls", json=call)
        assert reply.get_json()["error"]["reason"] == "IDENTITY_VERIFICATION_REQUIRED"
        assert 'identity_verification_status "verified"' in mock.report()
