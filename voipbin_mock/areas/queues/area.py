"""Queues: callers who wait, and the agents they wait for."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import own
from voipbin_mock.areas.queues import queues
from voipbin_mock.areas.queues.resources import QUEUES

AREA = Area(
    "queues",
    operations(
        QUEUES,
        facets=("routing_method", "tag_ids"),
        create=own(queues.create, body=queues.body, refuses=(queues.INVALID_ROUTING_METHOD.name,)),
    ),
    reasons=(queues.INVALID_ROUTING_METHOD,),
    records="voipbin_mock.areas.queues.records",
    cases=Path(__file__).parent / "cases",
)
