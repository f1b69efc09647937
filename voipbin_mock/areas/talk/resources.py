"""The records of talk, and what their events are published under."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.world.ids import Ids
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

AGENT = "agent"


def topics(world: World, type: str, row: Row) -> tuple[str, ...]:
    """Of the chat, for the customer and for everybody in it; of the event itself as well."""
    resource, data = type.partition("_")[0], row.data
    customer, owner, chat_id = f"customer_id:{row.account}", data.get("owner_id", ""), data.get("chat_id", row.id)
    event = f"{resource}:{type}:{row.id}"
    members = [each.data["owner_id"] for each in world.table(PARTICIPANTS).find("chat_id", chat_id)]
    found = [f"{customer}:chat:{chat_id}", *([f"agent_id:{owner}:chat:{chat_id}"] if owner else [])]
    for member in dict.fromkeys(members):
        if member != owner:
            found += [f"agent_id:{member}:chat:{chat_id}", f"agent_id:{member}:{event}"]
    return (*found, f"{customer}:{event}", *([f"agent_id:{owner}:{event}"] if owner else []))


def _without_reactions(given: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    return {} if ids is None or given.get("metadata") is not None else {"metadata": {"reactions": []}}


CHATS = Resource("talk_chats", singular="chat", events=True, topics=topics, never_is_null=True, updated_on_create=True)
# They have no moments but the one they joined at, and are gone when they leave.
PARTICIPANTS = Resource(
    "talk_participants",
    singular="participant",
    told_as="chatparticipant",
    lookups=("chat_id", "owner_id", ("chat_id", "owner_id")),
    events=True,
    topics=topics,
    never_is_null=True,
)
MESSAGES = Resource(
    "talk_messages",
    singular="talk_message",
    told_as="chatmessage",
    groups=("chat_id",),
    lists_deleted=True,
    events=True,
    topics=topics,
    never_is_null=True,
    updated_on_create=True,
    completes=_without_reactions,
)
