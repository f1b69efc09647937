"""A kept moment is the whole moment: after a restore or a load, anywhere, all goes on as if nothing had happened."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.callers import a_menu
from tests.support.calling import calls_in
from voipbin_mock import Answer, ApiError, Busy, Chance, Machine, Mock, NoAnswer, catalog
from voipbin_mock.areas.calls import voice
from voipbin_mock.edge import bundle
from voipbin_mock.world.sessions import Sessions

START = "2026-03-01T09:00:00Z"
PROFILES = ("documented", "server")
each_profile = pytest.mark.parametrize("profile", PROFILES)
NUMBERS = [f"+1555010{n:04}" for n in range(6)]
OUTCOMES = [Answer(), Busy(), NoAnswer(), Machine(), Busy("300ms"), Chance({Answer(): 2, Busy(): 3, NoAnswer("9s"): 1})]
INTERVALS = [0, 700, 10_000, 3_600_000]
SPANS = [0.5, 1.5, 4.0, 31.0, 1801.0, 86_400.0]
NIL = "00000000-0000-0000-0000-000000000000"


# --- steps -----------------------------------------------------------------------------------------
# Each draws what it does from a number, so that two mocks that are alike do the same.


def first_or(items: list[Any], n: int) -> Any:
    return items[n % len(items)] if items else None


def request(mock: Mock, method: str, path: str, body: Any = None) -> tuple[int, str]:
    reply = mock.client.open("/v1.0" + path, method=method, json=body)
    return reply.status_code, reply.text


def make_campaign(mock: Mock, n: int) -> object:
    plan = mock.outplans.create(
        max_try_count_0=n % 4, max_try_count_1=n % 3, try_interval=INTERVALS[n % 4], dial_timeout=(n % 5) * 6000
    )
    outdial = mock.outdials.create(name=f"list {n}")
    ends = "stop" if n % 3 else "continue"
    members = {"outplan_id": plan, "outdial_id": outdial, "end_handle": ends, "type": "call" if n % 5 else "flow"}
    return mock.campaigns.create(**members, next_campaign_id=first_or(mock.campaigns.list(), n) or NIL).as_dict()


def add_target(mock: Mock, n: int) -> object:
    outdial = first_or(mock.outdials.list(), n)
    if outdial is None:
        return None
    slots = {f"destination_{s}": {"type": "tel", "target": NUMBERS[(n + s) % 6]} for s in range(1 + n % 2)}
    return mock.targets.create(outdial_id=outdial, name=f"t{n}", **slots).as_dict()


def post_target(mock: Mock, n: int) -> object:
    outdial = first_or(mock.outdials.list(), n)
    body = {"name": "p", "detail": "d", "data": "d", "destination_0": {"type": "tel", "target": NUMBERS[n % 6]}}
    return outdial and request(mock, "POST", f"/outdials/{outdial.id}/targets", body)


def with_queue(mock: Mock, n: int) -> object:
    campaign = first_or(mock.campaigns.list(), n)
    if campaign is None:
        return None
    queue = mock.queues.create(name="q")
    mock.agents.create(username=f"a{n}-{len(mock.agents)}@x", status="available", permission=16)
    return mock.campaigns.update(campaign, queue_id=queue, service_level=50 * (n % 5)).as_dict()


def run_or_stop(mock: Mock, n: int) -> object:
    campaign = first_or(mock.campaigns.list(), n)
    wanted = "stop" if n % 4 == 3 else "run"
    return campaign and request(mock, "PUT", f"/campaigns/{campaign.id}/status", {"status": wanted})


def run_out(mock: Mock, n: int) -> object:
    campaign = first_or([c for c in mock.campaigns if c.status == "stop"], n)
    try:
        return campaign and mock.run_campaign(campaign, limit=7200).as_dict()
    except (TimeoutError, ApiError) as error:
        return str(error)


def change_outplan(mock: Mock, n: int) -> object:
    plan = first_or(mock.outplans.list(), n)
    return plan and mock.outplans.update(plan, max_try_count_0=n % 5, try_interval=INTERVALS[n % 4]).as_dict()


def delete_something(mock: Mock, n: int) -> object:
    name = ("targets", "outplans", "campaigns", "agents", "calls", "tags")[n % 6]
    record = first_or(mock.records(name).list(), n // 6)
    if record is None or record.id == mock.agents.list()[-1].id:
        return None
    try:
        return mock.records(name).delete(record).as_dict()
    except ValueError as error:
        return str(error)


def hang_up(mock: Mock, n: int) -> object:
    call = first_or(mock.calls.list(), n)
    return call and request(mock, "POST", f"/calls/{call.id}/hangup")


def script(mock: Mock, n: int) -> None:
    rule = ("default", "+1555010*", NUMBERS[n % 6])[n % 3]
    if n % 7 == 6:
        mock.phone(rule).forget()
    else:
        mock.phone(rule).script(OUTCOMES[n % 6], OUTCOMES[n // 6 % 6])


def plan_fault(mock: Mock, n: int) -> object:
    if n % 6 == 5:
        mock.faults.clear()
        return mock.stubs.clear()
    if n % 6 == 4:
        return mock.stub("GET /tags", json={"n": n}, times=1 + n % 2).as_dict()
    return mock.faults.error("any", "INTERNAL", times=1 + n % 3, probability=(None, 0.5)[n % 2]).as_dict()


def set_limits(mock: Mock, n: int) -> object:
    mock.limits.set({"customer": [0.5 + n % 3, 2 + n % 4]} if n % 3 else False)
    return mock.limits.as_dict()


def set_modes(mock: Mock, n: int) -> None:
    mock.pages_of(1 + n % 3, arriving=n % 2 == 0) if n % 2 else mock.forward_compatible(order=n % 3 == 0)


def play_trick(mock: Mock, n: int) -> None:
    types = ("*", "campaign*", "call_*")[n % 3]
    if n % 7 == 6:
        mock.webhooks.clear()
    elif n % 5 == 0:
        mock.webhooks.delay(SPANS[n % 5], 1 + n % 3, types=types)
    else:
        play = (mock.webhooks.drop, mock.webhooks.duplicate, mock.webhooks.reorder)[n % 3]
        play(2 + n % 2, types=types)


def flush(mock: Mock, n: int) -> object:
    return mock.webhooks.flush() if n % 2 else mock.webhooks.pending


def ask(mock: Mock, n: int) -> object:
    paths = ("/tags", "/campaigns", "/campaigncalls", "/outplans", "/outdials", "/calls")
    return request(mock, "GET", paths[n % 6])


def make_tag(mock: Mock, n: int) -> object:
    return request(mock, "POST", "/tags", {"name": f"k{n}", "detail": ""})


def look(mock: Mock, n: int) -> object:
    campaign = first_or(mock.campaigns.list(), n)
    return campaign and [str(mock.plan(campaign)), mock.timeline(campaign).text(), mock.timeline(campaign).svg()]


def pass_time(mock: Mock, n: int) -> None:
    mock.advance(SPANS[n % 6])


def wind(mock: Mock, n: int) -> object:
    try:
        return str(mock.clock.run_until(limit=60 * (1 + n % 30)))
    except TimeoutError as error:
        return str(error)


def change_clock(mock: Mock, n: int) -> None:
    (mock.freeze, mock.resume, lambda: mock.clock.resume(speed=1 + n % 5), mock.freeze)[n % 4]()


def machine_time(mock: Mock, n: int) -> None:
    """The machine's time passes, for all mocks; see `passes`."""


