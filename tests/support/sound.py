"""A call that goes on, for tests of what becomes of its sound; and listening to it on a websocket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import simple_websocket

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


LONG = 5.0  # seconds; waited for in full only when something is broken


@contextmanager
def listening(mock: Mock, of: str, encapsulation: str) -> Iterator[simple_websocket.Client]:
    """The media stream of a call or a conference on a live server: `calls/<id>`."""
    url = mock.url.replace("http://", "ws://")
    query = f"token={mock.token}&encapsulation={encapsulation}"
    socket = simple_websocket.Client(f"{url}/{of}/media_stream?{query}")
    try:
        yield socket
    finally:
        if socket.connected:
            socket.close()
        socket.thread.join(LONG)


def drain(socket: simple_websocket.Client) -> None:
    """Hear all that is left, but not for ever."""
    for _ in range(250):
        socket.receive(LONG)
