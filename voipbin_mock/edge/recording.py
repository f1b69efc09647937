"""Who notes every request with its answer, while somebody asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.edge.incoming import Incoming
from voipbin_mock.wire.exchange import Exchange
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.part import Part

if TYPE_CHECKING:
    from voipbin_mock.world.world import World


class Recording(Part):
    """Told of each request before and after it is handled, under the world's lock. `bundle.Recorder` is one."""

    survives = True

    def before(self, world: World) -> None:
        """A request is about to be handled."""

    def after(self, world: World, incoming: Incoming, reply: Reply, exchange: Exchange) -> None:
        """It was answered. What is noted of it has to be taken back if the step is."""
