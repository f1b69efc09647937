"""Control calls about storage: what it holds, how much it may hold, and whether links can be signed."""

from __future__ import annotations

from voipbin_mock.api.control import object_of
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.storage import shelf
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.world import World


def told(world: World, request: Request) -> Reply:
    held = shelf.shelf(world)
    sizes = [len(data) for data in held.held.values()]
    return json_reply({"files": len(sizes), "bytes": sum(sizes), "quota": held.quota, "signs": held.signs})


def change(world: World, request: Request) -> Reply:
    """Another quota, or whether links can be signed; what is left out stays."""
    body, held = object_of(request), shelf.shelf(world)
    unknown = body.keys() - {"quota", "signs"}
    if unknown:
        raise ApiError("INVALID_ARGUMENT", f"Storage has no {min(unknown)!r}; there are quota and signs.")
    quota, signs = body.get("quota"), body.get("signs")
    try:
        held.quota, held.signs = shelf.settings(
            held.quota if quota is None else quota, held.signs if signs is None else signs
        )
    except ValueError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return told(world, request)
