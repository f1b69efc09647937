"""What was seen: the part of it that hears of what goes on in the service."""

from __future__ import annotations

from voipbin_mock.api.area import Area
from voipbin_mock.insight import coverage

AREA = Area("insight", follows={"activeflow_ended": coverage.flow_ended})
