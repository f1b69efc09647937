"""What providers of texts call: payloads as they record them. Whatever becomes of them, they are answered alike."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.operations import Request, action
from voipbin_mock.areas.messages import sending
from voipbin_mock.wire.payloads import dig, empty_reply, objects, text_at
from voipbin_mock.wire.values import Reply, parse_json
from voipbin_mock.world.world import World

PROVIDER = "telnyx"  # posts of others are dropped (server)
IGNORED = ("message.sent", "message.finalized")  # receipts


def receive(world: World, request: Request) -> Reply:
    """POST /v1.0/messages/{target} of the provider's host: always 200, with an empty body. Why it was dropped is in
    the journal.
    """
    return empty_reply(_dropped(world, request))


def _dropped(world: World, request: Request) -> str:
    """Takes a text in; or else says why not."""
    if not request.path_ids[0].endswith(PROVIDER):
        return f"the path does not end in {PROVIDER}"
    try:
        payload = parse_json(request.body, ignore_trailing=True)
    except ValueError as error:
        return str(error)
    kind = text_at(payload, "data", "event_type")
    if kind in IGNORED:
        return f"nothing is done with {kind}"
    message: Any = dig(payload, "data", "payload")
    to = [text_at(each, "phone_number") for each in objects(message, "to")]
    parts = dig(message, "parts")
    many = parts if type(parts) is int and parts > 0 else 0
    try:
        sending.receive(world, text_at(message, "from", "phone_number"), to, text_at(message, "text"), parts=many)
    except sending.Dropped as error:
        return str(error)
    return ""


RECEIVE = action("POST /messages/{target}", "message_hooks.receive", receive, public=True, hook=True, words=("target",))
