"""The dialer held against a model of a few lines, and its invariants against whatever a user may do."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.dialing import PROFILES, START, Stage, address
from voipbin_mock import Answer, Busy, Chance, Mock, NoAnswer, Rejected, catalog
from voipbin_mock.areas.calls.phones import Outcome
from voipbin_mock.edge import bundle

STEP = 100  # milliseconds: all times of the model are multiples of it


class Case(NamedTuple):
    profile: str
    end_handle: str
    counts: tuple[int, ...]
    try_interval: int
    dial_timeout: int
    targets: tuple[tuple[bool, ...], ...]  # which slots are used
    scripts: tuple[tuple[Outcome, ...], ...]  # of each target's first number; the others share it


def steps(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most // STEP).map(lambda n: n * STEP)


outcomes = st.one_of(
    st.builds(Busy, steps(9000)),
    st.builds(Rejected, steps(9000)),
    st.builds(Answer, steps(15_000), steps(9000)),
    st.just(NoAnswer()),
)
cases = st.builds(
    Case,
    st.sampled_from(PROFILES),
    st.sampled_from(["stop", "continue"]),
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 1)),
    steps(20_000),
    st.integers(1, 200).map(lambda n: n * STEP),
    st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()).filter(any), min_size=1, max_size=4).map(tuple),
    st.lists(st.lists(outcomes, min_size=1, max_size=4).map(tuple), min_size=4, max_size=4).map(tuple),
)


def number(target: int, slot: int) -> str:
    return f"+155501{target}{slot}000"


class _Target:
    def __init__(self, order: int, slots: tuple[bool, ...], script: tuple[Outcome, ...]) -> None:
        self.touch = (-1, order)
        self.tried, self.status, self.ends, self.success = False, "idle", -1, False
        self.slots, self.script = slots, script
        self.tries = [0, 0, 0]
        self.dialed = [0, 0, 0]  # how often each phone was called


def simulate(case: Case, until: int) -> list[tuple[int, str]]:
    """All dials, found by looking at every tenth of a second: no timers, no index, nothing left out."""
    targets = [_Target(n, slots, case.scripts[n]) for n, slots in enumerate(case.targets)]
    touches, tick, dials = 0, 1000, []
    server = case.profile == "server"

    def slot_of(target: _Target) -> int | None:
        free = [n for n in range(3) if (server or target.slots[n]) and target.tries[n] < case.counts[n]]
        return free[0] if free else None

    def end(target: _Target, success: bool, now: int) -> None:
        nonlocal touches
        touches += 1
        target.touch = (now, touches)
        target.status = "done" if success or (not server and slot_of(target) is None) else "idle"

    for now in range(0, until + STEP, STEP):
        ending = [target for target in targets if target.status == "progressing" and target.ends == now]
        for target in sorted(ending, key=lambda target: target.touch):  # touched when dialed: in that order
            end(target, target.success, now)
        if now != tick:
            continue
        left = sorted((t for t in targets if t.status == "idle" and slot_of(t) is not None), key=lambda t: t.touch)
        if not left:
            if case.end_handle == "stop":
                break
            tick += 5000
            continue
        target = left[0]
        if target.tried and target.touch[0] + case.try_interval > now:
            tick += 5000
            continue
        slot = slot_of(target)
        assert slot is not None
        touches += 1
        target.tried, target.status, target.touch = True, "progressing", (now, touches)
        target.tries[slot] += 1
        order = targets.index(target)
        if not target.slots[slot]:
            dials.append((now, ""))
            end(target, False, now)
            break  # refused: HALT
        dials.append((now, number(order, slot)))
        script = target.script[min(target.dialed[slot], len(target.script) - 1)]
        target.dialed[slot] += 1
        limit = 60_000 if server else case.dial_timeout
        if script.after is None or script.after > limit:
            target.ends, target.success = now + limit, False
        else:
            target.ends = now + script.after + script.talk
            target.success = script.kind == "answer"
        if target.ends == now:
            end(target, target.success, now)
        tick += 500
    return dials


@settings(max_examples=100)
@given(cases)
def test_the_dialer_dials_when_the_model_does(case: Case) -> None:
    names = [f"max_try_count_{n}" for n in range(3)]
    plan = {"try_interval": case.try_interval, "dial_timeout": case.dial_timeout}
    plan |= dict(zip(names, case.counts, strict=True))
    stage = Stage(case.profile, end_handle=case.end_handle, outplan=plan)
    for order, slots in enumerate(case.targets):
        numbers = [number(order, n) if used else "" for n, used in enumerate(slots)]
        stage.target(*numbers)
        for each in filter(None, numbers):
            stage.mock.phone(each).script(*case.scripts[order])
    stage.run()
    stage.at(400_000)
    assert stage.dialed == simulate(case, 400_000)


# --- whatever a user does ----------------------------------------------------------------------------


class Campaigning(RuleBasedStateMachine):
    """Operations on a campaign, interleaved with time."""

    @initialize(profile=st.sampled_from(PROFILES), end_handle=st.sampled_from(["stop", "continue"]))
    def begin(self, profile: str, end_handle: str) -> None:
        interval = {"try_interval": 7000, "max_try_count_1": 1}
        self.stage = Stage(profile, end_handle=end_handle, outplan=interval)
        self.stage.mock.phone("*").script(
            Chance({Answer("3s", "2s"): 2, Busy("1s"): 3, NoAnswer("4s"): 2, Rejected("0s"): 1})
        )
        self.targets: list[str] = []
        self.most = [2, 1, 0, 0, 0]  # the highest counts that the outplan ever had
        self.seen = 0

    @rule(both=st.booleans())
    def add(self, both: bool) -> None:
        n = len(self.targets)
        self.targets.append(self.stage.target(*[f"+155502{n:02d}00{slot}" for slot in range(1 + both)]))

    @rule(milliseconds=st.integers(0, 30_000))
    def wait(self, milliseconds: int) -> None:
        self.stage.mock.advance(milliseconds=milliseconds)

    @rule()
    def run(self) -> None:
        self.stage.run()

    @rule()
    def stop(self) -> None:
        self.stage.stop()

    @rule(count=st.integers(0, 4), slot=st.integers(0, 1))
    def change_counts(self, count: int, slot: int) -> None:
        self.most[slot] = max(self.most[slot], count)
        self.stage.set_outplan(**{f"max_try_count_{slot}": count})

    @rule(interval=st.integers(0, 20_000))
    def change_interval(self, interval: int) -> None:
        self.stage.set_outplan(try_interval=interval)

    @precondition(lambda self: self.targets)
    @rule(data=st.data())
    def delete_a_target(self, data: st.DataObject) -> None:
        target = data.draw(st.sampled_from(self.targets))
        self.stage.request("DELETE", f"/outdials/{self.stage.outdial}/targets/{target}")

    @rule()
    def save_and_go_on(self) -> None:
        mock = self.stage.mock
        mock.load(mock.dump())

    @invariant()
    def the_rules_hold(self) -> None:
        events = self.stage.told("campaigncall_created", "campaigncall_updated")
        world = self.stage.mock.world
        for position, (_, kind, shown) in enumerate(events[self.seen :], self.seen):
            if kind == "campaigncall_created":
                self._was_free(shown, events[:position])
        self.seen = len(events)
        in_flight: dict[str, int] = {}
        for row in world.store["campaigncalls"]:
            if row.data["status"] != "done":
                in_flight[row.data["outdial_target_id"]] = in_flight.get(row.data["outdial_target_id"], 0) + 1
        for row in world.store["targets"]:
            counts = [row.data[f"try_count_{n}"] for n in range(5)]
            assert all(count <= most for count, most in zip(counts, self.most, strict=True))
            assert (row.data["status"] == "progressing") == (in_flight.get(row.id, 0) == 1)
            assert in_flight.get(row.id, 0) <= 1
        campaign = world.store["campaigns"].get(self.stage.campaign)
        assert campaign is not None
        ticks = [timer for timer in world.timers.dump()["timers"] if timer["kind"] == "campaign_tick"]
        status, execute = campaign.data["status"], campaign.data["execute"]
        assert len(ticks) == (execute == "run")
        if status == "run":
            assert execute == "run"
        if status == "stop":
            assert execute == "stop"
            assert not in_flight

    @staticmethod
    def _was_free(dialed: dict[str, Any], before: list[Any]) -> None:
        """No target is dialed while it is in progress, nor once it has succeeded."""
        latest = {
            shown["id"]: shown for _, _, shown in before if shown["outdial_target_id"] == dialed["outdial_target_id"]
        }
        assert all(shown["status"] == "done" for shown in latest.values())
        assert not any(shown["result"] == "success" for shown in latest.values())


Campaigning.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestCampaigning = Campaigning.TestCase


# --- the same run --------------------------------------------------------------------------------------


def crowd(random_seed: int, size: int = 40, profile: str = "documented") -> Stage:
    plan = {"max_try_count_1": 1, "max_try_count_2": 1, "try_interval": 60_000}
    stage = Stage(profile, random_seed, outplan=plan)
    stage.mock.phone("*").script(Chance({Answer("30s"): 4, Busy(): 3, NoAnswer(): 2, Rejected(): 1}))
    for n in range(size):
        members = {f"destination_{slot}": address(f"+15550{slot}{n:05d}") for slot in range(3)}
        stage.mock.targets.create(outdial_id=stage.outdial, **members)
    stage.run()
    return stage


def log(stage: Stage) -> list[Any]:
    return [(event.number, event.microseconds, event.type, event.data) for event in stage.events]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_same_seed_gives_the_same_run_to_the_byte(profile: str) -> None:
    first, second, other = (crowd(seed, profile=profile) for seed in (1, 1, 2))
    for stage in (first, second, other):
        stage.at(3_600_000)
    assert len(log(first)) > 200
    assert log(first) == log(second)
    assert first.results != other.results


@settings(max_examples=15)
@given(st.lists(st.integers(0, 120_000), min_size=1, max_size=30))
def test_advancing_step_by_step_is_advancing_at_once(spans: list[int]) -> None:
    once, stepwise = crowd(3, size=6), crowd(3, size=6)
    once.mock.advance(milliseconds=sum(spans))
    for span in spans:
        stepwise.mock.advance(milliseconds=span)
    assert log(stepwise) == log(once)
    assert stepwise.mock.dump() == once.mock.dump()


@settings(max_examples=8)
@given(st.integers(0, 300_000))
def test_a_snapshot_amid_a_campaign_replays_exactly(at: int) -> None:
    stage = crowd(4, size=6)
    stage.at(at)
    snapshot, state = stage.mock.snapshot(), stage.mock.dump()
    seen = len(stage.events)
    stage.at(900_000)
    first = [event.data for event in stage.events[seen:]]
    for back in (lambda: stage.mock.restore(snapshot), lambda: stage.mock.load(state)):
        back()
        seen = len(stage.events)
        stage.at(900_000)
        assert [event.data for event in stage.events[seen:]] == first


def test_a_bundle_of_a_campaign_plays_back_to_the_byte() -> None:
    with Mock(clock=START, record=True, ignore="all") as mock:
        plan = mock.outplans.create(max_try_count_0=3, try_interval=5000)
        outdial = mock.outdials.create(name="o")
        target = mock.targets.create(outdial_id=outdial.id, destination_0={"type": "tel", "target": "+15550100001"})
        campaign = mock.campaigns.create(outplan_id=plan.id, outdial_id=outdial.id, end_handle="continue")
        path = f"/v1.0/campaigns/{campaign.id}"
        mock.client.put(f"{path}/status", json={"status": "run"})
        mock.phone("*").script(Busy("1s"), Chance({Answer(): 1, Busy(): 1}))  # behind the API's back
        for _ in range(6):
            mock.advance(seconds=7)
            mock.client.get(f"{path}/campaigncalls")
            mock.client.get(f"/v1.0/outdials/{outdial.id}/targets/{target.id}")
        document = mock.bundle()
        assert len(mock.timeline(campaign)) >= 2
    assert [step for step in bundle.play(document, catalog.default()) if not step.same] == []


def test_years_of_polling_cost_nothing() -> None:
    stage = Stage(outplan={"try_interval": 2_000_000_000})  # 23 days
    stage.target("+15550100001", script=[Busy()])
    stage.run()
    stage.mock.advance(days=3650)  # some sixty million polls, if each were made
    # Busy at 2000, so free at 2 000 002 000; polls at 1500 + 5000 n.
    assert [dial.at for dial in stage.dials] == [1000, 2_000_006_500]
