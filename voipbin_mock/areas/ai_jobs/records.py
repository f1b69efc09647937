"""What an AI does in the background, as Python objects."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Rag(Stored):
    customer_id: str
    name: str
    description: str
    status: str
    sources: list[dict[str, Any]]


class Summary(Stored):
    customer_id: str
    activeflow_id: str
    on_end_flow_id: str
    reference_type: str
    reference_id: str
    status: str
    language: str
    content: str


class TimelineAnalysis(Stored):
    customer_id: str
    activeflow_id: str
    status: str
    result: dict[str, Any] | None
    error: str


TYPES: dict[str, type[Stored]] = {
    "aisummaries": Summary,
    "rags": Rag,
    "timeline_analyses": TimelineAnalysis,
}
