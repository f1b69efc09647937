"""Queues: callers who wait, and the agents they wait for."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import direct_hash, operations
from voipbin_mock.api.operations import action
from voipbin_mock.areas.queues.resources import QUEUES

AREA = Area(
    "queues",
    operations(
        QUEUES,
        action("POST /queues/{id}/direct-hash-regenerate", "direct_hash", direct_hash),
        facets=("routing_method", "tag_ids"),
    ),
    records="voipbin_mock.areas.queues.records",
    cases=Path(__file__).parent / "cases",
)
