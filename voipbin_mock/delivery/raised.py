"""What receivers of events raised: kept until the mock is closed, where the test hears of it."""

from __future__ import annotations

from voipbin_mock.world.bus import Bus
from voipbin_mock.world.sessions import Sessions
from voipbin_mock.world.world import World


def raised_by_subscribers(world: World) -> list[BaseException]:
    """What receivers raised that is for the test to see, of this world and of its sessions."""
    return [error for bus in _buses(world) for error in bus.raised]


def forget_assertions(world: World) -> None:
    """What failed in receivers is known already."""
    for bus in _buses(world):
        bus.raised.clear()


def _buses(world: World) -> list[Bus]:
    sessions = world.has(Sessions)
    if sessions is None:  # the common end of a test
        bus = world.has(Bus)
        return [] if bus is None else [bus]
    worlds = [world, *(() if sessions is None else sessions.listed().values())]
    return [bus for one in worlds if (bus := one.has(Bus)) is not None]
