"""The records of conversations, of what is written in them, and of the accounts that lead to LINE and WhatsApp."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.differences import STAMPS_RFC3339, UPDATED_ON_CREATE
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.resource import Resource

# How it is written -> what its conversations are called.
CHANNELS = {"message": "SMS", "line": "LINE", "whatsapp": "WhatsApp", "email": "email", "webchat": "Webchat"}
BY_DIALOG = frozenset({"line", "whatsapp"})  # whose users have ids of the channel's own
Address = Mapping[str, str]


def pair_of(type: str, self_: Address, peer: Address) -> str:
    """Its type and both ends in one text, to find a conversation by."""
    ends = [f"{end.get('type', '')}:{end.get('target', '')}" for end in (self_, peer)]
    return "\n".join([type, *ends])


def paired(given: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    """What a conversation is found by, if a seed or a test puts it in place; and who owns it."""
    found: dict[str, Any] = {}
    if {"self", "peer"} <= given.keys():
        found["pair"] = pair_of(given.get("type") or "message", given["self"] or {}, given["peer"] or {})
    if given.get("owner_id", NIL_UUID) != NIL_UUID and not given.get("owner_type"):
        found["owner_type"] = "agent"
    return found


CONVERSATIONS = Resource(
    "conversations",
    lookups=("pair", "dialog_id"),
    groups=("owner_id",),
    events=True,
    history="tm_delete",
    updated_on_create=UPDATED_ON_CREATE,
    completes=paired,
)
MESSAGES = Resource(
    "conversation_messages",
    word="messages",
    parent="conversations",
    lookups=("transaction_id",),
    events=True,
    history="tm_delete",
    updated_on_create=UPDATED_ON_CREATE,
)
ACCOUNTS = Resource(
    "conversation_accounts",
    told_as="account",
    events=True,
    rfc3339=STAMPS_RFC3339,
    updated_on_create=UPDATED_ON_CREATE,
)
