"""What is done in chats, whoever asks for it: joining, leaving, saying, reacting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.talk.differences import JOINS_ONCE, REFUSES_AS
from voipbin_mock.areas.talk.resources import AGENT, CHATS, MESSAGES, PARTICIPANTS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

LONGEST_NAME = 255  # characters
LONGEST_TEXT = 65_535  # bytes


def refusal(world: World, pointer: str, expected: str, value: object = None) -> ApiError:
    """What talk does not take: 400, or 500 of the server."""
    violation = Violation(pointer, f"is not acceptable: expected {expected}", expected, value)
    if REFUSES_AS.of(world) == "INTERNAL":
        return ApiError("INTERNAL", hint=str(violation))
    return ApiError("INVALID_ARGUMENT", violations=[violation])


def check_length(world: World, values: Mapping[str, Any]) -> None:
    """Whether texts fit the service's columns. Raises ApiError."""
    for name, value in values.items():
        if name == "name" and len(value) > LONGEST_NAME:
            raise refusal(world, "/name", f"at most {LONGEST_NAME} characters", value)
        if name in ("detail", "text") and len(value.encode("utf-8", "surrogatepass")) > LONGEST_TEXT:
            raise refusal(world, f"/{name}", f"at most {LONGEST_TEXT} bytes", value)


def new(world: World, resource: Resource, account: str, values: Mapping[str, Any]) -> Row:
    """A new record, which nobody is told of yet."""
    table = world.table(resource)
    created = world.stamp_for(table, account)
    stamps = {name: created for name in ("tm_create", "tm_update", "tm_joined") if name in resource.members}
    return table.insert({**resource.initial, "id": world.ids.uuid(), **values, **stamps}, account)


# --- who is in a chat ------------------------------------------------------------------------------


def member(world: World, chat_id: str, owner_id: str) -> Row | None:
    """Who this is in the chat, if anybody."""
    found = world.table(PARTICIPANTS).find(("chat_id", "owner_id"), (chat_id, owner_id))
    return found[0] if found else None


def members(world: World, chat_id: str) -> list[Row]:
    """Everybody in it, who joined last first."""
    return world.table(PARTICIPANTS).find("chat_id", chat_id)[::-1]


def count(world: World, chat_id: str, change: int) -> None:
    """So many more are in it. Nobody is told of the chat itself."""
    table = world.table(CHATS)
    chat = table.get(chat_id)
    if chat is not None:
        several = max(chat.data["member_count"] + change, 0)
        table.replace({**chat.data, "member_count": several, **world.touch(CHATS)})


def join(world: World, chat: Row, owner_type: str, owner_id: str) -> Row:
    """Somebody is in the chat from now on. Raises ApiError for a chat that was deleted."""
    if chat.deleted:
        raise refusal(world, "", "a chat that was not deleted")
    known = member(world, chat.id, owner_id)
    if known is not None and JOINS_ONCE.of(world):
        return known
    if known is not None:
        world.table(PARTICIPANTS).remove(known.id)
    values = {"customer_id": chat.data["customer_id"], "owner_type": owner_type, "owner_id": owner_id}
    row = new(world, PARTICIPANTS, chat.account, {**values, "chat_id": chat.id})
    count(world, chat.id, 1)
    crud.published(world, PARTICIPANTS, row, "added")
    return row


def leave(world: World, row: Row) -> None:
    """A participant is in the chat no more."""
    world.table(PARTICIPANTS).remove(row.id)
    count(world, row.data["chat_id"], -1)
    crud.published(world, PARTICIPANTS, row, "removed")


def opened(world: World, account: str, values: Mapping[str, Any], several: Iterable[tuple[str, str]]) -> Row:
    """A new chat with these in it, as types and ids of owners."""
    chat = new(world, CHATS, account, values)
    for owner_type, owner_id in several:
        join(world, chat, owner_type, owner_id)
    joined = world.table(CHATS).get(chat.id) or chat
    chat = world.table(CHATS).replace({**joined.data, "tm_update": chat.data["tm_update"]})
    crud.published(world, CHATS, chat, "created")
    return chat


# --- what is said ----------------------------------------------------------------------------------


def say(world: World, chat: Row, agent_id: str, values: Mapping[str, Any]) -> Row:
    """A message of an agent. Raises ApiError."""
    if values["type"] not in ("normal", "system"):
        raise refusal(world, "/type", "normal or system", values["type"])
    parent_id = values.get("parent_id") or ""
    parent = world.table(MESSAGES).get(parent_id) if parent_id else None
    if parent_id and (parent is None or parent.data["chat_id"] != chat.id):
        raise refusal(world, "/parent_id", "a message of the same chat", parent_id)
    check_length(world, {"text": values["text"]})
    owner = {"customer_id": chat.data["customer_id"], "owner_type": AGENT, "owner_id": agent_id, "chat_id": chat.id}
    row = new(world, MESSAGES, chat.account, {**owner, "metadata": {"reactions": []}, **values})
    crud.published(world, MESSAGES, row, "created")
    return row


def react(world: World, row: Row, agent_id: str, emoji: str) -> Row:
    """An agent's reaction to a message; the same again changes nothing, and is told again. Raises ApiError."""
    if not emoji:
        raise refusal(world, "/emoji", "a text that is not empty", emoji)
    known = row.data["metadata"]["reactions"]
    if not any(each["emoji"] == emoji and each["owner_id"] == agent_id for each in known):
        touched = world.touch(MESSAGES)
        moment = world.profile.show_stamps(MESSAGES)(touched["tm_update"])
        reaction = {"emoji": emoji, "owner_type": AGENT, "owner_id": agent_id, "tm_create": moment}
        row = world.table(MESSAGES).replace({**row.data, **touched, "metadata": {"reactions": [*known, reaction]}})
    crud.published(world, MESSAGES, row, "reaction_updated")
    return row
