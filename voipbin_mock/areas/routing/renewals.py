"""Numbers are renewed by themselves: every day at 01:00, those that were last renewed 28 days before.

A day is only set aside for it while there is a number to be renewed.
"""

from __future__ import annotations

from voipbin_mock.areas.routing.numbers import last_renewed, renewed
from voipbin_mock.areas.routing.resources import NUMBERS
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

DAY = 86_400_000_000  # microseconds
AT = DAY // 24  # of a day
LIFE = 28 * DAY
TIMER = "numbers_are_renewed"


def _coming(world: World, row: Row) -> int | None:
    """When a number is renewed by itself."""
    last = None if row.deleted else last_renewed(world, row)
    if last is None:
        return None
    earliest = max(last + LIFE + 1, world.clock.microseconds() + 1) - AT
    return -(-earliest // DAY) * DAY + AT


def awaited(world: World, row: Row) -> None:
    """There is a number: the day on which it is to be renewed is set aside."""
    coming, planned = _coming(world, row), world.timers.due(TIMER)
    if coming is not None and (planned is None or coming < planned):
        world.timers.call_at(coming, TIMER)


def placed(world: World, row: Row) -> Row:
    awaited(world, row)
    return row


def renew(world: World) -> None:
    """01:00: what is due is renewed, or released if its customer cannot pay for it."""
    renewed(world, world.clock.microseconds() - LIFE)
    coming = [moment for row in world.table(NUMBERS) if (moment := _coming(world, row)) is not None]
    planned = world.timers.due(TIMER)
    if coming and (planned is None or min(coming) < planned):
        world.timers.call_at(min(coming), TIMER)
