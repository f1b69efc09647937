"""What trouble on purpose adds to a world."""

from __future__ import annotations

from voipbin_mock.api.area import Area
from voipbin_mock.api.modes import Modes
from voipbin_mock.trouble.faults import Numbers, PlannedFaults
from voipbin_mock.trouble.limits import Limits

AREA = Area("trouble", parts=(Modes, PlannedFaults, Numbers, Limits), started={"rate_limits": Limits})
