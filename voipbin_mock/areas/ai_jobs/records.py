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


class Audit(Stored):
    customer_id: str
    aicall_id: str
    ai_id: str
    prompt_history_id: str
    status: str
    overall_score: int | None
    evaluation: dict[str, Any] | None
    message_ids: list[str]
    language: str
    error: str


class PromptProposal(Stored):
    customer_id: str
    ai_id: str
    audit_ids: list[str]
    basis_prompt_history_id: str
    original_prompt: str
    proposed_prompt: str
    rationale: str
    status: str
    error: str
    applied_prompt_history_id: str


class TimelineAnalysis(Stored):
    customer_id: str
    activeflow_id: str
    status: str
    result: dict[str, Any] | None
    error: str


TYPES: dict[str, type[Stored]] = {
    "aiaudits": Audit,
    "aipromptproposals": PromptProposal,
    "aisummaries": Summary,
    "rags": Rag,
    "timeline_analyses": TimelineAnalysis,
}
