"""The flow action that writes into a conversation."""

from __future__ import annotations

from voipbin_mock.api.access import owned
from voipbin_mock.api.flow_actions import BOOLEAN, STRING, ActionFailed, Done, FlowAction, Option, Result, Run
from voipbin_mock.areas.conversations import sending
from voipbin_mock.areas.conversations.resources import CONVERSATIONS
from voipbin_mock.wire.errors import ApiError, shorten
from voipbin_mock.wire.values import uuid_or_nil


def conversation_send(run: Run, option: Option) -> Result:
    """A message as POST /conversations/{id}/messages makes it."""
    wanted = option.get("conversation_id") or ""
    conversation = owned(run.world, run.account, CONVERSATIONS, uuid_or_nil(wanted))
    if conversation is None:
        raise ActionFailed(f"option/conversation_id: {shorten(wanted)!r} is no conversation of the customer's")
    try:
        message = sending.send(run.world, conversation, option.get("text") or "")
    except ApiError as error:
        raise ActionFailed(f"the message is refused: {error.reason}: {error.hint or error.message}") from None
    return Done("sent", f"message {message.id}")


ACTIONS = (
    FlowAction(
        "conversation_send",
        conversation_send,
        "write into a conversation",
        option={"conversation_id": STRING, "text": STRING, "sync": BOOLEAN},
        outcomes=("sent",),
    ),
)
