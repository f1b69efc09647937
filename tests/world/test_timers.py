"""Timers: what is due is done at its instant, in a fixed order, wherever the clock is driven from."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipbin_mock import Clock, Mock, SeedError
from voipbin_mock.api.area import Area
from voipbin_mock.wire.errors import TimerError
from voipbin_mock.wire.stamps import SECOND
from voipbin_mock.world.timers import DELIVERY, MILLISECOND, PHONE, TICK
from voipbin_mock.world.world import World

START = "2026-03-01 09:00:00"


def note(world: World, *said: Any) -> None:
    """Leave a trace in the world: an outplan's name, and when it was written."""
    table = world.store["outplans"]
    blank = world.blueprint.resource("outplans").blank
    owner = world.owner
    record = {**blank, "id": world.ids.uuid(), "customer_id": owner, "name": json.dumps(said)}
    record["tm_create"] = world.stamp_for(table, owner)
    record["dial_timeout"] = world.clock.microseconds() - world_start(world)
    table.insert(record, owner)


def again(world: World, times: int, every: int) -> None:
    note(world, "again", times)
    if times > 1:
        world.timers.call_in(every, "again", times - 1, every)


def look(world: World, wanted: int) -> None:
    """A poll: it answers once there are so many notes, and can only change when one is written."""
    found = sum(1 for row in world.store["outplans"] if row.data["name"] != '["seen"]')
    if found >= wanted:
        note(world, "seen")
    else:
        world.timers.poll(5000, None, "look", wanted)


def look_each_time(world: World, wanted: int) -> None:
    """The same, asking at every turn."""
    found = sum(1 for row in world.store["outplans"] if row.data["name"] != '["seen"]')
    if found >= wanted:
        note(world, "seen")
    else:
        world.timers.call_in(5000, "look_each_time", wanted)


def world_start(world: World) -> int:
    return 1_772_355_600 * SECOND  # START


def fail(world: World) -> None:
    raise ZeroDivisionError("on purpose")


KINDS = {"note": note, "again": again, "look": look, "look_each_time": look_each_time, "fail": fail}
AREA = Area("notes", timers=KINDS)


def new(clock: Any = START, **settings: Any) -> Mock:
    return Mock(clock=clock, areas=[AREA], **settings)


def notes(mock: Mock) -> list[tuple[int, Any]]:
    """What was noted and when (milliseconds from the start), oldest first."""
    rows = sorted(mock.world.store["outplans"], key=lambda row: row.created)
    return [(row.data["dial_timeout"] // MILLISECOND, *json.loads(row.data["name"])) for row in rows]


def plan(mock: Mock, milliseconds: int, *said: Any, **how: Any) -> int:
    with mock.world.lock:
        return mock.world.timers.call_in(milliseconds, "note", *said, **how)


def test_what_is_due_is_done_at_its_own_instant_and_the_end_is_included() -> None:
    with new() as mock:
        plan(mock, 3000, "third")
        plan(mock, 1000, "first")
        plan(mock, 1001, "second")
        mock.advance(milliseconds=1000)
        assert notes(mock) == [(1000, "first")]
        mock.advance(seconds=2)
        assert notes(mock) == [(1000, "first"), (1001, "second"), (3000, "third")]
        assert mock.now.second == 3


def test_equal_times_go_by_phone_events_then_ticks_then_deliveries() -> None:
    with new() as mock:
        plan(mock, 1000, "delivery", order=DELIVERY)
        plan(mock, 1000, "tick", order=TICK)
        plan(mock, 1000, "later call", order=PHONE, rank=2)
        plan(mock, 1000, "earlier call, answer", order=PHONE, rank=1)
        plan(mock, 1000, "earlier call, hangup", order=PHONE, rank=1)
        mock.advance(seconds=1)
        said = [entry[1] for entry in notes(mock)]
        assert said == ["earlier call, answer", "earlier call, hangup", "later call", "tick", "delivery"]


def test_the_tick_scheduled_first_goes_first() -> None:
    with new() as mock:
        plan(mock, 1000, "at 0")
        mock.advance(milliseconds=500)
        plan(mock, 500, "at 500")
        plan(mock, 500, "at 500 too")
        mock.advance(milliseconds=500)
        assert [entry[1] for entry in notes(mock)] == ["at 0", "at 500", "at 500 too"]


def test_what_a_timer_plans_within_the_span_is_done_within_the_span() -> None:
    with new() as mock:
        mock.world.timers.call_in(1000, "again", 4, 250)
        mock.advance(seconds=1.75)
        assert notes(mock) == [(1000, "again", 4), (1250, "again", 3), (1500, "again", 2), (1750, "again", 1)]


def test_a_cancelled_timer_does_nothing() -> None:
    with new() as mock:
        plan(mock, 1000, "kept")
        mock.world.timers.cancel(plan(mock, 500, "dropped"))
        mock.advance(minutes=1)
        assert notes(mock) == [(1000, "kept")]


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=12), st.lists(st.integers(0, 2500), max_size=6))
def test_many_advances_are_one(due: list[int], steps: list[int]) -> None:
    with new() as once, new() as stepwise:
        for mock in (once, stepwise):
            for number, moment in enumerate(due):
                plan(mock, moment, number)
            mock.world.timers.call_in(700, "again", 3, 900)
        once.advance(milliseconds=sum(steps))
        for step in (*steps, 0):
            stepwise.advance(milliseconds=step)
        assert notes(stepwise) == notes(once)
        assert stepwise.dump() == once.dump()


