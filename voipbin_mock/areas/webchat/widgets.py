"""Widgets over the API."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit, referred
from voipbin_mock.api.operations import Request, Schema
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.areas.webchat import themes
from voipbin_mock.areas.webchat.resources import WIDGETS
from voipbin_mock.areas.webchat.visitors import named
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World

IDLE = 1800  # seconds
LONGEST_NAME = 255  # characters
REFUSALS = (themes.INVALID_THEME_CONFIG.name, FLOWS.missing, "RESOURCE_NOT_FOUND", "INTERNAL")


def create(world: World, request: Request) -> Reply:
    """POST /webchat_widgets."""
    theme = themes.read(request.values["theme_config"])
    caller = permit(request)
    row = crud.insert(world, request, caller, _checked(world, request, theme))
    return crud.shown(world, WIDGETS, row)


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, WIDGETS, named(world, request))


def update(world: World, request: Request) -> Reply:
    """PUT /webchat_widgets/{id}: whatever is left out is cleared."""
    theme = themes.read(request.values["theme_config"])
    row = named(world, request)
    return crud.save(world, request, row, _checked(world, request, theme))


def delete(world: World, request: Request) -> Reply:
    """DELETE /webchat_widgets/{id}: nobody boots by its hash any more; its sessions go on."""
    return crud.delete_row(world, request, named(world, request))


def direct_hash(world: World, request: Request) -> Reply:
    """POST /webchat_widgets/{id}/direct_hash_regenerate: tokens that were given out stay good."""
    row = named(world, request)
    return crud.save(world, request, row, {"direct_hash": crud.new_hash(world, WIDGETS)})


def _checked(world: World, request: Request, theme: dict[str, Any] | None) -> dict[str, Any]:
    values = request.values
    if len(values["name"]) > LONGEST_NAME:
        raise ApiError("INTERNAL", hint=f"/name: the service cannot keep more than {LONGEST_NAME} characters")
    for member in ("session_flow_id", "message_flow_id"):
        if values[member] != NIL_UUID:
            referred(world, request, FLOWS, values[member], member)
    timeout = values["session_idle_timeout"]
    return {**values, "theme_config": theme, "session_idle_timeout": timeout if timeout > 0 else IDLE}


def body(profile: Profile, strict: bool) -> Schema:
    """For OpenAPI: what is asked of a widget beside its schema."""
    return {"properties": {"theme_config": themes.body()}}
