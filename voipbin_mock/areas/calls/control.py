"""Phones over the control API."""

from __future__ import annotations

from voipbin_mock.api.operations import Request
from voipbin_mock.areas.calls.phones import MAGIC, Phones
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.world import World


def phones(world: World, request: Request) -> Reply:
    """The scripts given, and the numbers that behave by themselves."""
    magic = {digits: meaning for digits, (meaning, _) in MAGIC.items()}
    rules = world.part(Phones).rules()
    return json_reply({"phones": rules, "magic": {"numbers": "+1 NXX 555 01xx", "last_two": magic}})


def script_phones(world: World, request: Request) -> Reply:
    """{"<number, pattern or default>": ["busy", {"outcome": "answer", "talk": "12s"}], ...}; others stay."""
    try:
        world.part(Phones).read(request.raw)
    except ValueError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return phones(world, request)


def forget_phones(world: World, request: Request) -> Reply:
    world.part(Phones).forget()
    return phones(world, request)
