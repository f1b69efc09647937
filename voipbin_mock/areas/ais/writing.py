"""AI messages as records: what is said to a model, by it, and by its tools."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.ais.differences import USER_COMES_IN
from voipbin_mock.areas.ais.resources import AICALLS, MESSAGES, PIECES
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

SYSTEM, USER, ASSISTANT, TOOL, NOTIFICATION = "system", "user", "assistant", "tool", "notification"


def direction_of(world: World, role: str) -> str:
    incoming = USER if USER_COMES_IN.of(world) else ASSISTANT
    return "incoming" if role == incoming else "outgoing"


def write(
    world: World,
    aicall: Row,
    role: str,
    content: str,
    *,
    message_id: str = "",
    tool_calls: Sequence[dict[str, Any]] = (),
    tool_call_id: str = "",
) -> Row:
    """A new message in an AI call, told of as `aimessage_created`."""
    values = {
        **_of(aicall, role, content, direction_of(world, role)),
        "id": message_id,
        "tool_calls": list(tool_calls),
        "tool_call_id": tool_call_id,
    }
    return crud.made(world, MESSAGES, aicall.account, values)


def tell_piece(world: World, aicall: Row, message_id: str, content: str, sequence: int) -> None:
    """A piece of a message that the model is saying, told of as `aimessage_intermediate`."""
    piece = {
        **_of(aicall, ASSISTANT, content, direction_of(world, ASSISTANT)),
        "id": message_id,
        "sequence": sequence,
        "tm_create": world.clock.microseconds(),
    }
    world.publish("aimessage_intermediate", PIECES, Row(piece, aicall.account))


def _of(aicall: Row, role: str, content: str, direction: str) -> dict[str, Any]:
    data = aicall.data
    return {
        "customer_id": data["customer_id"],
        "aicall_id": aicall.id,
        "activeflow_id": data["activeflow_id"],
        "active_ai_id": data["active_ai_id"],
        "role": role,
        "content": content,
        "direction": direction,
    }


def pieces(text: str, parts: int) -> list[str]:
    """A text in so many pieces of about one length, cut between words; fewer if it has fewer."""
    words = text.split(" ")
    parts = max(1, min(parts, len(words)))
    cuts = [round(len(words) * place / parts) for place in range(parts + 1)]
    found = [" ".join(words[begin:end]) for begin, end in pairwise(cuts)]
    return [piece if place == 0 else f" {piece}" for place, piece in enumerate(found)]


def of_aicall(world: World, aicall_id: str) -> list[Row]:
    """The messages of an AI call, the oldest first."""
    table = world.table(MESSAGES)
    return table.group("aicall_id", aicall_id, None, len(table))[::-1]


def now(world: World, aicall_id: str) -> Row | None:
    """The AI call as it is by now."""
    return world.table(AICALLS).get(aicall_id)
