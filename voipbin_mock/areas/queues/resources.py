"""The records of queues."""

from __future__ import annotations

from voipbin_mock.world.resource import Resource

QUEUES = Resource("queues")
