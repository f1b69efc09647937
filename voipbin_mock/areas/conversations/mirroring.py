"""What is written elsewhere stands in conversations, too: texts, mails, and what is said in web chats."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api import crud
from voipbin_mock.areas.conversations.differences import ONE_FOR_EACH_PEER
from voipbin_mock.areas.conversations.opening import opened
from voipbin_mock.areas.conversations.resources import MESSAGES, Address
from voipbin_mock.areas.conversations.running import run
from voipbin_mock.areas.conversations.writing import DONE, FAILED, INCOMING, OUTGOING, PROGRESSING, becomes, written
from voipbin_mock.areas.emails import sending as mails
from voipbin_mock.areas.routing.resources import NUMBERS
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


# --- texts ---------------------------------------------------------------------------------------------


def texted(world: World, text: Row) -> None:
    """Each who is texted has a conversation, and whoever texts."""
    if text.data["direction"] == "outbound":
        for place, target in enumerate(text.data["targets"]):
            conversation = _of_text(world, text, text.data["source"], target["destination"])
            _copied(world, text, conversation, OUTGOING, place)
        return
    for place, target in enumerate(text.data["targets"]):
        number = target["destination"]
        conversation = _of_text(world, text, number, text.data["source"])
        if place == 0:
            copy = _copied(world, text, conversation, INCOMING, place)
            run(world, conversation, _flow_of_number(world, text.account, number), copy)
        elif ONE_FOR_EACH_PEER.of(world):
            _copied(world, text, conversation, INCOMING, place)


def _of_text(world: World, text: Row, ours: Address, theirs: Address) -> Row:
    return opened(world, text.account, text.data["customer_id"], "message", ours, theirs)


def _copied(world: World, text: Row, conversation: Row, direction: str, place: int) -> Row:
    """The text as a message of a conversation. The first has its id, and is there already if it was written there."""
    known = world.table(MESSAGES).get(text.id)
    if known is not None and not (place and ONE_FOR_EACH_PEER.of(world)):
        return becomes(world, known, DONE)
    message_id = world.ids.uuid() if place else text.id
    return written(world, conversation, direction, text.data["text"], message_id=message_id, reference_id=text.id)


def _flow_of_number(world: World, account: str, address: Address) -> str:
    rows = world.table(NUMBERS).find("number", address.get("target", ""))
    return next((str(row.data["message_flow_id"]) for row in rows if row.account == account), NIL_UUID)


# --- mails -----------------------------------------------------------------------------------------------


def mailed(world: World, mail: Row) -> None:
    data = mail.data
    for peer in data["destinations"]:
        conversation = opened(world, mail.account, data["customer_id"], "email", data["source"], peer)
        written(
            world,
            conversation,
            OUTGOING,
            data["content"],
            status=PROGRESSING,
            reference_id=mail.id,
            transaction_id=_transaction(mail, peer),
            subject=data["subject"],
        )


def mail_comes_along(world: World, mail: Row) -> None:
    """The first news that is final counts."""
    status = DONE if mail.data["status"] in mails.DONE else FAILED if mail.data["status"] in mails.FAILED else ""
    for peer in mail.data["destinations"] if status else ():
        for message in world.table(MESSAGES).find("transaction_id", _transaction(mail, peer)):
            if message.data["status"] == PROGRESSING:
                becomes(world, message, status)


def _transaction(mail: Row, peer: Address) -> str:
    return f"{mail.id}:{peer.get('target', '')}"


FOLLOWS: Mapping[str, Follower] = {
    "message_created": texted,
    "email_created": mailed,
    "email_updated": mail_comes_along,
    "webchat_session_created": session_begins,
    "webchat_message_created": said_in_session,
}
