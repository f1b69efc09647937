"""All that a mock is, as one document: its worlds, and what was seen in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.world.sessions import Sessions
from voipbin_mock.world.world import World


class Moment:
    def __init__(self, world: World) -> None:
        sessions = world.has(Sessions)
        worlds = {"": world, **({} if sessions is None else sessions.listed())}
        self._worlds = {key: one.dump() for key, one in worlds.items()}

    def document(self) -> dict[str, Any]:
        return {"worlds": self._worlds}


def moment(world: World) -> Moment:
    return Moment(world)


def load(world: World, document: Mapping[str, Any]) -> None:
    sessions = world.part(Sessions)
    sessions.clear_all()
    for key, state in document["worlds"].items():
        (sessions.world(key) if key else world).load(state)