def passes(traveller: Any, step: Step, n: int) -> None:
    if step is machine_time:
        traveller.shift(SPANS[n % 6])


Step = Callable[[Mock, int], object]
STEPS: list[Step] = [
    make_campaign, make_campaign, add_target, add_target, post_target, with_queue, run_or_stop, run_or_stop, run_out,
    change_outplan, delete_something, hang_up, script, plan_fault, set_limits, set_modes, ask, ask, make_tag, look,
    play_trick, play_trick, flush, pass_time, pass_time, pass_time, wind, change_clock, change_clock,
    machine_time, machine_time,
]  # fmt: skip
runs = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 40)), min_size=4, max_size=22)


class Heard(Mock):
    """A mock whose webhooks are heard, the last of three in vain."""

    def __init__(self, *settings: Any, **named: Any) -> None:
        super().__init__(*settings, **named)
        self.heard: list[tuple[str, bytes]] = []
        self.webhooks.connect(self._hear)

    def _hear(self, webhook: Any) -> int:
        self.heard.append((webhook.type, webhook.body))
        return 503 if len(self.heard) % 3 == 0 else 200


def a_mock(profile: str, **more: Any) -> Heard:
    return Heard(profile, clock=START, ignore="all", unused="ignore", **more)


def travelled(mock: Heard) -> Heard:
    """Somewhere else, and back: what happened there leaves nothing behind."""
    kept, heard = mock.snapshot(), list(mock.heard)
    for step in (script, plan_fault, set_limits, set_modes, play_trick, make_campaign, run_or_stop):
        step(mock, 2)
    mock.advance(days=2)
    mock.clock.resume(speed=7)
    mock.reset("tutorial")
    mock.advance(days=1)
    mock.restore(kept)
    mock.heard[:] = heard
    return mock


