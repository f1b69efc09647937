"""What the far end of a call does by itself, at which action."""

from __future__ import annotations

from voipbin_mock.api.flow_actions import Run
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def cue(world: World, call: Row, run: Run) -> None:
    """An action of the call's flow has begun that lasts."""
