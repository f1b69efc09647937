"""Calls to numbers of one's own: they come in there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.calling import a, a_flow
from tests.support.dialing import PROFILES
from voipbin_mock import Mock


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-02T09:30:00Z", ignore="all") as mock:
        yield mock


# The server refuses it.
documented = pytest.mark.parametrize("mock", ["documented"], indirect=True)


def dials(mock: Mock, *there: dict[str, Any], actions: list[dict[str, Any]]) -> Any:
    """A call to the account's own number, which runs these actions there, and others here."""
    number = mock.numbers.list()[0]
    mock.numbers.update(number.id, call_flow_id=a_flow(mock, *there))
    destination = {"type": "tel", "target": number.number}
    body = {"source": {"type": "tel", "target": "+15559876543"}, "destinations": [destination], "actions": actions}
    return mock.client.post("/v1.0/calls", json=body)


@pytest.mark.differs("own-numbers")
def test_a_call_to_an_own_number_comes_in_there(mock: Mock) -> None:
    keys = [{"type": "sleep", "option": {"duration": 3000}}, {"type": "digits_send", "option": {"digits": "7"}}]
    there = (
        a("answer"),
        a("digits_receive", duration=9000, length=1),
        a("talk", text="you pressed ${voipbin.call.digits}"),
    )
    reply = dials(mock, *there, actions=[*keys, {"type": "sleep", "option": {"duration": 60_000}}])
    if mock.world.profile.name == "server":
        assert reply.json["error"]["reason"] == "INTERNAL"
        return
    mock.advance(minutes=5)
    incoming = next(call for call in mock.live_calls() if call.record.direction == "incoming")
    outgoing = mock.call(reply.json["calls"][0]["id"])
    assert incoming.heard("you pressed 7")
    assert (incoming.hangup_by, outgoing.hangup_by, outgoing.hangup_reason) == ("local", "remote", "normal")
    assert not mock.world.timers


@documented
def test_who_hangs_up_first_ends_both(mock: Mock) -> None:
    reply = dials(mock, a("answer"), a("sleep", duration=60_000), actions=[{"type": "talk", "option": {"text": "hi"}}])
    mock.advance(minutes=5)
    incoming = next(call for call in mock.live_calls() if call.record.direction == "incoming")
    assert (incoming.hangup_by, mock.call(reply.json["calls"][0]["id"]).hangup_by) == ("remote", "local")
    assert not mock.world.timers


@documented
def test_a_number_that_nobody_answers_rings_until_the_caller_gives_up(mock: Mock) -> None:
    reply = dials(mock, a("sleep", duration=600_000), actions=[{"type": "talk"}])
    mock.advance(minutes=5)
    assert mock.call(reply.json["calls"][0]["id"]).hangup_reason == "dialout"
    assert not mock.world.timers
