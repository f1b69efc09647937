"""Sessions: many worlds behind one door, so that parallel workers share a server without meeting.

A session is chosen by a base path, `/__session__/KEY/v1.0/...`, or by a header. It is made when it is
first used.
"""

from __future__ import annotations

import re
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.stamps import to_datetime
from voipbin_mock.wire.values import SESSION_PREFIX
from voipbin_mock.world.clock import Clock
from voipbin_mock.world.part import Part

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

SESSION_HEADER = "X-VoIPBIN-Mock-Session"
MOST_SESSIONS = 256
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}", re.ASCII)


class Sessions(Part):
    """The worlds of one mock beside its own, by key. They have its settings, and its parts share with them."""

    survives = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._most = MOST_SESSIONS
        self._lock = Lock()
        self._worlds: dict[str, World] = {}

    def __len__(self) -> int:
        return len(self._worlds)

    def world(self, key: str) -> World:
        """The session's world, made if it is new. Raises ApiError for a bad key or one too many."""
        found = self._worlds.get(key)
        if found is not None:
            return found
        if not _KEY.fullmatch(key):
            raise ApiError(
                "INVALID_ARGUMENT",
                "A session key is 1 to 64 letters, digits, dots, dashes, tildes or underscores, "
                "and begins with a letter or digit.",
            )
        with self._lock:
            if key not in self._worlds:
                if len(self._worlds) >= self._most:
                    raise ApiError(
                        "SERVICE_UNAVAILABLE",
                        f"There are {self._most} sessions already; delete some: DELETE /__mock__/sessions/{{key}}.",
                    )
                self._worlds[key] = self._made(key)
            return self._worlds[key]

    def _made(self, key: str) -> World:
        """A world with the same settings and credentials; its ids are its own, so that none is met twice."""
        owner = self._world
        settings = replace(owner.settings, random_seed=f"{owner.settings.random_seed}/{key}")
        (now, frozen, _), speed = owner.born
        clock = Clock()
        if frozen or speed != 1:
            clock = Clock(to_datetime(now), speed=None if frozen else speed)
        world = type(owner)(owner.blueprint, settings, clock, hears=owner.hears)
        world.secret = owner.secret
        for part in tuple(owner.parts.values()):
            part.share(world)
        return world

    def share(self, session: World) -> None:
        """A session's sessions are those beside it."""
        session.parts[Sessions] = self

    def listed(self) -> dict[str, World]:
        with self._lock:
            return dict(sorted(self._worlds.items()))

    def delete(self, key: str) -> bool:
        """Forget a session; using its key again starts a new one. Whether there was one."""
        with self._lock:
            found = self._worlds.pop(key, None)
        if found is not None:
            found.parts.pop(Sessions, None)
            found.close()
        return found is not None

    def clear_all(self) -> int:
        """Forget all of them; how many there were."""
        return sum(self.delete(key) for key in self.listed())

    def close(self) -> None:
        self.clear_all()


def split(path: str) -> tuple[str, str]:
    """`/__session__/KEY/v1.0/x` -> KEY and `/v1.0/x`."""
    key, slash, rest = path[len(SESSION_PREFIX) :].partition("/")
    return key, slash + rest or "/"
