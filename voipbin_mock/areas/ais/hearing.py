"""Calls that talk to an AI: what is said there, the keys that are pressed, and how they come and go."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voipbin_mock.areas.ais import starting, talking
from voipbin_mock.areas.ais.ending import live, terminate
from voipbin_mock.areas.ais.resources import AICALLS
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

KEY_LASTS = 100  # milliseconds that a key is taken to be held


def _of(world: World, call: Row) -> Row | None:
    """The AI call that a call talks to."""
    row = world.table(AICALLS).get(call.data["aicall_id"])
    return row if live(row) else None


def speaks(world: World, call: Row) -> None:
    """The last of what was heard is for the model: words, or a key."""
    row = _of(world, call)
    if row is None or not _listens(row, call):
        return
    _, way, text = call.data["heard"][-1]
    if way == "key":
        text = f"type: DTMF_EVENT\ndigit: {text}\nduration: {KEY_LASTS}"
    talking.said(world, row, text, aloud=True)


def _listens(row: Row, call: Row) -> bool:
    """Whether the model hears the call: in its own bridge, or wherever it is if the API asked for it."""
    return bool(row.data["api_made"] or call.data["confbridge_id"] == row.data["confbridge_id"])


def joined(world: World, call: Row) -> None:
    """It entered a bridge: the AI call goes on, and in its own one the model speaks first."""
    row = _of(world, call)
    if row is None:
        return
    row = starting.progress(world, row)
    if call.data["confbridge_id"] == row.data["confbridge_id"] and row.data["session"] == 0:
        starting.greets(world, row, aloud=True)


def left(world: World, call: Row) -> None:
    """It left a bridge: its AI call is over, if it was the model's. The row is the call as it was."""
    row = _of(world, call)
    if row is not None and call.data["confbridge_id"] == row.data["confbridge_id"]:
        terminate(world, row.id, "the call left")


def hung_up(world: World, call: Row) -> None:
    row = _of(world, call)
    if row is not None:
        terminate(world, row.id, "the call was hung up")


FOLLOWS: Mapping[str, Callable[[World, Row], None]] = {
    "assisted_call_hangup": hung_up,
    "assisted_call_joined": joined,
    "assisted_call_left": left,
    "assisted_call_speaks": speaks,
}
