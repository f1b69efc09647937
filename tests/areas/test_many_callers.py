"""Many callers in a menu of twenty actions: the same every time, from any moment on, and in little memory."""

from __future__ import annotations

import gc
import json
import tracemalloc

import pytest

from tests.support.callers import ACTIONS, executed, let_call
from voipbin_mock import Mock

MORNING = "2026-03-01T09:00:00Z"
MOST = 20 * 1024  # bytes of an ended call
every_profile = pytest.mark.parametrize("profile", ["documented", "server"])


def a_mock(profile: str = "documented") -> Mock:
    return Mock(profile, clock=MORNING, ignore="all")


def state(mock: Mock) -> str:
    return json.dumps(mock.dump())


@every_profile
def test_everybody_is_led_through_all_of_it_and_nothing_is_left(profile: str) -> None:
    with a_mock(profile) as mock:
        let_call(mock, 30)
        mock.advance(minutes=5)
        assert executed(mock) == 30 * ACTIONS
        calls = [row.data for row in mock.world.store["calls"]]
        assert [call["status"] for call in calls] == 30 * ["hangup"]
        assert all(call["tm_hangup"] > call["tm_progressing"] for call in calls)
        assert not mock.world.timers


@every_profile
def test_two_runs_are_the_same_to_the_byte(profile: str) -> None:
    found = []
    for _ in range(2):
        with a_mock(profile) as mock:
            let_call(mock, 20)
            mock.advance(minutes=5)
            events = mock.client.get("/__mock__/events").get_data()
            found.append((state(mock), events))
    assert found[0] == found[1]


@every_profile
@pytest.mark.parametrize("seconds", [0, 1, 4.5, 9])
def test_a_moment_in_the_midst_of_calls_goes_on_the_same(profile: str, seconds: float) -> None:
    with a_mock(profile) as mock, a_mock(profile) as twin:
        let_call(mock, 5, within=5000)
        mock.advance(seconds=seconds)
        kept, dumped = mock.snapshot(), json.loads(state(mock))
        ends = []
        for _ in range(2):
            mock.restore(kept)
            mock.advance(minutes=5)
            ends.append(state(mock))
        twin.load(dumped)
        twin.advance(minutes=5)
        assert executed(twin) == 5 * ACTIONS
        assert [*ends, state(twin)] == [ends[0]] * 3


def test_an_ended_call_takes_little_memory() -> None:
    with Mock(clock=MORNING, ignore="all", journal_size=10) as mock:
        # The customer has no webhook: the log of deliveries is as large as it is, however many call.
        mock.client.put("/v1.0/customer", json={**mock.client.get("/v1.0/customer").json, "webhook_uri": ""})
        let_call(mock, 5)
        mock.advance(minutes=5)
        gc.collect()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            let_call(mock, 60)
            mock.advance(minutes=5)
            gc.collect()
            took = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        assert took / 60 < MOST
