"""What users of LINE and WhatsApp send, as their providers hand it on."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.areas.accounts.addresses import normalized
from voipbin_mock.areas.conversations.differences import LINE_LINKED
from voipbin_mock.areas.conversations.opening import found, made, opened
from voipbin_mock.areas.conversations.resources import CONVERSATIONS, MESSAGES
from voipbin_mock.areas.conversations.running import run
from voipbin_mock.areas.conversations.writing import INCOMING, written
from voipbin_mock.areas.messages.sending import Dropped
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

ME = "Me"


def _usable(account: Row, type: str) -> None:
    if account.deleted:
        raise Dropped("the account was deleted")
    if account.data["type"] != type:
        raise Dropped(f"the account is one of {account.data['type'] or 'no type'}, and not of {type}")


# --- LINE ----------------------------------------------------------------------------------------------


def _line(user: str, name: str) -> tuple[dict[str, str], dict[str, str]]:
    ours = {**empty_address(), "type": "line", "target_name": ME}
    return ours, {**empty_address(), "type": "line", "target": user, "target_name": name}


def followed(world: World, account: Row, user: str, name: str = "", dialog_id: str = "") -> Row:
    """A LINE user follows the account: the conversation. On the server each time another one. Raises Dropped."""
    _usable(account, "line")
    ours, theirs = _line(user, name)
    whose = world, account.account, account.data["customer_id"], "line", ours, theirs
    if LINE_LINKED.of(world):
        return opened(*whose, dialog_id=dialog_id or user, account_id=account.id)
    return made(*whose, dialog_id=dialog_id or user)


def line_message(world: World, account: Row, user: str, text: str, name: str = "", dialog_id: str = "") -> Row:
    """A LINE user writes: the message, empty if it is no text. Raises Dropped."""
    _usable(account, "line")
    if LINE_LINKED.of(world):
        conversation: Row | None = followed(world, account, user, name, dialog_id)
    else:
        conversation = found(world, account.account, "line", *_line(user, name), dialog_id or user)
    if conversation is None:
        raise Dropped(f"{user} did not follow the account before")
    message = written(world, conversation, INCOMING, text)
    if conversation.data["account_id"] == account.id:
        run(world, conversation, account.data["message_flow_id"], message)
    return message


# --- WhatsApp --------------------------------------------------------------------------------------------


def whatsapp_message(
    world: World, account: Row, user: str, text: str, *, to: str = "", name: str = "", transaction_id: str = ""
) -> Row:
    """A WhatsApp user writes: the message. to: the number that is shown for the account.

    Raises Dropped, also for a message that is known already.
    """
    _usable(account, "whatsapp")
    if transaction_id and world.table(MESSAGES).find("transaction_id", transaction_id):
        raise Dropped(f"the message {transaction_id} is known already")
    shown = to or (account.data["provider_data"] or {}).get("phone_number_id", "")
    ours = {**empty_address(), **normalized({"type": "whatsapp", "target": shown}), "target_name": ME}
    theirs = {**empty_address(), "type": "whatsapp", "target": user, "target_name": name}
    conversation = found(world, account.account, "whatsapp", ours, theirs, user, account.id)
    if conversation is None:
        conversation = made(
            world, account.account, account.data["customer_id"], "whatsapp", ours, theirs, dialog_id=user
        )
    if conversation.data["account_id"] == NIL_UUID:
        conversation = crud.change(world, CONVERSATIONS, conversation, {"account_id": account.id})
    message = written(world, conversation, INCOMING, text, transaction_id=transaction_id)
    run(world, conversation, account.data["message_flow_id"], message)
    return message
