"""Conversations, their messages and accounts as Python objects."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.records import Address, Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Conversation(Stored):
    customer_id: str
    owner_type: str
    owner_id: str
    account_id: str
    name: str
    detail: str
    type: str
    dialog_id: str
    self: Address
    peer: Address


class ConversationMessage(Stored):
    customer_id: str
    conversation_id: str
    direction: str
    status: str
    reference_type: str
    reference_id: str
    source: Address
    destination: Address
    text: str
    medias: list[dict[str, Any]]


class ConversationAccount(Stored):
    customer_id: str
    type: str
    name: str
    detail: str
    provider_data: dict[str, str] | None
    message_flow_id: str


TYPES: dict[str, type[Stored]] = {
    "conversations": Conversation,
    "conversation_messages": ConversationMessage,
    "conversation_accounts": ConversationAccount,
}
