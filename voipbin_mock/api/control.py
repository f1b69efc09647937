"""What handlers of control calls are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api.operations import Request
from voipbin_mock.wire.errors import ApiError

_YES_OR_NO = {"yes": True, "true": True, "no": False, "false": False}


def object_of(request: Request) -> Mapping[str, Any]:
    """The body, an empty one if there is none. Raises ApiError."""
    raw = {} if request.raw is None else request.raw
    if not isinstance(raw, dict):
        raise ApiError("INVALID_JSON_BODY", "The body must be a JSON object.")
    return raw


def count_of(request: Request, name: str) -> int | None:
    """A query parameter that counts something. Raises ApiError."""
    text = request.parameter(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ApiError("INVALID_REQUEST_PARAMETER", f"{name} must be a count.")
    return int(text)


def flag_of(request: Request, name: str) -> bool | None:
    """A query parameter that says yes or no. Raises ApiError."""
    said = request.parameter(name)
    if said is None:
        return None
    if said not in _YES_OR_NO:
        raise ApiError("INVALID_REQUEST_PARAMETER", f"{name} is yes or no.")
    return _YES_OR_NO[said]
