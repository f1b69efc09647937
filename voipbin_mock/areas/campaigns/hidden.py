"""What a campaign's calls run: its actions, and then its queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.areas.flows.engine import Plan
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Record
from voipbin_mock.world.world import World

QUEUE_JOIN = "queue_join"


def plan_of(world: World, campaign: Record) -> Plan:
    """The flow that the service keeps for a campaign. Without actions and queue there is nothing in it."""
    given = [*campaign["actions"]]
    if campaign["queue_id"] != NIL_UUID and world.blueprint.action(QUEUE_JOIN) is not None:
        given.append({"type": QUEUE_JOIN, "option": {"queue_id": campaign["queue_id"]}})
    return Plan(campaign["flow_id"], [_named(world, action, campaign["id"], n) for n, action in enumerate(given)])


def _named(world: World, action: Mapping[str, Any], campaign_id: str, position: int) -> Mapping[str, Any]:
    """An action with an id, the same at every call. (None is drawn: what is made next would have another id.)"""
    blank: dict[str, Any] = {"id": NIL_UUID, "next_id": NIL_UUID, "type": "", "option": {}, "tm_execute": None}
    whole = {**blank, **action}
    if whole["id"] == NIL_UUID:
        whole["id"] = world.ids.uuid_aside(f"action {position} of {campaign_id}")
    return whole
