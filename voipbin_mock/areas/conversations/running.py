"""Flows that run for what comes in."""

from __future__ import annotations

from voipbin_mock.areas.conversations.resources import CONVERSATIONS
from voipbin_mock.areas.flows import engine, variables
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def run(world: World, conversation: Row, flow_id: str, message: Row | None = None) -> None:
    """Run a flow for a conversation that nobody owns, anew each time; nothing happens without one that there is."""
    conversation = world.table(CONVERSATIONS).get(conversation.id) or conversation
    flow = world.table(FLOWS).get(flow_id)
    if flow is None or flow.deleted or conversation.data["owner_id"] != NIL_UUID:
        return
    row = engine.start(
        world,
        conversation.account,
        conversation.data["customer_id"],
        engine.plan(world, flow_id),
        reference_type="conversation",
        reference_id=conversation.id,
        system={**_of_conversation(conversation), **({} if message is None else _of_message(message))},
    )
    engine.soon(world, row)


def _of_conversation(row: Row) -> dict[str, str]:
    return {
        "voipbin.conversation.id": row.id,
        "voipbin.conversation.owner_id": row.data["owner_id"],
        **variables.address("voipbin.conversation.self", row.data["self"]),
        **variables.address("voipbin.conversation.peer", row.data["peer"]),
    }


def _of_message(row: Row) -> dict[str, str]:
    return {f"voipbin.conversation_message.{name}": row.data[name] for name in ("id", "text", "direction")}
