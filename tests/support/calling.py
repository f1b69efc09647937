"""Calls that come in, for tests: who calls, what its flow does, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock import Mock
from voipbin_mock.areas.calls import voice
from voipbin_mock.areas.flows.runs import trace_of

CALLER = "+15550100001"


def action_id(number: int) -> str:
    """The id of the action of this number, from 1."""
    return f"ac000000-0000-4000-8000-{number:012d}"


def a(type: str, **option: Any) -> dict[str, Any]:
    """An action; `id`, `next_id` of it are given with an underscore before."""
    ids = {name[1:]: option.pop(name) for name in ("_id", "_next_id") if name in option}
    return {"type": type, **ids, **({"option": option} if option else {})}


def a_flow(mock: Mock, *actions: Mapping[str, Any], **members: Any) -> str:
    """The id of a new flow; its actions have the ids `action_id(1)`, `action_id(2)`, ..."""
    several = [{"id": action_id(number), **action} for number, action in enumerate(actions, 1)]
    body = {"name": "menu", "detail": "", "actions": several, **members}
    reply = mock.client.post("/v1.0/flows", json=body)
    assert reply.status_code == 200, reply.text
    return str(reply.json["id"])


def calls_in(mock: Mock, to: str, source: str = CALLER) -> str:
    """The id of a call that comes in."""
    with mock.world.changing():
        return voice.incoming(mock.world, source, to).id


def presses(mock: Mock, call_id: str, keys: str) -> None:
    with mock.world.changing():
        voice.press(mock.world, call_id, keys)


def hangs_up(mock: Mock, call_id: str) -> None:
    with mock.world.changing():
        voice.hangs_up(mock.world, call_id)


def run_of(mock: Mock, call_id: str) -> Mapping[str, Any]:
    """The record of a call's run, with what is not shown."""
    call = mock.world.store["calls"].get(call_id)
    assert call is not None
    run = mock.world.store["activeflows"].get(call.data["activeflow_id"])
    assert run is not None
    return {**run.data, "trace": trace_of(run.data), "trace_text": ""}


def path(run: Mapping[str, Any]) -> list[str]:
    """The types of the flow's own actions that ran."""
    return [row[3] for row in trace_of(run) if row[6] != "skipped" and not row[8]]


def whole_path(run: Mapping[str, Any]) -> list[str]:
    """The same with what the service made itself."""
    return [row[3] for row in trace_of(run) if row[6] != "skipped"]


def runs(mock: Mock, *actions: Mapping[str, Any], **body: Any) -> Mapping[str, Any]:
    """What became of actions that run for themselves."""
    several: Sequence[Any] = [{"id": action_id(number), **action} for number, action in enumerate(actions, 1)]
    reply = mock.client.post("/v1.0/activeflows", json={"actions": several, **body})
    assert reply.status_code == 200, reply.text
    mock.advance(seconds=0)
    run = mock.world.store["activeflows"].get(reply.json["id"])
    assert run is not None
    return {**run.data, "trace": trace_of(run.data), "trace_text": ""}
