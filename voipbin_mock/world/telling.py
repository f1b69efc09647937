"""Timers in words, for messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.wire.errors import TimerError
from voipbin_mock.wire.stamps import to_datetime

if TYPE_CHECKING:
    from voipbin_mock.world.timers import Timer
    from voipbin_mock.world.world import World

SHOWN = 3


def told_due(world: World) -> list[str]:
    """What is to come next: of each kind of timer the first. To be called under the world's lock."""
    pending = world.timers.all()
    firsts = {timer.kind: timer for timer in reversed(pending)}
    told = [_told(world, timer) for timer in sorted(firsts.values())[:SHOWN]]
    more = len(pending) - len(told)
    return [*told, f"{more} more"] if more > 0 else told


def _told(world: World, timer: Timer) -> str:
    """A timer: its kind, and the record that it is about."""
    about = timer.args[0] if timer.args and isinstance(timer.args[0], str) else ""
    for table in world.store if about else ():
        row = table.get(about)
        if row is not None:
            noun, name = world.blueprint.resource(table.name).noun, row.data.get("name")
            return f"{timer.kind} of {noun} {about}" + (f" {name!r}" if name else "")
    return timer.kind


def failed(world: World, timer: Timer, error: Exception) -> TimerError:
    """A timer that failed, and whose code that was."""
    when = f"{to_datetime(timer.due):%Y-%m-%d %H:%M:%S}"
    whose = world.blueprint.blame(error)
    return TimerError(f"the timer {timer.kind!r}, due at {when}, failed, and has changed nothing: {whose}")