@given(st.lists(st.integers(0, 60_000), max_size=5), st.integers(1, 4), st.integers(0, 4999), st.integers(0, 20_000))
def test_a_poll_that_is_put_off_does_what_one_that_asks_each_time_does(
    writes: list[int], wanted: int, phase: int, by_hand: int
) -> None:
    seen = []
    for kind in ("look", "look_each_time"):
        with new() as mock:
            mock.world.timers.call_in(phase, kind, wanted)
            for moment in writes:
                plan(mock, moment, "write", order=PHONE if moment % 2 else TICK)
            mock.advance(milliseconds=by_hand)
            mock.outplans.create(name='["by hand"]')
            mock.advance(minutes=2)
            seen.append([entry for entry in notes(mock) if entry[1] != "by hand"])
    assert seen[0] == seen[1]


def test_a_poll_that_only_a_change_can_wake_leaves_the_clock_idle() -> None:
    with new() as mock:
        mock.world.timers.call_in(0, "look", 1)
        assert mock.clock.run_until().isoformat() == "2026-03-01T09:00:00+00:00"
        mock.advance(days=4000)  # at once: nothing is written, so nothing is asked
        assert notes(mock) == []
        mock.outplans.create(name='["by hand"]')
        mock.advance(milliseconds=5000)
        assert notes(mock)[-1][1] == "seen"


def test_run_until_stops_at_the_instant_at_which_the_condition_holds() -> None:
    with new() as mock:
        mock.world.timers.call_in(1000, "again", 100, 1000)
        mock.clock.run_until(lambda: len(notes(mock)) == 7)
        assert mock.now.second == 7
        mock.clock.run_until()
        assert len(notes(mock)) == 100


def test_run_until_has_a_bound_and_says_what_was_wanted() -> None:
    with new() as mock:
        mock.world.timers.call_in(1000, "again", 1000, 60_000)
        with pytest.raises(TimeoutError, match=r"after 0:10:00 of virtual time the condition does not hold"):
            mock.clock.run_until(lambda: False, limit=timedelta(minutes=10))
        with pytest.raises(TimeoutError, match="something is still to come"):
            mock.clock.run_until(limit=60)


def test_an_advance_beyond_the_calendar_does_nothing() -> None:
    with new() as mock:
        plan(mock, 1000, "kept")
        with pytest.raises(ValueError, match="9998"):
            mock.advance(days=4_000_000)
        assert notes(mock) == []


def test_freezing_at_a_later_moment_does_what_lies_between() -> None:
    with new() as mock:
        plan(mock, 1000, "due")
        mock.freeze("2026-03-01 09:00:05")
        assert notes(mock) == [(1000, "due")]


