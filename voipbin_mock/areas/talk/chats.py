"""Chats, and who is in them, over the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit, referred
from voipbin_mock.api.lists import narrowed, page_of, page_reply
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.areas.talk import talking
from voipbin_mock.areas.talk.differences import (
    AGENTS_ALONE,
    ANSWERS_DELETED,
    CHAT_IS_KEPT,
    READ_BY_MEMBERS,
    REMOVES_HERE,
    UNKNOWN_CHAT,
)
from voipbin_mock.areas.talk.resources import AGENT, CHATS, PARTICIPANTS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Caller, Reply, parse_uuid, text_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

DIRECT, GROUP, CHANNEL = "direct", "group", "talk"
TYPES = (DIRECT, GROUP, CHANNEL)

# --- who may ---------------------------------------------------------------------------------------


def _chat(world: World, caller: Caller, chat_id: str) -> Row:
    """The chat, if it is of the caller's customer. Raises ApiError."""
    row = world.table(CHATS).get(chat_id)
    if row is None or row.account != caller.account:
        why = "there is no such chat" if row is None else "it is another customer's"
        raise ApiError(UNKNOWN_CHAT.of(world), hint=why)
    return row


def joined(world: World, caller: Caller, chat_id: str) -> Row:
    """The chat, if the caller is in it. Raises ApiError."""
    row = _chat(world, caller, chat_id)
    if talking.member(world, row.id, caller.agent_id or "") is None:
        raise ApiError("PERMISSION_DENIED", hint=f"the caller has not joined this chat (type {row.data['type']})")
    return row


def readable(world: World, caller: Caller, chat_id: str) -> Row:
    """The chat, if the caller may read in it. Raises ApiError."""
    row = _chat(world, caller, chat_id)
    return row if row.data["type"] == CHANNEL and not READ_BY_MEMBERS.of(world) else joined(world, caller, chat_id)


def unknown_chat(profile: Profile) -> tuple[str, ...]:
    """What an operation on a chat may be refused with."""
    return (UNKNOWN_CHAT.by(profile), "PERMISSION_DENIED")


def changes(profile: Profile) -> tuple[str, ...]:
    """The same of one that changes something."""
    more = ("AGENT_NOT_FOUND", "RESOURCE_NOT_FOUND", "INVALID_ARGUMENT") if AGENTS_ALONE.by(profile) else ("INTERNAL",)
    return (*unknown_chat(profile), "INVALID_ID", *more)


def removals(profile: Profile) -> tuple[str, ...]:
    """What removing a participant may be refused with."""
    return (*unknown_chat(profile), *(("PARTICIPANT_NOT_FOUND",) if REMOVES_HERE.by(profile) else ()))


# --- chats -----------------------------------------------------------------------------------------


def mine(world: World, request: Request) -> Reply:
    """GET /talk_chats: those that the caller is in."""
    caller, size, before = page_of(world, request)
    chats = world.table(CHATS)
    places = world.table(PARTICIPANTS).find("owner_id", caller.agent_id)
    found = [chat for place in places if (chat := chats.get(place.data["chat_id"])) and not chat.deleted]
    found = [chat for chat in found if before is None or chat.created < before]
    return page_reply(world, CHATS, sorted(found, key=lambda row: row.created, reverse=True)[:size])


def channels(world: World, request: Request) -> Reply:
    """GET /talk_channels: all there are for whoever likes to join."""
    return narrowed(world, request, lambda row: row.data["type"] == CHANNEL)


def create(world: World, request: Request) -> Reply:
    """POST /talk_chats: the caller is in it, whether listed or not."""
    values = request.values
    several = _owners(values["participants"])
    caller = permit(request)
    if values["type"] not in TYPES:
        raise talking.refusal(world, "/type", f"one of {', '.join(TYPES)}", values["type"])
    me = (AGENT, caller.agent_id or NIL_UUID)
    others = [one for one in several if one != me]
    if values["type"] == DIRECT and len(others) != 1:
        raise talking.refusal(world, "/participants", "exactly one who is not the caller", others)
    for owner_type, owner_id in others:
        _check_owner(world, request, owner_type, owner_id)
    talking.check_length(world, {"name": values["name"], "detail": values["detail"]})
    if values["type"] == DIRECT and CHAT_IS_KEPT.of(world):
        for chat in world.table(CHATS).listed(caller.account):
            if chat.data["type"] == DIRECT and _between(world, chat) == {me[1], others[0][1]}:
                return crud.shown(world, CHATS, chat)
    of_chat = {**{name: values[name] for name in ("type", "name", "detail")}, "customer_id": caller.customer_id}
    everybody = several if me in several else [me, *several]
    return crud.shown(world, CHATS, talking.opened(world, caller.account, of_chat, everybody))


