"""AIs over the API."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.lists import list_of, page_of
from voipbin_mock.api.operations import Handler, Request
from voipbin_mock.areas.ais import prompts, settings
from voipbin_mock.areas.ais.differences import UNFIT, UNFIT_RAG
from voipbin_mock.areas.ais.resources import AIS, HISTORIES, UNKNOWN
from voipbin_mock.areas.ais.settings import INSIGHT, NORMAL
from voipbin_mock.wire.errors import ApiError, Reason
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

NOT_INSIGHT = Reason("AI_NOT_INSIGHT_TYPE", "INVALID_ARGUMENT", "Only an AI of type insight can be activated.")
INVALID_HISTORY_ID = Reason("INVALID_HISTORY_ID", "INVALID_ARGUMENT", "The id of the prompt history is none.")
MADE = ("rag_id", "engine_model", "type", "tool_names", "tts_type", "stt_type")
CHANGED = ("rag_id", "engine_model", "tts_type", "stt_type", "type", "tool_names")


def typed(handler: Handler) -> Handler:
    """The same of an id that the service has read already, and refuses if it is all zeros."""

    def look(world: World, request: Request) -> Reply:
        if NIL_UUID in request.path_ids:
            raise ApiError("INVALID_ARGUMENT", hint="the id in the path is all zeros")
        return handler(world, request)

    return look


def create(world: World, request: Request) -> Reply:
    """POST /ais."""
    caller = permit(request)
    kind = request.values["type"] or NORMAL
    settings.check(world, request, kind, MADE)
    values = {**settings.kept(world, request.values), "type": kind, "id": world.ids.uuid()}
    if values["init_prompt"]:
        history = prompts.noted(world, caller.account, caller.customer_id, values["id"], values["init_prompt"])
        values["current_prompt_history_id"] = history.id
    return crud.shown(world, AIS, crud.insert(world, request, caller, values))


def update(world: World, request: Request) -> Reply:
    """PUT /ais/{id}: replaced whole, but for a type that is not given."""
    row = find(world, request)
    kind = request.values["type"] or row.data["type"]
    settings.check(world, request, kind, CHANGED)
    values: dict[str, Any] = {**settings.kept(world, request.values), "type": kind}
    if kind != INSIGHT:
        values["is_insight_active"] = False
    values |= prompts.replaced(world, row, values["init_prompt"])
    return crud.save(world, request, row, values)


def activate(world: World, request: Request) -> Reply:
    """POST /ais/{id}/activate_insight: cases are given this one from now on, and no other of the customer's."""
    row = find(world, request)
    if row.deleted:
        raise ApiError(AIS.missing, hint="this AI was deleted")
    if row.data["type"] != INSIGHT:
        raise ApiError(NOT_INSIGHT, hint=f"its type is {row.data['type']}")
    if row.data["is_insight_active"]:
        crud.published(world, AIS, row, "updated")
        return crud.shown(world, AIS, row)
    for other in world.table(AIS):
        if other.account == row.account and other.data["is_insight_active"]:
            crud.change(world, AIS, other, {"is_insight_active": False})
    return crud.shown(world, AIS, crud.change(world, AIS, row, {"is_insight_active": True}))


def insight(world: World, account: str) -> Row | None:
    """The AI that a customer's cases are given: the active one, else the newest of the type."""
    found = [row for row in world.table(AIS) if row.account == account and row.data["type"] == INSIGHT]
    found = [row for row in found if not row.deleted]
    active = [row for row in found if row.data["is_insight_active"]]
    return max(active or found, key=lambda row: row.created, default=None)


# --- prompts, and where an AI took part --------------------------------------------------------------


def under(world: World, request: Request) -> Reply:
    """The records of an AI, newest first; a deleted one has them still."""
    page_of(world, request)
    return list_of(world, request, "ai_id", find(world, request, AIS).id)


def history(world: World, request: Request) -> Reply:
    """GET /ais/{id}/prompt_histories/{history_id}."""
    parent = find(world, request, AIS, request.path_ids[0])
    row = world.table(HISTORIES).get(request.id)
    if row is None or row.data["ai_id"] != parent.id:
        raise ApiError(UNKNOWN, hint=f"the AI has no prompt history {request.id}")
    return crud.shown(world, HISTORIES, row)


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST and PUT of an AI may be refused with."""
    return tuple(dict.fromkeys((UNFIT.by(profile), *UNFIT_RAG.by(profile), settings.INVALID_TOOL_NAMES.name)))
