"""Ids in paths that the service reads as UUIDs: all zeros get as far as the part of it that is asked."""

from __future__ import annotations

from voipbin_mock.api.operations import Request
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID


def check(request: Request) -> None:
    """Raises ApiError for an id that is all zeros."""
    if NIL_UUID in request.path_ids:
        raise ApiError("INVALID_ARGUMENT", hint="an id in the path is all zeros")
