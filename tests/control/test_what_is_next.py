"""What is due next, and going there: over the control API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from tests.support.dialing import Stage
from tests.support.receivers import buy
from voipbin_mock import Answer, Mock
from voipbin_mock.world import profiles

START = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)


@pytest.fixture(params=list(profiles.PROFILES))
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A campaign that has just been started, with one target who answers."""
    stage = Stage(request.param, name="spring", end_handle="stop")
    stage.target("+12025550123", script=[Answer(talk="12s")])
    stage.run()
    yield stage
    stage.mock.close()


def clock(mock: Mock, **query: Any) -> dict[str, Any]:
    reply = mock.client.get("/__mock__/clock", query_string=query)
    assert reply.status_code == 200
    found: dict[str, Any] = reply.get_json()
    return found


def to_next(mock: Mock) -> str:
    reply = mock.client.post("/__mock__/clock", json={"next": True})
    assert reply.status_code == 200
    now: str = reply.get_json()["now"]
    return now


def test_what_comes_next_is_told_with_the_record_that_it_is_about(stage: Stage) -> None:
    first, *_ = clock(stage.mock)["next"]
    assert first["what"] == "campaign tick"
    assert (first["resource"], first["id"], first["name"]) == ("campaigns", stage.campaign, "spring")
    assert first["at"] > clock(stage.mock)["now"]


def test_one_goes_from_one_due_thing_to_the_next_and_no_further(stage: Stage) -> None:
    visited: list[str] = []
    while "next" in (before := clock(stage.mock)):
        due = before["next"][0]["at"]
        assert to_next(stage.mock) == clock(stage.mock)["now"] == due
        visited.append(due)
        assert len(visited) < 50, "there is no end to it"
    assert [result for _, result in stage.results] == ["success"]
    assert visited == sorted(set(visited))
    assert {when for when, _ in stage.results} < {milliseconds(due) for due in visited}


def milliseconds(moment: str) -> int:
    """From the start of the stage."""
    return int((datetime.fromisoformat(moment.replace("Z", "+00:00")) - START).total_seconds() * 1000)


def test_so_many_are_told_of_as_are_asked_for(stage: Stage) -> None:
    mock = stage.mock
    for number in range(15):
        mock.world.timers.call_in(1000 + number, "campaign_tick", stage.campaign)
    told = clock(mock)["next"]
    assert len(told) == 10
    assert told == sorted(told, key=lambda due: due["at"]) == clock(mock, limit=100)["next"][:10]
    assert len(clock(mock, limit=100)["next"]) >= 15
    assert "next" not in clock(mock, limit=0)
    assert mock.client.get("/__mock__/clock?limit=many").status_code == 400


def test_where_nothing_is_due_one_stays() -> None:
    with Mock(clock="2026-03-01T09:00:00Z") as mock:
        assert clock(mock) == {"now": "2026-03-01T09:00:00.000000Z", "frozen": True}
        assert to_next(mock) == "2026-03-01T09:00:00.000000Z"


def test_a_running_clock_runs_on_from_there(stage: Stage) -> None:
    mock = stage.mock
    mock.resume()
    due = clock(mock)["next"][0]["at"]
    assert to_next(mock) >= due
    assert not mock.clock.frozen


@pytest.mark.parametrize("wrong", [1, "yes", {}])
def test_next_is_true_or_false(wrong: Any) -> None:
    with Mock(clock="2026-03-01T09:00:00Z") as mock:
        refused = mock.client.post("/__mock__/clock", json={"next": wrong})
        assert refused.status_code == 400
        assert '"next" is true or false' in refused.get_json()["error"]["message"]


def test_what_a_webhook_is_about_is_told_in_a_word() -> None:
    with Mock(clock="2026-03-01T09:00:00Z") as mock:
        mock.webhooks.connect(lambda webhook: None)
        mock.webhooks.delay(60, 1)
        buy(mock, 1)
        (told,) = clock(mock)["next"]
        assert told == {"at": "2026-03-01T09:01:00.000000Z", "what": "webhook", "about": "number_created"}
