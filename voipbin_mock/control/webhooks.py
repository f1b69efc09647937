"""Webhooks by the control API, and the timer behind their retries."""

from __future__ import annotations

from typing import Any

from voipbin_mock.control.handlers import count_of, object_of
from voipbin_mock.wire.errors import ApiError, MockUsageError
from voipbin_mock.wire.values import Reply, Request, json_reply
from voipbin_mock.world.world import World

TRICKS = ("drop", "duplicate", "delay", "reorder")


def attempt(world: World, *arguments: Any) -> None:
    """A delivery has fallen due: a retry, or one that was delayed."""
    if world.webhooks is not None:
        world.webhooks.due(*arguments)


def _webhooks(world: World) -> Any:
    if world.webhooks is None:
        raise ApiError("STATE_INVALID", "This world has no webhooks; make it with Mock().")
    return world.webhooks


def log(world: World, request: Request) -> Reply:
    """Every attempt, oldest first; `?after=` for those since a number."""
    webhooks = _webhooks(world)
    after = count_of(request, "after") or 0
    found = [delivery.as_dict() for delivery in webhooks.deliveries if delivery.number > after]
    return json_reply({"deliveries": found, "pending": webhooks.pending})


def flush(world: World, request: Request) -> Reply:
    """Deliver now whatever waits for its time."""
    return json_reply({"status": "ok", "attempts": _webhooks(world).flush()})


def play(world: World, request: Request) -> Reply:
    """{"drop": 1}, {"duplicate": 1}, {"reorder": 2} or {"delay": 1, "seconds": 5}; "types" is a glob."""
    given = dict(object_of(request))
    webhooks = _webhooks(world)
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
    _webhooks(world).clear()
    return json_reply({"status": "ok"})


def events(world: World, request: Request) -> Reply:
    """Every event published, oldest first, whether or not anybody hears; `?after=` for those since a number."""
    after = count_of(request, "after") or 0
    return json_reply({"events": [event.as_dict() for event in world.bus.log if event.number > after]})
