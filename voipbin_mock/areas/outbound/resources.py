"""The records of outbound configs: one for each customer."""

from __future__ import annotations

from voipbin_mock.areas.outbound.differences import UPDATED_WHEN_MADE
from voipbin_mock.world.differences import NEVER_IS_NULL, STAMPS_RFC3339
from voipbin_mock.world.resource import MISSING, Resource

OUTBOUND_CONFIGS = Resource(
    "outbound_configs",
    deleted=MISSING,
    rfc3339=STAMPS_RFC3339,
    never_is_null=NEVER_IS_NULL,
    updated_on_create=UPDATED_WHEN_MADE,
)
