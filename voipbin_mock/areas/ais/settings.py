"""What an AI may be set to: models, voices, ears, tools. Times of refusal are the service's: see `check`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock.api.access import caller_of
from voipbin_mock.api.operations import Request, Schema
from voipbin_mock.areas.ais.differences import KEEPS_VAD, SHOWS_KEY, UNFIT, UNFIT_RAG
from voipbin_mock.areas.ais.resources import sorted_by_key
from voipbin_mock.wire.errors import ApiError, Reason, Violation, shorten
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World

NORMAL, INSIGHT = "normal", "insight"
PROVIDERS = (
    "anthropic", "aws", "azure", "cerebras", "deepseek", "fireworks", "gemini", "grok", "groq", "mistral", "nvidia",
    "ollama", "openai", "openrouter", "perplexity", "qwen", "sambanova", "together",
)  # fmt: skip
VOICES = (
    "", "async", "aws", "azure", "cartesia", "deepgram", "elevenlabs", "fish", "google", "groq", "hume", "inworld",
    "lmnt", "minimax", "neuphonic", "nvidia-riva", "openai", "piper", "playht", "rime", "sarvam", "xtts",
)  # fmt: skip
EARS = ("", "cartesia", "deepgram", "elevenlabs", "google")
ALL_TOOLS = "all"
TOOLS = (
    "connect_call", "create_call", "get_variables", "get_aicall_messages", "send_email", "send_message",
    "set_variables", "stop_flow", "stop_media", "stop_service", "search_knowledge", "get_correlation", "get_resource",
    "describe_action", "case_create",
)  # fmt: skip
INSIGHT_TOOLS = ("get_contact_interactions", "get_conversation_content", "get_related_cases", "get_case_notes")
INVALID_TOOL_NAMES = Reason("INVALID_TOOL_NAMES", "INVALID_ARGUMENT", "The AI cannot be given such tools.")
RAGS = "rags"


def check(world: World, request: Request, kind: str, order: Sequence[str]) -> None:
    """Whether an AI may be like this: asked in the order that the service asks in. Raises ApiError.

    kind: normal or insight, as it is going to be.
    """
    for each in order:
        _CHECKS[each](world, request, kind)


def _listed(member: str, known: Sequence[str], what: str) -> Any:
    def look(world: World, request: Request, kind: str) -> None:
        value = kind if member == "type" else request.values[member]
        if value not in known:
            choices = ", ".join(filter(None, known))
            raise unfit(world, f"/{member}", f"{shorten(value)!r} is no {what}", f"one of {choices}", value)

    return look


def _model(world: World, request: Request, kind: str) -> None:
    value = request.values["engine_model"]
    if value.partition(".")[0] not in PROVIDERS or "." not in value:
        expected = f"<provider>.<model>, such as openai.gpt-4o; providers: {', '.join(PROVIDERS)}"
        raise unfit(world, "/engine_model", f"{shorten(value)!r} is no model", expected, value)


def _tools(world: World, request: Request, kind: str) -> None:
    known = (ALL_TOOLS, *(INSIGHT_TOOLS if kind == INSIGHT else TOOLS))
    for place, name in enumerate(request.values["tool_names"]):
        if name not in known:
            expected = f"of an AI of type {kind}: {', '.join(known)}"
            violation = Violation(f"/tool_names/{place}", f"{shorten(name)!r} is no tool: {expected}", expected, name)
            raise ApiError(INVALID_TOOL_NAMES, violations=[violation])


def _rag(world: World, request: Request, kind: str) -> None:
    rag_id = request.values["rag_id"]
    if rag_id == NIL_UUID:
        return
    unknown, foreign = UNFIT_RAG.of(world)
    try:
        row = world.store[RAGS].get(rag_id)
    except KeyError:
        row = None
    if row is None or row.deleted:
        raise ApiError(unknown, hint=f"/rag_id: there is no rag {rag_id}" + (": it was deleted" if row else ""))
    if row.account != caller_of(request).account:
        raise ApiError(foreign, hint=f"/rag_id: the rag {rag_id} is another customer's")


_CHECKS: Mapping[str, Any] = {
    "rag_id": _rag,
    "engine_model": _model,
    "type": _listed("type", (NORMAL, INSIGHT), "type"),
    "tool_names": _tools,
    "tts_type": _listed("tts_type", VOICES, "voice"),
    "stt_type": _listed("stt_type", EARS, "ear"),
}


def unfit(world: World, pointer: str, problem: str, expected: str, value: Any) -> ApiError:
    """The refusal of a value that the service does not know: the server fails at it, and says nothing."""
    reason = UNFIT.of(world)
    if reason == "INTERNAL":
        return ApiError(reason, hint=f"{pointer}: {problem}; expected {expected}")
    return ApiError(reason, violations=[Violation(pointer, f"{problem}; expected {expected}", expected, value)])


def kept(world: World, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of a body becomes the record's."""
    found = {**values, "parameter": sorted_by_key(values["parameter"] or {}), "key": values["engine_key"]}
    if not SHOWS_KEY.of(world):
        found["engine_key"] = ""
    if not KEEPS_VAD.of(world):
        found |= {"vad_config": None, "smart_turn_enabled": False}
    return found


def body(profile: Profile, strict: bool) -> Schema:
    """For OpenAPI: what is asked of an AI beside its schema."""
    tools = {"items": {"enum": [ALL_TOOLS, *TOOLS, *INSIGHT_TOOLS]}}
    return {
        "properties": {
            "engine_model": {"pattern": rf"^({'|'.join(PROVIDERS)})\."},
            "type": {"enum": ["", NORMAL, INSIGHT]},
            "tts_type": {"enum": [*VOICES]},
            "stt_type": {"enum": [*EARS]},
            "tool_names": tools,
        },
        "required": ["engine_model"],
    }
