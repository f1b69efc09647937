"""Sessions: many worlds behind one door, so that parallel workers share a server without meeting.

A session is chosen by a base path, `/__session__/KEY/v1.0/...`, or by a header. It is made when it is
first used, by a request that is let in: what is refused leaves none behind.
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
MOST_ON_TRIAL = 16
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}", re.ASCII)


class Sessions(Part):
    """The worlds of one mock beside its own, by key. They have its settings, and its parts share with them."""

    survives = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._most = MOST_SESSIONS
        self._lock = Lock()
        self._worlds: dict[str, World] = {}
        # Those of which nothing was let in yet, by who asked last: they make way for each other.
        self._on_trial: dict[str, World] = {}

    def __len__(self) -> int:
        return len(self._worlds)

    @property
    def owner(self) -> World:
        """The mock's own world, beside which the sessions are."""
        return self._world

    def known(self, key: str) -> World | None:
        """The session's world, if there is one."""
        return self._worlds.get(key)

    def world(self, key: str) -> World:
        """The session's world, made if it is new. Raises ApiError for a bad key or one too many."""
        found = self._worlds.get(key)
        if found is None:
            self._check(key)
            with self._lock:
                found = self._worlds.get(key)
                if found is None:
                    found = self._on_trial.pop(key) if key in self._on_trial else self._made(key)
                    self._worlds[key] = found
            self._stir()
        return found

    def on_trial(self, key: str) -> World:
        """The same, but a new one only stays if a request to it is let in; see `let_in`. Raises ApiError."""
        gone: list[World] = []
        with self._lock:
            found = self._worlds.get(key)
            if found is not None:
                return found
            if key in self._on_trial:
                found = self._on_trial.pop(key)
            else:
                self._check(key)
                while len(self._on_trial) >= MOST_ON_TRIAL:
                    gone.append(self._on_trial.pop(next(iter(self._on_trial))))
                found = self._made(key)
            self._on_trial[key] = found
        for world in gone:
            _close(world)
        return found

    def let_in(self, key: str, world: World) -> None:
        """A request was let in: this is a session now."""
        with self._lock:
            if self._on_trial.get(key) is world:
                del self._on_trial[key]
            self._worlds.setdefault(key, world)
        self._stir()

    def _stir(self) -> None:
        """There are others now: whoever watches any of the worlds looks again. To be called without the lock."""
        for world in (self._world, *self.listed().values()):
            world.stir()

    def _check(self, key: str) -> None:
        if not _KEY.fullmatch(key):
            raise ApiError(
                "INVALID_ARGUMENT",
                "A session key is 1 to 64 letters, digits, dots, dashes, tildes or underscores, "
                "and begins with a letter or digit.",
            )
        if len(self._worlds) >= self._most:
            raise ApiError(
                "SERVICE_UNAVAILABLE",
                f"There are {self._most} sessions already; delete some: DELETE /__mock__/sessions/{{key}}.",
            )

    def _made(self, key: str) -> World:
        """A world with the same settings and credentials; its ids are its own, so that none is met twice."""
        owner = self._world
        settings = replace(owner.settings, random_seed=f"{owner.settings.random_seed}/{key}")
        born = owner.born
        driver = owner.clock.driver
        clock = Clock(driver=driver)
        if born.frozen or born.speed != 1:
            clock = Clock(to_datetime(born.now), speed=None if born.frozen else born.speed, driver=driver)
        world = type(owner)(owner.blueprint, settings, clock, hears=owner.hears)
        world.session = key
        world.own_tokens_seed = world.tokens_seed = owner.own_tokens_seed
        for part in tuple(owner.parts.values()):
            part.share(world)
        return world

    def share(self, session: World) -> None:
        """A session's sessions are those beside it."""
        session.parts[Sessions] = self

    def listed(self) -> dict[str, World]:
        with self._lock:
            return dict(sorted(self._worlds.items()))

    def trying(self) -> dict[str, World]:
        """Those of which nothing was let in yet; who asked last is last."""
        with self._lock:
            return dict(self._on_trial)

    def delete(self, key: str) -> bool:
        """Forget a session; using its key again starts a new one. Whether there was one."""
        with self._lock:
            found = self._worlds.pop(key, None)
            tried = self._on_trial.pop(key, None)
        for world in (found, tried):
            if world is not None:
                _close(world)
        if found is not None:
            self._stir()
        return found is not None

    def clear_all(self) -> int:
        """Forget all of them; how many there were."""
        return sum(self.delete(key) for key in (*self._on_trial, *self.listed()))

    def close(self) -> None:
        self.clear_all()


def _close(world: World) -> None:
    world.parts.pop(Sessions, None)  # those beside it go on
    world.close()


def split(path: str) -> tuple[str, str]:
    """`/__session__/KEY/v1.0/x` -> KEY and `/v1.0/x`."""
    key, slash, rest = path[len(SESSION_PREFIX) :].partition("/")
    return key, slash + rest or "/"
