"""The records of flows, and of their runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.areas.flows.differences import HASH_PREFIX
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.resource import GONE, DirectHash, Resource


def _whole(given: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    """Actions that a seed or a test gives have ids, as those have that come in a request."""
    actions = given.get("actions")
    if not isinstance(actions, list):
        return {}
    return {"actions": [_named(action, ids) if isinstance(action, dict) else action for action in actions]}


def _named(action: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    own = action.get("id") or (NIL_UUID if ids is None else ids.uuid())
    whole = {"id": own, "next_id": action.get("next_id") or NIL_UUID, "type": action.get("type", "")}
    return {**whole, **action, "id": own, "tm_execute": action.get("tm_execute")}


FLOWS = Resource("flows", deleted=GONE, direct_hash=DirectHash(prefix=HASH_PREFIX), completes=_whole)
ACTIVEFLOWS = Resource("activeflows", deleted=GONE, events=True)
