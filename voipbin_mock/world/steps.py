"""Steps: a request, a timer, a control call, a reset. All of what one does is done, or nothing of it.

While a step is open, whoever changes something notes beforehand how that is taken back; the few values that nearly
every step changes are remembered at its beginning instead. Steps may lie in each other. All of it is under the
world's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voipbin_mock.world.part import Part
    from voipbin_mock.world.seeding import Seed, SeededTables
    from voipbin_mock.world.store import Store
    from voipbin_mock.world.timers import KeptTimers
    from voipbin_mock.world.winding import ClockState
    from voipbin_mock.world.world import World


class Trail:
    """How to take back what was done since the outermost step began, in order."""

    __slots__ = ("depth", "notes", "steps")

    def __init__(self) -> None:
        self.depth = 0  # steps that are open
        self.steps = 0  # that have begun or ended: between two of them, one note of what is changed is enough
        self.notes: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def note(self, undo: Callable[..., object], *args: Any) -> None:
        """This would take back what is about to be done. Forgotten while no step is open."""
        if self.depth:
            self.notes.append((undo, args))


class Step:
    """One step: how things stood as it began. Ended by `World.done` or `World.undo`."""

    __slots__ = ("clock", "depth", "events", "exchanges", "ids", "looked", "notes", "parts", "timers")

    def __init__(self, world: World) -> None:
        trail, ids, timers = world.trail, world.ids, world.timers
        self.depth = trail.depth  # -1: it is over
        self.notes = len(trail.notes)
        self.ids = (ids, ids.drawn)
        self.timers = (timers, timers.drawn)
        self.clock = world.clock.mark()
        self.events = world.bus.mark()
        self.exchanges = world.exchanges
        self.looked = world._looked
        kept = world.kept
        self.parts = [(part, part.keep()) for part in kept] if kept else ()
        trail.depth += 1
        trail.steps += 1

    def undo(self, world: World) -> None:
        """Take everything back. Does nothing if it is over."""
        if self.depth < 0:
            return
        trail = world.trail
        trail.depth = 0  # taking back is no change
        try:
            while len(trail.notes) > self.notes:
                undo, args = trail.notes.pop()
                undo(*args)
            world.ids, world.ids.drawn = self.ids
            world.timers, world.timers.drawn = self.timers
            world.bus.put_back(self.events)
            world.clock.put_back(self.clock, stamps=world.owns_clock)
            world.exchanges, world._looked = self.exchanges, self.looked
            for part, kept in self.parts:
                part.bring_back(kept)
        finally:
            trail.depth, self.depth = self.depth, -1
            trail.steps += 1

    def done(self, world: World) -> None:
        """What was done stands, and if it was the outermost, events of it may be told."""
        trail = world.trail
        if self.depth == 0:
            world.bus.commit()
            trail.notes.clear()
        trail.depth, self.depth = self.depth, -1
        trail.steps += 1


@dataclass(frozen=True)
class Snapshot:
    """All of a world at one moment, but for what was seen (journal, warnings). Restore it as often as you like."""

    store: Store
    accounts: Mapping[str, str]
    notes: Mapping[str, Any]
    ids: tuple[int | str, int]
    tokens_seed: int | str
    clock: ClockState
    timers: KeptTimers
    looked: tuple[bool, int]  # whether polls know of all that was written, and when they were looked at last
    parts: Mapping[type[Part], Any]
    base: SeededTables  # where a reset leads back to
    seed: Seed
