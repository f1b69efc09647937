"""What LINE and Meta call: payloads as they record them. Whatever becomes of them, they are answered alike."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from typing import Any

from voipbin_mock.api.operations import Operation, Request, action
from voipbin_mock.areas.conversations import inbound
from voipbin_mock.areas.conversations.differences import CHALLENGE_COMES_BACK
from voipbin_mock.areas.conversations.resources import ACCOUNTS
from voipbin_mock.areas.messages.sending import Dropped
from voipbin_mock.wire.payloads import dig, empty_reply, objects, text_at
from voipbin_mock.wire.values import TEXT_TYPE, Reply, parse_json, parse_uuid
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

SIGNATURE = "x-hub-signature-256"
_PATH = "/conversation/accounts/{account_id}"


def receive(world: World, request: Request) -> Reply:
    """A provider hands something on: always 200 with an empty body. Why it was dropped is in the journal."""
    account = _account(world, request)
    return empty_reply("there is no such account" if account is None else "; ".join(_taken(world, account, request)))


def _account(world: World, request: Request) -> Row | None:
    return world.table(ACCOUNTS).get(parse_uuid(request.path_ids[0]) or "")


def _taken(world: World, account: Row, request: Request) -> Iterator[str]:
    """Takes what there is; of what is dropped, why."""
    ways = {"line": _line_events, "whatsapp": _whatsapp_messages}
    way = ways.get(account.data["type"])
    if way is None:
        yield f"nothing comes in by an account of {account.data['type']}"
        return
    if way is _whatsapp_messages and (why := _unsigned(account, request)):
        yield why
        return
    try:
        payload = parse_json(request.body, ignore_trailing=True)
    except ValueError as error:
        yield str(error)
        return
    yield from way(world, account, payload)


def _line_events(world: World, account: Row, payload: Any) -> Iterator[str]:
    if not isinstance(dig(payload, "events"), list):
        yield 'it has no array "events"'
    for event in objects(payload, "events"):
        kind, user = text_at(event, "type"), text_at(event, "source", "userId")
        dialog_id = text_at(event, "source", f"{text_at(event, 'source', 'type')}Id") or user
        if not dialog_id:
            yield "the event has no source"
            continue
        try:
            if kind == "follow":
                inbound.followed(world, account, user, dialog_id=dialog_id)
            elif kind == "message":
                text = text_at(event, "message", "text") if text_at(event, "message", "type") == "text" else ""
                inbound.line_message(world, account, user, text, dialog_id=dialog_id)
            else:
                yield f"nothing is done with {kind!r}"
        except Dropped as error:
            yield str(error)


def _whatsapp_messages(world: World, account: Row, payload: Any) -> Iterator[str]:
    if not isinstance(dig(payload, "entry"), list):
        yield 'it has no array "entry"'
    for value in objects(payload, "entry", "changes", "value"):
        names = {
            text_at(contact, "wa_id"): text_at(contact, "profile", "name") for contact in objects(value, "contacts")
        }
        for message in objects(value, "messages"):
            user = text_at(message, "from")
            if not user:
                yield "the message has no sender"
                continue
            if text_at(message, "type") != "text":
                yield f"a message of type {text_at(message, 'type')!r} is passed over"
                continue
            try:
                inbound.whatsapp_message(
                    world,
                    account,
                    user,
                    text_at(message, "text", "body"),
                    to=text_at(value, "metadata", "display_phone_number"),
                    name=names.get(user, ""),
                    transaction_id=text_at(message, "id"),
                )
            except Dropped as error:
                yield str(error)


def signature(app_secret: str, body: bytes) -> str:
    """What Meta signs a body with."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def _unsigned(account: Row, request: Request) -> str:
    """Why a payload is not believed to be Meta's; empty if it is."""
    secret = (account.data["provider_data"] or {}).get("app_secret", "")
    if hmac.compare_digest(signature(secret, request.body).encode(), request.headers.get(SIGNATURE, "").encode()):
        return ""
    return "X-Hub-Signature-256 is not the body's signature by the account's app_secret"


def verify(world: World, request: Request) -> Reply:
    """Meta asks whether the webhook is the customer's: the challenge comes back, or 500."""
    account, asked = _account(world, request), request.parameter
    secret = "" if account is None else account.data["secret"]
    challenge = asked("hub.challenge") or ""
    mine = account is not None and account.data["type"] == "whatsapp" and secret
    if not mine or asked("hub.mode") != "subscribe" or asked("hub.verify_token") != secret:
        return Reply(500, b"", None, note="hub.verify_token is not the secret of a WhatsApp account of this id")
    if not CHALLENGE_COMES_BACK.of(world) and challenge:
        # It crosses the service as JSON, and is read as a text there.
        read = _json(challenge)
        if not isinstance(read, str):
            return Reply(500, b"", None, note="the challenge is no JSON text")
        challenge = read
    return Reply(200, challenge.encode("utf-8", "replace"), TEXT_TYPE)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _hook(method: str) -> Operation:
    handler, name = (verify, "verify") if method == "GET" else (receive, f"receive_{method.lower()}")
    return action(
        f"{method} {_PATH}", f"conversation_hooks.{name}", handler, public=True, hook=True, words=("account",)
    )


OPERATIONS = tuple(map(_hook, ("GET", "POST", "PUT", "PATCH", "DELETE")))
