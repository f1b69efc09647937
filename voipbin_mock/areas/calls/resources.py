"""The records of calls."""

from __future__ import annotations

from voipbin_mock.world.resource import CONFLICT, Resource

GROUPCALLS = Resource("calls", deleted=CONFLICT, events=True, history="tm_hangup", lookups=("confbridge_id", "joins"))
