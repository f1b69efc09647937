"""Messages of conversations as records: made, and what becomes of them."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.areas.conversations.differences import NAMES_USER
from voipbin_mock.areas.conversations.resources import BY_DIALOG, MESSAGES
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

INCOMING, OUTGOING = "incoming", "outgoing"
PROGRESSING, DONE, FAILED = "progressing", "done", "failed"


def written(
    world: World,
    conversation: Row,
    direction: str,
    text: str,
    *,
    status: str = DONE,
    message_id: str = "",
    reference_id: str = "",
    transaction_id: str = "",
    subject: str = "",
) -> Row:
    """A new message, told of as `conversation_message_created`."""
    data = conversation.data
    ours, theirs = data["self"], data["peer"]
    if not reference_id and data["type"] in BY_DIALOG and NAMES_USER.of(world):
        reference_id = theirs["target"]
    values = {
        "id": message_id,
        "customer_id": data["customer_id"],
        "conversation_id": conversation.id,
        "direction": direction,
        "status": status,
        "reference_type": data["type"],
        "reference_id": reference_id or NIL_UUID,
        "source": ours if direction == OUTGOING else theirs,
        "destination": theirs if direction == OUTGOING else ours,
        "text": text,
        "transaction_id": transaction_id,
        "subject": subject,
    }
    return crud.made(world, MESSAGES, conversation.account, values)


def becomes(world: World, message: Row, status: str) -> Row:
    """A message has another status, told of as `conversation_message_updated`."""
    return crud.change(world, MESSAGES, world.table(MESSAGES).get(message.id) or message, {"status": status})
