"""The records of flows, and of their runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.areas.flows.differences import HASH_PREFIX
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.resource import GONE, DirectHash, Resource


def _whole(given: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    """Actions that a seed or a test gives have ids, as those have that come in a request."""
    actions = given.get("actions")
    if not isinstance(actions, list):
        return {}
    return {"actions": [_named(action, ids) if isinstance(action, dict) else action for action in actions]}


def _named(action: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    return action if ids is None or "id" in action else {"id": ids.uuid(), **action}


FLOWS = Resource(
    "flows", deleted=GONE, direct_hash=DirectHash(prefix=HASH_PREFIX), completes=_whole, history="tm_delete"
)
ACTIVEFLOWS = Resource("activeflows", deleted=GONE, events=True, history="tm_end")
