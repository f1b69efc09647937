"""Messages of chats over the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit
from voipbin_mock.api.lists import page_of, page_reply
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.talk import talking
from voipbin_mock.areas.talk.chats import joined, readable, unknown_chat
from voipbin_mock.areas.talk.differences import LISTS_ALL_CHATS, MEDIA_HAS_ONE_VALUE, REFUSES_AS, UNKNOWN_MESSAGE
from voipbin_mock.areas.talk.resources import MESSAGES, PARTICIPANTS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid, uuid_or_nil
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row, in_group
from voipbin_mock.world.world import World


def refusals(profile: Profile) -> tuple[str, ...]:
    """What an operation on a message may be refused with."""
    return (*unknown_chat(profile), UNKNOWN_MESSAGE.by(profile), REFUSES_AS.by(profile))


def create_refusals(profile: Profile) -> tuple[str, ...]:
    """What a new one may be refused with."""
    return (*refusals(profile), "INVALID_ID")


def list_refusals(profile: Profile) -> tuple[str, ...]:
    """What the list may be refused with."""
    return (*unknown_chat(profile), "INVALID_ID", "MISSING_REQUEST_PARAMETER")


def list_(world: World, request: Request) -> Reply:
    """GET /talk_messages: of one chat, with those that were deleted, and replies among the others."""
    caller, size, token = page_of(world, request)
    given, table = request.parameter("chat_id"), world.table(MESSAGES)
    if not given and not LISTS_ALL_CHATS.of(world):
        raise ApiError("MISSING_REQUEST_PARAMETER", "chat_id must be given.")
    if given:
        chat_id = parse_uuid(given)
        if chat_id in (None, NIL_UUID):
            raise ApiError("INVALID_ID", "chat_id is not a UUID, or all zeros.")
        places = [in_group("chat_id", readable(world, caller, str(chat_id)).id)]
    else:
        mine = world.table(PARTICIPANTS).find("owner_id", caller.agent_id)
        places = [in_group("chat_id", place.data["chat_id"]) for place in mine]
    if not LISTS_ALL_CHATS.of(world):
        return page_reply(world, MESSAGES, table.page(places[0], token, size), places[0])
    rows = [row for place in places for row in table.listed(place) if token is None or row.created > token]
    return page_reply(world, MESSAGES, sorted(rows, key=lambda row: row.created)[:size])


def create(world: World, request: Request) -> Reply:
    """POST /talk_messages: into a chat that the caller is in, even a deleted one."""
    values = request.values
    medias = _medias(world, values["medias"])
    if values["chat_id"] == NIL_UUID:
        raise ApiError("INVALID_ID", "chat_id is not a UUID, or all zeros.")
    caller = permit(request)
    chat = joined(world, caller, values["chat_id"])
    said = {"type": values["type"], "text": values["text"], "parent_id": parse_uuid(values["parent_id"]) or ""}
    row = talking.say(world, chat, caller.agent_id or NIL_UUID, {**said, "medias": medias})
    return crud.shown(world, MESSAGES, row)


def _medias(world: World, items: Sequence[Any]) -> list[dict[str, Any]]:
    """Media as they are kept. Raises ApiError for what cannot be decoded."""
    found: list[dict[str, Any]] = []
    for item in items:
        given = {} if item is None else item
        texts = ("type", "file_id", "link_url", "agent_id")
        if not isinstance(given, dict) or not all(type(given.get(name) or "") is str for name in texts):
            raise ApiError("INVALID_JSON_BODY", "Each of the medias is an object; its ids and its URL are texts.")
        agent_id = given.get("agent_id")
        if agent_id is not None and parse_uuid(agent_id) is None:
            raise ApiError("INVALID_JSON_BODY", "agent_id of a media is not a UUID.")
        found.append(_media(world, given))
    return found


def _media(world: World, given: dict[str, Any]) -> dict[str, Any]:
    kind, file_id, url = given.get("type") or "", uuid_or_nil(given.get("file_id") or ""), given.get("link_url") or ""
    if MEDIA_HAS_ONE_VALUE.of(world):
        kept = {**given, "file_id": file_id, "agent_id": given.get("agent_id")}
        member = {"file": "file_id", "link": "link_url"}.get(kind, f"{kind}_id" if kind == "agent" else kind)
        return {"type": kind, **({member: kept[member]} if kept.get(member) else {})}
    lost = {"address": {}, "agent_id": NIL_UUID, "file_id": file_id}
    return {**({"type": kind} if kind else {}), **lost, **({"link_url": url} if url else {})}


def _message(world: World, request: Request) -> Row:
    row = world.table(MESSAGES).get(request.id)
    if row is None:
        raise ApiError(UNKNOWN_MESSAGE.of(world), hint="there is no such message")
    return row


def get(world: World, request: Request) -> Reply:
    caller = permit(request)
    row = _message(world, request)
    readable(world, caller, row.data["chat_id"])
    return crud.shown(world, MESSAGES, row)


def delete(world: World, request: Request) -> Reply:
    """DELETE /talk_messages/{id}: by who wrote it, though it may have left. Replies stay."""
    caller = permit(request)
    row = _message(world, request)
    if row.data["owner_id"] != caller.agent_id:
        raise ApiError("PERMISSION_DENIED", hint="somebody else wrote this message")
    if row.deleted:
        raise talking.refusal(world, "", "a message that was not deleted")
    return crud.delete_row(world, request, row)


def react(world: World, request: Request) -> Reply:
    """POST /talk_messages/{id}/reactions: of deleted messages too. Nothing takes one back."""
    caller = permit(request)
    row = _message(world, request)
    joined(world, caller, row.data["chat_id"])
    return crud.shown(world, MESSAGES, talking.react(world, row, caller.agent_id or NIL_UUID, request.values["emoji"]))
