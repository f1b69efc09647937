"""A campaign's own end: `run_campaign` waits for it alone, and campaigns in a loop come to rest."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.dialing import NIL, PROFILES, A, B, Stage
from voipbin_mock import Answer, Busy, Clock, Mock, MockUsageError, NoAnswer, VoIPBINWarning

START = "2026-03-01T09:00:00Z"
each_profile = pytest.mark.parametrize("profile", PROFILES)
DAY = 86_400


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Mock:
    return Mock(request.param, clock=START, ignore="all")


def campaign(mock: Mock, number: str = A, tries: int = 1, interval: int = 1000, **members: Any) -> Any:
    plan = mock.outplans.create(max_try_count_0=tries, try_interval=interval, dial_timeout=30_000)
    outdial = mock.outdials.create()
    if number:
        mock.targets.create(outdial_id=outdial, destination_0={"type": "tel", "target": number})
    members = {"end_handle": "continue", **members}
    return mock.campaigns.create(outplan_id=plan, outdial_id=outdial, **members)


def start(mock: Mock, wanted: Any) -> None:
    assert mock.client.put(f"/v1.0/campaigns/{wanted.id}/status", json={"status": "run"}).status_code == 200


def seconds(mock: Mock) -> float:
    return mock.now.timestamp() - Mock(clock=START).now.timestamp()


# --- what is waited for ----------------------------------------------------------------------------


def test_another_campaigns_retry_in_days_is_not_waited_for(mock: Mock) -> None:
    slow = campaign(mock, A, tries=2, interval=3 * DAY * 1000)
    quick = campaign(mock, B)
    mock.phone(A).script(Busy())
    start(mock, slow)
    mock.run_campaign(quick)
    assert seconds(mock) < 60
    assert len(mock.run_campaign(slow)) == 2  # its own is
    assert 3 * DAY < seconds(mock) < 3 * DAY + 60


def test_a_delivery_in_a_month_is_not_waited_for(mock: Mock) -> None:
    mock.webhooks.connect(lambda webhook: None)
    mock.webhooks.delay(30 * DAY, 100)
    assert len(mock.run_campaign(campaign(mock))) == 1
    assert seconds(mock) < 60
    assert mock.webhooks.pending


@each_profile
def test_other_mocks_on_the_same_clock_are_not_waited_for(profile: str) -> None:
    clock = Clock(START)
    one, other = (Mock(profile, clock=clock, ignore="all") for _ in range(2))
    slow = campaign(other, A, tries=2, interval=3 * DAY * 1000)
    other.phone(A).script(Busy())
    start(other, slow)
    one.run_campaign(campaign(one))
    assert seconds(one) < 60


def test_a_campaign_that_waits_has_nothing_left_to_do_once_its_calls_are_over(mock: Mock) -> None:
    mock.phone(A).script(Answer(talk="10m"))
    waits = campaign(mock)
    timeline = mock.run_campaign(waits)
    assert [attempt.result for attempt in timeline] == ["success"]
    assert mock.campaigns.get(waits).status == "run"
    assert mock.run_campaign(waits) == timeline  # at once


def test_a_campaign_that_waits_for_agents_is_not_waited_for(mock: Mock) -> None:
    queue = mock.queues.create(name="q", tag_ids=[mock.tags.create(name="nobody")])
    assert len(mock.run_campaign(campaign(mock, queue_id=queue, service_level=100))) == 0


def test_the_campaign_that_follows_is_not_waited_for() -> None:
    mock = Mock(clock=START, ignore="all")
    second = campaign(mock, B, end_handle="stop")
    mock.run_campaign(campaign(mock, A, end_handle="stop", next_campaign_id=second))
    assert mock.campaigns.get(second).status == "run"
    assert len(mock.timeline(second)) == 0


def test_a_deleted_campaign_is_not_run(mock: Mock) -> None:
    gone = campaign(mock)
    mock.campaigns.delete(gone)
    with pytest.raises(LookupError, match=f"campaign {gone.id} was deleted"):
        mock.run_campaign(gone)
    assert mock.campaigns.get(gone).status == "stop"


@pytest.mark.parametrize(
    ("interval", "limit", "said"),
    [
        (1000, 5, [r"campaign evening has the status run", r"in flight: \+15550100001 \(ringing since 09:00:01\)"]),
        (DAY * 1000, 3600, [r"it looks for somebody to dial next at 2026-03-02 09:0\d:"]),
    ],
)
def test_a_campaign_that_does_not_end_is_named_with_what_still_goes_on(
    mock: Mock, interval: int, limit: float, said: list[str]
) -> None:
    mock.phone(A).script(NoAnswer())
    with pytest.raises(TimeoutError) as caught:
        mock.run_campaign(campaign(mock, A, tries=2, interval=interval, name="evening"), limit=limit)
    for line in said:
        assert re.search(line, str(caught.value)), caught.value


# --- what goes on is not deleted ---------------------------------------------------------------------


def test_a_campaign_that_runs_and_a_campaigncall_that_is_not_done_are_not_deleted(mock: Mock) -> None:
    runs = campaign(mock)
    start(mock, runs)
    mock.advance(2)
    (call,) = mock.campaigncalls
    with pytest.raises(MockUsageError, match="while its status is run: stop it first"):
        mock.campaigns.delete(runs)
    with pytest.raises(MockUsageError, match=r"while its status is .*: wait until it is done"):
        mock.campaigncalls.delete(call)
    assert mock.campaigns.get(runs).tm_delete is None
    mock.client.put(f"/v1.0/campaigns/{runs.id}/status", json={"status": "stop"})
    mock.advance(60)
    assert mock.campaigncalls.delete(call).tm_delete is not None
    assert mock.campaigns.delete(runs).tm_delete is not None


def test_a_call_that_goes_on_is_hung_up_before_it_is_deleted_as_over_the_wire(mock: Mock) -> None:
    start(mock, campaign(mock))
    mock.advance(2)
    (call,) = mock.calls
    mock.calls.delete(call)
    mock.advance(0)
    assert [(c.status, c.result) for c in mock.campaigncalls] == [("done", "fail")]
    assert mock.calls.get(call).status == "hangup"


# --- loops -----------------------------------------------------------------------------------------


def in_a_loop(length: int, number: str = "") -> tuple[Mock, list[Any]]:
    mock = Mock(clock=START, ignore="all")
    line = [campaign(mock, number if n == 0 else "", 2, name=f"c{n}", end_handle="stop") for n in range(length)]
    for one, following in zip(line, [*line[1:], line[0]], strict=True):
        mock.campaigns.update(one, next_campaign_id=following)
    return mock, line


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_loop_with_nobody_to_dial_rests(length: int) -> None:
    mock, line = in_a_loop(length)
    events = len(mock.world.bus.log)
    mock.run_campaign(line[0])
    assert mock.clock.next_due() is None
    mock.advance(days=365)
    assert len(mock.world.bus.log) < events + 10
    assert {each.status for each in mock.campaigns} == {"stop"}


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_loop_turns_for_as_long_as_somebody_is_left_to_dial(length: int) -> None:
    mock, line = in_a_loop(length, A)
    mock.phone(A).script(Busy())
    first = mock.run_campaign(line[0])
    assert len(first) == 1  # its own run, though it begins anew at once
    mock.clock.run_until()
    assert len(mock.timeline(line[0])) == 2
    assert {each.status for each in mock.campaigns} == {"stop"}
    assert seconds(mock) < 60


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_loop_is_told_of_in_the_plan_and_when_it_is_made_or_run(length: int) -> None:
    mock, line = in_a_loop(length)
    (warning,) = [each for each in mock.plan(line[0]).warnings if each.code == "campaign-loop"]
    assert "c0 -> " in warning.message
    leads_there = campaign(mock, A, end_handle="stop", next_campaign_id=line[-1])
    assert "campaign-loop" in {each.code for each in mock.plan(leads_there).warnings}
    told = Mock(clock=START)
    told.load(mock.dump())
    for path, body in (
        ("next_campaign_id", {"next_campaign_id": line[0].id}),
        ("status", {"status": "run"}),
    ):
        with pytest.warns(VoIPBINWarning, match="campaign-loop"):
            assert told.client.put(f"/v1.0/campaigns/{line[-1].id}/{path}", json=body).status_code == 200


def test_what_does_not_come_round_is_no_loop() -> None:
    mock, line = in_a_loop(3)
    for change in ({"end_handle": "continue"}, {"end_handle": "stop", "next_campaign_id": NIL}):
        mock.campaigns.update(line[2], **change)
        assert "campaign-loop" not in {each.code for each in mock.plan(line[0]).warnings}


def test_on_the_server_nothing_follows_so_a_loop_is_none() -> None:
    stage = Stage("server", end_handle="stop")
    stage.put(f"/campaigns/{stage.campaign}/next_campaign_id", {"next_campaign_id": stage.campaign})
    assert "campaign-loop" not in {each.code for each in stage.mock.plan(stage.campaign).warnings}
    stage.run()
    stage.at(60_000)
    assert stage.statuses == [(0, "run"), (1000, "stop")]


def test_a_chain_of_many_campaigns_that_is_no_loop_is_followed_to_its_end() -> None:
    mock = Mock(clock=START, ignore="all")
    following: Any = NIL
    for n in range(300):
        parts = {"outplan_id": mock.outplans.create(), "outdial_id": mock.outdials.create()}
        following = mock.campaigns.create(name=f"{n}", end_handle="stop", next_campaign_id=following, **parts)
    mock.run_campaign(following)
    mock.clock.run_until()
    assert seconds(mock) == 300
