"""Scripts of the far end over the control API: the same three calls for each kind of address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api.operations import Handler, Request
from voipbin_mock.api.scripting import Scripts
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.world import World


def script_controls(word: str, kind: type[Scripts[Any]], magic: Mapping[str, Any]) -> dict[str, Handler]:
    """GET, PUT and DELETE of /__mock__/<word>. magic: those that behave by themselves, as it is told."""

    def listed(world: World, request: Request) -> Reply:
        """The scripts given, and those that behave by themselves."""
        return json_reply({word: world.part(kind).rules(), "magic": magic})

    def script(world: World, request: Request) -> Reply:
        """{"<address, pattern or default>": ["<outcome>", {"outcome": "<outcome>", "after": "3s"}], ...}; others
        stay.
        """
        try:
            world.part(kind).read(request.raw)
        except (TypeError, ValueError) as error:
            raise ApiError("INVALID_ARGUMENT", str(error)) from None
        return listed(world, request)

    def forget(world: World, request: Request) -> Reply:
        """Take back all of them."""
        world.part(kind).forget()
        return listed(world, request)

    path = f"/__mock__/{word}"
    return {f"GET {path}": listed, f"PUT {path}": script, f"DELETE {path}": forget}
