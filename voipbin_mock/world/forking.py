"""Forks: a child has its parent's worlds, but none of its threads, and so nobody who would release what they hold."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from weakref import WeakSet

from voipbin_mock._seconds import seconds

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

PATIENCE = 0.5  # seconds of the machine that a fork waits for requests to be done, so that the child has none by half


class Forks:
    """Told by Python of every fork of this process. Processes started otherwise (`subprocess`) have no worlds."""

    def __init__(self) -> None:
        self._worlds: WeakSet[World] = WeakSet()
        self._locked: list[World] = []
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(before=self._before, after_in_parent=self._release, after_in_child=self._in_child)

    def watch(self, world: World) -> None:
        self._worlds.add(world)

    def _before(self) -> None:
        until = seconds() + PATIENCE
        for world in tuple(self._worlds):
            if world.lock.acquire(timeout=max(0.0, until - seconds())):
                self._locked.append(world)

    def _release(self) -> None:
        while self._locked:
            self._locked.pop().lock.release()

    def _in_child(self) -> None:
        locked = list(self._locked)
        self._release()
        for world in tuple(self._worlds):
            world.forked(free=world in locked)


FORKS = Forks()
