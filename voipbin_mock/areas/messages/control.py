"""Texts, and the outbox, over the control API."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api import crud
from voipbin_mock.api.control import count_of, object_of
from voipbin_mock.api.operations import Handler, Request
from voipbin_mock.api.scripting_control import script_controls
from voipbin_mock.areas.messages import sending
from voipbin_mock.areas.messages.asserting import address_of, lines_of, shown
from voipbin_mock.areas.messages.outbox import KINDS, Lines
from voipbin_mock.areas.messages.outcomes import MAGIC, Texts
from voipbin_mock.areas.messages.resources import MESSAGES
from voipbin_mock.wire.errors import ApiError, shorten
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.world import World

MOST = 1000  # lines that are told of at once


def outbox(world: World, request: Request) -> Reply:
    """What was sent, oldest first, the newest 1,000 at most. Narrowed by `to`, `kind`, `after` (a number), and by
    `arrived` (true): what the recipient can read by now.
    """
    to, kind, after = request.parameter("to"), request.parameter("kind"), count_of(request, "after") or 0
    arrived = request.parameter("arrived") or "false"
    if kind is not None and kind not in KINDS:
        raise ApiError("INVALID_REQUEST_PARAMETER", f"kind: {shorten(kind)!r}; expected one of {', '.join(KINDS)}.")
    if arrived not in ("true", "false"):
        raise ApiError("INVALID_REQUEST_PARAMETER", f"arrived: {shorten(arrived)!r}; expected true or false.")
    now = world.clock.microseconds()
    found = [
        line
        for line in lines_of(world)
        if line.number > after
        and kind in (None, line.kind)
        and (to is None or line.recipient == address_of(to))
        and (arrived == "false" or (line.arrives is not None and line.arrives <= now))
    ]
    return json_reply({"sent": shown(world, found[-MOST:]), "total": len(found)})


def clear(world: World, request: Request) -> Reply:
    """Forget what was sent so far."""
    world.part(Lines).clear()
    return json_reply({"sent": [], "total": 0})


def inbound(world: World, request: Request) -> Reply:
    """{"from": "+15550100001", "to": "+15559876543", "text": "hello", "parts": 1}: a text comes in. The message."""
    body = object_of(request)
    unknown, parts = sorted(body.keys() - {"from", "to", "text", "parts"}), body.get("parts", 0)
    texts = [body.get(name) for name in ("from", "to", "text")]
    if unknown or not all(isinstance(each, str) for each in texts) or type(parts) is not int or parts < 0:
        wanted = 'Send {"from": "+15550100001", "to": "<a number of the account>", "text": "hello"}, and "parts" if you'
        raise ApiError("INVALID_ARGUMENT", f"{wanted} like.")
    source, to, text = (str(each) for each in texts)
    try:
        row = sending.receive(world, source, [to], text, parts=parts)
    except sending.Dropped as error:
        raise ApiError("INVALID_ARGUMENT", f"The text is dropped: {error}.") from None
    return crud.shown(world, MESSAGES, row)


CONTROLS: Mapping[str, Handler] = {
    "GET /__mock__/outbox": outbox,
    "DELETE /__mock__/outbox": clear,
    "POST /__mock__/inbound/sms": inbound,
    **script_controls(
        "texts",
        Texts,
        {"numbers": "+1 NXX 555 01xx", "last_two": {digits: meaning for digits, (meaning, _) in MAGIC.items()}},
    ),
}
