"""Writing into a conversation: each kind of conversation goes its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voipbin_mock.api import crud
from voipbin_mock.api.access import parent_of
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.conversations.differences import ANSWERED_AT_ONCE, MAIL_HAS_MOMENT, REACHES_ENDED
from voipbin_mock.areas.conversations.outcomes import Chats
from voipbin_mock.areas.conversations.resources import ACCOUNTS, MESSAGES
from voipbin_mock.areas.conversations.writing import DONE, FAILED, OUTGOING, PROGRESSING, becomes, written
from voipbin_mock.areas.emails import sending as mails
from voipbin_mock.areas.messages import sending as texts
from voipbin_mock.areas.messages.outbox import LINE, WHATSAPP, record_sent
from voipbin_mock.areas.webchat.resources import SESSIONS
from voipbin_mock.areas.webchat.sending import said
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def create(world: World, request: Request) -> Reply:
    """POST /conversations/{id}/messages."""
    conversation = parent_of(world, request)
    crud.lint(world, request, request.values)
    return crud.shown(world, MESSAGES, send(world, conversation, request.values["text"]))


def send(world: World, conversation: Row, text: str) -> Row:
    """Write to the other side: the message as it is answered, which may have come along further by then.

    Raises ApiError: what is refused stays as `failed`, and is told of.
    """
    return _WAYS[conversation.data["type"]](world, conversation, text)


def _by_text(world: World, conversation: Row, text: str) -> Row:
    data, message_id = conversation.data, world.ids.uuid()
    message = written(
        world, conversation, OUTGOING, text, status=PROGRESSING, message_id=message_id, reference_id=message_id
    )
    try:
        texts.send(world, data["customer_id"], data["self"], [data["peer"]], text, message_id=message_id)
    except ApiError as error:
        raise _refused(world, message, _why(error)) from None
    return message


def _by_mail(world: World, conversation: Row, text: str) -> Row:
    """The answer is made up: the message itself has another id, and is told of beside."""
    data = conversation.data
    try:
        mail = mails.send(world, data["customer_id"], [data["peer"]], "", text)
    except ApiError as error:
        raise ApiError("INTERNAL", hint=_why(error)) from None
    answer = {
        **MESSAGES.initial,
        **({"tm_create": mail.created} if MAIL_HAS_MOMENT.of(world) else {}),
        "id": mail.id,
        "customer_id": data["customer_id"],
        "conversation_id": conversation.id,
        "direction": OUTGOING,
        "status": PROGRESSING,
        "reference_type": data["type"],
        "reference_id": mail.id,
        "source": data["self"],
        "destination": data["peer"],
        "text": text,
    }
    return Row(answer, conversation.account)


def _by_webchat(world: World, conversation: Row, text: str) -> Row:
    session = world.table(SESSIONS).get(conversation.data["peer"]["target"])
    if session is None:
        raise ApiError("INTERNAL", hint=f"there is no session {conversation.data['peer']['target']}")
    if session.data["status"] == "ended" and not REACHES_ENDED.of(world):
        raise ApiError("RESOURCE_NOT_FOUND", hint="the session has ended")
    message = said(world, session, text, "outbound")
    copy = world.table(MESSAGES).get(message.id) or message
    return _answered(world, copy, copy)


def _by_provider(world: World, conversation: Row, text: str) -> Row:
    """Of LINE and WhatsApp."""
    data = conversation.data
    account = world.table(ACCOUNTS).get(data["account_id"])
    if account is None:
        raise ApiError(ACCOUNTS.missing, hint=f"the conversation's account is {data['account_id']}")
    message = written(world, conversation, OUTGOING, text, status=PROGRESSING)
    user = data["peer"]["target"]
    if text or data["type"] != LINE:  # LINE is not asked to hand on nothing
        if not world.part(Chats).meet(user).accepted:
            raise _refused(world, message, f"{data['type']} refuses it")
        told = {"sender": account.id, "recipient": user, "text": text, "record": message, "resource": MESSAGES.name}
        record_sent(world, data["type"], **told)
    return _answered(world, message, becomes(world, message, DONE))


def _answered(world: World, before: Row, after: Row) -> Row:
    """A message as the answer shows it, which says that it is on its way although it has arrived (documents)."""
    status = ANSWERED_AT_ONCE.of(world)
    return after if status == DONE else Row({**before.data, "status": status}, before.account)


def _why(error: ApiError) -> str:
    return "; ".join(filter(None, [error.reason, *map(str, error.violations), error.hint]))


def _refused(world: World, message: Row, why: str) -> ApiError:
    becomes(world, message, FAILED)
    return ApiError("INTERNAL", hint=f"the message is kept as {FAILED}: {why}", stands=True)


_WAYS: Mapping[str, Callable[[World, Row, str], Row]] = {
    "message": _by_text,
    "email": _by_mail,
    LINE: _by_provider,
    WHATSAPP: _by_provider,
    "webchat": _by_webchat,
}