def elsewhere(mock: Heard) -> Heard:
    """The same state in another mock, that had a life of its own; through JSON."""
    other = a_mock(mock.world.profile.name)
    for step, n in (
        (make_campaign, 3),
        (script, 2),
        (set_limits, 2),
        (run_or_stop, 0),
        (plan_fault, 0),
        (play_trick, 2),
    ):
        step(other, n)
    other.clock.resume(speed=3)
    other.load(json.loads(json.dumps(mock.dump())))
    other.heard[:] = mock.heard
    mock.close()
    return other


def as_it_was(mock: Heard) -> Heard:
    mock.restore(mock.snapshot())
    return mock


@pytest.mark.parametrize("kept", [travelled, elsewhere, as_it_was])
@settings(max_examples=15, deadline=None)
@given(st.sampled_from(PROFILES), runs, st.lists(st.integers(0, 21), max_size=3))
def test_whatever_is_done_goes_on_as_if_nothing_had_happened(
    kept: Callable[[Heard], Heard], profile: str, steps: list[tuple[Step, int]], where: list[int]
) -> None:
    with time_machine.travel(0, tick=False) as traveller:
        one, other = a_mock(profile), a_mock(profile)
        for position, (step, n) in enumerate(steps):
            if position in where:
                other = kept(other)
                assert json.dumps(other.dump()) == json.dumps(one.dump())
            passes(traveller, step, n)
            assert step(other, n) == step(one, n), step.__name__
            assert json.dumps(other.dump()) == json.dumps(one.dump()), step.__name__
            assert other.heard == one.heard
        one.close()
        other.close()


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(PROFILES), runs, st.lists(st.integers(0, 21), max_size=3))
def test_a_bundle_of_whatever_was_done_plays_back_to_the_byte(
    profile: str, steps: list[tuple[Step, int]], where: list[int]
) -> None:
    with time_machine.travel(0, tick=False) as traveller:
        mock = a_mock(profile, record=True)
        for position, (step, n) in enumerate(steps):
            if position in where:
                travelled(mock)
            passes(traveller, step, n)
            step(mock, n)
            ask(mock, n)
        document = json.loads(json.dumps(mock.bundle()))
        mock.close()
    for played in bundle.play(document, catalog.default()):
        assert played.same, (played.line, played.differences())


# --- what was missing from it --------------------------------------------------------------------------


def waiting(profile: str = "documented", **more: Any) -> tuple[Mock, Any, Any]:
    """A campaign that has nobody to dial and waits, with its outdial."""
    mock = Mock(profile, clock=START, ignore="all", unused="ignore", **more)
    outdial = mock.outdials.create()
    campaign = mock.campaigns.create(
        outplan_id=mock.outplans.create(max_try_count_0=1), outdial_id=outdial, end_handle="continue"
    )
    mock.run_campaign(campaign)
    return mock, campaign, outdial


