"""Notices: what has changed, numbered, for whoever shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from voipbin_mock import Mock
from voipbin_mock.control import notices
from voipbin_mock.world import profiles


@pytest.fixture(params=list(profiles.PROFILES))
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-01T09:00:00Z", unused="ignore") as mock:
        yield mock


class Listener:
    """Somebody who asks again and again."""

    def __init__(self, mock: Mock, base: str = "") -> None:
        self.client, self.path = mock.client, f"{base}/__mock__/notices"
        self.after = self.ask()["after"]

    def ask(self, **query: int) -> dict[str, Any]:
        reply = self.client.get(self.path, query_string=query)
        assert reply.status_code == 200
        found: dict[str, Any] = reply.get_json()
        return found

    def news(self) -> list[dict[str, Any]]:
        """What is new, without its numbers, which follow each other."""
        found = self.ask(after=self.after)
        numbers = [notice.pop("n") for notice in found["notices"]]
        assert numbers == list(range(self.after + 1, found["after"] + 1))
        self.after = found["after"]
        return list(found["notices"])

    def kinds(self) -> list[str]:
        return [notice["kind"] for notice in self.news()]


def test_nothing_is_new_while_nothing_happens(mock: Mock) -> None:
    mock.client.get("/v1.0/outplans", query_string=mock.params)
    listener = Listener(mock)
    mock.client.get("/__mock__/requests")
    assert listener.news() == []


def test_a_request_is_told_of_by_its_number_and_a_record_by_its_id(mock: Mock) -> None:
    listener = Listener(mock)
    made = mock.client.post("/v1.0/tags", query_string=mock.params, json={"name": "vip", "detail": ""}).get_json()
    assert listener.news() == [
        {"kind": "requests", "id": 1},
        {"kind": "records", "resource": "tags", "id": made["id"]},
    ]
    mock.client.delete(f"/v1.0/tags/{made['id']}", query_string=mock.params)
    assert {"kind": "records", "resource": "tags", "id": made["id"]} in listener.news()


def test_what_a_test_puts_in_place_is_told_of_too(mock: Mock) -> None:
    listener = Listener(mock)
    made = mock.tags.create(name="vip")
    assert listener.news() == [{"kind": "records", "resource": "tags", "id": made.id}]
    mock.tags.delete(made.id)
    assert listener.news() == [{"kind": "records", "resource": "tags", "id": made.id}]


def test_of_many_records_only_their_resource_is_told(mock: Mock) -> None:
    listener = Listener(mock)
    for number in range(notices.MOST_EACH + 1):
        mock.tags.create(name=f"{number}")
    assert listener.news() == [{"kind": "records", "resource": "tags"}]


def test_of_many_requests_the_newest_are_told(mock: Mock) -> None:
    listener = Listener(mock)
    for _ in range(notices.MOST_EACH + 5):
        mock.client.get("/ping")
    assert [notice["id"] for notice in listener.news()] == list(range(6, notices.MOST_EACH + 6))


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("POST", "/clock", {"advance": 5}, "clock"),
        ("POST", "/clock", {"resume": True}, "clock"),
        ("POST", "/faults", {"kind": "error", "reason": "INTERNAL"}, "faults"),
        ("POST", "/stubs", {"on": "GET /numbers", "json": {}}, "faults"),
        ("PUT", "/limits", {"rate_limits": True}, "faults"),
        ("PUT", "/modes", {"pages_of": 1}, "faults"),
        ("POST", "/replies", {"url": "https://crm.example.com/*", "status": 503}, "faults"),
        ("POST", "/webhooks/tricks", {"drop": 1}, "webhooks"),
        ("PUT", "/phones", {"default": ["busy"]}, "phones"),
        ("PUT", "/ais", {"default": ["silence"]}, "ais"),
        ("PUT", "/jobs", {"audits": ["failed"]}, "ais"),
        ("DELETE", "/requests", None, "requests"),
    ],
)
def test_what_is_steered_is_told_of(mock: Mock, method: str, path: str, body: Any, kind: str) -> None:
    listener = Listener(mock)
    assert mock.client.open(f"/__mock__{path}", method=method, json=body).status_code == 200
    assert listener.kinds() == [kind]


def test_a_fault_that_is_met_is_told_of(mock: Mock) -> None:
    mock.faults.error("any", "INTERNAL")
    listener = Listener(mock)
    mock.client.get("/v1.0/tags", query_string=mock.params)
    assert listener.kinds() == ["requests", "faults"]


def test_a_session_is_told_of_where_it_begins_and_ends(mock: Mock) -> None:
    listener = Listener(mock)
    mock.client.get("/__session__/alice/v1.0/tags", query_string=mock.params)
    assert listener.kinds() == ["sessions"]
    mock.client.delete("/__mock__/sessions/alice")
    assert listener.kinds() == ["sessions"]


def test_sessions_hear_of_their_own_only(mock: Mock) -> None:
    alice, mine = Listener(mock, "/__session__/alice"), Listener(mock)
    mock.client.get("/__session__/alice/v1.0/tags", query_string=mock.params)
    assert (alice.kinds(), mine.kinds()) == (["requests"], [])


@pytest.mark.parametrize("how", ["reset", "seed", "load", "restore"])
def test_whoever_starts_over_tells_that_alone(mock: Mock, how: str) -> None:
    kept, state = mock.snapshot(), mock.dump()
    listener = Listener(mock)
    mock.tags.create(name="vip")
    {"reset": mock.reset, "seed": lambda: mock.reset("account"), "load": lambda: mock.load(state),
     "restore": lambda: mock.restore(kept)}[how]()  # fmt: skip
    assert listener.kinds() == ["reset"]
    mock.tags.create(name="vip")
    assert listener.kinds() == ["records"]


def test_who_has_been_away_too_long_is_told_to_load_all_again(mock: Mock) -> None:
    listener = Listener(mock)
    for _ in range(notices.MOST + 1):
        mock.clock.advance(1)
        listener.ask()
    late = listener.ask(after=listener.after)
    assert [notice["kind"] for notice in late["notices"]] == ["gone"]
    assert late["notices"][0]["after"] == late["after"] == listener.after + notices.MOST + 1
    just = listener.ask(after=late["oldest"] - 1)
    assert len(just["notices"]) == notices.MOST


def test_numbers_of_another_run_are_not_known(mock: Mock) -> None:
    listener = Listener(mock)
    for strange in (0, listener.after - 1, listener.after + 1):
        assert [notice["kind"] for notice in listener.ask(after=strange)["notices"]] == ["gone"]


def test_a_change_that_is_taken_back_may_be_told_of_but_what_is_told_is_there(mock: Mock) -> None:
    listener = Listener(mock)
    refused = mock.client.post("/v1.0/tags", query_string=mock.params, json={"name": 7})
    assert refused.status_code == 400
    assert listener.news() == [{"kind": "requests", "id": 1}]


def test_a_number_that_is_none_is_refused(mock: Mock) -> None:
    assert mock.client.get("/__mock__/notices?after=x").status_code == 400
