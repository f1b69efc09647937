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


TYPES: dict[str, type[Stored]] = {
    "flows": Flow,
}
