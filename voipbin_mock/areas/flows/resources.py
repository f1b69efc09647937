"""The records of flows."""

from __future__ import annotations

from voipbin_mock.world.differences import NEVER_IS_NULL
from voipbin_mock.world.resource import Resource

FLOWS = Resource("flows", never_is_null=NEVER_IS_NULL)
