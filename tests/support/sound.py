"""A call that goes on, for tests of what becomes of its sound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.calling import a, a_flow, calls_in
from voipbin_mock import Mock
from voipbin_mock.areas.calls import voice

UNKNOWN = "c0ffee00-0000-4000-8000-000000000000"
SLEEP = a("sleep", duration=600_000)


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def in_call(mock: Mock, *actions: Mapping[str, Any], answered: bool = True) -> str:
    """The id of a call that came in, and that goes on for ten minutes unless its actions say otherwise."""
    return calls_in(mock, a_flow(mock, *([a("answer")] if answered else []), *(actions or (SLEEP,))))


def post(mock: Mock, path: str, **body: Any) -> Any:
    return mock.client.post(f"/v1.0{path}", json=body)


def get(mock: Mock, path: str) -> Any:
    return mock.client.get(f"/v1.0{path}").json


def call(mock: Mock, call_id: str) -> Any:
    return get(mock, f"/calls/{call_id}")


def says(mock: Mock, call_id: str, text: str) -> None:
    """The far end of a call speaks."""
    with mock.world.changing():
        voice.says(mock.world, call_id, text)