@each_profile
def test_a_restored_campaign_that_waits_does_not_wind_the_clock_to_where_another_branch_had_been(profile: str) -> None:
    mock, campaign, _ = waiting(profile)
    before, kept = mock.now, mock.snapshot()
    mock.advance(days=30)
    mock.tags.create(name="x")
    mock.tags.list()
    for _ in range(2):
        mock.restore(kept)
        mock.run_campaign(campaign)
        assert mock.clock.run_until() == before


@each_profile
def test_nobody_is_dialed_before_the_moment_that_was_loaded(profile: str) -> None:
    mock, campaign, outdial = waiting(profile)
    mock.advance(hours=2)
    mock.targets.create(outdial_id=outdial, destination_0={"type": "tel", "target": NUMBERS[0]})
    other = Mock(profile)
    other.load(mock.dump())
    assert other.timeline(campaign).attempts == mock.timeline(campaign).attempts == ()
    mock.advance(60)
    other.advance(60)
    assert other.timeline(campaign) == mock.timeline(campaign)
    assert [attempt.dialed for attempt in other.timeline(campaign)] == [7_206_000]


@each_profile
def test_a_loaded_campaign_that_is_stopping_stops_when_it_would_have(profile: str) -> None:
    mock, campaign, _ = waiting(profile)
    mock.advance(hours=2)
    request(mock, "PUT", f"/campaigns/{campaign.id}/status", {"status": "stop"})
    other = Mock(profile)
    other.load(mock.dump())
    assert other.campaigns.get(campaign).status == mock.campaigns.get(campaign).status == "stopping"
    mock.advance(5)
    other.advance(5)
    assert other.dump() == mock.dump()
    assert mock.campaigns.get(campaign).status == "stop"


def test_a_bundle_knows_what_a_waiting_campaign_knew() -> None:
    mock, campaign, outdial = waiting(record=True)
    mock.advance(hours=2)
    mock.targets.create(outdial_id=outdial, destination_0={"type": "tel", "target": NUMBERS[0]})
    assert mock.client.get(f"/v1.0/campaigns/{campaign.id}/campaigncalls").json["result"] == []
    assert [played.same for played in bundle.play(mock.bundle(), catalog.default())] == [True]


def test_the_pace_of_the_clock_is_kept() -> None:
    with time_machine.travel(0, tick=False) as traveller, Mock(clock=START) as mock, Mock(clock=START) as other:
        mock.clock.resume(speed=60)
        kept, dumped = mock.snapshot(), mock.dump()
        mock.clock.resume(speed=2)
        mock.freeze()
        mock.restore(kept)
        other.load(dumped)
        traveller.shift(60)
        assert mock.now == other.now
        assert mock.now.hour == 10
        assert mock.clock.speed == other.clock.speed == 60
        assert other.dump()["clock"]["speed"] == 60


@pytest.mark.parametrize("speed", [0, -1, True, "fast", 10_000_000, None])
def test_a_pace_that_no_clock_has_is_refused_and_nothing_changes(speed: Any) -> None:
    with Mock(clock=START) as mock:
        before = mock.dump()
        document = {**before, "clock": {**before["clock"], "speed": speed}}
        with pytest.raises(ValueError, match=r"state: /clock/speed must be more than 0"):
            mock.load(document)
        assert mock.dump() == before


def test_what_is_left_to_chance_falls_as_it_would_have_in_another_mock_too() -> None:
    with a_mock("documented") as mock, a_mock("documented") as other:
        for _ in range(3):
            mock.faults.error("GET /flows", "INTERNAL", times=1)
            mock.client.get("/v1.0/flows")
        other.load(json.loads(json.dumps(mock.dump())))
        for each in (mock, other):
            each.faults.error("any", "INTERNAL", probability=0.5, times=None)
        asked = [[each.client.get("/v1.0/tags").status_code for _ in range(20)] for each in (mock, other)]
        assert asked[0] == asked[1]
        assert mock.dump() == other.dump()


