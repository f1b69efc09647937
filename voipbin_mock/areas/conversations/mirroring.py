"""What is written elsewhere stands in conversations, too: texts, mails, and what is said in web chats."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api import crud
from voipbin_mock.areas.conversations.opening import opened
from voipbin_mock.areas.conversations.running import run
from voipbin_mock.areas.conversations.writing import INCOMING, OUTGOING, written
from voipbin_mock.areas.webchat.resources import SESSIONS, WIDGETS
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.blueprint import Follower
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

# --- web chats -----------------------------------------------------------------------------------------


def _of_session(world: World, session: Row) -> Row:
    data = session.data
    return opened(world, session.account, data["customer_id"], "webchat", data["local"], data["peer"])


def session_begins(world: World, session: Row) -> None:
    """The flow of the widget for sessions runs, if there is one."""
    flow_id = _flow_of(world, session, "session_flow_id")
    if flow_id != NIL_UUID:
        run(world, _of_session(world, session), flow_id)
        now = world.table(SESSIONS).get(session.id)
        if now is not None:
            crud.change(world, SESSIONS, now, {}, "")  # after the answer was made


def said_in_session(world: World, message: Row) -> None:
    session = world.table(SESSIONS).get(message.data["session_id"])
    if session is None:
        return
    conversation = _of_session(world, session)
    inbound, text = message.data["direction"] == "inbound", message.data["text"]
    copy = written(
        world,
        conversation,
        INCOMING if inbound else OUTGOING,
        text,
        message_id=message.id,
        reference_id=message.id,
    )
    if inbound:
        run(world, conversation, _flow_of(world, session, "message_flow_id"), copy)


def _flow_of(world: World, session: Row, member: str) -> str:
    widget = world.table(WIDGETS).get(session.data["widget_id"])
    return NIL_UUID if widget is None else str(widget.data[member])


FOLLOWS: Mapping[str, Follower] = {
    "webchat_session_created": session_begins,
    "webchat_message_created": said_in_session,
}
