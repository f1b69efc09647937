"""An error as the service's error object."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.differences import UNDECODABLE_IS_TEXT
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import JSON_TYPE, TEXT_TYPE, Reply, encode
from voipbin_mock.world.world import World


def envelope(error: ApiError, request_id: str, world: World, as_json: bool = False) -> Reply:
    """An error as the service's error object; its keys come in alphabetical order. as_json: whatever it is about."""
    inside: dict[str, Any] = {}
    if error.details:
        inside["details"] = error.details
    inside["message"] = error.message
    inside["reason"] = error.reason
    inside["request_id"] = request_id
    inside["status"] = error.status
    text = error.reason == "INVALID_JSON_BODY" and not as_json and UNDECODABLE_IS_TEXT.of(world)
    body = encode({"error": inside}).encode("utf-8")
    reply = Reply(error.http_code, body, TEXT_TYPE if text else JSON_TYPE)
    if error.retry_after is not None:
        reply.headers.append(("Retry-After", str(error.retry_after)))
    return reply