def test_freezing_in_the_past_keeps_what_was_to_come() -> None:
    with new() as mock:
        plan(mock, 1000, "due")
        mock.freeze("2026-02-01 00:00:00")
        mock.advance(days=1)
        assert notes(mock) == []
        mock.freeze("2026-03-01 09:00:01")
        assert notes(mock) == [(1000, "due")]


def test_a_reset_forgets_what_was_to_come() -> None:
    with new() as mock:
        plan(mock, 1000, "due")
        mock.world.timers.poll(5000, None, "look", 1)
        mock.reset()
        mock.advance(minutes=1)
        assert notes(mock) == []
        assert not mock.world.timers


def test_a_dump_amid_things_goes_on_as_the_original() -> None:
    with new() as mock, new("2020-01-01") as other:
        mock.world.timers.call_in(1000, "again", 5, 700)
        mock.world.timers.call_in(300, "look", 4)
        mock.advance(seconds=2)
        state = json.loads(json.dumps(mock.dump()))
        other.load(state)
        for each in (mock, other):
            each.advance(seconds=20)
        assert notes(other) == notes(mock)
        assert len(notes(mock)) == 6
        assert other.dump() == mock.dump()


@pytest.mark.parametrize(
    "timers",
    [
        {"timers": [{"due": 1, "order": 1, "rank": 1, "seq": 1, "kind": "no such", "args": []}]},
        {"timers": [{"due": "soon", "order": 1, "rank": 1, "seq": 1, "kind": "note", "args": []}]},
        {"timers": [{"kind": "note"}]},
        {"timers": 5},
    ],
)
def test_a_state_with_broken_timers_is_refused_and_changes_nothing(timers: Any) -> None:
    with new() as mock:
        plan(mock, 1000, "kept")
        with pytest.raises(SeedError, match="/timers"):
            mock.load({**mock.dump(), "timers": timers})
        mock.advance(seconds=1)
        assert notes(mock) == [(1000, "kept")]


def test_a_failing_timer_fails_the_advance_that_met_it() -> None:
    with new() as mock:
        mock.world.timers.call_in(1000, "fail")
        before = mock.dump()
        for _ in range(2):
            with pytest.raises(TimerError, match="the timer 'fail', due at 2026-03-01 09:00:01, failed") as raised:
                mock.advance(seconds=2)
            assert isinstance(raised.value.__cause__, ZeroDivisionError)
            assert mock.dump() == before  # it is still to come


# --- clocks that run -----------------------------------------------------------------------------


