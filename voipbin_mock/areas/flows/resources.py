"""The records of flows, and of their runs."""

from __future__ import annotations

from voipbin_mock.areas.flows.differences import HASH_PREFIX
from voipbin_mock.world.resource import GONE, DirectHash, Resource

FLOWS = Resource("flows", deleted=GONE, direct_hash=DirectHash(prefix=HASH_PREFIX), history="tm_delete")
ACTIVEFLOWS = Resource("activeflows", deleted=GONE, events=True, history="tm_end")
