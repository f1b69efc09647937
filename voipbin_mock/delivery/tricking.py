"""The tricks that a test plays on deliveries, as methods of `voipbin.webhooks`."""

from __future__ import annotations

from voipbin_mock.delivery.tricks import DELAY, DROP, DUPLICATE, LONGEST_DELAY, REORDER, Tricks
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.world.part import Part


class Tricking(Part):
    """What has deliveries that tricks can be played on."""

    @property
    def _tricks(self) -> Tricks:
        return self._world.part(Tricks)

    def drop(self, times: int = 1, *, types: str = "*") -> None:
        """Let the next deliveries get lost, all their attempts. types: an event type or a glob of them."""
        self._play(DROP, times, types)

    def duplicate(self, times: int = 1, *, types: str = "*") -> None:
        """Deliver the next ones twice. With `delay(5, 1)` planned after it, the first of the two comes late."""
        self._play(DUPLICATE, times, types)

    def delay(self, seconds: float, times: int = 1, *, types: str = "*") -> None:
        """Deliver the next ones so many virtual seconds later."""
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0 <= seconds <= LONGEST_DELAY:
            raise MockUsageError(f"delay: seconds must be a number from 0 to {LONGEST_DELAY}, not {seconds!r}")
        self._play(DELAY, times, types, milliseconds=round(seconds * 1000))

    def reorder(self, count: int = 2, *, types: str = "*") -> None:
        """Hold the next `count` deliveries back until all are there, then deliver the last one first."""
        if type(count) is not int or count < 2:
            raise MockUsageError(f"reorder: count must be a number, at least 2, not {count!r}")
        self._play(REORDER, count, types)

    def _play(self, kind: str, times: int, types: str, milliseconds: int = 0) -> None:
        with self._world.changing():
            self._tricks.plan(kind, times, types, milliseconds)

    @property
    def signed(self) -> bool:
        """Whether deliveries are signed; may be set to False."""
        tricks = self._world.has(Tricks)
        return tricks is None or tricks.signed

    @signed.setter
    def signed(self, signed: bool) -> None:
        with self._world.changing():
            self._tricks.sign(bool(signed))
