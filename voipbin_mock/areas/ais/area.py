"""AIs, teams of them, AI calls, and what a scripted model says in them."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api import crud
from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import Example, IdOf, Query, action, own
from voipbin_mock.areas.ais import (
    actions,
    aicalls,
    aimessages,
    ais,
    control,
    differences,
    hearing,
    settings,
    starting,
    teams,
)
from voipbin_mock.areas.ais.ais import typed
from voipbin_mock.areas.ais.callers import VISITORS_TOO
from voipbin_mock.areas.ais.models import Models
from voipbin_mock.areas.ais.resources import AICALLS, AIS, HISTORIES, MESSAGES, PARTICIPANTS, TEAMS, UNKNOWN

HASH = own(typed(crud.direct_hash), refuses=("INVALID_ARGUMENT", "INTERNAL"), note="The one before is dead at once.")

AREA = Area(
    "ais",
    operations(
        AIS,
        action(
            "POST /ais/{id}/activate_insight",
            "activate_insight",
            typed(ais.activate),
            uuid_ids=True,
            summary="Give cases to this AI",
            note="And to no other of the customer's.",
            refuses=(ais.NOT_INSIGHT.name, "INVALID_ARGUMENT"),
            example=Example({"id": IdOf(AIS.name)}, needs=lambda profile: "an AI of type insight"),
        ),
        create=own(ais.create, body=settings.body, refuses=ais.refusals),
        update=own(ais.update, body=settings.body, refuses=ais.refusals),
        delete=own(note="Nobody boots by its hash any more; teams and AI calls have it still."),
        direct_hash=HASH,
    ),
    operations(
        HISTORIES,
        action(
            "GET /ais/{id}/prompt_histories",
            "list",
            ais.under,
            unpaged=differences.HISTORIES_UNPAGED,
            summary="List the prompts that an AI has had",
            refuses=(AIS.missing,),
            example=Example({"id": IdOf(HISTORIES.name, "ai_id")}),
        ),
        action(
            "GET /ais/{id}/prompt_histories/{history_id}",
            "get",
            ais.history,
            last_id=ais.INVALID_HISTORY_ID,
            summary="Get a prompt that an AI has had",
            refuses=(AIS.missing, UNKNOWN, ais.INVALID_HISTORY_ID.name),
            example=Example({"id": IdOf(HISTORIES.name, "ai_id"), "history_id": IdOf(HISTORIES.name)}),
        ),
        plain=(),
    ),
    operations(
        PARTICIPANTS,
        action(
            "GET /ais/{id}/participants",
            "list",
            typed(ais.under),
            uuid_ids=True,
            summary="List the AI calls that an AI took part in",
            refuses=(AIS.missing, "INVALID_ARGUMENT"),
            example=Example({"id": IdOf(PARTICIPANTS.name, "ai_id")}),
        ),
        plain=(),
        list_under=own(
            typed(aicalls.participants),
            access=VISITORS_TOO,
            uuid_ids=True,
            summary="List the AIs that took part in an AI call",
            refuses=("INVALID_ARGUMENT",),
            example=Example({"id": IdOf(PARTICIPANTS.name, "aicall_id")}),
        ),
    ),
    operations(
        TEAMS,
        create=own(teams.create, refuses=teams.refusals),
        update=own(teams.update, refuses=teams.refusals),
        delete=own(note="Nobody boots by its hash any more."),
        direct_hash=HASH,
    ),
    operations(
        AICALLS,
        action(
            "POST /aicalls/{id}/terminate",
            "terminate",
            typed(aicalls.terminate),
            uuid_ids=True,
            tells="status_terminated",
            summary="End an AI call",
            refuses=("INVALID_ARGUMENT",),
        ),
        plain=("list", "create", "get", "delete"),
        access=VISITORS_TOO,
        create=own(
            aicalls.create,
            summary="Begin an AI call",
            note="What is written to it comes 3 seconds later at the earliest.",
            refuses=aicalls.refusals,
            example=aicalls.WRITTEN,
        ),
        list=aicalls.list_,
        get=aicalls.get,
        delete=own(aicalls.delete, tells="", note="It is not terminated, and goes on."),
    ),
    operations(
        MESSAGES,
        plain=("list", "create", "get", "delete"),
        access=VISITORS_TOO,
        create=own(
            aimessages.create,
            summary="Write to a model",
            note="The answer is the message; what the model says comes later.",
            refuses=aimessages.refusals,
            example=Example({"aicall_id": IdOf(AICALLS.name)}, after=3),
        ),
        list=own(
            aimessages.all_,
            query={"aicall_id": Query({"type": "string", "format": "uuid"}, "The AI call.")},
            refuses=("MISSING_REQUEST_PARAMETER", "INVALID_ID", AICALLS.missing),
            example=Example({"aicall_id": IdOf(MESSAGES.name, "aicall_id")}),
        ),
        get=aimessages.get,
        delete=own(aimessages.delete, refuses=aimessages.delete_refusals),
    ),
    actions=actions.ACTIONS,
    timers=starting.TIMERS,
    controls=control.CONTROLS,
    follows=hearing.FOLLOWS,
    parts=(Models,),
    reasons=(aicalls.CHANNEL_NOT_FOUND, ais.NOT_INSIGHT, ais.INVALID_HISTORY_ID, settings.INVALID_TOOL_NAMES),
    differences=differences.ALL,
    records="voipbin_mock.areas.ais.records",
    cases=Path(__file__).parent / "cases",
)
