"""The records of campaigns: outplans, outdials with their targets, campaigns and their calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.world.differences import LISTS_DELETED, NEVER_IS_NULL
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.resource import Resource


def _at_work(given: Mapping[str, Any], made_up: Ids | None) -> dict[str, str]:
    """A campaign that runs has the dialer at work."""
    if "status" not in given or "execute" in given:
        return {}
    return {"execute": "stop" if given["status"] == "stop" else "run"}


OUTPLANS = Resource("outplans", lists_deleted=LISTS_DELETED)
OUTDIALS = Resource("outdials", lists_deleted=LISTS_DELETED, never_is_null=NEVER_IS_NULL, events=True)
TARGETS = Resource(
    "targets",
    singular="outdial_target",
    parent="outdials",
    never_is_null=NEVER_IS_NULL,
    updated_on_create=True,
)
CAMPAIGNS = Resource(
    "campaigns", lists_deleted=LISTS_DELETED, never_is_null=NEVER_IS_NULL, completes=_at_work, events=True
)
CAMPAIGNCALLS = Resource(
    "campaigncalls",
    parent="campaigns",
    standalone=True,
    lists_deleted=LISTS_DELETED,
    never_is_null=NEVER_IS_NULL,
    lookups=(("campaign_id", "status"),),
    events=True,
)
