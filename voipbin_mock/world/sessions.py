"""Sessions: many worlds behind one door, so that parallel workers share a server without meeting.

A session is chosen by a base path, `/__session__/KEY/v1.0/...`, or by a header. It is made when it is
first used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import SESSION_PREFIX

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

SESSION_HEADER = "X-VoIPBIN-Mock-Session"
MOST_SESSIONS = 256
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}", re.ASCII)


# Told of each world that is made; the answer is called when the session is gone.
Outfit = Callable[["World"], Callable[[], None]]


def leave_bare(world: World) -> Callable[[], None]:
    return lambda: None


class Sessions:
    """The worlds of one mock beside its own, by key."""

    def __init__(self, make: Callable[[str], World], outfit: Outfit = leave_bare, most: int = MOST_SESSIONS) -> None:
        self._make = make
        self._outfit = outfit
        self._most = most
        self._lock = Lock()
        self._worlds: dict[str, World] = {}
        self._undress: dict[str, Callable[[], None]] = {}

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
                world = self._make(key)
                self._undress[key] = self._outfit(world)
                self._worlds[key] = world
            return self._worlds[key]

    def listed(self) -> dict[str, World]:
        with self._lock:
            return dict(sorted(self._worlds.items()))

    def delete(self, key: str) -> bool:
        """Forget a session; using its key again starts a new one. Whether there was one."""
        with self._lock:
            found = self._worlds.pop(key, None)
            undress = self._undress.pop(key, None)
        if undress is not None:
            undress()
        return found is not None

    def clear(self) -> int:
        return sum(self.delete(key) for key in self.listed())


def split(path: str) -> tuple[str, str]:
    """`/__session__/KEY/v1.0/x` -> KEY and `/v1.0/x`."""
    key, slash, rest = path[len(SESSION_PREFIX) :].partition("/")
    return key, slash + rest or "/"
