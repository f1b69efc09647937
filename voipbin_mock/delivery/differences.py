"""Where the profiles part in what is told outward."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

FRAMES_HAVE_ENVELOPE = Difference(
    "ws-envelope",
    "frames of the websocket",
    documented=True,
    server=False,
    told=('`{"type": ..., "data": ...}`', "the bare record"),
)
