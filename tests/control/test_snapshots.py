"""Kept moments over the control API, and the way back from what replaced everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from voipbin_mock import Mock
from voipbin_mock.control import snapshots
from voipbin_mock.world import profiles


@pytest.fixture(params=list(profiles.PROFILES))
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-01T09:00:00Z") as mock:
        yield mock


def call(mock: Mock, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    reply = mock.client.open(f"/__mock__{path}", method=method, json=body)
    assert reply.status_code == status, reply.text
    return reply.get_json()


def listed(mock: Mock) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(mock, "GET", "/snapshots")["snapshots"]
    return found


def tags(mock: Mock) -> list[str]:
    return sorted(tag.name for tag in mock.tags)


def test_one_goes_back_to_a_kept_moment_as_often_as_one_likes(mock: Mock) -> None:
    mock.tags.create(name="kept")
    call(mock, "POST", "/snapshots", {"name": "before lunch"})
    for name in ("soup", "cake"):
        mock.tags.create(name=name)
        mock.advance(60)
        back = call(mock, "POST", "/snapshots/before%20lunch")
        assert back["now"] == "2026-03-01T09:00:00.000000Z"
        assert tags(mock) == ["kept"]


def test_the_list_says_when_and_how_much(mock: Mock) -> None:
    call(mock, "POST", "/snapshots", {"name": "first"})
    mock.tags.create(name="vip")
    mock.client.get("/v1.0/tags")
    mock.advance(60)
    call(mock, "POST", "/snapshots", {"name": "second"})
    first, second = listed(mock)
    assert (first["name"], first["at"], first["requests"]) == ("first", "2026-03-01T09:00:00.000000Z", 0)
    assert (second["name"], second["at"], second["requests"]) == ("second", "2026-03-01T09:01:00.000000Z", 1)
    assert second["records"] == first["records"] + 1


@pytest.mark.parametrize(
    ("method", "path", "body", "what"),
    [
        ("POST", "/reset", None, "reset"),
        ("POST", "/seed", {"seed": "account"}, "seed"),
        ("PUT", "/state", None, "load"),
        ("POST", "/snapshots/start", None, "going back to start"),
    ],
)
def test_what_replaces_everything_can_be_undone_and_done_again(
    mock: Mock, method: str, path: str, body: Any, what: str
) -> None:
    call(mock, "POST", "/snapshots", {"name": "start"})
    state = mock.dump()
    mock.tags.create(name="mine")
    mock.advance(60)
    call(mock, method, path, state if path == "/state" else body)
    after = mock.dump()
    assert tags(mock) == []
    assert [kept["before"] for kept in listed(mock) if kept["name"] == "undo"] == [what]
    call(mock, "POST", "/snapshots/undo")
    assert tags(mock) == ["mine"]
    assert mock.now.isoformat() == "2026-03-01T09:01:00+00:00"
    call(mock, "POST", "/snapshots/undo")
    assert mock.dump()["records"] == after["records"]
    assert mock.dump()["clock"] == after["clock"]


def test_what_is_refused_leaves_the_way_back_as_it_was(mock: Mock) -> None:
    mock.tags.create(name="mine")
    call(mock, "POST", "/reset")
    mock.tags.create(name="later")
    call(mock, "POST", "/seed", {"seed": "nothing of the kind"}, 400)
    call(mock, "PUT", "/state", {"format": "another"}, 400)
    call(mock, "POST", "/snapshots/nothing", status=404)
    assert tags(mock) == ["later"]
    call(mock, "POST", "/snapshots/undo")
    assert tags(mock) == ["mine"]


def test_they_outlive_a_reset_and_are_forgotten_by_name_or_all(mock: Mock) -> None:
    for name in ("a", "b"):
        call(mock, "POST", "/snapshots", {"name": name})
    call(mock, "POST", "/reset")
    call(mock, "DELETE", "/snapshots/a")
    assert [kept["name"] for kept in listed(mock)] == ["b", "undo"]
    assert "b, undo" in call(mock, "POST", "/snapshots/a", status=404)["error"]["message"]
    call(mock, "DELETE", "/snapshots/a", status=404)
    call(mock, "DELETE", "/snapshots")
    assert listed(mock) == []


@pytest.mark.parametrize("body", [None, {}, {"name": ""}, {"name": 7}, {"name": "a/b"}, {"name": "a\nb"},
                                  {"name": "x" * 65}, {"name": " x"}, {"name": "x", "more": 1}])  # fmt: skip
def test_a_name_is_a_short_text(mock: Mock, body: Any) -> None:
    assert "before lunch" in call(mock, "POST", "/snapshots", body, 400)["error"]["message"]
    assert listed(mock) == []


def test_so_many_are_kept_and_one_may_be_replaced(mock: Mock) -> None:
    for number in range(snapshots.MOST):
        call(mock, "POST", "/snapshots", {"name": f"{number}"})
    assert "forget some" in call(mock, "POST", "/snapshots", {"name": "more"}, 409)["error"]["message"]
    call(mock, "POST", "/snapshots", {"name": "3"})
    call(mock, "POST", "/reset")
    assert len(listed(mock)) == snapshots.MOST + 1  # the way back has a place of its own


def test_sessions_have_their_own(mock: Mock) -> None:
    call(mock, "POST", "/snapshots", {"name": "mine"})
    reply = mock.client.get("/__session__/alice/__mock__/snapshots")
    assert reply.get_json() == {"snapshots": []}


def test_what_was_seen_stays_known(mock: Mock) -> None:
    call(mock, "POST", "/snapshots", {"name": "start"})
    mock.client.get("/v1.0/tags")
    call(mock, "POST", "/snapshots/start")
    assert [exchange.path for exchange in mock.journal] == ["/v1.0/tags"]
