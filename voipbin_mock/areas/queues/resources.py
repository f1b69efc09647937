"""The records of queues."""

from __future__ import annotations

from voipbin_mock.areas.accounts.differences import KEPT_TO_ITSELF
from voipbin_mock.world.resource import DirectHash, Resource

QUEUES = Resource("queues", events=KEPT_TO_ITSELF, direct_hash=DirectHash())
