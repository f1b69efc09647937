"""The agents' desk, /service_agents: mirrors of what other areas declare."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.areas.service_agents import ais, cases, differences
from voipbin_mock.areas.service_agents.mirrors import MIRRORS

AREA = Area(
    "service_agents",
    MIRRORS,
    differences=differences.ALL,
    reasons=(ais.INVALID_REFERENCE_FILTER, cases.INVALID_SINCE),
    cases=Path(__file__).parent / "cases",
)
