"""Tricks on deliveries: what they do together, that a kept moment has them, and that none is planned in vain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.receivers import buy
from voipbin_mock import Mock, MockUsageError, SeedError, UnusedPlanError, UnusedPlanWarning

START = "2026-03-01T09:00:00Z"


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=START, unused="ignore") as mock:
        yield mock


def hearing(mock: Mock) -> list[int]:
    """The numbers bought, as the receiver hears of them."""
    heard: list[int] = []
    mock.webhooks.connect(lambda webhook: heard.append(int(webhook.data["number"][-8:])))
    return heard


# --- together ----------------------------------------------------------------------------------------


def test_a_duplicate_can_come_late(mock: Mock) -> None:
    heard = hearing(mock)
    mock.webhooks.duplicate(1)
    mock.webhooks.delay(5, 1)
    buy(mock, 1)
    buy(mock, 2)
    assert heard == [1, 2]
    mock.advance(seconds=5)
    assert heard == [1, 2, 1]


def test_both_of_a_duplicate_come_late_if_the_delay_was_planned_first(mock: Mock) -> None:
    heard = hearing(mock)
    mock.webhooks.delay(5, 1)
    mock.webhooks.duplicate(1)
    buy(mock, 1)
    assert heard == []
    mock.advance(seconds=5)
    assert heard == [1, 1]


def test_two_tricks_of_one_kind_are_played_one_after_the_other(mock: Mock) -> None:
    heard = hearing(mock)
    mock.webhooks.delay(2)
    mock.webhooks.delay(1)
    buy(mock, 1)
    buy(mock, 2)
    mock.advance(seconds=1)
    assert heard == [2]
    mock.advance(seconds=1)
    assert heard == [2, 1]


def test_what_is_reordered_goes_on_to_the_tricks_after_it(mock: Mock) -> None:
    heard = hearing(mock)
    mock.webhooks.reorder(2)
    mock.webhooks.drop(1)
    buy(mock, 1)
    buy(mock, 2)
    assert heard == [1]
    assert [delivery.outcome for delivery in mock.webhooks.deliveries] == ["dropped", "delivered"]


def test_a_delay_of_a_moment_gives_the_other_order_of_reply_and_webhook(mock: Mock) -> None:
    heard = hearing(mock)
    mock.webhooks.delay(0.001, 1000)
    buy(mock, 1)
    assert heard == []  # the reply was first
    mock.advance(seconds=0.001)
    assert heard == [1]


# --- kept moments ------------------------------------------------------------------------------------


def test_a_trick_that_is_planned_after_a_snapshot_is_not_played_after_restore(mock: Mock) -> None:
    heard = hearing(mock)
    kept = mock.snapshot()
    mock.webhooks.drop(3)
    mock.webhooks.reorder(2)
    mock.webhooks.signed = False
    buy(mock, 1)
    mock.restore(kept)
    buy(mock, 2)
    assert heard == [2]
    assert mock.webhooks.signed
    assert mock.webhooks.pending == 0


def test_what_a_reorder_holds_is_kept(mock: Mock) -> None:
    heard = hearing(mock)
    mock.webhooks.reorder(3)
    buy(mock, 1)
    kept, state = mock.snapshot(), mock.dump()
    buy(mock, 2)
    for back in (lambda: mock.restore(kept), lambda: mock.load(state)):
        heard.clear()
        back()
        assert mock.webhooks.pending == 1
        buy(mock, 3)
        buy(mock, 4)
        assert heard == [4, 3, 1]


def test_a_dump_holds_the_tricks_to_the_byte_and_another_mock_goes_on_with_them(mock: Mock) -> None:
    hearing(mock)
    mock.webhooks.duplicate(2, types="number_*")
    mock.webhooks.delay(5, 1)
    mock.webhooks.reorder(4)
    mock.webhooks.signed = False
    buy(mock, 1)
    state = json.loads(json.dumps(mock.dump()))
    with Mock(mock.world.profile.name, clock=START, unused="ignore") as other:
        heard = hearing(other)
        other.load(state)
        assert other.dump() == state
        assert not other.webhooks.signed
        heard.clear()
        buy(other, 2)
        buy(other, 3)
        assert heard == [2, 2, 1, 3]  # of the first, one comes late
        other.advance(seconds=5)
        assert heard == [2, 2, 1, 3, 1]


def test_a_mock_without_tricks_says_nothing_of_them(mock: Mock) -> None:
    assert "tricks" not in mock.dump()


@pytest.mark.parametrize(
    ("planned", "said"),
    [
        ({}, "/planned: must be an array"),
        ([5], "/planned/0/kind: must be one of drop"),
        ([{"kind": "lose"}], "/planned/0/kind: must be one of drop"),
        ([{"kind": "drop", "left": -1}], "/planned/0/left: must be a count"),
        ([{"kind": "drop", "left": 1, "types": 5}], "/planned/0: types must be a text"),
        ([{"kind": "reorder", "left": 1, "held": [5]}], "/planned/0/held/0: must be an object with the texts type"),
    ],
)
def test_tricks_that_cannot_be_are_refused_with_a_pointer(planned: Any, said: str, mock: Mock) -> None:
    state = mock.dump()
    with pytest.raises(SeedError, match=f"state: /tricks: {said}"):
        mock.load({**state, "tricks": {"planned": planned}})
    assert mock.dump() == state


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("buy")),
        st.tuples(st.just("advance"), st.sampled_from([0.5, 1, 5])),
        st.tuples(st.just("drop"), st.integers(1, 2)),
        st.tuples(st.just("duplicate"), st.integers(1, 3)),
        st.tuples(st.just("reorder"), st.integers(2, 4)),
        st.tuples(st.just("delay"), st.sampled_from([0.5, 1, 7]), st.integers(1, 2)),
    ),
    max_size=6,
)


def play(mock: Mock, steps: list[Any], number: int) -> None:
    for name, *rest in steps:
        if name == "buy":
            number += 1
            buy(mock, number)
        elif name == "advance":
            mock.advance(seconds=rest[0])
        else:
            getattr(mock.webhooks, name)(*rest)


@settings(max_examples=25)
@given(before=STEPS, aside=STEPS, after=STEPS, way=st.sampled_from(["restore", "load"]))
def test_after_a_restore_everything_goes_on_as_if_nothing_had_happened(
    before: list[Any], aside: list[Any], after: list[Any], way: str
) -> None:
    with Mock(clock=START, unused="ignore") as mock:
        heard = hearing(mock)
        play(mock, before, 0)
        kept, state = mock.snapshot(), mock.dump()
        seen = len(heard)
        play(mock, after, 100)
        mock.webhooks.flush()
        straight, end = heard[seen:], {**mock.dump(), "clock": mock.now}
        mock.restore(kept)
        play(mock, aside, 200)
        mock.restore(kept) if way == "restore" else mock.load(state)
        seen = len(heard)
        play(mock, after, 100)
        mock.webhooks.flush()
        assert heard[seen:] == straight
        assert {**mock.dump(), "clock": mock.now} == end


def test_a_bundle_holds_the_tricks(tmp_path: Path) -> None:
    with Mock(clock=START, record=True, unused="ignore") as mock:
        hearing(mock)
        mock.webhooks.reorder(3)
        buy(mock, 1)
        buy(mock, 2)
        states = [step["state"] for step in mock.bundle()["steps"] if "state" in step]
    held = [len(state["tricks"]["planned"][0].get("held", [])) for state in states if "tricks" in state]
    assert held == [0, 1]


# --- in vain -----------------------------------------------------------------------------------------


def test_a_reorder_that_never_fills_is_told_of_at_the_end() -> None:
    mock = Mock(clock=START)
    heard = hearing(mock)
    mock.webhooks.reorder(3)
    buy(mock, 1)
    with pytest.warns(UnusedPlanWarning, match=r"webhooks.reorder\(3\): holds 1 of 3; flush\(\) delivers") as told:
        mock.close()
    assert told[0].filename == __file__
    assert heard == []


def test_a_trick_that_no_delivery_met_is_told_of_at_the_end() -> None:
    mock = Mock(clock=START, unused="error")
    mock.webhooks.drop(types="campaign_*")
    with pytest.raises(UnusedPlanError, match=r"webhooks.drop\(1\) of campaign_\*: no such delivery came"):
        mock.close()


@pytest.mark.parametrize("way", ["flush", "clear", "restore", "reset"])
def test_what_was_flushed_or_taken_back_is_not_told_of(way: str) -> None:
    with Mock(clock=START, unused="error") as mock:
        kept = mock.snapshot()
        mock.webhooks.reorder(3)
        buy(mock, 1)
        mock.restore(kept) if way == "restore" else getattr(mock if way == "reset" else mock.webhooks, way)()


def test_a_trick_that_was_met_less_often_than_planned_is_no_fault() -> None:
    with Mock(clock=START, unused="error") as mock:
        mock.webhooks.drop(1000)
        buy(mock, 1)


def test_a_failed_tests_report_names_the_tricks_that_were_not_met(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_it(voipbin):
            voipbin.webhooks.reorder(2)
            assert 0
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*planned and never met*", "*webhooks.reorder(2): no such delivery came*"])


def test_what_tricks_take_is_bounded(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MockUsageError, match="count must be at most 1000"):
        mock.webhooks.reorder(1001)
    for _ in range(1000):
        mock.webhooks.drop()
    with pytest.raises(MockUsageError, match="1000 tricks are planned already"):
        mock.webhooks.drop()
    mock.webhooks.clear()
    monkeypatch.setattr("voipbin_mock.delivery.tricks.MOST_HELD_BYTES", 1000)
    heard = hearing(mock)
    mock.webhooks.reorder(100)
    buy(mock, 1)
    buy(mock, 2)
    assert heard == [2, 1]  # it could not hold more than these