def _between(world: World, chat: Row) -> set[str]:
    return {each.data["owner_id"] for each in talking.members(world, chat.id)}


def _owners(items: Sequence[Any]) -> list[tuple[str, str]]:
    """Types and ids; who has no type is left out, after a look at the id. Raises ApiError."""
    found = []
    for item in items:
        given = item or {}
        if not isinstance(given, dict) or not all(type(given.get(n, "")) is str for n in ("owner_type", "owner_id")):
            raise ApiError("INVALID_JSON_BODY", "A participant has an owner_type and an owner_id, which are texts.")
        found.append((given.get("owner_type", ""), _owner_id(given.get("owner_id", ""))))
    return [one for one in found if one[0]]


def _owner_id(text: str) -> str:
    owner_id = parse_uuid(text)
    if owner_id in (None, NIL_UUID):
        raise ApiError("INVALID_ID", "An owner_id is not a UUID, or all zeros.")
    return str(owner_id)


def _check_owner(world: World, request: Request, owner_type: str, owner_id: str) -> None:
    """Whether somebody can be in a chat. Raises ApiError."""
    if AGENTS_ALONE.of(world):
        if owner_type != AGENT:
            raise talking.refusal(world, "/owner_type", AGENT, owner_type)
        referred(world, request, AGENTS, owner_id, "owner_id")


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, CHATS, readable(world, permit(request), request.id))


def update(world: World, request: Request) -> Reply:
    """PUT /talk_chats/{id}: only what is given changes, of deleted chats too."""
    row = joined(world, permit(request), request.id)
    raw = request.raw or {}
    given = {name.casefold() for name, value in raw.items() if value is not None}
    values = {name: request.values[name] for name in ("name", "detail") if name in given}
    if not values:
        raise talking.refusal(world, "", "a name, a detail, or both")
    talking.check_length(world, values)
    return crud.shown(world, CHATS, crud.change(world, CHATS, row, values))


def delete(world: World, request: Request) -> Reply:
    """DELETE /talk_chats/{id}: by anybody in it. Who is in it stays, and so do messages."""
    before = joined(world, permit(request), request.id)
    row = world.table(CHATS).replace({**before.data, **world.deletion(CHATS)})
    told = row if ANSWERS_DELETED.of(world) else before
    crud.published(world, CHATS, told, "deleted")
    return crud.shown(world, CHATS, told)


# --- who is in them --------------------------------------------------------------------------------


def join(world: World, request: Request) -> Reply:
    """POST /talk_chats/{id}/join: into a channel, by oneself."""
    caller, row = permit(request), world.table(CHATS).get(request.id)
    server = UNKNOWN_CHAT.of(world) == "PERMISSION_DENIED"
    if server and row is None:
        raise ApiError("INTERNAL", hint="there is no such chat")
    if not server:
        row = _chat(world, caller, request.id)
    assert row is not None, "one that is missing was refused"
    if row.data["type"] != CHANNEL:
        raise ApiError("INVALID_ARGUMENT", "Only a chat of type talk can be joined.")
    row = _chat(world, caller, request.id)
    return crud.shown(world, PARTICIPANTS, talking.join(world, row, AGENT, caller.agent_id or NIL_UUID))


def participants(world: World, request: Request) -> Reply:
    """GET /talk_chats/{id}/participants: an array, who joined last first."""
    rows = talking.members(world, readable(world, permit(request), request.id).id)
    return text_reply(f"[{','.join([world.text(PARTICIPANTS, row) for row in rows])}]")


def add(world: World, request: Request) -> Reply:
    """POST /talk_chats/{id}/participants: anybody, by who is in it; oneself into a channel."""
    owner_type, owner_id = request.values["owner_type"], _owner_id(request.values["owner_id"])
    caller = permit(request)
    row = _chat(world, caller, request.id)
    own = row.data["type"] == CHANNEL and (owner_type, owner_id) == (AGENT, caller.agent_id)
    if not own:
        joined(world, caller, row.id)
    if not owner_type:
        raise talking.refusal(world, "/owner_type", AGENT, owner_type)
    _check_owner(world, request, owner_type, owner_id)
    return crud.shown(world, PARTICIPANTS, talking.join(world, row, owner_type, owner_id))


def remove(world: World, request: Request) -> Reply:
    """DELETE /talk_chats/{id}/participants/{participant_id}: anybody, by who is in it; oneself is to leave."""
    chat = joined(world, permit(request), request.path_ids[0])
    row = world.table(PARTICIPANTS).get(request.id)
    if REMOVES_HERE.of(world) and (row is None or row.data["chat_id"] != chat.id):
        raise ApiError("PARTICIPANT_NOT_FOUND")
    if row is not None:
        talking.leave(world, row)
    if row is None or not REMOVES_HERE.of(world):
        return text_reply("null")
    return crud.shown(world, PARTICIPANTS, row)
