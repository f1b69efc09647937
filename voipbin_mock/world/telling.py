"""Timers in words, for messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.wire.errors import TimerError
from voipbin_mock.wire.stamps import rfc3339_stamp_full, to_datetime

if TYPE_CHECKING:
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.timers import Timer
    from voipbin_mock.world.world import World

SHOWN = 3
MOST_ABOUT = 100  # characters


def told_due(world: World) -> list[str]:
    """What is to come next: of each kind of timer the first. To be called under the world's lock."""
    pending = world.timers.all()
    firsts = {timer.kind: timer for timer in reversed(pending)}
    told = [_told(world, timer) for timer in sorted(firsts.values())[:SHOWN]]
    more = len(pending) - len(told)
    return [*told, f"{more} more"] if more > 0 else told


def _told(world: World, timer: Timer) -> str:
    """A timer: its kind, and the record that it is about."""
    found = _record(world, timer)
    if found is None:
        return timer.kind
    resource, row = found
    noun, name = world.blueprint.resource(resource).noun, row.data.get("name")
    return f"{timer.kind} of {noun} {row.id}" + (f" {name!r}" if name else "")


def _about(timer: Timer) -> str:
    """What a timer is about, mostly the id of a record."""
    return timer.args[0] if timer.args and isinstance(timer.args[0], str) else ""


def _record(world: World, timer: Timer) -> tuple[str, Row] | None:
    """The record that a timer is about, and of which resource it is."""
    about = _about(timer)
    for table in world.store if about else ():
        row = table.get(about)
        if row is not None:
            return table.name, row
    return None


def coming(world: World, most: int) -> list[dict[str, str]]:
    """What is to come next, as JSON: `at`, `what`, and the `resource`, `id` and perhaps `name` of the record that it is
    about; or `about`, in a word. To be called under the world's lock.
    """
    told = []
    for timer in world.timers.first(most):
        shown = {"at": rfc3339_stamp_full(timer.due), "what": timer.kind.replace("_", " ")}
        found = _record(world, timer)
        if found is not None:
            resource, row = found
            shown |= {"resource": resource, "id": row.id}
            if isinstance(row.data.get("name"), str) and row.data["name"]:
                shown["name"] = row.data["name"]
        elif _about(timer):
            shown["about"] = _about(timer)[:MOST_ABOUT]
        told.append(shown)
    return told


def due(world: World) -> dict[str, str]:
    """When the next thing happens to each record to which something will, by its id, as RFC 3339. To be called under
    the world's lock.
    """
    return {_about(timer): rfc3339_stamp_full(timer.due) for timer in reversed(world.timers.pending())}


def failed(world: World, timer: Timer, error: Exception) -> TimerError:
    """A timer that failed, and whose code that was."""
    when = f"{to_datetime(timer.due):%Y-%m-%d %H:%M:%S}"
    whose = world.blueprint.blame(error)
    return TimerError(f"the timer {timer.kind!r}, due at {when}, failed, and has changed nothing: {whose}")
