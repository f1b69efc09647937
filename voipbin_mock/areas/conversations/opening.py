"""Which conversation something belongs to: it is found by its two ends, or made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.conversations.differences import EMPTY_ENDS_MEET, ONE_CUSTOMERS, UNNAMED_LINE_USER
from voipbin_mock.areas.conversations.resources import BY_DIALOG, CHANNELS, CONVERSATIONS, Address, pair_of
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

TITLE = " \u00b7 "
_NAMED_WITH_TARGET = frozenset({"tel", "email", "sip", "extension", "whatsapp"})


def opened(
    world: World,
    account: str,
    customer_id: str,
    type: str,
    self_: Address,
    peer: Address,
    *,
    dialog_id: str = "",
    account_id: str = NIL_UUID,
) -> Row:
    """The conversation between two addresses, made (`conversation_created`) if there is none."""
    known = found(world, account, type, self_, peer, dialog_id, account_id)
    if known is not None:
        return known
    return made(world, account, customer_id, type, self_, peer, dialog_id=dialog_id, account_id=account_id)


def made(
    world: World,
    account: str,
    customer_id: str,
    type: str,
    self_: Address,
    peer: Address,
    *,
    dialog_id: str = "",
    account_id: str = NIL_UUID,
) -> Row:
    """A new conversation, told of as `conversation_created`."""
    values: dict[str, Any] = {
        "customer_id": customer_id,
        "account_id": account_id,
        "name": f"{CHANNELS[type]}{TITLE}{_title(world, type, peer)}",
        "detail": f"{CHANNELS[type]} conversation",
        "type": type,
        "dialog_id": dialog_id,
        "self": {**empty_address(), **self_},
        "peer": {**empty_address(), **peer},
        "pair": pair_of(type, self_, peer),
    }
    return crud.made(world, CONVERSATIONS, account, values)


def found(
    world: World,
    account: str,
    type: str,
    self_: Address,
    peer: Address,
    dialog_id: str = "",
    account_id: str = NIL_UUID,
) -> Row | None:
    """The same, if it is there: the oldest."""
    table = world.table(CONVERSATIONS)
    if dialog_id and type in BY_DIALOG:
        rows: Iterable[Row] = (row for row in table.find("dialog_id", dialog_id) if row.data["type"] == type)
    elif all(end.get("type") and end.get("target") for end in (self_, peer)) or EMPTY_ENDS_MEET.of(world):
        rows = table.find("pair", pair_of(type, self_, peer))
    else:
        return None
    if ONE_CUSTOMERS.of(world):
        ours = (NIL_UUID, account_id)
        rows = (row for row in rows if row.account == account and (not dialog_id or row.data["account_id"] in ours))
    return next(iter(rows), None)


def _title(world: World, type: str, peer: Address) -> str:
    """Who is on the other side, for people."""
    name, target = peer.get("target_name", ""), peer.get("target", "")
    if name:
        return f"{name} ({target})" if peer.get("type") in _NAMED_WITH_TARGET and target else name
    if type == "line":
        return UNNAMED_LINE_USER.of(world) or target
    return target or "Unknown"
