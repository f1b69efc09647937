"""Flows: what a call is led through, as a list of actions."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import own
from voipbin_mock.areas.flows import differences, flows
from voipbin_mock.areas.flows.resources import FLOWS

AREA = Area(
    "flows",
    operations(
        FLOWS,
        list=flows.list_,
        create=own(flows.create, refuses=(*flows.REFUSALS, *flows.UNLINKED)),
        update=own(flows.update, refuses=(*flows.REFUSALS, *flows.UNLINKED)),
    ),
    differences=differences.ALL,
    narrows={"actions": flows.known_actions},
    records="voipbin_mock.areas.flows.records",
    cases=Path(__file__).parent / "cases",
)
