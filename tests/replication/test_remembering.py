"""A mock as one document: whoever takes it goes on exactly as the one that it was made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.world.test_kept_moments import STEPS, passes
from voipbin_mock import Mock
from voipbin_mock.replication import remembering

PROFILES = ("documented", "server")
pytestmark = pytest.mark.filterwarnings("ignore::voipbin_mock.VoIPBINWarning")
each_profile = pytest.mark.parametrize("profile", PROFILES)
START = "2026-03-01T09:00:00Z"
FIRST = "/__session__/first"
# What answers differently in every process, and says so.
OF_A_PROCESS = ("/notices", "/stream")
SERVICE = ("/tags", "/campaigns", "/campaigncalls", "/outplans", "/outdials", "/calls", "/agents", "/customer", "/nope")


def a_mock(profile: str) -> Mock:
    """A mock whose webhooks are heard, every third in vain."""
    mock = Mock(profile, clock=START, ignore="seconds-not-milliseconds", unused="ignore", coverage=True)
    heard: list[str] = []

    def hear(webhook: Any) -> int:
        heard.append(webhook.type)
        return 503 if len(heard) % 3 == 0 else 200

    mock.webhooks.connect(hear)
    mock.warn = False  # type: ignore[attr-defined]
    return mock


def asked(mock: Mock, path: str, method: str = "GET", body: Any = None) -> tuple[Any, ...]:
    """The whole answer."""
    reply = mock.client.open(path, method=method, json=body)
    return path, reply.status_code, list(reply.headers), reply.data


def control_paths(mock: Mock) -> Iterator[str]:
    """Every look at a mock that there is, but for those by an id; and each request, delivery and record for itself."""
    for call in mock.client.get("/__mock__").json["calls"]:
        method, _, path = call.partition(" ")
        if method == "GET" and "{" not in path and not path.endswith(OF_A_PROCESS):
            yield path
    yield from (f"/__mock__/requests/{number}" for number in range(1, mock.world.exchanges + 1))
    yield from (f"/__mock__/webhooks/{one.number}" for one in mock.webhooks.newest(5))
    yield from (f"/__mock__/records/{name}" for name in ("tags", "campaigns", "calls"))
    yield from (f"/__mock__/campaigns/{campaign.id}/timeline" for campaign in mock.campaigns)


def everything(mock: Mock) -> list[tuple[Any, ...]]:
    """What a mock tells of itself, and what its service answers; of a session of its, too."""
    told = [asked(mock, path) for path in list(control_paths(mock))]
    told += [asked(mock, f"/v1.0{path}") for path in SERVICE]
    return told + [asked(mock, f"{FIRST}{path}") for path in ("/__mock__/requests", "/__mock__/state", "/v1.0/tags")]


def as_text(mock: Mock) -> str:
    return json.dumps(remembering.document(mock.world))


def taken(mock: Mock, profile: str, into: Mock | None = None) -> Mock:
    """Another mock, that took the document of the first."""
    other = into or a_mock(profile)
    remembering.load(other.world, json.loads(as_text(mock)))
    return other


def prepared(mock: Mock) -> None:
    """Sessions, snapshots, something to undo, refusals, a call and what a flow asked."""
    control = mock.client
    control.post("/v1.0/tags", json={"nam": "x", "name": 5})
    control.post("/__mock__/snapshots", json={"name": "early"})
    control.post("/__mock__/seed", json={"seed": {"tags": [{"name": "of a seed", "customer_id": mock.world.owner}]}})
    control.put(
        "/__mock__/state", json=control.post("/__mock__/snapshots/early") and control.get("/__mock__/state").json
    )
    control.post(f"{FIRST}/v1.0/tags", json={"name": "in a session"})
    control.post(f"{FIRST}/__mock__/snapshots", json={"name": "there"})
    control.post("/__mock__/stubs", json={"on": "GET /flows", "json": {"of": "a stub"}, "times": 3})
    control.post("/__mock__/replies", json={"url": "https://shop.example.com/*", "json": {}})


@each_profile
def test_after_whatever_was_done_another_goes_on_as_the_mock_itself(profile: str) -> None:
    with time_machine.travel(0, tick=False) as traveller, a_mock(profile) as mock, a_mock(profile) as other:
        prepared(mock)
        for n, step in enumerate(STEPS):
            taken(mock, profile, into=other)
            passes(traveller, step, n)
            assert step(other, n) == step(mock, n), step.__name__
            if n % 10 == 9:
                assert as_text(other) == as_text(mock), step.__name__
                assert everything(other) == everything(mock), step.__name__
