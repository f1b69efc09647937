"""A thread that does what falls due on a running clock when no request comes along to do it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from voipbin_mock._seconds import seconds
from voipbin_mock.world.part import Part

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

PATIENCE = 1.0  # seconds of the machine that the end is waited for


class Ticker(Part):
    """Sleeps until something is due; a clock that stands still, or has nothing to do, costs nothing."""

    survives = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._clock = world.clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="voipbin-mock-ticker", daemon=True)
        self._thread.start()

    def share(self, session: World) -> None:
        """Whoever keeps time for a world does so for its sessions."""
        session.part(Ticker)

    def close(self) -> None:
        self._stopping.set()
        until = seconds() + PATIENCE
        while self._thread.is_alive() and seconds() < until:
            self._clock.poke()
            self._thread.join(0.05)
        if self._thread.is_alive():
            # It is a daemon, and ends with what it does, or with the process.
            logger.warning("what fell due is not done within %g seconds, and is not waited for", PATIENCE)
        self._world.forget(Ticker)  # whoever wants time to be kept again gets another

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                self._clock.wait_for_due(self._stopping.is_set)
                self._clock.catch_up(self._stopping.is_set)
            except Exception:  # a fault of the mock, or of a subscriber: the next thing is done all the same
                logger.exception("what was due could not be done")
