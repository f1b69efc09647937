"""Webhooks and events over the control API."""

from __future__ import annotations

from voipbin_mock.api.control import count_of, flag_of, object_of
from voipbin_mock.api.operations import Request
from voipbin_mock.delivery.tricks import Tricks
from voipbin_mock.delivery.webhooks import Webhooks
from voipbin_mock.delivery.websockets import Sockets
from voipbin_mock.wire.errors import ApiError, MockUsageError
from voipbin_mock.wire.values import Reply, json_reply, printable
from voipbin_mock.world.world import World

TRICKS = ("drop", "duplicate", "delay", "reorder")


def log(world: World, request: Request) -> Reply:
    """Every attempt, oldest first, and how many are to come; the tricks planned. `?after=` for those since a number,
    `?limit=` for the newest few, `?brief=yes` for no headers and bodies.
    """
    webhooks, tricks = world.part(Webhooks), world.has(Tricks)
    brief = bool(flag_of(request, "brief"))
    found = webhooks.newest(count_of(request, "limit"), after=count_of(request, "after") or 0)
    planned = [] if tricks is None else [trick.as_dict() for trick in tricks.planned]
    told = {"deliveries": [delivery.as_dict(brief) for delivery in found], "pending": webhooks.pending}
    return json_reply({**told, "tricks": planned} if planned else told)


def one(world: World, request: Request) -> Reply:
    """One of them, whole."""
    number = _number(request)
    found = world.part(Webhooks).newest(after=number - 1) if number > 0 else []
    if not found or found[0].number != number:
        raise _unknown(request)
    return json_reply(found[0].as_dict())


def _number(request: Request) -> int:
    text = request.id
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 16 else -1


def _unknown(request: Request) -> ApiError:
    message = f"There is no delivery {printable(request.id[:20])} in the log; GET /__mock__/webhooks has them."
    return ApiError("RESOURCE_NOT_FOUND", message)


def flush(world: World, request: Request) -> Reply:
    """Deliver now whatever waits for its time."""
    return json_reply({"status": "ok", "attempts": world.part(Webhooks).flush()})


def again(world: World, request: Request) -> Reply:
    """Deliver once more what this delivery was of, and answer what came of it so far."""
    webhooks = world.part(Webhooks)
    try:
        made = webhooks.again(_number(request))
    except LookupError:
        raise _unknown(request) from None
    return json_reply({"deliveries": [delivery.as_dict() for delivery in made], "pending": webhooks.pending})


def play(world: World, request: Request) -> Reply:
    """{"drop": 1}, {"duplicate": 1}, {"reorder": 2} or {"delay": 1, "seconds": 5}; "types" is a glob."""
    given = dict(object_of(request))
    webhooks = world.part(Webhooks)
    kinds = [kind for kind in TRICKS if kind in given]
    unknown = given.keys() - {*TRICKS, "seconds", "types"}
    if len(kinds) != 1 or unknown or ("seconds" in given) != ("delay" in given):
        message = f'Send one of {", ".join(TRICKS)} with a count; "seconds" with delay; perhaps "types".'
        raise ApiError("INVALID_ARGUMENT", message)
    types = given.get("types", "*")
    if not isinstance(types, str):
        raise ApiError("INVALID_ARGUMENT", '"types" is an event type or a glob, such as campaigncall_*.')
    try:
        if kinds == ["delay"]:
            webhooks.delay(given["seconds"], given["delay"], types=types)
        else:
            getattr(webhooks, kinds[0])(given[kinds[0]], types=types)
    except MockUsageError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return json_reply({"status": "ok"})


def clear(world: World, request: Request) -> Reply:
    world.part(Webhooks).clear()
    return json_reply({"status": "ok"})


def connections(world: World, request: Request) -> Reply:
    """What each websocket is subscribed to, and why others were closed: the service says neither."""
    sockets = world.has(Sockets)
    topics, refused = ([], []) if sockets is None else (sockets.listed(), list(sockets.refused))
    listed = {"websockets": [{"topics": each} for each in topics]}
    return json_reply({**listed, "refused": refused} if refused else listed)


def events(world: World, request: Request) -> Reply:
    """Every event published, oldest first, whether or not anybody hears; `?after=` for those since a number."""
    after = count_of(request, "after") or 0
    return json_reply({"events": [event.as_dict() for event in world.bus.log if event.number > after]})
