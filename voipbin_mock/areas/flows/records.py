"""Flows as Python objects."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Flow(Stored):
    customer_id: str
    type: str
    name: str
    detail: str
    actions: list[dict[str, Any]]
    direct_hash: str
    on_complete_flow_id: str


class Activeflow(Stored):
    customer_id: str
    flow_id: str
    status: str
    reference_type: str
    reference_id: str
    reference_activeflow_id: str
    on_complete_flow_id: str
    webhook_uri: str
    webhook_method: str
    current_action: dict[str, Any] | None
    forward_action_id: str
    executed_actions: list[dict[str, Any]]


TYPES: dict[str, type[Stored]] = {
    "activeflows": Activeflow,
    "flows": Flow,
}
