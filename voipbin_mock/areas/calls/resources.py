"""The records of calls."""

from __future__ import annotations

from voipbin_mock.world.resource import Resource

CALLS = Resource("calls", events=True)
