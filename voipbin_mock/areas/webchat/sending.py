"""What is said in a web chat, whoever says it."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.areas.messages.outbox import WEBCHAT, record_sent
from voipbin_mock.areas.webchat.resources import MESSAGES
from voipbin_mock.areas.webchat.sessions import spoken_in
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

OUTBOUND = "outbound"
LONGEST = 4000  # characters


def said(world: World, session: Row, text: str, direction: str, sender_id: str = NIL_UUID) -> Row:
    """A message: `inbound` from the visitor, or `outbound` to the visitor. Raises ApiError for one that is too long."""
    if len(text) > LONGEST:
        raise ApiError("INTERNAL", hint=f"/text: {len(text)} characters; the service cannot keep more than {LONGEST}")
    values = {
        "customer_id": session.data["customer_id"],
        "widget_id": session.data["widget_id"],
        "session_id": session.id,
        "direction": direction,
        "status": "sent",
        "sender_id": sender_id,
        "text": text,
    }
    row = crud.made(world, MESSAGES, session.account, values)
    if direction == OUTBOUND:
        told = {"sender": row.data["widget_id"], "recipient": session.id, "text": text}
        record_sent(world, WEBCHAT, record=row, resource=MESSAGES.name, **told)
    spoken_in(world, session.id, row.created)
    return row
