"""What the operations on jobs share: ids in paths, of which all zeros get as far as here, and filters."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.lists import narrowed
from voipbin_mock.api.operations import Request
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.world import World


def check(request: Request) -> None:
    """Raises ApiError for an id that is all zeros."""
    if NIL_UUID in request.path_ids:
        raise ApiError("INVALID_ARGUMENT", hint="an id in the path is all zeros")


def get(world: World, request: Request) -> Reply:
    """The record of an id that is not all zeros."""
    check(request)
    return crud.get(world, request)


def listed(world: World, request: Request, **wanted: str | None) -> Reply:
    """Those that have what is wanted; None does not narrow."""
    given = {name: value for name, value in wanted.items() if value is not None}
    return narrowed(world, request, lambda row: all(row.data[name] == value for name, value in given.items()))
