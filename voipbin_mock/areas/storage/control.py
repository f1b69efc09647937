"""Control calls about storage: what it holds, how much it may hold, and whether links can be signed."""

from __future__ import annotations

from voipbin_mock.api.operations import Request
from voipbin_mock.areas.storage import shelf
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.world import World


def told(world: World, request: Request) -> Reply:
    held = shelf.shelf(world)
    sizes = [len(data) for data in held.held.values()]
    return json_reply({"files": len(sizes), "bytes": sum(sizes), "quota": held.quota, "signs": held.signs})


def change(world: World, request: Request) -> Reply:
    """Another quota, or whether links can be signed; what is left out stays."""
    body = request.raw if isinstance(request.raw, dict) else {}
    quota, signs, held = body.get("quota"), body.get("signs"), shelf.shelf(world)
    wrong = [
        *([Violation("/quota", "is no number of bytes", "a number of bytes", quota)] if not _is_size(quota) else []),
        *([Violation("/signs", "is neither true nor false", "true or false", signs)] if not _is_flag(signs) else []),
    ]
    if wrong:
        raise ApiError("INVALID_ARGUMENT", violations=wrong)
    held.quota = held.quota if quota is None else quota
    held.signs = held.signs if signs is None else signs
    return told(world, request)


def _is_size(value: object) -> bool:
    return value is None or (type(value) is int and value >= 0)


def _is_flag(value: object) -> bool:
    return value in (None, True, False) and type(value) is not int
