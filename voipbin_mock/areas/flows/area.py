"""Flows: what a call is led through, as a list of actions."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import direct_hash, operations
from voipbin_mock.api.operations import action, own
from voipbin_mock.areas.flows import flows
from voipbin_mock.areas.flows.resources import FLOWS

AREA = Area(
    "flows",
    operations(
        FLOWS,
        action("POST /flows/{id}/direct-hash-regenerate", "direct_hash", direct_hash),
        create=own(flows.create, refuses=flows.REFUSALS),
        update=own(flows.update, refuses=flows.REFUSALS),
    ),
    narrows={"actions": flows.known_actions},
    records="voipbin_mock.areas.flows.records",
    cases=Path(__file__).parent / "cases",
)