def test_answers_of_a_later_version_are_the_same_after_a_restore() -> None:
    with a_mock("documented") as mock:
        mock.outplans.create(name="a")
        mock.forward_compatible()
        kept = mock.snapshot()
        first = [mock.client.get("/v1.0/outplans").data for _ in range(5)]
        mock.client.get("/v1.0/tags")
        mock.restore(kept)
        assert [mock.client.get("/v1.0/outplans").data for _ in range(5)] == first


def test_a_reset_after_a_restore_leads_to_the_seed_of_that_moment() -> None:
    with Mock(seed="account", clock=START) as mock:
        kept, records = mock.snapshot(), mock.dump()["records"]
        mock.reset("tutorial")
        mock.restore(kept)
        mock.reset()
        assert mock.dump()["records"] == records


@each_profile
def test_an_empty_slot_that_was_dialed_is_the_same_after_a_load(profile: str) -> None:
    mock, campaign, outdial = waiting(profile)
    mock.targets.create(outdial_id=outdial)
    mock.advance(60)
    dumped = mock.dump()
    other = Mock(profile)
    other.load(dumped)
    assert other.dump() == dumped
    assert {call.destination.target for call in other.campaigncalls} <= {""}
    assert len(other.campaigncalls) == len(mock.campaigncalls) == (1 if profile == "server" else 0)
    assert [str(t) for t in mock.timelines()] == [str(t) for t in other.timelines()]
    shown = [each.client.get(f"/v1.0/campaigns/{campaign.id}/campaigncalls").data for each in (mock, other)]
    assert shown[0] == shown[1]


@each_profile
def test_a_login_goes_on_in_another_mock_too_whatever_its_random_seed(profile: str) -> None:
    mock, other = Mock(profile, clock=START, random_seed="r"), Mock(profile, clock=START)
    theirs, ours = mock.token, other.token
    login = {"username": mock.username, "password": mock.password}

    def codes(*tokens: str) -> list[int]:
        return [other.anonymous.get("/v1.0/tags", query_string={"token": token}).status_code for token in tokens]

    assert codes(ours, theirs) == [200, 401]
    kept = other.snapshot()
    other.load(json.loads(json.dumps(mock.dump())))
    assert codes(ours, theirs, other.token) == [200, 200, 200]
    answers = [each.anonymous.post("/auth/login", json=login).data for each in (mock, other)]
    assert answers[0] == answers[1]
    third = Mock(profile)
    third.load(other.dump())
    assert third.dump() == other.dump()
    other.restore(kept)
    assert codes(ours, theirs, other.token) == [200, 401, 200]
    third.reset()
    assert third.client.get("/v1.0/tags").status_code == 200


def test_a_session_goes_on_in_another_mock_with_the_login_it_had() -> None:
    with Mock(clock=START) as mock, Mock(clock=START) as other:
        session = mock.world.part(Sessions).world("one")
        dumped = json.loads(json.dumps(session.dump()))
        assert dumped["ids"]["tokens_seed"] == 0
        token = mock.token
        other.load(dumped)
        assert other.token == token
        assert other.dump() == dumped


def press_and_fail(mock: Mock, call: str) -> None:
    before = mock.dump()
    with mock.world.changing():
        assert voice.press(mock.world, call, "12")
        assert mock.dump() != before
        raise LookupError


@each_profile
@pytest.mark.parametrize("kept_before", [False, True])
def test_a_step_that_fails_in_mid_call_has_changed_nothing(profile: str, kept_before: bool) -> None:
    with Mock(profile=profile, clock=START, ignore="all") as mock:
        call = calls_in(mock, a_menu(mock))
        mock.advance(seconds=5)
        first = mock.snapshot() if kept_before else None
        before = mock.dump()
        with pytest.raises(LookupError):
            press_and_fail(mock, call)
        assert mock.dump() == before
        kept = first or mock.snapshot()
        mock.advance(minutes=1)
        after = mock.dump()
        assert after != before
        for _ in range(2):
            mock.restore(kept)
            assert mock.dump() == before
            mock.advance(minutes=1)
            assert mock.dump() == after