class Machine:
    """The machine's time, in a test's hands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.micros = 1_700_000_000 * SECOND
        monkeypatch.setattr(Clock, "_machine", lambda _: self.micros)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_a_running_clock_is_caught_up_with_before_each_request(machine: Machine) -> None:
    with new(Clock(START, speed=1)) as mock:
        plan(mock, 1000, "first")
        plan(mock, 2000, "second")
        machine.micros += 1_500_000
        assert len(mock.client.get("/v1.0/outplans").json["result"]) == 1
        assert notes(mock) == [(1000, "first")]
        mock.advance(seconds=1)
        assert notes(mock) == [(1000, "first"), (2000, "second")]
        assert mock.now.microsecond == 500_000


def test_records_are_read_as_they_are_by_now(machine: Machine) -> None:
    with new(Clock(START, speed=1)) as mock:
        plan(mock, 1000, "due")
        machine.micros += 999_999
        assert mock.outplans.list() == []
        machine.micros += 1
        assert len(mock.outplans) == 1


def test_a_running_clock_can_be_wound_on(machine: Machine) -> None:
    with new(None) as mock:
        before = mock.now
        mock.world.timers.call_in(1000, "again", 3, 1000)
        mock.advance(hours=2)
        assert mock.now - before == timedelta(hours=2)
        assert len(notes(mock)) == 3
        machine.micros += SECOND
        assert mock.now - before == timedelta(hours=2, seconds=1)


def test_a_clock_may_run_faster_than_the_machine(machine: Machine) -> None:
    with new(START, speed=60) as mock:
        machine.micros += SECOND
        assert mock.now.isoformat() == "2026-03-01T09:01:00+00:00"
        mock.clock.resume(speed=0.5)
        machine.micros += 2 * SECOND
        assert mock.now.isoformat() == "2026-03-01T09:01:01+00:00"
        mock.freeze()
        machine.micros += SECOND
        assert mock.now.isoformat() == "2026-03-01T09:01:01+00:00"
        assert mock.clock.frozen


@pytest.mark.parametrize("speed", [0, -1, 1e9])
def test_a_speed_is_a_positive_number(speed: float) -> None:
    with pytest.raises(Exception, match="speed"):
        Mock(speed=speed)


def wait_until(condition: Callable[[], bool]) -> None:
    """For threads: they are given ten seconds, and take milliseconds."""
    deadline = time.monotonic() + 10
    tick = threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        tick.wait(0.002)


def test_a_served_mock_does_what_is_due_without_being_asked() -> None:
    with new(START, speed=3600) as mock:
        mock.keep_time()
        heard = []
        with mock.world.lock:
            mock.world.timers.call_in(36_000, "again", 3, 3600)
        wait_until(lambda: len(notes(mock)) == 3)
        heard = [moment for moment, *_ in notes(mock)]
        assert heard[1:] == [heard[0] + 3600, heard[0] + 7200]
        mock.freeze()
        plan(mock, 1, "frozen")
        mock.clock.resume()
        wait_until(lambda: len(notes(mock)) == 4)
    assert not [thread for thread in threading.enumerate() if thread.name == "voipbin-mock-ticker"]


def test_advances_of_two_threads_add_up() -> None:
    with new() as mock:
        mock.world.timers.call_in(1000, "again", 200, 1000)
        threads = [threading.Thread(target=lambda: [mock.advance(seconds=1) for _ in range(25)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert mock.now.isoformat() == "2026-03-01T09:03:20+00:00"
        assert [moment for moment, *_ in notes(mock)] == [1000 * n for n in range(1, 201)]


def test_two_clocks_are_independent_and_one_can_be_shared() -> None:
    shared = Clock(START)
    with new(shared) as first, new(shared) as second, new() as third:
        for number, mock in enumerate((first, second, third)):
            plan(mock, 1000, number)
        first.advance(seconds=1)
        assert (len(notes(first)), len(notes(second)), len(notes(third))) == (1, 1, 0)


# --- the control API -----------------------------------------------------------------------------


def test_the_control_api_winds_the_clock_on() -> None:
    with new() as mock:
        mock.world.timers.call_in(1000, "again", 5, 60_000)
        reply = mock.client.post("/__mock__/clock", json={"advance": 61})
        assert reply.json == {"now": "2026-03-01T09:01:01.000000Z", "frozen": True}
        assert len(notes(mock)) == 2
        mock.client.post("/__mock__/clock", json={"until_idle": True})
        assert len(notes(mock)) == 5
        assert mock.client.post("/__mock__/clock", json={"speed": 60}).json["speed"] == 60
        assert not mock.clock.frozen


@pytest.mark.parametrize(
    "body",
    [
        {"speed": "fast"},
        {"speed": 0},
        {"until_idle": "yes"},
        {"hurry": 1},
        {},
        {"advance": -1},
        {"advance": None},
        {"speed": None},
    ],
)
def test_the_control_api_refuses_what_it_does_not_know(body: dict[str, Any]) -> None:
    with new() as mock:
        assert mock.client.post("/__mock__/clock", json=body).status_code == 400
        assert mock.now.isoformat() == "2026-03-01T09:00:00+00:00"


def test_the_control_api_says_when_it_never_ends() -> None:
    with new() as mock:
        mock.world.timers.call_in(1000, "again", 100, 60_000)
        reply = mock.client.post("/__mock__/clock", json={"until_idle": 600})
        assert (reply.status_code, reply.json["error"]["reason"]) == (409, "STATE_INVALID")
