"""The callers that a flow needs: few, and each takes the way that is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.calling import a, action_id
from tests.support.dialing import PROFILES
from voipbin_mock import Mock
from voipbin_mock.command.flow_paths import NOON, played


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=NOON, ignore="all") as mock:
        yield mock


def flow(mock: Mock, *actions: dict[str, Any]) -> Any:
    several = [{"id": action_id(number), **action} for number, action in enumerate(actions, 1)]
    return mock.flow(mock.flows.create(name="main", detail="", actions=several))


def told(mock: Mock, *actions: dict[str, Any]) -> list[tuple[list[str], list[str]]]:
    """What each caller presses, and its path."""
    several = list(played(mock, flow(mock, *actions)))
    assert all(one.as_planned for one in several if not one.caller.needs)
    return [([press.keys for press in one.caller.presses], one.path) for one in several]


ASK = (a("answer"), a("digits_receive", duration=2000, length=1))


def test_each_key_and_the_default_has_its_caller(mock: Mock) -> None:
    choice = a("branch", target_ids={"1": action_id(4), "2": action_id(5)}, default_target_id=action_id(6))
    talk = a("talk", text="Sales.", _next_id=action_id(6))
    found = told(mock, *ASK, choice, talk, a("beep"), a("hangup"))
    assert sorted(found) == [
        ([], ["answer", "digits_receive", "branch", "hangup"]),
        (["1"], ["answer", "digits_receive", "branch", "talk", "hangup"]),
        (["2"], ["answer", "digits_receive", "branch", "beep", "hangup"]),
    ]


def test_keys_are_as_long_as_is_asked_for(mock: Mock) -> None:
    ask = a("digits_receive", duration=5000, length=4)
    choice = a("branch", target_ids={"1234": action_id(4), "12": action_id(4)}, default_target_id=action_id(4))
    assert sorted(keys for keys, _ in told(mock, a("answer"), ask, choice, a("hangup"))) == [[], ["1234"]]


def test_a_key_that_ends_it_is_pressed_last(mock: Mock) -> None:
    ask = a("digits_receive", duration=5000, length=0, key="#")
    choice = a("branch", target_ids={"12#": action_id(4)}, default_target_id=action_id(5))
    found = told(mock, a("answer"), ask, choice, a("beep"), a("hangup"))
    assert (["12#"], ["answer", "digits_receive", "branch", "beep", "hangup"]) in found


def test_jumps_are_used_up(mock: Mock) -> None:
    choice = a("branch", target_ids={"1": action_id(6)}, default_target_id=action_id(4))
    again = a("goto", target_id=action_id(2), loop_count=2)
    found = told(mock, *ASK, choice, again, a("beep"), a("hangup"))
    paths = [path for _, path in found]
    assert any("beep" in path for path in paths) == (mock.world.profile.name == "documented")
    assert max(path.count("goto") for path in paths) == (3 if mock.world.profile.name == "documented" else 33)


def test_what_a_key_does_not_lead_to_is_told_with_what_it_needs(mock: Mock) -> None:
    vip = a("condition_variable", condition="==", variable="${tier}", value_string="vip", false_target_id=action_id(4))
    several = list(played(mock, flow(mock, a("answer"), vip, a("beep"), a("hangup"))))
    assert [(one.caller.needs, one.as_planned) for one in several] == [
        (("condition_variable (action 1) comes to false",), True),
        (("condition_variable (action 1) comes to true",), False),
    ]


def test_keys_are_forgotten_when_others_are_asked_for() -> None:
    asks = [a("digits_receive", duration=1000, length=2), a("digits_receive", duration=1000, length=1)]
    choice = a("branch", target_ids={"12": action_id(5)}, default_target_id=action_id(5))
    with Mock(clock=NOON, ignore="all", intercept=False) as mock:
        several = list(played(mock, flow(mock, a("answer"), *asks, choice, a("hangup"))))
        assert several
        assert all(one.as_planned for one in several)


def test_a_flow_without_choices_has_one_caller(mock: Mock) -> None:
    assert told(mock, a("answer"), a("hangup")) == [([], ["answer", "hangup"])]
    assert flow(mock).callers() == []


targets = st.integers(1, 8).map(action_id)
ACTIONS = st.one_of(
    st.just(a("beep")),
    st.just(a("hangup")),
    st.builds(lambda n: a("digits_receive", duration=1000, length=n), st.integers(1, 2)),
    st.builds(
        lambda keys, default: a("branch", target_ids=keys, default_target_id=default),
        st.dictionaries(st.sampled_from(["1", "2", "12", "#"]), targets, max_size=3),
        targets,
    ),
    st.builds(lambda target, count: a("goto", target_id=target, loop_count=count), targets, st.integers(0, 2)),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ACTIONS, min_size=3, max_size=8))
def test_every_caller_takes_what_it_is_said_to(actions: list[dict[str, Any]]) -> None:
    with Mock(clock=NOON, ignore="all", intercept=False) as mock:
        for one in played(mock, flow(mock, a("answer"), *actions)):
            assert one.as_planned or not one.caller.over, (one.caller, one.path, one.ended)
