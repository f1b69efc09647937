"""Users of LINE and WhatsApp over the control API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from voipbin_mock.api.control import object_of
from voipbin_mock.api.operations import Handler, Request
from voipbin_mock.areas.conversations import inbound
from voipbin_mock.areas.conversations.outcomes import Chats
from voipbin_mock.areas.conversations.resources import ACCOUNTS, CONVERSATIONS, MESSAGES
from voipbin_mock.areas.messages.sending import Dropped
from voipbin_mock.wire.errors import ApiError, shorten
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

Comes = Callable[[World, Row, Mapping[str, Any]], tuple[Resource, Row]]


def comes_in(example: str, members: Mapping[str, type], comes: Comes) -> Handler:
    """A handler: something comes in by an account. Answers with the record, or with why it was dropped."""

    def handler(world: World, request: Request) -> Reply:
        body = object_of(request)
        given = {"account": str, "user": str, **members}
        wrong = [name for name, value in body.items() if not isinstance(value, given.get(name, ()))]
        if wrong or not body.get("account") or not body.get("user"):
            said = f"{wrong[0]}: {shorten(body[wrong[0]])!r}. " if wrong else ""
            raise ApiError("INVALID_ARGUMENT", f"{said}Send {example}.")
        account = world.table(ACCOUNTS).get(body["account"])
        if account is None:
            raise ApiError(ACCOUNTS.missing, f"There is no conversation account {shorten(body['account'])!r}.")
        try:
            resource, row = comes(world, account, body)
        except Dropped as error:
            return json_reply({"dropped": str(error)})
        return json_reply({resource.noun: json.loads(world.text(resource, row))})

    return handler


def _line(world: World, account: Row, body: Mapping[str, Any]) -> tuple[Resource, Row]:
    name = body.get("name", "")
    if body.get("follow"):
        row = inbound.followed(world, account, body["user"], name)
        if "text" not in body:
            return CONVERSATIONS, row
    return MESSAGES, inbound.line_message(world, account, body["user"], body.get("text", ""), name)


def _whatsapp(world: World, account: Row, body: Mapping[str, Any]) -> tuple[Resource, Row]:
    said = {member: body[name] for name, member in _OF_WHATSAPP.items() if name in body}
    return MESSAGES, inbound.whatsapp_message(world, account, body["user"], body.get("text", ""), **said)


_OF_WHATSAPP = {"name": "name", "to": "to", "id": "transaction_id"}


def chats(world: World, request: Request) -> Reply:
    """The scripts given."""
    return json_reply({"chats": world.part(Chats).rules()})


def script_chats(world: World, request: Request) -> Reply:
    """{"<user id, pattern, default or setup>": ["refused", "accepted"]}; others stay."""
    try:
        world.part(Chats).read(request.raw)
    except ValueError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return chats(world, request)


def forget_chats(world: World, request: Request) -> Reply:
    world.part(Chats).forget()
    return chats(world, request)


CONTROLS: Mapping[str, Handler] = {
    "POST /__mock__/inbound/line": comes_in(
        '{"account": "<its id>", "user": "Uann", "text": "hello", "name": "Ann"}, or "follow": true without a text',
        {"text": str, "name": str, "follow": bool},
        _line,
    ),
    "POST /__mock__/inbound/whatsapp": comes_in(
        '{"account": "<its id>", "user": "15550100001", "text": "hello", "name": "Ann"}',
        {"text": str, "name": str, "to": str, "id": str},
        _whatsapp,
    ),
    "GET /__mock__/chats": chats,
    "PUT /__mock__/chats": script_chats,
    "DELETE /__mock__/chats": forget_chats,
}
