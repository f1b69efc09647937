"""A part of a world: state of its own, that exists once somebody asks for it.

A world knows no part by name. `world.part(Phones)` makes the phones when they are first asked for; a reset drops
them, a snapshot keeps them, a dump writes them under their name. So a mock costs what it uses.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from types import FrameType

    from voipbin_mock.world.world import World


class Unmet(NamedTuple):
    """Something that was planned and did not come about."""

    where: tuple[str, int] | None  # the file and line that planned it
    text: str  # what, and why it counts so


def planned_at() -> tuple[str, int] | None:
    """The line outside this package that is planning."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "voipbin_mock":
        frame = frame.f_back
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


class Attached:
    """What a world holds and what needs the world in turn: it does not keep it alive.

    So a mock that nobody holds any more is freed at once, not when the collector comes round.
    """

    def __init__(self, world: World) -> None:
        self._held = weakref.ref(world)

    @property
    def _world(self) -> World:
        world = self._held()
        if world is None:
            raise ReferenceError("the mock that this belongs to is gone")
        return world


class Part(Attached):
    """One part of a world. All of its methods are called under the world's lock, but for `close`."""

    # What `world.named` finds it by; empty: nothing does.
    name: ClassVar[str] = ""
    # Whether a dumped state holds it, under its name; and where it stands there among the others.
    dumped: ClassVar[bool] = True
    rank: ClassVar[int] = 100
    # What a kept state calls what it remembers, if that is not its name.
    kept_as: ClassVar[str] = ""
    # A reset drops a part; one that outlives it is told to `start_over` instead.
    survives: ClassVar[bool] = False
    # Whether it notes on the world's trail how each of its changes is taken back. Else a step that fails brings it
    # back to what it kept when the step began.
    trailed: ClassVar[bool] = False

    def start_over(self) -> None:
        """The world goes back to its seed, and this outlives it."""

    def keep(self) -> Any:
        """This moment, for a snapshot; cheap, and whatever `bring_back` understands. None: nothing to keep."""
        return None

    def bring_back(self, kept: Any) -> None:
        """Be as at a kept moment."""

    def dump(self) -> Any:
        """What there is, as JSON."""
        return None

    def load(self, document: Any) -> None:
        """Take back what `dump` gave. Raises ValueError, and then the whole load is undone."""

    def remember(self) -> Callable[[], Any] | None:
        """What `dump` leaves out, for another process that goes on as this one would; None: nothing.

        Cheap: what it gives makes the JSON, and may be called at any time, by any thread, without the lock. Iterators
        may stand for long arrays.
        """
        return None

    def recall(self, document: Any) -> None:
        """Take back what `remember` led to, in place of what there is. Raises ValueError."""

    @property
    def revision(self) -> object:
        """Changes whenever what it holds does, if that is dumped."""
        return None

    def unmet(self) -> list[Unmet]:
        """What a test planned here and what did not come about, to be told when the mock is closed."""
        return []

    def forget_planned(self) -> None:
        """The test ended early, or was told: nothing that is planned counts as unmet."""

    def share(self, session: World) -> None:
        """A session's world was made beside this one: what the two have in common."""

    def close(self) -> None:
        """Nobody needs the world any more: end threads and connections."""
