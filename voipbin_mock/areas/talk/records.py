"""Chats, who is in them, and messages as Python objects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class TalkChat(Stored):
    customer_id: str
    type: str
    name: str
    detail: str
    member_count: int


class TalkParticipant(Stored):
    customer_id: str
    owner_type: str
    owner_id: str
    chat_id: str
    tm_joined: datetime | None


class TalkMessage(Stored):
    customer_id: str
    owner_type: str
    owner_id: str
    chat_id: str
    parent_id: str
    type: str
    text: str
    medias: list[Any]
    metadata: dict[str, Any] | None


TYPES: dict[str, type[Stored]] = {
    "talk_chats": TalkChat,
    "talk_participants": TalkParticipant,
    "talk_messages": TalkMessage,
}
