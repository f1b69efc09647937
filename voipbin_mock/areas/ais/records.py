"""AIs, teams, AI calls and their messages as Python objects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Ai(Stored):
    customer_id: str
    name: str
    detail: str
    type: str
    is_insight_active: bool
    engine_model: str
    parameter: dict[str, Any] | None
    engine_key: str
    rag_id: str
    init_prompt: str
    current_prompt_history_id: str
    tts_type: str
    tts_voice_id: str
    stt_type: str
    stt_language: str
    vad_config: dict[str, Any] | None
    smart_turn_enabled: bool
    auto_aicall_audit_enabled: bool
    tool_names: list[str]
    direct_hash: str


class AiPromptHistory(Stored):
    customer_id: str
    ai_id: str
    prompt: str
    proposal_id: str


class AiParticipant(Stored):
    ai_id: str
    aicall_id: str


class Team(Stored):
    customer_id: str
    name: str
    detail: str
    start_member_id: str
    members: list[dict[str, Any]]
    parameter: dict[str, Any] | None
    direct_hash: str


class Aicall(Stored):
    customer_id: str
    assistance_type: str
    assistance_id: str
    ai_engine_model: str
    ai_tts_type: str
    ai_tts_voice_id: str
    ai_stt_type: str
    ai_vad_config: dict[str, Any] | None
    ai_smart_turn_enabled: bool
    parameter: dict[str, Any] | None
    activeflow_id: str
    reference_type: str
    reference_id: str
    confbridge_id: str
    current_member_id: str
    status: str
    stt_language: str
    metadata: dict[str, Any] | None
    tm_end: datetime | None


class Aimessage(Stored):
    customer_id: str
    aicall_id: str
    activeflow_id: str
    active_ai_id: str
    role: str
    content: str
    direction: str
    tool_calls: list[dict[str, Any]]
    tool_call_id: str


TYPES: dict[str, type[Stored]] = {
    "ais": Ai,
    "ai_prompt_histories": AiPromptHistory,
    "ai_participants": AiParticipant,
    "teams": Team,
    "aicalls": Aicall,
    "aimessages": Aimessage,
}
