"""The variables that the service sets itself, by name."""

from __future__ import annotations

from collections.abc import Iterator


def _all() -> Iterator[str]:
    address = ("name", "detail", "target", "target_name", "type")
    groups = {
        "activeflow": ("id", "reference_type", "reference_id", "reference_activeflow_id", "flow_id", "complete_count"),
        "call": ("id", "direction", "master_call_id", "digits"),
        "call.source": address,
        "call.destination": address,
        "recording": ("id", "reference_type", "reference_id", "format", "recording_name", "filenames"),
        "queue": ("id", "name", "detail"),
        "queuecall": ("id", "timeout_wait", "timeout_service"),
        "aicall": ("id", "ai_id", "ai_engine_model", "confbridge_id", "stt_language", "pipecatcall_id"),
        "ai_summary": ("id", "reference_type", "reference_id", "language", "content"),
        "transcribe": ("id", "language", "direction"),
        "conversation": ("id", "owner_id"),
        "conversation.self": address,
        "conversation.peer": address,
        "conversation_message": ("id", "text", "direction"),
        "flow": ("reference_data",),
    }
    for group, names in groups.items():
        yield from (f"voipbin.{group}.{name}" for name in names)


NAMES = tuple(_all())
